"""What a scorer sees before the first ball: their matches, the squads, the log and the lock."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload, raiseload, selectinload

from cricket.engine.shots import HANDS
from cricket.matches.log import played_on, snapshot_seq
from cricket.matches.recording import hashed
from database import call
from extensions import Person, current_person, db
from models import Match, MatchSnapshot, StaffRole, Team
from refusals import Refused


def matches_of(person: Person) -> list[Match]:
    """The matches of the person's grounds, those still to be scored first, each with `summary` and `lock` (name, since,
    used) or None.
    """
    found = db.session.execute(
        select(Match, MatchSnapshot.summary)
        .join(
            StaffRole,
            and_(
                StaffRole.stadium_id == Match.stadium_id, StaffRole.role == "scorer", StaffRole.customer_id == person.id
            ),
        )
        .outerjoin(MatchSnapshot, MatchSnapshot.match_id == Match.id)
        .where(Match.source == "live")
        .options(joinedload(Match.home_team), joinedload(Match.away_team), joinedload(Match.stadium), raiseload("*"))
        .order_by(Match.state.in_(("finished", "cancelled", "abandoned")), Match.starts_at)
    ).all()
    locks = locks_of([match.id for match, _ in found])
    for match, summary in found:
        match.summary = summary  # pyrefly: ignore[missing-attribute]
        match.lock = locks.get(match.id)  # pyrefly: ignore[missing-attribute]
    return [match for match, _ in found]


def locks_of(match_ids: Sequence[int], token: str | None = None) -> dict[int, dict[str, Any]]:
    """{match: {"name", "since", "used", "mine"}} of those that somebody scores; times in ISO 8601, `mine` by token."""
    rows = call("app.scoring_lock", match_ids, hashed(token) if token else None)
    return {
        row.match_id: {
            "name": row.name,
            "since": row.since.isoformat(),
            "used": row.used.isoformat(),
            "mine": bool(row.mine),
        }
        for row in rows
    }


def match_to_score(match_id: int) -> Match:
    """The match with teams, ground and officials, for its scorers; for everybody else there is none."""
    match = db.session.scalar(
        select(Match)
        .where(Match.id == match_id)
        .options(
            joinedload(Match.home_team).selectinload(Team.players),
            joinedload(Match.away_team).selectinload(Team.players),
            joinedload(Match.stadium),
            selectinload(Match.officials).joinedload("*"),
            raiseload("*"),
        )
    )
    works_there = match is not None and db.session.scalar(
        select(StaffRole.role).where(
            StaffRole.stadium_id == match.stadium_id,
            StaffRole.role == "scorer",
            StaffRole.customer_id == current_person().id,
        )
    )
    if not works_there or match.source != "live":
        raise Refused("UNKNOWN_MATCH.yours", status=404)
    return match


def opened(match_id: int, token: str | None, after: int = 0) -> dict[str, Any]:
    """Everything the console needs: {match, squads, seq, events, lock}.

    `after` leaves out the events up to that number.
    """
    match = match_to_score(match_id)
    rows = call("app.scoring_log", match_id, after)
    return {
        "match": {
            "id": match.id,
            "format": match.format,
            "competition": match.competition,
            "number": match.number,
            "starts_at": match.starts_at.isoformat(),
            "played": played_on(match.id),
            "state": match.state,
            "ground": match.stadium and match.stadium.name,
            "time_zone": match.stadium and match.stadium.time_zone,
            "teams": [
                {
                    "id": team.id,
                    "name": team.name,
                    "short": team.short_name,
                    "colours": [team.colour_1, team.colour_2],
                    "pattern": team.cap_pattern,
                }
                for team in (match.home_team, match.away_team)
            ],
            "officials": [{"name": one.official.name, "role": one.role} for one in match.officials],
        },
        "squads": [
            [
                {
                    "key": f"p{player.id}",
                    "name": player.name,
                    "role": player.role,
                    "shirt": player.shirt,
                    "hand": next((hand for hand in HANDS if player.bats.startswith(hand)), None),
                }
                for player in team.players
            ]
            for team in (match.home_team, match.away_team)
        ],
        "seq": rows[-1].seq if rows else (snapshot_seq(match_id) if after else 0),
        "events": [
            {
                "seq": row.seq,
                "key": row.key,
                "kind": row.kind,
                "body": row.body,
                "at": (row.said_at or row.at).isoformat(),
                "by": row.by,
            }
            for row in rows
        ],
        "lock": locks_of([match_id], token).get(match_id),
    }
