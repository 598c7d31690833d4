"""What is on: matches with what is on sale for them, grounds with their stands, and a fan's next visit.

Reads only, one query each.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Row, Select, func, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload, selectinload

from caches import Kept
from extensions import db
from models import (
    Bay,
    Booking,
    CarPark,
    Event,
    EventPrice,
    Gate,
    Layout,
    Level,
    Match,
    MatchOfficial,
    MatchSnapshot,
    Player,
    Seat,
    SeatRow,
    Stadium,
    Stand,
    Team,
    Ticket,
)
from seating.layout import LAYOUTS

# A match stays in "coming" until its last session is surely over.
STILL_ON = timedelta(hours=12)
# How far back the fixture list shows results.
SEASON = timedelta(days=300)


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


def matches_for_listing() -> Select[Match]:
    """Matches with teams, ground and events, earliest first.

    Imported matches of grounds that are not ours have no fixture here.
    """
    return (
        select(Match)
        .where(Match.stadium_id.is_not(None))
        .options(
            joinedload(Match.stadium),
            joinedload(Match.home_team),
            joinedload(Match.away_team),
            selectinload(Match.events),
        )
        .order_by(Match.starts_at, Match.id)
    )


def coming(
    limit: int | None = None, *, stadium_id: int | None = None, team_id: int | None = None, now: datetime | None = None
) -> list[Fixture]:
    """The next fixtures, those under way included. Three queries."""
    now = now or datetime.now(UTC)
    still_on = or_(Match.starts_at > now - STILL_ON, Match.events.any(Event.ends_at > now))  # a Test goes on for days
    chosen = matches_for_listing().where(still_on, Match.state.not_in(("finished", "abandoned")))
    return fixtures_of(_narrowed(chosen, stadium_id, team_id).limit(limit))


def season(
    *, stadium_id: int | None = None, team_id: int | None = None, now: datetime | None = None
) -> tuple[list[Fixture], list[Fixture]]:
    """(coming, past) fixtures; the past ones latest first. Three queries."""
    now = now or datetime.now(UTC)
    found = fixtures_of(_narrowed(matches_for_listing(), stadium_id, team_id).where(Match.starts_at > now - SEASON))
    is_past = {f.match.id: _is_past(f.match, now) for f in found}
    return [f for f in found if not is_past[f.match.id]], [f for f in reversed(found) if is_past[f.match.id]]


def _is_past(match: Match, now: datetime) -> bool:
    if match.state in ("finished", "abandoned"):
        return True
    return match.starts_at < now - STILL_ON and all(event.ends_at <= now for event in match.events)


def _narrowed(chosen: Select[Match], stadium_id: int | None, team_id: int | None) -> Select[Match]:
    if stadium_id:
        chosen = chosen.where(Match.stadium_id == stadium_id)
    if team_id:
        chosen = chosen.where(or_(Match.home_team_id == team_id, Match.away_team_id == team_id))
    return chosen


def fixtures_of(chosen: Select[Match]) -> list[Fixture]:
    """Fixtures of a select of matches, with what sells them and their score. Two queries."""
    scored = chosen.outerjoin(MatchSnapshot, MatchSnapshot.match_id == Match.id).add_columns(MatchSnapshot.summary)
    found = db.session.execute(scored).all()
    # Nobody asks what is left of a sale that is over, and counting it costs most.
    numbers = numbers_of({event.id for match, _ in found for event in match.events if event.sale_state != "past"})
    return [Fixture(match, sales_of(match.events, numbers), score) for match, score in found]


def sales_of(events: Iterable[Event], numbers: Mapping[int, tuple[int, int, int | None, int]]) -> tuple[Sale, ...]:
    """Sales of these events; `numbers` as numbers_of() gives them."""
    sales = []
    for event in events:
        capacity, taken, from_price, matches = numbers.get(event.id, (0, 0, None, 1))
        left = max(0, capacity - taken)
        sales.append(Sale(event, sale_state(event, left), capacity, left, from_price, matches))
    return tuple(sales)


def sale_state(event: Event, left: int) -> str:
    """What a buyer meets at this event: its sale state, or sold_out where it sells and nothing is left."""
    return "sold_out" if event.sale_state == "on_sale" and not left else event.sale_state


def numbers_of(event_ids: Collection[int]) -> dict[int, tuple[int, int, int | None, int]]:
    """{event id: (seats, seats taken, lowest price that an adult pays or None, matches)} in one query.

    A hold whose time is over takes nothing.
    """
    if not event_ids:
        return {}
    found = db.session.execute(
        text("""
            select e.id, l.seat_count,
                   (select count(*) from seat_claim c
                     where c.event_id = e.id and not app.has_lapsed(c.state, c.expires_at)),
                   (select min(a.total) from event_price p,
                           app.line_amounts(p.face, s.fee_bp, s.fee_each, s.tax_bp, s.tax_inside) a
                     where p.event_id = e.id and p.ticket_type = 'adult'),
                   (select count(*) from event_match em where em.event_id = e.id)
              from event e join layout l on l.id = e.layout_id join stadium s on s.id = e.stadium_id
             where e.id = any (:events)"""),
        {"events": sorted(event_ids)},
    )
    return {row[0]: tuple(row[1:]) for row in found}


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
    """The ids of the layouts in which some row lies under a roof. One query."""
    stands = select(Stand.layout_id).join(Level, Level.stand_id == Stand.id).where(Level.roof_rows > 0).distinct()
    return frozenset(db.session.scalars(stands))


def match_for_page(match_id: int) -> tuple[Fixture | None, dict[int, list[Match]]]:
    """(fixture, {event id: the other matches on that ticket}) with squads, officials and prices; (None, {}) without
    such a match.
    """
    chosen = (
        select(Match)
        .where(Match.id == match_id)
        .options(
            joinedload(Match.stadium).selectinload(Stadium.car_parks),
            joinedload(Match.home_team).selectinload(Team.players),
            joinedload(Match.away_team).selectinload(Team.players),
            selectinload(Match.officials).joinedload(MatchOfficial.official),
            selectinload(Match.events).options(
                selectinload(Event.prices).undefer(EventPrice.amounts),
                selectinload(Event.matches).options(joinedload(Match.home_team), joinedload(Match.away_team)),
            ),
        )
    )
    found = fixtures_of(chosen)
    if not found:
        return None, {}
    match = found[0].match
    return found[0], {event.id: [m for m in event.matches if m.id != match.id] for event in match.events}


# --- grounds --------------------------------------------------------------------------------------


def grounds(slug: str | None = None) -> list[Ground]:
    """Every ground with its seats, largest first; or the one with this slug, in a list of at most one."""
    chosen = (
        select(Stadium, Layout.id, Layout.seat_count)
        .outerjoin(Layout, (Layout.stadium_id == Stadium.id) & Layout.published_at.is_not(None))
        .ext(distinct_on(Stadium.id))
        .order_by(Stadium.id, Layout.version.desc())
    )
    if slug:
        chosen = chosen.where(Stadium.slug == slug)
    found = [Ground(stadium, layout_id, seats or 0) for stadium, layout_id, seats in db.session.execute(chosen)]
    return sorted(found, key=lambda g: (-g.seats, g.stadium.name))


def ground_for_page(slug: str) -> tuple[Ground, Sequence[Gate], Sequence[CarPark]] | None:
    """(Ground, its gates, its car parks with bays), or None."""
    found = grounds(slug)
    if not found:
        return None
    stadium = found[0].stadium
    gates = db.session.scalars(select(Gate).where(Gate.stadium_id == stadium.id).order_by(Gate.code)).all()
    parks = db.session.scalars(
        select(CarPark)
        .where(CarPark.stadium_id == stadium.id)
        .options(selectinload(CarPark.bays), joinedload(CarPark.gate))
        .order_by(CarPark.id)
    ).all()
    return found[0], gates, parks


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
    """[(Team, its players' names in one text or None)] by the club's name. One query."""
    names = select(func.string_agg(Player.name, " ")).where(Player.team_id == Team.id).scalar_subquery()
    return db.session.execute(select(Team, names).order_by(Team.name)).all()


def clubs_of(stadium_id: int) -> Sequence[Team]:
    """The clubs that are at home at a ground."""
    return db.session.scalars(select(Team).where(Team.home_stadium_id == stadium_id).order_by(Team.name)).all()


def find_stadium(stadium_id: int | None) -> Stadium | None:
    """The ground, or None."""
    return db.session.get(Stadium, stadium_id) if stadium_id else None


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
