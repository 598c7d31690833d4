"""What a database holds besides tables and rows, as the files say it: functions, policies, triggers, rights.

A function is a file of sql/ named like it, in a folder of its noun; policies and rights come from row_security.py,
triggers from triggers.py.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

from migrations.row_security import SCHEMAS, SEQUENCES, TABLES
from migrations.triggers import OF_STATEMENTS, ROWS_OF, TRIGGERS
from migrations.words import filled

SQL = Path(__file__).parent / "sql"
OWNER = "cv_rules"
LOGINS = ("cv_app", "cv_worker")


def digest(words: str) -> str:
    """Half a SHA-256, in hex: a change is noticed, nobody is kept from forging one."""
    return hashlib.sha256(words.encode()).hexdigest()[:32]


class Right(NamedTuple):
    """What one role may do with one thing: `grant {privilege} on {kind} {name} to {role}`."""

    kind: str  # table (also its columns), sequence, function or schema
    name: str  # of a function without its arguments; schema public is not written
    role: str
    privilege: str  # "select", "select (state)", "update with grant option"


@dataclass(frozen=True)
class Thing:
    """A function, policy or trigger, and the statement that makes it."""

    kind: str
    name: str  # "app.hold_seats", "readers on booking", "keep_scan on scan"
    create: str
    file: str

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.name

    @property
    def digest(self) -> str:
        return digest(self.create)


@dataclass(frozen=True)
class Files:
    """The files of one version of the product; a test brings its own folder, rights or triggers."""

    folder: Path = SQL
    tables: Mapping[str, tuple] = field(default_factory=lambda: TABLES)
    triggers: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=lambda: TRIGGERS)

    @cached_property
    def things(self) -> dict[tuple[str, str], Thing]:
        """Every function, policy and trigger by kind and name, each after those that it needs.

        Raises ValueError where a file is not one function named like it, or a name stands twice.
        """
        things = [self._function(name) for name in self._in_order()] + list(self._policies())
        for (name, table), (moment, condition) in self.triggers.items():
            kind, when = (
                ("constraint trigger", "deferrable initially deferred") if "deferred" in moment else ("trigger", "")
            )
            statement = (
                f"create {kind} {name} {moment.removeprefix('deferred ')} on {table} {when} for each row {condition} "
                f"execute function app.{name}()"
            )
            things.append(Thing("trigger", f"{name} on {table}", statement, "triggers.py"))
        for name, table in OF_STATEMENTS:
            for verb, rows in ROWS_OF.items():
                statement = (
                    f"create trigger {name}_{verb} after {verb} on {table} referencing {rows} table as moved "
                    f"for each statement execute function app.{name}()"
                )
                things.append(Thing("trigger", f"{name}_{verb} on {table}", statement, "triggers.py"))
        return {thing.key: thing for thing in things}

    @cached_property
    def rights(self) -> set[Right]:
        """Every right of our roles; whatever else they or the public are given is taken back."""
        rights = set()
        for name, source in self._sources.items():
            roles = re.match(r"-- execute: ([\w, ]+)\n", source).group(1).split(", ")
            # Its owner may execute a function anyhow.
            rights |= {Right("function", f"app.{name}", role, "execute") for role in roles if role != OWNER}
        for table, (rows, worker, columns) in self.tables.items():
            rights |= {Right("table", table, OWNER, verb) for verb in ("select", "insert", "update", "delete")}
            if rows:
                some = [f"select ({column})" for column in columns] if columns else ["select"]
                rights |= {Right("table", table, "cv_app", privilege) for privilege in some}
            if worker:
                rights.add(Right("table", table, "cv_worker", "select"))
        for kind, named in (("sequence", SEQUENCES), ("schema", SCHEMAS)):
            for name, roles in named.items():
                rights |= {Right(kind, name, role, each) for role, given in roles.items() for each in given}
        return rights

    @cached_property
    def _paths(self) -> dict[str, Path]:
        paths = {}
        for path in sorted(self.folder.rglob("*.sql")):
            if path.stem in paths:
                raise ValueError(f"{path} and {paths[path.stem]} are one function.")
            paths[path.stem] = path
        return paths

    @cached_property
    def _sources(self) -> dict[str, str]:
        sources = {name: filled(path.read_text()) for name, path in self._paths.items()}
        for name, source in sources.items():
            created = re.findall(r"^create (?:or replace )?(\w+) (\w+\.\w+)", source, re.MULTILINE)
            if created != [("function", f"app.{name}")] or not re.match(r"-- execute: cv_\w+(, cv_\w+)*\n", source):
                raise ValueError(
                    f"{self._paths[name]} is not one function of its name after a line that says who may execute it."
                )
        return sources

    def _in_order(self) -> list[str]:
        """Names of functions so that a body in SQL, which is resolved when it is made, finds the functions it calls."""
        calls = {name: set() for name in self._sources}
        for name, source in self._sources.items():
            code = re.sub(r"--.*", "", source)
            if re.search(r"\blanguage sql\b", code, re.IGNORECASE):
                calls[name] = {
                    other for other in re.findall(r"\bapp\.(\w+)\s*\(", code) if other != name
                } & calls.keys()
        return list(TopologicalSorter(calls).static_order())

    def _function(self, name: str) -> Thing:
        file = self._paths[name].relative_to(self.folder)
        return Thing("function", f"app.{name}", self._sources[name], f"sql/{file}")

    def _policies(self):
        for table, (rows, worker, _) in self.tables.items():
            policies = {"rules": f"for all to {OWNER} using (true) with check (true)"}
            if rows:
                policies["readers"] = f"for select to cv_app using ({rows})"
            if worker:
                policies["worker"] = "for select to cv_worker using (true)"
            for name, what in policies.items():
                yield Thing(
                    "policy", f"{name} on {table}", f"create policy {name} on {table} {what}", "row_security.py"
                )


FILES = Files()
