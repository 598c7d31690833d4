"""Marks from printed lists, entered afterwards as scans."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import qr_codes
from extensions import Refused, call

MOST = 500


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a page of marks: how many are in, and the codes that are unknown or came in twice, as they were typed."""

    admitted: int
    unknown: list[str]
    doubles: list[str]


def read(text, clock, event, zone, now):
    """{short code's bytes as hex: (code as typed, milliseconds)} of one code a line; `clock` is "18:40" on the day of the event.

    Refused MALFORMED names the first line that is no code, so that nothing is entered by half.
    """
    lines = [line.strip() for line in re.split(r"[\n,;]+", text) if line.strip()]
    if not 1 <= len(lines) <= MOST:
        raise Refused(f"Enter one code a line, at most {MOST} at once.", code="MALFORMED", status=422)
    try:
        hour, minute = map(int, clock.split(":"))
        at = datetime.combine(event.starts_at.astimezone(zone).date(), datetime.min.time(), zone) + timedelta(hours=hour, minutes=minute)
    except ValueError:
        raise Refused("Enter the time of the page as in 18:40.", code="MALFORMED", status=422) from None
    found = {}
    for line in lines:
        short = qr_codes.read_short_code(line)
        if short is None:
            raise Refused(
                f"“{line[:20]}” is no code: they have eight letters and digits. Nothing was entered.", code="MALFORMED", status=422
            )
        found[short.hex()] = (line, int(min(at.timestamp(), now) * 1000))
    return found


def enter(event_id, gate_id, marks):
    """Keep them as scans of mode paper; an Entered. Inside a transaction."""
    rows = call(
        "app.enter_paper_scans", event_id, gate_id or 0, json.dumps([{"short": short, "at": at} for short, (_, at) in marks.items()])
    )
    unknown = [marks[row.short][0] for row in rows if row.outcome == "unknown"]
    doubles = [marks[row.short][0] for row in rows if row.is_double]
    return Entered(len(rows) - len(unknown), unknown, doubles)
