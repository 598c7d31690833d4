"""The mails that carry tickets: the tickets themselves, the links to find them again, and what became of one that is passed on."""

import qr_codes
from booking.mails import about
from messages.outbox import Unsendable
from notifications import Attachment
from tickets import pages, transfers


def _tickets(row, payload):
    if row.booking_id is None:
        raise Unsendable("no booking")
    known = about(row.booking_id)
    return known, attachments(known)


def _find_tickets(row, payload):
    return {
        "views": [pages.booking_view(b) for b in payload["bookings"][:50]],
        "passed_on": [transfers.for_mail({"transfer": t}) for t in payload.get("transfers", [])[:50]],
    }, ()


def _transfer(row, payload):
    return transfers.for_mail(payload), ()


def attachments(known):
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
    calendar = pages.calendar_file(view, known["link"]).encode()
    return (*codes, Attachment("cricverse.ics", "text/calendar", calendar))


MAILS = {
    "tickets": _tickets,
    "find_tickets": _find_tickets,
    **dict.fromkeys(("transfer_offer", "transferred_ticket", "transfer_done"), _transfer),
}
