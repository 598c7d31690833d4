-- What is sold already: bookings of two to four neighbours, paid at the ground's counter (cash), with their claims,
-- payments, tickets and some parking. The rows are those that the sale itself writes, made in bulk because there are
-- thousands of them.

-- Buyers: guests, each with at most one booking an event, so the buyer limit holds.
create temporary table demo_guest on commit drop as
select nextval(pg_get_serial_sequence('customer', 'id')) as id, n,
       (string_to_array('Aisha,Beth,Carlos,Dora,Ewan,Freya,Gus,Hana,Imran,Jude,Kiran,Lena,Milo,Nadia,Owen,Priya,Rory,Sofia,Tamsin,Vikram', ','))[1 + n % 20]
       || ' ' ||
       (string_to_array('Alder,Bright,Cheng,Dass,Elm,Forde,Gill,Hart,Ivey,Joyce,Kaur,Lowe,Marsh,Noor,Oakes,Patel,Quill,Reyes,Shaw,Tran,Underhill,Vale,Wren', ','))[1 + n % 23] as name,
       'guest' || lpad(n::text, 4, '0') || '@demo.cricverse.example' as email
  from generate_series(0, 2499) n;
insert into customer (id, kind, name, email, email_key) select id, 'guest', name, email, email from demo_guest;

-- Neighbours in a row form parties; a number made of the event and the party decides whether it has bought.
create temporary table demo_neighbours on commit drop as
select t.layout_id, t.row_id, (t.position - 1) / (2 + t.row_id % 3) as party, avg(t.quality) as quality,
       array_agg(t.id) as seats
  from seat t join layout l on l.id = t.layout_id join stadium s on s.id = l.stadium_id
 where s.slug in (select slug from demo_plan) and t.kind in ('standard', 'restricted', 'unreserved')
 group by t.layout_id, t.row_id, (t.position - 1) / (2 + t.row_id % 3);

create temporary table demo_party on commit drop as
select p.*, nextval(pg_get_serial_sequence('booking', 'id')) as booking_id, app.new_reference() as reference,
       row_number() over (partition by p.event_id order by p.luck, p.row_id, p.party) as nth
  from (select f.event_id, f.starts_at, f.sold, n.row_id, n.party, n.quality, n.seats,
               hashint8extended(n.row_id * 64 + n.party, f.number) & 1048575 as luck
          from demo_fixture f join event e on e.id = f.event_id join demo_neighbours n on n.layout_id = e.layout_id
         where f.sold > 0) p
 where p.luck % 1000 < case when p.sold > 900 then p.sold else p.sold * (0.5 + p.quality / 1000) end
   and not exists (select from seat_claim c where c.event_id = p.event_id and c.seat_id = any (p.seats));

create temporary table demo_sale on commit drop as
select p.*, g.id as customer_id, g.name, g.email, e.stadium_id, s.currency, s.fee_bp, s.fee_each, s.tax_bp,
       s.tax_inside, least(p.starts_at, now()) - interval '1 day' - (p.luck % 1700000) * interval '1 second' as paid_at,
       app.refund_policy(e.refund_until_hours, e.refund_share_bp, e.refund_keeps_fees) as policy,
       k.car_park_id, k.kind as bay_kind, k.match_price, e.gates_open_at - interval '30 minutes' as parks_at,
       e.ends_at + interval '1 hour' as leaves_at
  from demo_party p join event e on e.id = p.event_id join stadium s on s.id = e.stadium_id
  join demo_guest g on g.n = (p.nth + p.event_id * 97) % 2500
  left join car_park c on c.stadium_id = s.id and c.zone = 1
  left join car_park_bays k on k.car_park_id = c.id and k.kind = 'standard' and p.nth % 7 = 0
     and p.nth / 7 <= k.capacity * 0.9;

create temporary table demo_line on commit drop as
select nextval(pg_get_serial_sequence('booking_line', 'id')) as id, x.*
  from (select d.booking_id, d.event_id, d.paid_at, 'seat' as kind, t.id as seat_id, null::bigint as claim_id, t.band,
               pr.ticket_type, pr.face, a.fee, a.tax, a.total
          from demo_sale d
          cross join lateral unnest(d.seats) with ordinality w (seat_id, n)
          join seat t on t.id = w.seat_id
          join event_price pr on pr.event_id = d.event_id and pr.band = t.band
           and pr.ticket_type = case when w.n > 2 and d.luck % 3 = 0 then 'child' when d.luck % 8 = 1 then 'concession'
                                     else 'adult' end
          cross join lateral app.line_amounts(pr.face, d.fee_bp, d.fee_each, d.tax_bp, d.tax_inside,
                                              app.money_step(d.currency)) a
        union all
        select d.booking_id, d.event_id, d.paid_at, 'parking', null,
               nextval(pg_get_serial_sequence('parking_claim', 'id')), null, null, d.match_price, a.fee, a.tax, a.total
          from demo_sale d
          cross join lateral app.line_amounts(d.match_price, 0, 0, d.tax_bp, d.tax_inside,
                                              app.money_step(d.currency)) a
         where d.car_park_id is not null
         order by 1, 4 desc, 5) x;

insert into booking (id, reference, customer_id, stadium_id, event_id, state, currency, face, fee, tax, total, held_at,
                     expires_at, contact_name, contact_email, email_key, policy, paid_at, created_at)
select d.booking_id, d.reference, d.customer_id, d.stadium_id, d.event_id, 'paid', d.currency, l.face, l.fee, l.tax,
       l.total, d.paid_at - interval '4 minutes', d.paid_at + interval '6 minutes', d.name, d.email, d.email, d.policy,
       d.paid_at, d.paid_at - interval '4 minutes'
  from demo_sale d
  join (select booking_id, sum(face) as face, sum(fee) as fee, sum(tax) as tax, sum(total) as total
          from demo_line group by booking_id) l using (booking_id);

insert into parking_claim (id, car_park_id, bay_kind, booking_id, starts_at, ends_at, plate, state)
select l.claim_id, d.car_park_id, d.bay_kind, d.booking_id, d.parks_at, d.leaves_at,
       'DEMO' || lpad((d.booking_id % 10000)::text, 4, '0'), 'sold'
  from demo_line l join demo_sale d using (booking_id) where l.kind = 'parking';

insert into booking_line (id, booking_id, kind, seat_id, parking_claim_id, band, ticket_type, face, fee, tax, total)
select id, booking_id, kind, seat_id, claim_id, band, ticket_type, face, fee, tax, total from demo_line;

insert into seat_claim (event_id, seat_id, booking_id, state)
select event_id, seat_id, booking_id, 'sold' from demo_line where kind = 'seat';

insert into payment_transaction (booking_id, kind, state, amount, currency, attempt, idempotency_key, captured,
                                 created_at, updated_at, settled_at)
select b.id, 'cash', 'succeeded', b.total, b.currency, 1, 'cash:' || b.reference || ':1', b.total, b.created_at,
       b.paid_at, b.paid_at
  from booking b join demo_sale d on d.booking_id = b.id;

insert into ticket (booking_id, line_id, event_id, seat_id, issued_at)
select booking_id, id, event_id, seat_id, paid_at from demo_line where kind = 'seat';

insert into parking_pass (booking_id, line_id, car_park_id, bay_kind, starts_at, ends_at, plate, issued_at)
select l.booking_id, l.id, c.car_park_id, c.bay_kind, c.starts_at, c.ends_at, c.plate, l.paid_at
  from demo_line l join parking_claim c on c.id = l.claim_id;

-- Sold out is sold out: what nobody bought there is not for sale.
insert into seat_claim (event_id, seat_id, state)
select f.event_id, t.id, 'blocked'
  from demo_fixture f join event e on e.id = f.event_id join seat t on t.layout_id = e.layout_id
 where f.sold = 1000
    on conflict do nothing;
