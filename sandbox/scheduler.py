"""Work that is due later, run by a few background threads: webhooks, their retries, delayed payments."""

import heapq
import itertools
import logging
import threading
import time

log = logging.getLogger("sandbox")


class Scheduler:
    """A heap of due times shared by `workers` daemon threads."""

    def __init__(self, name, workers):
        self._condition = threading.Condition()
        self._heap = []
        self._order = itertools.count()
        self._busy = 0
        for number in range(workers):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def call_later(self, seconds, function, *args):
        """Call the function about that many seconds from now, unless clear() comes first."""
        with self._condition:
            heapq.heappush(self._heap, (time.monotonic() + seconds, next(self._order), function, args))
            self._condition.notify()

    def clear(self, seconds=0):
        """Forget everything that is not yet running and wait up to that many seconds for what is."""
        with self._condition:
            self._heap.clear()
            self._condition.wait_for(lambda: self._busy == 0, seconds)

    def _take(self):
        with self._condition:
            while True:
                now = time.monotonic()
                if self._heap and self._heap[0][0] <= now:
                    self._busy += 1
                    return heapq.heappop(self._heap)
                self._condition.wait(self._heap[0][0] - now if self._heap else None)

    def _work(self):
        while True:
            _, _, function, args = self._take()
            try:
                function(*args)
            except Exception:
                # One broken job must not take the thread with it: later webhooks still have to leave.
                log.exception("background job failed: %s", getattr(function, "__name__", function))
            with self._condition:
                self._busy -= 1
                self._condition.notify_all()
