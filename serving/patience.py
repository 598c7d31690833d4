"""How long a connection is waited for: until a request has come whole, and until its answer is taken.

A timeout of a single read lets somebody live for ever who sends a byte now and then. So what counts is the time that
was spent waiting over a whole head, body or answer, and a body and an answer earn more by every byte that moves: slow
phones get through, a drip does not. Websockets are not touched; they have pings of their own.
"""

import io
import resource
import socket
import struct
import time
from collections.abc import Callable, Iterable
from typing import Any

from live.handshake import refuse
from outside import whole_number
from web.errors import PAGES

RATE = 1024  # bytes a second that keep a body or an answer alive: half of what the slowest phone network gives
IDLE = 5  # a connection between two requests is kept this many times as long as a head is waited for
WHOLE_BODY = 8  # and no body is waited for longer than this many times
OVER = 4  # bytes of a body are read up to this many times what is taken, so that who sends a little much hears so


class Wait:
    """So many seconds of waiting, which bytes that move earn back at `rate`; never more than `longest` seconds in all,
    nor `most` bytes.
    """

    def __init__(self, seconds: float, rate: float = 0, longest: float = 1e9, most: int = 1 << 62) -> None:
        self.seconds, self.rate, self.longest, self.most = seconds, rate, longest, most
        self.left = seconds

    def run(self, sock: Any, work: Callable[[Any], int], data: Any) -> int:
        """`work(data)` on a socket within what is left, or TimeoutError."""
        if self.most < 0:
            raise ConnectionAbortedError("more than anything we take")
        left = min(self.left, self.longest)
        if left <= 0:
            raise TimeoutError("waited long enough")
        moved, began = 0, time.monotonic()
        sock.settimeout(left)
        try:
            moved = work(data)
        finally:
            waited = time.monotonic() - began
            self.left, self.longest = self.left - waited, self.longest - waited
            if sock.fileno() != -1:
                sock.settimeout(None)  # a websocket takes the socket over as it is
        if self.rate:
            self.left = min(self.seconds, self.left + moved / self.rate)
        self.most -= moved
        return moved


class _Reader(io.RawIOBase):
    def __init__(self, sock: Any) -> None:
        self.sock, self.wait = sock, Wait(0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self.wait.run(self.sock, self.sock.recv_into, buffer)


class _Writer(io.RawIOBase):
    def __init__(self, sock: Any) -> None:
        self.sock, self.wait, self.is_over = sock, Wait(0), False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self.is_over:
            return len(data)  # nobody takes it; what closes the connection must not wait again
        try:
            return self.wait.run(self.sock, self.sock.send, data)
        except OSError:
            self.is_over = True
            # And closing it forgets what the kernel still holds for it, megabytes perhaps.
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise


def patient(handler: type, seconds: float, most: int) -> type:
    """A handler of http.server (eventlet's or Werkzeug's) that waits `seconds` for a request's head, reads no more than
    OVER * `most` bytes of its body, and lets go of who does not take the answer.
    """

    class Patient(handler):
        served = False

        def setup(self) -> None:
            super().setup()
            for theirs in (self.rfile, self.wfile):
                theirs.close()
            self.reading, self.writing = _Reader(self.connection), _Writer(self.connection)
            self.rfile, self.wfile = io.BufferedReader(self.reading), io.BufferedWriter(self.writing, 16 * 1024)

        def handle_one_request(self) -> None:
            self.reading.wait = Wait(seconds * IDLE if self.served else seconds)
            self.writing.wait = Wait(2 * seconds, RATE)
            try:
                if self.rfile.closed or not self.rfile.peek(1):
                    self.close_connection = True
                    return
                self.reading.wait = Wait(seconds)
                super().handle_one_request()
            except (TimeoutError, ConnectionError):
                self.close_connection = True
            self.served = True

        def parse_request(self) -> bool:
            parsed = super().parse_request()
            self.reading.wait = Wait(seconds, RATE, WHOLE_BODY * seconds, OVER * most)
            return parsed

    return Patient


class WholeBody:
    """WSGI in front of the application: a request is answered once it is there whole, so that one which never comes
    keeps neither a connection of the database nor a lock. What is larger than `most` bytes is left to the application,
    which refuses it unread.
    """

    def __init__(self, wsgi_app: Any, most: int) -> None:
        self.wsgi_app, self.most = wsgi_app, most

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        is_chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
        length = environ.get("CONTENT_LENGTH") or "0"
        said = whole_number(length)
        if said is None:
            return _refuse(start_response, 400, "Bad Request")  # Python would read +1 and 1_0 as numbers
        wanted = self.most + 1 if is_chunked else said
        if wanted == 0 or (wanted > self.most and not is_chunked):
            return self.wsgi_app(environ, start_response)
        try:
            body = environ["wsgi.input"].read(wanted)
        except TimeoutError:
            return _refuse(start_response, 408, "Request Timeout")
        except (OSError, ValueError):
            body = b""
        if not is_chunked and len(body) < wanted:
            return _refuse(start_response, 400, "Bad Request")
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return self.wsgi_app(environ, start_response)


def _refuse(start_response: Any, status: int, reason: str) -> list[bytes]:
    _, sentence, code = PAGES[status]
    return refuse(start_response, f"{status} {reason}", code, sentence)


def most_connections(wanted: int) -> int:
    """So many connections, or as many as this process may open files for, once it has asked for all that it may.

    A server that cannot accept for want of a file would end.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return wanted if hard == resource.RLIM_INFINITY else max(1, min(wanted, hard - 200))
