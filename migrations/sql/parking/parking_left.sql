-- execute: cv_app, cv_worker
-- The bays of a stadium per car park and kind in a window: what is taken, the started hours, the price in all, and
-- whether one can be booked now (see app.bay_offer). Numbers, and nobody's name.
create or replace function app.parking_left(p_stadium int, p_starts timestamptz, p_ends timestamptz,
                                            p_with_match boolean default false)
returns table (car_park_id int, kind text, capacity int, taken int, hours int, price bigint, state text)
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  select k.car_park_id, k.kind, k.capacity, o.taken, app.parking_hours(p_starts, p_ends), a.total, o.state
    from public.stadium s
    join public.car_park c on c.stadium_id = s.id
    join public.car_park_bays k on k.car_park_id = c.id
    cross join lateral app.bay_offer(c, k, p_starts, p_ends, p_with_match) o
    cross join lateral app.line_amounts(o.face, 0, 0, s.tax_bp, s.tax_inside, app.money_step(s.currency)) a
   where s.id = p_stadium
$$;
