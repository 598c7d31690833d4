"""Webhooks and fault switches: what is sent, how it is signed, and that each kind of fault fires and is counted."""

import http.server
import socket
import subprocess
import sys
import threading
import time

import pytest
import stripe
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Mail

from tests.support.sandbox_server import ROOT, eventually, running_sandbox


class Receiver:
    """A tiny webhook endpoint that checks every signature with the real SDK and answers what the test wants."""

    def __init__(self):
        self.events, self.forged, self.statuses = [], 0, []
        self.lock = threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                payload = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.lock:
                    try:
                        event = stripe.Webhook.construct_event(payload, self.headers["Stripe-Signature"], "whsec_test")
                        receiver.events.append((event.type, event.id))
                    except stripe.SignatureVerificationError:
                        receiver.forged += 1
                    status = receiver.statuses.pop(0) if receiver.statuses else 200
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/api/stripe-webhook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def types(self):
        with self.lock:
            return [kind for kind, _ in self.events]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def server():
    with running_sandbox("--webhook-tries", "4") as running:
        yield running


@pytest.fixture
def sandbox(server):
    server.reset()
    server.set_webhook(None)
    return server


@pytest.fixture
def receiver(sandbox):
    receiver = Receiver()
    sandbox.set_webhook(receiver.url, "whsec_test")
    yield receiver
    sandbox.set_webhook(None)
    receiver.close()


@pytest.fixture
def client(sandbox):
    return sandbox.stripe_client()


def new_intent(client, key=None, **fields):
    options = {"idempotency_key": key} if key else {}
    return client.v1.payment_intents.create({"amount": 1000, "currency": "inr", **fields}, options)


def test_webhooks_arrive_signed_and_count_as_delivered(sandbox, client, receiver):
    sandbox.pay(new_intent(client).client_secret)
    eventually(lambda: len(receiver.types()) == 3)
    assert sorted(receiver.types()) == ["charge.succeeded", "payment_intent.created", "payment_intent.succeeded"]
    assert receiver.forged == 0
    eventually(lambda: len(client.v1.events.list({"delivery_success": True}).data) == 3)


def test_a_wrong_secret_is_noticed(sandbox, client, receiver):
    sandbox.set_webhook(receiver.url, "whsec_other")
    new_intent(client)
    eventually(lambda: receiver.forged == 1)


def test_a_refused_webhook_is_tried_again(sandbox, client, receiver):
    receiver.statuses = [500, 302]
    new_intent(client)
    eventually(lambda: len(receiver.types()) == 3)
    eventually(lambda: [each["status"] for each in sandbox.events()[0]["attempts"]] == [500, 302, 200])
    assert len({event_id for _, event_id in receiver.events}) == 1


def test_an_unreachable_receiver_leaves_events_undelivered(sandbox, client):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        sandbox.set_webhook(f"http://127.0.0.1:{closed.getsockname()[1]}/hook")
        new_intent(client)
        eventually(lambda: len(sandbox.events()[0]["attempts"]) == 4)
    assert [event.pending_webhooks for event in client.v1.events.list({"delivery_success": False})] == [1]


def test_held_webhooks_are_delivered_on_demand_in_any_order(sandbox, client, receiver):
    sandbox.webhooks("hold")
    sandbox.pay(new_intent(client).client_secret)
    ids = [each["event"]["id"] for each in sandbox.events()]
    assert receiver.types() == [] and len(client.v1.events.list({"delivery_success": False}).data) == 3
    assert sandbox.deliver(*ids[::-1], times=2) == [200] * 6
    assert [event_id for _, event_id in receiver.events] == ids[::-1] * 2
    assert sandbox._control("POST", f"events/{ids[0]}/deliver") == [{"event": ids[0], "status": 200}]
    assert sandbox.request("POST", "/_sandbox/deliver", {"events": ["evt_none"]})[0] == 404


def test_lost_webhooks_never_leave_but_stand_in_the_list(sandbox, client, receiver):
    sandbox.faults({"kind": "webhook_lost", "match": "payment_intent.succeeded"})
    sandbox.pay(new_intent(client).client_secret)
    eventually(lambda: len(receiver.types()) == 2)
    time.sleep(0.4)
    assert "payment_intent.succeeded" not in receiver.types()
    assert [event.type for event in client.v1.events.list({"delivery_success": False})] == ["payment_intent.succeeded"]
    assert sandbox.fired()["webhook_lost"] == 1


def test_doubled_webhooks_arrive_twice(sandbox, client, receiver):
    sandbox.faults({"kind": "webhook_doubled", "match": "payment_intent.created"})
    new_intent(client)
    eventually(lambda: len(receiver.events) == 2)
    assert len(set(receiver.events)) == 1 and sandbox.fired()["webhook_doubled"] == 1


def test_reordered_and_delayed_webhooks_come_after_later_ones(sandbox, client, receiver):
    sandbox.faults(
        {"kind": "webhook_reordered", "match": "payment_intent.created"},
        {"kind": "webhook_delayed", "match": "charge.*", "seconds": 1},
    )
    sandbox.pay(new_intent(client).client_secret)
    eventually(lambda: len(receiver.events) == 3)
    assert receiver.types() == ["payment_intent.succeeded", "payment_intent.created", "charge.succeeded"]
    assert (sandbox.fired()["webhook_reordered"], sandbox.fired()["webhook_delayed"]) == (1, 1)


def test_error_before_has_no_effect_and_the_key_stays_free(sandbox, client):
    sandbox.faults({"kind": "error_before", "match": "POST /v1/payment_intents", "times": 1})
    with pytest.raises(stripe.APIError) as failure:
        new_intent(client, "pi:1")
    assert failure.value.http_status == 500 and client.v1.payment_intents.list().data == []
    assert new_intent(client, "pi:1").id and sandbox.fired()["error_before"] == 1


def test_error_after_has_its_effect_and_the_key_remembers_the_error(sandbox, client):
    sandbox.faults({"kind": "error_after", "match": "POST /v1/payment_intents", "times": 1})
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            new_intent(client, "pi:1", metadata={"booking": "7"})
    assert [intent.metadata["booking"] for intent in client.v1.payment_intents.list()] == ["7"]
    assert sandbox.fired()["error_after"] == 1


def test_a_dropped_connection_before_the_effect(sandbox, client):
    sandbox.faults({"kind": "drop_connection_before", "match": "POST /v1/payment_intents", "times": 1})
    with pytest.raises(stripe.APIConnectionError):
        new_intent(client, "pi:1")
    assert client.v1.payment_intents.list().data == [] and sandbox.fired()["drop_connection_before"] == 1


def test_a_dropped_connection_after_the_effect_replays_under_its_key(sandbox, client):
    sandbox.faults({"kind": "drop_connection_after", "match": "POST /v1/refunds", "times": 1})
    intent = new_intent(client)
    sandbox.pay(intent.client_secret)
    ask = {"payment_intent": intent.id, "amount": 400}
    with pytest.raises(stripe.APIConnectionError):
        client.v1.refunds.create(ask, {"idempotency_key": "re:1"})
    refund = client.v1.refunds.create(ask, {"idempotency_key": "re:1"})
    assert refund.last_response.headers["Idempotent-Replayed"] == "true"
    assert [entry["amount"] for entry in sandbox.ledger() if entry["kind"] == "refunded"] == [400]
    assert sandbox.fired()["drop_connection_after"] == 1


def test_the_sdk_s_own_retries_survive_a_bad_moment(sandbox):
    sandbox.faults(
        {"kind": "drop_connection_after", "match": "POST /v1/payment_intents", "times": 1},
        {"kind": "rate_limit", "match": "POST /v1/payment_intents", "times": 1},
    )
    client = sandbox.stripe_client(max_network_retries=3)
    sandbox.faults({"kind": "drop_connection_after", "match": "POST /v1/payment_intents", "times": 1})
    assert new_intent(client).id and len(client.v1.payment_intents.list().data) == 1


def test_a_delay_before_and_after_the_effect(sandbox, client):
    sandbox.faults(
        {"kind": "delay", "match": "POST *", "seconds": 0.3, "times": 1},
        {"kind": "delay", "seconds": 0.3, "when": "after", "times": 1},
    )
    for _ in range(2):
        began = time.monotonic()
        new_intent(client)
        assert time.monotonic() - began >= 0.3
    assert sandbox.fired()["delay"] == 2


def test_a_rate_limit_is_stripe_s_429(sandbox, client):
    sandbox.faults({"kind": "rate_limit", "times": 1})
    with pytest.raises(stripe.RateLimitError):
        client.v1.payment_intents.list()
    assert sandbox.fired()["rate_limit"] == 1


def test_late_success_and_late_failure(sandbox, client):
    sandbox.faults(
        {"kind": "late_success", "seconds": 0.4, "times": 1}, {"kind": "late_failure", "seconds": 0.4, "times": 1}
    )
    first, second = new_intent(client), new_intent(client)
    assert sandbox.pay(first.client_secret)[1]["status"] == "processing"
    assert sandbox.pay(second.client_secret)[1]["status"] == "processing"
    assert sandbox.ledger() == []
    eventually(lambda: client.v1.payment_intents.retrieve(first.id).status == "succeeded")
    eventually(lambda: client.v1.payment_intents.retrieve(second.id).status == "requires_payment_method")
    assert [entry["intent"] for entry in sandbox.ledger()] == [first.id]
    assert (sandbox.fired()["late_success"], sandbox.fired()["late_failure"]) == (1, 1)


def test_a_processing_intent_is_canceled_only_by_the_switch(sandbox, client):
    sandbox.faults({"kind": "late_success", "seconds": 0.5}, {"kind": "cancel_processing", "times": 1})
    intent = new_intent(client)
    sandbox.pay(intent.client_secret)
    assert client.v1.payment_intents.cancel(intent.id).status == "canceled"
    time.sleep(0.7)
    assert client.v1.payment_intents.retrieve(intent.id).status == "canceled"
    assert [entry["kind"] for entry in sandbox.ledger()] == ["canceled"] and sandbox.fired()["cancel_processing"] == 1


def test_a_refund_fails_by_the_switch(sandbox, client):
    sandbox.faults({"kind": "refund_failed", "seconds": 0.1, "times": 1})
    intent = new_intent(client)
    sandbox.pay(intent.client_secret)
    refund = client.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "succeeded"
    eventually(lambda: client.v1.refunds.retrieve(refund.id).status == "failed")
    assert client.v1.refunds.create({"payment_intent": intent.id}).amount == 1000
    assert [entry["kind"] for entry in sandbox.ledger()] == ["captured", "refunded", "refund_failed", "refunded"]
    assert sandbox.fired()["refund_failed"] == 1


@pytest.mark.parametrize(
    ("kind", "status", "kept"),
    [
        ("error_before", 500, 0),
        ("error_after", 500, 1),
        ("rate_limit", 429, 0),
        ("drop_connection_before", None, 0),
        ("drop_connection_after", None, 1),
    ],
)
def test_mail_has_the_same_faults(sandbox, kind, status, kept):
    sandbox.faults({"kind": kind, "match": "POST /v3/mail/send", "times": 1})
    sendgrid = SendGridAPIClient(sandbox.mail_key, host=sandbox.url)
    with pytest.raises(Exception) as failure:  # noqa: PT011 -- urllib's own errors, of several classes
        sendgrid.send(Mail("tickets@example.org", "asha@example.org", "Tickets", plain_text_content="Two seats"))
    assert getattr(failure.value, "status_code", None) == status
    assert len(sandbox.mail()) == kept and sandbox.fired()[kind] == 1


def test_the_same_seed_fires_at_the_same_requests(sandbox, client):
    def fates():
        sandbox.faults({"kind": "rate_limit", "match": "GET /v1/payment_intents", "probability": 0.5}, seed=7)
        return [
            sandbox.request("GET", "/v1/payment_intents", headers={"Authorization": "Bearer sk_test_x"})[0]
            for _ in range(20)
        ]

    first = fates()
    assert first == fates() and set(first) == {200, 429}
    assert sandbox.fired()["rate_limit"] == first.count(429)


@pytest.mark.parametrize(
    "rules",
    [
        [{"kind": "explode"}],
        [{"kind": "delay", "probability": 2}],
        [{"kind": "delay", "times": -1}],
        [{"kind": "delay", "colour": "red"}],
        [{"kind": "delay", "seconds": "soon"}],
        "all",
    ],
)
def test_a_rule_that_makes_no_sense_changes_nothing(sandbox, rules):
    sandbox.faults({"kind": "delay", "match": "never", "seconds": 1})
    status, answer = sandbox.request("PUT", "/_sandbox/faults", {"rules": rules})
    assert status == 400 and answer["error"]["message"]
    assert len(sandbox.faults()["rules"]) == 1


def test_production_is_refused():
    ended = subprocess.run(
        [sys.executable, "-m", "sandbox", "--environment", "production"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert ended.returncode == 2 and "production" in ended.stderr


def test_the_sandbox_ends_when_its_parent_lets_go(tmp_path):
    port_file = tmp_path / "port"
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--with-parent", "--print-port-to", str(port_file)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline()
    eventually(port_file.exists)
    assert line == f"sandbox listening on http://127.0.0.1:{port_file.read_text().strip()}\n"
    process.stdin.close()
    assert process.wait(10) == 0
    process.stdout.close()


def test_the_sandbox_ends_when_its_parent_is_killed():
    script = (
        "import subprocess, sys, time\n"
        "command = [sys.executable, '-m', 'sandbox', '--with-parent']\n"
        "child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)\n"
        "print(child.stdout.readline().split()[-1], flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    port = int(parent.stdout.readline().strip().rsplit(":", 1)[1])
    socket.create_connection(("127.0.0.1", port), 5).close()
    parent.kill()
    parent.wait(10)
    parent.stdout.close()

    def gone():
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return True
        return False

    eventually(gone)


def test_the_sandbox_imports_nothing_of_the_product():
    import ast

    ours = {path.stem for path in ROOT.glob("*.py")} | {
        path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()
    }
    for path in (ROOT / "sandbox").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for name in names:
                assert name.split(".")[0] not in ours - {"sandbox"}, f"{path} imports {name}"
        assert len(path.read_text().splitlines()) < 600
