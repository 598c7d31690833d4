"""What is said about a match: sentences made from what was recorded, and nothing that was not.

Where a ball went and how long it was is told where a scorer said so, and where the region has a name for the batter's
hand. The life in a sentence comes from figures: a fifty, a stand, a hat-trick, what the over has cost so far.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cricket.engine.innings import Ball, Bowler, Innings, Over
from cricket.engine.shots import Shot, region
from cricket.engine.sides import Settings
from cricket.engine.words import credited, many, surname_of

FOURS = ("four", "four to the boundary", "four more")
SIXES = ("six", "six, all the way", "six, over the rope")
SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def token(ball: Ball) -> str:
    """A delivery as it is written on the ball: "•", "1", "4", "wd", "5nb", "2lb", "W", "1W"."""
    extras = ball.extras
    if dismissals(ball):
        return f"{ball.total or ''}W"
    if extras.get("wides"):
        return "wd" if ball.total == 1 else f"{ball.total}wd"
    if extras.get("noballs"):
        return "nb" if ball.total == 1 else f"{ball.total}nb"
    for name, mark in (("byes", "b"), ("legbyes", "lb"), ("penalty", "p")):
        if extras.get(name):
            return f"{ball.total}{mark}"
    return str(ball.bat) if ball.bat else "•"


def kind(ball: Ball) -> str:
    """How the ball is drawn and filtered: "w" wicket, "4", "6" boundary, "x" extra, "." dot, "" runs."""
    if dismissals(ball):
        return "w"
    if ball.bat in (4, 6) and not ball.non_boundary:
        return str(ball.bat)
    if any(ball.extras.values()):
        return "x"
    return "" if ball.total else "."


def dismissals(ball: Ball) -> list[dict[str, Any]]:
    """The wickets on a ball that count; retired hurt and retired not out do not."""
    return [wicket for wicket in ball.wickets if wicket["kind"] not in ("retired hurt", "retired not out")]


def runs_words(ball: Ball, at: int = 0) -> str:
    """The runs of a delivery in words: "no run", "2 leg byes", "no-ball, and 4 off the bat".

    `at` varies the word for a boundary.
    """
    extras, parts = ball.extras, []
    boundary = ball.bat in (4, 6) and not ball.non_boundary
    if extras.get("wides"):
        parts.append("wide" if extras["wides"] == 1 else f"{extras['wides']} wides")
    if extras.get("noballs"):
        parts.append("no-ball" if extras["noballs"] <= 2 else f"{extras['noballs']} no-balls")
    if ball.bat:
        if boundary:
            words = (FOURS if ball.bat == 4 else SIXES)[0 if parts else at % 3]
        elif ball.bat in (4, 6):
            words = f"{ball.bat} runs, all run"
        else:
            words = many(ball.bat, "run")
        parts.append(f"{words} off the bat" if parts else words)
    if extras.get("byes"):
        parts.append(many(extras["byes"], "bye"))
    if extras.get("legbyes"):
        parts.append(many(extras["legbyes"], "leg bye"))
    if extras.get("penalty"):
        parts.append(f"{extras['penalty']} penalty runs")
    return " and ".join(parts) or "no run"


def fielder_words(fielders: Sequence[Mapping[str, Any]] | None, call: Callable[[str], str]) -> str:
    """The fielders of a wicket by the names people call them: "Okafor and Vosper", "the substitute Bligh", "" when none
    is known.
    """
    names = []
    for fielder in fielders or ():
        name = call(fielder.get("key", "")) or surname_of(fielder.get("name") or "")
        if fielder.get("substitute"):
            name = f"the substitute {name}".rstrip()
        if name:
            names.append(name)
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


def wicket_words(wicket: Mapping[str, Any], bowler: str, call: Callable[[str], str]) -> str:
    """How a batter went, as a sentence."""
    out, how = call(wicket["player"]), wicket["kind"]
    fielders = fielder_words(wicket.get("fielders"), call)
    by = f" by {fielders}" if fielders else ""
    return {
        "bowled": f"{bowler} bowls {out}.",
        "caught": f"{out} is caught{by}.",
        "caught and bowled": f"{bowler} takes the return catch, and {out} goes.",
        "lbw": f"{out} is lbw.",
        "stumped": f"{out} is stumped{by}.",
        "run out": f"{out} is run out{by}.",
        "hit wicket": f"{out} is out hit wicket.",
        "obstructing the field": f"{out} is out for obstructing the field.",
        "handled the ball": f"{out} is out for handling the ball.",
        "hit the ball twice": f"{out} is out for hitting the ball twice.",
        "timed out": f"{out} is timed out.",
        "retired out": f"{out} retires, and is out.",
        "retired hurt": f"{out} retires hurt.",
        "retired not out": f"{out} retires, not out.",
    }.get(how, f"{out} is out: {how}.")


LENGTHS = {"full toss": "a full toss", "yorker": "a yorker", "full": "full", "good": "a good length", "short": "short"}


def towards(place: str) -> str:
    """A region of the field as a ball goes there: "towards cover", "straight", "behind the wicket"."""
    return {"straight": "straight", "behind": "behind the wicket"}.get(place, f"towards {place}")


def shot_words(shot: Shot, hand: str | None) -> str:
    """What a scorer said of a ball: "A good length, towards cover."; "" where it has no words."""
    place = None if shot.x is None or shot.y is None else region(shot.x, shot.y, hand)
    parts = [LENGTHS[shot.length]] if shot.length else []
    if place:
        parts.append(towards(place))
    words = ", ".join(parts)
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def review_words(review: Mapping[str, Any], teams: Sequence[str], call: Callable[[str], str]) -> str:
    """Who asked for a review and what came of it."""
    by = review.get("by")
    who = teams[by] if isinstance(by, int) else str(by or "A team")
    decision = {
        "upheld": "and the decision is overturned",
        "struck down": "and the decision stands",
        "technical failure": "but the technology fails, and the decision stands",
    }.get(review.get("decision", ""), "")
    call_words = ", on umpire’s call" if review.get("umpires_call") else ""
    return f"{who} review, {decision}{call_words}." if decision else f"{who} review."


class Teller:
    """Tells an innings ball by ball. Feed it deliveries in order with `tell`; it keeps the sums that milestones need.

    `call` gives the name a person is called by for a player key; `teams` are the short names of the two sides.
    """

    def __init__(self, innings: Innings, call: Callable[[str], str], teams: Sequence[str], settings: Settings) -> None:
        self.innings, self.call, self.teams = innings, call, teams
        self.balls_per_over = settings.balls_per_over
        self.team = teams[innings.team]
        self.step = 50 if settings.overs or self.balls_per_over == 5 else 100  # a side's own landmarks
        self.runs: dict[str, int] = {}
        self.faced: dict[str, int] = {}
        self.wickets: dict[str, int] = {}
        self.given: dict[str, int] = {}
        self.gone: set[str] = set()
        self.score = self.down = self.stand = self.stand_balls = self.over_runs = 0
        self.in_a_row: dict[str, int] = {}
        self.pair: set[str] = set()
        self.said = ""

    def new_over(self) -> None:
        """Forget what the over before gave."""
        self.over_runs = 0

    def tell(self, ball: Ball) -> dict[str, Any]:
        """{n: number in the over, t: token, k: kind, h: 1 off a free hit, x: text, o: how the batter went, r: 1 when
        reviewed}; empty fields are left out.
        """
        words = runs_words(ball, ball.score + len(ball.label or ""))
        gone, left = dismissals(ball), [w for w in ball.wickets if w["kind"] in ("retired hurt", "retired not out")]
        bowler, batter = self.call(ball.bowler), self.call(ball.striker)
        if gone:
            words = "out" if not ball.total else f"{words}, and out"
        text = [f"{bowler} to {batter}, {'free hit: ' if ball.free_hit else ''}{words}."]
        text += [wicket_words(wicket, bowler, self.call) for wicket in (*gone, *left)]
        facts = self._count(ball, gone, bowler, batter)
        if ball.review:
            facts.append(review_words(ball.review, self.teams, self.call))
        whole, _, part = ball.label.partition(".")
        # A ball that does not count is told under the number of the one that is still to come.
        number = int(part or 0) + (0 if ball.legal else 1)
        told: dict[str, Any] = {"n": int(whole) * 5 + number if self.balls_per_over == 5 else number, "t": token(ball)}
        if kind(ball):
            told["k"] = kind(ball)
        if ball.free_hit:
            told["h"] = 1
        told["x"] = " ".join([*text, *facts])
        if gone:
            told["o"] = "; ".join(filter(None, (self._card_line(wicket) for wicket in gone)))
        if ball.review:
            told["r"] = 1
        if gone:
            self.said = f"Wicket. {self.team} {ball.score} for {ball.down}."
        return told

    def _count(self, ball: Ball, gone: Sequence[Mapping[str, Any]], bowler: str, batter: str) -> list[str]:
        """Add a ball to the sums; the sentences for what it reached."""
        facts, before = [], self.runs.get(ball.striker, 0)
        self.runs[ball.striker] = before + ball.bat
        if not ball.extras.get("wides"):
            self.faced[ball.striker] = self.faced.get(ball.striker, 0) + 1
        self.over_runs += ball.total
        charged = ball.bat + ball.extras.get("wides", 0) + ball.extras.get("noballs", 0)
        self.given[ball.bowler] = self.given.get(ball.bowler, 0) + charged
        self.gone -= {ball.striker, ball.non_striker}
        self.gone |= {wicket["player"] for wicket in ball.wickets}
        now = self.runs[ball.striker]
        mark = _crossed(before, now, 50)
        if mark:
            name = {50: "Fifty", 100: "A hundred", 200: "Two hundred", 300: "Three hundred"}.get(mark, str(mark))
            facts.append(f"{name} for {batter}, off {many(self.faced.get(ball.striker, 0), 'ball')}.")
            self.said = f"{name} for {batter}. {self.team} {ball.score} for {ball.down}."
        pair = {ball.striker, ball.non_striker}
        if pair != self.pair:
            self.pair, self.stand, self.stand_balls = pair, 0, 0
        stand = self.stand + ball.total
        if not ball.extras.get("wides"):
            self.stand_balls += 1
        reached = _crossed(self.stand, stand, 50)
        if reached and not gone:
            facts.append(f"The stand is worth {reached}, off {many(self.stand_balls, 'ball')}.")
        self.stand = stand
        passed = _crossed(ball.score - ball.total, ball.score, self.step)
        if passed and not mark:
            facts.append(f"{passed} up for {self.team}.")
        elif not facts and kind(ball) in ("4", "6") and self.over_runs >= 12:
            facts.append(f"{self.over_runs} off it so far.")
        taken = [wicket for wicket in gone if credited(wicket["kind"])]
        row = self.in_a_row.get(ball.bowler, 0) + 1 if taken else 0
        self.in_a_row[ball.bowler] = row
        if taken:
            self.wickets[ball.bowler] = self.wickets.get(ball.bowler, 0) + len(taken)
            if row == 3:
                facts.append(f"A hat-trick for {bowler}.")
            elif row == 2:
                facts.append("Two in two balls.")
            if self.wickets[ball.bowler] in (5, 10) and len(taken) == 1:
                facts.append(f"{SMALL[self.wickets[ball.bowler]].capitalize()} wickets for {bowler}.")
        if taken and now == 0 and self.faced.get(taken[0]["player"]) == 1:
            facts.append("First ball.")
        return facts

    def _card_line(self, wicket: Mapping[str, Any]) -> str:
        """The batter's line of the card as it ended: "T. Maric st Vosper b Ferraby 21 (15)"."""
        batter = self.innings.batting.get(wicket["player"])
        if batter is None or batter.out is None:
            return ""
        return f"{batter.name} {batter.out.text} {self.runs.get(batter.key, 0)} ({self.faced.get(batter.key, 0)})"

    def end(self, over: Over) -> dict[str, str]:
        """What is said when an over is done: {e: what it gave, f: the batters and the bowler as they stand}."""
        gave = "maiden" if over.maiden else many(over.runs, "run")
        if over.wickets:
            gave = "wicket maiden" if over.maiden and over.wickets == 1 else f"{gave}, {many(over.wickets, 'wicket')}"
        batting, bowling = self.innings.batting, self.innings.bowling
        last = over.balls[-1]
        parts = [
            f"{self.call(key)} {self.runs.get(key, 0)} ({self.faced.get(key, 0)})"
            for key in (last.striker, last.non_striker)
            if key in batting and key not in self.gone
        ]
        return {"e": gave, "f": " · ".join([*parts, *self._figures(over, bowling)])}

    def _figures(self, over: Over, bowling: Mapping[str, Bowler]) -> list[str]:
        """The bowler's figures after this over, from the sums: they must not change when a later over is bowled."""
        key = over.bowlers[-1] if over.bowlers else None
        if key is None or key not in bowling:
            return []
        return [f"{self.call(key)} {self.wickets.get(key, 0)}/{self.given.get(key, 0)}"]


def _crossed(before: int, now: int, step: int) -> int:
    """The landmark that was passed between two sums, or 0."""
    return now // step * step if now // step > before // step else 0
