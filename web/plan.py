"""A ground drawn from its seat map: the levels of each stand bay by bay, gates outside, the field inside.

The template only prints it.

A bay is the area between the arc of its first row and that of its last; the paths are made once for a layout, so that a
page only puts them together.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caches import remembered
from models.grounds import BANDS, SEAT_KINDS
from seating.layout import LAYOUTS, SeatMap, seat_map
from seating.shapes import arc_point, control

MARGIN = 6  # dm around a bay's rows
STRIPE = 90
LETTER = 100  # of the plan's longer side: how many plates' heights go into it
STEPS = 20  # shares that a stand is drawn at


@dataclass(frozen=True, slots=True)
class Wedge:
    """One level of a stand.

    `left` is the path of what is left of it, from the rope outwards: None if sold out, all where no share was given.
    """

    stand_id: int
    name: str
    level: str
    band: str
    bands: str
    seats: int
    path: str
    left: str | None
    x: float
    y: float
    is_sold: bool
    is_grass: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A gate: its code beside its icon, on a plate so wide."""

    text: str
    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Plan:
    """`plate` is the height of a plate and the unit of everything that is written; `field` (rx, ry) of the rope;
    stripes (x, width).
    """

    wedges: list[Wedge]
    gates: list[Mark]
    view_box: str
    field: tuple[int, int]
    stripes: list[int]
    stripe: int
    plate: int


@dataclass(frozen=True, slots=True)
class _Tier:
    """What does not change of a level: the wedge's words, and its path for each share that can be left."""

    wedge: dict
    paths: list[str | None]


def steps_of(layout_id: int, shares: Mapping[int, float]) -> tuple[tuple[int, float], ...] | None:
    """((stand id, its share), …) in the steps that draw() knows, so that one picture serves until somebody could see a
    difference; None where there is nothing to draw."""
    if _drawn(layout_id) is None:
        return None
    return tuple((stand, _step(share) / STEPS) for stand, share in shares.items())


def _step(share: float) -> int:
    """The step that is drawn: whoever has a seat left is never drawn as sold out."""
    return max(1, round(share * STEPS)) if share > 0 else 0


def draw(layout_id: int, shares: Mapping[int, float] | None = None) -> Plan | None:
    """The Plan of a published layout, or None. With `shares` ({stand id: left}) a stand's colour drains towards the
    rope as it sells."""
    drawn = _drawn(layout_id)
    if drawn is None:
        return None
    tiers, rest = drawn
    wedges = []
    for tier in tiers:
        share = 1 if shares is None else shares.get(tier.wedge["stand_id"], 0)
        left = tier.paths[_step(share)]
        wedges.append(Wedge(**tier.wedge, left=left, is_sold=share <= 0))
    return Plan(wedges, *rest)


@remembered(LAYOUTS)
def _drawn(layout_id: int) -> tuple[list[_Tier], tuple[Any, ...]] | None:
    seats = seat_map(layout_id)
    return (_tiers(seats), _rest(seats)) if seats is not None and seats.count else None


def _tiers(seats: SeatMap) -> list[_Tier]:
    parts = [[] for _ in seats.levels]
    for bay, rows in zip(seats.bays, seats.rows_of_bays, strict=True):
        if rows:
            parts[bay.level].append((bay, [row.shape for row in rows]))
    tiers = []
    for level, bays in zip(seats.levels, parts, strict=True):
        if not bays:
            continue
        stand = seats.stands[level.stand]
        counts = {}
        for bay, _ in bays:
            for value in set(seats.band[bay.first : bay.first + bay.count]):
                counts[value] = counts.get(value, 0) + seats.band.count(value, bay.first, bay.first + bay.count)
        grass = SEAT_KINDS.index("unreserved")
        middle = bays[len(bays) // 2][1]
        x, y = arc_point(middle[len(middle) // 2], 0.5 if len(bays) % 2 else 0)
        paths = [None] + ["".join(_area(shapes, step / STEPS) for _, shapes in bays) for step in range(1, STEPS + 1)]
        tiers.append(
            _Tier(
                {
                    "stand_id": stand.id,
                    "name": stand.name,
                    "level": level.name,
                    "band": BANDS[max(counts, key=counts.__getitem__)],
                    "bands": " and ".join(BANDS[value] for value in sorted(counts)),
                    "seats": sum(bay.count for bay, _ in bays),
                    "path": paths[-1],
                    "x": round(x),
                    "y": round(y),
                    "is_grass": all(
                        seats.kind.count(grass, bay.first, bay.first + bay.count) == bay.count for bay, _ in bays
                    ),
                },
                paths,
            )
        )
    return tiers


def _rest(seats: SeatMap) -> tuple[Any, ...]:
    """(gates, view box, field, stripes, stripe, plate)."""
    rx, ry = seats.field
    xs: list[float] = [-rx, rx]
    ys: list[float] = [-ry, ry]
    for row in seats.rows:
        x, y = arc_point(row.shape, 0.5)
        xs += (row.shape[0], row.shape[2], x)
        ys += (row.shape[1], row.shape[3], y)
    plate = max(20, round(max(max(xs) - min(xs), max(ys) - min(ys)) * 4 / LETTER))
    gates = []
    for code, (x, y) in sorted(seats.gate_points.items()):
        gates.append(Mark(code, x, y, plate * (0.7 * len(code) + 1.3)))
        xs += (x - plate, x + plate)
        ys += (y - plate, y + plate)
    x0, y0, x1, y1 = (round(n) for n in (min(xs) - plate, min(ys) - plate, max(xs) + plate, max(ys) + plate))
    return gates, f"{x0} {y0} {x1 - x0} {y1 - y0}", (rx, ry), list(range(-rx, rx, 2 * STRIPE)), STRIPE, plate


def _area(shapes: Sequence[Sequence[float]], share: float) -> str:
    """The SVG path of a bay from its first row to that at `share` of its depth, with a margin, clockwise and back."""
    near, back = _moved(shapes[0], -MARGIN), _moved(shapes[-1], MARGIN)
    far = tuple(a + (b - a) * share for a, b in zip(near, back, strict=True))
    (nx, ny), (fx, fy) = control(near), control(far)
    return (
        f"M{near[0]:.0f} {near[1]:.0f}Q{nx:.0f} {ny:.0f} {near[2]:.0f} {near[3]:.0f}"
        f"L{far[2]:.0f} {far[3]:.0f}Q{fx:.0f} {fy:.0f} {far[0]:.0f} {far[1]:.0f}Z"
    )


def _moved(shape: Sequence[float], outwards: float) -> tuple[float, ...]:
    """The shape moved away from the field."""
    x0, y0, x1, y1, bend = shape
    length = math.hypot(x1 - x0, y1 - y0) or 1
    dx, dy = (y1 - y0) / length * outwards, -(x1 - x0) / length * outwards
    return x0 + dx, y0 + dy, x1 + dx, y1 + dy, bend
