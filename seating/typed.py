"""Seats as staff type them: "Bay 14 row M 9-12", "Pavilion, bay 2, row A, seats 1, 3 and 5", "bay 14" for the whole
bay.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from unicodedata import decimal

from sqlalchemy import text

from extensions import db
from outside import whole_number
from outside.folding import plain
from qr_codes import read_short_code
from refusals import Refused, sentences

MOST = 5000  # seats of one request
LONGEST_SEARCH = 120
# What stands before the names of a place on a ticket.
PRINTED = {"gate": "gate", "bay": "bay", "row": "row", "seat": "seat", "seats": "seat"}
_SPOT = re.compile(r"\w{0,3}[a-z]?[0-9]{1,4}[a-z]?")

_PLACE = re.compile(
    r"^\s*(?:(?P<stand>[^,;]+?)[\s,;]+)?bay\s+(?P<bay>[\w-]+)(?:[\s,;]+row\s+(?P<row>[\w-]+)(?:[\s,;]+(?:seats?\s+)?(?P<numbers>\w.*))?)?\s*$",
    re.IGNORECASE,
)
_PART = re.compile(r"\w+(?:-\w+)?")


def _which(words: Mapping[str, Any]) -> str:
    where, stands = words["where"], words["stands"]
    return f"There is a {where} in {' and in '.join(stands)}. Say which, for example “{stands[0]}, {where}”."


def _no_seats(words: Mapping[str, Any]) -> str:
    missing = words["seats"]
    there = "There is no seat" if len(missing) == 1 else "There are no seats"
    return f"{there} {', '.join(missing[:8])} in {words['where']}."


sentences(
    {
        "MALFORMED.run": "“{part}” is not a run of seats.",
        "MALFORMED.seat": "“{part}” is not a seat.",
        "UNKNOWN_PLACE.bay": "There is no {where}.",
        "UNKNOWN_PLACE.seats": _no_seats,
        "AMBIGUOUS_PLACE": _which,
    }
)


@dataclass(frozen=True, slots=True)
class TypedPlace:
    """A bay, a row of it (or None for all), and numbers in that row (or None for all); `stand` is part of a stand's
    name, or None.
    """

    stand: str | None
    bay: str
    row: str | None
    numbers: tuple[str, ...] | None


def read_place(words: str | None) -> TypedPlace | None:
    """The TypedPlace that these words mean, or None."""
    words = words or ""
    found = _PLACE.match(words)
    if not found or len(words) > 120:
        return None
    numbers = found["numbers"]
    return TypedPlace(found["stand"], found["bay"], found["row"], read_numbers(numbers) if numbers else None)


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for among tickets: words as plain() has them, that a name or a stand must have, and what is
    printed of the place ({gate, bay, row, seat, spot} as app.seats_named() takes them, and `short`, a short code's
    bytes in hex).
    """

    words: tuple[str, ...] = ()
    place: dict[str, str] = field(default_factory=dict)


def read_sought(typed: str) -> list[Sought]:
    """What these words may mean, the likeliest first; [] for less than two characters that can be sought.

    "North Stand, bay 3, row F, seat 1" names a place; "F 1" is one, or a part of a name; eight characters are a short
    code, a reference, or a name.
    """
    parts = plain("".join(c if decimal(c, None) is None else str(decimal(c)) for c in typed[:LONGEST_SEARCH]))
    if len("".join(parts)) < 2:
        return []
    place: dict[str, str] = {}
    words = []
    rest = iter(parts)
    for part in rest:
        named = next(rest, None) if part in PRINTED else None
        if named is None:
            words.append(part)
        else:
            place[PRINTED[part]] = named
    readings = [Sought(tuple(parts))]
    if place:
        readings.insert(0, Sought(tuple(words), place))
    elif len(parts) < 3 and _SPOT.fullmatch(spot := "".join(parts)):
        # Of a name two letters say something, but of references they find any.
        readings = [Sought(place={"spot": spot}), *(readings if max(map(len, parts)) > 2 else [])]
    if short := read_short_code(typed):
        readings.insert(0, Sought(place={"short": short.hex()}))
    return readings


def read_numbers(words: str) -> tuple[str, ...]:
    """ "9-12, 15 and 17" → ("9", "10", "11", "12", "15", "17").

    Refused MALFORMED when a span runs backwards or too far.
    """
    numbers = []
    words = re.sub(r"\s*(?:-|–|\bto\b)\s*", "-", words)
    for part in re.split(r"[\s,;]+(?:and\s+)?", words.strip()):
        first, dash, last = part.partition("-")
        least, most = whole_number(first), whole_number(last)
        if dash and least is not None and most is not None:
            if not least <= most < least + 200:
                raise Refused("MALFORMED.run", status=422, words={"part": part})
            numbers += [str(n) for n in range(least, most + 1)]
        elif part and _PART.fullmatch(part):
            numbers.append(part)
        elif part:
            raise Refused("MALFORMED.seat", status=422, words={"part": part})
    return tuple(dict.fromkeys(numbers))


def seats_at(layout_id: int, place: TypedPlace, stand_id: int | None = None) -> list[int]:
    """The seat ids at a TypedPlace of a layout, in order.

    Refused UNKNOWN_PLACE or AMBIGUOUS_PLACE with a sentence that names what is there.
    """
    found = db.session.execute(
        text("""
            select s.id, s.number, st.name as stand, b.id as bay_id, b.name as bay
              from seat s join seat_row r on r.id = s.row_id join bay b on b.id = r.bay_id
              join level l on l.id = b.level_id
              join stand st on st.id = s.stand_id
             where s.layout_id = :layout and lower(b.name) = lower(:bay)
               and (cast(:row as text) is null or lower(r.name) = lower(:row))
               and (cast(:stand as text) is null or starts_with(lower(st.name), lower(:stand))
                    or lower(st.code) = lower(:stand))
               and (cast(:stand_id as int) is null or st.id = :stand_id)
             order by st.position, s.id"""),
        {"layout": layout_id, "bay": place.bay, "row": place.row, "stand": place.stand, "stand_id": stand_id},
    ).all()
    where = f"bay {place.bay}" + (f", row {place.row}" if place.row else "")
    if not found:
        raise Refused(
            "UNKNOWN_PLACE.bay", status=422, words={"where": where + (f" in {place.stand}" if place.stand else "")}
        )
    if len({row.bay_id for row in found}) > 1:
        raise Refused(
            "AMBIGUOUS_PLACE", status=422, words={"where": where, "stands": sorted({row.stand for row in found})}
        )
    if place.numbers is None:
        return [row.id for row in found][:MOST]
    by_number = {row.number.lower(): row.id for row in found}
    missing = [n for n in place.numbers if n.lower() not in by_number]
    if missing:
        raise Refused("UNKNOWN_PLACE.seats", status=422, words={"where": where, "seats": missing})
    return sorted(by_number[n.lower()] for n in place.numbers)
