-- execute: cv_app, cv_worker
-- Bays left per car park and kind of a stadium for a window: a number, and nobody's name.
create or replace function app.parking_left(p_stadium int, p_starts timestamptz, p_ends timestamptz)
returns table (car_park_id int, kind text, capacity int, taken int)
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  select b.car_park_id, b.kind, b.capacity, app.parking_peak(b.car_park_id, b.kind, p_starts, p_ends)
    from public.car_park c join public.car_park_bays b on b.car_park_id = c.id where c.stadium_id = p_stadium
$$;
