-- execute: cv_app, cv_worker
-- How often what everybody may see has changed (tell_public.sql), and the time. Read before what is kept under them: a
-- change that commits meanwhile may be in it already, and moves the number all the same.
create or replace function app.versions() returns table (catalogue bigint, scores bigint, now timestamptz)
language sql volatile set search_path = pg_catalog, pg_temp as $$
  select max(n) filter (where topic = 'catalogue'), max(n) filter (where topic = 'scores'), clock_timestamp()
    from public.public_version
$$;
