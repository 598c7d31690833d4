"""Passwords: argon2id, off the event loop, and never more at once than the machine can bear.

Parameters: OWASP's Password Storage sheet asks for m = 19 MiB, t = 2, p = 1 or stronger.
"""

import os
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from green import off_the_loop

SHORTEST, LONGEST = 12, 200

_hasher = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
_room = threading.BoundedSemaphore(max(1, (os.cpu_count() or 2) - 1))


def hash_password(password: str) -> str:
    """The Argon2id hash of a password with its parameters, as it is stored; made where no event loop waits for it."""
    return _hashing(_hasher.hash, password)


def verify(stored: str | None, password: str) -> tuple[bool, bool]:
    """(right, needs_rehash).

    With stored=None the same work is done, so that the time says nothing about who has an account.
    """
    try:
        _hashing(_hasher.verify, stored or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False, False
    return stored is not None, stored is not None and _hasher.check_needs_rehash(stored)


@cache
def _nobodys() -> str:
    """A hash that belongs to nobody: verifying against it takes as long as for an account that exists."""
    return _hashing(_hasher.hash, "nobody's pass phrase")


def _hashing(fn: Callable[..., Any], *args: Any) -> Any:
    """Wait for room, then run; argon2 releases the GIL in a real thread."""
    with _room:
        return off_the_loop(fn, *args)
