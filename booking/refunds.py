"""Money back: the row first, with its key; then Stripe; then what Stripe said. Flows, like payments."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

import structlog
from sqlalchemy import Row, func, or_, select

import realtime
from booking.terms import terms
from database import after_commit, between_transactions, call, call_one, find_one, in_transaction
from enhanced_models import PaymentTransaction
from extensions import db
from models import Booking, Event, Refund
from refusals import plural, sentence_for, sentences
from stripe_integration import Declined, ProviderError, Unavailable, payment_processor

log = structlog.get_logger()

NEVER = "These tickets cannot be given back"

sentences(
    {
        "REFUND_TOO_LATE": "The time for giving this back is over. The ground's office may still help.",
        "REFUND_NEVER": f"{NEVER}.",
        "ALREADY_REFUNDED": "This has been given back already.",
        "TICKET_USED": "One of these tickets has been used or is in dispute, and cannot be given back here.",
        "REFUND_TOO_LARGE": "No more can be given back than was paid.",
        "NOT_ALLOWED": "You may not do this.",
    }
)

AT_ONCE = 40  # seconds that one round may take while Stripe is slow; mails and holds wait for it
KEY_LIVES = timedelta(hours=23)  # Stripe forgets keys after a day; older refunds are looked up instead


class Refunded(Protocol):
    """A row of app.request_refund(): what goes back, in minor units, and the seats that are free again."""

    refund_id: int
    amount: int
    currency: str
    event_id: int | None
    seats: list[int]
    version: int


def request(
    booking_id: int,
    line_ids: Collection[int] | None,
    reason: str,
    note: str | None = None,
    worker: bool = False,
    opening: Callable[[], object] | None = None,
) -> Refunded:
    """Give back lines of a booking (None = all that is left): tickets void and seats free at once, the money asked for
    next.

    `reason` is fan, staff or event_cancelled. `opening` is called first inside the transaction (it opens a signed
    link). Returns the row of app.request_refund(). A Stripe that does not answer is asked again by the jobs.
    """
    between_transactions()

    def write() -> Refunded:
        if opening:
            opening()
        row = call_one("app.request_refund", booking_id, list(line_ids) if line_ids is not None else None, reason, note)
        stadium_id = db.session.scalar(select(Booking.stadium_id).where(Booking.id == booking_id))
        after_commit(realtime.publish_seats_changed, row.event_id, row.version, row.seats, "free")
        after_commit(
            realtime.publish_booking,
            stadium_id,
            row.event_id,
            booking_id,
            "refunded",
            len(row.seats),
            row.amount,
            row.currency,
        )
        return row

    asked = in_transaction(write, worker=worker)
    send_quietly(asked.refund_id)
    return asked


def send_quietly(refund_id: int) -> str | None:
    """Ask Stripe now; if it cannot be reached, the row waits for the jobs."""
    try:
        return send(refund_id)
    except Unavailable:
        log.warning("refund_waits", refund_id=refund_id)
        return "requested"


def send(refund_id: int) -> str | None:
    """Ask Stripe for a refund that is requested. The same key gives the same refund. Returns our state."""
    found = in_transaction(_get, refund_id, worker=True)
    if found is None:
        return None
    refund, intent_id = found
    if refund.state != "requested" or intent_id is None:
        return refund.state
    metadata = {"refund": str(refund.id)}
    try:
        answer = None
        if datetime.now(UTC) - refund.created_at > KEY_LIVES:
            answer = payment_processor.find_refund(intent_id, metadata)
        if answer is None:
            answer = payment_processor.refund(
                intent_id, refund.amount, refund.currency, refund.idempotency_key, metadata
            )
    except (Declined, Unavailable) as error:
        # Stripe's own "no" is final, and a saved 500 is replayed for its key: unless the refund is there already under
        # our name.
        answer = payment_processor.find_refund(intent_id, metadata)
        if answer is None and isinstance(error, Unavailable):
            in_transaction(
                call, "app.record_refund", refund_id, None, "unknown", error.code or "no answer", worker=True
            )
            raise
        if answer is None:
            log.error("refund_declined", refund_id=refund_id, error_code=error.code)
            return in_transaction(
                call_one, "app.record_refund", refund_id, None, "failed", error.code or "declined", worker=True
            ).state
    return in_transaction(
        call_one, "app.record_refund", refund_id, answer.id, answer.status, answer.error, worker=True
    ).state


def send_waiting() -> int:
    """Ask again for refunds without an answer, and look at those Stripe is still working on. Returns how many were
    looked at."""
    between_transactions()
    began, looked_at = time.monotonic(), 0
    for refund_id, stripe_id in in_transaction(_waiting, worker=True):
        if time.monotonic() - began > AT_ONCE:
            break
        try:
            refresh(stripe_id) if stripe_id else send(refund_id)
        except ProviderError as error:  # one that Stripe does not know keeps no other waiting
            log.warning("refund_waits", refund_id=refund_id, error_code=error.code)
        looked_at += 1
    return looked_at


def refresh(stripe_refund_id: str) -> str | None:
    """Fetch a refund from Stripe and keep its state. None when it is not ours."""
    refund_id = in_transaction(
        lambda: db.session.scalar(select(Refund.id).where(Refund.stripe_refund_id == stripe_refund_id)), worker=True
    )
    if refund_id is None:
        return None
    answer = payment_processor.get_refund(stripe_refund_id)
    row = in_transaction(find_one, "app.record_refund", refund_id, answer.id, answer.status, answer.error, worker=True)
    return row.state if row else None


def refresh_all_of(intent_id: str) -> None:
    """Every refund of an intent that has no final state yet."""
    query = (
        select(Refund.id, Refund.stripe_refund_id)
        .join(PaymentTransaction, PaymentTransaction.id == Refund.payment_id)
        .where(PaymentTransaction.intent_id == intent_id, Refund.state.in_(("requested", "pending")))
    )
    for refund_id, stripe_id in in_transaction(lambda: db.session.execute(query).all(), worker=True):
        refresh(stripe_id) if stripe_id else send_quietly(refund_id)


def _get(refund_id: int) -> Row[Refund, str | None] | None:
    return db.session.execute(
        select(Refund, PaymentTransaction.intent_id)
        .join(PaymentTransaction, PaymentTransaction.id == Refund.payment_id)
        .where(Refund.id == refund_id)
    ).first()


def _waiting() -> Sequence[Row[int, str | None]]:
    backoff = func.make_interval(0, 0, 0, 0, 0, 0, func.least(3600, 10 * func.power(2, func.least(Refund.attempts, 9))))
    return db.session.execute(
        select(Refund.id, Refund.stripe_refund_id)
        .where(
            Refund.state.in_(("requested", "pending")),
            or_(Refund.attempts == 0, Refund.updated_at + backoff < func.clock_timestamp()),
        )
        .order_by(Refund.id)
        .limit(200)
    ).all()


# --- what a fan would get back ----------------------------------------------------------------------------------------


ARRIVES = timedelta(days=14)  # ten working days, which banks take at most as a rule


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be given back today: {line id: minor units}; of every line that has not been given back the last moment
    for it or None, and why it cannot be given back in a sentence; and the policy in words, or why nothing at all can.
    """

    amounts: dict[int, int]
    words: str
    untils: dict[int, datetime | None]
    problems: dict[int, str]

    @property
    def until(self) -> datetime | None:
        """The last moment, where it is the same for every line."""
        moments = set(self.untils.values())
        return moments.pop() if len(moments) == 1 else None


class _OfferedLine(NamedTuple):
    """A row of app.refund_offer(): `amount` in minor units, `problem` a code."""

    line_id: int
    amount: int
    until: datetime | None
    problem: str | None


def offer(booking: Booking, rows: Iterable[Mapping[str, Any]] | None = None) -> Offer:
    """The Offer for a paid booking; `rows` are those of app.refund_offer() in JSON, where they are known already."""
    if rows is None:
        found = [_OfferedLine(*line) for line in call("app.refund_offer", booking.id)]
    else:
        found = [
            _OfferedLine(x["line_id"], x["amount"], x["until"] and datetime.fromisoformat(x["until"]), x["problem"])
            for x in rows
        ]
    amounts = {line.line_id: line.amount for line in found if line.problem is None}
    problems = {line.line_id: sentence_for(line.problem) for line in found if line.problem}
    whole = next((line.problem for line in found if line.problem in ("EVENT_CANCELLED", "REFUND_TOO_LATE")), None)
    words = (
        sentence_for(whole) if whole and not amounts else in_words(policy_of(booking, None), booking.event_id is None)
    )
    return Offer(amounts, words, {line.line_id: line.until for line in found}, problems)


def arrives_by(refund: Refund) -> datetime:
    """By when the money of a refund is on the card as a rule."""
    return refund.created_at + ARRIVES


class Frozen(Protocol):
    """A booking with the refund policy that it has frozen."""

    @property
    def policy(self) -> dict[str, Any] | None: ...


def policy_of(booking: Frozen | None, event: Event | None) -> dict[str, Any]:
    """The refund policy that counts: the booking's frozen one, else what it would freeze now; without an event,
    parking's."""
    if booking is not None and booking.policy is not None:
        return booking.policy
    return event.policy if event is not None else terms().parking_policy


def in_words(policy: Mapping[str, Any], is_parking: bool = False) -> str:
    """A refund policy {until_hours, share_bp, keeps_fees} as a fan reads it before paying and on the booking.

    `is_parking`: of a booking without a match, which has no fees and is cancelled by nobody.
    """
    hours = (policy or {}).get("until_hours")
    if hours is None or (policy["share_bp"] == 0 and policy["keeps_fees"]):
        return "Parking cannot be given back." if is_parking else f"{NEVER}, unless the match is cancelled."
    when = f"Until {_time(hours)} before the start" if hours else "Until the start"
    share = "the full price" if policy["share_bp"] == 10000 else f"{policy['share_bp'] / 100:g} % of the price"
    if is_parking:
        return f"{when} you get {share} back."
    cancelled = "If the match is cancelled, you get everything back."
    if policy["share_bp"] == 0:
        return f"{when} you get the booking fees back, and nothing of the price. {cancelled}"
    fees = "Booking fees are kept." if policy["keeps_fees"] else "Booking fees come back, too."
    return f"{when} you get {share} back. {fees} {cancelled}"


def _time(hours: int) -> str:
    return plural(*((hours // 24, "day") if hours % 24 == 0 and hours > 24 else (hours, "hour")))
