-- execute: cv_rules
-- The ticket or pass that a scan is about, locked until COMMIT, and which of its issues; all null for none of the
-- device's event (or ground, for parking without a match). By its number from a signed code, by the hash of an issue,
-- dead or not, as it was typed or searched, or by the scan that is undone.
create or replace function app.scanned_right(
  p_device public.gate_device, p_scan jsonb,
  out kind text, out id uuid, out booking_id bigint, out seat_id int, out status text, out void_at timestamptz,
  out seq int, out hash bytea, out plate text, out type text, out bay_kind text, out car_park_id int, out issue int)
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  v_right uuid;
  v_hash bytea := decode(p_scan ->> 'hash', 'hex');
begin
  if p_scan ->> 'kind' = 'undo' then
    select s.right_id into v_right from public.scan s
     where s.id = (p_scan ->> 'of')::uuid and s.stadium_id = p_device.stadium_id
       and s.event_id is not distinct from p_device.event_id;
  elsif p_scan ->> 'right' is not null then
    v_right := (p_scan ->> 'right')::uuid;
    issue := (p_scan ->> 'seq')::int;
  elsif v_hash is not null then
    select t.id, t.seq into v_right, issue from public.ticket t
     where t.event_id = p_device.event_id and t.hash = v_hash;
    if v_right is null then
      select coalesce(q.ticket_id, q.pass_id), q.seq into v_right, issue from public.qr_code q where q.hash = v_hash;
    end if;
  end if;
  if v_right is null then return; end if;
  select 'ticket', t.id, t.booking_id, t.seat_id, t.status, t.void_at, t.seq, t.hash, l.ticket_type
    into kind, id, booking_id, seat_id, status, void_at, seq, hash, type
    from public.ticket t join public.booking_line l on l.id = t.line_id
   where t.id = v_right and t.event_id = p_device.event_id for update of t;
  if id is null then
    select 'pass', p.id, p.booking_id, p.status, p.void_at, p.seq, p.hash, p.plate, p.bay_kind, p.car_park_id
      into kind, id, booking_id, status, void_at, seq, hash, plate, bay_kind, car_park_id
      from public.parking_pass p join public.booking b on b.id = p.booking_id
     where p.id = v_right and b.stadium_id = p_device.stadium_id
       and (b.event_id is null or b.event_id = p_device.event_id) for update of p;
  end if;
end $$;
