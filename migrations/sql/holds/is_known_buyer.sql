-- execute: cv_rules
-- Has this buyer an account, or paid before? Then the shares of an address and of a browser do not bind them.
create or replace function app.is_known_buyer(p_customer bigint) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return exists (select from public.customer c where c.id = p_customer and c.kind = 'fan')
      or exists (select from public.booking b where b.customer_id = p_customer and b.state in ('paid', 'refunded'));
end $$;
