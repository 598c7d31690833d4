"""The table of hard cases that holds the engine and the console's fold together: each is told once, as a scorer's book,
and both must show the same, and refuse the same in the same words. The cases stand in tests/cricket/laws/, a file for
each part of the Laws.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cricket.engine import results
from tests.support.scorebook import Book


@dataclass
class Told:
    """What a case expects after its book: `shows` is part of `facts()`; `refused` are events that cannot follow, as
    (kind, body, code, sentence), each tried on the same book. The console says a sentence where it knows early that an
    event cannot be; where it leaves that to the server, `early` is False.
    """

    book: Book
    shows: dict[str, Any] = field(default_factory=dict)
    refused: list[tuple[str, dict, str, str]] = field(default_factory=list)
    early: bool = True


FIRST_NAMES = re.compile(r"\b[TA] (?=[0-9])")  # of the scorer's book, which the console's cards leave out

CASES: dict[str, Callable[[], Told]] = {}


def law(name: str) -> Callable[[Callable[[], Told]], Callable[[], Told]]:
    """Put a case into the table under the law or condition that it tells of."""

    def put(tell: Callable[[], Told]) -> Callable[[], Told]:
        assert name not in CASES, name
        CASES[name] = tell
        return tell

    return put


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
        "how": {b.key: FIRST_NAMES.sub("", b.how) for b in innings.batting.values()} if innings else {},
        "can_bat": sorted(state.can_bat()),
        "can_bowl": sorted(state.can_bowl()),
        "warned": [sentence for _, sentence in state.problems],
        "follow_on": state.follow_on_possible,
        "decided": found.text if found and not open_ else None,
        "result": state.result.text if state.result else None,
    }
