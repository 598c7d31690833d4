"""What pages show of the catalogue to everybody: read once for each of its versions (caches/public.py), whole, as the
objects of models/ without a session behind them. Nobody changes them.

What is left of a sale is not among it: that is in the states of the seats.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload, selectinload

from caches.public import Until, read_once
from extensions import db
from models import (
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
    Stadium,
    Stand,
    Team,
)

# How far back the fixture list shows results, and a day more, so that the clock moves nothing into it.
SEASON = timedelta(days=300)
MATCHES, EVENTS, GROUNDS = 1000, 1000, 200  # that a process keeps


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of an event: its seats, its layout, the lowest price that an adult pays (minor units, or None), its matches."""

    capacity: int
    layout_id: int
    from_price: int | None
    matches: int


@dataclass(frozen=True, slots=True)
class Season:
    """Every match at our grounds since SEASON, with teams, ground and events, earliest first; and the Numbers of the
    events."""

    matches: Sequence[Match]
    numbers: Mapping[int, Numbers]


@dataclass(frozen=True, slots=True)
class OneMatch:
    """A match with squads, officials, the ground's car parks, and its events with prices and all of their matches."""

    match: Match
    numbers: Mapping[int, Numbers]


def next_moment(events: Iterable[Event], now: datetime) -> datetime | None:
    """When the clock alone changes the sale state of one of these events: the times that sql/holds/sale_state.sql
    compares."""
    moments = (m for e in events for m in (e.starts_at, e.sale_starts_at, e.sale_ends_at))
    return min((m for m in moments if m >= now), default=None)


@read_once(1)
def season() -> Any:
    """The Season. Four statements."""
    now = datetime.now(UTC)
    since = now - SEASON - timedelta(days=1)
    chosen = (
        select(Match)
        .where(Match.stadium_id.is_not(None), or_(Match.starts_at > since, Match.events.any(Event.ends_at > since)))
        .options(
            joinedload(Match.stadium),
            joinedload(Match.home_team),
            joinedload(Match.away_team),
            selectinload(Match.events),
        )
        .order_by(Match.starts_at, Match.id)
    )
    matches = db.session.scalars(chosen).all()
    events = {event.id: event for match in matches for event in match.events}
    return Until(Season(matches, _numbers_of(events)), next_moment(events.values(), now))


def _numbers_of(event_ids: Iterable[int]) -> dict[int, Numbers]:
    found = db.session.execute(
        text("""
            select e.id, l.seat_count, l.id,
                   (select min(a.total) from event_price p,
                           app.line_amounts(p.face, s.fee_bp, s.fee_each, s.tax_bp, s.tax_inside) a
                     where p.event_id = e.id and p.ticket_type = 'adult'),
                   (select count(*) from event_match em where em.event_id = e.id)
              from event e join layout l on l.id = e.layout_id join stadium s on s.id = e.stadium_id
             where e.id = any (:events)"""),
        {"events": sorted(event_ids)},
    )
    return {row[0]: Numbers(*row[1:]) for row in found}


@read_once(1, "scores", "catalogue")
def scores() -> dict[int, dict[str, Any]]:
    """{match id: summary of its board} of the season (cricket.board.document.summary)."""
    since = datetime.now(UTC) - SEASON - timedelta(days=1)
    found = db.session.execute(
        select(MatchSnapshot.match_id, MatchSnapshot.summary)
        .join(Match, Match.id == MatchSnapshot.match_id)
        .where(Match.stadium_id.is_not(None), Match.starts_at > since)
    )
    return {match_id: summary for match_id, summary in found}


@read_once(MATCHES, "scores", "catalogue")
def score_of(match_id: int) -> dict[str, Any] | None:
    """The summary of a match's board, or None."""
    return db.session.scalar(select(MatchSnapshot.summary).where(MatchSnapshot.match_id == match_id))


@read_once(MATCHES)
def one_match(match_id: int) -> Any:
    """The OneMatch, or None."""
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
    match = db.session.scalar(chosen)
    if match is None:
        return None
    numbers = _numbers_of(event.id for event in match.events)
    return Until(OneMatch(match, numbers), next_moment(match.events, datetime.now(UTC)))


@read_once(EVENTS)
def one_event(event_id: int) -> Any:
    """(Event with ground, prices with amounts, matches and teams; whether the ground has car parks), or None where
    there is none that everybody may see. Its sale state is that of now."""
    event = db.session.scalar(
        select(Event)
        .where(Event.id == event_id, Event.state != "draft")
        .options(
            joinedload(Event.stadium).selectinload(Stadium.car_parks),
            selectinload(Event.prices).undefer(EventPrice.amounts),
            selectinload(Event.matches).options(joinedload(Match.home_team), joinedload(Match.away_team)),
        )
    )
    if event is None:
        return None
    return Until((event, bool(event.stadium.car_parks)), next_moment([event], datetime.now(UTC)))


# --- grounds and clubs ----------------------------------------------------------------------------


@read_once(1)
def grounds() -> Sequence[Row[Stadium, int, int]]:
    """[(Stadium, its newest published layout's id or None, that one's seats or None)], in no order that matters."""
    chosen = (
        select(Stadium, Layout.id, Layout.seat_count)
        .outerjoin(Layout, (Layout.stadium_id == Stadium.id) & Layout.published_at.is_not(None))
        .ext(distinct_on(Stadium.id))
        .order_by(Stadium.id, Layout.version.desc())
    )
    return db.session.execute(chosen).all()


@read_once(GROUNDS)
def gates_and_car_parks(stadium_id: int) -> tuple[Sequence[Gate], Sequence[CarPark]]:
    """(a ground's gates by code, its car parks with bays and gate)."""
    gates = db.session.scalars(select(Gate).where(Gate.stadium_id == stadium_id).order_by(Gate.code)).all()
    parks = db.session.scalars(
        select(CarPark)
        .where(CarPark.stadium_id == stadium_id)
        .options(selectinload(CarPark.bays), joinedload(CarPark.gate))
        .order_by(CarPark.id)
    ).all()
    return gates, parks


@read_once(1)
def roofed_layouts() -> frozenset[int]:
    """The ids of the layouts in which some row lies under a roof."""
    stands = select(Stand.layout_id).join(Level, Level.stand_id == Stand.id).where(Level.roof_rows > 0).distinct()
    return frozenset(db.session.scalars(stands))


@read_once(1)
def teams_with_players() -> Sequence[Row[Team, str | None]]:
    """[(Team, its players' names in one text or None)] by the club's name."""
    names = select(func.string_agg(Player.name, " ")).where(Player.team_id == Team.id).scalar_subquery()
    return db.session.execute(select(Team, names).order_by(Team.name)).all()
