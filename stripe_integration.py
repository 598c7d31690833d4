"""Stripe, at the edge: intents, refunds and webhooks through Stripe's own SDK.

Knows nothing of bookings; a webhook becomes a PaymentEvent. Amounts are in our minor units on this side: Stripe's own
count (models/currencies.py) is known here alone.

The base address is a setting, so the same code speaks to the sandbox. No method is called inside a database
transaction.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests
import stripe
from requests.adapters import HTTPAdapter

from config import Settings
from models.currencies import currency_of
from outside import mended, parse_json
from providers import Declined, ProviderError, Unavailable, provider_call

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams, RefundCreateParams

__all__ = [
    "Decline",
    "Declined",
    "Intent",
    "PaymentEvent",
    "ProviderError",
    "Unavailable",
    "event_of",
    "payment_processor",
]

INTENTS = "/v1/payment_intents"
CONNECTIONS = 32  # that are kept open to Stripe; more are made when as many calls are under way
TIMEOUT = 12  # seconds for one call; Stripe's own SDK would wait 80
TOLERANCE = 300  # seconds that a webhook's signature may differ from our clock (Stripe's default, for old ones alone)


@dataclass(frozen=True, slots=True)
class Decline:
    """A card that a bank said no to: the id of its charge (or of the event, where there was none), and the card's
    fingerprint, by which Stripe knows it again."""

    id: str
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class Intent:
    """A PaymentIntent as we need it. Amounts in minor units, currency in capitals; `fee` is Stripe's, once known."""

    id: str
    status: str
    amount: int
    received: int
    currency: str
    client_secret: str
    fee: int = 0
    error_code: str | None = None
    error_message: str | None = None
    metadata: dict | None = None
    declined: Decline | None = None


@dataclass(frozen=True, slots=True)
class StripeRefund:
    """A refund as Stripe has it; `amount` in minor units, `error` its reason why it failed."""

    id: str
    status: str
    amount: int
    error: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """A verified webhook: a trigger that names an object. `kind` is intent, charge, refund, dispute or other. `payload`
    is what can be kept of it, `body` all of it, to the byte."""

    id: str
    type: str
    kind: str
    object_id: str
    intent_id: str | None
    payload: dict
    declined: Decline | None = None
    body: bytes | None = None


class PaymentProcessor:
    """The one door to Stripe. `init_app(settings)` before use."""

    def init_app(self, settings: Settings) -> None:
        """Speak to Stripe, or the sandbox, as these settings say."""
        self.settings = settings
        self.client = stripe.StripeClient(
            settings.stripe_secret_key,
            base_addresses={"api": settings.stripe_api_base},
            max_network_retries=1,
            http_client=stripe.RequestsClient(timeout=TIMEOUT, session=_session(settings.stripe_api_base)),
        )

    def create_intent(self, amount: int, currency: str, key: str, metadata: dict[str, str], description: str) -> Intent:
        """A new intent for `amount`; the same key gives the same intent. Raises Unavailable or Declined."""
        params: PaymentIntentCreateParams = {
            "amount": stripe_amount(amount, currency),
            "currency": currency.lower(),
            # Whatever the account has switched on in the Dashboard; some of it leads over a page of its own and back.
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "always"},
            "metadata": metadata,
            "description": description,
        }
        return _intent(self._ask("create_intent", key, "post", INTENTS, idempotency_key=key, **params))

    def get_intent(self, intent_id: str) -> Intent:
        """The intent as Stripe has it now, with Stripe's fee when it is charged."""
        address = f"{INTENTS}/{quote(intent_id, safe='')}"
        return _intent(self._ask("get_intent", intent_id, "get", address, expand=["latest_charge.balance_transaction"]))

    def cancel_intent(self, intent_id: str) -> Intent:
        """Cancel, and return the intent as it then is: canceled, or whatever it had become before (succeeded,
        processing).
        """
        try:
            cancelled = self._call("cancel_intent", intent_id, lambda: self.client.v1.payment_intents.cancel(intent_id))
            return _intent(_plain(cancelled))
        except Declined:
            return self.get_intent(intent_id)

    def list_intents(self, since: datetime) -> list[Intent]:
        """Every intent created since this moment (datetime), newest first."""
        params = {"created": {"gte": int(since.timestamp())}, "limit": 100}
        page = self._call("list_intents", None, lambda: self.client.v1.payment_intents.list(params))
        return [_intent(_plain(x)) for x in self._all(page)]

    def find_intent(self, metadata: Mapping[str, str], since: datetime) -> Intent | None:
        """The newest intent since this moment that carries this metadata, or None.

        Stripe replays a saved 500 for its key, although the intent may exist: then this is how to learn of it.
        """
        return next((x for x in self.list_intents(since) if _carries(x.metadata, metadata)), None)

    def undelivered_events(self, since: datetime) -> list[PaymentEvent]:
        """Events since this moment that Stripe could not deliver to us, as PaymentEvents."""
        params = {"created": {"gte": int(since.timestamp())}, "delivery_success": False, "limit": 100}
        page = self._call("list_events", None, lambda: self.client.v1.events.list(params))
        return [event_of(_plain(x), str(x).encode()) for x in self._all(page)]

    def refund(self, intent_id: str, amount: int, currency: str, key: str, metadata: dict[str, str]) -> StripeRefund:
        """Give `amount` back. The same key gives the same refund. Raises Unavailable or Declined."""
        params: RefundCreateParams = {
            "payment_intent": intent_id,
            "amount": stripe_amount(amount, currency),
            "metadata": metadata,
        }
        return _refund(
            self._call("refund", key, lambda: self.client.v1.refunds.create(params, {"idempotency_key": key}))
        )

    def get_refund(self, refund_id: str) -> StripeRefund:
        """The refund as Stripe has it now. Raises Unavailable or Declined."""
        return _refund(self._call("get_refund", refund_id, lambda: self.client.v1.refunds.retrieve(refund_id)))

    def find_refund(self, intent_id: str, metadata: Mapping[str, str]) -> StripeRefund | None:
        """The refund of this intent that carries this metadata, or None: how a forgotten answer is
        found after a day.
        """
        page = self._call(
            "list_refunds", intent_id, lambda: self.client.v1.refunds.list({"payment_intent": intent_id, "limit": 100})
        )
        for found in self._all(page):
            if _carries(_plain(found.metadata or {}), metadata):
                return _refund(found)
        return None

    def get_dispute(self, dispute_id: str) -> tuple[str, str]:
        """(id, status) of a dispute as Stripe has it now."""
        found = self._call("get_dispute", dispute_id, lambda: self.client.v1.disputes.retrieve(dispute_id))
        return mended(found.id), mended(found.status)

    def read_webhook(self, body: bytes, signature: str | None) -> PaymentEvent:
        """The PaymentEvent in these raw bytes, or Declined when the signature is not Stripe's, or of another time, or
        the body is no event."""
        try:
            stripe.WebhookSignature.verify_header(
                body.decode("utf-8"), signature or "", self.settings.stripe_webhook_secret, TOLERANCE
            )
            if _signed_at(signature or "") > time.time() + TOLERANCE:
                raise ValueError("signed ahead of time")  # Stripe's library only asks whether it is old
            payload = mended(parse_json(body))
            if payload.get("object") != "event":
                raise ValueError("not an event")
            if bool(payload.get("livemode")) != self.settings.stripe_secret_key.startswith(("sk_live", "rk_live")):
                raise ValueError("livemode differs")
            return event_of(payload, body)
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Declined("This is no event of ours.", code="BAD_SIGNATURE") from error

    def _all(self, page: Any) -> Iterator[Any]:
        while True:
            yield from page.data
            if not page.has_more:
                return
            page = self._call("next_page", None, page.next_page)

    def _ask(self, name: str, our_id: object, method: str, address: str, **params: Any) -> Mapping[str, Any]:
        """What Stripe answers, as JSON: the SDK's objects of it, of which we read a few fields, cost a third of the
        call."""
        return self._call(name, our_id, lambda: self.client.raw_request(method, address, **params)).data

    def _call(self, name: str, our_id: object, request: Callable[[], Any]) -> Any:
        with provider_call("stripe", name, our_id, _meaning):
            return request()


def stripe_amount(minor: int, currency: str) -> int:
    """Minor units as Stripe counts them: 1050, "AUD" → 1050; 500, "ISK" → 50000. Raises Declined for what is in no step
    of the currency: Stripe would not take it."""
    try:
        return currency_of(currency).to_stripe(minor)
    except ValueError as error:
        raise Declined(str(error), code="invalid_amount_step") from error


def _meaning(error: Exception) -> ProviderError | None:
    if isinstance(error, stripe.APIConnectionError | stripe.RateLimitError):
        return Unavailable("Stripe does not answer.", code=error.code)
    if isinstance(error, stripe.CardError):
        return Declined(error.user_message or "Declined.", code=error.code)
    if isinstance(error, stripe.StripeError):
        # 409 idempotency_key_in_use and any 5xx say nothing about what happened.
        is_unknown = (error.http_status or 500) >= 500 or error.http_status == 409
        return (Unavailable if is_unknown else Declined)(str(error), code=mended(error.code))
    return None


def _session(address: str) -> requests.Session:
    """One for the process: the SDK would make one for each thread, and under an event loop each request is a thread of
    its own, so that no connection would be used twice. What the environment says of proxies is read once."""
    session = requests.Session()
    session.trust_env = False
    session.proxies.update(requests.utils.get_environ_proxies(address))
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    for start in ("https://", "http://"):
        session.mount(start, HTTPAdapter(pool_maxsize=CONNECTIONS))
    return session


def _intent(found: Mapping[str, Any]) -> Intent:
    error = mended(found.get("last_payment_error") or {})
    charge = found.get("latest_charge")
    balance = charge.get("balance_transaction") if isinstance(charge, Mapping) else None
    currency = found["currency"].upper()
    count = currency_of(currency).from_stripe
    return Intent(
        id=found["id"],
        status=found["status"],
        amount=count(found["amount"]),
        received=count(found.get("amount_received") or 0),
        currency=currency,
        client_secret=found["client_secret"],
        fee=currency_of(balance["currency"].upper()).from_stripe(balance["fee"]) if isinstance(balance, Mapping) else 0,
        error_code=error.get("decline_code") or error.get("code"),
        error_message=error.get("message"),
        metadata=mended(dict(found.get("metadata") or {})),
        declined=_declined(error, None) if error else None,
    )


def _declined(error: Mapping[str, Any], event_id: str | None) -> Decline | None:
    """The Decline in a last_payment_error; what was no card's decline, or has no id, is none."""
    which = error.get("charge") or event_id
    if error.get("type") != "card_error" and error.get("code") != "payment_intent_authentication_failure" or not which:
        return None
    return _decline(which, error.get("payment_method"))


def _decline(which: Any, method: Mapping[str, Any] | None) -> Decline:
    fingerprint = ((method or {}).get("card") or {}).get("fingerprint")
    if not isinstance(which, str) or not isinstance(fingerprint, str | None):
        raise ValueError("a decline is named by texts")
    return Decline(which, fingerprint)


def _declined_by(payload: Mapping[str, Any]) -> Decline | None:
    """The Decline that an event tells of, or None. The event is signed; it is counted and decides no payment."""
    thing = payload["data"]["object"]
    if payload["type"] == "charge.failed":
        return _decline(thing["id"], thing.get("payment_method_details"))
    if payload["type"] == "payment_intent.payment_failed":
        return _declined(thing.get("last_payment_error") or {}, payload["id"])
    return None


def _plain(found: Any) -> Any:
    """An object of Stripe's as JSON values that can be kept: what strangers typed there may hold what no text of ours
    can."""
    return mended(json.loads(str(found)) if isinstance(found, stripe.StripeObject) else found)


def _carries(metadata: Mapping[str, str] | None, wanted: Mapping[str, str]) -> bool:
    return all((metadata or {}).get(name) == value for name, value in wanted.items())


def _refund(found: Any) -> StripeRefund:
    amount = currency_of(found.currency.upper()).from_stripe(found.amount)
    return StripeRefund(found.id, found.status, amount, mended(getattr(found, "failure_reason", None)))


def _signed_at(signature: str) -> int:
    """The time that a verified `Stripe-Signature` header names, as its verification read it."""
    return next(int(value) for name, _, value in (part.partition("=") for part in signature.split(",")) if name == "t")


def event_of(payload: dict[str, Any], body: bytes | None = None) -> PaymentEvent:
    """The PaymentEvent in an event's JSON, verified or stored before."""
    thing = payload["data"]["object"]
    named = payload["id"], payload["type"], thing.get("id", "")
    if not all(isinstance(name, str) for name in named):
        raise ValueError("an event is named by texts")
    kinds = {"payment_intent": "intent", "charge": "charge", "refund": "refund", "dispute": "dispute"}
    kind = kinds.get(str(thing.get("object")), "other")
    intent = thing["id"] if kind == "intent" else thing.get("payment_intent")
    return PaymentEvent(
        payload["id"],
        payload["type"],
        kind,
        thing.get("id", ""),
        intent if isinstance(intent, str) else None,
        payload,
        _declined_by(payload),
        body,
    )


payment_processor = PaymentProcessor()
