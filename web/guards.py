"""Guards: every route says who may use it. A route without a guard does not start, and a test walks them all."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Response, abort, current_app, redirect, request, url_for

from accounts import rights
from extensions import current_person
from web.errors import sent_from_elsewhere

View = Callable[..., Any]  # what a route calls


def _mark(view: View, name: str) -> View:
    view.guard = name  # pyrefly: ignore[missing-attribute]
    return view


def public(view: View) -> View:
    """Anybody; the view does not ask who."""
    return _mark(view, "public")


def visitor_allowed(view: View) -> View:
    """Anybody; the view acts for the person of this browser, who may be a visitor without an account."""
    return _mark(view, "visitor")


def signed(view: View) -> View:
    """A machine that signs what it sends; the view checks the signature before anything else."""
    return _mark(view, "signed")


def linked(view: View) -> View:
    """Whoever holds the signed link; the view opens it, and row security does the rest."""
    return _mark(view, "link")


def fan_only(view: View) -> View:
    """A signed-in fan; others are asked to sign in and come back."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return _sign_in_first() or view(*args, **kwargs)

    return _mark(guarded, "fan")


def role(*, may: str) -> Callable[[View], View]:
    """Whoever has a role at some ground that may do this, a right of accounts/rights.py; for others the page is not
    there.

    Whose rows they see is row security's business: another ground's are not found.
    """
    if may not in rights.RIGHTS:
        raise ValueError(f"No role may {may}: see accounts/rights.py.")

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            asked = _sign_in_first()
            if asked:
                return asked
            if not rights.grounds(may):
                abort(404)
            return view(*args, **kwargs)

        return _mark(guarded, may)

    return guard


def _sign_in_first() -> Any:
    """None for somebody signed in. Others: a page sends them to the form and back, all else is a 401."""
    if current_person().is_authenticated:
        return None
    if request.method != "GET" or request.path.startswith("/api/"):
        abort(401)
    return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)


def device(view: View) -> View:
    """A phone at a gate, with its token or the secret that pairs it, in what it sends itself and never in a cookie; the
    rule finds it, or refuses."""
    return _mark(view, "device")


WITHOUT_COOKIE = ("signed", "device")  # the proof is in what is sent, and no other site has it


def refuse_foreign() -> Response | None:
    """Before each request that changes something: it must not come from a page of another site. Beside the CSRF token,
    so that neither is the only wall.

    Browsers say so in `Sec-Fetch-Site` and in `Origin`. One that is too old for both has the token alone. `Origin:
    null` says nothing: our own pages that send no referrer post with it, and where another site's sandboxed frame does,
    `Sec-Fetch-Site` tells.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method in ("GET", "HEAD", "OPTIONS") or getattr(view, "guard", None) in (None, *WITHOUT_COOKIE):
        return None
    site, origin = request.headers.get("Sec-Fetch-Site", "none"), request.headers.get("Origin", "null")
    settings = current_app.config["SETTINGS"]
    is_own = origin == "null" or settings.is_own_origin(origin, request.scheme, request.host)
    if is_own and site in ("same-origin", "none"):
        return None
    return sent_from_elsewhere()


def init_app(app: Flask) -> None:
    app.before_request(refuse_foreign)
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static" and not hasattr(app.view_functions[rule.endpoint], "guard"):
            raise RuntimeError(f"{rule} has no guard: say in views/ who may use it.")
