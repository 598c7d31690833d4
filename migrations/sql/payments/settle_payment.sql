-- execute: cv_worker
-- What the provider says of an intent becomes ours, once. On success the claims are sold and tickets and passes issued,
-- all of them; if a seat or bay is gone, the buyer has the most seats already, or the money is not what we asked for,
-- everything is refunded at once instead.
-- Repeating changes nothing. p_payment names the attempt when there is no intent (a total of 0), or, with the booking's
-- reference, when the answer that would have told us the intent's id was lost. outcome: fulfilled | already | lost |
-- open | closed | unknown. version: of the seats, where some have moved.
create or replace function app.settle_payment(p_intent text, p_status text, p_received bigint, p_currency text,
                                              p_provider_fee bigint, p_error_code text, p_error_message text,
                                              p_link_hash bytea, p_payment bigint default null,
                                              p_reference text default null)
returns table (outcome text, booking_id bigint, event_id int, stadium_id int, seats int[], refund_id bigint,
               version bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  b public.booking;
  pt public.payment_transaction;
  v_seats int[];
  v_lost boolean := false;
  v_reason text;
  v_refund bigint;
  v_next text;
  v_lines int;
  v_bays int;
  v_sold int;
begin
  if p_intent is null then
    select * into pt from public.payment_transaction p where p.id = p_payment;
  else
    select * into pt from public.payment_transaction p where p.intent_id = p_intent;
    if pt.id is null and p_payment is not null then
      update public.payment_transaction p set intent_id = p_intent from public.booking bk
       where p.id = p_payment and p.intent_id is null and bk.id = p.booking_id and bk.reference = p_reference
      returning p.* into pt;
    end if;
  end if;
  if pt.id is null then
    return query select 'unknown', null::bigint, null::int, null::int, '{}'::int[], null::bigint, null::bigint;
    return;
  end if;
  -- Always booking, then payment, then claims.
  select * into b from public.booking bk where bk.id = pt.booking_id for update;
  select * into pt from public.payment_transaction p where p.id = pt.id for update;

  if pt.state = 'succeeded' then
    return query select case b.state when 'lost' then 'lost' else 'already' end, b.id, b.event_id, b.stadium_id,
                        '{}'::int[], null::bigint, null::bigint;
    return;
  end if;
  if p_status <> 'succeeded' then
    if pt.state in ('failed', 'canceled') then
      return query select 'closed', b.id, b.event_id, b.stadium_id, '{}'::int[], null::bigint, null::bigint;
      return;
    end if;
    if p_status = 'canceled' then
      v_seats := app.close_payment(pt.id, 'canceled', true);
      return query select 'closed', b.id, b.event_id, b.stadium_id, v_seats, null::bigint,
                          case when cardinality(v_seats) > 0 then app.seats_moved() end;
      return;
    end if;
    v_next := case p_status when 'requires_action' then 'requires_action' when 'processing' then 'processing'
                   else 'created' end;
    update public.payment_transaction p
       set state = case when array_position('{created,requires_action,processing}', v_next)
                             > array_position('{created,requires_action,processing}', p.state)
                        then v_next else p.state end,
           error_code = p_error_code, error_message = p_error_message, updated_at = now()
     where p.id = pt.id;
    return query select 'open', b.id, b.event_id, b.stadium_id, '{}'::int[], null::bigint, null::bigint;
    return;
  end if;

  -- The money is here. A payment that we had closed is still money: it is booked as succeeded on a row of its own
  -- state.
  if pt.state in ('failed', 'canceled') then
    perform set_config('app.reopen', pt.id::text, true);
  end if;
  update public.payment_transaction p
     set state = 'succeeded', captured = p_received, provider_fee = coalesce(p_provider_fee, 0),
         settled_at = now(), updated_at = now(), error_code = null, error_message = null
   where p.id = pt.id;

  if b.state in ('paid', 'refunded', 'lost') then
    v_lost := true; v_reason := 'paid_twice';
  elsif p_received <> pt.amount or p_received <> b.total or upper(p_currency) <> pt.currency then
    -- Also when the booking has changed since a closed attempt: its price, or its lines have joined another hold.
    v_lost := true; v_reason := 'amount_mismatch';
  else
    -- Ours if they are still ours, even past the deadline; free ones are taken again; somebody else's are lost.
    select count(l.seat_id), count(l.parking_claim_id) into v_lines, v_bays from public.booking_line l
     where l.booking_id = b.id;
    update public.seat_claim c set state = 'sold', expires_at = null
     where c.booking_id = b.id and c.state in ('held', 'paying');
    get diagnostics v_sold = row_count;
    if v_sold <> v_lines then
      insert into public.seat_claim (event_id, seat_id, booking_id, state)
      select b.event_id, l.seat_id, b.id, 'sold' from public.booking_line l
       where l.booking_id = b.id and l.kind = 'seat' order by l.seat_id
      on conflict (event_id, seat_id) do update set booking_id = excluded.booking_id, state = 'sold', expires_at = null
        where app.has_lapsed(seat_claim.state, seat_claim.expires_at) or seat_claim.state = 'kept';
      v_lost := (select count(*) from public.seat_claim c where c.booking_id = b.id and c.state = 'sold') <> v_lines;
    end if;
    if v_bays > 0 then
      update public.parking_claim c set state = 'sold', expires_at = null
       where c.booking_id = b.id and c.state in ('held', 'paying');
      get diagnostics v_sold = row_count;
      v_lost := v_lost or v_sold <> v_bays;
    end if;
    v_reason := 'seats_lost';
    if not v_lost and app.is_over_limit(b) then
      v_lost := true; v_reason := 'over_limit';
    end if;
    if not v_lost and b.event_id is not null
       and (select ev.state from public.event ev where ev.id = b.event_id) = 'cancelled' then
      v_lost := true; v_reason := 'event_cancelled';
    end if;
  end if;

  if v_lost then
    if v_reason <> 'paid_twice' then
      delete from public.seat_claim c where c.booking_id = b.id;
      delete from public.parking_claim c where c.booking_id = b.id;
      update public.booking bk set state = 'lost', closed_at = now() where bk.id = b.id;
    end if;
    -- Where nothing was paid there is nobody to ask for it.
    insert into public.refund (booking_id, payment_id, amount, currency, state, reason, idempotency_key)
    values (b.id, pt.id, p_received, upper(p_currency),
            case when p_intent is null then 'succeeded' else 'requested' end, v_reason,
            're:' || b.reference || ':' || pt.attempt || ':all') returning id into v_refund;
    perform app.queue_mail('seats_lost', b.contact_email, b.id, 'seats_lost:' || pt.id,
                           jsonb_build_object('reason', v_reason));
    perform app.log(b.stadium_id, 'payment.refused_by_us', 'booking', b.id::text,
                    jsonb_build_object('reason', v_reason, 'payment', pt.id));
    return query select 'lost', b.id, b.event_id, b.stadium_id, '{}'::int[], v_refund, app.seats_moved();
    return;
  end if;

  with issued as (
    insert into public.ticket (booking_id, line_id, event_id, seat_id)
    select b.id, l.id, b.event_id, l.seat_id from public.booking_line l
     where l.booking_id = b.id and l.kind = 'seat' returning seat_id)
  select coalesce(array_agg(seat_id), '{}') into v_seats from issued;
  if v_bays > 0 then
    insert into public.parking_pass (booking_id, line_id, car_park_id, bay_kind, starts_at, ends_at, plate)
    select b.id, l.id, c.car_park_id, c.bay_kind, c.starts_at, c.ends_at, c.plate
      from public.booking_line l join public.parking_claim c on c.id = l.parking_claim_id where l.booking_id = b.id;
  end if;
  update public.booking bk set state = 'paid', paid_at = now(), link_hash = coalesce(p_link_hash, bk.link_hash)
   where bk.id = b.id;
  perform app.queue_mail('tickets', b.contact_email, b.id, 'tickets:' || b.id);
  perform app.log(b.stadium_id, 'booking.paid', 'booking', b.id::text,
                  jsonb_build_object('total', b.total, 'currency', b.currency));
  return query select 'fulfilled', b.id, b.event_id, b.stadium_id, v_seats, null::bigint, app.seats_moved();
end $$;
