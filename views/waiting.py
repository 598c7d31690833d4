"""Waiting for an event: the form that joins, and the page of one's place with its offers, by its link."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from wtforms import BooleanField, EmailField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice  # pyrefly: ignore[missing-module-attribute]
from wtforms.validators import InputRequired, ValidationError

from accounts import sessions
from booking import holds
from booking.summary import rows_of_tickets, sum_of
from catalogue import fixtures
from database import in_transaction
from extensions import current_person
from refusals import Refused, sentence_for
from seating import availability
from waiting import lists
from web.guards import linked, visitor_allowed
from web.limits import per_browser
from web.presentation import money_short
from web.requests import Form, int32

bp = Blueprint("waiting", __name__)

KIND_OF_SALE = {"not_yet": lists.OPENING, "sold_out": lists.SEATS, "on_sale": lists.SEATS}


class OpeningForm(Form):
    """To be told when the sale opens; a fan only presses the button."""

    email = EmailField("Your e-mail address", [InputRequired("Tell us where to write.")])


class JoinForm(OpeningForm):
    """A wish for the waiting list, by the names that a wish has on the seat page."""

    best_count = IntegerField("How many seats", [InputRequired("Enter a number of seats.")])
    best_where = SelectField("Which seats", default="", choices=[])
    best_together = BooleanField("Side by side", default=True)
    limit = 0  # the event's

    def validate_best_count(self, field):
        if not 1 <= (field.data or 0) <= self.limit:
            raise ValidationError(sentence_for("TOO_MANY_SEATS.asked", {"limit": self.limit}))


def form_of(event, kind, values=None):
    """The form of this kind for an event; `values` of a query fill it."""
    if kind == lists.OPENING:
        form = OpeningForm() if request.method == "POST" else OpeningForm(None)
    else:
        form = JoinForm() if request.method == "POST" else JoinForm(None, **(values or {}))
        form.best_where.choices = choices_of(event)
        if request.method != "POST" and form.best_where.data not in {c.value for c in form.best_where.choices}:
            form.best_where.data = ""
        form.limit = event.buyer_limit
    if current_person().is_authenticated:
        del form.email  # the account's counts
    return form


def choices_of(event):
    """What somebody may wait for: any seat, seats up to a price, seats of a band."""
    currency = event.stadium.currency
    prices = lists.prices_of(event)
    bands = sorted({p.band for p in event.prices if p.ticket_type == "adult"})
    return [
        SelectChoice("", "Any seat"),
        *(SelectChoice(f"most-{p}", f"Seats up to {money_short(p, currency)}") for p in prices[:-1]),
        *(SelectChoice(f"band-{b}", f"Seats of band {b}") for b in bands if len(bands) > 1),
    ]


def read_wish(form):
    """The Wish of a JoinForm that is valid."""
    kind, _, what = (form.best_where.data or "").partition("-")
    return lists.Wish(
        form.best_count.data,
        bool(form.best_together.data),
        what if kind == "band" else None,
        int(what) if kind == "most" else None,
    )


# --- joining --------------------------------------------------------------------------------------


@bp.get("/book-tickets-enhanced/<int:event_id>/waiting")
@visitor_allowed
def join(event_id):
    """The form for whoever waits: told when the sale opens, or in line for seats that come back. A wish in the address
    (`best_count`, `best_where`, `best_together`) fills it."""
    return page(event_id)


@bp.post("/book-tickets-enhanced/<int:event_id>/waiting")
@per_browser("10/minute;60/hour")
@visitor_allowed
def enter(event_id):
    event, _, kind = sale_of(event_id)
    if kind is None:
        return page(event_id)
    form = form_of(event, kind)
    if not form.validate():
        return page(event_id, form, status=422)
    email = form.email.data if "email" in form else None
    try:
        token = in_transaction(lists.join, event_id, kind, email, read_wish(form) if kind == lists.SEATS else None)
    except Refused as refusal:
        if refusal.code in ("BAD_EMAIL", "CONTACT_NEEDED") and "email" in form:
            form.email.errors = [refusal.sentence]
            return page(event_id, form, status=refusal.status)
        return page(event_id, form, refusal, refusal.status)
    if token is None:
        return redirect(url_for(".join", event_id=event_id, sent=kind), 303)
    flash("You are on the list." if kind == lists.SEATS else "We write to you when the sale opens.", "good")
    return redirect(url_for(".place", token=token), 303)


def sale_of(event_id):
    """(event, its sale as fixtures.sale_state() names it, the kind of waiting that there is now or None)."""
    event = holds.get_event(event_id)
    sale = fixtures.sale_state(event, sum(s.left for s in availability.stands_of(event)))
    return event, sale, KIND_OF_SALE.get(sale)


def page(event_id, form=None, refusal=None, status=200):
    event, sale, kind = sale_of(event_id)
    sent = request.args.get("sent") if request.method == "GET" else None
    html = render_template(
        "waiting/join.html",
        event=event,
        stadium=event.stadium,
        sale=sale,
        waits=waiting_at(event, sale, form),
        sent=sent if sent in (lists.OPENING, lists.SEATS) else None,
        refusal=refusal,
        failed=status >= 400,
    )
    return html, status


@bp.app_template_global()
def waiting_at(event, sale, form=None):
    """What there is to wait for at an event in this sale state, for the pages that offer it: {kind (None: nothing),
    form, places (a signed-in fan's own, with their tokens), terms}."""
    kind = KIND_OF_SALE.get(sale)
    wish = {
        "best_count": request.args.get("best_count", type=int32) or min(2, event.buyer_limit),
        "best_where": request.args.get("best_where", ""),
        "best_together": "best_count" not in request.args or "best_together" in request.args,
    }
    return {
        "kind": kind,
        "form": form or (form_of(event, kind, wish) if kind else None),
        "places": [(place, lists.token_of(place.id)) for place in lists.own_places(event.id)] if kind else [],
        "terms": lists.terms(),
    }


bp.add_app_template_global(lists.find_counts, "waiting_counts")
bp.add_app_template_global(lists.own_line, "waiting_line")


# --- one's place, by its link ---------------------------------------------------------------------


@bp.get("/t/wait/<token>")
@linked
def place(token):
    """Where somebody stands, and the seats that they are offered."""
    return place_page(token)


@bp.post("/t/wait/<token>/take")
@per_browser("20/minute")
@linked
def take(token):
    """Take the offered seats: from here on it is a hold like any other."""

    def write():
        lists.get_place(token)  # before a stranger with no good link becomes a visitor
        sessions.ensure_somebody()
        return lists.take(token)

    try:
        booking_id = in_transaction(write)
    except Refused as refusal:
        return refused(token, refusal)
    return redirect(url_for("checkout.pay", booking_id=booking_id), 303)


@bp.post("/t/wait/<token>/decline")
@per_browser("20/minute")
@linked
def decline(token):
    return answer(token, lists.decline, "Thank you for saying so: the next in line is asked. You keep your place.")


@bp.post("/t/wait/<token>/leave")
@per_browser("20/minute")
@linked
def leave(token):
    return answer(token, lists.leave, "Done. We do not write to you about this any more.")


def answer(token, act, said):
    try:
        in_transaction(act, token)
    except Refused as refusal:
        return refused(token, refusal)
    flash(said, "good")
    return redirect(url_for(".place", token=token), 303)


def refused(token, refusal):
    if refusal.status == 404:
        raise refusal
    return place_page(token, refusal)


def place_page(token, refusal=None):
    found = lists.get_place(token)
    event = holds.get_event(found.event_id)
    offer = None
    if found.booking_id is not None and found.ends_at is not None and found.server_time < found.ends_at:
        booking, lines = holds.opened_booking(found.booking_id)
        offer = {
            "places": rows_of_tickets([x.label for x in lines if x.label]),
            "sum": sum_of(booking, [x.line for x in lines]),
            "count": len(lines),
        }
    html = render_template(
        "waiting/place.html",
        here=url_for(".place", token=token),
        place=found,
        event=event,
        stadium=event.stadium,
        offer=offer,
        sale=event.sale_state,
        terms=lists.terms(),
        refusal=refusal,
        failed=refusal is not None,
    )
    return html, refusal.status if refusal else 200
