"""Choosing seats: stand, bay, row, seat, or the best available; and the hold with its clock.

Every form works without a script.
"""

from flask import Blueprint, flash, redirect, render_template, request, url_for

from accounts import sessions
from booking import holds, payments, price_list, refunds, seat_page
from booking.terms import minutes_of, spoken, terms
from database import in_transaction
from models.columns import LARGEST_ID
from models.match import TICKET_TYPES
from outside import whole_number
from refusals import Refused
from seating.best_available import Wish
from web import plan
from web.guards import visitor_allowed
from web.limits import per_browser
from web.presentation import basis_points, money, words_of
from web.requests import int32, own_path

bp = Blueprint("bookings", __name__)


@bp.get("/book-tickets-enhanced/<int:event_id>")
@visitor_allowed
def choose(event_id):
    """The stands of an event; `?stand=` its bays; `?stand=&bay=` the rows with every seat."""
    return show(event_id, request.args.get("stand", type=int32), request.args.get("bay", type=int32))


@bp.post("/book-tickets-enhanced/<int:event_id>")
@per_browser("60/minute;600/hour")
@visitor_allowed
def hold(event_id):
    """Hold the seats that were checked (`seat_id`), or the best ones for a wish (`best_…`)."""
    form = request.form
    stand, bay = form.get("stand", type=int32), form.get("bay", type=int32)
    try:
        in_transaction(_hold, event_id, form)
    except Refused as refusal:
        return _refused(event_id, stand, bay, refusal)
    return redirect(url_for("bookings.choose", event_id=event_id, stand=stand, bay=bay, _anchor="tray"), 303)


def _hold(event_id, form):
    sessions.ensure_somebody()
    if "best_count" in form:
        if "best_bay" in form and "best_accessible" in form:
            holds.hold_with_bay(event_id, read_wish(form), form.get("best_plate", "")[:40])
        else:
            holds.hold_best(event_id, read_wish(form))
    else:
        holds.hold_seats(event_id, read_ids(form.getlist("seat_id")))


def _refused(event_id, stand, bay, refusal):
    """The same page again: what was lost by name, and the rest of the choice still checked."""
    if refusal.code == "SEATS_TAKEN":
        refusal = holds.in_words(refusal)
    chosen = {int(x) for x in request.form.getlist("seat_id") if is_number(x) and int(x) <= LARGEST_ID}
    chosen -= set(refusal.details.get("seats", ()))
    if bay is None and chosen:
        stand, bay = seat_page.place_of(event_id, chosen)
    return show(event_id, stand, bay, refusal=refusal, chosen=chosen)


def show(event_id, stand=None, bay=None, *, refusal=None, chosen=frozenset()):
    """The seat page, with what was refused on top if anything was."""
    page = seat_page.seat_page(event_id, stand, bay, chosen)
    html = render_template(
        "bookings/choose.html",
        page=page,
        event=page.event,
        stadium=page.event.stadium,
        map_urls=_map_urls(page.event) if page.is_open else None,
        instead=seat_page.labels_in_order(refusal.details.get("instead") or ()) if refusal else [],
        drawn=plan.draw(page.event.layout_id, {s.id: s.left / s.seats for s in page.stands}) if page.tiers else None,
        policy=refunds.in_words(refunds.policy_of(page.mine.held, page.event)),
        ticket_types=TICKET_TYPES,
        chosen=chosen,
        refusal=refusal,
        failed=refusal is not None,
        wish=_wish_again(page.event),
        here=url_for("bookings.choose", event_id=event_id, stand=stand, bay=bay),
    )
    return html, refusal.status if refusal else 200


def _map_urls(event):
    """Where the map's script finds layout, prices and states.

    The layout never changes, prices not under their version.
    """
    return {
        "layout": url_for("api.layout", layout_id=event.layout_id),
        "prices": url_for("api.prices", event_id=event.id, v=price_list.prices_version(event)),
        "states": url_for("api.seats", event_id=event.id),
    }


bp.add_app_template_filter(spoken)
bp.add_app_template_global(refunds.in_words, "refund_policy")


@bp.app_template_global()
def hold_minutes(event=None):
    """The minutes of one hold."""
    return minutes_of(event)


@bp.app_template_global()
def longest_hold():
    """The minutes that a hold can last in all."""
    return terms().longest_minutes


@bp.app_template_global()
def fee_parts(stadium):
    """ "5% and A$2.50 a ticket", or nothing at a ground without booking fees."""
    each = f"{money(stadium.fee_each, stadium.currency)} a ticket" if stadium.fee_each else None
    return words_of(filter(None, (basis_points(stadium.fee_bp) if stadium.fee_bp else None, each)))


# --- the hold -------------------------------------------------------------------------------------


@bp.post("/holds/<int:booking_id>/extend")
@per_browser("30/minute")
@visitor_allowed
def extend(booking_id):
    return _change(booking_id, holds.extend_hold, booking_id)


@bp.post("/holds/<int:booking_id>/release")
@per_browser("60/minute")
@visitor_allowed
def release(booking_id):
    """Start again: everything in the hold is free at once."""
    return _change(
        booking_id,
        holds.release_booking,
        booking_id,
        said="Your seats are back on sale. Choose again whenever you like.",
    )


@bp.post("/holds/<int:booking_id>/lines/<int:line_id>/release")
@per_browser("60/minute")
@visitor_allowed
def release_line(booking_id, line_id):
    return _change(booking_id, holds.release_line, booking_id, line_id)


@bp.post("/holds/<int:booking_id>/types")
@per_browser("60/minute")
@visitor_allowed
def set_types(booking_id):
    """`type-<line id>`: adult, child or concession."""
    return _change(booking_id, holds.set_ticket_types, booking_id, read_types(request.form))


@bp.post("/holds/<int:booking_id>/stop-payment")
@per_browser("30/minute")
@visitor_allowed
def stop_payment(booking_id):
    """Stop paying, to change the seats. The payment is cancelled at the provider first."""
    try:
        payments.stand_back(booking_id)
    except Refused as refusal:
        return answer_refusal(booking_id, refusal)
    return redirect(place_after(booking_id), 303)


def _change(booking_id, change, *args, said=None):
    try:
        in_transaction(change, *args)
    except Refused as refusal:
        return answer_refusal(booking_id, refusal)
    if said:
        flash(said, "note")
    return redirect(place_after(booking_id), 303)


def answer_refusal(booking_id, refusal):
    """The page that the booking is chosen on, with the sentence; somebody else's booking stays not found."""
    booking = holds.get_booking(booking_id)
    if booking.event_id is None:
        flash(refusal.sentence, "bad")
        return redirect(place_after(booking_id), 303)
    return show(
        booking.event_id, request.form.get("stand", type=int32), request.form.get("bay", type=int32), refusal=refusal
    )


def place_after(booking_id):
    """Where a form came from (`next`, a path of ours), or the page that the booking is chosen on."""
    place = own_path(request.form.get("next"))
    if place:
        return place
    booking = holds.get_booking(booking_id)
    if booking.event_id is None:
        return url_for("parking.choose", stadium_id=booking.stadium_id)
    return url_for("bookings.choose", event_id=booking.event_id)


# --- what a form says -----------------------------------------------------------------------------


def is_number(value):
    """True for plain figures that are no longer than an id may be."""
    return whole_number(value) is not None


def read_ids(values):
    if len(values) > 50 or not all(map(is_number, values)):
        raise Refused("MALFORMED", status=422)
    seat_ids = [int(v) for v in values]
    if any(seat_id > LARGEST_ID for seat_id in seat_ids):
        raise Refused("UNKNOWN_SEATS", status=404)
    return seat_ids


def read_types(form):
    types = {}
    for name, value in form.items():
        line = name.removeprefix("type-")
        if name.startswith("type-"):
            if not is_number(line) or value not in TICKET_TYPES:
                raise Refused("MALFORMED", status=422)
            types[int(line)] = value
    return types


def read_wish(form):
    """The Wish of a best-available form: best_count, best_where ("", "band-C" or "stand-3"), best_together,
    best_accessible.
    """
    count, (kind, _, where) = form.get("best_count", type=int32), form.get("best_where", "").partition("-")
    if count is None or kind not in ("", "band", "stand") or (kind == "stand" and not is_number(where)):
        raise Refused("MALFORMED.count", status=422)
    return Wish(
        count,
        where if kind == "band" else None,
        min(int(where), LARGEST_ID) if kind == "stand" else None,
        "best_together" in form,
        "best_accessible" in form,
    )


def _wish_again(event):
    """The best-available form as it was sent, or as it starts."""
    form = request.form
    if "best_count" not in form:
        return {
            "count": min(2, event.buyer_limit),
            "where": "",
            "together": True,
            "accessible": False,
            "bay": False,
            "plate": "",
        }
    return {
        "count": form.get("best_count", ""),
        "where": form.get("best_where", ""),
        "together": "best_together" in form,
        "accessible": "best_accessible" in form,
        "bay": "best_bay" in form,
        "plate": form.get("best_plate", ""),
    }
