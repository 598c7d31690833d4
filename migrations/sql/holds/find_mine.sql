-- execute: cv_app
-- What this person has at an event, or of parking without a match at a ground, as its page shows it: {is_member,
-- bookings}. Of the bookings those that are being paid and holds that are open or have ended within p_ended, the newest
-- first, ten at most. A hold whose time is not over, and nothing else, comes with its lines, seats first: `label` are
-- the words of seating.labels.SeatLabel in their order, `parking` those of a bay. is_member: of the event's ground,
-- today.
create or replace function app.find_mine(p_event int, p_stadium int, p_ended interval) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan as $$
declare
  v_uid bigint := app.uid();
  v_now timestamptz := clock_timestamp();
  v_found jsonb := '[]';
  v_lines jsonb;
  b record;
begin
  for b in
    select k.id, k.reference, k.state, k.held_at, k.expires_at, k.face, k.fee, k.tax, k.total, k.policy
      from public.booking k
     where k.customer_id = v_uid and k.event_id is not distinct from p_event
       and (p_event is not null or k.stadium_id = p_stadium)
       and (k.state = 'paying' or k.state in ('held', 'expired') and k.expires_at > v_now - p_ended)
     order by k.id desc limit 10
  loop
    v_lines := null;
    if b.state = 'held' and not app.has_lapsed(b.state, b.expires_at, v_now) then
      select coalesce(jsonb_agg(jsonb_build_object(
               'id', l.id, 'kind', l.kind, 'seat_id', l.seat_id, 'band', l.band, 'ticket_type', l.ticket_type,
               'face', l.face, 'fee', l.fee, 'tax', l.tax, 'total', l.total,
               'label', case when s.id is not null then
                          jsonb_build_array(s.id, st.name, v.name, y.name, r.name, s.number, g.code, g.zone, s.kind,
                                            s.band) end,
               'parking', case when c.id is not null then
                            jsonb_build_object('car_park', p.name, 'plate', c.plate, 'bay_kind', c.bay_kind,
                                               'starts_at', c.starts_at, 'ends_at', c.ends_at) end)
               order by l.kind <> 'seat', l.seat_id, l.id), '[]') into v_lines
        from public.booking_line l
        left join public.seat s on s.id = l.seat_id
        left join public.seat_row r on r.id = s.row_id
        left join public.bay y on y.id = r.bay_id
        left join public.level v on v.id = y.level_id
        left join public.stand st on st.id = v.stand_id
        left join public.gate g on g.id = y.gate_id
        left join public.parking_claim c on c.id = l.parking_claim_id
        left join public.car_park p on p.id = c.car_park_id
       where l.booking_id = b.id;
    end if;
    v_found := v_found || jsonb_build_array(to_jsonb(b) || jsonb_build_object('lines', v_lines));
  end loop;
  return jsonb_build_object('bookings', v_found, 'is_member', v_uid is not null and exists (
    select from public.membership m join public.event e on e.stadium_id = m.stadium_id
     where e.id = p_event and m.customer_id = v_uid and m.until >= current_date));
end $$;
