-- execute: cv_app
-- What a second scorer's book says of its finished overs: p_totals ({"innings.over": totals}) over what is kept, and
-- nothing of what the book has no more: p_overs are the finished overs of each innings, p_begun is where it begins.
create or replace function app.keep_second_book(p_match int, p_begun jsonb, p_overs int[], p_totals jsonb)
returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  r_from int[] := array[(p_begun ->> 'innings')::int, (p_begun ->> 'over')::int];
begin
  if not app.may_score(p_match) then perform app.fail('NOT_A_SCORER', 403); end if;
  insert into public.second_book as b (match_id, customer_id, name, begun, totals)
  select p_match, c.id, coalesce(c.name, 'Scorer'), p_begun, p_totals from public.customer c where c.id = app.uid()
      on conflict (match_id, customer_id) do update
     set name = excluded.name, begun = excluded.begun, totals = b.totals || excluded.totals,
         sent_at = clock_timestamp();
  update public.second_book b
     set totals = (select coalesce(jsonb_object_agg(t.key, t.value), '{}')
                     from jsonb_each(b.totals) t,
                          lateral (select (t.value ->> 'innings')::int as innings, (t.value ->> 'over')::int as over) at
                    where at.over <= coalesce(p_overs[at.innings + 1], 0) and array[at.innings, at.over] > r_from)
   where b.match_id = p_match and b.customer_id = app.uid();
end $$;
