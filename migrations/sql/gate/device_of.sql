-- execute: cv_rules
-- The device that holds this token, or a refusal: every call of a phone begins here, so a revoked one is out with its
-- next call.
create or replace function app.device_of(p_token bytea) returns public.gate_device
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  d public.gate_device;
begin
  select * into d from public.gate_device g where g.token_hash = p_token;
  if d.id is null then perform app.fail('DEVICE_UNKNOWN', 401); end if;
  if d.revoked_at is not null then perform app.fail('DEVICE_REVOKED', 401); end if;
  if d.expires_at <= clock_timestamp() then perform app.fail('DEVICE_EXPIRED', 401); end if;
  return d;
end $$;
