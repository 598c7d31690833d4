-- execute: cv_rules
-- How many seats a buyer has at an event: sold, being paid, and held with time left.
create or replace function app.seats_of(p_event int, p_customer bigint) returns int
language sql volatile set search_path = pg_catalog, pg_temp as $$
  select count(*)::int from public.booking b join public.seat_claim c on c.booking_id = b.id
   where b.customer_id = p_customer and b.event_id = p_event
     and not app.has_lapsed(c.state, c.expires_at)
$$;
