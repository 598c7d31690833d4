"""A change to SQL reaches every database: old ones, ones changed by hand, and those whose processes still run."""

import gzip
import shutil
import subprocess
import tempfile
from functools import cached_property
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import make_url

import supabase_config
from embedded import postgres
from migrations.wanted import FILES
from tests.support.schema_picture import ask, picture

DATABASES = Path(__file__).parents[1] / "support" / "databases"
# Made by bin/dump-database: the released versions, and a commit between two of them (the parent of a0dfb4e).
OLD = ("b3a7748", "6d93749", "56d75ef", "c098068", "e24572a")
POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")
PASSWORD = "test-app-password"
numbers = count(1)


class Server:
    """A running PostgreSQL with our roles, and the programs that belong to it."""

    def __init__(self, home, binaries):
        self.home, self.binaries = home, binaries
        upgraded(self.empty())

    def empty(self):
        return postgres.ensure_running(
            self.home, bin_dir=self.binaries, database=f"repeatable_{next(numbers)}", durable=False
        )

    def old(self, commit):
        """A database as it was made at that commit."""
        return self.loaded(gzip.decompress((DATABASES / f"{commit}.sql.gz").read_bytes()).decode())

    def loaded(self, dump):
        url = self.empty()
        run(url, dump)
        return url

    def reloaded(self, url):
        """Its copy, by way of a dump. PostgreSQL writes a constraint down in other words once it has read its own."""
        address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        command = [self.binaries / "pg_dump", "--inserts", "--dbname", address]
        dump = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return self.loaded("\n".join(line for line in dump.split("\n") if not line.startswith("\\")))

    @cached_property
    def fresh(self):
        """What the catalogue says of a fresh database."""
        return self.catalogue(self.empty())

    def catalogue(self, url):
        """What it says of this one once it is upgraded. PostgreSQL 18 names what is not null by the order of the tables."""
        upgraded(url)
        copy = self.reloaded(url)
        assert supabase_config.is_newest(copy), "a copy is as up to date as what it was copied from"
        return {row for row in picture(copy) if not (row[0] == "constraint" and row[3].startswith("NOT NULL"))}


@pytest.fixture(scope="module")
def newest(home, database_url):
    return Server(home, postgres.find_binaries())


@pytest.fixture(scope="module")
def oldest():
    if not (POSTGRES_15 / "postgres").exists():
        pytest.skip("Debian's PostgreSQL 15 is not installed")
    folder = Path(tempfile.mkdtemp(prefix="cricverse-15-", dir="/var/tmp"))
    folder.chmod(0o711)
    yield Server(folder, POSTGRES_15)
    postgres.let_go(folder)
    shutil.rmtree(folder, ignore_errors=True)


def run(url, *statements):
    ask(url, "; ".join([*statements, "select 1"]))


def upgraded(url, files=FILES):
    """Prepare the database; returns the sentences."""
    said = []
    supabase_config.prepare(url, PASSWORD, said.append, files)
    return said


@pytest.mark.parametrize("commit", OLD)
@pytest.mark.parametrize("server", ["newest", "oldest"])
def test_an_old_database_ends_like_a_fresh_one(request, server, commit):
    server = request.getfixturevalue(server)
    upgraded_old = server.catalogue(server.old(commit))
    assert len(server.fresh) > 1000
    assert sorted(map(str, upgraded_old - server.fresh)) == []
    assert sorted(map(str, server.fresh - upgraded_old)) == []
