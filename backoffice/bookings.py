"""Bookings as the ground's staff look them up. Row security shows them those of their own stadiums only.

A booking belongs to an event, or to the ground alone when it is parking without a match: where an event may be None,
the ground's parking is meant.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text

from database import call
from enhanced_models import PaymentTransaction
from extensions import db
from models import Booking, Event, Refund, Stadium
from models.columns import LARGEST_BIG_ID
from refusals import Refused, sentences
from seating.typed import LONGEST_SEARCH, read_place, read_sought, seats_at

PER_PAGE = 25

sentences(
    {
        "UNKNOWN_BOOKING.yours": "There is no such booking at your ground.",
        "NO_CHOICE.refund": "Choose what to give back first.",
        "CHANGED": "This booking has changed since. Look again at what is left to give back.",
    }
)

# What the list of bookings can be narrowed to: a condition on booking b.
FILTERS = {
    "bought": "b.state in ('paid', 'refunded', 'lost')",
    "held": "b.state in ('held', 'paying') and not app.has_lapsed(b.state, b.expires_at)",
    "refunded": "exists (select from refund r where r.booking_id = b.id)",
    "failed": "exists (select from refund r where r.booking_id = b.id and r.state = 'failed')",
    "disputed": "b.disputed_at is not null",
    "ended": "(b.state in ('released', 'expired') or app.has_lapsed(b.state, b.expires_at))",
}


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking in the list.

    `seats` are (stand, bay, row, number), `bays` (car park, kind, plate), all None when its bay is free again.

    `refunded` is what went or goes back, `failed` how many refunds did not. Parking alone has its window; `is_over` is
    that of the window.
    """

    id: int
    reference: str
    state: str
    name: str | None
    email: str | None
    total: int
    currency: str
    made_at: datetime
    disputed_at: datetime | None
    expires_at: datetime | None
    seats: list[list[str]]
    bays: list[list[str | None]]
    refunded: int
    failed: int
    starts_at: datetime | None
    ends_at: datetime | None
    is_over: bool

    @property
    def places(self) -> dict[tuple[str, str, str], list[str]]:
        """{(stand, bay, row): numbers}; row and numbers are empty for places of an unreserved area."""
        rows = {}
        for stand, bay, row, number, kind in self.seats:
            is_open = kind == "unreserved"
            rows.setdefault((stand, bay, "" if is_open else row), []).append("" if is_open else number)
        return rows


@dataclass(frozen=True, slots=True)
class BookingPage:
    """A page of bookings: its rows, how many were found in all, and which of how many pages this is (from 1)."""

    rows: list[BookingRow]
    found: int
    page: int
    pages: int
    sentence: str | None = None  # why a search could not be read


# When a booking of parking alone begins and ends. A bay that was given back before it was paid has left no window.
_WINDOW = """left join lateral (
  select min(coalesce(p.starts_at, pc.starts_at)) as starts_at, max(coalesce(p.ends_at, pc.ends_at)) as ends_at
    from booking_line l left join parking_pass p on p.line_id = l.id
      left join parking_claim pc on pc.id = l.parking_claim_id
   where l.booking_id = b.id) w on true"""

_NO_WINDOW = "cross join (select null::timestamptz as starts_at, null::timestamptz as ends_at) w"

_COMING_FIRST = """coalesce(w.ends_at <= clock_timestamp(), true),
                     case when w.ends_at > clock_timestamp() then w.starts_at end,
  w.starts_at desc nulls last, b.id desc"""


def bookings_of(event: Event, words: str = "", state: str = "bought", page: int = 1) -> BookingPage:
    """A page of an event's bookings, newest first, found by reference, name, e-mail or place.

    One statement, two when a place was typed.
    """
    words = (words or "").strip()[:LONGEST_SEARCH]
    seats = None
    try:
        place = read_place(words) if words else None
        if place:
            seats = seats_at(event.layout_id, place)
    except Refused as refusal:
        return BookingPage([], 0, 1, 1, refusal.sentence)
    return _bookings(event.stadium_id, event, words, state, page, seats)


def parking_of(ground: Stadium, words: str = "", state: str = "bought", page: int = 1) -> BookingPage:
    """A page of a ground's bookings of parking alone: the next to come first, then the last that are over.

    Found by plate as well.
    """
    return _bookings(ground.id, None, (words or "").strip()[:LONGEST_SEARCH], state, page)


def _bookings(
    stadium_id: int, event: Event | None, words: str, state: str, page: int, seats: Sequence[int] | None = None
) -> BookingPage:
    event_id = event.id if event else None
    conditions = ["b.stadium_id = :stadium"]
    values: dict[str, Any] = {"stadium": stadium_id, "event": event_id}
    conditions.append("b.event_id is null" if event_id is None else "b.event_id = :event")
    if state in FILTERS:
        conditions.append(f"({FILTERS[state]})")
    if words:
        if seats is not None:
            values["seats"] = seats
            conditions.append(
                "exists (select from booking_line l where l.booking_id = b.id and l.seat_id = any (:seats))"
            )
        else:
            ways, sought = _ways_to_find(words, event)
            values |= sought
            conditions.append(f"({' or '.join(ways)})")
    page = max(1, min(page, 100_000))
    window, order = (_WINDOW, _COMING_FIRST) if event_id is None else (_NO_WINDOW, "b.id desc")
    found = db.session.execute(
        text(f"""
            with chosen as (
              select b.*, w.starts_at, w.ends_at, count(*) over () as found,
                     row_number() over (order by {order}) as position
                from booking b {window} where {" and ".join(conditions)}
               order by {order} limit {PER_PAGE} offset {PER_PAGE * (page - 1)})
            select c.found, c.id, c.reference,
                   case when app.has_lapsed(c.state, c.expires_at) then 'expired' else c.state end,
                   c.contact_name, c.contact_email, c.total, c.currency, coalesce(c.paid_at, c.created_at),
                   c.disputed_at, c.expires_at,
                   coalesce((select jsonb_agg(jsonb_build_array(st.name, ba.name, ro.name, s.number, s.kind)
                                               order by s.id)
                               from booking_line l join seat s on s.id = l.seat_id join stand st on st.id = s.stand_id
                               join seat_row ro on ro.id = s.row_id join bay ba on ba.id = ro.bay_id
                              where l.booking_id = c.id), '[]'),
                   coalesce((select jsonb_agg(jsonb_build_array(cp.name, coalesce(p.bay_kind, pc.bay_kind),
                                                                coalesce(p.plate, pc.plate)) order by l.id)
                               from booking_line l left join parking_pass p on p.line_id = l.id
                               left join parking_claim pc on pc.id = l.parking_claim_id
                               left join car_park cp on cp.id = coalesce(p.car_park_id, pc.car_park_id)
                              where l.booking_id = c.id and l.kind = 'parking'), '[]'),
                   (select coalesce(sum(r.amount), 0)::bigint from refund r
                     where r.booking_id = c.id and r.state <> 'failed'),
                   (select count(*) from refund r where r.booking_id = c.id and r.state = 'failed'),
                   c.starts_at, c.ends_at, coalesce(c.ends_at <= clock_timestamp(), true)
              from chosen c order by c.position"""),  # noqa: S608
        values,
    ).all()
    total = found[0].found if found else 0
    return BookingPage([BookingRow(*row[1:]) for row in found], total, page, max(1, -(-total // PER_PAGE)))


_AS_TYPED = "strpos(lower(concat_ws(' ', b.contact_name, b.contact_email)), lower(:words)) > 0"
_PEOPLE = "app.plain(concat_ws(' ', b.contact_name, b.contact_email, b.reference)) like all (:like)"
_HOLDER = """b.id in (select t.booking_id from ticket t where t.event_id = :event and t.holder_name is not null
                                              and app.plain(t.holder_name) like all (:like))"""
_PLACE = """b.id in (select l.booking_id from booking_line l join seat s on s.id = l.seat_id
                        join stand st on st.id = s.stand_id join booking o on o.id = l.booking_id
                       where s.id in (select app.seats_named(:layout, cast(:place as jsonb))) and o.event_id = :event
                         and app.plain(concat_ws(' ', st.name, o.contact_name, o.reference)) like all (:beside))"""
_CODE = "b.id in (select r.booking_id from {right} r where r.hash between :code and :code || '\\xffffff'::bytea)"
_PLATE = """exists (select from {of} p where p.booking_id = b.id and length(app.plate_key(:words)) > 1
                                          and strpos(app.plate_key(p.plate), app.plate_key(:words)) > 0)"""


def _ways_to_find(words: str, event: Event | None) -> tuple[list[str], dict[str, Any]]:
    """(conditions on booking b of which one is to hold, their values): people, reference, what is printed on a ticket
    or pass, and for parking alone the plate.
    """
    ways = [_AS_TYPED]
    values: dict[str, Any] = {"words": words}
    for sought in read_sought(words):
        if "short" in sought.place:
            values["code"] = bytes.fromhex(sought.place["short"])
            ways.append(_CODE.format(right="ticket" if event else "parking_pass"))
        elif event and sought.place:
            values |= {"layout": event.layout_id, "place": json.dumps(sought.place)}
            values["beside"] = [f"%{word}%" for word in sought.words]
            ways.append(_PLACE)
        elif not sought.place:
            values["like"] = [f"%{word}%" for word in sought.words]
            ways += [_PEOPLE, _HOLDER] if event else [_PEOPLE]
    return ways + ([] if event else [_PLATE.format(of=of) for of in ("parking_pass", "parking_claim")]), values


@dataclass(frozen=True, slots=True)
class LineNow:
    """A line of a booking with its ticket or pass and what went back. `back_state` is its refund's state, or None."""

    id: int
    kind: str
    ticket_type: str | None
    band: str | None
    face: int
    fee: int
    tax: int
    total: int
    stand: str | None
    bay: str | None
    row: str | None
    number: str | None
    seat_kind: str | None
    gate: str | None
    car_park: str | None
    bay_kind: str | None
    plate: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    status: str | None  # of the ticket or pass; None while nothing is issued
    void_at: datetime | None
    back: int | None
    back_state: str | None
    refund_id: int | None
    right_id: UUID | None  # the ticket's or pass's
    holder: str | None  # the name on the ticket

    @property
    def is_void(self) -> bool:
        return self.status == "void"

    @property
    def place(self) -> str:
        """Where it is, in words."""
        if self.kind == "seat":
            where = "unreserved" if self.seat_kind == "unreserved" else f"row {self.row}, seat {self.number}"
            return f"{self.stand}, bay {self.bay}, {where}"
        return f"{self.car_park}, {self.bay_kind} bay" if self.car_park else "Parking"


@dataclass(frozen=True, slots=True)
class BookingNow:
    """A booking as staff see it. `event` is None for parking alone."""

    ground: Stadium
    event: Event | None
    booking: Booking
    lines: list[LineNow]
    payments: Sequence[PaymentTransaction]
    refunds: Sequence[Refund]
    history: Sequence[Row]

    @property
    def address(self) -> dict[str, int | str]:
        """What the addresses of its pages are made of."""
        return {"event_id": self.event.id} if self.event else {"slug": self.ground.slug}

    @property
    def open_lines(self) -> list[LineNow]:
        """The lines that can still be given back."""
        return (
            [line for line in self.lines if line.refund_id is None]
            if self.booking.state in ("paid", "refunded")
            else []
        )

    @property
    def failed(self) -> list[Refund]:
        return [r for r in self.refunds if r.state == "failed"]

    @property
    def paid(self) -> PaymentTransaction | None:
        """The payment that succeeded, or None."""
        return next((p for p in self.payments if p.state == "succeeded"), None)

    @property
    def given_back(self) -> int:
        """What went or goes back, in minor units."""
        return sum(r.amount for r in self.refunds if r.state != "failed")


def get_booking_now(ground: Stadium, event: Event | None, booking_id: int) -> BookingNow:
    """A BookingNow of this event, or of the ground's parking alone if event is None; or Refused UNKNOWN_BOOKING.

    Five statements.
    """
    booking = None
    if booking_id <= LARGEST_BIG_ID:
        booking = db.session.scalar(
            select(Booking).where(
                Booking.id == booking_id,
                Booking.event_id == (event.id if event else None),
                Booking.stadium_id == ground.id,
            )
        )
    if booking is None:
        raise Refused("UNKNOWN_BOOKING.yours", status=404)
    payments = db.session.scalars(
        select(PaymentTransaction).where(PaymentTransaction.booking_id == booking_id).order_by(PaymentTransaction.id)
    ).all()
    refunds = db.session.scalars(select(Refund).where(Refund.booking_id == booking_id).order_by(Refund.id)).all()
    return BookingNow(ground, event, booking, _lines(booking_id), payments, refunds, _history(booking))


def _lines(booking_id: int) -> list[LineNow]:
    found = db.session.execute(
        text("""
            select l.id, l.kind, l.ticket_type, l.band, l.face, l.fee, l.tax, l.total, st.name, ba.name, ro.name,
                   s.number, s.kind, g.code,
                   cp.name, coalesce(p.bay_kind, pc.bay_kind), coalesce(p.plate, pc.plate),
                   coalesce(p.starts_at, pc.starts_at), coalesce(p.ends_at, pc.ends_at), coalesce(t.status, p.status),
                   coalesce(t.void_at, p.void_at), rl.amount, r.state, rl.refund_id, coalesce(t.id, p.id), t.holder_name
              from booking_line l
              left join seat s on s.id = l.seat_id left join stand st on st.id = s.stand_id
              left join seat_row ro on ro.id = s.row_id
              left join bay ba on ba.id = ro.bay_id left join gate g on g.id = ba.gate_id
              left join ticket t on t.line_id = l.id left join parking_pass p on p.line_id = l.id
              left join parking_claim pc on pc.id = l.parking_claim_id
              left join car_park cp on cp.id = coalesce(p.car_park_id, pc.car_park_id)
              left join refund_line rl on rl.line_id = l.id left join refund r on r.id = rl.refund_id
             where l.booking_id = :booking order by l.kind desc, l.seat_id, l.id"""),
        {"booking": booking_id},
    )
    return [LineNow(*row) for row in found]


def _history(booking: Booking) -> Sequence[Row]:
    """What happened to a booking, newest first: the audit trail, and its mails."""
    return db.session.execute(
        text("""
            select at, action, actor_id, details, actor_kind from system_log
             where stream = :stadium and object_type = 'booking' and object_id = cast(:booking as text)
            union all
            select coalesce(sent_at, created_at), 'mail.' || state, null,
                   jsonb_build_object('template', template, 'recipient', recipient, 'error', error), null
              from notification where stadium_id = :stadium and booking_id = :booking
             order by at desc limit 60"""),
        {"stadium": booking.stadium_id, "booking": booking.id},
    ).all()


def resend_tickets(booking_id: int) -> None:
    """Send the confirmation again, at most once a minute."""
    call("app.resend_tickets", booking_id)
