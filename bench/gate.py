"""How fast the gate is: scans on the server beside references of the same run, and verdicts on the page of a phone.

  python -m bench.gate [--pairs 3] [--seconds 5] [--tickets 50000] [--race 0] [--skip-page]

1 scans over HTTP   16 clients, each scan a signed code that is judged, kept and answered with its seat; beside a bare
                    Flask scan (update and log in
                    one transaction, bench/bare_gate.py; asked ≥ 0.4, aim 0.6). 22 a second are needed by a ground of
                    50,000 in its last half hour.
2 scans in SQL      the statement alone on one connection, beside hand-written SQL that updates the ticket and writes
                    the log
3 lists             bytes of the rights of all tickets, as they are and on the wire, and how long reading and loading
                    them takes
4 the page          verdict after the frame, with a camera that films codes: online, and without a network with the
                    processor 6 times slower
--race N            100 scans of one ticket at once, for N tickets: exactly one admission each
"""

import argparse
import gzip
import hashlib
import http.client
import json
import os
import queue
import secrets
import tempfile
import threading
import time
import uuid
from pathlib import Path

import psycopg2
from psycopg2.extras import execute_values
from sqlalchemy import create_engine, text

import qr_codes
from bench import stage
from config import load_settings, login_url

CLIENTS = 16
MASTER = None


def build(url, tickets):
    """A ground that is sold out, with its doors open: [(ticket id, code)], the event, the gate and a function that
    pairs a phone.
    """
    stadium, event, _ = stage.build_ground(url, tickets)
    engine = create_engine(url)
    with engine.begin() as c:
        c.execute(text("set local session_replication_role = replica"))
        c.execute(
            text(
                "update event set starts_at = now() + interval '1 hour', gates_open_at = now() - interval '1 hour', "
                "ends_at = now() + interval '6 hours' where id = :e"
            ),
            {"e": event},
        )
        buyer = c.execute(text("insert into customer (kind, name) values ('visitor', 'Bench') returning id")).scalar()
        c.execute(
            text("""
            insert into booking (reference, customer_id, stadium_id, event_id, state, currency, face, fee, tax, total,
                                 held_at, expires_at, paid_at, policy)
            select 'B' || n, :c, :s, :e, 'paid', 'AUD', 0, 0, 0, 0, now(), now(), now(), '{}'
              from generate_series(1, :n / 4 + 1) n"""),
            {"c": buyer, "s": stadium, "e": event, "n": tickets},
        )
        c.execute(
            text("""
            with s as (select id, row_number() over (order by id) as n from seat),
                 b as (select id, row_number() over (order by id) as n from booking),
                 l as (insert into booking_line (booking_id, kind, seat_id, band, ticket_type, face, fee, tax, total)
                       select b.id, 'seat', s.id, 'C', 'adult', 0, 0, 0, 0 from s
                         join b on b.n = (s.n + 3) / 4 order by s.n returning id, booking_id, seat_id)
            insert into ticket (booking_id, line_id, event_id, seat_id) select booking_id, id, :e, seat_id
                from l order by id"""),
            {"e": event},
        )
        public, wrapped = qr_codes.new_key_pair(MASTER)
        key = c.execute(
            text(
                "insert into signing_key (stadium_id, event_id, public_key, private_key_wrapped) "
                "values (:s, :e, :p, :w) returning id"
            ),
            {"s": stadium, "e": event, "p": public, "w": wrapped},
        ).scalar()
        private, now = qr_codes.unwrap(MASTER, public, wrapped), int(time.time())
        rows = c.execute(text("select id, booking_id from ticket order by md5(id::text)")).all()
        coded = [
            (
                row.id,
                qr_codes.sign(qr_codes.Code(key, event, row.id, 1, 1, now - 3600, now + 36000), private),
                row.booking_id,
            )
            for row in rows
        ]
        with c.connection.cursor() as cursor:
            execute_values(
                cursor,
                "insert into qr_code (booking_id, ticket_id, key_id, seq, code) values %s",
                [(b, str(t), key, 1, code) for t, code, b in coded],
                page_size=5000,
            )
        c.execute(text("create table ref_ticket as select id, null::timestamptz as used_at from ticket"))
        c.execute(text("alter table ref_ticket add primary key (id)"))
        c.execute(
            text("""create table ref_scan (id bigint generated always as identity primary key, ticket_id uuid not null,
                    at timestamptz not null default now(), let_in boolean not null)""")
        )
        c.execute(text("create index on ref_scan (ticket_id)"))
        gate = c.execute(text("select id from gate where stadium_id = :s"), {"s": stadium}).scalar()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.execute(text("vacuum analyze"))

    def pair():
        token = secrets.token_urlsafe(32)
        with engine.begin() as c:
            c.execute(
                text("""insert into gate_device (stadium_id, event_id, name, gates, token_hash, paired_at, expires_at)
                        values (:s, :e, 'Bench', array[cast(:g as int)], :t, now(), now() + interval '12 hours')"""),
                {"s": stadium, "e": event, "g": gate, "t": hashlib.sha256(token.encode()).digest()},
            )
        return token

    return [(str(t), code) for t, code, _ in coded], gate, pair


def scan(code, gate, n):
    now = time.time() * 1000
    return {
        "id": str(uuid.uuid4()),
        "kind": "entry",
        "mode": "camera",
        "code": code,
        "at": now,
        "offset": 0,
        "synced_at": now - 1000,
        "counter": n,
        "gate": gate,
        "shown": None,
    }


class Clients:
    """So many keep-alive connections that send what `make(client number)` gives until the time is up: (answers a
    second, milliseconds of each).
    """

    def __init__(self, base):
        self.host = base.removeprefix("http://")

    def run(self, make, seconds, check):
        took, wrong, deadline = [[] for _ in range(CLIENTS)], [], time.perf_counter() + seconds

        def work(me):
            connection = http.client.HTTPConnection(self.host, timeout=30)
            while time.perf_counter() < deadline and not wrong:
                try:
                    path, headers, body = make(me)
                except StopIteration:  # every ticket was scanned before the time was over
                    return
                begun = time.perf_counter()
                connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **headers})
                answer = connection.getresponse()
                said = answer.read()
                took[me].append((time.perf_counter() - begun) * 1000)
                if answer.status != 200 or not check(json.loads(said)):
                    wrong.append(said[:300])

        threads = [threading.Thread(target=work, args=(me,)) for me in range(CLIENTS)]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if wrong:
            raise RuntimeError(f"not let in: {wrong[0]}")
        all_of_them = sorted(ms for each in took for ms in each)
        return len(all_of_them) / (time.perf_counter() - begun), all_of_them


def over_http(ours, bare, tickets, gate, pair, pairs, seconds):
    tokens = [pair() for _ in range(CLIENTS)]
    left, plain = iter(tickets), iter(tickets)
    lock = threading.Lock()

    def one(me):
        with lock:
            _, code = next(left)
        return "/api/gate/scans", {"Authorization": f"Bearer {tokens[me]}"}, {"scans": [scan(code, gate, 1)]}

    def other(me):
        with lock:
            ticket, _ = next(plain)
        return "/scan", {}, {"ticket": ticket}

    results = []
    for _ in range(pairs):
        results.append(
            (
                Clients(ours).run(one, seconds, lambda a: a["verdicts"][0]["let_in"]),
                Clients(bare).run(other, seconds, lambda a: a["let_in"]),
            )
        )
    rate = stage.median([a[0] for a, _ in results]), stage.median([b[0] for _, b in results])
    p95 = [stage.median([side[k][1][int(len(side[k][1]) * 0.95)] for side in results]) for k in (0, 1)]
    print(
        f"scans over HTTP, {CLIENTS} clients: {rate[0]:,.0f}/s, p95 {p95[0]:.0f} ms; a bare Flask scan "
        f"{rate[1]:,.0f}/s, p95 {p95[1]:.0f} ms; ratio {stage.median([a[0] / b[0] for a, b in results]):.2f} (asked ≥ "
        "0.4, aim 0.6); needed 22/s"
    )


def in_sql(url, tickets, gate, pair, seconds):
    """The statement alone: app.record_scans as cv_app, and two plain statements."""
    token = hashlib.sha256(pair().encode()).digest()
    found = {}
    for ours in (True, False):
        connection = psycopg2.connect(
            (login_url(url, "cv_app", stage.PASSWORD) if ours else url).replace("+psycopg2", "")
        )
        cursor, spent, done, todo = connection.cursor(), 0.0, 0, iter(reversed(tickets))
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            ticket, _ = next(todo)
            begun = time.perf_counter()
            if ours:
                cursor.execute("select * from app.begin(null)")
                row = {**scan(None, gate, 1), "right": ticket, "seq": 1, "verdict": "admitted"}
                cursor.execute("select * from app.record_scans(%s, %s)", (token, json.dumps([row])))
                cursor.fetchall()
            else:
                cursor.execute("update ref_ticket set used_at = now() where id = %s and used_at is null", (ticket,))
                cursor.execute("insert into ref_scan (ticket_id, let_in) values (%s, true)", (ticket,))
            connection.commit()
            spent += time.perf_counter() - begun
            done += 1
        found[ours] = done / spent
        connection.close()
    print(
        f"scans in SQL, one connection: {found[True]:,.0f}/s; two plain statements {found[False]:,.0f}/s; ratio "
        f"{found[True] / found[False]:.2f}"
    )


def lists(ours, pair):
    connection = http.client.HTTPConnection(ours.removeprefix("http://"), timeout=60)
    token = pair()
    for path in ("rights", "bundle"):
        begun = time.perf_counter()
        connection.request(
            "GET", f"/api/gate/{path}", headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
        )
        answer = connection.getresponse()
        body = answer.read()
        ms = (time.perf_counter() - begun) * 1000
        plain = gzip.decompress(body) if answer.getheader("Content-Encoding") == "gzip" else body
        print(
            f"{path}: {len(plain):,} bytes, {len(body):,} on the wire ({len(gzip.compress(plain, 6)):,} if packed), "
            f"{ms:.0f} ms"
        )
        if path == "rights":
            print(f"  for {int.from_bytes(plain[4:8], 'big'):,} rights")


def race(ours, url, tickets, gate, pair, count):
    """100 scans of one ticket at once, from 16 connections of 10 phones."""
    tokens, todo = [pair() for _ in range(10)], queue.Queue()
    raced = tickets[len(tickets) * 3 // 4 :][:count]  # which nothing before has scanned
    for ticket, code in raced:
        for n in range(100):
            todo.put((ticket, code, n))
    admitted, lock = {}, threading.Lock()

    def work():
        connection = http.client.HTTPConnection(ours.removeprefix("http://"), timeout=60)
        while True:
            try:
                ticket, code, n = todo.get_nowait()
            except queue.Empty:
                return
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {tokens[n % 10]}"}
            connection.request("POST", "/api/gate/scans", json.dumps({"scans": [scan(code, gate, n)]}), headers)
            said = json.loads(connection.getresponse().read())["verdicts"][0]
            with lock:
                admitted[ticket] = admitted.get(ticket, 0) + said["let_in"]

    begun = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with create_engine(url).connect() as c:
        rows = c.execute(
            text(
                "select count(*) filter (where n = 1), count(*) from (select right_id, count(*) as n from admission "
                "where right_id::text = any (:t) group by 1) x"
            ),
            {"t": [t for t, _ in raced]},
        ).one()
        scans = c.execute(
            text("select count(*) from scan where right_id::text = any (:t)"), {"t": [t for t, _ in raced]}
        ).scalar()
    once = sum(n == 1 for n in admitted.values())
    print(
        f"race: {count:,} tickets, {scans:,} scans kept of {100 * count:,}; let in exactly once by the answers "
        f"{once:,}, by the database {rows[0]:,} of {rows[1]:,} ({time.perf_counter() - begun:.0f} s)"
    )
    if once != count or tuple(rows) != (count, count):
        raise SystemExit("a ticket let in more than one, or none")


def page(ours, tickets, pair, scans=40):
    """Verdicts of a page in Chromium whose camera films codes."""
    from playwright.sync_api import sync_playwright

    from tests.support.browser import ARGUMENTS, CHROMIUM
    from tests.support.fake_camera import FakeCamera

    todo = iter(reversed(tickets[: len(tickets) // 2]))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        camera = FakeCamera(Path(folder) / "camera.y4m", rate=30)
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS + camera.arguments)
        for slower, offline in ((1, False), (1, True), (6, True)):
            context = browser.new_context(viewport={"width": 390, "height": 844})
            window = context.new_page()
            window.goto(f"{ours}/gate")
            window.evaluate(PUT_TOKEN, pair())
            begun = time.perf_counter()
            window.reload()
            window.get_by_role("button", name="Start scanning").wait_for(timeout=60_000)
            loaded = (time.perf_counter() - begun) * 1000
            context.new_cdp_session(window).send("Emulation.setCPUThrottlingRate", {"rate": slower})
            window.get_by_role("button", name="Start scanning").click()
            window.locator(".gate-tools").wait_for()
            if offline:
                context.set_offline(True)
                window.locator(".gate-stripe").wait_for()
            for _ in range(scans):
                camera.show(next(todo)[1])
                window.locator("[data-verdict='admitted']").wait_for(timeout=30_000)
                camera.show(None)
                window.get_by_role("button", name="Next").click()
                window.locator("[data-verdict]").wait_for(state="detached")
            took = sorted(window.evaluate("gateTimes()"))
            print(
                f"page, {'no network' if offline else 'online'}, processor {slower}x slower: verdict after the frame "
                f"median {took[len(took) // 2]:.0f} ms, p95 {took[int(len(took) * 0.95)]:.0f} ms, longest "
                f"{took[-1]:.0f} ms of {len(took)} (goal {'300' if slower > 1 else '100'}); paired page with its lists "
                f"ready in {loaded:.0f} ms"
            )
            context.close()
        browser.close()


PUT_TOKEN = """(token) => new Promise((done) => {
  const opening = indexedDB.open("cricverse-gate", 1);
  opening.onsuccess = () => {
    const transaction = opening.result.transaction("kept", "readwrite");
    transaction.objectStore("kept").put(token, "token");
    transaction.oncomplete = () => { opening.result.close(); done(); };
  };
})"""


def main():
    global MASTER
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--tickets", type=int, default=50_000)
    parser.add_argument("--race", type=int, default=0)
    parser.add_argument("--skip-page", action="store_true")
    asked = parser.parse_args()
    with stage.database() as url:
        settings = {"CRICVERSE_ENV": "testing", "DATABASE_URL": url, "APP_DATABASE_PASSWORD": stage.PASSWORD}
        MASTER = load_settings(settings | {"CRICVERSE_HOME": os.environ["CRICVERSE_HOME"]}).qr_master_key
        tickets, gate, pair = build(url, asked.tickets)
        with (
            stage.server("bench.our_server", BENCH_DATABASE_URL=url) as (ours, _),
            stage.server("bench.bare_gate", BENCH_DATABASE_URL=url) as (bare, _),
        ):
            lists(ours, pair)
            over_http(ours, bare, tickets, gate, pair, asked.pairs, asked.seconds)
            in_sql(url, tickets, gate, pair, min(asked.seconds, 3))
            if not asked.skip_page:
                page(ours, tickets[: len(tickets) // 2 + 400], pair)
            if asked.race:
                race(ours, url, tickets, gate, pair, asked.race)


if __name__ == "__main__":
    main()
