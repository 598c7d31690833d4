-- execute: cv_app
-- Who scores these matches just now, for their scorers; p_token is the caller's own lock, if it has one.
create or replace function app.scoring_lock(p_matches int[], p_token bytea)
returns table (match_id int, name text, since timestamptz, used timestamptz, mine boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select l.match_id, l.name, l.taken_at, l.used_at,
         l.customer_id = app.uid() and l.token_hash is not distinct from p_token
    from public.scorer_lock l
   where l.match_id = any (p_matches) and l.used_at > now() - interval '12 hours' and app.may_score(l.match_id)
$$;
