-- execute: cv_app, cv_rules
-- Seats of a layout by what a ticket prints of them, in small letters as plain() in outside/folding.py has them: gate,
-- bay, row, seat, and row and seat in one ("f1") as spot. Unreserved places have neither row nor seat.
create or replace function app.seats_named(p_layout int, p_place jsonb) returns setof int
language sql stable set search_path = pg_catalog, pg_temp as $$
  select s.id
    from public.seat s join public.seat_row w on w.id = s.row_id join public.bay b on b.id = w.bay_id
    join public.gate g on g.id = b.gate_id
   where s.layout_id = p_layout
     and (p_place ->> 'gate' is null or app.plain(g.code) = p_place ->> 'gate')
     and (p_place ->> 'bay' is null or app.plain(b.name) = p_place ->> 'bay')
     and (p_place ->> 'row' is null or app.plain(w.name) = p_place ->> 'row')
     and (p_place ->> 'seat' is null or lower(s.number) = p_place ->> 'seat')
     and (p_place ->> 'spot' is null or lower(w.name || s.number) = p_place ->> 'spot')
     and (s.kind <> 'unreserved' or not p_place ?| array['row', 'seat', 'spot'])
$$;
