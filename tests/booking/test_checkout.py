"""Paying: the pay page in every state, the contact, a total of 0, the way back, and the statements that a booking
costs.
"""

import contextlib
from dataclasses import replace

import pytest
from sqlalchemy import event

import qr_codes
from booking import settlement
from booking.summary import RowOfTickets, in_a_line
from extensions import db
from tests.support.selling import hold, paid_booking, start_payment
from web import headers


@pytest.fixture
def held(as_asha, ground):
    return hold(as_asha, ground.event, ground.ids("A1", "A2"))


@pytest.fixture
def free_match(rows, ground):
    rows("update event_price set face = 0 where event_id = :e", e=ground.event)


def pay_path(held):
    return f"/bookings/{held['id']}/pay"


def test_the_pay_page_says_what_it_costs_and_how_it_comes_back(as_asha, held, ground, rows):
    page = as_asha.get(pay_path(held))
    assert page.status == 200
    for words in (
        "2 adults at A$48.00",
        "A$96.00",
        "A$9.80",
        "A$105.80",
        "Until 24 hours before the start",
        "Add parking",
        "Hold 10 minutes longer",
    ):
        assert words in page.text, words
    form = page.form("/confirm")
    assert (
        form.find("input", name="name").attrs["value"] == "Asha Rao"
        and form.find("input", name="email").attrs["value"] == "asha@example.org"
    )
    assert form.attrs["data-amount"] == str(held["total"]) == "10580" and form.attrs["data-currency"] == "aud"
    assert form.find("button", type="submit").attrs["data-words"] == "Pay A$105.80"
    assert "needs JavaScript" in form.find("div", data_needs_script="").text


def test_the_payment_service_is_let_in_on_the_pay_page_only(as_asha, held, sandbox):
    policy = as_asha.get(pay_path(held)).headers["Content-Security-Policy"]
    assert f"script-src 'self' {sandbox.url}" in policy and "unsafe" not in policy
    assert sandbox.url not in as_asha.get("/tickets").headers["Content-Security-Policy"]
    # The wallets' frames are Stripe's, and a browser opens its wallet for nobody else.
    assert f'payment=(self "{sandbox.url}")' in as_asha.get(pay_path(held)).headers["Permissions-Policy"]
    assert "payment=()" in as_asha.get("/tickets").headers["Permissions-Policy"]


def test_the_real_stripe_is_let_in_by_name(app):
    settings = replace(
        app.config["SETTINGS"], stripe_js_url="https://js.stripe.com/v3/", stripe_api_base="https://api.stripe.com"
    )
    rules = dict(rule.split(" ", 1) for rule in headers.policy(settings, pays=True).split("; "))
    assert rules["script-src"] == "'self' https://js.stripe.com https://*.js.stripe.com"
    assert {"https://hooks.stripe.com", "https://link.com"} <= set(rules["frame-src"].split())
    assert headers.payment_of(settings) == 'self "https://js.stripe.com" "https://*.js.stripe.com"'
    assert rules["style-src"] == "'self'" and "unsafe" not in str(rules)
    assert "stripe" not in headers.policy(settings, pays=False)


def test_looking_at_the_pay_page_begins_no_payment(as_asha, held, rows):
    as_asha.get(pay_path(held))
    assert rows.value("select state from booking where id = :b", b=held["id"]) == "held"
    assert rows.value("select count(*) from payment_transaction") == 0


def test_a_visitor_gives_name_and_address(visitor, ground, rows, sandbox):
    held = hold(visitor, ground.event, ground.ids("A1"))
    field = visitor.get(pay_path(held)).form("/confirm").find("input", name="email")
    assert "value" not in field.attrs or field.attrs["value"] == ""
    asked = {"booking_id": held["id"]}
    refused = visitor.api("POST", "/api/create-booking-payment", asked)
    assert refused.status == 422 and refused.json["error"]["code"] == "CONTACT_NEEDED"
    refused = visitor.api("POST", "/api/create-booking-payment", asked | {"name": "Gus", "email": "gus at example"})
    assert refused.status == 422 and refused.json["error"]["code"] == "BAD_EMAIL"
    assert rows.value("select state from booking where id = :b", b=held["id"]) == "held"
    start_payment(visitor, held["id"], name="Gus Green", email="gus@example.org")
    assert dict(rows.one("select kind, name, email from customer")) == {
        "kind": "guest",
        "name": "Gus Green",
        "email": "gus@example.org",
    }


def test_a_paid_booking_has_codes_that_verify(as_asha, ground, rows, sandbox):
    sold = paid_booking(as_asha, ground, ["A1", "A2"], sandbox)
    keys = {r["id"]: bytes(r["public_key"]) for r in rows("select id, public_key from signing_key")}
    tickets = {
        r["id"]: r["seat_id"] for r in rows("select id, seat_id from ticket where booking_id = :b", b=sold["id"])
    }
    codes = [
        qr_codes.read(r["code"], keys.get) for r in rows("select code from qr_code where booking_id = :b", b=sold["id"])
    ]
    assert {tickets[c.ticket] for c in codes} == set(sold["seat_ids"])
    assert {c.event for c in codes} == {ground.event} and {c.zone for c in codes} == {3}


def test_the_way_back_asks_the_server_and_not_the_address(as_asha, held, sandbox):
    started = start_payment(as_asha, held["id"])
    back = f"/bookings/{held['id']}/return"
    page = as_asha.get(f"{back}?redirect_status=succeeded&payment_intent={started['payment_intent_id']}")
    assert page.status == 200 and "This is not paid yet" in page.text
    sandbox.pay(started["client_secret"])
    page = as_asha.get(f"{back}?redirect_status=failed")
    assert page.status == 303 and page.location == f"/tickets/{held['id']}"


def test_a_declined_card_is_told_with_its_reason_and_another_one_pays(as_asha, held, rows, sandbox):
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"], "4000000000009995")
    answer = as_asha.get(f"/bookings/{held['id']}/payment").json
    assert answer["state"] == "open" and answer["error"].startswith(
        "The card has not enough money on it. Nothing was charged"
    )
    page = as_asha.get(f"/bookings/{held['id']}/return")
    assert "Your bank said no to this card" in page.text and page.root.find("a", href=pay_path(held))
    assert "The card has not enough money on it." in as_asha.get(pay_path(held)).text
    again = start_payment(as_asha, held["id"])
    assert again["payment_intent_id"] == started["payment_intent_id"]
    sandbox.pay(again["client_secret"])
    assert as_asha.get(f"/bookings/{held['id']}/payment").json["state"] == "paid"
    assert [x["kind"] for x in sandbox.ledger()] == ["captured"]


def test_the_bank_asks_first_and_then_it_is_paid(as_asha, held, sandbox):
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"], "4000002500003155")
    assert as_asha.get(f"/bookings/{held['id']}/payment").json["state"] == "open"
    sandbox.authenticate(started["payment_intent_id"])
    assert as_asha.get(f"/bookings/{held['id']}/payment").json["state"] == "paid"


def test_a_bank_that_needs_time_has_a_page_to_wait_on(as_asha, held, sandbox):
    started = start_payment(as_asha, held["id"])
    sandbox.faults({"kind": "late_success", "seconds": 60})
    sandbox.pay(started["client_secret"])
    page = as_asha.get(f"/bookings/{held['id']}/return")
    assert page.status == 200 and "You may close this page" in page.text and "asha@example.org" in page.text
    assert page.root.find("noscript").find("meta") is not None
    assert as_asha.get(pay_path(held)).location == f"/bookings/{held['id']}/return"
    sandbox.settle(started["payment_intent_id"])
    assert as_asha.get(f"/bookings/{held['id']}/return").location == f"/tickets/{held['id']}"


def test_while_the_payment_service_is_away_nothing_is_promised(as_asha, held, sandbox):
    """It may or may not be charged: the page waits, and does not say that nothing was."""
    start_payment(as_asha, held["id"])
    sandbox.faults({"kind": "error_before", "match": "GET /v1/payment_intents*"})
    page = as_asha.get(f"/bookings/{held['id']}/return")
    assert page.status == 200 and "Waiting for your bank" in page.text and "Nothing was charged" not in page.text
    assert as_asha.get(f"/bookings/{held['id']}/payment").json["state"] == "processing"


def test_a_total_of_nothing_is_confirmed_without_the_payment_service(as_asha, free_match, ground, rows, sandbox):
    held = hold(as_asha, ground.event, ground.ids("A1"))
    page = as_asha.get(pay_path(held))
    assert "There is nothing to pay." in page.text and sandbox.url not in page.html
    page = as_asha.post(f"/bookings/{held['id']}/confirm", name="Asha Rao", email="asha@example.org", follow=True)
    assert page.status == 200 and "Ticket 1 of 1" in page.text
    assert dict(rows.one("select kind, state, amount from payment_transaction")) == {
        "kind": "none",
        "state": "succeeded",
        "amount": 0,
    }
    assert list(sandbox.stripe_client().v1.payment_intents.list().data) == []


@pytest.mark.parametrize("name", ["Asha Rao", ""])
def test_a_form_that_comes_after_the_time_is_told_so(as_asha, ground, rows, name):
    held = hold(as_asha, ground.event, ground.ids("A1"))
    rows("update booking set expires_at = now() - interval '1 hour'")
    page = as_asha.post(f"/bookings/{held['id']}/confirm", name=name, email="asha@example.org")
    assert page.status == 410 and "Your time is over" in page.text


@pytest.mark.parametrize("name", ["Asha Rao", ""])
def test_a_form_for_what_is_paid_leads_to_the_tickets(as_asha, ground, rows, sandbox, name):
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    page = as_asha.post(f"/bookings/{sold['id']}/confirm", name=name, email="asha@example.org")
    assert page.status == 303 and page.location == f"/tickets/{sold['id']}"


def test_confirming_again_leads_to_the_tickets(as_asha, free_match, ground, rows):
    held = hold(as_asha, ground.event, ground.ids("A1"))
    for _ in range(2):
        page = as_asha.post(f"/bookings/{held['id']}/confirm", name="Asha Rao", email="asha@example.org")
        assert page.status == 303 and page.location == f"/tickets/{held['id']}"
    assert rows.value("select count(*) from ticket") == 1


@pytest.mark.parametrize(
    ("name", "email", "words"),
    [("", "a@example.org", "Tell us your name."), ("Gus", "", "where to send"), ("Gus", "no", "look like an e-mail")],
)
def test_a_contact_that_is_missing_is_asked_for_at_its_field(visitor, free_match, ground, rows, name, email, words):
    held = hold(visitor, ground.event, ground.ids("A1"))
    page = visitor.post(f"/bookings/{held['id']}/confirm", name=name, email=email)
    assert page.status == 422 and words in page.text and page.root.find("title").text.startswith("Error: ")
    assert page.root.find(aria_invalid="true") is not None
    assert rows.value("select state from booking where id = :b", b=held["id"]) == "held"


def test_a_booking_that_costs_money_is_not_confirmed_by_a_form(as_asha, held, rows):
    page = as_asha.post(f"/bookings/{held['id']}/confirm", name="Asha Rao", email="asha@example.org")
    assert page.status == 422 and "needs JavaScript" in page.text
    assert rows.value("select state from booking where id = :b", b=held["id"]) == "held"


def test_the_limit_is_told_when_the_address_has_its_seats_already(visitor, as_asha, free_match, ground, rows, sandbox):
    rows("update event set buyer_limit = 2")
    first = hold(as_asha, ground.event, ground.ids("A1", "A2"))
    as_asha.post(f"/bookings/{first['id']}/confirm", name="Asha Rao", email="asha@example.org")
    held = hold(visitor, ground.event, ground.ids("A3"))
    page = visitor.post(f"/bookings/{held['id']}/confirm", name="Asha", email="Asha+more@example.org")
    assert page.status == 409 and "2 are booked with this e-mail already" in page.text


def test_a_hold_that_has_ended_is_told_kindly(as_asha, held, rows):
    rows("update booking set expires_at = now() - interval '1 second'")
    page = as_asha.get(pay_path(held))
    assert page.status == 410 and "Your time is over" in page.text and "Nothing was charged" in page.text
    refused = as_asha.api("POST", "/api/create-booking-payment", {"booking_id": held["id"]})
    assert refused.status == 410 and refused.json["error"]["code"] == "HOLD_ENDED"


def test_a_hold_that_was_given_back_elsewhere_is_not_called_over(as_asha, held, ground, rows):
    at = f"/api/holds/{held['id']}"
    assert as_asha.api("GET", at).json["state"] == "held"
    as_asha.post(f"/holds/{held['id']}/release")
    assert as_asha.api("GET", at).json["state"] == "released"
    page = as_asha.get(pay_path(held))
    assert page.status == 410 and "Not held for you any more" in page.text and "were given back" in page.text
    refused = as_asha.api("POST", "/api/create-booking-payment", {"booking_id": held["id"]})
    assert refused.status == 410 and refused.json["error"]["by"] == "released"
    assert "Your time is over" not in page.text + refused.json["error"]["message"]
    # Another hold of the same match: what is gone here may be in it, and the way leads there.
    other = hold(as_asha, ground.event, ground.ids("B1"))
    page = as_asha.get(pay_path(held))
    assert "your other hold" in page.text
    assert page.root.find("a", href=f"/bookings/{other['id']}/pay") is not None


def test_a_payment_that_has_begun_may_be_finished_after_the_hold(as_asha, held, rows, sandbox):
    start_payment(as_asha, held["id"])
    rows("update booking set expires_at = now() - interval '1 minute'")
    page = as_asha.get(pay_path(held))
    assert (
        page.status == 200
        and "can still be finished" in page.text
        and "data-hold" not in page.html.replace("data-hold-said", "")
    )
    rows("update booking set expires_at = now() - interval '6 minutes'")
    assert as_asha.get(pay_path(held)).status == 410


def test_a_booking_that_is_being_paid_says_so(as_asha, held, sandbox):
    start_payment(as_asha, held["id"])
    page = as_asha.get(pay_path(held))
    assert page.status == 200 and "This booking is being paid" in page.text and "charged once" in page.text


def test_paid_in_another_tab_leads_to_the_tickets(as_asha, ground, sandbox):
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    assert as_asha.get(pay_path(sold)).location == f"/tickets/{sold['id']}"
    refused = as_asha.api("POST", "/api/create-booking-payment", {"booking_id": sold["id"]})
    assert refused.status == 409 and refused.json["error"]["code"] == "ALREADY_PAID"


def test_seats_lost_are_told_with_the_money(app, as_asha, as_ben, held, ground, rows, sandbox):
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    rows("delete from seat_claim where seat_id = :s", s=ground.seats["A2"])  # the wall is taken away
    hold(as_ben, ground.event, ground.ids("A2"))
    page = as_asha.get(f"/bookings/{held['id']}/return")
    assert page.status == 200 and "Your money comes back" in page.text and "A$105.80" in page.text
    assert as_asha.get(f"/tickets/{held['id']}").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/bookings/{}/pay",
        "/bookings/{}/return",
        "/bookings/{}/payment",
        "/tickets/{}",
        "/tickets/{}/refund",
        "/tickets/{}/calendar.ics",
    ],
)
def test_a_booking_is_its_buyers_alone(as_asha, as_ben, visitor, as_petra, ground, sandbox, path):
    open_one = hold(as_asha, ground.event, ground.ids("A1"))
    sold = paid_booking(as_asha, ground, ["A1", "A2"], sandbox)
    for booking in (open_one["id"], sold["id"], 999_999):
        for stranger in (as_ben, visitor, as_petra):
            assert stranger.get(path.format(booking)).status == 404


def test_how_a_payment_stands_is_told_to_its_owner_only(as_asha, as_ben, visitor, held, sandbox):
    intent = start_payment(as_asha, held["id"])["payment_intent_id"]
    assert as_asha.get(f"/api/payment-status/{intent}").json["state"] == "open"
    for stranger in (as_ben, visitor):
        assert stranger.get(f"/api/payment-status/{intent}").status == 404


@contextlib.contextmanager
def counted_statements(app):
    """Statements on both connections, without BEGIN and COMMIT, as [text]."""
    seen = []

    def note(connection, cursor, statement, *_):
        seen.append(statement)

    with app.app_context():
        engines = [db.engine, db.engines["worker"]]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def test_a_confirmed_booking_takes_at_most_six_statements(app, as_asha, ground, sandbox):
    paid_booking(as_asha, ground, ["B1"], sandbox)  # the event's signing key exists, as for every booking but the first
    held = hold(as_asha, ground.event, ground.ids("A1", "A2", "A3", "A4"))
    with counted_statements(app) as seen:
        started = start_payment(as_asha, held["id"])
        sandbox.pay(started["client_secret"])
        with app.app_context():
            assert settlement.settle(started["payment_intent_id"]) == "fulfilled"
    assert len(seen) <= 6, "\n".join(seen)


# --- what is bought, in one line ------------------------------------------------------------------


def row(stand="Members’ Stand", row="F", count=4):
    return RowOfTickets("B", stand, "Lower", "12", row, [str(n) for n in range(count)] if row else [], count)


@pytest.mark.parametrize(
    ("places", "bays", "line"),
    [
        ([row()], 0, "4 seats, Members’ Stand row F"),
        ([row(count=1)], 1, "1 seat, Members’ Stand row F, and a parking bay"),
        ([row(), row(row="G"), row(row="AA")], 2, "12 seats, Members’ Stand rows AA, F and G, and 2 parking bays"),
        ([row(row=r) for r in "ABCD"], 0, "16 seats, Members’ Stand"),
        ([row(), row("Hill", "C", 2)], 0, "6 seats, 2 stands"),
        ([row("Hill", "", 3)], 0, "3 places, Hill"),
        ([row("Hill", "", 1), row("Hill", "C", 1)], 0, "2 tickets, Hill"),
        ([], 1, "A parking bay"),
    ],
)
def test_what_is_bought_in_one_line(places, bays, line):
    assert in_a_line(places, bays) == line
