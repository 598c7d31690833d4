"""Paying: what is held and what it costs, the card, the way back from the bank. Card data never comes here."""

from datetime import timedelta

from flask import Blueprint, current_app, jsonify, redirect, render_template, url_for
from wtforms import EmailField, StringField
from wtforms.validators import InputRequired

from accounts.typos import probably_meant
from booking import holds, payments, refunds
from booking.pay_page import pay_page
from booking.summary import in_a_line, rows_of_tickets, sum_of
from booking.terms import can_extend, minutes_of, terms
from extensions import current_person
from outside.addresses import LONGEST_ADDRESS, readable_address
from providers import ProviderError
from refusals import Refused
from stripe_integration import stripe_amount
from tickets import pages
from web.guards import visitor_allowed
from web.headers import pays
from web.limits import per_browser
from web.presentation import seat_list
from web.requests import Form, body, text

bp = Blueprint("checkout", __name__)

GONE = ("released", "expired", "lost")


class ContactForm(Form):
    """Who buys, and where the tickets go."""

    name = StringField("Your name", validators=[InputRequired("Tell us your name.")])
    email = EmailField(
        "E-mail, for the tickets",
        validators=[InputRequired("Tell us where to send the tickets.")],
    )


@bp.app_template_filter()
def plate_list(numbers):
    """Seats as they hang on plates: a run with a dash, single ones with commas."""
    return seat_list(numbers).replace("–", "-").replace(" and ", ",").replace(", ", ",")


@bp.get("/bookings/<int:booking_id>/pay")
@visitor_allowed
@pays
def pay(booking_id):
    shown = pay_page(booking_id)
    booking, person = shown.booking, current_person()
    return page(
        shown,
        ContactForm(
            None,
            name=booking.contact_name or person.name,
            email=readable_address(booking.contact_email or person.email),
        ),
    )


@bp.post("/bookings/<int:booking_id>/confirm")
@per_browser("30/minute")
@visitor_allowed
@pays
def confirm(booking_id):
    """Without Stripe: a total of 0. A booking that costs money comes here only from a browser without JavaScript."""
    form, shown = ContactForm(), pay_page(booking_id)
    booking = shown.booking
    if not form.validate():
        return page(shown, form, status=422)
    if booking.total and booking.state in ("held", "paying"):
        return page(
            shown,
            form,
            "Entering a card needs JavaScript. Turn it on for this page, and try again; your seats stay held.",
            422,
        )
    try:
        started = payments.start(booking_id, form.name.data, form.email.data)
    except Refused as refusal:
        if refusal.code == "ALREADY_PAID":
            return redirect(url_for("tickets.show", booking_id=booking_id), 303)
        return refused(booking_id, form, refusal)
    return redirect(url_for("tickets.show" if started.intent is None else "checkout.done", booking_id=booking_id), 303)


def refused(booking_id, form, refusal):
    """The same page with the sentence at its field, or above the form."""
    field = {"BAD_EMAIL": form.email, "BAD_NAME": form.name, "CONTACT_NEEDED": form.name}.get(refusal.code)
    if field is not None:
        field.errors = [refusal.sentence]
    return page(pay_page(booking_id), form, None if field is not None else refusal.sentence, refusal.status)


def page(shown, form, sentence=None, status=200):
    """The pay page in whatever state the booking is."""
    booking, now, payment = shown.booking, shown.now, shown.payment
    if booking.state in ("paid", "refunded"):
        return redirect(url_for("tickets.show", booking_id=booking.id), 303)
    # A payment that has begun may still be finished some minutes after the hold.
    grace = terms().grace if booking.state == "paying" else timedelta()
    if booking.state in GONE or booking.is_over(now - grace):
        return ended(booking, lost=booking.state == "lost")
    if payment is not None and payment.state == "processing":
        return redirect(url_for("checkout.done", booking_id=booking.id), 303)
    paused = shown.paused.sentence if shown.paused else None
    failed = payments.reason(payment.error_code) if payment is not None and payment.error_code else None
    too_little = payments.find_too_little(booking)
    settings = current_app.config["SETTINGS"]
    minutes = minutes_of(booking.event)
    places, bays = rows_of_tickets([x.label for x in shown.lines if x.label]), [x for x in shown.lines if x.parking]
    html = render_template(
        "checkout/pay.html",
        booking=booking,
        event=booking.event,
        stadium=booking.stadium,
        places=places,
        parking=bays,
        in_a_line=in_a_line(places, len(bays)),
        sum=sum_of(booking, [x.line for x in shown.lines]),
        now=now,
        minutes=minutes,
        can_extend=can_extend(booking, minutes, now),
        is_late=booking.is_over(now),
        payment=payment,
        stripe_amount=stripe_amount(booking.total, booking.currency),
        too_little=too_little.sentence if too_little else None,
        declined=paused or failed,
        is_paused=bool(paused),
        policy_words=refunds.in_words(booking.policy, booking.event is None),
        form=form,
        sentence=sentence,
        failed=bool(sentence or form.errors),
        publishable_key=settings.stripe_publishable_key,
        stripe_js_url=settings.stripe_js_url,
    )
    return html, status


def ended(booking, lost=False, status=None):
    html = render_template(
        "checkout/ended.html",
        booking=booking,
        event=booking.event,
        stadium=booking.stadium,
        lost=lost,
        refunds=pages.booking_view(booking.id).refunds if lost else [],
        other=holds.find_open(booking.event_id) if booking.event_id and booking.state == "released" else None,
    )
    return html, status or (200 if lost else 410)


@bp.get("/bookings/<int:booking_id>/return")
@visitor_allowed
def done(booking_id):
    """Where the browser comes back to. It asks the server; whatever stands in the address decides nothing."""
    try:
        status = payments.status(booking_id=booking_id)
    except ProviderError:
        status = None  # Stripe does not answer: it may or may not be paid, so the page waits
    if status and status.state == "paid":
        return redirect(url_for("tickets.show", booking_id=booking_id), 303)
    booking = holds.get_booking(booking_id)
    if booking.state in ("paid", "refunded"):
        return redirect(url_for("tickets.show", booking_id=booking_id), 303)
    if booking.state in GONE:
        return ended(booking, lost=booking.state == "lost", status=200)
    waits = status is None or status.state == "processing"
    return render_template(
        "checkout/waiting.html" if waits else "checkout/unpaid.html",
        booking=booking,
        event=booking.event,
        stadium=booking.stadium,
        error=status.error if status else None,
        is_late=booking.is_over(holds.server_time()),
    )


@bp.post("/api/address-hint")
@per_browser("30/minute")
@visitor_allowed
def address_hint():
    """{"email"} → {"meant"}: the address that was probably meant, or null. It is kept nowhere."""
    return jsonify(meant=probably_meant(text(body().get("email"), "email", LONGEST_ADDRESS) or ""))


@bp.get("/bookings/<int:booking_id>/payment")
@per_browser("90/minute")
@visitor_allowed
def state(booking_id):
    """How the payment of a booking stands, for our own scripts:
    {"state" (see payments.Status), "error", "reference"}."""
    try:
        status = payments.status(booking_id=booking_id)
    except ProviderError:
        return jsonify(booking_id=booking_id, state="processing", error=None, reference=None)
    return jsonify(booking_id=booking_id, state=status.state, error=status.error, reference=status.reference)
