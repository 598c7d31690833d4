"""One at a time for the same thing, among what this process does at one moment."""

import contextlib
import threading
from collections.abc import Generator


class Turns:
    """Turns by name; only those that somebody has or waits for are kept."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken: dict[str, tuple[threading.Lock, int]] = {}  # the turn, and how many have it or wait for it

    @contextlib.contextmanager
    def of(self, name: str) -> Generator[bool]:
        """Inside, nobody else has the turn of this name. True where somebody had it before, and was waited for."""
        with self._guard:
            turn, many = self._taken.get(name, (threading.Lock(), 0))
            self._taken[name] = turn, many + 1
        try:
            with turn:
                yield many > 0
        finally:
            with self._guard:
                _, many = self._taken[name]
                if many > 1:
                    self._taken[name] = turn, many - 1
                else:
                    del self._taken[name]
