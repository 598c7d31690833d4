-- execute: cv_rules
-- The seats of an event that are sold to a customer or with an e-mail, whichever are more, but for one booking's.
create or replace function app.sold_to(p_event int, p_customer bigint, p_email_key text, p_but bigint) returns bigint
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  return greatest(
    (select count(*) from public.booking o join public.seat_claim c on c.booking_id = o.id
      where o.customer_id = p_customer and o.event_id = p_event and o.id <> p_but and c.state = 'sold'),
    (select count(*) from public.booking o join public.seat_claim c on c.booking_id = o.id
      where o.email_key = p_email_key and o.event_id = p_event and o.id <> p_but and c.state = 'sold'));
end $$;
