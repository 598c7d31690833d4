-- execute: cv_rules
-- What bays of a kind are in a window: how many are taken at its peak, the price (a match's, or by started hours), and
-- whether one can be booked now: closed, late, full or open.
create or replace function app.bay_offer(c public.car_park, k public.car_park_bays, p_starts timestamptz,
                                         p_ends timestamptz, p_with_match boolean)
returns table (taken int, face bigint, state text)
language sql volatile rows 1 set search_path = pg_catalog, pg_temp as $$
  select x.taken,
         case when p_with_match then k.match_price else k.hour_price * app.parking_hours(p_starts, p_ends) end,
         case when c.is_closed then 'closed'
              when p_starts - make_interval(mins => c.cutoff_minutes) < clock_timestamp() then 'late'
              when x.taken >= k.capacity then 'full' else 'open' end
    from (select app.parking_peak(c.id, k.kind, p_starts, p_ends) as taken) x
$$;
