-- execute: cv_app
create or replace function app.end_session(p_session bytea) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update public.login_session set ended_at = now() where id_hash = p_session and ended_at is null
$$;
