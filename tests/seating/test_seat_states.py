"""The states of an event's seats: true to the claims, packed as promised, cheap when fresh."""

import gzip
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event as sqlalchemy_event

from seating import claims
from seating import states as seat_states
from seating.layout import seat_map
from tests.support.holding import age, api_hold


def unpack(packed, count):
    return [packed[i >> 2] >> 2 * (i & 3) & 3 for i in range(count)]


@given(st.lists(st.integers(0, 3), max_size=70))
def test_two_bits_a_seat(states):
    packed = seat_states.pack(bytearray(states))
    assert len(packed) == -(-len(states) // 4) and unpack(packed, len(states)) == states


def test_a_hundred_thousand_seats_are_twenty_five_thousand_bytes():
    assert len(seat_states.pack(bytearray(100_000))) == 25_000


def seats_of(browser, ground, query=""):
    answer = browser.get(f"/api/events/{ground.event}/seats{query}")
    assert answer.status == 200
    return answer


@pytest.fixture
def read_now(app, ground):
    def read():
        with app.app_context():
            return seat_states.states_of(ground.event, ground.layout, max_age=0)

    return read


def test_states_say_what_the_claims_say(app, ground, rows, read_now):
    """Thirty random settings of claims, each seat beside the row that it has; a hold whose time is over is free."""
    chance = random.Random(4)
    customer = rows.value("insert into customer (kind) values ('visitor') returning id")
    booking = rows.value(
        """insert into booking (reference, customer_id, stadium_id, event_id, currency, face, fee, tax, total, held_at,
                                expires_at, policy, state)
           values ('TESTREF1', :c, :s, :e, 'AUD', 0, 0, 0, 0, now(), now() + interval '10 minutes', '{}', 'held')
           returning id""",
        c=customer,
        s=ground.stadium,
        e=ground.event,
    )
    wanted_of = {"free": 0, "held": 1, "over": 0, "paying": 2, "sold": 2, "blocked": 3}
    with app.app_context():
        seats = seat_map(ground.layout)
    for _ in range(30):
        rows("delete from seat_claim")
        wanted = [0] * seats.count
        for seat_id in ground.seats.values():
            claim = chance.choice(list(wanted_of))
            wanted[seats.index_of(seat_id)] = wanted_of[claim]
            if claim != "free":
                rows(
                    """insert into seat_claim (event_id, seat_id, booking_id, state, expires_at)
                       values (:e, :s, :b, :state,
                               case when cast(:m as int) is not null
                                    then clock_timestamp() + make_interval(mins => :m) end)""",
                    e=ground.event,
                    s=seat_id,
                    b=None if claim == "blocked" else booking,
                    state="held" if claim == "over" else claim,
                    m={"held": 5, "over": -1, "paying": 5}.get(claim),
                )
        found = read_now()
        assert list(found.seats) == wanted and unpack(found.packed, seats.count) == wanted


def test_a_hold_is_seen_by_whoever_asks_for_its_version(visitor, as_asha, ground):
    api_hold(as_asha, ground, "B1")
    before = seats_of(visitor, ground)
    held = api_hold(as_asha, ground, "A2").json
    after = seats_of(visitor, ground, f"?after={held['version']}")
    assert int(after.headers["Seat-Version"]) >= held["version"] > int(before.headers["Seat-Version"])
    assert unpack(after.response.get_data(), 22) == [0, 1] + [0] * 6 + [1] + [0] * 13
    lists = seats_of(visitor, ground, f"?as=lists&after={held['version']}").json
    assert lists["held"] == ground.ids("A2", "B1") and lists["taken"] == [] and lists["blocked"] == []


def test_a_hold_that_is_over_is_free(visitor, as_asha, ground, rows, read_now):
    api_hold(as_asha, ground, "A2")
    assert sum(read_now().seats) == 1
    age(rows, 11)
    assert sum(read_now().seats) == 0


def test_fresh_states_ask_no_database(visitor, ground, app, monkeypatch):
    monkeypatch.setitem(app.config, "SEATS_MAX_AGE", 0.5)
    seats_of(visitor, ground)
    read_at = app.extensions[claims.BIND].read_at
    monkeypatch.setattr(claims.time, "monotonic", lambda: read_at)
    statements = []

    def count(connection, cursor, statement, *more):
        statements.append(statement)

    with app.app_context():
        engines = [seat_states.db.engine, seat_states.db.engines[claims.BIND]]
    for engine in engines:
        sqlalchemy_event.listen(engine, "before_cursor_execute", count)
    try:
        seats_of(visitor, ground)
        assert statements == []
        seats_of(visitor, ground, "?after=999999999")
        assert statements
    finally:
        for engine in engines:
            sqlalchemy_event.remove(engine, "before_cursor_execute", count)


def test_nothing_new_is_304(app, visitor, ground):
    first = seats_of(visitor, ground)
    client = app.test_client()
    again = client.get(f"/api/events/{ground.event}/seats", headers={"If-None-Match": first.headers["ETag"]})
    assert (
        again.status_code == 304
        and not again.get_data()
        and again.headers["Seat-Version"] == first.headers["Seat-Version"]
    )
    zipped = client.get(f"/api/events/{ground.event}/seats", headers={"Accept-Encoding": "gzip"})
    assert (
        zipped.headers["Content-Encoding"] == "gzip" and gzip.decompress(zipped.get_data()) == first.response.get_data()
    )
    assert zipped.headers["ETag"] != first.headers["ETag"]


def test_wrong_questions_are_refused(visitor, ground):
    assert visitor.get(f"/api/events/{ground.event}/seats?after=soon").status == 422
    assert visitor.get("/api/events/2147483647/seats").status == 404


def test_a_draft_is_on_nobodys_map(visitor, ground, rows):
    rows("update event set state = 'draft' where id = :e", e=ground.event)
    assert visitor.get(f"/api/events/{ground.event}/seats").status == 404
