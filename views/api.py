"""The JSON API that our own scripts use.

Errors: {"error": {"code": "SEATS_TAKEN", "message": "a sentence for people", …}}.
"""

import zlib

from flask import Blueprint, Response, jsonify, request

from accounts import sessions
from booking import holds, price_list
from catalogue import public as catalogue
from database import in_transaction
from extensions import limiter
from models.columns import LARGEST_ID
from models.match import TICKET_TYPES
from outside import whole_number
from refusals import Refused
from seating import layout as seatmap
from seating import states as seat_states
from seating.best_available import Wish
from web.form_cookie import form_token
from web.guards import public, visitor_allowed
from web.limits import per_browser
from web.requests import body, number

bp = Blueprint("api", __name__, url_prefix="/api")


@bp.get("/csrf-token")
@public
def csrf_token():
    """A token for scripts that have no form at hand."""
    return jsonify(token=form_token())


@bp.get("/events/<int:event_id>/seats")
@public
def seats(event_id):
    """The state of every seat, two bits each, as the layout orders them; at most half a second old, and not older than
    version `after`.
    """
    after = read_after(request.args.get("after"))
    states = seat_states.find_fresh(event_id, after=after)
    if states is None:
        states = seat_states.states_of(event_id, seat_states.layout_of_event(event_id), after=after)
    if states is None:
        raise Refused("UNKNOWN_EVENT", status=404)
    if request.args.get("as") == "lists":
        return seat_lists(event_id, states)
    zipped = "gzip" in request.accept_encodings
    response = Response(states.gzipped if zipped else states.packed, mimetype="application/octet-stream")
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(f"{states.version}-{zlib.crc32(states.packed):x}{'-gzip' if zipped else ''}")
    response.vary.add("Accept-Encoding")
    return versioned(response, states.version)


def seat_lists(event_id, states):
    """The same by seat id, for whoever has no layout at hand; a seat in no list is free."""
    found = seat_states.lists_of(seat_states.layout_of_event(event_id), states)
    response = jsonify(event_id=event_id, version=states.version, **found)
    response.add_etag()
    return versioned(response, states.version)


def versioned(response, version):
    response.headers["Seat-Version"] = str(version)
    response.headers["Cache-Control"] = "no-cache"
    return response.make_conditional(request)


@bp.get("/layouts/<int:layout_id>")
@limiter.limit("60/minute")
@public
def layout(layout_id):
    """Everything of a layout version that a map is drawn from, gzipped whatever is accepted. It never changes."""
    found = seatmap.body(layout_id)
    if found is None:
        raise Refused("UNKNOWN_LAYOUT", status=404)
    response = Response(found, mimetype="application/json")
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.set_etag(f"layout-{layout_id}-{seatmap.FORMAT}")
    return response.make_conditional(request)


@bp.get("/events/<int:event_id>/prices")
@public
def prices(event_id):
    """Face value, fee, tax and total in minor units by band and ticket type, the buyer's limit, and the rows in the
    shade.
    """
    known = catalogue.one_event(event_id)
    shown = price_list.price_list(known[0] if known else holds.get_event(event_id))
    response = jsonify(shown)
    is_this = request.args.get("v") == shown["version"]
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_this else "no-cache"
    response.set_etag(shown["version"])
    return response.make_conditional(request)


@bp.post("/events/<int:event_id>/hold")
@per_browser("60/minute;600/hour")
@visitor_allowed
def hold(event_id):
    """{"seat_ids": […], "ticket_types": […]?} or {"best": {"count", "band"?, "stand"?, "together"?, "accessible"?,
    "shade"?, "under"?, "bay"?: {"plate", "car_park"?}}} → the hold, 201."""
    asked = body()
    try:
        if "best" in asked:
            held, seat_ids = in_transaction(_hold_best, event_id, asked["best"])
        else:
            held, seat_ids = _hold(event_id, asked)
    except Refused as refusal:
        if refusal.code == "SEATS_TAKEN":
            raise holds.in_words(refusal) from None
        raise
    return hold_json(held, seat_ids), 201


def _hold(event_id, asked):
    seat_ids, ticket_types = read_ids(asked.get("seat_ids")), read_types(asked.get("ticket_types"))
    return holds.hold_at_once(event_id, seat_ids, ticket_types), None


def _hold_best(event_id, best):
    sessions.ensure_somebody()
    wish, bay = read_wish(best), read_bay(best)
    held = holds.hold_with_bay(event_id, wish, *bay) if bay else holds.hold_best(event_id, wish)
    return held, holds.seats_held(held.id)


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
        raise Refused("NO_HOLD", status=404)
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


@bp.get("/holds/<int:booking_id>")
@per_browser("60/minute")
@visitor_allowed
def hold_state(booking_id):
    """How one's own hold stands, for a page that shows its clock: another tab or browser may have ended it."""
    stands = holds.get_state(booking_id)
    return jsonify(
        state=stands.state, expires_at=stands.expires_at.isoformat(), server_time=stands.server_time.isoformat()
    )


@bp.post("/holds/<int:booking_id>/extend")
@per_browser("30/minute")
@visitor_allowed
def extend(booking_id):
    until = in_transaction(holds.extend_hold, booking_id)
    return jsonify(
        expires_at=until.expires_at.isoformat(), can_extend=until.can_extend, server_time=until.server_time.isoformat()
    )


@bp.delete("/holds/<int:booking_id>")
@per_browser("60/minute")
@visitor_allowed
def release(booking_id):
    freed = in_transaction(holds.release_booking, booking_id)
    return jsonify(event_id=freed.event_id, seat_ids=freed.seats, version=freed.version)


def read_ids(value):
    if not isinstance(value, list) or len(value) > 50:
        raise Refused("MALFORMED.seat_ids", status=422)
    for item in value:
        if number(item, "seat_ids") > LARGEST_ID:
            raise Refused("UNKNOWN_SEATS", status=404)
    return value


def read_after(value):
    if not value:
        return 0
    after = whole_number(value)
    if after is None:
        raise Refused("MALFORMED.version", status=422)
    return after


def read_types(value):
    if value is None:
        return None
    if not isinstance(value, list) or any(t not in TICKET_TYPES for t in value):
        raise Refused("MALFORMED.ticket_types", status=422)
    return value


def read_bay(wish):
    """The (plate, car park or None) of a wish with an accessible bay, or None."""
    bay = wish.get("bay")
    if bay is None:
        return None
    if not isinstance(bay, dict) or not isinstance(bay.get("plate"), str) or wish.get("accessible") is not True:
        raise Refused("MALFORMED.bay", status=422)
    park = bay.get("car_park")
    return bay["plate"][:40], min(number(park, "car_park"), LARGEST_ID) if park is not None else None


def read_wish(value):
    if not isinstance(value, dict):
        raise Refused("MALFORMED.best", status=422)
    stand = value.get("stand")
    band = value.get("band")
    if band is not None and band not in tuple("ABCDE"):
        raise Refused("MALFORMED.band", status=422)
    return Wish(
        number(value.get("count"), "count"),
        (band,) if band else (),
        min(number(stand, "stand"), LARGEST_ID) if stand is not None else None,
        value.get("together", True) is not False,
        value.get("accessible") is True,
        under=number(value["under"], "under") if value.get("under") is not None else None,
        shade=value.get("shade") is True,
    )
