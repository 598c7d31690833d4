-- execute: cv_rules
-- The most bays in use at any one moment of [p_starts, p_ends). It can only rise where a claim begins, so those points
-- are enough.
create or replace function app.parking_peak(p_car_park int, p_kind text, p_starts timestamptz, p_ends timestamptz)
returns int
language sql volatile set search_path = pg_catalog, pg_temp as $$
  with taken as (
    select greatest(c.starts_at, p_starts) as starts_at, c.ends_at from public.parking_claim c
     where c.car_park_id = p_car_park and c.bay_kind = p_kind and c.ends_at > p_starts and c.starts_at < p_ends
       and not app.has_lapsed(c.state, c.expires_at))
  select coalesce(max(n), 0)::int
    from (select sum(step) over (order by at, step rows unbounded preceding) as n
            from (select starts_at as at, 1 as step from taken union all select ends_at, -1 from taken) edges) counted
$$;
