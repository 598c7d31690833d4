"""The browser's session: a 256-bit token in a cookie, its SHA-256 in Postgres.

A browser gets a session when it first needs one: at its first hold (a visitor) or at sign-in (a fan). Until then there
is no cookie.
"""

import hashlib
import secrets
from typing import Any

from flask import Flask, Response, current_app, g, request

from database import after_commit, call_at_once, call_one
from extensions import NOBODY, Person, client_address, current_person, login_manager, session_hash
from outside import mended

LIFETIME = 30 * 24 * 3600


def init_app(app: Flask) -> None:
    """Read the session's cookie before each request, write it after, and tell Flask-Login who is signed in."""
    app.before_request(read_cookie)
    app.after_request(write_cookie)
    login_manager.request_loader(lambda request: current_person() if current_person().is_authenticated else None)
    login_manager.session_protection = None  # pyrefly: ignore[bad-assignment]
    # sessions live in Postgres; Flask-Login only answers who is signed in


def cookie_name() -> str:
    """The session's cookie; with the prefix that browsers bind to this host where pages travel by https."""
    return "__Host-cv_session" if current_app.config["SETTINGS"].is_secure else "cv_session"


def hash_of(token: str) -> bytes:
    """The 32 bytes that a session's token is stored by."""
    return hashlib.sha256(token.encode()).digest()


def read_cookie() -> None:
    """Note the hash of this request's session token, or None, for the first statement of its transaction."""
    token = request.cookies.get(cookie_name(), "")
    g.session_hash = hash_of(token) if 20 <= len(token) <= 100 else None


def write_cookie(response: Response) -> Response:
    """The answer with the cookie that this request gave or took away, if it did."""
    token = g.get("new_token")
    if token is not None:
        if token:
            response.set_cookie(
                cookie_name(),
                token,
                max_age=LIFETIME,
                secure=current_app.config["SETTINGS"].is_secure,
                httponly=True,
                samesite="Lax",
                path="/",
            )
        else:
            response.delete_cookie(
                cookie_name(), path="/", secure=current_app.config["SETTINGS"].is_secure, httponly=True, samesite="Lax"
            )
    return response


def ensure_somebody() -> Person:
    """Inside a transaction: the person of this browser; a stranger becomes a visitor with a session first."""
    person = current_person()
    if person.id is None:
        token, hashed = new_token()
        visitor = call_one("app.start_visitor", hashed, client_address(), user_agent()).start_visitor
        g.session_hash, g.person = hashed, Person(visitor, "visitor")
        after_commit(_give, token)
    return g.person


def act_at_once(function: str, *args: Any) -> Any:
    """The row of an SQL function that acts for the person of this browser in a transaction of its own. Before its own
    arguments it takes this session, and that of the visitor whom a stranger becomes; `visitor` of the row says that
    this happened."""
    token, hashed = new_token()
    row = call_at_once(function, session_hash(), hashed, client_address(), user_agent(), *args)
    if row.visitor is not None:
        g.session_hash, g.person = hashed, Person(row.visitor, "visitor")
        _give(token)
    return row


def start(customer_id: int | None, password_hash: str) -> int:
    """Inside a transaction: a new session for the fan whose password has this hash; a visitor's bookings come along.

    Returns holds released. Refused WRONG_CREDENTIALS for any other hash.
    """
    token, hashed = new_token()
    released = call_one(
        "app.start_session", customer_id, password_hash, hashed, g.session_hash, client_address(), user_agent()
    ).released
    g.session_hash = hashed
    g.pop("person", None)
    after_commit(_give, token)
    return released


def end() -> None:
    """Inside a transaction: sign out; the session is over on the server, too."""
    call_one("app.end_session", g.session_hash)
    g.session_hash, g.person = None, NOBODY
    after_commit(_give, "")


def _give(token: str):
    """Hand the browser its cookie with the answer; only for a session that is committed. "" takes it away."""
    g.new_token = token


def new_token() -> tuple[str, bytes]:
    """(a session's token for the browser, its hash for us)."""
    token = secrets.token_urlsafe(32)
    return token, hash_of(token)


def user_agent() -> str:
    """What the browser calls itself, 200 characters at most."""
    said = request.user_agent.string.encode("latin-1", "replace").decode("utf-8", "replace")
    return mended(said)[:200]
