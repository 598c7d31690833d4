-- execute: cv_app
-- The log of a match with who entered each event, for its scorers.
create or replace function app.scoring_log(p_match int, p_after int)
returns table (seq int, key text, kind text, body jsonb, at timestamptz, said_at timestamptz, by text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select u.seq, u.key, u.kind, u.body, u.at, u.said_at, u.recorded_name
    from public.match_update u
   where u.match_id = p_match and u.seq > p_after and app.may_score(p_match)
   order by u.seq
$$;
