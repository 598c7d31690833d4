"""Paying: flows that open their own short transactions and speak to Stripe between them.

Order of work: commit our rows with their key → call Stripe → commit what it said. A timeout means unknown: the same key again,
never a new one. A webhook is only a trigger: the intent is fetched from Stripe and decides. Views, jobs and commands call the same flows.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import func, select

import realtime
from accounts.accounts import normalise_email
from booking import refunds
from database import after_commit, between_transactions, call, call_one, in_transaction
from enhanced_models import PaymentTransaction
from extensions import current_person, db
from models import Booking, Event, PaymentEvent
from refusals import Refused, sentences
from stripe_integration import Declined, Intent, ProviderError, Unavailable, event_of, payment_processor
from tickets import codes

log = structlog.get_logger()

sentences(
    {
        "CONTACT_NEEDED": "Tell us your name and where to send the tickets.",
        "EMPTY_BOOKING": "There is nothing in this booking to pay.",
        "SEATS_LOST": "The seats were gone when the money came. Everything has been given back.",
        "UNKNOWN_PAYMENT": "We do not find this payment among yours.",
        "STILL_PROCESSING": "Your bank is still working on this payment. It cannot be stopped now; wait for its answer.",
    }
)

OPEN = ("created", "requires_action", "processing")
ROUND = 40  # seconds that one round of the sweeper may take
EVENTS_KEPT = timedelta(days=29)
LOOK_BACK = timedelta(
    hours=1
)  # an attempt is asked for again within its hold; its intent is not older than this before it


@dataclass(frozen=True, slots=True)
class Started:
    """What the browser needs to pay. `intent` is None when there was nothing to pay: the booking is confirmed."""

    booking_id: int
    amount: int
    currency: str
    intent: Intent | None


def start(booking_id, name=None, email=None):
    """Begin to pay a booking: the claims become `paying`, and Stripe knows the amount. Asked again, the same attempt goes on."""
    between_transactions()
    address, key = normalise_email(email) if email else (None, None)
    payment = in_transaction(call_one, "app.start_payment", booking_id, (name or "").strip()[:200], address, key)
    if payment.kind == "none":
        settle_free(payment)
        return Started(booking_id, 0, payment.currency, None)
    if payment.intent_id:
        intent = payment_processor.get_intent(payment.intent_id)
        if intent.status in ("succeeded", "canceled"):
            settle_intent(intent)
            if intent.status == "canceled":
                return start(booking_id, name, email)
        return Started(booking_id, payment.amount, payment.currency, intent)
    intent = create_intent(payment)
    in_transaction(call, "app.record_intent", payment.payment_id, intent.id)
    return Started(booking_id, payment.amount, payment.currency, intent)


def create_intent(payment):
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


def settle_free(payment):
    """Confirm a booking whose total is 0, without Stripe."""
    return in_transaction(
        _settle,
        None,
        "succeeded",
        0,
        payment.currency,
        0,
        None,
        None,
        payment.payment_id,
        payment.reference,
        worker=True,
    )


def settle(intent_id):
    """Fetch the intent and make what Stripe says of it ours. Returns the outcome; see app.settle_payment()."""
    between_transactions()
    return settle_intent(payment_processor.get_intent(intent_id))


def settle_intent(intent):
    """Make an intent that was just fetched ours. Once fulfilled, repeats change nothing."""
    named = intent.metadata or {}
    payment_id = int(named["payment"]) if named.get("payment", "").isdigit() else None  # if its id was never told to us
    said = (
        intent.id,
        intent.status,
        intent.received,
        intent.currency,
        intent.fee,
        intent.error_code,
        intent.error_message,
    )
    done = in_transaction(_settle, *said, payment_id, named.get("booking"), worker=True)
    log.info("payment_settled", intent=intent.id, outcome=done.outcome, booking_id=done.booking_id)
    if done.refund_id:
        refunds.send_quietly(done.refund_id)
    return done.outcome


def _settle(intent_id, status, received, currency, fee, error_code, error_message, payment_id, reference):
    done = call_one(
        "app.settle_payment",
        intent_id,
        status,
        received,
        currency,
        fee,
        error_code,
        error_message,
        None,
        payment_id,
        reference,
    )
    if done.outcome == "fulfilled":
        codes.issue_codes(done.booking_id)
        _seats_changed(done.event_id, done.seats, "taken")
        sold = (done.stadium_id, done.event_id, done.booking_id, "paid", len(done.seats), received, currency.upper())
        after_commit(realtime.publish_booking, *sold)
    elif done.seats:
        _seats_changed(done.event_id, done.seats, "free")
    elif done.outcome == "lost" and done.refund_id:
        _seats_changed(done.event_id, None)  # which ones were free again is not told here: pages look again
    return done


def _seats_changed(event_id, seats, state=None):
    if event_id is not None and (seats is None or seats):
        after_commit(realtime.publish_seats_changed, event_id, call_one("app.seats_moved").seats_moved, seats, state)


def _close(payment_id, state, keep):
    """Close an attempt; whatever became free is told to the pages."""
    seats = call_one("app.close_payment", payment_id, state, keep).close_payment
    if seats:
        query = select(Booking.event_id).join(PaymentTransaction, PaymentTransaction.booking_id == Booking.id)
        _seats_changed(db.session.scalar(query.where(PaymentTransaction.id == payment_id)), seats, "free")


def _sweep_holds():
    swept = call("app.sweep_holds")
    for row in swept:
        after_commit(realtime.publish_seats_changed, row.event_id, row.version, row.seats, "free")
    return swept


def stand_back(booking_id):
    """Stop paying to choose again: the intent is cancelled at Stripe first, then the seats are held as before."""
    between_transactions()
    payment = in_transaction(find_open_payment, booking_id)
    if payment is None:
        return
    if not expire(payment.id, keep=True):
        raise Refused("STILL_PROCESSING")


def expire(payment_id, keep=False):
    """End an attempt: cancel at Stripe first, and only what Stripe says decides. True when it has ended, one way or the other.

    `keep` leaves the seats held while their time lasts. While Stripe cannot be reached the seats stay `paying`; raises Unavailable.
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
    return settle_intent(intent) in ("fulfilled", "already", "lost", "closed")


@dataclass(frozen=True, slots=True)
class Attempt:
    payment_id: int
    kind: str
    state: str
    intent_id: str | None
    amount: int
    currency: str
    idempotency_key: str
    reference: str
    created_at: datetime


def get_attempt(payment_id):
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


def find_open_payment(booking_id):
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


# --- what the browser asks ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Status:
    """How a payment stands, for its owner: state is paid, open, processing, lost or ended; `error` is the bank's reason in words."""

    booking_id: int
    state: str
    reference: str
    error: str | None


def status(intent_id=None, booking_id=None):
    """Ask our rows, and Stripe while they are open, so that a closed tab or a lost webhook loses nothing. Owner only."""
    between_transactions()
    found = in_transaction(_own, intent_id, booking_id)
    if found is None:
        raise Refused("UNKNOWN_PAYMENT", status=404)
    payment, booking = found
    if payment is not None and payment.state in OPEN and payment.intent_id:
        settle(payment.intent_id)
        payment, booking = in_transaction(_own, intent_id, booking_id)
    if booking.state in ("paid", "refunded"):
        state = "paid"
    elif booking.state == "lost":
        state = "lost"
    elif payment is not None and payment.state == "processing":
        state = "processing"
    elif booking.state in ("held", "paying"):
        state = "open"
    else:
        state = "ended"
    return Status(
        booking.id, state, booking.reference, reason(payment) if payment is not None and payment.error_code else None
    )


def _own(intent_id, booking_id):
    """(latest attempt or None, booking) of this person's own booking, by intent or by booking; None when it is not theirs."""
    query = (
        select(PaymentTransaction, Booking)
        .select_from(Booking)
        .outerjoin(PaymentTransaction, PaymentTransaction.booking_id == Booking.id)
        .where(
            Booking.customer_id == (current_person().id or 0),
            PaymentTransaction.intent_id == intent_id if intent_id is not None else Booking.id == booking_id,
        )
        .order_by(PaymentTransaction.id.desc())
        .limit(1)
    )
    return db.session.execute(query.execution_options(populate_existing=True)).first()


REASONS = {
    "insufficient_funds": "The card has not enough money on it.",
    "lost_card": "The bank does not accept this card.",
    "stolen_card": "The bank does not accept this card.",
    "expired_card": "This card has expired.",
    "incorrect_cvc": "The security code is not right.",
    "processing_error": "The bank had a fault. Try again in a moment.",
    "authentication_required": "Your bank wants to check that it is you.",
    "payment_intent_authentication_failure": "Your bank could not check that it was you.",
}


def reason(payment):
    """Why the bank said no, in words for the page."""
    said = REASONS.get(payment.error_code, "The bank gave no reason.")
    return f"{said} Nothing was charged, and your seats are still held. Try another card, or ask your bank."


# --- webhooks -------------------------------------------------------------------------------------------------------


def handle_event(event):
    """Keep a verified PaymentEvent for good and act on it, once. It is only a trigger: what Stripe says now decides."""
    between_transactions()
    stored = in_transaction(
        call_one, "app.store_payment_event", event.id, event.type, event.object_id, event.payload, worker=True
    )
    if not stored.is_open:
        return "repeated"
    outcome = act_on(event)
    in_transaction(call, "app.finish_payment_event", event.id, outcome, worker=True)
    return outcome


def act_on(event):
    """What an event asks for. Unknown types are kept and need nothing; so does an object that Stripe does not know (any more)."""
    try:
        return _act_on(event)
    except Declined as error:
        if error.code != "resource_missing":
            raise
        log.warning("event_of_nothing", event_id=event.id, object_id=event.object_id)
        return "no such object"


def _act_on(event):
    if event.kind == "dispute" and event.intent_id:
        # A dispute may be told of before the success it disputes, and its end before its beginning: both are asked for again.
        settle(event.intent_id)
        dispute, status = payment_processor.get_dispute(event.object_id)
        in_transaction(
            call, "app.mark_dispute", event.intent_id, status not in ("won", "warning_closed"), dispute, worker=True
        )
        return "dispute"
    if event.kind == "refund":
        return refunds.refresh(event.object_id) or "not ours"
    if event.kind in ("intent", "charge") and event.intent_id:
        outcome = settle(event.intent_id)
        if event.type.startswith("charge.refund"):
            refunds.refresh_all_of(event.intent_id)
        return outcome
    return "nothing to do"


# --- jobs -----------------------------------------------------------------------------------------------------------


def sweep():
    """Free what has run out: holds at once, attempts at their deadline after Stripe has answered `canceled`.

    Returns {expired, released, waiting}: `waiting` attempts could not be ended (no answer, or the bank is still at work) and alarm.
    """
    between_transactions()
    expired = len(in_transaction(_sweep_holds, worker=True))
    released = waiting = 0
    enough = time.monotonic() + ROUND
    for payment_id in in_transaction(_overdue, worker=True):
        if time.monotonic() > enough:
            break  # a provider that hangs keeps no other job waiting; the rest comes in the next round
        try:
            ended = expire(payment_id)
        except (Unavailable, Declined):
            log.exception("expire_failed", payment_id=payment_id)
            ended = False
        released, waiting = released + ended, waiting + (not ended)
    if waiting:
        log.error("payments_past_deadline", count=waiting)
    return {"expired": expired, "released": released, "waiting": waiting}


def _overdue():
    return list(
        db.session.scalars(
            select(PaymentTransaction.id)
            .join(Booking, Booking.id == PaymentTransaction.booking_id)
            .where(
                Booking.state == "paying",
                PaymentTransaction.state.in_(OPEN),
                func.app.is_over(Booking.expires_at + func.app.payment_grace()),
            )
            .order_by(Booking.expires_at)
            .limit(200)
        )
    )


def reconcile(hours=48, older_than=0):
    """Ask Stripe about everything that is not settled, by all three roads: our open attempts, its undelivered events, its list of intents.

    Returns counts by road. Safe to run at any time and any number of times.
    """
    between_transactions()
    since = datetime.now(UTC) - timedelta(hours=hours)
    counts = {"attempts": 0, "events": 0, "stored_events": 0, "intents": 0, "refunds": 0, "failed": 0}

    def each(road, things, work):
        """One thing that fails keeps no other waiting."""
        for thing in things:
            try:
                work(thing)
                counts[road] += 1
            except ProviderError as error:
                counts["failed"] += 1
                log.warning("reconcile_failed", road=road, error_code=error.code)

    each("attempts", in_transaction(_open_intents, older_than, worker=True), settle)
    # Stripe keeps events for thirty days; a refund that a bank sends back may come late.
    each("events", payment_processor.undelivered_events(datetime.now(UTC) - EVENTS_KEPT), handle_event)
    each("stored_events", in_transaction(_unhandled_events, worker=True), _handle_stored)
    succeeded = [x for x in payment_processor.list_intents(since) if x.status == "succeeded"]
    each("intents", [x.id for x in succeeded if in_transaction(_not_settled, x, worker=True)], settle)
    counts["refunds"] = refunds.send_waiting()
    return counts


def _open_intents(older_than):
    edge = datetime.now(UTC) - timedelta(seconds=older_than)
    return list(
        db.session.scalars(
            select(PaymentTransaction.intent_id).where(
                PaymentTransaction.state.in_(OPEN),
                PaymentTransaction.intent_id.is_not(None),
                PaymentTransaction.updated_at <= edge,
            )
        )
    )


def _unhandled_events():
    return list(
        db.session.scalars(
            select(PaymentEvent.id)
            .where(PaymentEvent.handled_at.is_(None))
            .order_by(PaymentEvent.received_at)
            .limit(500)
        )
    )


def _handle_stored(event_id):
    stored = in_transaction(lambda: db.session.get(PaymentEvent, event_id), worker=True)
    outcome = act_on(event_of(stored.payload))
    in_transaction(call, "app.finish_payment_event", event_id, outcome, worker=True)


def _not_settled(intent):
    state = db.session.scalar(select(PaymentTransaction.state).where(PaymentTransaction.intent_id == intent.id))
    return state != "succeeded"


def refund_cancelled_events(limit=200):
    """Give everything back for events that were cancelled: each booking exactly once, however often this runs. Returns how many."""
    between_transactions()
    ids = in_transaction(
        lambda: list(
            db.session.scalars(
                select(Booking.id)
                .join(Event, Event.id == Booking.event_id)
                .where(Event.state == "cancelled", Booking.state == "paid")
                .order_by(Booking.id)
                .limit(limit)
            )
        ),
        worker=True,
    )
    for booking_id in ids:
        try:
            refunds.request(booking_id, None, "event_cancelled", worker=True)
        except Refused as refusal:
            log.error("refund_refused", booking_id=booking_id, code=refusal.code)
    return len(ids)
