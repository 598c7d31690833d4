"""What the whole house shares: the extensions, the transaction, the person of this request, and `Refused`."""

import contextlib
import contextvars
import json
import random
import time
from dataclasses import dataclass, field

import psycopg2
import structlog
from flask import current_app, g, has_app_context, has_request_context, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase

log = structlog.get_logger()
chance = random.Random()  # of its own: a thread that waits here does not move the numbers that others draw

RETRIED = {"40001", "40P01", "55P03"}  # serialisation failure, deadlock, lock timeout (PostgreSQL, appendix A)
TRIES = 3
WEB, WORKER = "web", "worker"

_role = contextvars.ContextVar("cricverse_database_role", default=WEB)
_frames = contextvars.ContextVar("cricverse_transaction", default=None)


class Refused(Exception):
    """A rule said no. `str(error)` is a sentence for people; `code` is for programs; `details` go into the JSON answer."""

    def __init__(self, sentence, *, code="REFUSED", status=409, **details):
        super().__init__(sentence)
        self.sentence, self.code, self.status, self.details = sentence, code, status, details


class InsideTransaction(RuntimeError):
    """A provider was about to be called while a database transaction was open."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who this transaction acts for: nobody, a visitor who holds seats, a guest with an e-mail, or a fan with an account."""

    id: int | None = None
    kind: str = "nobody"
    name: str | None = None
    email: str | None = None
    is_admin: bool = False
    staff_of: tuple[int, ...] = field(default=())  # stadiums whose sales this person sees
    scorer_of: tuple[int, ...] = field(default=())  # stadiums whose matches this person scores
    gate_of: tuple[int, ...] = field(default=())  # stadiums whose gates this person runs

    is_active = True

    @property
    def is_authenticated(self):
        return self.kind == "fan"

    @property
    def is_anonymous(self):
        return not self.is_authenticated

    def get_id(self):
        return str(self.id)

    def works_for(self, stadium_id):
        return stadium_id in self.staff_of


NOBODY = Person()


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

    def get_bind(self, *args, **kwargs):
        return db.engines["worker"] if self.info.get("role") == WORKER else db.engine


def _scope():
    return (id(current_app._get_current_object()), id(g._get_current_object()), _role.get())


db = SQLAlchemy(
    model_class=Base, session_options={"class_": RoleSession, "expire_on_commit": False, "scopefunc": _scope}
)
migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, default_limits=[])


@event.listens_for(db.session, "after_begin")
def _begin(session, transaction, connection):
    """The first statement of every web transaction says who acts; row security reads it until COMMIT.

    Never inside a savepoint: a setting made there would outlive RELEASE.
    """
    if transaction.nested or session.info.get("role") == WORKER:
        return
    row = connection.exec_driver_sql("select * from app.begin(%s)", (session_hash(),)).one()
    rights = (tuple(row.staff_of), tuple(row.scorer_of), tuple(row.gate_of))
    g.person = Person(row.id, row.kind, row.name, row.email, row.is_admin, *rights) if row.id else NOBODY


def session_hash():
    """The SHA-256 of this request's session token (bytes), or None."""
    return g.get("session_hash") if has_app_context() else None


def _be_again(hashed):
    """After a rollback: a session that was begun (or ended) inside never was, so a second try starts as who came."""
    if has_app_context() and session_hash() != hashed:
        g.session_hash = hashed
        g.pop("person", None)


def current_person():
    """The Person of this request. The first call opens the transaction that finds them."""
    if "person" not in g:
        db.session.connection()
    return g.person


# --- transactions ---------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def transaction(*, worker=False):
    """Run the block in one transaction and commit it; a nested use joins the outer one.

    `worker=True` acts as cv_worker (webhooks, jobs, settlement), with a session of its own.
    """
    role = WORKER if worker else WEB
    outer = _frames.get()
    if outer is not None and outer["role"] == role:
        yield db.session
        return
    if outer is not None:
        raise InsideTransaction("A transaction of the other role is open; finish it first.")
    frame = {"role": role, "after": []}
    came_as = session_hash()
    role_token, frame_token = _role.set(role), _frames.set(frame)
    try:
        session = db.session()
        session.info["role"] = role
        if session.in_transaction() and not session.new and not session.dirty:
            session.commit()  # a page has read before: end its snapshot, keep what it loaded
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            _be_again(came_as)
            raise
    finally:
        if role == WORKER:
            db.session.remove()
        _frames.reset(frame_token)
        _role.reset(role_token)
    for fn, args in frame["after"]:
        try:
            fn(*args)
        except Exception:
            # What leaves after the commit is a hint; a failing broadcast never undoes a booking.
            log.exception("after_commit_failed", function=getattr(fn, "__name__", str(fn)))


def in_transaction(fn, *args, worker=False, **kwargs):
    """Run `fn(*args)` in a transaction, commit, and return its result.

    Deadlocks, serialisation failures and lock timeouts are tried again, three times in all. Nested calls join the outer transaction.
    """
    if _frames.get() is not None:
        with transaction(worker=worker):
            return fn(*args, **kwargs)
    for attempt in range(1, TRIES + 1):
        try:
            with transaction(worker=worker):
                return fn(*args, **kwargs)
        except DBAPIError as error:
            state = getattr(error.orig, "pgcode", None)
            if state not in RETRIED or attempt == TRIES:
                raise
            log.info("transaction_retried", sqlstate=state, attempt=attempt)
            time.sleep(chance.uniform(0.005, 0.03) * attempt)


def between_transactions():
    """End the transaction that this page has read in, before a flow opens its own. What was loaded stays usable."""
    if _frames.get() is not None:
        raise InsideTransaction("A flow opens its own transactions and is never called inside one.")
    if has_app_context() and db.session.registry.has():
        db.session.commit()


def forbid_transaction():
    """The edges call this before they speak to a provider: no network call while locks and a pooled connection are held."""
    if _frames.get() is not None:
        raise InsideTransaction("No provider is called inside a transaction.")
    if has_app_context() and db.session.registry.has() and db.session().in_transaction():
        raise InsideTransaction("No provider is called inside a transaction: call between_transactions() first.")


def after_commit(fn, *args):
    """Call `fn(*args)` once the open transaction is committed; never if it rolls back."""
    frame = _frames.get()
    if frame is None:
        raise RuntimeError("after_commit() is for code that runs inside a transaction.")
    frame["after"].append((fn, args))


def call(function, *args, **named):
    """Call the SQL function `app.…` and return its rows as a list of named tuples. A CV… error becomes Refused.

    Arguments are bound. Lists become arrays, dicts JSON; `named` uses PostgreSQL's named notation.
    """
    marks = ["%s"] * len(args) + [f"{name} => %s" for name in named]
    values = tuple(json.dumps(v) if isinstance(v, dict) else v for v in (*args, *named.values()))
    with refusals():
        return db.session.connection().exec_driver_sql(f"select * from {function}({', '.join(marks)})", values).all()  # noqa: S608


def call_alone(function, *args):
    """Call the SQL function `app.…` in a transaction of its own, in one round trip: who acts (nobody), the call, and the commit.

    For what is called very often and finds its actor by itself, as the gate's phones do by their token. The function must bear a repeat: it is
    tried again after a lost connection as well. Rows are tuples.
    """
    if _frames.get() is not None:
        raise InsideTransaction("This opens a transaction of its own.")
    for attempt in range(1, TRIES + 1):
        raw = db.engine.raw_connection()
        try:
            # Without BEGIN both statements are one transaction: they travel as one query string (PostgreSQL, 55.2.2.1).
            raw.driver_connection.autocommit = True
            with raw.cursor() as cursor:
                cursor.execute(
                    f"select app.begin(null); select * from {function}({', '.join(['%s'] * len(args))})", args
                )  # noqa: S608
                return cursor.fetchall()
        except psycopg2.Error as error:
            if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError) and not error.pgcode:
                raw.invalidate()
            elif (error.pgcode or "").startswith("CV"):
                raise refusal_of(error) from None
            elif error.pgcode not in RETRIED:
                raise
            if attempt == TRIES:
                raise
            time.sleep(chance.uniform(0.005, 0.03) * attempt)
        finally:
            if raw.is_valid:
                raw.driver_connection.autocommit = False
            raw.close()
    raise AssertionError("unreachable")


def call_one(function, *args, **named):
    """Like call(), for functions that answer with exactly one row."""
    rows = call(function, *args, **named)
    return rows[0] if rows else None


# SQLSTATE of ours → HTTP status. The message is the code, the detail is a JSON object.
STATUS = {
    "CV400": 400,
    "CV401": 401,
    "CV403": 403,
    "CV404": 404,
    "CV409": 409,
    "CV410": 410,
    "CV422": 422,
    "CV429": 429,
}


@contextlib.contextmanager
def refusals():
    """Turn an error that a definer function raised on purpose into Refused, with its sentence."""
    try:
        yield
    except DBAPIError as error:
        state = getattr(error.orig, "pgcode", None) or ""
        if not state.startswith("CV"):
            raise
        raise refusal_of(error.orig) from None


def refusal_of(error):
    """The Refused that a definer function meant by this psycopg2 error of a CV… class."""
    details = json.loads(error.diag.message_detail) if error.diag.message_detail else {}
    code = error.diag.message_primary
    return Refused(sentence_for(code, details), code=code, status=STATUS.get(error.pgcode, 409), **details)


SENTENCES = {}


def sentences(table):
    """A rule module hands in its codes and their sentences: {CODE: "sentence" or function(details) → sentence}."""
    SENTENCES.update(table)


def sentence_for(code, details):
    said = SENTENCES.get(code, "That is not possible just now.")
    return said(details) if callable(said) else said


def database_is_away(error):
    """True when a DBAPIError means that no database answered, rather than that it said no."""
    return isinstance(getattr(error, "orig", None), psycopg2.OperationalError | psycopg2.InterfaceError)


def ping():
    """One round trip to the database, for /readyz."""
    db.session.execute(text("select 1"))


def client_address():
    return (request.remote_addr or "") if has_request_context() else ""
