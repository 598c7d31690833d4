-- execute: cv_app, cv_rules
-- Which of these seats are companions' that cannot be had: the wheelchair space beside is not among p_have (the buyer's
-- own seats with those asked for), the stand still has a wheelchair space that is not sold, and the ground has not
-- opened them. A space that somebody only holds may come back, so it counts as left.
create or replace function app.companions_alone(e public.event, p_have int[], p_seats int[]) returns int[]
language sql volatile set search_path = pg_catalog, pg_temp as $$
  select array_agg(c.id order by c.id) from public.seat c
   where c.id = any (p_seats) and c.kind = 'companion' and not app.companions_open(e)
     and not exists (select from public.seat w
                      where w.row_id = c.row_id and w.kind = 'accessible' and abs(w.position - c.position) = 1
                        and w.id = any (p_have))
     and exists (select from public.seat w join public.event_price p on p.event_id = e.id and p.band = w.band
                  where w.layout_id = e.layout_id and w.stand_id = c.stand_id and w.kind = 'accessible'
                    and not exists (select from public.seat_claim k
                                     where k.event_id = e.id and k.seat_id = w.id and k.state in ('sold', 'blocked')))
$$;
