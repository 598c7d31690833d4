-- execute: cv_rules
-- From when the longest hold of a buyer's new booking counts: the earliest unpaid hold of the same event (or of parking
-- without a match at the same ground) whose clock still counts, or now. Refuses with HOLD_REST (detail: longest,
-- minutes) when less than a minute of it is left.
create or replace function app.first_held_at(p_customer bigint, p_event int, p_stadium int) returns timestamptz
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  v_now timestamptz := clock_timestamp();
  v_first timestamptz;
  v_until timestamptz;
begin
  select min(b.held_at), max(app.clock_until(b.state, b.closed_at, b.expires_at)) into v_first, v_until
    from public.booking b
   where b.customer_id = p_customer and b.event_id is not distinct from p_event and b.stadium_id = p_stadium
     and app.clock_until(b.state, b.closed_at, b.expires_at) > v_now;
  if v_first + app.longest_hold() < v_now + interval '1 minute' then
    perform app.fail('HOLD_REST', 409,
                     jsonb_build_object('longest', extract(epoch from app.longest_hold())::int / 60,
                                        'minutes', ceil(extract(epoch from v_until - v_now) / 60)::int));
  end if;
  return coalesce(v_first, v_now);
end $$;
