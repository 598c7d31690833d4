-- execute: cv_app
-- Hold every seat asked for, or refuse them all. The only writer of claims for buyers; the primary key of seat_claim is the judge.
-- Seats join the buyer's open hold for this event if there is one; own claims are extended, expired claims of others are taken over.
-- p_types: one ticket type for each seat, or null for adults. Refuses with: NO_SESSION, NO_SEATS, MALFORMED, DUPLICATE_SEATS,
-- TOO_MANY_SEATS, UNKNOWN_SEATS, OTHER_GROUND, SEATS_TAKEN (detail: the lost seats), NOT_PRICED and the codes of check_on_sale.
create or replace function app.hold_seats(p_event int, p_seats int[], p_types text[] default null)
returns table (booking_id bigint, reference text, held_at timestamptz, expires_at timestamptz, currency text,
               face bigint, fee bigint, tax bigint, total bigint, version bigint, server_time timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  v_uid bigint := app.uid();
  v_count int := cardinality(p_seats);
  e public.event;
  s public.stadium;
  b public.booking;
  v_mine int;
  v_known int;
  v_priced int;
  v_got int[];
  v_end timestamptz;
begin
  if v_uid is null then perform app.fail('NO_SESSION', 403); end if;
  if coalesce(v_count, 0) = 0 then perform app.fail('NO_SEATS', 422); end if;
  if v_count > 50 or array_position(p_seats, null) is not null or (p_types is not null and cardinality(p_types) <> v_count) then
    perform app.fail('MALFORMED', 422);
  end if;
  if (select count(distinct x) from unnest(p_seats) x) <> v_count then perform app.fail('DUPLICATE_SEATS', 422); end if;

  select * into e from public.event ev where ev.id = p_event;
  perform app.check_on_sale(e);
  select * into s from public.stadium st where st.id = e.stadium_id;

  perform pg_advisory_xact_lock(app.buyer_lock(p_event, v_uid));
  select * into b from public.booking bk where bk.customer_id = v_uid and bk.event_id = p_event and bk.state = 'held';
  if b.id is not null and b.expires_at <= clock_timestamp() then
    perform app.close_booking(b.id, 'expired');
    b := null;
  end if;
  if b.id is null then
    v_mine := app.seats_of(p_event, v_uid);
  else
    v_mine := app.seats_of(p_event, v_uid)
      - (select count(*)::int from public.seat_claim c where c.booking_id = b.id and c.seat_id = any (p_seats));
  end if;
  if v_mine + v_count > e.buyer_limit then
    perform app.fail('TOO_MANY_SEATS', 409, jsonb_build_object('limit', e.buyer_limit, 'have', v_mine, 'asked', v_count));
  end if;

  -- A new booking is priced before it is written, so that its row is written once.
  v_end := app.hold_end(e.hold_minutes, coalesce(b.held_at, clock_timestamp()));
  if b.id is null then
    insert into public.booking (reference, customer_id, stadium_id, event_id, currency, face, fee, tax, total, held_at, expires_at, policy)
    select app.new_reference(), v_uid, s.id, e.id, s.currency, coalesce(sum(p.face), 0), coalesce(sum(a.fee), 0), coalesce(sum(a.tax), 0),
           coalesce(sum(a.total), 0), clock_timestamp(), v_end,
           jsonb_build_object('until_hours', e.refund_until_hours, 'share_bp', e.refund_share_bp, 'keeps_fees', e.refund_keeps_fees)
      from unnest(p_seats, p_types) as w (seat_id, ticket_type)
      join public.seat t on t.id = w.seat_id and t.layout_id = e.layout_id
      join public.event_price p on p.event_id = e.id and p.band = t.band and p.ticket_type = coalesce(w.ticket_type, 'adult')
      cross join lateral app.line_amounts(p.face, s.fee_bp, s.fee_each, s.tax_bp, s.tax_inside) a
    returning * into b;
  end if;

  with asked as (select t.id from public.seat t where t.id = any (p_seats) and t.layout_id = e.layout_id order by t.id),
  claimed as (
    insert into public.seat_claim as c (event_id, seat_id, booking_id, state, expires_at)
    select p_event, asked.id, b.id, 'held', v_end from asked
    on conflict (event_id, seat_id) do update set booking_id = excluded.booking_id, state = 'held', expires_at = excluded.expires_at
      where c.state = 'held' and (c.expires_at <= clock_timestamp() or c.booking_id = excluded.booking_id)
    returning c.seat_id)
  select coalesce(array_agg(seat_id), '{}'), (select count(*) from asked) into v_got, v_known from claimed;

  if v_known <> v_count then
    if exists (select from public.seat t where t.id = any (p_seats) and t.layout_id <> e.layout_id) then
      perform app.fail('OTHER_GROUND', 422);
    end if;
    perform app.fail('UNKNOWN_SEATS', 404);
  end if;
  if cardinality(v_got) <> v_count then
    perform app.fail('SEATS_TAKEN', 409, jsonb_build_object('seats', (select jsonb_agg(x) from unnest(p_seats) x where x <> all (v_got))));
  end if;

  with priced as (
    insert into public.booking_line as l (booking_id, kind, seat_id, band, ticket_type, face, fee, tax, total)
    select b.id, 'seat', t.id, t.band, p.ticket_type, p.face, a.fee, a.tax, a.total
      from unnest(p_seats, p_types) with ordinality as w (seat_id, ticket_type, n)
      join public.seat t on t.id = w.seat_id
      join public.event_price p on p.event_id = e.id and p.band = t.band and p.ticket_type = coalesce(w.ticket_type, 'adult')
      cross join lateral app.line_amounts(p.face, s.fee_bp, s.fee_each, s.tax_bp, s.tax_inside) a
     order by w.n
    on conflict (booking_id, seat_id) do update set ticket_type = excluded.ticket_type, face = excluded.face, fee = excluded.fee,
      tax = excluded.tax, total = excluded.total
    returning 1)
  select count(*) into v_priced from priced;
  if v_priced <> v_count then perform app.fail('NOT_PRICED', 422); end if;

  if b.expires_at <> v_end or b.created_at <> now() then
    -- The hold existed before: its other seats get the same end, and its totals grow.
    update public.seat_claim c set expires_at = v_end where c.booking_id = b.id and c.state = 'held' and c.expires_at <> v_end;
    update public.parking_claim c set expires_at = v_end where c.booking_id = b.id and c.state = 'held';
    update public.booking bk set expires_at = v_end where bk.id = b.id;
    perform app.total_booking(b.id);
    select * into b from public.booking bk where bk.id = b.id;
  end if;
  return query select b.id, b.reference, b.held_at, v_end, b.currency, b.face, b.fee, b.tax, b.total, nextval('public.seat_version'), clock_timestamp();
end $$;
