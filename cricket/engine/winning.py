"""The winning hit: what still counts of the ball that wins a match, and that none follows it (Law 16.6)."""

from cricket.engine import results
from cricket.engine.innings import NOT_OUT, Innings
from cricket.engine.state import MatchRecord
from cricket.engine.words import many


def past_the_win(state: MatchRecord, innings: Innings, body: dict, extras: dict) -> tuple[str, str] | None:
    """Why this delivery goes on after the match was won, as (sentence, code); None where it does not.

    A result ends the match at once (16.6.1). The run for a no-ball or a wide is scored on the call (21.16, 22.6); then
    runs count up to the winning one, but for a boundary, which counts whole where the runs completed before it were too
    few (16.6.3, 18.8), also after overthrows (19.8). Penalty runs are awarded all the same (41.17.2).
    """
    target = results.target_of(state, innings)
    if target is None or as_it_ended(state, innings, target):
        return None
    needed = target - innings.runs
    if needed <= 0:
        return "The target is reached: no ball follows.", "MATCH_WON"
    settings = state.settings
    called = settings.wide if extras.get("wides") else settings.no_ball if extras.get("noballs") else 0
    ran = body["bat"] + sum(extras.values()) - extras.get("penalty", 0) - called
    if called + ran < needed:
        return None
    falls = any(wicket["kind"] not in NOT_OUT for wicket in body.get("wickets") or ())
    if called >= needed and (ran or falls):
        call = "wide" if extras.get("wides") else "no-ball"
        return f"The {call} won the match: nothing else of that ball counts.", "WINNING_HIT"
    if falls:
        return "The runs of that ball won the match: no wicket falls after them.", "WINNING_HIT"
    needed -= called
    if ran <= needed or is_boundary(body, ran) or 0 < ran - 4 < needed:
        return None
    return f"Only {many(needed, 'run')} can be run: the winning run ends the match.", "WINNING_HIT"


def as_it_ended(state: MatchRecord, innings: Innings, target: int) -> bool:
    """Whether a file states a target below what the first side made: that can be the one by which rain ended the match
    later, and not the one played for.
    """
    return innings.target_at_start and not innings.super_over and target <= state.innings[0].runs


def is_boundary(body: dict, ran: int) -> bool:
    """Whether these runs are a boundary allowance alone: four, or six off the bat."""
    return not body.get("non_boundary") and (ran == 4 or (ran == 6 and body["bat"] == 6))
