"""Holding under load: the limit, the races and their twin, and how much a hold or a page asks of the database."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event as listening
from sqlalchemy import text

from tests.support.holding import api_hold, held_seats, hold, page_of
from tests.support.page import Browser
from tests.support.selling import paid_booking

# --- the limit --------------------------------------------------------------------------------------------------------


def test_what_is_bought_counts_towards_the_limit(as_asha, ground, rows, sandbox):
    paid_booking(as_asha, ground, ["A1", "A2", "A3", "A4", "A5"], sandbox)
    page = hold(as_asha, ground, "B1", "B2", "B3", "B4")
    assert page.status == 409 and "One buyer can have 8 seats for this match, and you have 5 already." in page.text
    assert hold(as_asha, ground, "B1", "B2", "B3").status == 303


def test_parallel_sessions_of_one_fan_cannot_beat_the_limit(cast, ground, rows):
    browsers = [cast.browser("asha") for _ in range(8)]
    for browser in browsers:
        browser.csrf()
    pairs = [(f"{row}{n}", f"{row}{n + 1}") for row in "AB" for n in (1, 3, 5, 7)]
    barrier = threading.Barrier(len(browsers))

    def go(browser, pair):
        barrier.wait()
        return api_hold(browser, ground, *pair).status

    with ThreadPoolExecutor(len(browsers)) as pool:
        answers = list(pool.map(go, browsers, pairs))
    assert sorted(answers) == [201] * 4 + [409] * 4
    assert len(held_seats(rows, ground)) == 8
    assert rows.value("select count(*) from booking where state = 'held'") == 1


# --- races ------------------------------------------------------------------------------------------------------------


def race(app, ground, buyers, *names):
    browsers = [Browser(app) for _ in range(buyers)]
    for browser in browsers:
        browser.csrf()
    barrier = threading.Barrier(buyers)

    def go(browser):
        barrier.wait()
        return api_hold(browser, ground, *names).status

    with ThreadPoolExecutor(buyers) as pool:
        return sorted(pool.map(go, browsers))


@pytest.mark.parametrize("names", [("A1",), ("A1", "A2", "A3")])
def test_of_many_buyers_of_one_seat_exactly_one_wins(app, ground, rows, names):
    assert race(app, ground, 8, *names) == [201] + [409] * 7
    assert held_seats(rows, ground) == sorted(names)
    assert rows.value("select count(*) from booking") == 1


def test_crosswise_choices_end_without_a_half_hold(app, ground, rows):
    sets = [("A1", "A2", "A3"), ("A3", "A2", "A1"), ("A2", "A3"), ("A3", "A1")]
    browsers = [Browser(app) for _ in sets]
    for browser in browsers:
        browser.csrf()
    barrier = threading.Barrier(len(sets))

    def go(browser, names):
        barrier.wait()
        return api_hold(browser, ground, *names).status, names

    with ThreadPoolExecutor(len(sets)) as pool:
        answers = list(pool.map(go, browsers, sets))
    won = [names for status, names in answers if status == 201]
    assert won and {status for status, _ in answers} <= {201, 409}
    assert held_seats(rows, ground) == sorted({name for names in won for name in names})
    assert rows.value("select count(*) from booking") == len(won)


def test_without_the_wall_the_same_race_oversells(engine, ground):
    """The twin: check, then insert, on a copy without the primary key.

    It sells the seat several times, so the race above is one.
    """
    buyers = 8
    with engine.begin() as connection:
        connection.execute(text("create table claim_without_wall as select * from seat_claim with no data"))
    barrier = threading.Barrier(buyers)
    seat = ground.seats["A1"]

    def go(_):
        with engine.connect() as connection, connection.begin():
            free = connection.execute(
                text("select not exists (select from claim_without_wall where seat_id = :s)"), {"s": seat}
            ).scalar()
            barrier.wait(10)
            if free:
                connection.execute(
                    text("insert into claim_without_wall (event_id, seat_id, state) values (:e, :s, 'blocked')"),
                    {"e": ground.event, "s": seat},
                )

    try:
        with ThreadPoolExecutor(buyers) as pool:
            list(pool.map(go, range(buyers)))
        with engine.connect() as connection:
            assert connection.execute(text("select count(*) from claim_without_wall")).scalar() > 1
    finally:
        with engine.begin() as connection:
            connection.execute(text("drop table claim_without_wall"))


# --- how much a page asks of the database -----------------------------------------------------------------------------


class Statements:
    """The statements that the web role sends, in order, those that nobody acts in included."""

    def __init__(self, app):
        from extensions import WORKER, db

        with app.app_context():
            self.engines = [engine for name, engine in db.engines.items() if name != WORKER]
        self.sent = []

    def _note(self, connection, cursor, statement, *rest):
        self.sent.append(statement)

    def __enter__(self):
        for engine in self.engines:
            listening.listen(engine, "before_cursor_execute", self._note)
        return self.sent

    def __exit__(self, *_):
        for engine in self.engines:
            listening.remove(engine, "before_cursor_execute", self._note)


@pytest.mark.parametrize("who", ["stranger", "visitor", "fan"])
@pytest.mark.parametrize("door", ["api", "page"])
def test_a_hold_is_at_most_two_statements(app, as_asha, visitor, ground, rows, door, who):
    """The rows around the seats, which everybody may see; and all the rest, from who acts to the commit."""
    rows("update event set guards_singles = true where id = :e", e=ground.event)
    browser = as_asha if who == "fan" else visitor
    browser.csrf()
    browser.get(page_of(ground))
    if who != "stranger":
        hold(browser, ground, "A1", "A2")
    with Statements(app) as sent:
        answer = api_hold(browser, ground, "A3", "A4") if door == "api" else hold(browser, ground, "A3", "A4")
    assert answer.status in (201, 303)
    assert len(sent) <= 2, sent
    assert "app.hold_at_once" in sent[-1]


@pytest.mark.parametrize("depth", ["", "stand", "bay"])
def test_the_seat_page_asks_for_what_somebody_holds_alone(app, monkeypatch, as_asha, ground, rows, depth):
    """All the rest is known, and what has become of seats is asked for all together."""
    monkeypatch.setitem(app.config, "SEATS_MAX_AGE", 60)
    hold(as_asha, ground, "A1", "A2")
    stand, bay = rows.value("select id from stand where code = 'COOP'"), rows.value("select min(id) from bay")
    query = {"": "", "stand": f"?stand={stand}", "bay": f"?stand={stand}&bay={bay}"}[depth]
    as_asha.get(page_of(ground) + query)  # what everybody sees is read once and then remembered
    with Statements(app) as sent:
        assert as_asha.get(page_of(ground) + query).status == 200
    assert len(sent) == 1 and "app.find_mine" in sent[0] and "app.begin" in sent[0], sent


@pytest.mark.parametrize("depth", ["", "stand", "bay"])
def test_a_seat_page_that_is_kept_asks_for_the_versions_alone(app, visitor, ground, rows, depth, monkeypatch):
    monkeypatch.setitem(app.config, "PAGES_MAX_AGE", 60)
    stand, bay = rows.value("select id from stand where code = 'COOP'"), rows.value("select min(id) from bay")
    query = {"": "", "stand": f"?stand={stand}", "bay": f"?stand={stand}&bay={bay}"}[depth]
    visitor.get(page_of(ground) + query)
    with Statements(app) as sent:
        assert visitor.get(page_of(ground) + query).status == 200
    assert len(sent) <= 1, sent


def big_ground(rows, seats):
    """An event on a layout of so many seats, forty to a row. Returns (event, four seat ids in the middle)."""
    stadium = rows.value(
        """insert into stadium (slug, name, city, country, time_zone, currency)
           values (:s, :s, 'Perth', 'AU', 'Australia/Perth', 'AUD') returning id""",
        s=f"bowl-{seats}",
    )
    gate = rows.value(
        "insert into gate (stadium_id, code, name, zone) values (:s, 'A', 'Gate A', 1) returning id", s=stadium
    )
    layout = rows.value(
        "insert into layout (stadium_id, version, seat_count) values (:s, 1, :n) returning id", s=stadium, n=seats
    )
    stand = rows.value(
        "insert into stand (layout_id, code, name, position) values (:l, 'A', 'Bowl', 1) returning id", l=layout
    )
    level = rows.value("insert into level (stand_id, name, position) values (:s, 'Lower', 1) returning id", s=stand)
    bay = rows.value(
        "insert into bay (level_id, gate_id, name, position) values (:l, :g, '1', 1) returning id", l=level, g=gate
    )
    rows(
        "insert into seat_row (bay_id, name, position) select :b, n::text, n from generate_series(1, :n / 40) n",
        b=bay,
        n=seats,
    )
    rows(
        """insert into seat (layout_id, stand_id, row_id, number, position, band)
           select :l, :s, r.id, n::text, n, 'C' from seat_row r cross join generate_series(1, 40) n
            where r.bay_id = :b order by r.position, 5""",
        l=layout,
        s=stand,
        b=bay,
    )
    rows("update layout set published_at = now() where id = :l", l=layout)
    event = rows.value(
        """insert into event (stadium_id, layout_id, name, starts_at, ends_at, gates_open_at, sale_starts_at,
                              sale_ends_at, guards_singles)
           values (:s, :l, 'Big', now() + interval '3 days', now() + interval '3 days 4 hours',
                   now() + interval '2 days 20 hours',
                   now() - interval '1 day', now() + interval '3 days', false) returning id""",
        s=stadium,
        l=layout,
    )
    rows("insert into event_price (event_id, band, ticket_type, face) values (:e, 'C', 'adult', 4800)", e=event)
    some = rows("select id from seat where layout_id = :l order by id offset :half limit 4", l=layout, half=seats // 2)
    return event, [row["id"] for row in some]


def test_neither_a_hold_nor_its_reading_touches_more_pages_in_a_large_ground(app, engine, cast, rows):
    """Shared hits, warm, at 60,000 seats against 5,000, half of them sold; pages, not time. Of the hold statement, and
    of the reading by which a process that follows the states sees what a hold has moved."""
    from accounts.sessions import hash_of

    events = {seats: big_ground(rows, seats) for seats in (5_000, 60_000)}
    for event_id, seat_ids in events.values():
        rows(
            """insert into seat_claim (event_id, seat_id, state)
               select e.id, s.id, 'blocked' from event e join seat s on s.layout_id = e.layout_id
                where e.id = :e and s.id % 2 = 0 and s.id <> all (:some)""",
            e=event_id,
            some=seat_ids,
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            text("vacuum (analyze) seat, seat_claim, seat_move, booking, booking_line, event, event_price")
        )
    cast.browser("asha")
    session = hash_of("asha-session-token-for-tests-0")
    from extensions import db

    with app.app_context():
        login = db.engine
    hits, reading = {}, {}
    for _ in range(3):  # the first rounds fill the caches of plans and pages
        for seats, (event_id, seat_ids) in events.items():
            with login.connect() as connection:
                connection.exec_driver_sql("select * from app.begin(%s)", (session,))
                plan = connection.exec_driver_sql(
                    "explain (analyze, buffers, format json) select * from app.hold_seats(%s, %s)", (event_id, seat_ids)
                ).scalar()
                hits[seats] = pages_of(plan)
                connection.rollback()
            with login.connect() as connection:
                connection.exec_driver_sql("select from app.seat_changes(null, '{}', '{}')")  # it is planned once
                before = connection.exec_driver_sql("select pg_current_snapshot()::text").scalar()
                rows("update seat_claim set state = 'blocked' where seat_id = :s", s=seat_ids[0] // 2 * 2 - 40)
                plan = connection.exec_driver_sql(
                    "explain (analyze, buffers, format json) select * from app.seat_changes(%s, array[%s], '{}')",
                    (before, event_id),
                ).scalar()
                reading[seats] = pages_of(plan)
                assert plan[0]["Plan"]["Actual Rows"] == 2  # what is told of the reading, and one state
    assert 0 < hits[60_000] <= 1.1 * hits[5_000], hits
    assert 0 < reading[60_000] <= 1.5 * reading[5_000] and reading[60_000] < 60, reading


def pages_of(plan):
    return plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"]
