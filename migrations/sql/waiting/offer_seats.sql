-- execute: cv_rules
-- Offer these seats, which are kept or free, to one who waits: an ordinary hold of app.offer_time(), in a booking that
-- belongs to a customer of its own until it is taken, and a mail with the link. False, and nothing done, where somebody
-- was quicker with one of them.
create or replace function app.offer_seats(e public.event, w public.waiting_entry, p_seats int[]) returns boolean
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  v_now timestamptz := clock_timestamp();
  v_end timestamptz := v_now + app.offer_time();
  v_customer bigint;
  v_booking bigint;
  v_offer bigint;
  v_got int;
begin
  insert into public.customer (kind) values ('visitor') returning id into v_customer;
  insert into public.booking (reference, customer_id, stadium_id, event_id, currency, face, fee, tax, total, held_at,
                              expires_at, policy)
  select app.new_reference(), v_customer, e.stadium_id, e.id, g.currency, 0, 0, 0, 0, v_now, v_end,
         app.refund_policy(e.refund_until_hours, e.refund_share_bp, e.refund_keeps_fees)
    from public.stadium g where g.id = e.stadium_id returning id into v_booking;
  insert into public.seat_claim as c (event_id, seat_id, booking_id, state, expires_at)
  select e.id, x, v_booking, 'held', v_end from unnest(p_seats) x order by x
  on conflict (event_id, seat_id) do update set booking_id = excluded.booking_id, state = 'held',
    expires_at = excluded.expires_at
    where c.state = 'kept';
  get diagnostics v_got = row_count;
  if v_got <> cardinality(p_seats) then raise exception using errcode = 'CV000'; end if;
  insert into public.booking_line (booking_id, kind, seat_id, band, ticket_type, face, fee, tax, total)
  select v_booking, 'seat', s.id, s.band, 'adult', p.face, a.fee, a.tax, a.total
    from public.seat s join public.stadium g on g.id = e.stadium_id
    join public.event_price p on p.event_id = e.id and p.band = s.band and p.ticket_type = 'adult'
   cross join lateral app.line_amounts(p.face, g.fee_bp, g.fee_each, g.tax_bp, g.tax_inside) a
   where s.id = any (p_seats) order by s.id;
  perform app.total_booking(v_booking);
  insert into public.waiting_offer (entry_id, booking_id, seats, offered_at, ends_at)
  values (w.id, v_booking, p_seats, v_now, v_end) returning id into v_offer;
  update public.waiting_entry set state = 'offered' where id = w.id;
  perform app.queue_mail('waiting_offer', w.email, null, 'waiting_offer:' || v_offer,
                         jsonb_build_object('entry', w.id, 'offer', v_offer));
  -- Ten minutes are not a matter of a mailbox's budget: there are few offers, and each is waited for.
  update public.notification set due_at = now() where dedupe_key = 'waiting_offer:' || v_offer;
  perform app.log(e.stadium_id, 'waiting.offered', 'event', e.id::text,
                  jsonb_build_object('offer', v_offer, 'booking', v_booking, 'seats', to_jsonb(p_seats)));
  return true;
exception when sqlstate 'CV000' then
  return false;
end $$;
