-- execute: cv_app
-- Become the one who scores a match. Somebody else's lock gives way only when it is taken knowingly, or after twelve
-- hours unused.
create or replace function app.take_scoring(p_match int, p_token bytea, p_knowingly boolean) returns int
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  r_name text;
  l public.scorer_lock;
begin
  if not app.may_score(p_match) then perform app.fail('NOT_A_SCORER', 403); end if;
  perform from public.match where id = p_match for no key update;
  select coalesce(name, 'Scorer') into r_name from public.customer where id = app.uid();
  select * into l from public.scorer_lock where match_id = p_match and used_at > now() - interval '12 hours';
  if l.match_id is not null and not p_knowingly then
    perform app.fail('SCORING_LOCKED', 409,
                     jsonb_build_object('name', l.name, 'since', l.taken_at, 'used', l.used_at,
                                        'mine', l.customer_id = app.uid()));
  end if;
  insert into public.scorer_lock (match_id, customer_id, name, token_hash) values (p_match, app.uid(), r_name, p_token)
      on conflict (match_id) do update set customer_id = excluded.customer_id, name = excluded.name,
    token_hash = excluded.token_hash,
                                           taken_at = now(), used_at = now();
  perform app.log((select stadium_id from public.match where id = p_match),
                  case when l.match_id is null then 'scoring.begun' else 'scoring.taken_over' end,
                  'match', p_match::text, jsonb_strip_nulls(jsonb_build_object('from', l.customer_id)));
  return (select coalesce(max(seq), 0) from public.match_update where match_id = p_match);
end $$;
