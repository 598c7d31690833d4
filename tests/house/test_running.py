"""`python app.py`: everything is there when it says so, no second server slips in, and nothing stays behind."""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from config import PROJECT_DIR
from embedded.keeper import try_lock
from embedded.postgres import remove

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks for processes in /proc")


def free_port():
    """A port that is free now and that the kernel does not hand out by itself."""
    for port in range(21000 + os.getpid() % 1000, 32000, 11):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no free port")


class Product:
    """One `python app.py` with its own folder, or another one's."""

    def __init__(self, home, **more):
        self.home, self.port = home, int(more.get("PORT") or free_port())
        self.sandbox_port = int(more.get("SANDBOX_PORT") or free_port())
        self.output = home / f"output-{self.port}-{time.monotonic_ns()}"
        environ = {
            "PATH": os.environ["PATH"],
            "CRICVERSE_ENV": "testing",
            "CRICVERSE_HOME": str(home),
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            **more,
        }
        with open(self.output, "w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"], cwd=PROJECT_DIR, env=environ, stdout=output, stderr=output
            )

    def said(self):
        return self.output.read_text()

    def wait_until_it_runs(self, seconds=60):
        deadline = time.monotonic() + seconds
        while "CricVerse runs at" not in self.said():
            assert self.process.poll() is None and time.monotonic() < deadline, self.said()
            time.sleep(0.1)
        return self

    def status(self, path="/healthz"):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except (urllib.error.URLError, ConnectionError):
            return None

    def children(self):
        found = []
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                if f"\nPPid:\t{self.process.pid}\n" in status.read_text():
                    found.append(status.parent)
            except (FileNotFoundError, ProcessLookupError):
                continue
        return found

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(30)


def gone(paths, seconds=15):
    deadline = time.monotonic() + seconds
    while any(path.exists() for path in paths) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not any(path.exists() for path in paths)


def database_stopped(home):
    with open(home / "keeper.lock", "a") as keeper:
        return try_lock(keeper, fcntl.LOCK_EX, 20)


@contextmanager
def folder():
    made = Path(tempfile.mkdtemp(prefix="cricverse-test-", dir="/tmp"))
    made.chmod(0o711)
    try:
        yield made
    finally:
        remove(made)
        shutil.rmtree(made)


@pytest.fixture(scope="module")
def used():
    """A folder in which the product ran once, from nothing: its database is made, and stopped."""
    with folder() as home:
        first = Product(home).wait_until_it_runs()
        try:
            first.process.send_signal(signal.SIGTERM)
            assert first.process.wait(30) == 0, first.said()
        finally:
            first.kill()
        assert database_stopped(home)
        yield home


@pytest.fixture
def home(used):
    """Its copy, so that not every test makes a database."""
    with folder() as home:
        subprocess.run(["cp", "-a", f"{used}/.", home], check=True)
        yield home


@pytest.fixture
def product(home):
    running = Product(home).wait_until_it_runs()
    yield running
    running.kill()


def test_a_second_server_cannot_slip_in(product):
    assert product.status() == 200 and product.status("/readyz") == 200
    same_port = Product(product.home, PORT=str(product.port))
    assert same_port.process.wait(30) == 1
    assert f"already runs on port {product.port}" in same_port.said()
    same_database = Product(product.home)
    assert same_database.process.wait(60) == 1
    assert "Another CricVerse uses this database" in same_database.said()
    assert product.status() == 200


def test_it_leaves_nothing_behind_when_asked_to_end(product):
    children = product.children()
    assert len(children) >= 2  # The sandbox and the jobs.
    product.process.send_signal(signal.SIGTERM)
    assert product.process.wait(30) == 0, product.said()
    assert gone(children) and database_stopped(product.home)


def test_it_leaves_nothing_behind_when_killed(product):
    children = product.children()
    product.process.kill()
    product.process.wait(30)
    assert gone(children) and database_stopped(product.home)


def test_a_port_of_another_program_is_named(home):
    with socket.create_server(("127.0.0.1", 0)) as other:
        refused = Product(home, PORT=str(other.getsockname()[1]))
        assert refused.process.wait(30) == 1
        assert f"Port {refused.port} on 127.0.0.1 cannot be used" in refused.said()


def test_the_sandbox_makes_way_for_another_program(home):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        running = Product(home, SANDBOX_PORT=str(taken))
        try:
            running.wait_until_it_runs()
            address = re.search(r"mail +(http\S+)", running.said())[1]
            assert f":{taken}/" not in address
            with urllib.request.urlopen(address, timeout=10) as inbox:
                assert inbox.status == 200
        finally:
            running.kill()


def test_threads_serve_as_well(home):
    running = Product(home, ASYNC_MODE="threading").wait_until_it_runs()
    try:
        assert running.status() == 200
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(30) == 0, running.said()
    finally:
        running.kill()


def test_several_processes_share_the_port_and_are_replaced(home):
    running = Product(home, WEB_PROCESSES="2", REDIS_URL="redis://127.0.0.1:1/0").wait_until_it_runs()
    try:
        deadline = time.monotonic() + 30
        while not (
            workers := [path for path in running.children() if b"--web-process" in (path / "cmdline").read_bytes()]
        )[1:]:
            assert time.monotonic() < deadline, running.said()
            time.sleep(0.1)
        os.kill(int(workers[0].name), signal.SIGKILL)
        deadline = time.monotonic() + 30
        while "web process" not in running.said() or running.status() != 200:
            assert time.monotonic() < deadline, running.said()
            time.sleep(0.2)
    finally:
        running.kill()


def test_production_without_settings_names_them(home):
    refused = Product(home, CRICVERSE_ENV="production", CRICVERSE_ENV_FILE="/dev/null")
    assert refused.process.wait(30) == 1
    assert "SECRET_KEY: is missing" in refused.said() and "STRIPE_SECRET_KEY: is missing" in refused.said()
