-- execute: cv_rules
-- How many bays of a ground a buyer has that count towards the limit of one more in this window: held, being paid and
-- sold ones of the same event or of a time that overlaps, and without a match everything that is not paid yet. Or the
-- sold ones of these alone.
create or replace function app.bays_of(p_customer bigint, p_stadium int, p_event int, p_starts timestamptz,
                                       p_ends timestamptz, p_sold_alone boolean default false) returns int
language sql volatile set search_path = pg_catalog, pg_temp as $$
  select count(*)::int from public.booking b join public.parking_claim c on c.booking_id = b.id
   where b.customer_id = p_customer and b.stadium_id = p_stadium and b.state in ('held', 'paying', 'paid')
     and not app.has_lapsed(c.state, c.expires_at) and (c.state = 'sold' or not p_sold_alone)
     and (c.starts_at < p_ends and c.ends_at > p_starts or b.event_id = p_event
          or p_event is null and b.event_id is null and c.state <> 'sold')
$$;
