"""The fold: a match is what its events make of it.

`fold(events)` takes a whole log, `apply(state, event)` one event more on the end; both give the same state. Facts are
recorded (each delivery names who faced and who bowled); the fold adds them up and only predicts what comes next. What
cannot be is refused with a sentence where `strict` (a scorer is at work), and noted in `state.problems` where not (a
file or an old log is read).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cricket.engine import bowling, deliveries, paper, results
from cricket.engine.events import META, Event, Impossible, check_correction, check_event, check_undo, effective, once
from cricket.engine.innings import Ball, Batter, Bowler, Dismissal, Fall, Innings, Over, Partnership
from cricket.engine.shots import Shot
from cricket.engine.sides import Player, Settings, Side
from cricket.engine.state import MatchRecord

__all__ = [
    "Ball", "Batter", "Bowler", "Dismissal", "Event", "Fall", "Impossible", "Innings", "MatchState", "Over",
    "Partnership", "Player", "Settings", "Side", "apply", "fold",
]  # fmt: skip


@dataclass
class MatchState(MatchRecord):
    """A match after its events: what it holds, and what follows from it by the Laws."""

    @property
    def target(self) -> int | None:
        """What the side batting needs to win, as given or by the Laws; None where nobody chases."""
        return results.target_of(self, self.innings[-1]) if self.innings else None

    @property
    def balls_left(self) -> int | None:
        """Balls left in the innings being played, never below 0; None without a limit."""
        innings = self.current
        if innings is None or innings.balls_limit is None:
            return None
        return max(0, innings.balls_limit - innings.balls)

    @property
    def runs_needed(self) -> int | None:
        innings = self.current
        if innings is None or (target := self.target) is None:
            return None
        return max(0, target - innings.runs)

    @property
    def required_rate(self) -> float | None:
        """Runs an over still needed; None where nobody chases or no ball is left."""
        if self.runs_needed is None or not self.balls_left:
            return None
        return self.runs_needed * self.settings.balls_per_over / self.balls_left

    def projected(self, rate: float | None = None) -> int | None:
        """The total at the end of the overs, at the present rate or at one given (runs an over)."""
        innings = self.current
        rate = innings.run_rate if innings and rate is None else rate
        if innings is None or rate is None or self.balls_left is None:
            return None
        return innings.runs + round(rate * self.balls_left / self.settings.balls_per_over)

    @property
    def next_striker(self) -> str | None:
        """Who faces the next ball as the Laws predict: a key, "new" for the next batter in, None outside an innings."""
        innings = self.current
        if innings is None or not innings.batting:
            return None
        return innings.striker or "new"

    @property
    def lead(self) -> str | None:
        """How the sides stand in a match of two innings each, as text: "Swans lead by 31 runs"."""
        return results.lead_text(self)

    @property
    def follow_on_possible(self) -> bool:
        return results.follow_on_possible(self)

    @property
    def due(self) -> str | None:
        """What the scorer is asked next: "match", "innings" or "over" is at its end; None while play goes on."""
        return results.due(self)

    def can_bat(self) -> list[str]:
        """Who may come in now, in the order of the list."""
        innings = self.current
        if innings is None:
            return []
        side = self.teams[innings.team]
        barred = {innings.striker, innings.non_striker} | side.replaced | innings.barred
        room = innings.places_left > 0

        def free(key: str) -> bool:
            batter = innings.batting.get(key)
            return room if batter is None else batter.state == "retired" or (batter.state == "in" and not batter.seen)

        return [key for key in side.players if key not in barred and free(key)]

    def can_bowl(self) -> list[str]:
        """Who may bowl the next ball: nobody who was taken off, and nobody against whom the conditions speak."""
        innings = self.current
        if innings is None:
            return []
        side, against = self.teams[1 - innings.team], bowling.objections(self, innings)
        return [key for key in side.players if key not in side.replaced | innings.suspended.keys() | against.keys()]

    def apply(self, event: Event, strict: bool = False) -> "MatchState":
        """One more event on the end; the state itself, changed.

        Raises Impossible, and changes nothing, where strict.
        """
        return apply(self, event, strict)


def fold(events: Iterable[Event], strict: bool = False, played: str | None = None) -> MatchState:
    """The state of a match after these events, as its log holds them (with undos and corrections).

    `played` is the day the match began, as "2031-01-31": by it the Laws are known where no setting says which.
    """
    log = once(events)
    state = MatchState(strict=strict, played=played)
    for event in effective(log):
        HANDLERS[event.kind](state, event)
    state.log = log
    state.keys = {event.key for event in log}
    state.strict = False
    state.seq = log[-1].seq if log else 0
    return state


def apply(state: MatchState, event: Event, strict: bool = False) -> MatchState:
    """The state after one more event, in place.

    Undo, correction and restart fold the log again, all else is one step.
    """
    if event.key in state.keys:
        return state
    if strict:
        check_event(event.kind, event.body)
    if event.kind in META:
        rewrite(state, event, strict)
    else:
        state.strict = strict
        try:
            HANDLERS[event.kind](state, event)
        finally:
            state.strict = False
        state.log.append(event)
        state.keys.add(event.key)
    state.seq = event.seq
    return state


def rewrite(state: MatchState, event: Event, strict: bool) -> None:
    """Fold the log with an undo, correction or restart on its end; refuse one that makes a later event impossible."""
    if strict and event.kind == "undo":
        check_undo(state.log, event.body["of"])
    if strict and event.kind == "correction":
        check_correction(state.log, event)
    # After a restart the log is cut there, and the keys of what came before may come again.
    new = fold([event] if event.kind == "restart" else [*state.log, event], played=state.played)
    if strict:
        known = {*state.problems, *state.unlawful}
        for problem in (*new.problems, *new.unlawful):
            if problem not in known:
                raise Impossible(f"That would not fit what follows. {problem[1]}", "EVENT_FOLLOWING")
    state.__dict__.update(new.__dict__)


# The handlers: each checks everything before it changes anything, so that a refusal leaves the state as it was.


def setup(state: MatchState, event: Event) -> None:
    if state.innings:
        return state.refuse(event, "The match has begun: its format cannot be changed any more.")
    body = dict(event.body)
    names = body.pop("teams")
    shorts = body.pop("short", None) or [name[:3].upper() for name in names]
    known = {name: body.pop(name) for name in list(body) if name in Settings.__dataclass_fields__ and name != "more"}
    if "balls_per_over" in known and "balls_per_end" not in known:
        known["balls_per_end"] = known["balls_per_over"]
    state.settings = Settings(**known, more=body)
    for side, name, short in zip(state.teams, names, shorts, strict=True):
        side.name, side.short = name, short


def lineup(state: MatchState, event: Event) -> None:
    side = state.teams[event.body["team"]]
    players = {p["key"]: Player(**p) for p in event.body["players"]}
    other = state.teams[1 - event.body["team"]].players
    if len(players) < len(event.body["players"]):
        return state.refuse(event, "A player stands twice in that line-up.")
    twice = next((key for key in players if key in other), None)
    if twice:
        return state.refuse(event, f"{players[twice].name} plays for the other side.")
    side.players = players
    for key, player in players.items():
        state.names[key] = player.name
    if state.innings:
        deliveries.rename(state)


def toss(state: MatchState, event: Event) -> None:
    state.toss = dict(event.body)


def officials(state: MatchState, event: Event) -> None:
    state.officials = dict(event.body)


def new_innings(state: MatchState, event: Event, body: dict) -> Innings | None:
    """The record of an innings that starts, or None where it cannot."""
    settings, team, super_over = state.settings, body["team"], bool(body.get("super_over"))
    main = state.main_innings
    if state.ended:
        return state.refuse(event, "The match is over.")
    if state.current is not None:
        return state.refuse(event, "End the innings that is being played first.")
    if super_over and (len(main) < 2 or settings.innings != 2):
        return state.refuse(event, "A super over comes after both sides have batted in a limited-overs match.")
    if not super_over and len(main) >= settings.innings:
        return state.refuse(event, "Every innings of this match has been played.")
    had = sum(innings.team == team for innings in main)
    if not super_over and (had >= settings.innings // 2 or (len(main) == 1 and had)):
        return state.refuse(event, f"{state.teams[team].name} have had their innings.")
    supers = [innings for innings in state.innings if innings.super_over]
    if super_over and len(supers) % 2 and supers[-1].team == team:
        return state.refuse(event, f"{state.teams[team].name} have had their super over.")
    if not super_over and supers:
        return state.refuse(event, "After a super over only another super over can follow.")
    target = body.get("target") or {}
    coming = {} if super_over else state.coming
    overs = target.get("overs") or coming.get("overs") or (str(settings.overs) if settings.overs else None)
    if not super_over:
        state.coming = {}
    return Innings(
        index=len(state.innings),
        team=team,
        per_over=settings.balls_per_over,
        per_end=settings.balls_per_end,
        all_out_at=2 if super_over else settings.players - 1,
        side=state.teams[team],
        places=settings.players,
        barred=frozenset(
            key
            for other in supers
            if super_over and other.team == team
            for key, batter in other.batting.items()
            if batter.out
        ),
        target=target.get("runs") or coming.get("target"),
        target_overs=target.get("overs") or (coming.get("overs") if coming.get("target") else None),
        target_at_start="runs" in target,
        target_known=not ("target" in body and body["target"] is None),
        overs_limit="1" if super_over else overs,
        par=coming.get("par"),
        bowler_limit=coming.get("bowler_limit"),
        super_over=super_over,
        follow_on=not super_over and len(main) == 2 and main[1].team == team,
        forfeited=bool(body.get("forfeited")),
        ended="forfeited" if body.get("forfeited") else None,
    )


def innings_start(state: MatchState, event: Event) -> None:
    innings = new_innings(state, event, event.body)
    if innings is not None:
        state.innings.append(innings)
        state.break_ = None
        if state.owed:
            for runs, when in state.owed:
                award(innings, runs, when)
            state.owed = []


def innings_of(state: MatchState, event: Event) -> Innings | None:
    innings = state.current
    if innings is None:
        state.refuse(event, "The match is over." if state.ended else "No innings is being played.")
    return innings


def batters(state: MatchState, event: Event) -> None:
    innings = innings_of(state, event)
    if innings is not None:
        deliveries.set_batters(state, innings, event, event.body["striker"], event.body["non_striker"])


def bowler(state: MatchState, event: Event) -> None:
    innings = innings_of(state, event)
    if innings is None:
        return
    if bowling.may_bowl(state, innings, event, event.body["bowler"]):
        innings.bowler = event.body["bowler"]


def suspension(state: MatchState, event: Event) -> None:
    innings = innings_of(state, event)
    if innings is not None:
        bowling.suspend(state, innings, event)


def delivery(state: MatchState, event: Event) -> None:
    innings = state.innings[-1] if state.innings else None
    if innings is None or innings.ended is not None or state.ended:
        innings_of(state, event)
        return
    deliveries.deliver(state, innings, event)


def wicket(state: MatchState, event: Event) -> None:
    innings = innings_of(state, event)
    if innings is not None:
        deliveries.fall_between_balls(state, innings, event)


def absent(state: MatchState, event: Event) -> None:
    innings = innings_of(state, event)
    if innings is None:
        return
    key = event.body["player"]
    if not deliveries.may_bat(state, innings, event, key):
        return
    if key in innings.batting:
        return state.refuse(event, f"{state.names.get(key, key)} has batted.")
    innings.absent.append(key)
    deliveries.arrive(state, innings, key).state = "absent"


def replacement(state: MatchState, event: Event) -> None:
    body = event.body
    side = state.teams[body["team"]]
    incoming, out = body["in"], body.get("out")
    innings = state.current
    if incoming in state.teams[1 - body["team"]].players:
        return state.refuse(event, f"{state.names.get(incoming, incoming)} plays for the other side.")
    if incoming == out:
        return state.refuse(event, "Nobody comes in for themselves.")
    if state.strict and (wrong := cannot_replace(state, side, body)):
        return state.refuse(event, wrong)
    if incoming not in side.players:
        side.players[incoming] = Player(
            incoming, body.get("name") or state.names.get(incoming, incoming), body.get("person")
        )
        state.names[incoming] = side.players[incoming].name
    side.replaced.discard(incoming)
    label = innings.overs_text if innings else None
    state.replacements.append({**body, "innings": innings.index if innings else None, "over": label})
    if body["type"] == "match":
        if out is not None:
            side.replaced.add(out)
    elif innings is not None and body.get("role") == "bowler":
        innings.bowler = incoming
        if out is not None and body["reason"].startswith(bowling.EXCLUDED):
            bowling.take_off(innings, out, body["reason"].removeprefix(bowling.EXCLUDED))
    if innings is not None and innings.team == body["team"] and body.get("role") != "bowler" and out is not None:
        for_good = body["type"] == "match"
        hurt = any(word in body["reason"].lower() for word in deliveries.HURT)
        deliveries.step_aside(innings, out, ("retired hurt" if hurt else "retired not out") if for_good else None)


def cannot_replace(state: MatchState, side: Side, body: dict) -> str | None:
    """Why a scorer cannot let this player go for that one, as a sentence; a file is believed."""
    incoming, out = body["in"], body.get("out")
    if out is not None:
        name = state.names.get(out, out)
        if side.players and out not in side.players:
            return f"{name} does not play for {side.name}."
        if out in side.replaced:
            return f"{name} was replaced and takes no more part."
    plays = any(incoming in innings.batting or incoming in innings.bowling for innings in state.innings) or any(
        change["in"] == incoming and change["type"] == "match" for change in state.replacements
    )
    if body["type"] == "match" and plays and incoming not in side.replaced:
        return f"{state.names.get(incoming, incoming)} plays already."
    return None


def penalty(state: MatchState, event: Event) -> None:
    """Penalty runs outside a ball. The fielding side's go to its last innings, or to its next one if it has not batted
    yet (Law 41.18); a target or par score that was given to the other side before rises with them.
    """
    body = event.body
    if state.ended:
        state.refuse(event, "The match is over: take back its end first.", "MATCH_OVER")
    if body["innings"] < len(state.innings):
        innings = state.innings[body["innings"]]
        award(innings, body["runs"], body["when"])
        raise_targets(state, innings, body["runs"])
    elif body["innings"] == len(state.innings) and not state.ended:
        state.owed.append((body["runs"], "pre"))
    else:
        state.refuse(event, "That innings is not the next one.")


def award(innings: Innings, runs: int, when: str) -> None:
    if innings.ended is not None or innings.all_out or innings.overs_complete:
        innings.late_penalties += runs
    innings.runs += runs
    innings.extras["penalty"] += runs
    innings.penalties[when] = innings.penalties.get(when, 0) + runs


def raise_targets(state: MatchState, innings: Innings, runs: int) -> None:
    last = state.innings[-1]
    if innings is not last and innings.team != last.team and innings.super_over == last.super_over:
        last.target = None if last.target is None else last.target + runs
        last.par = None if last.par is None else last.par + runs
    if not innings.super_over:
        for name in ("target", "par"):
            if state.coming.get(name) is not None:
                state.coming = {**state.coming, name: state.coming[name] + runs}


def powerplay(state: MatchState, event: Event) -> None:
    innings = innings_of(state, event)
    if innings is not None:
        innings.powerplays.append(dict(event.body))


def revise(state: MatchState, event: Event) -> None:
    body = event.body
    if state.ended:
        state.refuse(event, "The match is over: take back its end first.", "MATCH_OVER")
    index = body.get("innings")
    if index is not None and index >= len(state.innings):
        if index > len(state.innings):
            return state.refuse(event, "That innings is not the next one.")
        innings = None
    else:
        innings = state.current if index is None else state.innings[index]
    if "method" in body:
        state.method = body["method"]
    if innings is None:
        state.coming = {**state.coming, **body}
        return
    if "overs" in body:
        innings.overs_limit = body["overs"]
        if innings.target is not None:
            innings.target_overs = body["overs"]
    if "target" in body:
        innings.target, innings.target_at_start = body["target"], False
        innings.target_overs = innings.overs_limit
    if "par" in body:
        innings.par = body["par"]
    if "bowler_limit" in body:
        innings.bowler_limit = body["bowler_limit"]


def pause(state: MatchState, event: Event) -> None:
    state.break_ = dict(event.body)


def resume(state: MatchState, event: Event) -> None:
    state.break_ = None
    state.day = event.body.get("day", state.day)
    state.session = event.body.get("session", state.session)


def over_end(state: MatchState, event: Event) -> None:
    innings = innings_of(state, event)
    if innings is None:
        return
    if innings.over is None:
        return state.refuse(event, "No ball of a new over has been bowled.")
    deliveries.close_over(innings)


def innings_end(state: MatchState, event: Event) -> None:
    innings = innings_of(state, event)
    if innings is None:
        return
    if innings.over_due:
        deliveries.close_over(innings)
    reason = event.body["reason"]
    if reason == "all out" and not innings.all_out:
        state.warnings.append(f"{state.teams[innings.team].name} ended all out with {innings.wickets} wickets down.")
    if reason == "overs complete" and not innings.overs_complete:
        state.warnings.append(f"{state.teams[innings.team].name} ended with {innings.overs_text} overs bowled.")
    innings.was_all_out = innings.all_out or reason == "all out"
    innings.ended = reason
    innings.declared = reason == "declared"
    innings.forfeited = reason == "forfeited"
    innings.striker = innings.non_striker = innings.bowler = None


def innings_card(state: MatchState, event: Event) -> None:
    most = state.settings.players - 1
    if event.body["wickets"] > most:
        return state.refuse(event, f"An innings ends when {most} wickets are down.")
    innings = new_innings(state, event, event.body)
    if innings is None:
        return
    paper.fill_card(state, innings, event)
    state.innings.append(innings)


def match_end(state: MatchState, event: Event) -> None:
    if state.ended:
        return state.refuse(event, "The match is over.")
    if event.body.get("reason") == "awarded" and (event.body.get("outcome") or {}).get("winner") is None:
        return state.refuse(event, "Say to which side the match is awarded.")
    innings = state.current
    if innings is not None:
        if innings.over_due:
            deliveries.close_over(innings)
        innings.was_all_out = innings.all_out
        innings.ended = (
            "all out"
            if innings.was_all_out
            else "overs complete"
            if innings.overs_complete
            else event.body.get("reason") or "match ended"
        )
        target = state.target
        if target is not None and innings.runs >= target:
            innings.ended = "target reached"
        innings.striker = innings.non_striker = innings.bowler = None
    state.ended = True
    state.break_ = None
    state.player_of_match = list(event.body.get("player_of_match") or [])
    state.bowl_out = list(event.body.get("bowl_out") or [])
    state.result = results.conclude(state, event.body.get("outcome"), event.body.get("reason"))


def note(state: MatchState, event: Event) -> None:
    aim = event.body.get("of")
    ball = deliveries.mark(state, aim) if aim else None
    if ball is not None:
        ball.note = event.body["text"]
    else:
        state.notes.append({"key": event.key, "text": event.body["text"]})


def shot(state: MatchState, event: Event) -> None:
    """Where a ball went, or how long it was. A ball that is not there any more takes its shot along."""
    body = event.body
    ball = deliveries.mark(state, body["of"])
    if ball is None:
        if state.strict:
            state.refuse(event, "The ball that this is about is not there.", "SHOT_UNKNOWN")
        return
    known = ball.shot or Shot()
    said = Shot(*(body.get(part, getattr(known, part)) for part in ("x", "y", "length")))
    ball.shot = None if said == Shot() else said
    if "hand" in body:
        state.hands[body["hand"]["player"]] = body["hand"]["hand"]


HANDLERS = {
    "setup": setup,
    "lineup": lineup,
    "toss": toss,
    "officials": officials,
    "innings_start": innings_start,
    "batters": batters,
    "bowler": bowler,
    "suspension": suspension,
    "delivery": delivery,
    "wicket": wicket,
    "absent": absent,
    "replacement": replacement,
    "penalty": penalty,
    "powerplay": powerplay,
    "revise": revise,
    "break": pause,
    "resume": resume,
    "over_end": over_end,
    "innings_end": innings_end,
    "innings_card": innings_card,
    "match_end": match_end,
    "note": note,
    "shot": shot,
}
