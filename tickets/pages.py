"""Tickets and passes as pages show them: a booking with everything on it, my bookings, the calendar file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

import qr_codes
from catalogue import fixtures, public
from database import ask
from enhanced_models import PaymentTransaction
from extensions import WORKER, current_person, database_role, db
from models import (
    Booking,
    BookingLine,
    CarPark,
    Event,
    Gate,
    Match,
    ParkingPass,
    Refund,
    RefundLine,
    Stadium,
    Ticket,
    TicketTransfer,
)
from models.of_json import of_json
from refusals import Refused
from seating.labels import SeatLabel, label_of
from tickets import calendar
from tickets.links import link_token

# --- reading --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CodeView:
    """A code as a page draws it: its text, and where it rotates the secret of its digits (base64url)."""

    code: str
    secret: str | None = None

    @property
    def qr(self) -> tuple[int, str]:
        """The (size, SVG path) of it."""
        return qr_codes.svg_path(self.code)


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as a page shows it: the ticket, its seat in words, its type, its code, what is typed where no camera
    works, and its way to another person (a TicketTransfer that is offered or accepted).
    """

    ticket: Ticket
    label: SeatLabel
    ticket_type: str
    shown: CodeView | None
    short: str
    transfer: TicketTransfer | None = None

    @property
    def code(self) -> str | None:
        return self.shown.code if self.shown else None

    @property
    def qr(self) -> tuple[int, str] | None:
        return self.shown.qr if self.shown else None

    @property
    def is_passed_on(self) -> bool:
        return self.ticket.link_hash is not None

    @property
    def is_void(self) -> bool:
        return self.ticket.status == "void"

    @property
    def is_good(self) -> bool:
        """Opens a gate in the hands of whoever looks at this booking."""
        return self.ticket.status != "void" and not self.is_passed_on


@dataclass(frozen=True, slots=True)
class PassView:
    """A parking pass as a page shows it: the pass, its code, and what is typed where no camera works."""

    parking: ParkingPass
    shown: CodeView | None
    short: str

    @property
    def is_void(self) -> bool:
        return self.parking.status == "void"

    @property
    def code(self) -> str | None:
        return self.shown.code if self.shown else None

    @property
    def qr(self) -> tuple[int, str] | None:
        return self.shown.qr if self.shown else None


@dataclass(frozen=True, slots=True)
class BookingView:
    """A paid booking with everything its page shows."""

    booking: Booking
    tickets: list[TicketView]
    passes: list[PassView]
    payments: Sequence[PaymentTransaction]
    refunds: list[Refund]
    token: str
    labels: dict[int, SeatLabel]  # by seat, of all lines
    offered: Sequence[Mapping[str, Any]]  # the lines of refunds.offer()

    @property
    def in_order(self) -> list[tuple[int, TicketView | PassView]]:
        """Tickets, then passes, as a page shows them: each with its number among its like; what is void comes last."""
        numbered = [*enumerate(self.tickets, 1), *enumerate(self.passes, 1)]
        return sorted(numbered, key=lambda each: each[1].is_void)

    def kind_of(self, refund: Refund) -> str:
        """How the money of a refund was paid: stripe, cash or none."""
        return next((p.kind for p in self.payments if p.id == refund.payment_id), "none")


def is_own() -> ColumnElement[bool]:
    """The bookings of this person, and the one that a link has opened: what row security shows staff is not theirs. The
    worker, who writes the mails, sees all.
    """
    if database_role.get() == WORKER:
        return true()
    return or_(Booking.customer_id == (current_person().id or 0), Booking.id == func.app.link())


def own_booking(booking_id: int) -> int:
    """The id of a booking of this person, or that a link has opened; Refused UNKNOWN_BOOKING otherwise."""
    if db.session.scalar(select(Booking.id).where(Booking.id == booking_id, is_own())) is None:
        raise Refused("UNKNOWN_BOOKING", status=404)
    return booking_id


def booking_view(booking_id: int) -> BookingView:
    """Tickets, passes, payments and refunds of a booking of this person or that a link has opened; Refused
    UNKNOWN_BOOKING otherwise. One statement; what everybody may see of its match and ground is known already."""
    found = ask("app.booking_page", booking_id)
    if found is None:
        raise Refused("UNKNOWN_BOOKING", status=404)
    row = found["booking"]
    event = event_of(row["event_id"]) if row["event_id"] else None
    stadium = event.stadium if event else fixtures.find_stadium(row["stadium_id"])

    def shown(row: Mapping[str, Any], right: Ticket | ParkingPass) -> CodeView | None:
        return code_view(row["code"], row["key_id"], right.id, right.seq, event)

    lines = {each["id"]: of_json(BookingLine, each) for each in found["lines"] or ()}
    labels = {each["seat_id"]: label_of(each["label"]) for each in found["lines"] or () if each["label"]}
    tickets = []
    for each in found["tickets"] or ():
        ticket, passing = of_json(Ticket, each, line=lines[each["line_id"]]), each["transfer"]
        label = labels[ticket.seat_id]
        transfer = of_json(TicketTransfer, passing) if passing else None
        short = qr_codes.short_code(ticket.hash)
        tickets.append(TicketView(ticket, label, ticket.line.ticket_type or "", shown(each, ticket), short, transfer))
    passes = []
    for each in found["passes"] or ():
        car_park = of_json(CarPark, each["car_park"])
        parking = of_json(ParkingPass, each, car_park=car_park, line=lines[each["line_id"]])
        passes.append(PassView(parking, shown(each, parking), qr_codes.short_code(parking.hash)))
    refunds = [
        of_json(Refund, each, lines=[of_json(RefundLine, line) for line in each["lines"] or ()])
        for each in found["refunds"] or ()
    ]
    booking = of_json(
        Booking,
        row,
        event=event,
        stadium=stadium,
        lines=list(lines.values()),
        passes=[each.parking for each in passes],
        refunds=refunds,
    )
    payments = [of_json(PaymentTransaction, each) for each in found["payments"] or ()]
    token = link_token(booking_id, booking.link_seq)
    return BookingView(booking, tickets, passes, payments, refunds, token, labels, found["offer"] or ())


def event_of(event_id: int) -> Event | None:
    """An event with its ground, matches and teams, as whoever asks may see it."""
    if known := public.one_event(event_id):
        return known[0]
    # A draft: row security knows who may see it.
    return db.session.scalar(
        select(Event)
        .where(Event.id == event_id)
        .options(
            joinedload(Event.stadium),
            selectinload(Event.matches).options(joinedload(Match.home_team), joinedload(Match.away_team)),
        )
    )


def short_code(hashed: bytes) -> str:
    """What is typed at the gate where no camera works."""
    return qr_codes.short_code(hashed)


def code_view(code: str | None, key_id: int | None, right_id: UUID, seq: int, event: Event | None) -> CodeView | None:
    """The CodeView of a code's text (None without one). Where the event's codes rotate, the page gets the secret of
    this one right."""
    if not code or key_id is None:
        return None
    secret = None
    if event is not None and event.rotating_codes:
        master = current_app.config["SETTINGS"].qr_master_key
        secret = qr_codes.b64(qr_codes.right_secret(qr_codes.event_secret(master, key_id), right_id, seq))
    return CodeView(code, secret)


def my_bookings() -> Sequence[Booking]:
    """This person's bookings that were paid, newest event first, with event, ground and how many tickets are good."""
    return db.session.scalars(
        select(Booking)
        .where(Booking.customer_id == (current_person().id or 0), Booking.state.in_(("paid", "refunded", "lost")))
        .options(
            joinedload(Booking.stadium),
            joinedload(Booking.event).selectinload(Event.matches),
            selectinload(Booking.tickets),
            selectinload(Booking.passes),
        )
        .order_by(Booking.id.desc())
        .limit(200)
    ).all()


def coming_and_past(now: datetime) -> tuple[list[Booking], list[Booking]]:
    """(coming, past) of this person's bookings: the nearest first, and the latest first. Lost ones are past."""
    mine = my_bookings()
    coming = [b for b in mine if ends_at(b) >= now and b.state != "lost"]
    past = [b for b in mine if b not in coming]
    return sorted(coming, key=ends_at), sorted(past, key=ends_at, reverse=True)


def ends_at(booking: Booking) -> datetime:
    """When what was booked is over."""
    if booking.event is not None:
        return booking.event.ends_at
    return max((p.ends_at for p in booking.passes), default=booking.created_at)


def is_mailed(booking: Booking) -> bool:
    """Whether mails of this booking may go out, as far as this person's page can tell; app.may_mail() decides."""
    own = (current_person().email or "").lower()
    return bool(booking.contact_email) and (booking.total > 0 or booking.contact_email.lower() == own)


def gates_of(stadium_id: int) -> Sequence[Gate]:
    """The gates of a ground, by code."""
    return db.session.scalars(select(Gate).where(Gate.stadium_id == stadium_id).order_by(Gate.code)).all()


def calendar_file(view: BookingView, url: str) -> str:
    """What was booked as an iCalendar file (RFC 5545): one entry for the event and one for each parking pass, each with
    its own name for ever and its state, so that a file saved later changes what an earlier one made.
    """
    booking = view.booking
    entries = [_event_entry(view, booking.event, url)] if booking.event else []
    for n, parked in enumerate(view.passes):
        # Without an event the first pass has the booking's own name, as every file of such a booking has had.
        name = f"booking-{booking.reference}"
        entries.append(
            _pass_entry(view, parked, url, f"{name}-pass-{parked.parking.line_id}" if n or entries else name)
        )
    return calendar.file_of(entries, method="PUBLISH")


def _event_entry(view: BookingView, event: Event, url: str) -> calendar.Event:
    good = [t for t in view.tickets if t.is_good]
    seats, gates = "; ".join(str(t.label) for t in good), ", ".join(sorted({t.label.gate for t in good}))
    is_off = event.state == "cancelled"
    return _entry(
        view,
        f"booking-{view.booking.reference}",
        url,
        is_off=is_off or not good,
        # What changes here: a ticket is given back or passed on, and the event is called off.
        revision=len(view.tickets) - len(good) + is_off,
        dtstart=event.starts_at,
        dtend=event.ends_at,
        summary=event.name,
        location=_place(view.booking.stadium),
        description=f"{seats}. Gate {gates}. " if seats else "",
        alarm=None if is_off or not good else (event.starts_at - event.gates_open_at, "Gates are open"),
    )


def _pass_entry(view: BookingView, parked: PassView, url: str, name: str) -> calendar.Event:
    parking, event = parked.parking, view.booking.event
    is_off = parking.status == "void" or bool(event and event.state == "cancelled")
    return _entry(
        view,
        name,
        url,
        is_off=is_off,
        revision=int(is_off),
        dtstart=parking.starts_at,
        dtend=parking.ends_at,
        summary=f"Parking, {view.booking.stadium.name}",
        location=f"{parking.car_park.name}, {_place(view.booking.stadium)}",
        description=f"{parking.car_park.name}, plate {parking.plate}. ",
    )


def _entry(
    view: BookingView, name: str, url: str, *, is_off: bool, revision: int, description: str, **more: Any
) -> calendar.Event:
    """One VEVENT of a booking."""
    return calendar.event(
        uid=f"{name}@cricverse",
        dtstamp=datetime.now(UTC),  # when this file was made: with the same revision the later one counts
        sequence=revision,
        status="CANCELLED" if is_off else "CONFIRMED",
        description=f"{'Cancelled. ' if is_off else description}Booking {view.booking.reference}. {url}",
        url=calendar.uri(url),
        **more,
    )


def _place(stadium: Stadium) -> str:
    return ", ".join(words for words in (stadium.name, stadium.address, stadium.city) if words)
