"""Guards: every route says who may use it. A route without a guard does not start, and a test walks them all."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, abort, redirect, request, url_for

from accounts import rights
from extensions import current_person

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


def init_app(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static" and not hasattr(app.view_functions[rule.endpoint], "guard"):
            raise RuntimeError(f"{rule} has no guard: say in views/ who may use it.")
