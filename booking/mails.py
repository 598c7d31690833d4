"""The mails about a booking that is no ticket: money that goes back, seats that were lost, a hold that ended, a dispute."""

from booking import refunds
from booking.summary import rows_of_tickets, sum_of
from messages.outbox import Unsendable
from seating.labels import labels_of
from tickets import links, pages


def about(booking_id):
    """What the templates of every mail about a booking know of it, as the worker."""
    view = pages.booking_view(booking_id)
    labels = labels_of([x.seat_id for x in view.booking.lines if x.seat_id])
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


def _about_its_booking(row, payload):
    if row.booking_id is None:
        raise Unsendable("no booking")
    return about(row.booking_id), ()


MAILS = dict.fromkeys(("refund", "seats_lost", "hold_ended", "event_cancelled", "dispute"), _about_its_booking)
