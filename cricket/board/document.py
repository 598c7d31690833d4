"""The board: the public document of a match, made from its state.

Every page, live message and listing is drawn from it.

It holds text as people read it, so that a page binds text to paths and computes nothing, and it is shaped so that a
ball changes few and short things: numbers stand in short lists, commentary grows at its end, and nothing is said twice
(`now` points at rows of the card).

    seq, phase (before, toss, live, break, over), status, toss, day, say, limited, unit (over or ball), at (index of the
    innings shown) teams[] name, short, players[] {key, name, role}, in[] (replacements in words) innings[] team, title,
    which, short, super, score, bowled, rate, target, limit, par, ended, open, extras [total, text], yet, card,
                 batting[] {key, name, how, state, n [runs, balls, fours, sixes, strike rate], hand (if known)},
                 bowling[] {key, name, n [overs, maidens, runs, wickets, economy, dots, wides, no-balls], off (that the
                 umpires took the bowler off)},
                 fow[] [score, player, over], stands[] {w, pair, by, n [runs, balls], open},
                 overs[] {n, by, z [runs, wickets, score after it], balls[] (see commentary.Teller.tell; m a note, s
                 what was said of the shot, g the same in figures, see _marked), e, f (once it has ended)}
    now          bat [rows of the striker and the other], bowl, prev (rows), last (wicket), need {}, proj [[rate,
                 total]], free (the next ball is a free hit), notes []
    info         rows [[label, text]], result, player_of_match, credit, verdict, replay
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cachetools import LRUCache

from cricket.board.commentary import Teller, dismissals, shot_words
from cricket.board.now import POWERPLAYS, now, overs_of
from cricket.engine.editions import Edition, in_force, known_edition
from cricket.engine.innings import Ball, Batter, Bowler, Innings, Over, Partnership
from cricket.engine.ladder import facts
from cricket.engine.results import target_of
from cricket.engine.scoring import MatchState
from cricket.engine.sides import Player, Side
from cricket.engine.words import callers, credited, extent, many

BOARD_VERSION = 2  # of the document's shape; a stored board of another version is drawn anew

BREAKS = {
    "drinks": "Drinks",
    "lunch": "Lunch",
    "tea": "Tea",
    "stumps": "Stumps",
    "rain": "Rain has stopped play",
    "bad light": "Bad light has stopped play",
    "innings break": "Innings break",
    "strategic time-out": "Strategic time-out",
}
ENDED = {"all out": "all out", "declared": "declared", "forfeited": "forfeited"}
ORDINALS = ("1st", "2nd", "3rd", "4th")


def board(state: MatchState, match: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The document of a match's state.

    `match` may hold what the events do not know: `replay` (bool), `credit` (where the data is from, shown with it),
    `verdict` (what an import found).
    """
    match = match or {}
    settings = state.settings
    names = callers(state.teams)
    shown = _shown(state)
    at = len(shown) - 1 if shown else None
    innings = [_innings(state, one, names) for one in shown]
    told = _told(state, shown[-1], names)[1] if shown else ""
    document = {
        "v": BOARD_VERSION,
        "seq": state.seq,
        "phase": phase(state),
        "status": status(state),
        "toss": _toss(state),
        "day": f"Day {state.day}, session {state.session}"
        if (state.day, state.session) != (1, 1) and not settings.overs and not state.ended
        else "",
        "say": state.result.text if state.result and state.ended else told,
        "limited": bool(settings.overs),
        "unit": "ball" if settings.balls_per_over == 5 else "over",
        "per": settings.balls_per_over,
        "at": at,
        "teams": [_team(state, team) for team in (0, 1)],
        "innings": innings,
        "now": now(state, shown[-1], innings[-1], names) if shown else None,
        "info": _info(state, names, match),
    }
    return document


def before(teams: Iterable[tuple[str, str]], replay: bool = False, played: str | None = None) -> dict[str, Any]:
    """The board of a match of which nothing is recorded yet; `teams` are (name, short name) of the two sides, `played`
    is the day it begins.
    """
    return {
        "v": BOARD_VERSION,
        "seq": 0,
        "phase": "before",
        "status": "Not started yet",
        "toss": "",
        "day": "",
        "say": "",
        "limited": True,
        "unit": "over",
        "per": 6,
        "at": None,
        "teams": [{"name": name, "short": short, "players": [], "changes": []} for name, short in teams],
        "innings": [],
        "now": None,
        "info": {
            "rows": _laws(in_force(played)),
            "result": "",
            "best": [],
            "replay": replay,
            "credit": "",
            "verdict": "",
        },
    }


def summary(state: MatchState) -> dict[str, Any]:
    """What a listing shows, in a few hundred bytes: {seq, phase, status, at, result, scores [{team, short, text, overs,
    super}]}.

    `at` is the side that bats, or null. Once the match is over `facts` has what a ladder needs, see ladder.facts().
    """
    shown = _shown(state)
    current = state.current
    return {
        "seq": state.seq,
        "phase": phase(state),
        "status": status(state),
        "at": current.team if current and not state.ended else None,
        "result": state.result.text if state.result and state.ended else None,
        **({"facts": facts(state)} if state.ended else {}),
        "scores": [
            {
                "team": one.team,
                "short": called(state.teams[one.team]),
                "text": score_text(one),
                "overs": one.overs_text if state.settings.balls_per_over != 5 else str(extent(one.overs_text, 5)),
                **({"super": True} if one.super_over else {}),
            }
            for one in shown
        ],
    }


def phase(state: MatchState) -> str:
    """Where the match stands: before, toss, live, break or over."""
    if state.ended:
        return "over"
    if state.break_:
        return "break"
    if state.innings:
        return "live" if state.current and not state.current.ended else "break"
    return "toss" if state.toss else "before"


def score_text(innings: Innings) -> str:
    """157/6, 302/8 dec; 180 where all ten are out, but 165/9 where a side was all out with one who could not bat."""
    if innings.forfeited:
        return "forfeited"
    whole = innings.ended == "all out" and innings.wickets >= innings.all_out_at
    text = str(innings.runs) if whole else f"{innings.runs}/{innings.wickets}"
    return text + (" dec" if innings.declared else "")


# --- what is needed -------------------------------------------------------------------------------


def status(state: MatchState) -> str:
    """One line that says what is so: the result, what is needed, a break, the toss."""
    if state.ended:
        return state.result.text if state.result else "The match is over"
    pause = _pause(state)
    race = _race(state)
    if pause:
        return f"{pause}. {race}" if race else pause
    return (
        race
        or _toss(state)
        or ("The line-ups are in" if any(side.players for side in state.teams) else "Not started yet")
    )


def _pause(state: MatchState) -> str:
    if state.break_:
        reason = state.break_.get("reason", "other")
        return state.break_.get("text") or BREAKS.get(reason, "Play has stopped")
    current = state.current
    if state.innings and (current is None or current.ended):
        return "Innings break"
    return ""


def _race(state: MatchState) -> str:
    """What the side batting needs, or how far ahead or behind it is."""
    if not state.innings:
        return ""
    innings, target = state.innings[-1], state.target
    side = called(state.teams[innings.team])
    if innings.ended:
        # Between two innings of limited overs the next side knows its target already.
        if state.settings.overs and len(state.main_innings) == 1:
            return (
                f"{called(state.teams[1 - innings.team])} need {state.coming.get('target') or innings.runs + 1} to win"
            )
        return "" if state.settings.overs else state.lead or ""
    if target:
        need, left = max(0, target - innings.runs), state.balls_left
        if not need:
            return f"{side} have reached the target"
        if left is None:
            return f"{side} need {need} more to win"
        level = ", the scores are level" if need == 1 else ""
        return f"{side} need {need} from {many(left, 'ball')}{level}"
    if state.settings.overs or len(state.main_innings) == 1:
        return "" if innings.super_over else _toss(state)
    return state.lead or ""


def called(side: Side) -> str:
    """The side's name in a sentence: the short one, unless it is only letters such as HOB."""
    return side.name if side.short.isupper() and len(side.short) <= 4 else side.short


def _toss(state: MatchState) -> str:
    if not state.toss:
        return ""
    side = called(state.teams[state.toss["winner"]])
    if state.toss.get("uncontested"):
        return f"{side} chose to {state.toss['decision']}, the toss uncontested"
    return f"{side} won the toss and chose to {state.toss['decision']}"


def _shown(state: MatchState) -> list[Innings]:
    """The innings in order of play."""
    return list(state.innings)


# --- innings --------------------------------------------------------------------------------------


def _team(state: MatchState, team: int) -> dict[str, Any]:
    side = state.teams[team]
    return {
        "name": side.name,
        "short": called(side),
        "players": [{"key": p.key, "name": p.name, "role": _role(p)} for p in side.players.values()],
        "changes": [
            _change(state, each) for each in state.replacements if each["team"] == team and each["type"] == "match"
        ],
    }


def _role(player: Player) -> str:
    return ", ".join(
        filter(None, ("captain" if player.captain else "", "wicket-keeper" if player.keeper else player.role or ""))
    )


def _change(state: MatchState, change: Mapping[str, Any]) -> str:
    """A replacement in words: "Quill for Maric (concussion substitute), after 12.3"."""
    reason = change["reason"].replace("_", " ")
    out = f" for {_name(state, change['out'])}" if change.get("out") else ""
    when = f", after {change['over']}" if change.get("over") not in (None, "0") else ""
    return f"{_name(state, change['in'])}{out} ({reason}){when}"


def _innings(state: MatchState, innings: Innings, names: Mapping[str, str]) -> dict[str, Any]:
    settings, side = state.settings, state.teams[innings.team]
    balls_per_over = settings.balls_per_over
    over = bool(innings.ended)
    return {
        "team": innings.team,
        "title": side.name,
        "which": _which(state, innings),
        "short": called(side),
        "super": bool(innings.super_over),
        "score": score_text(innings),
        "bowled": innings.overs_text if balls_per_over != 5 else str(extent(innings.overs_text, 5)),
        "rate": _rate(innings.run_rate),
        "target": target_of(state, innings),
        "limit": _limit(innings, balls_per_over),
        "par": innings.par,
        "ended": ENDED.get(innings.ended or "", "") if over else "",
        "open": not over,
        "card": bool(innings.as_card),
        "batting": [_batter(batter, over, state.hands.get(batter.key)) for batter in innings.batting.values()],
        "yet": ", ".join(
            p.name
            for p in side.players.values()
            if p.key not in innings.batting and p.key not in side.replaced | innings.barred
        ),
        "extras": _extras(innings.extras),
        "bowling": [
            _bowler(bowler, balls_per_over, innings.suspended.get(bowler.key, ""))
            for bowler in innings.bowling.values()
        ],
        "fow": [
            [
                f"{fall.score}/{fall.wicket}",
                _name(state, fall.player),
                _over_label(fall.label, balls_per_over) if fall.label else "",
            ]
            for fall in innings.fow
        ],
        "stands": [_stand(stand, names, stand is innings.partnership and not over) for stand in stands_of(innings)],
        "overs": _told(state, innings, names)[0],
        "powerplays": _powerplays(innings),
        "reviews": _reviews(state, innings),
    }


def _which(state: MatchState, innings: Innings) -> str:
    """1st innings, Super over (numbered where there are several), or nothing where each side bats once."""
    if innings.super_over:
        supers = [one for one in state.innings if one.super_over]
        return f"Super over {supers.index(innings) // 2 + 1}" if len(supers) > 2 else "Super over"
    if state.settings.overs and state.settings.innings <= 2:
        return ""
    order = [one for one in state.innings if one.team == innings.team and not one.super_over].index(innings)
    return f"{ORDINALS[min(order, 3)]} innings"


def _limit(innings: Innings, balls_per_over: int) -> str | None:
    if innings.overs_limit is None:
        return None
    return str(extent(innings.overs_limit, balls_per_over)) if balls_per_over == 5 else str(innings.overs_limit)


def _batter(batter: Batter, over: bool, hand: str | None) -> dict[str, Any]:
    return {
        **({"hand": hand} if hand else {}),
        "key": batter.key,
        "name": batter.name,
        "how": "batting" if batter.state == "in" and not over else batter.how,
        "state": "done" if over and batter.state == "in" else batter.state,
        "n": [
            f"{batter.runs}" if batter.state in ("out", "absent") else f"{batter.runs}*",
            batter.balls,
            batter.fours,
            batter.sixes,
            strike_rate(batter.runs, batter.balls),
        ],
    }


def strike_rate(runs: int, balls: int) -> str:
    """Runs per hundred balls, one place under a hundred balls' worth of figures; empty before the first ball."""
    return f"{100 * runs / balls:.1f}" if balls else ""


def _bowler(bowler: Bowler, balls_per_over: int, off: str) -> dict[str, Any]:
    overs = str(bowler.legal) if balls_per_over == 5 else bowler.overs
    return {
        "key": bowler.key,
        "name": bowler.name,
        **({"off": f"taken off: {off}"} if off else {}),
        "n": [
            overs,
            bowler.maidens,
            bowler.runs,
            bowler.wickets,
            _rate(bowler.economy),
            bowler.dots,
            bowler.wide_balls,
            bowler.noball_balls,
        ],
    }


def _extras(extras: Mapping[str, int]) -> list[Any]:
    marks = (("byes", "b"), ("legbyes", "lb"), ("wides", "w"), ("noballs", "nb"), ("penalty", "p"))
    counts = [
        (mark, extras.get(name, 0) if isinstance(extras, dict) else getattr(extras, name)) for name, mark in marks
    ]
    return [sum(count for _, count in counts), ", ".join(f"{mark} {count}" for mark, count in counts if count)]


def stands_of(innings: Innings) -> list[Partnership]:
    """The partnerships, the one at the wicket last."""
    known = innings.partnerships
    return (
        known
        if innings.partnership is None or any(one is innings.partnership for one in known)
        else [*known, innings.partnership]
    )


def _stand(stand: Partnership, names: Mapping[str, str], going: bool) -> dict[str, Any]:
    pair = [key for key in stand.pair if key]
    return {
        "w": stand.wicket,
        "pair": [names.get(key, key) for key in pair],
        "by": [stand.by.get(key, 0) for key in pair],
        "n": [stand.runs, stand.balls],
        "open": going,
    }


def _powerplays(innings: Innings) -> list[list[Any]]:
    """[[name, first, last]] in overs counted from 1, in balls where overs are not counted."""
    found = []
    for each in innings.powerplays:
        first, last = (int(each[end].split(".")[0]) for end in ("from", "to"))
        ends = [first * 5 + 1, last * 5 + 5] if innings.per_over == 5 else [first + 1, last + 1]
        found.append([POWERPLAYS.get(each["type"], "Powerplay"), *ends])
    return found


def _reviews(state: MatchState, innings: Innings) -> list[list[int | None]]:
    """[[team, asked, lost, left]] of both sides; `left` is null where the match does not say how many a side has."""
    found, most = [], state.settings.more.get("reviews")
    for team in (0, 1):
        mine = [review for review in innings.reviews if review.get("by") == team]
        if mine or isinstance(most, int):
            lost = [r for r in mine if r.get("decision") == "struck down" and not r.get("umpires_call")]
            found.append([team, len(mine), len(lost), max(0, most - len(lost)) if isinstance(most, int) else None])
    return found


def _name(state: MatchState, key: str) -> str:
    for side in state.teams:
        if key in side.players:
            return side.players[key].name
    return str(key)


def _over_label(label: str, balls_per_over: int) -> str:
    return str(extent(label, 5)) if balls_per_over == 5 else label


def _rate(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.2f}"


# --- the commentary -------------------------------------------------------------------------------

# What has been told of an innings, so that a new ball costs one sentence and not the whole match. An innings that was
# folded again is another object, so a correction starts afresh.
_tellings = LRUCache(64)
_telling = threading.Lock()


class _Telling:
    """The commentary of one innings as far as it goes: overs that are done, the over in play, and the sums in the
    teller.
    """

    def __init__(self, state: MatchState, innings: Innings, names: Mapping[str, str]) -> None:
        self.innings, self.names = innings, names
        self.teller = Teller(
            innings, lambda key: names.get(key, ""), [called(side) for side in state.teams], state.settings
        )
        self.done: list[dict[str, Any]] = []
        self.over: Over | None = None
        self.balls: list[dict[str, Any]] = []
        self.last: Ball | None = None
        self.marked: dict[int, tuple[list[Any], dict[str, Any]]] = {}  # see _marked

    def goes_on(self, innings: Innings, names: Mapping[str, str], overs: Sequence[Over]) -> bool:
        """Is this the same innings, only longer?"""
        if self.innings is not innings or self.names != names or len(overs) < len(self.done):
            return False
        if self.over is None:
            return True
        at = len(self.done)
        return (
            at < len(overs)
            and overs[at] is self.over
            and len(self.over.balls) >= len(self.balls)
            and self.over.balls[len(self.balls) - 1] is self.last
        )


def _told(state: MatchState, innings: Innings, names: Mapping[str, str]) -> tuple[list[dict[str, Any]], str]:
    """(overs with their balls in words, what was said last) of an innings."""
    overs = overs_of(innings)
    with _telling:
        telling = _tellings.get(id(innings))
    if telling is None or not telling.goes_on(innings, names, overs):
        telling = _Telling(state, innings, names)
        with _telling:
            _tellings[id(innings)] = telling
    for over in overs[len(telling.done) :]:
        if over is not telling.over:
            if telling.over is not None:
                telling.done.append(_over(telling, telling.over, names))
            telling.over, telling.balls = over, []
            telling.teller.new_over()
        for ball in over.balls[len(telling.balls) :]:
            telling.balls.append(telling.teller.tell(ball))
            telling.last = ball
    if telling.over is None or telling.last is None:
        return list(telling.done), ""
    said, ball = telling.teller.said, telling.last
    if telling.over.complete and not dismissals(ball):
        unit = "the set" if state.settings.balls_per_over == 5 else f"over {telling.over.number + 1}"
        said = f"End of {unit}. {telling.teller.team} {ball.score} for {ball.down}."
    told = [*telling.done, _over(telling, telling.over, names)]
    marked = innings.marked
    return [
        _marked(state, telling, names, one, over) if over.number in marked else one
        for one, over in zip(told, overs, strict=True)
    ], said


def _marked(
    state: MatchState, telling: _Telling, names: Mapping[str, str], told: dict[str, Any], over: Over
) -> dict[str, Any]:
    """An over with the notes and shots of its balls, and the bowlers taken off after them. They may come long after the
    ball, so they are no part of what was told; an over that they leave as it was is the same object, so that its lines
    are not drawn again.

    g is [row of the striker, runs off the bat, runs and wickets that are the bowler's, length or "", and x and y where
    they are known].
    """
    innings = telling.innings
    marks = [(ball.note, ball.shot, innings.off_after.get(ball.key)) for ball in over.balls]
    hands = [state.hands.get(ball.striker) for ball in over.balls]
    known = telling.marked.get(over.number)
    seen = [told, marks, hands]
    if known is not None and known[0][0] is told and known[0] == seen:
        return known[1]
    rows = {key: row for row, key in enumerate(innings.batting)}
    balls = []
    for one, ball, hand, (_, _, off) in zip(told["balls"], over.balls, hands, marks, strict=True):
        gone = f"{names.get(off, '')} is taken off: {innings.suspended[off]}." if off else None
        note = " ".join(filter(None, (gone, ball.note)))
        more: dict[str, Any] = {"m": note} if note else {}
        if shot := ball.shot:
            more |= {"s": words} if (words := shot_words(shot, hand)) else {}
            taken = sum(credited(wicket["kind"]) for wicket in ball.wickets)
            given = ball.bat + ball.extras.get("wides", 0) + ball.extras.get("noballs", 0)
            place = [] if shot.x is None else [shot.x, shot.y]
            more["g"] = [rows[ball.striker], ball.bat, given, taken, shot.length or "", *place]
        balls.append(one | more if more else one)
    marked = {**told, "balls": balls}
    telling.marked[over.number] = (seen, marked)
    return marked


def _over(telling: _Telling, over: Over, names: Mapping[str, str]) -> dict[str, Any]:
    last = over.balls[-1]
    told: dict[str, Any] = {
        "n": over.number,
        "by": ", ".join(names.get(key, "") for key in over.bowlers),
        "z": [over.runs, over.wickets, last.score, last.down],
        "balls": list(telling.balls),
    }
    if over.complete:
        told |= telling.teller.end(over)
    return told


# --- info -----------------------------------------------------------------------------------------


def _laws(edition: Edition | None) -> list[list[str]]:
    return [["Laws", edition.words]] if edition else []


def _info(state: MatchState, names: Mapping[str, str], match: Mapping[str, Any]) -> dict[str, Any]:
    rows = [["Toss", _toss(state)]]
    officials = state.officials or {}
    for key, label in (
        ("umpires", "Umpires"),
        ("tv_umpires", "Third umpire"),
        ("reserve_umpires", "Reserve umpire"),
        ("match_referees", "Referee"),
    ):
        if officials.get(key):
            rows.append([label, ", ".join(officials[key])])
    method = state.result.method if state.result else None
    if method:
        rows.append(["Method", method])
    rows += _laws(known_edition(state.settings, state.played))
    return {
        "rows": [row for row in rows if row[1]],
        "result": state.result.text if state.result and state.ended else "",
        "best": [_name(state, key) for key in state.player_of_match or ()],
        "replay": bool(match.get("replay")),
        "credit": match.get("credit") or "",
        "verdict": match.get("verdict") or "",
    }
