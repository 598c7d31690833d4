-- execute: cv_app
-- Which of these sessions still stand, and the stadiums whose staff their people are: the live layer asks for all its
-- sockets at once. The same conditions as in app.begin.
create or replace function app.live_sessions(p_hashes bytea[]) returns table (id_hash bytea, staff_of int[])
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select s.id_hash, array(select distinct sr.stadium_id from public.staff_role sr
                           where sr.customer_id = s.customer_id and sr.role in ('owner', 'manager', 'sales'))
    from public.login_session s
   where s.id_hash = any (p_hashes) and s.ended_at is null and s.expires_at > now()
     and s.seen_at > now() - interval '24 hours'
$$;
