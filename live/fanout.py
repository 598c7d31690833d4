"""Room broadcasts that are encoded once per room instead of once per client.

python-socketio makes an event's packet once, but python-engineio then puts it into a queue for every client, wakes a
writer task for every client, and that task encodes the websocket frame again. `install()` gives the server three
classes that do the same work in one pass; what a client receives stays the same, byte for byte
(tests/live/test_fanout.py compares):

- `_RoomManager.emit` makes the websocket frame of a text event once and hands it to every participant's connection.
- `_DirectSocket` is a websocket connection without a writer task and without a ping task. Everything that goes to its
  client, whether fast or from the stock path, passes through `write()`: one non-blocking send when nothing waits, else
  the connection's backlog. So order holds, nothing is ever interleaved, and nobody waits for a slow client.
- `_Engine` gives new websocket connections that class and runs the few tasks that all of them share. Where tasks must
  give way
  by themselves (eventlet, gevent), a large room's frames go through the backlogs, so that requests get their turn
  meanwhile.

Events with bytes in them, events that ask for an acknowledgement, polling clients, and connections whose socket cannot
be written to directly (TLS in this process, unknown servers) keep the stock path. Written against python-socketio 5.18
and python-engineio 4.15.
"""

import _socket
import socket
import struct
import threading
import time
from collections import deque
from typing import Any

import engineio
import engineio.exceptions
import engineio.packet
import engineio.socket
import socketio
import socketio.packet

# What may wait for one client beyond the kernel's buffer. Who is further behind is cut off: it joins again and fetches.
BACKLOG_BYTES = 256 * 1024
_RETRY_SECONDS = 0.05
_AT_ONCE = 100  # a larger room is sent to in slices, where tasks must give way by themselves
_SLICE_SECONDS = 0.001
_PATIENCE_SECONDS = 0.05
_GOODBYE_SECONDS = 5
_MODES = ("eventlet", "gevent", "threading")
# Sockets of green modes are non-blocking anyway; in threading mode the flag makes this one call so.
_DONT_WAIT = getattr(socket, "MSG_DONTWAIT", None)


def install(socketio_or_server: Any) -> bool:
    """Give a flask_socketio.SocketIO (after init_app) or a socketio.Server the fast path; call it before the first
    client.

    Returns whether it was installed: an unknown async mode, or a system without MSG_DONTWAIT, keeps the stock path
    whole.
    """
    server = getattr(socketio_or_server, "server", socketio_or_server)
    if server.eio.async_mode not in _MODES or _DONT_WAIT is None:
        return False
    # Flask-SocketIO makes these two objects itself, so they get their classes afterwards.
    server.eio.__class__ = _mixed(_Engine, type(server.eio))
    server.eio.prepare()
    server.manager.__class__ = _mixed(_RoomManager, type(server.manager))
    server.manager.prepare()
    return True


def _mixed(ours: type, theirs: type) -> type:
    """A class that is both; a manager with a queue (Redis) keeps its own emit, which ends in ours
    instead of Manager's.
    """
    return ours if issubclass(ours, theirs) else type(f"{ours.__name__}{theirs.__name__}", (theirs, ours), {})


def websocket_frame(message: str | bytes) -> bytes:
    """The message as one final, unmasked websocket frame, text or binary (RFC 6455, 5.2)."""
    opcode, payload = (0x81, message.encode()) if isinstance(message, str) else (0x82, message)
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", opcode, size) + payload
    if size < 65536:
        return struct.pack("!BBH", opcode, 126, size) + payload
    return struct.pack("!BBQ", opcode, 127, size) + payload


class _RoomManager(socketio.Manager):
    """The rooms, with each client's own at hand: the stock manager looks through all rooms whenever somebody leaves,
    and every client is a room by itself, so that at 5,000 clients a goodbye costs it some four milliseconds.
    """

    server: Any

    def prepare(self) -> None:
        self.rooms_of = {}  # sid → its rooms; a sid belongs to one namespace

    def basic_enter_room(self, sid: str, namespace: str, room: Any, eio_sid: str | None = None) -> None:
        super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)
        self.rooms_of.setdefault(sid, set()).add(room)

    def basic_leave_room(self, sid: str, namespace: str, room: Any) -> None:
        super().basic_leave_room(sid, namespace, room)
        rooms = self.rooms_of.get(sid)
        if rooms:
            rooms.discard(room)

    def get_rooms(self, sid: str, namespace: str) -> list[Any]:
        return [room for room in self.rooms_of.get(sid, ()) if room is not None]

    def basic_disconnect(self, sid: str, namespace: str, **kwargs: Any) -> None:
        for room in list(self.rooms_of.pop(sid, ())):
            self.basic_leave_room(sid, namespace, room)
        self.callbacks.pop(sid, None)
        for pending in (self.pending_connect, self.pending_disconnect):
            if sid in pending.get(namespace, ()):
                pending[namespace].remove(sid)
                if not pending[namespace]:
                    del pending[namespace]

    def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: Any = None,
        skip_sid: Any = None,
        callback: Any = None,
        to: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Manager.emit, with one frame for all websocket clients of the room."""
        room = to or room
        arguments = list(data) if isinstance(data, tuple) else [] if data is None else [data]
        encoded = None
        if not callback and namespace in self.rooms:
            encoded = self.server.packet_class(
                socketio.packet.EVENT, namespace=namespace, data=[event, *arguments]
            ).encode()
        if not isinstance(encoded, str):
            # An acknowledgement needs an id per client; bytes travel as several packets. Neither is worth a path of its
            # own.
            return super().emit(event, data, namespace, room=room, skip_sid=skip_sid, callback=callback, **kwargs)
        packet = engineio.packet.Packet(engineio.packet.MESSAGE, encoded)
        frame = websocket_frame(packet.encode())  # pyrefly: ignore[bad-argument-type]
        skipped = skip_sid if isinstance(skip_sid, list) else [skip_sid]
        engine, now = self.server.eio, time.time()
        sockets, participants = engine.sockets, list(self.get_participants(namespace, room))
        in_slices = engine.is_green and len(participants) > _AT_ONCE
        for sid, eio_sid in participants:
            if sid in skipped:
                continue
            connection = sockets.get(eio_sid)
            # Polling clients, and those who are gone or overdue, are the stock path's.
            if connection is None or connection.push is None or connection.closed or connection.is_overdue(now):
                self.server._send_eio_packet(eio_sid, packet)
            elif in_slices:
                connection.put(frame)
            else:
                connection.write(frame)


class _Engine(engineio.Server):
    def prepare(self) -> None:
        self.is_green = self.async_mode != "threading"
        self.socket_class = _DirectSocket if self.is_green else _LockedSocket
        self.pings = (
            deque()
        )  # (when due by time.monotonic, connection); the interval is the same for all, so it is in order
        self.ready = deque()  # connections with a backlog that nobody has tried to send yet
        self.behind = set()  # connections with a backlog that the kernel did not take
        self.lock = threading.Lock()  # guards the start and the end of the tasks
        self.pinging = self.sweeping = self.flushing = False

    def handle_request(self, environ: dict[str, Any], start_response: Any) -> Any:
        # One frame for all clients means no compression with a state per client.
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return super().handle_request(environ, start_response)

    def _trigger_event(self, event: str, *args: Any, **kwargs: Any) -> Any:
        # The connect event is the first thing that happens to a new connection; nothing but OPEN waits in its queue
        # yet.
        if event == "connect" and type(self.sockets[args[0]]) is engineio.socket.Socket:
            self.sockets[args[0]].__class__ = self.socket_class
        return super()._trigger_event(event, *args, **kwargs)

    def ping_later(self, connection: "_DirectSocket") -> None:
        self.pings.append((time.monotonic() + self.ping_interval, connection))
        with self.lock:
            start, self.pinging = not self.pinging, True
        if start:
            self.start_background_task(self._ping_all)

    def _ping_all(self):
        """Send each ping when it is due, until no connection waits for one."""
        while True:
            with self.lock:
                if not self.pings:
                    self.pinging = False
                    return
            due, connection = self.pings.popleft()
            wait = due - time.monotonic()
            if wait > 0:
                self.sleep(wait)
            if not connection.closing and not connection.closed:
                connection.last_ping = time.time()
                try:
                    connection.send(engineio.packet.Packet(engineio.packet.PING))
                except Exception:  # One connection's end must not end the pings of all.
                    self.logger.exception("%s: the ping was not sent", connection.sid)

    def sweep_later(self, connection: "_DirectSocket") -> None:
        self.ready.append(connection)
        if not self.sweeping:
            self.sweeping = True
            self.start_background_task(self._sweep)

    def _sweep(self):
        """Send a large room's frames, giving way to requests every millisecond; but who waits last
        shall not wait long.
        """
        patient_until = time.perf_counter() + _PATIENCE_SECONDS
        while self.ready:
            until = time.perf_counter() + _SLICE_SECONDS
            while self.ready and not until < time.perf_counter() < patient_until:
                connection = self.ready.popleft()
                if not connection.flush():
                    self.flush_later(connection)
            self.sleep(0)
        self.sweeping = False

    def flush_later(self, connection: "_DirectSocket") -> None:
        with self.lock:
            self.behind.add(connection)
            start, self.flushing = not self.flushing, True
        if start:
            self.start_background_task(self._flush_all)

    def _flush_all(self):
        """Offer the slow clients their backlog again and again, until all have caught up or are gone."""
        while True:
            self.sleep(_RETRY_SECONDS)
            with self.lock:
                behind = list(self.behind)
            done = {connection for connection in behind if connection.flush()}
            with self.lock:
                self.behind -= {connection for connection in done if not connection.backlog}
                if not self.behind:
                    self.flushing = False
                    return


class _DirectSocket(engineio.socket.Socket):
    """A websocket connection whose frames are written where they arise.

    In green modes nothing in here gives way to others.
    """

    last_ping: Any  # of the library: seconds since 1970, or None
    push: Any = None  # the raw socket's send, once the websocket stands; None: the stock path, with its queue
    raw: Any = None
    websocket: Any = None
    backlog: Any = ()  # a deque of frames, once attached
    waiting = 0  # bytes in the backlog
    goodbye = None  # when a closing connection stops trying to deliver its backlog

    def is_overdue(self, now: float) -> bool:
        return bool(self.last_ping) and now - self.last_ping > self.server.ping_timeout

    def schedule_ping(self) -> None:
        if self.last_ping:
            self.last_ping = None
            self.server.ping_later(self)

    def send(self, pkt: Any) -> None:
        if self.push is None:
            super().send(pkt)
        elif self.check_ping_timeout():
            self.write(websocket_frame(pkt.encode()))

    def write(self, frame: bytes) -> None:
        """Send a frame, now if nothing waits and the kernel takes it, else as soon as it does; never waits."""
        if not self.backlog:
            try:
                sent = self.push(frame, _DONT_WAIT)
            except BlockingIOError:
                sent = 0
            except OSError:
                self.drop()
                return
            if sent == len(frame):
                return
            frame = frame[sent:]
            self.keep(frame)
            self.server.flush_later(self)
        else:
            self.keep(frame)

    def put(self, frame: bytes) -> None:
        """Send a frame with the next sweep; what is written meanwhile comes after it."""
        if not self.backlog:
            self.server.sweep_later(self)
        self.keep(frame)

    def keep(self, frame: bytes) -> None:
        if self.backlog and self.waiting + len(frame) > BACKLOG_BYTES:
            self.flush()
            if self.backlog and self.waiting + len(frame) > BACKLOG_BYTES:
                self.drop()
                return
        self.backlog.append(frame)
        self.waiting += len(frame)

    def flush(self) -> bool:
        """Write what waits, as far as it goes. Returns whether nothing waits any more."""
        while self.backlog:
            frame = self.backlog[0]
            try:
                sent = self.push(frame, _DONT_WAIT)
            except BlockingIOError:
                sent = 0
            except OSError:
                self.drop()
                break
            self.waiting -= sent
            if sent < len(frame):
                self.backlog[0] = frame[sent:]
                if self.goodbye is not None and time.monotonic() > self.goodbye:
                    self.drop()
                    break
                return False
            self.backlog.popleft()
        if self.goodbye is not None:
            self.hang_up()
        return True

    def drop(self) -> None:
        """Cut the client off. Its reading task sees the end of the stream and closes the connection the usual way."""
        self.push = _nowhere
        self.backlog.clear()
        self.waiting = 0
        try:
            self.raw.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def hang_up(self) -> None:
        self.goodbye = None
        library = getattr(self.websocket, "ws", None)
        if library and not library.connected:
            library.thread.join(1)  # It may still be answering the client's close.
        if self.raw.fileno() != -1:  # eventlet complains on stderr about what is closed already
            try:
                self.websocket.close()
                self.raw.shutdown(socket.SHUT_WR)  # simple-websocket leaves the end of the stream to the web server
            except OSError:
                pass
        self.push = _nowhere
        self.backlog.clear()

    def close(self, wait: bool = True, abort: bool = False, reason: Any = None) -> None:
        if self.push is None:
            super().close(wait=wait, abort=abort, reason=reason)
        elif not self.closed and not self.closing:
            self.closing = True
            self.server._trigger_event(
                "disconnect", self.sid, reason or self.server.reason.SERVER_DISCONNECT, run_async=False
            )
            if not abort:
                self.send(engineio.packet.Packet(engineio.packet.CLOSE))
            self.closed = True
            if self.backlog and not abort:
                self.goodbye = time.monotonic() + _GOODBYE_SECONDS  # flush() hangs up
            else:
                self.hang_up()

    def attach(self, websocket: Any) -> bool:
        """Take over the writing of a websocket. Returns whether its socket allows that."""
        library = getattr(websocket, "ws", None)  # simple-websocket, in threading and gevent; eventlet's has none
        green = library.sock if library else getattr(websocket, "socket", None)
        # eventlet keeps the system's socket in `fd`, gevent in `_sock`; both patch the names in `socket`, so the type
        # is asked of `_socket`.
        raw = getattr(green, "fd", None) or getattr(green, "_sock", green)
        if not isinstance(raw, _socket.socket) or hasattr(green, "do_handshake") or hasattr(raw, "do_handshake"):
            return False
        if self.server.async_mode == "threading" and raw.gettimeout() is not None:
            return False  # With a timeout Python waits before it sends, whatever the flag says.
        if raw.family in (socket.AF_INET, socket.AF_INET6):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.websocket, self.raw, self.backlog = websocket, raw, deque()
        # The library's own frames (pong, close) go the same way, or they could cut one of ours in two.
        if library:
            library.sock = _Wire(green, self)
        else:
            websocket._send = self.write
        self.push = raw.send
        empty = self.server.get_queue_empty_exception()
        try:
            while True:
                self.send(self.queue.get(block=False))
                self.queue.task_done()
        except empty:
            return True

    def _websocket_handler(self, ws: Any) -> Any:
        """The stock handler of a connection that begins as a websocket, without its writer task."""
        if self.connected or not self.attach(ws):
            return super()._websocket_handler(ws)
        if hasattr(getattr(ws, "socket", None), "settimeout"):
            ws.socket.settimeout(self.server.ping_interval + self.server.ping_timeout)
        self.connected = self.upgraded = True
        while not self.closed:  # whoever was closed and goes on sending keeps no place
            try:
                data = ws.wait()
                if data is None or len(data) > self.server.max_http_buffer_size:
                    break
                self.receive(engineio.packet.Packet(encoded_packet=data))
            except engineio.exceptions.UnknownPacketError:
                pass
            except (engineio.exceptions.SocketIsClosedError, OSError, EOFError):
                break
            except Exception:
                if not self.closed:
                    self.server.logger.exception("%s: closing the connection after an error", self.sid)
                break
        self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
        return []


class _LockedSocket(_DirectSocket):
    """The same where real threads write to one client at once."""

    def attach(self, websocket: Any) -> bool:
        self.lock = threading.RLock()
        return super().attach(websocket)

    def write(self, frame: bytes) -> None:
        with self.lock:
            super().write(frame)

    def flush(self) -> bool:
        with self.lock:
            return super().flush()

    def drop(self) -> None:
        with self.lock:
            super().drop()


class _Wire:
    """Stands where simple-websocket keeps its socket, so that its frames pass through write() too."""

    def __init__(self, sock: Any, connection: _DirectSocket) -> None:
        self._sock, self._connection = sock, connection

    def send(self, data: Any) -> int:
        self._connection.write(data)
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def _nowhere(frame: bytes, flags: int) -> int:
    return len(frame)
