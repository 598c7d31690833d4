"""What a database holds besides tables and rows, as its catalogue says it; the counterpart of wanted.py."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, text

from migrations.row_security import SEQUENCES
from migrations.wanted import LOGINS, OWNER, Files, Right, digest

_MARK = "cricverse"

_THINGS = """
select 'function' as kind, 'app.' || quote_ident(p.proname) as name, p.oid::regprocedure::text as identity,
       concat(p.proowner::regrole, ' ', case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end) as definition,
       obj_description(p.oid, 'pg_proc') as comment,
       string_to_array(p.proargtypes::text, ' ')::oid[]::regtype[]::text[] as inputs, p.pronargdefaults as optional,
       pg_get_function_result(p.oid) as result,
       array(select concat(n, ' ', t::regtype) from unnest(p.proargnames, p.proallargtypes, p.proargmodes) a (n, t, m)
              where m = 't') as columns
  from pg_proc p where p.pronamespace = to_regnamespace('app')
union all
select 'policy', concat(quote_ident(p.polname), ' on ', quote_ident(c.relname)), null,
       concat_ws(' | ', p.polcmd, p.polpermissive, r.names, pg_get_expr(p.polqual, p.polrelid),
                 pg_get_expr(p.polwithcheck, p.polrelid)),
       obj_description(p.oid, 'pg_policy'), null, null, null, null
  from pg_policy p join pg_class c on c.oid = p.polrelid
       cross join lateral (select array_agg(o::regrole::text order by 1) as names from unnest(p.polroles) o) r
 where c.relnamespace = 'public'::regnamespace and (c.relname = any (%(tables)s) or r.names && %(roles)s)
union all
select 'trigger', concat(quote_ident(t.tgname), ' on ', quote_ident(c.relname)), null,
       concat_ws(' | ', t.tgenabled, pg_get_triggerdef(t.oid)),
       obj_description(t.oid, 'pg_trigger'), null, null, null, null
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
 where not t.tgisinternal and p.pronamespace = to_regnamespace('app') and c.relnamespace = 'public'::regnamespace
 order by 1, 2, 3"""

_RIGHTS = """
select o.kind, o.name, case a.grantee when 0 then 'public' else pg_get_userbyid(a.grantee) end as role,
       concat(lower(a.privilege_type), o.columns, case when a.is_grantable then ' with grant option' end) as privilege
  from (select case c.relkind when 'S' then 'sequence' else 'table' end as kind,
               concat(case n.nspname when 'app' then 'app.' end, quote_ident(c.relname)) as name,
               '' as columns, c.relowner as owner, c.relacl as acl
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('public', 'app') and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        union all
        select 'table', concat(case n.nspname when 'app' then 'app.' end, quote_ident(c.relname)),
               concat(' (', quote_ident(t.attname), ')'), c.relowner, t.attacl
          from pg_attribute t join pg_class c on c.oid = t.attrelid join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('public', 'app') and t.attacl is not null and not t.attisdropped
        union all
        select 'function', 'app.' || quote_ident(p.proname), '', p.proowner,
               coalesce(p.proacl, acldefault('f', p.proowner))
          from pg_proc p where p.pronamespace = to_regnamespace('app')
        union all
        select 'schema', n.nspname, '', n.nspowner, n.nspacl from pg_namespace n where n.nspname in ('public', 'app')) o
 cross join lateral aclexplode(o.acl) a
 where a.grantee <> o.owner and (a.grantee = 0 or pg_get_userbyid(a.grantee) = any (%(roles)s))"""

_SECURITY = """
select c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced from pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname = any (%(tables)s)"""


@dataclass(frozen=True)
class Call:
    """How a function is called: types of its arguments, how many of them may be left out, what comes back."""

    inputs: tuple[str, ...]
    optional: int
    result: str
    columns: frozenset[str]  # "name type" of each column of a table that comes back

    def serves(self, older: "Call") -> bool:
        """Whether whoever calls the older function can call this one instead; columns are read by name."""
        some = self.inputs[: len(older.inputs)] == older.inputs
        required = len(self.inputs) - self.optional <= len(older.inputs) - older.optional
        same = self.result == older.result or bool(older.columns) and older.columns <= self.columns
        return some and required and same


@dataclass(frozen=True)
class Stored:
    """A function, policy or trigger of the database."""

    kind: str
    name: str
    identity: str  # of a function with the types of its arguments
    definition: str
    mark: tuple[str, str] | None  # digests of its source and of the definition that the catalogue had for it
    call: Call | None

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.name

    @property
    def is_as_installed(self) -> bool:
        return self.mark is not None and self.mark[1] == digest(self.definition)


@dataclass(frozen=True)
class Found:
    """The whole of it, of one moment."""

    things: list[Stored]
    secured: dict[str, tuple[bool, bool]]  # table: row security is enabled, and forced
    rights: set[Right]

    def of(self, key: tuple[str, str]) -> list[Stored]:
        """What carries this name, whichever was installed from a file first; several only of a function."""
        return self._by_key.get(key, [])

    @cached_property
    def _by_key(self) -> dict[tuple[str, str], list[Stored]]:
        by_key = {}
        for thing in sorted(self.things, key=lambda thing: thing.mark is None):
            by_key.setdefault(thing.key, []).append(thing)
        return by_key


def mark(source: str, definition: str) -> str:
    """The comment that an installed thing carries, so that both a newer file and a change by hand are noticed."""
    return f"{_MARK} {source} {digest(definition)}"


def read(connection: Connection, files: Files) -> Found:
    """Ask the catalogue for our functions, policies, triggers, rights, and row security of the tables of `files`."""
    # Names in a definition are written as the search path bends them: always alike, whoever asks.
    path = connection.execute(text("show search_path")).scalar_one()
    _set_path(connection, "pg_catalog")
    values = {"tables": list(files.tables), "roles": [*LOGINS, OWNER]}
    things = [
        Stored(
            row.kind,
            row.name,
            row.identity or row.name,
            row.definition,
            _marks(row.comment),
            Call(tuple(row.inputs), row.optional, row.result, frozenset(row.columns)) if row.identity else None,
        )
        for row in connection.exec_driver_sql(_THINGS, values)
    ]
    secured = {row.name: (row.enabled, row.forced) for row in connection.exec_driver_sql(_SECURITY, values)}
    rights = {Right(*row) for row in connection.exec_driver_sql(_RIGHTS, values)}
    _set_path(connection, path)
    return Found(things, secured, {right for right in rights if _is_ours(right, files)})


def _marks(comment: str | None) -> tuple[str, str] | None:
    word, *digests = (comment or "").split(" ")
    return tuple(digests) if word == _MARK and len(digests) == 2 else None


def _is_ours(right: Right, files: Files) -> bool:
    """What the public may do with things of other products in the same schema is not our affair."""
    if right.role != "public":
        return True
    if right.kind in ("table", "sequence"):
        return right.name in (*files.tables, *SEQUENCES, "alembic_version")
    return (right.kind, right.name) != ("schema", "public")


def _set_path(connection: Connection, path: str) -> None:
    connection.execute(text("select set_config('search_path', :path, false)"), {"path": path})
