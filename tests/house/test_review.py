"""What a hostile or clumsy request must not do: break a page, keep a wrong address, or lose its own
session to a retry.
"""

import threading
import time

import pytest

from booking import refunds
from database import call_one, in_transaction
from tests.support.selling import hold, paid_booking, start_payment

NUL = "\0"
LONG = "9" * 5000
HUGE = (2**31, 2**63, 10**30)


# --- requests that cannot be meant ----------------------------------------------------------------


@pytest.mark.parametrize("number", HUGE)
def test_a_number_that_no_id_can_have_is_not_found(as_asha, ground, number):
    for path in (
        f"/book-tickets-enhanced/{number}",
        f"/matches/{number}",
        f"/tickets/{number}",
        f"/bookings/{number}/pay",
        f"/api/layouts/{number}",
    ):
        assert as_asha.get(path).status == 404, path
    assert as_asha.api("POST", f"/api/events/{number}/hold", {"seat_ids": [1]}).status == 404
    assert as_asha.api("POST", f"/api/events/{number}/hold", {"best": {"count": 1}}).status == 404
    assert as_asha.api("POST", f"/api/holds/{number}/extend").status == 404
    assert as_asha.api("DELETE", f"/api/holds/{number}").status == 404
    assert as_asha.post(f"/book-tickets-enhanced/{number}", seat_id=["1"]).status == 404
    assert as_asha.post(f"/holds/{number}/lines/{number}/release").status == 404
    assert as_asha.post(f"/parking/lines/{number}/plate", plate="ABC123").status == 404
    assert as_asha.post(f"/book-parking-enhanced/{number}", bay="1-standard").status == 404


@pytest.mark.parametrize("where", ["seat_id", "stand", "band", "types", "bay", "event", "line", "page"])
@pytest.mark.parametrize("value", [LONG, str(10**30), str(2**63), "-1", NUL, f"1{NUL}", "٣", "²"])
def test_a_form_with_a_number_that_is_none_is_refused_with_a_page(as_asha, as_omar, ground, where, value):
    held = hold(as_asha, ground.event, ground.ids("A1"))
    book, park = f"/book-tickets-enhanced/{ground.event}", f"/book-parking-enhanced/{ground.stadium}"
    page = {
        "seat_id": lambda: as_asha.post(book, seat_id=[value]),
        "stand": lambda: as_asha.post(book, best_count="1", best_where=f"stand-{value}"),
        "band": lambda: as_asha.post(book, best_count="1", best_where=f"band-{value}"),
        "types": lambda: as_asha.post(f"/holds/{held['id']}/types", **{f"type-{value}": "child"}),
        "bay": lambda: as_asha.post(park, bay=f"{value}-standard", plate="ABC123", event=str(ground.event), window="1"),
        "event": lambda: as_asha.post(park, bay=f"{ground.car_park}-standard", plate="ABC123", event=value),
        "line": lambda: as_asha.post(f"/tickets/{held['id']}/refund", line=[value]),
        "page": lambda: as_omar.client.get(f"/owner/events/{ground.event}", query_string={"page": value}),
    }[where]()
    assert getattr(page, "status_code", None) or page.status
    assert (getattr(page, "status_code", None) or page.status) < 500


def test_text_that_postgres_cannot_keep_is_refused(as_asha, visitor, ground):
    held = hold(as_asha, ground.event, ground.ids("A1"))
    for name in (f"As{NUL}ha", "As\ud800ha"):
        answer = as_asha.api(
            "POST", "/api/create-booking-payment", {"booking_id": held["id"], "name": name, "email": "a@example.org"}
        )
        assert answer.status == 422 and answer.json["error"]["code"] == "MALFORMED"
    for path in (
        "/grounds/lantern%00side",
        "/api/payment-status/pi_%00",
        "/t/abcdefghijkl%00mnop",
        "/fixtures?ground=%00",
    ):
        assert as_asha.client.get(path).status_code in (400, 404), path
    page = visitor.post("/sign-up", name=f"A{NUL}", email="new@example.org", password="a long enough pass phrase")
    assert page.status == 400
    assert visitor.post("/sign-in", email="asha@example.org", password=f"a long{NUL} enough").status == 400
    assert visitor.post("/tickets/find", email=f"a{NUL}@example.org").status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 40_000,
        b"null",
        b"[]",
        b'"text"',
        b"1e999",
        b'{"seat_ids": null}',
        b'{"seat_ids": [1.0]}',
        b'{"seat_ids": [NaN]}',
        b'{"seat_ids": [true]}',
        b'{"seat_ids": ["1"]}',
        b'{"seat_ids": [[1]]}',
        b'{"seat_ids": [-1]}',
        b'{"seat_ids": [0]}',
        b'{"seat_ids": []}',
        b'{"seat_ids": [%s]}' % LONG.encode(),
        b'{"seat_ids": [99999999999999999999]}',
        b'{"seat_ids": [1], "ticket_types": [["adult"]]}',
        b'{"seat_ids": [1], "ticket_types": {"a": 1}}',
        b'{"seat_ids": [1], "ticket_types": []}',
        b'{"best": null}',
        b'{"best": {"count": 1e3}}',
        b'{"best": {"count": 9007199254740991}}',
        b'{"best": {"count": 1, "stand": 9007199254740991}}',
        b'{"best": {"count": 1, "band": ["A"]}}',
        b'{"best": {"count": 1, "band": "\\u0000"}}',
        b"\xff\xfe{}",
    ],
)
def test_json_of_any_shape_is_refused_with_a_sentence(as_asha, ground, body):
    answer = as_asha.client.post(
        f"/api/events/{ground.event}/hold",
        data=body,
        content_type="application/json",
        headers={"X-CSRF-Token": as_asha.csrf()},
    )
    assert 400 <= answer.status_code < 500 and answer.get_json()["error"]["message"], (body[:40], answer.status_code)


@pytest.mark.parametrize(
    "window", [("0001-01-01T00:00", "0001-01-01T01:00"), ("9999-12-31T22:00", "9999-12-31T23:59"), ("", ""), ("x", NUL)]
)
def test_a_window_at_the_end_of_time_is_refused(as_asha, ground, window):
    path = f"/book-parking-enhanced/{ground.stadium}"
    assert as_asha.client.get(path, query_string={"from": window[0], "to": window[1]}).status_code < 500
    page = as_asha.post(path, bay=f"{ground.car_park}-standard", plate="ABC123", **{"from": window[0], "to": window[1]})
    assert 400 <= page.status < 500


# --- who gets the tickets -------------------------------------------------------------------------


def test_an_address_put_right_before_paying_again_is_the_one_that_gets_the_tickets(visitor, ground, sandbox, rows):
    held = hold(visitor, ground.event, ground.ids("A1"))
    first = start_payment(visitor, held["id"], name="Mia", email="mai@example.org")
    second = start_payment(visitor, held["id"], name="Mia Lund", email="mia@example.org")
    assert second["payment_intent_id"] == first["payment_intent_id"]
    sandbox.pay(second["client_secret"])
    assert visitor.api("GET", f"/api/payment-status/{second['payment_intent_id']}").json["state"] == "paid"
    booking = rows.one("select contact_name, contact_email, email_key from booking where id = :b", b=held["id"])
    assert dict(booking) == {
        "contact_name": "Mia Lund",
        "contact_email": "mia@example.org",
        "email_key": "mia@example.org",
    }
    assert rows.value("select recipient from notification where template = 'tickets'") == "mia@example.org"


def test_changing_the_address_while_paying_does_not_pass_the_limit(visitor, as_ben, ground, sandbox, rows):
    rows("update event set buyer_limit = 2 where id = :e", e=ground.event)
    paid_booking(as_ben, ground, ("B1", "B2"), sandbox, email="mia@example.org", name="Mia")
    held = hold(visitor, ground.event, ground.ids("A1"))
    start_payment(visitor, held["id"], name="Mia", email="other@example.org")
    answer = visitor.api(
        "POST", "/api/create-booking-payment", {"booking_id": held["id"], "name": "Mia", "email": "m.ia+x@example.org"}
    )
    assert answer.status == 200  # another address than the one that is full
    answer = visitor.api(
        "POST", "/api/create-booking-payment", {"booking_id": held["id"], "name": "Mia", "email": "mia+x@example.org"}
    )
    assert answer.status == 409 and answer.json["error"]["code"] == "TOO_MANY_SEATS"


# --- retries --------------------------------------------------------------------------------------


def test_a_first_hold_that_is_tried_again_still_belongs_to_somebody(app, ground, rows):
    """A deadlock rolls the new visitor back, too; the second try must not go on as somebody who does not exist."""
    from flask import g
    from sqlalchemy.exc import OperationalError

    from accounts import sessions

    class Deadlock(Exception):
        pgcode = "40P01"

    tries = []

    def work():
        person = sessions.ensure_somebody()
        tries.append(person.id)
        if len(tries) == 1:
            raise OperationalError("select", {}, Deadlock())
        return call_one("app.hold_seats", ground.event, ground.ids("A1"), None)

    with app.test_request_context("/"):
        g.session_hash = None
        assert in_transaction(work).booking_id
    assert len(tries) == 2 and rows.value("select count(*) from customer") == 1


def test_a_sign_in_that_is_tried_again_still_brings_the_holds_along(app, cast, ground, rows):
    from flask import g
    from sqlalchemy.exc import OperationalError

    from accounts import sessions

    class Deadlock(Exception):
        pgcode = "40P01"

    visitor = rows.value("insert into customer (kind) values ('visitor') returning id")
    rows(
        "insert into login_session (id_hash, customer_id, expires_at) values (:h, :c, now() + interval '1 day')",
        h=b"old",
        c=visitor,
    )
    stored = rows.value("select password_hash from credential where customer_id = :c", c=cast.ids["asha"])
    tries = []

    def work():
        sessions.start(cast.ids["asha"], stored)
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("update", {}, Deadlock())

    with app.test_request_context("/"):
        g.session_hash = b"old"
        in_transaction(work)
    assert rows.value("select adopted_by from customer where id = :c", c=visitor) == cast.ids["asha"]
    assert rows.value("select ended_at is not null from login_session where id_hash = :h", h=b"old")


# --- two tabs -------------------------------------------------------------------------------------


def test_stopping_a_payment_while_another_tab_holds_seats_ends_in_one_hold(as_asha, cast, engine, ground, rows):
    held = hold(as_asha, ground.event, ground.ids("A1"))
    start_payment(as_asha, held["id"])
    answers = []
    with engine.connect() as other_tab:
        other_tab.exec_driver_sql("select app.act_as(%s)", (cast.ids["asha"],))
        other_tab.exec_driver_sql("select app.hold_seats(%s, %s)", (ground.event, ground.ids("A2")))
        stopping = threading.Thread(
            target=lambda: answers.append(as_asha.post(f"/holds/{held['id']}/stop-payment").status)
        )
        stopping.start()
        deadline = time.monotonic() + 5
        while not rows.value("select count(*) from pg_locks where not granted") and time.monotonic() < deadline:
            time.sleep(0.02)
        other_tab.commit()
    stopping.join(10)
    assert answers == [303]
    (open_hold,) = rows("select id, total from booking where state = 'held'")
    claims = rows("select seat_id, state, booking_id from seat_claim order by seat_id")
    assert [tuple(c.values()) for c in claims] == [(seat, "held", open_hold["id"]) for seat in ground.ids("A1", "A2")]


# --- refunds --------------------------------------------------------------------------------------


def test_a_refund_that_stripe_does_not_know_keeps_no_other_waiting(as_asha, as_ben, app, ground, rows, sandbox):
    first = paid_booking(as_asha, ground, ("A1",), sandbox)
    second = paid_booking(as_ben, ground, ("A2",), sandbox)
    for paid in (first, second):
        rows(
            """insert into refund (booking_id, payment_id, amount, currency, reason, idempotency_key, created_at)
               select booking_id, id, 100, currency, 'staff', 're:' || intent_id, now() - interval '2 days'
                 from payment_transaction where booking_id = :b""",
            b=paid["id"],
        )
    rows("update payment_transaction set intent_id = 'pi_of_another_account' where booking_id = :b", b=first["id"])
    with app.app_context():
        refunds.send_waiting()
    states = rows("select state from refund order by id")
    assert states[1]["state"] == "succeeded"


def test_a_free_booking_whose_match_was_cancelled_leaves_no_refund_that_waits(as_asha, app, ground, rows):
    rows("update event_price set face = 0 where event_id = :e", e=ground.event)
    held = hold(as_asha, ground.event, ground.ids("A1"))
    rows("update seat_claim set state = 'paying'")
    rows(
        "update booking set state = 'paying', contact_name = 'Asha', contact_email = 'asha@example.org', email_key = "
        "'asha@example.org'"
    )
    rows(
        """insert into payment_transaction (booking_id, kind, amount, currency, attempt, idempotency_key)
           values (:b, 'none', 0, 'AUD', 1, 'free')""",
        b=held["id"],
    )
    rows("update event set state = 'cancelled', cancelled_at = now() where id = :e", e=ground.event)
    as_asha.post(f"/bookings/{held['id']}/confirm", name="Asha", email="asha@example.org")
    assert rows("select booking_id, state from refund") == [{"booking_id": held["id"], "state": "succeeded"}]
    with app.app_context():
        assert refunds.send_waiting() == 0


def test_a_draft_of_a_layout_is_nobodys_business(visitor, ground, rows):
    rows("update layout set published_at = null where id = :l", l=ground.layout)
    assert visitor.get(f"/api/layouts/{ground.layout}").status == 404
    rows("update layout set published_at = now() where id = :l", l=ground.layout)
    assert visitor.get(f"/api/layouts/{ground.layout}").status == 200
