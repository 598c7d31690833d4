-- execute: cv_rules
-- The companions' seats that a buyer would keep without a wheelchair space beside them if these seats went back.
create or replace function app.companions_left(e public.event, p_customer bigint, p_back int[]) returns int[]
language sql volatile set search_path = pg_catalog, pg_temp as $$
  with mine as (select s.id, s.row_id, s.position, s.kind from public.booking b
                  join public.seat_claim k on k.booking_id = b.id join public.seat s on s.id = k.seat_id
                 where b.customer_id = p_customer and b.event_id = e.id and k.seat_id <> all (p_back)
                   and s.kind in ('accessible', 'companion'))
  select coalesce(array_agg(c.id order by c.id), '{}') from mine c
   where c.kind = 'companion' and not app.companions_open(e)
     and exists (select from public.seat w where w.id = any (p_back) and w.row_id = c.row_id
                    and w.kind = 'accessible' and abs(w.position - c.position) = 1)
     and not exists (select from mine w where w.kind = 'accessible' and w.row_id = c.row_id
                                          and abs(w.position - c.position) = 1)
$$;
