-- execute: cv_rules
-- Move a visitor's or guest's bookings to the fan they turned out to be. The buyer limit is applied again: an open hold that
-- would break it is released. Returns how many holds were released.
create or replace function app.adopt(p_from bigint, p_to bigint) returns int
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  b record;
  v_mine bigint;
  v_released int := 0;
begin
  for b in select bk.id, bk.event_id, bk.state, e.buyer_limit from public.booking bk left join public.event e on e.id = bk.event_id
            where bk.customer_id = p_from order by bk.event_id, bk.id
  loop
    if b.event_id is not null then
      perform pg_advisory_xact_lock(app.buyer_lock(b.event_id, p_to));
    end if;
    if b.state = 'held' then
      select id into v_mine from public.booking where customer_id = p_to and event_id = b.event_id and state = 'held';
      if app.seats_of(b.event_id, p_to) + (select count(*) from public.seat_claim where booking_id = b.id) > b.buyer_limit then
        perform app.close_booking(b.id, 'released');
        v_released := v_released + 1;
      elsif v_mine is not null then
        -- Two open holds for one event become one.
        delete from public.booking_line l using public.booking_line o where l.booking_id = b.id and o.booking_id = v_mine and o.seat_id = l.seat_id;
        update public.seat_claim set booking_id = v_mine where booking_id = b.id;
        update public.parking_claim set booking_id = v_mine where booking_id = b.id;
        update public.booking_line set booking_id = v_mine where booking_id = b.id;
        perform app.total_booking(v_mine), app.total_booking(b.id);
        perform app.close_booking(b.id, 'released');
      end if;
    end if;
    update public.booking set customer_id = p_to where id = b.id;
  end loop;
  update public.customer set adopted_by = p_to where id = p_from;
  perform app.log(0, 'customer.adopted', 'customer', p_from::text, jsonb_build_object('by', p_to, 'released', v_released));
  return v_released;
end $$;
