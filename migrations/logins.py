"""The two logins of the product apart from rows and functions: how long they may wait, what the server's log keeps of
them, and what PostgreSQL gives everybody and they do without. `set_up` brings it, `findings` looks.

Roles belong to the whole server and their settings count from the next connection on.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from migrations.wanted import LOGINS, OWNER

# A web request must never wait long behind another one; jobs may.
TIMES = {
    "cv_app": {"lock_timeout": "3s", "statement_timeout": "10s", "idle_in_transaction_session_timeout": "15s"},
    "cv_worker": {"lock_timeout": "3s", "statement_timeout": "1min", "idle_in_transaction_session_timeout": "1min"},
}
# psycopg2 binds values before it sends a statement, so whatever quotes a statement quotes names, addresses and hashes.
# A refusal is an error, too. Our own log tells every fault without its values.
SILENCE = {
    "log_min_error_statement": "panic",
    "log_min_messages": "fatal",  # messages, DETAIL and CONTEXT quote values as well; so does all that is logged as LOG
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "track_activities": "off",  # pg_stat_activity, the other side of a deadlock, the last words of a crashed process
}
_MAY_NOT, _NO_SUCH = "42501", "42704"  # PostgreSQL, appendix A

# What every role may call, and no web process should: large objects and messages in the log of changes fill the disk
# outside of all tables, an advisory lock of one's own stops every hold, and a signal ends everybody else's connections.
_CLOSED = """
select p.oid::regprocedure::text, p.proname ~ 'advisory' from pg_proc p
 where p.pronamespace = 'pg_catalog'::regnamespace
   and p.proname ~ '^(lo_|loread$|lowrite$|pg_(try_)?advisory_|pg_(cancel|terminate)_backend$|pg_logical_emit_message$)'
   and (has_function_privilege('cv_app', p.oid, 'execute') or has_function_privilege('cv_worker', p.oid, 'execute'))
 order by 1"""
# Whoever else is there keeps what was everybody's.
_OTHERS = """
select quote_ident(rolname) from pg_roles
 where not rolsuper and rolname !~ '^pg_' and rolname <> all (%(ours)s) order by 1"""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, in a sentence. A limit is how this server is, and nothing that we could mend."""

    good: bool
    sentence: str
    is_limit: bool = False


def set_up(connection: Connection, login: str, present: dict[str, str]) -> None:
    """Give a login its settings where they differ from `present`. What this server does not let us set, `findings`
    tells.
    """
    wanted = TIMES[login] | SILENCE
    for name, value in wanted.items():
        if present.get(name) == value or name == "log_min_messages" and present.get(name) == "panic":
            continue
        if not _set(connection, login, name, value) and name == "log_min_error_statement":
            # On Supabase this one is the superuser's. Then what is fatal is not logged either, or its statement was.
            _set(connection, login, "log_min_messages", "panic")
            present["log_min_messages"] = "panic"


def close(connection: Connection) -> None:
    """Take from everybody what the logins should not have in this database; all other roles keep it."""
    others = ", ".join(connection.exec_driver_sql(_OTHERS, {"ours": [*LOGINS, OWNER]}).scalars())
    if _may_make_temporary(connection) and _is_owner(connection):
        database = f"database {_name(connection)}"
        _run(connection, f"revoke temporary on {database} from public", *_given("temporary", database, others))
    if _is_superuser(connection) and (functions := connection.exec_driver_sql(_CLOSED).all()):
        every = "function " + ", ".join(name for name, _ in functions)
        locks = "function " + ", ".join(name for name, is_lock in functions if is_lock)
        _run(connection, f"revoke execute on {every} from public", *_given("execute", every, others))
        if locks != "function ":
            _run(connection, f"grant execute on {locks} to {OWNER}")


def findings(connection: Connection, as_login: Connection, login: str) -> Iterator[Finding]:
    """What the server keeps of a login and lets it do. `connection` is the migrating login's, `as_login` its own."""
    loud = loudness(as_login)
    if loud:
        yield Finding(False, f"{loud} {_ASK}".format(login=login))
    else:
        yield Finding(True, f"The server's log keeps no statement, message or value of {login}.")
    if as_login.exec_driver_sql("show track_activities").scalar_one() == "on":
        yield _of_server(
            connection,
            f"Whoever may look at pg_stat_activity, {login} itself among them, reads running statements with their "
            f"values, and a crash logs the last one: `alter role {login} set track_activities = off`",
        )
    if as_login.exec_driver_sql("select has_database_privilege(current_database(), 'temporary')").scalar_one():
        yield _of_server(
            connection,
            f"{login} may make temporary tables: `revoke temporary on database {_name(connection)} from public`",
            _is_owner(connection),
        )
    if closed := [name for name, _ in connection.exec_driver_sql(_CLOSED)]:
        yield _of_server(
            connection,
            f"{login} may call {len(closed)} functions for large objects, advisory locks and signals, such as "
            f"{closed[0]}: revoke execute on them from public",
        )
    databases = connection.exec_driver_sql(
        """select quote_ident(datname) from pg_database
            where datallowconn and datname <> current_database() and has_database_privilege(%(login)s, oid, 'connect')
            order by 1""",
        {"login": login},
    ).scalars()
    if names := ", ".join(databases):
        yield Finding(
            True,
            f"{login} may connect to other databases of this server, too: {names}. If nobody else needs that, "
            f"`revoke connect on database … from public`.",
            is_limit=True,
        )
    kept = connection.exec_driver_sql(
        "select setconfig from pg_db_role_setting where setrole = cast(%(login)s as regrole) and setdatabase = 0",
        {"login": login},
    ).scalar()
    if lost := [name for name, value in TIMES[login].items() if f"{name}={value}" not in (kept or [])]:
        yield Finding(False, f"{login} is not held to {', '.join(lost)}: run `python supabase_config.py`.")
    strange = connection.exec_driver_sql(
        """select split_part(s, '=', 1) from pg_db_role_setting d, unnest(d.setconfig) s
            where d.setrole = cast(%(login)s as regrole)
              and (d.setdatabase <> 0 or split_part(s, '=', 1) <> all (%(ours)s)) order by 1""",
        {"login": login, "ours": [*TIMES[login], *SILENCE]},
    ).scalars()
    if names := ", ".join(strange):
        yield Finding(
            True,
            f"{login} has settings that are not ours: {names}. If nobody here made them, somebody with its password "
            f"did: `alter role {login} reset …`.",
            is_limit=True,
        )


_ASK = (
    "Run `python supabase_config.py`; where that may not change it, a superuser must: "
    "`alter role {login} set log_min_messages = fatal; alter role {login} set log_min_error_statement = panic`."
)


def loudness(connection: Connection) -> str:
    """What the server's log would keep of this connection's statements, in a sentence with {login}; "" for nothing."""
    messages, statements = (
        connection.exec_driver_sql(f"show {name}").scalar_one()
        for name in ("log_min_messages", "log_min_error_statement")
    )
    if messages not in ("fatal", "panic"):
        return f"The server's log keeps refusals of {{login}} with people's data (log_min_messages is {messages})."
    if messages == "fatal" and statements != "panic":
        return f"The server's log keeps a statement of {{login}} whose connection is cut ({statements})."
    return ""


def _of_server(connection: Connection, sentence: str, may_mend: bool | None = None) -> Finding:
    """A problem where the migrating login can mend it, and else how this server is."""
    if _is_superuser(connection) if may_mend is None else may_mend:
        return Finding(False, f"{sentence}; `python supabase_config.py` does it.")
    return Finding(True, f"{sentence}; only this server's superuser may.", is_limit=True)


def _set(connection: Connection, login: str, name: str, value: str) -> bool:
    try:
        _run(connection, f"alter role {login} set {name} = '{value}'")
    except DBAPIError as error:
        if error.orig.pgcode not in (_MAY_NOT, _NO_SUCH):
            raise
        return False
    return True


def _given(privilege: str, thing: str, roles: str) -> list[str]:
    return [f"grant {privilege} on {thing} to {roles}"] if roles else []


def _may_make_temporary(connection: Connection) -> bool:
    statement = (
        "select bool_or(has_database_privilege(login, current_database(), 'temporary')) from unnest(%(all)s) login"
    )
    return connection.exec_driver_sql(statement, {"all": list(LOGINS)}).scalar_one()


def _is_owner(connection: Connection) -> bool:
    statement = "select pg_has_role(datdba, 'usage') from pg_database where datname = current_database()"
    return connection.exec_driver_sql(statement).scalar_one()


def _is_superuser(connection: Connection) -> bool:
    return connection.exec_driver_sql("select rolsuper from pg_roles where rolname = current_user").scalar_one()


def _name(connection: Connection) -> str:
    return connection.exec_driver_sql("select quote_ident(current_database())").scalar_one()


def _run(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement.replace("%", "%%"))
