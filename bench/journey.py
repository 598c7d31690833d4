"""Whole pages and whole journeys over HTTP on the demo season as `make run` makes it, beside a bare Flask app on the
same server that sends the same bytes (bench/bare_journey.py says what it does and does not); alternating, medians of
the pairs.

  python -m bench.journey [--pairs 3] [--seconds 5] [--only match hold order …] [--ours]

home, fixtures, match, live   pages of somebody without a session, 8 clients
ticket, owner                 a booking by its signed link; an event's page of the ground's owner
page, small                   the seat page of the ground of 100,000 seats and of the one of 5,000, 16 strangers
hold                          that page, its form with two seats, and the page that follows; 16 buyers, each with an
                              empty cookie jar
scan                          one ticket after the other at 16 phones
order                         page, hold, pay page, start, card at the provider (the sandbox, which sends its webhooks),
                              status until it is paid, tickets page; 16 buyers

CPU is what the processes worked by /proc for one journey, without what they do while nobody asks: the web process,
PostgreSQL with all its processes, the jobs, and the provider's stand-in, which no sum contains. The load's own is in
none. "statements" are executes of the web process for one journey ("behind": after the answer, such as webhooks), and
bytes its bodies as they travel. Real settings; only the limits of requests are off, and each buyer has an address of
its own, as behind a proxy.
"""

import argparse
import contextlib
import itertools
import pickle
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import create_engine, text

from bench import processes, stage
from bench.browser import Browser, Failed
from bench.cast import find_cast
from bench.gate import scan
from bench.holds import make_reference
from demo import DOMAIN, PASSWORD

WEBHOOK_SECRET = "whsec_bench_of_the_bare_shop"
ASKED = {"match": 0.5, "page": 0.4, "hold": 0.4, "scan": 0.4, "order": 0.3}


# --- the journeys ---------------------------------------------------------------------------------------------------


class Side:
    """One of the two servers with what its journeys use up; `strangers` come from addresses of their own."""

    def __init__(self, base, sandbox, cast, is_ours):
        self.base, self.sandbox, self.cast, self.is_ours = base, sandbox, cast, is_ours
        self.numbers, self.seats = itertools.count(1), iter(cast.pairs)
        self.left = {event: iter([t for t in cast.tickets if t[0] == event]) for event in cast.phones}
        self.lock = threading.RLock()  # whoever is the first owner to come signs in under it
        self.owner, self.browser = None, Browser

    def stranger(self):
        with self.lock:
            n = next(self.numbers)
        return self.browser(self.base, address=f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}")

    def pair(self):
        with self.lock:
            return next(self.seats)


def page_of(name, path):
    """A journey of one page, by somebody whose browser knows nothing of us, on a connection that is kept."""

    def journey(side, browser):
        browser = browser or side.stranger()
        browser.cookies.clear()
        browser.get(path(side.cast), name)
        return browser

    return journey


def owner(side, browser):
    if browser is None:
        browser = side.stranger()
        with side.lock:
            if side.owner is None:
                side.owner = sign_in(side)
        browser.cookies = dict(side.owner)
    browser.get(f"/owner/events/{side.cast.large}", "owner")
    return browser


def sign_in(side):
    """Cookies of the ground's owner."""
    browser = side.stranger()
    if not side.is_ours:
        browser.get("/bench/owner")
        return browser.cookies
    page = browser.get("/sign-in")
    fields = {"csrf_token": page.token, "email": f"omar@{DOMAIN}", "password": PASSWORD}
    browser.post_form("/sign-in", fields, expect=(303,))
    return browser.cookies


def hold(side, _):
    """Ends with the page that shows the hold; returns the browser, its number of the booking is on that page."""
    browser = side.stranger()
    path = f"/book-tickets-enhanced/{side.cast.large}"
    token = browser.get(path, "page").token
    fields = [("csrf_token", token), ("stand", ""), ("bay", ""), *(("seat_id", seat) for seat in side.pair())]
    browser.post_parts(path, fields, "hold", (303,), Accept="text/html")
    browser.after = browser.get(path, "after", Accept="text/html")
    browser.close()
    return browser


def booking_in(side, browser):
    """The number of the booking that this browser holds: the page links to its pay page; the bare page's bytes name
    another's, so it is told."""
    if side.is_ours:
        return int(browser.after.plain.split(b"/bookings/", 1)[1].split(b"/", 1)[0])
    return int(browser.after.headers["x-booking"])


def order(side, _):
    browser = hold(side, None)
    booking = booking_in(side, browser)
    token = browser.get(f"/bookings/{booking}/pay", "pay").token
    buyer = {"booking_id": booking, "name": "A Buyer", "email": f"buyer{booking}@journey.example"}
    started = browser.post_json("/api/create-booking-payment", buyer, "start", X_CSRF_Token=token).json
    pay_by_card(side, started["client_secret"], browser.times)
    for _ in range(100):
        state = browser.get(f"/bookings/{booking}/payment", "status", Accept="application/json").json["state"]
        if state == "paid":
            break
        if state != "processing":
            raise Failed(f"the payment of {booking} is {state}")
        time.sleep(0.1)
    else:
        raise Failed(f"the payment of {booking} is never settled")
    browser.get(f"/tickets/{booking}", "tickets")
    browser.close()
    return browser


CARD = {
    "return_url": "http://127.0.0.1/return",
    "use_stripe_sdk": "true",
    "payment_method_data[type]": "card",
    "payment_method_data[card][number]": "4242424242424242",
    "payment_method_data[card][exp_month]": 12,
    "payment_method_data[card][exp_year]": 2034,
    "payment_method_data[card][cvc]": "123",
}


def pay_by_card(side, secret, times):
    """Confirm as Stripe's script does in the browser."""
    provider = side.browser(side.sandbox)
    try:
        data = urlencode({**CARD, "client_secret": secret}).encode()
        path = f"/v1/payment_intents/{secret.split('_secret_')[0]}/confirm"
        kind, headers = "application/x-www-form-urlencoded", {"Authorization": "Bearer pk_test_sandbox"}
        provider.ask("POST", path, data, kind, "card", (200,), headers)
        times += provider.times
    finally:
        provider.close()


def scan_one(side, browser):
    if browser is None:
        browser = side.stranger()
        with side.lock:
            browser.number = next(side.numbers)
        browser.event = list(side.cast.phones)[browser.number % 2]
        browser.token = side.cast.phones[browser.event][browser.number // 2 % 8]
    with side.lock:
        _, ticket, code, gate = next(side.left[browser.event])
    if side.is_ours:
        body, headers = {"scans": [scan(code, gate, 1)]}, {"Authorization": f"Bearer {browser.token}"}
        verdict = browser.post_json("/api/gate/scans", body, "scan", **headers).json["verdicts"][0]
    else:
        verdict = browser.post_json("/scan", {"ticket": ticket}, "scan").json
    if not verdict.get("let_in"):
        raise Failed(f"not let in: {verdict}")
    return browser


JOURNEYS = {
    "home": (8, page_of("home", lambda cast: "/")),
    "fixtures": (8, page_of("fixtures", lambda cast: "/fixtures")),
    "match": (8, page_of("match", lambda cast: f"/matches/{cast.match}")),
    "live": (8, page_of("live", lambda cast: f"/matches/{cast.live}/live")),
    "ticket": (8, page_of("ticket", lambda cast: f"/t/{cast.link}")),
    "owner": (8, owner),
    "page": (16, page_of("page", lambda cast: f"/book-tickets-enhanced/{cast.large}")),
    "small": (16, page_of("small", lambda cast: f"/book-tickets-enhanced/{cast.small}")),
    "hold": (16, hold),
    "scan": (16, scan_one),
    "order": (16, order),
}


# --- measuring ------------------------------------------------------------------------------------------------------


class Meter:
    """CPU of groups of processes: {"web", "PostgreSQL", "jobs", "provider"}, milliseconds since they began."""

    def __init__(self, web, postmaster, provider, jobs=None):
        self.web, self.postmaster, self.provider, self.jobs = web, postmaster, provider, jobs
        self.idle = dict.fromkeys(self.read(), 0.0)

    def read(self):
        below = processes.children()
        found = {
            "web": processes.own_cpu(self.web),
            "PostgreSQL": processes.tree_cpu(self.postmaster, below),
            "provider": processes.tree_cpu(self.provider, below),
        }
        if self.jobs:
            found["jobs"] = processes.tree_cpu(self.jobs, below)
        return found

    def rest(self, seconds=4):
        """Learn what they do while nobody asks."""
        before = self.read()
        time.sleep(seconds)
        self.idle = {name: (ms - before[name]) / seconds for name, ms in self.read().items()}

    @contextlib.contextmanager
    def over(self, found):
        """Fill `found` with the milliseconds by group of what happens inside, without their idle work."""
        before, began = self.read(), time.perf_counter()
        yield
        spent = time.perf_counter() - began
        found.update({n: max(0.0, ms - before[n] - self.idle[n] * spent) for n, ms in self.read().items()})


@dataclass
class Run:
    """One measured stretch: journeys done, a second, their milliseconds, those of each step, CPU a journey by group."""

    done: int
    rate: float
    took: list
    steps: dict
    cpu: dict

    @property
    def whole(self):
        """CPU-ms of a journey, without the provider."""
        return sum(ms for name, ms in self.cpu.items() if name != "provider")


def load(side, meter, clients, journey, seconds, most):
    """A Run of so many seconds, or of `most` journeys where those are done sooner."""
    took, steps, wrong = [], {}, []
    deadline, turns = time.perf_counter() + seconds, iter(range(most))

    def work():
        browser = None
        try:
            while time.perf_counter() < deadline and not wrong:
                begun = time.perf_counter()
                try:
                    next(turns)
                    browser = journey(side, browser)
                except StopIteration:  # every ticket was scanned, or every pair of seats held, before the time was over
                    return
                took.append((time.perf_counter() - begun) * 1000)
                for name, ms in browser.times:
                    steps.setdefault(name, []).append(ms)
                browser.times.clear()
        except Exception as error:  # noqa: BLE001
            wrong.append(error)
        finally:
            if browser is not None:
                browser.close()

    cpu = {}
    with meter.over(cpu):
        threads = [threading.Thread(target=work) for _ in range(clients)]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent = time.perf_counter() - begun
        if len(steps) > 3:
            time.sleep(2)  # mails and late webhooks belong to the orders
    if wrong:
        raise RuntimeError(f"{len(wrong)} clients failed, the first: {wrong[0]!r}") from wrong[0]
    if not took:
        raise RuntimeError("nothing was done: the tickets or seats are used up; ask for fewer seconds")
    return Run(len(took), len(took) / spent, sorted(took), steps, {n: ms / len(took) for n, ms in cpu.items()})


def walk(side, journey):
    """One journey alone: {step: (statements, behind, bytes)}, by asking the server for its count after each step."""
    found = {}

    class Watched(Browser):
        def ask(self, method, path, data, kind, step, expect, headers):
            if step is None:
                return super().ask(method, path, data, kind, step, expect, headers)
            before = statements(side.base)
            answer = super().ask(method, path, data, kind, step, expect, headers)
            then = statements(side.base)
            time.sleep(0.5)
            at_provider = self.base != side.base
            said = 0 if at_provider else then - before
            _, behind, _ = found.get(step, (0, 0, 0))
            behind += statements(side.base) - before - said
            found[step] = said, behind, 0 if at_provider else len(answer.body)
            if side.is_ours and not at_provider and answer.headers.get("content-type", "").startswith("text/html"):
                keep(step, answer)
            return answer

    side.browser = Watched
    try:
        browser = journey(side, None)
        if len(found) == 1:  # somebody who is known already, as nearly all are
            found.clear()
            journey(side, browser)
        browser.close()
    finally:
        side.browser = Browser
    return found


def statements(base):
    return stage.get_json(f"{base}/bench/counts")["statements"]


RECORDED = {}


def keep(step, answer):
    RECORDED[step] = answer.headers["content-type"], answer.headers.get("content-encoding"), answer.body


@contextlib.contextmanager
def bare_side(season, cast, home):
    """The bare app with a sandbox of its own, whose webhooks it gets: (Side, Meter)."""
    port = stage.free_port(25000)
    sandbox_port = stage.free_port(port + 1)
    sandbox = subprocess.Popen(
        [
            *(sys.executable, "-m", "sandbox", "--port", str(sandbox_port), "--methods", "card,link,klarna,google_pay"),
            *("--webhook-url", f"http://127.0.0.1:{port}/api/stripe-webhook", "--webhook-secret", WEBHOOK_SECRET),
        ],
        cwd=stage.ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    bodies = home / "bodies"
    bodies.write_bytes(pickle.dumps(RECORDED))
    environment = {
        "BENCH_DATABASE_URL": season.url,
        "BENCH_BODIES": bodies,
        "BENCH_PORT": port,
        "BENCH_STRIPE": f"http://127.0.0.1:{sandbox_port}",
        "BENCH_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "BENCH_SMALL": cast.small,
    }
    try:
        sandbox.stdout.readline()
        with stage.server("bench.bare_journey", **environment) as (base, process):
            side = Side(base, environment["BENCH_STRIPE"], cast, False)
            yield side, Meter(process.pid, season.postmaster, sandbox.pid)
    finally:
        sandbox.terminate()
        sandbox.wait()


@contextlib.contextmanager
def our_side(season, cast):
    """CricVerse: (Side, Meter)."""
    with stage.season_server(season) as (base, process):
        sandbox = f"http://127.0.0.1:{season.environment['SANDBOX_PORT']}"
        meter = Meter(
            process.pid,
            season.postmaster,
            processes.started_by(process.pid, "sandbox"),
            processes.started_by(process.pid, "jobs"),
        )
        yield Side(base, sandbox, cast, True), meter


def at(values, share):
    return values[min(len(values) - 1, int(len(values) * share))]


def tell_side(who, runs, walked):
    """One line of a side, and where there are steps a line of each."""
    mid = lambda pick: stage.median([pick(run) for run in runs])  # noqa: E731
    groups = [name for name in ("web", "PostgreSQL", "jobs", "provider") if name in runs[0].cpu]
    cpu = "  ".join(f"{name} {mid(lambda run, name=name: run.cpu[name]):.2f}" for name in groups)
    said = ""
    if walked:
        behind = sum(step[1] for step in walked.values())
        said = (
            f"  {sum(step[2] for step in walked.values()):,} bytes  "
            f"{sum(step[0] for step in walked.values())}{f' + {behind} behind' if behind else ''} statements"
        )
    print(
        f"  {who:<5} {mid(lambda run: run.rate):8.1f}/s  CPU {mid(lambda run: run.whole):7.2f} ms ({cpu})  "
        f"p50 {mid(lambda run: at(run.took, 0.5)):,.0f}  p95 {mid(lambda run: at(run.took, 0.95)):,.0f} ms{said}",
        flush=True,
    )
    if len(runs[0].steps) > 1:
        for step in runs[0].steps:
            ms = [sorted(run.steps[step]) for run in runs if step in run.steps]
            counted = walked.get(step) if walked else None
            statements = f"  {counted[0]} + {counted[1]} statements, {counted[2]:,} bytes" if counted else ""
            print(
                f"        {step:<8} p50 {stage.median([at(m, 0.5) for m in ms]):7.1f}  "
                f"p95 {stage.median([at(m, 0.95) for m in ms]):7.1f} ms{statements}",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--only", nargs="*", choices=list(JOURNEYS), default=list(JOURNEYS))
    parser.add_argument("--ours", action="store_true", help="without the bare reference")
    asked = parser.parse_args()
    with stage.season() as season, contextlib.ExitStack() as stack:
        cast = find_cast(season)
        make_reference(season.url)
        engine = create_engine(season.url)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            c.execute(text("vacuum analyze"))
        engine.dispose()
        ours, our_meter = stack.enter_context(our_side(season, cast))
        wanted = [name for name in JOURNEYS if name in asked.only]
        walked = {name: ([walk(ours, JOURNEYS[name][1]) for _ in range(2)][-1]) for name in wanted}
        our_meter.rest()
        bare = None
        if not asked.ours:
            bare, bare_meter = stack.enter_context(bare_side(season, cast, season.home))
            bare_walked = {name: walk(bare, JOURNEYS[name][1]) for name in wanted}
            bare_meter.rest()
        found = {}
        for name in wanted:
            clients, journey = JOURNEYS[name]
            sides = [(ours, our_meter)] + ([(bare, bare_meter)] if bare else [])
            # No ticket is scanned twice, so each run of scans gets its share of those of the smaller event.
            fewest = min(sum(t[0] == event for t in cast.tickets) for event in cast.phones)
            most = fewest // (asked.pairs + 2) if name == "scan" else 10**9
            for side, meter in sides:
                load(side, meter, clients, journey, min(1.0, asked.seconds), most)  # warm
            runs = [
                [load(side, meter, clients, journey, asked.seconds, most) for side, meter in sides]
                for _ in range(asked.pairs)
            ]
            print(f"{name}, {clients} clients")
            tell_side("ours", [pair[0] for pair in runs], walked[name])
            found[name] = [stage.median([pair[k].whole for pair in runs]) for k in range(len(sides))]
            found[name, "PostgreSQL"] = stage.median([pair[0].cpu["PostgreSQL"] for pair in runs])
            if bare:
                tell_side("bare", [pair[1] for pair in runs], bare_walked[name])
                rate = stage.median([a.rate / b.rate for a, b in runs])
                cpu = stage.median([b.whole / a.whole for a, b in runs])
                goal = f"  (asked ≥ {ASKED[name]})" if name in ASKED else ""
                print(f"  ratio of rates {rate:.2f}{goal}; of CPU {cpu:.2f}", flush=True)
        if "order" in found and bare and "match" in found:
            whole, bare_page = found["order"][0], found["match"][1]
            print(f"order = {whole / bare_page:.0f} bare pages of {bare_page:.2f} ms (asked ≤ 33)")
        if "page" in found:
            print(f"seat page's PostgreSQL {found['page', 'PostgreSQL']:.2f} ms (asked ≤ 2)")
        if "page" in found and "small" in found:
            print(f"seat page, 100,000 seats over 5,000: {found['page'][0] / found['small'][0]:.2f} (asked ≤ 1.2)")


if __name__ == "__main__":
    main()
