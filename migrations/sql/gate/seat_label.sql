-- execute: cv_rules
-- A seat by its names, as the gate shows them; null for no seat.
create or replace function app.seat_label(p_seat int) returns jsonb
language sql stable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('stand', t.name, 'bay', b.name,
                            'row', case when s.kind = 'unreserved' then '' else r.name end,
                            'seat', case when s.kind = 'unreserved' then '' else s.number end, 'gate', g.code)
    from public.seat s join public.seat_row r on r.id = s.row_id join public.bay b on b.id = r.bay_id
    join public.stand t on t.id = s.stand_id join public.gate g on g.id = b.gate_id where s.id = p_seat
$$;
