"""Holding seats: all of them or none, for some minutes, by the definer functions alone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Row, case, exists, func, select
from sqlalchemy.orm import joinedload, selectinload

import realtime
from accounts.sessions import act_at_once
from booking import parking
from booking.terms import minutes
from database import after_commit, call, call_one, hint
from extensions import client_key, current_person, db
from models import Booking, BookingLine, Event, EventPrice, Membership, ParkingClaim
from models.match import TICKET_TYPES
from refusals import Refused, plural, sentence_for, sentences
from seating import best_available, orphans
from seating.claims import following
from seating.labels import SeatLabel, labels_of, name_seats

BEST_TRIES = 4


def _too_many(details: Mapping[str, Any]) -> str:
    limit, have = details.get("limit", 8), details.get("have", 0)
    if details.get("by") == "email":
        booked = f"{have} {'is' if have == 1 else 'are'} booked"
        return f"One buyer can have {plural(limit, 'seat')} for this match, and {booked} with this e-mail already."
    more = f", and you have {have} already." if have else "."
    return f"One buyer can have {plural(limit, 'seat')} for this match{more}"


def _hold_ended(details: Mapping[str, Any]) -> str:
    by = details.get("by")
    if by == "released":
        return "These are not held for you any more: they were given back, or joined another hold of yours."
    if by in ("paid", "refunded"):
        return sentence_for("ALREADY_PAID")
    return "Your time is over. The seats are back on sale. Nothing was charged."


sentences(
    {
        "NO_SEATS": "Choose at least one seat.",
        "MALFORMED": "We could not read your choice. Load the page again, and choose once more.",
        "MALFORMED.count": "Say how many seats you would like.",
        "MALFORMED.under": "Write the highest price of a seat in figures, for example 60.",
        "MALFORMED.seat_ids": "seat_ids must be a list of at most fifty seat numbers.",
        "MALFORMED.ticket_types": f"ticket_types are {', '.join(TICKET_TYPES)}.",
        "MALFORMED.version": "after must be a version, a whole number.",
        "MALFORMED.best": "best must be an object.",
        "MALFORMED.band": "There is no such price band.",
        "MALFORMED.bay": "bay is an object with a plate, and goes with accessible.",
        "DUPLICATE_SEATS": "The same seat is in your choice twice.",
        "TOO_MANY_SEATS": _too_many,
        "TOO_MANY_SEATS.asked": lambda d: (
            "You can ask for one seat." if d["limit"] == 1 else f"You can ask for one to {d['limit']} seats."
        ),
        "UNKNOWN_SEATS": "There is no such seat at this ground.",
        "OTHER_GROUND": "One of these belongs to another ground.",
        "OTHER_GROUND.match": "This match is played at another ground.",
        "UNKNOWN_STADIUM": "There is no such ground.",
        "UNKNOWN_LAYOUT": "There is no such layout.",
        "UNKNOWN_STAND": "There is no such stand at this ground.",
        "UNKNOWN_BAY": "There is no such bay in this stand.",
        "SEATS_TAKEN": "One of those seats has just been taken.",
        "SEATS_TAKEN.named": "{them} just been taken. The rest of your choice is still here.",
        "SEATS_TAKEN.offer": "{them} just been taken. What else fits your wish stands below.",
        "NO_HOLD": "You hold no seats for this match.",
        "NOT_PRICED": "This kind of ticket is not sold for one of these seats.",
        "UNKNOWN_EVENT": "There is no such match on sale.",
        "EVENT_CANCELLED": (
            "This match has been cancelled. Nothing is sold any more, and everybody gets their money back."
        ),
        "EVENT_PAST": "This match is over.",
        "EVENT_DRAFT": "This match is not published yet.",
        "SALE_STOPPED": "The ground has stopped the sale for now. Look again later.",
        "SALE_NOT_STARTED": "Tickets for this match are not on sale yet.",
        "SALE_ENDED": "The sale for this match has ended.",
        "UNKNOWN_BOOKING": "We do not find this booking among yours.",
        "UNKNOWN_LINE": "This is not in your booking any more.",
        "UNKNOWN_TICKET_TYPE": "This kind of ticket is not sold for this seat.",
        "HOLD_ENDED": _hold_ended,
        "HOLD_AT_LIMIT": lambda d: f"A hold lasts {minutes(d['minutes'])} at most, and yours has had them.",
        "HOLD_REST": (
            lambda d: (
                f"You have had {minutes(d['longest'])} for this, so others can choose now. You can choose again in "
                f"{minutes(d['minutes'])}."
            )
        ),
        "ADDRESS_SHARE": (
            "Very much is held from your network just now by people who are not signed in. Sign in or make an account, "
            "and go on at once; or try again in some minutes."
        ),
        "BROWSER_SHARE": (
            lambda d: (
                f"Without an account you can hold {d['limit']} of the seats that are left. Sign in or make an account "
                "to hold more."
            )
        ),
        "COMPANION_ALONE": (
            "A companion seat goes with the wheelchair space beside it, while there are spaces left. Choose both "
            "together, or another seat."
        ),
        "COMPANION_STAYS": (
            "The companion seat goes with the wheelchair space beside it. Give both back, or the companion seat alone."
        ),
        "BEING_PAID": "You are paying for these seats just now. Stop the payment first.",
        "ALREADY_PAID": "This is paid. You have your tickets.",
        "MEMBERS_ONLY": "These seats are for members of the ground.",
    }
)


class Extended(Protocol):
    """A row of app.extend_hold(): when the hold ends now, and whether it can be made longer once more."""

    expires_at: datetime
    can_extend: bool
    server_time: datetime


class Freed(Protocol):
    """What a release has freed: seat ids, with the number of this change; no event where it was parking alone."""

    event_id: int | None
    seats: list[int]
    version: int


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as the API answers it. Money in minor units; times in UTC; `server_time` lets a clock run in step."""

    id: int
    reference: str
    expires_at: datetime
    held_at: datetime
    server_time: datetime
    currency: str
    face: int
    fee: int
    tax: int
    total: int
    version: int


@contextmanager
def _noticing() -> Iterator[None]:
    """Seats that others have are not shown as free beside the sentence that says so."""
    try:
        yield
    except Refused as refusal:
        if refusal.code == "SEATS_TAKEN":
            following().distrust()
        raise


def hold_seats(
    event_id: int, seat_ids: Sequence[int], ticket_types: Sequence[str] | None = None, is_free: bool = False
) -> Hold:
    """Hold every seat asked for, or refuse them all. `is_free`: of the rule about single seats, because we have chosen
    them ourselves."""
    if not is_free:
        orphans.check(event_id, seat_ids)
    with _noticing():
        row = call_one(
            "app.hold_seats", event_id, list(seat_ids), list(ticket_types) if ticket_types else None, client_key()
        )
    after_commit(realtime.publish_seats_changed, event_id, row.version, list(seat_ids), "held")
    return _hold(row)


def hold_at_once(event_id: int, seat_ids: Sequence[int], ticket_types: Sequence[str] | None = None) -> Hold:
    """hold_seats() for the person of this browser, who becomes a visitor if they are a stranger: a transaction of its
    own, in one round trip after the one that reads the rows around the seats."""
    orphans.check(event_id, seat_ids)
    with _noticing():
        row = act_at_once(
            "app.hold_at_once", event_id, list(seat_ids), list(ticket_types) if ticket_types else None, client_key()
        )
    hint(realtime.publish_seats_changed, event_id, row.version, list(seat_ids), "held")
    return _hold(row)


def _hold(row: Any) -> Hold:
    return Hold(
        row.booking_id,
        row.reference,
        row.expires_at,
        row.held_at,
        row.server_time,
        row.currency,
        row.face,
        row.fee,
        row.tax,
        row.total,
        row.version,
    )


def hold_best(event_id: int, wish: best_available.Wish) -> Hold:
    """Hold the best free seats for this Wish; when others take them at the same moment, look again."""
    event = get_event(event_id)
    wish = replace(wish, is_member=is_member(event))
    for attempt in range(BEST_TRIES):
        seat_ids = best_available.best_available(event, wish, skip=attempt, max_age=0 if attempt else None)
        try:
            with db.session.begin_nested():
                return hold_seats(event_id, seat_ids, is_free=True)
        except Refused as refusal:
            if refusal.code != "SEATS_TAKEN" or attempt == BEST_TRIES - 1:
                raise
    raise AssertionError("unreachable")


def hold_with_bay(
    event_id: int, what: best_available.Wish | Sequence[int], plate: str, car_park_id: int | None = None
) -> Hold:
    """Hold a wheelchair space, its companion's seat and the others of the Wish, or these very seats, and an accessible
    bay: all of it or nothing."""
    event = get_event(event_id)
    if isinstance(what, best_available.Wish):
        held = hold_best(event_id, replace(what, accessible=True))
    else:
        held = hold_seats(event_id, what)
    parking.hold_accessible_bay(event, held.server_time, plate, car_park_id)
    booking = db.session.execute(
        select(Booking.expires_at, Booking.face, Booking.fee, Booking.tax, Booking.total).where(Booking.id == held.id)
    ).one()
    return replace(held, **booking._asdict())


def in_words(refusal: Refused, is_offer: bool = False) -> Refused:
    """The same refusal with the lost seats by name; `is_offer` where we had offered them. Called in a transaction of
    its own: the refused one is gone."""
    seats = refusal.details["seats"]
    labels = labels_of(seats)
    if not labels:
        return refusal
    them = f"{name_seats(labels.values())} {'has' if len(labels) == 1 else 'have'}"
    code = "SEATS_TAKEN.offer" if is_offer else "SEATS_TAKEN.named"
    return Refused(code, words={"them": them}, seats=seats, names=[str(x) for x in labels.values()])


def extend_hold(booking_id: int) -> Extended:
    """The event's minutes longer, up to the longest hold."""
    return call_one("app.extend_hold", booking_id)


def release_booking(booking_id: int) -> Freed:
    """Start again: everything in this hold is free at once."""
    return _freed(call_one("app.release_booking", booking_id))


def release_line(booking_id: int, line_id: int) -> Freed:
    """Take one seat or parking bay out of the hold. Refused LONELY_LEFT where the seat would be left alone, and another
    of the hold could go."""
    lines = db.session.execute(
        select(BookingLine.id, BookingLine.seat_id, Booking.event_id)
        .join(Booking, Booking.id == BookingLine.booking_id)
        .where(
            BookingLine.booking_id == booking_id,
            BookingLine.seat_id.is_not(None),
            Booking.customer_id == (current_person().id or 0),
        )
    ).all()
    back = next((line for line in lines if line.id == line_id), None)
    if back is not None:
        orphans.check_left(back.event_id, [line.seat_id for line in lines], back.seat_id)
    return _freed(call_one("app.release_line", booking_id, line_id))


def _freed(row: Freed) -> Freed:
    after_commit(realtime.publish_seats_changed, row.event_id, row.version, row.seats, "free")
    return row


def set_ticket_types(booking_id: int, types: Mapping[int, str]) -> None:
    """Say who sits where: {line id: adult | child | concession}."""
    call("app.set_ticket_types", booking_id, list(types), list(types.values()))


# --- reading --------------------------------------------------------------------------------------------------------


def get_event(event_id: int) -> Event:
    """The event with its ground and prices, or Refused UNKNOWN_EVENT."""
    event = db.session.scalar(
        select(Event)
        .where(Event.id == event_id)
        .options(
            joinedload(Event.stadium),
            selectinload(Event.prices).undefer(EventPrice.amounts),
            selectinload(Event.matches),
        )
    )
    if event is None:
        raise Refused("UNKNOWN_EVENT", status=404)
    return event


def is_member(event: Event) -> bool:
    """True when this person is a member of the event's ground today; asked only where members' seats are."""
    if not best_available.slots_of(event.layout_id).kinds(best_available.MEMBERS):
        return False
    mine = Membership.customer_id == current_person().id, Membership.stadium_id == event.stadium_id
    return bool(db.session.scalar(select(exists().where(*mine, Membership.until >= func.current_date()))))


def find_open(event_id: int) -> Booking | None:
    """This person's booking for the event that is held or being paid and has time left, or None."""
    return db.session.scalar(
        select(Booking)
        .where(
            Booking.customer_id == (current_person().id or 0),
            Booking.event_id == event_id,
            Booking.state.in_(("held", "paying")),
            ~Booking.is_over(),  # pyrefly: ignore[missing-argument]
        )
        .order_by(Booking.id.desc())
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class TrayLine:
    """A line of the tray: a seat with its label and type, or a bay with its car park and plate."""

    line: BookingLine
    label: SeatLabel | None
    parking: ParkingClaim | None


def tray_lines(booking: Booking) -> list[TrayLine]:
    """The lines of a booking with their words, in the order of their seats."""
    lines = db.session.scalars(select(BookingLine).where(BookingLine.booking_id == booking.id)).all()
    labels = labels_of([x.seat_id for x in lines if x.seat_id])
    claims = {}
    if any(x.parking_claim_id for x in lines):
        found = db.session.scalars(
            select(ParkingClaim).where(ParkingClaim.booking_id == booking.id).options(joinedload(ParkingClaim.car_park))
        )
        claims = {c.id: c for c in found}
    tray = [TrayLine(x, labels.get(x.seat_id or 0), claims.get(x.parking_claim_id or 0)) for x in lines]
    return sorted(tray, key=lambda t: (t.line.kind != "seat", t.line.seat_id or 0, t.line.id))


def get_booking(booking_id: int) -> Booking:
    """This person's own booking, with its event and ground, or Refused UNKNOWN_BOOKING. Staff have other pages."""
    booking = db.session.scalar(
        select(Booking)
        .where(Booking.id == booking_id, Booking.customer_id == (current_person().id or 0))
        .options(joinedload(Booking.stadium), joinedload(Booking.event).selectinload(Event.matches))
        .execution_options(populate_existing=True)  # after a flow the row is another one than the page has read before
    )
    if booking is None:
        raise Refused("UNKNOWN_BOOKING", status=404)
    return booking


def get_state(booking_id: int) -> Row[str, datetime, datetime]:
    """(state, expires_at, server_time) of this person's own booking, "expired" where its time is over, or Refused
    UNKNOWN_BOOKING."""
    state = case((Booking.has_lapsed(), "expired"), else_=Booking.state)  # pyrefly: ignore[missing-argument]
    found = db.session.execute(
        select(state.label("state"), Booking.expires_at, func.clock_timestamp().label("server_time")).where(
            Booking.id == booking_id, Booking.customer_id == (current_person().id or 0)
        )
    ).first()
    if found is None:
        raise Refused("UNKNOWN_BOOKING", status=404)
    return found


def opened_booking(booking_id: int) -> tuple[Booking, list[TrayLine]]:
    """The booking that a link has opened for this transaction, with its lines in words."""
    booking = db.session.get_one(Booking, booking_id, options=[joinedload(Booking.stadium)])
    return booking, tray_lines(booking)


def server_time() -> datetime:
    """The database's clock: an aware datetime."""
    return db.session.scalar(select(func.clock_timestamp()))


def seats_held(booking_id: int) -> list[int]:
    """The seat ids in a booking, in order."""
    query = select(BookingLine.seat_id).where(BookingLine.booking_id == booking_id, BookingLine.seat_id.is_not(None))
    return [seat for seat in db.session.scalars(query.order_by(BookingLine.seat_id)) if seat is not None]
