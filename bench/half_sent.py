"""What half-sent requests cost a running product: how long they stay, and what others notice meanwhile.

  python -m bench.half_sent [http://127.0.0.1:5000] [--connections 400] [--limit 30]

Opens so many connections at once, a part of each kind (nothing sent, a head that never ends, a body that never ends,
and both as a drip of a byte a second), and asks for pages of its own all the time.
Prints when the last of each kind was gone, and the answers to the others with their slowest; exits with 1 when one
connection outlives the limit or one page was not answered.
"""

import argparse
import http.client
import select
import socket
import sys
import threading
import time
from urllib.parse import urlsplit

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "
BODY = b"POST /api/stripe-webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\n{"
# kind: (what is sent at once, whether a drip follows)
KINDS = {
    "nothing": (b"", False),
    "half a head": (HEAD, False),
    "half a body": (BODY, False),
    "a head in drips": (HEAD, True),
    "a body in drips": (BODY, True),
}
PAGES = ("/healthz", "/fixtures", "/")


class Half:
    """One connection of a kind."""

    def __init__(self, kind: str, address: tuple[str, int]) -> None:
        self.kind, self.began, self.lasted = kind, time.monotonic(), None
        self.first, self.drips = KINDS[kind]
        self.wire = socket.create_connection(address, 10)
        self.wire.sendall(self.first)

    def look(self) -> None:
        """Note whether the server has let go of it, and drip."""
        try:
            while select.select([self.wire], [], [], 0)[0]:
                if not self.wire.recv(65536):
                    raise ConnectionError
            if self.drips:
                self.wire.send(b"x")
        except OSError:
            self.lasted = time.monotonic() - self.began
            self.wire.close()


def ask_on(address: tuple[str, int], over: threading.Event, taken: list[tuple[float, int]]) -> None:
    """Ask for pages as a visitor does until it is over: (seconds, status) each, status 0 without an answer."""
    while not over.is_set():
        for page in PAGES:
            began, status = time.monotonic(), 0
            try:
                connection = http.client.HTTPConnection(*address, timeout=30)
                connection.request("GET", page)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
                connection.close()
            except OSError:
                pass
            taken.append((time.monotonic() - began, status))
        over.wait(0.2)


def main() -> int:
    parser = argparse.ArgumentParser(description="Half-sent requests against a running product.")
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:5000")
    parser.add_argument("--connections", type=int, default=400)
    parser.add_argument("--limit", type=float, default=30, help="seconds after which none may be open")
    asked = parser.parse_args()
    parts = urlsplit(asked.url)
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    over, taken = threading.Event(), []
    visitor = threading.Thread(target=ask_on, args=(address, over, taken), daemon=True)
    kinds = list(KINDS)
    halves = [Half(kinds[n % len(kinds)], address) for n in range(asked.connections)]
    visitor.start()
    until = time.monotonic() + asked.limit + 5
    while any(h.lasted is None for h in halves) and time.monotonic() < until:
        for half in halves:
            if half.lasted is None:
                half.look()
        time.sleep(1)
    over.set()
    visitor.join(40)
    for kind in kinds:
        mine = [h.lasted for h in halves if h.kind == kind]
        left = sum(lasted is None for lasted in mine)
        print(f"{kind:16} {len(mine):4} connections, the last gone after {max(x or 0 for x in mine):5.1f} s", end="")
        print(f", {left} STILL OPEN" if left else "")
    slowest, unanswered = max(s for s, _ in taken), sum(status != 200 for _, status in taken)
    print(f"pages meanwhile  {len(taken):4} asked for, {unanswered} not answered with 200, slowest {slowest:.2f} s")
    late = [h for h in halves if h.lasted is None or h.lasted > asked.limit]
    return 1 if late or unanswered else 0


if __name__ == "__main__":
    sys.exit(main())
