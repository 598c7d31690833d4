"""What leaves a process for its sockets, and what the other processes send: the Socket.IO server and the queue behind
it.
"""

import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import socketio as python_socketio
import structlog
from flask import Flask
from flask_socketio import SocketIO

from config import Settings
from green import is_green
from live import fanout
from live.connections import Connection
from live.queue import NotifyListener, NotifySender, RedisQueue, redis_client

log = structlog.get_logger()

MAX_MESSAGE = 16 * 1024
_CONNECTION = "cricverse.connection"  # in what the server keeps of a websocket: its Connection


class _Rooms(python_socketio.Manager):
    """Sees every message on its way to the sockets of this process, wherever it came from."""

    passes: Callable

    # pyrefly: ignore[bad-override]
    def emit(self, event: str, data: Any, namespace: str, room: Any = None, **kwargs: Any) -> None:
        self.passes(event, data, room or kwargs.get("to"))
        super().emit(event, data, namespace, room=room, **kwargs)


class _RedisRooms(RedisQueue, _Rooms):
    pass


class Sending:
    """One outbox, one task that empties it, and the newest number of each room that has passed here.

    `healed` is called when the queue between the processes was away and is back.
    """

    def __init__(self, app: Flask, settings: Settings, healed: Callable[[], None]) -> None:
        self.versions: dict[str, int] = {}  # room → newest number that passed here
        self.dirty: set[int] = set()  # events whose seats have changed since their occupancy was told
        self.sent = 0
        self.outbox: queue.Queue = queue.Queue(maxsize=20_000)
        self.is_running = False
        self._settings, self._healed = settings, healed
        self._listener = None
        self._notifier = None if settings.redis_url else NotifySender(settings.app_url)
        self.redis = redis_client(settings.redis_url) if settings.redis_url else None
        self.manager: Any = _RedisRooms(settings.redis_url, healed) if settings.redis_url else _Rooms()
        self.manager.passes = self.passes
        self.socketio = SocketIO()
        self.socketio.init_app(
            app,
            client_manager=self.manager,
            async_mode="eventlet" if is_green() else "threading",
            transports=["websocket"],  # pyrefly: ignore[unexpected-keyword]
            cors_allowed_origins=[],  # Handshake is stricter: it wants an Origin, and its own
            max_http_buffer_size=MAX_MESSAGE,
            ping_interval=25,
            ping_timeout=20,
            async_handlers=False,  # one message of a client at a time
            manage_session=False,
            logger=False,
            engineio_logger=False,
        )
        engine = self.engine
        if engine.async_mode == "threading":
            # simple-websocket would read a message of any size before anybody looks at its length.
            engine._async = {
                **engine._async,
                "websocket": partial(engine._async["websocket"], max_message_size=MAX_MESSAGE),
            }
        if settings.fanout == "fast":
            fanout.install(self.socketio)

    @property
    def server(self) -> Any:
        """The Socket.IO server, which Flask-SocketIO makes."""
        return self.socketio.server  # pyrefly: ignore[missing-attribute]

    @property
    def engine(self) -> Any:
        """The Engine.IO server below: it knows the websockets, also those that never said hello."""
        return self.server.eio

    @property
    def lag(self) -> float | None:
        """Seconds that a message takes through the queue between processes; None before the first was measured."""
        if self.redis is not None:
            return self.manager.lag
        return self._listener.lag if self._listener else None

    def start(self, over: threading.Event) -> None:
        """Empty the outbox and listen to the other processes until stop(); `over` ends the listening."""
        self.is_running = True
        self.run(self._send_all)
        server = self.server
        if not server.manager_initialized:
            server.manager_initialized = True
            self.manager.initialize()
        if self.redis is None:
            self._listener = NotifyListener(self._settings.app_url, self._received, self._healed)
            self.run(self._listener.run, over)

    def stop(self) -> None:
        """Send no more."""
        self.is_running = False
        self.outbox.put(None)

    def run(self, function: Callable[..., None], *args: Any) -> None:
        """Run a function in the background, in the manner of this process."""
        self.socketio.start_background_task(function, *args)

    def send(self, event: str, payload: dict, room: str) -> None:
        """To everybody in a room, whatever process they are connected to."""
        if self.is_running:
            try:
                self.outbox.put_nowait((event, payload, room))
            except queue.Full:
                log.warning("live_outbox_full", event_name=event, room=room)
        elif self.redis is not None:
            self.manager.emit(event, payload, "/", room=room)
        elif self._notifier is not None:
            self._notifier.send(event, payload, room)

    def send_here(self, event: str, payload: dict, room: Any) -> None:
        """To those in a room (or a list of rooms) who are connected to this process."""
        self.server.emit(event, payload, to=room, ignore_queue=True)

    def tell_stands(self, event_id: int, stadium_id: int, version: int, stands: list[dict]) -> None:
        """What is left in each stand, to those here who look at the event or its stadium."""
        payload = {"event_id": event_id, "stadium_id": stadium_id, "version": version, "stands": stands}
        self.send_here("occupancy_update", payload, [f"event:{event_id}", f"stadium:{stadium_id}"])

    def _send_all(self) -> None:
        """The one that sends: requests never wait for sockets or Redis, and a room's messages keep their order."""
        while True:
            message = self.outbox.get()
            if message is None:
                return
            event, payload, room = message
            try:
                self.server.emit(event, payload, to=room)
            except Exception:
                log.exception("live_emit_failed", event_name=event, room=room)

    def _received(self, event: str, payload: dict, room: Any) -> None:
        self.outbox.put((event, payload, room))

    def passes(self, event: str, payload: Any, room: Any) -> None:
        """A message is on its way to the sockets here: count it, and remember its number."""
        payload = payload[0] if isinstance(payload, list) and payload else payload
        for name in (room,) if isinstance(room, str) else room or ():
            self.sent += self.present(name)
        if event == "match_update":
            self.newer(f"match:{payload['match_id']}", payload["seq"])
        elif event == "seats_changed":
            self.newer(f"event:{payload['event_id']}", payload["version"])
            self.dirty.add(payload["event_id"])

    def newer(self, room: str, version: int) -> None:
        """Note that a room has heard of this number."""
        if version > self.versions.get(room, -1):
            self.versions[room] = version

    def present(self, room: str) -> int:
        """How many sockets of this process are in a room."""
        return len(self.manager.rooms.get("/", {}).get(room, ()))

    def rooms(self, *kinds: str) -> list[str]:
        """Rooms of these kinds with somebody of this process in them."""
        return [r for r in list(self.manager.rooms.get("/", {})) if isinstance(r, str) and r.partition(":")[0] in kinds]

    def connections(self) -> list[Connection]:
        """Of the sockets that the server has now: they have said hello, and not goodbye."""
        here = self.manager.rooms.get("/", {}).get(None, {})
        leaving = self.manager.pending_disconnect.get("/", ())
        found = (environ.get(_CONNECTION) for environ in list(self.server.environ.values()))
        return [c for c in found if c and c.sid in here and c.sid not in leaving]

    def connection_of(self, sid: str) -> Connection | None:
        """That of a socket that the server has now."""
        eio_sid = self.manager.rooms.get("/", {}).get(None, {}).get(sid)
        return self.server.environ.get(eio_sid, {}).get(_CONNECTION)

    def keep(self, environ: dict[str, Any], connection: Connection) -> None:
        """The server's own record of a websocket holds the connection: it is there as long as the websocket, and no
        longer.
        """
        environ[_CONNECTION] = connection

    def is_in(self, sid: str, room: str) -> bool:
        """Whether a socket of this process is in a room."""
        return sid in self.manager.rooms.get("/", {}).get(room, ())

    def members(self, room: str) -> list[str]:
        """The sids of this process that are in a room."""
        return list(self.manager.rooms.get("/", {}).get(room, ()))

    def rooms_of(self, sid: str) -> set[str]:
        """The rooms that a socket is in, but for the one that it is itself."""
        return {room for room in self.manager.get_rooms(sid, "/") if room != sid}

    def rooms_by_sid(self) -> dict[str, set[str]]:
        """The same of all sockets at once, in one walk through the rooms."""
        found: dict[str, set[str]] = {}
        for room, members in list(self.manager.rooms.get("/", {}).items()):
            if room is not None and not (len(members) == 1 and room in members):
                for sid in list(members):
                    found.setdefault(sid, set()).add(room)
        return found

    def leave(self, sid: str, room: str) -> None:
        """Take a socket out of a room."""
        self.server.leave_room(sid, room)

    def cut(self, connection: Connection, code: str, sentence: str) -> None:
        """End a connection after telling it why."""
        server = self.server
        eio_sid = self.manager.eio_sid_from_sid(connection.sid, "/")
        self.send_here("error", {"code": code, "message": sentence}, connection.sid)
        server.disconnect(connection.sid, ignore_queue=True)
        if eio_sid:
            self.run(server.eio.disconnect, eio_sid)  # waits for what is still to be sent
