-- execute: cv_app, cv_worker, cv_rules
-- Has the ground opened companion seats to everybody? Its event says so many hours before the start, or never.
create or replace function app.companions_open(e public.event) returns boolean
language sql volatile set search_path = pg_catalog, pg_temp as $$
  select coalesce(clock_timestamp() >= e.starts_at - make_interval(hours => e.companions_open_hours), false)
$$;
