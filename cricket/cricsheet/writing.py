"""Writing a match as Cricsheet JSON 1.1, so that reading it again gives the same cards.

The format knows balls, not times: breaks, notes and reasons stay behind. Three things it cannot say are told as it is
wont to: a batter who retires and comes back is a replacement for a while, a wicket between two balls stands at the ball
before, and what a ball that was not one of the over (Law 28.2.3) counts is left to its penalty runs.
"""

from typing import Any

from cricket.cricsheet.cards import shown_names, target_card
from cricket.engine import results
from cricket.engine.bowling import EXCLUDED
from cricket.engine.deliveries import as_taken
from cricket.engine.events import Event, Impossible, effective
from cricket.engine.innings import NOT_OUT, Innings
from cricket.engine.scoring import MatchState

MATCH_TYPES = {"T20": "T20", "Hundred": "T20", "ODI": "ODI", "Test": "Test", "First-class": "MDM", "List A": "ODM"}


def export(state: MatchState, events: list[Event], info: dict | None = None) -> dict:
    """The match as a Cricsheet document.

    `info` holds what the engine does not know: dates, venue, event, season, gender.

    Raises Impossible for an innings entered from paper: the format has no place for a card without balls.
    """
    if any(innings.as_card for innings in state.innings):
        raise Impossible(
            "An innings entered from paper has no balls, and Cricsheet's format is made of balls.", "NO_BALLS"
        )
    writer = Writer(state)
    for event in effective(events):
        writer.add(event)
    info = dict(info or {})
    dates = info.get("dates") or []
    meta = {"data_version": "1.1.0", "created": dates[-1] if dates else "1970-01-01", "revision": 1}
    return {"meta": meta, "info": {**info, **writer.info(info)}, "innings": writer.innings}


def decimal(overs: str) -> float | int | str:
    """Overs as the number Cricsheet writes; as text where a number would lose a ball (5.10 is not 5.1)."""
    if "." not in overs:
        return int(overs)
    return float(overs) if str(float(overs)) == overs else overs


class Writer:
    """The innings of a document, filled event by event."""

    def __init__(self, state: MatchState) -> None:
        self.state = state
        self.names = shown_names(state)
        self.innings: list[dict] = []
        self.deliveries: list[dict] | None = None  # of the over being written
        self.last: dict | None = None  # the last delivery of this innings
        self.waiting: dict[str, list] = {}  # replacements for the next delivery
        self.early: list[dict] = []  # wickets before the first ball
        self.off: dict | None = None  # a bowler whom the umpires took off, until another goes on with the over
        self.gone: list[str] = []  # who retired for a while, and has not been replaced on paper
        self.leaving: list[str] = []  # who was replaced at the wicket since the last ball
        self.pair: set[str] = set()
        self.balls = 0  # written of this innings
        self.last_seen = [self.last_balls(innings) for innings in state.innings]

    @staticmethod
    def last_balls(innings: Innings) -> dict[str, int]:
        """Batter → the number of the last ball of the innings the batter was at the wicket for."""
        last: dict[str, int] = {}
        for number, ball in enumerate((ball for over in innings.overs for ball in over.balls), 1):
            last[ball.striker] = last[ball.non_striker] = number
        return last

    def add(self, event: Event) -> None:
        write = getattr(self, f"on_{event.kind}", None)
        if write:
            write(event.body)

    def name(self, key: str) -> str:
        return self.names.get(key) or self.state.names.get(key, key)

    def on_innings_start(self, body: dict) -> None:
        if len(self.innings) >= len(self.state.innings):
            return
        innings = self.state.innings[len(self.innings)]
        document: dict[str, Any] = {"team": self.state.teams[innings.team].name}
        if not innings.forfeited or innings.overs:
            document["overs"] = []
        for flag in ("super_over", "declared", "forfeited"):
            if getattr(innings, flag):
                document[flag] = True
        if innings.absent:
            document["absent_hurt"] = [self.name(key) for key in innings.absent]
        if innings.powerplays:
            document["powerplays"] = [
                {"from": decimal(p["from"]), "to": decimal(p["to"]), "type": p["type"]} for p in innings.powerplays
            ]
        target = target_card(self.state, innings)
        if target:
            overs = target.get("overs")
            document["target"] = {
                **({"overs": decimal(str(overs))} if overs is not None else {}),
                "runs": target["runs"],
            }
        if innings.penalties:
            document["penalty_runs"] = dict(innings.penalties)
        odd = {
            str(over.number): {"balls": over.legal}
            for over in innings.overs
            if over.complete and over.legal != innings.per_over
        }
        if odd:
            document["miscounted_overs"] = odd
        self.innings.append(document)
        self.deliveries = self.last = self.off = None
        self.early, self.gone, self.leaving, self.pair, self.balls = [], [], [], set(), 0

    def on_delivery(self, body: dict) -> None:
        if not self.innings:
            return
        if self.deliveries is None:
            self.deliveries = []
            overs = self.innings[-1]["overs"]
            overs.append({"over": len(overs), "deliveries": self.deliveries})
        extras = {kind: runs for kind, runs in (body.get("extras") or {}).items() if runs}
        added = sum(extras.values())
        ball: dict[str, Any] = {
            "batter": self.name(body["striker"]),
            "bowler": self.name(body["bowler"]),
            "non_striker": self.name(body["non_striker"]),
            "runs": {"batter": body["bat"], "extras": added, "total": body["bat"] + added},
        }
        if body.get("non_boundary"):
            ball["runs"]["non_boundary"] = True
        if extras:
            ball["extras"] = extras
        self.note_replacements(body)
        if self.off:
            self.waiting.setdefault("role", []).append({"in": self.name(body["bowler"]), **self.off})
            self.off = None
        if self.waiting:
            ball["replacements"], self.waiting = self.waiting, {}
        if body.get("review"):
            ball["review"] = self.review(body["review"])
        self.deliveries.append(ball)
        self.last, self.leaving = ball, []
        self.balls += 1
        self.pair = {body["striker"], body["non_striker"]}
        wickets, self.early = self.early, []
        if wickets:
            ball["wickets"] = wickets
        for wicket in body.get("wickets") or ():
            self.on_wicket(as_taken(wicket, body["bowler"]))

    def note_replacements(self, body: dict) -> None:
        """Whoever went off for a while is replaced by the batter who came: Cricsheet's way to say that
        he may return.
        """
        pair = {body["striker"], body["non_striker"]}
        came = [key for key in (body["striker"], body["non_striker"]) if key not in self.pair]
        for out in self.gone:
            if out not in pair and came:
                role = {"in": self.name(came.pop(0)), "out": self.name(out), "reason": "unknown", "role": "batter"}
                self.waiting.setdefault("role", []).append(role)
        self.gone = []

    def on_wicket(self, body: dict) -> None:
        if not self.innings:
            return
        if body["kind"] in NOT_OUT and self.comes_back(body["player"]):
            self.gone.append(body["player"])
            return
        kind = body["kind"]
        if kind in NOT_OUT:  # whoever came back before a ball and was replaced then has retired otherwise than at first
            kind = self.state.innings[len(self.innings) - 1].batting[body["player"]].retired
        wicket: dict[str, Any] = {"kind": kind, "player_out": self.name(body["player"])}
        fielders = []
        for fielder in body.get("fielders") or ():
            name = self.name(fielder["key"]) if fielder.get("key") else fielder.get("name")
            fielders.append(
                {**({"name": name} if name else {}), **({"substitute": True} if fielder.get("substitute") else {})}
            )
        if fielders:
            wicket["fielders"] = fielders
        # Who came back and went again before another ball stands there once.
        at = self.early if self.last is None else self.last.setdefault("wickets", [])
        at[:] = [other for other in at if other["player_out"] != wicket["player_out"]] + [wicket]

    def comes_back(self, player: str) -> bool:
        """Whether a batter who retires now is at the wicket again later in this innings."""
        innings = self.state.innings[len(self.innings) - 1]
        if self.last_seen[innings.index].get(player, 0) > self.balls:
            return True
        batter = innings.batting.get(player)
        return batter is not None and (batter.retired is None or batter.state == "in")

    def on_replacement(self, body: dict) -> None:
        one = {"in": self.name(body["in"]), "reason": body["reason"]}
        if body.get("out") is not None:
            one["out"] = self.name(body["out"])
        if body["type"] == "match":
            one["team"] = self.state.teams[body["team"]].name
            if body.get("out") in self.pair and self.last is not None:
                self.leaving.append(body["out"])
        else:
            one["role"] = body.get("role", "batter")
        self.waiting.setdefault(body["type"], []).append(one)

    def on_innings_end(self, body: dict) -> None:
        """Whoever was replaced at the wicket has retired. The replacement says so with the next ball; where none came,
        it is told with the last.
        """
        for out in self.leaving:
            batter = self.state.innings[len(self.innings) - 1].batting[out]
            if batter.retired and not self.comes_back(out):
                self.on_wicket({"kind": batter.retired, "player": out})
        self.leaving = []

    on_match_end = on_innings_end

    def on_suspension(self, body: dict) -> None:
        """Cricsheet has a word for it only within an over, where another bowler has to finish it."""
        if self.deliveries and self.deliveries[-1]["bowler"] == self.name(body["player"]):
            self.off = {"out": self.name(body["player"]), "reason": EXCLUDED + body["reason"], "role": "bowler"}

    def on_over_end(self, body: dict) -> None:
        self.deliveries = self.off = None

    def review(self, review: dict) -> dict:
        written = {"by": self.state.teams[review["by"]].name, "decision": review["decision"]}
        if review.get("batter"):
            written["batter"] = self.name(review["batter"])
        return written | {name: review[name] for name in ("umpire", "type", "umpires_call") if review.get(name)}

    def info(self, given: dict) -> dict:
        """What the engine knows of the head of the document."""
        state, settings = self.state, self.state.settings
        names = [side.name for side in state.teams]
        info: dict[str, Any] = {
            "balls_per_over": settings.balls_per_over,
            "match_type": given.get("match_type")
            or MATCH_TYPES.get(settings.format, "T20" if settings.overs else "MDM"),
            "teams": names,
            "players": {side.name: [self.name(key) for key in side.players] for side in state.teams},
        }
        if settings.overs:
            info["overs"] = settings.overs
        people = {self.name(p.key): p.person for side in state.teams for p in side.players.values() if p.person}
        info["registry"] = {"people": {**((given.get("registry") or {}).get("people") or {}), **people}}
        if state.toss:
            info["toss"] = {**state.toss, "winner": names[state.toss["winner"]]}
        if state.officials:
            info["officials"] = {**(given.get("officials") or {}), **state.officials}
        if state.player_of_match:
            info["player_of_match"] = [self.name(key) for key in state.player_of_match]
        if state.bowl_out:
            info["bowl_out"] = [{**one, "bowler": self.name(one["bowler"])} for one in state.bowl_out]
        if state.ended and state.result:
            info["outcome"] = outcome(state.result, names)
        return info


def outcome(result: "results.Result", names: list[str]) -> dict:
    """A result as Cricsheet states it."""
    eliminator = result.super_over if result.eliminator is None and result.winner is None else result.eliminator
    stated: dict[str, Any] = {}
    if result.winner is not None:
        stated["winner"] = names[result.winner]
    if result.by:
        stated["by"] = dict(result.by)
    if result.result or result.winner is None:
        stated["result"] = result.result or "no result"
    if eliminator is not None:
        stated["eliminator"] = names[eliminator]
    if result.bowl_out is not None:
        stated["bowl_out"] = names[result.bowl_out]
    if result.method:
        stated["method"] = result.method
    return stated
