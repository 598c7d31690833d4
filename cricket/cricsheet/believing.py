"""Whether the result that a file states is to be believed where its balls cannot give it: what they leave open, and
what they rule out.

A file holds the target of a chase, but no par score. Where rain ended the chase the margin tells the par, and the
result stated is believed as long as there can have been such a par.
"""

from typing import Any

from cricket.engine.innings import Innings
from cricket.engine.results import WON, supers_of
from cricket.engine.state import MatchRecord, Result
from cricket.engine.words import many


def by_reckoning(outcome: dict[str, Any]) -> bool:
    """Whether a method for interrupted matches is named (D/L, VJD), as against an award or a rule that breaks a tie."""
    return bool(outcome.get("method")) and outcome["method"].lower() not in WON


def chase_of(state: MatchRecord) -> Innings | None:
    """The second innings of a limited-overs match; None of any other and before it."""
    main = state.main_innings
    return main[1] if state.settings.innings == 2 and len(main) > 1 else None


def goal_known(chase: Innings) -> bool:
    """Whether the file says what was to be made in how many overs; `info.overs` is not lowered by rain."""
    return chase.target is not None and chase.target_overs is not None


def shortened(innings: Innings) -> bool:
    """Whether an innings ended before its time: neither all out nor through the overs of the match."""
    return not (innings.all_out or innings.overs_complete or innings.declared)


def undecided(outcome: dict[str, Any], state: MatchRecord, derived: Result, differs: bool) -> list[str]:
    """What the balls cannot decide of the outcome stated, in sentences; `differs` where they give another."""
    method, chase, winner = outcome.get("method") or "", chase_of(state), outcome.get("winner")
    ours = f" By the balls alone: {derived.text}." if differs else ""
    found = []
    if winner is not None and not outcome.get("by") and method.lower() in ("", "awarded") and not outcome.get("result"):
        found.append("The match was awarded; the balls cannot tell.")
    if outcome.get("eliminator") is not None and derived.result == "tie" and derived.super_over is None:
        found.append(
            "The super over was tied; who won by the tie-break is as the file says."
            if supers_of(state)
            else "The super over is not in the file; who won it is as the file says."
        )
    if outcome.get("bowl_out") is not None and derived.result == "tie":
        found.append("The bowl-out is as the file says.")
    if chase is None or found or (winner is None and outcome.get("result") != "tie"):
        return found
    reached = not differs and "wickets" in derived.by
    if by_reckoning(outcome):
        if chase.target is None and not reached:
            found.append(f"The target by the {method} method is not in the file.{ours}")
        elif differs or (winner is not None and not outcome.get("by")):
            found.append(f"The margin is by the {method} method, from a par score that is not in the file.{ours}")
    elif not goal_known(chase) and not reached and (shortened(chase) or shortened(state.main_innings[0])):
        found.append(f"The match was shortened, and the file does not say to which target in how many overs.{ours}")
    return found


def contradictions(outcome: dict[str, Any], state: MatchRecord, open_: bool) -> list[str]:
    """Why the outcome stated cannot be, in sentences: `open_` where the balls alone do not decide it."""
    main, method = state.main_innings, (outcome.get("method") or "").lower()
    winner = outcome.get("winner") if outcome.get("eliminator") is None else outcome["eliminator"]
    wrong = None
    if len(main) > 1 and winner is not None and method in ("1st innings score", "lost fewer wickets"):
        theirs, others = (main[0], main[1]) if main[0].team == winner else (main[1], main[0])
        if method == "1st innings score" and theirs.runs <= others.runs:
            wrong = f"{state.teams[winner].name} did not lead on first innings."
        elif method == "lost fewer wickets" and theirs.wickets >= others.wickets:
            wrong = f"{state.teams[winner].name} did not lose fewer wickets."
    chase = chase_of(state)
    if (
        open_
        and chase is not None
        and (outcome.get("by") or (outcome.get("result") == "tie" and by_reckoning(outcome)))
    ):
        wrong = why_not(outcome, state, chase)
    return [wrong] if wrong else []


def why_not(outcome: dict[str, Any], state: MatchRecord, chase: Innings) -> str | None:
    """Why no par score allows the outcome stated of an interrupted chase."""
    winner, by = outcome.get("winner"), outcome.get("by") or {}
    runs, wickets = by.get("runs"), by.get("wickets")
    first, second = (state.teams[team].name for team in (1 - chase.team, chase.team))
    target, left = chase.target, chase.all_out_at - chase.wickets
    short = target is not None and chase.runs < target
    ended = chase.all_out or (goal_known(chase) and chase.overs_complete)
    if "innings" in by or (winner != chase.team and wickets is not None):
        return f"{first} batted first and can have won by runs alone."
    if winner == chase.team:
        if short and ended:
            return f"{second} ended below the target of {target} and cannot have won."
        if wickets is not None and wickets != left:
            return f"{second} had {many(left, 'wicket')} left, not {wickets}."
        if runs is not None and not 0 < runs <= chase.runs:
            return f"{second} made {chase.runs} and cannot have been {many(runs, 'run')} ahead of a par score."
        return None
    if target is None:
        return None
    if not short:
        return f"{second} reached the target of {target}."
    par = chase.runs + (runs or 0)
    if ended and par != target - 1:
        return f"{second} ended {many(target - 1 - chase.runs, 'run')} behind, not {runs or 0}."
    if par >= target:
        return f"A margin of {many(runs or 0, 'run')} means a par score of {par}, above the target of {target}."
    return None
