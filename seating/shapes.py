"""Where rows lie on the plan: points of a row, the field inside them, and shapes for rows that were set up without one.

Decimetres from the middle of the field, x to the right and y down. A shape is (x0, y0, x1, y1, bend): an arc from (x0,
y0) clockwise to (x1, y1) that bulges by `bend` away from the field.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Protocol

Arc = tuple[int, int, int, int, int]  # x and y of both ends and the height of the bow between them, in dm

FIELD = (640, 700)  # half axes of a usual rope
APRON = 60  # from the rope to the first row
ROW, SEAT, WIDEST_SEAT = 8, 5, 6.5
LEVEL_GAP, BAY_GAP = 60, 12
STAND_GAP = 0.03  # radians
SMALLEST_SCALE = 0.45  # a village ground's field is smaller, but still a field
LARGEST_FIELD = 900  # beyond that is apron


class HasArc(Protocol):
    """A row as far as its geometry goes: the shape of its arc and how many seats it is wide."""

    @property
    def shape(self) -> Sequence[int]: ...
    @property
    def span(self) -> int: ...


def arc_point(shape: Sequence[int], t: float) -> tuple[float, float]:
    """(x, y) at t = 0 … 1 along a row's arc."""
    x0, y0, x1, y1, bend = shape
    x, y = x0 + (x1 - x0) * t, y0 + (y1 - y0) * t
    length = math.hypot(x1 - x0, y1 - y0)
    if length and bend:
        rise = bend * 4 * t * (1 - t) / length
        x, y = x + (y1 - y0) * rise, y - (x1 - x0) * rise
    return x, y


def point(row: HasArc, position: float) -> tuple[float, float]:
    """(x, y) in dm of the seat at `position` (1 …) of a row with .shape and .span."""
    return arc_point(row.shape, (position - 0.5) / row.span)


def control(shape: Sequence[float]) -> tuple[float, float]:
    """The control point of the quadratic Bézier curve that a row's arc is: for SVG's Q."""
    x0, y0, x1, y1, bend = shape
    length = math.hypot(x1 - x0, y1 - y0) or 1
    return (x0 + x1) / 2 + (y1 - y0) * 2 * bend / length, (y0 + y1) / 2 - (x1 - x0) * 2 * bend / length


def field_of(shapes: Iterable[Sequence[int]]) -> tuple[int, int]:
    """(rx, ry): half axes of the rope, an ellipse that leaves an apron before the nearest row on each side."""
    sideways, upright, points = [], [], []
    for shape in shapes:
        x, y = arc_point(shape, 0.5)
        points += [(x, y), shape[0:2], shape[2:4]]
        if abs(x) >= 2 * abs(y):
            sideways.append(abs(x))
        elif abs(y) >= 2 * abs(x):
            upright.append(abs(y))
    if not points:
        return FIELD
    rx, ry = (min(found) - APRON if found else None for found in (sideways, upright))
    rx, ry = rx or (ry or FIELD[1]) * FIELD[0] / FIELD[1], ry or (rx or FIELD[0]) * FIELD[1] / FIELD[0]
    rx, ry = min(max(rx, 100), LARGEST_FIELD), min(max(ry, 100), LARGEST_FIELD)
    nearest = min(math.hypot(x / (rx + APRON), y / (ry + APRON)) for x, y in points)
    if nearest < 1:  # a corner that reaches in further
        rx, ry = max(100, rx * nearest), max(100, ry * nearest)
    return round(rx), round(ry)


def synthesise(stands: Sequence[Sequence[Sequence[Sequence[int]]]]) -> list[list[list[list[Arc]]]]:
    """Shapes for a ground without geometry: [[[[span, …] of a bay] of a level] of a stand] → the same nest with a shape
    for each row.

    Stands are wedges around an ellipse, clockwise, the first one centred at the top; levels are rings outside each
    other.
    """
    widths = [max((sum(_width(bay) for bay in level) for level in levels), default=1) for levels in stands]
    around = sum(widths) / (1 - len(stands) * STAND_GAP / math.tau)
    # The seats decide how large the ring of the first rows is.
    scale = max(SMALLEST_SCALE, around / _circumference(FIELD[0] + APRON, FIELD[1] + APRON))
    rx, ry = FIELD[0] * scale, FIELD[1] * scale
    share = (math.tau - len(stands) * STAND_GAP) / (sum(widths) or 1)
    angle = -(widths[0] * share + STAND_GAP) / 2 if widths else 0
    drawn = []
    for levels, width in zip(stands, widths, strict=True):
        start, end = angle + STAND_GAP / 2, angle + STAND_GAP / 2 + width * share
        angle = end + STAND_GAP / 2
        offset, rings = APRON, []
        for level in levels:
            rings.append(_ring(level, rx, ry, start, end, offset))
            offset += ROW * max((len(bay) for bay in level), default=0) + LEVEL_GAP
        drawn.append(rings)
    return drawn


def _width(bay: Sequence[int]) -> float:
    return max(bay, default=1) * SEAT + BAY_GAP


def _circumference(a: float, b: float) -> float:
    """Of an ellipse, by Ramanujan's first approximation."""
    return math.pi * (3 * (a + b) - math.sqrt((3 * a + b) * (a + 3 * b)))


def _ring(
    level: Sequence[Sequence[int]], rx: float, ry: float, start: float, end: float, offset: float
) -> list[list[Arc]]:
    widths = [_width(bay) for bay in level]
    share = (end - start) / (sum(widths) or 1)
    angle, bays = start, []
    for bay, width in zip(level, widths, strict=True):
        bays.append(
            [_row(span, max(bay), rx, ry, angle, angle + width * share, offset + ROW * n) for n, span in enumerate(bay)]
        )
        angle += width * share
    return bays


def _row(span: int, longest: int, rx: float, ry: float, start: float, end: float, offset: float) -> Arc:
    def at(angle: float) -> tuple[float, float]:
        return (rx + offset) * math.sin(angle), -(ry + offset) * math.cos(angle)

    (ax, ay), (bx, by) = at(start), at(end)
    room = math.hypot(bx - ax, by - ay) or 1
    if end - start > 2:  # a stand that goes far around: its chord says little about its length
        room = (end - start) * (rx + ry + 2 * offset) / 2
    wide = min((room - BAY_GAP) * span / longest, span * WIDEST_SEAT)
    half = (end - start) * max(0.05, wide / room) / 2
    middle = (start + end) / 2
    (x0, y0), (x1, y1), (mx, my) = at(middle - half), at(middle + half), at(middle)
    length = math.hypot(x1 - x0, y1 - y0) or 1
    bend = ((mx - (x0 + x1) / 2) * (y1 - y0) - (my - (y0 + y1) / 2) * (x1 - x0)) / length
    return round(x0), round(y0), round(x1), round(y1), round(bend)
