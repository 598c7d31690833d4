"""Who may open a websocket at all, before anything of Socket.IO is reached: pages of our own, and not too many from one
address.
"""

import collections
import ipaddress
import json
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

from config import Settings

PREFIX = "/socket.io/"


class Handshake:
    """WSGI in front of the Socket.IO server.

    A websocket's call lasts as long as the connection, so calls under way are counted.
    """

    def __init__(self, wsgi_app: Any, settings: Settings, ready: Callable[[], bool]) -> None:
        self.wsgi_app, self.settings, self.ready = wsgi_app, settings, ready
        self.open = collections.Counter()
        self.lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(PREFIX):
            return self.wsgi_app(environ, start_response)
        if not self.is_own(environ):
            return refuse(start_response, "403 Forbidden", "FOREIGN_ORIGIN", "Only this site's own pages may connect.")
        if not is_upgrade(environ):
            return refuse(start_response, "400 Bad Request", "WEBSOCKET_ONLY", "Live messages come by websocket alone.")
        address = network(environ.get("REMOTE_ADDR", ""))
        with self.lock:
            full = self.open[address] >= self.settings.sockets_per_address
            if not full:
                self.open[address] += 1
        if full:
            return refuse(
                start_response,
                "429 Too Many Requests",
                "TOO_MANY_CONNECTIONS",
                "Too many connections come from your network.",
            )
        try:
            if not self.ready():
                return refuse(start_response, "503 Service Unavailable", "CLOSING", "This server is closing down.")
            return self.wsgi_app(environ, start_response)
        finally:
            with self.lock:
                self.open[address] -= 1
                if not self.open[address]:
                    del self.open[address]

    def is_own(self, environ: dict[str, Any]) -> bool:
        """Browsers send an Origin with every websocket, so one without comes from no page of ours and is refused as
        well. It decides; of `Sec-Fetch-Site` only the clear no is heard, for browsers may compare ws: with https:.
        """
        if environ.get("HTTP_SEC_FETCH_SITE") == "cross-site":
            return False
        return self.settings.is_own_origin(
            environ.get("HTTP_ORIGIN", ""), environ.get("wsgi.url_scheme", ""), environ.get("HTTP_HOST", "")
        )


def is_upgrade(environ: dict[str, Any]) -> bool:
    """Whether this opens a new websocket (RFC 6455, 4.2.1). Nothing else reaches the engine: it would make a session of
    half an upgrade, and takes what is posted to a session of somebody else.
    """
    connection = environ.get("HTTP_CONNECTION", "").lower().split(",")
    asked = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    return (
        environ.get("REQUEST_METHOD") == "GET"
        and "upgrade" in (part.strip() for part in connection)
        and environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13"
        and bool(environ.get("HTTP_SEC_WEBSOCKET_KEY"))
        and asked.get("transport") == "websocket"
        and "sid" not in asked
    )


def network(address: str) -> str:
    """One customer's addresses as one: an IPv6 connection usually has a whole /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address


def refuse(start_response: Any, status: str, code: str, sentence: str) -> list[bytes]:
    """Answer with this status and our JSON error."""
    body = json.dumps({"error": {"code": code, "message": sentence}}).encode()
    start_response(
        status,
        [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")],
    )
    return [body]
