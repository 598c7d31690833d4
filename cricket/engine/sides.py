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
