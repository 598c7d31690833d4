"""Importing matches from Cricsheet files: all of a file or nothing of it, once per revision and way of reading it, and
never a number changed.

Runs as the migrating login (a command), because teams, venues and people are nobody's own. People are known by
Cricsheet's register, venues by their spellings.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from cricket.board.document import board, summary
from cricket.cricsheet import match_file
from cricket.cricsheet.cards import cards
from cricket.engine.events import Event
from cricket.engine.scoring import MatchState, fold
from cricket.matches.log import CREDIT, verdict_words
from cricket.matches.recording import state_of
from outside import whole_number

SOURCE = "cricsheet"
LOCK = 0x43564943  # one import at a time ("CVIC")
# Two colours for sides that we know nothing of; which pair is a matter of the name.
COLOURS = (
    ("#1d4e89", "#f4d35e"),
    ("#7b2d26", "#f0ece2"),
    ("#2d6a4f", "#d8f3dc"),
    ("#5a189a", "#e0aaff"),
    ("#343a40", "#ffd166"),
    ("#9d4edd", "#10002b"),
)


@dataclass(frozen=True)
class Imported:
    """What became of a file: `outcome` is new, newer (a higher revision), reread (the same file, read otherwise than
    when it was stored), known or read (nothing stored).
    """

    name: str
    outcome: str
    verdict: str
    reasons: list
    warnings: list
    cards: dict
    match_id: int | None = None


def import_file(path: Path, connection: Connection | None = None) -> Imported:
    """Read one file, run the engine, and store the match through `connection` (None: only read).

    Raises cricsheet.Malformed with a sentence when the file is not a match; then nothing is changed.
    """
    path = Path(path)
    if path.stat().st_size > match_file.LARGEST_FILE:
        raise match_file.Malformed(f"The file is larger than {match_file.LARGEST_FILE // 2**20} MB; no match is.")
    raw = path.read_bytes()
    source = match_file.read(raw, path.stem)
    if connection is not None and not source.info.get("dates"):
        raise match_file.Malformed("info.dates is missing: a match is stored under its day.")
    state = fold(source.events)
    verdict, reasons = match_file.verdict(source, state)
    outcome, match_id = (
        _store(connection, source, state, raw, verdict, reasons) if connection is not None else ("read", None)
    )
    return Imported(path.name, outcome, verdict, reasons, source.warnings, cards(source, state), match_id)


def _store(
    connection: Connection, source: match_file.Source, state: MatchState, raw: bytes, verdict: str, reasons: list[str]
) -> tuple[str, int]:
    connection.execute(text("set local row_security = off"))
    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    digest, result = hashlib.sha256(raw).digest(), state.result.text if state.result else None
    known = connection.execute(
        text("""select i.match_id, i.revision, i.digest, i.verdict, i.reasons, m.result
                from match_import i join match m on m.id = i.match_id
                where i.source = :source and i.source_id = :id"""),
        {"source": SOURCE, "id": source.id},
    ).one_or_none()
    same = known and known.revision == source.revision and bytes(known.digest) == digest
    if known and known.revision >= source.revision:
        told = (known.verdict, known.reasons, known.result) == (verdict, reasons, result)
        if not same or (told and _log_is(connection, known.match_id, source.events)):
            return "known", known.match_id
    info = source.info
    venue_id, stadium_id = _venue(connection, info.get("venue") or "Unknown ground", info.get("city"))
    home, away = (_team(connection, name, info.get("gender") == "female") for name in info["teams"])
    values = {
        "stadium": stadium_id,
        "venue": venue_id,
        "home": home,
        "away": away,
        "competition": (info.get("event") or {}).get("name") or info.get("match_type") or "T20",
        "number": _number((info.get("event") or {}).get("match_number")),
        "format": state.settings.format,
        "starts": f"{info['dates'][0]} 12:00+00",
        "state": state_of(state),
        "result": result,
    }
    if known:
        connection.execute(text("delete from match_update where match_id = :match"), {"match": known.match_id})
        connection.execute(
            text("""update match set stadium_id = :stadium, venue_id = :venue, home_team_id = :home,
                                     away_team_id = :away, competition = :competition,
                           number = :number, format = :format, starts_at = :starts, state = :state, result = :result
                     where id = :match"""),
            values | {"match": known.match_id},
        )
    match_id = (
        known.match_id
        if known
        else connection.execute(
            text("""insert into match (stadium_id, venue_id, home_team_id, away_team_id, competition, number, format,
                                       starts_at, state, result, source)
                    values (:stadium, :venue, :home, :away, :competition, :number, :format, :starts, :state, :result,
                            'import') returning id"""),
            values,
        ).scalar_one()
    )
    people = (info.get("registry") or {}).get("people") or {}
    connection.execute(
        text("""insert into person (registry_id, name) select * from unnest(cast(:ids as text[]),
                                                                               cast(:names as text[]))
                on conflict (registry_id) do update set name = excluded.name"""),
        {
            "ids": list(dict.fromkeys(people.values())),
            "names": [{v: k for k, v in people.items()}[one] for one in dict.fromkeys(people.values())],
        },
    )
    # A newer revision goes on behind the old numbers, so that a page that is open fetches the board anew.
    first = connection.execute(
        text("select coalesce(max(seq), 0) from match_snapshot where match_id = :match"), {"match": match_id}
    ).scalar_one()
    store_log(connection, match_id, source.events, "Cricsheet", first)
    facts = {"credit": CREDIT, "verdict": verdict_words(verdict, reasons)}
    store_snapshot(connection, match_id, first + len(source.events), state, facts)
    connection.execute(
        text("""insert into match_import (match_id, source, source_id, revision, digest, verdict, reasons, info)
                values (:match, :source, :id, :revision, :digest, :verdict, cast(:reasons as jsonb),
                        cast(:info as jsonb))
                on conflict (match_id) do update set revision = excluded.revision, digest = excluded.digest,
                  verdict = excluded.verdict,
                                                     reasons = excluded.reasons, info = excluded.info,
                  imported_at = now()"""),
        {
            "match": match_id,
            "source": SOURCE,
            "id": source.id,
            "revision": source.revision,
            "digest": digest,
            "verdict": verdict,
            "reasons": json.dumps(reasons),
            "info": json.dumps(info),
        },
    )
    return "reread" if same else "newer" if known else "new", match_id


def _log_is(connection: Connection, match_id: int, events: Iterable[Event]) -> bool:
    """Whether the stored log of a match holds these events."""
    rows = connection.execute(
        text("select key, kind, body from match_update where match_id = :match order by seq"), {"match": match_id}
    )
    return [tuple(row) for row in rows] == [(event.key, event.kind, event.body) for event in events]


def store_log(connection: Connection, match_id: int, events: Iterable[Event], name: str, first: int = 0) -> None:
    """Write a whole log at once, behind number `first`; for imports and the demo, whose matches nobody watches
    meanwhile.
    """
    rows = [
        {"seq": first + n, "key": event.key, "kind": event.kind, "body": event.body}
        for n, event in enumerate(events, 1)
    ]
    connection.execute(
        text("""insert into match_update (match_id, seq, key, kind, body, recorded_name)
                select :match, seq, key, kind, body, :name
                  from jsonb_to_recordset(cast(:rows as jsonb)) as x (seq int, key text, kind text, body jsonb)"""),
        {"match": match_id, "name": name, "rows": json.dumps(rows)},
    )


def store_snapshot(connection: Connection, match_id: int, seq: int, state: MatchState, facts: dict[str, Any]) -> None:
    """Store the board of a state as that of event `seq`; `facts` are what no event tells."""
    state.seq = seq
    connection.execute(
        text("""insert into match_snapshot (match_id, seq, summary, board)
                values (:match, :seq, cast(:summary as jsonb), cast(:board as jsonb))
                on conflict (match_id) do update set seq = excluded.seq, summary = excluded.summary,
                  board = excluded.board, updated_at = now()"""),
        {
            "match": match_id,
            "seq": seq,
            "summary": json.dumps(summary(state)),
            "board": json.dumps(board(state, facts)),
        },
    )


def _venue(connection: Connection, name: str, city: str | None) -> tuple[int, int | None]:
    """(venue id, stadium id or None). "Bellerive Oval, Hobart" is "Bellerive Oval"."""
    plain = name.split(",")[0].strip() or name
    alias = plain.lower()
    row = connection.execute(
        text(
            "select v.id, v.stadium_id from venue_alias a join venue v on v.id = a.venue_id "
            "where a.alias = any (:aliases) limit 1"
        ),
        {"aliases": [alias, name.lower()]},
    ).one_or_none()
    if row is None:
        row = connection.execute(
            text("""insert into venue (name, city, stadium_id)
                    values (:name, :city, (select id from stadium where lower(name) = :alias))
                    on conflict (name) do update set name = excluded.name returning id, stadium_id"""),
            {"name": plain, "city": city, "alias": alias},
        ).one()
        connection.execute(
            text("insert into venue_alias (alias, venue_id) values (:alias, :venue)"), {"alias": alias, "venue": row.id}
        )
    return row.id, row.stadium_id


def _team(connection: Connection, name: str, women: bool) -> int:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or hashlib.sha256(name.encode()).hexdigest()[:12]
    slug += "-women" if women else ""
    found = connection.execute(text("select id from team where slug = :slug"), {"slug": slug}).scalar()
    if found is not None:
        return found
    mark = hashlib.sha256(slug.encode()).digest()
    first, second = COLOURS[mark[0] % len(COLOURS)]
    return connection.execute(
        text("""insert into team (slug, name, short_name, colour_1, colour_2, cap_pattern)
                values (:slug, :name, :name, :first, :second, :pattern)
                returning id"""),
        {"slug": slug, "name": name, "first": first, "second": second, "pattern": 1 + mark[1] % 5},
    ).scalar_one()


def _number(value: object) -> int | None:
    return whole_number(str(value or ""), 9)
