"""Parking: with a match (an arrival window) or for a free window at the ground's tariff; in the seats' booking, or
alone.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from accounts import sessions
from booking import parking, refunds, seat_page
from booking.summary import in_a_line, rows_of_tickets
from database import in_transaction
from models.columns import LARGEST_ID
from refusals import Refused
from views.bookings import is_number, place_after
from web.guards import visitor_allowed
from web.limits import per_browser
from web.requests import int32

bp = Blueprint("parking", __name__)


@bp.get("/book-parking-enhanced/<int:stadium_id>")
@visitor_allowed
def choose(stadium_id):
    """`?event=` a match, `&window=` its arrival window; or `?from=&to=` in the ground's own time."""
    return show(stadium_id, request.args)


@bp.post("/book-parking-enhanced/<int:stadium_id>")
@per_browser("60/minute;600/hour")
@visitor_allowed
def hold(stadium_id):
    """Hold one bay: `bay` ("<car park>-<kind>"), `plate`, and when.

    It joins the seats' hold for the match, if there is one.
    """
    form = request.form
    try:
        held = in_transaction(_hold, stadium_id, form)
    except Refused as refusal:
        return show(stadium_id, form, refusal)
    if form.get("then") == "seats" and form.get("event", type=int32):
        return redirect(url_for("bookings.choose", event_id=form.get("event", type=int32), _anchor="tray"), 303)
    return redirect(url_for("checkout.pay", booking_id=held.booking_id), 303)


def _hold(stadium_id, form):
    sessions.ensure_somebody()
    park, _, kind = form.get("bay", "").partition("-")
    if not is_number(park) or int(park) > LARGEST_ID:
        raise Refused("NO_BAY", status=422)
    event_id = form.get("event", type=int32)
    starts_at, ends_at = read_window(stadium_id, event_id, form)
    return parking.hold_bay(int(park), kind, event_id, starts_at, ends_at, form.get("plate", "")[:40])


def read_window(stadium_id, event_id, form):
    """The (from, to) that a form means: an arrival window of the match, or two local times."""
    if event_id is None:
        return parking.free_window(parking.get_stadium(stadium_id), form.get("from"), form.get("to"))
    return parking.arrival_window(seat_page.get_sale(event_id)[0], form.get("window", type=int32))


def show(stadium_id, values, refusal=None):
    """The parking page for these values of a query or a form."""
    event_id = values.get("event", type=int32)
    at = None
    if event_id is None and values.get("from"):
        try:
            at = parking.free_window(parking.get_stadium(stadium_id), values.get("from"), values.get("to"))
        except Refused as error:
            refusal = refusal or error
    page = seat_page.parking_page(stadium_id, event_id, values.get("window", type=int32), at)
    event, stadium = page.event, page.stadium
    html = render_template(
        "parking/choose.html",
        page=page,
        event=event,
        stadium=stadium,
        in_a_line=in_a_line(rows_of_tickets([t.label for t in page.mine.seats if t.label]), len(page.mine.bays)),
        values=values,
        refusal=refusal,
        failed=refusal is not None,
        clock_notes=parking.clock_notes(page.window, stadium) if page.window and event is None else (),
        policy=refunds.in_words(refunds.policy_of(page.mine.held, event), event is None),
        here=url_for(
            ".choose",
            stadium_id=stadium_id,
            event=event_id,
            **{k: values[k] for k in ("window", "from", "to") if values.get(k)},
        ),
    )
    return html, refusal.status if refusal else 200


@bp.post("/parking/lines/<int:line_id>/plate")
@per_browser("30/minute")
@visitor_allowed
def set_plate(line_id):
    """Another number plate for a held bay, or for a pass before its time begins."""
    booking = seat_page.find_booking_of_line(line_id)
    try:
        in_transaction(parking.set_plate, line_id, request.form.get("plate", "")[:40])
    except Refused as refusal:
        if booking is None or booking.state != "held":
            raise
        return show(booking.stadium_id, MultiDict({"event": booking.event_id} if booking.event_id else {}), refusal)
    # Whoever cannot see the line was refused above.
    return redirect(place_after(booking.id), 303)  # pyrefly: ignore[missing-attribute]
