-- execute: cv_app, cv_worker
-- The next number of the seats' sequence, for a change whose function gives none.
create or replace function app.seats_moved() returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  select nextval('public.seat_version')
$$;
