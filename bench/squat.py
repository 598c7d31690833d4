"""What people get of a sale that bots squat on: 1,000 bots hold seats and never pay, 200 people choose, think and pay.

  python -m bench.squat [--bots 1000] [--people 200] [--seconds 40] [--addresses 20] [--seats 2000] [--without]

Everything goes over HTTP against the product itself (bench/our_server.py), behind one trusted proxy. Each bot holds
eight seats, gives them back and takes them again at once, sometimes as a new browser, and goes to another of the bots'
addresses when one is full. A quarter of the people share one address, as behind a ground's Wi-Fi, and
bots sit behind it, too; the others have an address each. Whoever is told that too much is held from their network
makes an account and goes on. Nobody's time runs out meanwhile: a bot's hold outlasts the sale.

Fair share: what the same people would get without any bot, which is every seat they come for, because the ground has
room for all of them; asked are 95 % of it. Beside it stands what chance alone would give them: the seats divided by all
buyers, bots included, each asking for what it asks for. The twin, the same sale without the share of an address, must
be worse, or this sale proves nothing.
"""

import argparse
import http.client
import itertools
import json
import random
import threading
import time
from collections import Counter

import psycopg2
from sqlalchemy import make_url

from bench import stage

WIFI = "198.51.100.1"
BOT_WORKERS = 24
BOT_SEATS = 8


class Browser:
    """A cookie jar behind an address; every request goes over the worker's own connection."""

    def __init__(self, address):
        self.address, self.csrf, self.cookies = address, None, {}

    def ask(self, wire, method, path, body=None, form=None):
        """(status, JSON or None) of one request."""
        headers = {"X-Forwarded-For": self.address, "X-CSRF-Token": self.csrf or ""}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body), "application/json"
        elif form is not None:
            data, headers["Content-Type"] = form, "application/x-www-form-urlencoded"
        wire.request(method, path, data, headers)
        answer = wire.getresponse()
        content = answer.read()
        for value in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.split(";")[0]
        is_json = answer.headers.get_content_type() == "application/json"
        return answer.status, json.loads(content) if is_json else None

    def fetch_csrf(self, wire):
        self.csrf = self.ask(wire, "GET", "/api/csrf-token")[1]["token"]


class Sale:
    """One sale: the bots, the people, and what became of them."""

    def __init__(self, base, event, first, asked, ends):
        self.host, self.event, self.first, self.asked, self.ends = (
            base.removeprefix("http://"),
            event,
            first,
            asked,
            ends,
        )
        self.addresses = [WIFI, *(f"203.0.113.{n}" for n in range(1, asked.addresses))]
        self.said = {"bots": Counter(), "people": Counter()}
        self.wanted, self.got, self.waits, self.errors = [], [], [], []
        self.lock = threading.Lock()
        starts = random.Random(11).sample(range(first, first + asked.seats, BOT_SEATS), asked.seats // BOT_SEATS)
        self.blocks = itertools.cycle([list(range(at, at + BOT_SEATS)) for at in starts])

    def run(self):
        per_worker = [list(range(n, self.asked.bots, BOT_WORKERS)) for n in range(BOT_WORKERS)]
        work = [threading.Thread(target=self.bots, args=(mine,)) for mine in per_worker if mine]
        work += [threading.Thread(target=self.person, args=(n,)) for n in range(self.asked.people)]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
        if self.errors:
            raise RuntimeError(f"{len(self.errors)} workers failed, the first: {self.errors[0]}")

    def note(self, who, status, answer):
        said = (answer or {}).get("error", {}).get("code") or str(status)
        with self.lock:
            self.said[who][said] += 1
        return said

    def bots(self, numbers):
        """These bots one after the other, again and again until the sale ends."""
        try:
            luck, wire = random.Random(numbers[0]), http.client.HTTPConnection(self.host, timeout=30)
            bots = [[Browser(self.addresses[n % len(self.addresses)]), None, None] for n in numbers]
            bots[0][0].fetch_csrf(wire)  # one token does for all of a worker's bots: it is bound to a cookie of its own
            for browser, _, _ in bots[1:]:
                browser.csrf, browser.cookies = bots[0][0].csrf, dict(bots[0][0].cookies)
            while time.time() < self.ends:
                for bot in bots:
                    if time.time() >= self.ends:
                        return
                    self.squat(wire, bot, luck)
        except Exception as error:  # noqa: BLE001
            self.errors.append(repr(error)[:300])

    def squat(self, wire, bot, luck):
        browser, hold, seats = bot
        if hold is not None:
            if luck.random() > 0.1:
                time.sleep(0.01)  # it sits on them
                return
            browser.ask(wire, "DELETE", f"/api/holds/{hold}")  # and takes the same ones again at once
            bot[1] = None
            if luck.random() < 0.3:
                browser.cookies.pop("cv_session", None)
        else:
            with self.lock:
                seats = next(self.blocks)
        status, answer = browser.ask(wire, "POST", f"/api/events/{self.event}/hold", {"seat_ids": seats})
        said = self.note("bots", status, answer)
        if said == "SEATS_TAKEN" and (rest := sorted(set(seats) - set(answer["error"]["seats"]))):
            seats = rest
            status, answer = browser.ask(wire, "POST", f"/api/events/{self.event}/hold", {"seat_ids": seats})
            said = self.note("bots", status, answer)
        if status == 201:
            bot[1], bot[2] = answer["id"], seats
        elif said == "ADDRESS_SHARE":
            browser.address = luck.choice(self.addresses)

    def person(self, n):
        """Comes some time into the sale, chooses, thinks, pays; looks again when it did not work."""
        luck = random.Random(1000 + n)
        wanted, got = luck.choice((1, 2, 2, 2, 3, 4)), 0
        address = WIFI if n % 4 == 0 else f"192.0.2.{n % 250}" if n < 250 else f"100.64.{n // 250}.{n % 250}"
        try:
            time.sleep(self.asked.seconds * (0.3 + 0.3 * luck.random()))
            wire, browser, came = http.client.HTTPConnection(self.host, timeout=30), Browser(address), time.time()
            browser.fetch_csrf(wire)
            while time.time() < self.ends and not got:
                best = {"count": wanted, "together": luck.random() < 0.7}
                status, answer = browser.ask(wire, "POST", f"/api/events/{self.event}/hold", {"best": best})
                said = self.note("people", status, answer)
                if said == "ADDRESS_SHARE":
                    self.make_account(wire, browser, n)
                    continue
                if status != 201:
                    time.sleep(1 + luck.random())
                    continue
                time.sleep(1 + 4 * luck.random())
                said = self.pay(wire, browser, answer["id"], n)
                if said in ("fulfilled", "ALREADY_PAID"):
                    got = wanted
                    with self.lock:
                        self.waits.append(time.time() - came)
        except Exception as error:  # noqa: BLE001
            self.errors.append(repr(error)[:300])
        with self.lock:
            self.wanted.append(wanted)
            self.got.append(got)

    def pay(self, wire, browser, booking, n):
        """Pay, and press the button again while the server is too busy to answer: it stays one payment."""
        contact = {"name": f"Person {n}", "email": f"person{n}@bench.example"}
        while True:
            status, answer = browser.ask(wire, "POST", f"/bench/confirm/{booking}", contact)
            said = self.note("people", status, answer)
            if status == 200:
                return answer["outcome"]
            if status < 500 or time.time() >= self.ends:
                return said
            time.sleep(1)

    def make_account(self, wire, browser, n):
        form = f"name=Person+{n}&email=person{n}%40bench.example&password=a+long+enough+pass+phrase"
        status, answer = browser.ask(wire, "POST", "/sign-up", form=form)
        self.note("people", f"account {status}", answer)


def squatted(url, event):
    """How many seats are held unpaid now, from how many addresses at most."""
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(
            """select count(*) filter (where c.state in ('held', 'paying')), count(*) filter (where c.state = 'sold')
                 from seat_claim c where c.event_id = %s""",
            (event,),
        )
        return cursor.fetchone()


def prepare(url, is_twin):
    """Eight seats a buyer; in the twin a network may hold everything."""
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("update event set buyer_limit = %s", (BOT_SEATS,))
        if is_twin:
            cursor.execute(
                """create or replace function app.unpaid_share(p_what text, p_left bigint) returns int
                   language sql immutable parallel safe return 1000000"""
            )


def measure(asked, is_twin):
    with stage.database(durable=False) as url:
        _, event, first = stage.build_ground(url, asked.seats)
        prepare(url, is_twin)
        with stage.server("bench.our_server", BENCH_DATABASE_URL=url, BENCH_TRUSTED_PROXIES=1) as (base, _):
            sale = Sale(base, event, first, asked, time.time() + asked.seconds)
            sale.run()
        held, sold = squatted(url, event)
    tell(sale, held, sold, is_twin)


def tell(sale, held, sold, is_twin):
    asked, wanted, got = sale.asked, sum(sale.wanted), sum(sale.got)
    by_chance = min(wanted, asked.seats * wanted / (wanted + asked.bots * BOT_SEATS))
    print(f"\n{'the twin: without the share of an address' if is_twin else 'the product'}")
    print(f"  {asked.seats} seats, {asked.people} people, {asked.bots} bots on {asked.addresses} addresses, "
          f"{asked.seconds:.0f} s; {asked.people // 4} people share the bots' first address")  # fmt: skip
    print(f"  people came for  {wanted} seats (their fair share: all of them)")
    print(f"  people have      {got} seats, {100 * got / wanted:.1f} % of it"
          + ("" if is_twin else "  (asked: 95 %)"))  # fmt: skip
    print(f"  by chance alone  {by_chance:.0f} seats, {100 * by_chance / wanted:.1f} %")
    print(f"  bots hold        {held} seats at the end, unpaid; {sold} are sold")
    if sale.waits:
        print(f"  a person's visit {stage.median(sale.waits):.1f} s in the median, of which some seconds are thought")
    for who, said in sale.said.items():
        print(f"  {who:<6} heard     " + ", ".join(f"{code} × {n}" for code, n in said.most_common(6)), flush=True)
    return got / wanted


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bots", type=int, default=1000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--addresses", type=int, default=20, help="that the bots have, the Wi-Fi's among them")
    parser.add_argument("--seats", type=int, default=2000)
    parser.add_argument("--without", action="store_true", help="the twin alone")
    asked = parser.parse_args()
    if not asked.without:
        measure(asked, False)
    measure(asked, True)


if __name__ == "__main__":
    main()
