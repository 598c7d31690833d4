"""The buyers of bench/onsale.py, thousands in one process of green threads: each a browser with an open map.

  python -m bench.onsale_buyers TASK.json

Prints one JSON object: what each step took, what was shed and how, and what went wrong.
"""

import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
import eventlet  # noqa: E402

eventlet.monkey_patch()

import collections  # noqa: E402
import contextlib  # noqa: E402
import json  # noqa: E402
import random  # noqa: E402
import resource  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from urllib.parse import urlencode  # noqa: E402

from bench.browser import Browser  # noqa: E402
from bench.fanout_clients import frame  # noqa: E402
from bench.journey import CARD  # noqa: E402

ANY = range(100, 600)
SHED = (429, 503)
PATIENCE = 600  # seconds that a buyer waits in a line before it counts as an error


class GaveUp(Exception):
    """Something that must not happen to a buyer; the words say what and at which step."""


class Seen:
    """What all buyers saw together."""

    def __init__(self):
        self.took = collections.defaultdict(list)  # step → milliseconds of its answer
        self.waited = collections.defaultdict(list)  # step → milliseconds in line before it
        self.shed, self.errors, self.messages = collections.Counter(), collections.Counter(), collections.Counter()
        self.whole, self.ended, self.taken, self.places = [], [], 0, 0


class OpenMap:
    """The websocket of one map: says hello, joins the event's room, answers pings, counts what comes."""

    def __init__(self, buyer, seen):
        self.seen, self.over = seen, False
        host, port = buyer.at
        self.sock = socket.create_connection((host, port), timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in buyer.cookies.items())
        hello = (
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {buyer.host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nOrigin: {buyer.base}\r\nX-Forwarded-For: {buyer.address}\r\nCookie: {cookies}\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        self.sock.sendall(hello.encode())
        self.joining = frame(f'42["join_event",{{"event_id":{buyer.event}}}]')
        eventlet.spawn(self.listen)

    def listen(self):
        try:
            self.sock.settimeout(None)
            first = self.sock.recv(65536)
            if not first.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(first[:60].decode("latin-1"))
            self.sock.sendall(frame("40"))
            self.sock.sendall(self.joining)
            while data := self.sock.recv(65536):
                if b"\x81\x012" in data:
                    self.sock.sendall(frame("3"))
                for word in (b"seats_changed", b"occupancy_update", b"subscription_status"):
                    if count := data.count(b'42["' + word):
                        self.seen.messages[word.decode()] += count
        except (OSError, EOFError) as error:
            if not self.over:
                self.seen.errors[f"socket: {str(error)[:80]}"] += 1
            return
        if not self.over:
            self.seen.errors["socket: closed by the server"] += 1

    def close(self):
        if not self.over:
            self.over = True
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)  # the listener reads the end
            self.sock.close()


class Buyer(Browser):
    def __init__(self, task, number, seen):
        super().__init__(
            task["base"], address=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", timeout=120
        )
        self.task, self.number, self.seen, self.event = task, number, seen, task["event"]
        self.rng, self.map = random.Random(number), None

    def step(self, name, ask, expect=(200,)):
        """What `ask` gives once it is let through; a page that sheds is looked at, and obeyed."""
        begun = time.perf_counter()
        while True:
            sent = time.perf_counter()
            try:
                answer = ask(ANY)
            except OSError as error:
                raise GaveUp(f"{name}: {type(error).__name__}") from error
            if answer.status in expect:
                self.seen.took[name].append((time.perf_counter() - sent) * 1000)
                if sent - begun > 0.001:
                    self.seen.waited[name].append((sent - begun) * 1000)
                return answer
            if answer.status not in SHED:
                raise GaveUp(f"{name}: {answer.status} {answer.plain[:80]!r}")
            rest, said = answer.headers.get("retry-after"), answer.plain
            if not rest or not (b"<h1" in said or b'"message"' in said):
                raise GaveUp(f"{name}: {answer.status} without a page or a time to come again")
            self.seen.shed[f"{name} {answer.status}"] += 1
            self.seen.places += b"in line" in said
            if sent - begun > PATIENCE:
                raise GaveUp(f"{name}: never let in")
            eventlet.sleep(float(rest))

    def get_page(self, name, path, expect=(200,), **headers):
        return self.step(name, lambda any_: self.get(path, None, any_, **headers), expect)

    def look(self):
        eventlet.sleep(self.rng.expovariate(1 / self.task["think"]) if self.task["think"] else 0)

    def buy(self):
        path = f"/book-tickets-enhanced/{self.event}"
        page = self.get_page("page", path)
        token, text = page.token, page.plain.decode()
        for name in ("layout", "prices", "states"):
            address = text.split(f'data-{name}="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
            self.get_page(name, address)
        self.map = OpenMap(self, self.seen)
        self.look()
        self.hold(path, token)
        after = self.get_page("after", path)
        booking = int(after.plain.split(b"/bookings/", 1)[1].split(b"/", 1)[0])
        self.look()
        token = self.get_page("pay", f"/bookings/{booking}/pay").token
        self.map.close()
        buyer = {"booking_id": booking, "name": "A Buyer", "email": f"buyer{booking}@onsale.example"}
        started = self.step(
            "start",
            lambda any_: self.post_json("/api/create-booking-payment", buyer, None, any_, X_CSRF_Token=token),
        ).json
        self.pay(started["client_secret"])
        for _ in range(600):
            said = self.get_page("status", f"/bookings/{booking}/payment", Accept="application/json").json["state"]
            if said == "paid":
                break
            if said != "processing":
                raise GaveUp(f"status: {said}")
            eventlet.sleep(1)
        else:
            raise GaveUp("status: never settled")
        self.get_page("tickets", f"/tickets/{booking}")

    def hold(self, path, token):
        """Two seats side by side that the map shows free; others if somebody was quicker."""
        for _ in range(20):
            first, second = self.rng.choice(self.task["pairs"])
            fields = [("csrf_token", token), ("stand", ""), ("bay", ""), ("seat_id", first), ("seat_id", second)]
            answer = self.step(
                "hold", lambda any_, f=fields: self.post_parts(path, f, None, any_, Accept="text/html"), (303, 409)
            )
            if answer.status == 303:
                return
            self.seen.taken += 1
            token = answer.token
        raise GaveUp("hold: twenty pairs were taken")

    def pay(self, secret):
        provider = Browser(self.task["sandbox"], timeout=120)
        try:
            data = urlencode({**CARD, "client_secret": secret}).encode()
            path = f"/v1/payment_intents/{secret.split('_secret_')[0]}/confirm"
            kind, headers = "application/x-www-form-urlencoded", {"Authorization": "Bearer pk_test_sandbox"}
            self.step("card", lambda any_: provider.ask("POST", path, data, kind, None, any_, headers))
        finally:
            provider.close()


def one(task, number, seen, began):
    rng = random.Random(-number)
    eventlet.sleep(rng.random() * task["within"])
    came = time.perf_counter()
    buyer = Buyer(task, number, seen)
    try:
        buyer.buy()
        seen.whole.append((time.perf_counter() - came) * 1000)
        seen.ended.append(time.perf_counter() - began)
    except GaveUp as error:
        seen.errors[str(error)] += 1
    except Exception as error:  # noqa: BLE001
        seen.errors[f"{type(error).__name__}: {str(error)[:100]}"] += 1
    finally:
        buyer.close()
        if buyer.map:
            buyer.map.close()


def main():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with open(sys.argv[1]) as file:
        task = json.load(file)
    seen, pool, began = Seen(), eventlet.GreenPool(task["buyers"]), time.perf_counter()
    for number in range(1, task["buyers"] + 1):
        pool.spawn_n(one, task, number, seen, began)
    pool.waitall()
    print(
        json.dumps(
            {name: dict(value) if isinstance(value, dict) else value for name, value in vars(seen).items()}
            | {"seconds": time.perf_counter() - began, "cpu": time.process_time()}
        )
    )


if __name__ == "__main__":
    main()
