"""A match of ours in Cricsheet's JSON."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, raiseload

from cricket.cricsheet import writing
from cricket.engine.events import Impossible
from cricket.matches import log
from extensions import db
from models import Match, MatchImport
from refusals import Refused


def export_match(match_id: int) -> dict[str, Any]:
    """The match as a Cricsheet document. Raises Refused while nothing has been scored, and for innings from paper."""
    match = db.session.scalar(
        select(Match)
        .where(Match.id == match_id)
        .options(joinedload(Match.stadium), joinedload(Match.venue), raiseload("*"))
    )
    scored = log.borrow(match_id)
    log.keep(scored)
    if not scored.events:
        raise Refused("NOTHING_SCORED", status=404)
    if match is None:
        raise Refused("UNKNOWN_MATCH", status=404)
    imported = db.session.scalar(select(MatchImport.info).where(MatchImport.match_id == match_id))
    place = match.stadium or match.venue
    info = imported or {
        "dates": [match.starts_at.date().isoformat()],
        "season": str(match.starts_at.year),
        "venue": place and place.name,
        "city": place and place.city,
        "event": {"name": match.competition, **({"match_number": match.number} if match.number else {})},
        "gender": "male",
        "team_type": "club",
    }
    try:
        return writing.export(scored.state, scored.events, info)
    except Impossible as impossible:
        raise Refused("NO_BALLS.why", words={"why": str(impossible)}) from None
