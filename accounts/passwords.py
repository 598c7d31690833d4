"""Passwords: argon2id, off the event loop, and never more at once than the machine can bear.

Parameters: OWASP's Password Storage sheet asks for m = 19 MiB, t = 2, p = 1 or stronger.
"""

import base64
import os
import threading
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError
from argon2.low_level import hash_secret

from green import off_the_loop

SHORTEST, LONGEST = 12, 200

_hasher = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
_room = threading.BoundedSemaphore(max(1, (os.cpu_count() or 2) - 1))


def normalised(typed: str) -> str:
    """The form of a password that is hashed and compared: one keyboard sends é as one character, another as two.

    NFKC, as NIST SP 800-63B asks for, which also takes the wide letters of an East Asian keyboard for plain ones; and
    every blank is that of ASCII, as in OpaqueString (RFC 8265, 4.2, which is content with NFC).
    """
    if len(typed) > 10 * LONGEST:
        return typed  # too long in any form; sorting its accents could take minutes
    return "".join(" " if unicodedata.category(c) == "Zs" else c for c in unicodedata.normalize("NFKC", typed))


def ways_to_read(typed: str) -> list[str]:
    """What an account's password may have been hashed from: its one form, and before there was one, what was typed."""
    return list(dict.fromkeys((normalised(typed), typed)))


def hash_password(password: str) -> str:
    """The Argon2id hash of a password with its parameters, as it is stored; made where no event loop waits for it."""
    return _hashing(_hasher.hash, password)


def hash_again(recipe: str | None, password: str) -> str:
    """The hash of a password by the parameters and the salt of `recipe`, a hash whose own digits do not matter.

    It is the stored one exactly if the password is the same. With recipe=None the same work is done, so that the time
    says nothing about who has an account.
    """
    made = recipe or _nobodys()
    try:
        how = extract_parameters(made)
    except InvalidHashError:
        made = _nobodys()
        how = extract_parameters(made)
    salt = made.split("$")[4]
    return _hashing(
        hash_secret,
        password.encode(),
        base64.b64decode(salt + "=" * (-len(salt) % 4)),
        how.time_cost,
        how.memory_cost,
        how.parallelism,
        how.hash_len,
        how.type,
        how.version,
    ).decode()


def is_stale(recipe: str) -> bool:
    """Whether this hash was made by other parameters than today's."""
    return _hasher.check_needs_rehash(recipe)


@cache
def _nobodys() -> str:
    """A hash that belongs to nobody: making it again takes as long as for an account that exists."""
    return _hashing(_hasher.hash, "nobody's pass phrase")


def _hashing(fn: Callable[..., Any], *args: Any) -> Any:
    """Wait for room, then run; argon2 releases the GIL in a real thread."""
    with _room:
        return off_the_loop(fn, *args)
