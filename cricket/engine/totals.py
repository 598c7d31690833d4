"""What two scorers compare at the end of an over.

Law 3.1: two scorers record all runs, wickets and overs; Law 3.2: they check frequently that their records agree.
"""

from typing import Any

from cricket.engine.innings import CREDITED, Innings

FIGURES = (
    "team",
    "runs",
    "wickets",
    "extras",
    "over_runs",
    "over_wickets",
    "balls",
    "wides",
    "noballs",
    "byes",
    "legbyes",
    "penalty",
)
"""team (0 or 1) that bats; runs, wickets and extras of the innings up to there; the rest of this over alone: its runs
and wickets, legal balls, and extras by kind. Penalty runs and wickets between two balls belong to the over in which the
next ball is bowled, or to the last one of the innings."""


def totals(innings: Innings) -> list[dict[str, Any]]:
    """The totals at the end of each finished over, in order: {"innings", "over" (from 1), every one of FIGURES,
    "batters": [[key, runs, balls]] (the two who were in for its last ball, by key), "bowler": [key, balls, runs,
    wickets] (who bowled it, with the figures of the innings so far)}.

    The last over of an innings that has ended is finished, however many balls it had.
    """
    found: list[dict[str, Any]] = []
    batting: dict[str, list[int]] = {}
    bowling: dict[str, list[int]] = {}
    runs = wickets = from_bat = 0
    for over in innings.overs:
        bat = balls = 0
        extras = dict.fromkeys(("wides", "noballs", "byes", "legbyes"), 0)
        for ball in over.balls:
            line = batting.setdefault(ball.striker, [0, 0])
            batting.setdefault(ball.non_striker, [0, 0])
            figures = bowling.setdefault(ball.bowler, [0, 0, 0])
            wides, noballs = ball.extras.get("wides", 0), ball.extras.get("noballs", 0)
            line[0] += ball.bat
            line[1] += not wides
            figures[0] += ball.legal
            figures[1] += ball.bat + wides + noballs
            figures[2] += sum(wicket["kind"] in CREDITED for wicket in ball.wickets)
            bat += ball.bat
            balls += ball.legal
            for kind in extras:
                extras[kind] += ball.extras.get(kind, 0)
        last = over.balls[-1]
        closes = bool(innings.ended) and over is innings.overs[-1]
        if not (over.complete or closes):
            break
        score, down = (innings.runs, innings.wickets) if closes else (last.score, last.down)
        from_bat += bat
        found.append(
            {
                "innings": innings.index,
                "over": len(found) + 1,
                "team": innings.team,
                "runs": score,
                "wickets": down,
                "extras": score - from_bat,
                "over_runs": score - runs,
                "over_wickets": down - wickets,
                "balls": balls,
                **extras,
                "penalty": score - runs - bat - sum(extras.values()),
                "batters": [[key, *batting[key]] for key in sorted((last.striker, last.non_striker))],
                "bowler": [last.bowler, *bowling[last.bowler]],
            }
        )
        runs, wickets = score, down
    return found


def differences(match: dict[str, Any], second: dict[str, Any]) -> list[dict[str, Any]]:
    """Which figures of two totals of the same over differ: [{"what", "match", "second"}], `what` being one of FIGURES;
    for "batter" and "bowler" with "player" (the key), and None on the side that does not name them.
    """
    found: list[dict[str, Any]] = [
        {"what": what, "match": match[what], "second": second[what]} for what in FIGURES if match[what] != second[what]
    ]
    for what, ours, theirs in (
        ("batter", match["batters"], second["batters"]),
        ("bowler", [match["bowler"]], [second["bowler"]]),
    ):
        mine, other = ({key: figures for key, *figures in lines} for lines in (ours, theirs))
        found += [
            {"what": what, "player": key, "match": mine.get(key), "second": other.get(key)}
            for key in mine | other
            if mine.get(key) != other.get(key)
        ]
    return found
