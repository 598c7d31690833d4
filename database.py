"""Transactions, and calls of the functions in the database: the only code that commits."""

import contextlib
import contextvars
import json
import random
import threading
import time
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar

import psycopg2
import structlog
from flask import Flask, current_app, g, has_app_context, has_request_context
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from extensions import PUBLIC, WEB, WORKER, Versions, database_role, db, note_person, session_hash
from refusals import as_refusals, refusal_of

log = structlog.get_logger()
chance = random.Random()  # of its own: a thread that waits here does not move the numbers that others draw
RETRIED = {"40001", "40P01", "55P03"}  # serialisation failure, deadlock, lock timeout (PostgreSQL, appendix A)
TRIES = 3
VERSIONS = "select * from app.versions()"
_frames: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("cricverse_transaction", default=None)
T = TypeVar("T")


class InsideTransaction(RuntimeError):
    """A provider was about to be called while a database transaction was open."""


def _be_again(hashed: bytes | None) -> None:
    """After a rollback: a session that was begun (or ended) inside never was, so a second try starts as who came."""
    if has_app_context() and session_hash() != hashed:
        g.session_hash = hashed
        g.pop("person", None)


@contextlib.contextmanager
def transaction(*, worker: bool = False) -> Generator[Session | scoped_session[Any]]:
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
    role_token, frame_token = database_role.set(role), _frames.set(frame)
    try:
        session = db.session()
        session.info["role"] = role
        if session.in_transaction() and not session.new and not session.dirty:
            session.commit()  # a page has read before: end its snapshot, keep what it loaded
        try:
            yield session
            session.commit()
            if has_app_context():
                g.pop("versions", None)  # read before this: it may have changed what everybody sees
        except BaseException:
            session.rollback()
            _be_again(came_as)
            raise
    finally:
        if role == WORKER:
            db.session.remove()
        _frames.reset(frame_token)
        database_role.reset(role_token)
    for fn, args in frame["after"]:
        hint(fn, *args)


def in_transaction(fn: Callable[..., T], *args: Any, worker: bool = False, **kwargs: Any) -> T:
    """Run `fn(*args)` in a transaction, commit, and return its result.

    Deadlocks, serialisation failures and lock timeouts are tried again, three times in all. Nested calls join the outer
    transaction.
    """

    def once() -> T:
        with transaction(worker=worker):
            return fn(*args, **kwargs)

    return once() if _frames.get() is not None else _tried_again(once)


def _tried_again(do: Callable[[], T]) -> T:
    for attempt in range(1, TRIES + 1):
        try:
            return do()
        except DBAPIError as error:
            state = getattr(error.orig, "pgcode", None)
            if state not in RETRIED or attempt == TRIES:
                raise
            log.info("transaction_retried", sqlstate=state, attempt=attempt)
            time.sleep(chance.uniform(0.005, 0.03) * attempt)
    raise AssertionError("unreachable")


def between_transactions() -> None:
    """End the transaction that this page has read in, before a flow opens its own. What was loaded stays usable."""
    if _frames.get() is not None:
        raise InsideTransaction("A flow opens its own transactions and is never called inside one.")
    if has_app_context() and db.session.registry.has():
        db.session.commit()


def forbid_transaction() -> None:
    """The edges call this before they speak to a provider: no network call while locks and a pooled connection are
    held.
    """
    if _frames.get() is not None:
        raise InsideTransaction("No provider is called inside a transaction.")
    if has_app_context() and db.session.registry.has() and db.session().in_transaction():
        raise InsideTransaction("No provider is called inside a transaction: call between_transactions() first.")


def after_commit(fn: Callable[..., object], *args: Any) -> None:
    """Call `fn(*args)` once the open transaction is committed; never if it rolls back."""
    frame = _frames.get()
    if frame is None:
        raise RuntimeError("after_commit() is for code that runs inside a transaction.")
    frame["after"].append((fn, args))


def hint(fn: Callable[..., object], *args: Any) -> None:
    """Call `fn(*args)` now that a transaction is committed. What leaves then is a hint; a failing broadcast never
    undoes a booking."""
    try:
        fn(*args)
    except Exception:
        log.exception("after_commit_failed", function=getattr(fn, "__name__", str(fn)))


def call(function: str, *args: Any, **named: Any) -> Sequence[Any]:
    """Call the SQL function `app.…` and return its rows as a list of named tuples. A CV… error becomes Refused.

    A rule that hands such a row on says its shape by a Protocol.

    Arguments are bound. Lists become arrays, dicts JSON; `named` uses PostgreSQL's named notation.
    """
    marks = ["%s"] * len(args) + [f"{name} => %s" for name in named]
    values = tuple(json.dumps(v) if isinstance(v, dict) else v for v in (*args, *named.values()))
    with as_refusals():
        return db.session.connection().exec_driver_sql(f"select * from {function}({', '.join(marks)})", values).all()  # noqa: S608


def call_alone(function: str, *args: Any) -> list[tuple[Any, ...]]:
    """Call the SQL function `app.…` in a transaction of its own, in one round trip: that nobody acts, the call, and the
    commit.

    For what is called very often and finds its actor by itself, as the gate's phones do by their token. The function
    must bear a repeat: it is tried again after a lost connection as well. Rows are tuples.
    """
    if _frames.get() is not None:
        raise InsideTransaction("This opens a transaction of its own.")
    for attempt in range(1, TRIES + 1):
        raw = db.engine.raw_connection()
        try:
            # Without BEGIN both statements are one transaction: they travel as one query string (PostgreSQL, 55.2.2.1).
            raw.driver_connection.autocommit = True  # pyrefly: ignore[missing-attribute]
            with raw.cursor() as cursor:
                cursor.execute(
                    f"set local app.actor to ''; select * from {function}({', '.join(['%s'] * len(args))})", args
                )  # noqa: S608
                return cursor.fetchall()
        except psycopg2.Error as error:
            if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError) and not error.pgcode:
                raw.invalidate()
            elif (error.pgcode or "").startswith("CV"):
                raise refusal_of(error) from None
            elif error.pgcode not in RETRIED:
                error.args = (fault_of(error),)
                raise
            if attempt == TRIES:
                raise
            time.sleep(chance.uniform(0.005, 0.03) * attempt)
        finally:
            if raw.is_valid:
                raw.driver_connection.autocommit = False  # pyrefly: ignore[missing-attribute]
            raw.close()
    raise AssertionError("unreachable")


def ask(function: str, *args: Any) -> Any:
    """What the SQL function `app.…`, which reads and gives one value, says to the person of this request.

    Where no transaction is open it is one round trip: who acts, and the answer, in a statement of its own.
    """
    asked = f"{function}({', '.join(['%s'] * len(args))})"
    if _frames.get() is not None or db.session().in_transaction():
        return db.session.connection().exec_driver_sql(f"select {asked}", args).scalar_one()  # noqa: S608
    # What stands in the list is worked out once app.begin has said who acts.
    row = _at_once(f"select who.*, {asked} as answer from app.begin(%s) who", (*args, session_hash()))  # noqa: S608
    note_person(row)
    return row.answer


def call_at_once(function: str, *args: Any, worker: bool = False) -> Any:
    """Call the SQL function `app.…`, which says itself who acts (or as the worker) and answers with one row, in a
    transaction of its own and one round trip. It is tried again where in_transaction() would. A CV… error becomes
    Refused.
    """
    between_transactions()
    statement = f"select * from {function}({', '.join(['%s'] * len(args))})"  # noqa: S608
    values = tuple(json.dumps(v) if isinstance(v, dict) else v for v in args)
    with as_refusals():
        return _tried_again(lambda: _at_once(statement, values, WORKER if worker else WEB))


def _at_once(statement: str, values: tuple[Any, ...], role: str = WEB) -> Any:
    """The one row of a statement that is a transaction by itself: without BEGIN and COMMIT it is one round trip."""
    with (db.engine if role == WEB else db.engines[role]).connect() as connection:
        # By the driver alone: SQLAlchemy's own AUTOCOMMIT asks the server again when it is taken back.
        driver = connection.connection.driver_connection
        driver.autocommit = True  # pyrefly: ignore[missing-attribute]
        try:
            return connection.exec_driver_sql(statement, values).one()
        finally:
            if not driver.closed:  # pyrefly: ignore[missing-attribute]
                driver.autocommit = False  # pyrefly: ignore[missing-attribute]


# --- what everybody may see ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def as_nobody() -> Generator[Versions]:
    """What is read inside is what everybody may see, whoever asks; nothing is written. Yields the Versions that it is
    not older than.

    A pool of its own: whoever waits for what is read here may hold a connection of the other one.
    """
    token = database_role.set(PUBLIC)
    try:
        db.session.connection()
        yield db.session().info["versions"]
    finally:
        db.session.remove()
        database_role.reset(token)


class _Shared:
    """One answer for all who ask at once: it was asked for after each of them had come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun = 0.0
        self._answer: Versions | None = None

    def ask(self, read: Callable[[], Versions]) -> Versions:
        came = time.monotonic()
        with self._lock:
            if self._answer is None or self._begun < came:
                begun = time.monotonic()
                self._answer, self._begun = read(), begun
            return self._answer


def init_app(app: Flask) -> None:
    """Give the application the one answer that it shares among all who ask for the versions."""
    app.extensions["versions"] = _Shared()


def versions() -> Versions:
    """The Versions of what everybody may see, no older than this request. In one statement for somebody without a
    session, for whom nothing else is read; with who acts, for everybody else.
    """
    if database_role.get() == PUBLIC:
        db.session.connection()
        return db.session().info["versions"]
    if not has_request_context():
        return _read_versions()
    if "versions" not in g:
        if session_hash() is None:
            g.versions = current_app.extensions["versions"].ask(_read_versions)
        else:
            db.session.connection()  # app.begin brings them
    return g.versions


def read_public(statement: str, *values: Any) -> Sequence[Any]:
    """The rows of one statement over what everybody may see, whoever asks, as they are now. One round trip."""
    with db.engines[PUBLIC].connect() as connection:
        return connection.exec_driver_sql(statement, values).all()


def _read_versions() -> Versions:
    """By the driver alone, for each visit of a page that is kept begins with it. What goes wrong is asked again, for
    SQLAlchemy to say what it is and to let go of a lost connection."""
    raw = db.engines[PUBLIC].raw_connection()
    try:
        with raw.cursor() as cursor:
            cursor.execute(VERSIONS)
            return Versions(*cursor.fetchone())
    except psycopg2.Error:
        raw.invalidate()
    finally:
        raw.close()
    with db.engines[PUBLIC].connect() as connection:
        return Versions(*connection.exec_driver_sql(VERSIONS).one())


def call_one(function: str, *args: Any, **named: Any) -> Any:
    """Like call(), for functions that answer with exactly one row."""
    return call(function, *args, **named)[0]


def find_one(function: str, *args: Any, **named: Any) -> Any | None:
    """Like call(), for functions that answer with one row or none."""
    rows = call(function, *args, **named)
    return rows[0] if rows else None


def withhold_values(engine: Engine) -> None:
    """From now on faults of this engine say what happened and where, and never with which values.

    Tracebacks go into logs, and PostgreSQL quotes rows and pieces of statements in its messages.
    """

    def without_values(context: ExceptionContext) -> None:
        error, wrapped = context.original_exception, context.sqlalchemy_exception
        if getattr(error, "pgcode", None):
            error.args = (fault_of(error),)
            if wrapped is not None:
                wrapped.args = (f"({type(error).__module__}.{type(error).__name__}) {error.args[0]}",)

    event.listen(engine, "handle_error", without_values)


def fault_of(error: Any) -> str:
    """What a psycopg2 error says without any value: SQLSTATE and names of what is concerned, and the message only where
    PostgreSQL puts nothing but names into it, or where the client says it of a connection.
    """
    told, state = error.diag, error.pgcode
    if not state:
        return str(error).strip()
    words = [f"SQLSTATE {state}"]
    words += [
        f"{what} {name}"
        for what, name in (
            ("table", told.table_name),
            ("column", told.column_name),
            ("constraint", told.constraint_name),
        )
        if name
    ]
    # Class 42 is about what the schema has and who may use it, but for a syntax error, which quotes where it is.
    if state.startswith(("42", "CV")) and state != "42601":
        words.append(told.message_primary)
    return ", ".join(words)


def database_is_away(error: Exception) -> bool:
    """True when a DBAPIError means that no database answered, rather than that it said no."""
    return isinstance(getattr(error, "orig", None), psycopg2.OperationalError | psycopg2.InterfaceError)


def ping() -> None:
    """One round trip to the database, for /readyz."""
    db.session.execute(text("select 1"))
