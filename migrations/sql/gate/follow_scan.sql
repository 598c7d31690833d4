-- execute: cv_rules
-- What follows from a scan that was just kept: the admission, the ticket's or pass's status, alarms. True if the right
-- came in twice. The caller holds the right's lock; p_is_inside is how it stood before.
create or replace function app.follow_scan(s public.scan, p_status text, p_is_inside boolean) returns boolean
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  v_double boolean := s.let_in and s.found <> 'void' and p_is_inside;
begin
  -- The usual case in short: nothing was ever scanned in or out on this right before, so the fold of its scans is this
  -- one entry.
  if s.let_in and s.found <> 'void' and not p_is_inside
     and not exists (select from public.scan o
                      where o.right_id = s.right_id and o.id <> s.id and (o.let_in or o.kind <> 'entry'))
     and not exists (select from public.scan u where u.of_scan = s.id and u.event_id is not distinct from s.event_id)
  then
    insert into public.admission (right_id, entry_no, ticket_id, pass_id, stadium_id, event_id, scan_id, gate_id,
                                  car_park_id, at)
    values (s.right_id, 1, s.ticket_id, s.pass_id, s.stadium_id, s.event_id, s.id, s.gate_id, s.car_park_id, s.at);
    if p_status = 'valid' and s.ticket_id is not null then
      update public.ticket set status = 'used' where id = s.right_id;
    elsif p_status = 'valid' then
      update public.parking_pass set status = 'used' where id = s.right_id;
    end if;
  elsif s.let_in or s.kind <> 'entry' then
    perform app.fold_scans(s.right_id);
    -- A scan that came late may be the first: then another one is the double.
    v_double := s.let_in and s.found <> 'void'
      and exists (select from public.gate_alarm a where a.right_id = s.right_id and a.kind = 'double');
  end if;
  return v_double;
end $$;
