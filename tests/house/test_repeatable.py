"""A change to SQL reaches every database: old ones, ones changed by hand, and those whose processes still run."""

import gzip
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from itertools import count
from pathlib import Path

import alembic.command
import psycopg2
import pytest
from alembic.util import CommandError
from sqlalchemy import NullPool, create_engine, make_url
from sqlalchemy.exc import ProgrammingError

import supabase_config
from config import load_settings, login_url
from embedded import postgres
from migrations.found import read
from migrations.repeatable import compare
from migrations.row_security import TABLES
from migrations.triggers import TRIGGERS
from migrations.wanted import FILES, SQL, Files
from serving.run import CannotRun
from serving.run import _prepare_database as prepare_database
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
        """What it says of this one once it is upgraded."""
        upgraded(url)
        copy = self.reloaded(url)
        assert supabase_config.is_newest(copy), "a copy is as up to date as what it was copied from"
        # PostgreSQL 18 names what is not null by the order in which tables came.
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


# --- a file that changes ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def url(newest):
    """A prepared database; each test leaves it as it was."""
    url = newest.empty()
    upgraded(url)
    return url


@pytest.fixture
def edited(tmp_path):
    """The files with some functions changed: {name: how its text is changed, or None for no such file}."""

    def edit(changes, **others):
        folder = Path(shutil.copytree(SQL, tmp_path / "sql"))
        for name, change in changes.items():
            (path,) = folder.rglob(f"{name}.sql")
            if change is None:
                path.unlink()
            else:
                source = path.read_text()
                assert change(source) != source
                path.write_text(change(source))
        return Files(folder, **others)

    return edit


def replacing(old, new):
    return lambda source: source.replace(old, new)


def other_rows(url, before):
    return sorted({row[:2] if row[0] == "function" else row[:3] for row in set(before) ^ set(picture(url))})


def test_an_edited_file_reaches_an_old_database(newest, edited):
    files = edited({"live_sessions": replacing("24 hours", "23 hours")})
    url = newest.old("e24572a")
    upgraded(url, files)
    assert ask(url, "select prosrc like '%%23 hours%%' from pg_proc where proname = 'live_sessions'") == [(True,)]


def test_an_edited_file_reaches_a_database_of_the_newest_migration_and_nothing_else_changes(url, edited):
    before = picture(url)
    files = edited({"live_sessions": replacing("24 hours", "23 hours")})
    assert not supabase_config.is_newest(url, files)
    said = upgraded(url, files)
    assert said[0] == "Installed the function app.live_sessions." and len(said) == 2
    assert supabase_config.is_newest(url, files) and not supabase_config.is_newest(url)
    assert other_rows(url, before) == [
        ("comment", "pg_proc", "function app.live_sessions(bytea[])"),
        ("function", "live_sessions"),
    ]
    upgraded(url)
    assert picture(url) == before


def test_a_policy_edited_in_the_files_alone_reaches_the_database(url):
    before = picture(url)
    files = Files(tables={**TABLES, "team": ("id > 0", False, ("id", "name"))})
    assert upgraded(url, files)[:-1] == [
        "Installed the policy readers on team. Dropped the policy worker on team. "
        "Gave cv_app: select (id) on the table team, cv_app: select (name) on the table team. "
        "Took back cv_app: select on the table team, cv_worker: select on the table team.",
        "Processes of the version before this one lose select on team as cv_app, select on team as cv_worker: "
        "restart them now.",
    ]
    assert ask(url, "select qual from pg_policies where tablename = 'team' and policyname = 'readers'") == [
        ("(id > 0)",)
    ]
    upgraded(url)
    assert picture(url) == before


def test_a_trigger_edited_in_the_files_reaches_the_database(url):
    before = picture(url)
    files = Files(triggers={**TRIGGERS, ("keep_scan", "scan"): ("before delete", "")})
    assert upgraded(url, files)[:-1] == ["Installed the trigger keep_scan on scan."]
    upgraded(url)
    assert picture(url) == before


def test_what_no_file_names_is_dropped(url, edited):
    before = picture(url)
    assert upgraded(url, edited({"seats_moved": None}))[:-1] == [
        "Dropped the function app.seats_moved().",
        "Processes of the version before this one lose app.seats_moved(): restart them now.",
    ]
    assert ask(url, "select count(*) from pg_proc where proname = 'seats_moved'") == [(0,)]
    upgraded(url)
    assert picture(url) == before


def test_another_result_takes_the_functions_place_with_its_rights(url, edited):
    before = picture(url)
    files = edited({"start_session": replacing("(released int)", "(released bigint)")})
    said = upgraded(url, files)
    assert said[:-1] == [
        "Installed the function app.start_session.",
        "Processes of the version before this one lose app.start_session(bigint,text,bytea,bytea,text,text): "
        "restart them now.",
    ]
    assert supabase_config.is_newest(url, files)
    upgraded(url)
    assert picture(url) == before


def test_a_column_more_in_the_result_disturbs_no_running_process(url, edited):
    more = replacing("(released int)", "(released int, more int)")
    assert "restart" not in " ".join(upgraded(url, edited({"start_session": more})))
    assert "app.start_session" in " ".join(upgraded(url))  # the way back takes the column away


def test_other_arguments_leave_no_older_function_behind(url, edited):
    before = picture(url)
    with_one = replacing("app.seats_moved()", "app.seats_moved(p_more int default 0)")
    # Whoever calls it without an argument still can.
    assert upgraded(url, edited({"seats_moved": with_one}))[:-1] == ["Installed the function app.seats_moved."]
    signatures = "select oid::regprocedure::text from pg_proc where proname = 'seats_moved'"
    assert ask(url, signatures) == [("app.seats_moved(integer)",)]
    assert "lose app.seats_moved(integer)" in " ".join(upgraded(url))
    assert picture(url) == before


def test_a_function_that_policies_and_others_stand_on_changes_its_arguments(url, edited):
    before = picture(url)
    files = edited({"uid": replacing("app.uid()", "app.uid(p_more int default 0)")})
    upgraded(url, files)
    assert supabase_config.is_newest(url, files)
    assert ask(url, "select oid::regprocedure::text from pg_proc where proname = 'uid'") == [("app.uid(integer)",)]
    assert [row for row in other_rows(url, before) if row[0] in ("table", "trigger", "column right", "schema")] == []
    upgraded(url)
    assert picture(url) == before


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("seats_moved", replacing("select", "selekt"), "syntax error"),
        ("hold_seats", replacing("begin", "beginn"), "syntax error"),
        ("uid", replacing("app.actor", "app.no_such"), "does not exist"),
    ],
)
def test_sql_that_postgresql_refuses_changes_nothing(url, edited, name, change, words):
    before = picture(url)
    files = edited({name: change, "live_sessions": replacing("24 hours", "23 hours")})
    with pytest.raises(ProgrammingError, match=words):
        upgraded(url, files)
    assert picture(url) == before


def test_a_function_stands_in_one_file(edited):
    files = edited({})
    (files.folder / "tickets" / "uid.sql").write_text((files.folder / "identity" / "uid.sql").read_text())
    with pytest.raises(ValueError, match="are one function"):
        _ = files.things


def test_a_file_is_one_function_of_its_name(edited):
    with pytest.raises(ValueError, match="is not one function of its name"):
        _ = edited({"uid": replacing("-- execute: ", "-- ")}).things


# --- a database that was changed by hand ------------------------------------------------------------------------------


def differences(url):
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return [difference.sentence for difference in compare(FILES, read(connection, FILES))]


BY_HAND = {
    # what was done: what is said about it
    "alter policy readers on booking using (true)": [
        "The policy readers on booking (migrations/row_security.py) was changed by hand."
    ],
    "alter policy worker on booking to public": [
        "The policy worker on booking (migrations/row_security.py) was changed by hand."
    ],
    "drop policy worker on ticket": ["The policy worker on ticket (migrations/row_security.py) is missing."],
    "create policy extra on booking for select to cv_app using (true)": ["The policy extra on booking is in no file."],
    "alter function app.begin(bytea) set work_mem = '1MB'": [
        "The function app.begin (migrations/sql/identity/begin.sql) was changed by hand."
    ],
    "alter function app.log security invoker": [
        "The function app.log (migrations/sql/audit/log.sql) was changed by hand."
    ],
    "alter function app.log owner to postgres; grant execute on function app.log to cv_rules": [
        "The function app.log (migrations/sql/audit/log.sql) was changed by hand.",
        "cv_rules has, by no file, execute on the function app.log.",
    ],
    "create or replace function app.seats_moved() returns bigint language sql as 'select 1::bigint'": [
        "The function app.seats_moved (migrations/sql/holds/seats_moved.sql) was changed by hand."
    ],
    "drop function app.seats_moved()": [
        "The function app.seats_moved (migrations/sql/holds/seats_moved.sql) is missing."
    ],
    "create function app.newcomer() returns int language sql as 'select 1'": [
        "The function app.newcomer() is in no file."
    ],
    "create function app.uid(int) returns int language sql as 'select 1'": [
        "The function app.uid(integer) is in no file."
    ],
    "comment on function app.uid() is null": [
        "The function app.uid (migrations/sql/identity/uid.sql) carries no digest: "
        "it was made by hand or by an older version."
    ],
    "drop trigger keep_scan on scan": ["The trigger keep_scan on scan (migrations/triggers.py) is missing."],
    "alter table seat disable trigger immutable_layout": [
        "The trigger immutable_layout on seat (migrations/triggers.py) was changed by hand."
    ],
    "create trigger twice before delete on seat for each row execute function app.immutable_layout()": [
        "The trigger twice on seat is in no file."
    ],
    "alter table booking no force row level security": ["The row security of booking is not enabled and forced."],
    "alter table booking disable row level security": ["The row security of booking is not enabled and forced."],
    "grant insert on booking to cv_app": ["cv_app has, by no file, insert on the table booking."],
    "grant select on alembic_version to cv_worker": ["cv_worker has, by no file, select on the table alembic_version."],
    "grant select (password_hash) on credential to cv_app": [
        "cv_app has, by no file, select (password_hash) on the table credential."
    ],
    "grant trigger on booking to public": ["public has, by no file, trigger on the table booking."],
    "grant select on seat_claim to cv_app": ["cv_app has, by no file, select on the table seat_claim."],
    "revoke select (state) on seat_claim from cv_app": ["cv_app lacks select (state) on the table seat_claim."],
    "revoke select on booking from cv_worker": ["cv_worker lacks select on the table booking."],
    "grant select on booking to cv_app with grant option": [
        "cv_app lacks select on the table booking.",
        "cv_app has, by no file, select with grant option on the table booking.",
    ],
    "revoke execute on function app.begin from cv_app": ["cv_app lacks execute on the function app.begin."],
    "grant execute on function app.fail to public": ["public has, by no file, execute on the function app.fail."],
    "grant update on sequence seat_version to cv_app": ["cv_app has, by no file, update on the sequence seat_version."],
    "revoke usage on schema app from cv_worker": ["cv_worker lacks usage on the schema app."],
    "grant create on schema app to cv_rules": ["cv_rules has, by no file, create on the schema app."],
    "grant create on schema public to cv_app": ["cv_app has, by no file, create on the schema public."],
}


@pytest.mark.parametrize("statement", BY_HAND)
def test_a_change_by_hand_is_named_and_put_back(url, statement):
    before = picture(url)
    run(url, statement)
    assert differences(url) == BY_HAND[statement]
    assert not supabase_config.is_newest(url)
    upgraded(url)
    assert differences(url) == []
    assert picture(url) == before


def test_what_belongs_to_others_is_left_alone(url):
    run(
        url,
        "create role cv_stranger",
        "create table theirs (id int)",
        "grant select on theirs to public",
        "grant select on booking to cv_stranger",
        "create function public.theirs() returns trigger language plpgsql as 'begin return new; end'",
        "create trigger theirs after insert on booking for each row execute function public.theirs()",
        "create policy theirs on theirs to public using (true)",
    )
    try:
        assert differences(url) == []
    finally:
        run(
            url,
            "drop table theirs",
            "drop function public.theirs() cascade",
            "drop owned by cv_stranger",
            "drop role cv_stranger",
        )


@pytest.fixture(scope="module")
def settings(newest, url):
    values = {"CRICVERSE_ENV": "testing", "CRICVERSE_HOME": str(newest.home), "CRICVERSE_ENV_FILE": "/dev/null"}
    return load_settings({**values, "DATABASE_URL": url, "APP_DATABASE_PASSWORD": PASSWORD})


@pytest.mark.parametrize(
    ("statement", "mend", "sentence"),
    [
        (
            "alter table booking add note text",
            "alter table booking drop note",
            "The column booking.note is in the database and not in the models.",
        ),
        (
            "alter table team drop about",
            "alter table team add about text not null default ''",
            "The column team.about is missing.",
        ),
        (
            "alter table team alter about drop not null",
            "alter table team alter about set not null",
            "The column team.about has another nullable than in the models.",
        ),
        (
            "alter table team alter about type varchar(10)",
            "alter table team alter about type text",
            "The column team.about has another type than in the models.",
        ),
        (
            "drop index ix_system_log_object_type_object_id",
            "create index ix_system_log_object_type_object_id on system_log (object_type, object_id)",
            "The index system_log.ix_system_log_object_type_object_id is missing.",
        ),
        (
            "alter policy readers on booking using (true)",
            None,
            "The policy readers on booking (migrations/row_security.py) was changed by hand.",
        ),
    ],
)
def test_the_check_names_what_differs(settings, url, statement, mend, sentence):
    run(url, statement)
    try:
        assert [finding.sentence for finding in supabase_config.check(settings) if not finding.good] == [sentence]
    finally:
        run(url, mend) if mend else upgraded(url)
    good = [finding.sentence for finding in supabase_config.check(settings) if finding.good]
    assert "Functions, policies, triggers, rights and columns are those of the files." in good


def test_a_difference_keeps_a_public_process_from_starting_and_is_mended_by_others(settings, url):
    public = replace(settings, environment="production")
    prepare_database(public)
    run(url, "alter policy readers on booking using (true)")
    with pytest.raises(CannotRun, match="`--check` it names what differs"):
        prepare_database(public)
    prepare_database(settings)
    prepare_database(public)


# --- the ways to get there --------------------------------------------------------------------------------------------


def test_a_newer_versions_database_is_left_as_it_is(url):
    before = picture(url)
    ((revision,),) = ask(url, "select version_num from alembic_version")
    run(url, "update alembic_version set version_num = '9999'")
    try:
        for move in (alembic.command.downgrade, alembic.command.upgrade):
            with pytest.raises(CommandError, match="9999"):
                move(supabase_config.alembic_config(url), "0021")
    finally:
        run(url, f"update alembic_version set version_num = '{revision}'")
    assert picture(url) == before


def test_every_upgrade_installs_and_looking_does_not(url):
    before = picture(url)
    config = supabase_config.alembic_config(url)
    run(url, "alter policy readers on booking using (true)")
    alembic.command.check(config)
    alembic.command.current(config)
    alembic.command.stamp(config, "head")
    assert len(differences(url)) == 1
    alembic.command.upgrade(config, "head")
    assert picture(url) == before


def test_a_downgrade_takes_everything_away_and_says_so(url):
    before, said = picture(url), []
    config = supabase_config.alembic_config(url)
    config.attributes["say"] = said.append
    alembic.command.downgrade(config, "-1")
    assert len(said) == 1 and said[0].startswith("Functions, policies, triggers and rights are taken away")
    assert ask(url, "select count(*) from pg_proc where pronamespace = 'app'::regnamespace") == [(0,)]
    assert ask(url, "select bool_and(relrowsecurity) from pg_class where relname in ('booking', 'customer')") == [
        (True,)
    ]
    alembic.command.upgrade(config, "head")
    assert picture(url) == before


def test_a_table_is_closed_by_the_migration_that_makes_it(newest):
    """On Supabase the Data API's roles get rights on every new table, and the installation comes a moment later."""
    url = newest.empty()
    alembic.command.upgrade(supabase_config.alembic_config(url), "0011")
    tables = """select relrowsecurity, relforcerowsecurity, count(*) from pg_class
                 where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'alembic_version'
                 group by 1, 2"""
    assert ask(url, tables) == [(True, False, 45)]
    upgraded(url)
    assert ask(url, tables) == [(True, True, 61)]


def test_a_policy_of_ours_on_a_table_that_no_file_names_is_dropped(url):
    run(url, "create table theirs (id int)", "create policy ours on theirs to cv_app using (true)")
    try:
        assert differences(url) == ["The policy ours on theirs is in no file."]
        upgraded(url)
        assert differences(url) == []
    finally:
        run(url, "drop table theirs")


def test_a_plain_owner_upgrades_rows_under_forced_row_security(newest):
    """As on Supabase, where the migrating login is no superuser: 0016 marks codes that were revoked before."""
    dump = gzip.decompress((DATABASES / "b3a7748.sql.gz").read_bytes()).decode()
    url = newest.empty()
    roles = ask(url, "select rolname::text from pg_roles where rolname in ('cv_app', 'cv_worker', 'cv_rules')")
    run(
        url,
        "create role plain login createrole password 'plain'",
        f"alter database {make_url(url).database} owner to plain",
        *(f"grant {role} to plain with admin option" for (role,) in roles),
        dump.replace("OWNER TO postgres", "OWNER TO plain"),
        "set session_replication_role = replica",
        "insert into public.qr_code (booking_id, ticket_id, key_id, seq, code, revoked_at)"
        " values (1, gen_random_uuid(), 1, 1, 'x', now())",
    )
    plain = make_url(url).set(username="plain", password="plain").render_as_string(hide_password=False)
    try:
        upgraded(plain)
        assert supabase_config.is_newest(plain)
        assert ask(url, "delete from qr_code returning revoked_xid") == [(1,)]
    finally:
        run(url, "reassign owned by plain to postgres", "drop owned by plain", "drop role plain")
    assert sorted(map(str, newest.catalogue(url) ^ newest.fresh)) == []


# --- while yesterday's processes run ----------------------------------------------------------------------------------


@contextmanager
def as_web(url):
    """A connection of a web process, between two requests."""
    address = make_url(login_url(url, "cv_app", PASSWORD))
    connection = psycopg2.connect(
        host=address.host, port=address.port, user=address.username, password=address.password, dbname=address.database
    )
    try:
        yield connection
    finally:
        connection.close()


def test_a_process_of_the_version_before_works_on(url, edited):
    """Its first statement and a policy of the table that it reads are replaced between two of its requests."""
    before = picture(url)
    newer = edited(
        {"begin": replacing("24 hours", "23 hours")},
        tables={**TABLES, "event": ("state <> 'draft'", *TABLES["event"][1:])},
    )
    with as_web(url) as connection, connection.cursor() as cursor:
        for said in ([], upgraded(url, newer), upgraded(url)):
            cursor.execute("select kind from app.begin(null)")
            assert cursor.fetchone() == ("nobody",)
            cursor.execute("select count(*) from event")
            connection.commit()
            assert not any("restart" in sentence for sentence in said)
    assert picture(url) == before


def test_a_busy_table_is_waited_for_without_stopping_everybody(url):
    """The upgrade gives up its place in the queue after two seconds, and tries again."""
    before = picture(url)
    run(url, "alter policy readers on booking using (true)")
    with as_web(url) as connection, connection.cursor() as cursor, ThreadPoolExecutor(1) as pool:
        cursor.execute("select count(*) from booking")
        upgrade = pool.submit(upgraded, url)
        tries = set()
        while len(tries) < 2:
            assert not upgrade.done(), upgrade.result()
            tries |= set(
                ask(
                    url,
                    """select pid, xact_start from pg_stat_activity
                        where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'relation'""",
                )
            )
            time.sleep(0.05)
        connection.commit()
        upgrade.result()
    assert picture(url) == before
