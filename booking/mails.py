"""The mails about a booking: its tickets, money that goes back, seats that were lost, a hold that ended, a dispute."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

import qr_codes
from booking import refunds
from booking.summary import rows_of_tickets, sum_of
from extensions import db
from messages.outbox import OutboxRow, Unsendable
from models import Booking
from notifications import Attachment
from tickets import links, pages


def about(booking_id: int) -> dict[str, Any]:
    """What the templates of every mail about a booking know of it, as the worker."""
    view = pages.booking_view(booking_id)
    labels = view.labels
    return {
        "view": view,
        "in_words": refunds.in_words,
        "booking": view.booking,
        "event": view.booking.event,
        "stadium": view.booking.stadium,
        "labels": labels,
        "places": rows_of_tickets([labels[x.seat_id] for x in view.booking.lines if x.seat_id in labels]),
        "sum": sum_of(view.booking, view.booking.lines),
        "link": links.link_address(view.token),
    }


TO_THE_GROUND = ("dispute",)  # these go to its office, whatever address the buyer has


def _about_its_booking(row: OutboxRow, payload: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Attachment, ...]]:
    if row.booking_id is None:
        raise Unsendable("no booking")
    known = about(row.booking_id)
    if row.template not in TO_THE_GROUND:
        check_address(row, known["booking"].id)
    return known, ()


def _tickets(row: OutboxRow, payload: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Attachment, ...]]:
    if row.booking_id is None:
        raise Unsendable("no booking")
    known = about(row.booking_id)
    files = attachments(known)
    check_address(row, row.booking_id)
    return known, files


ADDRESS = select(Booking.contact_email).where(Booking.id == bindparam("booking"))


def check_address(row: OutboxRow, booking_id: int) -> None:
    """Unsendable where the buyer has put the address right since this row was leased; it comes again with the right
    one. Asked last, when everything that the mail says was read."""
    address = db.session.scalar(ADDRESS, {"booking": booking_id})
    if (address or "").lower() != row.recipient.lower():
        raise Unsendable("the address was corrected")


def attachments(known: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """The calendar file, and the code of every good ticket and pass as a picture inside the mail."""
    view = known["view"]
    codes = [
        Attachment(f"ticket-{n}.png", "image/png", qr_codes.png(t.code), f"ticket-{n}")
        for n, t in enumerate(view.tickets, 1)
        if t.code and t.ticket.status != "void"
    ] + [
        Attachment(f"parking-{n}.png", "image/png", qr_codes.png(p.code), f"parking-{n}")
        for n, p in enumerate(view.passes, 1)
        if p.code and p.parking.status != "void"
    ]
    return (*codes, _calendar(known))


def _calendar(known: Mapping[str, Any]) -> Attachment:
    return Attachment("cricverse.ics", "text/calendar", pages.calendar_file(known["view"], known["link"]).encode())


def _what_changed(row: OutboxRow, payload: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Attachment, ...]]:
    """A mail after which the entries in a calendar are called off, or others than before."""
    known, _ = _about_its_booking(row, payload)
    return known, (_calendar(known),)


MAILS = {
    "tickets": _tickets,
    **dict.fromkeys(("refund", "event_cancelled"), _what_changed),
    **dict.fromkeys(("seats_lost", "hold_ended", "dispute"), _about_its_booking),
}
