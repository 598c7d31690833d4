"""What an order costs from the hold on: the statements of each step, and the calls of the provider, counted where it
stands."""

import http.server
import json
import re
import threading
from dataclasses import replace

import pytest

from booking import settlement
from booking.one_by_one import OneByOne
from stripe_integration import PaymentProcessor
from tests.booking.test_checkout import counted_statements
from tests.booking.test_payments import events_of, post_webhook
from tests.support.selling import hold, paid_booking, start_payment

CREATE, FETCH = "POST /v1/payment_intents", "GET /v1/payment_intents/*"


@pytest.fixture
def calls(sandbox):
    """What was asked of the provider since the last look: {pattern: how often}, and "other" for the rest."""
    patterns = (CREATE, FETCH, "POST /v1/payment_intents/*/confirm", "* /v1/*")

    def look():
        told = [rule["fired"] for rule in sandbox.faults()["rules"]]
        sandbox.faults(*({"kind": "delay", "match": pattern, "seconds": 0} for pattern in patterns))
        return dict(zip((CREATE, FETCH, "card", "other"), told, strict=False))

    look()
    return look


@pytest.fixture
def held(as_asha, ground, sandbox):
    sandbox.webhooks("hold")
    return hold(as_asha, ground.event, ground.ids("A1", "A2", "A3", "A4"))


NONE = {CREATE: 0, FETCH: 0, "card": 0, "other": 0}


def test_each_step_asks_the_provider_once_at_most(app, as_asha, held, sandbox, calls):
    as_asha.get(f"/bookings/{held['id']}/pay")
    assert calls() == NONE
    started = start_payment(as_asha, held["id"])
    assert calls() == NONE | {CREATE: 1}
    sandbox.pay(started["client_secret"])
    assert calls() == NONE | {"card": 1}
    for event in events_of(sandbox):
        post_webhook(app, sandbox, event)
    assert calls() == NONE | {FETCH: 1}, "one settlement, one look at the intent"
    assert as_asha.get(f"/bookings/{held['id']}/payment").json["state"] == "paid"
    assert as_asha.get(f"/bookings/{held['id']}/return").status == 303
    assert as_asha.get(f"/tickets/{held['id']}").status == 200
    assert calls() == NONE


def test_who_comes_back_before_the_webhook_is_told_and_the_webhook_asks_no_more(app, as_asha, held, sandbox, calls):
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    calls()
    assert as_asha.get(f"/bookings/{held['id']}/return").location == f"/tickets/{held['id']}"
    assert calls() == NONE | {FETCH: 1}
    outcomes = {e["type"]: post_webhook(app, sandbox, e).get_json()["outcome"] for e in events_of(sandbox)}
    assert outcomes == {
        "payment_intent.created": "nothing to do",
        "charge.succeeded": "already",
        "payment_intent.succeeded": "already",
    }
    assert calls() == NONE


def test_the_webhook_and_the_fan_at_the_same_moment_ask_once(app, as_asha, held, sandbox, calls):
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    calls()
    sandbox.faults({"kind": "delay", "match": FETCH, "seconds": 0.5})
    outcomes = []

    def settle():
        with app.app_context():
            outcomes.append(settlement.settle(started["payment_intent_id"]))

    threads = [threading.Thread(target=settle) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already", "already", "already", "fulfilled"]
    assert sandbox.faults()["rules"][0]["fired"] == 1


def test_a_dispute_of_what_is_settled_is_asked_about_all_the_same(app, as_asha, held, rows, sandbox, calls):
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    as_asha.get(f"/bookings/{held['id']}/return")
    sandbox.dispute(started["payment_intent_id"])
    calls()
    for event in events_of(sandbox, "charge.dispute.created"):
        assert post_webhook(app, sandbox, event).get_json()["outcome"] == "dispute"
    assert rows.value("select disputed_at is not null from booking")
    assert calls() == NONE | {"other": 1}, "the dispute, and not the payment"


def test_names_are_forgotten_when_nobody_waits():
    settling, order = OneByOne(), []
    with settling.of("a") as waited, settling.of("b") as other:
        thread = threading.Thread(target=lambda: order.append(enter(settling)))
        thread.start()
        assert (waited, other, order) == (False, False, [])
    thread.join()
    assert order == [True] and settling._taken == {}


def enter(settling):
    with settling.of("a") as waited:
        return waited


# --- statements -----------------------------------------------------------------------------------


def cost(app, browser, path, status=200):
    with counted_statements(app) as seen:
        assert browser.get(path).status == status
    return len(seen), "\n".join(seen)


@pytest.fixture
def whole(as_asha, ground, rows, sandbox):
    """A booking of everything: seats and a bay, one ticket offered to somebody, one given back. Its id."""
    held = hold(as_asha, ground.event, ground.ids("A1", "A2", "A3", "A4"))
    bay = {"event": ground.event, "window": 1, "bay": f"{ground.car_park}-standard", "plate": "CRV 26A"}
    assert as_asha.post(f"/book-parking-enhanced/{ground.stadium}", **bay).status == 303
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    at = f"/tickets/{held['id']}"
    assert as_asha.get(f"/bookings/{held['id']}/return").location == at
    first, second = (r["id"] for r in rows("select id from ticket order by line_id limit 2"))
    sent = as_asha.post(f"{at}/rights/{first}/send", name="Ravi Iyer", email="ravi@example.org")
    line = rows.value("select line_id from ticket where id = :t", t=second)
    assert sent.status == as_asha.post(f"{at}/refund", line=line).status == 303
    return held["id"]


def test_the_pay_page_takes_four_statements_at_most(app, as_asha, held, ground):
    path = f"/bookings/{held['id']}/pay"
    as_asha.get(path)  # what everybody may see is read once
    few, seen = cost(app, as_asha, path)
    assert few <= 4, seen
    start_payment(as_asha, held["id"])
    paying, seen = cost(app, as_asha, path)
    assert paying == few, seen


def test_to_begin_a_payment_takes_two_statements(app, as_asha, held):
    as_asha.csrf()
    with counted_statements(app) as seen:
        start_payment(as_asha, held["id"])
    assert len(seen) == 2, "\n".join(seen)


def test_how_a_payment_stands_takes_three_statements_at_most(app, as_asha, ground, sandbox):
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    for path, status in (
        (f"/bookings/{sold['id']}/payment", 200),
        (f"/api/payment-status/{sold['intent']}", 200),
        (f"/bookings/{sold['id']}/return", 303),
    ):
        number, seen = cost(app, as_asha, path, status)
        assert number <= 3, seen


def test_the_tickets_take_four_statements_at_most_whatever_is_among_them(app, as_asha, visitor, whole, mails):
    link = re.search(r"/t/[\w-]+", next(m["text"] for m in mails("asha@example.org") if "/t/" in m["text"]))[0]
    for browser, path in ((as_asha, f"/tickets/{whole}"), (visitor, link)):
        page = browser.get(path)
        assert "Offered to Ravi Iyer" in page.text and "CRV 26A" in page.text and "given back on" in page.text
        number, seen = cost(app, browser, path)
        assert number <= 4, seen
    for path in (f"/tickets/{whole}/refund", f"/tickets/{whole}/tickets.pdf", f"/tickets/{whole}/calendar.ics"):
        number, seen = cost(app, as_asha, path)
        assert number <= 4, seen


def test_a_ticket_that_was_passed_on_takes_four_statements_at_most(app, visitor, whole, mails):
    offered = re.search(r"/t/offer/[\w-]+", mails("ravi@example.org")[-1]["text"])[0]
    link = visitor.post(offered, name="Ravi Iyer").location
    assert "From Asha Rao" in visitor.get(link).text
    number, seen = cost(app, visitor, link)
    assert number <= 4, seen


def test_a_settlement_takes_few_statements_and_its_other_webhooks_one(app, as_asha, ground, sandbox):
    sandbox.webhooks("hold")
    other = paid_booking(as_asha, ground, ["B1"], sandbox)  # the event's signing key exists
    held = hold(as_asha, ground.event, ground.ids("A1", "A2", "A3", "A4"))
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    costs = {}
    for event in events_of(sandbox):
        if other["intent"] not in json.dumps(event):
            with counted_statements(app) as seen:
                assert post_webhook(app, sandbox, event).status_code == 200
            costs[event["type"]] = len(seen)
    assert costs == {"payment_intent.created": 1, "charge.succeeded": 5, "payment_intent.succeeded": 1}


# --- connections ----------------------------------------------------------------------------------


def test_calls_from_many_threads_share_their_connections(settings):
    """As under an event loop, where each request is a thread of its own."""
    connections = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self):
            connections.append(self)
            super().setup()

        def do_GET(self):
            intent = {"id": "pi_1", "status": "processing", "amount": 100, "currency": "aud", "client_secret": "s"}
            body = json.dumps(intent).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Set-Cookie", "kept=1")
            self.end_headers()
            self.wfile.write(body)
            cookies.append(self.headers.get("Cookie"))

        def log_message(self, *_):
            pass

    cookies = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    processor = PaymentProcessor()
    processor.init_app(replace(settings, stripe_api_base=f"http://127.0.0.1:{server.server_port}"))
    try:
        for _ in range(5):
            thread = threading.Thread(target=processor.get_intent, args=("pi_1",))
            thread.start()
            thread.join()
    finally:
        server.shutdown()
        server.server_close()
    assert len(cookies) == 5 and len(connections) == 1 and set(cookies) == {None}
