-- execute: cv_app
-- How many rights went in at each gate and car park of a device's event, and how many of them are inside.
create or replace function app.gate_counts(p_token bytea)
returns table (gate_id int, car_park_id int, admitted bigint, inside bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  d public.gate_device := app.device_of(p_token);
begin
  return query
  select a.gate_id, a.car_park_id, count(*) filter (where a.entry_no = 1), count(*) filter (where a.left_at is null)
    from public.admission a where a.stadium_id = d.stadium_id and a.event_id is not distinct from d.event_id
   group by 1, 2;
end $$;
