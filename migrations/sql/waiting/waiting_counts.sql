-- execute: cv_app
-- How many wait for an event and what was offered, for those who sell there; no row for others.
create or replace function app.waiting_counts(p_event int)
returns table (opening int, waiting int, offered int, offers int, taken int)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select count(*) filter (where w.kind = 'opening' and w.state = 'waiting')::int,
         count(*) filter (where w.kind = 'seats' and w.state = 'waiting')::int,
         count(*) filter (where w.state = 'offered')::int,
         coalesce(sum(o.offers), 0)::int, coalesce(sum(o.taken), 0)::int
    from public.event e left join public.waiting_entry w on w.event_id = e.id
    left join lateral (select count(*) as offers, count(*) filter (where x.state = 'taken') as taken
                         from public.waiting_offer x where x.entry_id = w.id) o on true
   where e.id = p_event and e.stadium_id = any (app.staff_of())
   group by e.id
$$;
