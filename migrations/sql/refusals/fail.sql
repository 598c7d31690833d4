-- execute: cv_rules
-- Refuse with a code, an HTTP-like status and details; extensions.call() turns it into Refused.
create or replace function app.fail(p_code text, p_status int default 409, p_detail jsonb default '{}') returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception '%', p_code using errcode = 'CV' || p_status, detail = p_detail::text;
end $$;
