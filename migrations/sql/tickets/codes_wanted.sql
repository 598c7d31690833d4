-- execute: cv_worker
-- The tickets and passes of a booking that have no code yet, with what a code says: its key's event (0 for parking
-- without a match), the gate's or car park's zone, and when it is good, in seconds since 1970. A ticket: from two hours
-- before the gates open until six after the end.
create or replace function app.codes_wanted(p_booking bigint)
returns table (kind text, id uuid, seq smallint, zone smallint, stadium_id int, event_id int, not_before bigint,
               expires bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select 'ticket', t.id, t.seq, g.zone, e.stadium_id, e.id,
         extract(epoch from e.gates_open_at - interval '2 hours')::bigint,
         extract(epoch from e.ends_at + interval '6 hours')::bigint
    from public.ticket t join public.event e on e.id = t.event_id join public.seat s on s.id = t.seat_id
    join public.seat_row r on r.id = s.row_id
    join public.bay b on b.id = r.bay_id join public.gate g on g.id = b.gate_id
   where t.booking_id = p_booking and t.status <> 'void'
     and not exists (select from public.qr_code q where q.ticket_id = t.id and q.seq = t.seq)
  union all
  select 'pass', p.id, p.seq, c.zone, k.stadium_id, k.event_id,
         extract(epoch from p.starts_at - interval '2 hours')::bigint,
         extract(epoch from p.ends_at + interval '6 hours')::bigint
    from public.parking_pass p join public.car_park c on c.id = p.car_park_id
    join public.booking k on k.id = p.booking_id
   where p.booking_id = p_booking and p.status <> 'void'
     and not exists (select from public.qr_code q where q.pass_id = p.id and q.seq = p.seq)
$$;
