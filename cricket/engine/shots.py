"""Where a ball went and how long it was, as scorers may say after it: words for the eye, which change no figure.

A place on the field is (x, y) in hundredths of the way from the striker, who stands at (0, 0), to the boundary, as the
striker sees it: y points to the bowler's end, x to the striker's right. That is the off side of a right-hander and the
leg side of a left-hander, so a region has a name only where the batter's hand is known.
"""

from dataclasses import dataclass
from math import atan2, degrees

LENGTHS = ("full toss", "yorker", "full", "good", "short")
HANDS = ("right", "left")
OFF = ("mid-off", "cover", "point", "third")
LEG = ("mid-on", "midwicket", "square leg", "fine leg")
SIDES = ("in front", "ahead of square", "behind square", "fine")
STRAIGHT = 10
"""Degrees either side of the line of the pitch: a ball within them went straight, or behind, whatever the hand."""


@dataclass(slots=True, frozen=True)
class Shot:
    """What was said of a ball; None for what was not. `x` and `y` are known together."""

    x: int | None = None
    y: int | None = None
    length: str | None = None


def region(x: int, y: int, hand: str | None) -> str | None:
    """The region of the field in a scorer's words: "straight", "behind", or of eight equal parts the one that it is in
    for a batter of this hand; None where that depends on a hand that is not known. `regionOf` in the console's
    regions.js says the same.
    """
    angle = degrees(atan2(x, y))  # from straight ahead, growing to the striker's right
    turned = abs(angle)
    if turned <= STRAIGHT:
        return "straight"
    if turned >= 180 - STRAIGHT:
        return "behind"
    if hand is None:
        return None
    return (OFF if (angle > 0) == (hand == "right") else LEG)[min(3, int(turned // 45))]


def place_words(x: int, y: int, hand: str | None) -> str:
    """The region, or where it has no name the same part of the field by the striker's own right and left."""
    part = min(3, int(abs(degrees(atan2(x, y))) // 45))
    return region(x, y, hand) or f"{SIDES[part]}, on the {'right' if x > 0 else 'left'}"
