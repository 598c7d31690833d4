-- The two grounds of the demo season: Lanternside Oval (a bowl of 60,000 seats) and Moor Lane (5,000, an old pavilion and a grass bank).
-- Every seat is generated; the layout is filled before it is published, because a published layout never changes.

insert into stadium (slug, name, city, country, time_zone, currency, address, about, transport, fee_bp, fee_each, tax_bp, tax_inside, tax_name, contact_email)
values
  ('lanternside-oval', 'Lanternside Oval', 'Sydney', 'AU', 'Australia/Sydney', 'AUD', '1 Wharf Street, Lanternside, Sydney NSW',
   'A bowl of sixty thousand seats beside the old lamp works. The four towers were lit by hand until 1931, and the pavilion clock is still wound on match mornings.',
   'Light rail to Lanternside (4 minutes on foot) or ferry to Wharf Street. Trams run until an hour after the last ball.',
   500, 250, 1000, true, 'GST', 'office.lanternside@demo.cricverse.example'),
  ('moor-lane', 'Moor Lane', 'Leeds', 'GB', 'Europe/London', 'GBP', 'Moor Lane, Leeds',
   'Five thousand seats around a sloping outfield, a pavilion from 1887 with its iron posts still in the way, and a grass bank where every place has its number.',
   'Bus 14 to Moor Lane. From the railway station it is a walk of twenty-five minutes along the canal.',
   400, 100, 2000, true, 'VAT', 'office.moorlane@demo.cricverse.example');

insert into gate (stadium_id, code, name, note, zone)
select s.id, g.code, 'Gate ' || g.code, g.note, g.zone
  from (values
    ('lanternside-oval', 'A', 'Pavilion forecourt; step-free', 1), ('lanternside-oval', 'B', 'Wharf Street; step-free', 2),
    ('lanternside-oval', 'C', 'Ferry steps', 3),                   ('lanternside-oval', 'D', 'Lamp works yard', 4),
    ('lanternside-oval', 'E', 'Light rail; step-free', 5),         ('lanternside-oval', 'F', 'Fig tree walk', 6),
    ('lanternside-oval', 'G', 'Quarry road', 7),                   ('lanternside-oval', 'H', 'Members'' lawn; step-free', 8),
    ('moor-lane', 'A', 'Pavilion drive; step-free', 1),            ('moor-lane', 'B', 'Tramway side; step-free', 2),
    ('moor-lane', 'C', 'Bank steps', 3)
  ) g (slug, code, note, zone)
  join stadium s on s.slug = g.slug;

insert into car_park (stadium_id, gate_id, name, note, walk_minutes, cutoff_minutes, zone)
select s.id, g.id, p.name, p.note, p.walk_minutes, p.cutoff_minutes, p.zone
  from (values
    ('lanternside-oval', 'B', 'Wharf Street', 'Multi-storey, 2.1 m headroom. Lifts to the street.', 4, 60, 1),
    ('lanternside-oval', 'G', 'Quarry Field', 'On grass: closed after heavy rain, and we write to you the day before.', 11, 120, 2),
    ('lanternside-oval', 'A', 'Pavilion Forecourt', 'Accessible bays only, level ground to Gate A. Bring your permit.', 1, 60, 3),
    ('moor-lane', 'B', 'Tramway Yard', 'Behind the Tram Shed End; gravel, height bar 2.0 m.', 3, 60, 1)
  ) p (slug, gate, name, note, walk_minutes, cutoff_minutes, zone)
  join stadium s on s.slug = p.slug
  join gate g on g.stadium_id = s.id and g.code = p.gate;

insert into car_park_bays (car_park_id, kind, capacity, match_price, hour_price)
select c.id, b.kind, b.capacity, b.match_price, b.hour_price
  from (values
    ('lanternside-oval', 1, 'standard', 780, 3500, 800),  ('lanternside-oval', 1, 'accessible', 24, 1500, 400),
    ('lanternside-oval', 1, 'motorcycle', 40, 1000, 250), ('lanternside-oval', 2, 'standard', 1400, 2000, 500),
    ('lanternside-oval', 2, 'motorcycle', 60, 800, 200),  ('lanternside-oval', 3, 'accessible', 36, 1500, 400),
    ('moor-lane', 1, 'standard', 120, 1200, 300),         ('moor-lane', 1, 'accessible', 8, 600, 150)
  ) b (slug, zone, kind, capacity, match_price, hour_price)
  join stadium s on s.slug = b.slug
  join car_park c on c.stadium_id = s.id and c.zone = b.zone;

insert into layout (stadium_id, version) select id, 1 from stadium where slug in ('lanternside-oval', 'moor-lane');

-- What is built: each tier is so many bays of so many rows of so many seats, in one price band.
create temporary table demo_tier (slug text, position int, code text, stand text, note text, tier int, tier_name text,
                                  bays int, row_count int, seats int, band text, gate text) on commit drop;
insert into demo_tier values
  ('lanternside-oval', 1, 'PAV', 'Members'' Pavilion', 'Behind the bowler''s arm; shade from two o''clock.', 1, 'Lower', 4, 18, 24, 'A', 'A'),
  ('lanternside-oval', 1, 'PAV', 'Members'' Pavilion', '', 2, 'Upper', 4, 16, 22, 'A', 'A'),
  ('lanternside-oval', 2, 'COOP', 'Cooper Stand', 'Shade from three o''clock.', 1, 'Lower', 5, 20, 28, 'B', 'B'),
  ('lanternside-oval', 2, 'COOP', 'Cooper Stand', '', 2, 'Upper', 5, 22, 24, 'C', 'B'),
  ('lanternside-oval', 3, 'WHRF', 'Wharf Stand', 'Near the ferry.', 1, 'Lower', 5, 20, 28, 'C', 'B'),
  ('lanternside-oval', 3, 'WHRF', 'Wharf Stand', '', 2, 'Upper', 5, 22, 24, 'D', 'C'),
  ('lanternside-oval', 4, 'FERR', 'Ferry Stand', 'Square of the wicket, in the sun until evening.', 1, 'Lower', 5, 20, 28, 'D', 'C'),
  ('lanternside-oval', 4, 'FERR', 'Ferry Stand', '', 2, 'Upper', 5, 22, 24, 'E', 'C'),
  ('lanternside-oval', 5, 'LAMP', 'Lamplighters'' Stand', 'Where the drums are.', 1, 'Lower', 5, 20, 28, 'D', 'D'),
  ('lanternside-oval', 5, 'LAMP', 'Lamplighters'' Stand', '', 2, 'Upper', 5, 22, 24, 'E', 'D'),
  ('lanternside-oval', 6, 'GASW', 'Gasworks Stand', 'Family bays in the lower tier.', 1, 'Lower', 5, 20, 28, 'C', 'D'),
  ('lanternside-oval', 6, 'GASW', 'Gasworks Stand', '', 2, 'Upper', 5, 22, 24, 'D', 'E'),
  ('lanternside-oval', 7, 'RAIL', 'Railway End', 'Behind the arm at the far end.', 1, 'Lower', 5, 20, 28, 'B', 'E'),
  ('lanternside-oval', 7, 'RAIL', 'Railway End', '', 2, 'Upper', 5, 22, 24, 'C', 'E'),
  ('lanternside-oval', 8, 'FIGT', 'Fig Tree Stand', 'Morning shade.', 1, 'Lower', 5, 20, 28, 'C', 'F'),
  ('lanternside-oval', 8, 'FIGT', 'Fig Tree Stand', '', 2, 'Upper', 5, 22, 24, 'D', 'F'),
  ('lanternside-oval', 9, 'BOAR', 'Scoreboard Terrace', 'Under the board: you hear it, you do not see it.', 1, 'Lower', 4, 14, 22, 'E', 'F'),
  ('lanternside-oval', 9, 'BOAR', 'Scoreboard Terrace', '', 2, 'Upper', 4, 14, 22, 'E', 'G'),
  ('lanternside-oval', 10, 'QUAR', 'Quarry Stand', 'Square of the wicket.', 1, 'Lower', 5, 20, 28, 'D', 'G'),
  ('lanternside-oval', 10, 'QUAR', 'Quarry Stand', '', 2, 'Upper', 5, 22, 24, 'E', 'G'),
  ('lanternside-oval', 11, 'HARB', 'Harbour Stand', 'The breeze arrives here first.', 1, 'Lower', 5, 20, 28, 'C', 'G'),
  ('lanternside-oval', 11, 'HARB', 'Harbour Stand', '', 2, 'Upper', 5, 22, 24, 'D', 'H'),
  ('lanternside-oval', 12, 'LADY', 'Ladies'' Stand', 'Restored in 1998; iron lace and good sight lines.', 1, 'Lower', 5, 20, 28, 'B', 'H'),
  ('lanternside-oval', 12, 'LADY', 'Ladies'' Stand', '', 2, 'Upper', 5, 22, 24, 'C', 'H'),
  ('moor-lane', 1, 'PAV', 'Old Pavilion', 'Benches from 1887; some seats stand behind an iron post.', 1, 'Terrace', 3, 12, 16, 'A', 'A'),
  ('moor-lane', 1, 'PAV', 'Old Pavilion', '', 2, 'Balcony', 2, 6, 16, 'A', 'A'),
  ('moor-lane', 2, 'WOOL', 'Wool Exchange Stand', 'Roofed.', 1, 'Stand', 4, 16, 20, 'B', 'A'),
  ('moor-lane', 3, 'CANL', 'Canal Side', 'Open to the sky; bring a hat or a coat, or both.', 1, 'Stand', 4, 14, 18, 'D', 'B'),
  ('moor-lane', 4, 'TRAM', 'Tram Shed End', 'Behind the arm; roofed.', 1, 'Stand', 2, 18, 24, 'C', 'B'),
  ('moor-lane', 5, 'BANK', 'Grass Bank', 'Grass, with numbered places. Rugs welcome, chairs are not.', 1, 'Bank', 3, 12, 30, 'E', 'C');

insert into stand (layout_id, code, name, position, note)
select l.id, t.code, t.stand, t.position, max(t.note)
  from demo_tier t join stadium s on s.slug = t.slug join layout l on l.stadium_id = s.id and l.version = 1
 group by s.slug, l.id, t.code, t.stand, t.position order by s.slug, t.position;

insert into level (stand_id, name, position)
select st.id, t.tier_name, t.tier
  from demo_tier t join stadium s on s.slug = t.slug join layout l on l.stadium_id = s.id and l.version = 1
  join stand st on st.layout_id = l.id and st.code = t.code
 order by s.slug, t.position, t.tier;

-- Bays are numbered around the ground: 101, 102 … below, 301 … above; a small ground counts from 1.
insert into bay (level_id, gate_id, name, position)
select lv.id, g.id,
       (case t.slug when 'moor-lane' then 0 else 200 * t.tier - 100 end
        + row_number() over (partition by t.slug, case t.slug when 'moor-lane' then 0 else t.tier end order by t.position, t.tier, n))::text, n
  from demo_tier t join stadium s on s.slug = t.slug join layout l on l.stadium_id = s.id and l.version = 1
  join stand st on st.layout_id = l.id and st.code = t.code
  join level lv on lv.stand_id = st.id and lv.position = t.tier
  join gate g on g.stadium_id = s.id and g.code = t.gate
  cross join generate_series(1, t.bays) n
 order by t.slug, t.position, t.tier, n;

-- Rows by letters from the rope, without I and O, which read like figures.
insert into seat_row (bay_id, name, position)
select b.id, substr('ABCDEFGHJKLMNPQRSTUVWXYZ', n, 1), n
  from demo_tier t join stadium s on s.slug = t.slug join layout l on l.stadium_id = s.id and l.version = 1
  join stand st on st.layout_id = l.id and st.code = t.code
  join level lv on lv.stand_id = st.id and lv.position = t.tier
  join bay b on b.level_id = lv.id
  cross join generate_series(1, t.row_count) n
 order by b.id, n;

-- Quality: best behind the bowler's arm and near the pavilion, in the middle rows, in the middle of the stand; the lower tier a little
-- before the upper. Accessible places stand with their companions on the concourse, in the last row of each ground-level bay.
-- Restricted: behind the pavilion's posts, beside the sight screens, and under the scoreboard's overhang.
insert into seat (layout_id, stand_id, row_id, number, position, kind, band, quality)
select p.layout_id, p.stand_id, p.row_id, p.n::text, p.n, p.kind, p.band,
       greatest(0, least(1000, round(320 * abs(cos(p.angle)) + 110 * (1 + cos(p.angle)) / 2
         + 330 * (1 - 1.5 * abs((p.row_position - 1.0) / (p.row_count - 1) - 0.45))
         + 130 * (1 - abs(2.0 * (p.bay_position - 1 + (p.n - 0.5) / p.seats) / p.bays - 1))
         + case p.tier when 1 then 90 else 30 end - case p.kind when 'restricted' then 300 else 0 end)))
  from (select l.id as layout_id, st.id as stand_id, r.id as row_id, n, t.band, t.tier, t.row_count, t.seats, t.bays,
               r.position as row_position, b.position as bay_position,
               pi() / 180 * case t.slug when 'moor-lane' then (array[0, 75, 130, 180, 270])[t.position] else 30 * (t.position - 1) end as angle,
               case when t.tier = 1 and t.code <> 'BANK' and r.position = t.row_count and n <= 6 then case n % 2 when 1 then 'accessible' else 'companion' end
                    when t.slug = 'moor-lane' and t.code = 'PAV' and t.tier = 1 and r.position > 4 and n % 8 = 4 then 'restricted'
                    when t.code in ('PAV', 'RAIL') and t.tier = 1 and r.position <= 2 and b.position = 2 and n > t.seats - 6 then 'restricted'
                    when t.code = 'BOAR' and t.tier = 1 and r.position > t.row_count - 2 then 'restricted'
                    else 'standard' end as kind
          from demo_tier t join stadium s on s.slug = t.slug join layout l on l.stadium_id = s.id and l.version = 1
          join stand st on st.layout_id = l.id and st.code = t.code
          join level lv on lv.stand_id = st.id and lv.position = t.tier
          join bay b on b.level_id = lv.id
          join seat_row r on r.bay_id = b.id
          cross join generate_series(1, t.seats) n) p
 order by p.row_id, p.n;

update layout l set seat_count = (select count(*) from seat t where t.layout_id = l.id), published_at = now()
  from stadium s where s.id = l.stadium_id and s.slug in ('lanternside-oval', 'moor-lane');
