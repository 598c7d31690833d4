-- execute: cv_app
-- Hold one bay of a kind for a window [p_starts, p_ends). A car park's bays are a capacity: its row is locked, expired
-- holds are dropped, the peak of overlapping claims is computed, and only then a claim is written. With an event the
-- bay joins the seats' hold. p_address: extensions.client_key().
create or replace function app.hold_parking(p_car_park int, p_kind text, p_event int, p_starts timestamptz,
                                            p_ends timestamptz, p_plate text, p_address bytea default null)
returns table (booking_id bigint, reference text, line_id bigint, expires_at timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  v_uid bigint := app.uid();
  v_plate text := app.kept_plate(p_plate);
  p public.car_park;
  k public.car_park_bays;
  s public.stadium;
  e public.event;
  b public.booking;
  o record;
  v_claim bigint;
  v_line bigint;
  v_have int;
  v_problem text;
  v_bound boolean;
  v_first timestamptz;
  v_end timestamptz;
begin
  if v_uid is null then perform app.fail('NO_SESSION', 403); end if;
  if p_starts is null or p_ends is null or p_starts >= p_ends then perform app.fail('BAD_WINDOW', 422); end if;

  select * into p from public.car_park c where c.id = p_car_park;
  if p.id is null then perform app.fail('UNKNOWN_CAR_PARK', 404); end if;
  select * into s from public.stadium st where st.id = p.stadium_id;
  if p_event is not null then
    select * into e from public.event ev where ev.id = p_event;
    perform app.check_on_sale(e);
    if e.stadium_id <> p.stadium_id then perform app.fail('OTHER_GROUND', 422); end if;
    if p_starts < e.gates_open_at - interval '3 hours' or p_ends > e.ends_at + interval '3 hours' then
      perform app.fail('BAD_WINDOW', 422);
    end if;
    perform pg_advisory_xact_lock(app.buyer_lock(p_event, v_uid));
  else
    v_problem := app.parking_problem(s.time_zone, p_starts, p_ends);
    if v_problem is not null then perform app.fail(v_problem, 422); end if;
  end if;
  -- A buyer's bays at one ground are counted under this lock, whatever event they are for.
  perform pg_advisory_xact_lock(app.buyer_lock(-s.id, v_uid));

  -- From here on one buyer at a time in this car park.
  perform 1 from public.car_park c where c.id = p.id for no key update;
  select * into k from public.car_park_bays cb where cb.car_park_id = p.id and cb.kind = p_kind;
  if k.car_park_id is null then perform app.fail('NO_SUCH_BAY', 422); end if;
  delete from public.parking_claim c
   where c.car_park_id = p.id and c.bay_kind = p_kind and app.has_lapsed(c.state, c.expires_at);
  select * into o from app.bay_offer(p, k, p_starts, p_ends, p_event is not null);
  if o.state = 'closed' then perform app.fail('CAR_PARK_CLOSED'); end if;
  if o.state = 'late' then
    perform app.fail('PARKING_CUTOFF', 409, jsonb_build_object('minutes', p.cutoff_minutes));
  end if;
  if o.state = 'full' then perform app.fail('CAR_PARK_FULL', 409, jsonb_build_object('kind', p_kind)); end if;
  v_have := app.bays_of(v_uid, s.id, p_event, p_starts, p_ends);
  if v_have >= app.bay_limit() then
    perform app.fail('PARKING_LIMIT', 409, jsonb_build_object('limit', app.bay_limit(), 'have', v_have));
  end if;
  v_bound := p_address is not null and not app.is_known_buyer(v_uid);
  if v_bound
     and (select count(*) from public.booking_address a join public.parking_claim c on c.booking_id = a.booking_id
            join public.booking bk on bk.id = c.booking_id join public.customer cu on cu.id = bk.customer_id
           where a.address_key = p_address and c.car_park_id = p.id and c.bay_kind = p_kind
             and c.state in ('held', 'paying') and not app.is_over(c.expires_at) and cu.kind <> 'fan')
         >= app.unpaid_share('bay_address', k.capacity - o.taken) then
    perform app.fail('ADDRESS_SHARE');
  end if;

  -- Locked, because the buyer may begin to pay in another tab: nothing is added to what is being paid.
  if p_event is not null then
    select * into b from public.booking bk
     where bk.customer_id = v_uid and bk.event_id = p_event and bk.state = 'held' for no key update;
  else
    select * into b from public.booking bk
     where bk.customer_id = v_uid and bk.event_id is null and bk.stadium_id = s.id and bk.state = 'held'
     order by bk.id desc limit 1 for no key update;
  end if;
  if app.has_lapsed(b.state, b.expires_at) then
    perform app.close_booking(b.id, 'expired');
    b := null;
  end if;
  v_first := coalesce(b.held_at, app.first_held_at(v_uid, p_event, s.id));
  v_end := app.hold_end(coalesce(e.hold_minutes, app.usual_hold_minutes()), v_first);
  if b.id is null then
    insert into public.booking (reference, customer_id, stadium_id, event_id, currency, face, fee, tax, total, held_at,
                                expires_at, policy)
    values (app.new_reference(), v_uid, s.id, p_event, s.currency, 0, 0, 0, 0, v_first, v_end,
            case when p_event is null then app.parking_policy()
                 else app.refund_policy(e.refund_until_hours, e.refund_share_bp, e.refund_keeps_fees) end)
    returning * into b;
  end if;
  if v_bound then perform app.note_address(b.id, p_address); end if;
  insert into public.parking_claim (car_park_id, bay_kind, booking_id, starts_at, ends_at, plate, state, expires_at)
  values (p.id, p_kind, b.id, p_starts, p_ends, v_plate, 'held', v_end) returning id into v_claim;
  insert into public.booking_line (booking_id, kind, parking_claim_id, face, fee, tax, total)
  select b.id, 'parking', v_claim, o.face, a.fee, a.tax, a.total
    from app.line_amounts(o.face, 0, 0, s.tax_bp, s.tax_inside, app.money_step(s.currency)) a
  returning id into v_line;
  update public.seat_claim c set expires_at = v_end where c.booking_id = b.id and c.state = 'held';
  update public.parking_claim c set expires_at = v_end where c.booking_id = b.id and c.state = 'held';
  update public.booking bk set expires_at = v_end where bk.id = b.id;
  perform app.total_booking(b.id);
  return query select b.id, b.reference, v_line, v_end;
end $$;
