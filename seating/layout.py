"""A layout in this process: every seat under an index 0 … n-1, its rows with their shapes, and the body that browsers
draw it from.

A published layout never changes, so its map is loaded once and kept for ever. The order of the index is stand, level,
bay, row, seat.
"""

import gzip
import json
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import text

from caches import remembered
from caches.responses import bodies
from extensions import db
from green import off_the_loop
from models.grounds import BANDS, SEAT_KINDS
from seating.shapes import Arc, arc_point, field_of, point, synthesise

__all__ = ["Bay", "Level", "Row", "SeatMap", "Stand", "body", "get_seat_map", "point", "seat_map"]

FORMAT = 1  # of the body; part of its key, so that an old process and a new one share no body
GATE_DISTANCE = 110  # dm outside the last row


@dataclass(frozen=True, slots=True)
class Stand:
    """A stand with the range of its seats: the index of the first, and how many."""

    id: int
    code: str
    name: str
    note: str
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Level:
    """`stand` is a number in SeatMap.stands; `roof_rows` counts from the back, `roof_height` is in dm."""

    stand: int
    name: str
    roof_rows: int
    roof_height: int


@dataclass(frozen=True, slots=True)
class Bay:
    """`level` is a number in SeatMap.levels, `gate` a code."""

    id: int
    name: str
    view: str
    gate: str
    level: int
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """`bay` is a number in SeatMap.bays; first and count are the range of indices; `span` is the largest position in
    the row.
    """

    id: int
    name: str
    bay: int
    first: int
    count: int
    span: int
    shape: tuple[int, int, int, int, int]
    note: str


@dataclass(frozen=True, eq=False)
class SeatMap:
    """Everything about a layout that does not change. See docs/api.md for the body's format."""

    layout_id: int
    stadium_id: int
    count: int
    ids: array
    kind: bytes
    band: bytes
    quality: array
    position: array
    row_of: array
    rows: list[Row]
    bays: list[Bay]
    levels: list[Level]
    stands: list[Stand]
    numbers: dict[int, list[str]]  # row → its seats' numbers, where they are not the positions
    gates: dict[str, str]  # code → name
    runs: list[tuple[int, int, int]] = field(
        default_factory=list
    )  # (first seat id, its index, how many), in the order of the ids
    is_drawn: bool = True  # every row has a shape of its own, so that distances on the plan are distances at the ground

    def index_of(self, seat_id: int) -> int | None:
        """The index of a seat, or None where it is not of this layout."""
        at = bisect_right(self.runs, seat_id, key=lambda run: run[0]) - 1
        if at < 0:
            return None
        first, index, count = self.runs[at]
        return index + seat_id - first if seat_id < first + count else None

    def number(self, index: int) -> str:
        """What stands on the seat."""
        row = self.row_of[index]
        found = self.numbers.get(row)
        return found[index - self.rows[row].first] if found else str(self.position[index])

    @cached_property
    def field(self) -> tuple[int, int]:
        """(rx, ry) of the rope, in dm."""
        return field_of([row.shape for row in self.rows])

    @cached_property
    def gate_points(self) -> dict[str, tuple[int, int]]:
        """{code: (x, y)}: each gate outside the bays that it leads to."""
        towards = {}
        for rows in self.rows_of_bays:
            if rows:
                x, y = arc_point(rows[-1].shape, 0.5)
                towards.setdefault(self.bays[rows[0].bay].gate, []).append((x, y))
        points = {}
        for code, found in towards.items():
            x, y = sum(p[0] for p in found) / len(found), sum(p[1] for p in found) / len(found)
            far = max((a * a + b * b) ** 0.5 for a, b in found) + GATE_DISTANCE
            length = (x * x + y * y) ** 0.5
            if length < 1:  # bays all around: the first one's direction
                (x, y), length = found[0], far - GATE_DISTANCE or 1
            points[code] = (round(x / length * far), round(y / length * far))
        return points

    @cached_property
    def rows_of_bays(self) -> list[list[Row]]:
        """For each bay its rows, from the rope to the back."""
        found = [[] for _ in self.bays]
        for row in self.rows:
            found[row.bay].append(row)
        return found

    @cached_property
    def body(self) -> bytes:
        """The JSON for browsers, gzipped; always the same bytes for the same layout."""
        return gzip.compress(json.dumps(_shown(self), separators=(",", ":"), ensure_ascii=False).encode(), 9, mtime=0)


LAYOUTS = 200  # whose seats a process keeps; a published layout never changes


@remembered(LAYOUTS)
def seat_map(layout_id: int) -> SeatMap | None:
    """The SeatMap of a published layout, or None.

    The first call loads it; whoever asks meanwhile waits for the same one.
    """
    return _load(layout_id)


def get_seat_map(layout_id: int) -> SeatMap:
    """The SeatMap of a layout that is known to be published; LookupError where it is not."""
    found = seat_map(layout_id)
    if found is None:
        raise LookupError(f"layout {layout_id} is not published")
    return found


@remembered(LAYOUTS)
def body(layout_id: int) -> bytes | None:
    """The gzipped body of a published layout, or None. Another process may have made it (Redis)."""

    def build() -> bytes:
        if (known := seat_map(layout_id)) is None:
            raise LookupError  # so that nothing is kept for a draft, which may be published in a moment
        return off_the_loop(lambda: known.body)

    try:
        return bodies.cached(f"layout:{layout_id}:{FORMAT}", build)
    except LookupError:
        return None


def _load(layout_id: int) -> SeatMap | None:
    layout = db.session.execute(
        text("select stadium_id from layout where id = :layout and published_at is not null"), {"layout": layout_id}
    ).first()
    if layout is None:
        return None
    # One line a row. Where a row is regular, and nearly all are, one value says it for all of its seats.
    found = db.session.execute(
        text("""
            with s as (
              select row_id, count(*) as count, max(position) as span, min(id) as first,
                     case when max(id - position) > min(id - position)
                            or max(position) - min(position) >= count(*)
                           then array_agg(id order by position) end as ids,
                     case when max(position) > count(*) then array_agg(position order by position) end as positions,
                     case when not bool_and(number = position::text)
                           then array_agg(number order by position) end as numbers,
                     case when min(kind) = max(kind) then array[min(kind)]
                          else array_agg(kind order by position) end as kinds,
                     case when min(band) = max(band) then array[min(band)]
                          else array_agg(band order by position) end as bands,
                     case when min(quality) = max(quality) then array[min(quality)]
                          else array_agg(quality order by position) end as qualities
                from seat where layout_id = :layout group by row_id)
            select st.id as stand_id, st.code, st.name as stand, st.note as stand_note, l.id as level_id,
                   l.name as level, l.roof_rows, l.roof_height,
                   b.id as bay_id, b.name as bay, b.view, g.code as gate, g.name as gate_name, r.id as row_id,
                   r.name as row, r.shape, r.note, s.*
              from s join seat_row r on r.id = s.row_id join bay b on b.id = r.bay_id join level l on l.id = b.level_id
              join stand st on st.id = l.stand_id join gate g on g.id = b.gate_id
             order by st.position, st.id, l.position, l.id, b.position, b.id, r.position, r.id"""),
        {"layout": layout_id},
    ).all()
    # A large ground takes a tenth of a second.
    return off_the_loop(_build, layout_id, layout.stadium_id, found)


def _build(layout_id: int, stadium_id: int, found: Sequence[Any]) -> SeatMap:
    kind_of, band_of = {k: i for i, k in enumerate(SEAT_KINDS)}, {b: i for i, b in enumerate(BANDS)}
    ids, position, row_of, quality = array("i"), array("h"), array("i"), array("h")
    kind, band = bytearray(), bytearray()
    stands, levels, bays, rows = _Parts(), _Parts(), _Parts(), []
    numbers, gates, runs = {}, {}, []
    for line in found:
        first, count, row = len(ids), line.count, len(rows)
        stand = stands.number(line.stand_id, line, first, count)
        level = levels.number(line.level_id, (line, stand), first, count)
        bay = bays.number(line.bay_id, (line, level), first, count)
        gates[line.gate] = line.gate_name
        rows.append((line, bay, first))
        of_row = line.ids or range(line.first, line.first + count)
        ids.extend(of_row)
        position.extend(line.positions or range(1, count + 1))
        row_of.extend([row] * count)
        kind += bytes(kind_of[k] for k in line.kinds) * (count if len(line.kinds) == 1 else 1)
        band += bytes(band_of[b] for b in line.bands) * (count if len(line.bands) == 1 else 1)
        quality.extend(line.qualities * (count if len(line.qualities) == 1 else 1))
        if line.numbers:
            numbers[row] = line.numbers
        for index, seat_id, n in _runs(line, first):
            if runs and runs[-1][0] + runs[-1][2] == seat_id and runs[-1][1] + runs[-1][2] == index:
                runs[-1] = (runs[-1][0], runs[-1][1], runs[-1][2] + n)
            else:
                runs.append((seat_id, index, n))
    shapes = _shapes(rows, bays, levels)
    return SeatMap(
        layout_id,
        stadium_id,
        len(ids),
        ids,
        bytes(kind),
        bytes(band),
        quality,
        position,
        row_of,
        [
            Row(s.row_id, s.row, bay, first, s.count, s.span, shape, s.note)
            for (s, bay, first), shape in zip(rows, shapes, strict=True)
        ],
        [Bay(s.bay_id, s.bay, s.view, s.gate, level, first, count) for (s, level), first, count in bays.all],
        [Level(stand, s.level, s.roof_rows, s.roof_height) for (s, stand), _, _ in levels.all],
        [Stand(s.stand_id, s.code, s.stand, s.stand_note, first, count) for s, first, count in stands.all],
        numbers,
        gates,
        sorted(runs),
        all(line.shape for line, _, _ in rows),
    )


class _Parts:
    """Stands, levels or bays in the order of the rows, each with the range of its seats."""

    def __init__(self) -> None:
        self.all: list[tuple[Any, int, int]] = []
        self.last: int | None = None

    def number(self, part_id: int, what: Any, first: int, count: int) -> int:
        if part_id != self.last:
            self.last = part_id
            self.all.append((what, first, 0))
        what, first, before = self.all[-1]
        self.all[-1] = (what, first, before + count)
        return len(self.all) - 1


def _runs(line: Any, first: int) -> list[tuple[int, int, int]]:
    """(index, seat id, how many) of a row, as long as the ids follow each other."""
    if not line.ids:
        return [(first, line.first, line.count)]
    return [(first + n, seat_id, 1) for n, seat_id in enumerate(line.ids)]


def _shapes(rows: Sequence[tuple[Any, int, int]], bays: _Parts, levels: _Parts) -> list[Arc]:
    """A shape for each row: its own, or one made up where it has none."""
    if all(line.shape for line, _, _ in rows):
        return [tuple(line.shape) for line, _, _ in rows]
    nest, at = [], []
    first_level = first_bay = 0
    for line, bay, _ in rows:
        level = bays.all[bay][0][1]
        stand = levels.all[level][0][1]
        if stand == len(nest):
            nest.append([])
            first_level = level
        if level - first_level == len(nest[stand]):
            nest[stand].append([])
            first_bay = bay
        if bay - first_bay == len(nest[stand][-1]):
            nest[stand][-1].append([])
        of_bay = nest[stand][-1][-1]
        of_bay.append(line.span)
        at.append((stand, level - first_level, bay - first_bay, len(of_bay) - 1))
    made = synthesise(nest)
    return [
        tuple(line.shape) if line.shape else made[s][v][b][n]
        for (line, _, _), (s, v, b, n) in zip(rows, at, strict=True)
    ]


def _shown(m: SeatMap) -> dict[str, Any]:
    """The body's object; the contract stands in docs/api.md."""
    box = _box(m)
    return {
        "layout": m.layout_id,
        "stadium_id": m.stadium_id,
        "seats": m.count,
        "box": box,
        "field": list(m.field),
        "stands": [{"id": s.id, "code": s.code, "name": s.name, "note": s.note} for s in m.stands],
        "levels": [{"stand": v.stand, "name": v.name, "roof": v.roof_rows} for v in m.levels],
        "bays": [{"id": b.id, "level": b.level, "name": b.name, "gate": b.gate, "view": b.view} for b in m.bays],
        "rows": {
            "id": [r.id for r in m.rows],
            "bay": [r.bay for r in m.rows],
            "name": [r.name for r in m.rows],
            "count": [r.count for r in m.rows],
            "shape": [n for r in m.rows for n in r.shape],
        },
        "spans": {str(n): r.span for n, r in enumerate(m.rows) if r.span != r.count},
        "positions": {
            str(n): m.position[r.first : r.first + r.count].tolist() for n, r in enumerate(m.rows) if r.span != r.count
        },
        "numbers": {str(n): found for n, found in m.numbers.items()},
        "notes": {str(n): r.note for n, r in enumerate(m.rows) if r.note},
        "ids": [[first, count] for first, _, count in sorted(m.runs, key=lambda run: run[1])],
        "kinds": {name: _ranges(m.kind, n) for n, name in enumerate(SEAT_KINDS) if n and n in m.kind},
        "bands": [[BANDS[value], count] for value, _, count in _stretches(m.band)],
        "gates": [{"code": c, "name": m.gates[c], "x": x, "y": y} for c, (x, y) in sorted(m.gate_points.items())],
    }


def _box(m: SeatMap) -> list[int]:
    """What the plan reaches: rows, gates and field, with a margin."""
    rx, ry = m.field
    xs, ys = [-rx, rx], [-ry, ry]
    for row in m.rows:
        x, y = arc_point(row.shape, 0.5)
        xs += (row.shape[0], row.shape[2], round(x))
        ys += (row.shape[1], row.shape[3], round(y))
    for x, y in m.gate_points.values():
        xs.append(x)
        ys.append(y)
    return [min(xs) - 60, min(ys) - 60, max(xs) + 60, max(ys) + 60]


def _stretches(values: bytes) -> Iterator[tuple[int, int, int]]:
    """(value, first index, how many) of equal neighbours in a bytes object."""
    for match in re.finditer(rb"(.)\1*", values, re.DOTALL):
        yield values[match.start()], match.start(), match.end() - match.start()


def _ranges(values: bytes, wanted: int) -> list[list[int]]:
    return [[first, count] for value, first, count in _stretches(values) if value == wanted]
