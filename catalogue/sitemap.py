"""Every page that anybody may find, and a club's matches for its calendar.

Reads only, one query each but for what they load.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Row, or_, select, text
from sqlalchemy.orm import joinedload, selectinload

from catalogue.fixtures import Fixture
from extensions import db
from models import Event, Match, MatchSnapshot, Team

MOST = 50_000  # addresses in one sitemap (sitemaps.org)
IN_CALENDAR = timedelta(days=300)


@dataclass(frozen=True, slots=True)
class Found:
    """A page about one thing: kind is ground, team, match (a fixture), centre (its score) or player; `changed` is None
    where nobody knows.
    """

    kind: str
    key: str
    changed: datetime | None


def everything(limit: int = MOST) -> list[Found]:
    """The pages about grounds, clubs, matches (newest first) and players, at most `limit`."""
    rows = db.session.execute(
        text("""
            with played as (
                select m.id, m.stadium_id, m.starts_at, s.seq, s.updated_at,
                       greatest(s.updated_at, max(e.created_at), max(e.cancelled_at)) as changed
                  from match m left join match_snapshot s on s.match_id = m.id
                  left join event_match em on em.match_id = m.id left join event e on e.id = em.event_id
                 group by m.id, s.match_id)
            select kind, key, changed from (
                select 1 as place, 'ground' as kind, slug as key, null::timestamptz as changed, name as sorted,
                       null::timestamptz as late from stadium
                union all select 2, 'team', slug, null, name, null from team
                union all select 3, 'match', id::text, changed, '', starts_at from played where stadium_id is not null
                union all select 4, 'centre', id::text, updated_at, '', starts_at from played
                           where seq > 0 or stadium_id is null
                union all select 5, 'player', id::text, null, name, null from player) page
             order by place, late desc, sorted, key limit :limit"""),
        {"limit": limit},
    )
    return [Found(*row) for row in rows]


def match_for_card(match_id: int) -> Fixture | None:
    """A Fixture without its sales: what a picture of the match says. None without such a match at a ground of ours."""
    found = db.session.execute(
        select(Match, MatchSnapshot.summary)
        .outerjoin(MatchSnapshot, MatchSnapshot.match_id == Match.id)
        .where(Match.id == match_id, Match.stadium_id.is_not(None))
        .options(joinedload(Match.stadium), joinedload(Match.home_team), joinedload(Match.away_team))
    ).first()
    return Fixture(found[0], (), found[1]) if found else None


def find_team(slug: str) -> Team | None:
    """The club, or None."""
    return db.session.scalar(select(Team).where(Team.slug == slug))


def calendar_of(team_id: int, now: datetime | None = None) -> Sequence[Row[Match, datetime, dict]]:
    """[(Match with its ground, teams and events, when its board last changed, its summary)] of the season, earliest
    first.

    The last two are None where nothing is recorded.
    """
    now = now or datetime.now(UTC)
    return db.session.execute(
        select(Match, MatchSnapshot.updated_at, MatchSnapshot.summary)
        .outerjoin(MatchSnapshot, MatchSnapshot.match_id == Match.id)
        .where(
            or_(Match.home_team_id == team_id, Match.away_team_id == team_id),
            Match.stadium_id.is_not(None),
            Match.starts_at > now - IN_CALENDAR,
        )
        .options(
            joinedload(Match.stadium),
            joinedload(Match.home_team),
            joinedload(Match.away_team),
            selectinload(Match.events).selectinload(Event.matches),
        )
        .order_by(Match.starts_at, Match.id)
    ).all()
