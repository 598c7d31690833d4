"""The mails that lead to tickets without a booking of one's own: links to find them again, and what became of one
passed on.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from extensions import db
from messages.outbox import OutboxRow
from models import Booking
from notifications import Attachment
from tickets import pages, transfers


def _find_tickets(row: OutboxRow, payload: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Attachment, ...]]:
    found = [pages.booking_view(b) for b in payload["bookings"][:50]]
    # One whose address was put right since is another one's now.
    theirs = select(Booking.id).where(
        Booking.id.in_(payload["bookings"]), func.lower(Booking.contact_email) == row.recipient.lower()
    )
    own = set(db.session.scalars(theirs))
    return {
        "views": [view for view in found if view.booking.id in own],
        "passed_on": [transfers.for_mail({"transfer": t}) for t in payload.get("transfers", [])[:50]],
    }, ()


def _transfer(row: OutboxRow, payload: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Attachment, ...]]:
    return transfers.for_mail(payload), ()


MAILS = {
    "find_tickets": _find_tickets,
    **dict.fromkeys(("transfer_offer", "transferred_ticket", "transfer_done"), _transfer),
}
