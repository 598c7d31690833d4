-- execute: cv_worker
-- The match in which another is played again: the one there is, or a new one beside it. It keeps its source's sides and
-- ground.
create or replace function app.open_replay(p_source int, p_speed numeric) returns int
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  r_match int;
begin
  perform pg_advisory_xact_lock(1129729613, p_source);
  select match_id into r_match from public.match_replay where source_match_id = p_source order by match_id limit 1;
  if r_match is null then
    insert into public.match (stadium_id, venue_id, home_team_id, away_team_id, competition, format, starts_at, source)
    select stadium_id, venue_id, home_team_id, away_team_id, competition, format, now(), 'replay' from public.match
     where id = p_source
    returning id into r_match;
    if r_match is null then perform app.fail('UNKNOWN_MATCH', 404); end if;
    insert into public.match_replay (match_id, source_match_id, speed, state)
    values (r_match, p_source, p_speed, 'paused');
  end if;
  return r_match;
end $$;
