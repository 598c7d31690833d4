"""Security headers of every answer. The content policy knows no nonces: no script or style stands inside a page."""

from functools import lru_cache, wraps
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request

from config import Settings
from web.guards import View


def init_app(app: Flask) -> None:
    app.extensions["headers"] = Kinds(app.config["SETTINGS"])
    app.after_request(add_headers)


def pays(view: View) -> View:
    """This page loads Stripe: its origins are let in here and nowhere else, and may ask the browser for a wallet."""

    @wraps(view)
    def page(*args: Any, **kwargs: Any) -> Any:
        g.pays = True
        return view(*args, **kwargs)

    return page


def locates(view: View) -> View:
    """This page has a button that asks the browser where it is; the answer stays in the browser."""

    @wraps(view)
    def page(*args: Any, **kwargs: Any) -> Any:
        g.locates = True
        return view(*args, **kwargs)

    return page


def scans(view: View) -> View:
    """This page reads codes with the camera: it may ask for it, and compile the decoder's WebAssembly."""

    @wraps(view)
    def page(*args: Any, **kwargs: Any) -> Any:
        g.scans = True
        return view(*args, **kwargs)

    return page


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def payment_of(settings: Settings) -> str:
    """Who may ask the browser for a wallet on a page that pays: frames of Stripe's do, so they must be named, too."""
    stripe_js = origin(settings.stripe_js_url)
    more = ' "https://*.js.stripe.com"' if stripe_js == "https://js.stripe.com" else ""
    return f'self "{stripe_js}"{more}'


def policy(settings: Settings, pays: bool, scans: bool = False) -> str:
    stripe_js, stripe_api = origin(settings.stripe_js_url), origin(settings.stripe_api_base)
    real = stripe_js == "https://js.stripe.com"
    # Stripe's own list (https://docs.stripe.com/security/guide#content-security-policy), without its maps, which only
    # forms for postal addresses ask for. Link has a domain of its own.
    link = " https://link.com https://*.link.com" if real else ""
    images = " https://*.stripe.com https://*.link.com" if real else ""
    scripts = f"{stripe_js} https://*.js.stripe.com" if real else stripe_js
    frames = f"{scripts} https://hooks.stripe.com{link}" if real else stripe_js
    rules = {
        "default-src": "'none'",
        "script-src": f"'self' {scripts}" if pays else "'self' 'wasm-unsafe-eval'" if scans else "'self'",
        "style-src": "'self'",
        "img-src": f"'self' data:{images if pays else ''}",
        "font-src": "'self'",
        "connect-src": f"'self' {stripe_api} {stripe_js}{link}" if pays else "'self'",
        "frame-src": frames if pays else "'none'",
        "manifest-src": "'self'",
        "worker-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


class Kinds:
    """The headers of an app's answers, made once for each kind of page."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.of = lru_cache(None)(self.of)

    def of(
        self, pays: bool, locates: bool, scans: bool, decodes: bool, is_private: bool
    ) -> tuple[tuple[str, str, str], ...]:
        """(the name in small letters, the name, the value) of each, in their order. `decodes`: it may compile the
        decoder; `is_private`: its address is nobody else's business.
        """
        place, camera = "self" if locates else "", "self" if scans else ""
        payment = payment_of(self.settings) if pays else ""
        found = {
            "Content-Security-Policy": policy(self.settings, pays, decodes),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer" if is_private else "strict-origin-when-cross-origin",
            "Permissions-Policy": f"camera=({camera}), microphone=(), geolocation=({place}), payment=({payment})",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if not pays:
            found["Cross-Origin-Opener-Policy"] = "same-origin"
        if self.settings.is_secure:
            found["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return tuple((name.lower(), name, value) for name, value in found.items())


def add_headers(response: Response) -> Response:
    """The answer with what its kind says, where its view said nothing else."""
    path, scans, headers = request.path, g.get("scans", False), response.headers
    # A worker has the policy that its own script came with.
    decodes = scans or path.endswith("/js/gate/decoder.js")
    is_private = path.startswith(("/t/", "/tickets"))
    kinds: Kinds = current_app.extensions["headers"]
    said = {name.lower() for name, _ in headers}
    for known, name, value in kinds.of(g.get("pays", False), g.get("locates", False), scans, decodes, is_private):
        if known not in said:
            headers.add(name, value)
    if "cache-control" not in said and request.endpoint != "static":
        headers.add("Cache-Control", "no-store" if g.get("session_hash") or path.startswith("/t/") else "no-cache")
    return response
