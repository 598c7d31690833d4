"""Preparing and checking the database, as superuser and as a plain owner, on the embedded server and on Debian's 15."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError

import supabase_config
from config import PROJECT_DIR, load_settings, login_url
from embedded.postgres import ensure_running, find_binaries, let_go, remove
from migrations import logins
from supabase_config import UnsafeLogin, check, prepare, refuse_unsafe_login

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
PASSWORD = 'app\'s "password" %40'
numbers = count(1)


@pytest.fixture(scope="module", params=["embedded", "debian 15"])
def server(request):
    """The folder and a maker of empty databases of one running server."""
    if request.param != "embedded" and not DEBIAN_15.exists():
        pytest.skip("PostgreSQL 15 of Debian is not installed")
    home = Path(tempfile.mkdtemp(prefix="cricverse-test-", dir="/tmp"))
    home.chmod(0o711)
    bin_dir = find_binaries() if request.param == "embedded" else DEBIAN_15
    yield home, lambda: ensure_running(home, bin_dir, database=f"test_{next(numbers)}", durable=False)
    let_go(home)
    remove(home)
    shutil.rmtree(home)


@pytest.fixture
def url(server):
    """The superuser's address of a database of its own."""
    return server[1]()


@pytest.fixture(scope="module")
def prepared(server):
    """A prepared database; whoever spoils something in it mends it again."""
    url = server[1]()
    prepare(url, PASSWORD)
    return url


@pytest.fixture(scope="module")
def settings(server, prepared):
    values = {"CRICVERSE_ENV": "testing", "CRICVERSE_HOME": str(server[0]), "CRICVERSE_ENV_FILE": "/dev/null"}
    return load_settings({**values, "DATABASE_URL": prepared, "APP_DATABASE_PASSWORD": PASSWORD})


@contextmanager
def engine_of(url):
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        yield engine
    finally:
        engine.dispose()


def run(url, *statements):
    with engine_of(url) as engine, engine.connect() as connection:
        for statement in statements:
            result = connection.execute(text(statement))
        return result.scalars().all() if result.returns_rows else None


def refusals(findings):
    return [finding.sentence for finding in findings if not finding.good]


def test_the_web_login_is_narrow_and_the_superuser_is_refused(prepared):
    with engine_of(login_url(prepared, "cv_app", PASSWORD)) as engine:
        refuse_unsafe_login(engine)
    with engine_of(prepared) as engine, pytest.raises(UnsafeLogin, match="superuser"):
        refuse_unsafe_login(engine)


@pytest.mark.parametrize(
    ("spoil", "mend", "word"),
    [
        ("alter role cv_app bypassrls", "alter role cv_app nobypassrls", "BYPASSRLS"),
        ("alter role cv_app createrole", "alter role cv_app nocreaterole", "create roles"),
        ("create table loot (); alter table loot owner to cv_app", "drop table loot", "owns 1"),
        ("grant cv_rules to cv_app", "revoke cv_rules from cv_app", "member of cv_rules"),
    ],
)
def test_a_login_with_too_many_rights_is_refused(prepared, spoil, mend, word):
    run(prepared, spoil)
    try:
        with engine_of(login_url(prepared, "cv_app", PASSWORD)) as engine, pytest.raises(UnsafeLogin, match=word):
            refuse_unsafe_login(engine)
    finally:
        run(prepared, mend)


def test_a_role_that_passes_row_security_is_not_adopted(prepared):
    run(prepared, "alter role cv_worker bypassrls")
    try:
        with pytest.raises(UnsafeLogin, match="cv_worker"):
            prepare(prepared, PASSWORD)
    finally:
        run(prepared, "alter role cv_worker nobypassrls")


def test_preparing_again_changes_nothing(prepared):
    said = []
    prepare(prepared, PASSWORD, said.append)
    assert len(said) == 1 and said[0].startswith("The schema is at migration")


def test_a_new_password_takes_the_place_of_the_old(prepared):
    prepare(prepared, "another one")
    try:
        assert run(login_url(prepared, "cv_worker", "another one"), "select 1") == [1]
        with pytest.raises(OperationalError):
            run(login_url(prepared, "cv_worker", PASSWORD), "select 1")
    finally:
        prepare(prepared, PASSWORD)


@pytest.mark.parametrize(("login", "statement"), [("cv_app", "10s"), ("cv_worker", "1min")])
def test_a_request_never_waits_long(prepared, login, statement):
    url = login_url(prepared, login, PASSWORD)
    assert run(url, "show lock_timeout") == ["3s"] and run(url, "show statement_timeout") == [statement]


def test_the_logins_may_not_make_tables(prepared):
    for login in ("cv_app", "cv_worker"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            run(login_url(prepared, login, PASSWORD), "create table public.loot ()")


@pytest.mark.parametrize(
    "statement",
    [
        "create temporary table loot (id int)",
        "create function pg_temp.look() returns int language sql as 'select 1'",
        "select lo_create(0)",
        "select lo_from_bytea(0, 'loot')",
        "select pg_advisory_lock(727202)",
        "select pg_try_advisory_xact_lock(1, 2)",
        "select pg_terminate_backend(1)",
        "select pg_logical_emit_message(false, 'loot', 'loot')",
        "set log_min_messages = debug1",
        "alter role cv_app reset log_min_messages",
        "set track_activities = on",
    ],
)
def test_what_everybody_may_the_logins_may_not(prepared, statement):
    for login in ("cv_app", "cv_worker"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            run(login_url(prepared, login, PASSWORD), statement.replace("cv_app", login))


def test_on_a_server_of_our_own_the_logins_reach_no_other_database(prepared):
    for login, other in (("cv_app", "postgres"), ("cv_worker", "template1")):
        url = make_url(login_url(prepared, login, PASSWORD)).set(database=other)
        with pytest.raises(OperationalError, match="does not have CONNECT privilege"):
            run(url.render_as_string(hide_password=False), "select 1")


def test_whoever_else_is_there_keeps_what_was_everybodys(url):
    run(url, "create role somebody")
    try:
        prepare(url, PASSWORD)
        rights = """select array[has_database_privilege('somebody', current_database(), 'temporary'),
                                 has_function_privilege('somebody', 'lo_create(oid)', 'execute'),
                                 has_function_privilege('somebody', 'pg_advisory_lock(bigint)', 'execute')]"""
        assert run(url, rights) == [[True, True, True]]
    finally:
        run(url, "drop owned by somebody", "drop role somebody")


SPOILT = {
    "alter role cv_app reset log_min_messages": "The server's log keeps refusals of cv_app",
    "alter role cv_worker set log_min_error_statement = fatal": "The server's log keeps a statement of cv_worker",
    "alter role cv_app reset track_activities": "reads running statements with their values",
    "alter role cv_app reset statement_timeout": "cv_app is not held to statement_timeout",
    "grant temporary on database {database} to public": "cv_app may make temporary tables",
    "grant execute on function lo_create(oid), pg_advisory_lock(bigint) to public": "cv_app may call 2 functions",
}


def test_the_check_names_what_a_login_may_again_and_preparing_mends_it(settings, prepared):
    run(prepared, *(spoil.format(database=make_url(prepared).database) for spoil in SPOILT))
    try:
        sentences = refusals(check(settings))
        assert [words for words in SPOILT.values() if not any(words in sentence for sentence in sentences)] == []
    finally:
        prepare(prepared, PASSWORD)
    assert refusals(check(settings)) == []


def test_the_check_tells_what_it_does_not_mend(settings, prepared):
    run(prepared, "alter role cv_app set work_mem = '1MB'", "create database neighbour")
    try:
        limits = [finding.sentence for finding in check(settings) if finding.is_limit]
        assert any("settings that are not ours: work_mem" in sentence for sentence in limits)
        assert any("neighbour" in sentence and "revoke connect" in sentence for sentence in limits)
    finally:
        run(prepared, "alter role cv_app reset work_mem", "drop database neighbour")


def test_databases_of_one_server_may_be_prepared_together(server):
    urls = [server[1]() for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        # Alembic keeps its context in a module, so each preparation is a process, as in life.
        code = "import sys, supabase_config; supabase_config.prepare(sys.argv[1], sys.argv[2])"
        ended = list(
            pool.map(
                lambda url: subprocess.run(
                    [sys.executable, "-c", code, url, PASSWORD], cwd=PROJECT_DIR, capture_output=True, text=True
                ),
                urls,
            )
        )
    assert [done.stderr for done in ended if done.returncode] == []
    assert all(supabase_config.is_newest(url) for url in urls)


def test_a_plain_owner_prepares_as_on_supabase(url):
    database = make_url(url).database
    run(url, "create role plain login createrole password 'plain'", f"alter database {database} owner to plain")
    # A plain owner changes only roles that it made itself.
    roles = run(url, "select rolname from pg_roles where rolname in ('cv_app', 'cv_worker', 'cv_rules')")
    run(url, "select 1", *(f"grant {role} to plain with admin option" for role in roles))
    plain = make_url(url).set(username="plain", password="plain").render_as_string(hide_password=False)
    # The settings of the log are the superuser's: a plain owner is told what to ask for.
    if roles:
        run(url, "alter role cv_app reset log_min_messages", "alter role cv_app reset track_activities")
    try:
        prepare(plain, PASSWORD)
        assert supabase_config.is_newest(plain)
        with engine_of(login_url(plain, "cv_app", PASSWORD)) as engine:
            refuse_unsafe_login(engine)
            with engine_of(plain) as owner, owner.connect() as one, engine.connect() as other:
                findings = list(logins.findings(one, other, "cv_app"))
        assert [finding.sentence.split(" (")[0] for finding in findings if not finding.good] == [
            "The server's log keeps refusals of cv_app with people's data"
        ]
        limits = " ".join(finding.sentence for finding in findings if finding.is_limit)
        assert "track_activities = off`; only this server's superuser may" in limits
        assert "functions for large objects" in limits and "temporary" not in limits
        # Supabase lets its `postgres` set one of the two: then what is fatal is not logged either.
        run(url, "grant set on parameter log_min_messages to plain", "alter role cv_app reset log_min_error_statement")
        prepare(plain, PASSWORD)
        assert run(login_url(plain, "cv_app", PASSWORD), "show log_min_messages") == ["panic"]
    finally:
        run(url, "alter role cv_app reset log_min_messages")
        prepare(url, PASSWORD)
        run(url, "reassign owned by plain to postgres", "drop owned by plain", "drop role plain")


def test_the_data_apis_roles_lose_what_supabase_grants_them(url):
    run(url, "create role anon", "alter default privileges in schema public grant all on tables to anon")
    try:
        prepare(url, PASSWORD)
        granted = run(url, "select table_name::text from information_schema.role_table_grants where grantee = 'anon'")
        assert granted == []
    finally:
        run(url, "drop owned by anon", "drop role anon")


def test_the_check_is_content_with_a_prepared_database(settings):
    findings = check(settings)
    assert refusals(findings) == []
    assert any("Row security is forced on all" in finding.sentence for finding in findings)


def test_the_check_names_a_table_without_forced_row_security(settings, prepared):
    run(prepared, "create table forgotten (id int)", "alter table forgotten enable row level security")
    try:
        assert refusals(check(settings)) == ["Row security is not forced on forgotten."]
    finally:
        run(prepared, "drop table forgotten")


def test_the_check_counts_connections(settings):
    greedy = replace(settings, database_pool_size=400)
    assert ["DATABASE_POOL_SIZE" in sentence for sentence in refusals(check(greedy))] == [True]


def test_the_check_sees_a_wrong_password(settings):
    sentences = refusals(check(replace(settings, app_database_password="wrong")))
    assert [sentence.split(":")[0] for sentence in sentences] == ["cv_app cannot sign in", "cv_worker cannot sign in"]


@contextmanager
def data_api(status, body):
    """A Data API that gives the same answer for every table; yields its address and the paths asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers["apikey"]))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as api:
        thread = threading.Thread(target=api.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{api.server_port}", asked
        finally:
            api.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "good"),
    [(200, [], True), (401, {}, True), (404, {}, True), (200, [{"id": 1}], False), (500, {}, False)],
)
def test_the_data_api_must_give_nothing(settings, status, body, good):
    with data_api(status, body) as (address, asked):
        findings = check(replace(settings, supabase_url=address, supabase_key="anon-key"))
    assert (refusals(findings) == []) is good
    assert ("/rest/v1/booking?limit=1", "anon-key") in asked and len(asked) > 10


def test_the_command_prepares_and_checks(server, url):
    environ = {
        "PATH": os.environ["PATH"],
        "CRICVERSE_ENV": "testing",
        "CRICVERSE_HOME": str(server[0]),
        "DATABASE_URL": url,
        "APP_DATABASE_PASSWORD": PASSWORD,
    }
    ended = [
        subprocess.run(
            [sys.executable, "supabase_config.py", *more],
            cwd=PROJECT_DIR,
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
        )
        for more in ([], ["--check"])
    ]
    assert [done.returncode for done in ended] == [0, 0], ended
    assert all("cv_app can sign in, owns nothing" in done.stdout for done in ended)
