-- execute: cv_worker
-- A key pair for an event (or a stadium's parking). When two processes make one at once, the first stands.
create or replace function app.store_signing_key(p_stadium int, p_event int, p_public bytea, p_wrapped bytea)
returns table (id int, public_key bytea, private_key_wrapped bytea)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  insert into public.signing_key (stadium_id, event_id, public_key, private_key_wrapped)
  values (p_stadium, p_event, p_public, p_wrapped) on conflict do nothing;
  return query select k.id, k.public_key, k.private_key_wrapped from public.signing_key k
   where k.stadium_id = p_stadium and k.event_id is not distinct from p_event and k.revoked_at is null
                  and k.retired_at is null;
end $$;
