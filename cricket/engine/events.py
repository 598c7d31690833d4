"""The log of a match: what an event is, what its body must look like, and which events of a log count.

A match is an append-only list of events. Nothing is edited in place: `undo`, `correction` and `restart` are events too,
and `effective()` gives the list that remains once they have had their say.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cricket.engine.shapes import Impossible, check_event

__all__ = [
    "META",
    "Event",
    "Impossible",
    "check_event",
    "effective",
    "active",
    "once",
    "check_undo",
    "check_correction",
]

META = frozenset({"undo", "correction", "restart"})


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log.

    `seq` is given by the server, `key` by whoever entered it: the same key is the same event.
    """

    seq: int
    key: str
    kind: str
    body: dict[str, Any]
    at: Any = None


def active(log: Iterable[Event]) -> list[Event]:
    """The events no active undo aims at, without the undos.

    An undo of an undo is a redo: walking backwards settles both.
    """
    taken_back: set[str] = set()
    kept = []
    for event in reversed(list(log)):
        if event.key in taken_back:
            continue
        if event.kind == "undo":
            taken_back.add(event.body["of"])
        else:
            kept.append(event)
    kept.reverse()
    return kept


def effective(log: Iterable[Event]) -> list[Event]:
    """The list to fold: undos, redos, restarts and corrections applied, each key once."""
    kept = active(once(log))
    restarts = [i for i, event in enumerate(kept) if event.kind == "restart"]
    if restarts:
        kept = kept[restarts[-1] + 1 :]
    corrections = [event for event in kept if event.kind == "correction"]
    if not corrections:
        return kept
    kept = [event for event in kept if event.kind != "correction"]
    for correction in corrections:
        kept = corrected(kept, correction)
    return kept


def once(log: Iterable[Event]) -> list[Event]:
    """The log without repeats: a key seen before is the same event sent twice."""
    first: dict[str, Event] = {}
    for event in log:
        first.setdefault(event.key, event)
    return list(first.values())


def corrected(events: list[Event], correction: Event) -> list[Event]:
    """The list after one correction. A change whose aim is not there changes nothing."""
    for change in correction.body["changes"]:
        if "before" in change:
            at = place_of(events, change["before"])
            if at is not None:
                new = Event(correction.seq, change["key"], change["kind"], change["body"], correction.at)
                events = [*events[:at], new, *events[at:]]
            continue
        at = place_of(events, change["of"])
        if at is None:
            continue
        if change.get("delete"):
            events = [*events[:at], *events[at + 1 :]]
        else:
            old = events[at]
            events = [*events[:at], Event(old.seq, old.key, old.kind, change["body"], old.at), *events[at + 1 :]]
    return events


def place_of(events: list[Event], key: str) -> int | None:
    """Where the event of a key stands in a list; the newest first, since most corrections are of the last few balls."""
    return next((i for i in range(len(events) - 1, -1, -1) if events[i].key == key), None)


def aims_of(event: Event) -> set[str]:
    """The keys a correction leans on: what it changes, deletes or inserts before."""
    if event.kind != "correction":
        return set()
    return {change["before"] if "before" in change else change["of"] for change in event.body["changes"]}


def made_by(event: Event) -> set[str]:
    """The key of an event and of those it inserts."""
    if event.kind != "correction":
        return {event.key}
    return {event.key} | {change["key"] for change in event.body["changes"] if "before" in change}


def check_undo(log: list[Event], key: str) -> None:
    """Refuse an undo of what is not there, was taken back already, or holds up a later correction."""
    log = once(log)
    aim = next((event for event in log if event.key == key), None)
    if aim is None:
        inserted = any(key in made_by(event) for event in log)
        raise Impossible(
            "That ball was put in by a correction: take back the correction instead."
            if inserted
            else "There is nothing to take back.",
            "UNDO_UNKNOWN",
        )
    # A redo takes back an undo, so what counts as active here includes the undos that still hold.
    holding = holding_undos(log)
    taken_back = {event.body["of"] for event in holding}
    if key in taken_back:
        raise Impossible("That has been taken back already.", "UNDO_TWICE")
    if aim.kind == "undo":
        return
    for event in active(log):
        if event.key != key and aims_of(event) & made_by(aim):
            raise Impossible("A later correction changes this: take that back first.", "UNDO_CORRECTED")


def holding_undos(log: list[Event]) -> list[Event]:
    """The undos that are themselves not undone."""
    taken_back: set[str] = set()
    holding = []
    for event in reversed(log):
        if event.kind == "undo" and event.key not in taken_back:
            taken_back.add(event.body["of"])
            holding.append(event)
    return holding


def check_correction(log: list[Event], correction: Event) -> None:
    """Refuse a correction of what is not there, or one that inserts a key already used."""
    there = {event.key: event for event in effective(log)}
    used = set().union(*(made_by(event) for event in log)) if log else set()
    used.add(correction.key)
    for change in correction.body["changes"]:
        aim = change["before"] if "before" in change else change["of"]
        if aim not in there:
            raise Impossible("What should be corrected is not there any more.", "CORRECTION_UNKNOWN")
        if "before" in change:
            if change["kind"] in META:
                raise Impossible("A correction can only insert what happened on the field.", "CORRECTION_KIND")
            if change["key"] in used:
                raise Impossible("The inserted event carries a key that is already used.", "CORRECTION_KEY")
            used.add(change["key"])
            there[change["key"]] = Event(correction.seq, change["key"], change["kind"], change["body"])
            check_event(change["kind"], change["body"])
        elif change.get("delete"):
            del there[aim]
        else:
            check_event(there[aim].kind, change["body"])
