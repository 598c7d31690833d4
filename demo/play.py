"""Matches of the demo's clubs, played ball by ball: a seed gives the same match every time, in the shapes of a scorer's
log.

`play()` returns the events of a whole match and its result in words. Nothing here knows the scoring engine: what a
match comes to is found out by folding its events, and the tests hold the two together.
"""

from dataclasses import dataclass, field
from random import Random

from demo.ball import Cricketer
from demo.days import Days, day_after_day
from demo.innings import LIMITS, OVERS, Innings
from demo.revision import revised_target


@dataclass(frozen=True)
class Club:
    name: str
    short: str
    colours: tuple
    squad: tuple  # Cricketers, in the club's order


@dataclass
class Played:
    """A match: events as {key, kind, body, after: seconds since the first ball was due}, and the result as the engine
    would say it.
    """

    events: list
    result: str
    margin: tuple = ()
    totals: list = field(default_factory=list)


def cricketer(key, name, role):
    """A player, whose gifts hang on the name alone, so that a star is one in every match."""
    luck = Random(f"gifts of {name}").random
    bat = {"batter": 1.02, "wicket-keeper": 0.95, "all-rounder": 0.88, "bowler": 0.55}[role] + 0.22 * (luck() - 0.5)
    bowls = role in ("bowler", "all-rounder")
    ball = (1.0 if role == "bowler" else 0.93) + 0.16 * (luck() - 0.5)
    return Cricketer(key, name, role, bat, ball if bowls else 0.75, luck() < 0.38, bowls)


def play(format, clubs, officials, seed, rain=None):
    """A match between two clubs (the home club first). `rain`: None, "revised" (a shortened chase) or "washed out"."""
    match = Match(format, clubs, officials, Random(f"{format} {seed}").random, rain)
    match.open()
    if format == "First-class":
        day_after_day(match)
    else:
        _limited_overs(match)
    return Played(
        match.events, match.result, match.margin, [(i.team, i.runs, i.wickets, i.overs_text) for i in match.innings]
    )


class Match:
    """What the innings of a match share: its log and clock, the sides, who has done well."""

    def __init__(self, format, clubs, officials, luck, rain):
        self.format, self.clubs, self.officials, self.luck, self.rain = format, clubs, officials, luck, rain
        self.events, self.innings, self.merits = [], [], {}
        self.clock = -2400.0
        self.result, self.margin, self.winner = "", (), None
        self.days = Days(self) if format == "First-class" else None
        self.sides = [self._eleven(club) for club in clubs]
        self.reviews = 3 if format == "First-class" else 2

    def say(self, kind, body, takes=0.0):
        self.clock += takes
        self.events.append(
            {"key": f"e{len(self.events) + 1}", "kind": kind, "body": body, "after": round(self.clock, 1)}
        )

    def open(self):
        names = [club.name for club in self.clubs]
        self.say(
            "setup",
            {
                "format": self.format,
                "overs": OVERS[self.format],
                "balls_per_over": 6,
                "balls_per_end": 6,
                "no_ball": 1,
                "wide": 1,
                "innings": 4 if self.days else 2,
                "players": 11,
                "bowler_limit": LIMITS[self.format],
                "teams": names,
                "short": [club.short for club in self.clubs],
                "colours": [list(club.colours) for club in self.clubs],
            },
        )
        self.say("officials", self.officials, 60)
        winner = int(self.luck() * 2)
        bats = self.luck() < (0.6 if self.days else 0.42)
        self.say("toss", {"winner": winner, "decision": "bat" if bats else "field"}, 300)
        self.first = winner if bats else 1 - winner
        for team, side in enumerate(self.sides):
            captain = max((p for p in side if p.role != "bowler"), key=lambda p: p.bat)
            players = []
            for person in side:
                entry = {"key": person.key, "name": person.name, "role": person.role}
                if person is captain:
                    entry["captain"] = True
                if person.role == "wicket-keeper":
                    entry["keeper"] = True
                players.append(entry)
            self.say("lineup", {"team": team, "players": players}, 60)
        self.clock = 0.0

    def _eleven(self, club):
        """Five or six batters, a keeper, two or three all-rounders, three or four bowlers; in batting order."""

        def some(role, count):
            there = sorted((p for p in club.squad if p.role == role), key=lambda p: (self.luck(), p.name))
            return there[:count]

        bowlers = 4 if self.luck() < 0.6 else 3
        batters = 9 - bowlers - 1
        eleven = (
            some("batter", batters)
            + some("wicket-keeper", 1)
            + some("all-rounder", 11 - batters - 1 - bowlers)
            + some("bowler", bowlers)
        )
        return sorted(eleven, key=lambda p: -p.bat - (0.12 if p.role == "batter" else 0))

    def fielders(self, team):
        """The eleven in the field, the keeper first."""
        return sorted(self.sides[team], key=lambda p: p.role != "wicket-keeper")

    def credit(self, person, points):
        self.merits[person.key] = self.merits.get(person.key, 0) + points

    def finish(self, body=None):
        body = dict(body or {})
        if self.merits:
            ours = [p.key for p in self.sides[self.winner]] if self.winner is not None else list(self.merits)
            body["player_of_match"] = [max(ours, key=lambda key: self.merits.get(key, 0))]
        self.say("match_end", body, 60)

    def won(self, team, margin, words):
        self.winner, self.margin = team, margin
        self.result = f"{self.clubs[team].name} won by {words}"


def _limited_overs(match):
    overs = OVERS[match.format]
    first = Innings(match, match.first, overs)
    rain_at = 6 + int(match.luck() * 5) if match.rain == "washed out" else None
    while not first.end:
        if rain_at is not None and first.over >= rain_at:
            return _wash_out(match, first)
        first.play_over()
        _pause(match, first)
    match.say("innings_end", {"reason": first.end}, 30)
    match.say("break", {"reason": "innings break"}, 5)
    match.say("resume", {}, 900 if overs == 20 else 2400)
    second = Innings(match, 1 - match.first, overs, first.runs + 1)
    rain_at = 14 + int(match.luck() * 8) if match.rain == "revised" else None
    while not second.end:
        if rain_at is not None and second.over >= rain_at:
            rain_at = None
            _shorten(match, second, first.runs)
        second.play_over()
        _pause(match, second)
    match.say("innings_end", {"reason": second.end}, 30)
    if second.runs >= second.target:
        left = 10 - second.wickets
        match.won(second.team, ("wickets", left), f"{left} wicket{'s' * (left > 1)}")
    elif second.runs == second.target - 1:
        _super_over(match, first, second)
    else:
        by = second.target - 1 - second.runs
        match.won(first.team, ("runs", by), f"{by} run{'s' * (by > 1)}")
    if match.rain == "revised":
        match.result += " (D/L method)"
    match.finish()


def _pause(match, innings):
    """A break between overs where the playing conditions have one."""
    if innings.end or innings.super_over:
        return
    if match.format == "List A" and innings.over in (17, 34):
        match.say("break", {"reason": "drinks"}, 5)
        match.say("resume", {}, 240)
    elif match.format == "T20" and innings.over == 10:
        match.say("break", {"reason": "strategic time-out"}, 5)
        match.say("resume", {}, 90)


def _wash_out(match, innings):
    match.say("break", {"reason": "rain"}, 60)
    match.say("innings_end", {"reason": "no further play"}, 5400)
    match.result = "No result"
    match.merits = {}
    match.finish({"reason": "no further play"})


def _shorten(match, innings, first_total):
    """Rain in the chase: overs are lost, and the target follows."""
    match.say("break", {"reason": "rain"}, 60)
    lost = 8 + int(match.luck() * 8)
    innings.overs -= lost
    innings.target = revised_target(first_total, 50, innings.over, innings.wickets, lost)
    match.say(
        "revise",
        {"overs": str(innings.overs), "target": innings.target, "method": "D/L", "innings": 1},
        120 + lost * 240,
    )
    match.say("resume", {}, 300)


def _super_over(match, first, second):
    """The side that batted second bats first."""
    match.say("break", {"reason": "other", "text": "Super Over"}, 60)
    match.say("resume", {}, 300)
    one = Innings(match, second.team, 1, super_over=True)
    one.play_over()
    match.say("innings_end", {"reason": one.end}, 20)
    two = Innings(match, first.team, 1, one.runs + 1, super_over=True)
    two.play_over()
    match.say("innings_end", {"reason": two.end}, 20)
    if one.runs == two.runs:
        match.result = "Match tied (super over tied)"  # the steering looks for another match
        return
    match.winner = two.team if two.runs > one.runs else one.team
    match.margin = ("super over", abs(one.runs - two.runs))
    match.result = f"Match tied ({match.clubs[match.winner].name} won the super over)"
