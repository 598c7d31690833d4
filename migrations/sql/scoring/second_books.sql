-- execute: cv_app
-- The second scorers' books of a match, for its scorers; who sent last comes first. One that has sent nothing for
-- twelve hours, as a lock that was not used so long, counts no more.
create or replace function app.second_books(p_match int)
returns table (name text, mine boolean, begun jsonb, totals jsonb)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not app.may_score(p_match) then perform app.fail('NOT_A_SCORER', 403); end if;
  return query select b.name, b.customer_id = app.uid(), b.begun, b.totals
                 from public.second_book b
                where b.match_id = p_match and b.sent_at > now() - interval '12 hours'
                order by b.sent_at desc;
end $$;
