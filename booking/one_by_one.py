"""One at a time for the same thing, among what this process does at one moment."""

import contextlib
import threading
from collections.abc import Generator


class OneByOne:
    """Locks by name; only those that somebody has or waits for are kept."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken: dict[str, tuple[threading.Lock, int]] = {}  # the lock, and how many have it or wait for it

    @contextlib.contextmanager
    def of(self, name: str) -> Generator[bool]:
        """Inside, nobody else is there for this name. True where somebody was there before, and was waited for."""
        with self._guard:
            lock, many = self._taken.get(name, (threading.Lock(), 0))
            self._taken[name] = lock, many + 1
        try:
            with lock:
                yield many > 0
        finally:
            with self._guard:
                _, many = self._taken[name]
                if many > 1:
                    self._taken[name] = lock, many - 1
                else:
                    del self._taken[name]
