"""The figures of one innings: who batted, who bowled, what fell when.

Plain records, filled by `scoring`, read by everybody.

The numbers in brackets are the rules of the scorer's reference: a wide is not faced, a no-ball is; byes, leg-byes and
penalty runs are never the bowler's; an over that is finished counts as one over, whatever its length.
"""

from dataclasses import dataclass, field

from cricket.engine.shots import Shot
from cricket.engine.sides import Side

NOT_OUT = frozenset({"retired hurt", "retired not out"})
"""Endings of a stay that are no wicket."""

CREDITED = frozenset({"bowled", "caught", "caught and bowled", "lbw", "stumped", "hit wicket"})
"""Dismissals credited to the bowler."""


def overs_text(balls: int, per_over: int) -> str:
    """Balls as overs: whole overs, a point, balls; "20" and not "20.0"."""
    whole, rest = divmod(balls, per_over)
    return f"{whole}.{rest}" if rest else str(whole)


def balls_of(overs: str, per_over: int) -> int:
    """Overs as text in balls: "14.3" is fourteen overs and three balls."""
    whole, _, rest = overs.partition(".")
    return int(whole) * per_over + int(rest or 0)


@dataclass(slots=True)
class Dismissal:
    kind: str
    bowler: str | None
    fielders: list
    text: str


@dataclass(slots=True)
class Batter:
    key: str
    name: str
    position: int
    runs: int = 0
    balls: int = 0
    fours: int = 0
    sixes: int = 0
    out: Dismissal | None = None
    state: str = "in"  # in, out, retired, absent
    retired: str | None = None  # "retired hurt", "retired not out"; None for a batter replaced for a while
    seen: bool = False  # has been at the wicket for a ball

    @property
    def how(self) -> str:
        """As a scorecard says it: "c Patel b Lee", "not out", "retired hurt", "absent hurt"."""
        if self.out:
            return self.out.text
        if self.state == "absent":
            return "absent hurt"
        return (self.state == "retired" and self.retired) or "not out"

    @property
    def strike_rate(self) -> float | None:
        return 100 * self.runs / self.balls if self.balls else None


@dataclass(slots=True)
class Bowler:
    key: str
    name: str
    per_over: int
    legal: int = 0
    runs: int = 0
    wickets: int = 0
    maidens: int = 0
    wides: int = 0
    noballs: int = 0
    wide_balls: int = 0
    noball_balls: int = 0
    dots: int = 0
    whole: int = 0  # overs bowled alone from end to end
    loose: int = 0  # legal balls of shared and unfinished overs
    begun: int = 0  # overs in which at least one ball was theirs

    @property
    def balls(self) -> int:
        """Balls as overs count them: a whole over is an over, had it five balls or seven."""
        return self.whole * self.per_over + self.loose

    @property
    def overs(self) -> str:
        return overs_text(self.balls, self.per_over)

    @property
    def economy(self) -> float | None:
        return self.runs * self.per_over / self.balls if self.balls else None


@dataclass(slots=True)
class Ball:
    key: str
    over: int
    label: str
    striker: str
    non_striker: str
    bowler: str
    bat: int
    extras: dict
    total: int
    legal: bool
    wickets: list
    review: dict | None
    score: int
    down: int
    non_boundary: bool
    free_hit: bool
    note: str | None = None
    shot: Shot | None = None


@dataclass(slots=True)
class Over:
    number: int
    balls: list[Ball] = field(default_factory=list)
    runs: int = 0
    wickets: int = 0
    legal: int = 0
    charged: int = 0
    complete: bool = False
    maiden: bool = False
    bowlers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Fall:
    wicket: int
    score: int
    player: str
    label: str | None
    kind: str | None


@dataclass(slots=True)
class Partnership:
    wicket: int
    pair: list[str]
    runs: int
    balls: int
    by: dict[str, int]
    ended: str | None = None  # "wicket", or how a batter retired; None where it goes on or the pair only changed


@dataclass(slots=True)
class Innings:
    index: int
    team: int
    per_over: int
    per_end: int
    all_out_at: int  # wickets
    side: Side = field(repr=False, compare=False)
    places: int = 11  # how many of a side may bat
    barred: frozenset[str] = frozenset()  # who may not bat: out in an earlier super over
    runs: int = 0
    wickets: int = 0
    legal: int = 0
    deliveries: int = 0
    extras: dict[str, int] = field(
        default_factory=lambda: {"byes": 0, "legbyes": 0, "wides": 0, "noballs": 0, "penalty": 0}
    )
    batting: dict[str, Batter] = field(default_factory=dict)
    bowling: dict[str, Bowler] = field(default_factory=dict)
    overs: list[Over] = field(default_factory=list)
    fow: list[Fall] = field(default_factory=list)
    partnerships: list[Partnership] = field(default_factory=list)
    target: int | None = (
        None  # as given, by the toss-up of a revision or an import; see MatchState.target for the one played for
    )
    target_overs: str | None = None
    target_at_start: bool = False  # where it came with the start of the innings, as files tell it
    target_known: bool = True  # False where a file leaves out the target of a chase
    overs_limit: str | None = None
    par: int | None = None
    bowler_limit: int | None = None  # overs a bowler, where a revision said so
    suspended: dict[str, str] = field(default_factory=dict)  # bowlers taken off for the innings, and why
    off_after: dict[str, str] = field(default_factory=dict)  # key of the ball before → who was taken off
    marked: set[int] = field(default_factory=set)  # overs of whose balls something is told beside what happened
    powerplays: list[dict] = field(default_factory=list)
    reviews: list[dict] = field(default_factory=list)
    penalties: dict[str, int] = field(default_factory=dict)
    late_penalties: int = 0  # those awarded after the innings was completed
    super_over: bool = False
    follow_on: bool = False
    declared: bool = False
    forfeited: bool = False
    absent: list[str] = field(default_factory=list)
    ended: str | None = None
    was_all_out: bool = False  # as it ended: who joins the side later changes nothing in it
    striker: str | None = None
    non_striker: str | None = None
    bowler: str | None = None
    over: Over | None = None  # the over being bowled
    partnership: Partnership | None = None  # the one at the wicket
    free_hit: bool = False  # the next ball is one
    done: int = 0  # finished overs
    as_card: bool = False
    card_balls: int = 0

    @property
    def over_due(self) -> bool:
        """The over has its balls: the scorer is asked whether it is done."""
        return self.over is not None and self.over.legal >= self.per_over

    @property
    def balls(self) -> int:
        """Balls as overs count them; an over with all its balls counts before it is called."""
        if self.as_card:
            return self.card_balls
        return self.done * self.per_over + (min(self.over.legal, self.per_over) if self.over else 0)

    @property
    def overs_text(self) -> str:
        return overs_text(self.balls, self.per_over)

    @property
    def run_rate(self) -> float | None:
        return self.runs * self.per_over / self.balls if self.balls else None

    @property
    def extras_total(self) -> int:
        return sum(self.extras.values())

    @property
    def unavailable(self) -> int:
        """Who can bat no more without being out: the absent and those who retired and have not come back."""
        return sum(
            b.state == "absent" or (b.state == "retired" and b.retired is not None) for b in self.batting.values()
        )

    @property
    def places_left(self) -> int:
        """How many may still begin an innings; whoever left the match before being out gives the place to the
        replacement.
        """
        replaced = self.side.replaced
        return self.places - sum(b.out is not None or b.key not in replaced for b in self.batting.values())

    @property
    def to_come(self) -> int:
        """How many are still to bat. An unknown side has all its players."""
        side, left = self.side, self.places_left
        if not side.players:
            return left
        gone = side.replaced | self.barred
        return max(0, min(left, sum(key not in self.batting and key not in gone for key in side.players)))

    @property
    def all_out(self) -> bool:
        """Are the wickets down (Law 13.3.1), or is nobody left to come in (13.3.2)?

        Whoever retired hurt or not out may come back, and is not waited for.
        """
        if self.ended is not None:
            return self.was_all_out
        if self.wickets >= self.all_out_at:
            return True
        if self.striker is not None and self.non_striker is not None:
            return False
        replaced = self.side.replaced
        here = sum(
            b.state == "in" or (b.state == "retired" and b.retired is None and b.key not in replaced)
            for b in self.batting.values()
        )
        return here + self.to_come < 2

    @property
    def balls_limit(self) -> int | None:
        return balls_of(self.overs_limit, self.per_over) if self.overs_limit else None

    @property
    def overs_complete(self) -> bool:
        limit = self.balls_limit
        return limit is not None and self.balls >= limit
