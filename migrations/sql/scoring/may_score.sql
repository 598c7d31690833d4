-- execute: cv_app
-- Only that stadium's scorers write a match, and nobody writes one that is replayed or imported.
create or replace function app.may_score(p_match int) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select from public.match m where m.id = p_match and m.source = 'live'
                                               and m.stadium_id = any (app.grounds('score')))
$$;
