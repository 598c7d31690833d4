"""The settings: the only reader of the environment and of the file `cricverse.env`.

`load_settings()` reads both (the real environment wins), checks everything at once and returns one frozen `Settings`;
whatever is wrong comes back in one `ConfigError` that names every variable concerned.
"""

import base64
import binascii
import hashlib
import hmac
import math
import os
import re
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

PROJECT_DIR = Path(__file__).resolve().parent

STRIPE_API = "https://api.stripe.com"
STRIPE_JS = "https://js.stripe.com/v3/"
SENDGRID_API = "https://api.sendgrid.com"

# Every variable with its default, as cricverse.env.example and the README list them.
VARIABLES = {
    "CRICVERSE_ENV": "development",
    "SECRET_KEY": "",
    "DATABASE_URL": "",
    "APP_DATABASE_PASSWORD": "",
    "DATABASE_POOL_SIZE": "10",
    "WORKER_POOL_SIZE": "4",
    "SUPABASE_URL": "",
    "SUPABASE_KEY": "",
    "STRIPE_PUBLISHABLE_KEY": "",
    "STRIPE_SECRET_KEY": "",
    "STRIPE_WEBHOOK_SECRET": "",
    "STRIPE_API_BASE": STRIPE_API,
    "STRIPE_JS_URL": STRIPE_JS,
    "OPENAI_API_KEY": "",
    "SENDGRID_API_KEY": "",
    "SENDGRID_API_BASE": SENDGRID_API,
    "MAIL_FROM": "tickets@cricverse.example",
    "MAIL_FROM_NAME": "CricVerse",
    "TWILIO_ACCOUNT_SID": "",
    "TWILIO_AUTH_TOKEN": "",
    "REDIS_URL": "",
    "QR_MASTER_KEY": "",
    "APPLE_PAY_DOMAIN_FILE": "",
    "APPLE_PASS_CERT": "",
    "APPLE_PASS_KEY": "",
    "APPLE_PASS_CHAIN": "",
    "APPLE_PASS_TEAM": "",
    "APPLE_PASS_TYPE": "",
    "GOOGLE_WALLET_ISSUER": "",
    "GOOGLE_WALLET_KEY": "",
    "HOST": "127.0.0.1",
    "PORT": "5000",
    "PUBLIC_URL": "",
    "WEB_PROCESSES": "1",
    "TRUSTED_PROXIES": "0",
    "REQUEST_SECONDS": "15",
    "ASYNC_MODE": "eventlet",
    "FANOUT": "fast",
    "SOCKETS_PER_PERSON": "20",
    "SOCKETS_PER_ADDRESS": "2000",
    "LOG_LEVEL": "INFO",
    "CRICVERSE_HOME": "var",
    "CRICVERSE_ENV_FILE": "cricverse.env",
    "SANDBOX_PORT": "5055",
}

ENVIRONMENTS = ("development", "staging", "production", "testing")
_PUBLIC_ENVIRONMENTS = ("staging", "production")


class ConfigError(Exception):
    """The settings cannot be used. `problems` maps each variable concerned to a sentence."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        lines = "\n".join(f"  {name}: {sentence}" for name, sentence in self.problems.items())
        super().__init__(f"The settings cannot be used:\n{lines}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the product is told from outside; secrets stay out of `repr()`."""

    environment: str
    home: Path
    host: str
    port: int
    public_url: str
    web_processes: int
    trusted_proxies: int
    request_seconds: int
    async_mode: str
    fanout: str
    sockets_per_person: int
    sockets_per_address: int
    log_level: str
    database_pool_size: int
    worker_pool_size: int
    sandbox_port: int
    sandboxed: tuple[str, ...]
    stripe_publishable_key: str
    stripe_api_base: str
    stripe_js_url: str
    sendgrid_api_base: str
    mail_from: str
    mail_from_name: str
    supabase_url: str
    secret_key: str = field(repr=False)
    database_url: str = field(repr=False)
    app_database_password: str = field(repr=False)
    supabase_key: str = field(repr=False)
    stripe_secret_key: str = field(repr=False)
    stripe_webhook_secret: str = field(repr=False)
    openai_api_key: str = field(repr=False)
    sendgrid_api_key: str = field(repr=False)
    twilio_account_sid: str = field(repr=False)
    twilio_auth_token: str = field(repr=False)
    redis_url: str = field(repr=False)
    qr_master_key: bytes = field(repr=False)
    apple_pass: tuple[bytes, bytes, bytes, str, str] | None = field(
        repr=False
    )  # certificate, key, chain (PEM), team, type; or not offered
    apple_pay_domain: bytes | None  # what Apple asks this domain for before it offers its wallet here
    google_wallet: tuple[str, str] | None = field(repr=False)  # issuer, service account (JSON); or not offered

    @property
    def is_public(self) -> bool:
        """Staging and production: nothing is made up for them."""
        return self.environment in _PUBLIC_ENVIRONMENTS

    @property
    def is_secure(self) -> bool:
        """Pages are served over https, so cookies may be `Secure` and carry the `__Host-` prefix."""
        return self.public_url.startswith("https://")

    def is_own_origin(self, origin: str, scheme: str, host: str) -> bool:
        """Whether an `Origin` header names this site; `scheme` and `host` are those that the request was sent to.

        A laptop is reached under several names (localhost, its address in the network); a public site has one.
        """
        own = [self.public_url] if self.is_public else [self.public_url, f"{scheme}://{host}"]
        return _origin(origin) in map(_origin, own)

    @property
    def embedded(self) -> bool:
        """No DATABASE_URL was given: the product runs its own PostgreSQL."""
        return not self.database_url

    @property
    def migrating_url(self) -> str:
        """The address that migrations and commands use, once it is known."""
        if not self.database_url:
            raise ValueError("There is no database address yet: start the embedded server first.")
        return self.database_url

    @property
    def app_url(self) -> str:
        """The address that web processes use: the migrating one with the login `cv_app`."""
        return login_url(self.migrating_url, "cv_app", self.app_database_password)

    @property
    def worker_url(self) -> str:
        """The address that webhooks and jobs use: the migrating one with the login `cv_worker`."""
        return login_url(self.migrating_url, "cv_worker", self.app_database_password)

    @property
    def sandbox_url(self) -> str:
        """Where the stand-in providers listen while one is used."""
        return f"http://127.0.0.1:{self.sandbox_port}"

    def with_database(self, url: str) -> "Settings":
        """The same settings with the address of the database that was started for them."""
        return replace(self, database_url=normalise_database_url(url))


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read, check and complete the settings. Raises ConfigError with every problem at once.

    In development and testing missing secrets are made on first use and kept in CRICVERSE_HOME;
    staging and production make nothing up.
    """
    environ = os.environ if environ is None else environ
    read = _Reader({**_file_values(environ), **environ})
    environment = read.choice("CRICVERSE_ENV", ENVIRONMENTS)
    public = environment in _PUBLIC_ENVIRONMENTS
    home = (PROJECT_DIR / read.text("CRICVERSE_HOME")).resolve()

    host, port = read.text("HOST"), read.integer("PORT", 1, 65535)
    public_url = _public_url(read, public, port)
    web_processes, redis_url = read.integer("WEB_PROCESSES", 1, 64), read.text("REDIS_URL")
    if web_processes > 1 and not redis_url:
        read.refuse(
            "WEB_PROCESSES",
            "more than one process needs REDIS_URL, for live messages and limits are shared through it.",
        )
    sandbox_port = read.integer("SANDBOX_PORT", 1, 65535)

    database_url = _database_url(read, public)
    secret_key = _secret_key(read, public, home)
    app_database_password = read.text("APP_DATABASE_PASSWORD")
    if not app_database_password:
        if public:
            read.refuse(
                "APP_DATABASE_PASSWORD", "is missing; it becomes the password of the two logins cv_app and cv_worker."
            )
        else:
            app_database_password = kept_secret(home, "app_database_password", lambda: secrets.token_urlsafe(32))

    sandboxed = () if public else tuple(provider for provider, key in _PROVIDER_KEYS.items() if not read.text(key))
    stripe = _stripe(read, public, environment == "production", "stripe" in sandboxed, sandbox_port, secret_key)
    sendgrid_key, sendgrid_base = _sendgrid(read, public, "sendgrid" in sandboxed, sandbox_port)
    if bool(read.text("TWILIO_ACCOUNT_SID")) != bool(read.text("TWILIO_AUTH_TOKEN")):
        absent = "TWILIO_AUTH_TOKEN" if read.text("TWILIO_ACCOUNT_SID") else "TWILIO_ACCOUNT_SID"
        read.refuse(absent, "is missing while its twin is set.")

    settings: dict[str, Any] = dict(
        environment=environment,
        home=home,
        host=host,
        port=port,
        public_url=public_url,
        web_processes=web_processes,
        trusted_proxies=read.integer("TRUSTED_PROXIES", 0, 10),
        request_seconds=read.integer("REQUEST_SECONDS", 1, 600),
        async_mode=read.choice("ASYNC_MODE", ("eventlet", "threading")),
        fanout=read.choice("FANOUT", ("fast", "stock")),
        sockets_per_person=read.integer("SOCKETS_PER_PERSON", 1, 1000),
        sockets_per_address=read.integer("SOCKETS_PER_ADDRESS", 1, 1_000_000),
        log_level=read.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR")),
        database_pool_size=read.integer("DATABASE_POOL_SIZE", 1, 500),
        worker_pool_size=read.integer("WORKER_POOL_SIZE", 1, 500),
        sandbox_port=sandbox_port,
        sandboxed=sandboxed,
        sendgrid_api_key=sendgrid_key,
        sendgrid_api_base=sendgrid_base,
        mail_from=read.text("MAIL_FROM"),
        mail_from_name=read.text("MAIL_FROM_NAME"),
        supabase_url=read.text("SUPABASE_URL").rstrip("/"),
        supabase_key=read.text("SUPABASE_KEY"),
        secret_key=secret_key,
        database_url=database_url,
        app_database_password=app_database_password,
        openai_api_key=read.text("OPENAI_API_KEY"),
        twilio_account_sid=read.text("TWILIO_ACCOUNT_SID"),
        twilio_auth_token=read.text("TWILIO_AUTH_TOKEN"),
        redis_url=redis_url,
        qr_master_key=_qr_master_key(read, public, secret_key),
        apple_pass=_together(
            read, ("APPLE_PASS_CERT", "APPLE_PASS_KEY", "APPLE_PASS_CHAIN"), ("APPLE_PASS_TEAM", "APPLE_PASS_TYPE")
        ),
        apple_pay_domain=_apple_pay_domain(read),
        google_wallet=_google_wallet(read),
        **stripe,
    )
    if public:
        _refuse_weak_secrets(read)
    if read.problems:
        raise ConfigError(read.problems)
    return Settings(**settings)


def _origin(url: str) -> str:
    """An address as browsers write it in `Origin`: small letters, and no port where it is the usual one."""
    scheme, _, host = url.lower().rpartition("://")
    return f"{scheme}://{host.removesuffix({'http': ':80', 'https': ':443'}.get(scheme, ''))}"


def child_environment(settings: Settings, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a process of ours that must use the same database, sandbox, secrets and folder."""
    return {
        **(os.environ if environ is None else environ),
        "CRICVERSE_ENV": settings.environment,
        "CRICVERSE_HOME": str(settings.home),
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "APP_DATABASE_PASSWORD": settings.app_database_password,
        "HOST": settings.host,
        "PORT": str(settings.port),
        "PUBLIC_URL": settings.public_url,
        "SANDBOX_PORT": str(settings.sandbox_port),
        "QR_MASTER_KEY": base64.b64encode(settings.qr_master_key).decode(),
    }


def normalise_database_url(url: str) -> str:
    """Name the driver: SQLAlchemy 2.1 reads a bare `postgresql://` as psycopg 3 and does not know `postgres://`."""
    parsed = make_url(re.sub(r"^postgres(ql)?://", "postgresql+psycopg2://", url.strip()))
    if parsed.drivername != "postgresql+psycopg2":
        raise ArgumentError("not a PostgreSQL address")
    # Supabase shows `pgbouncer=true` for another client; libpq refuses a parameter it does not know.
    return _rendered(parsed.difference_update_query(["pgbouncer", "connection_limit"]))


def login_url(migrating_url: str, login: str, password: str) -> str:
    """The migrating address with another login; a pooler's `user.project` keeps its project."""
    parsed = make_url(migrating_url)
    _, dot, project = (parsed.username or "").partition(".")
    return _rendered(parsed.set(username=f"{login}{dot}{project}", password=password))


def _rendered(url: URL) -> str:
    return url.render_as_string(hide_password=False)


_PROVIDER_KEYS = {
    "stripe": "STRIPE_SECRET_KEY",
    "sendgrid": "SENDGRID_API_KEY",
    "twilio": "TWILIO_ACCOUNT_SID",
    "openai": "OPENAI_API_KEY",
}


class _Reader:
    """Values by name, and everything that is wrong with them."""

    def __init__(self, values: Mapping[str, str | None]) -> None:
        self.values = values
        self.problems: dict[str, str] = {}

    def given(self, name: str) -> bool:
        return bool((self.values.get(name) or "").strip())

    def text(self, name: str) -> str:
        return (self.values.get(name) or "").strip() or VARIABLES[name]

    def integer(self, name: str, low: int, high: int) -> int:
        text = self.text(name)
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            self.refuse(name, f"must be a whole number from {low} to {high}, not {text!r}.")
            return int(VARIABLES[name])
        return int(text)

    def choice(self, name: str, options: tuple[str, ...]) -> str:
        text = self.text(name)
        for option in options:
            if text.lower() == option.lower():
                return option
        self.refuse(name, f"must be one of {', '.join(options)}, not {text!r}.")
        return VARIABLES[name]

    def refuse(self, name: str, sentence: str) -> None:
        self.problems.setdefault(name, sentence)


def _file_values(environ: Mapping[str, str]) -> dict[str, str | None]:
    named = environ.get("CRICVERSE_ENV_FILE", "").strip()
    if not named and environ.get("CRICVERSE_ENV") == "testing":
        return {}  # A test run must never pick up a developer's real keys.
    path = PROJECT_DIR / (named or VARIABLES["CRICVERSE_ENV_FILE"])
    if named and not path.exists():
        raise ConfigError({"CRICVERSE_ENV_FILE": f"there is no file {path}."})
    # Without interpolation a password may hold a dollar sign.
    return dotenv_values(path, interpolate=False) if path.exists() else {}


def _public_url(read: _Reader, public: bool, port: int) -> str:
    url = (read.text("PUBLIC_URL") or f"http://127.0.0.1:{port}").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
        read.refuse(
            "PUBLIC_URL", f"must be an address without a path, such as https://tickets.example.org, not {url!r}."
        )
    elif public and parts.scheme != "https":
        read.refuse("PUBLIC_URL", "must be the https address that people use.")
    return url


def _database_url(read: _Reader, public: bool) -> str:
    url = read.text("DATABASE_URL")
    if not url:
        if public:
            read.refuse("DATABASE_URL", "is missing; the embedded server is for development only.")
        return ""
    try:
        return normalise_database_url(url)
    except (ArgumentError, ValueError):
        read.refuse("DATABASE_URL", "must be a postgresql:// address with user, password, host and database.")
        return ""


def _secret_key(read: _Reader, public: bool, home: Path) -> str:
    key = read.text("SECRET_KEY")
    if public and not key:
        read.refuse("SECRET_KEY", "is missing; 32 random characters or more.")
    elif not key:
        key = kept_secret(home, "secret_key", lambda: secrets.token_urlsafe(48))
    return key


def _stripe(
    read: _Reader, public: bool, production: bool, sandboxed: bool, sandbox_port: int, secret_key: str
) -> dict[str, str]:
    sandbox = f"http://127.0.0.1:{sandbox_port}"
    if sandboxed:
        return {
            "stripe_publishable_key": "pk_test_sandbox",
            "stripe_secret_key": "sk_test_sandbox",
            "stripe_webhook_secret": f"whsec_sandbox{_derived(secret_key, 'sandbox webhook').hex()[:32]}",
            "stripe_api_base": read.text("STRIPE_API_BASE").rstrip("/") if _own(read, "STRIPE_API_BASE") else sandbox,
            "stripe_js_url": read.text("STRIPE_JS_URL") if _own(read, "STRIPE_JS_URL") else f"{sandbox}/v3/",
        }
    names = ("STRIPE_PUBLISHABLE_KEY", "STRIPE_SECRET_KEY") + (("STRIPE_WEBHOOK_SECRET",) if public else ())
    for name in names:
        if not read.given(name):
            read.refuse(name, "is missing; Stripe takes no payment without it.")
    if production:
        for name, live in (("STRIPE_PUBLISHABLE_KEY", r"pk_live_\w+"), ("STRIPE_SECRET_KEY", r"[sr]k_live_\w+")):
            if read.given(name) and not re.fullmatch(live, read.text(name)):
                read.refuse(name, "is not a live key; test keys belong to staging.")
    if public:
        for name in ("STRIPE_API_BASE", "STRIPE_JS_URL"):
            if _own(read, name):
                read.refuse(name, f"must stay {VARIABLES[name]} here; the sandbox is for development only.")
    return {
        "stripe_publishable_key": read.text("STRIPE_PUBLISHABLE_KEY"),
        "stripe_secret_key": read.text("STRIPE_SECRET_KEY"),
        "stripe_webhook_secret": read.text("STRIPE_WEBHOOK_SECRET"),
        "stripe_api_base": read.text("STRIPE_API_BASE").rstrip("/"),
        "stripe_js_url": read.text("STRIPE_JS_URL"),
    }


def _sendgrid(read: _Reader, public: bool, sandboxed: bool, sandbox_port: int) -> tuple[str, str]:
    if sandboxed:
        base = read.text("SENDGRID_API_BASE") if _own(read, "SENDGRID_API_BASE") else f"http://127.0.0.1:{sandbox_port}"
        return "SG.sandbox", base.rstrip("/")
    if public:
        if not read.given("SENDGRID_API_KEY"):
            read.refuse("SENDGRID_API_KEY", "is missing; no mail leaves without it.")
        if not _own(read, "MAIL_FROM"):
            read.refuse("MAIL_FROM", "must be an address that SendGrid may send from.")
        if _own(read, "SENDGRID_API_BASE"):
            read.refuse("SENDGRID_API_BASE", f"must stay {SENDGRID_API} here; the sandbox is for development only.")
    return read.text("SENDGRID_API_KEY"), read.text("SENDGRID_API_BASE").rstrip("/")


def _own(read: _Reader, name: str) -> bool:
    """Somebody chose a value other than the default (a copied example file repeats the defaults)."""
    return read.text(name).rstrip("/") != VARIABLES[name].rstrip("/")


def _together(read: _Reader, files: tuple[str, ...], texts: tuple[str, ...]) -> tuple | None:
    """What these variables say, the files as their bytes: all of them, or None when none is set.

    Some without the others are refused.
    """
    names = (*files, *texts)
    if not any(read.given(name) for name in names):
        return None
    for name in names:
        if not read.given(name):
            read.refuse(name, "is missing while others of the wallet pass are set.")
    found = []
    for name in files:
        try:
            found.append((PROJECT_DIR / read.text(name)).read_bytes() if read.given(name) else b"")
        except OSError:
            read.refuse(name, "names a file that cannot be read.")
            found.append(b"")
    return (*found, *(read.text(name) for name in texts))


def _apple_pay_domain(read: _Reader) -> bytes | None:
    found = _together(read, ("APPLE_PAY_DOMAIN_FILE",), ())
    return found[0] if found else None


def _google_wallet(read: _Reader) -> tuple[str, str] | None:
    found = _together(read, ("GOOGLE_WALLET_KEY",), ("GOOGLE_WALLET_ISSUER",))
    return (found[1], found[0].decode("utf-8", "replace")) if found else None


def _qr_master_key(read: _Reader, public: bool, secret_key: str) -> bytes:
    text = read.text("QR_MASTER_KEY")
    if not text:
        if public:
            read.refuse(
                "QR_MASTER_KEY", "is missing; 32 random bytes in base64. Losing it makes every ticket unreadable."
            )
        return _derived(secret_key, "qr master key")
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        read.refuse("QR_MASTER_KEY", "must be 32 bytes in base64.")
    return key


# Every secret with the characters it has at least, without the prefix that a provider puts before its keys.
_SECRETS = {
    "SECRET_KEY": 32,
    "APP_DATABASE_PASSWORD": 16,
    "DATABASE_URL": 12,
    "STRIPE_SECRET_KEY": 16,
    "STRIPE_WEBHOOK_SECRET": 16,
    "OPENAI_API_KEY": 16,
    "SENDGRID_API_KEY": 16,
    "TWILIO_AUTH_TOKEN": 16,
    "REDIS_URL": 12,
    "QR_MASTER_KEY": 32,
}
_OWN_SECRETS = ("SECRET_KEY", "APP_DATABASE_PASSWORD", "QR_MASTER_KEY")  # a provider or somebody else made the others
_PREFIX = re.compile(r"([sr]k_(live|test)_|whsec_|SG\.|sk-(proj-)?)")
# What stands in examples, in our documents and sandbox, and on the lists of the passwords people choose.
_KNOWN_WORDS = re.compile(
    "admin|asdfghjkl|battery|bench|bytes|change|characters?|correct|cricket|cricverse|database|default|demo|dragon"
    "|example|football|here|horse|insert|letmein|long|master|monkey|openai|passw[o0]rd|phrase|placeholder|please"
    "|postgres|private|production|public|qwerty(uiop)?|random|redis|replace|root|sandbox|secret|sendgrid|staging|staple"
    "|string|stripe|supabase|test|this|token|twilio|webhook|welcome|your|zxcvbnm",
    re.IGNORECASE,
)


def _refuse_weak_secrets(read: _Reader) -> None:
    """Refuse each secret that is short, regular, known, or the same as another. No sentence shows one."""
    found = {name: secret for name in _SECRETS if read.given(name) and (secret := _secret_in(name, read.text(name)))}
    for name, secret in found.items():
        what = "the password in it is" if name.endswith("_URL") else "is"
        if _is_guessable(secret, _SECRETS[name]):
            advice = (
                f"take {_SECRETS[name]} random {'bytes in base64' if name == 'QR_MASTER_KEY' else 'characters or more'}"
                if name in _OWN_SECRETS or name.endswith("_URL")
                else "copy the whole key from where it was made"
            )
            read.refuse(name, f"{what} too easy to guess; {advice}.")
        for other, theirs in found.items():
            if other != name and len(secret) >= 12 and secret in theirs:
                read.refuse(name, f"{what} the same as in {other}; every secret must be one of its own.")


def _secret_in(name: str, text: str) -> str:
    """The secret of a setting, "" for none: a password in an address, bytes as characters, without a prefix."""
    try:
        if name.endswith("_URL"):
            url = make_url(text)
            return str(url.password or url.query.get("password") or "")
        if name == "QR_MASTER_KEY":
            return base64.b64decode(text, validate=True).decode("latin-1")
    except (ArgumentError, ValueError):
        return ""  # refused already, as what it is
    return _PREFIX.sub("", text, count=1)


def _is_guessable(secret: str, least: int) -> bool:
    """Whether too little of a secret is left without known words, repetitions, and letters that follow each other.

    Measured in bits by how often each character occurs (Shannon); prose has about half of that.
    """
    if len(secret) < least:
        return True
    rest = _KNOWN_WORDS.sub("", secret)
    rest = next((rest[:n] for n in range(1, len(rest) // 2 + 1) if rest[n:] == rest[:-n]), rest)
    rest = "".join(now for before, now in zip(" " + rest, rest, strict=False) if abs(ord(now) - ord(before)) > 1)
    bits = -sum(count * math.log2(count / len(rest)) for count in Counter(rest).values())
    if not re.search(r"[^a-z\W_]", rest):
        bits /= 2
    return bits < 1.5 * least


def _derived(secret_key: str, purpose: str) -> bytes:
    """A key of its own for each purpose, so that one never stands for another."""
    return hmac.digest(secret_key.encode(), f"cricverse {purpose}".encode(), hashlib.sha256)


def kept_secret(home: Path, name: str, make: Callable[[], str]) -> str:
    """The secret kept in `home`, made once even when several processes start together."""
    path = home / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        # The embedded server may run as another user below this folder and must be able to pass through it.
        home.mkdir(mode=0o711, parents=True, exist_ok=True)
    draft = home / f".{name}.{secrets.token_hex(8)}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(make() + "\n")
    try:
        os.link(draft, path)  # Unlike a rename, a link never replaces what another process has just made.
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
