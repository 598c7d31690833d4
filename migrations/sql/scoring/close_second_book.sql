-- execute: cv_app
-- A second scorer stops, and old books go with it: nobody compares them any more.
create or replace function app.close_second_book(p_match int) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not app.may_score(p_match) then perform app.fail('NOT_A_SCORER', 403); end if;
  delete from public.second_book b
   where (b.match_id = p_match and b.customer_id = app.uid()) or b.sent_at < now() - interval '30 days';
end $$;
