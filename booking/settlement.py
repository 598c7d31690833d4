"""From Stripe's word to tickets, in three steps: handle_event() keeps a webhook, act_on() knows what it is about,
settle() makes it ours.

A webhook is only a trigger: the object is fetched from Stripe and decides. Whoever else hears of an intent calls
settle() likewise.
"""

from typing import Protocol

import structlog
from sqlalchemy import select

import realtime
from booking import refunds
from booking.one_by_one import OneByOne
from database import after_commit, between_transactions, call, call_at_once, call_one, in_transaction
from enhanced_models import PaymentTransaction
from extensions import db, keyed_hash
from models import Booking
from outside import whole_number
from refusals import sentences
from stripe_integration import Decline, Declined, Intent, PaymentEvent, payment_processor
from tickets import codes

log = structlog.get_logger()

sentences(
    {
        "SEATS_LOST": "The seats were gone when the money came. Everything has been given back.",
        "BAD_SIGNATURE": "This is not signed by Stripe.",
        "TRY_AGAIN": "We could not keep this. Send it again.",
    }
)


SETTLED_KINDS = ("intent", "charge", "dispute")  # of events
NOTHING = "nothing to do"


class Settled(Protocol):
    """A row of app.settle_payment(): see settle() for the outcomes; `refund_id` where money goes back."""

    outcome: str
    booking_id: int
    event_id: int | None
    stadium_id: int
    seats: list[int]
    refund_id: int | None
    version: int | None


def handle_event(event: PaymentEvent) -> str:
    """Keep a verified event for good and act on it, once. Returns what came of it, in words for Stripe's log.

    A flow: it opens its own transactions. Raises Unavailable or Declined when Stripe does not answer; the event is then
    still open.
    """
    kept = event.id, event.type, event.object_id, event.payload, event.body
    more = event.intent_id if _settles(event) else None, NOTHING if _needs_nothing(event) else None
    stored = call_at_once("app.store_payment_event", *kept, *more, worker=True)
    if not stored.is_open:
        return stored.outcome
    outcome = act_on(event)
    call_at_once("app.finish_payment_event", event.id, outcome, worker=True)
    return outcome


def _needs_nothing(event: PaymentEvent) -> bool:
    """Unknown types are kept and need nothing. An intent was made by us: what became of it is told next, and where its
    answer was lost it is found by its key.
    """
    if event.kind == "refund":
        return False
    return event.type == "payment_intent.created" or event.kind not in SETTLED_KINDS or not event.intent_id


def _settles(event: PaymentEvent) -> bool:
    """It asks for nothing but settle()."""
    return event.kind in ("intent", "charge") and not event.declined and not event.type.startswith("charge.refund")


def act_on(event: PaymentEvent) -> str:
    """Do what an event asks for. An object that Stripe does not know (any more) needs nothing."""
    try:
        if _needs_nothing(event):
            return NOTHING
        if event.kind == "refund":
            return refunds.refresh(event.object_id) or "not ours"
        assert event.intent_id
        outcome = settle(event.intent_id, is_known=not _settles(event))
        if event.declined:
            note_decline(event.intent_id, event.declined)
        if event.kind == "dispute":
            # It may be told of before the success it disputes, and its end before its beginning: both are asked for
            # again.
            dispute, status = payment_processor.get_dispute(event.object_id)
            is_open = status not in ("won", "warning_closed")
            in_transaction(call, "app.mark_dispute", event.intent_id, is_open, dispute, worker=True)
            return "dispute"
        if event.type.startswith("charge.refund"):
            refunds.refresh_all_of(event.intent_id)
        return outcome
    except Declined as error:
        if error.code != "resource_missing":
            raise
        log.warning("event_of_nothing", event_id=event.id, object_id=event.object_id)
        return "no such object"


def settle(intent: Intent | str, is_known: bool = False) -> str:
    """Make what Stripe says of an intent ours; the id of one is fetched first. Once fulfilled, repeats change nothing.

    The webhook and the fan who comes back ask at the same moment: here one of them asks, and the other waits for what
    came of it. `is_known`: what is told is mostly of a payment that has succeeded here, so that our rows are asked
    first. Returns the outcome: fulfilled, already, lost, open, closed or unknown; see app.settle_payment(). A flow.
    """
    if isinstance(intent, Intent):
        return _settle(intent)
    between_transactions()
    with _settling.of(intent) as waited:
        known = in_transaction(_settled_before, intent, worker=True) if waited or is_known else None
        return known or _settle(payment_processor.get_intent(intent))


_settling = OneByOne()  # by intent


def _settled_before(intent_id: str) -> str | None:
    """What came of an intent that has succeeded here: Stripe is not asked about it again. None of any other."""
    state = db.session.scalar(
        select(Booking.state)
        .join(PaymentTransaction, PaymentTransaction.booking_id == Booking.id)
        .where(PaymentTransaction.intent_id == intent_id, PaymentTransaction.state == "succeeded")
    )
    return state and ("lost" if state == "lost" else "already")


def _settle(intent: Intent) -> str:
    named = intent.metadata or {}
    # If its id was never told to us. An account may serve others, who write there what they like.
    payment_id = whole_number(named.get("payment"))

    def write() -> Settled:
        said = (intent.status, intent.received, intent.currency, intent.fee, intent.error_code, intent.error_message)
        done: Settled = call_one("app.settle_payment", intent.id or None, *said, None, payment_id, named.get("booking"))
        if done.outcome == "fulfilled":
            codes.issue_codes(done.booking_id)
            tell_seats(done.event_id, done.seats, "taken", done.version)
            money = (intent.received, intent.currency.upper())
            sold = (done.stadium_id, done.event_id, done.booking_id, "paid", len(done.seats), *money)
            after_commit(realtime.publish_booking, *sold)
        elif done.seats:
            tell_seats(done.event_id, done.seats, "free", done.version)
        elif done.outcome == "lost" and done.refund_id:
            tell_seats(
                done.event_id, None, version=done.version
            )  # which ones were free again is not told here: pages look again
        return done

    done = in_transaction(write, worker=True)
    log.info("payment_settled", intent=intent.id, outcome=done.outcome, booking_id=done.booking_id)
    if done.refund_id:
        refunds.send_quietly(done.refund_id)
    if intent.declined and done.outcome == "open":
        note_decline(intent.id, intent.declined)
    return done.outcome


def note_decline(intent_id: str, declined: Decline) -> None:
    """Count a declined card, once. When its buyer has to wait from here on, the intent ends: with it a browser could
    try further cards at Stripe without asking us. The seats stay held while their time lasts. A flow.
    """
    card = keyed_hash("card", declined.fingerprint) if declined.fingerprint else None
    paused = in_transaction(call_one, "app.note_decline", intent_id, declined.id, card, worker=True).note_decline
    if paused is None:
        return
    log.warning("cards_paused", intent=intent_id)
    ended = payment_processor.cancel_intent(intent_id)
    if ended.status in ("canceled", "succeeded"):
        settle(ended)


def tell_seats(
    event_id: int | None, seats: list[int] | None, state: str | None = None, version: int | None = None
) -> None:
    """After the commit, tell the pages of an event what became of these seats; None when they are to look for
    themselves. `version` is the change's own, where its function has given one.
    """
    if event_id is not None and (seats is None or seats):
        version = version or call_one("app.seats_moved").seats_moved
        after_commit(realtime.publish_seats_changed, event_id, version, seats, state)
