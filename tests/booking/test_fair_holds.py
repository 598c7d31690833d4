"""Nobody keeps seats or bays for ever, or more of them than leaves others their chance: one clock for a chain of holds,
one count for held, paid and sold, and a share of what is left for whoever is not known.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from booking import invariants, payments
from extensions import keyed_hash, limiter, network_of
from tests.booking.test_holds import sign_in
from tests.booking.test_parking import park, park_free
from tests.support.cast import _stand
from tests.support.holding import age, api_hold, booking, held_seats, hold, minutes_left
from tests.support.page import Browser
from tests.support.selling import paid_booking, start_payment
from web.limits import per_browser


def came_from(browser, address):
    """The same browser, behind this address."""
    browser.client.environ_base = {**browser.client.environ_base, "REMOTE_ADDR": address}
    return browser


def stop_paying(app, rows):
    with app.app_context():
        for row in rows("select id from payment_transaction where state = 'created'"):
            assert payments.expire(row["id"], keep=True)


def release_all(browser, rows):
    return browser.post(f"/holds/{booking(rows)['id']}/release")


def release_lines(browser, rows):
    for row in rows("select id, booking_id from booking_line"):
        browser.post(f"/holds/{row['booking_id']}/lines/{row['id']}/release")


# --- one clock --------------------------------------------------------------------------------------------------------


def start_and_stop(app, fan, visitor, ground, rows):
    """Begin to pay, hold a seat beside, stop paying: the two become one."""
    start_payment(fan, booking(rows)["id"])
    hold(fan, ground, "B1")
    stop_paying(app, rows)


def merge(app, fan, visitor, ground, rows):
    """Sign in with a second hold, begun just now."""
    hold(visitor, ground, "B1")
    sign_in(app, visitor, "asha@example.org")


def merge_with_what_is_being_paid(app, fan, visitor, ground, rows):
    """Begin to pay, sign in with a hold begun just now, stop paying: the two become one."""
    start_payment(fan, booking(rows)["id"])
    merge(app, fan, visitor, ground, rows)
    stop_paying(app, rows)


def take_again(app, fan, visitor, ground, rows):
    release_all(fan, rows)
    hold(fan, ground, "A1")


def line_by_line(app, fan, visitor, ground, rows):
    release_lines(fan, rows)
    hold(fan, ground, "A1")


def other_seats(app, fan, visitor, ground, rows):
    release_all(fan, rows)
    hold(fan, ground, "B7", "B8")


def with_a_bay(app, fan, visitor, ground, rows):
    release_all(fan, rows)
    park(fan, ground)


def wait_for_the_sweeper(app, fan, visitor, ground, rows):
    rows("update booking set expires_at = now() - interval '1 second' where state = 'held'")
    rows("update seat_claim set expires_at = now() - interval '1 second'")
    hold(fan, ground, "A1")


@pytest.mark.parametrize(
    "trick",
    [
        start_and_stop,
        merge,
        merge_with_what_is_being_paid,
        take_again,
        line_by_line,
        other_seats,
        with_a_bay,
        wait_for_the_sweeper,
    ],
    ids=lambda trick: trick.__name__,
)
def test_the_longest_hold_counts_from_the_first_claim(app, as_asha, visitor, ground, rows, sandbox, trick):
    hold(as_asha, ground, "A1")
    rows("update booking set held_at = held_at - interval '24 minutes'")
    trick(app, as_asha, visitor, ground, rows)
    live = rows("select held_at < now() - interval '24 minutes' as is_old from booking where state = 'held'")
    assert [row["is_old"] for row in live] == [True] and 5.5 < minutes_left(rows) <= 6
    assert not rows("select from seat_claim c where c.expires_at > now() + interval '6 minutes'")


def test_after_the_longest_hold_a_buyer_rests_and_then_begins_anew(as_asha, as_ben, ground, rows):
    hold(as_asha, ground, "A1")
    rows("update booking set held_at = held_at - interval '30 minutes'")
    release_all(as_asha, rows)
    answer = api_hold(as_asha, ground, "A1")
    assert answer.status == 409 and answer.json["error"]["code"] == "HOLD_REST"
    assert "choose again in five minutes" in answer.json["error"]["message"] and answer.json["error"]["minutes"] == 5
    assert park(as_asha, ground).status == 409
    assert api_hold(as_ben, ground, "A1").status == 201  # the seats are everybody else's
    rows("update booking set closed_at = closed_at - interval '5 minutes', expires_at = now() - interval '1 minute'")
    assert api_hold(as_asha, ground, "A2").status == 201 and minutes_left(rows) == 10


def test_what_was_bought_does_not_shorten_the_next_hold(as_asha, ground, rows, sandbox):
    paid_booking(as_asha, ground, ["A1"], sandbox)
    rows("update booking set held_at = held_at - interval '29 minutes'")
    assert api_hold(as_asha, ground, "A2").status == 201 and minutes_left(rows) == 10


def test_parking_without_a_match_has_one_clock_too(as_asha, ground, rows):
    park_free(as_asha, ground, 12)
    age(rows, 9)
    release_all(as_asha, rows)
    rows("update booking set held_at = held_at - interval '19 minutes'")
    park_free(as_asha, ground, 14)
    assert minutes_left(rows) == 2


# --- one count for bays -----------------------------------------------------------------------------------------------


def test_bays_that_are_held_paid_and_sold_count_together(as_asha, visitor, ground, rows, sandbox, app):
    rows("update car_park_bays set capacity = 20")
    assert park(as_asha, ground).status == park(as_asha, ground).status == 303
    start_payment(as_asha, booking(rows)["id"])
    assert park(as_asha, ground).status == 409  # beside what is being paid
    at = rows.value("select starts_at at time zone 'Australia/Sydney' from event where id = :e", e=ground.event)
    window = {"from": f"{at:%Y-%m-%dT%H:%M}", "to": f"{at + timedelta(hours=2):%Y-%m-%dT%H:%M}"}
    alone = park(as_asha, ground, event=None, window=None, **window)
    assert alone.status == 409 and "two bays at one time" in alone.text  # without a match, at the same time
    stop_paying(app, rows)
    assert park(as_asha, ground).status == 409
    rows("update parking_claim set state = 'sold', expires_at = null")
    rows("update booking set state = 'paid'")
    assert park(as_asha, ground).status == 409
    assert rows.value("select count(*) from parking_claim") == 2
    assert park_free(as_asha, ground, 12, days=9).status == 303  # another day is another matter


def test_signing_in_does_not_add_bays_beyond_the_limit(app, as_asha, visitor, ground, rows):
    rows("update car_park_bays set capacity = 20")
    park(as_asha, ground), park(visitor, ground), park(visitor, ground)
    assert sign_in(app, visitor, "asha@example.org") == 1
    assert rows.value("select count(*) from parking_claim") == 1


def test_a_visitor_holds_two_bays_of_all_days_unpaid(visitor, ground, rows):
    rows("update car_park_bays set capacity = 20")
    answers = [park_free(visitor, ground, 12, days=day).status for day in range(2, 8)]
    assert answers == [303, 303, 409, 409, 409, 409]


def test_what_came_along_at_sign_in_is_judged_when_it_settles_or_stops(app, as_asha, visitor, ground, rows, sandbox):
    """A visitor pays for seats and bays, signs in to an account that has its share: nothing goes beyond the limits."""
    rows("update car_park_bays set capacity = 20")
    rows("update event set buyer_limit = 2")
    park(as_asha, ground), park(as_asha, ground)
    rows("update parking_claim set state = 'sold', expires_at = null")
    rows("update booking set state = 'paid'")
    other = came_from(Browser(app), "203.0.113.5")
    for browser in (visitor, other):
        park(browser, ground)
        held = booking(rows)["id"]
        started = start_payment(browser, held, name="Mia", email=f"mia{held}@example.org")
        sign_in(app, browser, "asha@example.org")
        if browser is visitor:
            sandbox.pay(started["client_secret"])
            assert visitor.get(f"/bookings/{held}/payment").json["state"] == "lost"
            assert rows.value("select reason from refund") == "over_limit"
            assert "two parking bays" in visitor.get(f"/bookings/{held}/return").text
        else:
            stop_paying(app, rows)
            assert booking(rows)["state"] == "released"
    assert rows.value("select count(*) from parking_claim") == 2


# --- the share of what is left ----------------------------------------------------------------------------------------


@pytest.fixture
def large(rows, ground):
    """Sixty more seats."""
    with rows.together():
        rows("set local session_replication_role = replica")
        ground.seats |= _stand(rows, ground.layout, "NORTH", "North", "C", ground.gate, {row: 10 for row in "NOQRST"})
        rows("update layout set seat_count = seat_count + 60 where id = :l", l=ground.layout)
    return ground


def eight(n):
    return [f"{'NOQRST'[i // 10]}{i % 10 + 1}" for i in range(8 * n, 8 * n + 8)]


def test_an_address_holds_a_share_and_accounts_are_not_hurt(app, cast, large, rows, sandbox):
    crowd = [came_from(Browser(app), "198.51.100.7") for _ in range(6)]
    guest = came_from(Browser(app), "198.51.100.7")
    paid_booking(guest, large, ["P1"], sandbox, name="Mia", email="mia@example.org")
    assert [api_hold(browser, large, *eight(n)).status for n, browser in enumerate(crowd[:5])] == [201] * 5
    answer = api_hold(crowd[5], large, *eight(5)[:1])
    assert answer.status == 409 and answer.json["error"]["code"] == "ADDRESS_SHARE"
    assert "Sign in or make an account" in answer.json["error"]["message"]
    page = hold(crowd[5], large, *eight(5)[:1])
    assert {"Sign in", "Make an account"} <= {a.text for a in page.root.find("main").find_all("a")}
    # The same seats again are no more seats; an account, whoever paid before, and another address go on.
    assert api_hold(crowd[0], large, *eight(0)).status == 201
    assert api_hold(came_from(cast.browser("asha"), "198.51.100.7"), large, "A1").status == 201
    assert api_hold(guest, large, "A2").status == 201
    assert api_hold(came_from(crowd[5], "198.51.100.8"), large, "A3").status == 201
    # What is paid, or belongs to an account, makes room.
    started = start_payment(crowd[1], rows.value("select min(id) + 1 from booking where state = 'held'"), name="Bo",
                            email="bo@example.org")  # fmt: skip
    sandbox.pay(started["client_secret"])
    crowd[1].api("GET", f"/api/payment-status/{started['payment_intent_id']}")
    assert api_hold(came_from(Browser(app), "198.51.100.7"), large, "A4").status == 201
    assert {row["length"] for row in rows("select length(address_key) as length from booking_address")} == {16}
    assert "198.51.100" not in str(rows("select * from booking_address"))


def test_the_share_grows_with_what_is_left_and_binds_a_browser_too(engine, large, visitor, rows):
    with engine.connect() as connection:
        share = {
            (what, left): connection.exec_driver_sql("select app.unpaid_share(%s, %s)", (what, left)).scalar()
            for what in ("seat_address", "seat_browser", "bay_address")
            for left in (0, 20000)
        }
    assert share == {
        ("seat_address", 0): 40,
        ("seat_address", 20000): 400,
        ("seat_browser", 0): 8,
        ("seat_browser", 20000): 100,
        ("bay_address", 0): 8,
        ("bay_address", 20000): 1000,
    }
    rows("update event set buyer_limit = 50")
    assert api_hold(visitor, large, *eight(0)).status == 201
    answer = api_hold(visitor, large, "T9")
    assert answer.status == 409 and answer.json["error"]["code"] == "BROWSER_SHARE"
    assert "Without an account you can hold 8" in answer.json["error"]["message"]


def test_browsers_of_one_address_at_once_do_not_pass_its_share(app, large, rows):
    browsers = [came_from(Browser(app), f"2001:db8:7::{n:x}") for n in range(7)]
    for browser in browsers:
        browser.csrf()
    barrier = threading.Barrier(len(browsers))

    def go(n):
        barrier.wait()
        return api_hold(browsers[n], large, *eight(n)).status

    with ThreadPoolExecutor(len(browsers)) as pool:
        answers = list(pool.map(go, range(len(browsers))))
    assert sorted(answers) == [201] * 5 + [409] * 2
    assert rows.value("select count(*) from seat_claim") == 40


def test_the_bays_of_an_address_are_a_share_too(app, ground, rows):
    rows("update car_park_bays set capacity = 60")
    answers = [park(came_from(Browser(app), "198.51.100.9"), ground).status for _ in range(9)]
    assert answers == [303] * 8 + [409]
    assert park(came_from(Browser(app), "198.51.100.10"), ground).status == 303


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_a_network_is_what_one_customer_has(address, network):
    assert network_of(address) == network


def test_only_our_secret_makes_the_key_of_a_network(app):
    with app.app_context():
        one = keyed_hash("network", "203.0.113.9")
        assert one == keyed_hash("network", "203.0.113.9") and len(one) == 16
        assert one not in (keyed_hash("card", "203.0.113.9"), keyed_hash("network", "203.0.113.8"))
        secret, app.config["SECRET_KEY"] = app.config["SECRET_KEY"], "x" * 40
        try:
            assert keyed_hash("network", "203.0.113.9") != one
        finally:
            app.config["SECRET_KEY"] = secret


def test_addresses_and_declines_are_forgotten(app, visitor, ground, rows):
    from booking import recovery

    api_hold(visitor, ground, "A1")
    rows("insert into card_decline (id, customer_id) select 'ch_1', min(id) from customer")
    with app.app_context():
        recovery.sweep()
        assert (
            rows.value("select count(*) from booking_address") == rows.value("select count(*) from card_decline") == 1
        )
        rows("update booking_address set noted_at = now() - interval '121 minutes'")
        rows("update card_decline set at = now() - interval '121 minutes'")
        recovery.sweep()
    assert rows.value("select count(*) from booking_address") == rows.value("select count(*) from card_decline") == 0


# --- a companion seat goes with its wheelchair space: tests/seating/test_seat_kinds.py; all of it, looked at ----------


def test_what_was_held_and_merged_breaks_no_promise(app, engine, as_asha, visitor, ground, rows, sandbox):
    hold(as_asha, ground, "A1")
    age(rows, 9)
    start_and_stop(app, as_asha, visitor, ground, rows)
    hold(visitor, ground, "B2")
    sign_in(app, visitor, "asha@example.org")
    assert held_seats(rows, ground) == ["A1", "B1", "B2"]
    with engine.connect() as connection:
        results = invariants.check(connection)
    assert [r.violations for r in results if r.number in (4, 6, 10)] == [[], [], []]


# --- how often ------------------------------------------------------------------------------------------------------


@pytest.fixture
def counted(app):
    """A small application with a buyer's limit; the tests' own goes without."""
    small = Flask("limits")
    small.secret_key = "of this test alone"
    small.config.update(RATELIMIT_ENABLED=True, RATELIMIT_STORAGE_URI="memory://", SETTINGS=app.config["SETTINGS"])
    limiter.init_app(small)
    small.get("/")(per_browser("6/minute")(lambda: "yes"))
    yield small
    limiter.enabled = False


def test_a_crowd_behind_one_address_is_counted_by_its_browsers(counted):
    """Four requests of each of three browsers on the ground's Wi-Fi; one browser alone is stopped at six."""

    def ask(who=None):
        cookie = {"Cookie": f"cv_session={who}"} if who else {}
        return counted.test_client(use_cookies=False).get("/", headers=cookie).status_code

    assert [ask(who) for who in ("asha", "ben", "mia") for _ in range(4)] == [200] * 12
    assert [ask("asha") for _ in range(3)] == [200, 200, 429]
    assert [ask() for _ in range(7)] == [200] * 6 + [429]  # without anything the network is one browser

    def ask_first(browser, token):
        """Before the first hold nobody has a session: the form's token tells browsers apart."""
        with browser.session_transaction() as session:
            session["csrf_token"] = token
        return browser.get("/").status_code

    ravi, sara = counted.test_client(), counted.test_client()
    assert [ask_first(ravi, "r") for _ in range(4)] + [ask_first(sara, "s") for _ in range(2)] == [200] * 6
    # New cookies are no new browsers without end: the network has a limit of its own.
    answers = [ask(f"made-up-{n}") for n in range(60)]
    assert answers[:30] == [200] * 30 and answers[-1] == 429
