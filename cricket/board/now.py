"""How an innings stands just now: who is in, what is needed, where it leads."""

from collections.abc import Mapping
from typing import Any

from cricket.engine.innings import Innings, Over
from cricket.engine.scoring import MatchState

POWERPLAYS = {"mandatory": "Powerplay", "batting": "Batting powerplay", "fielding": "Fielding powerplay"}


def now(state: MatchState, innings: Innings, shown: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The board's `now`: batters and bowlers by their places in the card, the last wicket, and what is needed."""
    batting, bowling = [row["key"] for row in shown["batting"]], [row["key"] for row in shown["bowling"]]
    bat = [batting.index(key) if key in batting else None for key in (innings.striker, innings.non_striker)]
    bowl = bowling.index(innings.bowler) if innings.bowler in bowling else None
    before = [key for over in overs_of(innings)[-3:] for key in over.bowlers if key != innings.bowler]
    return {
        "bat": bat if not innings.ended else [None, None],
        "bowl": bowl,
        "prev": bowling.index(before[-1]) if before and before[-1] in bowling else None,
        "last": _last(innings, shown),
        "need": _need(state, innings),
        "five": _last_five(innings),
        "proj": _projected(state, innings),
        "power": _powerplay_now(innings),
        "free": innings.free_hit and not innings.ended,
    }


def _last(innings: Innings, shown: Mapping[str, Any]) -> str:
    if not innings.fow:
        return ""
    fall = innings.fow[-1]
    row = next((row for row in shown["batting"] if row["key"] == fall.player), None)
    if row is None:
        return ""
    return f"{row['name']} {row['how']} {row['n'][0]} ({row['n'][1]})"


def _need(state: MatchState, innings: Innings) -> dict[str, Any]:
    """{runs, balls, rrr} of a chase; only the balls where nobody chases yet, nothing between innings."""
    if innings.ended:
        return {}
    left, rate, need = state.balls_left, state.required_rate, state.runs_needed
    found = {"runs": need, "balls": left, "rrr": f"{rate:.2f}" if rate is not None and need else None}
    return {name: value for name, value in found.items() if value is not None}


def _last_five(innings: Innings) -> str:
    """Runs and wickets of the last five overs, 58/1; of what has been played when it is less."""
    if innings.as_card:
        return ""
    overs = overs_of(innings)
    recent = overs[-5:]
    return f"{sum(o.runs for o in recent)}/{sum(o.wickets for o in recent)}" if len(overs) > 5 else ""


def _projected(state: MatchState, innings: Innings) -> list[list[Any]]:
    """Totals at three rates, [[rate, total]…]: as it goes, and the two whole rates above it.

    First innings of limited overs only.
    """
    left = state.balls_left
    rate = innings.run_rate
    if (
        state.target
        or innings.ended
        or left is None
        or rate is None
        or innings.super_over
        or innings.balls < innings.per_over
    ):
        return []
    rates = [rate, int(rate) + 1, int(rate) + 3]
    return [
        [f"{each:.2f}" if at == 0 else str(each), innings.runs + int(each * left / innings.per_over)]
        for at, each in enumerate(rates)
    ]


def _powerplay_now(innings: Innings) -> str:
    """The powerplay that the next ball belongs to, in words, or nothing."""
    if innings.ended:
        return ""
    over = innings.done + (1 if innings.over_due else 0)
    for each in innings.powerplays:
        if int(each["from"].split(".")[0]) <= over <= int(each["to"].split(".")[0]):
            return POWERPLAYS.get(each["type"], "Powerplay")
    return ""


def overs_of(innings: Innings) -> list[Over]:
    """Every over that has a ball, the one in play included."""
    overs = (
        innings.overs
        if innings.over is None or (innings.overs and innings.overs[-1] is innings.over)
        else [*innings.overs, innings.over]
    )
    return [over for over in overs if over.balls]
