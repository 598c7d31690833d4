"""Seats come back while workers, buyers and those who wait all act at once: nobody snatches one, nobody has another's,
and the line keeps its order. The twin without the wall shows that the race is one.
"""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from booking import invariants
from tests.support.holding import api_hold
from tests.support.page import Browser
from tickets import links
from waiting import lists

WAITERS, BACK = 14, ("A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4")


@pytest.fixture
def line(app, rows, ground):
    """A full house, and fourteen who wait for one seat each: [token], in the order of the line."""
    rows(
        "insert into seat_claim (event_id, seat_id, state) select :e, id, 'blocked' from seat where layout_id = :l",
        e=ground.event,
        l=ground.layout,
    )
    rows("update event set listed_at = now() where id = :e", e=ground.event)
    tokens = []
    with app.app_context():
        for n in range(WAITERS):
            entry = uuid.uuid4()
            tokens.append(lists.token_of(entry))
            rows(
                """insert into waiting_entry (id, event_id, kind, email, mailbox, link_hash, seats, together)
                   values (:i, :e, 'seats', :m, :m, :h, 1, true)""",
                i=entry,
                e=ground.event,
                m=f"fan{n}@example.org",
                h=links.link_hash(tokens[-1]),
            )
    return tokens


def play(app, rows, ground, line):
    """Everybody at once, until each seat has come back and found somebody. Returns the seats that buyers got, though
    people wait."""
    over, snatched = threading.Event(), []
    buyers, fans = [Browser(app) for _ in range(3)], [Browser(app) for _ in range(2)]
    for browser in (*buyers, *fans):
        browser.csrf()

    def work():
        while not over.is_set():
            with app.app_context():
                lists.serve()

    def look(browser):
        while not over.is_set():
            for name in BACK:
                if api_hold(browser, ground, name).status == 201:
                    snatched.append(name)

    def answer(browser, tokens, act):
        """One of two takes, one says no and leaves, as soon as there is an offer."""
        for token in tokens:
            while not over.is_set() and browser.post(f"/t/wait/{token}/{act}").status not in (303, 404):
                pass

    def give():
        for name in BACK:
            rows("delete from seat_claim where seat_id = :s and state = 'blocked'", s=ground.seats[name])
        # Four say no in the course of it, so that their seats go on: twelve offers at least for eight seats.
        for _ in range(10000):
            states = [r["state"] for r in rows("select state from waiting_offer")]
            if snatched or (states.count("taken"), states.count("open")) == (4, 4) and states.count("declined") >= 4:
                break
        over.set()

    with ThreadPoolExecutor(9) as pool:
        jobs = [pool.submit(work) for _ in range(3)] + [pool.submit(look, browser) for browser in buyers]
        jobs += [pool.submit(answer, fans[0], line[0:4], "take"), pool.submit(answer, fans[1], line[4:8], "decline")]
        jobs.append(pool.submit(give))
        for job in jobs:
            job.result()
    return snatched


def faults(engine, rows, line):
    """What went wrong, in words."""
    first = rows("""select w.seq, row_number() over (order by min(o.id)) as turn
                      from waiting_offer o join waiting_entry w on w.id = o.entry_id group by w.id order by w.seq""")
    if [r["turn"] for r in first] != list(range(1, len(first) + 1)):
        yield "the order of the line was broken"
    if rows("""select 1 from waiting_offer o, unnest(o.seats) x where o.state in ('open', 'taken')
                group by x having count(*) > 1"""):
        yield "one seat for two"
    with engine.connect() as connection:
        for result in invariants.check(connection):
            yield from (f"{thing}: {problem}" for thing, problem in result.violations)


def test_seats_that_come_back_find_the_first_in_line_and_nobody_else(app, engine, rows, ground, line):
    assert play(app, rows, ground, line) == []
    assert list(faults(engine, rows, line)) == []
    states = [r["state"] for r in rows("select state from waiting_entry order by seq")]
    assert states[:4] == ["taken"] * 4 and rows.value("select count(*) from waiting_offer") >= len(BACK) + 4
    # Who said no kept their place, and may have been asked again for another's seat; each seat has found somebody.
    assert rows.value("select count(*) from waiting_offer where state = 'declined'") >= 4
    with app.app_context():
        lists.serve()
    held = rows("select x from waiting_offer o, unnest(o.seats) x where o.state in ('open', 'taken') order by x")
    assert [r["x"] for r in held] == sorted(ground.ids(*BACK))


def serve_while(app, engine, rows, change, **values):
    """A round that comes upon a change that is not committed yet, waits for it, and goes on."""
    with engine.connect() as other, ThreadPoolExecutor(1) as pool:
        other.execute(text(change), values)
        served = pool.submit(in_app, app, lists.serve)
        while not rows("select 1 from pg_locks where not granted"):
            assert not served.done()
        other.commit()
        return served.result()


def test_what_fits_one_who_leaves_at_that_moment_goes_to_the_next(app, engine, rows, ground, line):
    rows("delete from seat_claim where seat_id = :s", s=ground.seats["A1"])
    leaving = "update waiting_entry set state = 'left', closed_at = now() where email = 'fan0@example.org'"
    assert serve_while(app, engine, rows, leaving) == 1
    assert rows.value("select email from waiting_entry where state = 'offered'") == "fan1@example.org"


def test_where_a_buyer_is_quicker_with_one_of_two_the_other_goes_to_the_next(app, engine, rows, ground, line):
    """The first in line waits for two side by side; one of them has been on sale, and a buyer takes it just now."""
    rows("update waiting_entry set seats = 2 where email = 'fan0@example.org'")
    rows("delete from seat_claim where seat_id = any (:s)", s=ground.ids("A1", "A2"))
    rows("delete from seat_claim where seat_id = :s and state = 'kept'", s=ground.seats["A1"])
    buying = "insert into seat_claim (event_id, seat_id, state) values (:e, :s, 'blocked')"
    assert serve_while(app, engine, rows, buying, e=ground.event, s=ground.seats["A1"]) == 1
    assert rows.value("select email from waiting_entry where state = 'offered'") == "fan1@example.org"


def in_app(app, act):
    with app.app_context():
        return act()


def test_without_the_wall_buyers_snatch_what_others_wait_for(app, engine, rows, ground, line):
    """The twin: seats that come back are simply free."""
    rows("alter table seat_claim disable trigger keep_seat")
    try:
        assert play(app, rows, ground, line) != []
    finally:
        rows("alter table seat_claim enable trigger keep_seat")
