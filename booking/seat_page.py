"""What the seat page and the parking page show: the event with its sale, and what this person holds for it.

Reads only.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import select

from booking import holds, parking
from booking.pricing import Amounts, amounts_of
from booking.terms import can_extend
from catalogue import fixtures, public
from database import ask, versions
from extensions import current_person, db, session_hash
from models import (
    Bay,
    Booking,
    BookingLine,
    CarPark,
    Event,
    Level,
    Seat,
    SeatRow,
    Stadium,
)
from refusals import Refused
from seating import availability, labels, layout, orphans
from seating.walks import Walk, walk_to

# How long after its end a hold is still spoken of.
JUST_ENDED = timedelta(minutes=30)


class Line(NamedTuple):
    """A line of a booking, as models.BookingLine has it."""

    id: int
    kind: str
    seat_id: int | None
    band: str | None
    ticket_type: str | None
    face: int
    fee: int
    tax: int
    total: int


class Park(NamedTuple):
    """A car park by its name alone."""

    name: str


class HeldBay(NamedTuple):
    """A parking bay that is held, as models.ParkingClaim has it."""

    car_park: Park
    plate: str
    bay_kind: str
    starts_at: datetime
    ends_at: datetime


class MyLine(NamedTuple):
    """A line of the tray: a seat with its label and type, or a bay with its car park and plate."""

    line: Line
    label: labels.SeatLabel | None
    parking: HeldBay | None


class MyBooking(NamedTuple):
    """A booking of this person, as models.Booking has it."""

    id: int
    reference: str
    state: str
    held_at: datetime
    expires_at: datetime
    face: int
    fee: int
    tax: int
    total: int
    policy: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Mine:
    """This person's bookings for an event: the open hold, one that is being paid, one whose time has just run out."""

    held: MyBooking | None = None
    paying: MyBooking | None = None
    ended: MyBooking | None = None
    lines: list[MyLine] = field(default_factory=list)  # of the hold
    is_member: bool = False  # of the event's ground, today

    @property
    def seats(self) -> list[MyLine]:
        return [t for t in self.lines if t.line.kind == "seat"]

    @property
    def bays(self) -> list[MyLine]:
        return [t for t in self.lines if t.line.kind == "parking"]

    @property
    def seat_ids(self) -> set[int]:
        return {t.line.seat_id for t in self.seats if t.line.seat_id}

    def can_extend(self, minutes: int, now: datetime) -> bool:
        return self.held is not None and can_extend(self.held, minutes, now)


@dataclass(frozen=True)
class SeatPage:
    """Everything the seat page shows. `now` is the database's clock; `sale` as fixtures.sale_state() names it."""

    event: Event
    has_parking: bool
    now: datetime
    sale: str
    mine: Mine
    stands: list[availability.StandLeft]
    stand: availability.StandLeft | None = None
    bays: list[availability.BayLeft] = field(default_factory=list)
    bay: availability.BayLeft | None = None
    rows: list[availability.RowOfSeats] = field(default_factory=list)
    elsewhere: list[labels.SeatLabel] = field(
        default_factory=list
    )  # chosen and still free, but not in the bay that is shown
    tiers: list[fixtures.Tier] = field(default_factory=list)  # for the plan of the ground, where no stand is chosen
    version: int = 0  # of what everybody may see: whatever is made of the event alone is kept under it

    @cached_property
    def left(self) -> int:
        return sum(s.left for s in self.stands)

    @cached_property
    def lefts(self) -> tuple[int, ...]:
        """What is left of each stand: with the event all that the list of them is made of."""
        return tuple(s.left for s in self.stands)

    @property
    def open_stands(self) -> tuple[int, ...]:
        """The ids of the stands that have a seat left."""
        return tuple(s.id for s in self.stands if s.left)

    @property
    def bays_left(self) -> tuple[int, ...]:
        """What is left of each bay of the stand."""
        return tuple(b.left for b in self.bays)

    @property
    def place(self) -> tuple[int | None, int | None]:
        """(stand id, bay id) of what is shown, as far as it is."""
        return self.stand.id if self.stand else None, self.bay.id if self.bay else None

    @cached_property
    def seats(self) -> int:
        return sum(s.seats for s in self.stands)

    @property
    def is_member(self) -> bool:
        return self.mine.is_member

    @property
    def is_open(self) -> bool:
        return self.sale == "on_sale"

    @cached_property
    def bands(self) -> dict[str, dict[str, Amounts]]:
        """{band: {ticket type: Amounts}}, dear bands first."""
        table = {}
        for price in self.event.prices:
            table.setdefault(price.band, {})[price.ticket_type] = amounts_of(price)
        return table

    def stands_with(self, band: str) -> list[str]:
        """The names of the stands that have seats of this band."""
        return [s.name for s in self.stands if band in s.bands]


def seat_page(
    event_id: int, stand_id: int | None = None, bay_id: int | None = None, chosen: Collection[int] = ()
) -> SeatPage:
    """The SeatPage of an event, down to a stand or a bay. Refused when there is no such event, stand or bay.

    What everybody sees is known already; what this person has is one statement, and none without a session.
    """
    mine = find_mine(event_id)
    event, has_parking, now = get_sale(event_id)
    orphans.note(event)
    stands = availability.stands_of(event)
    sale = fixtures.sale_state(event, sum(s.left for s in stands))
    page = SeatPage(event, has_parking, now, sale, mine, stands, version=versions().catalogue)
    if sale != "on_sale":
        return page
    if stand_id is None:
        return replace(page, elsewhere=_labels(chosen), tiers=fixtures.tiers_of(event.layout_id))
    stand = next((s for s in stands if s.id == stand_id), None)
    if stand is None:
        raise Refused("UNKNOWN_STAND", status=404)
    bays = availability.bays_of(event, stand_id)
    if bay_id is None:
        return replace(page, stand=stand, bays=bays, elsewhere=_labels(chosen))
    bay = next((b for b in bays if b.id == bay_id), None)
    if bay is None:
        raise Refused("UNKNOWN_BAY", status=404)
    rows = availability.rows_of(event, bay_id, mine.seat_ids)
    shown = {seat.id for row in rows for seat in row.seats}
    return replace(page, stand=stand, bays=bays, bay=bay, rows=rows, elsewhere=_labels(set(chosen) - shown))


def _labels(seat_ids: Collection[int]) -> list[labels.SeatLabel]:
    return list(labels.labels_of(sorted(seat_ids)).values()) if seat_ids else []


def labels_in_order(seat_ids: Collection[int]) -> list[labels.SeatLabel]:
    """SeatLabels of these seats, by id."""
    return _labels(seat_ids)


def get_sale(event_id: int) -> tuple[Event, bool, datetime]:
    """(event with ground, prices, matches and teams; whether the ground has car parks; the database's time), or Refused
    UNKNOWN_EVENT. Asks nothing that it knows for everybody."""
    found = public.one_event(event_id)
    if found is None:
        raise Refused("UNKNOWN_EVENT", status=404)
    event, has_parking = found
    return event, has_parking, versions().now


def find_mine(event_id: int | None, stadium_id: int | None = None) -> Mine:
    """This person's Mine for an event; or, with no event, for parking alone at a stadium. One statement, with who they
    are; none for a browser without a session."""
    if session_hash() is None:
        return Mine()
    told = ask("app.find_mine", event_id, stadium_id, JUST_ENDED)
    found = [(_booking(b), b["lines"]) for b in told["bookings"]]
    held, lines = next(((b, of) for b, of in found if of is not None), (None, None))
    paying = next((b for b, _ in found if b.state == "paying"), None)
    ended = found[0][0] if found and held is None and paying is None else None
    return Mine(held, paying, ended, [_tray_line(line) for line in lines or ()], told["is_member"])


def _booking(told: dict[str, Any]) -> MyBooking:
    values: dict[str, Any] = {name: told[name] for name in MyBooking._fields}
    for name in ("held_at", "expires_at"):
        values[name] = datetime.fromisoformat(told[name])
    return MyBooking(**values)


def _tray_line(told: dict[str, Any]) -> MyLine:
    label, bay = told["label"], told["parking"]
    return MyLine(
        Line(*(told[name] for name in Line._fields)),
        labels.label_of(label) if label else None,
        HeldBay(
            Park(bay["car_park"]),
            bay["plate"],
            bay["bay_kind"],
            datetime.fromisoformat(bay["starts_at"]),
            datetime.fromisoformat(bay["ends_at"]),
        )
        if bay
        else None,
    )


def place_of(event_id: int, seat_ids: Collection[int]) -> tuple[int | None, int | None]:
    """(stand id, bay id) of the first of these seats, as far as they belong to the event's layout; (None, None)
    otherwise."""
    found = db.session.execute(
        select(Level.stand_id, Bay.id)
        .join(Bay, Bay.level_id == Level.id)
        .join(SeatRow, SeatRow.bay_id == Bay.id)
        .join(Seat, Seat.row_id == SeatRow.id)
        .join(Event, Event.layout_id == Seat.layout_id)
        .where(Event.id == event_id, Seat.id.in_(seat_ids))
        .order_by(Seat.id)
        .limit(1)
    ).first()
    return tuple(found) if found else (None, None)


def find_booking_of_line(line_id: int) -> Booking | None:
    """The booking of this person that a line belongs to, or None."""
    return db.session.scalar(
        select(Booking)
        .join(BookingLine, BookingLine.booking_id == Booking.id)
        .where(BookingLine.id == line_id, Booking.customer_id == (current_person().id or 0))
    )


# --- parking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ParkingPage:
    """Everything the parking page shows. Without an event and a window there is only the choice of both."""

    stadium: Stadium
    now: datetime
    mine: Mine
    event: Event | None = None
    events: Sequence[Event] = field(default_factory=list)
    windows: list[tuple[datetime, datetime]] = field(default_factory=list)
    window: tuple[datetime, datetime] | None = None
    bays: list[parking.BaysLeft] = field(default_factory=list)  # the nearest to this person's gate first
    walks: dict[int, Walk] = field(default_factory=dict)  # by car park: to the gate of the seats that are held

    @property
    def can_book(self) -> bool:
        return any(b.state == "open" for b in self.bays)

    @property
    def hours(self) -> int | None:
        """The started hours of the window, or None where there are no bays."""
        return self.bays[0].hours if self.bays else None


def parking_page(
    stadium_id: int, event_id: int | None = None, window: int | None = None, at: tuple[datetime, datetime] | None = None
) -> ParkingPage:
    """The ParkingPage of a ground: with a match (`window` counts its arrival windows), or for a free window `at` (from,
    to)."""
    stadium = parking.get_stadium(stadium_id)
    if event_id is None:
        now = holds.server_time()
        mine = find_mine(None, stadium_id)
        bays = by_walk(parking.bays_left(stadium, *at, False), {}) if at else []
        return ParkingPage(stadium, now, mine, events=parking.coming_events(stadium_id, now), window=at, bays=bays)
    event, _, now = get_sale(event_id)
    if event.stadium_id != stadium_id:
        raise Refused("OTHER_GROUND.match", status=404)
    windows = parking.arrival_windows(event)
    chosen = (
        windows[window] if window is not None and 0 <= window < len(windows) else parking.usual_window(windows, now)
    )
    mine = find_mine(event_id)
    on_foot = _walks(event, stadium.car_parks, {t.label.gate for t in mine.seats if t.label})
    bays = by_walk(parking.bays_left(stadium, *chosen, True), on_foot)
    return ParkingPage(stadium, now, mine, event, windows=windows, window=chosen, bays=bays, walks=on_foot)


def _walks(event: Event, car_parks: Collection[CarPark], gates: Collection[str]) -> dict[int, Walk]:
    """{car park: the Walk to the nearest of these gates}, where that is known."""
    if not gates:
        return {}
    points = {}
    if not {p.gate.code for p in car_parks if p.gate} <= set(gates):
        plan = layout.seat_map(event.layout_id)
        # Rows whose shape is made up say nothing of how far one gate is from another.
        points = plan.gate_points if plan and plan.is_drawn else {}
    found = {p.id: walk_to(points, gates, p.walk_minutes, p.gate.code if p.gate else None) for p in car_parks}
    return {park_id: walk for park_id, walk in found.items() if walk}


def by_walk(bays: Sequence[parking.BaysLeft], on_foot: Mapping[int, Walk]) -> list[parking.BaysLeft]:
    """The bays in the order of their walk: to this person's gate where it is known, to the car park's own gate
    otherwise. Ordinary bays first."""

    def minutes(b: parking.BaysLeft) -> int:
        walk = on_foot.get(b.car_park.id)
        return walk.minutes if walk else b.car_park.walk_minutes

    return sorted(bays, key=lambda b: (b.kind != "standard", minutes(b)))
