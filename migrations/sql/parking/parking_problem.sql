-- execute: cv_app, cv_worker, cv_rules
-- Why parking without a match cannot be booked for this window at a ground in this time zone, as a code, or null: it is
-- for up to a day (to the same hour of the next one there, which is 23 to 25 hours where the clocks change, and for 24
-- hours always), and up to 180 days ahead.
create or replace function app.parking_problem(p_zone text, p_starts timestamptz, p_ends timestamptz) returns text
language sql stable parallel safe set search_path = pg_catalog, pg_temp as $$
  select case when p_starts >= p_ends then 'BAD_WINDOW.backwards'
              when p_ends > greatest(p_starts + interval '24 hours',
                                     (p_starts at time zone p_zone + interval '1 day') at time zone p_zone)
              then 'BAD_WINDOW.long'
              when p_starts > clock_timestamp() + interval '180 days' then 'BAD_WINDOW.far' end
$$;
