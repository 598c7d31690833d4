"""The outbox: mails that were written down in the transaction of what they tell about are rendered and sent from here.

At least once: a lease keeps others away for a minute, and the dedupe key keeps a mail from being written down twice.
A mail that cannot be sent comes again later and later, and is given up after a day (app.finish_notification()).
"""

import json
import time

import structlog
from flask import current_app

import qr_codes
from booking import refunds, tickets, transfers
from booking.summary import places_of, sum_of
from extensions import Refused, between_transactions, call, in_transaction
from notifications import Attachment, Mail, mailer
from providers import Declined, Unavailable
from seating.labels import labels_of

log = structlog.get_logger()

TEMPLATES = (
    "tickets",
    "refund",
    "seats_lost",
    "hold_ended",
    "event_cancelled",
    "find_tickets",
    "dispute",
    "transfer_offer",
    "transferred_ticket",
    "transfer_done",
)
AT_ONCE = 40  # seconds that one call may work: less than a lease


class Unsendable(Exception):
    """This mail cannot be written; its message says why."""


def send_due(limit=20):
    """Send what is due, at most `limit` mails, and return how many went out. A flow, for the jobs."""
    between_transactions()
    began, sent = time.monotonic(), 0
    leased = in_transaction(call, "app.lease_notifications", limit, worker=True)
    for row in sorted(leased, key=lambda row: row.id):
        if time.monotonic() - began > AT_ONCE:
            break  # the leases of the rest run out by themselves
        provider_id, error, is_away = deliver(row)
        in_transaction(call, "app.finish_notification", row.id, provider_id, error, worker=True)
        sent += error is None
        if is_away:
            break
    return sent


def deliver(row):
    """Write one mail and hand it to SendGrid. Returns (provider's id, error, is SendGrid away)."""
    try:
        mail = in_transaction(write, row, worker=True)
        return mailer.send(mail), None, False
    except Unavailable as error:
        return None, f"unavailable {error.code}", True
    except Declined as error:
        log.error("mail_declined", notification_id=row.id, error_code=error.code)
        return None, f"declined {error.code}", False
    except (Unsendable, Refused) as error:
        log.error(
            "mail_unsendable", notification_id=row.id, template=row.template, reason=getattr(error, "code", str(error))
        )
        return None, f"unsendable {getattr(error, 'code', error)}", False
    except Exception as error:
        # One mail that cannot be written must not keep the others waiting; it is logged, and comes again.
        log.exception("mail_failed", notification_id=row.id, template=row.template)
        return None, f"failed {type(error).__name__}", False


def write(row):
    """As the worker, in a transaction: the Mail of an outbox row. Raises Unsendable or Refused when there is nothing to write about."""
    if row.template not in TEMPLATES or row.channel != "mail":
        raise Unsendable(f"no template {row.template}")
    payload = json.loads(row.payload) if isinstance(row.payload, str) else row.payload
    known = {"payload": payload, "public_url": current_app.config["SETTINGS"].public_url, "in_words": refunds.in_words}
    if row.template == "find_tickets":
        known["views"] = [tickets.booking_view(b) for b in payload["bookings"][:50]]
        known["passed_on"] = [transfers.for_mail({"transfer": t}) for t in payload.get("transfers", [])[:50]]
        files = ()
    elif "transfer" in payload:
        known |= transfers.for_mail(payload)
        files = ()
    else:
        if row.booking_id is None:
            raise Unsendable("no booking")
        known |= about(row.booking_id)
        files = attachments(known) if row.template == "tickets" else ()
    subject, text = render(f"mail/{row.template}.txt", known).split("\n", 1)
    # A header takes one line; names of people and matches come from outside.
    subject = " ".join(subject.split())[:200]
    html = render(f"mail/{row.template}.html", known)
    return Mail(row.recipient, subject, text.strip() + "\n", html, f"notification:{row.id}", files)


def about(booking_id):
    """What the templates know of a booking."""
    view = tickets.booking_view(booking_id)
    labels = labels_of([x.seat_id for x in view.booking.lines if x.seat_id])
    return {
        "view": view,
        "booking": view.booking,
        "event": view.booking.event,
        "stadium": view.booking.stadium,
        "labels": labels,
        "places": places_of([labels[x.seat_id] for x in view.booking.lines if x.seat_id in labels]),
        "sum": sum_of(view.booking, view.booking.lines),
        "link": tickets.link_address(view.token),
    }


def render(name, known):
    return current_app.jinja_env.get_template(name).render(known)


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
    calendar = tickets.calendar_file(view, known["link"]).encode()
    return (*codes, Attachment("cricverse.ics", "text/calendar", calendar))
