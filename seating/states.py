"""The state of every seat of an event, two bits a seat, and how many are left, made from what this process follows: at
most twice a second however many ask.

The version is read before the claims: a change that commits meanwhile is then in the states already, and comes again as
a message.
"""

import gzip
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from flask import current_app
from sqlalchemy import text

from extensions import db
from refusals import Refused
from seating.claims import BLOCKED, FREE, HELD, KEPT, TAKEN, Claims, following
from seating.layout import Bay, SeatMap, Stand, get_seat_map, seat_map

__all__ = ["BLOCKED", "FREE", "HELD", "KEPT", "TAKEN", "Left", "States", "states_of"]

_SHIFTED = [bytes((value & 3) << shift for value in range(256)) for shift in (0, 2, 4, 6)]


@dataclass(frozen=True, slots=True)
class Left:
    """How many seats of an event are free: of all of them, and {stand id: seats}, {bay id: seats}."""

    seats: int
    left: int
    stands: dict[int, int]
    bays: dict[int, int]


class _Picture:
    """The seats of an event in the order of their layout, between two changes of them."""

    def __init__(self, claims: Claims, plan: SeatMap) -> None:
        self.plan = plan
        self.seats = bytearray(plan.count)
        for first, index, count in plan.runs:
            self.seats[index : index + count] = claims.of_run(first, count)

    @cached_property
    def packed(self) -> bytes:
        return pack(self.seats)

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.packed, 4, mtime=0)

    @cached_property
    def left(self) -> Left:
        def free(part: Stand | Bay) -> int:
            return self.seats.count(FREE, part.first, part.first + part.count)

        stands = {stand.id: free(stand) for stand in self.plan.stands}
        return Left(self.plan.count, sum(stands.values()), stands, {bay.id: free(bay) for bay in self.plan.bays})

    @property
    def weight(self) -> int:
        return 2 * len(self.seats)


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """The states of an event's seats as they were at `version`: one byte a seat, FREE, HELD, TAKEN, BLOCKED or KEPT;
    the same packed, plain and gzipped; and how many are Left. Nobody changes them.
    """

    version: int
    _picture: _Picture

    @property
    def seats(self) -> bytearray:
        return self._picture.seats

    @property
    def packed(self) -> bytes:
        return self._picture.packed

    @property
    def gzipped(self) -> bytes:
        return self._picture.gzipped

    @property
    def left(self) -> Left:
        return self._picture.left


def states_of(event_id: int, layout_id: int, max_age: float | None = None, after: int = 0) -> States | None:
    """The States of an event, at most `max_age` seconds old (0 = read now, None: half a second) and not older than
    version `after`; None without a published layout.

    Many who ask at once wait for one reading.
    """
    plan = seat_map(layout_id)
    if plan is None:
        return None

    def picture(claims: Claims) -> _Picture:
        if layout_id not in claims.pictures:
            claims.pictures[layout_id] = _Picture(claims, plan)
        return claims.pictures[layout_id]

    version, found = following().ask([event_id], picture, _age(max_age), after)
    return States(version, found[event_id])


def find_fresh(event_id: int, after: int = 0) -> States | None:
    """The States that somebody has asked for, if they are young and new enough and no seat has moved. Asks no
    database."""
    found = following().find([event_id], lambda claims: [*claims.pictures.values()], _age(None), after)
    if found is None:
        return None
    version, pictures = found
    return next((States(version, picture) for picture in pictures[event_id]), None)


def left_of(event_id: int, layout_id: int, max_age: float | None = None) -> Left | None:
    """How many seats of an event are Left, at most `max_age` seconds ago; None without a published layout."""
    states = states_of(event_id, layout_id, max_age)
    return states.left if states else None


def taken_of(event_ids: Collection[int], max_age: float | None = None) -> dict[int, int]:
    """{event id: seats that are not free} of these events, at most `max_age` seconds ago."""
    if not event_ids:
        return {}
    return following().ask(event_ids, lambda claims: claims.taken, _age(max_age))[1]


def _age(max_age: float | None) -> float:
    return current_app.config["SEATS_MAX_AGE"] if max_age is None else max_age


def pack(states: bytes | bytearray) -> bytes:
    """Two bits a seat: seat i in byte i >> 2, at bits 2 * (i & 3). Adds the four shifted quarters as large numbers."""
    padded = bytes(states) + bytes(-len(states) % 4)
    number = 0
    for lane, shift in enumerate(_SHIFTED):
        number |= int.from_bytes(padded[lane::4].translate(shift), "little")
    return number.to_bytes(len(padded) // 4, "little")


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
    for name, state in (("held", HELD), ("held", KEPT), ("taken", TAKEN), ("blocked", BLOCKED)):
        at = states.seats.find(state)
        while at >= 0:
            lists[name].append(ids[at])
            at = states.seats.find(state, at + 1)
    return {name: sorted(found) for name, found in lists.items()}
