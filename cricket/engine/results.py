"""The result of a match, and how it is said.

Derived from the innings; what the balls cannot tell (an award, a bowl-out, the boundary count that decided a tied super
over) is taken from the outcome somebody stated.
"""

from typing import Literal, overload

from cricket.engine.innings import Ball, Innings
from cricket.engine.sides import Settings
from cricket.engine.state import MatchRecord, Result
from cricket.engine.words import many

MINIMUM = {"T20": 5, "ODI": 20, "List A": 20, "Hundred": 5}
"""The fewest overs (in The Hundred sets of five balls) that make a match, by its format."""


WON = {
    "": "awarded the match",
    "awarded": "awarded the match",
    "1st innings score": "won on first-innings score",
    "lost fewer wickets": "won by losing fewer wickets",
    "penalty runs": "won by Penalty runs",
    "boundary count": "won on boundary count",
    "conceded": "won (match conceded)",
    "run rate": "won on run rate",
}
"""How a side won by a method that is no reckoning of rain, in lower case; "" is a winner without a margin or method."""


def stated_text(names: list[str], outcome: dict, super_over_tied: bool = False) -> str:
    """An outcome as its holder stated it, in words; all that tells how it was decided stands in one bracket.

    `super_over_tied` says of a match with an `eliminator` that the boundaries decided it (conditions until 2019).
    """
    method = outcome.get("method") or ""
    by, kind = outcome.get("by") or {}, outcome.get("result")
    winner, eliminator, won = outcome.get("winner"), outcome.get("eliminator"), WON.get(method.lower())
    how = [] if won else [f"{method} method"]
    if kind in ("tie", "draw"):
        decider = winner if eliminator is None else eliminator
        if decider is None:
            how += [f"{names[outcome['bowl_out']]} won the bowl-out"] if outcome.get("bowl_out") is not None else []
        elif eliminator is not None and (
            method.lower() == "boundary count" or (super_over_tied and not (method and won))
        ):
            how.append(f"super over tied; {names[eliminator]} on boundary count")
        elif kind == "draw" or (method and won):
            how.append(f"{names[decider]} {won if method and won else WON['1st innings score']}")
        else:
            how.append(f"{names[decider]} won{'' if eliminator is None else ' the super over'}")
        said = "Match tied" if kind == "tie" else "Match drawn"
    elif winner is None:
        return "No result"
    elif "innings" in by:
        said = f"{names[winner]} won by an innings and {many(by.get('runs', 0), 'run')}"
    elif by:
        said = f"{names[winner]} won by " + (
            many(by["runs"], "run") if "runs" in by else many(by.get("wickets", 0), "wicket")
        )
    else:
        return f"{names[winner]} {won}" if won else f"{names[winner]} won ({method} method)"
    if by and method and won and method.lower() != "awarded":
        how.append(method.lower())
    return said + (f" ({'; '.join(how)})" if how else "")


def conclude(state: MatchRecord, outcome: dict | None, reason: str | None) -> Result:
    """The result at the end of a match: as stated where somebody states one, else worked out from the innings.

    What is stated and follows from the balls is said in the words of the balls, which tell more of how it was decided.
    """
    if outcome:
        return stated_result(state, outcome)
    found = derive(state, over=True, reason=reason)
    if found.text == "Match not completed":
        found.text = "No result"
    if state.method and found.by:
        found.method = state.method
        found.text += f" ({state.method} method)"
    return found


def stated_result(state: MatchRecord, outcome: dict) -> Result:
    names = [side.name for side in state.teams]
    method = outcome.get("method") or (state.method if outcome.get("by") else None)
    outcome = {**outcome, **({"method": method} if method else {})}
    supers = supers_of(state)
    tied = len(supers) > 1 and len(supers) % 2 == 0 and supers[-1].runs == supers[-2].runs
    text = stated_text(names, outcome, tied)
    reckoned = bool(outcome.get("by")) and (method or "").lower() not in WON
    if (reckoned or not method) and outcome.get("result") != "no result":
        balls = derive(state, over=True, stated={"eliminator": outcome.get("eliminator")})
        decided = balls.eliminator if balls.super_over is None else balls.super_over
        if (balls.winner, balls.by, balls.result, decided, None) == (
            outcome.get("winner"), outcome.get("by") or {}, outcome.get("result"), outcome.get("eliminator"),
            outcome.get("bowl_out"),
        ):  # fmt: skip
            text = balls.text + (f" ({method} method)" if reckoned else "")
    return Result(
        text,
        outcome.get("winner"),
        dict(outcome.get("by") or {}),
        outcome.get("result"),
        method,
        outcome.get("eliminator"),
        outcome.get("bowl_out"),
        derived=False,
    )


def totals(state: MatchRecord) -> list[int]:
    """Runs of each side in the innings that count."""
    sums = [0, 0]
    for innings in state.main_innings:
        sums[innings.team] += innings.runs
    return sums


def target_of(state: MatchRecord, innings: Innings) -> int | None:
    """What the side batting in this innings needs to win; None where it does not bat last."""
    if innings.target is not None:
        return innings.target
    if innings.super_over:
        supers = [other for other in state.innings if other.super_over]
        place = supers.index(innings)
        return supers[place - 1].runs + 1 if place % 2 else None
    runs, left = 1, state.settings.innings
    for other in state.innings:
        if not other.super_over:
            left -= 1
            if other is innings:
                return None if left else runs
            runs += -other.runs if other.team == innings.team else other.runs
    return None


@overload
def derive(
    state: MatchRecord, *, over: Literal[True], reason: str | None = None, stated: dict | None = None
) -> Result: ...
@overload
def derive(
    state: MatchRecord, *, over: bool = False, reason: str | None = None, stated: dict | None = None
) -> Result | None: ...
def derive(
    state: MatchRecord, *, over: bool = False, reason: str | None = None, stated: dict | None = None
) -> Result | None:
    """The result the balls give.

    None while the match goes on; with `over` a match that did not end by itself is drawn or has none.
    """
    if stated and stated.get("winner") is not None and not stated.get("by"):
        return conclude(state, stated, None)
    if state.settings.innings == 4:
        found = derive_innings_match(state)
        if found is not None or not over:
            return found
        # An unfinished match is a draw; that one was called off without a result instead is for its holder to say.
        if not stated or stated.get("result") != "no result":
            return Result("Match drawn", result="draw")
        return Result("Match not completed" if len(state.main_innings) > 1 else "No result", result="no result")
    found = derive_limited(state, reason, stated, over)
    if found is not None and found.result == "tie":
        return derive_tie(state, found, stated) if supers_of(state) or over else found
    if found is not None or not over:
        return found
    return Result("Match not completed" if len(state.main_innings) > 1 else "No result", result="no result")


def minimum_overs(settings: Settings) -> int | None:
    """The overs that each side must have had the chance to bat for a result (ICC playing conditions 16.3): as set, else
    the format's; a match that is shorter than these from the start has none.
    """
    if settings.min_overs is not None:
        return settings.min_overs or None
    least = MINIMUM.get(settings.format)
    return least if least and settings.overs and settings.overs >= least else None


def too_short(state: MatchRecord) -> bool:
    """Whether a limited-overs match has not come so far that there can be a result: a side that was not all out had no
    chance to bat the fewest overs, and the target is not reached.
    """
    least = minimum_overs(state.settings)
    if least is None:
        return False
    first, second = state.main_innings[:2]
    if second.runs >= chased(first, second):
        return False
    return any(
        innings.balls < least * innings.per_over and not innings.all_out and innings.ended != "all out"
        for innings in (first, second)
    )


def chased(first: Innings, second: Innings) -> int:
    """The target of a limited-overs match: given, or one more than the first side made."""
    return second.target if second.target is not None else first.runs + 1


def derive_limited(state: MatchRecord, reason: str | None, stated: dict | None, over: bool) -> Result | None:
    """Rule 16 of the reference: reached, wickets; out of overs or all out, runs or a tie; called off, by the par score
    where there is one and both sides could bat the fewest overs. None where none of this holds.
    """
    main = state.main_innings
    if len(main) < 2 or main[0].ended is None:
        return None
    first, second = main[0], main[1]
    names = [side.name for side in state.teams]
    target = chased(first, second)
    if second.runs >= target:
        last = last_ball(second)
        corrected = stated is None and second.target is None  # an earlier ball was, and the last came after the win
        if second.as_card or last is None or last.score - last.total < target or corrected:
            return won_batting(state, second, target, stated)
        # The target is a lower one than that of the last balls (rain, or a file that plays on): ahead by runs.
        if second.ended is None and not over:
            return None
        runs = second.runs - target + 1
        return Result(f"{names[second.team]} won by {many(runs, 'run')}", second.team, {"runs": runs})
    if stated is None and too_short(state):
        return None
    # A file that names a method but no target leaves the length of the chase unknown: its end is believed.
    unknown_length = stated is not None and stated.get("method") and second.target is None
    if not is_complete(second) and not unknown_length:
        if second.par is None or "no further play" not in (reason, second.ended):
            return None
        target = second.par + 1
        if second.runs >= target:
            runs = second.runs - second.par
            return Result(f"{names[second.team]} won by {many(runs, 'run')}", second.team, {"runs": runs})
    if second.runs == target - 1:
        return Result("Match tied", result="tie")
    runs = target - 1 - second.runs
    return Result(f"{names[first.team]} won by {many(runs, 'run')}", first.team, {"runs": runs})


def is_complete(innings: Innings) -> bool:
    """Whether an innings had its overs or its wickets."""
    return innings.all_out or innings.overs_complete or innings.ended == "all out"


def last_ball(innings: Innings) -> Ball | None:
    return innings.overs[-1].balls[-1] if innings.overs and innings.overs[-1].balls else None


def won_batting(state: MatchRecord, innings: Innings, target: int, stated: dict | None = None) -> Result:
    """A win of the side that bats last: by the wickets still to fall, or by Penalty runs where its innings was complete
    without enough (Law 16.7). `by` holds runs then, as files state such a win, and a file's own words stand.
    """
    name, by = state.teams[innings.team].name, {"runs": innings.runs - target + 1}
    wickets = innings.all_out_at - innings.wickets
    last = last_ball(innings)
    late = innings.late_penalties + (last.extras.get("penalty", 0) if last is not None and innings.all_out else 0)
    if innings.runs - late >= target:
        return Result(f"{name} won by {many(wickets, 'wicket')}", innings.team, {"wickets": wickets})
    told = many(by["runs"], "run") if stated and stated.get("by") == by else "Penalty runs"
    return Result(f"{name} won by {told}", innings.team, by)


def supers_of(state: MatchRecord) -> list[Innings]:
    return [innings for innings in state.innings if innings.super_over]


def derive_tie(state: MatchRecord, tie: Result, stated: dict | None) -> Result:
    """A tie and its super overs: they come in pairs, the last pair decides; a tied pair with a named winner was the
    boundary count.
    """
    supers = supers_of(state)
    pairs = [supers[i : i + 2] for i in range(0, len(supers) - 1, 2)]
    if not pairs:
        return tie
    names = [side.name for side in state.teams]
    one, two = pairs[-1]
    broken_off = two.ended in (None, "match ended", "abandoned", "no further play")
    if one.runs >= two.runs and broken_off and not (two.all_out or two.overs_complete):
        return tie  # nobody won it
    if one.runs == two.runs:
        eliminator = (stated or {}).get("eliminator")
        tie.eliminator = eliminator
        tie.text = "Match tied (super over tied" + (
            f"; {names[eliminator]} on boundary count)" if eliminator is not None else ")"
        )
        return tie
    winner = one.team if one.runs > two.runs else two.team
    tie.super_over = winner
    after = f", after {len(pairs)}" if len(pairs) > 1 else ""
    tie.text = f"Match tied ({names[winner]} won the super over{after})"
    return tie


def derive_innings_match(state: MatchRecord) -> Result | None:
    """Innings, runs, wickets or a tie; None where neither side has won (a draw, if play is over)."""
    main = state.main_innings
    if len(main) < 3:
        return None
    names = [side.name for side in state.teams]
    last = main[-1]
    sums = totals(state)
    batting, bowling = last.team, 1 - last.team
    ahead = sums[batting] - sums[bowling]
    had = [sum(innings.team == team for innings in main) for team in (0, 1)]
    over = last.all_out or last.ended in ("all out", "forfeited", "declared")
    if had[batting] == 2 and had[bowling] == 1:
        if over and ahead < 0:
            text = f"{names[bowling]} won by an innings and {many(-ahead, 'run')}"
            return Result(text, bowling, {"innings": 1, "runs": -ahead})
        return None
    if len(main) < 4:
        return None
    if ahead > 0:
        return won_batting(state, last, last.runs - ahead + 1)
    if not over:
        return None
    if ahead == 0:
        return Result("Match tied", result="tie")
    return Result(f"{names[bowling]} won by {many(-ahead, 'run')}", bowling, {"runs": -ahead})


def lead_text(state: MatchRecord) -> str | None:
    """How the sides stand in a match of two innings each."""
    if state.settings.innings != 4 or len(state.main_innings) < 2 or state.ended:
        return None
    innings = state.main_innings[-1]
    sums = totals(state)
    ahead = sums[innings.team] - sums[1 - innings.team]
    name = state.teams[innings.team].name
    if len(state.main_innings) == 4 and innings.ended is None:
        needed = 1 - ahead
        return f"{name} need {many(max(0, needed), 'more run')} to win"
    if ahead == 0:
        return "Scores are level"
    return f"{name} {'lead' if ahead > 0 else 'trail'} by {many(abs(ahead), 'run')}"


def follow_on_possible(state: MatchRecord) -> bool:
    """Law 14: after two innings a lead of 200 (five days or more), 150 (three or four), 100 (two) or 75 (one) may be
    enforced, also where the other side declared.
    """
    main = state.main_innings
    if state.settings.innings != 4 or len(main) != 2 or main[1].ended is None:
        return False
    days = state.settings.more.get("days") or (5 if state.settings.format == "Test" else 4)
    needed = 200 if days >= 5 else 150 if days >= 3 else 100 if days == 2 else 75
    return main[0].runs - main[1].runs >= needed


def due(state: MatchRecord) -> str | None:
    """What stands at its end: the match, the innings or the over."""
    if state.ended or not state.innings:
        return None
    innings = state.innings[-1]
    if innings.ended is not None:
        found = derive(state)
        if found is None:
            return None
        return "match" if found.result != "tie" or state.settings.innings == 4 or found.super_over is not None else None
    target = target_of(state, innings)
    if innings.all_out or (target is not None and innings.runs >= target) or innings.overs_complete:
        return "innings"
    return "over" if innings.over_due else None
