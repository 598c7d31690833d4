"""What a process keeps to be quick, never without a bound: cachetools' caches behind a lock, since threads share them
and reading moves what was read.

A look costs about a microsecond, under eventlet too.
"""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import Cache, LRUCache, TTLCache, cached

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Answer = TypeVar("Answer")


class Kept(Generic[Key, Value]):
    """At most `most` values by key, each for at most `seconds` where that is said; what nobody asked for longest goes
    first.
    """

    def __init__(self, most: int, seconds: float | None = None) -> None:
        self._values: Cache[Key, Value] = LRUCache(most) if seconds is None else TTLCache(most, seconds)
        self._lock = threading.Lock()

    def get(self, key: Key) -> Value | None:
        """The value under the key, or None."""
        with self._lock:
            return self._values.get(key)

    def put(self, key: Key, value: Value) -> None:
        with self._lock:
            self._values[key] = value

    def forget(self, key: Key) -> None:
        with self._lock:
            self._values.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._values.clear()

    def __len__(self) -> int:
        with self._lock:
            return len(self._values)


def remembered(most: int) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Keep what a function says for its last `most` arguments.

    Who asks while it is at work waits for the same answer; None is not kept.
    """
    # A value larger than the whole cache is handed on and not kept: None counts as such.
    answers = LRUCache(most, getsizeof=lambda answer: most + 1 if answer is None else 1)
    return cached(answers, condition=threading.Condition(threading.Lock()))
