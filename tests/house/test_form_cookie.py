"""What every request goes through is made once, and is what would be made anew each time: the form's cookie and token,
the headers of each kind of page."""

import itertools

import pytest
from flask import Response, g, session
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

from web.form_cookie import form_token
from web.headers import add_headers


@pytest.fixture
def opened(app):
    """A function: the session and the token's check as a request with this cookie meets them."""
    name = app.config["SESSION_COOKIE_NAME"]

    def open_(cookie):
        return app.test_request_context("/", headers={"Cookie": f"{name}={cookie}"})

    return open_


def baked(app, **values):
    """The cookie of a session with these values, as Flask signs it."""
    return app.session_interface.get_signing_serializer(app).dumps(values)


def test_a_forms_token_is_flask_wtfs_own(app):
    with app.test_request_context("/"):
        ours = form_token()
        assert form_token() == ours == generate_csrf()
        validate_csrf(ours)
        session["csrf_token"] = "another"
        with pytest.raises(ValidationError):
            validate_csrf(ours)
        g.pop("csrf_token")
        theirs = generate_csrf()
        g.pop("csrf_token")
        assert form_token().split(".")[0] == theirs.split(".")[0]


def test_only_the_cookie_that_was_signed_is_remembered(app, opened):
    cookie = baked(app, csrf_token="asha")
    for _ in range(2):
        with opened(cookie):
            assert session["csrf_token"] == "asha"
    body, moment, seal = cookie.rsplit(".", 2)
    other = baked(app, csrf_token="ben").rsplit(".", 2)
    for forged in (f"{other[0]}.{moment}.{seal}", f"{body}.{moment}.{other[2]}", cookie[:-2], ""):
        with opened(forged):
            assert dict(session) == {}


def test_what_a_request_does_to_its_session_is_seen_by_no_other(app, opened):
    cookie, told = baked(app, csrf_token="mia"), baked(app, csrf_token="mia", told=["a"])
    for _ in range(2):
        with opened(cookie):
            assert dict(session) == {"csrf_token": "mia"}
            session["next"] = "/"
        with opened(told):
            assert session["told"] == ["a"]
            session["told"].append("b")


KINDS = ("pays", "locates", "scans")


def test_each_kind_of_page_has_its_own_headers_whichever_were_sent_before(app):
    """All kinds, twice over: what one is let do, no other is."""
    for path, wanted in itertools.product(("/", "/t/token", "/"), itertools.product((False, True), repeat=3)):
        with app.test_request_context(path):
            for kind, is_it in zip(KINDS, wanted, strict=True):
                if is_it:
                    setattr(g, kind, True)
            pays, locates, scans = wanted
            said = add_headers(Response()).headers
            may = said["Permissions-Policy"]
            assert ("camera=(self)" in may, "geolocation=(self)" in may, "payment=()" not in may) == (
                scans,
                locates,
                pays,
            )
            policy = said["Content-Security-Policy"]
            assert ("frame-src 'none'" not in policy, "wasm-unsafe-eval" in policy) == (pays, scans and not pays)
            assert ("Cross-Origin-Opener-Policy" in said) == (not pays)
            assert said["Referrer-Policy"] == ("strict-origin-when-cross-origin" if path == "/" else "no-referrer")
            assert said["Cache-Control"] == ("no-cache" if path == "/" else "no-store")


def test_what_a_view_says_itself_stands(app):
    with app.test_request_context("/"):
        g.session_hash = b"asha"
        said = add_headers(Response(headers={"cache-control": "max-age=5", "Referrer-Policy": "origin"})).headers
    assert said.getlist("Cache-Control") == ["max-age=5"] and said.getlist("Referrer-Policy") == ["origin"]
