"""Parking: with a match or for a free window, in the seats' booking or alone; never more cars than bays
at any moment.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.support.cast import _stand
from tests.support.holding import age, booking, hold
from tests.support.page import Browser
from tests.support.selling import start_payment


def page_of(ground, event=True, **query):
    words = {"event": ground.event} if event else {}
    words |= query
    return f"/book-parking-enhanced/{ground.stadium}" + (
        "?" + "&".join(f"{k}={v}" for k, v in words.items()) if words else ""
    )


def park(browser, ground, kind="standard", plate="CRV 26A", window=1, **fields):
    fields = {"event": ground.event, "window": window, "bay": f"{ground.car_park}-{kind}", "plate": plate} | fields
    return browser.post(f"/book-parking-enhanced/{ground.stadium}", **fields)


def park_free(browser, ground, start, hours=2.0, plate="ABC123", kind="standard", days=2):
    """Park from `start` o'clock, some days from now, in Sydney's time."""
    at = (datetime.now(ZoneInfo("Australia/Sydney")) + timedelta(days=days)).replace(
        hour=start, minute=0, second=0, microsecond=0
    )
    form = "%Y-%m-%dT%H:%M"
    return park(
        browser,
        ground,
        kind,
        plate,
        event=None,
        window=None,
        **{"from": at.strftime(form), "to": (at.replace(tzinfo=None) + timedelta(hours=hours)).strftime(form)},
    )


def picks(page):
    """{value: disabled} of the car parks to choose from."""
    return {i.attrs["value"]: "disabled" in i.attrs for i in page.root.find_all("input", name="bay")}


# --- the way through --------------------------------------------------------------------------------------------------


def test_parking_joins_the_seats_and_is_paid_with_them(as_asha, ground, rows):
    hold(as_asha, ground, "A1", "A2")
    page = as_asha.get(page_of(ground))
    assert "Wharf Street" in page.text and "A$25" in page.text
    assert "4 minutes’ walk to your gate C, about 300 m. 3 bays left" in page.text
    assert "No parking, go on to pay" in page.text and "Held for you" in page.text
    answer = park(as_asha, ground)
    number = booking(rows)["id"]
    assert answer.status == 303 and answer.location == f"/bookings/{number}/pay"
    assert rows.value("select count(*) from booking") == 1
    assert rows.value("select total from booking") == 2 * 5290 + 2500
    claim = rows.one("select * from parking_claim")
    assert (
        claim["plate"] == "CRV 26A" and claim["state"] == "held" and claim["expires_at"] == booking(rows)["expires_at"]
    )
    seats = as_asha.get(f"/book-tickets-enhanced/{ground.event}")
    assert "Wharf Street" in seats.text and "plate CRV 26A" in seats.text


def draw(rows, ground):
    """Another layout for the match, drawn on the plan: Cooper in the east goes in by gate C, the Pavilion in the west
    by W, where there is a car park, too; its id."""
    gate = rows.value(
        "insert into gate (stadium_id, code, name, zone) values (:s, 'W', 'Gate W', 9) returning id", s=ground.stadium
    )
    layout = rows.value(
        "insert into layout (stadium_id, version, seat_count) values (:s, 2, 12) returning id", s=ground.stadium
    )
    ground.seats = _stand(rows, layout, "COOP", "Cooper Stand", "C", ground.gate, {"A": 6})
    ground.seats |= _stand(rows, layout, "PAV", "Pavilion", "A", gate, {"P": 6})
    for seat, shape in (("A1", [900, -60, 900, 60, 0]), ("P1", [-900, 60, -900, -60, 0])):
        rows(
            "update seat_row set shape = :shape where id = (select row_id from seat where id = :id)",
            shape=shape,
            id=ground.seats[seat],
        )
    rows("update layout set published_at = now() where id = :l", l=layout)
    rows("update event set layout_id = :l where id = :e", l=layout, e=ground.event)
    near = rows.value(
        "insert into car_park (stadium_id, gate_id, name, walk_minutes, zone) values (:s, :g, 'West Lot', 6, 2) "
        "returning id",
        s=ground.stadium,
        g=gate,
    )
    rows("insert into car_park_bays values (:p, 'standard', 3, 2000, 500)", p=near)
    return near


@pytest.mark.parametrize(
    ("seat", "order", "words"),
    [
        ("A1", ["Wharf Street", "West Lot"], ["4 minutes’ walk to your gate C", "10 minutes’ walk to your gate C"]),
        ("P3", ["West Lot", "Wharf Street"], ["6 minutes’ walk to your gate W", "8 minutes’ walk to your gate W"]),
        (None, ["Wharf Street", "West Lot"], ["4 minutes’ walk to gate C", "6 minutes’ walk to gate W"]),
    ],
)
def test_car_parks_come_by_the_walk_to_the_buyers_own_gate(as_asha, ground, rows, seat, order, words):
    west = draw(rows, ground)
    if seat:
        hold(as_asha, ground, seat)
    page = as_asha.get(page_of(ground))
    told = [p.text for p in page.root.find_all("label") if "pick" in p.attrs.get("class", "")][:2]
    assert [next(name for name in order if name in text) for text in told] == order
    assert [word in text for text, word in zip(told, words, strict=True)] == [True, True]
    chosen = [i.attrs["value"] for i in page.root.find_all("input", name="bay") if "checked" in i.attrs]
    assert chosen == [f"{west if order[0] == 'West Lot' else ground.car_park}-standard"]


def test_parking_can_lead_back_to_the_seats(as_asha, ground):
    answer = park(as_asha, ground, then="seats")
    assert answer.status == 303 and answer.location == f"/book-tickets-enhanced/{ground.event}#tray"
    assert "1 bay held" in as_asha.get(answer.location).text


def test_the_window_is_the_matchs_and_the_price_is_for_the_match(as_asha, ground, rows):
    park(as_asha, ground, window=2)
    claim, event = (
        rows.one("select * from parking_claim"),
        rows.one("select * from event where id = :e", e=ground.event),
    )
    assert claim["starts_at"] == event["starts_at"] - timedelta(hours=1)
    assert claim["ends_at"] == event["ends_at"] + timedelta(minutes=90)
    assert rows.value("select face from booking_line") == 2500


def test_a_visitor_parks_alone_on_any_day_by_the_started_hour(visitor, ground, rows):
    answer = park_free(visitor, ground, 10, hours=2.5)
    row = booking(rows)
    assert answer.status == 303 and answer.location == f"/bookings/{row['id']}/pay"
    assert row["event_id"] is None and row["total"] == 3 * 600
    claim = rows.one("select starts_at, ends_at from parking_claim")
    assert claim["starts_at"].astimezone(ZoneInfo("Australia/Sydney")).hour == 10
    page = visitor.get(page_of(ground, event=False))
    assert "Held for you" in page.text
    assert [i.attrs["value"] for i in page.root.find_all("input", name="plate")] == ["ABC123"]


def test_the_page_without_a_match_offers_the_matches_and_a_free_window(visitor, ground):
    page = visitor.get(page_of(ground, event=False))
    assert "Terns v Herons" in page.text and page.root.find("input", name="from") is not None
    assert not picks(page)
    tomorrow = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%d")
    page = visitor.get(page_of(ground, event=False, **{"from": f"{tomorrow}T10:00", "to": f"{tomorrow}T13:00"}))
    assert picks(page) == {f"{ground.car_park}-standard": False, f"{ground.car_park}-accessible": False}
    assert "3 started hours" in page.text and "A$18" in page.text


def test_a_held_bay_is_given_back(as_asha, ground, rows):
    hold(as_asha, ground, "A1")
    park(as_asha, ground)
    line = rows.value("select id from booking_line where kind = 'parking'")
    as_asha.post(f"/holds/{booking(rows)['id']}/lines/{line}/release")
    assert rows.value("select count(*) from parking_claim") == 0
    assert rows.value("select total from booking") == 5290


def test_starting_again_gives_the_bay_back_too(as_asha, ground, rows):
    hold(as_asha, ground, "A1")
    park(as_asha, ground)
    as_asha.post(f"/holds/{booking(rows)['id']}/release")
    assert rows.value("select count(*) from parking_claim") == rows.value("select count(*) from seat_claim") == 0


# --- states -----------------------------------------------------------------------------------------------------------


def test_a_closed_car_park_is_shown_and_refused(as_asha, ground, rows):
    rows("update car_park set is_closed = true")
    page = as_asha.get(page_of(ground))
    assert "This car park is closed" in page.text and all(picks(page).values())
    answer = park(as_asha, ground)
    assert answer.status == 409 and "This car park is closed." in answer.text


def test_a_full_car_park_is_shown_and_refused_with_the_plate_kept(as_asha, as_ben, ground, rows):
    rows("update car_park_bays set capacity = 1 where kind = 'standard'")
    park(as_asha, ground)
    page = as_ben.get(page_of(ground))
    assert picks(page) == {f"{ground.car_park}-standard": True, f"{ground.car_park}-accessible": False}
    assert "All 1 are taken" in page.text
    answer = park(as_ben, ground, plate="BEN 1")
    assert answer.status == 409 and "All bays of this kind are taken for that time." in answer.text
    assert answer.root.find("input", id="plate").attrs["value"] == "BEN 1"
    assert park(as_ben, ground, kind="accessible").status == 303


def test_parking_closes_before_one_arrives(as_asha, ground, rows):
    rows("update car_park set cutoff_minutes = 10000")
    page = as_asha.get(page_of(ground))
    assert "Booking ends 10,000 minutes before you arrive" in page.text
    answer = park(as_asha, ground)
    assert answer.status == 409 and "at least 10000 minutes before" in answer.text


def test_a_ground_without_parking_says_so(visitor, ground, rows):
    page = visitor.get(f"/book-parking-enhanced/{ground.other_stadium}?event={ground.other_event}")
    assert page.status == 200 and "This ground has no parking" in page.text
    seats = visitor.post(
        f"/book-tickets-enhanced/{ground.other_event}", follow=True, seat_id=list(ground.other_seats.values())[:1]
    )
    assert "Add parking" not in seats.text
    assert any(a.text == "Pay" for a in seats.root.find_all("a"))


@pytest.mark.parametrize(
    "address",
    ["/book-parking-enhanced/999", "/book-parking-enhanced/{s}?event=999", "/book-parking-enhanced/{s}?event={o}"],
)
def test_an_unknown_ground_or_match_is_not_found(visitor, ground, address):
    assert visitor.get(address.format(s=ground.stadium, o=ground.other_event)).status == 404


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"plate": ""}, 422, "Enter the number plate"),
        ({"plate": "-"}, 422, "Enter the number plate"),
        ({"plate": "ABCDEFGHIJKL"}, 422, "Enter the number plate"),
        ({"bay": ""}, 422, "Choose a car park"),
        ({"bay": "x-standard"}, 422, "Choose a car park"),
        ({"bay": "999-standard"}, 404, "no such car park"),
        ({"kind": "motorcycle"}, 422, "no bays of that kind"),
        ({"window": 7}, 422, "Choose when you arrive"),
        ({"window": None}, 422, "Choose when you arrive"),
        ({"event": None, "from": "soon", "to": "later"}, 422, "Choose a day and a time"),
        ({"event": None, "from": "2030-01-01T10:00", "to": "2030-01-01T09:00"}, 422, "leave before you come"),
        ({"event": None, "from": "2040-01-01T10:00", "to": "2040-01-01T12:00"}, 422, "up to 180 days ahead"),
        ({"event": None, "from": "2030-01-01T10:00+05:00", "to": "2030-01-01T12:00Z"}, 422, "Choose a day and a time"),
    ],
)
def test_what_cannot_be_booked_is_refused_in_words(as_asha, ground, rows, fields, status, words):
    answer = park(as_asha, ground, **fields)
    assert answer.status == status and words in answer.text
    assert rows.value("select count(*) from parking_claim") == rows.value("select count(*) from booking") == 0


def test_more_than_a_day_is_refused(as_asha, ground):
    answer = park_free(as_asha, ground, 10, hours=25)
    assert answer.status == 422 and "up to a day" in answer.text


def next_change(zone, forward):
    """The next local midnight in a zone before a night in which its clocks go forward, or back, within 178 days; a year
    has both in one hemisphere or the other."""
    at = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for n in range(3, 178):
        day, after = (at + timedelta(days=d) for d in (n, n + 1))
        change = after.utcoffset() - day.utcoffset()
        if change and (change > timedelta()) == forward:
            return day
    return None


def night_of(rows, ground, forward):
    """The ground moves to where the clocks change soon. Returns the midnight before."""
    for name in ("Australia/Sydney", "Europe/London", "America/New_York"):
        if day := next_change(ZoneInfo(name), forward):
            rows("update stadium set time_zone = :z where id = :s", z=name, s=ground.stadium)
            return day
    pytest.skip("no clock changes like that within the 180 days for which parking is booked")


def wall(day, hours, minutes=0):
    """What stands in a field: so many hours past midnight, as the clock on the wall counts."""
    return (day.replace(tzinfo=None) + timedelta(hours=hours, minutes=minutes)).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("forward", "starts", "ends", "hours", "note"),
    [
        (False, (-2, 0), (6, 0), 9, "1 hour longer than they show"),
        (True, (-2, 0), (6, 0), 7, "1 hour shorter than they show"),
        (False, (0, 0), (24, 0), 25, "1 hour longer"),
        (True, (0, 0), (24, 0), 23, "1 hour shorter"),
        (True, (0, 30), (24, 30), 23, "1 hour shorter"),
        (False, (1, 30), (3, 0), 3, "01:30 comes twice: this is the first one"),
        (False, (1, 45), (1, 15), 1, "01:15 comes twice: this is the second one"),
    ],
)
def test_where_the_clocks_change_page_price_and_hold_are_one(visitor, ground, rows, forward, starts, ends, hours, note):
    day = night_of(rows, ground, forward)
    # Clocks go back from 3 to 2 in Sydney, and from 2 to 1 in London and New York.
    late = 1 if day.tzinfo.key == "Australia/Sydney" and not forward else 0
    if "twice" in note:
        starts, ends = ((hour + late, minute) for hour, minute in (starts, ends))
        note = note.replace("01:", f"0{1 + late}:")
    window = {"from": wall(day, *starts), "to": wall(day, *ends)}
    page = visitor.get(page_of(ground, event=False, **window))
    assert page.status == 200 and f", {hours} started hour" in page.text and note in page.text
    price = f"A${hours * 6}"
    assert price in page.text
    last = day + timedelta(hours=ends[0], minutes=ends[1])
    if ends[0] >= 24 or starts[0] < 0:
        assert f"to {last:%a} {last.day} {last:%b}" in page.text  # it ends on another day
    answer = park(visitor, ground, event=None, window=None, **window)
    assert answer.status == 303
    assert booking(rows)["total"] == hours * 600
    held = rows.value("select ends_at - starts_at from parking_claim")
    assert timedelta(hours=hours - 1) < held <= timedelta(hours=hours)


def test_a_time_that_the_clocks_skip_is_said(visitor, ground, rows):
    day = night_of(rows, ground, True)
    skipped = 1 if day.tzinfo.key == "Europe/London" else 2
    for starts, ends, minute in ((wall(day, skipped, 30), wall(day, 9), 30), (wall(day, 0), wall(day, skipped, 1), 1)):
        window = {"from": starts, "to": ends}
        said = f"0{skipped}:{minute:02} is skipped. Choose 0{skipped - 1}:{minute:02} or 0{skipped + 1}:{minute:02}."
        page = visitor.get(page_of(ground, event=False, **window))
        assert page.status == 422 and said in page.text and not picks(page)
        answer = park(visitor, ground, event=None, window=None, **window)
        assert answer.status == 422 and said in answer.text
    assert rows.value("select count(*) from parking_claim") == 0


@pytest.mark.parametrize(("days", "hours", "words"), [(5, 30, "up to a day at once"), (181, 6, "up to 180 days ahead")])
def test_a_window_that_cannot_be_held_is_not_offered(visitor, ground, rows, days, hours, words):
    day = datetime.now(ZoneInfo("Australia/Sydney")) + timedelta(days=days)
    page = visitor.get(page_of(ground, event=False, **{"from": wall(day, 0), "to": wall(day, hours)}))
    assert page.status == 422 and words in page.text
    assert not picks(page) and "started hour" not in page.text.replace("By the started hour", "")


def test_two_bays_are_the_most(as_asha, ground):
    assert park(as_asha, ground).status == park(as_asha, ground).status == 303
    answer = park(as_asha, ground)
    assert answer.status == 409 and "two bays at one time" in answer.text


def test_a_bay_whose_time_ran_out_is_free_again(as_asha, as_ben, ground, rows):
    rows("update car_park_bays set capacity = 1")
    park(as_asha, ground)
    age(rows, 11)
    assert park(as_ben, ground).status == 303
    assert rows.value("select count(*) from parking_claim") == 1


# --- plates -----------------------------------------------------------------------------------------------------------


def test_a_plate_is_kept_as_typed_and_can_be_changed(as_asha, as_ben, ground, rows):
    park(as_asha, ground, plate=" crv-26 a ")
    assert rows.value("select plate from parking_claim") == "crv-26 a"
    line = rows.value("select id from booking_line")
    answer = as_asha.post(f"/parking/lines/{line}/plate", plate="new 77", next=page_of(ground))
    assert answer.status == 303 and answer.location == page_of(ground)
    assert rows.value("select plate from parking_claim") == "new 77"
    wrong = as_asha.post(f"/parking/lines/{line}/plate", plate="?")
    assert wrong.status == 422 and "Enter the number plate" in wrong.text
    assert as_ben.post(f"/parking/lines/{line}/plate", plate="BEN1").status == 404
    assert rows.value("select plate from parking_claim") == "new 77"


def test_the_plate_of_a_pass_changes_until_its_time_begins(as_asha, ground, rows, sandbox):
    park(as_asha, ground)
    started = start_payment(as_asha, booking(rows)["id"])
    sandbox.pay(started["client_secret"])
    assert as_asha.api("GET", f"/api/payment-status/{started['payment_intent_id']}").json["state"] == "paid"
    line = rows.value("select line_id from parking_pass")
    assert as_asha.post(f"/parking/lines/{line}/plate", plate="late 1").status == 303
    assert rows.value("select plate from parking_pass") == rows.value("select plate from parking_claim") == "late 1"
    rows("update parking_pass set starts_at = now() - interval '1 minute'")
    page = as_asha.post(f"/parking/lines/{line}/plate", plate="late 2")
    assert page.status == 409 and "cannot be changed any more" in page.text
    assert rows.value("select plate from parking_pass") == "late 1"


# --- capacity ---------------------------------------------------------------------------------------------------------


def test_overlapping_windows_never_exceed_the_bays_under_a_race(app, ground, rows):
    """Ten cars want three bays, in windows that all overlap at noon but begin and end apart."""
    hours = [(8, 5), (9, 4), (10, 3), (11, 2), (11, 8), (8, 10), (9, 9), (10, 5), (11, 4), (8, 6)]
    browsers = [Browser(app) for _ in hours]
    for browser in browsers:
        browser.csrf()
    barrier = threading.Barrier(len(hours))

    def go(browser, window):
        barrier.wait()
        return park_free(browser, ground, *window).status

    with ThreadPoolExecutor(len(hours)) as pool:
        answers = sorted(pool.map(go, browsers, hours))
    assert answers == [303] * 3 + [409] * 7
    assert rows.value("select count(*) from parking_claim") == 3


def test_windows_that_only_touch_share_a_bay(app, ground, rows):
    rows("update car_park_bays set capacity = 1")
    assert park_free(Browser(app), ground, 8, 2).status == 303
    assert park_free(Browser(app), ground, 10, 2).status == 303
    assert park_free(Browser(app), ground, 9, 2).status == 409


def test_a_match_and_a_free_window_share_the_bays(app, as_asha, ground, rows):
    rows("update car_park_bays set capacity = 1")
    park(as_asha, ground)
    claim = rows.one("select starts_at from parking_claim")
    there = claim["starts_at"].astimezone(ZoneInfo("Australia/Sydney"))
    form = "%Y-%m-%dT%H:%M"
    answer = park(
        Browser(app),
        ground,
        event=None,
        window=None,
        **{"from": (there - timedelta(hours=1)).strftime(form), "to": (there + timedelta(hours=1)).strftime(form)},
    )
    assert answer.status == 409


WINDOWS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8)), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(claims=WINDOWS, asked=st.tuples(st.integers(0, 20), st.integers(1, 10)))
def test_the_peak_is_what_counting_every_moment_gives(engine, ground, claims, asked):
    zero = datetime(2030, 5, 1, tzinfo=UTC)

    def at(n):
        return zero + timedelta(minutes=30 * n)

    with engine.connect() as connection:
        connection.execute(text("set local row_security = off"))
        customer = connection.execute(text("insert into customer (kind) values ('visitor') returning id")).scalar()
        number = connection.execute(
            text(
                """insert into booking (reference, customer_id, stadium_id, currency, face, fee, tax, total, held_at,
                                        expires_at)
                   values ('PEAK', :c, :s, 'AUD', 0, 0, 0, 0, now(), now() + interval '1 hour') returning id"""
            ),
            {"c": customer, "s": ground.stadium},
        ).scalar()
        for start, length in claims:
            connection.execute(
                text(
                    """insert into parking_claim (car_park_id, bay_kind, booking_id, starts_at, ends_at, plate, state)
                       values (:p, 'standard', :b, :f, :t, 'X1', 'sold')"""
                ),
                {"p": ground.car_park, "b": number, "f": at(start), "t": at(start + length)},
            )
        peak = connection.execute(
            text("select app.parking_peak(:p, 'standard', :f, :t)"),
            {"p": ground.car_park, "f": at(asked[0]), "t": at(sum(asked))},
        ).scalar()
        connection.rollback()
    moments = range(asked[0], sum(asked))
    assert peak == max(sum(start <= moment < start + length for start, length in claims) for moment in moments)


def test_the_parking_page_asks_little(app, as_asha, ground):
    from tests.booking.test_hold_races import Statements

    hold(as_asha, ground, "A1")
    with Statements(app) as sent:
        as_asha.get(page_of(ground))
    assert len(sent) <= 11, sent
