-- Asha's own bookings, made by the same functions that serve the pages, in her name: one with parking, one of which a
-- ticket is refunded. She paid at the counter: no provider is asked. Her confirmation mails wait in the outbox like
-- anybody's.

-- One row of the audit trail for each ground says where these bookings came from.
select app.log(s.id, 'demo.sales_made', 'stadium', s.id::text, jsonb_build_object('bookings', count(*)))
  from demo_sale d join stadium s on s.id = d.stadium_id group by s.id;

do $$
declare
  v_asha bigint := (select id from public.customer where kind = 'fan' and email_key = 'asha@demo.cricverse.example');
  v_name text := (select name from public.customer where id = v_asha);
  v_key text := 'asha@demo.cricverse.example';
  v_event record;
  v_hold record;
  v_pay record;
  v_seats int[];
  v_outcome text;
begin
  perform app.act_as(v_asha);
  for v_event in
    select e.*, f.number, f.slug from demo_fixture f join public.event e on e.id = f.event_id
     where f.number in (26, 28) order by f.number
  loop
    select array_agg(x.id) into v_seats from (
      select t.id from public.seat t
       where t.row_id = (select r.row_id from (select s.row_id, max(s.quality) as best from public.seat s
                                                where s.layout_id = v_event.layout_id and s.band = 'B'
                                                  and s.kind = 'standard'
                                                  and not exists (select from public.seat_claim c
                                                                   where c.event_id = v_event.id and c.seat_id = s.id)
                                                group by s.row_id having count(*) >= 3) r
                          order by r.best desc, r.row_id limit 1)
         and t.kind = 'standard' and not exists (select from public.seat_claim c
                                                  where c.event_id = v_event.id and c.seat_id = t.id)
       order by t.position limit 3) x;
    select * into v_hold from app.hold_seats(v_event.id, v_seats, array['adult', 'adult', 'child']);
    if v_event.number = 26 then
      perform 1 from app.hold_parking((select c.id from public.car_park c
                                        where c.stadium_id = v_event.stadium_id and c.zone = 1), 'standard', v_event.id,
                                      v_event.gates_open_at - interval '30 minutes',
                                      v_event.ends_at + interval '1 hour', 'ASHA 24');
    end if;
    select * into v_pay from app.start_payment(v_hold.booking_id, v_name, v_key, v_key);
    update public.payment_transaction set kind = 'cash' where id = v_pay.payment_id;
    select s.outcome into v_outcome
      from app.settle_payment(null, 'succeeded', v_pay.amount, v_pay.currency, 0, null, null, null, v_pay.payment_id) s;
    if v_outcome <> 'fulfilled' then
      raise exception 'the demo booking of event % ended as %', v_event.id, v_outcome;
    end if;
  end loop;
  perform 1 from app.request_refund(v_hold.booking_id,
                                    array[(select max(l.id) from public.booking_line l
                                            where l.booking_id = v_hold.booking_id)], 'fan');
  while app.seal_log() > 0 loop end loop;
  perform app.act_as(null);
end $$;
