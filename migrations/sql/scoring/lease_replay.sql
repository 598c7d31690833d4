-- execute: cv_worker
-- A replay whose next event is due, or this one; locked until COMMIT, so that of several players one plays each event.
create or replace function app.lease_replay(p_match int) returns setof public.match_replay
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  select * from public.match_replay
   where case when p_match is null then state = 'running' and next_at <= clock_timestamp() else match_id = p_match end
   order by next_at limit 1 for update skip locked
$$;
