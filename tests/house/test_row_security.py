"""Who may do what with which row: tests/support/rights_matrix.toml, tried at three grounds, and every wall taken away
once.
"""

import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

import supabase_config
from embedded import postgres
from migrations.row_security import TABLES
from tests.support import row_security_stage as stages
from tests.support.prepared import prepared_database
from tests.support.row_security_matrix import (
    VERBS,
    Matrix,
    check,
    check_catalogue,
    check_everybody,
    check_functions,
    first,
    truth,
    trying,
    vacuous,
    walls_of,
)

MATRIX = Matrix()
POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")
caught = []  # one entry per wall whose loss was noticed


@pytest.fixture(scope="module")
def stage(home, database_url):
    """A database of its own on the tests' server, so that no other test empties it."""
    return stages.build(prepared_database(home, "row_security"))


@pytest.fixture(scope="module")
def truths(stage):
    with stage.migrating() as cursor:
        return truth(cursor, MATRIX.tables)


@contextmanager
def undone(stage):
    """A transaction of the superuser that is rolled back; tables can be given to a plain role that owns
    nothing else.
    """
    connection = stage.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute("create role cv_probe_owner nologin nosuperuser nobypassrls")
            yield cursor
    finally:
        connection.rollback()
        connection.close()


def give_to_plain_owner(cursor, *tables):
    for table in tables:
        cursor.execute(f"alter table {table} owner to cv_probe_owner")


def whole_matrix(stage, truths):
    with undone(stage) as cursor:
        give_to_plain_owner(cursor, *MATRIX.tables)
        return list(check_everybody(cursor, stage.cast(), MATRIX, truths, MATRIX.tables))


# --- the matrix -----------------------------------------------------------------------------------------------------


def test_the_stage_shows_something_in_every_cell(stage, truths):
    assert list(vacuous(MATRIX, truths, stage.cast())) == []
    assert list(stage.cast()) == MATRIX.roles


def test_every_cell_holds_with_real_reads_and_writes(stage, truths):
    assert whole_matrix(stage, truths) == []


def test_every_cell_holds_for_the_real_logins(stage, truths):
    """Without any help of a superuser: the logins of the web process and of the jobs."""
    different = []
    for actor in stage.cast().values():
        if actor.login in ("cv_app", "cv_worker"):
            connection = stage.connect(actor.login)
            with connection.cursor() as cursor:
                actor.enter(cursor)
                different += check(cursor, actor, MATRIX, truths, MATRIX.tables)
            connection.rollback()
            connection.close()
    assert different == []


def test_the_catalogue_is_the_file(stage):
    with stage.migrating() as cursor:
        assert list(check_catalogue(cursor, MATRIX, TABLES)) == []


@pytest.mark.parametrize(
    "addition",
    [
        "create table newcomer (id int primary key)",
        "create table app.newcomer (id int primary key)",
        "create view newcomer as select * from booking",
        "create materialized view newcomer as select * from booking",
        "create policy extra on booking for select to cv_app using (true)",
        "create function app.newcomer() returns int language sql as 'select 1'",
        "create function public.newcomer() returns int language sql as 'select 1'",
        "create function app.uid(int) returns int language sql as 'select 1'",
        "create sequence newcomer; grant usage on sequence newcomer to cv_app",
        "grant update on sequence seat_version to cv_app",
        "grant truncate on booking to cv_app",
        "grant references on booking to cv_worker",
        "grant trigger on booking to public",
        "grant select on alembic_version to cv_app",
        "grant select (password_hash) on credential to cv_app",
        "grant create on schema public to cv_app",
        "grant create on schema app to cv_rules",
        "grant cv_rules to cv_app",
        "alter role cv_app bypassrls",
        "alter role cv_rules login",
        "alter table team owner to cv_app",
    ],
)
def test_a_newcomer_is_noticed(stage, truths, addition):
    with undone(stage) as cursor:
        cursor.execute(addition)
        found = list(check_catalogue(cursor, MATRIX, TABLES))
        if "password_hash" in addition:  # Rights on single columns are found by reading.
            found = list(check_everybody(cursor, stage.cast(), MATRIX, truths, ["credential"]))
        assert found, addition


def test_a_table_without_a_line_in_the_file_is_noticed(stage):
    lacking = Matrix()
    del lacking.verbs["update"]["ticket"]
    with stage.migrating() as cursor:
        assert any("ticket" in finding for finding in check_catalogue(cursor, lacking, TABLES))
        assert any(
            "ticket" in finding
            for finding in check_catalogue(cursor, MATRIX, {k: v for k, v in TABLES.items() if k != "ticket"})
        )


# --- every wall taken away once -------------------------------------------------------------------------------------


def unnoticed_walls(stage, truths, table, chosen=""):
    """Take each wall of a table away; yields those whose loss the matrix does not see."""
    cast = stage.cast()
    with undone(stage) as cursor:
        give_to_plain_owner(cursor, table)
        for what, statement in walls_of(table, TABLES, MATRIX):
            if not re.search(chosen, what):
                continue
            with trying(cursor, "wall"):
                cursor.execute(statement)
                finding = first(check_everybody(cursor, cast, MATRIX, truths, [table]))
            if finding:
                caught.append(f"{table}: {what}: {finding}")
            else:
                yield f"{table}: {what}"


@pytest.mark.parametrize("table", MATRIX.tables)
def test_every_wall_of_a_table_is_missed_when_it_goes(stage, truths, table):
    assert list(unnoticed_walls(stage, truths, table)) == []


@pytest.mark.parametrize("name", MATRIX.functions)
def test_every_wall_of_a_function_is_missed_when_it_goes(stage, name):
    wanted = MATRIX.functions[name]
    with undone(stage) as cursor:
        cursor.execute(
            "select oid::regprocedure::text from pg_proc where pronamespace = 'app'::regnamespace and proname = %s",
            (name,),
        )
        ((function,),) = cursor.fetchall()
        walls = [
            f"grant execute on function {function} to public",
            f"alter function {function} "
            f"{'reset search_path' if wanted.get('names', 'fixed') == 'fixed' else 'set search_path = public'}",
            f"alter function {function} set search_path = ''",
            f"alter function {function} owner to cv_probe_owner",
            f"alter function {function} security {'invoker' if wanted['definer'] else 'definer'}",
        ]
        walls += [
            f"{'revoke' if login in wanted['execute'] else 'grant'} execute on function {function} "
            f"{'from' if login in wanted['execute'] else 'to'} {login}"
            for login in ("cv_app", "cv_worker")
        ]
        for statement in walls:
            with trying(cursor, "wall"):
                cursor.execute(statement)
                finding = first(check_functions(cursor, MATRIX))
            assert finding, statement
            caught.append(f"{statement}: {finding}")


def test_the_number_of_walls(request):
    """Printed with -s; a wall is a policy, FORCE, a REVOKE, or a line of a function's head."""
    ran = sum("wall_of" in item.name for item in request.session.items)
    if ran < len(MATRIX.tables) + len(MATRIX.functions):
        pytest.skip("only a part of the walls was chosen")
    print(f"\n{len(caught)} walls taken away, each noticed")
    assert len(caught) > 700


# --- functions: nobody acts on what is another's --------------------------------------------------

# What asha may do with what is hers; {name} is an id of the stage.
BUYERS = {
    "extend_hold": "select * from app.extend_hold({held})",
    "release_booking": "select * from app.release_booking({held})",
    "release_line": "select * from app.release_line({held}, {held_line})",
    "set_ticket_types": "select app.set_ticket_types({held}, array[{held_line}], array['child'])",
    "start_payment": "select * from app.start_payment({held}, 'Someone', 'someone@example.org', 'someone@example.org')",
    "record_intent": "select app.record_intent({payment}, 'pi_asha')",
    "request_refund": "select * from app.request_refund({paid}, array[{paid_line}], 'fan')",
    "set_plate": "select * from app.set_plate({parking_line}, 'NEW 123')",
}
# What the buyer may do, and staff of that ground too.
BUYERS_AND_STAFF = {
    "resend_tickets": "select app.resend_tickets({paid})",
}
# What only staff of the first ground may do.
STAFF = {
    "set_sale_state": "select app.set_sale_state({event}, 'stopped')",
    "set_companions_open": "select app.set_companions_open({event}, 24)",
    "cancel_event": "select app.cancel_event({event}, 'rain')",
    "block_seats": "select * from app.block_seats({event}, array[{free_seat}])",
    "unblock_seats": "select * from app.unblock_seats({event}, array[{blocked_seat}])",
    "request_refund": "select * from app.request_refund({paid}, array[{paid_line}], 'staff')",
}
CALLS = (
    [(name, sql, {"fan"}) for name, sql in BUYERS.items()]
    + [(name, sql, {"fan", "staff"}) for name, sql in BUYERS_AND_STAFF.items()]
    + [(name, sql, {"staff"}) for name, sql in STAFF.items()]
)


@pytest.fixture(scope="module")
def ids(stage):
    with stage.migrating() as cursor:

        def line(name, kind):
            return stages.one(
                cursor,
                """select max(l.id) from booking_line l where l.booking_id = %s and l.kind = %s
                      and not exists (select from refund_line r where r.line_id = l.id)""",
                stage.bookings[name],
                kind,
            )

        return {
            "held": stage.bookings["asha held"],
            "held_line": line("asha held", "seat"),
            "paid": stage.bookings["asha"],
            "paid_line": line("asha", "seat"),
            "parking_line": line("asha", "parking"),
            "payment": stages.one(
                cursor, "select id from payment_transaction where booking_id = %s", stage.bookings["asha"]
            ),
            "event": stage.events["lanternside"],
            "free_seat": stage.seats["lanternside"][20],
            "blocked_seat": stage.seats["lanternside"][-1],
        }


@pytest.mark.parametrize(
    ("name", "sql", "allowed"), CALLS, ids=[f"{name}-{'-'.join(sorted(who))}" for name, _, who in CALLS]
)
def test_nobody_acts_on_what_is_anothers(stage, ids, name, sql, allowed):
    statement = sql.format(**ids)
    connection = stage.connect("cv_app")
    answers = {}
    for role, actor in stage.cast().items():
        if actor.login == "cv_app":
            with connection.cursor() as cursor:
                actor.enter(cursor)
                try:
                    cursor.execute(statement)
                    answers[role] = "done"
                except psycopg2.Error as error:
                    answers[role] = error.pgcode
            connection.rollback()
    connection.close()
    assert answers == {role: "done" if role in allowed else "CV404" for role in answers}
    assert len(answers) == 11


def test_nobody_on_the_web_refunds_for_a_cancelled_event(stage, ids):
    for who in ("asha", "omar"):
        with pytest.raises(psycopg2.Error, match="NOT_ALLOWED"), stage.acting(who) as cursor:
            cursor.execute("select * from app.request_refund(%s, null, 'event_cancelled')", (ids["paid"],))


def test_the_holder_of_a_link_acts_on_that_booking_only(stage, ids):
    link = stage.cast()["link"]
    connection = stage.connect("cv_app")
    with connection.cursor() as cursor:
        link.enter(cursor)
        cursor.execute("select app.resend_tickets(%s)", (link.booking,))
        with pytest.raises(psycopg2.Error, match="UNKNOWN_BOOKING"):
            cursor.execute("select app.resend_tickets(%s)", (ids["paid"],))
    connection.close()


def test_a_temporary_type_does_not_run_with_the_rights_of_the_functions(stage):
    """A domain pg_temp.text would otherwise be found first, and its check would run as cv_rules inside a definer
    function.
    """
    with stage.migrating() as cursor:  # it may not make any, and if it could, they would do no harm
        cursor.execute("grant temporary on database row_security to cv_app")
    connection = stage.connect("cv_app")
    with connection.cursor() as cursor:
        cursor.execute(
            """create function pg_temp.look(pg_catalog.text) returns boolean language plpgsql as
               $$ begin raise notice 'running as %', current_user; return true; end $$"""
        )
        cursor.execute("create domain pg_temp.text as pg_catalog.text check (pg_temp.look(value))")
        with pytest.raises(psycopg2.Error, match="UNKNOWN_LINE"):
            cursor.execute("select * from app.set_plate(1::bigint, 'AB12'::pg_catalog.text)")
    assert not any("cv_rules" in notice for notice in connection.notices)
    connection.close()
    with stage.migrating() as cursor:
        cursor.execute("revoke temporary on database row_security from cv_app")


# --- who acts ends with the transaction -----------------------------------------------------------


def acting_now(cursor):
    cursor.execute("select app.uid(), app.staff_of(), app.link(), (select count(*) from booking)")
    return cursor.fetchone()


NOBODY = (None, [], None, 0)


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_the_person_does_not_outlive_the_transaction(stage, end):
    connection = stage.connect("cv_app")
    with connection.cursor() as cursor:
        assert acting_now(cursor) == NOBODY
        cursor.execute("select * from app.begin(%s)", (stages.session_of("omar"),))
        cursor.execute("select * from app.open_link(%s)", (stages.link_of("guest"),))
        uid, staff, link, seen = acting_now(cursor)
        assert (
            uid == stage.people["omar"]
            and staff == [stage.stadiums["lanternside"]]
            and link == stage.bookings["guest"]
            and seen > 3
        )
        getattr(connection, end)()
        assert acting_now(cursor) == NOBODY
    connection.close()


def test_the_person_does_not_outlive_a_savepoint_that_is_rolled_back(stage):
    connection = stage.connect("cv_app")
    with connection.cursor() as cursor:
        cursor.execute("savepoint inner_one")
        cursor.execute("select * from app.begin(%s)", (stages.session_of("omar"),))
        cursor.execute("rollback to savepoint inner_one")
        assert acting_now(cursor) == NOBODY
        cursor.execute("savepoint inner_two")
        cursor.execute("select * from app.begin(%s)", (stages.session_of("omar"),))
        cursor.execute("release savepoint inner_two")
        connection.commit()
        assert acting_now(cursor) == NOBODY
    connection.close()


def test_beginning_again_forgets_the_person_before(stage):
    connection = stage.connect("cv_app")
    with connection.cursor() as cursor:
        cursor.execute("select * from app.begin(%s)", (stages.session_of("omar"),))
        cursor.execute("select * from app.open_link(%s)", (stages.link_of("guest"),))
        cursor.execute("select * from app.begin(%s)", (b"unknown",))
        assert acting_now(cursor) == NOBODY
    connection.close()


@pytest.mark.parametrize(
    ("lapse", "values"),
    [
        ("expired", "now(), now() - interval '1 second', null"),
        ("ended", "now(), now() + interval '1 day', now()"),
        ("idle for a day", "now() - interval '25 hours', now() + interval '9 days', null"),
    ],
)
def test_a_session_that_is_over_is_nobody(stage, lapse, values):
    with undone(stage) as cursor:
        cursor.execute(
            "insert into login_session (id_hash, customer_id, seen_at, expires_at, ended_at) "
            f"values ('lapsed', %s, {values})",
            (stage.people["omar"],),
        )
        cursor.execute("set local session authorization cv_app")
        cursor.execute("select * from app.begin('lapsed')")
        assert cursor.fetchone()[:6] == (None, "nobody", None, None, False, {})
        assert acting_now(cursor) == NOBODY


def test_signing_in_takes_the_visitors_bookings_along_and_ends_the_visit(stage):
    connection = stage.connect("cv_app")
    with connection.cursor() as cursor:
        cursor.execute("select * from app.begin(%s)", (stages.session_of("visitor"),))
        cursor.execute(
            "select released from app.start_session(%s, %s, 'new', %s, '127.0.0.1', 'test')",
            (stage.people["asha"], stages.password_of("asha"), stages.session_of("visitor")),
        )
        assert cursor.fetchall() == [(0,)]
        cursor.execute("select id, kind from app.begin('new')")
        assert cursor.fetchall() == [(stage.people["asha"], "fan")]
        wanted = stage.bookings["visitor"]
        assert stages.one(cursor, "select customer_id from booking where id = %s", wanted) == stage.people["asha"]
        cursor.execute("select kind from app.begin(%s)", (stages.session_of("visitor"),))
        assert cursor.fetchall() == [("nobody",)]
        assert acting_now(cursor) == NOBODY
    connection.rollback()
    connection.close()


# --- the same on the oldest PostgreSQL ------------------------------------------------------------


@pytest.mark.slow
def test_the_same_results_on_postgresql_15():
    if not (POSTGRES_15 / "postgres").exists():
        pytest.skip("Debian's PostgreSQL 15 is not installed")
    home = Path(tempfile.mkdtemp(prefix="cricverse-15-", dir="/var/tmp"))
    home.chmod(0o711)
    url = postgres.ensure_running(home, bin_dir=POSTGRES_15, durable=False)
    try:
        supabase_config.prepare(url, stages.PASSWORD)
        stage = stages.build(url)
        with stage.migrating() as cursor:
            assert stages.one(cursor, "show server_version_num").startswith("15")
            truths = truth(cursor, MATRIX.tables)
            assert list(check_catalogue(cursor, MATRIX, TABLES)) == []
        assert list(vacuous(MATRIX, truths, stage.cast())) == []
        assert whole_matrix(stage, truths) == []
        noticed = len(caught)
        walls = "^policy|^force|^row security"
        assert [wall for table in MATRIX.tables for wall in unnoticed_walls(stage, truths, table, walls)] == []
        del caught[noticed:]
    finally:
        postgres.let_go(home)
        shutil.rmtree(home, ignore_errors=True)


def test_every_verb_of_the_file_is_known():
    assert set(MATRIX.verbs) == set(VERBS)
    words = {word for table in MATRIX.verbs.values() for cells in table.values() for word in cells}
    assert words <= {"all", "own", "public", "none", "denied", "columns"}
    assert all(re.fullmatch(r"[a-z_]+", role) for role in MATRIX.roles)
