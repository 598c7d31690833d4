"""Turns: when more is under way than this process answers soon, whoever only begins waits in line, on a page that says
the place and looks again by itself. At all other times nothing of this shows.

Only pages that begin something ask here (`by_turn`); a step of somebody who is choosing, holds seats or pays never
does. A place is a cookie that we signed, with the moment of arrival, so it outlives a reload and is good in every
process; who came first comes in first. Whoever was let in, or has got seats, has a pass for half an hour. It is no wall
against machines, which the limits are for: it keeps the time short for those who are inside.
"""

import secrets
import threading
import time
from bisect import bisect_left, insort
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Response, current_app, g, make_response, render_template, request
from werkzeug.exceptions import ServiceUnavailable

from extensions import keyed_hash
from outside import whole_number
from web.presentation import THEME_COOKIE, THEMES

AT_ONCE = 64  # requests under way in this process up to which everybody is let in
MOST = 20_000  # places that are kept; whoever comes then is asked to come again
LET_IN = 16  # people a second that a line moves by, about: only for how soon a page looks again
SOONEST, LATEST = 2, 60  # seconds after which a page in line looks again
PASS = 30 * 60  # seconds that a pass is good for
LONGEST = 4 * 3600  # seconds that a place is kept for
HOLDS = {("bookings.hold", 303), ("api.hold", 201)}  # endpoint and status of whoever has got seats
NUMBER, SECONDS = "900719925474", "900719925475"  # stand for both in the page that is kept

Place = tuple[int, str]  # the moment of arrival in microseconds, and letters that tell two of one moment apart


class Turns:
    """The line of one process: `under_way` requests, and places in the order of arrival with the moment until which
    each is kept when its page is not heard of."""

    def __init__(self) -> None:
        self.at_once, self.under_way = AT_ONCE, 0
        self.line: list[Place] = []
        self.kept: dict[Place, float] = {}
        self.swept = 0.0
        self.lock = threading.Lock()
        self.pages: dict[str | None, str] = {}

    @property
    def is_calm(self) -> bool:
        return not self.line and self.under_way <= self.at_once

    def ask(self, place: Place) -> int:
        """0 for whoever comes in now; else the number in line, and the place is kept until the page looks again."""
        with self.lock:
            now = time.monotonic()
            if now - self.swept > 1:
                self.swept = now
                self.kept = {one: until for one, until in self.kept.items() if until > now}
                self.line = sorted(self.kept)
            before = bisect_left(self.line, place)
            room = self.at_once - self.under_way + 1  # this request is one of them
            # While a line stands it empties half a room at a time: who comes in asks for more than a page.
            if before < (room // 2 if self.line else room):
                if self.kept.pop(place, None):
                    del self.line[before]
                return 0
            if place not in self.kept:
                if len(self.line) >= MOST:
                    return len(self.line) + 1
                insort(self.line, place)
            self.kept[place] = now + 2.5 * rest_of(before + 1) + 2
            return before + 1


def rest_of(number: int) -> int:
    """Seconds after which the page with this number looks again."""
    return min(LATEST, max(SOONEST, number // LET_IN))


def init_app(app: Flask) -> None:
    """Before whatever else looks at requests: what is under way is counted from its beginning."""
    turns = app.extensions["turns"] = Turns()

    @app.before_request
    def begin() -> None:
        g.is_counted = True
        turns.under_way += 1

    @app.teardown_request
    def end(_: BaseException | None) -> None:
        if g.pop("is_counted", False):
            turns.under_way -= 1

    app.after_request(give_cookie)


def by_turn(view: Callable[..., Any]) -> Callable[..., Any]:
    """A page that begins something: in a rush its visitors come in one after the other. An address with a choice in it
    (`?stand=`, `?best_count=`) goes on with something, and is never kept waiting."""

    @wraps(view)
    def page(*args: Any, **kwargs: Any) -> Any:
        turns = current_app.extensions["turns"]
        if turns.is_calm or "stand" in request.args or "best_count" in request.args or _has_pass():
            return view(*args, **kwargs)
        place = _place() or (_now(), secrets.token_hex(4))
        number = turns.ask(place)
        if not number:
            g.turn_cookie = _signed("pass", (_now(), place[1]))
            return view(*args, **kwargs)
        g.turn_cookie = _signed("place", place)
        return _in_line(turns, number)

    return page


def _in_line(turns: Turns, number: int) -> Response:
    theme = request.cookies.get(THEME_COOKIE)
    theme = theme if theme in THEMES else None
    if theme not in turns.pages:
        # Nobody's request: nothing of this one may stand in a page that others get.
        headers = {"Cookie": f"{THEME_COOKIE}={theme}"} if theme else {}
        with current_app.test_request_context("/", headers=headers):
            turns.pages[theme] = render_template("errors/in_line.html", number=NUMBER, seconds=SECONDS)
    rest = str(rest_of(number))
    page = turns.pages[theme].replace(NUMBER, f"{number:,}").replace(SECONDS, rest)
    return make_response(page, ServiceUnavailable.code, {"Retry-After": rest, "Cache-Control": "no-store"})


# --- the cookie -----------------------------------------------------------------------------------


def cookie_name() -> str:
    return "__Host-cv_turn" if current_app.config["SETTINGS"].is_secure else "cv_turn"


def give_cookie(response: Response) -> Response:
    if (request.endpoint, response.status_code) in HOLDS:
        g.turn_cookie = _signed("pass", (_now(), secrets.token_hex(4)))
    if value := g.get("turn_cookie"):
        is_secure = current_app.config["SETTINGS"].is_secure
        response.set_cookie(
            cookie_name(), value, max_age=LONGEST, secure=is_secure, httponly=True, samesite="Lax", path="/"
        )
    return response


def _now() -> int:
    return time.time_ns() // 1000


def _signed(what: str, place: Place) -> str:
    said = f"{what}.{place[0]}.{place[1]}"
    return f"{said}.{keyed_hash('turn', said).hex()}"


def _read(what: str, seconds: int) -> Place | None:
    """The moment and letters of this browser's cookie, if it is one of these that we signed and not older than that."""
    said, _, mark = request.cookies.get(cookie_name(), "").rpartition(".")
    kind, _, rest = said.partition(".")
    moment, _, letters = rest.partition(".")
    if kind != what or not secrets.compare_digest(mark.encode(), keyed_hash("turn", said).hex().encode()):
        return None
    at = whole_number(moment)
    return (at, letters) if at is not None and at > _now() - seconds * 1_000_000 else None


def _has_pass() -> bool:
    return _read("pass", PASS) is not None


def _place() -> Place | None:
    return _read("place", LONGEST)
