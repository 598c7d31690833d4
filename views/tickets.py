"""Tickets: my bookings, the tickets of one with their codes, giving back, the calendar file; all of it through the
signed link as well.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from wtforms import EmailField
from wtforms.validators import InputRequired

from accounts.typos import probably_meant
from booking import parking, refunds
from booking.summary import sum_of
from database import in_transaction
from extensions import current_person, limiter
from outside import whole_number
from outside.addresses import readable_address
from refusals import Refused
from tickets import address, links, pages, pdf, wallet
from tickets.lettering import paper_note
from views.checkout import ended
from web import delivery
from web.guards import linked, public, visitor_allowed
from web.limits import per_browser
from web.requests import Form, body, text

bp = Blueprint("tickets", __name__)
bp.add_app_template_filter(paper_note)


class FindForm(Form):
    """The e-mail address that tickets were sent to."""

    email = EmailField(
        "Your e-mail address",
        validators=[InputRequired("Enter the address that you booked with.")],
        description="The one that you booked with.",
    )


@bp.get("/tickets")
@visitor_allowed
def index():
    coming, past = pages.coming_and_past(datetime.now(UTC))
    return render_template("tickets/index.html", coming=coming, past=past, viewer_mark=viewer_mark())


# --- find my tickets ------------------------------------------------------------------------------


@bp.get("/tickets/find")
@public
def find():
    return render_template("tickets/find.html", form=FindForm(None), sent="sent" in request.args)


@bp.post("/tickets/find")
@limiter.limit("5/minute")
@visitor_allowed
def send_links():
    """The same answer whether there are tickets or not."""
    form = FindForm()
    if not form.validate():
        return render_template("tickets/find.html", form=form, failed=True), 422
    try:
        in_transaction(links.find_by_email, form.email.data)
    except Refused as refusal:
        form.email.errors = [refusal.sentence]
        return render_template("tickets/find.html", form=form, failed=True), refusal.status
    return redirect(url_for(".find", sent=1), 303)


@bp.get("/tickets/sw.js")
@public
def service_worker():
    """The service worker of ticket pages, allowed for their addresses: /t/… and /tickets/…."""
    response = delivery.serve("js/ticket_sw.js")
    response.headers["Service-Worker-Allowed"] = "/t"
    return response


# --- one booking, by either way -------------------------------------------------------------------


SENT = "The mail with your tickets is on its way."
JUST_PAID = timedelta(hours=1)  # how long the page begins with what was bought and where it was sent
PLATE_KEPT = "The number plate is changed."


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody comes to a booking: as its buyer by its number, or by the signed link with its token. Staff have
    other pages.
    """

    address: str  # of the tickets' page
    number: int | None = None
    token: str | None = None

    def open(self):
        """Inside a transaction: let this one see the booking; its id. Refused where it is neither theirs nor the
        link's.
        """
        return links.open_link(self.token) if self.token else pages.own_booking(self.number or 0)

    def view(self):
        """The BookingView of it, in as few statements as it takes; Refused likewise."""
        return pages.booking_view(self.open() if self.token else self.number or 0)


def both_ways(path, *, method="GET", limit=None, name=None):
    """Register a view for both ways: /tickets/<number>… and /t/<token>…, the endpoints `x` and `linked_x` (`linked`
    with `name`).
    """

    def register(view):
        def by_number(booking_id, **rest):
            return view(Way(url_for(".show", booking_id=booking_id), number=booking_id), **rest)

        def by_link(token, **rest):
            return view(Way(url_for(".linked", token=token), token=token), **rest)

        ways = (
            ("/tickets/<int:booking_id>", view.__name__, visitor_allowed, by_number),
            ("/t/<token>", name or f"linked_{view.__name__}", linked, by_link),
        )
        for start, endpoint, guard, function in ways:
            function.__name__, function.__doc__ = endpoint, view.__doc__
            guarded = guard(function)
            bp.add_url_rule(
                start + path, endpoint, limiter.limit(limit)(guarded) if limit else guarded, methods=[method]
            )
        return view

    return register


bp.add_app_template_filter(refunds.arrives_by)


@both_ways("", name="linked")
def show(way):
    return tickets_page(way)


@bp.post("/api/paper-hint")
@per_browser("60/minute")
@visitor_allowed
def paper_hint():
    """{"name"} → {"note"}: what is said of a name that a printed ticket cannot show, or null. It is kept nowhere."""
    return jsonify(note=paper_note(text(body().get("name"), "name")))


@both_ways("/calendar.ics")
def calendar(way):
    return calendar_of(way.view())


@both_ways("/tickets.pdf", limit="20/minute")
def paper(way):
    return paper_of(way.view())


@both_ways("/refund")
def refund(way):
    return refund_page(way.view(), way.address)


@both_ways("/refund", method="POST", limit="20/minute")
def give_back(way):
    return ask_refund(way)


@both_ways("/resend", method="POST", limit="5/minute")
def resend(way):
    return change(way.address, lambda: links.resend(way.open()), said=SENT)


@bp.post("/tickets/<int:booking_id>/address")
@limiter.limit("5/minute")
@visitor_allowed
def correct_address(booking_id):
    """The buyer's alone: the signed link is in the hands of whoever got the mail."""
    way = Way(url_for(".show", booking_id=booking_id), number=booking_id)
    typed = request.form.get("email", "")
    try:
        sent = address.correct(booking_id, current_person().id, typed)
    except Refused as refusal:
        if refusal.status == 404:
            raise
        return tickets_page(way, wrong=(typed, refusal.sentence)), refusal.status
    said = "These tickets have new codes; what was in the first mail opens no gate."
    flash(f"On their way to {readable_address(sent)}. {said}", "good")
    return redirect(way.address, 303)


@both_ways("/lines/<int:line_id>/plate", method="POST", limit="30/minute")
def plate(way, line_id):
    def write():
        way.open()
        parking.set_plate(line_id, request.form.get("plate", "")[:40])

    return change(way.address, write, said=PLATE_KEPT)


# --- what is shown and done -----------------------------------------------------------------------


def tickets_page(way, wrong=("", None)):
    """The tickets of a booking; one that is not paid leads to where it stands. `wrong`: the address that was refused
    as the right one, and the sentence why.
    """
    view = way.view()
    booking = view.booking
    if booking.state in ("held", "paying"):
        return redirect(url_for("checkout.pay", booking_id=booking.id), 303)
    if booking.state in ("released", "expired", "lost"):
        return ended(booking, lost=booking.state == "lost", status=200)
    now = datetime.now(UTC)
    offer = refunds.offer(booking, view.offered)
    return render_template(
        "tickets/show.html",
        view=view,
        booking=booking,
        event=booking.event,
        stadium=booking.stadium,
        sum=sum_of(booking, booking.lines),
        here=way.address,
        now=now,
        offer=offer,
        policy_words=refunds.in_words(refunds.policy_of(booking, booking.event), booking.event is None),
        is_over=pages.ends_at(booking) < now,
        is_mailed=pages.is_mailed(booking),
        is_buyer=way.number is not None,
        just_paid=booking.paid_at is not None and now - booking.paid_at < JUST_PAID,
        meant=probably_meant(booking.contact_email or ""),
        wrong=wrong,
        failed=wrong[1] is not None,
        ends=pages.ends_at(booking),
        viewer_mark=viewer_mark(),
        apple=wallet.offers_apple(),
        google=google_links(view),
    )


def viewer_mark():
    """What tells one person at a browser from the next, for what the phone keeps: a hash that says nothing of who it
    is.
    """
    return links.mark_of(current_person().id)


def calendar_of(view):
    if view.booking.state not in ("paid", "refunded"):
        raise Refused("NOT_PAID", status=404)
    file = pages.calendar_file(view, links.link_address(view.token))
    return Response(
        file,
        mimetype="text/calendar",
        headers={"Content-Disposition": f"attachment; filename=cricverse-{view.booking.reference}.ics"},
    )


def google_links(view):
    """{ticket or pass: the link that puts it into Google Wallet}, where that is offered."""
    if not wallet.offers_google():
        return {}
    booking, cards = view.booking, pdf.cards_of(view)
    links = {}
    for right_id, shown, begins, ends in rights_of(view):
        if right_id in cards:
            links[right_id] = wallet.google(cards[right_id], right_id, begins, ends, booking.stadium, shown.secret)
    return links


def rights_of(view):
    """(id, CodeView, begin, end) of each ticket and pass."""
    event = view.booking.event
    tickets_ = [(t.ticket.id, t.shown, event.starts_at, event.ends_at) for t in view.tickets]
    return tickets_ + [(p.parking.id, p.shown, p.parking.starts_at, p.parking.ends_at) for p in view.passes]


def apple_of(booking_id, right):
    """The Apple pass of one good ticket or pass of a booking."""
    view = pages.booking_view(booking_id)
    cards = {str(right_id): card for right_id, card in pdf.cards_of(view).items()}
    if right not in cards or not wallet.offers_apple():
        raise Refused("UNKNOWN_TICKET", status=404)
    _, _, begins, ends = next(r for r in rights_of(view) if str(r[0]) == right)
    return as_pkpass(wallet.apple(cards[right], right, begins, ends))


def as_pkpass(file):
    return Response(
        file,
        mimetype="application/vnd.apple.pkpass",
        headers={"Content-Disposition": "attachment; filename=ticket.pkpass"},
    )


def paper_of(view):
    """The good tickets and passes of a booking as a PDF."""
    cards = pdf.cards_of(view)
    if not cards:
        raise Refused("NOT_PAID", status=404)
    return as_pdf(list(cards.values()), f"Tickets, {view.booking.reference}", f"cricverse-{view.booking.reference}")


def as_pdf(cards, title, name):
    file = pdf.pdf(cards, title)
    return Response(file, mimetype="application/pdf", headers={"Content-Disposition": f"inline; filename={name}.pdf"})


def refund_page(view, address, sentence=None, status=200, chosen=None):
    """What can be given back, line by line with its amount by the frozen policy."""
    if view.booking.state not in ("paid", "refunded"):
        raise Refused("NOT_PAID", status=404)
    offer = refunds.offer(view.booking, view.offered)
    page = render_template(
        "tickets/refund.html",
        view=view,
        booking=view.booking,
        event=view.booking.event,
        stadium=view.booking.stadium,
        here=address,
        offer=offer,
        chosen=chosen or set(),
        sentence=sentence,
        failed=bool(sentence),
    )
    return page, status


def ask_refund(way):
    """Give back the lines that were checked (`line`, once for each).

    A link is opened in the flow's own transaction, too.
    """
    booking_id, address = way.open(), way.address
    lines = sorted({n for x in request.form.getlist("line") if (n := whole_number(x, 15)) is not None})
    if not lines:
        return refund_page(pages.booking_view(booking_id), address, "Choose what you give back.", 422, set())
    try:
        refunds.request(booking_id, lines, "fan", opening=way.open)
    except Refused as refusal:
        # The refused transaction is gone, and a link's view with it.
        return refund_page(way.view(), address, refusal.sentence, refusal.status, set(lines))
    flash("Given back. It opens no gate any more.", "good")
    return redirect(address, 303)


def change(address, fn, *args, said):
    try:
        in_transaction(fn, *args)
    except Refused as refusal:
        if refusal.status == 404:
            raise
        flash(refusal.sentence, "bad")
        return redirect(address, 303)
    flash(said, "good")
    return redirect(address, 303)
