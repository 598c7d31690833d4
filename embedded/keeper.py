"""The keeper of the embedded PostgreSQL: a small detached process that starts the server and stops it when nobody uses
it.

Every process that uses the server holds a shared lock on `users.lock` in the home folder. The keeper starts the server,
restarts it if it dies, and stops it about a second after the last lock is gone, however the users ended. It holds
`keeper.lock`, so a second keeper ends at once. It is run by embedded/postgres.py as
`python -I embedded/keeper.py HOME BIN_DIR durable|fast` and needs the standard library only.
"""

import ctypes
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

POLL_SECONDS = 0.5
RESTARTS_PER_MINUTE = 5
LOG_LIMIT = 5_000_000
FIRST_PORT, PORTS = 15432, 2000  # Below 32768, where kernels begin to hand out ports for outgoing connections.


def can_be_passed(path: Path) -> bool:
    """Whether any user may pass through this folder and all above it."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def server_folder(home: Path) -> Path:
    """Where the data lie: in `home`, unless the unprivileged server of a root user could not reach them there."""
    if os.geteuid() != 0 or can_be_passed(home):
        return home / "postgres"
    return Path("/var/tmp") / f"cricverse-{hashlib.sha256(str(home).encode()).hexdigest()[:16]}"


def data_folder(home: Path) -> Path:
    """The data directory of the server that belongs to `home`."""
    return (server_folder(home) / "data").resolve()


def try_lock(file: IO[Any], kind: int, seconds: float) -> bool:
    """Take a file lock, trying for so many seconds; sleeping between tries keeps a green thread's hub alive."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)


def major_version(bin_dir: Path) -> int:
    """The major version of these binaries."""
    text = subprocess.run([bin_dir / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(text.split()[2].split(".")[0])


def _say(sentence: str) -> None:
    print(time.strftime("%Y-%m-%d %H:%M:%S"), sentence, file=sys.stderr, flush=True)


def _die_with_keeper() -> None:
    # Linux only: a keeper killed by force takes the server with it (a fast shutdown), so none is left behind.
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGINT)
    except (AttributeError, OSError):
        pass


class Server:
    """One PostgreSQL server in one data directory."""

    def __init__(self, home: Path, bin_dir: Path, durable: bool) -> None:
        self.home, self.durable = home, durable
        self.log_path = home / "postgres.log"
        self.process: subprocess.Popen | None = None
        self.port = 0
        # PostgreSQL refuses to run as root, so root starts it as `nobody`.
        self.account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self.identity: dict[str, Any] = (
            {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []} if self.account else {}
        )
        self.folder = self._own_folder()
        self.data = data_folder(home)
        self.bin_dir = self._reachable(bin_dir)

    def _own_folder(self) -> Path:
        folder = server_folder(self.home)
        if folder.parent != self.home:
            _say(f"The user nobody cannot pass through {self.home}: the data lie in {folder}.")
        folder.mkdir(mode=0o711, exist_ok=True)
        status = folder.lstat()
        if folder.is_symlink() or status.st_uid != os.geteuid():
            raise SystemExit(f"{folder} belongs to somebody else; remove it first.")
        if self.account:
            folder.chmod(0o711)
        return folder

    def _reachable(self, bin_dir: Path) -> Path:
        """The binaries themselves, or a copy of the installation where `nobody` cannot read them."""
        if not self.account or (can_be_passed(bin_dir) and (bin_dir / "postgres").stat().st_mode & 0o005 == 0o005):
            return bin_dir
        source, package = bin_dir.parent, bin_dir.parent.parent
        key = hashlib.sha256(f"{source} {(bin_dir / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
        copy = self.folder / f"installation-{key}"
        if not copy.exists():
            _say(f"The user nobody cannot read {source}: copying it to {copy}.")
            draft = self.folder / "installation.new"
            shutil.rmtree(draft, ignore_errors=True)
            shutil.copytree(source, draft / package.name / source.name, symlinks=True)
            # A wheel keeps the libraries of its programs beside the package, and the programs look for them there.
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, draft / libraries.name, symlinks=True)
            for path in (draft, *draft.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            draft.rename(copy)
        return copy / package.name / source.name / bin_dir.name

    def prepare(self) -> None:
        """Make the data directory on the first start, all of it or nothing."""
        version = major_version(self.bin_dir)
        marker = self.data / "PG_VERSION"
        if marker.exists():
            made_by = marker.read_text().strip()
            if made_by != str(version):
                raise SystemExit(
                    f"PostgreSQL {made_by} made the data in {self.data} and this is {version}; `make clean-db` starts "
                    "anew."
                )
            return
        draft, password_file = self.folder / "data.new", self.folder / "password.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text((self.home / "pg_password").read_text())
        if self.account:
            for path in (draft, password_file):
                os.chown(path, self.account.pw_uid, self.account.pw_gid)
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if version >= 17
            else ["--locale=C.UTF-8"]
        )
        access = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password_file}"]
        command = [self.bin_dir / "initdb", f"--pgdata={draft}", "--encoding=UTF8", *access, *locale]
        try:
            done = subprocess.run(
                command + ([] if self.durable else ["--no-sync"]),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                **self.identity,
            )
        finally:
            password_file.unlink(missing_ok=True)
        if done.returncode != 0:
            raise SystemExit(f"initdb failed: {done.stdout}")
        draft.rename(self.data)

    def end_predecessor(self) -> None:
        """Deal with a server that a killed keeper has left: end it if it lives, forget its pid if that is somebody
        else's now.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        for stop_signal, seconds in ((signal.SIGINT, 15), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            deadline = time.monotonic() + seconds
            while self._is_ours(pid):
                if stop_signal:
                    _say(
                        f"A server without a keeper is still running (pid {pid}): sending it signal {int(stop_signal)}."
                    )
                    os.kill(pid, stop_signal)
                    stop_signal = None
                if time.monotonic() >= deadline:
                    break
                time.sleep(0.05)
        # Left alone, PostgreSQL would take any living process of this number, or a zombie, for a running server.
        pid_file.unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        """Whether this process lives (a zombie does not) and was started on our data directory."""
        if Path("/proc/self/stat").exists():
            try:
                state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
                command = Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
            except (FileNotFoundError, ProcessLookupError):
                return False
        else:
            shown = subprocess.run(
                ["ps", "-ww", "-o", "stat=,command=", "-p", str(pid)], capture_output=True, text=True
            )
            state, _, command = (shown.stdout.strip() or "Z").partition(" ")
        return not state.startswith("Z") and str(self.data) in command

    def start(self) -> None:
        """Start the server and wait until it takes connections; tries other ports, and again while a crash is cleared
        up.
        """
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.end_predecessor()
            self.port = self._free_port()
            self.process = self._spawn()
            while self.process.poll() is None:
                if self._answers():
                    _write(self.home / "port", f"{self.port}\n")
                    _write(self.home / "running", f"{self.port}\n")
                    _say(f"PostgreSQL runs on 127.0.0.1:{self.port} (pid {self.process.pid}).")
                    return
                if time.monotonic() >= deadline:
                    self.stop()
                    break
                time.sleep(0.03)
            time.sleep(0.2)
        raise SystemExit(f"PostgreSQL did not start; see {self.log_path}.")

    def _spawn(self) -> subprocess.Popen:
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",  # Nothing but scram over loopback, so no path can be too long or shared.
            "max_connections": 200,
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %q%u@%d ",
            # Statements carry people's names and addresses, whoever sends them; the logins' own settings say more.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_parameter_max_length": 0,
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        flags = [flag for name, value in options.items() for flag in ("-c", f"{name}={value}")]
        mode = "wb" if self.log_path.exists() and self.log_path.stat().st_size > LOG_LIMIT else "ab"
        with open(self.log_path, mode) as log:
            return subprocess.Popen(
                [self.bin_dir / "postgres", "-D", self.data, *flags],
                preexec_fn=_die_with_keeper,
                start_new_session=True,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self.identity,
            )

    def _answers(self) -> bool:
        command = [
            self.bin_dir / "pg_isready",
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "postgres",
            "-d",
            "postgres",
        ]
        return subprocess.run(command, stdin=subprocess.DEVNULL).returncode == 0

    def _free_port(self) -> int:
        """The port of last time, so that running users find the server again; another one if somebody has taken it."""
        try:
            kept = [int((self.home / "port").read_text())]
        except (FileNotFoundError, ValueError):
            kept = []
        first = int(hashlib.sha256(str(self.home).encode()).hexdigest(), 16) % PORTS
        for port in kept + [FIRST_PORT + (first + step) % PORTS for step in range(PORTS)]:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                    probe.listen(1)
                    return port
                except OSError:
                    continue
        raise SystemExit("No free port was found for PostgreSQL.")

    def stop(self) -> None:
        """Stop the server: fast, then at once, then by force."""
        if self.process is None:
            return
        for stop_signal, seconds in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            if self.process.poll() is None:
                self.process.send_signal(stop_signal)
                try:
                    self.process.wait(seconds)
                except subprocess.TimeoutExpired:
                    continue
        _say("PostgreSQL has stopped.")


def _write(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(text)
    draft.replace(path)


def keep(server: Server, users: IO[Any]) -> None:
    """Run the server until nobody holds the users' lock; returns with that lock held, so that a newcomer waits for the
    end."""
    unused, restarts = 0, []
    while True:
        # Two looks in a row: a process that is about to be followed by another one does not cost a restart.
        if try_lock(users, fcntl.LOCK_EX, 0):
            unused += 1
            if unused >= 2:
                return
            fcntl.flock(users, fcntl.LOCK_UN)
        else:
            unused = 0
        if (process := server.process) is not None and process.poll() is not None:
            now = time.monotonic()
            restarts = [moment for moment in restarts if now - moment < 60] + [now]
            _say(f"PostgreSQL ended by itself ({process.returncode}).")
            if len(restarts) > RESTARTS_PER_MINUTE:
                raise SystemExit(f"PostgreSQL keeps ending; see {server.log_path}.")
            server.start()
        time.sleep(POLL_SECONDS)


def main(home: Path, bin_dir: Path, durable: bool) -> None:
    """Take the keeper's lock, go into the background, and keep the server."""
    os.umask(0o077)  # What the logs tell of the server is nobody else's business.
    own = open(home / "keeper.lock", "a")
    if not try_lock(own, fcntl.LOCK_EX, 0.5):
        return
    # The lock belongs to the open file, so it is already held when the process that started us goes on.
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("The keeper was asked to end."))
    users = open(home / "users.lock", "a")
    server = None
    try:
        (home / "running").unlink(missing_ok=True)  # Left by a keeper that was killed.
        server = Server(home, bin_dir, durable)
        server.prepare()
        server.start()
        keep(server, users)
    except SystemExit as end:
        _say(str(end))
    except Exception as error:
        _say(f"The keeper failed: {error!r}")
    finally:
        (home / "running").unlink(missing_ok=True)
        if server:
            server.stop()
        own.close()  # Before the users' lock, so that whoever gets that one finds no keeper and starts one.
        users.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "durable")
