-- execute: cv_rules, cv_worker
-- One row of the audit trail, in the transaction of what it tells about. A job seals it into the hash chain. By what
-- right somebody acts is seen from the transaction (a link that it opened, a person, the worker itself), or said where
-- the worker does what a link has asked for.
create or replace function app.log(p_stream int, p_action text, p_type text, p_id text, p_details jsonb default '{}',
                                   p_kind text default null)
returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  insert into public.system_log (stream, actor_id, action, object_type, object_id, details, actor_kind)
  values (coalesce(p_stream, 0), app.uid(), p_action, p_type, p_id, coalesce(p_details, '{}'),
          coalesce(p_kind, case when app.link() is not null then 'link' when app.uid() is not null then 'person'
                                when session_user = 'cv_worker' then 'service' else 'nobody' end))
$$;
