-- execute: cv_app
-- First statement of every web transaction: find the session, say who acts until COMMIT (app.act_as), and return the
-- person with their roles, {stadium: [roles]}. Idle 24 hours or 30 days in all end a session (security.md C8). The
-- visit is noted at most every five minutes. With them come the versions of what everybody may see (tell_public.sql)
-- and the time, so that whoever reads anything has these for nothing.
create or replace function app.begin(p_session bytea)
returns table (id bigint, kind text, name text, email text, is_admin boolean, roles jsonb,
               catalogue bigint, scores bigint, now timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  r record;
  v_may jsonb;
  v record;
begin
  select * into v from app.versions();
  if p_session is not null then
    select c.id, c.kind, c.name, c.email, c.is_admin, s.seen_at, app.roles_of(c.id) as roles into r
      from public.login_session s join public.customer c on c.id = s.customer_id
     where s.id_hash = p_session and s.ended_at is null and s.expires_at > now()
       and s.seen_at > now() - interval '24 hours';
  end if;
  if not found or p_session is null then
    perform set_config('app.actor', '', true);
    return query select null::bigint, 'nobody'::text, null::text, null::text, false, '{}'::jsonb, v.catalogue, v.scores,
                        clock_timestamp();
    return;
  end if;
  if r.seen_at < now() - interval '5 minutes' and not pg_is_in_recovery() then
    update public.login_session set seen_at = now() where id_hash = p_session;
  end if;
  if r.roles <> '{}' then v_may := app.may_by_right(r.roles); end if;
  perform app.act_as(r.id, v_may);
  return query select r.id, r.kind, r.name, r.email, r.is_admin, r.roles, v.catalogue, v.scores, clock_timestamp();
end $$;
