-- execute: cv_app
-- A phone shows the pairing secret, once and in time, and holds a token from then on, for twelve hours.
create or replace function app.pair_gate_device(p_pairing bytea, p_token bytea, p_phone text)
returns table (id bigint, name text, expires_at timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  d public.gate_device;
begin
  select * into d from public.gate_device g where g.pairing_hash = p_pairing for update;
  if d.id is null or d.paired_at is not null or d.revoked_at is not null then
    perform app.fail('PAIRING_UNKNOWN', 404);
  end if;
  if d.pairing_until <= clock_timestamp() then perform app.fail('PAIRING_EXPIRED', 410); end if;
  update public.gate_device g
     set token_hash = p_token, paired_at = clock_timestamp(), expires_at = clock_timestamp() + interval '12 hours',
         seen_at = clock_timestamp(), state = jsonb_build_object('phone', p_phone)
   where g.id = d.id;
  perform app.log(d.stadium_id, 'gate.device_paired', 'gate_device', d.id::text, jsonb_build_object('phone', p_phone));
  return query select g.id, g.name, g.expires_at from public.gate_device g where g.id = d.id;
end $$;
