"""The checker of tests/support/rights_matrix.toml: tries every cell with real reads and writes, on any connection, and
says what differs.

Each check yields sentences; no sentence means that the database keeps to the file. On a superuser's connection the
checker becomes each role inside the open transaction, so a test can take a wall away, look, and roll back.
"""

import re
import tomllib
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

FILE = Path(__file__).with_name("rights_matrix.toml")
VERBS = ("select", "insert", "update", "delete")
LOGINS = ("cv_app", "cv_worker")
SEARCH_PATH = ["search_path=pg_catalog, pg_temp"]
# How a function is planned, and that row security holds in it whoever set it off: nothing that lets it see more.
HARMLESS = ("plan_cache_mode=", "enable_seqscan=", "row_security=on")
PROBE = "probe"

# table: whose rows these are (person, ground, opened booking), whether they are published, and the tables that tell;
# null = nobody's.
OWNERS = {
    "event": ("null", "t.stadium_id", "null", "t.state <> 'draft'", ""),
    "event_match": ("null", "e.stadium_id", "null", "e.state <> 'draft'", "join event e on e.id = t.event_id"),
    "event_price": ("null", "e.stadium_id", "null", "e.state <> 'draft'", "join event e on e.id = t.event_id"),
    "customer": ("t.id", "null", "null", "false", ""),
    "customer_profile": ("t.customer_id", "null", "null", "false", ""),
    "staff_role": ("t.customer_id", "t.stadium_id", "null", "false", ""),
    "membership": ("t.customer_id", "t.stadium_id", "null", "false", ""),
    "booking": ("t.customer_id", "t.stadium_id", "t.id", "false", ""),
    "refund_line": (
        "b.customer_id",
        "b.stadium_id",
        "b.id",
        "false",
        "join booking_line l on l.id = t.line_id join booking b on b.id = l.booking_id",
    ),
    "qr_code": ("b.customer_id", "null", "b.id", "false", "join booking b on b.id = t.booking_id"),
    "notification": ("null", "t.stadium_id", "null", "false", ""),
    "system_log": ("null", "nullif(t.stream, 0)", "null", "false", ""),
} | dict.fromkeys(
    (
        "booking_line",
        "parking_claim",
        "payment_transaction",
        "refund",
        "ticket",
        "parking_pass",
        "ticket_transfer",
    ),
    ("b.customer_id", "b.stadium_id", "b.id", "false", "join booking b on b.id = t.booking_id"),
)
# A ground's gate is written as its negative number: who runs it is not who sells.
OWNERS |= dict.fromkeys(
    ("gate_device", "scan", "admission", "gate_alarm"), ("null", "-t.stadium_id", "null", "false", "")
)


class Matrix:
    """The committed file."""

    def __init__(self):
        content = tomllib.loads(FILE.read_text())
        self.roles = content["roles"]
        self.columns = content["columns"]
        self.sequences = content["sequences"]
        self.functions = content["functions"]
        self.verbs = {verb: {table: words.split() for table, words in content[verb].items()} for verb in VERBS}

    @property
    def tables(self):
        return list(self.verbs["select"])

    def cell(self, table, verb, role):
        return self.verbs[verb][table][self.roles.index(role)]


@dataclass(frozen=True)
class Truth:
    """All rows of a table, past row security: key → (person, ground, booking, published)."""

    key: tuple[str, ...]
    columns: tuple[str, ...]
    changed: str  # the column that the update tries
    rows: dict

    def expected(self, word, actor):
        if word == "none":
            return set()
        if word in ("all", "columns"):
            return set(self.rows)
        own = {key for key, (person, ground, booking, _) in self.rows.items() if actor.owns(person, ground, booking)}
        return own | {key for key, row in self.rows.items() if row[3]} if word == "public" else own


def truth(cursor, tables):
    """What lies in these tables, read by the migrating login."""
    cursor.execute("set local row_security = off")
    found = {}
    for table in tables:
        cursor.execute(
            """select attname, attidentity = '' and attgenerated = '',
                      attnum = any (select unnest(conkey) from pg_constraint
                                     where conrelid = attrelid and contype = 'p')
                 from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum""",
            (f"public.{table}",),
        )
        attributes = cursor.fetchall()
        key = tuple(name for name, _, keyed in attributes if keyed)
        person, ground, booking, published, joins = OWNERS.get(table, ("null", "null", "null", "false", ""))
        keys = ", ".join(f"t.{name}" for name in key)
        cursor.execute(f"select {keys}, {person}, {ground}, {booking}, {published} from public.{table} t {joins}")
        rows = {_plain(row[: len(key)]): row[len(key) :] for row in cursor.fetchall()}
        changed = [name for name, writable, _ in attributes if writable][-1]
        found[table] = Truth(key, tuple(name for name, _, _ in attributes), changed, rows)
    cursor.execute("set local row_security = on")
    return found


def _plain(key):
    return tuple(bytes(part) if isinstance(part, memoryview) else part for part in key)


def vacuous(matrix, truths, cast):
    """Cells that would show nothing on this stage: no rows, or no row that the word hides."""
    for table, known in truths.items():
        if not known.rows:
            yield f"{table}: the stage has no row"
        for role, actor in cast.items():
            word, total = matrix.cell(table, "select", role), len(known.rows)
            seen = len(known.expected(word, actor)) if word in ("own", "public") else 0
            if word in ("own", "public") and not 0 < seen < total:
                yield f"{table}: {role} would see {seen} of {total} rows, so `{word}` shows nothing"


def check(cursor, actor, matrix, truths, tables):
    """Try every cell of this actor, whose transaction has begun. Yields a sentence for every difference."""
    for table in tables:
        known = truths[table]
        for verb in VERBS:
            word = matrix.cell(table, verb, actor.role)
            seen = (
                _read(cursor, actor, table, known, word, matrix)
                if verb == "select"
                else _write(cursor, verb, table, known)
            )
            if seen != word:
                yield f"{actor.role} may {verb} {table}: expected {word}, found {seen}"


def check_everybody(cursor, cast, matrix, truths, tables):
    """The same for everybody, on a superuser's connection, inside its open transaction."""
    for actor in cast.values():
        with trying(cursor, "actor"):
            cursor.execute(f"set local session authorization {actor.login}")
            try:
                actor.enter(cursor)
            except psycopg2.Error as error:
                yield f"{actor.role} cannot even begin: {error}"
                continue
            yield from check(cursor, actor, matrix, truths, tables)


def first(findings):
    """The first sentence, or None; what the generator had begun is undone at once."""
    with closing(findings):
        return next(findings, None)


@contextmanager
def trying(cursor, name=PROBE):
    """Whatever happens inside is undone."""
    cursor.execute(f"savepoint {name}")
    try:
        yield
    finally:
        cursor.execute(f"rollback to savepoint {name}")
        cursor.execute(f"release savepoint {name}")


def _read(cursor, actor, table, known, word, matrix):
    """`word` if exactly the rows of that word came back, and otherwise what did."""
    try:
        with trying(cursor):
            cursor.execute(f"select * from public.{table}")
            seen = _keys(cursor, known)
    except psycopg2.errors.InsufficientPrivilege:
        return _read_columns(cursor, table, known, matrix)
    if word in ("columns", "denied"):
        return f"{len(seen)} whole rows"
    expected = known.expected(word, actor)
    return word if seen == expected else f"{len(seen - expected)} rows too many, {len(expected - seen)} missing"


def _read_columns(cursor, table, known, matrix):
    readable = []
    for column in known.columns:
        try:
            with trying(cursor):
                cursor.execute(f"select {column} from public.{table} limit 0")
            readable.append(column)
        except psycopg2.errors.InsufficientPrivilege:
            pass
    if not readable:
        return "denied"
    if readable != matrix.columns.get(table):
        return f"the columns {', '.join(readable)}"
    with trying(cursor):
        cursor.execute(f"select {', '.join(known.key)} from public.{table}")
        return "columns" if _keys(cursor, known) == set(known.rows) else "other rows"


def _keys(cursor, known):
    names = [column.name for column in cursor.description]
    places = [names.index(name) for name in known.key]
    return {_plain(tuple(row[place] for place in places)) for row in cursor.fetchall()}


def _write(cursor, verb, table, known):
    """Try it on every row at once; what goes through is undone.

    `all` also when only a constraint or trigger stopped it.
    """
    statement = {
        "insert": f"insert into public.{table} default values",
        "update": f"update public.{table} set {known.changed} = default",
        "delete": f"delete from public.{table}",
    }[verb]
    try:
        with trying(cursor):
            cursor.execute(statement)
            return {0: "none", 1 if verb == "insert" else len(known.rows): "all"}.get(
                cursor.rowcount, f"{cursor.rowcount} rows"
            )
    except psycopg2.errors.InsufficientPrivilege as error:
        if "row-level security" in str(error):
            return "none"
        return "denied" if str(error).startswith("permission denied") else "all"
    except psycopg2.Error:
        return "all"


# --- what the catalogue says -----------------------------------------------------------------------------------------

ACL = "aclexplode(coalesce({acl}, acldefault('{kind}', {owner})))"


def check_catalogue(cursor, matrix, rights):
    """Tables, policies, rights, sequences, roles and functions are exactly the ones of the file and of
    migrations/row_security.py.
    """
    yield from _check_tables(cursor, matrix, rights)
    yield from _check_policies(cursor, rights)
    yield from _check_grants(cursor, matrix)
    yield from _check_sequences(cursor, matrix)
    yield from _check_roles(cursor)
    yield from check_functions(cursor, matrix)


def _check_tables(cursor, matrix, rights):
    cursor.execute(
        """select c.relname, c.relkind::text, c.relrowsecurity, c.relforcerowsecurity from pg_class c
            where c.relnamespace in ('public'::regnamespace, 'app'::regnamespace)
              and c.relkind in ('r', 'p', 'v', 'm', 'f')"""
    )
    rows = cursor.fetchall()
    for name, kind, enabled, forced in rows:
        if name == "alembic_version":
            continue
        if kind not in "rp":
            yield f"{name} is a view or foreign table, which the matrix does not know"
        elif name not in rights:
            yield f"{name} is not in migrations/row_security.py"
        if not (enabled and forced):
            yield f"{name}: row security is {'enabled' if enabled else 'off'}, {'forced' if forced else 'not forced'}"
        for verb in VERBS:
            if len(matrix.verbs[verb].get(name, ())) != len(matrix.roles):
                yield f"{name} has no whole line under [{verb}]"
    present = {row[0] for row in rows}
    for verb in VERBS:
        yield from (
            f"[{verb}] names {name}, which does not exist" for name in matrix.verbs[verb] if name not in present
        )
    yield from (
        f"migrations/row_security.py names {name}, which does not exist" for name in rights if name not in present
    )


def _check_policies(cursor, rights):
    wanted = {("rules", table, "ALL", "{cv_rules}") for table in rights}
    wanted |= {("readers", table, "SELECT", "{cv_app}") for table, (rows, _, _) in rights.items() if rows}
    wanted |= {("worker", table, "SELECT", "{cv_worker}") for table, (_, worker, _) in rights.items() if worker}
    cursor.execute("select policyname, tablename, cmd, roles::text from pg_policies")
    found = set(cursor.fetchall())
    yield from (
        f"the policy {name} on {table} ({cmd} to {roles}) is not in row_security.py"
        for name, table, cmd, roles in sorted(found - wanted)
    )
    yield from (
        f"the policy {name} on {table} ({cmd} to {roles}) is missing"
        for name, table, cmd, roles in sorted(wanted - found)
    )


def _check_grants(cursor, matrix):
    """Rights that no read or write tries (truncate, references, trigger), and rights of the public and of unknown
    roles.
    """
    cursor.execute(
        f"""select c.relname, coalesce(r.rolname, 'public'), a.privilege_type
              from pg_class c cross join lateral {ACL.format(acl="c.relacl", kind="r", owner="c.relowner")} a
                   left join pg_roles r on r.oid = a.grantee
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
               and a.grantee <> c.relowner"""
    )
    for table, role, privilege in cursor.fetchall():
        allowed = privilege.lower() in (VERBS if role == "cv_rules" else ("select",) if role in LOGINS else ())
        if not allowed or table not in matrix.tables:
            yield f"{role} has {privilege} on {table}"


def _check_sequences(cursor, matrix):
    cursor.execute(
        f"""select c.relname, coalesce(r.rolname, 'public') || ' ' || a.privilege_type
              from pg_class c cross join lateral {ACL.format(acl="c.relacl", kind="s", owner="c.relowner")} a
                   left join pg_roles r on r.oid = a.grantee
             where c.relnamespace in ('public'::regnamespace, 'app'::regnamespace) and c.relkind = 'S'
               and a.grantee <> c.relowner"""
    )
    found, wanted = (
        set(cursor.fetchall()),
        {(name, right) for name, rights in matrix.sequences.items() for right in rights},
    )
    yield from (f"the sequence {name}: {right} is not in the file" for name, right in sorted(found - wanted))
    yield from (f"the sequence {name}: {right} is missing" for name, right in sorted(wanted - found))


def _check_roles(cursor):
    cursor.execute(
        """select rolname, rolcanlogin from pg_roles r where rolname in ('cv_app', 'cv_worker', 'cv_rules')
              and not (rolsuper or rolbypassrls or rolinherit or rolcreaterole or rolcreatedb or rolreplication)
              and not exists (select from pg_auth_members m where m.member = r.oid)
              and not exists (select from pg_class c where c.relowner = r.oid)
              and not exists (select from pg_namespace n where n.nspowner = r.oid)
              and not has_schema_privilege(r.oid, 'public', 'create')
              and not has_schema_privilege(r.oid, 'app', 'create')"""
    )
    plain = dict(cursor.fetchall())
    for role, can_login in (("cv_app", True), ("cv_worker", True), ("cv_rules", False)):
        if plain.get(role) is not can_login:
            yield f"{role} is not the plain role it should be"


def check_functions(cursor, matrix):
    """Exactly the functions of the file, owned by cv_rules, with a fixed search_path, executed by those it names and
    nobody else.
    """
    cursor.execute(
        f"""select n.nspname, p.proname, o.rolname, p.prosecdef, p.proconfig, p.prosqlbody is not null,
                   array(select coalesce(r.rolname, 'public')::text
                           from {ACL.format(acl="p.proacl", kind="f", owner="p.proowner")} a
                           left join pg_roles r on r.oid = a.grantee where a.grantee <> p.proowner order by 1)
              from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_roles o on o.oid = p.proowner
             where n.nspname in ('app', 'public')
               and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')"""
    )
    names = []
    for schema, name, owner, definer, config, parsed, execute in cursor.fetchall():
        names.append(name)
        wanted = matrix.functions.get(name)
        if schema != "app" or wanted is None:
            yield f"the function {schema}.{name} is not in the file"
            continue
        if owner != "cv_rules":
            yield f"{name} belongs to {owner}"
        if definer != wanted["definer"]:
            yield f"{name} {'is' if definer else 'is not'} a definer function"
        names_by = wanted.get("names", "fixed")
        config = [setting for setting in config or [] if not setting.startswith(HARMLESS)]
        if config != (SEARCH_PATH if names_by == "fixed" else []) or (names_by == "parsed") != parsed:
            yield f"{name} has the settings {config}{', and a body parsed when it was made' if parsed else ''}"
        if names_by != "fixed" and definer or names_by == "caller" and execute:
            yield f"{name} needs a fixed search_path"
        if execute != sorted(wanted["execute"]):
            yield f"{name} may be executed by {', '.join(execute) or 'nobody'}"
    yield from (f"the function {name} does not exist" for name in matrix.functions if name not in names)
    yield from (
        f"the function {name} exists more than once" for name in sorted({n for n in names if names.count(n) > 1})
    )


# --- walls -----------------------------------------------------------------------------------------------------------


def walls_of(table, rights, matrix):
    """Every wall around a table: (what is taken away, the statement that does it)."""
    rows, worker, _ = rights[table]
    policies = ["rules"] + (["readers"] if rows else []) + (["worker"] if worker else [])
    for policy in policies:
        yield f"policy {policy} dropped", f"drop policy {policy} on {table}"
    if rows and rows != "true":
        yield "policy readers widened", f"alter policy readers on {table} using (true)"
        # A policy of several branches must not lose its meaning in any one of them.
        for branch in re.split(r" or (?![^()]*\))", rows):
            if branch != rows:
                wider = rows.replace(branch, "true", 1)
                yield (
                    f"policy readers widened where it says {branch}",
                    f"alter policy readers on {table} using ({wider})",
                )
                kept = rows.replace(branch, "false", 1)
                yield f"policy readers without {branch}", f"alter policy readers on {table} using ({kept})"
    yield "policy for everybody added", f"create policy extra on {table} using (true) with check (true)"
    yield "force removed", f"alter table {table} no force row level security"
    yield "row security disabled", f"alter table {table} disable row level security"
    for verb in VERBS:
        for login, role in (("cv_app", "nobody"), ("cv_worker", "worker"), ("public", "nobody")):
            word = matrix.cell(table, verb, role)
            if word in ("denied", "columns"):
                yield f"{verb} granted to {login}", f"grant {verb} on {table} to {login}"
            elif login != "public":
                yield f"{verb} revoked from {login}", f"revoke {verb} on {table} from {login}"
        yield f"{verb} revoked from cv_rules", f"revoke {verb} on {table} from cv_rules"
    for column in matrix.columns.get(table, ()):
        yield f"column {column} revoked", f"revoke select ({column}) on {table} from cv_app"
