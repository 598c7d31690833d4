"""The ladder of a competition: points and net run rate, counted from the summaries of its matches.

Two points for a win, one each where nobody won. Net run rate is runs an over made less runs an over given; a side that
was all out counts as having batted all its overs, a match without a result counts for nothing in it. Where a target was
revised the side that batted first counts with one run less than it and the overs of the chase; where a chase was called
off and the par score decided, with that par score and the overs that the other side faced (ICC playing conditions, net
run rate).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from cricket.engine import results
from cricket.engine.innings import Innings
from cricket.engine.state import MatchRecord

WIN, SHARED = 2, 1
FORM = 5
ON_THE_FIELD = {"lost fewer wickets", "run rate", "boundary count", "penalty runs"}
"""Methods by which a winner without a margin won on the field: the match counts in the rate, an award does not."""


class Club(Protocol):
    """A side, as far as a ladder names it."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def short_name(self) -> str: ...


@dataclass(frozen=True)
class Played:
    """A match of the season: its two teams (home first), the fixture's state and the summary of its board, or None."""

    home: Club
    away: Club
    state: str
    summary: dict | None
    result: str | None = None

    @property
    def teams(self) -> tuple[Club, Club]:
        return self.home, self.away


@dataclass
class Row:
    """One side of the ladder.

    `made` and `given` are [runs, overs] over the season, an over of each match's own length; `form` the last results,
    newest last: W, L, N.
    """

    team: Club
    played: int = 0
    won: int = 0
    lost: int = 0
    shared: int = 0
    points: int = 0
    made: list[float] = field(default_factory=lambda: [0, 0.0])
    given: list[float] = field(default_factory=lambda: [0, 0.0])
    form: list[str] = field(default_factory=list)

    @property
    def net_run_rate(self) -> float | None:
        """Runs an over made less runs an over given; None before a result."""
        if not self.made[1] or not self.given[1]:
            return None
        return self.made[0] / self.made[1] - self.given[0] / self.given[1]

    @property
    def rate_text(self) -> str:
        """+1.234, −0.087 or nothing."""
        rate = self.net_run_rate
        if rate is None:
            return ""
        return f"{'−' if rate < 0 and f'{abs(rate):.3f}' != '0.000' else '+'}{abs(rate):.3f}"

    @property
    def last(self) -> list[str]:
        return self.form[-FORM:]


def facts(state: MatchRecord) -> dict[str, Any]:
    """What a ladder needs of a finished match: {winner: 0, 1 or null, per, rates: [[runs, balls], [runs, balls]] or
    null}.

    `rates` are what each side counts with in net run rate, in order of teams; null for matches that do not count in it.
    """
    result = state.result
    winner = None
    if result is not None:
        decided = next(
            (team for team in (result.eliminator, result.bowl_out, result.super_over) if team is not None), None
        )
        winner = result.winner if result.winner is not None else decided
    main = state.main_innings
    counts = (
        bool(state.settings.overs)
        and len(main) == 2
        and result is not None
        and result.result != "no result"
        and bool(result.by or result.result == "tie" or (result.method or "").lower() in ON_THE_FIELD)
    )
    found: dict[str, Any] = {"winner": winner, "per": state.settings.balls_per_over, "rates": None}
    if counts:
        first, second = main
        rates: list[list[int] | None] = [None, None]
        rates[first.team] = [first.runs, _quota(first)]
        rates[second.team] = [second.runs, _quota(second)]
        if second.par is not None and _is_called_off(second, results.chased(first, second)):
            rates[first.team] = [second.par, second.balls]
        elif _is_revised(first, second):
            rates[first.team] = [results.chased(first, second) - 1, second.balls_limit or _quota(first)]
        found["rates"] = rates
    return found


def _is_called_off(second: Innings, target: int) -> bool:
    """Whether the chase ended neither complete nor at its target."""
    return second.runs < target and not results.is_complete(second)


def _is_revised(first: Innings, second: Innings) -> bool:
    """Whether the chase was for another target, or in fewer overs, than the first innings gave."""
    if second.target is None:
        return False
    return second.target != first.runs + 1 or second.balls_limit != first.balls_limit


def _quota(innings: Innings) -> int:
    """The balls an innings counts with: all of its overs where it was all out."""
    if innings.all_out and innings.balls_limit:
        return innings.balls_limit
    return innings.balls


def table(season: Iterable[Played]) -> list[Row]:
    """Rows of the ladder, best first, of the matches of a season in order of play.

    A match to come names its sides and counts for nothing.
    """
    rows = {}
    for match in season:
        sides = [rows.setdefault(team.id, Row(team)) for team in match.teams]
        told = (match.summary or {}).get("facts")
        if match.state not in ("finished", "abandoned") or (
            told is None and match.state == "finished" and not match.result
        ):
            continue
        winner = told["winner"] if told else _winner_of(match)
        for place, row in enumerate(sides):
            row.played += 1
            if winner is None:
                row.shared += 1
                row.points += SHARED
                row.form.append("N")
            elif winner == place:
                row.won += 1
                row.points += WIN
                row.form.append("W")
            else:
                row.lost += 1
                row.form.append("L")
        if told and told["rates"]:
            for place, row in enumerate(sides):
                for sums, figures in ((row.made, told["rates"][place]), (row.given, told["rates"][1 - place])):
                    sums[0] += figures[0]
                    sums[1] += figures[1] / told["per"]
    return sorted(rows.values(), key=lambda row: (-row.points, -(row.net_run_rate or 0), -row.won, row.team.name))


def _winner_of(match: Played) -> int | None:
    """The winner by the words of a result that was entered without a scorecard: "Terns won by 5 wickets"."""
    for place, team in enumerate(match.teams):
        said = match.result or ""
        if said.startswith((f"{team.name} ", f"{team.short_name} ")) and " won" in said:
            return place
    return None
