-- execute: cv_app
-- The codes that were revoked since a version (0: all): the right's number and the issue, of a device's event and of
-- parking without a match. The version is the oldest transaction still open: whatever commits later has that number or
-- a higher one.
create or replace function app.gate_revoked(p_token bytea, p_since bigint)
returns table (version bigint, right_id uuid, seq smallint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  d public.gate_device := app.device_of(p_token);
  v_version bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
begin
  return query
  select v_version, coalesce(q.ticket_id, q.pass_id), q.seq
    from public.signing_key k join public.qr_code q on q.key_id = k.id
   where k.stadium_id = d.stadium_id and (k.event_id = d.event_id or k.event_id is null) and q.revoked_xid >= p_since
  union all select v_version, null::uuid, null::smallint;
end $$;
