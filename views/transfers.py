"""Passing a ticket on, its name and its code: as the buyer, by the booking's link, and by the link of the one ticket;
and the offer's own page.
"""

import uuid
from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from extensions import current_person, limiter
from refusals import Refused
from tickets import lettering, links, pages, pdf, transfers, wallet
from views.tickets import apple_of, as_pdf, as_pkpass, change, viewer_mark
from web.guards import linked, visitor_allowed

bp = Blueprint("transfers", __name__)


@bp.post("/tickets/<int:booking_id>/rights/<right>/<action>")
@limiter.limit("20/minute")
@visitor_allowed
def handle(booking_id, right, action):
    pages.own_booking(booking_id)
    if action == "apple":
        return apple_of(booking_id, right)
    return act(url_for("tickets.show", booking_id=booking_id), action, right)


@bp.post("/t/<token>/rights/<right>/<action>")
@limiter.limit("20/minute")
@linked
def linked_handle(token, right, action):
    if action == "apple":
        return apple_of(links.open_link(token), right)
    return act(url_for("tickets.linked", token=token), action, right, booking_token=token)


@bp.post("/t/one/<token>/<action>")
@limiter.limit("20/minute")
@linked
def holder_handle(token, action):
    found, event, label, shown = transfers.open_ticket(token)
    if action == "apple" and wallet.offers_apple() and found.status != "void" and shown is not None:
        return as_pkpass(
            wallet.apple(card_of(found, event, label, shown), found.ticket_id, event.starts_at, event.ends_at)
        )
    return act(url_for(".holder", token=token), action, found.ticket_id, link=token)


@bp.get("/t/one/<token>")
@linked
def holder(token):
    """The one ticket that was passed on to whoever holds this link."""
    found, event, label, shown = transfers.open_ticket(token)
    now = datetime.now(UTC)
    google = None
    if wallet.offers_google() and shown is not None and found.status != "void":
        card = card_of(found, event, label, shown)
        google = wallet.google(card, found.ticket_id, event.starts_at, event.ends_at, event.stadium, shown.secret)
    return render_template(
        "tickets/one.html",
        t=found,
        event=event,
        stadium=event.stadium,
        label=label,
        shown=shown,
        short=pages.short_code(found.hash),
        here=url_for(".holder", token=token),
        now=now,
        is_over=event.ends_at < now,
        ends=event.ends_at,
        viewer_mark=viewer_mark(),
        apple=wallet.offers_apple(),
        google=google,
    )


@bp.get("/t/one/<token>/tickets.pdf")
@limiter.limit("20/minute")
@linked
def paper(token):
    """The same ticket as a PDF."""
    found, event, label, shown = transfers.open_ticket(token)
    if shown is None or found.status == "void":
        raise Refused("TICKET_VOID")
    return as_pdf([card_of(found, event, label, shown)], f"Ticket, {event.name}", "cricverse-ticket")


@bp.get("/t/offer/<token>")
@linked
def offer(token):
    return offer_page(token)


@bp.post("/t/offer/<token>")
@limiter.limit("10/minute")
@linked
def accept(token):
    """Take the ticket; from here on it has a link of its own."""
    try:
        link = transfers.accept(token, request.form.get("name", ""))
    except Refused as refusal:
        if refusal.status == 404:
            raise
        return offer_page(token, refusal.sentence, refusal.status)
    flash("The ticket is yours. We mailed you its link, too.", "good")
    tell_of_paper(request.form.get("name"))
    return redirect(url_for(".holder", token=link), 303)


def tell_of_paper(name):
    """Say at once what a printed ticket cannot show of a name that was just entered."""
    if note := lettering.paper_note(name):
        flash(note, "note")


def card_of(found, event, label, shown):
    """The Card of a ticket that was passed on, for paper and wallets."""
    short = pages.short_code(found.hash)
    facts = ("Name", found.holder_name or ""), ("From", found.from_name)
    return pdf.ticket_card(event, event.stadium, label, found.ticket_type, shown, short, "", *facts)


def offer_page(token, sentence=None, status=200):
    found, event, label = transfers.find_offer(token)
    page = render_template(
        "tickets/offer.html",
        offer=found,
        event=event,
        stadium=event.stadium,
        label=label,
        here=request.path,
        sentence=sentence,
        failed=bool(sentence),
    )
    return page, status


def act(address, action, right, booking_token=None, link=None):
    """One of the four things that the holder of a ticket may do; the sentence of a refusal is shown on the ticket's
    page.
    """
    if action not in ("replace", *SAID):
        abort(404)
    try:
        right = uuid.UUID(str(right))
    except ValueError:
        abort(404)
    if action == "replace":
        try:
            transfers.replace_code(right, current_person().id, booking_token, link)
        except Refused as refusal:
            if refusal.status == 404:
                raise
            flash(refusal.sentence, "bad")
        else:
            flash("Here is the new code. The old one opens no gate any more, on paper or on any phone.", "good")
        return redirect(address, 303)

    def write():
        if booking_token:
            links.open_link(booking_token)
        if action == "name":
            transfers.name(right, request.form.get("name", ""), link)
        elif action == "send":
            transfers.offer(right, request.form.get("name", ""), request.form.get("email", ""), link)
        else:
            transfers.withdraw(right, link)

    answer = change(address, write, said=SAID[action])
    if action == "name":
        tell_of_paper(request.form.get("name"))
    return answer


SAID = {
    "name": "The name is kept.",
    "send": "We mailed them a link. The ticket stays yours until they accept.",
    "withdraw": "The offer is taken back. The ticket is yours as before.",
}
