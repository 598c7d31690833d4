-- execute: cv_app
-- The owner's choice: codes of an event that change every fifteen seconds, or ones that stand still.
create or replace function app.set_rotating_codes(p_event int, p_on boolean) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  e public.event;
begin
  update public.event v set rotating_codes = p_on where v.id = p_event and v.stadium_id = any (app.staff_of())
  returning * into e;
  if e.id is null then perform app.fail('UNKNOWN_EVENT', 404); end if;
  perform app.log(e.stadium_id, case when p_on then 'codes.rotating' else 'codes.still' end, 'event', e.id::text);
end $$;
