-- execute: cv_app
-- A phone is out with its next call.
create or replace function app.revoke_gate_device(p_device bigint) returns int
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  d public.gate_device;
begin
  update public.gate_device g set revoked_at = coalesce(g.revoked_at, clock_timestamp())
   where g.id = p_device and g.stadium_id = any (app.gate_of()) returning * into d;
  if d.id is null then perform app.fail('UNKNOWN_DEVICE', 404); end if;
  perform app.log(d.stadium_id, 'gate.device_revoked', 'gate_device', d.id::text, jsonb_build_object('name', d.name));
  return d.event_id;
end $$;
