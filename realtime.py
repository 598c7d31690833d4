"""Live messages: the Socket.IO server, its rooms and their checks, and every publish_… function.

Rooms: `match:<id>`, `event:<id>`, `stadium:<id>` are public; `customer:<id>` is a person's own, joined by itself; `staff:<stadium>` asks for a
staff role. Clients only join and leave; everything else is sent by publish_… functions, after the commit of what they tell. A message is
a hint with a number: a lost one is harmless, for whoever sees a gap fetches, and every few seconds the newest numbers are compared.

What this edge must ask (who is this session, may they join, which number is the newest) app.py hands down as a `Rules`.
"""

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
from functools import partial, wraps

import flask_socketio
import socketio as python_socketio
import structlog
from flask import current_app, g, request
from flask_socketio import SocketIO

import fanout
from extensions import NOBODY, Person, call, client_address, in_transaction
from live_gate import Gate
from live_queue import NotifyListener, NotifySender, RedisQueue, redis_client

log = structlog.get_logger()

MAX_MESSAGE = 16 * 1024
ROOMS_PER_CONNECTION = 20
BURST, REFILL = 40, 100 / 60  # messages that a connection may send at once, and a second
DROPPED_AT_MOST = 100  # who goes on after so many unread ones is cut off
PATCH_BYTES = 12_000  # a larger patch is fetched instead
SEATS_AT_MOST = 400  # likewise

socketio: SocketIO | None = None  # the newest create_app()'s; inside an application context its own is used


@dataclass(frozen=True, slots=True)
class Rules:
    """What the layers above answer."""

    find_person: Callable[[], tuple[Person, bytes | None]]  # of the request that connects: who, and the hash of their session
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


def init_socketio(app, rules: Rules = NO_RULES) -> SocketIO:
    """Give the application its Socket.IO server; nothing runs before the first socket comes or start() is called."""
    global socketio
    live = Live(app, rules)
    app.extensions["live"] = live
    socketio = live.socketio
    return socketio


def start(app) -> None:
    """This process serves sockets: begin the background work (app.py's process, or the first socket of any other server)."""
    app.extensions["live"].start()


def stop(app, for_good: bool = False) -> None:
    """Close every socket, so that clients go to another process, and note the end of their connections.

    After a stop that is not for good the next socket starts everything again.
    """
    app.extensions["live"].stop(for_good)


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

    def __init__(self, app, rules: Rules):
        self.app, self.rules, self.settings = app, rules, app.config["SETTINGS"]
        self.process = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(2)}"
        self.connections: dict[str, Connection] = {}
        self.versions: dict[str, int] = {}  # room → newest number that passed here
        self.known: dict[str, float] = {}  # public rooms that exist, and until when that is believed
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
            cors_allowed_origins=[],  # Gate is stricter: it wants an Origin, and its own
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
            engine._async = {**engine._async, "websocket": partial(engine._async["websocket"], max_message_size=MAX_MESSAGE)}
        if self.settings.fanout == "fast":
            fanout.install(self.socketio)
        for name, handler in HANDLERS.items():
            self.socketio.on_event(name, handler)
        self.socketio.default_exception_handler = _failed
        app.wsgi_app = Gate(app.wsgi_app, self.settings, self.ready)

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
        self.unconnected = {e: self.unconnected.get(e, now) for e in alive if connected is None or e not in connected._invm}
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
            publish_occupancy(event_id, stadium_id, version, stands)
        # Counting a large ground takes the database a moment; it gets nine times as long to rest.
        self.counted_until = time.monotonic() + 9 * (time.monotonic() - began)

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


# --- what clients may say -------------------------------------------------------------------------------------------


def _live() -> Live:
    return current_app.extensions["live"]


def _guarded(guard, handler):
    """Every handler names its guard; all but connect and disconnect count against the connection's allowance."""

    @wraps(handler)
    def guarded(data=None, *_):
        live = _live()
        connection = live.connections.get(request.sid)
        if connection is None:
            return
        if not connection.may_speak():
            if connection.dropped == 1 or connection.dropped % 20 == 0:
                _refuse("TOO_MANY_MESSAGES", "That was too much at once. Wait a little.")
            if connection.dropped > DROPPED_AT_MOST:
                live.cut(connection, "TOO_MANY_MESSAGES", "That was too much at once.")
            return
        g.session_hash = connection.session_hash
        handler(live, connection, data if isinstance(data, dict) else {})

    guarded.guard = guard
    return guarded


def public(handler):
    """Anybody who is connected."""
    return _guarded("public", handler)


def checked(handler):
    """Joining: the rules are asked first, with the rights of the connection's session as it is now."""
    return _guarded("checked", handler)


def _refuse(code: str, sentence: str) -> None:
    _live().send_here("error", {"code": code, "message": sentence}, request.sid)


def _failed(error):
    log.error("socket_handler_failed", event_name=request.event["message"], exc_info=error)
    _refuse("UNAVAILABLE", "That did not work. Try again in a moment.")


def connect(auth=None):
    """Who is this session? Nobody is fine: public rooms need no account."""
    live = _live()
    person, session_hash = live.rules.find_person()
    if person.id is not None:
        if sum(c.person.id == person.id for c in list(live.connections.values())) >= live.settings.sockets_per_person:
            raise flask_socketio.ConnectionRefusedError("You have too many pages open at once.", {"code": "TOO_MANY_CONNECTIONS"})
    else:
        session_hash = None
    now = time.monotonic()
    live.connections[request.sid] = connection = Connection(request.sid, person, session_hash, client_address(), now, asked_at=now)
    if person.id is not None:
        room = f"customer:{person.id}"
        connection.rooms.add(room)
        flask_socketio.join_room(room)
    live.send_here("connection_status", {"state": "connected", "signed_in": person.is_authenticated}, connection.sid)


def disconnect(reason=None):
    live = _live()
    connection = live.connections.pop(request.sid, None)
    if connection is not None:
        live.ended.append(connection)


connect.guard = "public"
disconnect.guard = "public"


def _number(data: dict, name: str) -> int | None:
    value = data.get(name)
    return value if type(value) is int and 0 < value < 2**31 else None


def _join(live: Live, connection: Connection, data: dict, kind: str) -> None:
    number = _number(data, f"{kind}_id")
    if number is None:
        _refuse("MALFORMED", f"{kind}_id must be a number.")
        return
    room = f"{kind}:{number}"
    if _enter(live, connection, room):
        if room not in live.versions and kind != "stadium":
            found = live.rules.versions_of([room])
            live._newer(room, found.get(room, 0))
        status = {"room": room, "ok": True, "watching": max(live.watching.get(room, 0), live.present(room))}
        status["seq" if kind == "match" else "version"] = live.versions.get(room, 0)
        live.send_here("subscription_status", status, connection.sid)
    if kind == "stadium" and data.get("staff") is True:
        staff = f"staff:{number}"
        if _enter(live, connection, staff):
            live.send_here("subscription_status", {"room": staff, "ok": True, "version": 0}, connection.sid)


def _enter(live: Live, connection: Connection, room: str) -> bool:
    """Whether the connection is in the room now. Whoever may not is told why."""
    refused = None
    if room not in connection.rooms:
        try:
            if len(connection.rooms) >= ROOMS_PER_CONNECTION:
                refused = ("TOO_MANY_ROOMS", "This page follows too many things at once.")
            elif not _exists(live, connection, room):
                refused = ("NOT_ALLOWED", "There is no such thing to follow, or it is not yours to see.")
        except Exception:
            log.exception("join_failed", room=room)
            refused = ("TRY_AGAIN", "That did not work. Try again in a moment.")
        if refused is None:
            # First the room, then the number: what comes between arrives by both ways, and never by none.
            flask_socketio.join_room(room)
            connection.rooms.add(room)
    if refused:
        answer = {"room": room, "ok": False, "code": refused[0], "message": refused[1]}
        live.send_here("subscription_status", answer, connection.sid)
    return refused is None


def _exists(live: Live, connection: Connection, room: str) -> bool:
    """Ask the rules, but not again for a public room that somebody without an account has just been let into."""
    if live.known.get(room, 0) > time.monotonic():
        return True
    if not live.rules.may_join(room):
        return False
    if connection.session_hash is None:
        if len(live.known) > 10_000:
            live.known.clear()
        live.known[room] = time.monotonic() + 60
    return True


def _leave(live: Live, connection: Connection, data: dict, kind: str) -> None:
    number = _number(data, f"{kind}_id")
    for room in (f"{kind}:{number}", f"staff:{number}") if kind == "stadium" else (f"{kind}:{number}",):
        if room in connection.rooms:
            connection.rooms.discard(room)
            flask_socketio.leave_room(room)


@checked
def join_match(live, connection, data):
    _join(live, connection, data, "match")


@public
def leave_match(live, connection, data):
    _leave(live, connection, data, "match")


@checked
def join_event(live, connection, data):
    _join(live, connection, data, "event")


@public
def leave_event(live, connection, data):
    _leave(live, connection, data, "event")


@checked
def join_stadium(live, connection, data):
    _join(live, connection, data, "stadium")


@public
def leave_stadium(live, connection, data):
    _leave(live, connection, data, "stadium")


@public
def unknown(live, connection, data):
    _refuse("UNKNOWN_MESSAGE", "There is no such message.")


HANDLERS = {
    "connect": connect,
    "disconnect": disconnect,
    "join_match": join_match,
    "leave_match": leave_match,
    "join_event": join_event,
    "leave_event": leave_event,
    "join_stadium": join_stadium,
    "leave_stadium": leave_stadium,
    "*": unknown,
}


# --- what is published ------------------------------------------------------------------------------------------------


def _emit(event: str, payload: dict, room: str) -> None:
    """Send a hint. Called after the commit; never raises, and never waits for a socket."""
    try:
        _live().send(event, payload, room)
    except Exception:
        log.exception("publish_failed", event_name=event, room=room)


def publish_match_update(match_id, seq, kind, patch, summary=None, replay=False):
    """An event of a match has been recorded: the patch of its board from seq - 1 to seq, or None when it is to be fetched."""
    if patch is not None and len(json.dumps(patch, separators=(",", ":"))) > PATCH_BYTES:
        patch = None
    payload = {"match_id": match_id, "seq": seq, "kind": kind, "patch": patch, "replay": bool(replay)}
    if summary is not None:
        payload["summary"] = summary
    _emit("match_update", payload, f"match:{match_id}")


def publish_seats_changed(event_id, version, seats, state=None):
    """Seats of an event have changed: [(seat id, state)], or ids that all have the one state: free, held or taken. None: look again."""
    if event_id is None or seats == []:
        return  # parking has no seats
    if seats is not None:
        seats = [[seat, state] for seat in seats] if state else [list(change) for change in seats]
    payload = {"event_id": event_id, "version": version, "seats": seats if seats and len(seats) <= SEATS_AT_MOST else None}
    _emit("seats_changed", payload, f"event:{event_id}")


def publish_occupancy(event_id, stadium_id, version, stands):
    """What is left in each stand, to those who look from this process; every process counts for its own."""
    payload = {"event_id": event_id, "stadium_id": stadium_id, "version": version, "stands": stands}
    _live().send_here("occupancy_update", payload, [f"event:{event_id}", f"stadium:{stadium_id}"])


def publish_booking(stadium_id, event_id, booking_id, kind, seats, amount, currency):
    """A booking was paid or given back, for the ground's staff alone. `amount` in minor units."""
    payload = {"stadium_id": stadium_id, "event_id": event_id, "booking_id": booking_id, "kind": kind}
    payload |= {"seats": seats, "amount": amount, "currency": currency, "version": time.time_ns() // 1_000_000}
    _emit("booking_notification", payload, f"staff:{stadium_id}")


def publish_announcement(stadium_id, text):
    """A sentence for everybody who follows a ground."""
    payload = {"stadium_id": stadium_id, "text": text, "version": time.time_ns() // 1_000_000}
    _emit("announcement", payload, f"stadium:{stadium_id}")


def statistics() -> dict:
    """{"process": …, "processes": {name: figures}, "all": figures}: connections, rooms, messages a second, lag in milliseconds."""
    live = _live()
    own = live.figures()
    processes = {live.process: own, **{name: {k: v for k, v in f.items() if k != "watched"} for name, f in live.others.items()}}
    lags = [f["lag_ms"] for f in processes.values() if f.get("lag_ms") is not None]
    together = {key: sum(f[key] for f in processes.values()) for key in ("connections", "signed_in", "messages_per_second")}
    watched = collections.Counter({room: live.present(room) for room in live.rooms("match", "event")})
    for figures in live.others.values():
        watched.update(figures.get("watched", {}))
    return {
        "process": live.process,
        "processes": processes,
        "all": {**together, "rooms": len(watched), "watched": dict(watched.most_common(20)), "lag_ms": max(lags, default=None)},
    }


def queue_answers() -> bool | None:
    """Whether the queue between processes answers; None without Redis."""
    live = _live()
    if live.redis is None:
        return None
    try:
        return bool(live.redis.ping())
    except Exception:
        return False
