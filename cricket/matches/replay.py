"""Replays: a stored match played again, event by event, through the same path as a live scorer.

There are no times in a stored match, so they are made up: about 39 seconds from ball to ball, as in a real evening
match, a little more after a wicket and between overs. The same match has the same pauses every time.
"""

import random
from collections.abc import Callable, Sequence

from sqlalchemy import select

from cricket.engine.events import Event, effective
from cricket.matches import log, recording
from database import between_transactions, call, call_one, find_one, in_transaction
from extensions import db
from models import MatchReplay
from refusals import Refused

# Seconds until the next event, by what has just happened. Line-ups, pickers and the like come at once with what follows
# them.
PAUSES = {
    "delivery": 39,
    "over_end": 25,
    "wicket": 60,
    "innings_end": 15 * 60,
    "match_end": 0,
    "toss": 120,
    "break": 5 * 60,
    "innings_start": 60,
}
AFTER_A_WICKET = 60
BETWEEN_SHOWINGS = 10 * 60  # seconds of rest before a repeated replay begins again
MOST_AT_ONCE = 40  # events in one transaction, so that a jump takes steps


def open_replay(source_id: int, speed: float = 1.0) -> int:
    """The id of the match that plays `source_id` again; made if there is none. A replay's own id is taken as it is."""
    replay = _replay_of(source_id)
    if replay is None:
        if not log.snapshot_seq(source_id):
            raise Refused("NOTHING_TO_REPLAY")
        return in_transaction(call_one, "app.open_replay", source_id, speed, worker=True).open_replay
    return replay


def _replay_of(match_id: int) -> int | None:
    return db.session.scalar(select(MatchReplay.match_id).where(MatchReplay.match_id == match_id))


def steer(match_id: int, state: str | None = None, speed: float | None = None) -> None:
    """Let a replay run, pause or end; set its speed (1 is real time)."""
    in_transaction(call, "app.set_replay", match_id, state, speed, worker=True)


def is_running(match_id: int) -> bool:
    """Does this replay play by itself at the moment?"""
    between_transactions()
    return db.session.scalar(select(MatchReplay.state).where(MatchReplay.match_id == match_id)) == "running"


def play_due() -> int:
    """Play every event that is due, of every replay that runs; for the jobs. Returns how many were played."""
    played = 0
    while played < MOST_AT_ONCE and (count := in_transaction(_play, worker=True)):
        played += count
    return played


def step(match_id: int, until: Callable[[Sequence[Event]], bool] | None = None) -> int:
    """Play the next event and those that come at once with it; with `until(events so far)`, play on until it is true or
    the end.

    Returns the number of events played; 0 at the end of the match, or while another player holds the replay.
    """
    return in_transaction(_play, match_id, until, worker=True)


def jump(match_id: int, innings: int, over: int) -> int:
    """Play on, without pauses, until `over` overs of innings number `innings` (from 1) are complete.

    Returns the events played.
    """
    played = 0
    while count := step(match_id, lambda events: _is_past(events, innings, over)):
        played += count
        if _is_past(_source_events(match_id)[: _position(match_id)], innings, over):
            break
    return played


def _is_past(events: Sequence[Event], innings: int, over: int) -> bool:
    started = sum(event.kind == "innings_start" for event in events)
    if started != innings:
        return started > innings
    begun = max(n for n, event in enumerate(events) if event.kind == "innings_start")
    return sum(event.kind == "over_end" for event in events[begun:]) >= over


def _position(match_id: int) -> int | None:
    return db.session.scalar(select(MatchReplay.position).where(MatchReplay.match_id == match_id))


def _source_events(match_id: int) -> list[Event]:
    source = db.session.scalar(select(MatchReplay.source_match_id).where(MatchReplay.match_id == match_id))
    return _effective(source) if source is not None else []


def _effective(source_id: int) -> list[Event]:
    """What happened in the source, without what was taken back."""
    scored = log.borrow(source_id)
    log.keep(scored)
    return [event for event in effective(scored.events) if event.kind != "restart"]


def _play(match_id: int | None = None, until: Callable[[Sequence[Event]], bool] | None = None) -> int:
    replay = find_one("app.lease_replay", match_id)
    if replay is None:
        return 0
    events = _effective(replay.source_match_id)
    at, state = replay.position, replay.state
    if at >= len(events):
        if match_id is not None or not replay.repeats:
            call("app.move_replay", replay.match_id, at, "ended", 0.0)
            return 0
        recording.feed(replay.match_id, [Event(0, f"restart.{log.snapshot_seq(replay.match_id)}", "restart", {})])
        call("app.move_replay", replay.match_id, 0, state, 0.0)
        return 1
    batch = []
    while at < len(events) and len(batch) < MOST_AT_ONCE:
        event = events[at]
        batch.append(Event(0, event.key, event.kind, event.body))
        at += 1
        if (until is None and event.kind in PAUSES) or (until is not None and until(events[:at])):
            break
    recording.feed(replay.match_id, batch)
    over = at >= len(events)
    pause = BETWEEN_SHOWINGS if over else pause_after(batch[-1], replay.match_id, at)
    if over and not replay.repeats:
        state = "ended"
    call("app.move_replay", replay.match_id, at, state, pause / max(0.01, float(replay.speed)))
    return len(batch)


def pause_after(event: Event, seed: int, at: int) -> float:
    """Seconds until the next event at speed 1; the same for the same match and place."""
    base = AFTER_A_WICKET if event.kind == "delivery" and event.body.get("wickets") else PAUSES.get(event.kind, 0)
    return base * random.Random(f"{seed}.{at}").uniform(0.8, 1.2)
