"""How fast a hold is: ours beside references of the same run, alternating, median of three pairs.

  python -m bench.holds [--pairs 3] [--seconds 4] [--stage season]

1 statement   the four-seat hold statement, beside hand-written SQL that writes the same rows of the same tables without
              row security (≥ 0.8)
2 hold        POST /api/events/<id>/hold with session and CSRF token, beside a bare Flask app on the same server that
              writes the same rows (≥ 0.5)
3 confirmed   hold → start of payment → settlement with codes and the outbox row, beside a bare app that writes the same
              rows (≥ 0.25, aim 0.4)
4 match page  GET /matches/<id>, beside a bare app that reads the same rows and renders a small template (≥ 0.25,
              aim 0.4)
              with `--stage season` this alone, on the demo season, where a match has squads, officials and many prices
5 pages       shared buffers hit by the hold statement at 60,000 seats over those at 5,000 (≤ 1.1)
"""

import argparse
import http.client
import json
import re
import threading
import time

import psycopg2
from sqlalchemy import create_engine, text

from bench import stage
from config import login_url

REFERENCE_TABLES = (
    "booking",
    "seat_claim",
    "booking_line",
    "ticket",
    "payment_transaction",
    "qr_code",
    "notification",
    "system_log",
)


def make_reference(url):
    """The same tables in a schema `ref`, with their indexes, checks and foreign keys, and without row security."""
    engine = create_engine(url)
    with engine.begin() as c:
        c.execute(text("create schema ref"))
        for table in REFERENCE_TABLES:
            c.execute(text(f"create table ref.{table} (like public.{table} including all)"))
        for table in REFERENCE_TABLES:
            keys = c.execute(
                text(
                    "select conname, pg_get_constraintdef(oid) as def from pg_constraint "
                    "where contype = 'f' and conrelid = cast(:t as regclass)"
                ),
                {"t": f"public.{table}"},
            ).all()
            for key in keys:
                target = re.sub(
                    r"REFERENCES (\w+)",
                    lambda m: f"REFERENCES {'ref.' if m[1] in REFERENCE_TABLES else 'public.'}{m[1]}",
                    key[1],
                )
                c.execute(text(f"alter table ref.{table} add constraint {key.conname} {target}"))
    engine.dispose()


# What a careful hand would write: one statement, prices joined, all or nothing by counting.
BY_HAND = """
with new as (
  insert into ref.booking (reference, customer_id, stadium_id, event_id, currency, face, fee, tax, total, held_at,
                           expires_at, policy)
  select substr(md5(random()::text), 1, 8), %(customer)s, e.stadium_id, e.id, 'AUD', sum(p.face),
         sum(p.face * 5 / 100 + 250), sum((p.face * 105 / 100 + 250) / 11),
         sum(p.face + p.face * 5 / 100 + 250), clock_timestamp(), clock_timestamp() + interval '10 minutes',
         '{"share_bp": 10000}'
    from event e join seat s on s.layout_id = e.layout_id and s.id = any (%(seats)s)
    join event_price p on p.event_id = e.id and p.band = s.band and p.ticket_type = 'adult'
   where e.id = %(event)s and e.state = 'on_sale' group by e.id returning id, expires_at),
claims as (
  insert into ref.seat_claim as c (event_id, seat_id, booking_id, state, expires_at)
  select %(event)s, s, new.id, 'held', new.expires_at from new, unnest(%(seats)s) s order by s
  on conflict (event_id, seat_id) do update set booking_id = excluded.booking_id, expires_at = excluded.expires_at
    where c.state = 'held' and c.expires_at <= clock_timestamp() returning seat_id),
lines as (
  insert into ref.booking_line (booking_id, kind, seat_id, band, ticket_type, face, fee, tax, total)
  select new.id, 'seat', s.id, s.band, 'adult', p.face, p.face * 5 / 100 + 250, (p.face * 105 / 100 + 250) / 11,
         p.face + p.face * 5 / 100 + 250
    from new, seat s join event_price p on p.event_id = %(event)s and p.band = s.band and p.ticket_type = 'adult'
   where s.id = any (%(seats)s) returning 1)
select (select id from new), (select count(*) from claims), (select count(*) from lines)"""


def statements(url, event, first, tokens, seconds, ours, counter):
    """Four-seat holds per second of one connection, each in a transaction; the statement alone is timed."""
    connection = psycopg2.connect(_dsn(login_url(url, "cv_app", stage.PASSWORD) if ours else url))
    cursor = connection.cursor()
    done, spent, deadline = 0, 0.0, time.perf_counter() + seconds
    with psycopg2.connect(_dsn(url)) as look, look.cursor() as c:
        c.execute("select id from customer order by id")
        customers = [row[0] for row in c.fetchall()]
    while time.perf_counter() < deadline:
        n = counter[ours] = counter[ours] + 1
        seats = [first + (4 * n + i) % 60000 for i in range(4)]
        buyer = n % len(tokens)
        cursor.execute("begin")
        if ours:
            cursor.execute("select * from app.begin(%s)", (stage.hashlib.sha256(tokens[buyer].encode()).digest(),))
            started = time.perf_counter()
            cursor.execute("select * from app.hold_seats(%s, %s, null)", (event, seats))
        else:
            started = time.perf_counter()
            cursor.execute(BY_HAND, {"event": event, "seats": seats, "customer": customers[buyer]})
        cursor.fetchall()
        spent += time.perf_counter() - started
        connection.commit()
        done += 1
    connection.close()
    return done / spent


def _dsn(url):
    return url.replace("+psycopg2", "")


def clean(url):
    engine = create_engine(url)
    with engine.begin() as c:
        c.execute(text("set local session_replication_role = replica"))
        for schema in ("public", "ref"):
            c.execute(text(f"truncate {', '.join(f'{schema}.{t}' for t in REFERENCE_TABLES)} cascade"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.execute(text("checkpoint"))
    engine.dispose()


class Load:
    """Some keep-alive connections, each in a thread, that repeat `step(connection, n)` for so many seconds."""

    def __init__(self, base, threads=8):
        self.host = base.removeprefix("http://")
        self.threads = threads
        self.lock = threading.Lock()

    def run(self, step, seconds, counter):
        done, failed = [0] * self.threads, []
        deadline = time.perf_counter() + seconds

        def work(me):
            connection = http.client.HTTPConnection(self.host, timeout=30)
            while time.perf_counter() < deadline:
                with self.lock:
                    n = counter["n"] = counter["n"] + 1
                try:
                    step(connection, n)
                    done[me] += 1
                except Exception as error:  # noqa: BLE001
                    failed.append(repr(error)[:300])
                    connection.close()
                    if len(failed) > 20:
                        return

        threads = [threading.Thread(target=work, args=(i,)) for i in range(self.threads)]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise RuntimeError(f"{len(failed)} requests failed, the first: {failed[0]}")
        return sum(done) / (time.perf_counter() - started)


def send(connection, method, path, body=None, headers=None, expect=(200, 201)):
    data = json.dumps(body) if body is not None else None
    connection.request(
        method,
        path,
        data,
        {"Content-Type": "application/json", **(headers or {})} if data is not None else headers or {},
    )
    answer = connection.getresponse()
    content = answer.read()
    if answer.status not in expect:
        raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
    return content, answer


def our_holds(base, event, first, tokens):
    """A step that holds four seats as a signed-in fan with a CSRF token."""
    connection = http.client.HTTPConnection(base.removeprefix("http://"))
    content, answer = send(connection, "GET", "/api/csrf-token")
    form_cookie, csrf = answer.getheader("Set-Cookie").split(";")[0], json.loads(content)["token"]

    def step(connection, n):
        headers = {"Cookie": f"{form_cookie}; cv_session={tokens[n % len(tokens)]}", "X-CSRF-Token": csrf}
        return send(
            connection,
            "POST",
            f"/api/events/{event}/hold",
            {"seat_ids": [first + (4 * n + i) % 60000 for i in range(4)]},
            headers,
        )

    return step


def bare_holds(event, first, path="/hold"):
    def step(connection, n):
        send(
            connection,
            "POST",
            path,
            {"event": event, "customer": n, "seats": [first + (4 * n + i) % 60000 for i in range(4)]},
        )

    return step


def our_confirmations(base, event, first, tokens):
    """Hold, start the payment, and settle it: the bench server's processor answers at once, so that our own work is
    what is measured.
    """
    hold = our_holds(base, event, first, tokens)

    def step(connection, n):
        headers = {"Cookie": f"cv_session={tokens[n % len(tokens)]}"}
        content, _ = hold(connection, n)
        send(connection, "POST", f"/bench/confirm/{json.loads(content)['id']}", {}, headers)

    return step


def pages(url, sizes):
    """Shared buffers that a warm four-seat hold touches, for grounds of these sizes."""
    found = {}
    for seats in sizes:
        _, event, first = stage.build_ground(url, seats, slug=f"pages-{seats}")
        tokens = stage.build_buyers(url, 40, first=10_000_000 + seats)
        # The migrating login measures, because EXPLAIN of a definer function shows its buffers to whoever calls it.
        connection = psycopg2.connect(_dsn(login_url(url, "cv_app", stage.PASSWORD)))
        cursor = connection.cursor()
        hits = []
        for n, token in enumerate(tokens):
            at = first + n * (seats // 50)
            cursor.execute("select * from app.begin(%s)", (stage.hashlib.sha256(token.encode()).digest(),))
            cursor.execute(
                "explain (analyze, buffers, format json) select * from app.hold_seats(%s, %s, null)",
                (event, [at, at + 1, at + 2, at + 3]),
            )
            plan = cursor.fetchone()[0][0]["Plan"]
            hits.append(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
            connection.commit()
        found[seats] = stage.median(hits[10:])
        connection.close()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--only", type=int, nargs="*", default=[1, 2, 3, 4, 5])
    parser.add_argument("--stage", choices=("own", "season"), default="own")
    asked = parser.parse_args()
    if asked.stage == "season":
        return on_season(asked)
    with stage.database() as url:
        stadium, event, first = stage.build_ground(url, 60000)
        tokens = stage.build_buyers(url, 20000)
        make_reference(url)
        say("what", "ours", "reference", "ratio", "asked")
        if 1 in asked.only:
            counter = {True: 0, False: 0}
            pairs = []
            for _ in range(asked.pairs):
                ours = statements(url, event, first, tokens, asked.seconds, True, counter)
                theirs = statements(url, event, first, tokens, asked.seconds, False, counter)
                pairs.append((ours, theirs))
            tell("hold statement /s", pairs, "≥ 0.8")
        if {2, 3, 4} & set(asked.only):
            environment = {"BENCH_DATABASE_URL": url}
            with (
                stage.server("bench.our_server", **environment) as (ours, _),
                stage.server("bench.bare_server", **environment) as (bare, _),
            ):
                measure(asked, url, ours, bare, event, first, tokens)
        if 5 in asked.only:
            found = pages(url, (5000, 60000))
            say("pages of a hold", found[60000], found[5000], f"{found[60000] / found[5000]:.2f}", "≤ 1.1")


def measure(asked, url, ours, bare, event, first, tokens):
    our_load, bare_load = Load(ours), Load(bare)
    runs = {
        2: ("POST hold /s", our_holds(ours, event, first, tokens), bare_holds(event, first), "≥ 0.5"),
        3: (
            "confirmed bookings /s",
            our_confirmations(ours, event, first, tokens),
            bare_holds(event, first, "/confirm"),
            "≥ 0.25, aim 0.4",
        ),
        4: (
            "match page /s",
            lambda c, n: send(c, "GET", "/matches/1"),
            lambda c, n: send(c, "GET", "/matches/1"),
            "≥ 0.25, aim 0.4",
        ),
    }
    for number, (name, our_step, bare_step, target) in runs.items():
        if number not in asked.only:
            continue
        pairs = []
        for _ in range(asked.pairs):
            clean(url)
            mine = our_load.run(our_step, asked.seconds, {"n": 0})
            clean(url)
            pairs.append((mine, bare_load.run(bare_step, asked.seconds, {"n": 0})))
        tell(name, pairs, target)


def on_season(asked):
    """The match page of the season's largest ground, beside the same bare app on the same database."""
    from bench.cast import find_event

    with stage.season() as season:
        make_reference(season.url)
        engine = create_engine(season.url)
        with engine.begin() as c:
            path = f"/matches/{find_event(c, 100_000).match}"
        engine.dispose()
        with (
            stage.season_server(season) as (ours, _),
            stage.server("bench.bare_server", BENCH_DATABASE_URL=season.url) as (bare, _),
        ):
            loads = Load(ours), Load(bare)
            pairs = [
                tuple(load.run(lambda c, n: send(c, "GET", path), asked.seconds, {"n": 0}) for load in loads)
                for _ in range(asked.pairs)
            ]
    say("what", "ours", "reference", "ratio", "asked")
    tell("match page /s", pairs, "≥ 0.25, aim 0.4")


def tell(name, pairs, target):
    ratios = [a / b for a, b in pairs]
    ours, theirs = stage.median([a for a, _ in pairs]), stage.median([b for _, b in pairs])
    say(name, f"{ours:,.0f}", f"{theirs:,.0f}", f"{stage.median(ratios):.2f}", target)


def say(*cells):
    print("  ".join(f"{str(cell):<24}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
