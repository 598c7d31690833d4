"""What must always be true: clean on a correct stage, and red for each promise when it is broken on purpose."""

import pytest
from sqlalchemy import text

from booking import invariants

NUMBERS = [invariant.number for invariant in invariants.INVARIANTS]


def buy(connection, customer, event, seats, *, car_park=None, email="asha@example.org"):
    """Hold, begin to pay and settle as the pages do, paid in cash. Returns the booking's id."""
    values = {"c": customer, "e": event, "s": seats, "p": car_park, "m": email}
    connection.execute(text("select app.act_as(:c)"), {"c": customer})
    booking = connection.execute(text("select booking_id from app.hold_seats(:e, :s)"), values).scalar_one()
    if car_park:
        connection.execute(
            text("""select booking_id from app.hold_parking(:p, 'standard', :e, now() + interval '3 days',
                                                           now() + interval '3 days 3 hours', 'AB 12')"""),
            values,
        ).scalar_one()
    values["b"] = booking
    payment = connection.execute(
        text("select payment_id, amount from app.start_payment(:b, 'A Fan', :m, :m)"), values
    ).one()
    connection.execute(text("update payment_transaction set kind = 'cash' where id = :p"), {"p": payment.payment_id})
    outcome = connection.execute(
        text("select outcome from app.settle_payment(null, 'succeeded', :a, 'AUD', 0, null, null, null, :p)"),
        {"a": payment.amount, "p": payment.payment_id},
    ).scalar_one()
    assert outcome == "fulfilled"
    return booking


def come_in(connection, booking):
    """The first ticket of a booking is let in at a phone."""
    connection.execute(
        text("""insert into gate_device (stadium_id, event_id, name, token_hash, paired_at, expires_at)
                select stadium_id, event_id, 'Phone', 'token', now(), now() + interval '1 hour' from booking
                 where id = :b"""),
        {"b": booking},
    )
    scan = """select jsonb_build_array(jsonb_build_object('id', gen_random_uuid(), 'kind', 'entry', 'mode', 'camera',
                                                          'verdict', 'admitted', 'right', t.id,
                                                          'seq', 1, 'at', 0)) from ticket t
               where t.booking_id = :b and t.status <> 'void' order by t.seat_id limit 1"""
    verdict = connection.execute(text(f"select app.record_scans('token', ({scan}))"), {"b": booking}).scalar_one()
    assert verdict["let_in"] is True


@pytest.fixture
def stage(engine, cast, ground):
    """Asha has bought three seats and a bay and had one seat refunded; Ben holds two seats and is about to pay."""
    with engine.begin() as connection:
        booking = buy(
            connection, cast.ids["asha"], ground.event, ground.ids("A1", "A2", "A3"), car_park=ground.car_park
        )
        connection.execute(
            text("""select amount from app.request_refund(
                        :b, array[(select id from booking_line where booking_id = :b and seat_id = :s)], 'fan')"""),
            {"b": booking, "s": ground.seats["A3"]},
        ).one()
        connection.execute(text("select app.act_as(:c)"), {"c": cast.ids["ben"]})
        wanted = {"e": ground.event, "s": ground.ids("B1", "B2")}
        held = connection.execute(text("select booking_id from app.hold_seats(:e, :s)"), wanted).scalar_one()
        connection.execute(
            text("select app.start_payment(:b, 'Ben', 'ben@example.org', 'ben@example.org')"), {"b": held}
        )
        connection.execute(text("select app.seal_log()"))
        come_in(connection, booking)
    return {"paid": booking, "paying": held}


def look(connection, number):
    connection.execute(text("set local row_security = off"))
    (invariant,) = [i for i in invariants.INVARIANTS if i.number == number]
    return invariants.look(connection, invariant)


def test_a_correct_stage_is_clean_and_every_check_looks_at_rows(engine, stage):
    with engine.connect() as connection:
        results = invariants.check(connection)
    assert {r.number: r.violations for r in results} == dict.fromkeys(NUMBERS, [])
    assert all(r.looked_at > 0 for r in results), results


# Two who wait, and an offer for the one of them that has one.
WAITING = """insert into waiting_entry (id, event_id, kind, email, mailbox, link_hash, state, seats, together,
                                        created_at)
             select gen_random_uuid(), event_id, 'seats', n || '@example.org', n || '@example.org', ('l' || n)::bytea,
                    {state}, 1, true, now() - interval '1 hour' from booking, generate_series(1, 2) n
              where id = :paying order by n"""
OFFERED = """insert into waiting_offer (entry_id, booking_id, seats, offered_at, ends_at)
             select w.id, :paying, (select array_agg(seat_id) from seat_claim where booking_id = :paying),
                    now(), now() + interval '10 minutes' from waiting_entry w where w.state = 'offered'"""

PLANTS = {
    "two open admissions of a right": (
        8,
        "drop index uq_admission_one_open",
        """insert into admission (right_id, entry_no, ticket_id, stadium_id, scan_id, at)
           select right_id, 2, ticket_id, stadium_id, gen_random_uuid(), at from admission""",
    ),
    "an entry that is neither an admission nor an alarm": (8, "delete from admission"),
    "an admission that let nobody in": (8, "update scan set let_in = false"),
    "an entry on a ticket that was void": (
        9,
        "update ticket set status = 'void', void_at = '2000-01-01' where status = 'used'",
    ),
    "two live tickets for a seat": (
        1,
        "drop index uq_ticket_one_live_per_seat",
        """insert into ticket (booking_id, line_id, event_id, seat_id)
           select booking_id, -1, event_id, seat_id from ticket where status = 'valid' limit 1""",
    ),
    "a sold claim without a ticket": (
        2,
        "delete from ticket where id = (select id from ticket where status = 'valid' limit 1)",
    ),
    "a ticket without its claim": (2, "delete from seat_claim where state = 'sold'"),
    "a claim sold to somebody else": (2, "update seat_claim set booking_id = :paying where state = 'sold'"),
    "a pass without its claim": (2, "delete from parking_claim"),
    "a bay sold for another time": (2, "update parking_claim set ends_at = ends_at + interval '1 hour'"),
    "paid without a payment": (3, "delete from payment_transaction where booking_id = :paid"),
    "paid in part": (3, "update payment_transaction set captured = captured - 1 where booking_id = :paid"),
    "settled for nothing": (3, "update payment_transaction set kind = 'none' where booking_id = :paid"),
    "a missing ticket": (3, "delete from ticket where id = (select id from ticket where status = 'valid' limit 1)"),
    "a missing pass": (3, "delete from parking_pass"),
    "a void ticket that nobody refunded": (
        3,
        "update ticket set status = 'void', void_at = now() where status = 'valid'",
    ),
    "a refunded ticket that is still good": (
        3,
        "update ticket set status = 'valid', void_at = null where status = 'void'",
    ),
    "tickets of a booking that is not paid": (3, "update booking set state = 'held' where id = :paid"),
    "money for a booking that expired": (3, "update booking set state = 'expired' where id = :paid"),
    "refunded, but not all of it": (3, "update booking set state = 'refunded' where id = :paid"),
    "a total that is not the sum": (4, "update booking set face = face + 1, total = total + 1 where id = :paying"),
    "a line that changed": (
        4,
        "update booking_line set face = face + 100, total = total + 100 where booking_id = :paid",
    ),
    "an intent for another amount": (
        4,
        "update payment_transaction set amount = amount + 1 where booking_id = :paying",
    ),
    "an intent in another currency": (4, "update payment_transaction set currency = 'USD' where booking_id = :paying"),
    "a hold in another currency": (
        4,
        "update booking set currency = 'GBP' where id = :paying",
        "update payment_transaction set currency = 'GBP' where booking_id = :paying",
    ),
    "more back than came in": (5, "update payment_transaction set captured = 1 where booking_id = :paid"),
    "a refund that is not the sum of its lines": (5, "update refund set amount = amount + 1"),
    "a line refunded above its price": (
        5,
        "update refund_line set amount = 1000000",
        "update refund set amount = 1000000",
    ),
    "a refund from somebody else's payment": (5, "update refund set booking_id = :paying"),
    "a hold beyond thirty minutes": (
        6,
        "update seat_claim set state = 'held', expires_at = now() + interval '2 hours' where booking_id = :paying",
        "update booking set state = 'held' where id = :paying",
    ),
    "being paid until beyond thirty-five minutes": (
        6,
        "update seat_claim set expires_at = now() + interval '2 hours' where booking_id = :paying",
    ),
    "a hold begun anew without a rest": (
        6,
        "update seat_claim set state = 'held', expires_at = now() + interval '1 minute' where booking_id = :paying",
        "update booking set state = 'held' where id = :paying",
        """insert into booking (reference, customer_id, stadium_id, event_id, state, currency, face, fee, tax, total,
                                held_at, expires_at, closed_at, id) overriding system value
           select 'RELEASED', customer_id, stadium_id, event_id, 'released', currency, 0, 0, 0, 0,
                  held_at - interval '20 minutes', held_at, created_at, -1 from booking where id = :paying""",
    ),
    "a hold of a booking that has ended": (
        6,
        "update seat_claim set state = 'held' where booking_id = :paying",
        "update booking set state = 'released' where id = :paying",
    ),
    "being paid long past the deadline": (
        6,
        "update seat_claim set expires_at = now() - interval '6 minutes' where booking_id = :paying",
    ),
    "a bay being paid long past the deadline": (
        6,
        """update parking_claim set state = 'paying', booking_id = :paying,
                                    expires_at = now() - interval '6 minutes'""",
    ),
    "money without tickets or refund": (
        7,
        "update payment_transaction set settled_at = now() - interval '6 minutes' where booking_id = :paid",
        "update booking set state = 'lost' where id = :paid",
    ),
    "money of a lost booking refunded in part": (
        7,
        "update payment_transaction set settled_at = now() - interval '6 minutes' where booking_id = :paid",
        "update booking set state = 'lost' where id = :paid",
        "update refund set amount = (select captured - 1 from payment_transaction where booking_id = :paid)",
    ),
    "money of a lost booking whose refund failed": (
        7,
        "update payment_transaction set settled_at = now() - interval '6 minutes' where booking_id = :paid",
        "update booking set state = 'lost' where id = :paid",
        "update refund set state = 'failed', amount = (select captured from payment_transaction "
        "where booking_id = :paid)",
    ),
    "more claims than bays": (
        10,
        """insert into parking_claim (car_park_id, bay_kind, booking_id, starts_at, ends_at, plate, state)
           select car_park_id, bay_kind, booking_id, starts_at + n * interval '20 minutes', ends_at, plate, 'sold'
             from parking_claim, generate_series(1, 3) n""",
    ),
    "more passes than bays": (
        10,
        """insert into parking_pass (booking_id, line_id, car_park_id, bay_kind, starts_at, ends_at, plate)
           select booking_id, -n, car_park_id, bay_kind, starts_at, ends_at, plate
             from parking_pass, generate_series(1, 3) n""",
    ),
    "a mail that nobody sends": (11, "update notification set due_at = now() - interval '11 minutes'"),
    "a mail whose sender has died": (
        11,
        "update notification set due_at = now() - interval '20 minutes', leased_until = now() - interval '11 minutes'",
    ),
    "an audit row altered": (12, "update system_log set details = '{\"total\": 0}' where seq = 1"),
    "an audit row of another actor": (12, "update system_log set actor_id = 42 where seq = 1"),
    "an audit row taken out": (
        12,
        "delete from system_log where seq = 1 and stream = (select stream from system_log where seq = 2)",
    ),
    "an audit row altered and sealed again": (
        12,
        "update system_log set action = 'booking.free' where seq = 1 and stream = (select stream from system_log "
        "where seq = 2)",
        "update system_log l set hash = app.log_hash(l.seq, null, l) where seq = 1",
    ),
    "more seats than the limit": (14, "update event set buyer_limit = 1"),
    "more seats than the limit with one e-mail": (
        14,
        "update booking set email_key = 'same@example.org'",
        "update seat_claim set state = 'sold', expires_at = null where booking_id = :paying",
        """update event set buyer_limit = n
             from (select max(n) as n from (select count(*) as n from seat_claim group by booking_id) x) most""",
    ),
    "more bays than two": (
        14,
        """insert into parking_claim (car_park_id, bay_kind, booking_id, starts_at, ends_at, plate, state)
           select car_park_id, bay_kind, booking_id, starts_at, ends_at, plate, 'sold'
             from parking_claim, generate_series(1, 2) n""",
    ),
    "an offer that is none": (15, WAITING.format(state="'offered'")),
    "somebody in line who is passed over": (
        15,
        WAITING.format(state="case n when 1 then 'waiting' else 'offered' end"),
        OFFERED,
    ),
    "an offer without its seats": (
        15,
        WAITING.format(state="case n when 1 then 'offered' else 'waiting' end"),
        OFFERED,
        "delete from seat_claim where booking_id = :paying",
    ),
    "a seat kept for nobody": (
        15,
        "update seat_claim set state = 'kept', booking_id = null, expires_at = null where booking_id = :paying",
    ),
    "a table without row security": (13, "create table public.forgotten (id int)"),
    "a table whose row security is not forced": (13, "alter table booking no force row level security"),
}


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_violation_turns_its_check_red(engine, stage, plant):
    number, *statements = PLANTS[plant]
    with engine.connect() as connection:
        # Everything planted, dropped tables' walls too, is rolled back at the end.
        connection.execute(text("set local session_replication_role = replica"))
        for statement in statements:
            changed = connection.execute(text(statement), {k: v for k, v in stage.items() if f":{k}" in statement})
            assert changed.rowcount, "the plant changed nothing"
        result = look(connection, number)
    assert result.count > 0 and result.violations
    assert all(thing and problem for thing, problem in result.violations)


def test_every_check_has_a_planted_violation():
    assert {number for number, *_ in PLANTS.values()} == set(NUMBERS)


def test_windows_that_only_touch_do_not_overlap(engine, stage, ground):
    with engine.connect() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        connection.execute(
            text("""insert into parking_claim (car_park_id, bay_kind, booking_id, starts_at, ends_at, plate, state)
                    select car_park_id, bay_kind, booking_id, ends_at, ends_at + interval '1 hour', plate, 'sold'
                      from parking_claim, generate_series(1, 3)""")
        )
        assert look(connection, 10).count == 0


def test_a_hold_whose_time_is_over_is_counted_and_breaks_nothing(engine, cast, ground):
    with engine.begin() as connection:
        connection.execute(text("select app.act_as(:c)"), {"c": cast.ids["ben"]})
        connection.execute(text("select app.hold_seats(:e, :s)"), {"e": ground.event, "s": ground.ids("B1", "B2")})
        connection.execute(text("update seat_claim set expires_at = now() - interval '1 hour'"))
    with engine.connect() as connection:
        result = look(connection, 6)
    assert result.count == 0 and result.note == "2 held claims wait for the sweeper"


def test_many_violations_are_all_counted_and_some_shown(engine, stage, ground):
    with engine.connect() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        connection.execute(
            text("""insert into seat_claim (event_id, seat_id, booking_id, state)
                    select :e, n, :b, 'sold' from generate_series(90001, 90050) n"""),
            {"e": ground.event, "b": stage["paid"]},
        )
        result = look(connection, 2)
    assert result.count == 50 and len(result.violations) == invariants.SHOWN


def test_the_command_says_what_it_saw_and_fails_on_a_violation(app, stage, rows):
    runner = app.test_cli_runner()
    clean = runner.invoke(args=["check-invariants", "--demo"])
    assert clean.exit_code == 0, clean.output
    assert " 1 ok" in clean.output and "13 ok" in clean.output
    rows("update notification set due_at = now() - interval '11 minutes'")
    broken = runner.invoke(args=["check-invariants"])
    assert broken.exit_code == 1 and "11 BROKEN" in broken.output and "due since" in broken.output


def test_looking_at_nothing_fails_in_the_demo_only(app, engine):
    runner = app.test_cli_runner()
    assert runner.invoke(args=["check-invariants"]).exit_code == 0
    unseen = runner.invoke(args=["check-invariants", "--demo"])
    assert unseen.exit_code == 1 and "UNSEEN" in unseen.output
