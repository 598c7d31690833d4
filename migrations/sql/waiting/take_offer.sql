-- execute: cv_app
-- Take the seats that are offered by this link: the hold becomes this person's, by the limits of every hold, with the
-- event's minutes from now on and the same clock, and joins the one they have. Returns the booking to pay.
-- p_address: extensions.client_key().
create or replace function app.take_offer(p_link_hash bytea, p_address bytea)
returns table (booking_id bigint, event_id int, seats int[], version bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  v_uid bigint := app.uid();
  w public.waiting_entry;
  o public.waiting_offer;
  b public.booking;
  m public.booking;
  e public.event;
  v_have int;
  v_end timestamptz;
begin
  if v_uid is null then perform app.fail('NO_SESSION', 403); end if;
  select * into w from public.waiting_entry x where x.link_hash = p_link_hash for update;
  if w.id is null then perform app.fail('NOT_WAITING', 404); end if;
  select * into o from public.waiting_offer x where x.entry_id = w.id and x.state = 'open' for update;
  if o.id is null or app.is_over(o.ends_at) then perform app.fail('OFFER_PASSED', 410); end if;
  select * into e from public.event ev where ev.id = w.event_id;
  if e.state = 'cancelled' then perform app.fail('EVENT_CANCELLED'); end if;
  perform pg_advisory_xact_lock(app.buyer_lock(e.id, v_uid));
  select * into b from public.booking k where k.id = o.booking_id and k.state = 'held' for update;
  if b.id is null then perform app.fail('OFFER_PASSED', 410); end if;
  select * into m from public.booking k
   where k.customer_id = v_uid and k.event_id = e.id and k.state = 'held' for update;
  if app.has_lapsed(m.state, m.expires_at) then
    perform app.close_booking(m.id, 'expired');
    m := null;
  end if;
  v_have := app.seats_of(e.id, v_uid);
  if v_have + cardinality(o.seats) > e.buyer_limit then
    perform app.fail('TOO_MANY_SEATS', 409,
                     jsonb_build_object('limit', e.buyer_limit, 'have', v_have, 'asked', cardinality(o.seats)));
  end if;
  if app.check_share(e, v_uid, p_address, v_have, o.seats) then
    perform app.note_address(coalesce(m.id, b.id), p_address);
  end if;
  if m.id is null then
    v_end := greatest(b.expires_at, app.hold_end(e.hold_minutes, b.held_at));
    update public.seat_claim c set expires_at = v_end where c.booking_id = b.id;
    update public.booking k set customer_id = v_uid, expires_at = v_end where k.id = b.id;
  else
    v_end := least(greatest(b.expires_at, m.expires_at, app.hold_end(e.hold_minutes, m.held_at)),
                   least(b.held_at, m.held_at) + app.longest_hold());
    update public.seat_claim c set booking_id = m.id where c.booking_id = b.id;
    update public.booking_line l set booking_id = m.id where l.booking_id = b.id;
    perform app.join_holds(m.id, b.held_at, v_end), app.total_booking(b.id);
    perform app.close_booking(b.id, 'released');
  end if;
  update public.customer cu set adopted_by = v_uid where cu.id = b.customer_id and cu.id <> v_uid;
  update public.waiting_offer set state = 'taken', answered_at = clock_timestamp() where id = o.id;
  update public.waiting_entry set state = 'taken', closed_at = clock_timestamp() where id = w.id;
  perform app.log(e.stadium_id, 'waiting.taken', 'event', e.id::text,
                  jsonb_build_object('offer', o.id, 'booking', coalesce(m.id, b.id), 'seats', to_jsonb(o.seats)),
                  'link');
  return query select coalesce(m.id, b.id), e.id, o.seats, nextval('public.seat_version');
end $$;
