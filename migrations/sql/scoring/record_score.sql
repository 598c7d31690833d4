-- execute: cv_app
-- A scorer's events. The browser must still hold the match's lock.
create or replace function app.record_score(p_match int, p_lock bytea, p_after int, p_events jsonb, p_summary jsonb,
                                            p_board jsonb, p_state text, p_result text) returns int
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  l public.scorer_lock;
begin
  if not app.may_score(p_match) then perform app.fail('NOT_A_SCORER', 403); end if;
  update public.scorer_lock set used_at = clock_timestamp()
   where match_id = p_match and token_hash = p_lock and customer_id = app.uid() returning * into l;
  if l.match_id is null then
    select * into l from public.scorer_lock where match_id = p_match;
    perform app.fail('SCORING_LOCK_LOST', 409, jsonb_build_object('name', l.name, 'since', l.taken_at));
  end if;
  return app.append_score(p_match, p_after, p_events, p_summary, p_board, p_state, p_result, l.name);
end $$;
