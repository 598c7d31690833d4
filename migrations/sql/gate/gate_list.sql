-- execute: cv_app
-- The tickets of an event for a printed list: no names, sorted as the seats are.
create or replace function app.gate_list(p_event int)
returns table (gate text, stand text, bay text, "row" text, seat text, ticket_type text, hash bytea, is_in boolean)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  if not exists (select from public.event e where e.id = p_event and e.stadium_id = any (app.gate_of())) then
    perform app.fail('UNKNOWN_GATES', 404);
  end if;
  return query
  select g.code, st.name, b.name, r.name, s.number, l.ticket_type, t.hash, t.status = 'used'
    from public.ticket t join public.booking_line l on l.id = t.line_id join public.seat s on s.id = t.seat_id
    join public.seat_row r on r.id = s.row_id
    join public.bay b on b.id = r.bay_id join public.gate g on g.id = b.gate_id
    join public.stand st on st.id = s.stand_id
   where t.event_id = p_event and t.status <> 'void' order by g.code, st.position, b.position, r.position, s.position;
end $$;
