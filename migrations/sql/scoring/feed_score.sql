-- execute: cv_worker
-- Events of a replay; never of a match that people score.
create or replace function app.feed_score(p_match int, p_after int, p_events jsonb, p_summary jsonb, p_board jsonb,
                                          p_state text, p_result text) returns int
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform from public.match where id = p_match and source = 'replay';
  if not found then perform app.fail('UNKNOWN_MATCH', 404); end if;
  return app.append_score(p_match, p_after, p_events, p_summary, p_board, p_state, p_result, 'Replay');
end $$;
