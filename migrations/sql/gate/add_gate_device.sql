-- execute: cv_app
-- A phone that may be paired for the next fifteen minutes: for an event's gates and car parks, or for car parks without
-- an event.
create or replace function app.add_gate_device(p_stadium int, p_event int, p_name text, p_gates int[],
                                               p_car_parks int[], p_search boolean, p_pairing bytea) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_id bigint;
  v_name text := app.kept_name(p_name);
begin
  if v_name is null then perform app.fail('NO_NAME', 422); end if;
  if not p_stadium = any (app.gate_of())
     or (p_event is not null and not exists (select from public.event e
                                              where e.id = p_event and e.stadium_id = p_stadium)) then
    perform app.fail('UNKNOWN_GATES', 404);
  end if;
  if cardinality(p_gates) + cardinality(p_car_parks) = 0
     or exists (select from unnest(p_gates) g
                 where g not in (select x.id from public.gate x where x.stadium_id = p_stadium))
     or exists (select from unnest(p_car_parks) c
                 where c not in (select x.id from public.car_park x where x.stadium_id = p_stadium)) then
    perform app.fail('NO_GATE', 422);
  end if;
  insert into public.gate_device (stadium_id, event_id, name, gates, car_parks, may_search, pairing_hash, pairing_until,
                                  created_by)
  values (p_stadium, p_event, v_name, p_gates, p_car_parks, p_search, p_pairing,
          clock_timestamp() + interval '15 minutes', app.uid()) returning id into v_id;
  perform app.log(p_stadium, 'gate.device_added', 'gate_device', v_id::text,
                  jsonb_build_object('name', v_name, 'event', p_event));
  return v_id;
end $$;
