"""The database made ready: roles, the schema of the newest migration, and checks that nobody sees more than they should.

Works the same on Supabase and on a PostgreSQL (15 to 18) of one's own, with a superuser or with a plain owner that may
create roles. `python supabase_config.py` prepares, `python supabase_config.py --check` only looks.
"""

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import alembic.command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg2.extensions import encrypt_password
from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from config import PROJECT_DIR, ConfigError, Settings, load_settings, login_url
from embedded.postgres import DatabaseUnavailable, with_database

# A web request must never wait long behind another one; jobs may.
LOGIN_SETTINGS = {
    "cv_app": {"lock_timeout": "3s", "statement_timeout": "10s", "idle_in_transaction_session_timeout": "15s"},
    "cv_worker": {"lock_timeout": "3s", "statement_timeout": "1min", "idle_in_transaction_session_timeout": "1min"},
}
_PREPARE_LOCK = 0x43563031  # "CV01": one process prepares at a time.
_TRANSACTION_POOLER_PORT = 6543
_SPARE_CONNECTIONS = 5  # For migrations, backups and a person with psql.


class UnsafeLogin(Exception):
    """A login has rights that would let it pass row security."""


@dataclass(frozen=True)
class Finding:
    """One thing that `check` looked at, in a sentence."""

    good: bool
    sentence: str


def prepare(migrating_url: str, app_password: str, say: Callable[[str], None] = lambda sentence: None) -> None:
    """Create the roles, bring the schema to the newest migration, take public rights away. Repeatable; `say` gets sentences.

    Raises UnsafeLogin if a role of ours has rights that it must not have.
    """
    with _connected(migrating_url) as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": _PREPARE_LOCK})
        # Roles belong to the whole server while advisory locks belong to one database, so two databases of one server
        # may still meet here; the statements can be repeated, and are.
        _persistently(partial(_create_roles, connection, migrating_url, app_password, say))
        before = _revision(connection)
        alembic.command.upgrade(alembic_config(migrating_url), "head")
        after = _revision(connection)
        say(f"The schema is at migration {after}" + ("." if before == after else f"; it was at {before or 'none'}."))
        _withdraw_public_rights(connection, say)


def alembic_config(url: str) -> Config:
    """Alembic's configuration for the database at `url`."""
    config = Config()
    config.set_main_option("script_location", str(PROJECT_DIR / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def refuse_unsafe_login(engine: Engine) -> None:
    """Raise UnsafeLogin if the engine's login could pass row security; asked by the web process when it starts."""
    with engine.connect() as connection:
        problem = _login_problem(connection)
    if problem:
        raise UnsafeLogin(
            f"{problem} The web process must not use it: run `python supabase_config.py` and let it use cv_app."
        )


def is_newest(migrating_url: str) -> bool:
    """Whether the schema stands at the newest migration of this code."""
    with _connected(migrating_url) as connection:
        return _check_migrations(connection, migrating_url).good


def check(settings: Settings) -> list[Finding]:
    """Look at logins, migrations, row security, connection limits and, where its key is known, the Data API."""
    findings = []
    for login in LOGIN_SETTINGS:
        url = login_url(settings.database_url, login, settings.app_database_password)
        try:
            with _connected(url) as connection:
                problem = _login_problem(connection)
        except OperationalError as error:
            problem = f"{login} cannot sign in: {_first_line(error)}."
        findings.append(
            Finding(not problem, problem or f"{login} can sign in, owns nothing and cannot pass row security.")
        )
    with _connected(settings.database_url) as connection:
        findings.append(_check_migrations(connection, settings.database_url))
        findings.append(_check_row_security(connection))
        findings.append(_check_connection_limit(connection, settings))
        tables = _tables(connection)
    if make_url(settings.database_url).port == _TRANSACTION_POOLER_PORT:
        findings.append(
            Finding(
                False,
                "DATABASE_URL is the transaction pooler's (port 6543): locks and NOTIFY need the direct or the session address.",
            )
        )
    if settings.supabase_url and settings.supabase_key:
        findings += [_check_data_api(settings, table) for table in tables]
    return findings


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 10})
    with engine.connect() as connection:
        yield connection


def _create_roles(connection: Connection, migrating_url: str, app_password: str, say: Callable[[str], None]) -> None:
    existing = {
        row.rolname: row for row in connection.execute(text("select * from pg_roles where rolname like 'cv\\_%'"))
    }
    for role in ("cv_rules", *LOGIN_SETTINGS):
        if role in existing:
            if existing[role].rolsuper or existing[role].rolbypassrls:
                raise UnsafeLogin(
                    f"The role {role} exists and is superuser or passes row security; take that away or drop it."
                )
        else:
            kind = "login" if role in LOGIN_SETTINGS else "nologin"
            _run(
                connection,
                f"create role {role} {kind} noinherit nosuperuser nobypassrls nocreatedb nocreaterole noreplication",
            )
            say(f"Created the role {role}.")
    # A plain owner may hand functions to cv_rules only as its member (a superuser always may).
    _run(connection, "grant cv_rules to current_user")
    for login, wanted in LOGIN_SETTINGS.items():
        present = dict(entry.split("=", 1) for entry in (existing[login].rolconfig or [])) if login in existing else {}
        for name, value in wanted.items():
            if present.get(name) != value:
                _run(connection, f"alter role {login} set {name} = '{value}'")
        if login not in existing or not _can_sign_in(login_url(migrating_url, login, app_password)):
            # Only the salted verifier travels and may turn up in the server's log, never the password.
            raw = connection.connection.driver_connection
            verifier = encrypt_password(app_password, login, scope=raw, algorithm="scram-sha-256")
            _run(connection, f"alter role {login} login password '{verifier}'")
            say(f"Set the password of {login}.")
    database = connection.dialect.identifier_preparer.quote(make_url(migrating_url).database)
    _run(connection, f"grant connect on database {database} to cv_app, cv_worker")
    _run(connection, "grant usage on schema public to cv_app, cv_worker, cv_rules")
    _run(connection, "revoke create on schema public from public")


def _withdraw_public_rights(connection: Connection, say: Callable[[str], None]) -> None:
    """Supabase grants its Data API roles every new table; the product speaks to the database itself only."""
    rows = connection.execute(
        text("select rolname from pg_roles where rolname in ('anon', 'authenticated') order by 1")
    )
    for role in rows.scalars().all():
        for things in ("tables", "sequences", "functions"):
            _run(connection, f"revoke all on all {things} in schema public from {role}")
            _run(connection, f"alter default privileges in schema public revoke all on {things} from {role}")
        say(f"The Data API's role {role} has no rights on our tables.")


def _persistently(attempt: Callable[[], None], tries: int = 6) -> None:
    for remaining in reversed(range(tries)):
        try:
            return attempt()
        except DBAPIError as error:
            clash = getattr(error.orig, "pgcode", None) in ("42710", "23505") or "concurrently updated" in str(
                error.orig
            )
            if not clash or not remaining:
                raise
            time.sleep(0.05)


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


def _can_sign_in(url: str) -> bool:
    try:
        with _connected(url):
            return True
    except OperationalError:
        return False


def _login_problem(connection: Connection) -> str | None:
    row = connection.execute(
        text("""
            select r.rolname as name, r.rolsuper, r.rolbypassrls, r.rolcreaterole,
                   (select count(*) from pg_class c where c.relowner = r.oid) as owned,
                   (select string_agg(g.rolname, ', ') from pg_auth_members m join pg_roles g on g.oid = m.roleid
                     where m.member = r.oid) as groups
              from pg_roles r where r.rolname = current_user""")
    ).one()
    if row.rolsuper:
        return f"The login {row.name} is a superuser."
    if row.rolbypassrls:
        return f"The login {row.name} passes row security (BYPASSRLS)."
    if row.rolcreaterole:
        return f"The login {row.name} may create roles."
    if row.owned:
        return f"The login {row.name} owns {row.owned} tables or indexes."
    if row.groups:
        return f"The login {row.name} is a member of {row.groups}."
    return None


def _revision(connection: Connection) -> str | None:
    return ", ".join(MigrationContext.configure(connection).get_current_heads()) or None


def _check_migrations(connection: Connection, url: str) -> Finding:
    newest = ", ".join(ScriptDirectory.from_config(alembic_config(url)).get_heads())
    current = _revision(connection)
    if current == newest:
        return Finding(True, f"The schema is at the newest migration, {newest}.")
    return Finding(
        False,
        f"The schema is at {current or 'no migration'} and the newest is {newest}: run `python supabase_config.py`.",
    )


def _tables(connection: Connection) -> list[str]:
    rows = connection.execute(
        text("""
            select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm') order by 1""")
    )
    return list(rows.scalars())


def _check_row_security(connection: Connection) -> Finding:
    rows = connection.execute(
        text("""
            select c.relname, c.relrowsecurity and c.relforcerowsecurity as forced
              from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname in ('public', 'app') and c.relkind in ('r', 'p') and c.relname <> 'alembic_version'""")
    ).all()
    open_tables = sorted(row.relname for row in rows if not row.forced)
    if open_tables:
        return Finding(False, f"Row security is not forced on {', '.join(open_tables)}.")
    return Finding(
        bool(rows), f"Row security is forced on all {len(rows)} tables." if rows else "There are no tables yet."
    )


def _check_connection_limit(connection: Connection, settings: Settings) -> Finding:
    limit = int(connection.execute(text("show max_connections")).scalar_one())
    limit -= int(connection.execute(text("show superuser_reserved_connections")).scalar_one())
    # Every web process has both pools (webhooks use the worker's), the jobs one more of the worker's.
    wanted = (
        settings.web_processes * (settings.database_pool_size + settings.worker_pool_size) + settings.worker_pool_size
    )
    good = wanted + _SPARE_CONNECTIONS <= limit
    sentence = (
        f"The pools may open {wanted} connections; the server offers {limit}, of which {_SPARE_CONNECTIONS} stay spare"
    )
    return Finding(good, sentence + ("." if good else ": lower DATABASE_POOL_SIZE or WEB_PROCESSES."))


def _check_data_api(settings: Settings, table: str) -> Finding:
    """Ask the Data API as anybody could, with the anon key; it must give nothing."""
    request = urllib.request.Request(
        f"{settings.supabase_url}/rest/v1/{table}?limit=1",
        headers={"apikey": settings.supabase_key, "Authorization": f"Bearer {settings.supabase_key}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            rows = json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            # A refused or unknown table is what we want; a server in trouble has shown nothing.
            return Finding(refusal.code in (401, 403, 404), f"The Data API answers {refusal.code} for {table}.")
    except (OSError, ValueError) as error:
        return Finding(False, f"The Data API could not be asked for {table}: {error}.")
    return Finding(
        not rows,
        f"The Data API gives rows of {table} to anybody." if rows else f"The Data API gives nothing of {table}.",
    )


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().split("\n")[0]


def main(arguments: list[str]) -> int:
    """The command line: prepare, or with `--check` only look. Returns the exit status."""
    if arguments not in ([], ["--check"]):
        print("usage: python supabase_config.py [--check]", file=sys.stderr)
        return 2
    try:
        settings = with_database(load_settings())
        if not arguments:
            prepare(settings.database_url, settings.app_database_password, print)
        findings = check(settings)
    except (ConfigError, DatabaseUnavailable, UnsafeLogin) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except OperationalError as error:
        print(f"The database cannot be reached: {_first_line(error)}.", file=sys.stderr)
        return 1
    for finding in findings:
        print(("ok       " if finding.good else "PROBLEM  ") + finding.sentence)
    return 0 if all(finding.good for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
