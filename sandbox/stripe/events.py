"""Events and their webhooks: recorded at once, sent by background threads, retried with a short backoff.

Stripe promises neither order nor single delivery, and the fault switches make use of that."""

import copy
import hashlib
import hmac
import json
import logging
import ssl
import time
import urllib.error
import urllib.request

from sandbox.ids import new_id
from sandbox.scheduler import Scheduler

log = logging.getLogger("sandbox")

BACKOFF = (0.2, 0.5, 1, 2, 4, 8, 15, 30)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Stripe counts a redirect as a failed delivery."""

    def redirect_request(self, *args):
        return None


def _opener():
    # A laptop's own certificate is self-signed; a sandbox event holds nothing that needs a checked one.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), _NoRedirects
    )


def sign(payload, secret, at=None):
    """The `Stripe-Signature` header of a payload (https://docs.stripe.com/webhooks/signature)."""
    at = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Webhooks:
    """The event log of one sandbox and the one endpoint it sends to."""

    def __init__(self, box, url, secret, tries):
        self._box, self._tries, self._open = box, tries, _opener().open
        self._sender = Scheduler("webhook", 6)
        self.url, self.secret, self.mode = url, secret, "auto"
        self.events, self.attempts = {}, {}

    def reset(self):
        """Forget every event and go back to automatic delivery. The caller holds the box's lock."""
        self.events, self.attempts = {}, {}
        self.mode = "auto"

    def stop_sending(self):
        """Drop what is still to be sent and let what is on its way arrive. The caller must not hold the box's lock."""
        self._sender.clear(seconds=5)

    def record(self, kind, subject, call=None, previous=None):
        """Write down that something happened to an object and send it on. The caller holds the box's lock."""
        data = {"object": copy.deepcopy(subject)}
        if previous is not None:
            data["previous_attributes"] = previous
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": api_version(),
            "created": int(time.time()),
            "data": data,
            "livemode": False,
            "pending_webhooks": 1 if self.url else 0,
            "request": {
                "id": call.request_id if call else None,
                "idempotency_key": call.idempotency_key if call else None,
            },
            "type": kind,
        }
        self.events[event["id"]] = event
        self.attempts[event["id"]] = []
        if self.url and self.mode == "auto":
            self._send_with_faults(event)
        return event

    def _send_with_faults(self, event):
        faults, kind = self._box.faults, event["type"]
        if faults.pick(kind, "webhook_lost"):
            return
        delay = 0.0
        late = faults.pick(kind, "webhook_delayed")
        if late:
            delay = 1.0 if late.seconds is None else late.seconds
        elif overtaken := faults.pick(kind, "webhook_reordered"):
            # Held back long enough for the events that follow to overtake it.
            delay = 0.5 if overtaken.seconds is None else overtaken.seconds
        self._sender.call_later(delay, self._try, event["id"], 0)
        if faults.pick(kind, "webhook_doubled"):
            self._sender.call_later(delay + 0.02, self._try, event["id"], 0)

    def _try(self, event_id, attempt):
        with self._box.lock:
            if event_id not in self.events:
                return
        status = self.deliver(event_id)
        if not 200 <= (status or 0) < 300 and attempt + 1 < self._tries:
            self._sender.call_later(BACKOFF[min(attempt, len(BACKOFF) - 1)], self._try, event_id, attempt + 1)

    def deliver(self, event_id):
        """Send one event now, in this thread. Returns the receiver's status, or None when nobody answered."""
        with self._box.lock:
            event, url, secret = self.events.get(event_id), self.url, self.secret or ""
            if event is None or url is None:
                return None
            payload = json.dumps(event, indent=2).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": sign(payload, secret),
        }
        try:
            with self._open(urllib.request.Request(url, payload, headers, method="POST"), timeout=20) as answer:
                status = answer.status
        except urllib.error.HTTPError as answer:
            status = answer.code
            answer.close()
        except OSError as failure:
            log.info("webhook %s not delivered: %s", event_id, failure)
            status = None
        with self._box.lock:
            if event_id in self.attempts:
                self.attempts[event_id].append({"at": time.time(), "status": status})
                if status is not None and 200 <= status < 300:
                    event["pending_webhooks"] = 0
        return status


def api_version():
    """The API version the installed SDK speaks, so that it reads our events as its own."""
    from stripe._api_version import _ApiVersion

    return _ApiVersion.CURRENT
