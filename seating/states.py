"""The state of every seat of an event, two bits a seat, made at most twice a second however many ask.

The version is read before the claims: a change that commits meanwhile is then in the states already, and comes again as
a message.
"""

import gzip
import threading
import time
from array import array
from dataclasses import dataclass
from sys import byteorder

from sqlalchemy import text

from caches import Kept
from extensions import db
from refusals import Refused
from seating import availability
from seating.layout import SeatMap, get_seat_map, seat_map

FREE, HELD, TAKEN, BLOCKED = range(4)
_OF_CLAIM = {"held": HELD, "paying": TAKEN, "sold": TAKEN, "blocked": BLOCKED, "kept": HELD}
_SHIFTED = [bytes((value << shift) & 255 for value in range(256)) for shift in (0, 2, 4, 6)]
_SPARSE = 16  # ids spread so much wider than the seats are looked up one by one


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """The states of an event's seats as they were at `version`: one byte a seat, and the same packed, plain and
    gzipped. Nobody changes them.
    """

    version: int
    seats: bytearray
    packed: bytes
    gzipped: bytes
    read_at: float


_states = Kept(200)  # event id → States
_locks = [threading.Lock() for _ in range(64)]  # of the events whose id has that rest


def states_of(event_id: int, layout_id: int, max_age: float = 0.5, after: int = 0) -> States | None:
    """The States of an event, at most `max_age` seconds old (0 = read now) and not older than version `after`; None
    without a published layout.

    Many who ask at once wait for one reading.
    """
    asked = time.monotonic()
    if found := find_fresh(event_id, max_age, after, asked):
        return found
    with _locks[event_id % len(_locks)]:
        # Whoever waited takes what was read meanwhile, if reading began after they had asked.
        if (found := _states.get(event_id)) and found.read_at >= asked:
            return found
        if found := find_fresh(event_id, max_age, after, asked):
            return found
        seats = seat_map(layout_id)
        if seats is None:
            return None
        read_at, version = time.monotonic(), availability.seat_version()
        states = _read(event_id, seats)
        packed = pack(states)
        found = States(version, states, packed, gzip.compress(packed, 4, mtime=0), read_at)
        _states.put(event_id, found)
    return found


def find_fresh(event_id: int, max_age: float = 0.5, after: int = 0, now: float | None = None) -> States | None:
    """The States that are kept, if they are young and new enough. Asks no database."""
    found = _states.get(event_id)
    if found and found.version >= after and (time.monotonic() if now is None else now) - found.read_at < max_age:
        return found
    return None


def pack(states: bytes | bytearray) -> bytes:
    """Two bits a seat: seat i in byte i >> 2, at bits 2 * (i & 3). Adds the four shifted quarters as large numbers."""
    padded = bytes(states) + bytes(-len(states) % 4)
    number = 0
    for lane, shift in enumerate(_SHIFTED):
        number |= int.from_bytes(padded[lane::4].translate(shift), "little")
    return number.to_bytes(len(padded) // 4, "little")


def _read(event_id: int, seats: SeatMap) -> bytearray:
    # As bytes and not as arrays: half a hundred thousand numbers come over in a millisecond instead of twenty.
    found = db.session.execute(
        text("""
            select state, string_agg(int4send(seat_id), ''::bytea) as ids from seat_claim
             where event_id = :event and not app.has_lapsed(state, expires_at) group by 1"""),
        {"event": event_id},
    ).all()
    states = bytearray(seats.count)
    if not found:
        return states
    claims = [(_OF_CLAIM[claim.state], _numbers(claim.ids)) for claim in found]
    base, end = seats.runs[0][0], seats.runs[-1][0] + seats.runs[-1][2]
    if end - base > _SPARSE * seats.count:
        for state, ids in claims:
            for seat_id in ids:
                if (index := seats.index_of(seat_id)) is not None:
                    states[index] = state
        return states
    by_id = bytearray(end - base)
    for state, ids in claims:
        for seat_id in ids:
            by_id[seat_id - base] = state
    for first, index, count in seats.runs:
        states[index : index + count] = by_id[first - base : first - base + count]
    return states


def _numbers(ids: bytes) -> "array[int]":
    numbers = array("i")
    numbers.frombytes(ids)
    if byteorder == "little":
        numbers.byteswap()
    return numbers


def layout_of_event(event_id: int) -> int:
    """The layout id of an event that this person may see, or Refused UNKNOWN_EVENT."""
    layout_id = db.session.execute(text("select layout_id from event where id = :event"), {"event": event_id}).scalar()
    if layout_id is None:
        raise Refused("UNKNOWN_EVENT", status=404)
    return layout_id


def lists_of(layout_id: int, states: States) -> dict[str, list[int]]:
    """{"held": [seat ids], "taken": […], "blocked": […]} of States, each in ascending order."""
    ids = get_seat_map(layout_id).ids
    lists: dict[str, list[int]] = {"held": [], "taken": [], "blocked": []}
    for name, state in (("held", HELD), ("taken", TAKEN), ("blocked", BLOCKED)):
        at = states.seats.find(state)
        while at >= 0:
            lists[name].append(ids[at])
            at = states.seats.find(state, at + 1)
        lists[name].sort()
    return lists
