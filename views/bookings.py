"""Choosing seats: stand, bay, row, seat, or the best available; and the hold with its clock.

Every form works without a script.
"""

import re
from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for

from accounts import sessions
from booking import holds, offers, payments, price_list, refunds, seat_page
from booking.terms import minutes_of, spoken, terms
from database import in_transaction
from models.columns import LARGEST_ID
from models.currencies import currency_of
from models.match import TICKET_TYPES
from outside import whole_number
from refusals import Refused
from seating.best_available import Wish
from seating.shade import shade_of
from web import plan
from web.guards import visitor_allowed
from web.kept import kept_page
from web.limits import per_browser
from web.presentation import basis_points, local, money, money_short, words_of
from web.requests import int32, int64, own_path
from web.turns import by_turn

bp = Blueprint("bookings", __name__)

PRICE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,3})?")


@bp.get("/book-tickets-enhanced/<int:event_id>")
@visitor_allowed
@by_turn
@kept_page
def choose(event_id):
    """The stands of an event; `?stand=` its bays; `?stand=&bay=` the rows with every seat; `?best_count=` offers for a
    wish, by states of the seats that are not older than version `?after=`."""
    return show(event_id, request.args.get("stand", type=int32), request.args.get("bay", type=int32))


@bp.post("/book-tickets-enhanced/<int:event_id>")
@per_browser("60/minute;600/hour")
@visitor_allowed
def hold(event_id):
    """Hold the seats that were checked or offered (`seat_id`; an offer brings its wish, too), or the best ones for a
    wish (`best_…`)."""
    form = request.form
    stand, bay = form.get("stand", type=int32), form.get("bay", type=int32)
    try:
        seat_ids = read_ids(form.getlist("seat_id"))
        has_bay = "best_bay" in form and "best_accessible" in form
        if has_bay or "best_count" in form and not seat_ids:
            in_transaction(_hold_best, event_id, form, seat_ids, has_bay)
        else:
            holds.hold_at_once(event_id, seat_ids)
    except Refused as refusal:
        return _refused(event_id, stand, bay, refusal)
    return redirect(url_for("bookings.choose", event_id=event_id, stand=stand, bay=bay, _anchor="tray"), 303)


def _hold_best(event_id, form, seat_ids, has_bay):
    """The best seats for a wish, or what was offered for it with a parking bay."""
    sessions.ensure_somebody()
    if has_bay:
        plate = form.get("best_plate", "")[:40]
        holds.hold_with_bay(event_id, seat_ids or read_wish(form, holds.get_event(event_id)), plate)
    else:
        holds.hold_best(event_id, read_wish(form, holds.get_event(event_id)))


def _refused(event_id, stand, bay, refusal):
    """The same page again: what was lost by name, and the rest of the choice still checked; or the next offers."""
    if refusal.code == "SEATS_TAKEN":
        refusal = holds.in_words(refusal, is_offer="best_count" in request.form)
    if "best_count" in request.form:
        return show(event_id, stand, bay, refusal=refusal)
    chosen = {int(x) for x in request.form.getlist("seat_id") if is_number(x) and int(x) <= LARGEST_ID}
    chosen -= set(refusal.details.get("seats", ()))
    if bay is None and chosen:
        stand, bay = seat_page.place_of(event_id, chosen)
    return show(event_id, stand, bay, refusal=refusal, chosen=chosen)


def show(event_id, stand=None, bay=None, *, refusal=None, chosen=frozenset()):
    """The seat page, with what was refused on top if anything was."""
    page = seat_page.seat_page(event_id, stand, bay, chosen)
    asked, found = request.form if request.method == "POST" else request.args, None
    if page.is_open and "best_count" in asked:
        try:
            wish = replace(read_wish(asked, page.event), is_member=page.is_member)
            after = request.args.get("after", 0, int64)
            found = offers.find_offers(page.event, wish, len(page.mine.seats), 0 if refusal else 0.5, after)
        except Refused as impossible:
            refusal = refusal or impossible
    html = render_template(
        "bookings/choose.html",
        page=page,
        event=page.event,
        stadium=page.event.stadium,
        map_urls=_map_urls(page.event) if page.is_open else None,
        instead=seat_page.labels_in_order(refusal.details.get("instead") or ()) if refusal else [],
        shares=plan.steps_of(page.event.layout_id, {s.id: s.left / s.seats for s in page.stands})
        if page.tiers
        else None,
        year=local(page.now, page.event.stadium.time_zone).year,
        address=url_for("bookings.choose", event_id=event_id),
        policy=refunds.in_words(refunds.policy_of(page.mine.held, page.event)),
        ticket_types=TICKET_TYPES,
        chosen=chosen,
        refusal=refusal,
        failed=refusal is not None,
        wish=_wish_again(asked, page.event),
        found=found,
        shade=shade_of(page.event) if page.is_open else None,
        here=url_for("bookings.choose", event_id=event_id, stand=stand, bay=bay),
    )
    return html, refusal.status if refusal else 200


def _shares(page):
    """What is left of each stand in the steps that the plan is drawn in, or None where there is no plan."""
    return plan.steps_of(page.event.layout_id, {s.id: s.left / s.seats for s in page.stands})


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


def read_wish(form, event):
    """The Wish of a best-seats form or address: best_count; best_where ("", "band-C" or "stand-3"; several bands may
    be named, and a stand with them); best_under, the highest full price of one seat in major units; and best_together,
    best_accessible, best_shade, each with anything in it. The event comes with its ground.
    """
    count, bands, stand = form.get("best_count", type=int32), [], None
    for place in filter(None, form.getlist("best_where")):
        kind, _, where = place.partition("-")
        if kind == "band":
            bands.append(where)
        elif kind == "stand" and is_number(where):
            stand = min(int(where), LARGEST_ID)
        else:
            raise Refused("MALFORMED.count", status=422)
    if count is None:
        raise Refused("MALFORMED.count", status=422)
    return Wish(
        count,
        tuple(sorted(set(bands))),
        stand,
        bool(form.get("best_together")),
        bool(form.get("best_accessible")),
        under=read_price(form.get("best_under", "").strip(), event.stadium.currency),
        shade=bool(form.get("best_shade")),
    )


def read_price(text, currency):
    """An amount in major units as it stands in an address, "60" or "52.90", in minor units; None for nothing."""
    if not text:
        return None
    if not PRICE.fullmatch(text):
        raise Refused("MALFORMED.under", status=422)
    return currency_of(currency).minor(text)


def _wish_again(form, event):
    """The best-seats form as it was sent, or as it starts."""
    if "best_count" not in form:
        count = min(2, event.buyer_limit)
        return {"count": count, "where": [], "together": True, "under": "", "plate": "", "is_first": True}
    return {
        "count": form.get("best_count", ""),
        "where": form.getlist("best_where"),
        "under": form.get("best_under", ""),
        "plate": form.get("best_plate", ""),
        **{name: bool(form.get(f"best_{name}")) for name in ("together", "accessible", "shade", "bay")},
    }


@bp.app_template_global()
def drawn_plan(layout_id, shares):
    """The Plan of a layout with these shares of plan.steps_of()."""
    return plan.draw(layout_id, dict(shares))


@bp.app_template_global()
def states_in(row):
    """What a row shows of its seats besides what never changes, as one word."""
    return "".join(f"{s.state[0]}{'+' if s.goes_along else ''}" for s in row.seats)


@bp.app_template_global()
def stands_named(names):
    """The stands of a price band as its name: all of them where they are few."""
    return words_of(names) if len(names) < 4 else f"{', '.join(names[:2])} and {len(names) - 2} more"


@bp.app_template_global()
def wish_address(event_id, wish, currency):
    """The address of the seat page with a Wish."""
    asked = {}
    for name, value in wish_fields(wish, currency):
        asked.setdefault(name, []).append(value)
    return url_for("bookings.choose", event_id=event_id, **asked)  # pyrefly: ignore[bad-argument-type]


@bp.app_template_global()
def prices_of(bands, wished, currency):
    """The full prices of adults below the highest one, and the one that is wished for (text), low ones first: [{text,
    minor, is_wished}]."""
    try:
        asked = read_price(wished, currency)
    except Refused:
        asked = None
    known = sorted({kinds["adult"].total for kinds in bands.values() if "adult" in kinds})[:-1]
    return [
        {"text": currency_of(currency).major(minor), "minor": minor, "is_wished": minor == asked}
        for minor in sorted({*known, *([asked] if asked else [])})
    ]


@bp.app_template_global()
def words_of_offer(offer, currency):
    """What speaks for an Offer, and against it, as one sentence or two."""
    said = ", ".join(offer.why)
    saved = f"{money_short(offer.saves, currency)} less each than the best" if offer.kind == "value" else ""
    return ". ".join(part[:1].upper() + part[1:] for part in (said, saved) if part) + "."


@bp.app_template_global()
def words_of_way(way, currency):
    """What is given up for a Way, and from which price."""
    price, n = money_short(way.price, currency), way.wish.count
    is_block = way.wish.together and not way.wish.accessible and n > 1
    seats = f"{n} side by side" if is_block else "One seat" if n == 1 else f"{n} seats"
    return {
        "shade": f"Seats in the sun, from {price}",
        "price": f"Seats at {price}",
        "place": f"Another part of the ground, from {price}",
        "together": f"{seats} that are not side by side, from {price}",
        "count": f"{seats}, from {price}",
    }[way.gives_up]


@bp.app_template_global()
def wish_fields(wish, currency):
    """[(name, value)] that say a Wish in an address or a form, as read_wish() reads them."""
    fields = [("best_count", wish.count), *(("best_where", f"band-{band}") for band in wish.bands)]
    if wish.stand_id is not None:
        fields.append(("best_where", f"stand-{wish.stand_id}"))
    if wish.under is not None:
        fields.append(("best_under", currency_of(currency).major(wish.under)))
    fields += [(f"best_{name}", 1) for name in ("together", "accessible", "shade") if getattr(wish, name)]
    return [(name, str(value)) for name, value in fields]
