"""The extensions that the whole house shares, and the person that a request acts for."""

import contextvars
import hmac
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, g, has_app_context, has_request_context, request
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase, SessionTransaction

WEB = "web"
WORKER = "worker"
PUBLIC = "public"  # reads as nobody, whoever asks: what is kept for everybody
Roles = dict[int, tuple[str, ...]]  # {stadium: roles}; see accounts/rights.py
database_role = contextvars.ContextVar("cricverse_database_role", default=WEB)


@dataclass(frozen=True, slots=True)
class Person:
    """Who this transaction acts for: nobody, a visitor who holds seats, a guest with an e-mail, or a fan with an
    account.
    """

    id: int | None = None
    kind: str = "nobody"
    name: str | None = None
    email: str | None = None
    is_admin: bool = False
    roles: Roles = field(default_factory=dict, hash=False)

    is_active = True

    @property
    def is_authenticated(self) -> bool:
        return self.kind == "fan"

    @property
    def is_anonymous(self) -> bool:
        return not self.is_authenticated

    def get_id(self) -> str:
        return str(self.id)


NOBODY = Person()


@dataclass(frozen=True, slots=True)
class Versions:
    """How often what everybody may see has changed, and when that was read by the database's clock."""

    catalogue: int
    scores: int
    now: datetime


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class RoleSession(Session):
    """Speaks to the database as cv_app, or as cv_worker inside `transaction(worker=True)`."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine:
        role = self.info.get("role") or database_role.get()
        return db.engine if role == WEB else db.engines[role]


def _scope() -> tuple[int, int, str]:
    # pyrefly: ignore[missing-attribute]
    return (id(current_app._get_current_object()), id(g._get_current_object()), database_role.get())


db = SQLAlchemy(
    model_class=Base, session_options={"class_": RoleSession, "expire_on_commit": False, "scopefunc": _scope}
)

migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()


class Limits(Limiter):
    """Counts where a route has a limit of its own. Before and after all others the base would look for limits of the
    whole application, of which there are none."""

    def init_app(self, app: Flask) -> None:
        super().init_app(app)
        if not self.enabled:
            return
        write_headers = app.after_request_funcs[None].pop()
        app.after_request(lambda response: write_headers(response) if "is_counted" in g else response)
        app.before_request_funcs[None].remove(self._check_request_limit)

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        g.is_counted = True
        super()._check_request_limit(callable_name, in_middleware)


limiter = Limits(lambda: client_network(), default_limits=[])


@event.listens_for(db.session, "after_begin")
def _begin(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """The first statement of every web transaction says who acts; row security reads it until COMMIT. What is read for
    everybody has no transaction: nobody acts in it.

    Never inside a savepoint: a setting made there would outlive RELEASE.
    """
    if transaction.nested or session.info.get("role") == WORKER:
        return
    if database_role.get() == PUBLIC:
        row = connection.exec_driver_sql("select * from app.versions()").one()
        session.info["versions"] = Versions(*row)
        return
    note_person(connection.exec_driver_sql("select * from app.begin(%s)", (session_hash(),)).one())


def note_person(row: Any) -> None:
    """Keep for this request what app.begin says: who acts, and the versions of what everybody may see."""
    g.person = Person(row.id, row.kind, row.name, row.email, row.is_admin, read_roles(row.roles)) if row.id else NOBODY
    g.versions = Versions(row.catalogue, row.scores, row.now)


def read_roles(stored: Mapping[str, Sequence[str]]) -> Roles:
    """{stadium: roles} of the database's JSON, whose keys are words."""
    return {int(stadium): tuple(roles) for stadium, roles in stored.items()}


def session_hash() -> bytes | None:
    """The SHA-256 of this request's session token (bytes), or None."""
    return g.get("session_hash") if has_app_context() else None


def current_person() -> Person:
    """The Person of this request. The first call opens the transaction that finds them."""
    if "person" not in g:
        db.session.connection()
    return g.person


def client_address() -> str:
    """The address that this request came from, "" outside of one."""
    return (request.remote_addr or "") if has_request_context() else ""


def client_network() -> str:
    """The network that this request came from: an IPv4 address, or the /64 that one IPv6 connection has to itself."""
    return network_of(client_address())


@lru_cache(5000)
def network_of(address: str) -> str:
    """An address as whoever has it can be told apart: IPv4 (also when it is written as IPv6) whole, IPv6 by its /64."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def client_key() -> bytes | None:
    """What the database keeps of the network of this request: 16 bytes that only our secret can make; None outside of
    one."""
    return keyed_hash("network", client_network()) if has_request_context() else None


def keyed_hash(what: str, value: str) -> bytes:
    """16 bytes that say whether two values are equal, and to whoever lacks SECRET_KEY nothing else."""
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.digest(secret, f"cricverse {what}\0{value}".encode(), "sha256")[:16]
