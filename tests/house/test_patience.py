"""What is sent by halves, or taken by halves, is let go; nobody else notices. In both modes that the product serves in.

The server is the product's own with a small application behind it, and waits one second where the product waits
fifteen.
"""

import contextlib
import socket
import subprocess
import sys
import time

import pytest

from config import PROJECT_DIR
from tests.support.live_house import MODES, until

SERVER = """
import socket, sys, types
if sys.argv[1] == "eventlet":
    import warnings
    warnings.simplefilter("ignore")
    import eventlet
    eventlet.monkey_patch()
from flask import Flask, request
from serving import run

app = Flask("small")
app.config.update(SETTINGS=types.SimpleNamespace(request_seconds=1), MAX_CONTENT_LENGTH=50_000)
reading = []

@app.get("/")
def page():
    return f"reading {len(reading)}"

@app.post("/")
def echo():
    reading.append(1)
    data = request.get_data()
    reading.pop()
    return data

@app.get("/large")
def large():
    return b"x" * 30_000_000

listener = socket.create_server(("127.0.0.1", 0), backlog=512)
(run._serve_green if sys.argv[1] == "eventlet" else run._serve_threaded)(app, listener)
print(listener.getsockname()[1], flush=True)
sys.stdin.read() if sys.argv[1] == "threading" else eventlet.sleep(600)
"""

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n"
HALVES = {
    "nothing": b"",
    "a line": b"GET / HT",
    "a head": b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ",
    "a body": HEAD + b"\r\n12345",
    "a chunk": b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12",
    "after a whole one": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HT",
}


@pytest.fixture(scope="module", params=MODES)
def port(request):
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, request.param], cwd=PROJECT_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield int(process.stdout.readline())
        process.kill()


@pytest.fixture
def dial(port):
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(socket.create_connection(("127.0.0.1", port), 20))


def said(wire):
    """Everything until the server ends the connection."""
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := wire.recv(65536):
            parts.append(part)
    return b"".join(parts)


def ask(dial, request=b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"):
    wire = dial()
    wire.sendall(request)
    return said(wire)


def test_what_is_sent_by_halves_is_let_go_and_nobody_waits_for_it(dial):
    wires = {(name, n): dial() for name in HALVES for n in range(10)}
    for (name, _), wire in wires.items():
        wire.sendall(HALVES[name])
    answer = ask(dial)
    assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"reading 0"), "no half of a body reaches the pages"
    for (name, _), wire in wires.items():
        heard = said(wire)  # ends, or this test does
        assert (b" 408 " in heard) == (name in ("a body", "a chunk")), (name, heard)


@pytest.mark.parametrize("begin", [b"GET / HTTP/1.1\r\nX: ", HEAD.replace(b" 10", b" 40000") + b"\r\n"])
def test_a_drip_is_let_go(dial, begin):
    """Each byte comes well before a timeout of one read."""
    wire = dial()
    wire.sendall(begin)

    def is_over():
        try:
            wire.sendall(b"x")
        except OSError:
            return True
        time.sleep(0.2)

    until(is_over)


def test_a_body_that_comes_slowly_but_comes_is_taken(dial):
    wire = dial()
    wire.sendall(HEAD.replace(b" 10", b" 9000") + b"Connection: close\r\n\r\n")
    for _ in range(9):
        time.sleep(0.3)
        wire.sendall(b"x" * 1000)
    assert said(wire).endswith(b"x" * 9000)


def test_whole_bodies_arrive_as_they_are(dial):
    for body in (b"", b"1234567890", bytes(range(256)) * 195):
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        answer = ask(dial, head.encode() + body)
        assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"\r\n\r\n" + body)
    chunked = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    assert ask(dial, chunked + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").endswith(b"\r\n\r\nabcde")
    for odd in (b"+5", b"1_0"):
        assert b" 400 " in ask(dial, HEAD.replace(b"10", odd) + b"Connection: close\r\n\r\n1234567890")
    for large in (b"Content-Length: 900000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\ndbba0\r\n"):
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + large
        assert b" 413 " in ask(dial, head + b"x" * 60_000)


def test_who_does_not_take_the_answer_is_let_go(port, dial):
    wire = dial()
    wire.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
    until(lambda: not remains(port, wire.getsockname()[1]))
    assert ask(dial).startswith(b"HTTP/1.1 200")


def remains(port, ours):
    """Whether the server's kernel still has this connection of ours, with what was to be sent on it."""
    with open("/proc/net/tcp") as table:
        rows = [line.split()[1:3] for line in table.readlines()[1:]]
    return any((here[-5:], there[-5:]) == (f":{port:04X}", f":{ours:04X}") for here, there in rows)
