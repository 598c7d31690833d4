-- execute: cv_app
-- Marks from printed lists, entered afterwards as scans: [{"short": first five bytes of the hash as hex, "at":
-- milliseconds}]. The same mark entered twice is one scan. Answers with each mark and what became of it: its outcome;
-- unknown; or void for a code that was replaced, passed on or given back since the list was printed. Somebody went in
-- on that one, so it is kept and becomes an alarm, but it is no entry of the ticket's rightful holder.
create or replace function app.enter_paper_scans(p_event int, p_gate int, p_marks jsonb)
returns table (short text, outcome text, is_double boolean)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  e public.event;
  d public.gate_device;
  m record;
  v_answer jsonb;
begin
  select * into e from public.event v where v.id = p_event and v.stadium_id = any (app.gate_of());
  if e.id is null or not exists (select from public.gate g where g.id = p_gate and g.stadium_id = e.stadium_id) then
    perform app.fail('UNKNOWN_GATES', 404);
  end if;
  d.stadium_id := e.stadium_id;
  d.event_id := e.id;
  for m in
    select x ->> 'short' as short, (x ->> 'at')::float8 as at, i.id, i.issue, i.hash
      from jsonb_array_elements(p_marks) x
      left join lateral app.marked_issue(e.id, decode(x ->> 'short', 'hex')) i on true
     order by i.id
  loop
    if m.id is null then
      return query select m.short, 'unknown', false;
    else
      v_answer := app.store_scan(d, app.uid(), jsonb_build_object(
        'id', md5(e.id || ':' || encode(m.hash, 'hex') || ':' || m.at)::uuid, 'kind', 'entry', 'mode', 'paper',
        'verdict', 'admitted', 'shown', 'admitted', 'right', m.id, 'seq', m.issue,
        'gate', p_gate, 'at', m.at, 'synced_at', m.at, 'counter', 0, 'reason', 'Printed list'));
      return query select m.short, case when v_answer ->> 'found' = 'void' then 'void' else v_answer ->> 'outcome' end,
                          coalesce((v_answer ->> 'double')::boolean, false)
                            and not coalesce((v_answer ->> 'replay')::boolean, false);
    end if;
  end loop;
  perform app.log(e.stadium_id, 'gate.paper_entered', 'event', e.id::text,
                  jsonb_build_object('gate', p_gate, 'marks', jsonb_array_length(p_marks)));
end $$;
