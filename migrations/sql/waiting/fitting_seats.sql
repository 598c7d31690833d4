-- execute: cv_rules
-- The seats of p_pool that fit a wish, as many as it asks for, or null: of its band, not dearer than its highest full
-- price (an adult's), side by side where it says so. Side by side is tried first for everybody: a run of just as many
-- seats, else one that leaves no single seat. What this entry was offered before is not offered again. Wheelchair
-- spaces, companions' and members' seats are not on the list.
create or replace function app.fitting_seats(e public.event, w public.waiting_entry, p_pool int[]) returns int[]
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  v_seats int[];
  v_fit int[];
begin
  select array_agg(s.id order by s.quality desc, s.id) into v_fit
    from public.seat s join public.stadium g on g.id = e.stadium_id
    join public.event_price p on p.event_id = e.id and p.band = s.band and p.ticket_type = 'adult'
   cross join lateral app.line_amounts(p.face, g.fee_bp, g.fee_each, g.tax_bp, g.tax_inside) a
   where s.id = any (p_pool) and s.layout_id = e.layout_id and s.kind in ('standard', 'restricted', 'unreserved')
     and (w.band is null or s.band = w.band) and (w.most is null or a.total <= w.most)
     and not exists (select from public.waiting_offer o where o.entry_id = w.id and s.id = any (o.seats));
  if coalesce(cardinality(v_fit), 0) < w.seats then return null; end if;
  select r.ids[1:w.seats] into v_seats
    from (select array_agg(x.id order by x.position) as ids, count(*) as length, max(x.quality) as quality
            from (select s.id, s.position, s.row_id, s.quality,
                         s.position - row_number() over (partition by s.row_id order by s.position) as run
                    from public.seat s where s.id = any (v_fit)) x
           group by x.row_id, x.run) r
   where r.length >= w.seats
   order by r.length = w.seats desc, r.length - w.seats = 1, r.quality desc, r.ids[1] limit 1;
  if v_seats is null and not w.together then v_seats := v_fit[1:w.seats]; end if;
  return v_seats;
end $$;
