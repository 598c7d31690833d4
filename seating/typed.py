"""Seats as staff type them: "Bay 14 row M 9-12", "Pavilion, bay 2, row A, seats 1, 3 and 5", "bay 14" for the whole
bay.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from extensions import db
from outside import whole_number
from refusals import Refused, sentences

MOST = 5000  # seats of one request

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
