-- Every seat of the seven grounds, generated. A layout is filled before it is published, because a published layout
-- never changes. Decimetres from the middle of the field, x to the right, y down; angles in degrees clockwise from the
-- pavilion, which is at the top.

-- The field's half axes and the seats that a ground has in all.
create temporary table demo_plan (slug text, rx int, ry int, seats int) on commit drop;
insert into demo_plan values
  ('ironbark-stadium', 690, 750, 100000), ('lanternside-oval', 650, 710, 60000), ('reedbed-oval', 660, 720, 40000),
  ('salt-pan-ground', 640, 690, 18000), ('tidewall-park', 620, 680, 16500), ('hopyard-ground', 600, 640, 11000),
  ('moor-lane', 540, 580, 5000);

-- A stand reaches from one angle to another; its bands are those of its levels, from the lowest.
create temporary table demo_stand (slug text, position int, code text, name text, begins float, ends float, bands text,
                                   gates text, straight boolean, note text) on commit drop;
insert into demo_stand values
  ('ironbark-stadium', 1, 'PAV', 'Heartwood Pavilion', -18, 18, 'AAB', 'AAA', false, 'Behind the bowler''s arm.'),
  ('ironbark-stadium', 2, 'SAWM', 'Sawmill Stand', 18, 54, 'BBD', 'BBB', false, 'In shade from three o''clock.'),
  ('ironbark-stadium', 3, 'CREE', 'Creek Stand', 54, 90, 'CCE', 'BCC', false, 'Over the creek bridge.'),
  ('ironbark-stadium', 4, 'WATT', 'Wattle Stand', 90, 126, 'CCE', 'DDD', false, 'Square of the wicket, in the evening sun.'),
  ('ironbark-stadium', 5, 'BOAR', 'Scoreboard End', 126, 162, 'DD', 'EE', false, 'Two rings only: the great board stands where the third would be.'),
  ('ironbark-stadium', 6, 'SOUT', 'Southern Cross Stand', 162, 198, 'BBD', 'FFF', false, 'Behind the arm at the far end.'),
  ('ironbark-stadium', 7, 'DRUM', 'Drovers'' Stand', 198, 234, 'DDE', 'GGG', false, 'Where the drums are.'),
  ('ironbark-stadium', 8, 'RAIL', 'Railway Stand', 234, 270, 'CCE', 'HHH', false, 'Nearest to the trains.'),
  ('ironbark-stadium', 9, 'GUMS', 'Gum Tree Stand', 270, 306, 'CCE', 'III', false, 'Morning shade.'),
  ('ironbark-stadium', 10, 'LONG', 'Long Room Stand', 306, 342, 'BBD', 'JJJ', false, ''),

  ('lanternside-oval', 1, 'PAV', 'Members'' Pavilion', -15, 15, 'AA', 'AA', false, 'For members of the ground. Behind the bowler''s arm; shade from two o''clock.'),
  ('lanternside-oval', 2, 'COOP', 'Cooper Stand', 15, 45, 'BC', 'BB', false, 'Shade from three o''clock.'),
  ('lanternside-oval', 3, 'WHRF', 'Wharf Stand', 45, 75, 'CD', 'BC', false, 'Near the ferry.'),
  ('lanternside-oval', 4, 'FERR', 'Ferry Stand', 75, 105, 'DE', 'CC', false, 'Square of the wicket, in the sun until evening.'),
  ('lanternside-oval', 5, 'LAMP', 'Lamplighters'' Stand', 105, 135, 'DE', 'DD', false, 'Where the drums are.'),
  ('lanternside-oval', 6, 'GASW', 'Gasworks Stand', 135, 165, 'CD', 'DE', false, 'Family bays in the lower tier.'),
  ('lanternside-oval', 7, 'RAIL', 'Railway End', 165, 195, 'BC', 'EE', false, 'Behind the arm at the far end.'),
  ('lanternside-oval', 8, 'FIGT', 'Fig Tree Stand', 195, 225, 'CD', 'FF', false, 'Morning shade.'),
  ('lanternside-oval', 9, 'BOAR', 'Scoreboard Terrace', 225, 255, 'E', 'F', false, 'Under the board: you hear it, you do not see it.'),
  ('lanternside-oval', 10, 'QUAR', 'Quarry Stand', 255, 285, 'DE', 'GG', false, 'Square of the wicket.'),
  ('lanternside-oval', 11, 'HARB', 'Harbour Stand', 285, 315, 'CD', 'GH', false, 'The breeze arrives here first.'),
  ('lanternside-oval', 12, 'LADY', 'Ladies'' Stand', 315, 345, 'BC', 'HH', false, 'Restored in 1998; iron lace and good sight lines.'),

  ('reedbed-oval', 1, 'PAV', 'Heron Pavilion', -22, 22, 'AB', 'AA', false, 'Behind the bowler''s arm.'),
  ('reedbed-oval', 2, 'TRAM', 'Tram Stand', 22, 66, 'BC', 'BB', false, 'In shade from two o''clock.'),
  ('reedbed-oval', 3, 'WILL', 'Willow Stand', 66, 110, 'CD', 'CC', false, 'Square of the wicket.'),
  ('reedbed-oval', 4, 'BOAT', 'Boathouse Terrace', 110, 150, 'D', 'C', false, 'Low and open, beside the river.'),
  ('reedbed-oval', 5, 'PUNT', 'Punt Terrace', 210, 250, 'E', 'D', false, 'Low and open, beside the river. Sun all day.'),
  ('reedbed-oval', 6, 'BRID', 'Bridge Stand', 250, 294, 'CD', 'EE', false, 'Square of the wicket.'),
  ('reedbed-oval', 7, 'PARK', 'Parkside Stand', 294, 338, 'BC', 'FF', false, 'Morning shade under the figs.'),

  ('salt-pan-ground', 1, 'PAV', 'Grandstand', -16, 16, 'AB', 'AA', false, 'Behind the bowler''s arm.'),
  ('salt-pan-ground', 2, 'EAST', 'East Wing', 16, 46, 'BC', 'AA', false, ''),
  ('salt-pan-ground', 3, 'EBNK', 'East Bank', 58, 154, 'E', 'B', false, 'Grass: sit where you like. Rugs welcome, chairs are not.'),
  ('salt-pan-ground', 4, 'FARE', 'Far Terrace', 164, 196, 'D', 'C', false, 'Behind the arm at the far end; benches.'),
  ('salt-pan-ground', 5, 'WBNK', 'West Bank', 206, 302, 'E', 'D', false, 'Grass: sit where you like. The evening sun is in your back.'),
  ('salt-pan-ground', 6, 'WEST', 'West Wing', 314, 344, 'BC', 'AA', false, ''),

  ('tidewall-park', 1, 'PAV', 'Customs House Pavilion', -31, 31, 'AA', 'AA', true, 'Brick, 1902. Some seats stand behind its pillars.'),
  ('tidewall-park', 2, 'EAST', 'East Wall Stand', 52, 128, 'BC', 'BB', true, 'Roofed. Square of the wicket.'),
  ('tidewall-park', 3, 'HARB', 'Harbour End', 146, 214, 'CD', 'CC', true, 'Behind the arm, with the wind in your back.'),
  ('tidewall-park', 4, 'WEST', 'Breakwater Stand', 232, 308, 'DE', 'DD', true, 'Open to the sky; the last of the sun.'),

  ('hopyard-ground', 1, 'PAV', 'Kiln Pavilion', -21, 21, 'AA', 'AA', true, 'Under the clock; the only roof.'),
  ('hopyard-ground', 2, 'PICK', 'Pickers'' Stand', 28, 64, 'B', 'A', false, ''),
  ('hopyard-ground', 3, 'ORCH', 'Orchard Side', 66, 102, 'C', 'B', false, 'Square of the wicket.'),
  ('hopyard-ground', 4, 'BINE', 'Bine Terrace', 104, 140, 'D', 'B', false, ''),
  ('hopyard-ground', 5, 'MOUN', 'Mountain Terrace', 220, 256, 'D', 'C', false, 'The mountain is in front of you.'),
  ('hopyard-ground', 6, 'OAST', 'Oast Stand', 258, 294, 'C', 'C', false, 'Square of the wicket; morning sun.'),
  ('hopyard-ground', 7, 'SACK', 'Sacking Shed Stand', 296, 332, 'E', 'C', false, ''),

  ('moor-lane', 1, 'PAV', 'Old Pavilion', -21, 21, 'AA', 'AA', true, 'Benches from 1887; some seats stand behind an iron post.'),
  ('moor-lane', 2, 'WOOL', 'Wool Exchange Stand', 55, 97, 'B', 'A', true, 'Roofed.'),
  ('moor-lane', 3, 'CANL', 'Gully Side', 106, 146, 'D', 'B', false, 'Open to the sky; bring a hat or a coat, or both.'),
  ('moor-lane', 4, 'TRAM', 'Tram Shed End', 163, 197, 'C', 'B', true, 'Behind the arm; roofed.'),
  ('moor-lane', 5, 'BANK', 'Grass Bank', 224, 306, 'E', 'C', false, 'Grass, with numbered places. Rugs welcome, chairs are not.');

-- The levels of a ground, and of single stands that are built in another way (with their code): how far behind the rope
-- they begin, how many rows, from row to row, from seat to seat, rows under the roof and the height of its edge, and
-- the kind of most of the seats.
create temporary table demo_level (slug text, code text, position int, name text, begins int, row_count int, depth int,
                                   pitch float, roof_rows int, roof_height int, kind text) on commit drop;
insert into demo_level values
  ('ironbark-stadium', null, 1, 'Lower', 60, 35, 8, 5, 6, 70, 'standard'),
  ('ironbark-stadium', null, 2, 'Middle', 390, 13, 8, 5, 13, 60, 'standard'),
  ('ironbark-stadium', null, 3, 'Upper', 545, 39, 8, 5, 20, 110, 'standard'),
  ('lanternside-oval', null, 1, 'Lower', 60, 29, 8, 5, 5, 60, 'standard'),
  ('lanternside-oval', null, 2, 'Upper', 345, 33, 8, 5, 16, 100, 'standard'),
  ('lanternside-oval', 'PAV', 1, 'Lower', 60, 29, 8, 5, 10, 60, 'members'),
  ('lanternside-oval', 'PAV', 2, 'Upper', 345, 26, 8, 5, 26, 70, 'members'),
  ('lanternside-oval', 'BOAR', 1, 'Terrace', 60, 22, 8, 5, 0, 0, 'standard'),
  ('reedbed-oval', null, 1, 'Lower', 60, 26, 8, 5, 4, 60, 'standard'),
  ('reedbed-oval', null, 2, 'Upper', 323, 31, 8, 5, 18, 90, 'standard'),
  ('reedbed-oval', 'BOAT', 1, 'Terrace', 60, 20, 8, 5, 0, 0, 'standard'),
  ('reedbed-oval', 'PUNT', 1, 'Terrace', 60, 20, 8, 5, 0, 0, 'standard'),
  ('salt-pan-ground', null, 1, 'Lower', 60, 21, 8, 5, 5, 60, 'standard'),
  ('salt-pan-ground', null, 2, 'Upper', 280, 20, 8, 5, 20, 80, 'standard'),
  ('salt-pan-ground', 'FARE', 1, 'Terrace', 60, 18, 8, 5, 0, 0, 'standard'),
  ('salt-pan-ground', 'EBNK', 1, 'Bank', 60, 22, 10, 7, 0, 0, 'unreserved'),
  ('salt-pan-ground', 'WBNK', 1, 'Bank', 60, 22, 10, 7, 0, 0, 'unreserved'),
  ('tidewall-park', null, 1, 'Stalls', 60, 16, 8, 5, 0, 0, 'standard'),
  ('tidewall-park', null, 2, 'Circle', 225, 14, 8, 5, 14, 80, 'standard'),
  ('tidewall-park', 'PAV', 1, 'Terrace', 60, 12, 8, 5, 4, 50, 'standard'),
  ('tidewall-park', 'PAV', 2, 'Balcony', 186, 8, 8, 5, 8, 45, 'standard'),
  ('hopyard-ground', null, 1, 'Stand', 60, 20, 8, 5, 0, 0, 'standard'),
  ('hopyard-ground', 'PAV', 1, 'Terrace', 60, 12, 8, 5, 4, 50, 'standard'),
  ('hopyard-ground', 'PAV', 2, 'Balcony', 186, 8, 8, 5, 8, 45, 'standard'),
  ('moor-lane', null, 1, 'Stand', 60, 12, 8, 5, 0, 0, 'standard'),
  ('moor-lane', 'WOOL', 1, 'Stand', 60, 12, 8, 5, 10, 50, 'standard'),
  ('moor-lane', 'TRAM', 1, 'Stand', 60, 13, 8, 5, 12, 50, 'standard'),
  ('moor-lane', 'BANK', 1, 'Bank', 60, 10, 10, 6.5, 0, 0, 'standard'),
  ('moor-lane', 'PAV', 1, 'Terrace', 60, 10, 8, 5, 4, 50, 'standard'),
  ('moor-lane', 'PAV', 2, 'Balcony', 170, 5, 8, 5, 5, 45, 'standard');

create function pg_temp.around(rx float, ry float, degrees float) returns point
language sql immutable return point(rx * sind(degrees), -ry * cosd(degrees));

-- Bays are about eleven metres wide in the middle row, between aisles of 1.2 m; a stand ends a little before its
-- neighbour begins.
create temporary table demo_bay on commit drop as
select s.slug, s.position as stand, s.code, s.straight, v.position as level, v.begins, v.row_count, v.depth, v.pitch,
       v.kind, p.rx, p.ry,
       substr(s.bands, v.position, 1) as band, substr(s.gates, v.position, 1) as gate, b.bays, n as position,
       (s.begins + s.ends) / 2 as middle, w.width / b.bays as width, (n - 0.5) / b.bays - 0.5 as aside,
       a.begins + (a.ends - a.begins) * (n - 1) / b.bays as from_angle,
       a.begins + (a.ends - a.begins) * n / b.bays as to_angle,
       a.begins + (a.ends - a.begins) * (n - 0.5) / b.bays as angle
  from demo_stand s join demo_plan p using (slug)
  cross join lateral (select distinct on (l.position) l.* from demo_level l
                       where l.slug = s.slug and l.position <= length(s.bands) and coalesce(l.code, s.code) = s.code
                       order by l.position, l.code nulls last) v
  cross join lateral (select s.begins + 0.8 as begins, s.ends - 0.8 as ends) a
  cross join lateral (select v.begins + case when s.straight then 0 else v.row_count * v.depth / 2 end as middle_row) m
  cross join lateral (select radians(case when s.straight then 2 * sind((a.ends - a.begins) / 2) * 180 / pi()
                                          else a.ends - a.begins end)
                             * ((p.rx + p.ry) / 2 + m.middle_row) as width) w
  cross join lateral (select greatest(1, round(w.width / 110)::int) as bays) b
  cross join lateral generate_series(1, b.bays) n;

-- A row of a curved stand lies on an ellipse around the field, and so grows towards the back; one of a straight stand
-- on a line.
create temporary table demo_row on commit drop as
select r.*, case when straight then width else r.a <-> r.b end - 12 as room
  from (select y.*, n, pg_temp.around(rx + begins + depth * (n - 1), ry + begins + depth * (n - 1), from_angle) as a,
               pg_temp.around(rx + begins + depth * (n - 1), ry + begins + depth * (n - 1), to_angle) as b
          from demo_bay y cross join lateral generate_series(1, y.row_count) n) r;
alter table demo_row add seats int, add x0 float, add y0 float, add x1 float, add y1 float, add bend float;
update demo_row set seats = floor(room / pitch);

-- A ground has so many seats and not one more: what there is room for beyond that is left out evenly, a seat of a row.
update demo_row r set seats = seats - (k.over * k.nth / k.row_count - k.over * (k.nth - 1) / k.row_count)
  from (select slug, stand, level, position, n, p.seats as wanted, sum(r.seats) over of_ground - p.seats as over,
               count(*) over of_ground as row_count,
               row_number() over (partition by slug order by stand, level, position, n) as nth
          from demo_row r join demo_plan p using (slug) window of_ground as (partition by slug)) k
 where (r.slug, r.stand, r.level, r.position, r.n) = (k.slug, k.stand, k.level, k.position, k.n);

update demo_row r set x0 = e.x0, y0 = e.y0, x1 = e.x1, y1 = e.y1,
       bend = case when straight then 0
              else ((e.xm - (e.x0 + e.x1) / 2) * (e.y1 - e.y0) - (e.ym - (e.y0 + e.y1) / 2) * (e.x1 - e.x0))
                   / sqrt((e.x1 - e.x0) ^ 2 + (e.y1 - e.y0) ^ 2) end
  from (select q.slug, q.stand, q.level, q.position, q.n,
               case when straight then q.cx - q.half * q.ux else p0[0] end as x0,
               case when straight then q.cy - q.half * q.uy else p0[1] end as y0,
               case when straight then q.cx + q.half * q.ux else p1[0] end as x1,
               case when straight then q.cy + q.half * q.uy else p1[1] end as y1, pm[0] as xm, pm[1] as ym
          from (select d.*, d.o + d.rx as ox, d.o + d.ry as oy, d.seats * d.pitch / 2 as half, cosd(d.middle) as ux,
                       sind(d.middle) as uy,
                       -- The stand's middle, then aside along the line, then out at a right angle to it.
                       (d.rx + d.begins) * sind(d.middle) + d.aside * d.bays * d.width * cosd(d.middle)
                         + (d.o - d.begins) * sind(d.middle) as cx,
                       -(d.ry + d.begins) * cosd(d.middle) + d.aside * d.bays * d.width * sind(d.middle)
                         - (d.o - d.begins) * cosd(d.middle) as cy,
                       pg_temp.around(d.rx + d.o, d.ry + d.o, d.angle - d.turn) as p0,
                       pg_temp.around(d.rx + d.o, d.ry + d.o, d.angle + d.turn) as p1,
                       pg_temp.around(d.rx + d.o, d.ry + d.o, d.angle) as pm
                  from (select r.*, begins + depth * (n - 1) as o,
                               (to_angle - from_angle) / 2 * seats * pitch / (room + 12) as turn
                          from demo_row r) d) q) e
 where (r.slug, r.stand, r.level, r.position, r.n) = (e.slug, e.stand, e.level, e.position, e.n);

insert into layout (stadium_id, version) select s.id, 1 from stadium s join demo_plan p using (slug);

insert into stand (layout_id, code, name, position, note)
select l.id, d.code, d.name, d.position, d.note
  from demo_stand d join stadium s using (slug)
  join layout l on l.stadium_id = s.id and l.version = 1 order by l.id, d.position;

insert into level (stand_id, name, position, roof_rows, roof_height)
select t.id, v.name, v.position, v.roof_rows, v.roof_height
  from demo_stand d join stadium s using (slug) join layout l on l.stadium_id = s.id and l.version = 1
  join stand t on t.layout_id = l.id and t.code = d.code
  cross join lateral (select distinct on (l.position) l.* from demo_level l
                       where l.slug = d.slug and l.position <= length(d.bands) and coalesce(l.code, d.code) = d.code
                       order by l.position, l.code nulls last) v
 order by t.id, v.position;

-- Each join is planned by what stands there now: statistics of an emptied table make it a nested loop of minutes.
analyze layout, stand, level, demo_bay;

-- Bays are numbered around the ground: 101, 102 … below, 301 … above; a small ground counts from 1.
insert into bay (level_id, gate_id, name, position, view)
select v.id, g.id,
       (case when p.seats < 20000 then 0 else 200 * y.level - 100 end
        + row_number() over (partition by y.slug, case when p.seats < 20000 then 0 else y.level end
                             order by y.stand, y.level, y.position))::text,
       y.position,
       case when y.kind = 'unreserved' then 'Grass, unreserved: sit where you like.'
            when y.code = 'BOAR' and y.slug = 'lanternside-oval' then 'Under the board: you hear it, you do not see it.'
            when y.code = 'PAV' and y.slug = 'moor-lane'
              and y.level = 1 then 'Iron posts hold the balcony: marked seats have one in front of them.'
            when y.code = 'PAV' and y.slug = 'tidewall-park'
              and y.level = 1 then 'Brick pillars hold the balcony: marked seats have one in front of them.'
            when abs(sind(y.angle)) < 0.12 then 'Behind the bowler''s arm.'
            when abs(cosd(y.angle)) < 0.12 then 'Square of the wicket.' else '' end
  from demo_bay y join demo_plan p using (slug) join stadium s using (slug)
  join layout l on l.stadium_id = s.id and l.version = 1 join stand t on t.layout_id = l.id and t.code = y.code
  join level v on v.stand_id = t.id and v.position = y.level
  join gate g on g.stadium_id = s.id and g.code = y.gate
 order by t.id, v.position, y.position;

analyze bay, demo_row;

-- Rows by letters from the rope, without I and O, which read like figures; after Z come AA, BB.
insert into seat_row (bay_id, name, position, shape, note)
select b.id, repeat(substr('ABCDEFGHJKLMNPQRSTUVWXYZ', 1 + (r.n - 1) % 24, 1), 1 + (r.n - 1) / 24), r.n,
       array[round(r.x0), round(r.y0), round(r.x1), round(r.y1), round(r.bend)]::int2[],
       case when r.kind = 'unreserved' then ''
            when r.n > r.row_count - 3
              and exists (select from demo_bay u where u.slug = r.slug and u.code = r.code and u.level = r.level + 1)
            then 'The level above hides the highest balls.' else '' end
  from demo_row r join stadium s using (slug) join layout l on l.stadium_id = s.id and l.version = 1
  join stand t on t.layout_id = l.id and t.code = r.code
  join level v on v.stand_id = t.id and v.position = r.level
  join bay b on b.level_id = v.id and b.position = r.position
 order by b.id, r.n;

-- A quarter of a million rows that refer to what stands a few lines above: where the login may, they are not looked up
-- one by one.
do $$ begin
  set local session_replication_role = replica;
exception when insufficient_privilege then
  null;
end $$;

analyze seat_row;

-- Quality: best behind the bowler's arm and near the pavilion, in the middle rows; the lower levels a little before the
-- upper, and the middle of a stand before its ends. Accessible places stand with their companions on the concourse, in
-- the last row of each second bay at the ground's level. Restricted: behind posts and pillars, beside the sight
-- screens, and under the scoreboard's overhang.
insert into seat (layout_id, stand_id, row_id, number, position, kind, band, quality)
select q.layout_id, q.stand_id, q.row_id, q.n::text, q.n, q.kind, q.band,
       greatest(0, least(1000, round(320 * abs(cosd(q.angle)) + 110 * (1 + cosd(q.angle)) / 2
         + 330 * (1 - 1.5 * abs((q.row_position - 1.0) / (q.row_count - 1) - 0.45))
         + 130 * (1 - abs(2.0 * (q.bay_position - 1 + (q.n - 0.5) / q.seats) / q.bays - 1))
         + case q.level when 1 then 90 when 2 then 50 else 0 end - case q.kind when 'restricted' then 300 else 0 end)))
  from (select t.layout_id, t.id as stand_id, w.id as row_id, g.n, r.band, r.level, r.row_count, r.seats, r.bays,
               r.n as row_position, r.position as bay_position, r.angle,
               case when r.kind = 'unreserved' then r.kind
                    when r.level = 1 and r.code <> 'BANK' and r.position % 2 = 1 and r.n = r.row_count
                      and g.n <= 6 then case g.n % 2 when 1 then 'accessible' else 'companion' end
                    when r.slug in ('moor-lane', 'tidewall-park') and r.code = 'PAV' and r.level = 1 and r.n > 4
                      and g.n % 8 = 4 then 'restricted'
                    when r.kind = 'members' then r.kind
                    when r.level = 1 and r.n <= 2 and abs(sind(r.angle)) < 0.06 and g.n > r.seats - 6 then 'restricted'
                    when r.slug = 'lanternside-oval' and r.code = 'BOAR' and r.n > r.row_count - 2 then 'restricted'
                    else 'standard' end as kind
          from demo_row r join stadium s using (slug) join layout l on l.stadium_id = s.id and l.version = 1
          join stand t on t.layout_id = l.id and t.code = r.code
          join level v on v.stand_id = t.id and v.position = r.level
          join bay b on b.level_id = v.id and b.position = r.position
          join seat_row w on w.bay_id = b.id and w.position = r.n
          cross join lateral generate_series(1, r.seats) g (n)) q
 order by q.row_id, q.n;

do $$ begin
  set local session_replication_role = origin;
exception when insufficient_privilege then
  null;
end $$;

update layout l set seat_count = p.seats, published_at = now() from stadium s join demo_plan p using (slug)
 where s.id = l.stadium_id;
