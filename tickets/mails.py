"""The mails that lead to tickets without a booking of one's own: links to find them again, and what became of one
passed on.
"""

from collections.abc import Mapping
from typing import Any

from messages.outbox import OutboxRow
from notifications import Attachment
from tickets import pages, transfers


def _find_tickets(row: OutboxRow, payload: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Attachment, ...]]:
    return {
        "views": [pages.booking_view(b) for b in payload["bookings"][:50]],
        "passed_on": [transfers.for_mail({"transfer": t}) for t in payload.get("transfers", [])[:50]],
    }, ()


def _transfer(row: OutboxRow, payload: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Attachment, ...]]:
    return transfers.for_mail(payload), ()


MAILS = {
    "find_tickets": _find_tickets,
    **dict.fromkeys(("transfer_offer", "transferred_ticket", "transfer_done"), _transfer),
}
