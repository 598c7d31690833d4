"""Running the product: `python app.py` sets up whatever is missing, serves, and leaves nothing behind.

Starts the embedded database when no DATABASE_URL is given, the sandbox for providers without a key, the jobs, the demo
season on an empty database, and then one web process, or WEB_PROCESSES of them on one port.
"""

import fcntl
import importlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import psycopg2
from flask import Flask
from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

import realtime
import supabase_config
from config import PROJECT_DIR, Settings, child_environment, load_settings
from embedded.postgres import let_go, with_database
from green import is_green
from serving.patience import WholeBody, most_connections, patient

WEB_PROCESS = "--web-process"  # `python app.py --web-process PARENT_PID`: only serve, and end with the parent.
UNPATCHED = "--unpatched"  # `python app.py … --unpatched`: leave the standard library as it is (ASYNC_MODE=threading).
_GRACE_SECONDS = 5
_ONE_WEB_PROCESS_LOCK = 0x43563032  # "CV02"


class CannotRun(Exception):
    """The product cannot start; the message says why and what to do."""


def run(create_app: Callable[[Settings], Flask]) -> int:
    """Run the product until SIGINT or SIGTERM. Returns the exit status. Called by app.py's main after monkey_patch."""
    stopping = _Stopping()
    try:
        settings = load_settings()
        if settings.async_mode == "threading" and is_green():
            # A fresh process is the only way to be unpatched again.
            os.execv(sys.executable, [sys.executable, str(PROJECT_DIR / "app.py"), *sys.argv[1:], UNPATCHED])
        if sys.argv[1:2] == [WEB_PROCESS]:
            stopping.parent = int(sys.argv[2])
            _serve(create_app(settings), _listen(settings, shared=True), stopping)
        else:
            with ExitStack() as stack:
                _run_everything(create_app, settings, stopping, stack)
    except CannotRun as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except Exception as error:
        if (sentence := supabase_config.what_is_missing(error)) is None:
            raise
        print(sentence, file=sys.stderr)
        return 1
    return 0


def _run_everything(
    create_app: Callable[[Settings], Flask], settings: Settings, stopping: "_Stopping", stack: ExitStack
) -> None:
    alone = settings.web_processes == 1
    stack.enter_context(_port_lock(settings))
    listener = stack.enter_context(_listen(settings, shared=False))
    if settings.embedded:
        stack.callback(let_go, settings.home)
    settings = with_database(settings)
    if not settings.redis_url:
        stack.enter_context(_one_web_process(settings))
    children = _Children()
    stack.callback(children.end)
    if settings.sandboxed and not settings.is_public:
        settings = _start_sandbox(settings, children)
    _prepare_database(settings)
    is_unfinished = _seed_if_empty(settings)
    environment = child_environment(settings)
    if is_unfinished:
        # Codes for thousands of tickets and the cricket of the past come while people look around already.
        children.run(
            "demo season",
            [sys.executable, "-m", "serving.with_parent", str(os.getpid()), "--app", "app", "seed-demo"],
            environment,
        )
    children.keep(
        "jobs",
        [sys.executable, "-m", "serving.with_parent", str(os.getpid()), "--app", "app", "jobs", "run"],
        environment,
    )
    if alone:
        app = create_app(settings)
        _announce(settings)
        _serve(app, listener, stopping, children)
        return
    listener.close()  # The processes share the port among themselves; this one only made sure that it was free.
    for number in range(settings.web_processes):
        children.keep(
            f"web process {number + 1}", [sys.executable, "app.py", WEB_PROCESS, str(os.getpid())], environment
        )
    announced = False
    while not stopping:
        if not announced and not _is_free(settings.port, settings.host):
            _announce(settings)
            announced = True
        children.look_after()
        time.sleep(0.2)


class _Stopping:
    """True as soon as a signal asks us to end, or the process that we belong to is gone."""

    def __init__(self):
        self.asked = False
        self.parent: int | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, *_) -> None:
        if self.asked:
            raise KeyboardInterrupt  # Asked twice: end at once.
        self.asked = True

    def __bool__(self) -> bool:
        return self.asked or (self.parent is not None and os.getppid() != self.parent)


class _Children:
    """The processes that we started; those kept are started again when they end by themselves."""

    def __init__(self):
        self.running: dict[str, subprocess.Popen] = {}
        self.commands: dict[str, tuple[list[str], dict[str, str]]] = {}
        self.due: dict[str, float] = {}
        self.began: dict[str, float] = {}
        self.failures: dict[str, int] = {}
        self.finite: set[str] = set()  # those that are to end by themselves

    def run(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.finite.add(name)
        self.start(name, command, environment)

    def start(self, name: str, command: list[str], environment: dict[str, str], **options) -> subprocess.Popen:
        # In a session of its own, so that Ctrl-C reaches us alone and we end them in order.
        self.running[name] = subprocess.Popen(
            command, env=environment, cwd=PROJECT_DIR, start_new_session=True, stdin=subprocess.PIPE, **options
        )
        self.began[name] = time.monotonic()
        return self.running[name]

    def keep(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.commands[name] = (command, environment)
        self.start(name, command, environment)

    def look_after(self) -> None:
        for name, process in list(self.running.items()):
            if process.poll() is None:
                continue
            if name in self.finite and process.returncode == 0:
                del self.running[name]
            elif name not in self.commands:
                print(f"The {name} ended by itself ({process.returncode}).", file=sys.stderr)
                del self.running[name]
            elif name not in self.due:
                # One that cannot live is tried less and less often, one that has lived for a while at once.
                lasted = time.monotonic() - self.began[name] > 60
                self.failures[name] = 0 if lasted else self.failures.get(name, 0) + 1
                wait = min(60, 2 ** self.failures[name])
                print(
                    f"The {name} ended by itself ({process.returncode}); starting again in {wait} s.", file=sys.stderr
                )
                self.due[name] = time.monotonic() + wait
            elif time.monotonic() >= self.due[name]:
                del self.due[name]
                self.start(name, *self.commands[name])

    def end(self) -> None:
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + _GRACE_SECONDS
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin:
                process.stdin.close()


def _port_lock(settings: Settings):
    """A file lock for this port, so that two servers never share it, not even several processes' worth of them."""
    settings.home.mkdir(mode=0o711, parents=True, exist_ok=True)
    lock = open(settings.home / f"port-{settings.port}.lock", "a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise CannotRun(
            f"CricVerse already runs on port {settings.port}: stop it, or set PORT to another one."
        ) from None
    return lock


def _listen(settings: Settings, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        # Not eventlet.listen, which shares the port with any other server without a word.
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048, reuse_port=shared)
    except OSError as error:
        raise CannotRun(
            f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}): set PORT to another one."
        ) from None


def _start_sandbox(settings: Settings, children: _Children) -> Settings:
    """Start the stand-in providers and wait for them; on another port if somebody else has theirs."""
    port = settings.sandbox_port if _is_free(settings.sandbox_port) else _free_port()
    if port != settings.sandbox_port:
        print(f"Port {settings.sandbox_port} is taken, so the sandbox uses {port}.")
    settings = _moved_sandbox(settings, port)
    log_path = settings.home / "sandbox.log"
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "--port",
        str(port),
        "--with-parent",
        "--environment",
        settings.environment,
        "--methods",
        "card,link,klarna,google_pay",
    ]
    command += [
        "--webhook-url",
        f"{settings.public_url}/api/stripe-webhook",
        "--webhook-secret",
        settings.stripe_webhook_secret,
    ]
    with open(log_path, "w") as log:
        process = children.start("sandbox", command, child_environment(settings), stdout=log, stderr=log)
    deadline = time.monotonic() + 30
    while "sandbox listening on" not in log_path.read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CannotRun(f"The sandbox did not start; see {log_path}.")
        time.sleep(0.05)
    return settings


def _moved_sandbox(settings: Settings, port: int) -> Settings:
    """The settings with every address of the sandbox on its real port."""
    before, after = settings.sandbox_url, f"http://127.0.0.1:{port}"
    return replace(
        settings,
        sandbox_port=port,
        stripe_api_base=settings.stripe_api_base.replace(before, after),
        stripe_js_url=settings.stripe_js_url.replace(before, after),
        sendgrid_api_base=settings.sendgrid_api_base.replace(before, after),
    )


def _is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def _free_port() -> int:
    # Below 32768: above, the kernel may hand the port to an outgoing connection at any moment.
    for port in range(20000, 32000, 7):
        if _is_free(port):
            return port
    raise CannotRun("No free port was found for the sandbox.")


def _prepare_database(settings: Settings) -> None:
    """Bring a developer's database up to date; a public one is only looked at, for people upgrade it when they choose
    to.
    """
    if not settings.is_public:
        supabase_config.prepare(settings.database_url, settings.app_database_password)
    elif not supabase_config.is_newest(settings.database_url):
        raise CannotRun(
            "The database is not what this version's files say: run `python supabase_config.py` first "
            "(with `--check` it names what differs)."
        )


def _one_web_process(settings: Settings):
    """Hold a lock in the database: without Redis limits and live messages live in the memory of one process."""
    url = make_url(settings.database_url)
    arguments: dict[str, Any] = {**url.translate_connect_args(username="user", database="dbname"), **url.query}
    connection = psycopg2.connect(**arguments)
    connection.autocommit = True
    deadline = time.monotonic() + 5  # The server may need a moment to notice that a killed predecessor is gone.
    with connection.cursor() as cursor:
        while True:
            cursor.execute("select pg_try_advisory_lock(%s)", (_ONE_WEB_PROCESS_LOCK,))
            if cursor.fetchone()[0]:
                return _Closing(connection)
            if time.monotonic() >= deadline:
                connection.close()
                raise CannotRun("Another CricVerse uses this database: stop it, or set REDIS_URL for both.")
            time.sleep(0.2)


class _Closing:
    """A connection of psycopg2 as a context that closes it (its own context only ends a transaction)."""

    def __init__(self, connection):
        self.connection = connection

    def __enter__(self):
        return self.connection

    def __exit__(self, *_):
        self.connection.close()


def _seed_if_empty(settings: Settings) -> bool:
    """Make the rows of the fictional demo season in an empty database of a developer.

    True where the season wants finishing.
    """
    if settings.environment != "development":
        return False
    if _is_empty(settings.database_url):
        print("The database is empty: making the demo season …", flush=True)
        command = [sys.executable, "-m", "flask", "--app", "app", "seed-demo", "--rows-only"]
        done = subprocess.run(command, env=child_environment(settings), cwd=PROJECT_DIR)
        if done.returncode != 0:
            raise CannotRun("The demo season could not be made; the reason stands above.")
        return True
    return importlib.import_module("demo").is_unfinished(settings.database_url)


def _is_empty(database_url: str) -> bool:
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection:
        try:
            return not connection.execute(text("select exists (select from stadium)")).scalar_one()
        except ProgrammingError:
            return False  # Not our schema: nothing to fill.


def _announce(settings: Settings) -> None:
    lines = [f"CricVerse runs at {settings.public_url} ({settings.environment}); Ctrl-C ends it."]
    if settings.sandboxed:
        lines += [
            f"Sandbox for {', '.join(settings.sandboxed)}: no real money moves and no real mail leaves.",
            f"  mail   {settings.sandbox_url}/inbox",
            f"  faults {settings.sandbox_url}/_sandbox/",
        ]
    if settings.environment == "development":
        lines += [f"  {' · '.join(account)}" for account in _demo_accounts()]
    print("\n".join(lines), flush=True)


def _demo_accounts() -> list[tuple[str, ...]]:
    """What demo.accounts() gives: who, e-mail and password of each demo person."""
    try:
        return [tuple(map(str, account)) for account in importlib.import_module("demo").accounts()]
    except (ImportError, AttributeError):
        return []


def _serve(app: Flask, listener: socket.socket, stopping: _Stopping, children: _Children | None = None) -> None:
    realtime.start(app)
    stop = _serve_green(app, listener) if is_green() else _serve_threaded(app, listener)
    try:
        while not stopping:
            if children:
                children.look_after()
            time.sleep(0.2)
    finally:
        realtime.stop(app, for_good=True)
        stop()


def _serve_green(app: Flask, listener: socket.socket) -> Callable[[], None]:
    import eventlet.wsgi
    from greenlet import GreenletExit

    seconds, most = _limits(app)
    connections = most_connections(10_000)

    def serve() -> None:
        try:
            eventlet.wsgi.server(
                listener,
                WholeBody(app, most),
                max_size=connections,
                protocol=patient(eventlet.wsgi.HttpProtocol, seconds, most),
                log_output=False,
                debug=False,  # would show tracebacks
            )
        except GreenletExit:
            pass

    server = eventlet.spawn(serve)

    def stop() -> None:
        with eventlet.Timeout(_GRACE_SECONDS, False):  # Requests under way may finish.
            server.kill()
            server.wait()

    return stop


def _serve_threaded(app: Flask, listener: socket.socket) -> Callable[[], None]:
    from werkzeug.serving import WSGIRequestHandler, make_server  # Only for ASYNC_MODE=threading.

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, *_):  # pyrefly: ignore[bad-override]
            pass

        def log_error(self, *_):  # pyrefly: ignore[bad-override]
            pass  # what strangers send is no error of ours

    seconds, most = _limits(app)
    most_connections(10_000)
    host, port = listener.getsockname()[:2]
    handler = patient(Quiet, seconds, most)
    server = make_server(host, port, WholeBody(app, most), threaded=True, request_handler=handler, fd=listener.fileno())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.shutdown


def _limits(app: Flask) -> tuple[float, int]:
    """(seconds that a request's head is waited for, bytes that a body may have)."""
    return app.config["SETTINGS"].request_seconds, app.config["MAX_CONTENT_LENGTH"]
