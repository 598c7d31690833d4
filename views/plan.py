"""A ground drawn from its tiers: stands as wedges around an oval field, gates outside. Plain geometry; the templates only print it.

Angles are degrees clockwise from the pavilion at the top; an offset is the distance outside the rope.
"""

import math
from dataclasses import dataclass

CX, CY, RX, RY = 400, 452, 214, 250
NEAR, DEPTH, STEP = 26, 56, 66
GAP = 2.4
# The sight screens stand behind the bowler's arm, at the top and the bottom; the first stand is centred on the top.
GATE_OFFSET = 30


@dataclass(frozen=True, slots=True)
class Wedge:
    """One level of a stand on the plan. `left` is the path of what is left of it: all of it where no share was given, None if sold out."""

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


@dataclass(frozen=True, slots=True)
class Mark:
    text: str
    x: float
    y: float
    width: int


@dataclass(frozen=True, slots=True)
class Plan:
    wedges: list[Wedge]
    gates: list[Mark]
    view_box: str


def draw(tiers, shares=None):
    """The Plan for tiers in clockwise order. With `shares` ({stand id: left}) a stand's colour drains towards the rope as it sells."""
    spans = _spans(tiers)
    wedges, towards = [], {}
    storeys = {}
    for tier in tiers:
        start, end = spans[tier.stand_id]
        storey = storeys[tier.stand_id] = storeys.get(tier.stand_id, -1) + 1
        near = NEAR + STEP * storey
        share = None if shares is None else shares.get(tier.stand_id, 0)
        x, y = at((start + end) / 2, near + DEPTH / 2)
        wedges.append(
            Wedge(
                tier.stand_id,
                tier.stand,
                tier.level,
                tier.bands[0],
                " and ".join(tier.bands),
                tier.seats,
                wedge(start, end, near, near + DEPTH),
                wedge(start, end, near, near + DEPTH * (1 if share is None else share)) if share != 0 else None,
                round(x, 1),
                round(y, 1),
                share == 0,
            )
        )
        for index, code in enumerate(tier.gates):
            middle = start + (end - start) * (index + 0.5) / len(tier.gates)
            towards.setdefault(code, []).append(middle)
    outside = NEAR + STEP * max(storeys.values(), default=0) + DEPTH + GATE_OFFSET
    gates = []
    for code, angles in sorted(towards.items()):
        x, y = at(_mean(angles), outside)
        gates.append(Mark(code, round(x, 1), round(y, 1), 38 if len(code) == 1 else 24 + 13 * len(code)))
    reach_x, reach_y = RX + outside + 34, RY + outside + 34
    return Plan(wedges, gates, f"{CX - reach_x} {CY - reach_y} {2 * reach_x} {2 * reach_y}")


def _spans(tiers):
    """{stand id: (from, to)}: a stand's share of the circle is its share of bays on its longest level; the first one points up."""
    bays = {}
    for tier in tiers:
        bays[tier.stand_id] = max(bays.get(tier.stand_id, 1), tier.bays)
    total = sum(bays.values()) or 1
    first = next(iter(bays.values()), 1)
    at_angle = -180 * first / total
    spans = {}
    for stand_id, share in bays.items():
        width = 360 * share / total
        spans[stand_id] = (at_angle + GAP / 2, at_angle + width - GAP / 2)
        at_angle += width
    return spans


def at(angle, offset):
    turn = math.radians(angle)
    return CX + (RX + offset) * math.sin(turn), CY - (RY + offset) * math.cos(turn)


def wedge(start, end, near, far):
    """The SVG path of the ring's part between two angles and two offsets. More than half a turn takes the long way round."""

    def point(angle, offset):
        x, y = at(angle, offset)
        return f"{x:.1f} {y:.1f}"

    long = 1 if end - start > 180 else 0
    inner, outer = f"{RX + near:.1f} {RY + near:.1f}", f"{RX + far:.1f} {RY + far:.1f}"
    return f"M{point(start, near)} A{inner} 0 {long} 1 {point(end, near)} L{point(end, far)} A{outer} 0 {long} 0 {point(start, far)}Z"


def _mean(angles):
    """The middle direction of several; opposite ones that cancel out fall back to the first."""
    x = sum(math.cos(math.radians(a)) for a in angles)
    y = sum(math.sin(math.radians(a)) for a in angles)
    return math.degrees(math.atan2(y, x)) if math.hypot(x, y) > 1e-6 else angles[0]
