-- execute: cv_rules
-- Append events to a match's log behind event p_after, with the board that they lead to; returns the new last number.
-- The lock on the match's row makes one writer after the other; whoever knows an older state is refused.
create or replace function app.append_score(p_match int, p_after int, p_events jsonb, p_summary jsonb, p_board jsonb,
                                            p_state text, p_result text, p_name text) returns int
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  m public.match;
  r_last int;
  r_restart int;
begin
  select * into m from public.match where id = p_match for no key update;
  if m.id is null then perform app.fail('UNKNOWN_MATCH', 404); end if;
  select coalesce(max(seq), 0) into r_last from public.match_update where match_id = p_match;
  if r_last <> p_after then perform app.fail('SCORE_MOVED_ON', 409, jsonb_build_object('seq', r_last)); end if;
  insert into public.match_update (match_id, seq, key, kind, body, at, said_at, recorded_by, recorded_name, patch,
                                   view_patch)
  select p_match, r_last + n, e ->> 'key', e ->> 'kind', e -> 'body', clock_timestamp(), (e ->> 'at')::timestamptz,
         app.uid(), p_name, nullif(e -> 'patch', 'null'), nullif(e -> 'view_patch', 'null')
    from jsonb_array_elements(p_events) with ordinality x (e, n);
  select max(r_last + n) into r_restart from jsonb_array_elements(p_events) with ordinality x (e, n)
   where e ->> 'kind' = 'restart';
  if r_restart is not null then
    if m.source = 'live' then perform app.fail('EVENT_IMPOSSIBLE', 422); end if;
    -- A replay that begins again would grow for ever; what it showed before is still in the log of its source.
    delete from public.match_update where match_id = p_match and seq < r_restart;
  end if;
  r_last := r_last + jsonb_array_length(p_events);
  insert into public.match_snapshot (match_id, seq, summary, board) values (p_match, r_last, p_summary, p_board)
      on conflict (match_id) do update set seq = excluded.seq, summary = excluded.summary, board = excluded.board,
    updated_at = clock_timestamp();
  if (m.state, m.result) is distinct from (p_state, p_result) then
    update public.match set state = p_state, result = p_result where id = p_match;
  end if;
  return r_last;
end $$;
