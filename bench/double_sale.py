"""No seat is ever sold twice: contended attempts for hot seats over HTTP and SQL, while the app's processes are killed.

  python -m bench.double_sale [--attempts 100000] [--kills 30] [--twin-attempts 10000]

Buyers want one to four seats, hot ones far more often than others (Zipf), of one event after another. Most speak SQL as
the web's login, some HTTP to two server processes that are killed with `kill -9` while a request is in flight. Winners
pay, some holds run out and are taken over. Each buyer writes down, at the moment of the answer, what was held and what
was sold. The log and the database are compared afterwards. The twin does the same without the wall, looking first and
inserting afterwards into a copy of the claims without a primary key, and must sell seats twice; otherwise the harness
proves nothing.
"""

import argparse
import bisect
import collections
import hashlib
import itertools
import json
import multiprocessing
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field

import psycopg2
from sqlalchemy import create_engine, text

from bench import stage
from bench.fleet import Client, Fleet, Killed, NotSent
from bench.issue_log import Log, judge, judge_twin
from config import login_url

SEATS = 600  # wanted at each event
PER_EVENT = 600  # attempts for each event, about: then the next one opens, and everybody wants its first row
BUYERS = 300
LIMIT = 8
ZIPF = 1.05
RETRIED = ("40001", "40P01", "55P03")
BOUND = 420  # seconds after which everything ends, however far it has come, unless the command line allows more


@dataclass
class Course:
    """What the buyers share: the events and seats, the number of the next attempt, and when it is over."""

    url: str
    folder: str
    events: list
    first_seat: int
    tokens: list
    password: str
    attempts: int
    number: object
    over: object
    deadline: float
    weights: list = field(default_factory=lambda: list(itertools.accumulate(1 / n**ZIPF for n in range(1, SEATS + 1))))

    def take(self):
        """(number, event) of the next attempt, or None when there are enough."""
        if time.time() > self.deadline or self.over.is_set():
            return None
        with self.number.get_lock():
            self.number.value += 1
            n = self.number.value
        return n, self.events[min(len(self.events) - 1, n // PER_EVENT)]

    def want(self, rng):
        """One to four different seats, hot ones first."""
        seats = {
            self.first_seat + bisect.bisect(self.weights, rng.random() * self.weights[-1])
            for _ in range(rng.choice((1, 1, 2, 2, 2, 3, 4)))
        }
        return sorted(seats, key=lambda _: rng.random())


def _dsn(url):
    return url.replace("+psycopg2", "")


# --- over SQL -------------------------------------------------------------------------------------------------------


def buy_by_sql(course, worker, walled):
    """Attempts until there are enough, on one connection of the web's login and one of the worker's."""
    rng = random.Random(worker)
    log = Log(course.folder, f"sql-{worker}")
    buyer = SqlBuyer(course, log, rng) if walled else NaiveBuyer(course, log, rng)
    try:
        while (taken := course.take()) and taken[0] <= course.attempts:
            log.counts["attempts sql"] += 1
            buyer.attempt(taken[1])
    finally:
        log.close()


class SqlBuyer:
    """Holds and pays through the definer functions, as the pages do."""

    def __init__(self, course, log, rng):
        self.course, self.log, self.rng = course, log, rng
        self.web, self.worker = (
            psycopg2.connect(_dsn(login_url(course.url, login, course.password))) for login in ("cv_app", "cv_worker")
        )

    def attempt(self, event):
        buyer = self.rng.randrange(len(self.course.tokens))
        token, seats = self.course.tokens[buyer], self.course.want(self.rng)
        held = self.ask(self.web, token, "select booking_id from app.hold_seats(%s, %s, null)", (event, seats))
        if held is None:
            return
        self.log.say("held", event, held[0], seats)
        self.log.counts["holds sql"] += 1
        if self.rng.random() < 0.25:
            return  # left alone: it runs out, and somebody else takes the seats over
        if self.rng.random() < 0.2:
            time.sleep(self.rng.random() * 0.05)
        self.pay(event, held[0], seats, token, f"buyer{buyer + 1}@bench.example")

    def pay(self, event, booking, seats, token, email):
        query = (
            "select payment_id, reference, amount, currency, intent_id from app.start_payment(%s, 'A buyer', %s, %s)"
        )
        started = self.ask(
            self.web,
            token,
            query,
            (booking, email, email),
            say_paid=lambda: self.log.say("sold", event, booking, seats),
        )
        if started is None:
            return
        payment, reference, amount, currency, intent = started
        intent = intent or f"pi-{payment}-{reference}-{amount}-{currency}"
        self.ask(self.web, token, "select app.record_intent(%s, %s)", (payment, intent))
        settle = "select outcome from app.settle_payment(%s, 'succeeded', %s, %s, 30, null, null, %s)"
        settled = self.ask(
            self.worker, None, settle, (intent, amount, currency, hashlib.sha256(intent.encode()).digest())
        )
        if settled is not None and settled[0] in ("fulfilled", "already"):
            self.log.say("sold", event, booking, seats)
            self.log.counts["sales sql"] += settled[0] == "fulfilled"
        elif settled is not None:
            self.log.counts[f"settled as {settled[0]}"] += 1

    def ask(self, connection, token, query, values, say_paid=None):
        """The row of one transaction, or None when it was refused (counted by code).

        Deadlocks are tried again, as the app does.
        """
        for _ in range(3):
            try:
                with connection, connection.cursor() as cursor:
                    if connection is self.web:
                        cursor.execute("select * from app.begin(%s)", (hashlib.sha256(token.encode()).digest(),))
                    cursor.execute(query, values)
                    return cursor.fetchone()
            except psycopg2.Error as error:
                if error.pgcode in RETRIED:
                    self.log.counts[f"tried again {error.pgcode}"] += 1
                    continue
                if not (error.pgcode or "").startswith("CV"):
                    self.log.counts[f"error {error.pgcode} {error.diag.message_primary}"] += 1
                    return None
                self.log.counts[f"refused {error.diag.message_primary}"] += 1
                if error.diag.message_primary == "ALREADY_PAID" and say_paid:
                    say_paid()
                return None
        return None


class NaiveBuyer:
    """Without the wall: look whether the seats are free, ask for their prices, then insert, into claims that have no
    primary key.
    """

    def __init__(self, course, log, rng):
        self.course, self.log, self.rng = course, log, rng
        self.connection = psycopg2.connect(_dsn(course.url))
        self.bookings = itertools.count(rng.randrange(10**12), 1)

    def attempt(self, event):
        seats = self.course.want(self.rng)
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute(
                "select 1 from twin.seat_claim where event_id = %s and seat_id = any (%s) limit 1",
                (event, seats),
            )
            if cursor.fetchone():
                self.log.counts["refused SEATS_TAKEN"] += 1
                return
            booking = next(self.bookings)
            # Between the look and the taking a shop does its work. Without that time a machine with few free cores runs
            # the sellers one after the other, and the race is left to chance.
            time.sleep(0.002)
            cursor.execute(
                "select s.id, p.face from seat s join event_price p on p.band = s.band "
                "where p.event_id = %s and s.id = any (%s)",
                (event, seats),
            )
            cursor.execute(
                "insert into twin.seat_claim (event_id, seat_id, booking_id, state) select %s, s, %s, 'sold' "
                "from unnest(%s) s",
                (event, booking, seats),
            )
        for word in ("held", "sold"):
            self.log.say(word, event, booking, seats)
        self.log.counts["sales sql"] += 1


# --- over HTTP ------------------------------------------------------------------------------------------------------


def buy_by_http(course, fleet, number, enough):
    """Attempts over HTTP, with session and CSRF token, until `enough` says so.

    An answer that never came is asked for again.
    """
    rng = random.Random(1000 + number)
    log = Log(course.folder, f"http-{number}")
    client = Client(fleet, number)
    try:
        form_cookie, csrf = None, None
        while not enough() and (taken := course.take()):
            if csrf is None:
                _, content, headers = insist(client, log, "GET", "/api/csrf-token")
                form_cookie, csrf = headers["Set-Cookie"].split(";")[0], json.loads(content)["token"]
            _, event = taken
            log.counts["attempts http"] += 1
            headers = {"Cookie": f"{form_cookie}; cv_session={rng.choice(course.tokens)}", "X-CSRF-Token": csrf}
            seats = course.want(rng)
            status, content, _ = insist(client, log, "POST", f"/api/events/{event}/hold", {"seat_ids": seats}, headers)
            if status != 201:
                note_refusal(log, status, content)
                continue
            booking = json.loads(content)["id"]
            log.say("held", event, booking, seats)
            log.counts["holds http"] += 1
            if rng.random() < 0.25:
                continue
            status, content, _ = insist(client, log, "POST", f"/bench/confirm/{booking}", {}, headers)
            outcome = json.loads(content).get("outcome") if status == 200 else None
            if outcome in ("fulfilled", "already"):
                log.say("sold", event, booking, seats)
                log.counts["sales http"] += outcome == "fulfilled"
            elif outcome:
                log.counts[f"settled as {outcome}"] += 1
            else:
                note_refusal(log, status, content)
    except OverTime:
        pass
    finally:
        client.close()
        log.close()


class OverTime(Exception):
    """The servers did not come back in time."""


def insist(client, log, method, path, body=None, headers=None):
    """Send until there is an answer, as a person presses the button again."""
    data = json.dumps(body) if body is not None else None
    headers = {"Content-Type": "application/json", **(headers or {})} if data is not None else headers
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            return client.send(method, path, data, headers)
        except Killed:
            log.counts["requests left without an answer"] += 1
        except NotSent:
            time.sleep(0.01)
    raise OverTime


def note_refusal(log, status, content):
    try:
        code = json.loads(content)["error"]["code"]
    except (ValueError, KeyError, TypeError):
        code = "?"
    log.counts[f"refused {code}" if status < 500 else f"error {status} {code}"] += 1


# --- around the buyers ----------------------------------------------------------------------------------------------


def let_holds_run_out(url, over):
    """Now and then a third of all holds is over at once: the clock of an abandoned one is moved, as the migrating
    login.
    """
    engine = create_engine(url)
    while not over.wait(0.4):
        try:
            with engine.begin() as c:
                c.execute(text("set local row_security = off"))
                c.execute(
                    text(
                        """with gone as (update booking
                                            set expires_at = now(),
                                                 held_at = least(held_at, now() - interval '1 minute')
                             where id in (select id from booking
                                           where state = 'held' and expires_at > now() order by random()
                                           limit (select count(*) / 3 from booking
                                                   where state = 'held' and expires_at > now())
                                             for update skip locked) returning id)
                           update seat_claim c set expires_at = now() from gone
                            where c.booking_id = gone.id and c.state = 'held'"""
                    )
                )
        except Exception as error:  # noqa: BLE001
            if getattr(getattr(error, "orig", None), "pgcode", None) not in RETRIED:
                raise
    engine.dispose()


def kill_again_and_again(fleet, kills, over, deadline, pause):
    """`kill -9` one process after the other, each while somebody waits for its answer, until `kills` of them were
    proved.
    """
    number = 0
    while fleet.kills_in_flight < kills and not over.is_set() and time.time() < deadline:
        fleet.kill_one(number)
        number += 1
        over.wait(pause)


def prepare(url, attempts, seats=SEATS):
    """A ground, its events and buyers: (events, first seat, session tokens, customer ids)."""
    stadium, event, first = stage.build_ground(url, seats)
    engine = create_engine(url)
    with engine.begin() as c:
        c.execute(text("set local row_security = off"))
        layout = c.execute(text("select layout_id from event where id = :e"), {"e": event}).scalar_one()
        c.execute(text("update event set buyer_limit = :n where id = :e"), {"n": LIMIT, "e": event})
        events = [
            event,
            *(stage.build_event(c, stadium, layout, LIMIT) for _ in range(int(1.5 * attempts / PER_EVENT) + 1)),
        ]
    tokens = stage.build_buyers(url, BUYERS)
    engine.dispose()
    return events, first, tokens


def drive(
    url,
    folder,
    attempts,
    kills,
    sql_workers=4,
    http_clients=8,
    servers=2,
    http_share=0.15,
    walled=True,
    pause=0.5,
    bound=BOUND,
    password=stage.PASSWORD,
):
    """Run the course. The buyers' logs go to `folder`. Returns (the Fleet's figures, seconds)."""
    started = time.time()
    processes = multiprocessing.get_context("spawn")
    events, first, tokens = prepare(url, attempts) if walled else prepare_twin(url)
    course = Course(
        url,
        folder,
        events,
        first,
        tokens,
        password,
        attempts,
        processes.Value("q", 0),
        processes.Event(),
        started + bound,
    )
    over = threading.Event()
    fleet = (
        Fleet("bench.kill_server", servers, BENCH_DATABASE_URL=url, BENCH_APP_PASSWORD=password)
        if walled and http_clients
        else None
    )
    workers = [processes.Process(target=buy_by_sql, args=(course, n, walled)) for n in range(sql_workers)]
    threads = []
    try:
        began = time.time()
        if fleet:
            asked = collections.Counter()
            wanted = attempts * http_share

            def enough():
                asked["http"] += 1
                return asked["http"] > wanted and fleet.kills_in_flight >= kills and course.number.value >= attempts

            threads = [
                threading.Thread(target=buy_by_http, args=(course, fleet, n, enough)) for n in range(http_clients)
            ]
            threads.append(
                threading.Thread(target=kill_again_and_again, args=(fleet, kills, over, course.deadline, pause))
            )
        if walled:
            threads.append(threading.Thread(target=let_holds_run_out, args=(url, over)))
        for each in (*workers, *threads):
            each.start()
        for each in (*workers, *threads[: http_clients if fleet else 0]):
            each.join()
        over.set()
        for thread in threads:
            thread.join()
        seconds = time.time() - began
        figures = {"kills": fleet.kills, "in flight": fleet.kills_in_flight} if fleet else {}
    finally:
        course.over.set()
        over.set()
        for worker in workers:
            if worker.pid:
                worker.join(10)
        if fleet:
            fleet.close()
    if any(worker.exitcode for worker in workers):
        raise RuntimeError(f"a buyer's process ended with {[w.exitcode for w in workers]}")
    return figures, seconds


def prepare_twin(url):
    """The claims again, without their primary key and with an index, so that looking is as fast; the seats of the
    ground.
    """
    engine = create_engine(url)
    with engine.begin() as c:
        c.execute(text("set local row_security = off"))
        c.execute(text("create schema if not exists twin"))
        c.execute(text("drop table if exists twin.seat_claim"))
        c.execute(text("create table twin.seat_claim as select * from public.seat_claim with no data"))
        c.execute(text("create index on twin.seat_claim (event_id, seat_id)"))
        events = list(c.execute(text("select id from event order by id")).scalars())
        first = c.execute(text("select min(id) from seat")).scalar_one()
    engine.dispose()
    return events, first, ["nobody"]


def drop_twin(url):
    engine = create_engine(url)
    with engine.begin() as c:
        c.execute(text("drop schema twin cascade"))
    engine.dispose()


def logs():
    """A folder for the logs of one run."""
    return tempfile.TemporaryDirectory(prefix="cricverse-sales-", dir="/var/tmp")


def run(url, attempts, kills, twin_attempts, **how):
    """(ours, the twin without the wall) as Verdicts. Either number of attempts may be 0: then that one is None."""
    ours = twin = None
    if attempts:
        with logs() as folder:
            figures, seconds = drive(url, folder, attempts, kills, **how)
            ours = judge(url, folder, figures, seconds, LIMIT)
    elif twin_attempts:
        prepare(url, twin_attempts)
    if twin_attempts:
        with logs() as folder:
            _, seconds = drive(url, folder, twin_attempts, 0, how.get("sql_workers", 4), 0, walled=False, bound=60)
            twin = judge_twin(folder, seconds)
        drop_twin(url)
    return ours, twin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--twin", action="store_true", help="run only the twin without the wall")
    parser.add_argument("--twin-attempts", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=BOUND, help="the longest that it may take")
    asked = parser.parse_args()
    with stage.database() as url:
        ours, twin = run(
            url, 0 if asked.twin else asked.attempts, asked.kills, asked.twin_attempts, bound=asked.seconds
        )
    tell(ours, twin)
    failed = []
    if ours is not None:
        failed += ["seats were sold twice, or the books differ"] * (not ours.is_clean)
        failed += [f"only {ours.attempts} attempts"] * (ours.attempts < asked.attempts)
        failed += [f"only {ours.figures['in flight']} kills in flight"] * (ours.figures["in flight"] < asked.kills)
    if twin is not None:
        failed += ["the twin sold nothing twice, so the harness proves nothing"] * (not twin.doubles_in_log)
    print("\n" + ("FAILED: " + "; ".join(failed) if failed else "ok"), flush=True)
    return 1 if failed else 0


def tell(ours, twin):
    def row(name, of):
        cells = [f"{of(v):,}" if v is not None and of(v) is not None else "-" for v in (ours, twin)]
        print(f"{name:<44}{cells[0]:>14}{cells[1]:>18}", flush=True)

    print(f"{'':<44}{'ours':>14}{'without the wall':>18}")
    row("attempts", lambda v: v.attempts)
    for road in ("sql", "http"):
        for what in ("attempts", "holds", "sales"):
            row(f"  {what} over {road.upper()}", lambda v, what=what, road=road: v.counts[f"{what} {road}"])
    names = sorted(
        {
            n
            for v in (ours, twin)
            if v
            for n in v.counts
            if n.startswith(("refused", "tried again", "error", "requests", "settled"))
        }
    )
    for name in names:
        row(f"  {name}", lambda v, name=name: v.counts[name])
    row("kill -9 of app processes", lambda v: v.figures.get("kills"))
    row("  with a request in flight", lambda v: v.figures.get("in flight"))
    row("seats sold, by the clients' log", lambda v: v.sold)
    row("live tickets in the database", lambda v: v.tickets or None)
    row("most seats sold to one buyer at an event", lambda v: v.most_per_buyer or None)
    row("DOUBLE SALES in the clients' log", lambda v: v.doubles_in_log)
    row("DOUBLE SALES in the database", lambda v: v.doubles_in_database if v is ours else None)
    row("answers that the database contradicts", lambda v: len(v.wrong) if v is ours else None)
    row("seconds", lambda v: round(v.seconds))
    if ours:
        for line in ours.wrong[:20]:
            print("  " + line)
        print("\ninvariants")
        for r in ours.invariants:
            print(f"  {r.number:2} {r.sentence} {r.looked_at:,} rows looked at, {r.count} violations")
            for thing, problem in r.violations[:5]:
                print(f"       {thing}: {problem}")


if __name__ == "__main__":
    sys.exit(main())
