-- execute: cv_app, cv_worker
-- A booking as its pages and mails show it, for its buyer, for whom a link has opened it (app.open_link), and for the
-- worker; under the row security of whoever asks. Lines come with their seat in words; tickets and
-- passes with their newest code, and of a ticket the transfer that counts: the one that was accepted, or an offer that
-- is still open (what a second holder offers to a third is not the first buyer's business).
create or replace function app.booking_page(p_booking bigint) returns json
language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  v_page json;
begin
  select json_build_object(
         'booking', b,
         'lines',
         (select json_agg(x order by x.id)
            from (select l.*,
                         (select json_build_array(s.id, st.name, le.name, ba.name, r.name, s.number, g.code, g.zone,
                                                  s.kind, s.band)
                            from public.seat s join public.seat_row r on r.id = s.row_id
                            join public.bay ba on ba.id = r.bay_id join public.level le on le.id = ba.level_id
                            join public.stand st on st.id = le.stand_id join public.gate g on g.id = ba.gate_id
                           where s.id = l.seat_id) as label
                    from public.booking_line l where l.booking_id = b.id) x),
         'tickets',
         (select json_agg(x order by x.line_id)
            from (select t.id, t.booking_id, t.line_id, t.event_id, t.seat_id, t.status, t.seq, t.issued_at, t.void_at,
                         t.hash, t.holder_name, t.link_hash, c.code, c.key_id,
                         (select to_json(y) from public.ticket_transfer y
                           where y.booking_id = b.id and y.ticket_id = t.id
                             and (y.state = 'accepted' or y.state = 'offered' and y.expires_at > now())
                           order by y.id limit 1) as transfer
                    from public.ticket t
                    left join lateral (select q.code, q.key_id from public.qr_code q
                                        where q.ticket_id = t.id and q.booking_id = b.id and q.revoked_at is null
                                        order by q.seq desc limit 1) c on true
                   where t.booking_id = b.id) x),
         'passes',
         (select json_agg(x order by x.line_id)
            from (select p.id, p.booking_id, p.line_id, p.car_park_id, p.bay_kind, p.starts_at, p.ends_at, p.plate,
                         p.status, p.seq, p.issued_at, p.void_at, p.hash, c.code, c.key_id, to_json(k) as car_park
                    from public.parking_pass p join public.car_park k on k.id = p.car_park_id
                    left join lateral (select q.code, q.key_id from public.qr_code q
                                        where q.pass_id = p.id and q.booking_id = b.id and q.revoked_at is null
                                        order by q.seq desc limit 1) c on true
                   where p.booking_id = b.id) x),
         'payments',
         (select json_agg(p order by p.id) from public.payment_transaction p where p.booking_id = b.id),
         'refunds',
         (select json_agg(x order by x.id)
            from (select r.*, (select json_agg(y) from public.refund_line y where y.refund_id = r.id) as lines
                    from public.refund r where r.booking_id = b.id) x),
         'offer',
         case when b.state in ('paid', 'refunded') then (select json_agg(o) from app.refund_offer(b.id) o) end)
    into v_page
    from public.booking b
   where b.id = p_booking
     and (session_user = 'cv_worker' or b.customer_id = (select app.uid()) or b.id = (select app.link()));
  return v_page;
end $$;
