"""Which seats are not free, kept in this process and followed: PostgreSQL is asked what has moved since the last
reading, in one small statement for all events together, however many ask and however large a ground is.

Whatever moves seats leaves a line in seat_move in its own transaction (migrations/sql/holds/note_moves.sql). A reading
goes on from the snapshot of the one before, so that a transaction that was under way then is read when it has committed
(seat_changes.sql). What nobody writes is that a hold lapses: its end is kept with it. Readings have a connection of
their own, outside of any transaction, so what is kept depends on nobody who asks.
"""

import heapq
import math
import threading
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import timedelta
from sys import byteorder
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from database import call, in_transaction
from extensions import db

BIND = "seats"
MOST_BYTES = 64 * 1024 * 1024  # of all events together
FREE, HELD, TAKEN, BLOCKED = range(4)
KEPT = HELD | 4  # for who waits: nobody's yet; the map shows it as held
_OF_CLAIM = {None: FREE, "held": HELD, "paying": TAKEN, "sold": TAKEN, "blocked": BLOCKED, "kept": KEPT}
_BITS = 12
_SIZE = 1 << _BITS  # seat ids a block
_OF_AN_END, _OF_AN_EVENT = 250, 1000  # bytes, about
T = TypeVar("T")


class Claims:
    """The seats of one event that are not free, by id: a byte a seat, in blocks of those ids that were ever claimed."""

    def __init__(self) -> None:
        self.taken = 0  # seats that are not free
        self.pictures: dict[int, Any] = {}  # what others have made of the seats as they are now, by layout
        self._blocks: dict[int, bytearray] = {}
        self._ends: dict[int, int] = {}  # held seat → when it lapses, in microseconds
        self._due: list[tuple[int, int]] = []  # (end, seat), also of holds that have another end by now

    def put(self, ids: Collection[int], state: int, ends: Collection[int] = ()) -> None:
        """These seats are in this state now; `ends` of those that are held."""
        self.pictures = {}
        blocks, taken = self._blocks, self.taken
        for seat_id in ids:
            block = blocks.get(seat_id >> _BITS)
            if block is None:
                block = blocks[seat_id >> _BITS] = bytearray(_SIZE)
            place = seat_id & _SIZE - 1
            taken += (state > 0) - (block[place] > 0)
            block[place] = state
        self.taken = taken
        if self._ends:
            for seat_id in ids:
                self._ends.pop(seat_id, None)
        for seat_id, end in zip(ids, ends, strict=bool(ends)):
            self._ends[seat_id] = end
            heapq.heappush(self._due, (end, seat_id))

    def lapse(self, now: int) -> None:
        """Free what is held no longer, as app.has_lapsed() says. `now` in microseconds."""
        while self._due and self._due[0][0] <= now:
            end, seat_id = heapq.heappop(self._due)
            if self._ends.get(seat_id) == end:
                self.put((seat_id,), FREE)

    def of_run(self, first: int, count: int) -> bytearray:
        """The states of the seats with these ids, one byte each."""
        found = bytearray()
        for number in range(first >> _BITS, (first + count - 1 >> _BITS) + 1):
            start = max(first - (number << _BITS), 0)
            end = min(first + count - (number << _BITS), _SIZE)
            block = self._blocks.get(number)
            found += block[start:end] if block else bytes(end - start)
        return found

    @property
    def weight(self) -> int:
        """Bytes, about."""
        kept = len(self._blocks) * _SIZE + len(self._due) * _OF_AN_END + _OF_AN_EVENT
        return kept + sum(picture.weight for picture in self.pictures.values())


class Following:
    """The Claims of the events that were asked for, as far as `most` bytes go; what nobody asked for longest goes
    first."""

    def __init__(self, engine: Engine, most: int = MOST_BYTES) -> None:
        self._engine, self._most = engine, most
        self._lock = threading.Lock()
        self._events: OrderedDict[int, Claims] = OrderedDict()
        self._snapshot: str | None = None
        self._now = self.version = 0  # the database's time and the newest number of a change, at the last reading
        self.read_at = -math.inf

    def find(
        self, event_ids: Collection[int], make: Callable[[Claims], T], max_age: float, after: int = 0
    ) -> tuple[int, dict[int, T]] | None:
        """As ask(), where what is kept is young and new enough; None otherwise. Asks no database."""
        with self._lock:
            return self._made(event_ids, make) if self._is_fresh(event_ids, max_age, after, time.monotonic()) else None

    def ask(
        self, event_ids: Collection[int], make: Callable[[Claims], T], max_age: float, after: int = 0
    ) -> tuple[int, dict[int, T]]:
        """(version, {event: what `make` makes of its Claims}), at most `max_age` seconds old (0 = read now) and not
        older than version `after`. The version is that of the newest change of any seat, and older than the claims.

        Many who ask at once wait for one reading. `make` keeps nothing that it is given.
        """
        asked = time.monotonic()
        with self._lock:
            if not self._is_fresh(event_ids, max_age, after, asked):
                self._read(event_ids)
            return self._made(event_ids, make)

    def distrust(self) -> None:
        """Somebody has met a change that is not among what is kept: whoever asks next reads."""
        with self._lock:
            self.read_at = -math.inf

    def _is_fresh(self, event_ids: Collection[int], max_age: float, after: int, asked: float) -> bool:
        # Whoever waited takes what was read meanwhile, if reading began after they had asked.
        is_new = self.read_at > asked or self.version >= after and asked - self.read_at < max_age
        return is_new and all(event_id in self._events for event_id in event_ids)

    def _made(self, event_ids: Collection[int], make: Callable[[Claims], T]) -> tuple[int, dict[int, T]]:
        for event_id in event_ids:
            self._events.move_to_end(event_id)
        return self.version, {event_id: make(self._events[event_id]) for event_id in event_ids}

    def _read(self, event_ids: Collection[int]) -> None:
        read_at = time.monotonic()
        new = [event_id for event_id in event_ids if event_id not in self._events]
        rows = self._call(self._snapshot, list(self._events), new)
        told = next(row for row in rows if row.event_id is None)
        if self._events and not (told.is_whole and told.at >= self._now):
            # We have slept too long, or this is another server's history, or another clock: what is kept tells nothing.
            self._events.clear()
            new = list(event_ids)
            rows = self._call(None, [], new)
            told = next(row for row in rows if row.event_id is None)
        fresh = {event_id: Claims() for event_id in new}
        for row in rows:
            if row.event_id is not None:
                claims = fresh.get(row.event_id) or self._events[row.event_id]
                claims.put(_numbers("i", row.ids), _OF_CLAIM[row.state], _numbers("q", row.ends or b""))
        self._events.update(fresh)
        for claims in self._events.values():
            claims.lapse(told.at)
        self._make_room(event_ids)
        self._snapshot, self._now, self.version, self.read_at = told.snapshot, told.at, told.version, read_at

    def _make_room(self, event_ids: Collection[int]) -> None:
        for event_id in event_ids:
            self._events.move_to_end(event_id)
        weights = [claims.weight for claims in self._events.values()]
        over = sum(weights) - self._most
        for weight in weights[: len(weights) - len(event_ids)]:
            if over <= 0:
                break
            self._events.popitem(last=False)
            over -= weight

    def _call(self, since: str | None, known: list[int], new: list[int]) -> Any:
        for is_last in (False, True):
            try:
                with self._engine.connect() as connection:
                    return connection.exec_driver_sql(
                        "select * from app.seat_changes(%s, %s::int[], %s::int[])", (since, known, new)
                    ).all()
            except OperationalError as error:
                # The connection is kept for long: a server that was restarted meanwhile is asked once more.
                if is_last or not error.connection_invalidated:
                    raise
        raise AssertionError("unreachable")


def following() -> Following:
    """What this application follows."""
    found = current_app.extensions.get(BIND)
    return found or current_app.extensions.setdefault(BIND, Following(db.engines[BIND]))


def forget_moves(*age: timedelta) -> None:
    """Forget which seats moved longer ago than that, five minutes where nothing is said."""
    in_transaction(call, "app.forget_moves", *age, worker=True)


def _numbers(kind: str, sent: bytes) -> "array[int]":
    numbers = array(kind)
    numbers.frombytes(sent)
    if byteorder == "little":
        numbers.byteswap()
    return numbers
