-- execute: cv_rules
-- One scan: judged to the end, kept, followed, answered; a repeat of its id is answered with what was answered then.
-- The rule's first part (signature, event, validity, zone) was judged by gate/admit.py and stands in p_scan as
-- `verdict`; its last part is app.decide_scan, under the lock of the right. What a phone has shown stands, where the
-- right is its event's and no forgery: it lets nobody in on what is not ours to let in.
-- p_scan: id, kind, mode, verdict, right (uuid of a verified code), seq, hash (bytea as hex, of a right typed or
-- searched), of, via, gate, car_park, at, offset, synced_at (milliseconds), counter, shown, reason, code_hash (hex).
create or replace function app.store_scan(p_device public.gate_device, p_by bigint, p_scan jsonb) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_id uuid := (p_scan ->> 'id')::uuid;
  v_found text := p_scan ->> 'verdict';
  v_shown text := p_scan ->> 'shown';
  v_now timestamptz;
  v_at timestamptz;
  v_answer jsonb;
  k record;
  r record;
  f record;
  s public.scan;
begin
  select c.device_id, c.stadium_id, c.verdict into k from public.scan c where c.id = v_id;
  if found then
    if k.device_id is distinct from p_device.id or k.stadium_id <> p_device.stadium_id then
      return jsonb_build_object('id', v_id, 'error', 'SCAN_ID_TAKEN');
    end if;
    return k.verdict || jsonb_build_object('replay', true, 'label', app.seat_label((k.verdict ->> 'seat')::int));
  end if;

  -- What a forgery says of itself is nobody's word.
  r := app.scanned_right(p_device, case when v_found = 'forged' then '{}' else p_scan end);
  v_now := clock_timestamp();
  v_at := app.scanned_at(p_scan, p_device.created_at, v_now);
  select null::timestamptz as at, null::int as gate_id, null::int as car_park_id, null::uuid as scan_id into f;
  if p_scan ->> 'kind' = 'undo' then
    v_found := 'undone';
  elsif app.is_good_so_far(v_found) then
    if r.id is null then
      v_found := 'unknown';
    elsif p_scan ->> 'right' is null and not app.is_for_device(p_device, r.seat_id, r.car_park_id) then
      v_found := 'wrong_gate';  -- nothing was signed, so no zone was compared before
    else
      select a.at, a.gate_id, a.car_park_id, a.scan_id into f from public.admission a
       where a.right_id = r.id and a.left_at is null;
      v_found := app.decide_scan(v_found, r.status,
                                 coalesce(r.issue = r.seq, true)
                                   or v_shown is not null and app.was_newest_issue(r.id, r.issue, r.seq, v_at),
                                 f.scan_id is not null);
    end if;
  end if;

  s.id := v_id;
  s.kind := p_scan ->> 'kind';
  s.mode := p_scan ->> 'mode';
  s.found := v_found;
  -- What the gate acted on: what the phone has shown, or else the rule and a steward's reason.
  s.let_in := s.kind = 'entry' and r.id is not null
              and (coalesce(v_shown, v_found) = 'admitted'
                   or v_shown is null and s.mode = 'override' and app.may_override(v_found));
  s.outcome := case when s.let_in then 'admitted' when v_shown = 'admitted' then v_found
                    else coalesce(v_shown, v_found) end;
  s.at := v_at;
  s.right_id := r.id;
  s.ticket_id := case when r.kind = 'ticket' then r.id end;
  s.pass_id := case when r.kind = 'pass' then r.id end;
  s.stadium_id := p_device.stadium_id;
  s.event_id := p_device.event_id;
  s.gate_id := (p_scan ->> 'gate')::int;
  s.car_park_id := (p_scan ->> 'car_park')::int;
  v_answer := jsonb_strip_nulls(jsonb_build_object(
    'id', s.id, 'outcome', s.outcome, 'found', s.found, 'let_in', s.let_in,
    'double', s.let_in and f.scan_id is not null, 'kind', r.kind, 'seat', r.seat_id,
    -- Of a dead issue nothing is said of the one that counts.
    'hash', case when s.found = 'void' and r.issue <> r.seq then null else encode(r.hash, 'hex') end,
    'type', r.type, 'plate', r.plate, 'bay', r.bay_kind, 'car_park', r.car_park_id,
    'void_at', extract(epoch from r.void_at) * 1000, 'booking', r.booking_id,
    'first', case when f.scan_id is not null then jsonb_build_object(
               'at', round(extract(epoch from f.at) * 1000), 'gate', f.gate_id, 'car_park', f.car_park_id) end));
  insert into public.scan (id, stadium_id, event_id, device_id, gate_id, car_park_id, kind, mode, ticket_id, pass_id,
                           right_id, code_hash, outcome, found, let_in, via, of_scan, reason, device_at, at,
                           received_at, counter, entered_by, verdict)
  values (s.id, s.stadium_id, s.event_id, p_device.id, s.gate_id, s.car_park_id, s.kind, s.mode, s.ticket_id,
          s.pass_id, s.right_id, case when r.id is null then decode(p_scan ->> 'code_hash', 'hex') end, s.outcome,
          s.found, s.let_in, (p_scan ->> 'via')::uuid, (p_scan ->> 'of')::uuid, p_scan ->> 'reason',
          to_timestamp((p_scan ->> 'at')::float8 / 1000), s.at, v_now, coalesce((p_scan ->> 'counter')::int, 0), p_by,
          v_answer);

  v_answer := v_answer || jsonb_build_object('replay', false, 'label', app.seat_label(r.seat_id));
  if r.id is not null then
    v_answer := v_answer || jsonb_build_object('double', app.follow_scan(
      s, r.status, f.scan_id is not null));
  end if;
  if s.kind = 'entry' and r.kind = 'ticket'
     and s.found in ('admitted', 'already_used', 'check_identity', 'disputed', 'wrong_gate') then
    v_answer := v_answer || jsonb_build_object('others', app.others_of(r.id, r.booking_id));
  end if;
  return v_answer;
end $$;
