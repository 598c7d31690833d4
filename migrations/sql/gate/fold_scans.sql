-- execute: cv_rules
-- A right's admissions and double entries, from all of its scans: a pure function of their set, whatever order they
-- came in. In the order of the corrected time (then device, counter, id) an entry goes in when nobody is inside, or
-- else is a double of the entry that is open; an exit closes it. Scans that were undone count for nothing, and those
-- on an issue that was dead neither: whoever a phone let in on one is an alarm, and takes nothing from the rightful
-- holder. Nobody is un-admitted: a scan's own row stays what it was. The caller holds the lock of the ticket or pass.
create or replace function app.fold_scans(p_right uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  s record;
  v_open uuid;
  v_no int := 0;
  v_doubles uuid[] := '{}';
  v_entries jsonb := '[]';
begin
  for s in
    select c.* from public.scan c
     where c.right_id = p_right and (c.let_in or c.kind = 'exit' and c.outcome in ('left', 'not_inside'))
       and not exists (select from public.scan u
                        where u.of_scan = c.id and u.kind = 'undo' and u.stadium_id = c.stadium_id
                          and u.event_id is not distinct from c.event_id)
     order by c.at, c.device_id nulls first, c.counter, c.id
  loop
    if s.found = 'void' then
      insert into public.gate_alarm (stadium_id, event_id, right_id, kind, scan_id)
      select s.stadium_id, s.event_id, p_right, 'void', s.id where s.let_in on conflict do nothing;
    elsif s.kind = 'exit' then
      if v_open is not null then
        v_entries := jsonb_set(v_entries, array[(v_no - 1)::text, 'out'], to_jsonb(s.id::text));
        v_open := null;
      end if;
    elsif v_open is null then
      v_no := v_no + 1;
      v_open := s.id;
      v_entries := v_entries || jsonb_build_object('in', s.id);
    else
      v_doubles := v_doubles || s.id;
      insert into public.gate_alarm as a (stadium_id, event_id, right_id, kind, scan_id, first_scan_id)
      values (s.stadium_id, s.event_id, p_right, 'double', s.id, v_open)
      on conflict (scan_id, kind) do update set first_scan_id = excluded.first_scan_id, seen_at = null, seen_by = null,
        xid = default
            where a.first_scan_id is distinct from excluded.first_scan_id;
    end if;
  end loop;

  -- The scans of the entries may have changed places: out of the way first, the one open entry last.
  delete from public.admission a
   where a.right_id = p_right
     and (a.entry_no > v_no or a.scan_id::text is distinct from v_entries -> (a.entry_no - 1) ->> 'in'
          or a.left_scan_id::text is distinct from v_entries -> (a.entry_no - 1) ->> 'out');
  insert into public.admission (right_id, entry_no, ticket_id, pass_id, stadium_id, event_id, scan_id, gate_id,
                                car_park_id, at, left_scan_id, left_at)
  select p_right, e.n, i.ticket_id, i.pass_id, i.stadium_id, i.event_id, i.id, i.gate_id, i.car_park_id, i.at, o.id,
         o.at
    from jsonb_array_elements(v_entries) with ordinality e (entry, n)
    join public.scan i on i.id = (e.entry ->> 'in')::uuid left join public.scan o on o.id = (e.entry ->> 'out')::uuid
  on conflict (right_id, entry_no) do nothing;
  delete from public.gate_alarm a where a.right_id = p_right and a.kind = 'double' and not a.scan_id = any (v_doubles);
  update public.ticket t set status = case when v_no > 0 then 'used' else 'valid' end
   where t.id = p_right and t.status in ('valid', 'used') and (t.status = 'used') <> (v_no > 0);
  update public.parking_pass t set status = case when v_no > 0 then 'used' else 'valid' end
   where t.id = p_right and t.status in ('valid', 'used') and (t.status = 'used') <> (v_no > 0);
end $$;
