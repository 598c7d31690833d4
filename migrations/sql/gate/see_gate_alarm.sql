-- execute: cv_app
-- The supervisor has seen an alarm, and says what was done.
create or replace function app.see_gate_alarm(p_alarm bigint, p_note text) returns int
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  a public.gate_alarm;
begin
  update public.gate_alarm m
     set seen_at = coalesce(m.seen_at, clock_timestamp()), seen_by = coalesce(m.seen_by, app.uid()),
         note = coalesce(p_note, m.note)
   where m.id = p_alarm and m.stadium_id = any (app.gate_of()) returning * into a;
  if a.id is null then perform app.fail('UNKNOWN_ALARM', 404); end if;
  perform app.log(a.stadium_id, 'gate.alarm_seen', 'gate_alarm', a.id::text,
                  jsonb_strip_nulls(jsonb_build_object('kind', a.kind, 'note', p_note)));
  return a.event_id;
end $$;
