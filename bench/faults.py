"""Money ends right under faults: bookings paid against a Stripe that fails in every way it knows, then compared with
its own ledger.

  python -m bench.faults [--n 1000] [--without-reconciler] [--twin 150]

Buyers hold seats and pay over HTTP; the sandbox delays, fails, drops connections, loses, doubles and reorders webhooks,
settles late and lets refunds fail. Some buyers close the tab, some cards decline, some holds run out, some tickets are
given back (twice, by impatient people), one match is cancelled in the middle of its sale, and the web's processes are
killed. Afterwards the faults end, the jobs reconcile, and every captured intent of the sandbox's ledger must belong to
exactly one booking with its tickets or have gone back as a whole. The twin is the same run with the jobs, the
reconciler and the buyers' own questions off, and must show losses.
"""

import argparse
import collections
import json
import os
import random
import sys
import threading
import time
from dataclasses import dataclass, field

from sqlalchemy import create_engine, text

from bench import stage
from bench.books import judge
from bench.fleet import PATIENCE, Client, Fleet, Killed, NotSent

API = "* /v1/*"
RULES = (
    {"kind": "delay", "match": API, "probability": 0.03, "seconds": 0.3},
    {"kind": "delay", "match": API, "probability": 0.006, "seconds": 3.5},
    {"kind": "delay", "match": API, "probability": 0.006, "seconds": 3.5, "when": "after"},
    {"kind": "error_before", "match": API, "probability": 0.03},
    {"kind": "error_after", "match": "POST /v1/*", "probability": 0.06},
    {"kind": "drop_connection_before", "match": API, "probability": 0.03},
    {"kind": "drop_connection_after", "match": API, "probability": 0.03},
    {"kind": "rate_limit", "match": API, "probability": 0.03},
    {"kind": "webhook_lost", "probability": 0.65},
    {"kind": "webhook_doubled", "probability": 0.2},
    {"kind": "webhook_reordered", "probability": 0.15, "seconds": 0.5},
    {"kind": "webhook_delayed", "probability": 0.15, "seconds": 1.5},
    {"kind": "late_success", "match": "*/confirm", "probability": 0.12, "seconds": 1.5},
    {"kind": "late_failure", "match": "*/confirm", "probability": 0.08, "seconds": 1.0},
    {"kind": "cancel_processing", "match": "*/cancel", "probability": 0.5},
    {"kind": "refund_failed", "match": "POST /v1/refunds", "probability": 0.3, "seconds": 0.3},
)
# A cancel that meets `processing` is too rare to be counted on; it fires when it can.
COUNTED = tuple(dict.fromkeys(rule["kind"] for rule in RULES if rule["kind"] != "cancel_processing"))
CARDS = ("4242424242424242",) * 8 + ("4000002500003155", "4000000000009235", "4000000000007726")
DECLINED = ("4000000000000002", "4000000000009995", "4000000000000069")


@dataclass
class Run:
    """What all buyers of one run share."""

    url: str
    sandbox: object
    fleet: Fleet
    event: int
    doomed: int  # the event that is cancelled halfway
    seats: list
    tokens: list
    staff: str
    asks: bool
    lock: threading.Lock = field(default_factory=threading.Lock)
    counts: collections.Counter = field(default_factory=collections.Counter)
    next: int = 0

    def count(self, what):
        with self.lock:
            self.counts[what] += 1


class Buyer:
    """One person with a browser: a client of the product, and of the sandbox's card form."""

    def __init__(self, run, number, engine):
        self.run, self.engine = run, engine
        self.rng = random.Random(number)
        self.client = Client(run.fleet, number)
        self.csrf = self.form_cookie = None

    def api(self, method, path, body=None, token=None, form=None, tries=4):
        """(status, JSON or text) of a request to the product, sent again when the server died under it; (0, None) when
        nothing came of it.
        """
        if self.csrf is None and not self._open():
            return 0, None
        headers = {"Cookie": f"{self.form_cookie}; cv_session={token or self.token}", "X-CSRF-Token": self.csrf}
        data = None
        if form is not None:
            data, headers["Content-Type"] = form, "application/x-www-form-urlencoded"
        elif body is not None:
            data, headers["Content-Type"] = json.dumps(body), "application/json"
        return self._send(method, path, data, headers, tries)

    def _open(self):
        status, content, headers = self._send("GET", "/api/csrf-token", None, {}, 40, whole=True)
        if status == 200:
            self.form_cookie, self.csrf = headers["Set-Cookie"].split(";")[0], json.loads(content)["token"]
        return status == 200

    def _send(self, method, path, data, headers, tries, whole=False):
        until = time.monotonic() + 25
        while tries and time.monotonic() < until:
            try:
                status, content, found = self.client.send(method, path, data, headers)
            except NotSent:
                time.sleep(0.05)
                continue
            except Killed:
                tries -= 1
                self.run.count("requests left without an answer")
                continue
            if whole:
                return status, content, found
            try:
                return status, json.loads(content)
            except ValueError:
                return status, content.decode(errors="replace")
        return (0, None, None) if whole else (0, None)

    # --- one booking ------------------------------------------------------------------------------------------------

    def buy(self, n):
        """From the hold to whatever comes of it."""
        run, rng = self.run, self.rng
        self.token = run.tokens[n % len(run.tokens)]
        seats = run.seats[4 * n : 4 * n + rng.randint(1, 3)]
        self.event = run.doomed if rng.random() < 0.12 else run.event
        status, held = self.api("POST", f"/api/events/{self.event}/hold", {"seat_ids": seats})
        if status != 201:
            run.count(f"hold answered {status}")
            return
        booking = held["id"]
        run.count("holds")
        started = self.start(booking)
        if started is None:
            run.count("gave up before paying")
            return
        if rng.random() < 0.05:
            # Thought better of it, and then not: a second attempt for the same seats.
            status, _ = self.api("POST", f"/holds/{booking}/stop-payment", form="")
            run.count("stopped the payment")
            started = self.start(booking) or started
        if rng.random() < 0.06:
            self.run_out(booking)  # and pays all the same
        said = self.pay(started)
        run.count(f"at the card form: {said}")
        if said == "gave up" or not run.asks:
            return self.give_back(booking)
        if rng.random() < 0.5:
            run.count("closed the tab")
        else:
            self.wait_for_tickets(started)
        if rng.random() < 0.04:
            self.run_out(booking)
        self.give_back(booking)

    def start(self, booking):
        """Begin to pay, as impatiently as people are; None when it never came to it."""
        for _ in range(4):
            status, started = self.api("POST", "/api/create-booking-payment", {"booking_id": booking})
            if status == 200:
                return started
            self.run.count(f"beginning to pay answered {status}")
            if status not in (0, 500, 503):
                return None
            time.sleep(0.1)
        return None

    def pay(self, started):
        """Enter a card until one is taken: paid, processing, or gave up. Faults strike here, too."""
        cards = [self.rng.choice(CARDS)]
        if self.rng.random() < 0.12:
            cards.insert(0, self.rng.choice(DECLINED))
        for card in cards:
            for _ in range(3):
                try:
                    status, found = self.run.sandbox.pay(started["client_secret"], card)
                except (OSError, ValueError):
                    status, found = 0, None
                error = (found or {}).get("error", {}) if isinstance(found, dict) else {}
                if status == 402:
                    break
                state = found.get("status") if status == 200 else error.get("payment_intent", {}).get("status")
                if state == "requires_action":
                    try:
                        self.run.sandbox.authenticate(started["payment_intent_id"])
                        return "3-D Secure"
                    except (AssertionError, OSError):
                        continue
                if state in ("succeeded", "processing", "canceled"):
                    return state
                time.sleep(0.05)
        return "gave up"

    def wait_for_tickets(self, started):
        for _ in range(8):
            status, found = self.api("GET", f"/api/payment-status/{started['payment_intent_id']}")
            if status == 200 and found["state"] in ("paid", "lost", "ended"):
                self.run.count(f"told: {found['state']}")
                return
            time.sleep(0.3)
        self.run.count("stopped waiting")

    def run_out(self, booking):
        """The hold's time is over: its clock is moved, by the migrating login."""
        with self.engine.begin() as c:
            c.execute(text("set local row_security = off"))
            c.execute(
                text(
                    "update booking set held_at = now() - interval '1 hour', expires_at = now() - interval '40 "
                    "minutes' where id = :b"
                ),
                {"b": booking},
            )
            c.execute(
                text(
                    "update seat_claim set expires_at = now() - interval '35 minutes' "
                    "where booking_id = :b and expires_at is not null"
                ),
                {"b": booking},
            )
        self.run.count("holds run out")

    def give_back(self, booking):
        """Some give tickets back: the fan, the staff, or both at once; and some press twice."""
        if self.rng.random() > 0.45:
            return
        with self.engine.begin() as c:
            c.execute(text("set local row_security = off"))
            lines = c.execute(
                text(
                    "select l.id, l.total from booking_line l join booking b on b.id = l.booking_id "
                    "where b.id = :b and b.state = 'paid'"
                ),
                {"b": booking},
            ).all()
        if not lines:
            return
        chosen = lines if self.rng.random() < 0.5 else lines[:1]
        form = "&".join(f"line={line.id}" for line in chosen)
        who = self.rng.choice(("fan", "staff", "both"))
        for _ in range(self.rng.choice((1, 1, 2))):
            if who in ("fan", "both"):
                status, _ = self.api("POST", f"/tickets/{booking}/refund", form=form)
                self.run.count(f"refund by the fan answered {status}")
            if who in ("staff", "both"):
                amount = sum(line.total for line in chosen)
                path = f"/owner/events/{self.event}/bookings/{booking}/refund"
                status, _ = self.api(
                    "POST", path, form=f"{form}&amount={amount}&note=Asked+at+the+office", token=self.run.staff
                )
                self.run.count(f"refund by staff answered {status}")


# --- around the buyers ----------------------------------------------------------------------------------------------


def prepare(url, n, slug):
    """A ground of its own with an event on sale, its seats, a session for each buyer and one for the ground's owner."""
    stadium, event, first = stage.build_ground(url, 4 * n, slug=slug)
    engine = create_engine(url)
    with engine.begin() as c:
        c.execute(text("set local row_security = off"))
        layout = c.execute(text("select layout_id from event where id = :e"), {"e": event}).scalar_one()
        doomed = stage.build_event(c, stadium, layout)
        c.execute(
            text(
                "update event set refund_until_hours = 24, refund_share_bp = 10000, refund_keeps_fees = id <> :d "
                "where id in (:e, :d)"
            ),
            {"e": event, "d": doomed},
        )
        base = c.execute(text("select coalesce(max(id), 0) from customer")).scalar_one() + 1
    tokens = stage.build_buyers(url, n + 1, first=base)
    with engine.begin() as c:
        c.execute(text("set local row_security = off"))
        owner = c.execute(
            text("select id from customer where email = :e"), {"e": f"buyer{base + n}@bench.example"}
        ).scalar_one()
        c.execute(text("insert into staff_role values (:c, :s, 'owner', now())"), {"c": owner, "s": stadium})
    engine.dispose()
    return event, doomed, list(range(first, first + 4 * n)), tokens[:n], tokens[n]


def start_fleet(settings, size):
    from config import child_environment

    environment = child_environment(settings)
    return Fleet("bench.faults_server", size, **environment, LOG_LEVEL="ERROR")


def point_webhooks(run, settings):
    slot = run.fleet.pick(0)
    run.sandbox.set_webhook(f"http://{slot['host']}/api/stripe-webhook", settings.stripe_webhook_secret)


def work_beside(app, over):
    """The jobs, as `flask jobs run` does them, with the reconciler every fifteen seconds instead of
    every five minutes.
    """
    from booking import recovery
    from serving import jobs

    tasks = [(task, every) for task, every in jobs.TASKS[:-1]] + [(lambda: recovery.reconcile(older_than=5), 15)]
    due = {task: 0.0 for task, _ in tasks}
    while not over.wait(0.25):
        for task, every in tasks:
            if time.monotonic() >= due[task] and not over.is_set():
                jobs.work(app, task)
                due[task] = time.monotonic() + every


def drive(
    url, app, settings, sandbox, n, reconciles=True, kills=5, least=0, clients=10, servers=2, bound=240, slug="faults"
):
    """n bookings (and up to as many more, until each fault fired `least` times). Returns (Run, fired)."""
    event, doomed, seats, tokens, staff = prepare(url, 2 * n, slug)
    over, deadline = threading.Event(), time.monotonic() + bound
    fleet = start_fleet(settings, servers)
    run = Run(url, sandbox, fleet, event, doomed, seats, tokens, staff, reconciles)
    engine = create_engine(url, pool_size=clients)
    errors = []
    try:
        point_webhooks(run, settings)
        sandbox.faults(*RULES, seed=7)

        def missing():
            fired = sandbox.fired()
            return any(fired[kind] < least for kind in COUNTED)

        def buy(number):
            buyer = Buyer(run, number, engine)
            try:
                while time.monotonic() < deadline:
                    with run.lock:
                        mine, run.next = run.next, run.next + 1
                    if mine >= 2 * n or (mine >= n and not missing()):
                        return
                    buyer.buy(mine)
                    run.count("bookings tried")
            except Exception as error:  # noqa: BLE001
                errors.append(error)
            finally:
                buyer.client.close()

        def kill():
            for number in range(kills):
                over.wait(bound / 4 / max(kills, 1) if n > 200 else 1.5)
                if over.is_set():
                    return
                fleet.kill_one(number)
                point_webhooks(run, settings)

        def cancel():
            """The ground's staff cancel the other match when half of the bookings have begun, whoever is paying for it
            just then.
            """
            while run.next < n / 2 and not over.wait(0.1):
                pass
            office = Buyer(run, clients, engine)
            for _ in range(20):
                status, _ = office.api(
                    "POST", f"/owner/events/{doomed}/cancel", form="name=Bench+final&note=Rain", token=staff
                )
                run.count(f"cancelling a match answered {status}")
                if status == 303 or over.wait(0.3):
                    break
            office.client.close()

        buyers = [threading.Thread(target=buy, args=(i,)) for i in range(clients)]
        others = [threading.Thread(target=kill), threading.Thread(target=cancel)]
        if reconciles:
            others.append(threading.Thread(target=work_beside, args=(app, over)))
        for thread in buyers + others:
            thread.start()
        for thread in buyers:
            thread.join()
        over.set()
        for thread in others:
            thread.join()
        if errors:
            raise errors[0]
        fired = sandbox.fired()
        sandbox.clear_faults()
        come_to_rest(sandbox)
        if reconciles:
            reconcile(app, engine)
        else:
            come_to_rest(sandbox, 3)
    finally:
        over.set()
        fleet.close()
        engine.dispose()
    return run, fired


def come_to_rest(sandbox, seconds=25):
    """Wait until the sandbox's late payments have ended and its webhooks have arrived or will not."""
    until = time.monotonic() + seconds
    last = None
    while time.monotonic() < until:
        now = len(sandbox.ledger()), len(sandbox.events()), sum(len(e["attempts"]) for e in sandbox.events())
        if now == last:
            return
        last = now
        time.sleep(2.5)


def reconcile(app, engine):
    """What the jobs do in an hour: holds at their end, refunds asked again, three rounds of reconciling."""
    from booking import recovery, refunds
    from serving import jobs

    for _ in range(3):
        with engine.begin() as c:
            c.execute(text("set local row_security = off"))
            late = "expires_at = least(expires_at, now() - interval '40 minutes')"
            c.execute(
                text(
                    f"update booking set held_at = least(held_at, now() - interval '1 hour'), {late} "
                    "where state in ('held', 'paying')"
                )
            )
            c.execute(
                text(
                    """update seat_claim set expires_at = least(expires_at, now() - interval '35 minutes')
                        where state in ('held', 'paying') and booking_id is not null"""
                )
            )
            c.execute(
                text(
                    "update refund set updated_at = now() - interval '2 hours' where state in ('requested', 'pending')"
                )
            )
        with app.app_context():
            for _ in range(30):
                if not any(recovery.sweep().values()):
                    break
            recovery.reconcile()
            for _ in range(10):
                if not recovery.refund_cancelled_events():
                    break
            for _ in range(10):
                if refunds.send_waiting() < 200:
                    break
        time.sleep(1.2)  # refunds that the sandbox settles later
    jobs.work(app, jobs.seal)


def run(url, app, settings, sandbox, n, reconciles=True, **how):
    """Drive and judge: a Verdict."""
    started = time.monotonic()
    done, fired = drive(url, app, settings, sandbox, n, reconciles, **how)
    verdict = judge(url, sandbox, [done.event, done.doomed])
    verdict.counts, verdict.fired = done.counts, fired
    verdict.kills, verdict.seconds = done.fleet.kills_in_flight, time.monotonic() - started
    return verdict


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--least", type=int, default=None, help="how often each fault must fire (50 for a thousand)")
    parser.add_argument(
        "--twin", type=int, default=150, help="bookings of the twin without the reconciler; 0 leaves it out"
    )
    parser.add_argument("--without-reconciler", action="store_true", help="run only the twin, with --n bookings")
    parser.add_argument("--seconds", type=float, default=300, help="the longest that the buyers may take")
    asked = parser.parse_args()
    least = asked.least if asked.least is not None else asked.n // 20
    from tests.support.sandbox_server import running_sandbox

    verdict = twin = None
    with stage.database() as url, running_sandbox() as sandbox:
        app, settings = build_app(url, sandbox)
        if not asked.without_reconciler:
            verdict = run(url, app, settings, sandbox, asked.n, least=least, bound=asked.seconds)
            tell(f"{asked.n} bookings under faults, then reconciled", verdict)
            sandbox.reset()
        size = asked.n if asked.without_reconciler else asked.twin
        if size:
            twin = run(url, app, settings, sandbox, size, reconciles=False, kills=2, bound=120, slug="twin")
            tell(f"\nthe twin: {size} bookings, nobody reconciles, nobody asks", twin)
    failed = []
    if verdict is not None:
        failed += ["the books differ"] * (not verdict.is_clean)
        failed += [f"{kind} fired {verdict.fired[kind]} times" for kind in COUNTED if verdict.fired[kind] < least]
    if twin is not None and not twin.losses:
        failed.append("the twin lost nothing, so the harness proves nothing")
    print("\n" + ("FAILED: " + "; ".join(failed) if failed else "ok"), flush=True)
    return 1 if failed else 0


def build_app(url, sandbox, password=stage.PASSWORD):
    """(app, settings) on this database and sandbox, for the jobs; its patience with Stripe is as short
    as the servers'.
    """
    import stripe_integration
    from app import create_app
    from config import load_settings

    stripe_integration.TIMEOUT = PATIENCE
    settings = load_settings(
        {
            "CRICVERSE_ENV": "testing",
            "CRICVERSE_HOME": os.environ["CRICVERSE_HOME"],
            "DATABASE_URL": url,
            "APP_DATABASE_PASSWORD": password,
            "SANDBOX_PORT": str(sandbox.port),
            "LOG_LEVEL": "ERROR",
        }
    )
    return create_app(settings), settings


def tell(title, v):
    print(title)
    for kind in sorted(v.fired, key=lambda k: -v.fired[k]):
        if v.fired[kind]:
            print(f"  {kind:<28}{v.fired[kind]:>7} times, by the sandbox's count")
    for what, n in sorted(v.counts.items()):
        print(f"  {what:<44}{n:>7}")
    print(f"  {'kill -9 with a request in flight':<44}{v.kills:>7}")
    print(f"  {'intents captured, by the ledger':<44}{v.captured:>7}")
    print(f"  {'  with all their tickets':<44}{v.fulfilled:>7}")
    print(f"  {'  whose match was cancelled later, all back':<44}{v.cancelled:>7}")
    print(f"  {'  sent back at once instead of tickets':<44}{v.given_back:>7}")
    print(f"  {'  with a refund that the bank returned to us':<44}{v.bank_refused:>7}, which staff see")
    for name, found in (
        ("PAID BUT TICKETLESS", v.ticketless),
        ("TICKETS WITHOUT MONEY", v.unpaid_tickets),
        ("DOUBLE CHARGES", v.double_charges),
        ("DOUBLE REFUNDS", v.double_refunds),
        ("REFUNDS STILL OPEN OR UNKNOWN", v.open_refunds),
    ):
        print(f"  {name:<44}{len(found):>7}")
        for line in found[:5]:
            print(f"      {line}")
    for r in v.invariants:
        print(f"  invariant {r.number:<3}{r.looked_at:>8,} rows looked at, {r.count} violations  {r.note}")
        for thing, problem in r.violations[:5]:
            print(f"      {thing}: {problem}")
    print(f"  {'seconds':<44}{v.seconds:>7.0f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
