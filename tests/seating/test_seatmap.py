"""The seat map of a layout: the order of its index, what browsers get, shapes for grounds without geometry, prices and
the sun.
"""

import gzip
import json
import math
import threading
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.grounds import BANDS, SEAT_KINDS
from seating import layout as seatmap
from seating import shade
from seating.shapes import arc_point, field_of, synthesise


@pytest.fixture
def in_app(app):
    with app.app_context():
        yield


def layout_of(visitor, layout):
    answer = visitor.get(f"/api/layouts/{layout}")
    assert (
        answer.status == 200
        and answer.headers["Content-Encoding"] == "gzip"
        and "immutable" in answer.headers["Cache-Control"]
    )
    return json.loads(gzip.decompress(answer.response.get_data()))


def test_seats_stand_in_the_order_of_the_ground(ground, rows, in_app):
    found = seatmap.seat_map(ground.layout)
    wanted = rows(
        """select s.id, s.kind, s.band, s.quality, s.position from seat s join seat_row r on r.id = s.row_id
             join bay b on b.id = r.bay_id
             join level l on l.id = b.level_id join stand st on st.id = s.stand_id where s.layout_id = :l
            order by st.position, st.id, l.position, b.position, b.id, r.position, r.id, s.position""",
        l=ground.layout,
    )
    assert found.count == 22 and found.stadium_id == ground.stadium
    got = [
        (found.ids[i], SEAT_KINDS[found.kind[i]], BANDS[found.band[i]], found.quality[i], found.position[i])
        for i in range(found.count)
    ]
    assert got == [(s["id"], s["kind"], s["band"], s["quality"], s["position"]) for s in wanted]
    assert [found.index_of(s["id"]) for s in wanted] == list(range(22))
    assert found.index_of(0) is None and found.index_of(2**31 - 1) is None
    for row in found.rows:
        assert {found.row_of[i] for i in range(row.first, row.first + row.count)} == {found.rows.index(row)}
    assert [(s.code, s.first, s.count) for s in found.stands] == [("COOP", 0, 16), ("PAV", 16, 6)]


def test_gaps_odd_numbers_and_turned_ids_are_told(ground, rows, visitor, in_app):
    rows("update layout set published_at = null where id = :l", l=ground.layout)
    rows("delete from seat where id = :id", id=ground.seats["A3"])
    rows(
        "update seat set number = 'Z' || number where row_id = (select row_id from seat where id = :id)",
        id=ground.seats["P1"],
    )
    rows(
        "update seat set position = 100 - position where row_id = (select row_id from seat where id = :id)",
        id=ground.seats["B1"],
    )
    rows(
        "update seat set position = position - 91 where row_id = (select row_id from seat where id = :id)",
        id=ground.seats["B1"],
    )
    rows("update layout set published_at = now() where id = :l", l=ground.layout)
    found = seatmap.seat_map(ground.layout)
    assert found.index_of(ground.seats["B8"]) == 7 and found.index_of(ground.seats["B1"]) == 14
    assert found.index_of(ground.seats["A3"]) is None and found.index_of(ground.seats["A4"]) == 2
    shown = layout_of(visitor, ground.layout)
    assert shown["spans"] == {"0": 8} and shown["positions"] == {"0": [1, 2, 4, 5, 6, 7, 8]}
    assert shown["numbers"]["2"] == ["Z1", "Z2", "Z3", "Z4", "Z5", "Z6"]
    ids = [first + n for first, count in shown["ids"] for n in range(count)]
    assert ids == found.ids.tolist()
    assert found.number(15) == "Z1" and found.number(2) == "4"


def test_the_body_says_kinds_bands_and_rows(ground, visitor):
    shown = layout_of(visitor, ground.layout)
    assert shown["seats"] == 22 and shown["kinds"] == {"accessible": [[16, 1]], "companion": [[17, 1]]}
    assert shown["bands"] == [["C", 16], ["A", 6]]
    assert shown["rows"]["count"] == [8, 8, 6] and len(shown["rows"]["shape"]) == 15
    assert [g["code"] for g in shown["gates"]] == ["C"]
    x0, y0, x1, y1 = shown["box"]
    assert x0 < -shown["field"][0] < shown["field"][0] < x1 and y0 < y1


def test_a_hundred_thousand_seats_are_a_small_body(ground, rows, visitor):
    layout = large_layout(rows, ground)
    answer = visitor.get(f"/api/layouts/{layout}")
    assert len(answer.response.get_data()) <= 250_000
    shown = json.loads(gzip.decompress(answer.response.get_data()))
    assert shown["seats"] == 100_000 == sum(shown["rows"]["count"])


def large_layout(rows, ground):
    """100,000 seats with shapes, in ten stands of two levels, published."""
    layout = rows.value(
        "insert into layout (stadium_id, version, seat_count) values (:s, 2, 100000) returning id", s=ground.stadium
    )
    rows(
        "insert into stand (layout_id, code, name, position) select :l, 'L' || g, 'Stand ' || g, g "
        "from generate_series(1, 10) g",
        l=layout,
    )
    rows(
        "insert into level (stand_id, name, position) select id, 'Level ' || n, n from stand, generate_series(1, 2) n "
        "where layout_id = :l",
        l=layout,
    )
    rows(
        """insert into bay (level_id, gate_id, name, position) select l.id, :g, n::text, n from level l
                                                                 join stand s on s.id = l.stand_id,
             generate_series(1, 10) n where s.layout_id = :l""",
        g=ground.gate,
        l=layout,
    )
    rows(
        """insert into seat_row (bay_id, name, position, shape)
           select b.id, n::text, n, array[700 + n * 8, b.position * 40, 700 + n * 8 + s.position,
                  b.position * 40 + 110 + n % 3, n % 7]::int2[]
             from bay b join level l on l.id = b.level_id join stand s on s.id = l.stand_id, generate_series(1, 25) n
            where s.layout_id = :l""",
        l=layout,
    )
    rows(
        """insert into seat (layout_id, stand_id, row_id, number, position, band, quality, kind)
           select :l, s.id, r.id, n::text, n, (array['A','B','C','D','E'])[1 + (r.position + s.position) % 5],
                  (r.id * 7 + n) % 1000,
                  case when n = 1 and r.position = 25 then 'accessible' when n = 2 and r.position = 25 then 'companion'
                       else 'standard' end
             from seat_row r join bay b on b.id = r.bay_id join level l on l.id = b.level_id
             join stand s on s.id = l.stand_id,
                  generate_series(1, 20) n where s.layout_id = :l""",
        l=layout,
    )
    rows("update layout set published_at = now() where id = :l", l=layout)
    # As autovacuum would have by the time that people come: else the plan hangs on when it last looked.
    for table in ("seat", "seat_row", "bay", "level", "stand"):
        rows(f"analyze {table}")
    return layout


def test_fifty_who_come_first_load_once(app, ground, monkeypatch):
    loads, load = [], seatmap._load
    monkeypatch.setattr(seatmap, "_load", lambda layout_id: loads.append(layout_id) or load(layout_id))
    found = []

    def ask():
        with app.app_context():
            found.append(seatmap.seat_map(ground.layout))

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == [ground.layout] and len({id(m) for m in found}) == 1 and len(found) == 50


def test_an_unpublished_layout_is_not_kept(ground, rows, visitor):
    rows("update layout set published_at = null where id = :l", l=ground.layout)
    assert visitor.get(f"/api/layouts/{ground.layout}").status == 404
    rows("update layout set published_at = now() where id = :l", l=ground.layout)
    assert visitor.get(f"/api/layouts/{ground.layout}").status == 200
    assert visitor.get("/api/layouts/2147483647").status == 404


def test_the_body_comes_from_the_store_that_processes_share(ground, visitor, monkeypatch):
    first = layout_of(visitor, ground.layout)
    seatmap.seat_map.cache_clear(), seatmap.body.cache_clear()
    monkeypatch.setattr(seatmap, "_load", lambda layout_id: pytest.fail("loaded although the body is there"))
    assert layout_of(visitor, ground.layout) == first


# --- shapes -----------------------------------------------------------------------------------------------------------

grounds = st.lists(
    st.lists(
        st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=6), min_size=1, max_size=4), min_size=1, max_size=3
    ),
    min_size=2,
    max_size=9,
)


@settings(deadline=None)
@given(grounds)
def test_made_up_rows_lie_outside_the_field_and_each_other(stands):
    made = synthesise(stands)
    assert [[[len(bay) for bay in level] for level in stand] for stand in made] == [
        [[len(b) for b in level] for level in s] for s in stands
    ]
    shapes = [shape for stand in made for level in stand for bay in level for shape in bay]
    rx, ry = field_of(shapes)
    for shape in shapes:
        for t in (0, 0.25, 0.5, 0.75, 1):
            x, y = arc_point(shape, t)
            assert math.hypot(x / rx, y / ry) > 1
    for stand in made:
        for level in stand:
            for bay in level:
                far = [math.hypot(*arc_point(shape, 0.5)) for shape in bay]
                assert far == sorted(far) and len(set(far)) == len(far)
    if len(stands[0][0]) == 1:
        x, y = arc_point(made[0][0][0][0], 0.5)
        assert y < 0 and abs(x) <= 2  # the first stand is centred at the top


@settings(deadline=None)
@given(grounds)
def test_stands_go_clockwise_once_around(stands):
    turns = []
    for stand in synthesise(stands):
        for bay in stand[0]:
            x0, y0, x1, y1, bend = bay[0]
            assert bend >= -1
            x, y = arc_point(bay[0], 0.5)
            turns.append(math.atan2(x, -y) % math.tau)
            assert (
                x0 * y1 - y0 * x1 >= -1500
            )  # clockwise on a plan whose y points down; a row of one seat may be a point
    steps = [(b - a) % math.tau for a, b in zip(turns, turns[1:], strict=False)]
    assert sum(steps) < math.tau


# --- prices and the sun -----------------------------------------------------------------------------------------------


def test_prices_carry_their_version(ground, rows, visitor):
    address = f"/api/events/{ground.event}/prices"
    first = visitor.get(address)
    version = first.json["version"]
    assert first.headers["Cache-Control"] == "no-cache"
    assert (
        first.json["bands"]["C"]["adult"]["face"] == 4800
        and first.json["limit"] == 8
        and first.json["guards_singles"] is False
    )
    assert "immutable" in visitor.get(f"{address}?v={version}").headers["Cache-Control"]
    rows("update event_price set face = face + 100 where event_id = :e and band = 'C'", e=ground.event)
    stale = visitor.get(f"{address}?v={version}")
    assert stale.headers["Cache-Control"] == "no-cache" and stale.json["version"] != version
    assert visitor.get("/api/events/2147483647/prices").status == 404


# Published by NOAA's solar calculator (gml.noaa.gov/grad/solcalc): place, time, azimuth, elevation, to be met within
# half a degree. The solstices at noon follow from the obliquity alone: 90 - latitude ± 23.44.
@pytest.mark.parametrize(
    ("latitude", "longitude", "at", "azimuth", "elevation"),
    [
        (51.4769, 0.0, datetime(2024, 6, 20, 12, 1, 40, tzinfo=UTC), 180, 90 - 51.4769 + 23.44),
        (51.4769, 0.0, datetime(2024, 12, 21, 11, 58, 0, tzinfo=UTC), 180, 90 - 51.4769 - 23.44),
        (-33.87, 151.21, datetime(2024, 12, 21, 1, 53, 0, tzinfo=UTC), 0, 90 - 33.87 + 23.44),
        (0.0, 0.0, datetime(2024, 3, 20, 6, 7, 20, tzinfo=UTC), 90, 0),
        # Meeus-grade almanac example: NREL's SPA report (TP-560-34302), table A4.2: topocentric zenith 50.11162°,
        # azimuth 194.34024°.
        (39.742476, -105.1786, datetime(2003, 10, 17, 19, 30, 30, tzinfo=UTC), 194.34024, 90 - 50.11162),
    ],
)
def test_the_sun_stands_where_almanacs_say(latitude, longitude, at, azimuth, elevation):
    found_azimuth, found_elevation = shade.sun_at(latitude, longitude, at)
    assert abs(found_elevation - elevation) < 0.5
    # Close to the zenith a small arc is a large angle.
    off = (found_azimuth - azimuth + 180) % 360 - 180
    assert abs(off) * math.cos(math.radians(found_elevation)) < 0.5


def stage_with_roof(bearing, roof_rows=5, height=60):
    """Twenty rows, 8 dm apart, straight up on the plan from the middle."""
    rows = [SimpleNamespace(bay=0, shape=(-50, -700 - 8 * n, 50, -700 - 8 * n, 0)) for n in range(20)]
    seats = SimpleNamespace(
        rows_of_bays=[rows],
        bays=[SimpleNamespace(level=0)],
        levels=[SimpleNamespace(roof_rows=roof_rows, roof_height=height)],
    )
    return seats, SimpleNamespace(latitude=51.4769, longitude=0.0, bearing=bearing, time_zone="Europe/London")


WINTER_NOON = datetime(2024, 12, 21, 11, 58, tzinfo=UTC)  # the sun due south, 15 degrees high


def test_a_low_sun_behind_the_stand_throws_the_shadow_over_all_of_it():
    assert shade.shaded_rows(*stage_with_roof(180), WINTER_NOON) == [[0, 20]]


def test_a_low_sun_across_the_field_comes_in_under_the_roof():
    assert shade.shaded_rows(*stage_with_roof(0), WINTER_NOON) == []


def test_a_sun_from_the_side_shades_what_the_roof_covers():
    seats, stadium = stage_with_roof(90)
    azimuth, _ = shade.sun_at(51.4769, 0.0, WINTER_NOON)
    stadium.bearing = azimuth - 90
    assert shade.shaded_rows(seats, stadium, WINTER_NOON) == [[15, 5]]


def test_no_roof_and_no_sun_give_no_shade():
    assert shade.shaded_rows(*stage_with_roof(180, roof_rows=0), WINTER_NOON) == []
    midnight = WINTER_NOON.replace(hour=23)
    seats, stadium = stage_with_roof(180)
    assert (
        shade.shaded_rows(seats, stadium, midnight) == []
        and shade.sun_in_words(stadium, midnight, 0) == "Under lights."
    )
    assert (
        shade.sun_in_words(stadium, WINTER_NOON, 1200)
        == "At 11:58 the sun is in the south, 15° high. 1,200 seats are in the shade."
    )
    stadium.latitude = None
    assert shade.shaded_rows(seats, stadium, WINTER_NOON) == [] and shade.sun_in_words(stadium, WINTER_NOON, 0) == ""
