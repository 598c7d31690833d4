"""Functions, policies, triggers, row security and rights of the files, brought into a database that differs from them.

Versioned migrations hold tables, columns and rows; after them every upgrade to the newest one calls `install`, whatever
the database is like: new, years old, changed by hand. What was installed carries a comment with the digests of its
source and of what the catalogue made of it, so a newer file and a change by hand are both noticed. What no file names
any more is dropped.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from migrations.found import Found, Stored, mark, read
from migrations.wanted import FILES, LOGINS, OWNER, Files, Right, Thing

_OTHER_RESULT, _OTHERS_STAND_ON_IT, _AMBIGUOUS = "42P13", "2BP01", "42725"  # PostgreSQL, appendix A
_FEW = 5  # so many things of a kind are told by name
_PLURALS = {"policy": "policies", "row security": "tables' row security"}


@dataclass(frozen=True)
class Difference:
    """One thing that is not in the database as the files have it."""

    kind: str  # function, policy, trigger, row security or right
    name: str
    problem: str
    thing: Thing | None = None
    stored: Stored | None = None
    right: Right | None = None

    @property
    def sentence(self) -> str:
        if self.right:
            return f"{self.right.role} {self.problem} {self.name}."
        where = f" (migrations/{self.thing.file})" if self.thing else ""
        return f"The {self.kind} {self.name}{where} {self.problem}."

    @property
    def deed(self) -> str:
        """What `install` does about it."""
        if self.right:
            return "Gave" if self.problem == "lacks" else "Took back"
        return "Dropped" if self.stored and not self.thing else "Installed"


def compare(files: Files, found: Found) -> list[Difference]:
    """What in the database differs from the files, in either direction, in the order in which it is installed."""
    differences, absent = [], set()
    for thing in files.things.values():
        stored = next(iter(found.of(thing.key)), None)
        if stored is None:
            problem = "is missing"
            absent.add(thing.name)
        elif stored.mark is None:
            problem = "carries no digest: it was made by hand or by an older version"
        elif stored.mark[0] != thing.digest:
            problem = "is another than that of the file"
        elif not stored.is_as_installed:
            problem = "was changed by hand"
        else:
            continue
        differences.append(Difference(thing.kind, thing.name, problem, thing, stored))
    for table in files.tables:
        if found.secured.get(table) != (True, True):
            differences.append(Difference("row security", f"of {table}", "is not enabled and forced"))
    for stored in found.things:
        if stored.key not in files.things or stored is not found.of(stored.key)[0]:
            differences.append(Difference(stored.kind, stored.identity, "is in no file", stored=stored))
            absent.add(stored.name)
    for rights, problem in ((files.rights - found.rights, "lacks"), (found.rights - files.rights, "has, by no file,")):
        # A function that is to come or to go has its rights with it.
        for right in sorted(each for each in rights if each.kind != "function" or each.name not in absent):
            name = f"{right.privilege} on the {right.kind} {right.name}"
            differences.append(Difference("right", name, problem, right=right))
    return differences


def install(connection: Connection, files: Files = FILES, say: Callable[[str], None] = print) -> None:
    """Make the functions, policies, triggers, row security and rights those of `files`, in one transaction.

    `say` gets sentences. The schema must be at the newest migration. Processes of the version before go on working but
    where a sentence names what they lose. Raises DBAPIError for SQL that PostgreSQL refuses and for locks that do not
    come in time, and RuntimeError if something differs even then; the database is as before in each case.
    """
    with connection.begin():
        _settle(connection)
        before = read(connection, files)
        differences = compare(files, before)
        if not differences:
            return
        try:
            with connection.begin_nested():
                _mend(connection, before, differences)
        except DBAPIError as error:
            if error.orig.pgcode not in (_OTHERS_STAND_ON_IT, _AMBIGUOUS):
                raise
            # A function changes its arguments or result while policies or other functions stand on it: all make way.
            _take_away(connection, before)
            bare = read(connection, files)
            _mend(connection, bare, compare(files, bare))
        _mend_rights(connection, files)
        _mark(connection, files)
        after = read(connection, files)
        left = compare(files, after)
        if left:
            raise RuntimeError("These still differ from the files: " + " ".join(each.sentence for each in left))
    say(_told(differences))
    lost = list(_lost(before, after))
    if lost:
        say(f"Processes of the version before this one lose {', '.join(lost)}: restart them now.")


def remove(connection: Connection, files: Files = FILES, say: Callable[[str], None] = print) -> None:
    """Take everything away that `install` brings, so that a downgrade may drop any table; `say` gets a sentence.

    Row security stays enabled and nobody is left a right: only the owner of a table sees rows until the next upgrade.
    """
    with connection.begin():
        _settle(connection)
        found = read(connection, files)
        if not found.things and not found.rights:
            return
        _take_away(connection, found)
        _unforce(connection, found)
        _run(connection, *(_revoke(right) for right in found.rights if right.kind != "function"))
    say("Functions, policies, triggers and rights are taken away until the next upgrade to the newest migration.")


def unforce(connection: Connection, files: Files = FILES) -> None:
    """Let a plain owner see and change the rows of their tables until `install` forces row security again.

    A login that passes row security needs nothing; for anybody else a migration's data step or foreign key would pass
    over the rows. Nobody but the owner sees more.
    """
    with connection.begin():
        _settle(connection)
        passes = "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
        if not connection.exec_driver_sql(passes).scalar_one():
            _unforce(connection, read(connection, files))


def close(connection: Connection, files: Files = FILES) -> None:
    """Enable row security on the tables that a migration has just made, in its transaction.

    On Supabase a new table is otherwise open to the Data API. It is not forced yet, so that migrations can fill it.
    """
    secured = read(connection, files).secured
    _run(connection, *(f"alter table {name} enable row level security" for name in secured if not secured[name][0]))


def _settle(connection: Connection) -> None:
    # Whoever comes too late to a busy table lets the queue behind them go on; the caller tries again.
    _run(
        connection,
        "set local lock_timeout = '2s'",
        "set local check_function_bodies = on",
        "set local search_path = public",
    )


def _mend(connection: Connection, before: Found, differences: list[Difference]) -> None:
    """Bring in what is new or other, in order, and drop what no file names."""
    things = [each for each in differences if each.thing]
    functions = [each for each in things if each.kind == "function"]
    if functions:
        # A function can be given to its owner only while that role may create in the schema.
        _run(connection, f"grant create on schema app to {OWNER}")
        for each in functions:
            _create_function(connection, each.thing, before.of(each.thing.key))
        _run(connection, *(f"alter function {each.name} owner to {OWNER}" for each in functions))
        _run(connection, f"revoke create on schema app from {OWNER}")
    for each in differences:
        if each.kind in ("policy", "trigger"):
            _run(connection, f"drop {each.kind} if exists {each.name}", *([each.thing.create] if each.thing else []))
        elif each.kind == "row security":
            table = each.name.removeprefix("of ")
            _run(connection, f"alter table {table} enable row level security, force row level security")
    _drop_functions(connection, (each.stored for each in differences if each.kind == "function" and not each.thing))


def _create_function(connection: Connection, thing: Thing, olds: list[Stored]) -> None:
    if len(olds) > 1:
        _drop_functions(connection, olds)
    try:
        with connection.begin_nested():
            _run(connection, thing.create)
    except DBAPIError as error:
        if error.orig.pgcode != _OTHER_RESULT or len(olds) != 1:
            raise
        _drop_functions(connection, olds)
        _run(connection, thing.create)
    else:
        if len(olds) == 1 and _count(connection, thing) > 1:  # other arguments make another function
            _drop_functions(connection, olds)


def _count(connection: Connection, thing: Thing) -> int:
    schema, name = thing.name.split(".")
    statement = "select count(*) from pg_proc where pronamespace = %(schema)s::regnamespace and proname = %(name)s"
    return connection.exec_driver_sql(statement, {"schema": schema, "name": name}).scalar_one()


def _mend_rights(connection: Connection, files: Files) -> None:
    _run(connection, *map(_revoke, read(connection, files).rights - files.rights))
    # Taking a table's right from a role takes those on its columns, too.
    missing = sorted(files.rights - read(connection, files).rights)
    _run(connection, *(f"grant {each.privilege} on {each.kind} {each.name} to {each.role}" for each in missing))


def _revoke(right: Right) -> str:
    privilege = right.privilege.removesuffix(" with grant option")
    return f"revoke {privilege} on {right.kind} {right.name} from {right.role} cascade"


def _mark(connection: Connection, files: Files) -> None:
    found = read(connection, files)
    comments = []
    for thing in files.things.values():
        stored = found.of(thing.key)[0]
        if not stored.is_as_installed or stored.mark[0] != thing.digest:
            comments.append(f"comment on {thing.kind} {thing.name} is '{mark(thing.digest, stored.definition)}'")
    _run(connection, *comments)


def _take_away(connection: Connection, found: Found) -> None:
    for stored in found.things:
        if stored.kind != "function":
            _run(connection, f"drop {stored.kind} {stored.name}")
    _drop_functions(connection, (stored for stored in found.things if stored.kind == "function"))


def _unforce(connection: Connection, found: Found) -> None:
    forced = [table for table, (_, forced) in found.secured.items() if forced]
    _run(connection, *(f"alter table {table} no force row level security" for table in forced))


def _drop_functions(connection: Connection, functions: Iterable[Stored]) -> None:
    # One statement, for they may stand on each other; never cascade, for a column may stand on one of them.
    identities = ", ".join(stored.identity for stored in functions)
    if identities:
        _run(connection, f"drop routine {identities}")


def _told(differences: list[Difference]) -> str:
    told = {}
    for each in differences:
        told.setdefault(each.deed, {}).setdefault(each.kind, []).append(each)
    return " ".join(f"{deed} {', '.join(map(_named, kinds.values()))}." for deed, kinds in told.items())


def _named(some: list[Difference]) -> str:
    kind = some[0].kind
    if len(some) > _FEW:
        return f"{len(some)} {_PLURALS.get(kind, f'{kind}s')}"
    if kind == "right":
        return ", ".join(f"{each.right.role}: {each.name}" for each in some)
    return f"the {kind} {', '.join(each.name for each in some)}"


def _lost(before: Found, after: Found) -> Iterable[str]:
    """What the logins could call and read before and cannot now, in words."""
    now = {stored.name: stored.call for stored in after.things if stored.kind == "function"}
    for stored in before.things:
        roles = {right.role for right in before.rights if right.name == stored.name} & {*LOGINS, "public"}
        if stored.kind == "function" and roles and not (stored.name in now and now[stored.name].serves(stored.call)):
            yield stored.identity
    for right in sorted(before.rights - after.rights):
        if right.role in LOGINS and (right.kind != "function" or right.name in now):
            yield f"{right.privilege} on {right.name} as {right.role}"


def _run(connection: Connection, *statements: str) -> None:
    if statements:
        connection.exec_driver_sql(";\n".join(statements).replace("%", "%%"))
