"""Corners of the definer functions that no page reaches easily, in transactions that are rolled back."""

import psycopg2
import pytest

from tests.support import row_security_stage as stages
from tests.support.prepared import prepared_database
from tests.support.row_security_matrix import trying


@pytest.fixture(scope="module")
def stage(home, database_url):
    return stages.build(prepared_database(home, "definer_functions"))


class Play:
    """One transaction of the superuser in which people and the worker act in turn; it is rolled back at the end."""

    def __init__(self, stage, cursor):
        self.stage, self.cursor = stage, cursor

    def become(self, login):
        self.cursor.execute("reset session authorization")
        self.cursor.execute(f"set local session authorization {login}")

    def ask(self, sql, *values):
        self.cursor.execute(sql, values)
        names = [column.name for column in self.cursor.description]
        return [dict(zip(names, row, strict=True)) for row in self.cursor.fetchall()]

    def by(self, who, sql, *values):
        self.become("cv_app")
        self.ask("select * from app.begin(%s)", stages.session_of(who))
        return self.ask(sql, *values)

    def worker(self, sql, *values):
        self.become("cv_worker")
        return self.ask(sql, *values)

    def value(self, sql, *values):
        ((value),) = self.worker(sql, *values)[0].values()
        return value

    def start(self, who, booking, intent):
        """An attempt to pay with its intent; returns the attempt."""
        attempt = self.by(
            who, "select * from app.start_payment(%s, 'A Name', 'a@example.org', 'a@example.org')", booking
        )[0]
        self.by(who, "select app.record_intent(%s, %s)", attempt["payment_id"], intent)
        return attempt

    def settle(self, intent, amount, currency="aud"):
        answer = self.worker(
            "select * from app.settle_payment(%s, 'succeeded', %s, %s, 0, null, null, null)", intent, amount, currency
        )
        return answer[0]


@pytest.fixture
def play(stage):
    connection = stage.connect()
    with connection.cursor() as cursor:
        yield Play(stage, cursor)
    connection.rollback()
    connection.close()


@pytest.fixture
def held(play):
    """A new hold of asha's for two seats of the third ground."""
    seats = play.stage.seats["wharf"][10:12]
    return play.by("asha", "select * from app.hold_seats(%s, %s)", play.stage.events["wharf"], seats)[0]


def test_money_on_a_closed_attempt_counts_and_the_second_payment_goes_back(play, held):
    first = play.start("asha", held["booking_id"], "pi_first")
    play.worker("select app.close_payment(%s, 'failed', true)", first["payment_id"])
    play.start("asha", held["booking_id"], "pi_second")
    assert play.settle("pi_first", held["total"])["outcome"] == "fulfilled"
    twice = play.settle("pi_second", held["total"])
    assert twice["outcome"] == "lost"
    assert play.value("select reason from refund where id = %s", twice["refund_id"]) == "paid_twice"
    assert play.value("select state from booking where id = %s", held["booking_id"]) == "paid"
    assert play.value("select count(*) from ticket where booking_id = %s and status = 'valid'", held["booking_id"]) == 2
    assert (
        play.value("select count(*) from seat_claim where booking_id = %s and state = 'sold'", held["booking_id"]) == 2
    )
    refund = play.by("asha", "select * from app.request_refund(%s, null, 'fan')", held["booking_id"])[0]
    paid_by = play.value(
        "select p.intent_id from refund r join payment_transaction p on p.id = r.payment_id where r.id = %s",
        refund["refund_id"],
    )
    assert paid_by == "pi_first"


def test_a_late_second_payment_of_another_amount_leaves_the_tickets_alone(play, held):
    first = play.start("asha", held["booking_id"], "pi_first")
    play.worker("select app.close_payment(%s, 'canceled', true)", first["payment_id"])
    line = play.value("select min(id) from booking_line where booking_id = %s", held["booking_id"])
    play.by("asha", "select app.set_ticket_types(%s, array[%s], array['child'])", held["booking_id"], line)
    second = play.start("asha", held["booking_id"], "pi_second")
    assert second["amount"] < first["amount"]
    assert play.settle("pi_second", second["amount"])["outcome"] == "fulfilled"
    assert play.settle("pi_first", first["amount"])["outcome"] == "lost"
    assert play.value("select state from booking where id = %s", held["booking_id"]) == "paid"
    assert (
        play.value("select count(*) from seat_claim where booking_id = %s and state = 'sold'", held["booking_id"]) == 2
    )


def test_money_for_a_booking_that_changed_meanwhile_goes_back(play, held):
    first = play.start("asha", held["booking_id"], "pi_first")
    play.worker("select app.close_payment(%s, 'canceled', true)", first["payment_id"])
    line = play.value("select min(id) from booking_line where booking_id = %s", held["booking_id"])
    play.by("asha", "select app.set_ticket_types(%s, array[%s], array['child'])", held["booking_id"], line)
    late = play.settle("pi_first", first["amount"])
    assert late["outcome"] == "lost"
    assert play.value("select amount from refund where id = %s", late["refund_id"]) == first["amount"]


def test_money_for_a_hold_that_joined_another_goes_back(play, held):
    event, seats = play.stage.events["wharf"], play.stage.seats["wharf"]
    first = play.start("asha", held["booking_id"], "pi_first")
    other = play.by("asha", "select * from app.hold_seats(%s, %s)", event, seats[12:13])[0]
    play.worker("select app.close_payment(%s, 'canceled', true)", first["payment_id"])
    claims = play.worker("select state, expires_at from seat_claim where booking_id = %s", other["booking_id"])
    assert len(claims) == 3 and {claim["expires_at"] for claim in claims} == {other["expires_at"]}
    assert play.settle("pi_first", first["amount"])["outcome"] == "lost"
    assert play.value("select count(*) from ticket where booking_id = %s", held["booking_id"]) == 0
    assert (
        play.value("select count(*) from seat_claim where booking_id = %s and state = 'held'", other["booking_id"]) == 3
    )


def test_a_hold_does_not_join_another_that_is_over(play, held):
    first = play.start("asha", held["booking_id"], "pi_first")
    other = play.by(
        "asha", "select * from app.hold_seats(%s, %s)", play.stage.events["wharf"], play.stage.seats["wharf"][12:13]
    )[0]
    play.become("cv_rules")
    play.cursor.execute(
        "update booking set expires_at = now() - interval '1 minute' where id = %s", (other["booking_id"],)
    )
    play.worker("select app.close_payment(%s, 'canceled', true)", first["payment_id"])
    assert play.value("select state from booking where id = %s", held["booking_id"]) == "held"
    assert play.value("select state from booking where id = %s", other["booking_id"]) == "expired"
    assert (
        play.value("select count(*) from seat_claim where booking_id = %s and state = 'held'", held["booking_id"]) == 2
    )


def test_a_fan_gets_no_refund_for_a_pass_whose_payment_is_disputed(play):
    booking = play.stage.bookings["asha"]
    play.worker("select * from app.mark_dispute('pi_asha', true, 'dp_asha')")
    parking = play.value("select id from booking_line where booking_id = %s and kind = 'parking'", booking)
    with pytest.raises(psycopg2.Error, match="TICKET_USED"):
        play.by("asha", "select * from app.request_refund(%s, array[%s], 'fan')", booking, parking)


def test_a_published_layout_cannot_be_emptied_into_another(play):
    layout = play.ask(
        "insert into layout (stadium_id, version) values (%s, 2) returning id", play.stage.stadiums["moor"]
    )[0]["id"]
    for statement in (
        f"update seat set layout_id = {layout}",
        "update seat set number = 'X'",
        "delete from seat",
        f"update stand set layout_id = {layout}",
        "delete from stand",
    ):
        with pytest.raises(psycopg2.Error, match="published and immutable"), trying(play.cursor):
            play.cursor.execute(statement)
    play.cursor.execute("insert into stand (layout_id, code, name, position) values (%s, 'N', 'New', 1)", (layout,))
    play.cursor.execute("update stand set name = 'North' where layout_id = %s", (layout,))
    play.cursor.execute("delete from stand where layout_id = %s", (layout,))
    assert play.cursor.rowcount == 1


def test_a_visitors_hold_joins_the_fans_own_at_sign_in(play, held):
    event, seats = play.stage.events["wharf"], play.stage.seats["wharf"]
    theirs = play.by("visitor", "select * from app.hold_seats(%s, %s)", event, seats[13:15])[0]
    play.by(
        "visitor",
        "select * from app.start_session(%s, %s, 'new', %s, '', '')",
        play.stage.people["asha"],
        stages.password_of("asha"),
        stages.session_of("visitor"),
    )
    assert play.value("select count(*) from seat_claim where booking_id = %s", held["booking_id"]) == 4
    assert play.value("select total from booking where id = %s", held["booking_id"]) == held["total"] + theirs["total"]
    assert play.value("select state from booking where id = %s", theirs["booking_id"]) == "released"
    assert play.value("select total from booking where id = %s", theirs["booking_id"]) == 0


def test_a_visitors_hold_beyond_the_limit_is_released_at_sign_in(play, held):
    event, seats = play.stage.events["wharf"], play.stage.seats["wharf"]
    theirs = play.by("visitor", "select * from app.hold_seats(%s, %s)", event, seats[13:20])[0]
    released = play.by(
        "visitor",
        "select released from app.start_session(%s, %s, 'new', %s, '', '')",
        play.stage.people["asha"],
        stages.password_of("asha"),
        stages.session_of("visitor"),
    )
    assert released == [{"released": 1}]
    assert play.value("select count(*) from seat_claim where booking_id = %s", theirs["booking_id"]) == 0
    assert play.value("select count(*) from seat_claim where booking_id = %s", held["booking_id"]) == 2


def test_found_tickets_go_to_the_address_they_were_bought_with(play):
    """Equal keys need not be one mailbox: somebody else may own the address with the tag."""
    play.by("visitor", "select app.find_tickets('guest+other@example.org', 'guest@example.org')")
    mails = play.worker(
        "select recipient, payload -> 'bookings' as bookings from notification where template = 'find_tickets' "
        "order by id desc limit 1"
    )
    assert mails == [
        {
            "recipient": "guest@example.org",
            "bookings": [play.stage.bookings["guest moor"], play.stage.bookings["guest"]],
        }
    ]
    before = play.value("select count(*) from notification")
    play.by("visitor", "select app.find_tickets('nobody@example.org', 'nobody@example.org')")
    assert play.value("select count(*) from notification") == before


def test_a_draft_is_not_put_on_sale_by_resuming_its_sale(play):
    with pytest.raises(psycopg2.Error, match="EVENT_DRAFT"):
        play.by("omar", "select app.set_sale_state(%s, 'on_sale')", play.stage.drafts["lanternside"])


def test_the_web_role_draws_no_number_of_its_own(play):
    play.by("asha", "select last_value from seat_version")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        play.by("asha", "select nextval('seat_version')")
