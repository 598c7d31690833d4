"""A few server processes that are killed and started again, and clients that know when they were left without an
answer.
"""

import contextlib
import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from bench import stage

PATIENCE = 2.5  # seconds for one call to Stripe under bench/faults.py, instead of twelve


class Killed(Exception):
    """The request was sent and no answer came: the process died under it."""


class NotSent(Exception):
    """There was nobody to send the request to; it had no effect."""


class Fleet:
    """`size` processes of one server module. A killed one is replaced by a new one on a new port.

    `kills` counts the `kill -9`; `kills_in_flight` those before which a client had sent a request whose answer it never
    got.
    """

    def __init__(self, module, size, **environment):
        self.module, self.environment = module, environment
        self.lock = threading.Lock()
        self.stack = contextlib.ExitStack()
        with ThreadPoolExecutor(size) as pool:
            self.slots = list(pool.map(lambda _: self._start(), range(size)))
        self.waiting = {}  # client → (pid it has sent to and not heard from, since when)
        self.killed_at, self.left_alone = {}, set()

    def _start(self):
        """{"host", "process"} of a started server."""
        base, process = self.stack.enter_context(stage.server(self.module, **self.environment))
        return {"host": base.removeprefix("http://"), "process": process}

    def pick(self, number):
        """A slot that is up, or None."""
        with self.lock:
            up = [slot for slot in self.slots if slot is not None]
        return up[number % len(up)] if up else None

    @property
    def kills(self):
        return len(self.killed_at)

    @property
    def kills_in_flight(self):
        return len({pid for pid, sent_at in self.left_alone.copy() if sent_at < self.killed_at.get(pid, 0)})

    def kill_one(self, number, patience=2.0):
        """`kill -9` a process while a client waits for its answer, and start another in its place.

        False when nobody waited.
        """
        index = number % len(self.slots)
        slot = self.slots[index]
        deadline = time.monotonic() + patience
        pid = slot["process"].pid
        while all(pid != at for at, _ in list(self.waiting.values())):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.001)
        with self.lock:
            self.slots[index] = None
        self.killed_at[pid] = time.monotonic()
        slot["process"].kill()
        slot["process"].wait()
        started = self._start()
        with self.lock:
            self.slots[index] = started
        return True

    def close(self):
        self.stack.close()


class Client:
    """One caller with a keep-alive connection to whichever process is up."""

    def __init__(self, fleet, number):
        self.fleet, self.number, self.connection, self.pid = fleet, number, None, None

    def send(self, method, path, body=None, headers=None):
        """(status, content, headers) of one request; raises NotSent before and Killed after the request has left."""
        slot = self.fleet.pick(self.number)
        if slot is None:
            time.sleep(0.02)
            raise NotSent
        if self.pid != slot["process"].pid:
            self.close()
        fresh = self.connection is None
        if fresh:
            self.connection, self.pid = http.client.HTTPConnection(slot["host"], timeout=30), slot["process"].pid
        try:
            if fresh:
                self.connection.connect()
            self.connection.request(method, path, body, headers or {})
        except OSError:
            self.close()
            raise NotSent from None
        # From here on the request has left us: this is what "in flight" means.
        sent_at = time.monotonic()
        self.fleet.waiting[self.number] = (self.pid, sent_at)
        try:
            answer = self.connection.getresponse()
            content = answer.read()
            if answer.will_close:
                self.close()
            return answer.status, content, answer.headers
        except (http.client.HTTPException, OSError):
            self.fleet.left_alone.add((slot["process"].pid, sent_at))
            self.close()
            raise Killed from None
        finally:
            self.fleet.waiting.pop(self.number, None)

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = self.pid = None
