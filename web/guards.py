"""Guards: every route says who may use it. A route without a guard does not start, and a test walks them all."""

from functools import wraps

from flask import abort, redirect, request, url_for

from extensions import current_person


def _mark(view, name):
    view.guard = name
    return view


def public(view):
    """Anybody; the view does not ask who."""
    return _mark(view, "public")


def visitor_allowed(view):
    """Anybody; the view acts for the person of this browser, who may be a visitor without an account."""
    return _mark(view, "visitor")


def signed(view):
    """A machine that signs what it sends; the view checks the signature before anything else."""
    return _mark(view, "signed")


def linked(view):
    """Whoever holds the signed link; the view opens it, and row security does the rest."""
    return _mark(view, "link")


def fan_only(view):
    """A signed-in fan; others are asked to sign in and come back."""

    @wraps(view)
    def guarded(*args, **kwargs):
        if not current_person().is_authenticated:
            if request.method == "GET":
                return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)
            abort(401)
        return view(*args, **kwargs)

    return _mark(guarded, "fan")


def staff_only(view):
    """Staff with sales rights at some stadium. Which stadium's rows they see is row security's business: another ground's are not found."""

    @wraps(view)
    def guarded(*args, **kwargs):
        person = current_person()
        if not person.is_authenticated:
            if request.method == "GET":
                return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)
            abort(401)
        if not person.staff_of:
            abort(404)
        return view(*args, **kwargs)

    return _mark(guarded, "staff")


def scorer_only(view):
    """A scorer of some ground. Which matches they may score is the database's business: others are not found."""

    @wraps(view)
    def guarded(*args, **kwargs):
        if not current_person().is_authenticated:
            if request.method == "GET" and not request.path.startswith("/api/"):
                return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)
            abort(401)
        if not current_person().scorer_of:
            abort(404)
        return view(*args, **kwargs)

    return _mark(guarded, "scorer")


def gate_only(view):
    """A supervisor of some ground's gates. Which devices and scans they see is row security's business: another ground's are not found."""

    @wraps(view)
    def guarded(*args, **kwargs):
        if not current_person().is_authenticated:
            if request.method == "GET" and not request.path.startswith("/api/"):
                return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)
            abort(401)
        if not current_person().gate_of:
            abort(404)
        return view(*args, **kwargs)

    return _mark(guarded, "gate")


def device(view):
    """A phone at a gate, with its token or the secret that pairs it, in what it sends itself and never in a cookie; the rule finds it, or refuses."""
    return _mark(view, "device")


def init_app(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static" and not hasattr(app.view_functions[rule.endpoint], "guard"):
            raise RuntimeError(f"{rule} has no guard: say in views/ who may use it.")
