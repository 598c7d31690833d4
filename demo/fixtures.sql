-- The fixture list, with dates relative to the day of seeding: sixteen matches behind us, and weeks to come at every
-- ground. What was played, ball by ball, comes from demo/scores.py; `result` is what the scoring engine makes of it.
-- Tomorrow's practice match has no line-ups yet: it is there for trying the scorer's console. `starts` is the local
-- time at the ground; `sold` is the share of seats already sold, in thousandths (see sales.sql). A match of several
-- days has a line, and so tickets, for each of them; a match with a `ticket` is seen on that of another match, the
-- first of a double-header.

create temporary table demo_fixture (number int, day int, slug text, home text, away text, starts time, hours interval,
                                     competition text, format text, result text, state text, sold int,
                                     price numeric, sale_opens interval, buyer_limit int, until_hours int, share_bp int,
                                     keeps_fees boolean, ticket int, event_id int, match_id int, part int,
                                     starts_at timestamptz) on commit drop;
insert into demo_fixture values
  (10, -64, 'lanternside-oval', 'harbour-terns', 'waitemata-keas', '19:10', '3:40', 'Evening League', 'T20', 'Harbour Terns won by 6 wickets', 'on_sale', 5, 1, null, 8, 24, 10000, true, null),
  (11, -57, 'ironbark-stadium', 'moreton-kites', 'torrens-herons', '18:30', '3:40', 'Evening League', 'T20', 'Torrens Herons won by 19 runs', 'on_sale', 2, 1, null, 8, 24, 10000, true, null),
  (12, -50, 'tidewall-park', 'waitemata-keas', 'derwent-larks', '19:10', '3:40', 'Evening League', 'T20', 'Waitemata Keas won by 15 runs', 'on_sale', 12, 1, null, 8, 24, 10000, true, null),
  (13, -43, 'moor-lane', 'capital-kestrels', 'harbour-terns', '18:30', '3:40', 'Evening League', 'T20', 'Capital Kestrels won by 18 runs', 'on_sale', 60, 1, null, 8, 24, 10000, true, null),
  (14, -36, 'reedbed-oval', 'torrens-herons', 'derwent-larks', '19:10', '3:40', 'Evening League', 'T20', 'Torrens Herons won by 38 runs', 'on_sale', 5, 1, null, 8, 24, 10000, true, null),
  (15, -29, 'lanternside-oval', 'bayside-lamplighters', 'moreton-kites', '19:10', '3:40', 'Evening League', 'T20', 'Bayside Lamplighters won by 8 wickets', 'on_sale', 8, 1, null, 8, 24, 10000, true, null),
  (2, -27, 'ironbark-stadium', 'moreton-kites', 'harbour-terns', '11:00', '7:30', 'Four-Day Trophy', 'First-class', 'Moreton Kites won by 2 wickets', 'on_sale', 2, 0.6, null, 8, 24, 10000, true, null),
  (2, -26, 'ironbark-stadium', 'moreton-kites', 'harbour-terns', '11:00', '7:30', 'Four-Day Trophy', 'First-class', 'Moreton Kites won by 2 wickets', 'on_sale', 2, 0.6, null, 8, 24, 10000, true, null),
  (2, -25, 'ironbark-stadium', 'moreton-kites', 'harbour-terns', '11:00', '7:30', 'Four-Day Trophy', 'First-class', 'Moreton Kites won by 2 wickets', 'on_sale', 2, 0.6, null, 8, 24, 10000, true, null),
  (2, -24, 'ironbark-stadium', 'moreton-kites', 'harbour-terns', '11:00', '7:30', 'Four-Day Trophy', 'First-class', 'Moreton Kites won by 2 wickets', 'on_sale', 2, 0.6, null, 8, 24, 10000, true, null),
  (16, -22, 'ironbark-stadium', 'moreton-kites', 'waitemata-keas', '18:30', '3:40', 'Evening League', 'T20', 'Match tied (Moreton Kites won the super over)', 'on_sale', 4, 1, null, 8, 48, 8000, true, null),
  (17, -15, 'lanternside-oval', 'harbour-terns', 'swan-avocets', '19:10', '3:40', 'Evening League', 'T20', 'Swan Avocets won by 3 runs', 'on_sale', 10, 1, null, 8, 24, 10000, true, null),
  (18, -13, 'moor-lane', 'capital-kestrels', 'moreton-kites', '18:30', '3:40', 'Evening League', 'T20', 'Capital Kestrels won by 9 runs', 'on_sale', 80, 1, null, 8, 24, 10000, true, null),
  (19, -11, 'lanternside-oval', 'bayside-lamplighters', 'torrens-herons', '19:10', '3:40', 'Evening League', 'T20', 'Bayside Lamplighters won by 41 runs', 'on_sale', 5, 1, null, 8, 24, 10000, true, null),
  (20, -10, 'hopyard-ground', 'derwent-larks', 'swan-avocets', '17:40', '3:40', 'Evening League', 'T20', 'Derwent Larks won by 12 runs', 'on_sale', 30, 1, null, 8, 24, 10000, true, null),
  (3, -8, 'hopyard-ground', 'derwent-larks', 'capital-kestrels', '11:00', '8:00', 'One-Day Shield', 'List A', 'Derwent Larks won by 61 runs (D/L method)', 'on_sale', 30, 1.2, null, 8, 48, 8000, true, null),
  (21, -6, 'salt-pan-ground', 'swan-avocets', 'bayside-lamplighters', '18:00', '3:40', 'Evening League', 'T20', 'Bayside Lamplighters won by 8 wickets', 'on_sale', 20, 1, null, 8, 24, 10000, true, null),
  (22, -4, 'hopyard-ground', 'derwent-larks', 'capital-kestrels', '17:40', '3:40', 'Evening League', 'T20', 'No result', 'on_sale', 20, 1, null, 8, 24, 10000, true, null),
  (23, -2, 'lanternside-oval', 'harbour-terns', 'bayside-lamplighters', '19:10', '3:40', 'Evening League', 'T20', 'Harbour Terns won by 9 runs', 'on_sale', 5, 1, null, 8, 24, 10000, true, null),
  (7, 0, 'hopyard-ground', 'derwent-larks', 'torrens-herons', '12:00', '3:40', 'Practice match', 'T20', null, 'on_sale', 60, 0.3, null, 8, 24, 10000, true, null),
  (1, 1, 'lanternside-oval', 'bayside-lamplighters', 'capital-kestrels', '10:30', '3:40', 'Practice match', 'T20', null, 'on_sale', 2, 0.3, null, 8, 24, 10000, true, null),
  (24, 2, 'lanternside-oval', 'harbour-terns', 'torrens-herons', '19:10', '3:40', 'Evening League', 'T20', null, 'on_sale', 25, 1, null, 8, 24, 10000, true, null),
  (25, 4, 'moor-lane', 'capital-kestrels', 'moreton-kites', '18:30', '3:40', 'Evening League', 'T20', null, 'on_sale', 960, 1.1, null, 4, 24, 10000, true, null),
  (34, 6, 'ironbark-stadium', 'moreton-kites', 'swan-avocets', '14:30', '8:20', 'Evening League', 'T20', null, 'on_sale', 15, 1.5, null, 8, 24, 10000, true, null),
  (35, 6, 'ironbark-stadium', 'derwent-larks', 'bayside-lamplighters', '19:10', '3:40', 'Evening League', 'T20', null, 'on_sale', 0, 1.5, null, 8, 24, 10000, true, 34),
  (26, 9, 'lanternside-oval', 'bayside-lamplighters', 'waitemata-keas', '19:10', '3:40', 'Evening League', 'T20', null, 'on_sale', 12, 1, null, 8, 24, 10000, true, null),
  (36, 11, 'moor-lane', 'capital-kestrels', 'derwent-larks', '18:30', '3:40', 'Evening League', 'T20', null, 'on_sale', 1000, 1.1, null, 4, 24, 10000, true, null),
  (27, 12, 'tidewall-park', 'waitemata-keas', 'swan-avocets', '19:10', '3:40', 'Evening League', 'T20', null, 'stopped', 60, 1, null, 8, 48, 8000, true, null),
  (6, 14, 'reedbed-oval', 'torrens-herons', 'swan-avocets', '10:30', '7:30', 'Five-Day Test', 'Test', null, 'on_sale', 40, 0.7, null, 8, 24, 10000, true, null),
  (6, 15, 'reedbed-oval', 'torrens-herons', 'swan-avocets', '10:30', '7:30', 'Five-Day Test', 'Test', null, 'on_sale', 30, 0.7, null, 8, 24, 10000, true, null),
  (6, 16, 'reedbed-oval', 'torrens-herons', 'swan-avocets', '10:30', '7:30', 'Five-Day Test', 'Test', null, 'on_sale', 20, 0.7, null, 8, 24, 10000, true, null),
  (6, 17, 'reedbed-oval', 'torrens-herons', 'swan-avocets', '10:30', '7:30', 'Five-Day Test', 'Test', null, 'on_sale', 12, 0.7, null, 8, 24, 10000, true, null),
  (6, 18, 'reedbed-oval', 'torrens-herons', 'swan-avocets', '10:30', '7:30', 'Five-Day Test', 'Test', null, 'on_sale', 5, 0.7, null, 8, 24, 10000, true, null),
  (4, 16, 'lanternside-oval', 'harbour-terns', 'capital-kestrels', '14:00', '8:00', 'One-Day Shield', 'List A', null, 'on_sale', 15, 1.2, null, 8, 72, 10000, false, null),
  (28, 19, 'hopyard-ground', 'derwent-larks', 'bayside-lamplighters', '17:40', '3:40', 'Evening League', 'T20', null, 'on_sale', 70, 1, null, 8, 48, 8000, true, null),
  (37, 21, 'salt-pan-ground', 'swan-avocets', 'harbour-terns', '18:00', '3:40', 'Evening League', 'T20', null, 'on_sale', 40, 1, null, 8, 24, 10000, true, null),
  (29, 23, 'lanternside-oval', 'bayside-lamplighters', 'derwent-larks', '19:10', '3:40', 'Evening League', 'T20', null, 'cancelled', 0, 1, null, 8, 24, 10000, true, null),
  (38, 26, 'tidewall-park', 'waitemata-keas', 'moreton-kites', '19:10', '3:40', 'Evening League', 'T20', null, 'on_sale', 25, 1, null, 8, 24, 10000, true, null),
  (5, 30, 'ironbark-stadium', 'moreton-kites', 'harbour-terns', '13:00', '8:00', 'One-Day Shield', 'List A', null, 'on_sale', 6, 1.2, null, 8, 72, 10000, false, null),
  (39, 33, 'reedbed-oval', 'torrens-herons', 'capital-kestrels', '19:10', '3:40', 'Evening League', 'T20', null, 'on_sale', 8, 1, null, 8, 24, 10000, true, null),
  (30, 37, 'salt-pan-ground', 'swan-avocets', 'torrens-herons', '18:00', '3:40', 'Evening League', 'T20', null, 'on_sale', 10, 1, null, 8, 24, 10000, true, null),
  (40, 40, 'hopyard-ground', 'derwent-larks', 'torrens-herons', '17:40', '3:40', 'Evening League', 'T20', null, 'on_sale', 10, 1, null, 8, 24, 10000, true, null),
  (31, 44, 'moor-lane', 'capital-kestrels', 'waitemata-keas', '18:30', '3:40', 'Evening League', 'T20', null, 'on_sale', 30, 1, null, 8, 48, 8000, true, null),
  (41, 48, 'ironbark-stadium', 'moreton-kites', 'bayside-lamplighters', '19:10', '3:40', 'Evening League', 'T20', null, 'on_sale', 2, 1, null, 8, 24, 10000, true, null),
  (32, 51, 'lanternside-oval', 'bayside-lamplighters', 'capital-kestrels', '19:10', '3:40', 'Evening League', 'T20', null, 'on_sale', 3, 1, null, 8, 24, 10000, true, null),
  (33, 55, 'lanternside-oval', 'harbour-terns', 'bayside-lamplighters', '18:10', '3:40', 'Evening League', 'T20', null, 'on_sale', 0, 1.4, '14 days', 6, null, 0, true, null);

update demo_fixture f
   set event_id = nextval(pg_get_serial_sequence('event', 'id')),
       match_id = nextval(pg_get_serial_sequence('match', 'id')),
       starts_at = ((now() at time zone s.time_zone)::date + f.day + f.starts) at time zone s.time_zone
  from stadium s where s.slug = f.slug;
-- The doors of one match stand open while the demo is made, whatever the hour: see demo/doors.py.
update demo_fixture set starts_at = date_bin('15 minutes', now() + interval '55 minutes', '2000-01-01')
 where number = 7;

-- The days of one match share its row; the matches of one evening share the ticket.
update demo_fixture f set match_id = d.match_id, part = 1 + f.day - d.day
  from (select competition, number, min(match_id) as match_id, min(day) as day from demo_fixture group by 1, 2
        having count(*) > 1) d
 where (d.competition, d.number) = (f.competition, f.number);
update demo_fixture f set event_id = d.event_id from demo_fixture d where d.number = f.ticket;

insert into match (id, stadium_id, home_team_id, away_team_id, competition, number, format, starts_at, state, result)
select f.match_id, s.id, h.id, a.id, f.competition, f.number, f.format, f.starts_at,
       case when f.state = 'cancelled' then 'cancelled' when f.day < 0 then 'finished' else 'scheduled' end, f.result
  from demo_fixture f join stadium s on s.slug = f.slug
  join team h on h.slug = f.home join team a on a.slug = f.away
 where coalesce(f.part, 1) = 1
 order by f.match_id;

insert into event (id, stadium_id, layout_id, name, starts_at, ends_at, gates_open_at, sale_starts_at, sale_ends_at,
                   state, buyer_limit, refund_until_hours, refund_share_bp, refund_keeps_fees, cancelled_at)
select f.event_id, s.id, l.id,
       h.short_name || ' v ' || a.short_name || coalesce(', day ' || f.part, '')
         || coalesce(' and ' || second.teams, ''), f.starts_at, f.starts_at + f.hours,
       f.starts_at - interval '90 minutes',
       case when f.sale_opens is null then least(f.starts_at, now()) - interval '45 days'
            else date_trunc('hour', now() + f.sale_opens) end,
       f.starts_at + interval '1 hour', f.state, f.buyer_limit, f.until_hours, f.share_bp, f.keeps_fees,
       case f.state when 'cancelled' then now() - interval '1 day' end
  from demo_fixture f join stadium s on s.slug = f.slug join layout l on l.stadium_id = s.id and l.version = 1
  join team h on h.slug = f.home join team a on a.slug = f.away
  left join lateral (select x.short_name || ' v ' || y.short_name as teams
                       from demo_fixture d join team x on x.slug = d.home join team y on y.slug = d.away
                      where d.ticket = f.number) second on true
 where f.ticket is null
 order by f.event_id;

insert into event_match (event_id, match_id) select event_id, match_id from demo_fixture;

insert into event_price (event_id, band, ticket_type, face)
select f.event_id, b.band, k.ticket_type, 50 * round(b.face * f.price * k.share / 50)
  from demo_fixture f
  join (values ('lanternside-oval', array[9500, 7200, 4800, 3500, 2200]),
               ('ironbark-stadium', array[11000, 8200, 5600, 3800, 2400]),
               ('reedbed-oval', array[8400, 6600, 4600, 3200, 2000]), ('salt-pan-ground', array[7800, 5800, 4200, 3000, 1800]),
               ('tidewall-park', array[8000, 6000, 4500, 3400, 2200]), ('hopyard-ground', array[6000, 4800, 3600, 2600, 1800]),
               ('moor-lane', array[5600, 4600, 3800, 3000, 2000])) p (slug, faces) on p.slug = f.slug
  cross join unnest(array['A', 'B', 'C', 'D', 'E'], p.faces) b (band, face)
  cross join (values ('adult', 1.0), ('child', 0.4), ('concession', 0.7)) k (ticket_type, share)
 where f.ticket is null;

-- The officials take turns; each ground has a scorer of its own.
insert into match_official (match_id, official_id, role)
select f.match_id, o.id, r.role
  from demo_fixture f
  cross join (values (0, 'umpire'), (1, 'umpire'), (2, 'third umpire'), (3, 'match referee')) r (k, role)
  join (select id, row_number() over (order by id) - 1 as n from official
         where name in ('Marian Holt', 'Deepak Sethi', 'Ruth Ngata', 'Gareth Pell', 'Hester Vance', 'Tariq Aziz-Lowe',
                        'Ellen Strand', 'Piet Maree')) o
    on o.n = (f.number * 3 + r.k) % 8
 where coalesce(f.part, 1) = 1;
insert into match_official (match_id, official_id, role)
select f.match_id, (select min(id) from official
                     where name = case f.slug when 'lanternside-oval' then 'Sunil Abeysekera'
                                       else 'Joan Pickersgill' end), 'scorer'
  from demo_fixture f where coalesce(f.part, 1) = 1;

-- A few places are never sold: cameras behind the arm.
insert into seat_claim (event_id, seat_id, state)
select f.event_id, t.id, 'blocked'
  from demo_fixture f join event e on e.id = f.event_id
  join stand st on st.layout_id = e.layout_id and st.code in ('PAV', 'RAIL')
  join level lv on lv.stand_id = st.id and lv.position = 2
  join bay b on b.level_id = lv.id and b.position = 2
  join seat_row r on r.bay_id = b.id and r.position <= 2
  join seat t on t.row_id = r.id and t.position <= 4
 where f.ticket is null;
