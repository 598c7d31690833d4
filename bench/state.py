"""How fast the states of 100,000 seats are sent while 50 seats change each second, beside a static file of the same
size.

  python -m bench.state [--pairs 3] [--seconds 5] [--clients 16]

Keep-alive clients ask GET /api/events/<id>/seats of the product on the server it ships with; the reference is a file of
as many bytes under /static/ of the same process, in turns with ours, under the same changes. Changes are holds and
releases through the real functions. Asked: ≥ 0.3 of the file.
"""

import argparse
import hashlib
import http.client
import os
import threading
import time
import urllib.request

import psycopg2
from sqlalchemy import create_engine, text

from bench import stage
from config import login_url

SEATS, CHANGES = 100_000, 50


def claim_half(url, event):
    """Half of the seats are not for sale any more, in no order, as they are late in a sale."""
    engine = create_engine(url)
    with engine.begin() as c:
        c.execute(
            text(
                """insert into seat_claim (event_id, seat_id, state) select e.id, s.id, 'blocked' from event e
                                                                       join seat s on s.layout_id = e.layout_id
                    where e.id = :e and s.id % 100 >= 50"""
            ),
            {"e": event},
        )
        layout = c.execute(text("select layout_id from event where id = :e"), {"e": event}).scalar()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.execute(text("vacuum analyze seat_claim"))
    engine.dispose()
    return layout


class Changes(threading.Thread):
    """Holds a seat, and frees it again two changes later, fifty times a second, each in its own transaction."""

    def __init__(self, url, event, first, tokens):
        super().__init__(daemon=True)
        self.connection = psycopg2.connect(login_url(url, "cv_app", stage.PASSWORD).replace("+psycopg2", ""))
        self.event, self.first, self.tokens = event, first, [hashlib.sha256(t.encode()).digest() for t in tokens]
        self.done, self.spent, self.stopped = 0, 0.0, threading.Event()

    def run(self):
        open_holds, started = [], time.perf_counter()
        while not self.stopped.is_set():
            with self.connection.cursor() as cursor:
                if len(open_holds) < 3:
                    buyer = self.done % len(self.tokens)
                    seat = self.first + (self.done * 100) % SEATS + self.done % 50
                    cursor.execute("select * from app.begin(%s)", (self.tokens[buyer],))
                    cursor.execute("select booking_id from app.hold_seats(%s, %s, null)", (self.event, [seat]))
                    open_holds.append((buyer, cursor.fetchone()[0]))
                else:
                    buyer, booking = open_holds.pop(0)
                    cursor.execute("select * from app.begin(%s)", (self.tokens[buyer],))
                    cursor.execute("select * from app.release_booking(%s)", (booking,))
            self.connection.commit()
            self.done += 1
            self.spent = time.perf_counter() - started
            time.sleep(max(0, self.done / CHANGES - self.spent))


def load(base, path, clients, seconds, size):
    """(requests a second, p50, p95 in ms) of so many keep-alive clients; every answer is read and its
    size looked at.
    """
    times, failed = [], []
    deadline = time.perf_counter() + seconds

    def work():
        connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=30)
        while time.perf_counter() < deadline:
            started = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            content = answer.read()
            times.append(time.perf_counter() - started)
            if answer.status != 200 or len(content) != size:
                failed.append((answer.status, content[:200]))
                return

    threads = [threading.Thread(target=work) for _ in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - started
    if failed:
        raise RuntimeError(f"{path}: {failed[0]}")
    times.sort()
    return len(times) / spent, 1000 * times[len(times) // 2], 1000 * times[len(times) * 95 // 100]


def size_of(base, path, zipped):
    request = urllib.request.Request(base + path, headers={"Accept-Encoding": "gzip"} if zipped else {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return len(answer.read())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--clients", type=int, default=16)
    asked = parser.parse_args()
    with stage.database() as url:
        _, event, first = stage.build_ground(url, SEATS)
        layout = claim_half(url, event)
        tokens = stage.build_buyers(url, 2000)
        file = stage.ROOT / "static" / f"bench-state-{os.getpid()}.bin"
        file.write_bytes(os.urandom(SEATS // 4))
        try:
            with stage.server("bench.our_server", BENCH_DATABASE_URL=url) as (base, _):
                measure(asked, url, base, event, layout, first, tokens, f"/static/{file.name}")
        finally:
            file.unlink()


def measure(asked, url, base, event, layout, first, tokens, static):
    seats = f"/api/events/{event}/seats"
    for name, path, limit in (
        ("layout, gzip", f"/api/layouts/{layout}", 250_000),
        ("prices", f"/api/events/{event}/prices", None),
        ("states", seats, 25_000),
    ):
        print(
            f"{name:<24} {size_of(base, path, name.endswith('gzip')):>10,} "
            f"bytes{f'  (asked ≤ {limit:,})' if limit else ''}"
        )
    print(f"{'states, gzip':<24} {size_of(base, seats, True):>10,} bytes")
    changes = Changes(url, event, first, tokens)
    changes.start()
    pairs = []
    for _ in range(asked.pairs):
        pairs.append(tuple(load(base, path, asked.clients, asked.seconds, SEATS // 4) for path in (seats, static)))
    changes.stopped.set()
    changes.join()
    print(
        f"{changes.done / changes.spent:.0f} changes a second, {asked.clients} clients, medians of {asked.pairs} turns"
    )
    for name, column in (("requests /s", 0), ("p50 ms", 1), ("p95 ms", 2)):
        ours, theirs = (stage.median([pair[side][column] for pair in pairs]) for side in (0, 1))
        ratio = stage.median([a[column] / b[column] for a, b in pairs])
        print(
            f"{name:<24} {ours:>10,.1f}  file {theirs:>10,.1f}  ratio "
            f"{ratio:.2f}{'  (asked ≥ 0.3)' if column == 0 else ''}"
        )


if __name__ == "__main__":
    main()
