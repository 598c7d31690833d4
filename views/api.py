"""The JSON API that our own scripts use. Errors: {"error": {"code": "SEATS_TAKEN", "message": "a sentence for people", …}}."""

from flask import Blueprint, Response, jsonify, request
from flask_wtf.csrf import generate_csrf

from accounts import sessions
from bodies import bodies
from booking import holds, seating
from booking.prices import line_amounts
from extensions import Refused, in_transaction, limiter
from models.match import TICKET_TYPES
from views.guards import public, visitor_allowed
from views.payments import body, number

bp = Blueprint("api", __name__, url_prefix="/api")


@bp.get("/csrf-token")
@public
def csrf_token():
    """A token for scripts that have no form at hand."""
    return jsonify(token=generate_csrf())


@bp.get("/events/<int:event_id>/seats")
@public
def seats(event_id):
    """What is not free: {"version", "taken": [seat ids], "held": [seat ids]}; a seat in neither list is free."""
    event, version = holds.get_event(event_id), seating.seat_version()

    def build():
        states = seating.seat_states(event)
        return jsonify(event_id=event_id, version=version, taken=states.get("taken", []), held=states.get("held", [])).get_data()

    # Two seconds at most: a hold may end without a new number, and a number may be seen a moment before its change.
    response = Response(bodies.cached(f"seats:{event_id}:{version}", build, seconds=2), mimetype="application/json")
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/layouts/<int:layout_id>")
@limiter.limit("60/minute")
@public
def layout(layout_id):
    """Stands, bays, rows and seats [id, number, kind, band] of a layout version. It never changes."""
    stands = seating.layout_of(layout_id)
    if not stands:
        raise Refused("There is no such layout.", code="UNKNOWN_LAYOUT", status=404)
    response = jsonify(layout_id=layout_id, stands=stands)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@bp.get("/events/<int:event_id>/prices")
@public
def prices(event_id):
    """Face value, fee, tax and total in minor units, by band and ticket type."""
    event = holds.get_event(event_id)
    bands = {}
    for price in event.prices:
        bands.setdefault(price.band, {})[price.ticket_type] = line_amounts(price.face, event.stadium)._asdict()
    return jsonify(event_id=event_id, currency=event.stadium.currency, tax_inside=event.stadium.tax_inside, bands=bands)


@bp.post("/events/<int:event_id>/hold")
@limiter.limit("60/minute;600/hour")
@visitor_allowed
def hold(event_id):
    """{"seat_ids": […], "ticket_types": […]?} or {"best": {"count", "band"?, "stand"?, "together"?, "accessible"?}} → the hold, 201."""
    asked = body()
    try:
        held, seat_ids = in_transaction(_hold, event_id, asked)
    except Refused as refusal:
        if refusal.code == "SEATS_TAKEN":
            raise holds.in_words(refusal) from None
        raise
    return hold_json(held, seat_ids), 201


def _hold(event_id, asked):
    sessions.ensure_somebody()
    if "best" in asked:
        held = holds.hold_best(event_id, read_wish(asked["best"]))
        return held, holds.seats_held(held.id)
    held = holds.hold_seats(event_id, read_ids(asked.get("seat_ids")), read_types(asked.get("ticket_types")))
    return held, None


def hold_json(held, seat_ids=None):
    shown = {
        "id": held.id,
        "reference": held.reference,
        "expires_at": held.expires_at.isoformat(),
        "held_at": held.held_at.isoformat(),
        "server_time": held.server_time.isoformat(),
        "currency": held.currency,
        "face": held.face,
        "fee": held.fee,
        "tax": held.tax,
        "total": held.total,
        "version": held.version,
    }
    if seat_ids is not None:
        shown["seat_ids"] = seat_ids
    return jsonify(shown)


@bp.get("/events/<int:event_id>/hold")
@visitor_allowed
def my_hold(event_id):
    """This browser's open hold for the event, for a page that was away: 404 when there is none."""
    booking = holds.find_open(event_id)
    if booking is None:
        raise Refused("You hold no seats for this match.", code="NO_HOLD", status=404)
    return jsonify(
        id=booking.id,
        reference=booking.reference,
        state=booking.state,
        expires_at=booking.expires_at.isoformat(),
        server_time=holds.server_time().isoformat(),
        currency=booking.currency,
        total=booking.total,
        seat_ids=holds.seats_held(booking.id),
    )


@bp.post("/holds/<int:booking_id>/extend")
@limiter.limit("30/minute")
@visitor_allowed
def extend(booking_id):
    until = in_transaction(holds.extend_hold, booking_id)
    return jsonify(expires_at=until.expires_at.isoformat(), can_extend=until.can_extend, server_time=until.server_time.isoformat())


@bp.delete("/holds/<int:booking_id>")
@limiter.limit("60/minute")
@visitor_allowed
def release(booking_id):
    freed = in_transaction(holds.release_booking, booking_id)
    return jsonify(event_id=freed.event_id, seat_ids=freed.seats, version=freed.version)


def read_ids(value):
    if not isinstance(value, list) or len(value) > 50:
        raise Refused("seat_ids must be a list of at most fifty seat numbers.", code="MALFORMED", status=422)
    for item in value:
        if number(item, "seat_ids") > 2**31 - 1:
            raise Refused("There is no such seat at this ground.", code="UNKNOWN_SEATS", status=404)
    return value


def read_types(value):
    if value is None:
        return None
    if not isinstance(value, list) or any(t not in TICKET_TYPES for t in value):
        raise Refused(f"ticket_types are {', '.join(TICKET_TYPES)}.", code="MALFORMED", status=422)
    return value


def read_wish(value):
    if not isinstance(value, dict):
        raise Refused("best must be an object.", code="MALFORMED", status=422)
    stand = value.get("stand")
    band = value.get("band")
    if band is not None and band not in tuple("ABCDE"):
        raise Refused("There is no such price band.", code="MALFORMED", status=422)
    return seating.Wish(
        number(value.get("count"), "count"),
        band,
        min(number(stand, "stand"), 2**31 - 1) if stand is not None else None,
        value.get("together", True) is not False,
        value.get("accessible") is True,
    )
