"""One handler renders every refusal and every error: a page for people, JSON for programs."""

from collections.abc import Mapping
from typing import Any, cast

import structlog
from flask import Flask, Response, current_app, g, jsonify, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from database import database_is_away
from extensions import NOBODY, db
from providers import Declined, Unavailable
from refusals import Refused

log = structlog.get_logger()

PAGES = {
    400: (
        "We could not read that",
        "Something in the request was not as expected. Go back, and try again.",
        "BAD_REQUEST",
    ),
    401: ("Please sign in first", "This needs your account. Sign in, and then do it again.", "SIGN_IN_FIRST"),
    403: ("This is not yours to open", "You are signed in, but not with the right for this page.", "FORBIDDEN"),
    404: ("Lost ball", "There is no page at this address. It may have moved, or the link was cut short.", "NOT_FOUND"),
    405: ("Not that way", "This address does not take that kind of request.", "METHOD_NOT_ALLOWED"),
    408: (
        "That took too long",
        "It took too long to reach us. Nothing was changed; please send it again.",
        "TOO_SLOW",
    ),
    409: (
        "That is not possible any more",
        "Somebody was quicker, or it has been done already. Look again.",
        "CONFLICT",
    ),
    410: ("This is over", "What you are looking for was here, and is gone.", "GONE"),
    413: ("That is too large", "We could not take that much at once. Nothing was changed.", "TOO_LARGE"),
    415: ("We could not read that", "Send JSON with the type application/json.", "UNSUPPORTED_TYPE"),
    422: ("Something is missing or not right", "Go back, look at what you entered, and try again.", "INVALID"),
    429: (
        "A moment, please",
        "Too many tries in a short time. Wait a minute, and try again. Nothing was lost.",
        "TOO_MANY_REQUESTS",
    ),
    500: (
        "Something broke on our side",
        "We know about it. If you were paying, you are not charged twice. Try again in a minute.",
        "INTERNAL",
    ),
    503: (
        "We are catching our breath",
        "The service does not answer just now. Try again in a minute; nothing was charged.",
        "UNAVAILABLE",
    ),
}

# What is refused to whoever a booking, or a thing in it, does not belong to.
NOT_OPEN_HERE = (
    "UNKNOWN_BOOKING",
    "UNKNOWN_LINE",
    "UNKNOWN_LINK",
    "UNKNOWN_PAYMENT",
    "UNKNOWN_TICKET",
    "UNKNOWN_OFFER",
    "NOT_WAITING",
)


def init_app(app: Flask) -> None:
    app.register_error_handler(Refused, refused)
    app.register_error_handler(CSRFError, form_expired)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Unavailable, provider_away)
    app.register_error_handler(Declined, provider_refused)
    app.register_error_handler(DBAPIError, database_error)
    app.register_error_handler(PoolTimeout, busy)
    app.register_error_handler(Exception, broken)


def wants_json() -> bool:
    return request.path.startswith("/api/") or request.is_json


def answer(
    status: int,
    sentence: str,
    code: str,
    *,
    heading: str | None | None = None,
    details: Mapping[str, Any] | None | None = None,
    headers: Mapping[str, str] | None | None = None,
    action: tuple[str, str] | None = None,
    other: tuple[str, str] | None = None,
) -> Response:
    if wants_json():
        response = jsonify(error={"code": code, "message": sentence, **(details or {})})
        response.status_code = status
    else:
        page = render_template(
            "errors/error.html",
            status=status,
            heading=heading or PAGES.get(status, PAGES[400])[0],
            sentence=sentence,
            code=code,
            action=action or (url_for("site.home"), "What’s on"),
            other=other or (url_for("tickets.index"), "My tickets"),
            seeks_match=status == 404 and action is None,
        )
        response = current_app.make_response((page, status))
    response.headers.update(headers or {})
    return response


def refused(error: Refused) -> Response:
    if error.status == 404 and error.code in NOT_OPEN_HERE and not wants_json():
        return not_open_here(error)
    return answer(error.status, error.sentence, error.code, details=error.details)


def not_open_here(error: Refused) -> Response:
    """Somebody's own page that this browser does not open: a guest after a long pause, another device, a stranger. All
    get the same answer, which says how it opens and never whether it is there."""
    guard = getattr(current_app.view_functions.get(request.endpoint or ""), "guard", None)
    if guard not in ("visitor", "link"):  # staff's pages say what they mean themselves
        return answer(error.status, error.sentence, error.code)
    if guard == "link":
        heading, sentence = "This link does not open anything", error.sentence
    else:
        heading = "This page does not open here"
        sentence = (
            "A booking opens in the browser that made it, until nobody has looked in for a day; with the account that "
            "it belongs to; and anywhere by the link in its mail. If it is yours, nothing is lost."
        )
    back = request.full_path.rstrip("?") if request.method == "GET" and guard == "visitor" else None
    return answer(
        error.status,
        sentence,
        error.code,
        heading=heading,
        action=(url_for("tickets.find"), "Find my tickets"),
        other=None if g.get("person", NOBODY).is_authenticated else (url_for("accounts.sign_in", next=back), "Sign in"),
    )


def form_expired(error: Any) -> Response:
    sentence = (
        "This page was open for too long, or the browser sent no cookie. Nothing was sent. "
        "Load the page again, and repeat."
    )
    return answer(400, sentence, "FORM_EXPIRED", heading="This page was open for too long")


def sent_from_elsewhere() -> Response:
    sentence = (
        "This was sent from a page of another address, so nothing was done. Open "
        f"{current_app.config['SETTINGS'].public_url} and do it there; what you typed is still on the page before this."
    )
    return answer(403, sentence, "FOREIGN_ORIGIN", heading="This came from another address")


def http_error(error: HTTPException) -> Response:
    status = error.code or 500
    heading, sentence, code = PAGES.get(status, PAGES[500] if status >= 500 else PAGES[400])
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After", "Location")}
    if status in (301, 302, 303, 307, 308):
        return cast(Response, error.get_response())
    return answer(status, sentence, code, heading=heading, headers=headers)


def provider_away(error: Any) -> Response:
    if request.method == "GET":  # somebody asks how a payment stands: nobody knows just now
        sentence = (
            "We cannot ask the payment service just now. What you have begun goes on by itself. Look again in a minute."
        )
    else:
        sentence = "The payment service does not answer just now. Nothing was charged. Try again in a minute."
    return answer(503, sentence, "PROVIDER_UNAVAILABLE", headers={"Retry-After": "10"})


def provider_refused(error: Any) -> Response:
    log.error("provider_declined", provider=error.provider, error_code=error.code)
    return answer(
        502, "The payment service did not accept this. Nothing was charged.", "PROVIDER_DECLINED", heading=PAGES[500][0]
    )


def _route() -> str:
    """The rule that this request's address fits, for logs: the address itself may be a link's token."""
    return str(request.url_rule or "none")


def database_error(error: Any) -> Response:
    # The page that says so must not ask this database again.
    db.session.rollback()
    g.setdefault("person", NOBODY)
    if database_is_away(error):
        log.error("database_away", route=_route())
        heading, sentence, code = PAGES[503]
        return answer(503, sentence, code, heading=heading, headers={"Retry-After": "5"})
    if getattr(error.orig, "pgcode", None) in ("55P03", "40P01", "40001", "57014"):
        log.warning("database_busy", sqlstate=error.orig.pgcode, route=_route())
        return busy(error)
    return broken(error)


def busy(error: Any) -> Response:
    sentence = "Very many people are here at once, and this took too long. Nothing was changed. Try again."
    return answer(503, sentence, "BUSY", heading="So many of us", headers={"Retry-After": "2"})


def broken(error: Any) -> Response:
    g.setdefault("person", NOBODY)
    log.exception("unhandled_error", route=_route(), method=request.method, request_id=g.get("request_id"))
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    heading, sentence, code = PAGES[500]
    return answer(500, sentence, code, heading=heading)
