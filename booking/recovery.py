"""What mends itself: holds and attempts whose time is over, payments that nobody told us of, and bookings of cancelled
events.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select

import realtime
from booking import refunds
from booking.holds import Freed
from booking.payments import OPEN, expire
from booking.settlement import act_on, handle_event, settle
from database import after_commit, between_transactions, call, in_transaction
from enhanced_models import PaymentTransaction
from extensions import db
from models import Booking, Event, PaymentEvent
from refusals import Refused
from stripe_integration import Declined, Intent, ProviderError, Unavailable, event_of, payment_processor

log = structlog.get_logger()

ROUND = 40  # seconds that one round of the sweeper may take
EVENTS_KEPT = timedelta(days=29)


def sweep() -> dict[str, int]:
    """Free what has run out: holds at once, attempts at their deadline after Stripe has answered `canceled`.

    Returns {expired, released, waiting}: `waiting` attempts could not be ended (no answer, or the bank is still at
    work) and alarm.
    """
    between_transactions()
    expired = len(in_transaction(_sweep_holds, worker=True))
    in_transaction(call, "app.forget_addresses", worker=True)
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


def _sweep_holds() -> Sequence[Freed]:
    swept = call("app.sweep_holds")
    for row in swept:
        after_commit(realtime.publish_seats_changed, row.event_id, row.version, row.seats, "free")
    return swept


def _overdue() -> list[int]:
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


def reconcile(hours: int = 48, older_than: int = 0) -> dict[str, int]:
    """Ask Stripe about everything that is not settled, by all three roads: our open attempts, its undelivered events,
    its list of intents.

    Returns counts by road. Safe to run at any time and any number of times.
    """
    between_transactions()
    since = datetime.now(UTC) - timedelta(hours=hours)
    counts = {"attempts": 0, "events": 0, "stored_events": 0, "intents": 0, "refunds": 0, "failed": 0}

    def each(road: str, things: Iterable[Any], work: Callable[[Any], object]) -> None:
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


def _open_intents(older_than: int) -> list[str | None]:
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


def _unhandled_events() -> list[str]:
    return list(
        db.session.scalars(
            select(PaymentEvent.id)
            .where(PaymentEvent.handled_at.is_(None))
            .order_by(PaymentEvent.received_at)
            .limit(500)
        )
    )


def _handle_stored(event_id: str) -> None:
    stored = in_transaction(lambda: db.session.get_one(PaymentEvent, event_id), worker=True)
    outcome = act_on(event_of(stored.payload))
    in_transaction(call, "app.finish_payment_event", event_id, outcome, worker=True)


def _not_settled(intent: Intent) -> bool:
    state = db.session.scalar(select(PaymentTransaction.state).where(PaymentTransaction.intent_id == intent.id))
    return state != "succeeded"


def refund_cancelled_events(limit: int = 200) -> int:
    """Give everything back for events that were cancelled: each booking exactly once, however often this runs.

    Returns how many.
    """
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
