"""The mails to those who wait: their place, an offer, leaving after unanswered ones, and a sale that opens."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking import holds
from booking.summary import rows_of_tickets, sum_of
from extensions import db
from messages.outbox import OutboxRow, Unsendable
from models import Booking, BookingLine, WaitingEntry, WaitingOffer
from notifications import Attachment
from seating.labels import labels_of
from waiting import lists


def _known(payload: Mapping[str, Any]) -> dict[str, Any]:
    entry = db.session.get(WaitingEntry, UUID(payload["entry"]))
    if entry is None:
        raise Unsendable("nobody waits")
    event = holds.get_event(entry.event_id)
    return {
        "entry": entry,
        "event": event,
        "stadium": event.stadium,
        "link": lists.address_of(entry.id),
        "terms": lists.terms(),
    }


def _entry(row: OutboxRow, payload: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Attachment, ...]]:
    return _known(payload), ()


def _offer(row: OutboxRow, payload: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Attachment, ...]]:
    known, offer = _known(payload), db.session.get(WaitingOffer, payload["offer"])
    if offer is None:
        raise Unsendable("no offer")
    labels = labels_of(offer.seats)
    booking = db.session.get(Booking, offer.booking_id, options=[joinedload(Booking.stadium)])
    lines = db.session.scalars(select(BookingLine).where(BookingLine.booking_id == offer.booking_id)).all()
    return known | {
        "offer": offer,
        "labels": labels,
        "places": rows_of_tickets(labels.values()),
        "sum": sum_of(booking, lines) if booking is not None and lines else None,
    }, ()


MAILS = {"waiting_offer": _offer, **dict.fromkeys(("waiting_joined", "waiting_left", "sale_open"), _entry)}
