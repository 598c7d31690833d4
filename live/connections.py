"""A socket of this process, and what the layers above answer about it."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from extensions import NOBODY, Person

BURST, REFILL = 40, 100 / 60  # messages that a connection may send at once, and a second

Roles = Mapping[int, Iterable[str]]  # {stadium: roles}


@dataclass(frozen=True, slots=True)
class Rules:
    """What the layers above answer."""

    find_person: Callable[
        [], tuple[Person, bytes | None]
    ]  # of the request that connects: who, and the hash of their session
    may_join: Callable[[str], bool]  # for the session of g.session_hash
    versions_of: Callable[[Iterable[str]], dict[str, int]]  # newest number of match and event rooms
    occupancy_of: Callable[[Iterable[int]], list[tuple[int, int, int, list[dict]]]]  # (event, stadium, version, stands)
    standing: Callable[[Iterable[bytes]], Mapping[bytes, Roles]]  # of sessions: those that have not ended
    closed: tuple[str, ...]  # kinds of rooms that are for some roles of a stadium
    may_be_in: Callable[[str, Roles], bool]  # such a room, with these roles


NO_RULES = Rules(
    find_person=lambda: (NOBODY, None),
    may_join=lambda room: False,
    versions_of=lambda rooms: {},
    occupancy_of=lambda events: [],
    standing=lambda sessions: {},
    closed=(),
    may_be_in=lambda room, roles: False,
)


@dataclass(slots=True, eq=False)
class Connection:
    """One socket of this process."""

    sid: str
    person: Person
    session_hash: bytes | None
    address: str
    connected_at: float
    allowance: float = BURST
    asked_at: float = 0.0
    dropped: int = 0

    def may_speak(self) -> bool:
        """A bucket of BURST messages that fills again slowly."""
        now = time.monotonic()
        self.allowance = min(BURST, self.allowance + (now - self.asked_at) * REFILL)
        self.asked_at = now
        if self.allowance < 1:
            self.dropped += 1
            return False
        self.allowance -= 1
        return True
