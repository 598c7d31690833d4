"""Reading the log of a match: its events, the board after them, and what happened since.

The state of a match is the fold of its log. A process keeps the states that it folded last, so that one more ball costs
one step; a page reads the snapshot that was stored with the last event, so that a Test match opens as fast as a T20.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from cachetools import LRUCache
from sqlalchemy import Connection, Row, func, select
from sqlalchemy.orm import InstrumentedAttribute

from cricket.board.document import BOARD_VERSION, board
from cricket.board.view import view
from cricket.engine.events import Event
from cricket.engine.scoring import MatchState, fold
from enhanced_models import MatchUpdate
from extensions import db
from models import Match, MatchImport, MatchReplay, MatchSnapshot, Stadium
from refusals import Refused, sentences

PAGE = 200  # events in one answer
KEPT = 32  # matches whose state a process keeps
CREDIT = "Ball-by-ball data by Cricsheet, cricsheet.org, ODC-BY 1.0"

sentences(
    {
        "UNKNOWN_MATCH": "There is no such match.",
        "UNKNOWN_MATCH.yours": "There is no such match among yours.",
        "MALFORMED.after": "`after` is the number of the last event that you have.",
        "NOTHING_SCORED": "Nothing has been scored in this match yet.",
        "NOTHING_TO_REPLAY": "There is nothing in this match to play again.",
        "NO_BALLS.why": "{why}",
    }
)


@dataclass
class Scored:
    """A match as far as its log goes: the events, the state that they fold to, and the board drawn from it."""

    match_id: int
    facts: dict[str, Any]  # what events do not know: replay, played, credit, verdict
    events: list[Event] = field(default_factory=list)
    state: MatchState = field(default_factory=MatchState)
    board: dict[str, Any] | None = None
    view: dict[str, Any] | None = None

    @property
    def seq(self) -> int:
        return self.events[-1].seq if self.events else 0

    def add(self, event: Event, strict: bool = False) -> None:
        """One more event. With `strict`, an impossible one raises scoring.Impossible and changes nothing."""
        self.state.apply(event, strict)
        if event.kind == "restart":
            self.events.clear()
        self.events.append(event)
        self.board = self.view = None

    def draw(self) -> dict[str, Any]:
        """The board, drawn once for each state."""
        if self.board is None:
            self.board = board(self.state, self.facts)
        return self.board

    def show(self) -> dict[str, Any]:
        """The view of the board, made once for each state."""
        if self.view is None:
            self.view = view(self.draw())
        return self.view


_kept = LRUCache(KEPT)  # match id → Scored
_keeping = threading.Lock()


def borrow(match_id: int) -> Scored:
    """The Scored of a match, up to date with this transaction.

    It belongs to the caller: nobody else sees it until keep() gives it back.
    """
    with _keeping:
        scored = _kept.pop(match_id, None)
    if scored is not None:
        news = _events(match_id, scored.seq)
        # A replay that began again has dropped what we kept; a newer revision of an import stands behind it, from its
        # setup on.
        if not news or (news[0].seq == scored.seq + 1 and news[0].kind != "setup"):
            for event in news:
                scored.add(event)
            return scored
    events, facts = _events(match_id, 0), facts_of(match_id)
    return Scored(match_id, facts, events, fold(events, played=facts["played"]))


def keep(scored: Scored) -> None:
    """Give a Scored back once what it holds is committed."""
    with _keeping:
        other = _kept.get(scored.match_id)
        if other is None or other.seq < scored.seq:
            _kept[scored.match_id] = scored


def _events(match_id: int, after: int) -> list[Event]:
    rows = db.session.execute(
        select(MatchUpdate.seq, MatchUpdate.key, MatchUpdate.kind, MatchUpdate.body, MatchUpdate.at)
        .where(MatchUpdate.match_id == match_id, MatchUpdate.seq > after)
        .order_by(MatchUpdate.seq)
    )
    return [Event(*row) for row in rows]


def facts_of(match_id: int) -> dict[str, Any]:
    """What a board shows that no event tells."""
    source = db.session.scalar(select(Match.source).where(Match.id == match_id))
    if source is None:
        raise Refused("UNKNOWN_MATCH", status=404)
    facts: dict[str, Any] = {"replay": source == "replay", "played": played_on(match_id)}
    if source == "import":
        row = db.session.execute(
            select(MatchImport.verdict, MatchImport.reasons).where(MatchImport.match_id == match_id)
        ).one_or_none()
        facts["credit"] = CREDIT
        if row:
            facts["verdict"] = verdict_words(row.verdict, row.reasons)
    return facts


def verdict_words(verdict: str, reasons: Sequence[str]) -> str:
    """What an import found, with its reasons, as one sentence that lacks its full stop."""
    return verdict + (": " + "; ".join(reason.removesuffix(".") for reason in reasons) if reasons else "")


def played_on(match_id: int, connection: Connection | None = None) -> str:
    """The day a match began where it is played, "2031-01-31": the Laws are by it. A replay's is that of its source.
    Asked over a connection where one is given, else by the session.
    """
    source = select(MatchReplay.source_match_id).where(MatchReplay.match_id == match_id).scalar_subquery()
    match = (
        (connection or db.session)
        .execute(
            select(Match.source, Match.starts_at, Stadium.time_zone)
            .outerjoin(Stadium, Match.stadium_id == Stadium.id)
            .where(Match.id == func.coalesce(source, match_id))
        )
        .one()
    )
    # An import is stored at noon UTC of the day that its file names.
    zone = match.time_zone if match.time_zone and match.source != "import" else "UTC"
    return match.starts_at.astimezone(ZoneInfo(zone)).date().isoformat()


def snapshot_seq(match_id: int) -> int:
    """How far the stored board of a match goes; 0 when nothing has been scored."""
    return db.session.scalar(select(MatchSnapshot.seq).where(MatchSnapshot.match_id == match_id)) or 0


def board_of(match_id: int) -> tuple[int, dict[str, Any] | None]:
    """(seq, board) of a match, from its snapshot; (0, None) when nothing has been scored."""
    row = db.session.execute(
        select(MatchSnapshot.seq, MatchSnapshot.board).where(MatchSnapshot.match_id == match_id)
    ).one_or_none()
    if row is None:
        return 0, None
    if row.board.get("v") == BOARD_VERSION:
        return row.seq, row.board
    # Drawn by an older release: draw it anew; the next ball stores it.
    scored = borrow(match_id)
    drawn = scored.draw()
    keep(scored)
    return scored.seq, drawn


@dataclass(frozen=True)
class Page:
    """What happened after an event: at most PAGE events; `reset` when only the whole board can help."""

    after: int
    seq: int
    reset: bool
    events: Sequence[Row]

    @property
    def more(self) -> bool:
        return bool(self.events) and self.events[-1].seq < self.seq

    @property
    def is_full(self) -> bool:
        return len(self.events) == PAGE


EVENT = (MatchUpdate.seq, MatchUpdate.key, MatchUpdate.kind, MatchUpdate.body, MatchUpdate.at, MatchUpdate.patch)
VIEW_PATCH = (MatchUpdate.seq, MatchUpdate.view_patch)


def events_after(match_id: int, after: int, columns: Sequence[InstrumentedAttribute[Any]] = EVENT) -> Page:
    """The Page of public events after `after`, with these columns. Raises Refused for a match that does not exist."""
    first, last = db.session.execute(
        select(func.min(MatchUpdate.seq), func.max(MatchUpdate.seq)).where(MatchUpdate.match_id == match_id)
    ).one()
    if last is None:
        facts_of(match_id)
        return Page(after, 0, after > 0, [])
    if after > last or after + 1 < first:
        return Page(after, last, True, [])
    rows = db.session.execute(
        select(*columns)
        .where(MatchUpdate.match_id == match_id, MatchUpdate.seq > after)
        .order_by(MatchUpdate.seq)
        .limit(PAGE)
    ).all()
    return Page(after, last, False, rows)
