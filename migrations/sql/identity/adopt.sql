-- execute: cv_rules
-- Move a visitor's or guest's bookings to the fan they turned out to be. The buyer limit is applied again: an open hold
-- that would break it is released, and so is one with more bays than one buyer may have. Returns how many holds were
-- released.
create or replace function app.adopt(p_from bigint, p_to bigint) returns int
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  b record;
  m public.booking;
  v_end timestamptz;
  v_released int := 0;
begin
  for b in select bk.id, bk.event_id, bk.state, bk.expires_at, bk.held_at, bk.stadium_id, e.buyer_limit
             from public.booking bk
             left join public.event e on e.id = bk.event_id
            where bk.customer_id = p_from order by bk.event_id, bk.id for update of bk
  loop
    if b.event_id is not null then
      perform pg_advisory_xact_lock(app.buyer_lock(b.event_id, p_to));
    end if;
    -- A hold whose time is over is closed first, on either side: it neither swallows a live one nor comes back to life.
    if app.has_lapsed(b.state, b.expires_at) then
      perform app.close_booking(b.id, 'expired');
    elsif b.state = 'held' then
      perform pg_advisory_xact_lock(app.buyer_lock(-b.stadium_id, p_to))
        from public.parking_claim where booking_id = b.id limit 1;
      select * into m from public.booking
       where customer_id = p_to and event_id = b.event_id and state = 'held' for update;
      if app.has_lapsed(m.state, m.expires_at) then
        perform app.close_booking(m.id, 'expired');
        m := null;
      end if;
      if app.seats_of(b.event_id, p_to) + (select count(*) from public.seat_claim
                                            where booking_id = b.id) > b.buyer_limit
         or exists (select from public.parking_claim c
                     where c.booking_id = b.id
                       and app.bays_of(p_to, b.stadium_id, b.event_id, c.starts_at, c.ends_at)
                           + (select count(*) from public.parking_claim o where o.booking_id = b.id)
                           > app.bay_limit()) then
        perform app.close_booking(b.id, 'released');
        v_released := v_released + 1;
      elsif m.id is not null then
        -- Two open holds for one event become one, with one end, and no later than the longest hold of either allows.
        v_end := least(greatest(b.expires_at, m.expires_at), least(b.held_at, m.held_at) + app.longest_hold());
        delete from public.booking_line l using public.booking_line o
         where l.booking_id = b.id and o.booking_id = m.id and o.seat_id = l.seat_id;
        update public.seat_claim set booking_id = m.id where booking_id = b.id;
        update public.parking_claim set booking_id = m.id where booking_id = b.id;
        update public.booking_line set booking_id = m.id where booking_id = b.id;
        perform app.join_holds(m.id, b.held_at, v_end), app.total_booking(b.id);
        perform app.close_booking(b.id, 'released');
      end if;
    end if;
    update public.booking set customer_id = p_to where id = b.id;
  end loop;
  update public.card_decline set customer_id = p_to where customer_id = p_from;
  update public.customer set adopted_by = p_to where id = p_from;
  perform app.log(0, 'customer.adopted', 'customer', p_from::text,
                  jsonb_build_object('by', p_to, 'released', v_released));
  return v_released;
end $$;
