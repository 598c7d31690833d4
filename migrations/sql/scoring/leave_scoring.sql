-- execute: cv_app
-- Give the lock back; nothing happens if it is somebody else's by now.
create or replace function app.leave_scoring(p_match int, p_token bytea) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  delete from public.scorer_lock where match_id = p_match and token_hash = p_token and customer_id = app.uid()
$$;
