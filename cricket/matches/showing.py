"""What the pages of matches read: a match with its board, and the finished matches of a competition."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from cricket.board.document import before
from cricket.engine import ladder
from cricket.matches import log
from extensions import db
from models import Match, MatchSnapshot
from refusals import Refused

# A competition's season ends where nothing was played for so long.
PAUSE = timedelta(days=120)
CLUBS = 3  # two clubs play a series, not a league
PRACTICE = "Practice match"


def find_match(match_id: int) -> Match | None:
    """The Match with ground, venue and teams, or None."""
    return db.session.scalar(
        select(Match)
        .where(Match.id == match_id)
        .options(
            joinedload(Match.stadium), joinedload(Match.venue), joinedload(Match.home_team), joinedload(Match.away_team)
        )
    )


def get_match(match_id: int) -> Match:
    """The Match with ground, venue and teams, or Refused UNKNOWN_MATCH."""
    found = find_match(match_id)
    if found is None:
        raise Refused("UNKNOWN_MATCH", status=404)
    return found


def board_of(match: Match) -> dict[str, Any]:
    """The board of a match; an empty one where nothing is recorded."""
    _, board = log.board_of(match.id)
    return board or before(
        [(match.home_team.name, match.home_team.short_name), (match.away_team.name, match.away_team.short_name)],
        replay=match.source == "replay",
        played=log.played_on(match.id),
    )


def competitions() -> list[str]:
    """The names of the competitions that have a ladder, the one played last first: three clubs or more, and no
    practice.
    """
    rows = db.session.execute(
        select(Match.competition, Match.home_team_id, Match.away_team_id, func.max(Match.starts_at))
        .where(Match.source != "replay", Match.competition != PRACTICE)
        .group_by(Match.competition, Match.home_team_id, Match.away_team_id)
    ).all()
    clubs, last = {}, {}
    for name, home, away, played in rows:
        clubs.setdefault(name, set()).update((home, away))
        last[name] = max(last.get(name, played), played)
    return sorted((name for name in clubs if len(clubs[name]) >= CLUBS), key=last.__getitem__, reverse=True)


def ladder_of(competition: str) -> list[ladder.Row]:
    """The ladder of a competition's newest season, as ladder.Row."""
    found = db.session.execute(
        select(Match, MatchSnapshot.summary)
        .outerjoin(MatchSnapshot, MatchSnapshot.match_id == Match.id)
        .where(Match.competition == competition, Match.source != "replay")
        .options(joinedload(Match.home_team), joinedload(Match.away_team))
        .order_by(Match.starts_at.desc(), Match.id.desc())
    ).all()
    season, last = [], None
    for match, summary in found:
        if last is not None and last - match.starts_at > PAUSE:
            break
        last = match.starts_at
        season.append((match, summary))
    return ladder.table(
        [ladder.Played(m.home_team, m.away_team, m.state, summary, m.result) for m, summary in reversed(season)]
    )
