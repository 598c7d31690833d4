"""No seat is sold twice: a small run of bench/double_sale.py with its twin, and the race that its first runs found."""

import threading
import time

import psycopg2
import pytest

from accounts.sessions import hash_of
from bench import double_sale
from config import login_url


@pytest.fixture
def as_web(cast, database_url):
    """Connections of the web's login that act as one fan, each in an open transaction."""
    token = "asha-in-two-tabs-session-token"
    cast.rows(
        "insert into login_session (id_hash, customer_id, expires_at) values (:h, :c, now() + interval '1 day')",
        h=hash_of(token),
        c=cast.ids["asha"],
    )
    opened = []

    def connect():
        connection = psycopg2.connect(login_url(database_url, "cv_app", "test-app-password").replace("+psycopg2", ""))
        opened.append(connection)
        cursor = connection.cursor()
        cursor.execute("select * from app.begin(%s)", (hash_of(token),))
        return connection, cursor

    yield connect
    for connection in opened:
        connection.close()


def in_the_other_tab(work):
    """Start `work` in a thread and give it time to reach the lock it waits for.

    Returns a function that waits for its end.
    """
    failed = []

    def go():
        try:
            work()
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    thread = threading.Thread(target=go)
    thread.start()
    time.sleep(0.4)

    def wait():
        thread.join(10)
        assert not thread.is_alive() and not failed, failed

    return wait


SEATS = "select booking_id from app.hold_seats(%s, %s)"
BAY = """select booking_id from app.hold_parking(%s, 'standard', %s, now() + interval '3 days',
                                                 now() + interval '3 days 3 hours', 'AB 12')"""


@pytest.mark.parametrize("what", ["seats", "parking"])
def test_what_is_added_while_a_payment_begins_joins_another_booking(as_web, ground, rows, what):
    """The payment asks for what was in the booking when it began: a second tab must not slip something in beside it."""
    first, one = as_web()
    one.execute(SEATS, (ground.event, ground.ids("A1", "A2")))
    (booking,) = one.fetchone()
    first.commit()
    paying, pay = as_web()
    pay.execute("select * from app.start_payment(%s, null, null, null)", (booking,))
    second, two = as_web()

    def add():
        two.execute(
            *((SEATS, (ground.event, ground.ids("A3"))) if what == "seats" else (BAY, (ground.car_park, ground.event)))
        )
        second.commit()

    wait = in_the_other_tab(add)
    paying.commit()
    wait()
    found = rows.one("select state, total from booking where id = :b", b=booking)
    assert found == {"state": "paying", "total": rows.value("select amount from payment_transaction")}
    assert two.fetchone()[0] != booking
    assert {x["state"] for x in rows("select state from seat_claim where booking_id = :b", b=booking)} == {"paying"}


@pytest.mark.slow
def test_no_seat_is_sold_twice_while_processes_are_killed_and_the_twin_oversells(engine, database_url):
    ours, twin = double_sale.run(
        database_url,
        2000,
        2,
        2000,
        sql_workers=3,
        http_clients=4,
        servers=1,
        http_share=0.05,
        bound=60,
        pause=0.2,
        password="test-app-password",
    )
    assert ours.is_clean, (ours.wrong, ours.invariants)
    assert ours.doubles_in_log == ours.doubles_in_database == 0
    assert ours.attempts >= 2000 and ours.figures["in flight"] >= 2
    assert ours.counts["sales sql"] > 50 and ours.counts["sales http"] > 0 and ours.tickets >= ours.sold > 100
    assert all(r.looked_at for r in ours.invariants if r.number not in (8, 9, 10, 12)), "nothing was looked at"
    assert twin.doubles_in_log > 0, "without the wall nothing was sold twice, so the race above proves nothing"
