-- execute: cv_app
-- Give back one seat or bay (a line) of one's own hold, and with a wheelchair space the companions' seats that would be
-- left without one. The last one ends the hold.
create or replace function app.release_line(p_booking bigint, p_line bigint)
returns table (event_id int, seats int[], version bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  b public.booking;
  l public.booking_line;
  v_seats int[] := '{}';
begin
  select * into b from public.booking bk where bk.id = p_booking and bk.customer_id = app.uid() for update;
  if b.id is null then perform app.fail('UNKNOWN_BOOKING', 404); end if;
  if b.state = 'paying' then perform app.fail('BEING_PAID'); end if;
  if b.state <> 'held' then perform app.fail('HOLD_ENDED', 410, jsonb_build_object('by', b.state)); end if;
  delete from public.booking_line bl where bl.booking_id = b.id and bl.id = p_line returning * into l;
  if l.id is null then perform app.fail('UNKNOWN_LINE', 404); end if;
  if l.seat_id is not null then
    select l.seat_id || app.companions_left(e, b.customer_id, array[l.seat_id]) into v_seats
      from public.event e where e.id = b.event_id;
    delete from public.booking_line bl where bl.booking_id = b.id and bl.seat_id = any (v_seats);
    with gone as (delete from public.seat_claim c
                   where c.event_id = b.event_id and c.seat_id = any (v_seats) and c.booking_id = b.id
                     and c.state = 'held' returning c.seat_id)
    select coalesce(array_agg(seat_id), '{}') into v_seats from gone;
  end if;
  delete from public.parking_claim c where c.id = l.parking_claim_id and c.booking_id = b.id and c.state = 'held';
  perform app.total_booking(b.id);
  if not exists (select from public.booking_line bl where bl.booking_id = b.id) then
    perform app.close_booking(b.id, 'released');
  end if;
  return query select b.event_id, v_seats, nextval('public.seat_version');
end $$;
