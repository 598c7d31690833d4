"""live/fanout.py against python-socketio as it comes: what a client receives is the same, byte for byte, in every mode
that we run.
"""

import ast
import importlib.metadata
import json
import random
import re
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import socketio

from live import fanout
from live.fanout import BACKLOG_BYTES, websocket_frame

ROOT = Path(__file__).resolve().parents[2]
MODES = ["eventlet", "threading"]


class Server:
    """bench/fanout_server.py in a process of its own."""

    def __init__(self, mode, *options):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "bench.fanout_server", "--mode", mode, *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.process.stdout.readline())
        self.clients = []

    def emit(self, event, data=None, **how):
        self.emit_all([{"event": event, "data": data, **how}])

    def emit_all(self, events):
        """All of these without a pause between them."""
        body = json.dumps(events).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/emit", body, timeout=10) as answer:
            assert answer.status == 200

    def state(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/state", timeout=10) as answer:
            return json.load(answer)

    def end(self):
        for client in self.clients:
            client.sock.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Client:
    """A websocket client that keeps every byte it is sent."""

    def __init__(self, server, namespaces=("/",), receive_buffer=None):
        self.sock = socket.socket()
        server.clients.append(self)
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(8)
        self.sock.connect(("127.0.0.1", server.port))
        self.sock.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: "
            b"websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        self.bytes, self.read, self.sids = b"", 0, {}
        while b"\r\n\r\n" not in self.bytes:
            self.more()
        self.head, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        self.message()
        for namespace in namespaces:
            prefix = "" if namespace == "/" else namespace + ","
            self.send(f"40{prefix}")
            self.sids[namespace] = json.loads(self.message().removeprefix(f"40{prefix}"))["sid"]

    def more(self):
        data = self.sock.recv(65536)
        if not data:
            raise EOFError
        self.bytes += data

    def send(self, text, opcode=0x81):
        payload = text.encode()
        size = (
            struct.pack("!B", 0x80 | len(payload))
            if len(payload) < 126
            else struct.pack("!BH", 0x80 | 126, len(payload))
        )
        self.sock.sendall(bytes([opcode]) + size + bytes(4) + payload)  # the mask 0 leaves the payload as it is

    def message(self):
        """The payload of the next frame: text, or bytes of a binary or control frame."""
        while True:
            with suppress(IndexError, struct.error):
                first, size = self.bytes[self.read], self.bytes[self.read + 1]
                at = self.read + 2
                if size == 126:
                    size, at = struct.unpack_from("!H", self.bytes, at)[0], at + 2
                elif size == 127:
                    size, at = struct.unpack_from("!Q", self.bytes, at)[0], at + 8
                if len(self.bytes) >= at + size:
                    self.read = at + size
                    payload = self.bytes[at : at + size]
                    return payload.decode() if first == 0x81 else payload
            self.more()

    def join(self, room, namespace="/"):
        prefix = "" if namespace == "/" else namespace + ","
        self.send(f"42{prefix}" + json.dumps(["join", {"room": room}]))
        assert self.message() == f'42{prefix}["joined",{{"seq":0}}]'
        return self

    def until(self, text):
        """Every message up to the one that contains this text."""
        found = []
        while not found or text not in found[-1]:
            message = self.message()
            found.append(message if isinstance(message, str) else repr(message))
        return found

    def all_bytes(self, names):
        """What came so far, with the ids that differ from run to run replaced."""
        text = re.sub(rb'"sid":"[^"]+"', b'"sid":"..."', self.bytes[: self.read])
        for name, sid in names.items():
            text = text.replace(sid.encode(), name.encode())
        return self.head + b"\r\n\r\n" + text

    def gone(self):
        """Whether the server ends the connection while we read on."""
        try:
            while True:
                self.message()
        except (EOFError, ConnectionError):
            return True
        except TimeoutError:
            return False


@contextmanager
def running(mode, *options):
    server = Server(mode, *options)
    try:
        yield server
    finally:
        server.end()


@pytest.fixture(scope="module", params=MODES)
def pair(request):
    """The fast and the stock server of one mode."""
    with running(request.param) as fast, running(request.param, "--stock") as stock:
        yield fast, stock


@pytest.fixture(scope="module", params=MODES)
def fast(request):
    with running(request.param) as server:
        yield server


def play(server):
    """The same evening on any server: three clients, two rooms, two namespaces, every kind of event.

    Returns the bytes of each.
    """
    asha, ben, cleo = Client(server, ["/", "/staff"]), Client(server), Client(server, ["/staff"])
    asha.join("match:1").join("match:2").join("staff", "/staff")
    ben.join("match:1")
    cleo.join("staff", "/staff")
    nested = {
        "seq": 7,
        "patch": [[["now", "batters", 0], {"name": "Zoë Ω 🏏", "runs": 12.5, "out": None}], [["line"]]],
        "ok": True,
    }
    server.emit("match_update", nested, room="match:1")
    server.emit("match_update", {"seq": 8}, room="match:2")
    server.emit("announcement", "plain text", room="match:1", skip=ben.sids["/"])
    server.emit("announcement", ["two", "arguments"], several=True)
    server.emit("bare")
    server.emit("picture", {"name": "cap"}, bytes="AAEC/w==", room="match:1")
    server.emit("after_bytes", 1, room="match:1")
    server.emit("booking_notification", {"stand": "North"}, room="staff", namespace="/staff")
    server.emit("to_one", {"n": 1}, room=asha.sids["/"])
    server.emit("question", {"n": 2}, room=asha.sids["/"], ack=True)
    server.emit("to_two_rooms", {"n": 3}, room=["match:1", "match:2"])
    server.emit("empty_room", {}, room="nobody")
    server.emit("nowhere", {}, room="match:1", namespace="/other")
    server.emit("edge_125", "x" * (125 - len('42["edge_125",""]')), room="match:1")
    server.emit("edge_126", "x" * (126 - len('42["edge_126",""]')), room="match:1")
    server.emit("edge_64k", "é" * 70_000, room="match:1")
    server.emit("burst", {"pad": "y" * 200}, room="match:1", times=200, numbered=True)
    server.emit("end")
    server.emit("end", namespace="/staff")
    heard = asha.until('/staff,["end"]'), ben.until('["end"]'), cleo.until('["end"]')
    assert len(heard[0]) == 217 and len(heard[1]) == 211 and len(heard[2]) == 2
    names = {"<asha>": asha.sids["/"], "<asha at staff>": asha.sids["/staff"]}
    return [client.all_bytes(names) for client in (asha, ben, cleo)]


def test_every_client_receives_the_stock_bytes(pair):
    fast, stock = (play(server) for server in pair)
    assert fast == stock


def test_a_large_room_receives_the_stock_bytes_in_the_stock_order(pair):
    """What is sent to one client while a sweep is under way comes after it; bytes and long messages keep their place,
    too.
    """
    heard = []
    for server in pair:
        crowd = [Client(server).join("large") for _ in range(110)]
        first, last = crowd[0].sids["/"], crowd[-1].sids["/"]
        server.emit_all(
            [
                *({"event": "update", "data": {"n": n, "pad": "x" * 300}, "room": "large"} for n in range(30)),
                {"event": "to_one", "data": 1, "room": last},
                {"event": "picture", "data": "cap", "bytes": "AAEC", "room": "large"},
                {"event": "long", "data": "é" * 60_000, "room": "large", "skip": first},
                {"event": "to_one", "data": 2, "room": last},
                {"event": "update", "data": {"n": "more"}, "room": "large", "times": 30, "numbered": True},
                {"event": "end", "data": None, "room": "large"},
            ]
        )
        for client in crowd:
            client.until('["end"]')
        heard.append([client.all_bytes({}) for client in crowd])
    assert heard[0] == heard[1]


def test_an_acknowledgement_comes_back(pair):
    for server in pair:
        client = Client(server)
        server.emit("question", {"n": 1}, room=client.sids["/"], ack=True)
        number = re.match(r"42(\d+)", client.message())[1]
        client.send(f'43{number}["acknowledged by {client.sids["/"]}"]')
        wait_for(lambda s=server, c=client: any(c.sids["/"] in str(a) for a in s.state()["answers"]))


def test_the_rooms_are_those_of_the_stock_manager():
    """After any coming, joining, leaving, closing and going the two managers hold the same."""
    stock, ours = (socketio.Server(async_mode="threading") for _ in range(2))
    assert fanout.install(ours)
    chance = random.Random(5)
    sids = {name: [] for name in ("/", "/staff")}
    managers = stock.manager, ours.manager
    for step in range(2000):
        namespace, room = chance.choice(["/", "/staff"]), chance.choice(["match:1", "match:2", "event:1"])
        there = sids[namespace]
        what = chance.choice(["come", "come", "join", "join", "join", "leave", "go", "close"])
        for manager in managers:
            if what == "come":
                manager.server.eio.generate_id = lambda step=step: f"sid{step}"
                assert manager.connect(f"eio{step}", namespace) == f"sid{step}"
            elif there and what == "close":
                if step % 10 == 0:
                    manager.basic_close_room(room, namespace)
            elif there:
                sid = there[step % len(there)]
                if what == "join":
                    manager.basic_enter_room(sid, namespace, room)
                elif what == "leave":
                    manager.basic_leave_room(sid, namespace, room)
                else:
                    manager.pre_disconnect(sid, namespace)
                    manager.basic_disconnect(sid, namespace)
        if what == "come":
            there.append(f"sid{step}")
        elif what == "go" and there:
            there.pop(step % len(there))
        for name in ("rooms", "pending_connect", "pending_disconnect", "callbacks"):
            assert getattr(ours.manager, name) == getattr(stock.manager, name)
    assert set(ours.manager.rooms_of) == {sid for all_of_it in sids.values() for sid in all_of_it}


# What live/fanout.py was written against, and what it overrides or uses of theirs that they promise nobody.
PINNED = {"python-socketio": "5.18.1", "python-engineio": "4.15.1", "eventlet": "0.41.3", "simple-websocket": "1.1.0"}
REACHED = {
    "_send_eio_packet": ("socketio", "Server"),
    "_trigger_event": ("engineio", "Server"),
    "_websocket_handler": ("engineio.socket", "Socket"),
    "_send": ("eventlet.websocket", "RFC6455WebSocket"),
}
OURS = {"_sweep", "_flush_all", "_ping_all", "_mixed", "_nowhere", "_connection"}


def test_an_upgrade_of_the_libraries_asks_for_a_look_at_what_fanout_reaches_into():
    there = {name: importlib.metadata.version(name) for name in PINNED}
    assert there == PINNED, (
        "live/fanout.py replaces the manager's emit and rooms, the engine's connect event, and a socket's send, close "
        "and _websocket_handler. Read what the new versions changed in them, run this file and bench.fanout, then name "
        "them in PINNED."
    )
    tree = ast.parse((ROOT / "live/fanout.py").read_text())
    named = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    named |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert {n for n in named if n.startswith("_") and not n.endswith("__")} - OURS - {"_sock"} == set(
        REACHED
    )  # gevent's, which is not installed here
    # In a process of its own: eventlet, once imported, changes how other libraries wait in this one.
    reached = [(module, owner, name) for name, (module, owner) in REACHED.items()]
    look = (
        "import importlib\n"
        f"for module, owner, name in {reached!r}:\n"
        "    if not hasattr(getattr(importlib.import_module(module), owner), name): print(module, owner, name)"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", look], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    gone = done.stdout.split("\n")[:-1]
    assert not gone, f"live/fanout.py reaches for {gone}, which its library has no more"


def test_the_frame_is_what_the_libraries_make():
    from wsproto.frame_protocol import FrameProtocol

    for size in (0, 1, 125, 126, 65535, 65536):
        for message in ("x" * size, b"x" * size):
            assert websocket_frame(message) == FrameProtocol(client=False, extensions=[]).send_data(message, fin=True)


def fill(server, quick, room, enough):
    """Emit numbered events, each read at once by the quick client, until enough bytes wait for the slow one (or it is
    gone).
    """
    n = 0
    for _ in range(1000):
        if enough(server.state()):
            return n
        for _ in range(10):
            began = time.monotonic()
            server.emit("update", {"pad": "z" * 15_000, "n": n}, room=room)
            assert quick.until('"n":')[-1].endswith(f'"n":{n}}}]')
            assert time.monotonic() - began < 2
            n += 1
    pytest.fail("the slow client's buffers never filled")


def test_a_slow_client_holds_nobody_up_and_gets_everything_in_order(fast):
    """It reads nothing until its kernel's buffers are full and a backlog has begun; fast and stock messages come in
    their order.
    """
    slow, quick = Client(fast, receive_buffer=4096).join("slow"), Client(fast).join("slow")
    sent = fill(fast, quick, "slow", lambda state: 0 < state["waiting"] < BACKLOG_BYTES)
    fast.emit("picture", {"n": "bytes"}, bytes="AAEC", room="slow")
    fast.emit("update", {"n": "last"}, room="slow")
    assert quick.until('"last"')
    heard = slow.until('"last"')
    assert [int(n) for n in re.findall(r'"n":(\d+)}', " ".join(heard))] == list(range(sent))
    assert [message[:4] for message in heard[-3:]] == ["451-", "b'\\x", '42["']
    wait_for(lambda: fast.state()["waiting"] == 0)
    fast.emit("update", {"n": "caught up"}, room="slow")
    assert slow.until("caught up") == quick.until("caught up")


def test_a_client_too_far_behind_is_cut_off_and_the_others_are_not(fast):
    slow, quick = Client(fast, receive_buffer=4096).join("far"), Client(fast).join("far")
    fill(fast, quick, "far", lambda state: slow.sids["/"] not in state["rooms"])
    assert slow.gone()
    fast.emit("update", {"n": "on"}, room="far")
    assert quick.until('"on"')


def test_a_client_that_vanishes_is_forgotten(fast):
    quick, gone = Client(fast).join("left"), Client(fast).join("left")
    gone.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset instead of a goodbye
    gone.sock.close()
    for n in range(20):
        fast.emit("update", {"n": n}, room="left")
    assert len(quick.until('"n":19')) == 20
    wait_for(lambda: gone.sids["/"] not in fast.state()["rooms"])


def test_both_sides_can_say_goodbye(pair):
    for server in pair:
        client = Client(server).join("bye")
        client.send("", opcode=0x88)
        assert client.message() in (b"", b"\x03\xe8")
        wait_for(lambda s=server: "bye" not in s.state()["rooms"])


def test_pings_keep_a_client_and_silence_loses_it():
    with running("eventlet", "--ping-interval", "0.3", "--ping-timeout", "0.5") as server:
        silent, lively = Client(server), Client(server)
        threading.Thread(target=silent.gone, daemon=True).start()
        for _ in range(5):
            assert lively.message() == "2"
            lively.send("3")
        wait_for(lambda: silent.sids["/"] not in server.state()["rooms"])
        assert lively.sids["/"] in server.state()["rooms"]


def wait_for(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
