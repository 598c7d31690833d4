"""What a hostile or clumsy request must not do: break a page, keep a wrong address, or lose its own session to a retry."""

import pytest

from extensions import call_one, in_transaction
from tests.selling import hold, paid_booking, start_payment

NUL = "\0"
LONG = "9" * 5000
HUGE = (2**31, 2**63, 10**30)


# --- requests that cannot be meant -------------------------------------------------------------------------------------


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
        answer = as_asha.api("POST", "/api/create-booking-payment", {"booking_id": held["id"], "name": name, "email": "a@example.org"})
        assert answer.status == 422 and answer.json["error"]["code"] == "MALFORMED"
    for path in ("/grounds/lantern%00side", "/api/payment-status/pi_%00", "/t/abcdefghijkl%00mnop", "/fixtures?ground=%00"):
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
        f"/api/events/{ground.event}/hold", data=body, content_type="application/json", headers={"X-CSRF-Token": as_asha.csrf()}
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


# --- who gets the tickets ----------------------------------------------------------------------------------------------


def test_an_address_put_right_before_paying_again_is_the_one_that_gets_the_tickets(visitor, ground, sandbox, rows):
    held = hold(visitor, ground.event, ground.ids("A1"))
    first = start_payment(visitor, held["id"], name="Mia", email="mai@example.org")
    second = start_payment(visitor, held["id"], name="Mia Lund", email="mia@example.org")
    assert second["payment_intent_id"] == first["payment_intent_id"]
    sandbox.pay(second["client_secret"])
    assert visitor.api("GET", f"/api/payment-status/{second['payment_intent_id']}").json["state"] == "paid"
    booking = rows.one("select contact_name, contact_email, email_key from booking where id = :b", b=held["id"])
    assert dict(booking) == {"contact_name": "Mia Lund", "contact_email": "mia@example.org", "email_key": "mia@example.org"}
    assert rows.value("select recipient from notification where template = 'tickets'") == "mia@example.org"


def test_changing_the_address_while_paying_does_not_pass_the_limit(visitor, as_ben, ground, sandbox, rows):
    rows("update event set buyer_limit = 2 where id = :e", e=ground.event)
    paid_booking(as_ben, ground, ("B1", "B2"), sandbox, email="mia@example.org", name="Mia")
    held = hold(visitor, ground.event, ground.ids("A1"))
    start_payment(visitor, held["id"], name="Mia", email="other@example.org")
    answer = visitor.api("POST", "/api/create-booking-payment", {"booking_id": held["id"], "name": "Mia", "email": "m.ia+x@example.org"})
    assert answer.status == 200  # another address than the one that is full
    answer = visitor.api("POST", "/api/create-booking-payment", {"booking_id": held["id"], "name": "Mia", "email": "mia+x@example.org"})
    assert answer.status == 409 and answer.json["error"]["code"] == "TOO_MANY_SEATS"


# --- retries -----------------------------------------------------------------------------------------------------------


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
    rows("insert into login_session (id_hash, customer_id, expires_at) values (:h, :c, now() + interval '1 day')", h=b"old", c=visitor)
    tries = []

    def work():
        sessions.start(cast.ids["asha"])
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("update", {}, Deadlock())

    with app.test_request_context("/"):
        g.session_hash = b"old"
        in_transaction(work)
    assert rows.value("select adopted_by from customer where id = :c", c=visitor) == cast.ids["asha"]
    assert rows.value("select ended_at is not null from login_session where id_hash = :h", h=b"old")
