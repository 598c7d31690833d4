"""The state of a match as data: what the rules of deliveries and results read and change."""

from dataclasses import dataclass, field

from cricket.engine import editions
from cricket.engine.events import Event, Impossible
from cricket.engine.innings import Innings
from cricket.engine.sides import Settings, Side


@dataclass(slots=True)
class Result:
    """`winner` is a team's index, `by` holds runs, wickets or innings; `text` is the whole sentence."""

    text: str
    winner: int | None = None
    by: dict[str, int] = field(default_factory=dict)
    result: str | None = None  # tie, draw, no result
    method: str | None = None
    eliminator: int | None = None
    bowl_out: int | None = None
    super_over: int | None = None  # who won the last super over
    derived: bool = True  # False where it was stated and not worked out


@dataclass
class MatchRecord:
    """What a match holds, as data; `cricket.engine.scoring` adds what follows from it."""

    settings: Settings = field(default_factory=Settings)
    played: str | None = None  # the day the match began, "2031-01-31": no event tells it
    teams: list[Side] = field(default_factory=lambda: [Side("Home", "HOM"), Side("Away", "AWY")])
    toss: dict | None = None
    officials: dict = field(default_factory=dict)
    innings: list[Innings] = field(default_factory=list)
    break_: dict | None = None
    day: int = 1
    session: int = 1
    result: Result | None = None
    method: str | None = None
    owed: list[tuple[int, str]] = field(default_factory=list)  # penalty runs for the innings that starts next
    coming: dict = field(default_factory=dict)  # a revision entered between innings, for the one that starts next
    ended: bool = False
    player_of_match: list[str] = field(default_factory=list)
    replacements: list[dict] = field(default_factory=list)
    notes: list[dict] = field(default_factory=list)
    bowl_out: list[dict] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(
        default_factory=list
    )  # (event key, sentence): what could not be, and was read all the same
    unlawful: list[tuple[str, str]] = field(default_factory=list)  # what no scorer could enter now; nobody is told
    hands: dict[str, str] = field(default_factory=dict)  # how batters bat, left or right, as far as scorers said so
    names: dict[str, str] = field(default_factory=dict, repr=False)
    log: list[Event] = field(default_factory=list, repr=False, compare=False)
    keys: set[str] = field(default_factory=set, repr=False, compare=False)
    seq: int = field(default=0, compare=False)
    strict: bool = field(default=False, repr=False, compare=False)

    @property
    def current(self) -> Innings | None:
        """The innings being played, or None before, between and after."""
        return self.innings[-1] if self.innings and self.innings[-1].ended is None else None

    @property
    def main_innings(self) -> list[Innings]:
        """The innings that count for totals and cards: all but super overs."""
        return [innings for innings in self.innings if not innings.super_over]

    @property
    def edition(self) -> editions.Edition:
        """The Laws this match is played under."""
        return editions.edition_of(self.settings, self.played)

    @property
    def free_hits(self) -> bool:
        return editions.has_free_hits(self.settings, self.played)

    @property
    def over_to_finish(self) -> bool:
        """Would stumps now leave an over that the Laws want finished: the last of a day, though a wicket fell in it
        (Law 12.5.2)? In matches of more than a day.
        """
        innings = self.current
        if innings is None or innings.over is None or innings.over_due or not innings.over.wickets:
            return False
        days = self.settings.more.get("days") or (5 if self.settings.innings == 4 else 1)
        return days > 1 and self.edition.last_over_finished

    def earlier_super_overs(self, innings: Innings) -> list[Innings]:
        """The super overs this side has batted before this one: who was out there bats no more, who
        bowled last rests.
        """
        return [
            other
            for other in self.innings[: innings.index]
            if innings.super_over and other.super_over and other.team == innings.team
        ]

    def refuse(self, event: Event, sentence: str, code: str = "EVENT_IMPOSSIBLE") -> None:
        """Raise where strict; else remember what was wrong and go on."""
        if self.strict:
            raise Impossible(sentence, code)
        self.problems.append((event.key, sentence))

    def forbid(self, event: Event, sentence: str, code: str) -> None:
        """Raise where strict; what was entered all the same, or stands in a file, is right as it is."""
        if self.strict:
            raise Impossible(sentence, code)
        self.unlawful.append((event.key, sentence))
