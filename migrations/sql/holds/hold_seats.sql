-- execute: cv_app
-- Hold every seat asked for, or refuse them all. The only writer of claims for buyers; the primary key of seat_claim is
-- the judge. Seats join the buyer's open hold for this event if there is one; own claims are extended, expired claims
-- of others are taken over.
-- p_types: one ticket type for each seat, or null for adults. Refuses with: NO_SESSION, NO_SEATS, MALFORMED,
-- DUPLICATE_SEATS, TOO_MANY_SEATS, UNKNOWN_SEATS, OTHER_GROUND, SEATS_TAKEN (detail: the lost seats), MEMBERS_ONLY
-- (detail: the members' seats), NOT_PRICED, COMPANION_ALONE (detail: the companions' seats) and the codes of
-- check_on_sale, first_held_at and check_share. p_address: extensions.client_key().
create or replace function app.hold_seats(p_event int, p_seats int[], p_types text[] default null,
                                          p_address bytea default null)
returns table (booking_id bigint, reference text, held_at timestamptz, expires_at timestamptz, currency text,
               face bigint, fee bigint, tax bigint, total bigint, version bigint, server_time timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  v_uid bigint := app.uid();
  v_count int := cardinality(p_seats);
  e public.event;
  b public.booking;
  v_open bigint;
  v_mine int;
  v_counts boolean;
  v_now timestamptz := clock_timestamp();
  v_first timestamptz;
  v_end timestamptz;
  v_bound boolean;
  v_got int[];
  v_alone int[];
  r record;
begin
  if v_uid is null then perform app.fail('NO_SESSION', 403); end if;
  if coalesce(v_count, 0) = 0 then perform app.fail('NO_SEATS', 422); end if;
  if v_count > 50 or array_position(p_seats, null) is not null
     or (p_types is not null and cardinality(p_types) <> v_count) then
    perform app.fail('MALFORMED', 422);
  end if;
  if v_count > 1 and (select count(distinct x) from unnest(p_seats) x) <> v_count then
    perform app.fail('DUPLICATE_SEATS', 422);
  end if;

  select * into e from public.event ev where ev.id = p_event;
  perform app.check_on_sale(e);

  -- From here on one hold at a time of this buyer for this event: their seats are counted under this lock.
  perform pg_advisory_xact_lock(app.buyer_lock(p_event, v_uid));
  select max(bk.id) filter (where bk.state = 'held'),
         count(*) filter (where not app.has_lapsed(c.state, c.expires_at, v_now)
                            and not (bk.state = 'held' and c.seat_id = any (p_seats))),
         bool_or(app.clock_until(bk.state, bk.closed_at, bk.expires_at) > v_now)
    into v_open, v_mine, v_counts
    from public.booking bk left join public.seat_claim c on c.booking_id = bk.id
   where bk.customer_id = v_uid and bk.event_id = p_event
     and bk.state in ('held', 'paying', 'paid', 'released', 'expired');
  if v_open is not null then
    -- Locked and looked at again: if the other tab has begun to pay for it meanwhile, nothing is added, and these seats
    -- get a new hold.
    select * into b from public.booking bk where bk.id = v_open and bk.state = 'held' for no key update;
    if app.has_lapsed(b.state, b.expires_at, v_now) then
      perform app.close_booking(b.id, 'expired');
      b := null;
    end if;
  end if;
  if v_mine + v_count > e.buyer_limit then
    perform app.fail('TOO_MANY_SEATS', 409,
                     jsonb_build_object('limit', e.buyer_limit, 'have', v_mine, 'asked', v_count));
  end if;
  if p_address is not null or v_mine + v_count > app.unpaid_share('seat_browser', 0) then
    v_bound := app.check_share(e, v_uid, p_address, v_mine, p_seats);
  end if;

  -- Priced once: the sums go into the booking, the arrays into its lines.
  select count(*) as known, count(p.face) as priced, array_agg(t.id order by t.id) as seats,
         array_agg(t.band order by t.id) as bands,
         array_agg(p.ticket_type order by t.id) as types, array_agg(p.face order by t.id) as faces,
         array_agg(a.fee order by t.id) as fees,
         array_agg(a.tax order by t.id) as taxes, array_agg(a.total order by t.id) as totals,
         sum(p.face) as face, sum(a.fee) as fee, sum(a.tax) as tax, sum(a.total) as total, min(s.currency) as currency,
         array_agg(t.id order by t.id) filter (where t.kind = 'members') as members,
         bool_or(t.kind = 'companion') as has_companions
    into r
    from unnest(p_seats, p_types) as w (seat_id, ticket_type)
    join public.seat t on t.id = w.seat_id and t.layout_id = e.layout_id
    join public.stadium s on s.id = e.stadium_id
    left join public.event_price p on p.event_id = p_event and p.band = t.band
       and p.ticket_type = coalesce(w.ticket_type, 'adult')
    left join lateral app.line_amounts(p.face, s.fee_bp, s.fee_each, s.tax_bp, s.tax_inside,
                                       app.money_step(s.currency)) a on true;
  if r.known <> v_count then
    if exists (select from public.seat t where t.id = any (p_seats) and t.layout_id <> e.layout_id) then
      perform app.fail('OTHER_GROUND', 422);
    end if;
    perform app.fail('UNKNOWN_SEATS', 404);
  end if;
  if r.priced <> v_count then perform app.fail('NOT_PRICED', 422); end if;
  if r.members is not null
     and not exists (select from public.membership m
                      where m.customer_id = v_uid and m.stadium_id = e.stadium_id and m.until >= current_date) then
    perform app.fail('MEMBERS_ONLY', 403, jsonb_build_object('seats', to_jsonb(r.members)));
  end if;

  if r.has_companions then
    v_alone := app.companions_alone(e, p_seats || array(select c.seat_id from public.booking bk
                                                          join public.seat_claim c on c.booking_id = bk.id
                                                         where bk.customer_id = v_uid and bk.event_id = p_event
                                                           and (bk.id = b.id or c.state = 'sold')), p_seats);
    if v_alone is not null then
      perform app.fail('COMPANION_ALONE', 409, jsonb_build_object('seats', to_jsonb(v_alone)));
    end if;
  end if;

  v_first := coalesce(b.held_at, case when v_counts then app.first_held_at(v_uid, p_event, e.stadium_id) end, v_now);
  v_end := app.hold_end(e.hold_minutes, v_first);
  if b.id is null then
    insert into public.booking (reference, customer_id, stadium_id, event_id, currency, face, fee, tax, total, held_at,
                                expires_at, policy)
    values (app.new_reference(), v_uid, e.stadium_id, p_event, r.currency, r.face, r.fee, r.tax, r.total, v_first,
            v_end,
            app.refund_policy(e.refund_until_hours, e.refund_share_bp, e.refund_keeps_fees))
    returning * into b;
  end if;
  if v_bound then perform app.note_address(b.id, p_address); end if;

  with claimed as (
    insert into public.seat_claim as c (event_id, seat_id, booking_id, state, expires_at)
    select p_event, x, b.id, 'held', v_end from unnest(r.seats) x
    on conflict (event_id, seat_id) do update set booking_id = excluded.booking_id, state = 'held',
      expires_at = excluded.expires_at
      -- What others held comes back to the waiting list first, where there is one.
      where app.has_lapsed(c.state, c.expires_at) and e.listed_at is null
         or (c.state = 'held' and c.booking_id = excluded.booking_id)
    returning c.seat_id)
  select array_agg(seat_id) into v_got from claimed;
  if cardinality(v_got) is distinct from v_count then
    perform app.fail('SEATS_TAKEN', 409,
                     jsonb_build_object('seats', (select jsonb_agg(x) from unnest(p_seats) x
                                                   where x <> all (coalesce(v_got, '{}')))));
  end if;

  insert into public.booking_line (booking_id, kind, seat_id, band, ticket_type, face, fee, tax, total)
  select b.id, 'seat', w.* from unnest(r.seats, r.bands, r.types, r.faces, r.fees, r.taxes, r.totals) w
  on conflict (booking_id, seat_id) do update set ticket_type = excluded.ticket_type, face = excluded.face,
    fee = excluded.fee,
    tax = excluded.tax, total = excluded.total
   where p_types is not null;  -- asked again without types, a child's seat stays a child's

  if b.id = v_open then
    -- The hold existed before: its other seats get the same end, and its totals grow.
    update public.seat_claim c set expires_at = v_end
     where c.booking_id = b.id and c.state = 'held' and c.expires_at <> v_end;
    update public.parking_claim c set expires_at = v_end where c.booking_id = b.id and c.state = 'held';
    update public.booking bk set expires_at = v_end where bk.id = b.id;
    perform app.total_booking(b.id);
    select * into b from public.booking bk where bk.id = b.id;
  end if;
  return query select b.id, b.reference, b.held_at, v_end, b.currency, b.face, b.fee, b.tax, b.total,
                      nextval('public.seat_version'), clock_timestamp();
end $$;
