-- execute: cv_worker
-- An attempt has ended without money (the provider said canceled). With p_keep the seats stay held while their time
-- lasts, for another try or another choice; otherwise, or when the time is over, they are free. Returns the seats that
-- became free.
create or replace function app.close_payment(p_payment bigint, p_state text, p_keep boolean) returns int[]
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  b public.booking;
  pt public.payment_transaction;
  o public.booking;
  v_end timestamptz;
begin
  select * into pt from public.payment_transaction p where p.id = p_payment;
  select * into b from public.booking bk where bk.id = pt.booking_id for update;
  select * into pt from public.payment_transaction p where p.id = p_payment for update;
  if pt.state in ('succeeded', 'failed', 'canceled') then return '{}'; end if;
  update public.payment_transaction p set state = p_state, updated_at = now() where p.id = pt.id;
  if b.state <> 'paying' then return '{}'; end if;
  if not p_keep or app.is_over(b.expires_at) then
    perform app.queue_mail('hold_ended', b.contact_email, b.id, 'hold_ended:' || b.id);
    return app.close_booking(b.id, 'expired');
  end if;
  if b.event_id is not null then
    -- As in hold_seats: of a buyer's open holds for an event there is one, whichever of the two comes first.
    perform pg_advisory_xact_lock(app.buyer_lock(b.event_id, b.customer_id));
  end if;
  -- A payment that came along at sign-in may be more than its buyer may hold now.
  if app.seats_of(b.event_id, b.customer_id) > (select e.buyer_limit from public.event e where e.id = b.event_id)
     or exists (select from public.parking_claim c
                 where c.booking_id = b.id
                   and app.bays_of(b.customer_id, b.stadium_id, b.event_id, c.starts_at, c.ends_at)
                       > app.bay_limit()) then
    return app.close_booking(b.id, 'released');
  end if;
  select * into o from public.booking ob
   where ob.customer_id = b.customer_id and ob.event_id = b.event_id and ob.state = 'held' for update;
  if app.has_lapsed(o.state, o.expires_at) then
    perform app.close_booking(o.id, 'expired');
    o := null;
  end if;
  -- What returns to a hold ends with that hold, and no later than the longest hold of either.
  v_end := coalesce(least(o.expires_at, b.held_at + app.longest_hold()), b.expires_at);
  update public.seat_claim c set state = 'held', expires_at = v_end
   where c.booking_id = b.id and c.state = 'paying';
  update public.parking_claim c set state = 'held', expires_at = v_end
   where c.booking_id = b.id and c.state = 'paying';
  if o.id is null then
    update public.booking bk set state = 'held' where bk.id = b.id;
  else
    -- The fan has begun another hold for this event meanwhile: the two become one.
    update public.seat_claim c set booking_id = o.id where c.booking_id = b.id;
    update public.parking_claim c set booking_id = o.id where c.booking_id = b.id;
    update public.booking_line l set booking_id = o.id where l.booking_id = b.id;
    perform app.join_holds(o.id, b.held_at, v_end), app.total_booking(b.id);
    perform app.close_booking(b.id, 'released');
  end if;
  return '{}';
end $$;
