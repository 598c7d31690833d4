"""Paying: flows that open their own short transactions and speak to Stripe between them.

Order of work: commit our rows with their key → call Stripe → commit what it said (booking.settlement). A timeout means
unknown: the same key again, never a new one. Views, jobs and commands call the same flows.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import NamedTuple, Protocol

from sqlalchemy import select

from booking.settlement import settle, tell_seats
from booking.terms import minutes
from database import ask, between_transactions, call, call_at_once, call_one, in_transaction
from enhanced_models import PaymentTransaction
from extensions import client_key, current_person, db, session_hash
from models import Booking
from models.currencies import currency_of
from outside.addresses import read_address
from outside.names import read_name
from refusals import Refused, sentences
from stripe_integration import Declined, Intent, Unavailable, payment_processor

sentences(
    {
        "CONTACT_NEEDED": "Tell us your name and where to send the tickets.",
        "EMPTY_BOOKING": "There is nothing in this booking to pay.",
        "TOO_LITTLE": (
            lambda d: (
                f"A card cannot be charged less than {currency_of(d['currency']).words(d['least'])}, and this booking "
                "comes to less. Nothing was charged. Add something to it, or ask the ground's office."
            )
        ),
        "TOO_LITTLE.here": (
            "This booking comes to less than a card can be charged. Nothing was charged. Add something to it, or ask "
            "the ground's office."
        ),
        "UNKNOWN_PAYMENT": "We do not find this payment among yours.",
        "CARDS_PAUSED": (
            lambda d: (
                "Several cards were declined, so paying rests to keep cards safe. It goes on in "
                f"{minutes(d['minutes'])}. Nothing was charged; your bank can say why a card was declined."
            )
        ),
        "PAYMENT_TRIES": (
            lambda d: (
                "Paying for this order was begun three times, which is the most. Nothing was charged. Give it back, "
                f"and {minutes(d['minutes'])} later you can begin a new one."
            )
        ),
        "STILL_PROCESSING": (
            "Your bank is still working on this payment. It cannot be stopped now; wait for its answer."
        ),
    }
)

OPEN = ("created", "requires_action", "processing")
# An attempt is asked for again within its hold; its intent is not older than this before it.
LOOK_BACK = timedelta(hours=1)


class Begun(Protocol):
    """A row of app.pay_at_once(): the attempt that a booking is paid by; `amount` in minor units."""

    payment_id: int
    reference: str
    kind: str
    state: str
    amount: int
    currency: str
    idempotency_key: str
    intent_id: str | None


@dataclass(frozen=True, slots=True)
class Started:
    """What the browser needs to pay. `intent` is None when there was nothing to pay: the booking is confirmed."""

    booking_id: int
    amount: int
    currency: str
    intent: Intent | None


def start(booking_id: int, name: str | None = None, email: str | None = None) -> Started:
    """Begin to pay a booking: the claims become `paying`, and Stripe knows the amount.

    Asked again, the same attempt goes on.
    """
    between_transactions()
    contact = read_name(name) if name else None, read_address(email) if email else None
    payment: Begun = call_at_once("app.pay_at_once", session_hash(), booking_id, *contact, client_key())
    if payment.kind == "none":
        settle(_nothing_to_pay(payment))
        return Started(booking_id, 0, payment.currency, None)
    if payment.intent_id:
        intent = payment_processor.get_intent(payment.intent_id)
        if intent.status in ("succeeded", "canceled"):
            settle(intent)
            if intent.status == "canceled":
                return start(booking_id, name, email)
        return Started(booking_id, payment.amount, payment.currency, intent)
    try:
        intent = create_intent(payment)
    except Declined as error:
        if error.code != "amount_too_small":
            raise
        # Where Stripe names no least amount it counts by the money of the ground's account, which we do not know.
        in_transaction(_close, payment.payment_id, "failed", True, worker=True)
        raise Refused("TOO_LITTLE.here", status=422) from error
    # As the worker, who need not say first for whom.
    call_at_once("app.record_intent", payment.payment_id, intent.id, worker=True)
    return Started(booking_id, payment.amount, payment.currency, intent)


def find_too_little(booking: Booking) -> Refused | None:
    """The refusal TOO_LITTLE that paying this booking by card would meet, or None; app.start_payment() is the judge."""
    least = currency_of(booking.currency).least
    if not 0 < booking.total < least:
        return None
    return Refused("TOO_LITTLE", status=422, currency=booking.currency, least=least)


def create_intent(payment: "Attempt | Begun") -> Intent:
    """The intent of an attempt. Its key was stored before, so asking twice finds the same one.

    No clear answer (a 500 is replayed for its key although the intent may exist): look for the intent by its metadata.
    """
    metadata = {"booking": payment.reference, "payment": str(payment.payment_id)}
    description = f"CricVerse booking {payment.reference}"
    try:
        return payment_processor.create_intent(
            payment.amount, payment.currency, payment.idempotency_key, metadata, description
        )
    except Unavailable:
        found = payment_processor.find_intent(metadata, getattr(payment, "created_at", datetime.now(UTC)) - LOOK_BACK)
        if found is None:
            raise
        return found


def _nothing_to_pay(payment: Begun) -> Intent:
    """The settled intent of a booking whose total is 0, which Stripe never hears of."""
    named = {"payment": str(payment.payment_id), "booking": payment.reference}
    return Intent("", "succeeded", 0, 0, payment.currency, "", metadata=named)


def stand_back(booking_id: int) -> None:
    """Stop paying to choose again: the intent is cancelled at Stripe first, then the seats are held as before."""
    between_transactions()
    payment = in_transaction(find_open_payment, booking_id)
    if payment is None:
        return
    if not expire(payment.id, keep=True):
        raise Refused("STILL_PROCESSING")


def expire(payment_id: int, keep: bool = False) -> bool:
    """End an attempt: cancel at Stripe first, and only what Stripe says decides.

    True when it has ended, one way or the other.

    `keep` leaves the seats held while their time lasts. While Stripe cannot be reached the seats stay `paying`; raises
    Unavailable.
    """
    between_transactions()
    payment = in_transaction(get_attempt, payment_id, worker=True)
    if payment is None or payment.state not in OPEN:
        return True
    if payment.kind == "none":
        in_transaction(_close, payment_id, "canceled", keep, worker=True)
        return True
    intent_id = payment.intent_id
    if intent_id is None:
        # We never learnt whether Stripe made it. The same key again gives that very intent, which is then cancelled.
        try:
            intent = create_intent(payment)
        except Declined:
            in_transaction(_close, payment_id, "failed", keep, worker=True)
            return True
        in_transaction(call, "app.record_intent", payment_id, intent.id, worker=True)
        intent_id = intent.id
    intent = payment_processor.cancel_intent(intent_id)
    if intent.status == "canceled":
        in_transaction(_close, payment_id, "canceled", keep, worker=True)
        return True
    return settle(intent) in ("fulfilled", "already", "lost", "closed")


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to pay, as a flow needs it between its transactions; `amount` in minor units."""

    payment_id: int
    kind: str
    state: str
    intent_id: str | None
    amount: int
    currency: str
    idempotency_key: str
    reference: str
    created_at: datetime


def get_attempt(payment_id: int) -> Attempt | None:
    """The Attempt, or None."""
    row = db.session.execute(
        select(
            PaymentTransaction.id,
            PaymentTransaction.kind,
            PaymentTransaction.state,
            PaymentTransaction.intent_id,
            PaymentTransaction.amount,
            PaymentTransaction.currency,
            PaymentTransaction.idempotency_key,
            Booking.reference,
            PaymentTransaction.created_at,
        )
        .join(Booking, Booking.id == PaymentTransaction.booking_id)
        .where(PaymentTransaction.id == payment_id)
    ).first()
    return Attempt(*row) if row else None


def find_open_payment(booking_id: int) -> PaymentTransaction | None:
    """The attempt of this person's own booking that is still open."""
    return db.session.scalar(
        select(PaymentTransaction)
        .join(Booking, Booking.id == PaymentTransaction.booking_id)
        .where(
            Booking.id == booking_id,
            Booking.customer_id == (current_person().id or 0),
            PaymentTransaction.state.in_(OPEN),
        )
    )


def _close(payment_id: int, state: str, keep: bool) -> None:
    """Close an attempt; whatever became free is told to the pages."""
    seats = call_one("app.close_payment", payment_id, state, keep).close_payment
    if seats:
        query = select(Booking.event_id).join(PaymentTransaction, PaymentTransaction.booking_id == Booking.id)
        tell_seats(db.session.scalar(query.where(PaymentTransaction.id == payment_id)), seats, "free")


# --- what the browser asks ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Status:
    """How a payment stands, for its owner: state is paid, open, processing, lost or ended; `error` is the bank's reason
    in words.
    """

    booking_id: int
    state: str
    reference: str
    error: str | None


def status(intent_id: str | None = None, booking_id: int | None = None) -> Status:
    """Ask our rows, and Stripe while they are open, so that a closed tab or a lost webhook loses nothing.

    Owner only.
    """
    found = _standing(intent_id, booking_id)
    if found is None:
        raise Refused("UNKNOWN_PAYMENT", status=404)
    if found.payment in OPEN and found.intent_id:
        settle(found.intent_id)
        found = _standing(intent_id, booking_id) or found
    if found.state in ("paid", "refunded"):
        state = "paid"
    elif found.state == "lost":
        state = "lost"
    elif found.payment == "processing":
        state = "processing"
    elif found.state in ("held", "paying"):
        state = "open"
    else:
        state = "ended"
    error = None
    if found.error_code:
        paused = in_transaction(find_pause) if state == "open" else None
        error = paused.sentence if paused else reason(found.error_code)
    return Status(found.booking_id, state, found.reference, error)


def find_pause() -> Refused | None:
    """The refusal CARDS_PAUSED that this person would meet now, or None."""
    until = call_one("app.payment_pause", client_key()).payment_pause
    return paused(until) if until else None


def paused(until: datetime) -> Refused:
    """The refusal CARDS_PAUSED until that moment."""
    left = max(1, ceil((until - datetime.now(UTC)).total_seconds() / 60))
    return Refused("CARDS_PAUSED", status=429, until=until.isoformat(), minutes=left)


class Standing(NamedTuple):
    """A booking of this person, with the state of its latest attempt (`payment`) or None."""

    booking_id: int
    reference: str
    state: str
    payment: str | None
    intent_id: str | None
    error_code: str | None


def _standing(intent_id: str | None, booking_id: int | None) -> Standing | None:
    """The Standing of this person's own booking, by intent or by booking; None when it is not theirs."""
    between_transactions()
    found = ask("app.payment_standing", intent_id, booking_id)
    between_transactions()  # a page may have read before: what comes next may be Stripe
    return Standing(**found) if found else None


REASONS = {
    "insufficient_funds": "The card has not enough money on it.",
    "lost_card": "The bank does not accept this card.",
    "stolen_card": "The bank does not accept this card.",
    "expired_card": "This card has expired.",
    "incorrect_cvc": "The security code is not right.",
    "processing_error": "The bank had a fault. Try again in a moment.",
    "authentication_required": "Your bank wants to check that it is you.",
    "payment_intent_authentication_failure": "Your bank could not check that it was you.",
    "payment_intent_payment_attempt_failed": "The payment was stopped or refused on the page that you were sent to.",
}


def reason(error_code: str) -> str:
    """Why the bank said no, in words for the page."""
    said = REASONS.get(error_code, "The bank gave no reason.")
    return f"{said} Nothing was charged, and your seats are still held. Try another card, or ask your bank."
