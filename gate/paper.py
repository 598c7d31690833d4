"""Marks from printed lists, entered afterwards as scans."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Protocol
from zoneinfo import ZoneInfo

import qr_codes
from database import call
from models import Event
from models.columns import LARGEST_ID
from refusals import Refused, sentences

MOST = 500

sentences(
    {
        "MALFORMED.paper_codes": "Enter one code a line, at most {most} at once.",
        "MALFORMED.paper_code": "“{line}” is no code: they have eight letters and digits. Nothing was entered.",
        "MALFORMED.paper_clock": "Enter the time of the page as in 18:40.",
        "MALFORMED.paper_to_come": "That time is still to come. Enter when the page was filled.",
    }
)


class Listed(Protocol):
    """A row of app.gate_list(): a right as a printed list shows it; `hash` is how phones know it."""

    gate: str
    stand: str
    bay: str
    row: str
    seat: str
    ticket_type: str
    hash: bytes
    is_in: bool


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a page of marks: how many are in, and the codes that are unknown, came in twice, or are dead
    (replaced, passed on or given back since the list was printed), as they were typed.
    """

    admitted: int
    unknown: list[str]
    doubles: list[str]
    dead: list[str]


def lists(event_id: int, gate: str | None = None) -> list[tuple[str, list[Listed]]]:
    """[(gate's code, rows of app.gate_list())] of an event: what is printed before the doors open; with `gate`, that
    gate's alone."""
    rows = [row for row in call("app.gate_list", event_id) if gate is None or row.gate == gate]
    return [(code, list(of)) for code, of in groupby(rows, key=lambda row: row.gate)]


def read(text: str, clock: str, event: Event, zone: ZoneInfo, now: float) -> dict[str, tuple[str, int]]:
    """{short code's bytes as hex: (code as typed, milliseconds)} of one code a line; `clock` is "18:40" as the ground's
    clock said.

    Refused MALFORMED names the first line that is no code, so that nothing is entered by half.
    """
    lines = [line.strip() for line in re.split(r"[\n,;]+", text) if line.strip()]
    if not 1 <= len(lines) <= MOST:
        raise Refused("MALFORMED.paper_codes", status=422, words={"most": MOST})
    said = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", clock.strip())
    if said is None:
        raise Refused("MALFORMED.paper_clock", status=422)
    hour, minute = int(said[1]), int(said[2])
    # Doors open before midnight for a match that begins after it, and some matches last past it: the day that is
    # nearest to the start. Where clocks are put back, an hour comes twice and is read as the first: nobody whose clock
    # has said it hears that it is still to come, and entered again it is the same scans.
    day = event.starts_at.astimezone(zone).date()
    days = [datetime.combine(day + timedelta(days=n), time(hour, minute), zone) for n in (-1, 0, 1)]
    at = min(days, key=lambda moment: abs(moment - event.starts_at))
    if at.timestamp() > now:
        # Never moved to now: the same page entered again must be the same scans.
        raise Refused("MALFORMED.paper_to_come", status=422)
    found = {}
    for line in lines:
        short = qr_codes.read_short_code(line)
        if short is None:
            raise Refused("MALFORMED.paper_code", status=422, words={"line": line[:20]})
        found[short.hex()] = (line, int(at.timestamp() * 1000))
    return found


def enter(event_id: int, gate_id: int, marks: Mapping[str, tuple[str, int]]) -> Entered:
    """Keep them as scans of mode paper; an Entered. Inside a transaction."""
    rows = call(
        "app.enter_paper_scans",
        event_id,
        gate_id if gate_id and 0 < gate_id <= LARGEST_ID else 0,
        json.dumps([{"short": short, "at": at} for short, (_, at) in marks.items()]),
    )
    unknown = [marks[row.short][0] for row in rows if row.outcome == "unknown"]
    doubles = [marks[row.short][0] for row in rows if row.is_double]
    dead = [marks[row.short][0] for row in rows if row.outcome == "void"]
    return Entered(len(rows) - len(unknown) - len(dead), unknown, doubles, dead)
