-- execute: cv_rules, cv_worker
-- One row of the audit trail, in the transaction of what it tells about. A job seals it into the hash chain.
create or replace function app.log(p_stream int, p_action text, p_type text, p_id text, p_details jsonb default '{}')
returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  insert into public.system_log (stream, actor_id, action, object_type, object_id, details)
  values (coalesce(p_stream, 0), app.uid(), p_action, p_type, p_id, coalesce(p_details, '{}'))
$$;
