"""How a live message comes from any process to the web processes: through Redis, or without it by NOTIFY of the
database.

Messages are hints: one that is lost while a queue is away is made good by `healed`, which is called once it is back.
"""

import json
import random
import select
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import redis
import socketio
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import make_url

from database import fault_of

log = structlog.get_logger()
chance = random.Random()  # of its own: a thread that waits here does not move the numbers that others draw

CHANNEL = "cricverse"
NOTIFY_BYTES = 7900  # PostgreSQL takes less than 8,000 (its manual, NOTIFY)
_PAUSE_SECONDS = 1  # after a wait in vain nothing is tried for so long: a request never waits twice
_SILENCE_SECONDS = 15


def redis_client(url: str, **options: Any) -> redis.Redis:
    """A client that answers or fails within two seconds, without tries of its own."""
    return redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2, retry=Retry(NoBackoff(), 0), **options)


class RedisQueue(socketio.RedisManager):
    """python-socketio's Redis manager that never blocks for long, comes back within two seconds, and knows its lag.

    A process that only sends (jobs, commands) uses the same class: it listens with its first client only.
    """

    pubsub: Any

    def __init__(self, url: str, healed: Callable[[], None]) -> None:
        # The listening connection waits for ever by design, so it has no read timeout; measure() finds it when it is
        # dead.
        options = {"socket_connect_timeout": 2, "socket_keepalive": True, "retry": Retry(NoBackoff(), 0)}
        super().__init__(url, channel=CHANNEL, redis_options=options)
        self.sender = redis_client(url)
        self.healed = healed
        self.lag: float | None = None  # seconds that our own last ping took
        self.heard_at: float | None = None
        self.away_until = 0.0

    def _publish(self, data: Any):
        if time.monotonic() >= self.away_until:
            self._send(json.dumps(data))

    def _send(self, text: str) -> None:
        began = time.monotonic()
        try:
            self.sender.publish(self.channel, text)
        except redis.RedisError as error:
            # One that refuses at once costs nothing to ask again; only one that does not answer is left alone for a
            # while.
            if time.monotonic() - began > 0.5:
                self.away_until = time.monotonic() + _PAUSE_SECONDS
            log.warning("live_queue_away", queue="redis", error=str(error))

    def measure(self) -> None:
        """Send ourselves a ping; cut a connection that has heard nothing for long, so that it is made again."""
        if self.heard_at is not None and time.monotonic() - self.heard_at > _SILENCE_SECONDS:
            self.lag, self.heard_at = None, time.monotonic()
            connection = getattr(self.pubsub, "connection", None)
            if connection is not None:
                connection.disconnect()
        self._send(f"{self._mark()}{time.monotonic()}")

    def _mark(self) -> str:
        return f"ping {self.host_id} "

    def _listen(self) -> Iterator[Any]:  # pyrefly: ignore[bad-override]
        mark = self._mark().encode()
        for message in super()._listen():
            self.heard_at = time.monotonic()
            if message.startswith(mark):
                self.lag = time.monotonic() - float(message.removeprefix(mark))
            elif not message.startswith(b"ping "):
                yield message

    def _redis_listen_with_retries(self):
        wait, first = 0.1, True
        while True:
            try:
                self._redis_connect()
                self.pubsub.subscribe(self.channel)
                self.heard_at = time.monotonic()
                if not first:
                    log.info("live_queue_back", queue="redis")
                    self.healed()
                wait, first = 0.1, False
                yield from self.pubsub.listen()
            except Exception as error:
                log.warning("live_queue_away", queue="redis", error=str(error))
                time.sleep(wait * chance.uniform(0.7, 1))
                wait, first, self.lag = min(wait * 2, 2), False, None


def _connect(url: str, seconds: int = 2) -> Any:
    """A connection of our own that commits each statement and gives up after so many seconds."""
    address = make_url(url)
    arguments = address.translate_connect_args(username="user", database="dbname")
    more: dict[str, Any] = {"connect_timeout": seconds, "tcp_user_timeout": seconds * 1000, **address.query}
    more["application_name"] = "cricverse live"  # what an operator sees of it: its statements are not shown
    connection = psycopg2.connect(**arguments, **more)
    connection.autocommit = True
    return connection


class NotifySender:
    """Sends messages from a process that serves nobody (jobs, commands) to the one web process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.lock = threading.Lock()
        self.connection = None
        self.away_until = 0.0

    def send(self, event: str, payload: dict, room: Any) -> None:
        """Send a message to every other process; a database that is away costs the message."""
        with self.lock:
            if time.monotonic() < self.away_until:
                return
            try:
                if self.connection is None:
                    self.connection = _connect(self.url)
                with self.connection.cursor() as cursor:
                    cursor.execute("select pg_notify(%s, %s)", (CHANNEL, wrapped(event, payload, room)))
            except psycopg2.Error as error:
                log.warning("live_queue_away", queue="notify", error=fault_of(error))
                self.away_until = time.monotonic() + _PAUSE_SECONDS
                if self.connection is not None:
                    self.connection.close()
                self.connection = None


def wrapped(event: str, payload: dict, room: Any) -> str:
    """A message as NOTIFY carries it. One that is too large travels as a hint: its reader fetches the rest."""
    text = json.dumps([event, payload, room], separators=(",", ":"))
    if len(text.encode()) > NOTIFY_BYTES:
        bare = {
            **{k: v for k, v in payload.items() if k not in ("patch", "seats")},
            **dict.fromkeys({"patch", "seats"} & set(payload)),
        }
        text = json.dumps([event, bare, room], separators=(",", ":"))
    return text


class NotifyListener:
    """Hands on what other processes NOTIFY, in the one web process; connects again for ever."""

    def __init__(self, url: str, received: Callable[[str, dict, object], None], healed: Callable[[], None]) -> None:
        self.url, self.received, self.healed = url, received, healed
        self.lag: float | None = None

    def run(self, over: threading.Event) -> None:
        """Hand on what the other processes send until `over`, and connect again after a fault."""
        wait, first = 0.1, True
        while not over.is_set():
            connection = None
            try:
                connection = _connect(self.url)
                with connection.cursor() as cursor:
                    cursor.execute(f"listen {CHANNEL}")
                if not first:
                    log.info("live_queue_back", queue="notify")
                    self.healed()
                wait, first = 0.1, False
                self._listen(connection, over)
            except Exception as error:
                log.warning("live_queue_away", queue="notify", error=str(error).strip())
                self.lag = None
            if connection is not None:
                connection.close()
            time.sleep(wait * chance.uniform(0.7, 1))
            wait, first = min(wait * 2, 2), False

    def _listen(self, connection: Any, over: threading.Event) -> None:
        due = 0.0
        while not over.is_set():
            if time.monotonic() >= due:
                # Our own ping measures the lag, and finds a connection that is dead without saying so.
                with connection.cursor() as cursor:
                    cursor.execute(
                        "select pg_notify(%s, %s)",
                        (CHANNEL, json.dumps(["ping", connection.info.backend_pid, time.monotonic()])),
                    )
                due = time.monotonic() + 5
            # Notices may have come with the answer to the ping, so they are handed on before anything is waited for.
            while connection.notifies:
                self._hand_on(connection.notifies.pop(0).payload, connection.info.backend_pid)
            if select.select([connection.fileno()], [], [], 1)[0]:
                connection.poll()

    def _hand_on(self, text: str, backend: int) -> None:
        try:
            event, payload, room = json.loads(text)
        except ValueError:
            return
        if event == "ping":
            if payload == backend:
                self.lag = time.monotonic() - room
        elif isinstance(payload, dict):
            self.received(event, payload, room)
