"""What the ground's staff see of their sales, from few aggregates: seats by stand and price band, money by line,
parking, refunds.

Money is in minor units of the ground's currency. A line counts as sold for money when its booking was paid; what was
given back is what its refunds hold, but for those that failed. So takings by stand and car park add up to the takings
of the event.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select, text
from sqlalchemy.orm import joinedload

from catalogue.fixtures import sale_state
from extensions import db
from models import Event, Stadium

STILL_ON = timedelta(hours=12)  # an event stays among the coming ones until it is surely over


@dataclass
class Seats:
    """How many seats there are, and what has become of them. `held` counts those being chosen and those being paid."""

    seats: int = 0
    sold: int = 0
    held: int = 0
    blocked: int = 0

    @property
    def left(self) -> int:
        return self.seats - self.sold - self.held - self.blocked

    @property
    def share_sold(self) -> float:
        return self.sold / self.seats if self.seats else 0

    def add(self, other: "Seats | Money") -> None:
        for name in ("seats", "sold", "held", "blocked"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class Money:
    """Sums over paid lines: total = face + fee (+ tax on top); `back` is what refunds hold of it, `tax` what is left of
    the tax.
    """

    lines: int = 0
    face: int = 0
    fee: int = 0
    tax: int = 0
    total: int = 0
    lines_back: int = 0
    back: int = 0
    tax_back: int = 0

    @property
    def takings(self) -> int:
        return self.total - self.back

    @property
    def tax_on_top(self) -> int:
        return self.total - self.face - self.fee

    @property
    def tax_kept(self) -> int:
        return self.tax - self.tax_back

    def add(self, other: "Seats | Money") -> None:
        for name in ("lines", "face", "fee", "tax", "total", "lines_back", "back", "tax_back"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class StandSales:
    """What a stand has sold; takings in minor units."""

    id: int
    name: str
    seats: Seats = field(default_factory=Seats)
    takings: int = 0


@dataclass
class BandSales:
    """What a band has sold; takings in minor units."""

    band: str
    seats: Seats = field(default_factory=Seats)
    takings: int = 0


@dataclass(frozen=True, slots=True)
class ParkSales:
    """Passes of one event for one kind of bay: how many are good, of how many bays, and what they took."""

    name: str
    kind: str
    capacity: int
    passes: int
    takings: int


@dataclass(frozen=True, slots=True)
class Refunds:
    """Refunds of an event by what became of them: counts and amounts.

    `at_once` went back because the seats were gone or paid twice.
    """

    waiting: int
    waiting_amount: int
    failed: int
    failed_amount: int
    done: int
    done_amount: int
    at_once: int
    at_once_amount: int
    disputed: int
    bookings: int
    to_refund: int


@dataclass(frozen=True, slots=True)
class EventSales:
    """Everything an event's board shows."""

    event: Event
    state: str
    seats: Seats
    tickets: Money
    parking: Money
    money: Money
    stands: list[StandSales]
    bands: list[BandSales]
    parks: list[ParkSales]
    refunds: Refunds
    log: Sequence[Row]

    @property
    def currency(self) -> str:
        return self.event.stadium.currency

    @property
    def is_over(self) -> bool:
        return self.state in ("cancelled", "past")


@dataclass(frozen=True, slots=True)
class ParkDay:
    """A car park's bays of one kind on a day: `taken` is the most in use at any one moment, whether booked with a match
    or alone.
    """

    name: str
    kind: str
    capacity: int
    taken: int
    is_closed: bool


@dataclass(frozen=True, slots=True)
class ParkingSales:
    """What a ground's parking without a match has brought, and how full its car parks are on a day."""

    money: Money
    refunds: Refunds
    parks: list[ParkDay]


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event in the list: seats sold, held and left, and takings."""

    event: Event
    state: str
    seats: Seats
    takings: int


def event_sales(event: Event) -> EventSales:
    """The EventSales of an event with its ground loaded. Five statements, whatever the size."""
    seats, stands, bands = Seats(), {}, {}
    for row in _seats(event):
        part = Seats(row.seats, row.sold, row.held, row.blocked)
        seats.add(part)
        stands.setdefault(row.stand_id, StandSales(row.stand_id, row.stand)).seats.add(part)
        bands.setdefault(row.band, BandSales(row.band)).seats.add(part)
    tickets, parking, money = Money(), Money(), Money()
    for row in _lines(event.stadium_id, event.id):
        part = Money(*row[3:])
        money.add(part)
        if row.kind == "parking":
            parking.add(part)
            continue
        tickets.add(part)
        stands[row.stand_id].takings += part.takings
        bands[row.band].takings += part.takings
    state = sale_state(event, seats.left)
    by_band = [bands[b] for b in sorted(bands)]
    return EventSales(
        event,
        state,
        seats,
        tickets,
        parking,
        money,
        list(stands.values()),
        by_band,
        _parks(event),
        _refunds(event.stadium_id, event.id),
        _event_log(event),
    )


def parking_sales(ground: Stadium, day: date) -> ParkingSales:
    """The ParkingSales of a ground with its car parks on this day, a date in the ground's zone. Three statements."""
    money = Money()
    for row in _lines(ground.id, None):
        money.add(Money(*row[3:]))
    return ParkingSales(money, _refunds(ground.id, None), _parks_on(ground, day))


def _parks_on(ground: Stadium, day: date) -> list[ParkDay]:
    # From midnight to midnight there: a day on which the clocks change has 23 or 25 hours.
    zone = ZoneInfo(ground.time_zone)
    starts, ends = (datetime.combine(d, time(), zone) for d in (day, day + timedelta(days=1)))
    found = db.session.execute(
        text("""
            select c.name, k.kind, k.capacity, k.taken, c.is_closed
              from app.parking_left(:stadium, :starts, :ends) k
              join car_park c on c.id = k.car_park_id order by c.id, k.kind desc"""),
        {"stadium": ground.id, "starts": starts, "ends": ends},
    )
    return [ParkDay(*row) for row in found]


def _whose(event_id: int | None) -> str:
    # "is not distinct from" would hide the index from the planner.
    return "b.stadium_id = :stadium and b.event_id " + ("is null" if event_id is None else "= :event")


def _seats(event: Event) -> Sequence[Row]:
    return db.session.execute(
        text("""
            with size as (select stand_id, band, count(*) as seats from seat where layout_id = :layout group by 1, 2),
            claims as (select s.stand_id, s.band, count(*) filter (where c.state = 'sold') as sold,
                              count(*) filter (where c.state in ('held', 'paying')
                                                 and not app.has_lapsed(c.state, c.expires_at)) as held,
                              count(*) filter (where c.state = 'blocked') as blocked
                         from seat_claim c join seat s on s.id = c.seat_id where c.event_id = :event group by 1, 2)
            select st.id as stand_id, st.name as stand, size.band, size.seats,
                   coalesce(c.sold, 0) as sold, coalesce(c.held, 0) as held, coalesce(c.blocked, 0) as blocked
              from stand st join size on size.stand_id = st.id
              left join claims c on c.stand_id = size.stand_id and c.band = size.band
             where st.layout_id = :layout order by st.position, st.id, size.band"""),
        {"layout": event.layout_id, "event": event.id},
    ).all()


# The tax in a refund is its share of the line's tax, rounded half up; a line given back in full gives back its stored
# tax.
_BACK = """
    left join (select rl.line_id, rl.amount from refund_line rl join refund r on r.id = rl.refund_id
                where r.state <> 'failed') back on back.line_id = l.id"""
_SUMS = """
    count(*) as lines, coalesce(sum(l.face), 0)::bigint as face, coalesce(sum(l.fee), 0)::bigint as fee,
    coalesce(sum(l.tax), 0)::bigint as tax, coalesce(sum(l.total), 0)::bigint as total,
    count(back.line_id) as lines_back, coalesce(sum(back.amount), 0)::bigint as back,
    coalesce(sum(case when l.total = 0 then 0 else (2 * l.tax * back.amount + l.total) / (2 * l.total) end), 0)::bigint
      as tax_back"""


def _lines(stadium_id: int, event_id: int | None) -> Sequence[Row]:
    return db.session.execute(
        text(f"""
            select l.kind, s.stand_id, s.band, {_SUMS}
              from booking b join booking_line l on l.booking_id = b.id left join seat s on s.id = l.seat_id {_BACK}
             where {_whose(event_id)} and b.state in ('paid', 'refunded') group by 1, 2, 3"""),  # noqa: S608
        {"stadium": stadium_id, "event": event_id},
    ).all()


def _parks(event: Event) -> list[ParkSales]:
    found = db.session.execute(
        text(f"""
            with taken as (select p.car_park_id, p.bay_kind, count(*) filter (where p.status <> 'void') as passes,
                                  sum(l.total - coalesce(back.amount, 0))::bigint as takings
                             from booking b join parking_pass p on p.booking_id = b.id
                             join booking_line l on l.id = p.line_id {_BACK}
                            where b.stadium_id = :stadium and b.event_id = :event group by 1, 2)
            select c.name, k.kind, k.capacity, coalesce(t.passes, 0), coalesce(t.takings, 0)
              from car_park c join car_park_bays k on k.car_park_id = c.id
              left join taken t on t.car_park_id = c.id and t.bay_kind = k.kind
             where c.stadium_id = :stadium order by c.id, k.kind desc"""),  # noqa: S608
        {"stadium": event.stadium_id, "event": event.id},
    )
    return [ParkSales(*row) for row in found]


def _refunds(stadium_id: int, event_id: int | None) -> Refunds:
    row = db.session.execute(
        text(f"""
            with mine as (select id, state, disputed_at from booking b where {_whose(event_id)}),
            back as (select r.amount, case when r.state = 'failed' then 'failed'
                                           when r.state <> 'succeeded' then 'waiting'
                                           when exists (select from refund_line l where l.refund_id = r.id) then 'done'
                                           else 'at_once' end as way
                       from mine join refund r on r.booking_id = mine.id)
            select count(*) filter (where way = 'waiting'),
                   coalesce(sum(amount) filter (where way = 'waiting'), 0)::bigint,
                   count(*) filter (where way = 'failed'),
                   coalesce(sum(amount) filter (where way = 'failed'), 0)::bigint,
                   count(*) filter (where way = 'done'), coalesce(sum(amount) filter (where way = 'done'), 0)::bigint,
                   count(*) filter (where way = 'at_once'),
                   coalesce(sum(amount) filter (where way = 'at_once'), 0)::bigint,
                   (select count(*) from mine where disputed_at is not null),
                   (select count(*) from mine where state in ('paid', 'refunded')),
                   (select count(*) from mine where state = 'paid')
              from back"""),  # noqa: S608
        {"stadium": stadium_id, "event": event_id},
    ).one()
    return Refunds(*row)


def _event_log(event: Event) -> Sequence[Row]:
    return db.session.execute(
        text("""
            select at, action, actor_id, details from system_log
             where stream = :stadium and object_type = 'event' and object_id = :event order by id desc limit 8"""),
        {"stadium": event.stadium_id, "event": str(event.id)},
    ).all()


def events_of(stadium_ids: Sequence[int]) -> tuple[list[EventLine], list[EventLine]]:
    """(coming, past) EventLines of these stadiums, the next one first and the last one first. Three statements."""
    events = db.session.scalars(
        select(Event)
        .where(Event.stadium_id.in_(stadium_ids))
        .options(joinedload(Event.stadium))
        .order_by(Event.starts_at, Event.id)
    ).all()
    seats = {row.id: Seats(row.seats, row.sold, row.held, row.blocked) for row in _seats_of_events(stadium_ids)}
    takings = defaultdict(int, {row.event_id: row.takings for row in _takings_of_events(stadium_ids)})
    now = datetime.now(UTC)
    lines = [EventLine(e, sale_state(e, seats[e.id].left), seats[e.id], takings[e.id]) for e in events]
    is_past = [line.event.starts_at < now - STILL_ON for line in lines]
    coming = [line for line, past in zip(lines, is_past, strict=True) if not past]
    return coming, [line for line, past in zip(lines, is_past, strict=True) if past][::-1]


def _seats_of_events(stadium_ids: Sequence[int]) -> Sequence[Row]:
    return db.session.execute(
        text("""
            select e.id, l.seat_count as seats, coalesce(c.sold, 0) as sold, coalesce(c.held, 0) as held,
                   coalesce(c.blocked, 0) as blocked
              from event e join layout l on l.id = e.layout_id
              left join lateral (select count(*) filter (where c.state = 'sold') as sold,
                                        count(*) filter (where c.state = 'blocked') as blocked,
                                        count(*) filter (where c.state in ('held', 'paying')
                                                            and not app.has_lapsed(c.state, c.expires_at)) as held
                                   from seat_claim c where c.event_id = e.id) c on true
             where e.stadium_id = any (:stadiums)"""),
        {"stadiums": list(stadium_ids)},
    ).all()


def _takings_of_events(stadium_ids: Sequence[int]) -> Sequence[Row]:
    # The totals stand on the bookings; only what went back is summed from its lines.
    return db.session.execute(
        text("""
            with paid as (select event_id, sum(total) as total from booking
                           where stadium_id = any (:stadiums) and event_id is not null and state in ('paid', 'refunded')
                           group by 1),
            back as (select b.event_id, sum(rl.amount) as amount
                       from refund r join booking b on b.id = r.booking_id join refund_line rl on rl.refund_id = r.id
                      where b.stadium_id = any (:stadiums) and b.event_id is not null and r.state <> 'failed'
                      group by 1)
            select paid.event_id, (paid.total - coalesce(back.amount, 0))::bigint as takings from paid
              left join back using (event_id)"""),
        {"stadiums": list(stadium_ids)},
    ).all()
