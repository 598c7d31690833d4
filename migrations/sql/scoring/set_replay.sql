-- execute: cv_worker
-- Let a replay run, pause or end, at a speed; NULL leaves a thing as it is.
create or replace function app.set_replay(p_match int, p_state text, p_speed numeric) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.match_replay
     set state = coalesce(p_state, state), speed = coalesce(p_speed, speed), next_at = least(next_at, clock_timestamp())
   where match_id = p_match;
  if not found then perform app.fail('UNKNOWN_MATCH', 404); end if;
end $$;
