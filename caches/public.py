"""What everybody may see, read once for each of its versions and not once a visitor."""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from flask import current_app

from caches import Kept
from database import as_nobody, versions

Value = TypeVar("Value")


class Until(NamedTuple):
    """A value that the clock alone makes old: good until that moment (None: until something changes)."""

    value: Any
    moment: datetime | None


class _Read(NamedTuple):
    stamp: tuple[int, ...]
    until: datetime | None
    value: Any


def read_once(most: int, *topics: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Keep what a function reads for its last `most` arguments, until one of these topics changes ("catalogue" where
    none is named, "scores"), or until the moment of an `Until` that it returns.

    The function is called as nobody, whoever asks, so what it says is for everybody; objects of the database come out
    detached, and nobody changes them. Who asks while it is at work waits for the same answer. None is kept, too: no
    such thing.
    """
    names = topics or ("catalogue",)
    kept: Kept[tuple[Any, ...], _Read] = Kept(most)
    locks = [threading.Lock() for _ in range(16)]

    def decorate(read: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(read)
        def value(*args: Any) -> Any:
            newest = versions()
            key = (current_app.extensions["versions"], *args)  # an application has one database
            if found := _good(kept.get(key), newest):
                return found.value
            with locks[hash(args) % len(locks)]:
                if found := _good(kept.get(key), newest):
                    return found.value
                with as_nobody() as stamp:
                    said = read(*args)
                until = said if isinstance(said, Until) else Until(said, None)
                found = _Read(tuple(getattr(stamp, name) for name in names), until.moment, until.value)
                kept.put(key, found)
                return found.value

        return value

    def _good(found: _Read | None, newest: Any) -> _Read | None:
        if found is None or found.until is not None and newest.now >= found.until:
            return None
        # What somebody else read meanwhile may be newer than this visitor's number, and never older.
        is_old = any(have < getattr(newest, name) for have, name in zip(found.stamp, names, strict=True))
        return None if is_old else found

    return decorate
