"""The sockets of one web process, and the background work that keeps them current; realtime.py is its face."""

import collections
import json
import os
import queue
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import socketio as python_socketio
import structlog
from flask_socketio import SocketIO

from caches import Kept
from database import call, in_transaction
from extensions import NOBODY, Person
from live import fanout
from live.handshake import Handshake
from live.queue import NotifyListener, NotifySender, RedisQueue, redis_client

log = structlog.get_logger()

MAX_MESSAGE = 16 * 1024
BURST, REFILL = 40, 100 / 60  # messages that a connection may send at once, and a second


@dataclass(frozen=True, slots=True)
class Rules:
    """What the layers above answer."""

    find_person: Callable[
        [], tuple[Person, bytes | None]
    ]  # of the request that connects: who, and the hash of their session
    may_join: Callable[[str], bool]  # for the session of g.session_hash
    versions_of: Callable[[Iterable[str]], dict[str, int]]  # newest number of match and event rooms
    occupancy_of: Callable[[Iterable[int]], list[tuple[int, int, int, list[dict]]]]  # (event, stadium, version, stands)


NO_RULES = Rules(lambda: (NOBODY, None), lambda room: False, lambda rooms: {}, lambda events: [])


@dataclass(slots=True, eq=False)
class Connection:
    """One socket of this process."""

    sid: str
    person: Person
    session_hash: bytes | None
    address: str
    connected_at: float
    rooms: set[str] = field(default_factory=set)
    allowance: float = BURST
    asked_at: float = 0.0
    dropped: int = 0

    def may_speak(self) -> bool:
        """A bucket of BURST messages that fills again slowly."""
        now = time.monotonic()
        self.allowance = min(BURST, self.allowance + (now - self.asked_at) * REFILL)
        self.asked_at = now
        if self.allowance < 1:
            self.dropped += 1
            return False
        self.allowance -= 1
        return True


def is_green() -> bool:
    patcher = sys.modules.get("eventlet.patcher")
    return bool(patcher and patcher.is_monkey_patched("socket"))


class _Rooms(python_socketio.Manager):
    """Sees every message on its way to the sockets of this process, wherever it came from."""

    live: "Live"

    def emit(self, event, data, namespace, room=None, **kwargs):
        self.live.passes(event, data, room or kwargs.get("to"))
        super().emit(event, data, namespace, room=room, **kwargs)


class _RedisRooms(RedisQueue, _Rooms):
    pass


class Live:
    """The sockets of one process and what keeps them current."""

    def __init__(self, app, rules: Rules, handlers: dict, failed: Callable):
        self.app, self.rules, self.settings = app, rules, app.config["SETTINGS"]
        self.process = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(2)}"
        self.connections: dict[str, Connection] = {}
        self.versions: dict[str, int] = {}  # room → newest number that passed here
        self.known = Kept(10_000, 60)  # public room → True while it is believed to exist
        self.dirty: set[int] = set()  # events whose seats have changed since their occupancy was told
        self.ended: collections.deque = collections.deque(maxlen=50_000)
        self.noted: dict[str, tuple] = {}
        self.unconnected: dict[str, float] = {}
        self.watching: dict[str, int] = {}
        self.counted_until = self.beat_at = 0.0
        self.sent = self.sent_before = 0
        self.rate, self.rate_at = 0.0, time.monotonic()
        self.others: dict[str, dict] = {}
        self.outbox: queue.Queue = queue.Queue(maxsize=20_000)
        self.started = self.stopping = False
        self.starting = threading.Lock()
        self.over = threading.Event()
        self.listener = None
        self.notifier = None if self.settings.redis_url else NotifySender(self.settings.app_url)
        self.redis = redis_client(self.settings.redis_url) if self.settings.redis_url else None
        self.manager = _RedisRooms(self.settings.redis_url, self.healed) if self.settings.redis_url else _Rooms()
        self.manager.live = self
        self.socketio = SocketIO()
        self.socketio.init_app(
            app,
            client_manager=self.manager,
            async_mode="eventlet" if is_green() else "threading",
            transports=["websocket"],
            cors_allowed_origins=[],  # Handshake is stricter: it wants an Origin, and its own
            max_http_buffer_size=MAX_MESSAGE,
            ping_interval=25,
            ping_timeout=20,
            async_handlers=False,  # one message of a client at a time
            manage_session=False,
            logger=False,
            engineio_logger=False,
        )
        engine = self.socketio.server.eio
        if engine.async_mode == "threading":
            # simple-websocket would read a message of any size before anybody looks at its length.
            engine._async = {
                **engine._async,
                "websocket": partial(engine._async["websocket"], max_message_size=MAX_MESSAGE),
            }
        if self.settings.fanout == "fast":
            fanout.install(self.socketio)
        for name, handler in handlers.items():
            self.socketio.on_event(name, handler)
        self.socketio.default_exception_handler = failed
        app.wsgi_app = Handshake(app.wsgi_app, self.settings, self.ready)

    # --- sending ------------------------------------------------------------------------------------------------------

    def send(self, event: str, payload: dict, room: str) -> None:
        """To everybody in a room, whatever process they are connected to."""
        if self.started:
            try:
                self.outbox.put_nowait((event, payload, room))
            except queue.Full:
                log.warning("live_outbox_full", event_name=event, room=room)
        elif self.redis is not None:
            self.manager.emit(event, payload, "/", room=room)
        else:
            self.notifier.send(event, payload, room)

    def _send_all(self) -> None:
        """The one that sends: requests never wait for sockets or Redis, and a room's messages keep their order."""
        while True:
            message = self.outbox.get()
            if message is None:
                return
            event, payload, room = message
            try:
                self.socketio.server.emit(event, payload, to=room)
            except Exception:
                log.exception("live_emit_failed", event_name=event, room=room)

    def send_here(self, event: str, payload: dict, room) -> None:
        """To those in a room (or a list of rooms) who are connected to this process."""
        self.socketio.server.emit(event, payload, to=room, ignore_queue=True)

    def passes(self, event: str, payload, room) -> None:
        payload = payload[0] if isinstance(payload, list) and payload else payload
        for name in (room,) if isinstance(room, str) else room or ():
            self.sent += self.present(name)
        if event == "match_update":
            self._newer(f"match:{payload['match_id']}", payload["seq"])
        elif event == "seats_changed":
            self._newer(f"event:{payload['event_id']}", payload["version"])
            self.dirty.add(payload["event_id"])

    def _newer(self, room: str, version: int) -> None:
        if version > self.versions.get(room, -1):
            self.versions[room] = version

    def present(self, room: str) -> int:
        return len(self.manager.rooms.get("/", {}).get(room, ()))

    def rooms(self, *kinds: str) -> list[str]:
        """Rooms of these kinds with somebody in them."""
        return [r for r in list(self.manager.rooms.get("/", {})) if isinstance(r, str) and r.partition(":")[0] in kinds]

    # --- the background ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        with self.starting:
            if self.started or self.stopping:
                return
            self.started, self.over = True, threading.Event()
        log.info("live_serving", process=self.process, mode=self.socketio.async_mode)
        self._run(self._send_all)
        server = self.socketio.server
        if not server.manager_initialized:
            server.manager_initialized = True
            self.manager.initialize()
        if self.redis is None:
            self.listener = NotifyListener(self.settings.app_url, self._received, self.healed)
            self._run(self.listener.run, self.over)
        else:
            self._every(5, self.manager.measure)
        for seconds, task in (
            (1, self.tell_occupancy),
            (2, self.tell_presence),
            (2, self.cut_revoked),
            (3, self.compare_versions),
            (2, self.note_connections),
            (5, self.end_idle),
        ):
            self._every(seconds, task)

    def ready(self) -> bool:
        """Called for each new socket: whether this process takes it. The first one starts the background."""
        self.start()
        return not self.stopping

    def _run(self, function, *args) -> None:
        self.socketio.start_background_task(function, *args)

    def _every(self, seconds: float, task: Callable[[], None]) -> None:
        over = self.over

        def loop():
            while not over.wait(seconds):
                try:
                    with self.app.app_context():
                        task()
                except Exception:
                    log.exception("live_task_failed", task=task.__name__)

        self._run(loop)

    def _received(self, event: str, payload: dict, room) -> None:
        self.outbox.put((event, payload, room))

    def stop(self, for_good: bool) -> None:
        if not self.started or self.stopping:
            return
        self.stopping = True
        self.over.set()
        engine = self.socketio.server.eio
        for eio_sid in list(engine.sockets):
            self._run(engine.disconnect, eio_sid)
        self.socketio.sleep(0.1)
        try:
            with self.app.app_context():
                self.note_connections()
            if self.redis is not None:
                self.redis.delete(f"cricverse:live:{self.process}")
        except Exception as error:
            log.warning("live_end_not_noted", error=str(error))
        self.started, self.stopping = False, for_good
        self.outbox.put(None)

    def healed(self) -> None:
        """The queue was away and is back: what it lost meanwhile is compared, or asked for anew, by every client here."""
        self._run(self._mend)

    def _mend(self) -> None:
        try:
            self.tell_reset()
            with self.app.app_context():
                self.compare_versions(always=True)
        except Exception:
            log.exception("live_task_failed", task="mend")

    def tell_reset(self) -> None:
        for room in self.rooms("event", "stadium"):
            self.send_here("subscription_status", {"room": room, "ok": True, "reset": True}, room)

    def compare_versions(self, always: bool = False) -> None:
        """One question for all matches watched here; whoever is behind fetches."""
        rooms = self.rooms("match")
        if not rooms:
            return
        for room, version in self.rules.versions_of(rooms).items():
            if always or version > self.versions.get(room, -1):
                self._newer(room, version)
                self.send_here("subscription_status", {"room": room, "ok": True, "seq": version}, room)

    def cut_revoked(self) -> None:
        """One question for all sessions connected here. Who has none any more is cut; who lost a staff role leaves its room."""
        by_session = collections.defaultdict(list)
        for connection in list(self.connections.values()):
            if connection.session_hash:
                by_session[connection.session_hash].append(connection)
        if not by_session:
            return
        alive = {bytes(row.id_hash): row.staff_of for row in call("app.live_sessions", list(by_session))}
        for session_hash, connections in by_session.items():
            for connection in connections:
                if session_hash not in alive:
                    self.cut(connection, "SESSION_ENDED", "You have signed out, or your session has ended.")
                    continue
                for room in [r for r in connection.rooms if r.startswith("staff:")]:
                    if int(room.partition(":")[2]) not in alive[session_hash]:
                        connection.rooms.discard(room)
                        self.socketio.server.leave_room(connection.sid, room)

    def cut(self, connection: Connection, code: str, sentence: str) -> None:
        server = self.socketio.server
        eio_sid = self.manager.eio_sid_from_sid(connection.sid, "/")
        self.send_here("error", {"code": code, "message": sentence}, connection.sid)
        server.disconnect(connection.sid, ignore_queue=True)
        if eio_sid:
            self._run(server.eio.disconnect, eio_sid)  # waits for what is still to be sent

    def end_idle(self) -> None:
        """Close websockets whose client never said hello (or was refused) within some twenty seconds."""
        connected = self.manager.rooms.get("/", {}).get(None)
        alive, now = list(self.socketio.server.eio.sockets), time.monotonic()
        self.unconnected = {
            e: self.unconnected.get(e, now) for e in alive if connected is None or e not in connected._invm
        }
        for eio_sid, since in list(self.unconnected.items()):
            if now - since > 20:
                self._run(self.socketio.server.eio.disconnect, eio_sid)

    def tell_presence(self) -> None:
        """How many watch each match and event, over all processes; said only when it has changed."""
        here = {room: self.present(room) for room in self.rooms("match", "event")}
        now = time.monotonic()
        self.rate, self.sent_before = (self.sent - self.sent_before) / max(now - self.rate_at, 0.001), self.sent
        self.rate_at = now
        self.others = self._share({**self.figures(), "watched": here})
        totals = collections.Counter(here)
        for figures in self.others.values():
            totals.update(figures.get("watched", {}))
        for room in here:
            if totals[room] != self.watching.get(room):
                self.send_here("subscription_status", {"room": room, "ok": True, "watching": totals[room]}, room)
        self.watching = {room: totals[room] for room in here}

    def _share(self, figures: dict) -> dict[str, dict]:
        """Tell the other processes our figures, and return theirs; {} without Redis, or while it is away."""
        if self.redis is None:
            return {}
        try:
            with self.redis.pipeline(transaction=False) as pipe:
                pipe.set(f"cricverse:live:{self.process}", json.dumps(figures), ex=10)
                pipe.sadd("cricverse:live", self.process)
                pipe.smembers("cricverse:live")
                names = sorted(name.decode() for name in pipe.execute()[-1])
            others = [name for name in names if name != self.process]
            found = self.redis.mget([f"cricverse:live:{name}" for name in others]) if others else []
            gone = [name for name, text in zip(others, found, strict=True) if text is None]
            if gone:
                self.redis.srem("cricverse:live", *gone)
            return {name: json.loads(text) for name, text in zip(others, found, strict=True) if text is not None}
        except Exception as error:
            log.warning("live_figures_not_shared", error=str(error))
            return {}

    def figures(self) -> dict:
        """{connections, people, rooms, messages_per_second, lag_ms} of this process."""
        lag = self.manager.lag if self.redis is not None else self.listener.lag if self.listener else None
        return {
            "connections": len(self.connections),
            "signed_in": sum(c.session_hash is not None for c in list(self.connections.values())),
            "rooms": len(self.rooms("match", "event", "stadium", "staff", "customer")),
            "messages_per_second": round(self.rate, 1),
            "lag_ms": None if lag is None else round(lag * 1000, 1),
        }

    def tell_occupancy(self) -> None:
        """What is left in each stand of the events whose seats have changed, at most once a second, for those who look from here."""
        began = time.monotonic()
        if began < self.counted_until:
            return
        events, self.dirty = self.dirty, set()
        looked_at = {r for r in self.rooms("event", "stadium")}
        if not events or not looked_at:
            return
        if not any(r.startswith("stadium:") for r in looked_at):
            events = {e for e in events if f"event:{e}" in looked_at}
        for event_id, stadium_id, version, stands in self.rules.occupancy_of(sorted(events)) if events else ():
            self.tell_stands(event_id, stadium_id, version, stands)
        # Counting a large ground takes the database a moment; it gets nine times as long to rest.
        self.counted_until = time.monotonic() + 9 * (time.monotonic() - began)

    def tell_stands(self, event_id: int, stadium_id: int, version: int, stands: list[dict]) -> None:
        payload = {"event_id": event_id, "stadium_id": stadium_id, "version": version, "stands": stands}
        self.send_here("occupancy_update", payload, [f"event:{event_id}", f"stadium:{stadium_id}"])

    def note_connections(self) -> None:
        """Write what has changed about the connections of this process, in one call however many there are."""
        rows = []
        while self.ended and len(rows) < 5000:
            connection = self.ended.popleft()
            self.noted.pop(connection.sid, None)
            rows.append(self._row(connection, ended=True))
        for connection in list(self.connections.values()):
            state = tuple(sorted(connection.rooms))
            if self.noted.get(connection.sid) != state and len(rows) < 10_000:
                self.noted[connection.sid] = state
                rows.append(self._row(connection))
        beat = time.monotonic() - self.beat_at > 60
        if rows or beat:
            self.beat_at = time.monotonic()
            in_transaction(call, "app.note_connections", self.process, {"rows": rows})

    def _row(self, connection: Connection, ended: bool = False) -> dict:
        return {
            "sid": connection.sid,
            "customer_id": connection.person.id,
            "address": connection.address,
            "rooms": sorted(connection.rooms),
            "age": round(time.monotonic() - connection.connected_at, 3),
            "ended": ended,
        }
