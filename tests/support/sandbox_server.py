"""A running sandbox for tests: its own process on a free port, with the switches and books as plain calls."""

import contextlib
import json
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class SandboxServer:
    """The address of a sandbox and its /_sandbox/ endpoints."""

    secret_key, publishable_key, webhook_secret, mail_key = (
        "sk_test_sandbox",
        "pk_test_sandbox",
        "whsec_sandbox",
        "SG.sandbox",
    )

    def __init__(self, url, process):
        self.url, self.process = url, process
        self.port = urllib.parse.urlsplit(url).port

    def request(self, method, path, data=None, headers=None):
        """(status, parsed body) of one request; `data` goes as JSON, a string as a form."""
        headers = dict(headers or {})
        if data is not None and not isinstance(data, str):
            data, headers["Content-Type"] = json.dumps(data), "application/json"
        wanted = urllib.request.Request(
            self.url + path, data.encode() if data is not None else None, headers, method=method
        )
        try:
            with _OPENER.open(wanted, timeout=30) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            status, body = answer.code, answer.read()
        try:
            return status, json.loads(body) if body else None
        except ValueError:
            return status, body.decode(errors="replace")

    def _control(self, method, path, data=None):
        status, body = self.request(method, f"/_sandbox/{path}", data)
        assert status < 300, f"{method} /_sandbox/{path}: {status} {body}"
        return body

    def faults(self, *rules, seed=1):
        """Put fault rules in force; without any, say what is in force and how often each kind fired."""
        return (
            self._control("PUT", "faults", {"seed": seed, "rules": list(rules)})
            if rules
            else self._control("GET", "faults")
        )

    def clear_faults(self):
        return self._control("PUT", "faults", {})

    def fired(self):
        """Kind → how often it fired since the rules were set."""
        return self.faults()["fired"]

    def ledger(self, intent=None):
        return self._control("GET", "ledger" + (f"?intent={intent}" if intent else ""))

    def mail(self, to=None):
        return self._control("GET", "mail" + (f"?to={urllib.parse.quote(to)}" if to else ""))

    def reset(self):
        self._control("POST", "reset")

    def offer(self, *methods):
        """What the account has switched on beside cards: link, klarna, apple_pay, google_pay."""
        self._control("PUT", "browser", {"methods": ["card", *methods]})

    def set_webhook(self, url, secret=webhook_secret):
        self._control("PUT", "webhook", {"url": url, "secret": secret})

    def webhooks(self, mode):
        """`hold` records events only, `auto` sends them."""
        self._control("POST", "webhooks", {"mode": mode})

    def events(self):
        """Every event with its delivery attempts, oldest first."""
        return self._control("GET", "events")

    def deliver(self, *event_ids, times=1):
        """Send held events in this order and wait: the receiver's status of each."""
        return [
            each["status"] for each in self._control("POST", "deliver", {"events": list(event_ids), "times": times})
        ]

    def dispute(self, intent_id, reason="fraudulent"):
        return self._control("POST", "disputes", {"payment_intent": intent_id, "reason": reason})

    def settle(self, intent_id, outcome="succeeded"):
        """End a `processing` payment now."""
        return self._control("POST", f"intents/{intent_id}/settle", {"outcome": outcome})

    def authenticate(self, intent_id, approve=True):
        """Answer the 3-D Secure challenge as the cardholder would."""
        return self._control("POST", f"intents/{intent_id}/authenticate", {"approve": approve})

    def pay(self, client_secret, card="4242424242424242", kind="card", **card_fields):
        """Confirm as the browser does, with a publishable key: (status, PaymentIntent or error)."""
        fields = {
            "number": card,
            "exp_month": 12,
            "exp_year": 2034,
            "cvc": "1234" if card.startswith("3") else "123",
            **card_fields,
        }
        form = {
            "client_secret": client_secret,
            "return_url": "http://127.0.0.1/return",
            "use_stripe_sdk": "true",
            "payment_method_data[type]": kind,
            **{f"payment_method_data[card][{name}]": value for name, value in fields.items()},
        }
        intent_id = client_secret.split("_secret_")[0]
        headers = {
            "Authorization": f"Bearer {self.publishable_key}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self.request("POST", f"/v1/payment_intents/{intent_id}/confirm", urllib.parse.urlencode(form), headers)

    def stripe_client(self, **options):
        """The real SDK, pointed here."""
        import stripe

        return stripe.StripeClient(
            self.secret_key, base_addresses={"api": self.url}, **{"max_network_retries": 0, **options}
        )


def eventually(condition, seconds=10.0):
    """Wait until the condition holds and return its value; fail after that many seconds."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.02)
    return value


@contextlib.contextmanager
def running_sandbox(*arguments):
    """Start `python -m sandbox` on a free port and end it afterwards. Yields a SandboxServer."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0", "--with-parent", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line.startswith("sandbox listening on http"), f"the sandbox did not start: {line!r}"
        yield SandboxServer(line.split()[-1], process)
    finally:
        process.terminate()
        process.wait(10)
        process.stdin.close()
        process.stdout.close()
