"""The owner's pages: a ground's events, an event's sales, its seats and its bookings, and the bookings of parking
without a match.

Another ground's staff find nothing here. A booking has the same pages under its event and under its ground's parking.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for

import analytics
from accounts import rights
from backoffice import blocking, bookings, sales
from booking import refunds
from database import in_transaction
from extensions import current_person
from models.currencies import currency_of
from outside.addresses import readable_address
from outside.folding import same_words
from refusals import Refused
from seating import availability
from tickets import transfers
from web.guards import role
from web.presentation import money, money_short, plural
from web.requests import int32, int64

bp = Blueprint("owner", __name__, url_prefix="/owner")

FILTERS = (
    ("bought", "Bought"),
    ("held", "Being bought"),
    ("refunded", "With refunds"),
    ("failed", "Refund failed"),
    ("disputed", "Disputed"),
    ("ended", "Not bought"),
    ("all", "All"),
)

# From how many hours before the start companion seats can be opened to everybody; 0: never.
COMPANIONS_OPEN = [0, 1, 2, 4, 12, 24, 48, 72, 168]

# Rows of the audit trail as sentences; "{…}" are filled from their details.
LOG = {
    "sale.stopped": "Sale stopped",
    "sale.resumed": "Sale went on",
    "codes.rotating": "Codes change every fifteen seconds",
    "codes.still": "Codes stand still",
    "companions.opened": "Companion seats open to everybody {hours} before the start",
    "companions.kept": "Companion seats go with the space beside them only",
    "event.cancelled": "Match cancelled",
    "seats.blocked": "{seats} taken off sale",
    "seats.unblocked": "{seats} put back on sale",
    "booking.paid": "Paid, {total}",
    "refund.requested": "{amount} asked to be given back",
    "refund.failed": "A refund failed: {error}",
    "tickets.resent": "Sent again",
    "plate.changed": "The number plate was changed",
    "payment.refused_by_us": "A payment was sent straight back",
    "dispute.opened": "The cardholder disputes the payment",
    "dispute.won": "The dispute is won",
    "mail.queued": "{template} is about to be mailed to {recipient}",
    "mail.sent": "{template} mailed to {recipient}",
    "mail.dead": "{template} could not be mailed to {recipient}",
}
MAILS = {
    "tickets": "The mail with the codes",
    "refund": "The refund’s notice",
    "event_cancelled": "The notice of cancelling",
    "seats_lost": "The notice of lost seats",
}


@bp.app_template_filter()
def log_words(action, details, currency=None):
    """A row of the audit trail in words. Unknown actions stand as they are."""
    filled = dict(details)
    if isinstance(details.get("seats"), list):
        filled["seats"] = plural(len(details["seats"]), "seat")
    if isinstance(details.get("hours"), int):
        filled["hours"] = plural(details["hours"], "hour")
    filled["template"] = MAILS.get(details.get("template"), "A notice")
    filled["error"] = str(details.get("error") or "no reason given").replace("_", " ")
    for name in ("amount", "total"):
        if isinstance(details.get(name), int) and currency:
            filled[name] = money(details[name], currency)
    try:
        return LOG[action].format_map(filled)
    except KeyError:
        return action.replace(".", " ").replace("_", " ").capitalize()


@bp.app_template_filter()
def takings(minor, currency):
    """(figure for the plates, unit): 219397600, "AUD" → ("2.19", "A$ million"); small sums stand to the cent."""
    symbol, figure = currency_of(currency).sign, money_short(minor, currency)
    whole = int(minor) // 10 ** currency_of(currency).decimals
    if whole >= 1_000_000:
        return f"{whole // 10_000 / 100:.2f}", f"{symbol} million"
    return (f"{whole:,}" if whole >= 10_000 else figure.removeprefix(symbol)), symbol.strip()


def own_event(event_id):
    return sales.get_own_event(event_id, rights.grounds("sell"))


def to_event(event_id, fragment=None):
    return redirect(url_for("owner.event", event_id=event_id, _anchor=fragment), 303)


def to_booking(sale):
    return redirect(url_for("owner.booking", booking_id=sale.booking.id, **sale.address), 303)


@bp.get("")
@role(may="sell")
def index():
    own = rights.grounds("sell")
    coming, past = analytics.events_of(own)
    return render_template("owner/index.html", coming=coming, past=past, grounds=sales.grounds_of(own))


@bp.get("/events/<int:event_id>")
@role(may="sell")
def event(event_id):
    event = own_event(event_id)
    words, state, number = wanted_bookings()
    return render_template(
        "owner/event.html",
        event=event,
        figures=analytics.event_sales(event),
        bookings=bookings.bookings_of(event, words, state, number),
        filters=FILTERS,
        chosen=state,
        q=words,
        companions_open=COMPANIONS_OPEN,
        now=datetime.now(UTC),
    )


@bp.get("/grounds/<slug>/parking")
@role(may="sell")
def parking(slug):
    """Parking without a match.

    `?day=` (a date there) is the day whose bays are counted; `?q=&state=&page=` the bookings.
    """
    ground = sales.get_ground(slug, rights.grounds("sell"))
    today = datetime.now(ZoneInfo(ground.time_zone)).date()
    day = read_day(request.args.get("day"), today)
    words, state, number = wanted_bookings()
    return render_template(
        "owner/parking.html",
        ground=ground,
        day=day,
        today=today,
        figures=analytics.parking_sales(ground, day),
        bookings=bookings.parking_of(ground, words, state, number),
        filters=FILTERS,
        chosen=state,
        q=words,
    )


def read_day(typed, today):
    """The date that was typed, or today if it is none of a sensible year."""
    try:
        day = date.fromisoformat(typed or "")
    except ValueError:
        return today
    return day if 2000 <= day.year <= 2100 else today


def wanted_bookings():
    """(words to find, state, page) of the list of bookings."""
    state = request.args.get("state", "bought")
    return (
        request.args.get("q", "")[:120],
        state if state in dict(FILTERS) else "bought",
        request.args.get("page", 1, type=int32),
    )


# --- the sale ---------------------------------------------------------------------------------------------------------


@bp.get("/events/<int:event_id>/sale")
@role(may="sell")
def sale(event_id):
    return sale_page(own_event(event_id))


@bp.post("/events/<int:event_id>/sale")
@role(may="sell")
def set_sale(event_id):
    event = own_event(event_id)
    stop = request.form.get("state") == "stopped"
    try:
        in_transaction(sales.stop_sale if stop else sales.resume_sale, event_id)
    except Refused as refusal:
        return sale_page(event, refusal)
    flash("The sale is stopped. Nobody can begin to buy." if stop else "The sale goes on.", "good")
    return to_event(event_id)


@bp.post("/events/<int:event_id>/codes")
@role(may="sell")
def set_codes(event_id):
    """Codes that change every fifteen seconds, or stand still."""
    own_event(event_id)
    on = request.form.get("rotating") == "on"
    in_transaction(sales.set_rotating_codes, event_id, on)
    flash("Codes change every fifteen seconds now." if on else "Codes stand still now.", "good")
    return to_event(event_id)


@bp.post("/events/<int:event_id>/companions")
@role(may="sell")
def set_companions(event_id):
    """From when companion seats are sold without the wheelchair space beside them."""
    own_event(event_id)
    hours = request.form.get("hours", type=int32)
    try:
        in_transaction(sales.open_companions, event_id, hours)
    except Refused as refusal:
        flash(refusal.sentence, "bad")
        return to_event(event_id)
    flash(
        f"Companion seats open to everybody {plural(hours, 'hour')} before the start."
        if hours
        else "Companion seats go with the space beside them only.",
        "good",
    )
    return to_event(event_id)


def sale_page(event, refusal=None):
    figures = analytics.event_sales(event)
    return page("owner/sale.html", refusal, event=event, figures=figures)


@bp.get("/events/<int:event_id>/cancel")
@role(may="sell")
def cancel(event_id):
    return cancel_page(own_event(event_id))


@bp.post("/events/<int:event_id>/cancel")
@role(may="sell")
def cancel_for_good(event_id):
    event = own_event(event_id)
    typed = request.form.get("name", "")
    try:
        if not same_words(typed, event.name):
            raise Refused("NAME_DIFFERS", status=422)
        in_transaction(sales.cancel_event, event_id, request.form.get("note"))
    except Refused as refusal:
        return cancel_page(event, refusal, typed, request.form.get("note", ""))
    flash("The match is cancelled. Every buyer gets everything back.", "good")
    return to_event(event_id)


def cancel_page(event, refusal=None, typed="", note=""):
    figures = analytics.event_sales(event)
    return page("owner/cancel.html", refusal, event=event, figures=figures, typed=typed, note=note)


# --- seats off sale ---------------------------------------------------------------------------------------------------


@bp.get("/events/<int:event_id>/seats")
@role(may="sell")
def seats(event_id):
    return seats_page(own_event(event_id))


@bp.post("/events/<int:event_id>/seats/block")
@role(may="sell")
def block(event_id):
    return change_seats(event_id, blocking.block_seats, "off sale")


@bp.post("/events/<int:event_id>/seats/unblock")
@role(may="sell")
def unblock(event_id):
    return change_seats(event_id, blocking.unblock_seats, "back on sale")


def change_seats(event_id, rule, now):
    event = own_event(event_id)
    ids, typed = request.form.getlist("seat_id", type=int32), request.form.get("place", "")
    stand, bay = request.form.get("stand", type=int32), request.form.get("bay", type=int32)
    try:
        done = in_transaction(lambda: rule(event, blocking.choose_seats(event, ids, typed, stand)))
    except Refused as refusal:
        return seats_page(event, refusal, typed, stand, bay)
    if done.count:
        flash(f"{plural(done.count, 'seat is', 'seats are')} {now}: {done.words}.", "good")
    for sentence in done.refused:
        flash(sentence, "warn")
    return redirect(url_for("owner.seats", event_id=event_id, stand=stand, bay=bay), 303)


def seats_page(event, refusal=None, typed="", stand=None, bay=None):
    stand, bay = stand or request.args.get("stand", type=int32), bay or request.args.get("bay", type=int32)
    stands = blocking.stands_for(event)
    chosen = next((s for s in stands if s.id == stand), None)
    bays = availability.bays_of(event, chosen.id) if chosen else []
    here = next((b for b in bays if b.id == bay), None)
    rows = blocking.rows_of_bay(event, here.id) if here else []
    return page(
        "owner/seats.html",
        refusal,
        event=event,
        stands=stands,
        stand=chosen,
        bays=bays,
        bay=here,
        rows=rows,
        typed=typed,
    )


# --- bookings ---------------------------------------------------------------------------------------------------------


@bp.get("/events/<int:event_id>/bookings/<int:booking_id>")
@bp.get("/grounds/<slug>/parking/<int:booking_id>")
@role(may="sell")
def booking(booking_id, event_id=None, slug=None):
    return booking_page(own_booking(booking_id, event_id, slug))


def own_booking(booking_id, event_id, slug):
    """A BookingNow of one's own event, or of the parking of one's own ground."""
    if slug is None:
        event = own_event(event_id)
        return bookings.get_booking_now(event.stadium, event, booking_id)
    return bookings.get_booking_now(sales.get_ground(slug, rights.grounds("sell")), None, booking_id)


def again(sale):
    """The same booking as it is now."""
    return bookings.get_booking_now(sale.ground, sale.event, sale.booking.id)


def booking_page(sale, refusal=None):
    return page("owner/booking.html", refusal, sale=sale, me=current_person())


@bp.get("/events/<int:event_id>/bookings/<int:booking_id>/refund")
@bp.get("/grounds/<slug>/parking/<int:booking_id>/refund")
@role(may="sell")
def refund(booking_id, event_id=None, slug=None):
    sale = own_booking(booking_id, event_id, slug)
    ids = {line.id for line in sale.open_lines}
    wanted = ids if "all" in request.args else ids & set(request.args.getlist("line", type=int64))
    if not wanted:
        return booking_page(sale, Refused("NO_CHOICE.refund", status=422))
    return refund_page(sale, wanted)


@bp.post("/events/<int:event_id>/bookings/<int:booking_id>/refund")
@bp.post("/grounds/<slug>/parking/<int:booking_id>/refund")
@role(may="sell")
def give_back(booking_id, event_id=None, slug=None):
    sale = own_booking(booking_id, event_id, slug)
    wanted = set(request.form.getlist("line", type=int64))
    chosen = [line for line in sale.open_lines if line.id in wanted]
    note = request.form.get("note", "")
    try:
        if not wanted:
            raise Refused("NO_CHOICE.refund", status=422)
        if len(chosen) != len(wanted) or sum(line.total for line in chosen) != request.form.get("amount", type=int64):
            raise Refused("CHANGED")
        asked = refunds.request(booking_id, sorted(wanted), "staff", sales.read_note(note))
    except Refused as refusal:
        if not chosen:
            return booking_page(again(sale), refusal)
        return refund_page(again(sale), {line.id for line in chosen}, refusal, note)
    amount = money(asked.amount, asked.currency)
    kind = sale.paid.kind if sale.paid else "none"
    way = {"cash": "Pay it out at the counter", "none": "Nothing had been paid"}.get(
        kind, "It goes back the way it was paid"
    )
    flash(
        f"{amount} {'goes' if kind == 'stripe' else 'is noted'} back. {way}. What was given back is void.",
        "good",
    )
    return to_booking(sale)


def refund_page(sale, wanted, refusal=None, note=""):
    lines = [line for line in sale.open_lines if line.id in wanted]
    return page(
        "owner/refund.html", refusal, sale=sale, lines=lines, amount=sum(line.total for line in lines), note=note
    )


@bp.post("/events/<int:event_id>/bookings/<int:booking_id>/resend")
@bp.post("/grounds/<slug>/parking/<int:booking_id>/resend")
@role(may="sell")
def resend(booking_id, event_id=None, slug=None):
    sale = own_booking(booking_id, event_id, slug)
    try:
        in_transaction(bookings.resend_tickets, booking_id)
    except Refused as refusal:
        return booking_page(again(sale), refusal)
    sent = "The tickets are on their way" if sale.event else "The pass is on its way"
    flash(f"{sent} to {readable_address(sale.booking.contact_email)}.", "good")
    return to_booking(sale)


@bp.post("/events/<int:event_id>/bookings/<int:booking_id>/codes/<uuid:right>")
@bp.post("/grounds/<slug>/parking/<int:booking_id>/codes/<uuid:right>")
@role(may="sell")
def replace_code(booking_id, right, event_id=None, slug=None):
    """A lost code dies. The new one goes to whoever has the ticket or pass, and is not shown here."""
    sale = own_booking(booking_id, event_id, slug)
    if right not in {line.right_id for line in sale.lines}:
        raise Refused("UNKNOWN_TICKET", status=404)
    try:
        transfers.replace_code(right, current_person().id)
    except Refused as refusal:
        return booking_page(again(sale), refusal)
    flash("The old code opens no gate any more. The new one is on its way by mail.", "good")
    return to_booking(sale)


def page(template, refusal=None, **values):
    """A page, with what was refused in a sentence on it and its status."""
    return render_template(
        template, refusal=refusal, failed=refusal is not None, **values
    ), refusal.status if refusal else 200
