"""Small words of cricket that cards, commentary and results share."""

from collections import Counter
from collections.abc import Iterable

from cricket.engine.sides import Side

CREDITED = ("bowled", "caught", "caught and bowled", "lbw", "stumped", "hit wicket")


def credited(kind: str) -> bool:
    """Does the bowler get this wicket?"""
    return kind in CREDITED


def many(number: int, one: str, plural: str | None = None) -> str:
    """2, "run" → "2 runs"."""
    return f"{number} {one if number == 1 else plural or one + 's'}"


def surname_of(name: str) -> str:
    """What a player is called in a sentence: all but the first name or initials; one name stays."""
    first, _, rest = name.strip().partition(" ")
    return rest.strip() or first


def callers(sides: Iterable[Side]) -> dict[str, str]:
    """{player key: name in a sentence} for both sides: the surname, or the whole name where two share it."""
    people = [(player.key, player.name) for side in sides for player in side.players.values()]
    shared = Counter(surname_of(name) for _, name in people)
    return {key: surname_of(name) if shared[surname_of(name)] == 1 else name for key, name in people}


def extent(overs: str, balls_per_over: int) -> int:
    """Overs text as a number of balls: "17.3", 6 → 105."""
    whole, _, part = str(overs).partition(".")
    return int(whole or 0) * balls_per_over + int(part or 0)
