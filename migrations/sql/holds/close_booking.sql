-- execute: cv_rules
-- End a booking that was not paid, and free what it held at once.
create or replace function app.close_booking(p_booking bigint, p_state text) returns int[]
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  v_seats int[];
begin
  update public.booking set state = p_state, closed_at = now() where id = p_booking;
  with gone as (delete from public.seat_claim where booking_id = p_booking and state in ('held', 'paying')
                returning seat_id)
  select coalesce(array_agg(seat_id), '{}') into v_seats from gone;
  delete from public.parking_claim where booking_id = p_booking and state in ('held', 'paying');
  return v_seats;
end $$;
