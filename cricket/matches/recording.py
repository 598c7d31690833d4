"""Recording what happens in a match: the one path for a scorer's console and for a replay.

Events are checked against the state they meet, appended under the match's lock together with the board that they lead
to, and told to the world after the commit.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import realtime
from cricket.board.document import summary
from cricket.board.patch import diff, merge_diff, size
from cricket.engine.events import Event, check_event
from cricket.engine.scoring import Impossible, MatchState
from cricket.matches import log
from database import after_commit, call, call_one
from refusals import Refused, sentences

P = TypeVar("P")

BATCH = 100  # events in one request
LARGEST_PATCH = 12_000  # bytes; a bigger change is fetched, not pushed (messages end at 16 kB)
KEY = re.compile(r"[\w.:-]{1,40}")

sentences(
    {
        "NOT_A_SCORER": "Only the scorers of this ground may score its matches.",
        "SCORING_LOCKED": lambda d: f"{d.get('name') or 'Somebody'} is scoring this match. You can take over.",
        "SCORING_LOCK_LOST": lambda d: (
            f"{d['name']} has taken over the scoring."
            if d.get("name")
            else "You are not scoring this match any more. Take it up again."
        ),
        "SCORE_MOVED_ON": "The score has moved on since you looked. Load it again.",
        "EVENT_IMPOSSIBLE": "That cannot happen in this match just now.",
        "EVENT_IMPOSSIBLE.why": "{why}",
        "MALFORMED.batch": "Send between 1 and {most} events at a time.",
        "MALFORMED.key": "Every event needs a key of its own.",
        "MALFORMED.time": "The time of an event is not one.",
    }
)


@dataclass(frozen=True)
class Recorded:
    """How far the log goes now, and the numbers of the events that were sent, by key."""

    seq: int
    numbers: dict


def take(match_id: int, knowingly: bool = False) -> tuple[str, int]:
    """Become the scorer of a match: (token, last event's number).

    Refused with SCORING_LOCKED while somebody else is, unless knowingly.
    """
    token = secrets.token_urlsafe(24)
    return token, call_one("app.take_scoring", match_id, hashed(token), knowingly).take_scoring


def leave(match_id: int, token: str) -> None:
    """Give the lock back."""
    call("app.leave_scoring", match_id, hashed(token))


def hashed(token: str | None) -> bytes:
    """The 32 bytes that a scorer's token is stored by."""
    return hashlib.sha256((token or "").encode()).digest()


def record(match_id: int, sent: Any, *, after: int | None, token: str) -> Recorded:
    """Record a scorer's events, each {"key", "kind", "body", "at"?}, all of them or none.

    `after` is the last number the scorer knew.

    Events whose key is known already are answered and not recorded again, so a request may be repeated without harm.
    Raises Refused: SCORING_LOCK_LOST, SCORE_MOVED_ON (with `seq`), EVENT_IMPOSSIBLE (with `key` and a sentence).
    """

    def write(*values: Any) -> int:
        return call_one("app.record_score", match_id, hashed(token), *values).record_score

    return _append(match_id, read(sent), after, write, strict=True)


def feed(match_id: int, events: Iterable[Event]) -> Recorded:
    """Append Events of a replay behind whatever its log holds; for the worker. What stands in a log happened, whatever
    a scorer could enter now.
    """

    def write(*values: Any) -> int:
        return call_one("app.feed_score", match_id, *values).feed_score

    return _append(match_id, [(event, None) for event in events], None, write, strict=False)


def _append(
    match_id: int, sent: Sequence[tuple[Event, str | None]], after: int | None, write: Callable[..., int], strict: bool
) -> Recorded:
    scored = log.borrow(match_id)
    known = {event.key: event.seq for event in scored.events}
    fresh = [(event, at) for event, at in sent if event.key not in known]
    # What came between the scorer's last look and now may be the scorer's own events, sent again because the answer was
    # lost.
    own = sum(1 for event, _ in sent if known.get(event.key, 0) > (after or 0))
    if not fresh:
        log.keep(scored)
        return Recorded(scored.seq, {event.key: known[event.key] for event, _ in sent})
    if after is not None and scored.seq - after != own:
        log.keep(scored)
        # The database says why: somebody took over, or only moved on.
        write(after, "[]", {}, {}, "live", None)
        raise Refused("SCORE_MOVED_ON", seq=scored.seq)
    start, rows = scored.seq, []
    for event, at in fresh:
        before, shown = scored.draw(), scored.show()
        event = Event(scored.seq + 1, event.key, event.kind, event.body, event.at)
        try:
            scored.add(event, strict)
        except Impossible as impossible:
            raise Refused("EVENT_IMPOSSIBLE.why", status=422, words={"why": str(impossible)}, key=event.key) from None
        row: dict[str, Any] = {
            "key": event.key,
            "kind": event.kind,
            "body": event.body,
            "at": at,
            "patch": None,
            "view_patch": None,
        }
        if event.kind != "restart":
            row["patch"] = small(diff(before, scored.draw()))
            row["view_patch"] = small(merge_diff(shown, scored.show()))
        rows.append(row)
    told = summary(scored.state)
    result = told["result"]
    last = write(start, json.dumps(rows), told, scored.draw(), state_of(scored.state), result)
    after_commit(log.keep, scored)
    for number, row in enumerate(rows, start + 1):
        after_commit(
            realtime.publish_match_update, match_id, number, row["kind"], row["view_patch"], scored.facts["replay"]
        )
    numbers = known | {row["key"]: start + n for n, row in enumerate(rows, 1)}
    return Recorded(last, {event.key: numbers[event.key] for event, _ in sent})


def small(patch: P) -> P | None:
    """The patch, or None where it is too large to send."""
    return patch if size(patch) <= LARGEST_PATCH else None


def state_of(state: MatchState) -> str:
    """The match's state in the fixture list: scheduled, live, finished or abandoned."""
    if state.ended:
        unplayed = not any(innings.deliveries or innings.as_card for innings in state.innings)
        return "abandoned" if unplayed and state.result and state.result.result == "no result" else "finished"
    return "live" if state.toss or state.innings else "scheduled"


def read(sent: Any) -> list[tuple[Event, str | None]]:
    """[(Event, said at)] of what a console sent. Raises Refused for what is not an event, with its key."""
    if not isinstance(sent, list) or not 0 < len(sent) <= BATCH:
        raise Refused("MALFORMED.batch", status=422, words={"most": BATCH})
    found, keys = [], set()
    for entry in sent:
        key = entry.get("key") if isinstance(entry, dict) else None
        if not isinstance(key, str) or not KEY.fullmatch(key) or key in keys:
            raise Refused("MALFORMED.key", status=422)
        keys.add(key)
        kind, body, at = entry.get("kind"), entry.get("body", {}), entry.get("at")
        try:
            if kind == "restart":
                raise Impossible("Only a replay begins again.")
            check_event(kind, body)
            at = datetime.fromisoformat(at) if at else None
            if (
                at is not None and not 2000 <= at.year <= 2200
            ):  # a clock gone mad writes times that the database driver cannot read
                raise ValueError
            at = at.isoformat() if at else None
        except Impossible as impossible:
            raise Refused("EVENT_IMPOSSIBLE.why", status=422, words={"why": str(impossible)}, key=key) from None
        except (TypeError, ValueError):
            raise Refused("MALFORMED.time", status=422, key=key) from None
        found.append((Event(0, key, kind, body), at))
    return found
