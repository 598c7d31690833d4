"""The cards of a match as plain data, and what a file's statements and its balls disagree about.

`cards(source, state)` is what `import-match --json` prints. People are named as in the source; two of one name in a
side get a number.
"""

from typing import Any, Protocol

from cricket.engine import results
from cricket.engine.innings import Batter, Bowler, Innings
from cricket.engine.scoring import MatchState


class Source(Protocol):
    """A file that was read, as far as its cards speak of it: `outcome` is what it states of the result."""

    id: str
    outcome: dict[str, Any]


def shown_names(state: MatchState) -> dict[str, str]:
    """Player key → the name a card shows, different for different players of a side."""
    shown: dict[str, str] = {}
    for side in state.teams:
        taken: set[str] = set()
        for key, player in side.players.items():
            name, count = player.name, 1
            while name in taken:
                count += 1
                name = f"{player.name} ({count})"
            taken.add(name)
            shown[key] = name
    return shown


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def batting_card(batter: Batter, names: dict[str, str]) -> dict:
    card: dict[str, Any] = {
        "runs": batter.runs,
        "balls": batter.balls,
        "fours": batter.fours,
        "sixes": batter.sixes,
        "how": batter.how,
    }
    card["out"] = batter.out is not None
    if batter.out:
        card["kind"] = batter.out.kind
        card["bowler"] = names.get(batter.out.bowler, batter.out.bowler) if batter.out.bowler else None
    elif batter.state == "retired" and batter.retired:
        card["kind"] = batter.retired
    card["sr"] = rounded(batter.strike_rate)
    return card


def bowling_card(bowler: Bowler) -> dict:
    return {
        "overs": bowler.overs,
        "maidens": bowler.maidens,
        "runs": bowler.runs,
        "wickets": bowler.wickets,
        "wides": bowler.wides,
        "noballs": bowler.noballs,
        "wide_balls": bowler.wide_balls,
        "noball_balls": bowler.noball_balls,
        "dots": bowler.dots,
        "legal": bowler.legal,
        "balls": bowler.balls,
        "economy": rounded(bowler.economy),
    }


def target_card(state: MatchState, innings: Innings) -> dict | None:
    """The target of the side that bats second, as given or by the Laws; of no other innings, as Cricsheet has it."""
    runs = innings.target
    if runs is None:
        limited = state.settings.innings == 2 and not innings.super_over and innings.index == 1
        if not limited or not innings.target_known:
            return None
        runs = results.target_of(state, innings)
    overs = innings.target_overs or innings.overs_limit
    card: dict[str, Any] = {"runs": runs}
    if overs:
        card["overs"] = overs if "." in overs else int(overs)
    return card


def innings_card(state: MatchState, innings: Innings, names: dict[str, str]) -> dict:
    """One innings in full; `names` as shown_names() gives them."""
    return {
        "team": state.teams[innings.team].name,
        "runs": innings.runs,
        "wickets": innings.wickets,
        "overs": innings.overs_text,
        "balls": innings.balls,
        "legal_balls": innings.legal,
        "extras": dict(innings.extras),
        "extras_total": innings.extras_total,
        "batting": {
            names.get(key, batter.name): batting_card(batter, names) for key, batter in innings.batting.items()
        },
        "bowling": {names.get(key, bowler.name): bowling_card(bowler) for key, bowler in innings.bowling.items()},
        "fow": [
            {
                "wicket": fall.wicket,
                "score": fall.score,
                "player": names.get(fall.player, fall.player),
                "over": fall.label,
            }
            for fall in innings.fow
        ],
        "partnerships": [
            {
                "wicket": stand.wicket,
                "pair": [names.get(key, key) for key in stand.pair],
                "runs": stand.runs,
                "balls": stand.balls,
                "by": {names.get(key, key): runs for key, runs in stand.by.items()},
                "ended": stand.ended,
            }
            for stand in innings.partnerships
        ],
        "all_out": innings.all_out,
        "unavailable": innings.unavailable,
        "declared": innings.declared,
        "forfeited": innings.forfeited,
        "super_over": innings.super_over,
        "target": target_card(state, innings),
    }


def innings_cards(state: MatchState) -> list[dict]:
    """Every innings in order of play."""
    names = shown_names(state)
    return [innings_card(state, innings, names) for innings in state.innings]


def cards(source: Source, state: MatchState) -> dict:
    """The whole match in the form of `import-match --json`."""
    derived = results.derive(state, over=True, stated=source.outcome)
    return {
        "id": source.id,
        "stated": stated_text(source, state),
        "derived": derived.text,
        "disagreements": disagreements(source, state),
        "innings": innings_cards(state),
    }


def stated_text(source: Source, state: MatchState) -> str:
    return results.stated_text([side.name for side in state.teams], source.outcome)


def disagreements(source: Source, state: MatchState) -> list[str]:
    """Where the outcome a file states differs from what its balls give. Both are kept; nothing is repaired."""
    stated = source.outcome
    derived = results.derive(state, over=True, stated=stated)
    found = []
    if stated.get("winner") is not None and not stated.get("by"):
        return found
    kind = stated.get("result") or ("no result" if stated.get("winner") is None else None)
    if stated.get("winner") != derived.winner or kind != derived.result:
        found.append(f"winner: stated {stated_text(source, state)}, derived {derived.text}")
    elif (stated.get("by") or {}) != derived.by:
        found.append(f"margin: stated {stated['by']}, derived {derived.by}")
    decided = stated.get("eliminator")
    if derived.super_over is not None and decided is not None and decided != derived.super_over:
        found.append(f"super over: stated {state.teams[decided].name}, derived {state.teams[derived.super_over].name}")
    main = state.main_innings
    if state.settings.innings == 2 and len(main) > 1 and main[1].target is not None:
        decisive = stated.get("winner") is not None or kind == "tie"
        if decisive and not stated.get("method") and main[1].target != main[0].runs + 1:
            target = target_card(state, main[1]) or {}
            target = {name: target[name] for name in sorted(target)}
            found.append(f"target: stated {target}, first innings {main[0].runs}")
    return found
