"""Reading a match from Cricsheet's JSON (1.0 and 1.1): the file becomes the events a scorer would have entered.

The file's numbers are never altered. Floats are read as text, since overs are no decimals (5.10 is ten balls). A file
that is not a match, or means harm, is refused as Malformed with a sentence that says where; what is merely odd becomes
a warning.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cricket.cricsheet import believing, cards
from cricket.cricsheet.reading import LARGEST_FILE, Malformed, Reader, parse
from cricket.cricsheet.transcript import Log
from cricket.cricsheet.writing import export
from cricket.engine import results
from cricket.engine.events import Event
from cricket.engine.scoring import MatchState

__all__ = ["LARGEST_FILE", "Malformed", "Source", "export", "read", "verdict"]

TOP = {"meta", "info", "innings"}


@dataclass
class Source:
    """A match as read: `info` is the file's own, `outcome` its outcome with the teams as 0 and 1."""

    id: str
    revision: int
    info: dict[str, Any]
    events: list[Event]
    warnings: list[str]
    outcome: dict[str, Any] = field(default_factory=dict)


def read(raw: bytes, id: str = "") -> Source:
    """The match in these bytes.

    `id` is the name of the file, which is the match's id at Cricsheet. Raises Malformed.
    """
    document = parse(raw)
    reader = Reader()
    meta = reader.object(document.get("meta", {}), "meta")
    info = reader.object(document.get("info"), "info")
    reader.plain(info, "info")
    occasion(reader, info)
    for name in document:
        if name not in TOP:
            reader.warn(f"The file holds “{name}”, which is not known here and was left out.")
    log = Log(reader, info)
    log.head(document.get("innings", []))
    for number, innings in enumerate(reader.list(document.get("innings", []), "innings", 20)):
        log.innings(number, innings)
    outcome = log.end()
    revision = reader.integer(meta.get("revision", 1), "meta.revision", 0, 1_000_000)
    return Source(id, revision, info, log.events, reader.warnings, outcome)


def occasion(reader: Reader, info: dict) -> None:
    """When and where, as far as the file says: what the engine has no use for, but whoever stores the match has."""
    for name in ("venue", "city", "gender", "match_type"):
        if info.get(name):
            reader.name(info[name], f"info.{name}")
    event = reader.object(info.get("event") or {}, "info.event")
    if event.get("name"):
        reader.name(event["name"], "info.event.name")
    for day in reader.list(info.get("dates") or [], "info.dates", 60):
        try:
            found = date.fromisoformat(day)
        except (TypeError, ValueError):
            found = None
        # A week's day, "2026-W40-1", is as long and one of ISO's as well, but no date that others read.
        if found is None or found.isoformat() != day or not 1700 <= found.year <= 2200:
            raise Malformed("info.dates holds what is no day, such as “2024-12-31”.")


def verdict(source: Source, state: MatchState) -> tuple[str, list[str]]:
    """How far the file's statements follow from its balls: verified, as stated (they cannot decide) or inconsistent;
    with reasons.
    """
    reasons = cards.disagreements(source, state)
    derived = results.derive(state, over=True, stated=source.outcome)
    open_ = believing.undecided(source.outcome, state, derived, bool(reasons))
    wrong = believing.contradictions(source.outcome, state, bool(open_))
    if wrong or state.problems or (reasons and not open_):
        problems = [f"{key}: {sentence}" for key, sentence in state.problems[:20]]
        return "inconsistent", [*wrong, *reasons, *problems]
    return ("as stated" if open_ else "verified"), open_
