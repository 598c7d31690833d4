"""The transaction: what commits, what is tried again, what leaves afterwards, and that no provider is called inside
one.
"""

import psycopg2.errors
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from database import (
    InsideTransaction,
    after_commit,
    between_transactions,
    call_one,
    forbid_transaction,
    in_transaction,
    transaction,
)
from extensions import current_person, db


@pytest.fixture
def request_context(app):
    with app.test_request_context("/"):
        yield


class Deadlock(psycopg2.errors.DeadlockDetected):
    pgcode = "40P01"


def test_a_deadlock_is_tried_again_three_times_in_all(request_context):
    tries = []

    def work(fails):
        tries.append(1)
        db.session.execute(text("select 1"))
        if len(tries) <= fails:
            raise OperationalError("x", None, Deadlock("deadlock detected"))
        return "done"

    assert in_transaction(work, 2) == "done" and len(tries) == 3
    tries.clear()
    with pytest.raises(OperationalError):
        in_transaction(work, 3)
    assert len(tries) == 3


def test_nothing_is_left_of_a_transaction_that_fails(request_context, rows):
    class Oops(Exception):
        pass

    def work():
        call_one("app.start_visitor", b"x" * 32, "127.0.0.1", "test")
        raise Oops

    with pytest.raises(Oops):
        in_transaction(work)
    assert rows.value("select count(*) from customer") == 0


def test_what_leaves_after_the_commit_leaves_only_then(request_context):
    seen = []
    with transaction():
        after_commit(seen.append, "told")
        assert seen == []
    assert seen == ["told"]
    with pytest.raises(ZeroDivisionError), transaction():
        after_commit(seen.append, "never")
        raise ZeroDivisionError
    assert seen == ["told"]
    with pytest.raises(RuntimeError):
        after_commit(seen.append, "outside")


def test_a_failing_broadcast_undoes_nothing(request_context, rows):
    def fails():
        raise ConnectionError

    with transaction():
        call_one("app.start_visitor", b"x" * 32, "127.0.0.1", "test")
        after_commit(fails)
    assert rows.value("select count(*) from customer") == 1


def test_a_nested_call_joins_the_outer_one(request_context, rows):
    with pytest.raises(ZeroDivisionError), transaction():
        in_transaction(call_one, "app.start_visitor", b"x" * 32, "127.0.0.1", "test")
        raise ZeroDivisionError
    assert rows.value("select count(*) from customer") == 0


def test_no_provider_is_called_inside_a_transaction(request_context):
    forbid_transaction()
    with transaction(), pytest.raises(InsideTransaction):
        forbid_transaction()
    current_person()  # a page has read
    with pytest.raises(InsideTransaction):
        forbid_transaction()
    between_transactions()
    forbid_transaction()


def test_a_flow_is_never_called_inside_a_transaction(request_context):
    with transaction(), pytest.raises(InsideTransaction):
        between_transactions()


def test_each_role_has_its_own_session(request_context):
    with transaction():
        assert db.session.execute(text("select session_user")).scalar() == "cv_app"
    with transaction(worker=True):
        assert db.session.execute(text("select session_user")).scalar() == "cv_worker"
    with transaction(), pytest.raises(InsideTransaction), transaction(worker=True):
        pass


def test_the_person_is_asked_for_first_and_forgotten_at_commit(app, cast, rows):
    from accounts.sessions import hash_of

    token = "a-session-token-for-this-test-only"
    rows(
        "insert into login_session (id_hash, customer_id, expires_at) values (:h, :c, now() + interval '1 day')",
        h=hash_of(token),
        c=cast.ids["asha"],
    )
    with app.test_request_context("/", headers={"Cookie": f"cv_session={token}"}):
        app.preprocess_request()
        with transaction():
            assert current_person().name == "Asha Rao"
            assert db.session.execute(text("select app.uid()")).scalar() == cast.ids["asha"]
            raw = db.session.connection().connection.dbapi_connection
        cursor = raw.cursor()
        cursor.execute("select app.uid()")  # the same connection, the transaction after
        assert cursor.fetchone()[0] is None
        raw.rollback()
