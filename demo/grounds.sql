-- The seven grounds of the demo season with their gates and car parks: our own invention, from 5,000 to 100,000 seats.
-- Their seats are in seats.sql. The places on the earth are near the cities named, and stand on no real ground.

insert into stadium (slug, name, city, country, time_zone, currency, address, shape, latitude, longitude, bearing,
                     about, transport, fee_bp, fee_each, tax_bp, tax_inside, tax_name, contact_email, facilities)
values
  ('lanternside-oval', 'Lanternside Oval', 'Sydney', 'AU', 'Australia/Sydney', 'AUD',
   '1 Wharf Street, Lanternside, Sydney NSW', 'bowl', -33.8830, 151.1905, 12,
   'A bowl of sixty thousand seats beside the old lamp works. The four towers were lit by hand until 1931, and the pavilion clock is still wound on match mornings.',
   'Light rail to Lanternside (4 minutes on foot) or ferry to Wharf Street. Trams run until an hour after the last ball.',
   500, 250, 1000, true, 'GST', 'office.lanternside@demo.cricverse.example',
   '[{"icon": "access", "name": "Step-free", "text": "Gates A, B, E and H; lifts to the upper level in the Cooper and Harbour Stands."},
     {"icon": "users", "name": "Members'' Pavilion", "text": "For members of the ground; the long room opens with the gates."},
     {"icon": "companion", "name": "Family bays", "text": "Lower Gasworks Stand, without alcohol."},
     {"icon": "info", "name": "First aid", "text": "Behind bays 103, 121 and 140."},
     {"icon": "rain", "name": "Drinking water", "text": "Beside every stair on the lower concourse."}]'),
  ('ironbark-stadium', 'Ironbark Stadium', 'Brisbane', 'AU', 'Australia/Brisbane', 'AUD',
   '200 Stringybark Parade, Brisbane QLD', 'bowl', -27.4600, 153.0480, 350,
   'One hundred thousand seats in three rings, the largest ground of the season. On still evenings the noise arrives at the far end half a second late.',
   'Trains to Ironbark Station, platform 3, every four minutes after the match. Buses 340 and 345 stop at Gate F.',
   500, 250, 1000, true, 'GST', 'office.ironbark@demo.cricverse.example',
   '[{"icon": "access", "name": "Step-free", "text": "Every gate; wheelchair places at the back of the lower ring in all stands."},
     {"icon": "companion", "name": "Changing rooms", "text": "Two with a hoist and bench, beside Gates A and F."},
     {"icon": "shade", "name": "Shade", "text": "The upper ring is under the roof from row T back; the lower ring lies in its shade after four."},
     {"icon": "info", "name": "First aid", "text": "On each concourse at Gates B, E and H."},
     {"icon": "rain", "name": "Drinking water", "text": "Forty taps; bring an empty bottle."}]'),
  ('reedbed-oval', 'Reedbed Oval', 'Adelaide', 'AU', 'Australia/Adelaide', 'AUD', 'River Road, Adelaide SA',
   'horseshoe', -34.9090, 138.5780, 8,
   'A horseshoe of forty thousand seats, open to the south, where the reeds begin. Herons have stopped play four times since 1954.',
   'Tram to River Road (6 minutes on foot) or along the river path by bicycle: 900 stands at Gate C.',
   500, 250, 1000, true, 'GST', 'office.reedbed@demo.cricverse.example',
   '[{"icon": "access", "name": "Step-free", "text": "Gates A, C and F."},
     {"icon": "gate", "name": "Bicycles", "text": "900 stands at Gate C, watched on match days."},
     {"icon": "ticket", "name": "River stalls", "text": "Between the stands'' ends; open to ticket holders until stumps."},
     {"icon": "info", "name": "First aid", "text": "At Gates B and E."}]'),
  ('salt-pan-ground', 'Salt Pan Ground', 'Perth', 'AU', 'Australia/Perth', 'AUD', '14 Causeway Reach, Perth WA', 'bank',
   -31.9660, 115.8910, 275,
   'Two grass banks look at each other across the fastest pitch of the season. One grandstand, one terrace, and as much sky as anybody needs.',
   'Train to Causeway Reach, then ten minutes on the boardwalk. There is parking for permit holders only.',
   500, 250, 1000, true, 'GST', 'office.saltpan@demo.cricverse.example',
   '[{"icon": "access", "name": "Step-free", "text": "Gates A and B; a hard path runs along the top of each bank."},
     {"icon": "shade", "name": "Little shade", "text": "None on the banks: bring a hat. Sun cream is free at every gate."},
     {"icon": "rain", "name": "Drinking water", "text": "At the four corners of the ground."}]'),
  ('tidewall-park', 'Tidewall Park', 'Auckland', 'NZ', 'Pacific/Auckland', 'NZD', 'Breakwater Road, Auckland',
   'pavilion', -36.8420, 174.8010, 40,
   'Four straight stands behind the old tide wall, and a brick pavilion that was a customs house. Sixes over the southern stand are looked for by boat.',
   'Ferry to Breakwater (3 minutes on foot), or bus 781. There is no car park, and none in the streets around.',
   400, 200, 1500, true, 'GST', 'office.tidewall@demo.cricverse.example',
   '[{"icon": "access", "name": "Step-free", "text": "Gates A and C; a drop-off place at Gate A."},
     {"icon": "ticket", "name": "Fish market", "text": "Behind the East Wall Stand, until the tea interval."},
     {"icon": "info", "name": "First aid", "text": "Beside the pavilion."}]'),
  ('hopyard-ground', 'Hopyard Ground', 'Hobart', 'AU', 'Australia/Hobart', 'AUD', '3 Kiln Lane, Hobart TAS',
   'horseshoe', -42.8720, 147.3350, 20,
   'A small horseshoe among the hop kilns, open to the mountain. Eleven thousand seats, one roof, and the best soup of the season.',
   'Bus 402 to Kiln Lane. From the waterfront it is a walk of thirty minutes, uphill.',
   400, 200, 1000, true, 'GST', 'office.hopyard@demo.cricverse.example',
   '[{"icon": "access", "name": "Step-free", "text": "Gates A and C."},
     {"icon": "ticket", "name": "Kiln kitchen", "text": "Soup and bread from the first ball."},
     {"icon": "info", "name": "First aid", "text": "Under the pavilion clock."}]'),
  ('moor-lane', 'Moor Lane', 'Wellington', 'NZ', 'Pacific/Auckland', 'NZD', 'Moor Lane, Wellington', 'pavilion',
   -41.3180, 174.7660, 335,
   'Five thousand seats around a sloping outfield, a pavilion from 1887 with its iron posts still in the way, and a grass bank where every place has its number.',
   'Bus 14 to Moor Lane. From the railway station it is a walk of twenty-five minutes through the gardens.',
   400, 100, 1500, true, 'GST', 'office.moorlane@demo.cricverse.example',
   '[{"icon": "access", "name": "Step-free", "text": "Gates A and B."},
     {"icon": "ticket", "name": "Tea room", "text": "Scones until they are gone, which is soon."}]');

insert into gate (stadium_id, code, name, note, zone)
select s.id, g.code, 'Gate ' || g.code, g.note, row_number() over (partition by s.id order by g.code)
  from (values
    ('lanternside-oval', 'A', 'Pavilion forecourt; step-free'), ('lanternside-oval', 'B', 'Wharf Street; step-free'),
    ('lanternside-oval', 'C', 'Ferry steps'),                   ('lanternside-oval', 'D', 'Lamp works yard'),
    ('lanternside-oval', 'E', 'Light rail; step-free'),         ('lanternside-oval', 'F', 'Fig tree walk'),
    ('lanternside-oval', 'G', 'Quarry road'),                   ('lanternside-oval', 'H', 'Members'' lawn; step-free'),
    ('ironbark-stadium', 'A', 'Stringybark Parade; step-free'), ('ironbark-stadium', 'B', 'North ramp; step-free'),
    ('ironbark-stadium', 'C', 'Creek bridge; step-free'),       ('ironbark-stadium', 'D', 'Eastern ramp; step-free'),
    ('ironbark-stadium', 'E', 'Sawmill corner; step-free'),     ('ironbark-stadium', 'F', 'Buses; step-free'),
    ('ironbark-stadium', 'G', 'Southern ramp; step-free'),      ('ironbark-stadium', 'H', 'Station bridge; step-free'),
    ('ironbark-stadium', 'I', 'Station steps; step-free'),      ('ironbark-stadium', 'J', 'Western ramp; step-free'),
    ('reedbed-oval', 'A', 'Pavilion drive; step-free'),         ('reedbed-oval', 'B', 'Tram stop'),
    ('reedbed-oval', 'C', 'River path; step-free'),             ('reedbed-oval', 'D', 'Boathouse'),
    ('reedbed-oval', 'E', 'Willow walk'),                       ('reedbed-oval', 'F', 'Park side; step-free'),
    ('salt-pan-ground', 'A', 'Grandstand; step-free'),          ('salt-pan-ground', 'B', 'Boardwalk; step-free'),
    ('salt-pan-ground', 'C', 'Far terrace'),                    ('salt-pan-ground', 'D', 'West bank'),
    ('tidewall-park', 'A', 'Customs House; step-free'),         ('tidewall-park', 'B', 'East wall'),
    ('tidewall-park', 'C', 'Ferry; step-free'),                 ('tidewall-park', 'D', 'Breakwater Road'),
    ('hopyard-ground', 'A', 'Kiln Lane; step-free'),            ('hopyard-ground', 'B', 'Orchard side'),
    ('hopyard-ground', 'C', 'Mountain end; step-free'),
    ('moor-lane', 'A', 'Pavilion drive; step-free'),            ('moor-lane', 'B', 'Tramway side; step-free'),
    ('moor-lane', 'C', 'Bank steps')
  ) g (slug, code, note)
  join stadium s on s.slug = g.slug;

-- Tidewall Park has no car park; at Salt Pan Ground there are accessible bays and no others.
insert into car_park (stadium_id, gate_id, name, note, walk_minutes, cutoff_minutes, zone)
select s.id, g.id, p.name, p.note, p.walk_minutes, p.cutoff_minutes, p.zone
  from (values
    ('lanternside-oval', 'B', 'Wharf Street', 'Multi-storey, 2.1 m headroom. Lifts to the street.', 4, 60, 1),
    ('lanternside-oval', 'G', 'Quarry Field', 'On grass: closed after heavy rain, and we write to you the day before.', 11, 120, 2),
    ('lanternside-oval', 'A', 'Pavilion Forecourt', 'Accessible bays only, level ground to Gate A. Bring your permit.', 1, 60, 3),
    ('ironbark-stadium', 'D', 'Sawmill Decks', 'Six decks, 2.2 m headroom; leave by the northern ramp.', 6, 60, 1),
    ('ironbark-stadium', 'G', 'Timber Yard', 'Sealed ground, no height bar; coaches on the southern side.', 9, 60, 2),
    ('ironbark-stadium', 'A', 'Parade Forecourt', 'Accessible bays only. Bring your permit.', 2, 60, 3),
    ('reedbed-oval', 'B', 'Tram Depot', 'Under the tram depot, 2.0 m headroom.', 5, 60, 1),
    ('salt-pan-ground', 'A', 'Grandstand Bays', 'Accessible bays only, level ground to Gate A. Bring your permit.', 1, 60, 1),
    ('hopyard-ground', 'C', 'Kiln Field', 'On grass beside the kilns.', 4, 60, 1),
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
    ('ironbark-stadium', 1, 'standard', 2200, 3800, 900), ('ironbark-stadium', 1, 'motorcycle', 120, 1000, 250),
    ('ironbark-stadium', 2, 'standard', 1600, 2800, 700), ('ironbark-stadium', 3, 'accessible', 80, 1500, 400),
    ('reedbed-oval', 1, 'standard', 640, 3000, 700),      ('reedbed-oval', 1, 'accessible', 30, 1200, 300),
    ('salt-pan-ground', 1, 'accessible', 20, 800, 200),
    ('hopyard-ground', 1, 'standard', 180, 1500, 300),    ('hopyard-ground', 1, 'accessible', 10, 700, 150),
    ('moor-lane', 1, 'standard', 120, 1200, 300),         ('moor-lane', 1, 'accessible', 8, 600, 150)
  ) b (slug, zone, kind, capacity, match_price, hour_price)
  join stadium s on s.slug = b.slug
  join car_park c on c.stadium_id = s.id and c.zone = b.zone;
