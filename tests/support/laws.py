"""The table of hard cases that holds the engine and the console's fold together: each is told once, as a scorer's book,
and both must show the same, and refuse the same in the same words. The cases stand in tests/cricket/laws/, a file for
each part of the Laws.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cricket.engine import bowling, results
from cricket.engine.shots import place_words
from tests.support.scorebook import Book


@dataclass
class Told:
    """What a case expects after its book: `shows` is part of `facts()`; `refused` are events that cannot follow, as
    (kind, body, code, sentence), each tried on the same book. The console says a sentence where it knows early that an
    event cannot be; where it leaves that to the server, `early` is False. `accepted` are events (kind, body) that can
    follow, each tried on the same book. `console` is what only the console works out:
    the rest of `facts()` of law_cases.mjs.
    """

    book: Book
    shows: dict[str, Any] = field(default_factory=dict)
    refused: list[tuple[str, dict, str, str]] = field(default_factory=list)
    early: bool = True
    accepted: list[tuple[str, dict]] = field(default_factory=list)
    console: dict[str, Any] = field(default_factory=dict)


FIRST_NAMES = re.compile(r"\b[TA] (?=[0-9])")  # of the scorer's book, which the console's cards leave out

CASES: dict[str, Callable[[], Told]] = {}


def law(name: str) -> Callable[[Callable[[], Told]], Callable[[], Told]]:
    """Put a case into the table under the law or condition that it tells of."""

    def put(tell: Callable[[], Told]) -> Callable[[], Told]:
        assert name not in CASES, name
        CASES[name] = tell
        return tell

    return put


def shot(state, ball) -> list:
    """[x, y, length, where it went in words] of what was said of a ball."""
    x, y, length = ball.shot.x, ball.shot.y, ball.shot.length
    return [x, y, length, None if x is None else place_words(x, y, state.hands.get(ball.striker))]


def facts(state) -> dict[str, Any]:
    """What a scorer sees of a state; law_cases.mjs says the same of the console's."""
    innings = state.innings[-1] if state.innings else None
    open_, found = state.current, results.derive(state)
    return {
        "scores": [f"{i.runs}/{i.wickets}" for i in state.innings],
        "all_out": innings.all_out if innings else None,
        "target": results.target_of(state, innings) if innings else None,
        "needed": state.runs_needed if open_ else None,
        "left": state.balls_left if open_ else None,
        "due": state.due if open_ else None,
        "striker": innings.striker if innings else None,
        "free_hit": open_.free_hit if open_ else None,
        "over_to_finish": state.over_to_finish,
        "laws": state.edition.words,
        "how": {b.key: FIRST_NAMES.sub("", b.how) for b in innings.batting.values()} if innings else {},
        "can_bat": sorted(state.can_bat()),
        "can_bowl": sorted(state.can_bowl()),
        "problems": [sentence for _, sentence in state.problems],
        "follow_on": state.follow_on_possible,
        "decided": found.text if found and not open_ else None,
        "bowlers": bowlers(state, open_) if open_ else {},
        "suspended": innings.suspended if innings else {},
        "result": state.result.text if state.result else None,
        "shots": [shot(state, b) for over in innings.overs for b in over.balls if b.shot] if innings else [],
    }


def bowlers(state, innings) -> dict[str, list]:
    """{who may bowl or could be let by the umpires: [what speaks against it, overs left as text or None]}."""
    side, against = state.teams[1 - innings.team], bowling.objections(state, innings)
    free = [key for key in side.players if key not in side.replaced and key not in innings.suspended]
    return {key: [against.get(key, ""), bowling.overs_left(state, innings, key)] for key in free}
