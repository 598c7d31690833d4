"""How files and pages travel: static files from memory under one address per build, one style sheet a page, modules
named before they are asked for, gzip.

Every static address carries the hash of the whole tree (`/static/v/<version>/js/map/map.js`), so that what a file names
by a relative path is of the same build, and all of it may be kept for ever. The plain address (`/static/js/map/map.js`)
stays, and is asked again each time.
"""

import gzip
import hashlib
import mimetypes
import posixpath
import re
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, abort, current_app, g, has_request_context, request, url_for
from jinja2 import Environment
from markupsafe import Markup

from caches import Kept
from web.bundling import BundleError, bundle
from web.sheets import sets_asked_for

log = structlog.get_logger()

FOR_EVER = "public, max-age=31536000, immutable"
STALE_SECONDS = 1  # in development a changed file is seen after this long
SMALLEST = 600  # bytes; below this gzip saves no packet
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # of a gzip member (RFC 1952): deflate, no name, no time
LEVEL = 5  # for answers made on the spot: most of what level 9 saves for a third of its time

# The sheets of every page around those of its own, in the order of the cascade (the layers are declared in tokens.css).
COMMON = (
    "tokens",
    "base",
    "components/header",
    "components/button",
    "components/board",
    "components/panel",
    "components/form",
    "components/price",
)
LAST = ("utilities",)
BUNDLE = re.compile(r"css/site((?:\+[a-z0-9_-]+)*)\.css\Z")

# Modules that are sent with all that they import: no page may load one of them and beside it, by itself, a module that
# is inside it.
WHOLE = ("js/seat_page.js", "js/map/map.js")

TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
ZIPPED = (
    "text/",
    "image/svg+xml",
    "application/json",
    "application/ld+json",
    "application/manifest+json",
    "application/xml",
)
IMPORT = re.compile(r"""^\s*(?:import|export)\b[^;"'(]*?["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)


class File:
    """One static file as it is sent: its bytes, the same gzipped where that is smaller (made when first asked for), its
    type and its hash.
    """

    def __init__(self, name: str, body: bytes) -> None:
        self.body, self.hash = body, hashlib.sha256(body).hexdigest()[:16]
        self.type = TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._zipped = None

    def zipped(self) -> bytes | None:
        if not is_text(self.type):
            return None
        if self._zipped is None:
            self._zipped = gzip.compress(self.body, 9, mtime=0)
        return self._zipped if len(self._zipped) < len(self.body) else None


class Tree:
    """All files of a folder, read once: {name: File}, and the version that is the hash of them all."""

    def __init__(self, folder: Path) -> None:
        bodies = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file()
        }
        self.files = {name: File(name, body) for name, body in bodies.items()}
        self.version = hashlib.sha256(
            "".join(f"{name} {file.hash}\n" for name, file in self.files.items()).encode()
        ).hexdigest()[:12]
        self.bundle = lru_cache(None)(self.bundle)
        self.imports = lru_cache(None)(self.imports)
        self.whole = lru_cache(None)(self.whole)

    def find(self, name: str) -> File | None:
        """The File of that name, a bundle of sheets included, or None."""
        return (
            self.whole(name)
            if name in WHOLE
            else self.files.get(name) or (self.bundle(name) if BUNDLE.match(name) else None)
        )

    def whole(self, name: str) -> File | None:
        """A module and what it imports as one File; alone where that cannot be joined."""
        if name not in self.files:
            return None
        try:
            return File(name, bundle(name, self.read).encode())
        except BundleError as error:
            log.warning("module_not_bundled", module=name, error=str(error))
            return self.files[name]

    def read(self, name: str) -> str | None:
        return self.files[name].body.decode() if name in self.files else None

    def bundle(self, name: str) -> File | None:
        """`css/site+home+empty.css`: the sheets of every page with components/home and components/empty, in the order
        of the cascade."""
        asked = BUNDLE.match(name)
        if asked is None:
            return None
        own = [f"components/{part}" for part in asked[1].split("+")[1:]]
        wanted = [self.files.get(f"css/{sheet}.css") for sheet in (*COMMON, *own, *LAST)]
        sheets = [sheet for sheet in wanted if sheet is not None]
        if len(sheets) < len(wanted) or len(set(own)) < len(own):
            return None
        return File(name, b"\n".join(rebased(sheet.body) for sheet in sheets))

    def imports(self, name: str) -> tuple[str, ...]:
        """The modules that this one cannot run without, their own included, nearest first; never itself, and none that
        travel with it."""
        if name in WHOLE and self.whole(name) is not self.files.get(name):
            return ()
        found, todo = [], [name]
        while todo:
            at = todo.pop(0)
            body = self.files[at].body.decode() if at in self.files else ""
            for path in IMPORT.findall(body):
                child = posixpath.normpath(posixpath.join(posixpath.dirname(at), path))
                if child not in found and child != name and child in self.files:
                    found.append(child)
                    todo.append(child)
        return tuple(found)


def rebased(css: bytes) -> bytes:
    """A sheet whose relative addresses are good from css/, where the bundle lies: components/x.css says ../../fonts,
    and tokens.css ../fonts."""
    return re.sub(rb"url\(([\"']?)\.\./\.\./", rb"url(\1../", css)


class Delivery:
    """The tree of an app, and the bundles of sheets that its pages ask for. In development both are read again when a
    file has changed.
    """

    def __init__(self, folder: Path, watching: bool, templates: Environment) -> None:
        self.folder, self.watching, self.templates = folder, watching, templates
        self._bundles: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        self._stamp = self._read_stamp()
        self._tree = Tree(folder)
        self._looked = time.monotonic()

    @property
    def tree(self) -> Tree:
        if self.watching and time.monotonic() - self._looked > STALE_SECONDS:
            with self._lock:
                self._looked = time.monotonic()
                stamp = self._read_stamp()
                if stamp != self._stamp:
                    self._stamp, self._tree = stamp, Tree(self.folder)
        return self._tree

    def has_bundle(self, name: str) -> bool:
        """Whether some page asks for this bundle."""
        if name not in self._bundles and (self.watching or not self._bundles):
            self._bundles = frozenset(map(bundle_name, sets_asked_for(self.templates)))
        return name in self._bundles

    def find(self, name: str) -> File | None:
        """The File of that name, or None; a bundle only where a page asks for it."""
        return None if BUNDLE.match(name) and not self.has_bundle(name) else self.tree.find(name)

    def _read_stamp(self) -> list[tuple[str, int, int]]:
        found = ((path, path.stat()) for path in sorted(Path(self.folder).rglob("*")) if path.is_file())
        return [(str(path), seen.st_mtime_ns, seen.st_size) for path, seen in found]


def init_app(app: Flask) -> None:
    delivery = app.extensions["delivery"] = Delivery(
        Path(app.static_folder or "static"), not app.config["SETTINGS"].is_public, app.jinja_env
    )
    app.view_functions["static"] = serve
    app.add_url_rule("/static/v/<version>/<path:filename>", endpoint="static", view_func=serve)

    @app.url_defaults
    def put_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("version", delivery.tree.version)

    known: dict[str, Any] = app.jinja_env.globals
    known.update(stylesheet=stylesheet, modules=modules, url_for=_addresses(delivery))
    app.after_request(compress)


def _addresses(delivery: Delivery) -> Callable[..., str]:
    """url_for() of the templates. A page names some seventy addresses that say nothing of this request, its icons'
    above all: those are built once.
    """
    kept: Kept[tuple[str, ...], str] = Kept(2000)

    def address(endpoint: str, **values: Any) -> str:
        names_file = endpoint == "static" and len(values) == 1 and "filename" in values
        if not has_request_context() or endpoint[:1] == "." or values and not names_file:
            return url_for(endpoint, **values)
        key = endpoint, values.get("filename", ""), delivery.tree.version, request.script_root
        built = kept.get(key)
        if built is None:
            built = url_for(endpoint, **values)
            kept.put(key, built)
        return built

    return address


def serve(filename: str, version: str | None = None) -> Response:
    """A static file. Under the version of this build it is good for ever; under another's, or none, it must be asked
    for again."""
    delivery = current_app.extensions["delivery"]
    file = delivery.find(filename) if version else delivery.tree.files.get(filename)
    if file is None:
        abort(404)
    zipped = file.zipped() if "gzip" in request.accept_encodings else None
    response = Response(zipped or file.body, mimetype=file.type)
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    if file.zipped():
        response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = FOR_EVER if version == delivery.tree.version else "no-cache"
    response.set_etag(f"{file.hash}{'-gzip' if zipped else ''}")
    response.make_conditional(request)
    return response


# --- what a page's head says ----------------------------------------------------------------------


def stylesheet(names: str) -> Markup:
    """The one style sheet of a page: `names` are the sheets that its blocks asked for (ui.sheet), as text with white
    space between them."""
    return Markup('<link rel="stylesheet" href="{}">').format(
        url_for("static", filename=bundle_name(str(names).split()))
    )


def bundle_name(names: Iterable[str]) -> str:
    """`css/site+home+empty.css` of the sheets components/home and components/empty."""
    own = dict.fromkeys(name.removeprefix("components/") for name in names)
    return f"css/site{''.join(f'+{name}' for name in own)}.css"


def modules(*names: str, preload: Iterable[str] = ()) -> Markup:
    """The module scripts of a page, and before them a modulepreload for each module that they import, however far down.

    `preload` names modules that a script imports only later (`import("./map/map.js")`): they and theirs are fetched at
    once, too.
    """
    tree = current_app.extensions["delivery"].tree
    needed = dict.fromkeys(preload)
    for name in (*names, *preload):
        needed.update(dict.fromkeys(tree.imports(name)))
    lines = [
        Markup('<link rel="modulepreload" href="{}">').format(url_for("static", filename=n))
        for n in needed
        if n not in names
    ]
    lines += [
        Markup('<script type="module" src="{}"></script>').format(url_for("static", filename=name)) for name in names
    ]
    return Markup("\n").join(lines)


# --- gzip -----------------------------------------------------------------------------------------


def is_text(mimetype: str) -> bool:
    return mimetype.startswith(ZIPPED)


def is_guessable(response: Response) -> bool:
    """Could an attacker learn a secret of this answer from its compressed length (BREACH)?

    That needs a secret in it (a form's token, anything of a session) and many requests with guesses in them, which
    another site makes the browser send. A browser says so in Sec-Fetch-Site, and no page can forge that; one that does
    not say it gets such pages plain.
    """
    has_secret = (
        "csrf_token" in g
        or bool(g.get("session_hash"))
        or "Set-Cookie" in response.headers
        or "no-store" in str(response.cache_control)
    )
    return has_secret and request.headers.get("Sec-Fetch-Site") not in ("same-origin", "none")


class Piece(Markup):
    """A long piece of many pages, packed once for all of them."""

    parts: tuple[bytes, bytes] | None = None

    def pack(self) -> tuple[bytes, bytes]:
        """(the piece in bytes, the same packed so that it can stand between any other blocks)."""
        if self.parts is None:
            plain, squeeze = self.encode(), zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
            self.parts = plain, squeeze.compress(plain) + squeeze.flush(zlib.Z_SYNC_FLUSH)
        return self.parts


def zipped_around(body: bytes, pieces: Iterable[Piece]) -> bytes:
    """The body gzipped, those of the pieces that stand in it as they were packed before.

    Before and after one of them everything is forgotten (Z_FULL_FLUSH), so that no block refers over it (RFC 1951).
    """
    squeeze = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    parts, at = [GZIP_HEAD], 0
    for piece in pieces:
        plain, packed = piece.pack()
        found = body.find(plain[:100], at)  # to look for all of it takes longer than to compare it
        if found >= 0 and body.startswith(plain, found):
            parts += squeeze.compress(body[at:found]), squeeze.flush(zlib.Z_FULL_FLUSH), packed
            at = found + len(plain)
    parts += squeeze.compress(body[at:]), squeeze.flush(), struct.pack("<II", zlib.crc32(body), len(body))
    return b"".join(parts)


def vary_by(response: Response, name: str) -> None:
    """Add this header of requests to those that the answer depends on."""
    said = response.headers.get("Vary")
    if said is None:
        response.headers["Vary"] = name
    elif name.lower() not in said.lower().split(", "):
        response.headers["Vary"] = f"{said}, {name}"


def compress(response: Response) -> Response:
    """Gzip what is text, large enough, not compressed yet, and safe to compress."""
    if (
        response.direct_passthrough
        or response.is_streamed
        or not is_text(response.mimetype or "")
        or response.status_code in (204, 206, 304)
    ):
        return response
    if "Content-Encoding" in response.headers:
        return response
    vary_by(response, "Accept-Encoding")
    if response.content_length is None or response.content_length < SMALLEST:
        return response
    if "gzip" not in request.accept_encodings or is_guessable(response):
        return response
    etag, _ = response.get_etag()
    response.set_data(zipped_around(response.get_data(), g.get("pieces", ())))
    response.headers["Content-Encoding"] = "gzip"
    if etag:
        response.set_etag(etag, weak=True)  # the same page in other bytes
    return response
