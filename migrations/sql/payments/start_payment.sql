-- execute: cv_app
-- The buyer pays: all claims become `paying` (until the end of the hold and the grace after it), and the attempt is
-- written with its idempotency key before Stripe hears of it. Asked again, the same attempt is returned; a new name or
-- e-mail is kept with it. An order has three intents at most, and after too many declined cards there is a pause
-- (app.card_pause). p_address: extensions.client_key(); p_email_key is what the version before sends.
create or replace function app.start_payment(p_booking bigint, p_name text, p_email text, p_email_key text,
                                             p_address bytea default null)
returns table (payment_id bigint, booking_id bigint, reference text, kind text, state text, amount bigint,
               currency text, idempotency_key text, intent_id text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  b public.booking;
  c public.customer;
  e public.event;
  pt public.payment_transaction;
  v_lines int;
  v_claims int;
  v_others bigint;
  v_pause timestamptz;
  v_name text;
  v_email text;
  v_key text;
begin
  select * into b from public.booking bk where bk.id = p_booking and bk.customer_id = app.uid() for update;
  if b.id is null then perform app.fail('UNKNOWN_BOOKING', 404); end if;
  if b.state in ('paid', 'refunded') then
    perform app.fail('ALREADY_PAID', 409, jsonb_build_object('booking_id', b.id));
  end if;
  if b.state = 'lost' then perform app.fail('SEATS_LOST', 410); end if;
  if b.state in ('released', 'expired') then
    perform app.fail('HOLD_ENDED', 410, jsonb_build_object('by', b.state));
  end if;
  select * into c from public.customer cu where cu.id = b.customer_id;
  v_name := coalesce(app.kept_name(p_name), b.contact_name, c.name);
  v_email := coalesce(nullif(p_email, ''), b.contact_email, c.email);
  v_key := case when nullif(p_email, '') is not null then app.mailbox(p_email)
                else coalesce(b.email_key, c.email_key) end;
  if v_email is null or v_name is null then perform app.fail('CONTACT_NEEDED', 422); end if;

  if b.total > 0 and b.total < app.least_charge(b.currency) then
    perform app.fail('TOO_LITTLE', 422,
                     jsonb_build_object('currency', b.currency, 'least', app.least_charge(b.currency)));
  end if;

  if b.total > 0 then
    v_pause := app.card_pause(b.customer_id, p_address);
    if v_pause is not null then
      perform app.fail('CARDS_PAUSED', 429,
                       jsonb_build_object('until', v_pause,
                                          'minutes', ceil(extract(epoch from v_pause - clock_timestamp()) / 60)::int));
    end if;
  end if;
  if b.state = 'paying' then
    select * into pt from public.payment_transaction p
     where p.booking_id = b.id and p.state not in ('failed', 'canceled');
    if pt.id is not null
       and (v_name, v_email, v_key) is not distinct from (b.contact_name, b.contact_email, b.email_key) then
      return query select pt.id, b.id, b.reference, pt.kind, pt.state, pt.amount, pt.currency, pt.idempotency_key,
                          pt.intent_id;
      return;
    end if;
  end if;
  if pt.id is null and app.is_over(b.expires_at) then
    perform app.fail('HOLD_ENDED', 410, jsonb_build_object('by', b.state));
  end if;
  if b.event_id is not null then
    select * into e from public.event ev where ev.id = b.event_id;
    if e.state = 'cancelled' then perform app.fail('EVENT_CANCELLED'); end if;
    -- Told before the money moves; the settlement judges. What somebody has only typed counts for nobody.
    v_others := app.sold_to(b.event_id, b.customer_id, v_key, b.id);
    if v_others + (select count(*) from public.seat_claim sc where sc.booking_id = b.id) > e.buyer_limit then
      perform app.fail('TOO_MANY_SEATS', 409,
                       jsonb_build_object('limit', e.buyer_limit, 'have', v_others, 'by', 'email'));
    end if;
  end if;

  if pt.id is not null then
    -- The fan has put the name or the address right before paying again: the tickets go to the new one.
    update public.booking bk set contact_name = v_name, contact_email = v_email, email_key = v_key where bk.id = b.id;
    update public.customer cu set name = v_name, email = v_email, email_key = v_key
     where cu.id = b.customer_id and cu.kind = 'guest';
    return query select pt.id, b.id, b.reference, pt.kind, pt.state, pt.amount, pt.currency, pt.idempotency_key,
                        pt.intent_id;
    return;
  end if;

  select count(*) into v_lines from public.booking_line l where l.booking_id = b.id;
  if v_lines = 0 then perform app.fail('EMPTY_BOOKING', 422); end if;
  if b.total > 0 then perform app.check_tries(b); end if;
  update public.seat_claim sc set state = 'paying', expires_at = b.expires_at + app.payment_grace()
   where sc.booking_id = b.id and sc.state in ('held', 'paying');
  get diagnostics v_claims = row_count;
  update public.parking_claim pc set state = 'paying', expires_at = b.expires_at + app.payment_grace()
   where pc.booking_id = b.id and pc.state in ('held', 'paying');
  v_claims := v_claims + (select count(*) from public.parking_claim pc where pc.booking_id = b.id);
  if v_claims <> v_lines then perform app.fail('HOLD_ENDED', 410, jsonb_build_object('by', b.state)); end if;

  perform app.note_address(b.id, p_address);
  update public.booking bk set state = 'paying', contact_name = v_name, contact_email = v_email, email_key = v_key
   where bk.id = b.id;
  update public.customer cu set kind = 'guest', name = v_name, email = v_email, email_key = v_key
   where cu.id = b.customer_id and cu.kind in ('visitor', 'guest');
  insert into public.payment_transaction as p (booking_id, kind, amount, currency, attempt, idempotency_key)
  select b.id, case when b.total = 0 then 'none' else 'stripe' end, b.total, b.currency, x.n,
         'pi:' || b.reference || ':' || x.n
    from (select coalesce(max(o.attempt), 0) + 1 as n from public.payment_transaction o where o.booking_id = b.id) x
  returning * into pt;
  return query select pt.id, b.id, b.reference, pt.kind, pt.state, pt.amount, pt.currency, pt.idempotency_key,
                      pt.intent_id;
end $$;
