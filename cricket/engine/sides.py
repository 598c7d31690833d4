"""What is settled before the first ball: the playing conditions and the two sides."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Settings:
    format: str = "T20"
    overs: int | None = 20
    balls_per_over: int = 6
    balls_per_end: int = 6
    no_ball: int = 1
    wide: int = 1
    innings: int = 2
    players: int = 11
    bowler_limit: int | None = None
    min_overs: int | None = None  # the fewest overs that make a result; None: the format's, 0: any number
    laws: str | None = None  # the edition of the Laws, see editions.py; None: by the day of the match
    date: str | None = None  # the day it began, "2031-01-31", where the set-up tells it
    free_hit: bool | None = None  # after a no-ball; None: as the format has it
    part_overs: str = "whole"  # what a part of an over counts for a bowler's limit: "whole" an over, or its "balls"
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Player:
    key: str
    name: str
    person: str | None = None
    role: str | None = None
    captain: bool = False
    keeper: bool = False


@dataclass(slots=True)
class Side:
    name: str
    short: str
    players: dict[str, Player] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)  # who left the match for a substitute
