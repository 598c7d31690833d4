"""One innings of the demo's cricket: who faces, who bowls, who comes in next, and how hard they go."""

from demo.ball import bowl, up_to_the_win
from demo.shots import shot

OVERS = {"T20": 20, "List A": 50, "First-class": None}
LIMITS = {"T20": 4, "List A": 10, "First-class": None}
POWERPLAYS = {"T20": (("mandatory", "0.1", "5.6"),), "List A": (("mandatory", "0.1", "9.6"),), "First-class": ()}
BALL_SECONDS = {"T20": 24, "List A": 26, "First-class": 30}
OVER_SECONDS = {"T20": 38, "List A": 28, "First-class": 30}


class Innings:
    """One innings under way.

    `overs` and `target` may change while it lasts; `hungry` is how hard the side goes without a target in sight.
    """

    def __init__(self, match, team, overs, target=None, super_over=False, hungry=1.0, body=None, follows_on=False):
        self.match, self.team, self.overs, self.target, self.super_over, self.hungry = (
            match,
            team,
            overs,
            target,
            super_over,
            hungry,
        )
        self.follows_on = follows_on
        self.runs = self.wickets = self.legal = self.over = 0
        self.end, self.free_hit, self.left_hurt = None, False, None
        self.side, self.field = match.sides[team], match.fielders(1 - team)
        order = sorted(self.side, key=lambda p: -p.bat) if super_over else list(self.side)
        self.waiting = order[2:3] if super_over else order[2:]
        self.pair = [order[0], order[1]]  # who faces, who watches
        self.faced = {}
        self.bowled, self.last_bowler, self.spells = {}, None, {}
        self.reviews = [match.reviews, match.reviews]
        match.innings.append(self)
        start = {"team": team, **(body or {})}
        if target is not None:
            start["target"] = {"runs": target, **({"overs": str(overs)} if overs else {})}
        if super_over:
            start["super_over"] = True
        match.say("innings_start", start, 120)
        if not super_over:
            for type, begin, stop in POWERPLAYS[match.format]:
                match.say("powerplay", {"type": type, "from": begin, "to": stop})
        self._name_pair()

    @property
    def overs_text(self):
        return f"{self.legal // 6}.{self.legal % 6}" if self.legal % 6 else str(self.legal // 6)

    def _name_pair(self):
        self.match.say("batters", {"striker": self.pair[0].key, "non_striker": self.pair[1].key}, 20)

    def play_over(self, stop_after=None):
        """One over, or as much of it as the innings lasts; `stop_after` legal balls the weather ends play."""
        bowler, came_in, fair = self._next_bowler(), False, 0
        self.bowled[bowler.key] = self.bowled.get(bowler.key, 0) + 1
        self.match.say("bowler", {"bowler": bowler.key}, OVER_SECONDS[self.match.format])
        while fair < 6 and not self.end and fair != stop_after:
            if came_in:
                self._name_pair()
                came_in = False
            if self._somebody_is_hurt():
                self._name_pair()
            thrown = self._ball(bowler)
            fair += thrown.is_legal
            self.legal += thrown.is_legal
            came_in = thrown.wicket is not None and not self.end
        self.last_bowler = bowler
        if fair == 6:
            self.over += 1
            self.match.say("over_end", {}, 10)
            self.pair.reverse()
            if not self.end and self.overs is not None and self.over >= self.overs:
                self.end = "overs complete"
        if came_in and not self.end:
            self._name_pair()

    def _ball(self, bowler):
        striker, other = self.pair
        match = self.match
        thrown = bowl(
            match.luck,
            match.format,
            self.over,
            striker,
            self.faced.get(striker.key, 0),
            bowler,
            self.field,
            self._push(),
            self.free_hit,
        )
        if self.target is not None:
            thrown = up_to_the_win(thrown, self.target - self.runs)
        body = {"striker": striker.key, "non_striker": other.key, "bowler": bowler.key, "bat": thrown.bat}
        if thrown.extras:
            body["extras"] = thrown.extras
        self._review(thrown, striker, body)
        self.runs += thrown.total
        if not (thrown.extras and "wides" in thrown.extras):
            self.faced[striker.key] = self.faced.get(striker.key, 0) + 1
        match.credit(striker, thrown.bat * (1.0 if not self.target else 1.1))
        if match.format != "First-class":
            # A free hit lasts until a fair ball has been bowled.
            self.free_hit = bool(thrown.extras and "noballs" in thrown.extras) or (
                self.free_hit and not thrown.is_legal
            )
        if thrown.ran % 2:
            self.pair.reverse()
        if thrown.wicket:
            self._fall(thrown, striker, other, bowler, body)
        if self.target is not None and self.runs >= self.target:
            self.end = "target reached"
        match.say(
            "delivery", body, BALL_SECONDS[match.format] * (0.8 + 0.4 * match.luck()) + (75 if thrown.wicket else 0)
        )
        if match.format == "T20" and (told := shot(match.events[-1]["key"], striker, thrown)):
            match.say("shot", told)
        return thrown

    def _review(self, thrown, striker, body):
        if not thrown.review:
            return
        asks = self.team if thrown.review["asked"] == "batter" else 1 - self.team
        if self.reviews[asks] == 0:
            if thrown.review["asked"] == "fielders" and thrown.wicket:
                thrown.wicket = None  # given not out, and nobody left to ask
            elif thrown.review["asked"] == "batter" and not thrown.wicket:
                thrown.review = None
            return
        umpires = self.match.officials["umpires"]
        review = {"by": asks, "umpire": umpires[self.over % len(umpires)], "batter": striker.key}
        review |= {"decision": thrown.review["decision"], "type": "wicket"}
        if thrown.review.get("umpires_call"):
            review["umpires_call"] = True
        if review["decision"] == "struck down" and not review.get("umpires_call"):
            self.reviews[asks] -= 1
        body["review"] = review

    def _fall(self, thrown, striker, other, bowler, body):
        fallen, match = thrown.wicket, self.match
        out = striker if fallen.of_striker else other
        wicket = {"kind": fallen.kind, "player": out.key}
        if fallen.fielders:
            wicket["fielders"] = [self._fielder(person) for person in fallen.fielders]
            for person in fallen.fielders:
                match.credit(person, 5)
        body["wickets"] = [wicket]
        if fallen.kind != "run out":
            match.credit(bowler, 22 if match.format != "First-class" else 18)
        self.wickets += 1
        stays = other if out is striker else striker
        if not self.waiting or (self.super_over and self.wickets == 2):
            self.end = "all out"
            return
        comes = self.waiting.pop(0)
        faces = (
            thrown.new_faces if fallen.kind == "run out" else True
        )  # a caught batter is replaced at the striker's end (Law 18.11)
        self.pair = [comes, stays] if faces else [stays, comes]

    def _fielder(self, person):
        entry = {"key": person.key}
        bench = [p for p in self.match.clubs[1 - self.team].squad if p not in self.field]
        if person.role != "wicket-keeper" and bench and self.match.luck() < 0.015:
            return {"name": bench[0].name, "substitute": True}
        return entry

    def _somebody_is_hurt(self):
        """A batter retires hurt; the next comes in, and the hurt one again at the fall of the last wicket."""
        rare = 0.0002 if self.match.format == "First-class" else 0.0004
        if self.left_hurt or self.super_over or len(self.waiting) < 4 or self.match.luck() >= rare:
            return False
        self.left_hurt = self.pair[0]
        self.match.say("wicket", {"player": self.left_hurt.key, "kind": "retired hurt"}, 240)
        self.pair[0] = self.waiting.pop(0)
        self.waiting.append(self.left_hurt)
        return True

    def _push(self):
        """How hard the batters go: by wickets in hand and overs left, or by what is needed."""
        if self.match.days and self.target is None:
            return self.hungry
        if self.target is None:
            done = self.over / self.overs
            return self.hungry * min(1.25, max(0.75, 1.08 + 0.55 * done - 0.075 * self.wickets))
        if self.match.days:
            return self.match.days.push(self)
        left = max(1, self.overs * 6 - self.legal)
        usual = {"T20": 1.36, "List A": 0.93}[self.match.format] if not self.super_over else 1.7
        needed = max(0, self.target - self.runs) / left
        return min(1.75, max(0.72, (needed / usual) ** 0.9))

    def _next_bowler(self):
        if self.super_over:
            return max(self.field, key=lambda p: (p.bowls, p.bowl))
        limit, spare = LIMITS[self.match.format], 0
        if limit and self.overs < OVERS[self.match.format]:  # a fifth each, and what does not come out even one by one
            limit, more = divmod(self.overs, 5)
            spare = max(0, more - sum(overs > limit for overs in self.bowled.values()))
        candidates = [
            p
            for p in self.field
            if p.bowls and p is not self.last_bowler and (not limit or self.bowled.get(p.key, 0) < limit + (spare > 0))
        ]
        if limit:
            candidates = [p for p in candidates if self._can_go_on_after(p, limit, spare)] or candidates
        luck, phase = self.match.luck, 0 if self.over < 6 else 2 if self.overs and self.over >= self.overs - 4 else 1
        before_last = self.spells.get("before")
        self.spells["before"] = self.last_bowler

        def wish(person):
            weight = person.bowl + (0.35 if person.spin == (phase == 1) else 0) + 0.45 * luck()
            weight += 0.3 if person is before_last else 0  # a spell goes on for a few overs from the same end
            weight -= 0.35 if person.role == "all-rounder" and phase == 0 else 0
            return weight - 0.5 * self.bowled.get(person.key, 0) / (limit or 30)

        return max(candidates, key=wish)

    def _can_go_on_after(self, chosen, limit, spare):
        """Whether the overs that follow can be shared out, nobody bowling two in a row or more than the limit, which
        some may pass by one.
        """
        to_come = self.overs - self.over - 1
        able = spare
        for person in self.field:
            if person.bowls:
                rest = max(0, limit - self.bowled.get(person.key, 0)) - (person is chosen)
                able += min(rest, to_come // 2 if person is chosen else (to_come + 1) // 2)
        return able >= to_come
