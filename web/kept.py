"""Pages that are the same for everybody without a session: made once, packed, and handed out until something that they
show has changed.

A page is kept under the versions of what everybody may see, and for half a second at most, since what is left of a sale
has no version (its states are half a second old at most: together no more than one second). What alone differs is the
token of its forms: the packed page is stitched around it, block by block (RFC 1951), and is not packed again. The token
travels in a block of its own that is not compressed, so the length of the answer says nothing about it.
"""

import secrets
import struct
import threading
import time
import zlib
from dataclasses import dataclass
from functools import wraps
from typing import Any

from cachetools import LRUCache
from flask import Response, current_app, g, make_response, request, session
from markupsafe import Markup

from catalogue.fixtures import Fixture
from database import versions
from web.delivery import GZIP_HEAD, Piece, vary_by
from web.form_cookie import form_token
from web.guards import View
from web.presentation import THEME_COOKIE, viewer

MOST_BYTES = 64 * 1024 * 1024  # of pages and of fragments together in this process
LONG = 32 * 1024  # characters, of a piece that is packed once: deflate looks back no farther, so little is lost
LONGEST = 300  # characters of an address under which a page is kept
_END = b"\x01\x00\x00\xff\xff"  # the last block, empty
_NOTHING = b"\xff"  # what stands for a token while the page is packed: no text has this byte, so nothing refers to it


class Pages:
    """What an application keeps of its pages: bytes by key, what nobody asked for longest goes first."""

    def __init__(self) -> None:
        self.mark = secrets.token_hex(20)  # stands for the token in a page that is being made; nobody else can write it
        self.lock = threading.Lock()
        self.making = [threading.Lock() for _ in range(64)]
        self.pages: LRUCache[Any, _Page] = LRUCache(MOST_BYTES // 2, getsizeof=lambda page: page.size)
        self.fragments: LRUCache[Any, Markup] = LRUCache(MOST_BYTES // 2, getsizeof=lambda words: 200 + 3 * len(words))


@dataclass(frozen=True, slots=True)
class _Page:
    """A page as it is sent: its plain pieces and the same packed, with a hole for the token between any two."""

    stamp: Any
    made: float
    headers: list[tuple[str, str]]
    plain: list[bytes]
    packed: list[bytes]
    token_length: int

    @property
    def size(self) -> int:
        return 1000 + sum(map(len, self.plain)) + sum(map(len, self.packed))


def kept_page(view: View) -> View:
    """Keep the page that this view makes for whoever has no session. It must depend on the address, the theme and what
    everybody may see alone; `_is_for_everybody` says whose requests are answered so.
    """

    @wraps(view)
    def page(*args: Any, **kwargs: Any) -> Any:
        if not _is_for_everybody():
            return view(*args, **kwargs)
        pages = current_app.extensions["pages"]
        key = (request.full_path, request.cookies.get(THEME_COOKIE))
        seen = versions()
        stamp = (seen.catalogue, seen.scores)
        if found := _fresh(pages, key, stamp):
            return _send(found)
        with pages.making[hash(key) % len(pages.making)]:
            if found := _fresh(pages, key, stamp):
                return _send(found)
            made, g.keeping = time.monotonic(), True
            try:
                response = make_response(view(*args, **kwargs))
            finally:
                g.keeping = False
            if response.status_code != 200 or response.mimetype != "text/html" or is_of_somebody(response):
                return _own(pages.mark, response)
            found = _packed(pages.mark, response, stamp, made)
            with pages.lock:
                pages.pages[key] = found
        return _send(found)

    return page


def _is_for_everybody() -> bool:
    return (
        request.method == "GET"
        and g.get("session_hash") is None
        and len(request.full_path) <= LONGEST
        and "_flashes" not in session
    )


def is_of_somebody(response: Response) -> bool:
    """Whether something of this one visitor may stand in the answer: a token, a cookie, or who they are."""
    return "csrf_token" in g or session.modified or "Set-Cookie" in response.headers or viewer().id is not None


def _fresh(pages: Pages, key: Any, stamp: Any) -> _Page | None:
    with pages.lock:
        found = pages.pages.get(key)
    is_young = found and time.monotonic() - found.made < current_app.config["PAGES_MAX_AGE"]
    return found if is_young and found.stamp == stamp else None


def csrf_token() -> str:
    """The token of a form; in a page that is kept, the place where each visitor's own goes."""
    return current_app.extensions["pages"].mark if g.get("keeping") else form_token()


def _own(mark: str, response: Response) -> Response:
    """The answer with this visitor's token in its forms, for them alone."""
    body, place = response.get_data(), mark.encode()
    if place in body:
        response.set_data(body.replace(place, form_token().encode()))
    return response


def _packed(mark: str, response: Response, stamp: Any, made: float) -> _Page:
    plain = response.get_data().split(mark.encode())
    length = len(form_token()) if len(plain) > 1 else 0
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    packed = []
    for n, piece in enumerate(plain):
        if n:
            # So that distances reach over the token: as many bytes as it has, packed and thrown away.
            squeeze.compress(_NOTHING * length)
            squeeze.flush(zlib.Z_SYNC_FLUSH)
        packed.append(squeeze.compress(piece) + squeeze.flush(zlib.Z_SYNC_FLUSH))
    headers = [(name, value) for name, value in response.headers if name not in ("Content-Length", "Set-Cookie")]
    return _Page(stamp, made, headers, plain, packed, length)


def _send(page: _Page) -> Response:
    token = form_token().encode() if len(page.plain) > 1 else b""
    body = token.join(page.plain)
    response = Response(headers=page.headers)
    if "gzip" in request.accept_encodings and len(token) == page.token_length:
        stored = b"\x00" + struct.pack("<HH", len(token), len(token) ^ 0xFFFF) + token
        check = struct.pack("<II", zlib.crc32(body), len(body))
        body = b"".join((GZIP_HEAD, stored.join(page.packed), _END, check))
        response.headers["Content-Encoding"] = "gzip"
    vary_by(response, "Accept-Encoding")
    response.set_data(body)
    return response


def kept(name: str, *key: Any, caller: Any) -> Markup:
    """`{% call kept("prices", event.id, version) %}…{% endcall %}`: a piece of a template that is the same for
    everybody, made once for each name and key: whatever it shows must be in the key. Nothing of a person, and no form,
    may stand in it.
    """
    pages, tree = current_app.extensions["pages"], current_app.extensions["delivery"].tree
    with pages.lock:
        found = pages.fragments.get((name, tree.version, *key))
    if found is None:
        words = caller()
        found = Piece(words) if len(words) >= LONG else Markup(words)
        with pages.lock:
            pages.fragments[name, tree.version, *key] = found
    if isinstance(found, Piece):
        g.setdefault("pieces", []).append(found)
    return found


def key_of(fixture: Fixture) -> tuple[Any, ...]:
    """What a piece of a template that shows a fixture is kept by: the match, what is known of it, what is left."""
    seen = versions()
    return (fixture.match.id, seen.catalogue, seen.scores, *((s.event.id, s.state, s.left) for s in fixture.sales))


def init_app(app: Any) -> None:
    """Give templates `kept` and the token of forms."""
    app.extensions["pages"] = Pages()
    app.jinja_env.globals.update(kept=kept, key_of=key_of, csrf_token=csrf_token)
    app.context_processor(lambda: {"csrf_token": csrf_token})  # Flask-WTF's own stands there, too
