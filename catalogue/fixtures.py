"""What is on: matches with what is on sale for them, grounds with their stands, and a fan's next visit.

What everybody may see comes from catalogue/public.py, read once for each version.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Row, select, text
from sqlalchemy.orm import joinedload

from caches import Kept
from catalogue import public
from extensions import db
from models import (
    Bay,
    Booking,
    CarPark,
    Event,
    Gate,
    Match,
    Seat,
    SeatRow,
    Stadium,
    Team,
    Ticket,
)
from seating import states
from seating.layout import LAYOUTS

# A match stays in "coming" until its last session is surely over.
STILL_ON = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Sale:
    """An event as buyers see it.

    `state` is on_sale, sold_out, not_yet, stopped, ended, cancelled or past; `from_price` is what the cheapest
    adult's seat costs one person, fees and tax included, in minor units.
    """

    event: Event
    state: str
    capacity: int
    left: int
    from_price: int | None
    matches: int = 1  # how many matches its one ticket is for

    @property
    def share(self) -> float:
        """How much is left, 0 … 1."""
        return self.left / self.capacity if self.capacity else 0

    @property
    def is_open(self) -> bool:
        return self.state == "on_sale"


@dataclass(frozen=True, slots=True)
class Fixture:
    """A match as one line of a list, with what sells it."""

    match: Match
    sales: tuple[Sale, ...]
    score: dict | None = (
        None  # the summary of the match's board (cricket.board.document.summary), once something is recorded
    )

    @property
    def ground(self) -> Stadium:
        """Where it is played. Matches at other people's grounds have no fixture."""
        if self.match.stadium is None:
            raise ValueError(f"match {self.match.id} is not played at a ground of ours")
        return self.match.stadium

    @property
    def sale(self) -> Sale | None:
        """The sale a line shows: the first that is open, else the first that is not over, else none."""
        for wanted in (("on_sale",), ("sold_out", "not_yet", "stopped", "cancelled")):
            for sale in self.sales:
                if sale.state in wanted:
                    return sale
        return None

    @property
    def is_open(self) -> bool:
        return any(sale.is_open for sale in self.sales)

    @property
    def is_under_way(self) -> bool:
        """Is there a score to follow? A match that has only its toss is not."""
        return bool(self.score and self.score["scores"] and self.score["phase"] != "over")


@dataclass(frozen=True, slots=True)
class Ground:
    """A stadium with the seats of its newest published layout."""

    stadium: Stadium
    layout_id: int | None
    seats: int


@dataclass(frozen=True, slots=True)
class Tier:
    """One level of a stand: its size, its bands and the gates that lead to it."""

    stand_id: int
    stand: str
    note: str
    level: str
    position: int
    storey: int
    seats: int
    bays: int
    bands: list[str]
    gates: list[str]


@dataclass(frozen=True, slots=True)
class Visit:
    """What a fan holds for one event: the gate and the seats of each row."""

    event: Event
    stadium: Stadium
    booking_id: int
    gates: list[str]
    rows: dict[str, list[str]]
    count: int


# --- matches --------------------------------------------------------------------------------------


def coming(
    limit: int | None = None, *, stadium_id: int | None = None, team_id: int | None = None, now: datetime | None = None
) -> list[Fixture]:
    """The next fixtures, those under way included."""
    now = now or datetime.now(UTC)
    known = public.season()
    found = [
        m
        for m in _narrowed(known.matches, stadium_id, team_id)
        if m.state not in ("finished", "abandoned")
        # A Test goes on for days.
        and (m.starts_at > now - STILL_ON or any(event.ends_at > now for event in m.events))
    ]
    return _fixtures(found[:limit], known.numbers)


def season(
    *, stadium_id: int | None = None, team_id: int | None = None, now: datetime | None = None
) -> tuple[list[Fixture], list[Fixture]]:
    """(coming, past) fixtures; the past ones latest first."""
    now = now or datetime.now(UTC)
    known = public.season()
    chosen = [m for m in _narrowed(known.matches, stadium_id, team_id) if m.starts_at > now - public.SEASON]
    found = _fixtures(chosen, known.numbers)
    is_past = {f.match.id: _is_past(f.match, now) for f in found}
    return [f for f in found if not is_past[f.match.id]], [f for f in reversed(found) if is_past[f.match.id]]


def _is_past(match: Match, now: datetime) -> bool:
    if match.state in ("finished", "abandoned"):
        return True
    return match.starts_at < now - STILL_ON and all(event.ends_at <= now for event in match.events)


def _narrowed(matches: Iterable[Match], stadium_id: int | None, team_id: int | None) -> list[Match]:
    return [
        m
        for m in matches
        if (not stadium_id or m.stadium_id == stadium_id)
        and (not team_id or team_id in (m.home_team_id, m.away_team_id))
    ]


def _fixtures(matches: Sequence[Match], numbers: Mapping[int, public.Numbers]) -> list[Fixture]:
    """Fixtures of matches of the season, with what sells them and their score."""
    scores = public.scores()
    left = _left_of((event for match in matches for event in match.events), numbers)
    return [Fixture(match, _sales_of(match.events, numbers, left), scores.get(match.id)) for match in matches]


def _left_of(events: Iterable[Event], numbers: Mapping[int, public.Numbers]) -> dict[int, int]:
    """{event id: seats left} of those that are not over: nobody asks that of the others."""
    asked = {event.id for event in events if event.sale_state != "past" and event.id in numbers}
    taken = states.taken_of(asked)
    return {event_id: max(0, numbers[event_id].capacity - taken.get(event_id, 0)) for event_id in asked}


def _sales_of(
    events: Iterable[Event], numbers: Mapping[int, public.Numbers], left: Mapping[int, int]
) -> tuple[Sale, ...]:
    sales = []
    for event in events:
        known, free = numbers.get(event.id, public.Numbers(0, 0, None, 1)), left.get(event.id, 0)
        sales.append(Sale(event, sale_state(event, free), known.capacity, free, known.from_price, known.matches))
    return tuple(sales)


def sale_state(event: Event, left: int) -> str:
    """What a buyer meets at this event: its sale state, or sold_out where it sells and nothing is left."""
    return "sold_out" if event.sale_state == "on_sale" and not left else event.sale_state


def spaces_of(event_ids: Collection[int]) -> dict[int, int]:
    """{event id: wheelchair spaces that nobody has} in one query."""
    found = db.session.execute(
        text("""
            select e.id, count(*) from event e join seat s on s.layout_id = e.layout_id and s.kind = 'accessible'
             where e.id = any (:events) and not exists (
                   select from seat_claim c where c.event_id = e.id and c.seat_id = s.id
                      and not app.has_lapsed(c.state, c.expires_at))
             group by e.id"""),
        {"events": sorted(event_ids)},
    )
    return {event_id: spaces for event_id, spaces in found}


def roofed_layouts() -> frozenset[int]:
    """The ids of the layouts in which some row lies under a roof."""
    return public.roofed_layouts()


def match_for_page(match_id: int) -> tuple[Fixture | None, dict[int, list[Match]]]:
    """(fixture, {event id: the other matches on that ticket}) with squads, officials and prices; (None, {}) without
    such a match.
    """
    known = public.one_match(match_id)
    if known is None:
        return None, {}
    match = known.match
    sales = _sales_of(match.events, known.numbers, _left_of(match.events, known.numbers))
    siblings = {event.id: [m for m in event.matches if m.id != match.id] for event in match.events}
    return Fixture(match, sales, public.score_of(match_id)), siblings


# --- grounds --------------------------------------------------------------------------------------


def grounds(slug: str | None = None) -> list[Ground]:
    """Every ground with its seats, largest first; or the one with this slug, in a list of at most one."""
    found = [
        Ground(stadium, layout_id, seats or 0)
        for stadium, layout_id, seats in public.grounds()
        if not slug or stadium.slug == slug
    ]
    return sorted(found, key=lambda g: (-g.seats, g.stadium.name))


def ground_for_page(slug: str) -> tuple[Ground, Sequence[Gate], Sequence[CarPark]] | None:
    """(Ground, its gates, its car parks with bays), or None."""
    found = grounds(slug)
    return (found[0], *public.gates_and_car_parks(found[0].stadium.id)) if found else None


_tiers = Kept(LAYOUTS)  # layout id → Tiers; a published layout never changes


def tiers_of(layout_id: int) -> list[Tier]:
    """The levels of every stand of a layout, clockwise from the pavilion, lower levels first."""
    if (known := _tiers.get(layout_id)) is not None:
        return known
    found = db.session.execute(
        text("""
            with part as (select row_id, band, count(*) as seats from seat
                           where layout_id = :layout group by row_id, band)
            select (select published_at is not null from layout where id = :layout) as is_published,
                   st.id, st.name, st.note, l.name, st.position, l.position, sum(part.seats)::int,
                   count(distinct b.id)::int,
                   array_agg(distinct part.band order by part.band), array_agg(distinct g.code order by g.code)
              from part join seat_row r on r.id = part.row_id join bay b on b.id = r.bay_id
              join gate g on g.id = b.gate_id
              join level l on l.id = b.level_id join stand st on st.id = l.stand_id
             group by st.id, l.id order by st.position, st.id, l.position"""),
        {"layout": layout_id},
    ).all()
    tiers = [Tier(*row[1:]) for row in found]
    if found and found[0].is_published:
        _tiers.put(layout_id, tiers)
    return tiers


def teams() -> list[Team]:
    """Every club by name, for a filter."""
    return [team for team, _ in teams_with_players()]


def teams_with_players() -> Sequence[Row[Team, str | None]]:
    """[(Team, its players' names in one text or None)] by the club's name."""
    return public.teams_with_players()


def clubs_of(stadium_id: int) -> list[Team]:
    """The clubs that are at home at a ground, by name."""
    return [team for team in teams() if team.home_stadium_id == stadium_id]


def find_stadium(stadium_id: int | None) -> Stadium | None:
    """The ground, or None."""
    return next((g.stadium for g in grounds() if g.stadium.id == stadium_id), None)


# --- a fan's own ----------------------------------------------------------------------------------


def next_visit(customer_id: int, now: datetime | None = None) -> Visit | None:
    """The next event this fan has valid tickets for, or None. One query."""
    now = now or datetime.now(UTC)
    found = db.session.execute(
        select(Ticket, Seat.number, SeatRow.name, Gate.code, Seat.kind)
        .join(Ticket.booking)
        .join(Ticket.event)
        .join(Ticket.seat)
        .join(Seat.row)
        .join(SeatRow.bay)
        .join(Bay.gate)
        .options(joinedload(Ticket.event).joinedload(Event.stadium))
        .where(Booking.customer_id == customer_id, Ticket.status == "valid", Event.ends_at > now)
        .order_by(Event.starts_at, Event.id, SeatRow.position, Seat.position)
        .limit(50)
    ).all()
    if not found:
        return None
    event = found[0].Ticket.event
    mine = [row for row in found if row.Ticket.event_id == event.id]
    rows = defaultdict(list)
    for _, number, row, _, kind in mine:
        if kind != "unreserved":
            rows[row].append(number)
    return Visit(
        event, event.stadium, mine[0].Ticket.booking_id, sorted({row.code for row in mine}), dict(rows), len(mine)
    )
