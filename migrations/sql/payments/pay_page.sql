-- execute: cv_app
-- A booking as its pay page shows it to its buyer, under row security: its lines with their seats and bays, the attempt
-- that is still open, and until when declined cards keep the buyer waiting (p_address: see app.start_payment).
create or replace function app.pay_page(p_booking bigint, p_address bytea) returns json
language plpgsql volatile set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  v_page json;
begin
  select json_build_object(
         'booking', b,
         'lines',
         (select json_agg(x order by x.kind <> 'seat', x.seat_id, x.id)
            from (select l.*,
                         (select json_build_array(s.id, st.name, le.name, ba.name, r.name, s.number, g.code, g.zone,
                                                  s.kind, s.band)
                            from public.seat s join public.seat_row r on r.id = s.row_id
                            join public.bay ba on ba.id = r.bay_id join public.level le on le.id = ba.level_id
                            join public.stand st on st.id = le.stand_id join public.gate g on g.id = ba.gate_id
                           where s.id = l.seat_id) as label,
                         (select to_json(c) from public.parking_claim c where c.id = l.parking_claim_id) as claim,
                         (select to_json(k) from public.parking_claim c join public.car_park k on k.id = c.car_park_id
                           where c.id = l.parking_claim_id) as car_park
                    from public.booking_line l where l.booking_id = b.id) x),
         'payment',
         case when b.state = 'paying' then
           (select to_json(p) from public.payment_transaction p
             where p.booking_id = b.id and p.state in ('created', 'requires_action', 'processing')) end,
         'pause',
         case when b.state in ('held', 'paying') and b.total > 0 then app.payment_pause(p_address) end)
    into v_page
    from public.booking b where b.id = p_booking and b.customer_id = (select app.uid());
  return v_page;
end $$;
