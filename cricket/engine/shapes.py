"""The shape of every event's body: which keys it may hold and what each must be.

What an event *means* is scoring's business.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from cricket.engine import editions
from cricket.engine.shots import HANDS, LENGTHS

DISMISSALS = (
    "bowled",
    "caught",
    "caught and bowled",
    "lbw",
    "stumped",
    "hit wicket",
    "run out",
    "obstructing the field",
    "hit the ball twice",
    "handled the ball",
    "timed out",
    "retired out",
    "retired hurt",
    "retired not out",
)
SUSPENSIONS = (
    "dangerous bowling",
    "high full tosses",
    "deliberate no-balls",
    "time wasting",
    "running on the pitch",
    "changing the ball",
    "throwing",
    "other",
)
"""Why umpires take a bowler off: Laws 41.6, 41.7, 41.8, 41.9, 41.13, 41.3 and 21.3."""
EXTRAS = ("wides", "noballs", "byes", "legbyes", "penalty")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
OVERS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?")
LONGEST = 200


class Impossible(ValueError):
    """An event that cannot be: the sentence is fit for the scorer, the code for programs."""

    def __init__(self, sentence: str, code: str = "EVENT_IMPOSSIBLE") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


class Misshapen(Exception):
    """What a field should have been; check_event turns it into a sentence that names the field."""


Check = Callable[[Any], None]


def text(longest: int = LONGEST) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, str) or not value.strip() or len(value) > longest:
            raise Misshapen(f"a text of 1 to {longest} characters")
        if any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) <= 0xDFFF for c in value):
            raise Misshapen("a text without control characters")

    return check


def number(least: int, most: int) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Misshapen(f"a whole number from {least} to {most}")

    return check


def one_of(*values: Any) -> Check:
    def check(value: Any) -> None:
        if type(value) not in {type(v) for v in values} or value not in values:
            raise Misshapen("one of " + ", ".join(map(str, values)))

    return check


def flag(value: Any) -> None:
    if not isinstance(value, bool):
        raise Misshapen("true or false")


def overs(value: Any) -> None:
    if not isinstance(value, str) or not OVERS.fullmatch(value):
        raise Misshapen('overs as text, such as "14.3"')


def day(value: Any) -> None:
    try:
        if not isinstance(value, str) or not DAY.fullmatch(value):
            raise ValueError
        date.fromisoformat(value)
    except ValueError:
        raise Misshapen('a day, such as "2031-01-31"') from None


def or_null(check: Check) -> Check:
    def checked(value: Any) -> None:
        if value is not None:
            check(value)

    return checked


def list_of(check: Check, most: int, least: int = 0) -> Check:
    def checked(value: Any) -> None:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise Misshapen(f"a list of {least} to {most}")
        for item in value:
            check(item)

    return checked


def record(**fields: Check) -> Check:
    """An object with these keys; `key_` marks one that may be missing."""
    needed = {name.replace("from_key", "from") for name in fields if not name.endswith("_")}
    known = {name.removesuffix("_") if name != "from_key" else "from": check for name, check in fields.items()}

    def check(value: Any) -> None:
        if not isinstance(value, dict):
            raise Misshapen("an object")
        for name in needed:
            if name not in value:
                raise Misshapen(f"an object with “{name}”")
        for name, item in value.items():
            if name not in known:
                raise Misshapen(f"an object without “{str(name)[:40]}”")
            try:
                known[name](item)
            except Misshapen as wrong:
                raise Misshapen(f"{wrong} in “{name}”") from None

    return check


def loose(value: Any, depth: int = 3) -> None:
    """Small JSON of any form: colours and other trimmings of a setup."""
    if isinstance(value, str):
        return text()(value)
    if isinstance(value, list | dict) and depth and len(value) <= 30:
        for name in value if isinstance(value, dict) else ():
            text()(name)
        for item in value.values() if isinstance(value, dict) else value:
            loose(item, depth - 1)
        return None
    if value is not None and not isinstance(value, int | bool):
        raise Misshapen("something small and plain")


def setup(value: Any) -> None:
    known = {
        "format": text(40),
        "overs": or_null(number(1, 500)),
        "balls_per_over": number(1, 12),
        "balls_per_end": number(1, 60),
        "no_ball": number(1, 4),
        "wide": number(1, 4),
        "innings": one_of(2, 4),
        "players": number(2, 15),
        "bowler_limit": or_null(number(1, 500)),
        "min_overs": or_null(number(0, 500)),
        "laws": or_null(one_of(*editions.KEYS)),
        "date": or_null(day),
        "free_hit": or_null(flag),
        "part_overs": one_of("whole", "balls"),
        "teams": list_of(text(), 2, 2),
        "short": list_of(text(40), 2, 2),
    }
    if not isinstance(value, dict) or len(value) > 30:
        raise Misshapen("an object")
    if "teams" not in value:
        raise Misshapen("an object with “teams”")
    for name, item in value.items():
        try:
            text()(name)
            known.get(name, loose)(item)
        except Misshapen as wrong:
            raise Misshapen(f"{wrong} in “{name}”") from None


def shot(value: Any) -> None:
    """Where a ball went and its length (see shots); null takes a part away again."""
    part = or_null(number(-100, 100))
    record(
        of=text(40), x_=part, y_=part, length_=or_null(one_of(*LENGTHS)), hand_=record(player=KEY, hand=one_of(*HANDS))
    )(value)
    x, y = value.get("x"), value.get("y")
    if len(value) == 1 or ("x" in value) != ("y" in value) or (x is None) != (y is None):
        raise Misshapen("“x” and “y” together, or a length")
    if x is not None and y is not None and x * x + y * y > 100 * 100:
        raise Misshapen("a place inside the boundary")


KEY = text(LONGEST + 60)
TEAM = one_of(0, 1)
RUNS = number(0, 2000)
FIELDER = record(key_=KEY, name_=text(), substitute_=flag)
FIELDERS = list_of(FIELDER, 11)
WICKET = record(kind=one_of(*DISMISSALS), player=KEY, fielders_=FIELDERS)
NAMES = list_of(text(), 10)

SHAPES: dict[str, Check] = {
    "setup": setup,
    "lineup": record(
        team=TEAM,
        players=list_of(
            record(
                key=KEY, name=text(), person_=or_null(text(40)), role_=or_null(text(40)), captain_=flag, keeper_=flag
            ),
            30,
        ),
    ),
    "toss": record(winner=TEAM, decision=one_of("bat", "field"), uncontested_=flag),
    "officials": record(umpires_=NAMES, tv_umpires_=NAMES, reserve_umpires_=NAMES, match_referees_=NAMES),
    "innings_start": record(
        team=TEAM,
        target_=or_null(record(runs=number(1, 5000), overs_=overs)),
        super_over_=flag,
        follow_on_=flag,
        forfeited_=flag,
    ),
    "batters": record(striker=or_null(KEY), non_striker=or_null(KEY)),
    "bowler": record(bowler=KEY),
    "suspension": record(player=KEY, reason=one_of(*SUSPENSIONS)),
    "delivery": record(
        striker=KEY,
        non_striker=KEY,
        bowler=KEY,
        bat=number(-1, 99),
        extras_=record(
            wides_=number(-1, 99),
            noballs_=number(-1, 99),
            byes_=number(-1, 99),
            legbyes_=number(-1, 99),
            penalty_=number(-1, 99),
        ),
        non_boundary_=flag,
        uncounted_=flag,
        wickets_=list_of(WICKET, 11),
        review_=record(
            by=TEAM,
            umpire_=or_null(text()),
            batter_=or_null(KEY),
            decision=text(40),
            type_=or_null(text(40)),
            umpires_call_=flag,
        ),
        next_=KEY,
        free_hit_=flag,
    ),
    "wicket": record(player=KEY, kind=one_of(*DISMISSALS), fielders_=FIELDERS),
    "replacement": record(
        team=TEAM,
        **{"in": KEY},
        name_=text(),
        person_=or_null(text(40)),
        out_=or_null(KEY),
        reason=text(60),
        type=one_of("match", "role"),
        role_=one_of("batter", "bowler"),
    ),
    "absent": record(player=KEY),
    "penalty": record(innings=number(0, 99), runs=number(1, 100), when=one_of("pre", "post")),
    "powerplay": record(type=text(40), from_key=overs, to=overs),
    "revise": record(
        overs_=overs,
        target_=number(1, 5000),
        par_=or_null(RUNS),
        method_=text(20),
        innings_=number(0, 99),
        bowler_limit_=or_null(number(1, 500)),
    ),
    "break": record(reason=text(60), text_=text()),
    "resume": record(day_=number(1, 10), session_=number(1, 10)),
    "over_end": record(),
    "innings_end": record(reason=text(40)),
    "innings_card": record(
        team=TEAM,
        runs=RUNS,
        wickets=number(0, 15),
        overs=overs,
        extras_=record(byes_=RUNS, legbyes_=RUNS, wides_=RUNS, noballs_=RUNS, penalty_=RUNS),
        batting=list_of(
            record(
                player=KEY,
                runs=RUNS,
                balls_=or_null(RUNS),
                fours_=RUNS,
                sixes_=RUNS,
                kind_=or_null(one_of("not out", "absent hurt", *DISMISSALS)),
                bowler_=or_null(KEY),
                fielders_=FIELDERS,
            ),
            15,
        ),
        bowling=list_of(
            record(player=KEY, overs=overs, maidens=RUNS, runs=RUNS, wickets=number(0, 15), wides_=RUNS, noballs_=RUNS),
            15,
        ),
        fow_=list_of(record(score=RUNS, player=KEY, over_=or_null(overs)), 15),
        declared_=flag,
        all_out_=flag,
        target_=or_null(record(runs=number(1, 5000), overs_=overs)),
        follow_on_=flag,
    ),
    "match_end": record(
        outcome_=record(
            winner_=TEAM,
            by_=record(runs_=RUNS, wickets_=number(0, 15), innings_=number(1, 1)),
            result_=one_of("tie", "draw", "no result"),
            method_=text(40),
            eliminator_=TEAM,
            bowl_out_=TEAM,
        ),
        reason_=text(40),
        player_of_match_=list_of(KEY, 11),
        bowl_out_=list_of(record(bowler=KEY, outcome=one_of("hit", "miss")), 60),
    ),
    "note": record(text=text(2000), of_=text(40)),
    "shot": shot,
    "undo": record(of=text(40)),
    "restart": record(),
}


def correction(value: Any) -> None:
    if not isinstance(value, dict) or set(value) != {"changes"}:
        raise Misshapen("an object with “changes” alone")
    list_of(change, 60, 1)(value["changes"])


def change(value: Any) -> None:
    if not isinstance(value, dict):
        raise Misshapen("an object")
    if set(value) == {"of", "delete"} and value["delete"] is True:
        text(40)(value["of"])
    elif set(value) == {"of", "body"} and isinstance(value["body"], dict):
        text(40)(value["of"])
    elif set(value) == {"before", "key", "kind", "body"}:
        text(40)(value["before"])
        text(40)(value["key"])
        if value["kind"] not in SHAPES or not isinstance(value["body"], dict):
            raise Misshapen("an event of a known kind")
    else:
        raise Misshapen("a change, a deletion or an insertion")


SHAPES["correction"] = correction


def check_event(kind: str, body: Any) -> None:
    """Raise Impossible where the body of an event of this kind has not the agreed shape."""
    check = SHAPES.get(kind) if isinstance(kind, str) else None
    if check is None:
        raise Impossible("That is not something that happens in a match.", "EVENT_KIND")
    try:
        check(body)
    except Misshapen as wrong:
        raise Impossible(f"“{kind}” is not complete or not right: it needs {wrong}.", "EVENT_SHAPE") from None
