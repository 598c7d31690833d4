"""How far it is on foot around a ground: from a car park to the gate that somebody goes in by.

Pure. A car park's own walk, to its own gate, is what the ground says; from there one goes round outside the stands, as
the plan has them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import atan2, hypot, pi

PACE = 80  # metres a minute: an easy walk, with other people about

Points = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Walk:
    """To `gate`, a code: whole minutes, and metres to the nearest fifty."""

    gate: str
    minutes: int
    metres: int


def around(points: Points, one: str, other: str) -> int | None:
    """Metres from gate to gate round the outside, the shorter way; None where the plan does not say where they are.

    `points` are in decimetres from the middle of the field, as SeatMap.gate_points has them.
    """
    if one == other:
        return 0
    if one not in points or other not in points:
        return None
    (ax, ay), (bx, by) = points[one], points[other]
    turn = abs(atan2(ay, ax) - atan2(by, bx))
    return round(min(turn, 2 * pi - turn) * (hypot(ax, ay) + hypot(bx, by)) / 2 / 10)


def walk_to(points: Points, gates: Collection[str], minutes: int, gate: str | None) -> Walk | None:
    """The shortest Walk to one of these gates, from a car park that is so many minutes from its own gate; None where
    one of the places is not known."""
    if gate is None:
        return None
    found = [(metres, code) for code in gates if (metres := around(points, gate, code)) is not None]
    if not found:
        return None
    metres, code = min(found)
    return Walk(code, minutes + -(-metres // PACE), 50 * round((minutes * PACE + metres) / 50))
