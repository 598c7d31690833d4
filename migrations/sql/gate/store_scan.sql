-- execute: cv_rules
-- One scan, kept, and what follows from it; a repeat of its id is answered with what was answered then. The rule's last
-- part is here, under the lock of the right: revoked or void → disputed → identity → inside already → admitted. What
-- comes before it (signature, event, validity, zone) was judged by gate/admit.py and stands in p_scan as `verdict`.
-- p_scan: id, kind, mode, verdict, right (uuid of a verified code), seq, hash (bytea as hex, of a right typed or
-- searched), of, via, gate, car_park, at, offset, synced_at (milliseconds), counter, shown, reason, code_hash (hex).
create or replace function app.store_scan(p_device public.gate_device, p_by bigint, p_scan jsonb) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_id uuid := (p_scan ->> 'id')::uuid;
  v_kind text := p_scan ->> 'kind';
  v_mode text := p_scan ->> 'mode';
  v_found text := p_scan ->> 'verdict';
  v_shown text := p_scan ->> 'shown';
  v_gate int := (p_scan ->> 'gate')::int;
  v_park int := (p_scan ->> 'car_park')::int;
  v_now timestamptz;
  v_at timestamptz;
  v_in boolean;
  v_ticket uuid;
  v_pass uuid;
  v_double boolean := false;
  v_answer jsonb;
  k record;
  r record;
  f record;
begin
  select s.device_id, s.stadium_id, s.verdict into k from public.scan s where s.id = v_id;
  if found then
    if k.device_id is distinct from p_device.id or k.stadium_id <> p_device.stadium_id then
      return jsonb_build_object('id', v_id, 'error', 'SCAN_ID_TAKEN');
    end if;
    return k.verdict || jsonb_build_object('replay', true, 'label', app.seat_label((k.verdict ->> 'seat')::int));
  end if;

  -- Which right: by its number from a signed code, by its hash, or the one of the scan that is undone. Locked until
  -- COMMIT.
  if v_kind = 'undo' then
    select s.ticket_id, s.pass_id into v_ticket, v_pass from public.scan s
     where s.id = (p_scan ->> 'of')::uuid and s.stadium_id = p_device.stadium_id
       and s.event_id is not distinct from p_device.event_id;
  elsif p_scan ->> 'right' is not null then
    v_ticket := (p_scan ->> 'right')::uuid;
    v_pass := v_ticket;
  elsif p_scan ->> 'hash' is not null then
    select t.id into v_ticket from public.ticket t
     where t.event_id = p_device.event_id and t.hash = decode(p_scan ->> 'hash', 'hex')
     order by t.status = 'void' limit 1;
    select p.id into v_pass from public.parking_pass p join public.booking b on b.id = p.booking_id
     where p.hash = decode(p_scan ->> 'hash', 'hex') and b.stadium_id = p_device.stadium_id
       and (b.event_id is null or b.event_id = p_device.event_id) limit 1;
  end if;
  select null::timestamptz as at, null::int as gate_id, null::int as car_park_id, null::uuid as scan_id into f;
  select 'ticket'::text as kind, t.id, t.booking_id, t.event_id, t.seat_id, t.status, t.void_at, t.seq, t.hash,
         null::text as plate, l.ticket_type as type, null::text as bay_kind, null::int as car_park_id
    into r from public.ticket t join public.booking_line l on l.id = t.line_id where t.id = v_ticket for update of t;
  if r.id is null and v_pass is not null then
    select 'pass'::text as kind, p.id, p.booking_id, b.event_id, null::int as seat_id, p.status, p.void_at, p.seq,
           p.hash, p.plate, null::text as type, p.bay_kind, p.car_park_id
      into r from public.parking_pass p join public.booking b on b.id = p.booking_id
     where p.id = v_pass and b.stadium_id = p_device.stadium_id for update of p;
  end if;

  -- When: the phone's clock, corrected, but never before its last contact and never after now. What is decided here
  -- happens now.
  v_now := clock_timestamp();
  v_at := case when v_shown is null then v_now
               else least(v_now, greatest(
                      to_timestamp(((p_scan ->> 'at')::float8 + coalesce((p_scan ->> 'offset')::float8, 0)) / 1000),
                      to_timestamp((p_scan ->> 'synced_at')::float8 / 1000),
                      coalesce(p_device.created_at, '-infinity'))) end;

  if v_kind = 'undo' then
    v_found := 'undone';
  elsif r.id is null then
    if v_found in ('admitted', 'check_identity', 'old_picture', 'left') then v_found := 'unknown'; end if;
  else
    if p_scan ->> 'right' is null and v_found in ('admitted', 'check_identity', 'left')
       and not (case r.kind when 'ticket' then p_device.id is null or exists (
                 select from public.seat s join public.seat_row w on w.id = s.row_id
                   join public.bay b on b.id = w.bay_id
                  where s.id = r.seat_id and b.gate_id = any (p_device.gates))
               else p_device.id is null or r.car_park_id = any (p_device.car_parks) end) then
      v_found := 'wrong_gate';
    end if;
    if v_found in ('admitted', 'check_identity', 'old_picture', 'left') then
      select a.at, a.gate_id, a.car_park_id, a.scan_id into f from public.admission a
       where a.right_id = r.id and a.left_at is null;
      v_found := case when r.status = 'void' or coalesce((p_scan ->> 'seq')::int, r.seq) <> r.seq then 'void'
                      when v_found = 'left' then case when f.scan_id is null then 'not_inside' else 'left' end
                      when r.status = 'disputed' then 'disputed'
                      when v_found <> 'admitted' then v_found
                      when f.scan_id is not null then 'already_used'
                      else 'admitted' end;
    end if;
  end if;

  -- What the gate acted on. A reason lets somebody in whom the rule alone would not, but never on a ticket that is not
  -- good.
  v_in := v_kind = 'entry'
          and coalesce(v_shown, case when v_mode = 'override'
                                      and v_found in ('wrong_gate', 'check_identity', 'old_picture', 'disputed',
                                                      'already_used', 'not_yet_valid')
                                     then 'admitted' else v_found end) = 'admitted';
  v_double := v_in and f.scan_id is not null;
  v_answer := jsonb_strip_nulls(jsonb_build_object(
    'id', v_id, 'outcome', case when v_in then 'admitted' else coalesce(v_shown, v_found) end, 'found', v_found,
    'let_in', v_in, 'double', v_double, 'hash', encode(r.hash, 'hex'), 'kind', r.kind, 'seat', r.seat_id,
    'type', r.type, 'plate', r.plate, 'bay', r.bay_kind, 'car_park', r.car_park_id,
    'void_at', extract(epoch from r.void_at) * 1000, 'booking', r.booking_id,
    'first', case when f.scan_id is not null then jsonb_build_object(
               'at', round(extract(epoch from f.at) * 1000), 'gate', f.gate_id, 'car_park', f.car_park_id) end));
  insert into public.scan (id, stadium_id, event_id, device_id, gate_id, car_park_id, kind, mode, ticket_id, pass_id,
                           right_id, code_hash, outcome, found, let_in, via, of_scan, reason, device_at, at,
                           received_at, counter, entered_by, verdict)
  values (v_id, p_device.stadium_id, p_device.event_id, p_device.id, v_gate, v_park, v_kind, v_mode,
          case when r.kind = 'ticket' then r.id end, case when r.kind = 'pass' then r.id end, r.id,
          case when r.id is null then decode(p_scan ->> 'code_hash', 'hex') end, v_answer ->> 'outcome', v_found, v_in,
          (p_scan ->> 'via')::uuid, (p_scan ->> 'of')::uuid, p_scan ->> 'reason',
          to_timestamp((p_scan ->> 'at')::float8 / 1000), v_at, v_now,
          coalesce((p_scan ->> 'counter')::int, 0), p_by, v_answer);

  if r.id is not null then
    -- The usual case in short: nothing was ever scanned in or out on this right before, so the fold of its scans is
    -- this one entry.
    if v_in and f.scan_id is null
       and not exists (select from public.scan s
                        where s.right_id = r.id and s.id <> v_id and (s.let_in or s.kind <> 'entry'))
       and not exists (select from public.scan u where u.of_scan = v_id) then
      insert into public.admission (right_id, entry_no, ticket_id, pass_id, stadium_id, event_id, scan_id, gate_id,
                                    car_park_id, at)
      values (r.id, 1, case when r.kind = 'ticket' then r.id end, case when r.kind = 'pass' then r.id end,
              p_device.stadium_id, p_device.event_id, v_id, v_gate, v_park, v_at);
      if r.status = 'valid' and r.kind = 'ticket' then
        update public.ticket set status = 'used' where id = r.id;
      elsif r.status = 'valid' then
        update public.parking_pass set status = 'used' where id = r.id;
      end if;
    elsif v_in or v_kind <> 'entry' then
      perform app.fold_scans(r.id);
      -- A scan that came late may be the first: then another one is the double.
      v_double := v_in and exists (select from public.gate_alarm a where a.right_id = r.id and a.kind = 'double');
    end if;
    if v_in and v_found = 'void'
       and (r.void_at <= v_at or exists (select from public.qr_code q
                                          where coalesce(q.ticket_id, q.pass_id) = r.id
                                            and q.seq = (p_scan ->> 'seq')::int and q.revoked_at <= v_at)) then
      insert into public.gate_alarm (stadium_id, event_id, right_id, kind, scan_id)
      values (p_device.stadium_id, p_device.event_id, r.id, 'void', v_id)
      on conflict do nothing;
    end if;
  end if;
  v_answer := v_answer || jsonb_build_object('double', v_double, 'replay', false, 'label', app.seat_label(r.seat_id));
  if v_kind = 'entry' and r.kind = 'ticket'
     and v_found in ('admitted', 'already_used', 'check_identity', 'disputed', 'wrong_gate') then
    v_answer := v_answer || jsonb_build_object('others', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'hash', encode(t.hash, 'hex'), 'seat', t.seat_id, 'type', l.ticket_type,
               'status', case when t.status = 'disputed' then 2 when a.right_id is null then 0
                              when a.left_at is null then 1 else 3 end) order by l.id), '[]')
        from public.ticket t join public.booking_line l on l.id = t.line_id
        left join lateral (select x.right_id, x.left_at from public.admission x
                            where x.right_id = t.id order by x.entry_no desc limit 1) a on true
       where t.booking_id = r.booking_id and t.id <> r.id and t.status <> 'void' and t.link_hash is null
         -- A ticket that was passed on comes with its new holder, and brings nobody.
         and not exists (select from public.ticket o where o.id = r.id and o.link_hash is not null)));
  end if;
  return v_answer;
end $$;
