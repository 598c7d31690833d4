-- execute: cv_rules
-- Whether a seat's gate, or a car park, is among those of a phone; a printed list (a device without id) takes all.
create or replace function app.is_for_device(p_device public.gate_device, p_seat int, p_car_park int) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return p_device.id is null or coalesce(p_car_park = any (p_device.car_parks), false)
      or exists (select from public.seat s join public.seat_row w on w.id = s.row_id
                 join public.bay b on b.id = w.bay_id
                  where s.id = p_seat and b.gate_id = any (p_device.gates));
end $$;
