"""Passwords: argon2id, off the event loop, and never more at once than the machine can bear.

Parameters: OWASP's Password Storage sheet asks for m = 19 MiB, t = 2, p = 1 or stronger.
"""

import os
import sys
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 200

_hasher = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
_room = threading.BoundedSemaphore(max(1, (os.cpu_count() or 2) - 1))


def hash_password(password):
    return _off_the_loop(_hasher.hash, password)


def verify(stored, password):
    """(right, needs_rehash).

    With stored=None the same work is done, so that the time says nothing about who has an account.
    """
    try:
        _off_the_loop(_hasher.verify, stored or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False, False
    return stored is not None, stored is not None and _hasher.check_needs_rehash(stored)


@cache
def _nobodys():
    """A hash that belongs to nobody: verifying against it takes as long as for an account that exists."""
    return _off_the_loop(_hasher.hash, "nobody's pass phrase")


def _off_the_loop(fn, *args):
    """Run in a real thread when eventlet has patched this process; argon2 releases the GIL either way."""
    with _room:
        if "eventlet" in sys.modules:
            from eventlet import patcher, tpool

            if patcher.is_monkey_patched("thread"):
                return tpool.execute(fn, *args)
        return fn(*args)
