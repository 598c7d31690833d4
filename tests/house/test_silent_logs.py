"""What people tell us stands in no log: canaries go through refusals and real faults, and sing in neither PostgreSQL's
log nor ours.
"""

import io
import logging
import threading
import traceback

import psycopg2
import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from config import login_url
from database import call, call_alone, transaction
from extensions import db
from supabase_config import tell_loudness
from tests.support.cast import PASSWORD
from tests.support.selling import hold

CANARIES = {
    "name": "Zuleikha Kanarienvogel",
    "email": "zk-7741@canary.example",
    "password": "yellow bird sings loud 7741",
    "plate": "CNRY 7741",
    "token": "canarytoken7741canarytoken7741canary",
}


@pytest.fixture
def server_log(home):
    """What PostgreSQL has logged since the test began."""
    path = home / "postgres.log"
    start = path.stat().st_size

    def read():
        with open(path, errors="replace") as log:
            log.seek(start)
            return log.read()

    return read


def singing(words, *more):
    return [canary for canary in (*CANARIES.values(), *more) if canary.lower() in words.lower()]


def test_what_people_type_is_in_neither_log_when_it_is_refused(visitor, as_ben, cast, ground, rows, server_log, capfd):
    account = {key: CANARIES[key] for key in ("name", "email", "password")}
    assert visitor.post("/sign-up", **account).status == 303
    stored = rows.value(
        "select password_hash from credential k join customer c on c.id = k.customer_id where c.email = :e",
        e=CANARIES["email"],
    )
    visitor.post("/sign-out")
    assert visitor.post("/sign-up", **account).status == 409
    for attempt in ({**account, "password": PASSWORD}, {"email": CANARIES["email"], "password": CANARIES["name"]}):
        assert visitor.post("/sign-in", **attempt).status == 422
    assert visitor.get(f"/tickets/{CANARIES['token']}").status == 404
    taken = hold(as_ben, ground.event, ground.ids("A1"))
    answer = visitor.api("POST", f"/api/events/{ground.event}/hold", {"seat_ids": ground.ids("A1")})
    assert answer.status == 409
    contact = {"name": CANARIES["name"], "email": CANARIES["email"]}
    assert visitor.api("POST", "/api/create-booking-payment", {"booking_id": taken["id"], **contact}).status == 404
    said = "".join(capfd.readouterr())
    assert singing(server_log() + said, stored, stored[-20:]) == []


def dsn(address, login=None):
    return (
        login_url(address, login, "test-app-password").replace("+psycopg2", "")
        if login
        else address.replace("+psycopg2", "")
    )


VALUES = ", ".join(f"'{canary}'" for canary in CANARIES.values())
FAULTS = {
    "a value of another type": f"select array[{VALUES}]::int[]",
    "a statement that breaks off": f"select {VALUES} from where '{CANARIES['name']}' '",
    "a division by nothing": f"select {VALUES}, 1 / 0",
    "no such column": f"select nobody from customer where name in ({VALUES})",
    "no right": f"update customer set name = '{CANARIES['name']}' where email = '{CANARIES['email']}'",
    "an error of one's own": f"do $$ begin raise exception '%', array[{VALUES}] using detail = '{CANARIES['email']}'; "
    "end $$",
    "a time limit": f"set local statement_timeout = '20ms'; select pg_sleep(1), {VALUES}",
    "a connection that is cut": f"set local idle_in_transaction_session_timeout = '20ms'; select {VALUES}",
    "our own refusal": f"select app.set_plate(0, '{CANARIES['plate']}')",
    "a constraint": f"select app.sign_up('{CANARIES['name']}', null, null, null)",
    "a warning": f"do $$ begin raise warning '%', array[{VALUES}]; raise log '%', array[{VALUES}]; end $$",
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("login", ["cv_app", "cv_worker"])
def test_a_fault_leaves_no_value_in_the_servers_log(database_url, rows, server_log, fault, login):
    connection = psycopg2.connect(dsn(database_url, login))
    with connection.cursor() as cursor:
        try:
            cursor.execute(FAULTS[fault])
            if "cut" in fault:
                threading.Event().wait(0.1)
                cursor.execute("select 1")
        except psycopg2.Error:
            pass
        else:
            assert fault == "a warning"
    connection.close()
    assert singing(server_log()) == []


def test_a_connection_that_is_cut_at_work_leaves_no_statement(database_url, rows, server_log):
    connection = psycopg2.connect(dsn(database_url, "cv_app"))
    pid = connection.get_backend_pid()
    ended = []

    def work():
        with connection.cursor() as cursor, pytest.raises(psycopg2.OperationalError) as caught:
            cursor.execute(f"select pg_sleep(9), {VALUES}")
        ended.append(caught.value)

    working = threading.Thread(target=work)
    working.start()
    while not rows.value("select count(*) from pg_stat_activity where pid = :p and wait_event = 'PgSleep'", p=pid):
        threading.Event().wait(0.01)
    rows("select pg_terminate_backend(:p)", p=pid)
    working.join(10)
    assert len(ended) == 1 and "terminating connection" in server_log() and singing(server_log()) == []


def test_a_lock_and_a_deadlock_with_somebody_else_quote_no_login(database_url, cast, rows, server_log):
    """The detail of a deadlock names the statements of both sides, whoever of them is the victim."""
    names = (CANARIES["token"].encode(), b"another")
    for name in names:
        rows(
            "insert into login_session (id_hash, customer_id, expires_at) values (:h, :c, now())",
            h=name,
            c=cast.ids["asha"],
        )
    other, web = psycopg2.connect(dsn(database_url)), psycopg2.connect(dsn(database_url, "cv_app"))
    end = f"/* {CANARIES['email']} */ select app.end_session(%s)"
    with other.cursor() as theirs, web.cursor() as ours:
        theirs.execute("select from login_session where id_hash = %s for update", (names[1],))
        ours.execute("set lock_timeout = '20ms'")
        web.commit()
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            ours.execute(end, (names[1],))
        web.rollback()
        ours.execute("set lock_timeout = '5s'")
        ours.execute(end, (names[0],))
        waiting = threading.Thread(target=ours.execute, args=(end, (names[1],)), daemon=True)
        waiting.start()
        theirs.execute("set deadlock_timeout = '20ms'")
        while not rows.value("select count(*) from pg_locks where not granted"):
            threading.Event().wait(0.01)
        with pytest.raises(psycopg2.errors.DeadlockDetected):
            theirs.execute("select from login_session where id_hash = %s for update", (names[0],))
        other.rollback()
        waiting.join(10)
    other.close()
    web.close()
    assert "deadlock detected" in server_log() and singing(server_log()) == []


def test_nobody_reads_a_running_statement(database_url):
    """pg_stat_activity would show one connection of the web the session hashes of all others."""
    connection, other = (psycopg2.connect(dsn(database_url, "cv_app")) for _ in range(2))
    with connection.cursor() as cursor, other.cursor() as looking:
        cursor.execute("select %s", (CANARIES["token"],))
        looking.execute("select count(*), string_agg(query, ' ') from pg_stat_activity where usename = 'cv_app'")
        seen, queries = looking.fetchone()
    assert seen >= 2 and singing(queries or "") == []
    for each in (connection, other):
        each.close()


def test_a_process_says_at_its_start_what_the_servers_log_would_keep(app, engine):
    with structlog.testing.capture_logs() as said, app.app_context():
        tell_loudness(db.engines.values())
        assert said == []
        tell_loudness([engine])  # the superuser, whose settings are the server's
    (line,) = said
    assert (line["event"], line["log_level"]) == ("server_log_keeps_values", "warning")
    assert "refusals of postgres with people's data (log_min_messages is warning)" in line["problem"]


def faults_of_ours():
    """Real faults of the product's own calls, each with canaries as values."""
    token = CANARIES["token"].encode()
    yield lambda: call("app.sign_up", CANARIES["name"], None, None, None)
    yield lambda: call("app.no_such_function", CANARIES["email"])
    yield lambda: call("app.set_plate", CANARIES["plate"], CANARIES["name"])
    yield lambda: db.session.execute(text("select cast(:v as int)"), {"v": CANARIES["email"]})
    yield lambda: db.session.execute(text("select :a, :b from"), {"a": CANARIES["name"], "b": token})
    yield lambda: db.session.execute(text("update customer set name = :n"), {"n": CANARIES["name"]})
    yield lambda: db.session.execute(text("select pg_sleep(2), :n"), {"n": CANARIES["name"]})


@pytest.mark.parametrize("number", range(7))
def test_a_traceback_of_ours_has_no_value(app, cast, number):
    fault = list(faults_of_ours())[number]
    heard = io.StringIO()
    with app.test_request_context("/"), pytest.raises(DBAPIError) as caught, transaction():
        db.session.execute(text("set local statement_timeout = '50ms'"))
        fault()
    # As structlog, the standard library and an uncaught exception write it.
    heard.write("".join(traceback.format_exception(caught.value)))
    heard.write(structlog.processors.format_exc_info(None, "error", {"exc_info": caught.value})["exception"])
    heard.write(logging.Formatter().formatException((caught.type, caught.value, caught.tb)))
    assert "SQLSTATE" in heard.getvalue() and singing(heard.getvalue()) == []


def test_our_log_of_a_broken_page_has_neither_its_token_nor_a_value(visitor, ground, engine, server_log):
    function = "function app.open_ticket(bytea)"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"revoke execute on {function} from cv_app")
    try:
        with structlog.testing.capture_logs() as said:
            assert visitor.get(f"/t/one/{CANARIES['token']}").status == 500
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"grant execute on {function} to cv_app")
    (line,) = [line for line in said if line["event"] == "unhandled_error"]
    assert line["route"] == "/t/one/<token>" and singing(repr(said)) == []
    assert singing(server_log()) == []


def test_a_fault_of_a_call_on_its_own_has_no_value_either(app):
    with app.app_context(), pytest.raises(psycopg2.Error) as caught:
        call_alone("app.record_scans", b"token", CANARIES["email"])
    said = "".join(traceback.format_exception(caught.value))
    assert "SQLSTATE 22P02" in said and singing(said) == []
