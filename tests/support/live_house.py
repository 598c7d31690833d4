"""A house for the live layer's tests: real web processes, a real Redis, a process that only publishes, and real
clients.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import engineio
import pytest
import socketio
import websocket
from sqlalchemy import create_engine

from accounts.sessions import hash_of
from config import PROJECT_DIR, child_environment
from tests.conftest import Rows
from tests.support.cast import build_ground
from tests.support.prepared import prepared_database

MODES = ["eventlet", "threading"]


def free_port(taken=set()):  # noqa: B006 - one set for the whole run is the point
    """A port that is free now, that the kernel does not hand out by itself, and that no other test of this run was
    given.
    """
    for port in range(22000 + os.getpid() % 1000, 32000, 13):
        with socket.socket() as probe:
            if port not in taken:
                try:
                    probe.bind(("127.0.0.1", port))
                    taken.add(port)
                    return port
                except OSError:
                    continue
    raise AssertionError("no free port")


def until(true, seconds=30, what="what was waited for"):
    """Wait until this is true; generous, for nobody is timed here."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, f"{what} did not come about within {seconds} s"
        time.sleep(0.03)
    return found


class House:
    """A database of its own with a ground and people, and the processes that a test starts."""

    def __init__(self, home, settings, rows):
        self.home, self.settings, self.rows = home, settings, rows
        self.ground = build_ground(rows)
        self.ids = {}
        for name in ("asha", "omar", "petra"):
            email = f"{name}@example.org"
            self.ids[name] = rows.value(
                "insert into customer (kind, name, email, email_key) values ('fan', :n, :e, :e) returning id",
                n=name,
                e=email,
            )
        for name, stadium in (("omar", self.ground.stadium), ("petra", self.ground.other_stadium)):
            rows("insert into staff_role values (:c, :s, 'owner', now())", c=self.ids[name], s=stadium)
        self.sessions = 0

    def more_matches(self, count):
        """Ids of so many new matches."""
        made = self.rows(
            """insert into match (stadium_id, home_team_id, away_team_id, competition, number, format, starts_at)
               select m.stadium_id, m.home_team_id, m.away_team_id, 'More', g, m.format, now()
                 from (select * from match limit 1) m, generate_series(1, :n) g returning id""",
            n=count,
        )
        return [row["id"] for row in made]

    def sign_in(self, name):
        """A new session of this person: its token."""
        self.sessions += 1
        token = f"session-{self.sessions}-of-{name}-for-live-tests"
        self.rows(
            "insert into login_session (id_hash, customer_id, expires_at) values (:h, :c, now() + interval '1 day')",
            h=hash_of(token),
            c=self.ids[name],
        )
        return token

    def sign_out(self, token):
        self.rows("update login_session set ended_at = now() where id_hash = :h", h=hash_of(token))

    def environment(self, mode="eventlet", port=None, redis_url="", **more):
        port = port or free_port()
        made = child_environment(replace(self.settings, port=port, public_url=f"http://127.0.0.1:{port}"))
        return {**made, "ASYNC_MODE": mode, "REDIS_URL": redis_url, **more}


class Web:
    """One web process, as `python app.py` starts them. Several may have one port."""

    def __init__(self, house, mode, port=None, redis_url="", **more):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = tempfile.TemporaryFile(dir=house.home)
        environment = house.environment(mode, self.port, redis_url, **more)
        command = [sys.executable, "app.py", "--web-process", str(os.getpid())]
        self.process = subprocess.Popen(
            command, cwd=PROJECT_DIR, env=environment, stdout=self.output, stderr=self.output
        )
        self.clients = []

    def said(self):
        self.output.seek(0)
        return self.output.read().decode()

    def ready(self):
        until(self._answers, 60, "the web process")
        return self

    def _answers(self):
        assert self.process.poll() is None, self.said()
        with contextlib.suppress(OSError):
            return self.get("/healthz").get("status") == "ok"

    def get(self, path, token=None):
        headers = {"Cookie": f"cv_session={token}"} if token else {}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=headers), timeout=10) as answer:
            return json.load(answer)

    def client(self, token=None, **options):
        client = Client(self.url, token, **options)
        self.clients.append(client)
        return client

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def end(self):
        for client in self.clients:
            client.end()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
        self.output.close()


class _OneAfterTheOther(engineio.Client):
    """Hands a message on before it reads the next: python-engineio gives each a thread, and they overtake."""

    def _trigger_event(self, event, *args, **options):
        return super()._trigger_event(event, *args, **{**options, "run_async": False})


class _Socket(socketio.Client):
    def _engineio_client_class(self):
        return _OneAfterTheOther


class Client:
    """A real Socket.IO client that keeps what it is told: (event, payload), in order."""

    def __init__(self, url, token=None, reconnection=False):
        self.told, self.ends = [], 0
        self.sio = _Socket(
            reconnection=reconnection, reconnection_delay=0.1, reconnection_delay_max=1, handle_sigint=False
        )
        self.sio.on("*", lambda event, payload=None: self.told.append((event, payload)))
        self.sio.on("disconnect", self._ended)
        self.refused = None
        self.sio.on("connect_error", lambda reason: setattr(self, "refused", reason))
        self.url, self.headers = url, {"Cookie": f"cv_session={token}"} if token else {}

    def _ended(self, *_):
        self.ends += 1

    def connect(self):
        self.sio.connect(self.url, headers=self.headers, transports=["websocket"], wait_timeout=20)
        return self

    def join(self, kind, number, **more):
        """Join, and wait for the answer: its payload."""
        room = f"{next((closed for closed in ('staff', 'gates') if more.get(closed)), kind)}:{number}"
        before = len(self.told)
        self.sio.emit(f"join_{kind}", {f"{kind}_id": number, **more})
        return until(
            lambda: next(
                (
                    p
                    for e, p in self.told[before:]
                    if e == "subscription_status"
                    and p["room"] == room
                    and "code" in p
                    or e == "subscription_status"
                    and p["room"] == room
                    and ("seq" in p or "version" in p)
                ),
                None,
            ),
            what=room,
        )

    def all(self, event):
        return [payload for name, payload in list(self.told) if name == event]

    def wait_for(self, event, matches=lambda payload: True, seconds=30):
        return until(lambda: next((p for p in self.all(event) if matches(p)), None), seconds, event)

    def end(self):
        with contextlib.suppress(Exception):
            self.sio.disconnect()
        with contextlib.suppress(Exception):
            self.sio.shutdown()


def raw(web, **options):
    """A websocket without Socket.IO's client around it, that has said hello."""
    wire = websocket.create_connection(
        f"ws://127.0.0.1:{web.port}/socket.io/?EIO=4&transport=websocket", timeout=20, **options
    )
    assert wire.recv().startswith("0{")
    wire.send("40")
    while not wire.recv().startswith("40"):
        pass
    return wire


def is_cut(wire):
    """Whether the server ends this connection (it may say something before)."""
    try:
        while wire.recv():
            pass
    except websocket.WebSocketTimeoutException:
        return False
    except (websocket.WebSocketException, OSError):
        pass
    wire.shutdown()
    return True


def heard(wire, words):
    """Read until the server says this."""
    while words not in wire.recv():
        pass


# What a client may not say, once it has said hello.
NOT_MESSAGES = [
    '42["disconnect"]',
    '42["connect"]',
    '42["connect",{}]',
    '42["connect_error"]',
    '42["*"]',
    '42["message","x"]',
    '42["json",{}]',
    '427["disconnect"]',  # asks for an acknowledgement
    '42/,["disconnect"]',
    '42/staff,["disconnect"]',
    '42[["connect"]]',
    '42[{"connect":1}]',
    "42[null]",
    "42[]",
    "42{}",
    "42",
    "42[" + "[" * 5000,
    '4"2[\\"disconnect\\"]"',
    '4{"a":1}',
    "4",
    '451-["disconnect",{"_placeholder":true,"num":0}]',
    '450-["disconnect"]',
    "461-[]",
    "430[]",
    "431[1]",
    "44{}",
    "40",  # a second hello
    "40/staff,",
    "41/staff,",
    "49",
    "bAAEC",  # bytes
]


PUBLISH = """
import json, sys
from app import create_app
import realtime
app = create_app()
print("ready", flush=True)
for line in sys.stdin:
    name, arguments = json.loads(line)
    with app.app_context():
        getattr(realtime, name)(*arguments)
    print("done", flush=True)
"""


class Publisher:
    """A process that serves nobody, as jobs and commands are, and publishes what it is told to."""

    def __init__(self, house, redis_url=""):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", PUBLISH],
            cwd=PROJECT_DIR,
            env=house.environment("eventlet", redis_url=redis_url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._expect("ready")

    def _expect(self, word):
        while (line := self.process.stdout.readline().strip()) != word:
            assert self.process.poll() is None, line

    def __call__(self, name, *arguments):
        self.process.stdin.write(json.dumps([name, arguments]) + "\n")
        self.process.stdin.flush()
        self._expect("done")

    def end(self):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait(20)
        self.process.stdout.close()


class Redis:
    """Debian's redis-server on a port of its own; may be killed and started again."""

    def __init__(self):
        self.program = shutil.which("redis-server")
        if not self.program:
            pytest.skip("needs redis-server")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self):
        command = [self.program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        # It does not come up with another clock (bin/clock-sweep), and needs none: it counts seconds and knows no date.
        environ = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
        self.process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._listens, what="Redis")

    def _listens(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True

    def kill(self):
        self.process.kill()
        self.process.wait(20)


def make_house(home, settings, name):
    url = prepared_database(home, name)
    return House(Path(home), replace(settings, database_url=url), Rows(create_engine(url)))


def together(functions):
    """Run them at once, each in a thread; the first error is raised."""
    errors = []

    def run(function):
        try:
            function()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]
