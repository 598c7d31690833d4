"""The form's cookie and its token, as Flask and Flask-WTF write and read them, for a fraction of their work: what signs
is made once, and a cookie that was found good is remembered while its browser sends it again.
"""

import hashlib
import json
import os
from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response, current_app, g, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode

from caches import Kept
from web.delivery import vary_by

REMEMBERED = 5000  # cookies, of some 200 bytes each
REMEMBERED_SECONDS = 60  # of which none outlives the cookie's own month by more


def init_app(app: Flask) -> None:
    app.session_interface = FormCookie()


class FormCookie(SecureCookieSessionInterface):
    digest_method = staticmethod(hashlib.sha1)  # hmac takes the short way with it, not with Flask's function around it

    def __init__(self) -> None:
        self._good: Kept[str, dict[str, Any]] = Kept(REMEMBERED, REMEMBERED_SECONDS)
        self.get_signing_serializer = lru_cache(8)(self.get_signing_serializer)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        sent = request.cookies.get(self.get_cookie_name(app))
        if not sent:
            return self.session_class()
        good = self._good.get(sent)
        if good is not None:
            return self.session_class(good)
        opened = super().open_session(app, request)
        if opened and all(isinstance(value, str) for value in opened.values()):  # nothing in it can be changed inside
            self._good.put(sent, dict(opened))
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session.modified or session.permanent:
            super().save_session(app, session, response)
        elif session.accessed:
            vary_by(response, "Cookie")


def form_token() -> str:
    """The token of this request's form: flask_wtf.csrf.generate_csrf, which signs by keys that it derives anew."""
    if "csrf_token" not in g:
        if not isinstance(session.get("csrf_token"), str):
            session["csrf_token"] = hashlib.sha1(os.urandom(64)).hexdigest()
        g.csrf_token = _signer(current_app.secret_key).sign(base64_encode(json.dumps(session["csrf_token"]))).decode()
    return g.csrf_token


@lru_cache(8)
def _signer(secret: Any) -> TimestampSigner:
    """What signs a token of Flask-WTF's with this secret."""
    theirs = URLSafeTimedSerializer(secret, salt="wtf-csrf-token").make_signer(b"wtf-csrf-token")
    return TimestampSigner(theirs.derive_key(), key_derivation="none", digest_method=hashlib.sha1)
