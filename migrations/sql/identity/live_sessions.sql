-- execute: cv_app
-- Which of these sessions still stand, and the roles of their people: the live layer asks for all its sockets at once.
-- The same conditions as in app.begin.
create or replace function app.live_sessions(p_hashes bytea[]) returns table (id_hash bytea, roles jsonb)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select s.id_hash, app.roles_of(s.customer_id) from public.login_session s
   where s.id_hash = any (p_hashes) and s.ended_at is null and s.expires_at > now()
     and s.seen_at > now() - interval '24 hours'
$$;
