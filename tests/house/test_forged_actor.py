"""Whoever can run SQL as the web role becomes nobody by it: a table of attempts, each with the real login."""

import psycopg2
import pytest

from tests.support import row_security_stage as stages
from tests.support.prepared import prepared_database

BEGIN = "select * from app.begin(%s)"


@pytest.fixture(scope="module")
def stage(home, database_url):
    return stages.build(prepared_database(home, "forged_actor"))


@pytest.fixture
def connect(stage):
    """Connections of cv_app, closed at the end."""
    opened = []

    def connect():
        opened.append(stage.connect("cv_app"))
        return opened[-1], opened[-1].cursor()

    yield connect
    for connection in opened:
        connection.close()


def acting(cursor):
    """Who acts, where they sell and run gates, which link is open, and how many bookings they see."""
    cursor.execute("select app.uid(), app.staff_of(), app.gate_of(), app.link(), (select count(*) from booking)")
    return cursor.fetchone()


NOBODY = (None, [], [], None, 0)


def words_of(stage, who="omar"):
    """What the setting says when the manager of a ground acts, after its seal."""
    ground = stage.stadiums["lanternside"]
    return f'{{"may": {{"sell": "{{{ground}}}"}}, "uid": {stage.people[who]}}}'


FORGERIES = {
    "the settings of before": "set local app.uid = '{uid}'; set local app.may = '{may}'; set local app.link = '{link}'",
    "words without a seal": "select set_config('app.actor', '{words}', true)",
    "words without a seal, for the session": "select set_config('app.actor', '{words}', false)",
    "a seal of noughts": "select set_config('app.actor', repeat('0', 64) || '{words}', true)",
    "a seal without a key": "select set_config('app.actor', encode(sha256(convert_to('{words}', 'UTF8')), 'hex') || "
    "'{words}', true)",
    "no seal, and 64 blanks": "select set_config('app.actor', repeat(' ', 64) || '{words}', true)",
    "a setting of the transaction's start": "set app.actor = '{words}'; commit; begin",
}


@pytest.mark.parametrize("statement", FORGERIES.values(), ids=FORGERIES)
def test_words_of_ones_own_make_nobody_act(stage, connect, statement):
    _, cursor = connect()
    values = {
        "uid": stage.people["omar"],
        "link": stage.bookings["guest"],
        "words": words_of(stage),
        "may": '{{"sell": "{{{}}}"}}'.format(stage.stadiums["lanternside"]),
    }
    cursor.execute(statement.format(**values))
    assert acting(cursor) == NOBODY


DENIED = {
    "the key": "select key from actor_key",
    "the key's size": "select octet_length(key) from public.actor_key",
    "the deed": "select app.act_as({uid})",
    "the seal": "select app.seal('{words}')",
    "adopting": "select app.adopt({visitor}, {uid})",
    "the owner of the functions": "set role cv_rules",
    "the other login": "set session authorization cv_worker",
    "the other login's role": "set role cv_worker",
    "hashes of passwords": "select password_hash from credential",
    "hashes of sessions": "select id_hash from login_session",
    "a function beside ours": "create function app.uid(int) returns bigint language sql as 'select 1'",
    "a function in ours": "create or replace function app.uid() returns bigint language sql as 'select 1'",
    "a function of the public": "create function public.uid() returns bigint language sql as 'select 1'",
    "a new key": "insert into actor_key values (2, 'mine')",
    "another key": "update actor_key set key = 'mine'",
    "sealed by the owner": "do $$ begin execute 'set local role cv_rules'; perform app.act_as(1); end $$",
}


@pytest.mark.parametrize("statement", DENIED.values(), ids=DENIED)
def test_what_would_make_a_seal_is_not_for_the_web_role(stage, connect, statement):
    _, cursor = connect()
    values = {"uid": stage.people["omar"], "visitor": stage.people["visitor"], "words": words_of(stage)}
    with pytest.raises(psycopg2.Error) as refused:
        cursor.execute(statement.format(**values))
    assert refused.value.pgcode == "42501", refused.value


def test_a_true_seal_vouches_for_no_other_words(stage, connect):
    _, cursor = connect()
    cursor.execute(BEGIN, (stages.session_of("asha"),))
    (said,) = ask(cursor, "select current_setting('app.actor')")
    assert acting(cursor)[0] == stage.people["asha"]
    for words in (words_of(stage), said[64:] + " ", " " + said[64:]):
        ask(cursor, "select set_config('app.actor', %s, true)", said[:64] + words)
        assert acting(cursor) == NOBODY
    ask(cursor, "select set_config('app.actor', %s, true)", said)
    assert acting(cursor)[0] == stage.people["asha"]


def test_a_true_seal_is_worth_nothing_anywhere_else(stage, connect):
    """In the next transaction, in another backend, beside a savepoint, after RESET and DISCARD, for the other login."""
    connection, cursor = connect()
    cursor.execute(BEGIN, (stages.session_of("omar"),))
    (said,) = ask(cursor, "select current_setting('app.actor')")
    ask(cursor, "select set_config('app.kept', %s, false)", said)
    assert acting(cursor)[0] == stage.people["omar"]
    other, elsewhere = connect()
    ask(elsewhere, "select set_config('app.actor', %s, true)", said)
    assert acting(elsewhere) == NOBODY  # while the transaction that it was made in is still open
    worker = stage.connect("cv_worker")
    with worker.cursor() as jobs:
        ask(jobs, "select set_config('app.actor', %s, true)", said)
        assert ask(jobs, "select app.uid()") == (None,)
    worker.close()

    connection.commit()
    replay = "select set_config('app.actor', current_setting('app.kept'), {})"
    for ending in ("commit", "rollback"):
        ask(cursor, replay.format("true"))
        assert acting(cursor) == NOBODY
        getattr(connection, ending)()
    ask(cursor, replay.format("false"))
    cursor.execute("savepoint inner_one")
    ask(cursor, replay.format("true"))
    assert acting(cursor) == NOBODY
    cursor.execute("release savepoint inner_one")
    assert acting(cursor) == NOBODY
    connection.commit()
    assert acting(cursor) == NOBODY
    cursor.execute("reset app.actor")
    assert acting(cursor) == NOBODY
    connection.rollback()
    connection.autocommit = True
    cursor.execute("discard all")
    ask(cursor, "select set_config('app.actor', %s, false)", said)
    assert acting(cursor) == NOBODY


def test_a_procedure_that_commits_leaves_nobody_behind(stage, connect):
    connection, cursor = connect()
    connection.autocommit = True
    cursor.execute(
        """do $$ declare said text; begin
             perform app.begin(%s);
             said := current_setting('app.actor');
             perform set_config('app.first', app.uid()::text, false);
             commit;
             perform set_config('app.actor', said, true);
             perform set_config('app.second', coalesce(app.uid()::text, 'nobody'), false);
           end $$""",
        (stages.session_of("omar"),),
    )
    answers = ask(cursor, "select current_setting('app.first'), current_setting('app.second')")
    assert answers == (str(stage.people["omar"]), "nobody")


def test_nobody_acts_where_a_savepoint_or_a_second_begin_took_the_person_back(stage, connect):
    _, cursor = connect()
    cursor.execute("savepoint inner_one")
    cursor.execute(BEGIN, (stages.session_of("omar"),))
    cursor.execute("rollback to savepoint inner_one")
    assert acting(cursor) == NOBODY
    cursor.execute(BEGIN, (stages.session_of("omar"),))
    cursor.execute("select * from app.open_link(%s)", (stages.link_of("guest"),))
    assert acting(cursor)[3] == stage.bookings["guest"]
    cursor.execute("select * from app.open_link(%s)", (b"no such link",))
    assert acting(cursor)[3] is None and acting(cursor)[0] == stage.people["omar"]
    cursor.execute(BEGIN, (None,))
    assert acting(cursor) == NOBODY


def test_a_plan_kept_from_a_person_reads_nothing_for_nobody(stage, connect):
    connection, cursor = connect()
    cursor.execute("set plan_cache_mode = force_generic_plan; prepare bookings as select count(*) from booking")
    connection.commit()
    cursor.execute(BEGIN, (stages.session_of("omar"),))
    assert ask(cursor, "execute bookings")[0] > 3
    connection.commit()
    assert ask(cursor, "execute bookings") == (0,)


@pytest.mark.parametrize("proof", [None, "", "recipe", "hash of another"])
def test_nobody_signs_in_as_another_without_the_password(stage, connect, proof):
    """The web role reads how a hash is made, and never the hash, which alone starts a session or changes a password."""
    connection, cursor = connect()
    cursor.execute(BEGIN, (None,))
    person, recipe = ask(cursor, "select * from app.find_credential('asha@example.org')")
    stored = stages.password_of("asha")
    assert person == stage.people["asha"] and len(recipe) == len(stored)
    assert recipe == stored[: stored.rindex("$") + 1] + "A" * 43
    proof = {"recipe": recipe, "hash of another": stages.password_of("ben")}.get(proof, proof)
    with pytest.raises(psycopg2.Error, match="WRONG_CREDENTIALS"):
        cursor.execute("select app.start_session(%s, %s, 'mine', null, '', '')", (person, proof))
    connection.rollback()
    cursor.execute(BEGIN, (b"mine",))
    assert acting(cursor) == NOBODY
    for session in (None, stages.session_of("ben"), stages.session_of("asha")):
        cursor.execute(BEGIN, (session,))
        cursor.execute("select app.set_password_hash(%s, 'mine')", (proof,))
        connection.commit()
    with stage.migrating() as look:
        kept = ask(look, "select password_hash from credential where customer_id = %s", person)
        # Ben may change his own, whose hash he brought.
        look.execute(
            "update credential set password_hash = %s where customer_id = %s",
            (stages.password_of("ben"), stage.people["ben"]),
        )
    assert kept == (stored,)


def ask(cursor, sql, *values):
    """The one row that this answers."""
    cursor.execute(sql, values or None)
    (row,) = cursor.fetchall()
    return row
