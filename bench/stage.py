"""The stage of the measurements: a database of its own, grounds of any size, buyers with sessions, and servers to load.

Everything listens on 127.0.0.1, lives in a temporary folder and is gone afterwards. `season()` gives the demo season as
`make run` makes it instead of a ground of its own: made once a day and version, kept, and copied for each run.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, text

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "bench-app-password"


@contextlib.contextmanager
def database(durable=True):
    """The migrating address of a fresh database at the newest migration."""
    import supabase_config
    from embedded import postgres

    home = Path(tempfile.mkdtemp(prefix="cricverse-bench-", dir="/var/tmp"))
    home.chmod(0o755)
    os.environ["CRICVERSE_ENV"], os.environ["CRICVERSE_HOME"] = "testing", str(home)
    url = postgres.ensure_running(home, durable=durable)
    try:
        supabase_config.prepare(url, PASSWORD)
        yield url
    finally:
        postgres.let_go(home)
        time.sleep(2)  # the keeper stops the server when nobody holds it
        shutil.rmtree(home, ignore_errors=True)


@dataclass(frozen=True)
class Season:
    """A home folder of its own with the season in its database (`url`, the migrating address) and the settings that a
    server of it is started with."""

    home: Path
    url: str
    environment: dict

    @property
    def settings(self):
        from config import load_settings

        return load_settings(self.environment).with_database(self.url)

    @property
    def postmaster(self):
        """The pid of the database's first process, whose children all its others are."""
        from embedded import keeper

        return int((keeper.data_folder(self.home) / "postmaster.pid").read_text().split("\n", 1)[0])


@contextlib.contextmanager
def season():
    """A Season that nobody else uses; gone afterwards."""
    from embedded import postgres

    home = Path(tempfile.mkdtemp(prefix="cricverse-season-run-", dir="/var/tmp"))
    subprocess.run(["cp", "-a", f"{_kept_season()}/.", str(home)], check=True)
    for name in ("port", "running"):
        (home / name).unlink(missing_ok=True)
    port = free_port()
    environment = {
        "CRICVERSE_ENV": "development",
        "CRICVERSE_HOME": str(home),
        "CRICVERSE_ENV_FILE": "cricverse.env.example",
        "PORT": str(port),
        "SANDBOX_PORT": str(free_port(port + 1)),
        "TRUSTED_PROXIES": "1",  # each buyer comes from an address of its own, as behind a proxy
    }
    os.environ.update(CRICVERSE_ENV="development", CRICVERSE_HOME=str(home))
    try:
        yield Season(home, postgres.ensure_running(home), environment)
    finally:
        postgres.let_go(home)
        _until_stopped(home)
        shutil.rmtree(home, ignore_errors=True)


def _kept_season():
    """The folder that the season is copied from: one for each state of what makes it, and for each day, because its
    fixtures lie around the day on which it is made."""
    from config import child_environment, load_settings
    from embedded import postgres

    digest = hashlib.sha256(f"{datetime.now(UTC):%F}".encode())
    for folder in ("migrations", "demo", "models"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".sql"):
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    kept = Path("/var/tmp") / f"cricverse-season-{digest.hexdigest()[:16]}"
    if kept.exists():
        return kept
    import supabase_config

    draft = Path(tempfile.mkdtemp(prefix="cricverse-season-new-", dir="/var/tmp"))
    draft.chmod(0o755)
    settings = load_settings({"CRICVERSE_ENV": "development", "CRICVERSE_HOME": str(draft)})
    settings = settings.with_database(postgres.ensure_running(draft))
    supabase_config.prepare(settings.database_url, settings.app_database_password)
    command = [sys.executable, "-m", "flask", "--app", "app", "seed-demo"]
    subprocess.run(command, cwd=ROOT, env=child_environment(settings), check=True, stdout=subprocess.DEVNULL)
    with create_engine(settings.database_url).connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.execute(text("vacuum analyze"))
        c.execute(text("checkpoint"))
        c.engine.dispose()
    postgres.let_go(draft)
    _until_stopped(draft)
    with contextlib.suppress(OSError):  # somebody else was faster
        draft.rename(kept)
    return kept


def _until_stopped(home):
    """Wait until the keeper has stopped the server of this home, which nobody uses any more."""
    from embedded import keeper

    for _ in range(300):
        if not (keeper.data_folder(home) / "postmaster.pid").exists():
            return
        time.sleep(0.1)


def free_port(first=23000):
    """A port that nobody listens on, below those that the kernel hands out."""
    for port in range(first, 32000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


@contextlib.contextmanager
def season_server(season):
    """CricVerse on a Season as bench/season_server.py starts it; yields (base URL, Popen). What it says goes to
    server.log of the home folder."""
    base = f"http://127.0.0.1:{season.environment['PORT']}"
    with open(season.home / "server.log", "w") as log:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "bench.season_server"],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            env={**os.environ, **season.environment},
        )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{base}/healthz", timeout=2).close()
                break
            if process.poll() is not None:
                raise RuntimeError((season.home / "server.log").read_text()[-2000:])
            time.sleep(0.1)
        yield base, process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def build_ground(url, seats, slug="bench", rows_of=20):
    """A ground with so many seats (one stand a thousand), an event on sale; returns (stadium, event, first seat id)."""
    engine = create_engine(url)
    with engine.begin() as c:
        one = lambda sql, **v: c.execute(text(sql), v).scalar()  # noqa: E731
        stadium = one(
            "insert into stadium (slug, name, city, country, time_zone, currency) "
            "values (:s, 'Bench Oval', 'Nowhere', 'AU', 'Australia/Sydney', 'AUD') returning id",
            s=slug,
        )
        gate = one(
            "insert into gate (stadium_id, code, name, zone) values (:s, 'A', 'Gate A', 1) returning id", s=stadium
        )
        layout = one(
            "insert into layout (stadium_id, version, seat_count) values (:s, 1, :n) returning id", s=stadium, n=seats
        )
        stands = -(-seats // 1000)
        c.execute(
            text(
                "insert into stand (layout_id, code, name, position) select :l, 'S' || g, 'Stand ' || g, g "
                "from generate_series(1, :n) g"
            ),
            {"l": layout, "n": stands},
        )
        c.execute(
            text("insert into level (stand_id, name, position) select id, 'Lower', 1 from stand where layout_id = :l"),
            {"l": layout},
        )
        c.execute(
            text(
                "insert into bay (level_id, gate_id, name, position) select l.id, :g, '1', 1 from level l "
                "join stand s on s.id = l.stand_id where s.layout_id = :l"
            ),
            {"g": gate, "l": layout},
        )
        c.execute(
            text(
                """insert into seat_row (bay_id, name, position) select b.id, 'R' || g, g
                   from bay b join level l on l.id = b.level_id join stand s on s.id = l.stand_id,
                                                                        generate_series(1, :r) g
                                                                  where s.layout_id = :l order by b.id, g"""
            ),
            {"l": layout, "r": 1000 // rows_of},
        )
        c.execute(
            text(
                """insert into seat (layout_id, stand_id, row_id, number, position, band, quality)
                   select :l, s.id, r.id, n.n::text, n.n, 'C', 500 from seat_row r join bay b on b.id = r.bay_id
                     join level l on l.id = b.level_id
                     join stand s on s.id = l.stand_id, generate_series(1, :r) as n (n)
                    where s.layout_id = :l order by r.id, n.n limit :n"""
            ),
            {"l": layout, "r": rows_of, "n": seats},
        )
        c.execute(text("update layout set published_at = now() where id = :l"), {"l": layout})
        event = build_event(c, stadium, layout)
        first = one("select min(id) from seat where layout_id = :l", l=layout)
        c.execute(text("select setval('seat_version', 1)"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.execute(text("vacuum analyze"))
    engine.dispose()
    return stadium, event, first


def build_event(c, stadium, layout, limit=50):
    event = c.execute(
        text(
            """insert into event (stadium_id, layout_id, name, starts_at, ends_at, gates_open_at, sale_starts_at,
                                  sale_ends_at, buyer_limit,
                                  guards_singles)
               values (:s, :l, 'Bench final', now() + interval '3 days', now() + interval '3 days 4 hours',
                       now() + interval '2 days 22 hours',
                       now() - interval '1 day', now() + interval '3 days', :n, false) returning id"""
        ),
        {"s": stadium, "l": layout, "n": limit},
    ).scalar()
    team = text(
        "insert into team (slug, name, short_name, colour_1, colour_2, cap_pattern) "
        "values (:s, :s, :s, '#111111', '#eeeeee', 1) returning id"
    )
    home, away = (c.execute(team, {"s": f"{name}-{event}"}).scalar() for name in ("terns", "herons"))
    match = c.execute(
        text(
            """insert into match (stadium_id, home_team_id, away_team_id, competition, format, starts_at)
               values (:s, :h, :a, 'Bench League', 'T20', now() + interval '3 days') returning id"""
        ),
        {"s": stadium, "h": home, "a": away},
    ).scalar()
    c.execute(text("insert into event_match values (:e, :m)"), {"e": event, "m": match})
    c.execute(
        text(
            "insert into event_price (event_id, band, ticket_type, face) "
            "values (:e, 'C', 'adult', 4800), (:e, 'C', 'child', 2400), (:e, 'C', 'concession', 3600)"
        ),
        {"e": event},
    )
    return event


def build_buyers(url, count, first=1):
    """So many fans with a session each; returns their session tokens."""
    engine = create_engine(url)
    tokens = [f"bench-session-token-{n:08d}-{'x' * 16}" for n in range(first, first + count)]
    with engine.begin() as c:
        ids = [
            row.id
            for row in c.execute(
                text(
                    """insert into customer (kind, name, email, email_key) select 'fan', 'Buyer ' || g,
                           'buyer' || g || '@bench.example', 'buyer' || g || '@bench.example'
                       from generate_series(:f, :t) g returning id"""
                ),
                {"f": first, "t": first + count - 1},
            )
        ]
        c.execute(
            text(
                "insert into login_session (id_hash, customer_id, expires_at) values (:h, :c, now() + interval '1 day')"
            ),
            [{"h": hashlib.sha256(t.encode()).digest(), "c": i} for t, i in zip(tokens, sorted(ids), strict=True)],
        )
    engine.dispose()
    return tokens


@contextlib.contextmanager
def server(module, **environment):
    """Run `python -m MODULE`, which prints its port as the first line; yields (base URL, Popen)."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", module],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if os.environ.get("BENCH_QUIET", "1") == "1" else None,
        text=True,
        env={**os.environ, **{k: str(v) for k, v in environment.items()}},
    )
    try:
        line = process.stdout.readline().strip()
        if not re.fullmatch("[0-9]+", line):
            raise RuntimeError(f"{module} did not start: {line!r}")
        yield f"http://127.0.0.1:{line}", process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


def get_json(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def median(values):
    values = sorted(values)
    return values[len(values) // 2]
