"""What a process follows is what SQL counts, whoever moves seats, in whatever order transactions end."""

import hashlib
import random
import time
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy import event as listening
from sqlalchemy.exc import DBAPIError

from extensions import db
from seating import availability, claims, occupancy, states
from seating.layout import seat_map
from tests.support.holding import api_hold

TRUTH = """
select c.event_id, c.seat_id, s.stand_id, r.bay_id, c.state
  from seat_claim c join seat s on s.id = c.seat_id join seat_row r on r.id = s.row_id
 where not app.has_lapsed(c.state, c.expires_at)"""


class Process:
    """As another process of ours: it follows with a connection of its own."""

    def __init__(self, engine, most=claims.MOST_BYTES):
        self.statements = []
        self.engine = engine
        self.following = claims.Following(engine, most)
        listening.listen(engine, "before_cursor_execute", lambda *told: self.statements.append(told[2:4]))

    def says(self, event_ids, seat_ids):
        """{(event, seat): state} of the seats that are not free, and {event: how many}."""

        def look(known):
            found = {seat: known.of_run(seat, 1)[0] for seat in seat_ids}
            return known.taken, {seat: state for seat, state in found.items() if state}

        _, said = self.following.ask(event_ids, look, 0)
        seats = {(event, seat): state for event, (_, found) in said.items() for seat, state in found.items()}
        return seats, {event: taken for event, (taken, _) in said.items()}


@pytest.fixture
def process(app):
    made = []

    def make(**more):
        with app.app_context():
            url = db.engines[claims.BIND].url
        made.append(Process(create_engine(url, isolation_level="AUTOCOMMIT"), **more))
        return made[-1]

    yield make
    for each in made:
        each.engine.dispose()


class Actor:
    """A connection whose transaction may be open for long: a buyer with a session, and whoever writes rows directly."""

    def __init__(self, chance, engine, app, ground, booking, seats):
        with app.app_context():
            self.buyer = create_engine(db.engine.url).connect()
        self.chance, self.direct = chance, engine.connect()
        self.ground, self.booking, self.seats, self.held = ground, booking, seats, []
        self.session = hashlib.sha256(chance.randbytes(8)).digest()
        self.ask(self.buyer, "select app.start_visitor(:s, '', '')", s=self.session)
        self.buyer.commit()

    def ask(self, connection, sql, **values):
        connection.execute(text("set local lock_timeout = '10ms'"))
        found = connection.execute(text(sql), values)
        return found.all() if found.returns_rows else None

    def act(self):
        connection = self.chance.choice((self.buyer, self.direct))
        if connection.in_transaction() and self.chance.random() < 0.5:
            return connection.commit() if self.chance.random() < 0.7 else connection.rollback()
        act = self.buy if connection is self.buyer else self.write
        try:
            return act(self.chance.sample(self.seats, self.chance.randint(1, 4)))
        except DBAPIError:
            return connection.rollback()

    def buy(self, some):
        if not self.buyer.in_transaction():
            self.ask(self.buyer, "select * from app.begin(:s)", s=self.session)
        if self.held and self.chance.random() < 0.4:
            verb = self.chance.choice(("extend_hold", "release_booking"))
            return self.ask(self.buyer, f"select * from app.{verb}(:b)", b=self.held[-1])
        (held,) = self.ask(self.buyer, "select * from app.hold_seats(:e, :s)", e=self.ground.event, s=some)
        return self.held.append(held.booking_id)

    def write(self, some):
        act = self.chance.choice(("put", "put", "put", "free", "move", "list"))
        event = self.chance.choice((self.ground.event, self.ground.event, self.ground.other_event))
        if act == "put":
            state = self.chance.choice(("held", "over", "paying", "sold", "blocked", "kept"))
            return self.ask(
                self.direct,
                """insert into seat_claim (event_id, seat_id, booking_id, state, expires_at)
                   select :e, s, :b, :state, clock_timestamp() + make_interval(mins => :m)
                     from unnest(cast(:s as int[])) s
                   on conflict (event_id, seat_id) do update
                      set state = excluded.state, booking_id = excluded.booking_id, expires_at = excluded.expires_at""",
                e=event,
                s=some,
                b=None if state in ("blocked", "kept") else self.booking,
                state="held" if state == "over" else state,
                m={"held": 5, "over": -1, "paying": -1}.get(state),
            )
        statement = {
            "free": "delete from seat_claim where event_id = :e and seat_id = any (:s)",
            "move": """update seat_claim set expires_at = expires_at + make_interval(mins => :m)
                        where event_id = :e and seat_id = any (:s) and expires_at is not null""",
            "list": "update event set listed_at = case when listed_at is null then now() end where id = :e",
        }[act]
        return self.ask(self.direct, statement, e=event, s=some, m=self.chance.choice((-6, 6)))

    def end(self):
        for connection in (self.buyer, self.direct):
            connection.close()
        self.buyer.engine.dispose()


@pytest.fixture
def booking(rows, ground):
    customer = rows.value("insert into customer (kind) values ('visitor') returning id")
    return rows.value(
        """insert into booking (reference, customer_id, stadium_id, event_id, currency, face, fee, tax, total, held_at,
                                expires_at, policy, state)
           values ('TESTREF1', :c, :s, :e, 'AUD', 0, 0, 0, 0, now(), now() + interval '10 minutes', '{}', 'held')
           returning id""",
        c=customer,
        s=ground.stadium,
        e=ground.event,
    )


@pytest.fixture
def put(rows, ground, booking):
    def put(seat, state="sold", lasts=None, event=ground.event):
        rows(
            """insert into seat_claim (event_id, seat_id, booking_id, state, expires_at)
               values (:e, :s, :b, :state, clock_timestamp() + make_interval(secs => :lasts))""",
            e=event,
            s=ground.seats[seat],
            b=None if state in ("blocked", "kept") else booking,
            state=state,
            lasts=lasts,
        )

    return put


@pytest.fixture
def forget(app):
    def forget(*age):
        with app.app_context():
            claims.forget_moves(*age)

    return forget


def truth(rows):
    found = rows(TRUTH)
    code = {"held": claims.HELD, "paying": claims.TAKEN, "sold": claims.TAKEN, "blocked": claims.BLOCKED}
    seats = {(c.event_id, c.seat_id): code.get(c.state, claims.KEPT) for c in found}
    return seats, found


def test_two_processes_say_what_sql_says(app, engine, rows, ground, booking, process):
    """Holds, releases, sales, blocks and lapses by several connections, whose transactions end in any order."""
    chance = random.Random(14)
    events, seats = [ground.event, ground.other_event], sorted(ground.seats.values())
    actors = [Actor(chance, engine, app, ground, booking, seats) for _ in range(4)]
    processes = [process(), process()]
    seen = Counter()
    try:
        for _ in range(250):
            chance.choice(actors).act()
            for one in chance.sample(processes, chance.randint(0, 2)):
                wanted, found = truth(rows)
                said, taken = one.says(events, seats)
                assert said == wanted
                assert taken == {event: sum(c.event_id == event for c in found) for event in events}
                with app.app_context():
                    left = states.left_of(ground.event, ground.layout)
                mine = [c for c in found if c.event_id == ground.event]
                plan_seats = {part.id: part.count for part in (*app_plan(app, ground).stands,)}
                gone = Counter(c.stand_id for c in mine)
                assert left.stands == {stand: n - gone[stand] for stand, n in plan_seats.items()}
                gone = Counter(c.bay_id for c in mine)
                assert left.bays == {bay.id: bay.count - gone[bay.id] for bay in app_plan(app, ground).bays}
                assert left.left == len(seats) - len(mine)
                seen.update(wanted.values())
    finally:
        for actor in actors:
            actor.end()
    assert set(seen) == {claims.HELD, claims.TAKEN, claims.BLOCKED, claims.KEPT}
    whole = [told for one in processes for told in one.statements if told[1][2]]
    assert len(whole) == 2  # an event is read whole once a process


def app_plan(app, ground):
    with app.app_context():
        return seat_map(ground.layout)


def test_who_commits_late_is_not_missed(engine, rows, ground, booking, put, process):
    """A transaction older than one that was read commits after it."""
    one = process()
    with engine.connect() as late:
        late.execute(
            text("insert into seat_claim (event_id, seat_id, state) values (:e, :s, 'blocked')"),
            {"e": ground.event, "s": ground.seats["A1"]},
        )
        put("A2")
        assert one.says([ground.event], ground.seats.values())[1] == {ground.event: 1}
        put("A3")
        assert one.says([ground.event], ground.seats.values())[1] == {ground.event: 2}
        late.commit()
    assert one.says([ground.event], ground.seats.values())[1] == {ground.event: 3}


def test_a_hold_lapses_by_the_clock_alone(put, ground, process):
    one = process()
    put("A1", "held", 0.4), put("A2", "held", 60), put("A3", "paying", -5)
    assert one.says([ground.event], ground.seats.values())[1] == {ground.event: 3}
    time.sleep(0.45)
    said, taken = one.says([ground.event], ground.seats.values())
    assert taken == {ground.event: 2} and (ground.event, ground.seats["A1"]) not in said


def test_a_hold_that_was_made_longer_does_not_lapse_at_its_first_end(put, rows, ground, process):
    one = process()
    put("A1", "held", 0.3)
    one.says([ground.event], ground.seats.values())
    rows("update seat_claim set expires_at = expires_at + interval '1 minute'")
    time.sleep(0.35)
    assert one.says([ground.event], ground.seats.values())[1] == {ground.event: 1}


def test_who_has_slept_while_moves_were_forgotten_reads_all_anew(rows, put, ground, process, forget):
    awake, asleep = process(), process()
    put("A1")
    for each in (awake, asleep):
        each.says([ground.event], ground.seats.values())
    put("A2"), put("A3")
    awake.says([ground.event], ground.seats.values())
    forget()
    assert rows.value("select count(*) from seat_move where event_id is not null") == 3  # they are young
    for _ in range(2):
        forget(timedelta())
    assert rows.value("select count(*) from seat_move where event_id is not null") == 0
    put("A4")
    for each, wholes in ((awake, 2), (asleep, 2)):
        assert each.says([ground.event], ground.seats.values())[1] == {ground.event: 4}
        assert sum(bool(told[1][2]) for told in each.statements) == wholes
        assert each.says([ground.event], ground.seats.values())[1] == {ground.event: 4}
        assert sum(bool(told[1][2]) for told in each.statements) == wholes


def test_lines_of_another_server_stop_nobody(rows, put, ground, process, forget):
    """A dump brings lines whose transactions are still to come here: they go, and nothing else with them."""
    one = process()
    rows("insert into seat_move (xid, event_id, seats) values (4000000000000, :e, '{1}')", e=ground.event)
    rows("insert into seat_move (xid, seats, at) values (4000000000000, '{}', now() - interval '1 day')")
    put("A1")
    assert one.says([ground.event], ground.seats.values())[1] == {ground.event: 1}
    forget()
    put("A2")
    assert one.says([ground.event], ground.seats.values())[1] == {ground.event: 2}
    assert rows.value("select max(xid) < 4000000000000 from seat_move")
    assert rows.value("select count(*) from seat_move where event_id is not null") == 2


def test_all_events_are_read_in_one_statement(put, ground, process):
    one = process()
    put("A1"), put("A2", event=ground.other_event)
    events = [ground.event, ground.other_event]
    assert one.says(events, ground.seats.values())[1] == dict.fromkeys(events, 1)
    put("B1")
    assert one.says(events, ground.seats.values())[1] == {ground.event: 2, ground.other_event: 1}
    assert len(one.statements) == 2
    young = one.following.ask(events, lambda known: known.taken, 60)
    assert young[1] == {ground.event: 2, ground.other_event: 1} and len(one.statements) == 2


def test_what_nobody_asked_for_longest_makes_room(put, ground, process):
    one = process(most=claims._SIZE + 2 * claims._OF_AN_EVENT)
    put("A1"), put("A2", event=ground.other_event)
    for event in (ground.event, ground.other_event, ground.event):
        assert one.says([event], ground.seats.values())[1] == {event: 1}
    assert [told[1][2] for told in one.statements] == [[ground.event], [ground.other_event], [ground.event]]
    assert one.says([ground.event, ground.other_event], ())[1] == {ground.event: 1, ground.other_event: 1}


def test_a_seat_that_was_refused_is_not_shown_as_free(app, as_asha, ground, put, monkeypatch):
    monkeypatch.setitem(app.config, "SEATS_MAX_AGE", 60)
    page = f"/api/events/{ground.event}/seats?as=lists"
    assert as_asha.get(page).json["taken"] == []
    put("A1"), put("A2")
    assert as_asha.get(page).json["taken"] == []
    assert api_hold(as_asha, ground, "A1").status == 409
    assert as_asha.get(page).json["taken"] == ground.ids("A1", "A2")


def test_seats_of_ids_far_apart(process):
    known = claims.Claims()
    known.put([1, 4095, 4096, 90_000_000], claims.TAKEN)
    known.put([4096], claims.BLOCKED)
    assert known.taken == 4 and known.weight < 10 * claims._SIZE
    assert known.of_run(4094, 4) == bytearray([0, 2, 3, 0]) and known.of_run(8000, 5000) == bytes(5000)
    assert known.of_run(89_999_999, 3) == bytearray([0, 2, 0])


def test_pages_say_what_is_left(app, ground, put, rows):
    """By stand, bay and row: held, taken, kept for who waits, and a companion's seat that goes along."""
    put("A1", "held", 60), put("A2", "sold"), put("A3", "kept"), put("A4", "blocked"), put("B1", "held", -1)
    event = SimpleNamespace(id=ground.event, layout_id=ground.layout, prices=[])
    with app.app_context():
        cooper, pavilion = availability.stands_of(event)
        (bay,) = availability.bays_of(event, cooper.id)
        a, b = availability.rows_of(event, bay.id, [ground.seats["A1"]])
        (other,) = availability.bays_of(event, pavilion.id)
        (p,) = availability.rows_of(event, other.id)
        told = occupancy.occupancy_of([ground.event])
    assert (cooper.left, bay.left, bay.seats, a.left, b.left, pavilion.left) == (12, 12, 16, 4, 8, 6)
    assert (bay.name, bay.level, bay.gate, a.name) == ("14", "Lower", "C", "A")
    assert [seat.state for seat in a.seats[:5]] == ["mine", "taken", "taken", "taken", "free"]
    assert [(seat.number, seat.band, seat.goes_along) for seat in p.seats[:3]] == [
        ("1", "A", False),
        ("2", "A", True),
        ("3", "A", False),
    ]
    assert [(e, s, seats) for e, s, _, seats in told] == [
        (ground.event, ground.stadium, [{"id": cooper.id, "left": 12}, {"id": pavilion.id, "left": 6}])
    ]
    rows("update event set companions_open_hours = 100 where id = :e", e=ground.event)
    with app.app_context():
        (p,) = availability.rows_of(event, other.id)
    assert not any(seat.goes_along for seat in p.seats)
