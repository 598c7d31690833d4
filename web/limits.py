"""How often somebody may ask: by the browser, because a whole crowd comes from one address."""

import re
from collections.abc import Callable
from typing import Any

from flask import request, session

from accounts.sessions import cookie_name, hash_of
from extensions import client_network, limiter

CROWD = 10  # browsers' worth that one network may ask for


def per_browser(limits: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A route's limits ("60/minute;600/hour") for one browser, and tenfold for everybody behind one network: a ground's
    Wi-Fi or a carrier brings many, and a cookie is easily made up. A browser is known by its session, and before its
    first hold by its form's token; without either the network counts as one browser.
    """
    crowd = re.sub(r"[0-9]+", lambda number: str(int(number[0]) * CROWD), limits)

    def limited(view: Callable[..., Any]) -> Callable[..., Any]:
        return limiter.limit(crowd)(limiter.limit(limits, key_func=_browser)(view))

    return limited


def _browser() -> str:
    token = request.cookies.get(cookie_name())
    return hash_of(token).hex() if token else session.get("csrf_token") or client_network()
