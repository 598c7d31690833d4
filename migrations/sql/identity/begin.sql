-- execute: cv_app
-- First statement of every web transaction: find the session, say who acts until COMMIT, and return the person.
-- Idle 24 hours or 30 days in all end a session (security.md C8). The visit is noted at most every five minutes.
create or replace function app.begin(p_session bytea)
returns table (id bigint, kind text, name text, email text, is_admin boolean, staff_of int[], scorer_of int[],
               gate_of int[])
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  r record;
begin
  if p_session is not null then
    select c.id, c.kind, c.name, c.email, c.is_admin, s.seen_at, coalesce(o.staff, '{}') as staff,
           coalesce(o.scorer, '{}') as scorer, coalesce(o.gates, '{}') as gates
      into r
      from public.login_session s join public.customer c on c.id = s.customer_id
      cross join lateral (select array_agg(distinct sr.stadium_id)
                                   filter (where sr.role in ('owner', 'manager', 'sales')) as staff,
                                 array_agg(distinct sr.stadium_id) filter (where sr.role = 'scorer') as scorer,
                                 array_agg(distinct sr.stadium_id)
                                   filter (where sr.role in ('owner', 'manager', 'gate')) as gates
                            from public.staff_role sr where sr.customer_id = c.id) o
     where s.id_hash = p_session and s.ended_at is null and s.expires_at > now()
       and s.seen_at > now() - interval '24 hours';
  end if;
  if not found or p_session is null then
    perform set_config('app.uid', '', true), set_config('app.as', '', true), set_config('app.gates', '', true),
            set_config('app.link', '', true);
    return query select null::bigint, 'nobody'::text, null::text, null::text, false, '{}'::int[], '{}'::int[],
                        '{}'::int[];
    return;
  end if;
  if r.seen_at < now() - interval '5 minutes' and not pg_is_in_recovery() then
    update public.login_session set seen_at = now() where id_hash = p_session;
  end if;
  perform set_config('app.uid', r.id::text, true), set_config('app.as', r.staff::text, true),
          set_config('app.gates', r.gates::text, true), set_config('app.link', '', true);
  return query select r.id, r.kind, r.name, r.email, r.is_admin, r.staff, r.scorer, r.gates;
end $$;
