-- execute: cv_rules
-- Keep where a hold or a payment comes from now. p_address: extensions.client_key(), or null where nobody asks over a
-- network.
create or replace function app.note_address(p_booking bigint, p_address bytea) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.booking_address as a (booking_id, address_key)
  select p_booking, p_address where p_address is not null
  on conflict (booking_id) do update set address_key = excluded.address_key, noted_at = excluded.noted_at;
end $$;
