-- execute: cv_worker
-- How far a replay has come, and in how many seconds its next event is due. Late players do not hurry: the pause counts
-- from now.
create or replace function app.move_replay(p_match int, p_position int, p_state text, p_seconds double precision)
returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update public.match_replay
     set position = p_position, state = p_state, next_at = clock_timestamp() + make_interval(secs => p_seconds)
   where match_id = p_match
$$;
