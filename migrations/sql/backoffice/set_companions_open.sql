-- execute: cv_app
-- The ground's choice: so many hours before the start companion seats are sold to everybody; null: never.
create or replace function app.set_companions_open(p_event int, p_hours int) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_stadium int;
begin
  if p_hours not between 1 and 720 then perform app.fail('MALFORMED', 422); end if;
  update public.event v set companions_open_hours = p_hours where v.id = p_event and v.stadium_id = any (app.staff_of())
  returning v.stadium_id into v_stadium;
  if v_stadium is null then perform app.fail('UNKNOWN_EVENT', 404); end if;
  perform app.log(v_stadium, case when p_hours is null then 'companions.kept' else 'companions.opened' end, 'event',
                  p_event::text, jsonb_strip_nulls(jsonb_build_object('hours', p_hours)));
end $$;
