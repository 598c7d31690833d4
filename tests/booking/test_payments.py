"""Money that always ends right: attempts, the sweeper, late and lost payments, webhooks in every order, refunds,
disputes.
"""

import hashlib
import hmac
import itertools
import json
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from booking import payments, recovery, refunds, settlement
from extensions import db
from messages import outbox
from refusals import Refused
from stripe_integration import Unavailable, payment_processor
from tests.support.acting import acting_as
from tests.support.selling import hold, paid_booking, start_payment


@pytest.fixture
def held(as_asha, ground):
    return hold(as_asha, ground.event, ground.ids("A1", "A2"))


def state(rows, booking):
    return rows.one(
        """select b.state as booking,
                  (select string_agg(p.state, ',' order by p.id) from payment_transaction p
                    where p.booking_id = b.id) as payment,
                  (select count(*) from seat_claim c where c.booking_id = b.id and c.state = 'sold') as sold,
                  (select count(*) from ticket t where t.booking_id = b.id and t.status <> 'void') as tickets,
                  (select count(*) from qr_code q where q.booking_id = b.id) as codes,
                  (select coalesce(sum(amount), 0) from refund r where r.booking_id = b.id) as refunded
             from booking b where b.id = :id""",
        id=booking,
    )


def past_its_time(rows, booking):
    """Move a booking's end an hour back."""
    rows(
        "update booking set expires_at = now() - interval '1 hour', held_at = now() - interval '2 hours' "
        "where id = :id",
        id=booking,
    )
    rows(
        "update seat_claim set expires_at = now() - interval '55 minutes' "
        "where booking_id = :id and expires_at is not null",
        id=booking,
    )
    rows(
        "update parking_claim set expires_at = now() - interval '55 minutes' "
        "where booking_id = :id and expires_at is not null",
        id=booking,
    )


def test_a_paid_booking_has_all_its_tickets(as_asha, ground, rows, sandbox):
    sold = paid_booking(as_asha, ground, ["A1", "A2"], sandbox)
    assert dict(state(rows, sold["id"])) == {
        "booking": "paid",
        "payment": "succeeded",
        "sold": 2,
        "tickets": 2,
        "codes": 2,
        "refunded": 0,
    }
    assert [x["kind"] for x in sandbox.ledger()] == ["captured"]
    assert sandbox.ledger()[0]["amount"] == sold["total"]


def test_asking_twice_gives_the_same_intent(as_asha, held, sandbox):
    first, second = start_payment(as_asha, held["id"]), start_payment(as_asha, held["id"])
    assert first == second


def test_the_amount_is_ours_and_not_the_browsers(as_asha, held, sandbox):
    answer = as_asha.api("POST", "/api/create-booking-payment", {"booking_id": held["id"], "amount": 1, "total": 1})
    assert answer.json["amount"] == held["total"] == 2 * (4800 + 240 + 250)


def test_seats_being_paid_are_taken_by_nobody_even_past_the_deadline(as_asha, as_ben, ground, held, rows):
    start_payment(as_asha, held["id"])
    past_its_time(rows, held["id"])
    answer = as_ben.api("POST", f"/api/events/{ground.event}/hold", {"seat_ids": ground.ids("A1")})
    assert answer.status == 409 and answer.json["error"]["code"] == "SEATS_TAKEN"


def test_the_sweeper_cancels_at_stripe_before_it_frees(app, as_asha, as_ben, ground, held, rows, sandbox):
    started = start_payment(as_asha, held["id"])
    past_its_time(rows, held["id"])
    with app.app_context():
        assert recovery.sweep() == {"expired": 0, "released": 1, "waiting": 0}
    assert sandbox.stripe_client().v1.payment_intents.retrieve(started["payment_intent_id"]).status == "canceled"
    assert state(rows, held["id"])["booking"] == "expired"
    hold(as_ben, ground.event, ground.ids("A1", "A2"))


def test_while_stripe_is_away_the_seats_stay_and_it_alarms(app, as_asha, as_ben, ground, held, rows, sandbox):
    start_payment(as_asha, held["id"])
    past_its_time(rows, held["id"])
    sandbox.faults({"kind": "error_before", "match": "* /v1/payment_intents*"})
    with app.app_context():
        assert recovery.sweep() == {"expired": 0, "released": 0, "waiting": 1}
    assert state(rows, held["id"])["booking"] == "paying"
    sandbox.clear_faults()
    with app.app_context():
        assert recovery.sweep()["released"] == 1


def test_the_sweeper_fulfils_what_was_paid_at_the_last_moment(app, as_asha, held, rows, sandbox):
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    past_its_time(rows, held["id"])
    with app.app_context():
        recovery.sweep()
    assert state(rows, held["id"])["booking"] == "paid" and state(rows, held["id"])["tickets"] == 2


def test_an_intent_whose_answer_was_lost_is_found_and_cancelled(app, as_asha, held, rows, sandbox):
    """Stripe made it, replays 500 for its key, and we never learnt its id: still nothing can be paid after the seats
    are free.
    """
    sandbox.faults(
        {"kind": "error_after", "match": "POST /v1/payment_intents"},
        {"kind": "error_before", "match": "GET /v1/payment_intents"},
    )
    answer = as_asha.api("POST", "/api/create-booking-payment", {"booking_id": held["id"]})
    assert answer.status == 503 and answer.json["error"]["code"] == "PROVIDER_UNAVAILABLE"
    assert state(rows, held["id"])["booking"] == "paying"
    sandbox.clear_faults()
    past_its_time(rows, held["id"])
    with app.app_context():
        assert recovery.sweep()["released"] == 1
    intents = list(sandbox.stripe_client().v1.payment_intents.list().data)
    assert [x.status for x in intents] == ["canceled"]


def test_after_a_lost_answer_the_fan_goes_on_with_the_same_intent(as_asha, held, sandbox):
    sandbox.faults({"kind": "error_after", "match": "POST /v1/payment_intents", "times": 1})
    started = start_payment(as_asha, held["id"])
    assert [x.id for x in sandbox.stripe_client().v1.payment_intents.list().data] == [started["payment_intent_id"]]


def test_money_for_seats_that_are_gone_is_given_back_and_told(app, as_asha, as_ben, ground, held, rows, sandbox):
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    rows(
        "delete from seat_claim where booking_id = :b and seat_id = :s", b=held["id"], s=ground.seats["A2"]
    )  # the wall is taken away
    hold(as_ben, ground.event, ground.ids("A2"))
    with app.app_context():
        assert settlement.settle(started["payment_intent_id"]) == "lost"
        assert settlement.settle(started["payment_intent_id"]) == "lost"
    assert dict(state(rows, held["id"])) == {
        "booking": "lost", "payment": "succeeded", "sold": 0, "tickets": 0, "codes": 0, "refunded": held["total"],
    }  # fmt: skip
    assert sorted(x["kind"] for x in sandbox.ledger()) == ["captured", "refunded"]
    assert rows.value("select count(*) from notification where template = 'seats_lost'") == 1
    hold(as_ben, ground.event, ground.ids("A1"))  # the rest is free again


def test_freed_seats_that_nobody_took_are_still_sold_to_who_paid(app, as_asha, held, rows, sandbox):
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    rows("delete from seat_claim where booking_id = :b", b=held["id"])
    with app.app_context():
        assert settlement.settle(started["payment_intent_id"]) == "fulfilled"
    assert state(rows, held["id"])["tickets"] == 2


def test_a_wrong_amount_is_refused_and_given_back(app, as_asha, held, rows, sandbox, engine):
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    rows("alter table payment_transaction disable trigger forward_only")
    rows("update payment_transaction set amount = amount + 1")
    rows("alter table payment_transaction enable trigger forward_only")
    with app.app_context():
        assert settlement.settle(started["payment_intent_id"]) == "lost"
    assert rows.one("select reason, amount from refund") == {"reason": "amount_mismatch", "amount": held["total"]}


def test_a_payment_moves_forward_only(as_asha, ground, rows, sandbox):
    paid_booking(as_asha, ground, ["A1"], sandbox)
    for to in ("created", "processing", "canceled", "failed"):
        with pytest.raises(Exception, match="cannot go from succeeded"):
            rows("update payment_transaction set state = :s, settled_at = null", s=to)


def test_a_second_tab_sees_that_it_is_paid(as_asha, ground, rows, sandbox):
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    answer = as_asha.api("POST", "/api/create-booking-payment", {"booking_id": sold["id"]})
    assert answer.status == 409 and answer.json["error"]["code"] == "ALREADY_PAID"


def test_the_status_is_for_its_owner_only(as_asha, as_ben, as_omar, as_petra, visitor, ground, sandbox):
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    path = f"/api/payment-status/{sold['intent']}"
    assert as_asha.api("GET", path).json["state"] == "paid"
    assert [b.api("GET", path).status for b in (as_ben, as_omar, as_petra, visitor)] == [404] * 4


def test_staff_neither_see_nor_stop_a_fans_payment(as_asha, as_omar, held, rows):
    start_payment(as_asha, held["id"])
    assert as_omar.get(f"/bookings/{held['id']}/pay").status == 404
    assert as_omar.get(f"/bookings/{held['id']}/return").status == 404
    assert as_omar.post(f"/holds/{held['id']}/stop-payment").status == 404
    assert state(rows, held["id"])["booking"] == "paying"


def test_a_declined_card_keeps_the_seats_and_says_why(as_asha, held, rows, sandbox):
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"], card="4000000000009995")
    answer = as_asha.api("GET", f"/api/payment-status/{started['payment_intent_id']}")
    assert answer.json["state"] == "open" and "not enough money" in answer.json["error"]
    sandbox.pay(started["client_secret"])
    assert as_asha.api("GET", f"/api/payment-status/{started['payment_intent_id']}").json["state"] == "paid"


def test_stopping_a_payment_keeps_the_seats_held(app, as_asha, as_ben, ground, held, rows, sandbox):
    started = start_payment(as_asha, held["id"])
    with app.app_context():
        assert payments.expire(rows.value("select id from payment_transaction"), keep=True)
    assert state(rows, held["id"])["booking"] == "held"
    assert sandbox.stripe_client().v1.payment_intents.retrieve(started["payment_intent_id"]).status == "canceled"
    again = start_payment(as_asha, held["id"])
    assert again["payment_intent_id"] != started["payment_intent_id"]


def test_a_cancelled_events_payment_is_given_back(app, as_asha, ground, held, rows, sandbox):
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    rows("update event set state = 'cancelled', cancelled_at = now() where id = :e", e=ground.event)
    with app.app_context():
        assert settlement.settle(started["payment_intent_id"]) == "lost"
    assert rows.value("select reason from refund") == "event_cancelled"


def test_an_e_mail_has_the_buyer_limit_too(app, cast, ground, rows, sandbox):
    """Two browsers with one address: the second cannot pay beyond the limit."""
    from tests.support.page import Browser

    rows("update event set buyer_limit = 3")
    first, second = Browser(app), Browser(app)
    paid_booking(first, ground, ["A1", "A2"], sandbox, name="Guest One", email="same.person+a@gmail.com")
    held = hold(second, ground.event, ground.ids("A3", "A4"))
    answer = second.api(
        "POST",
        "/api/create-booking-payment",
        {"booking_id": held["id"], "name": "Guest One", "email": "sameperson@gmail.com"},
    )
    assert answer.status == 409 and answer.json["error"]["code"] == "TOO_MANY_SEATS"
    assert state(rows, held["id"])["booking"] == "held"


def guests_attempt(app, ground, seats, email, name="Guest"):
    """(browser, hold, answer) of somebody without an account who begins to pay with this address."""
    from tests.support.page import Browser

    browser = Browser(app)
    held = hold(browser, ground.event, ground.ids(*seats))
    asked = {"booking_id": held["id"], "name": name, "email": email}
    return browser, held, browser.api("POST", "/api/create-booking-payment", asked)


@pytest.mark.parametrize("typed", ["asha@example.org", "Asha@Example.org", "asha+x@example.org"])
def test_an_address_that_a_stranger_typed_does_not_count_for_its_owner(app, as_asha, ground, rows, sandbox, typed):
    """Unpaid attempts with her address, as many as the limit: she buys all the same, with her account or as a guest."""
    rows("update event set buyer_limit = 2")
    assert guests_attempt(app, ground, ["A1", "A2"], typed)[2].status == 200
    assert guests_attempt(app, ground, ["A3", "A4"], typed)[2].status == 200
    assert guests_attempt(app, ground, ["A5", "A6"], "asha@example.org", "Asha")[2].status == 200
    paid_booking(as_asha, ground, ["B1", "B2"], sandbox)
    assert rows.value("select count(*) from ticket") == 2


def test_the_limit_of_an_address_is_judged_where_the_money_settles(app, ground, rows, sandbox):
    """Two orders with one address are paid at once: the second one's money goes back, whole, and both are told."""
    rows("update event set buyer_limit = 3")
    one, first, began = guests_attempt(app, ground, ["A1", "A2"], "mia.rao@gmail.com")
    two, second, also = guests_attempt(app, ground, ["A3", "A4"], "miarao+more@gmail.com")
    for answer in (began, also):
        assert sandbox.pay(answer.json["client_secret"])[0] == 200
    assert one.get(f"/bookings/{first['id']}/payment").json["state"] == "paid"
    assert two.get(f"/bookings/{second['id']}/payment").json["state"] == "lost"
    assert state(rows, second["id"]) == {
        "booking": "lost", "payment": "succeeded", "sold": 0, "tickets": 0, "codes": 0, "refunded": second["total"],
    }  # fmt: skip
    assert rows.one("select reason, state from refund") == {"reason": "over_limit", "state": "succeeded"}
    assert [x["kind"] for x in sandbox.ledger()] == ["captured", "captured", "refunded"]
    page = two.get(f"/bookings/{second['id']}/return")
    assert "One buyer can have 3 seats and two parking bays for this match" in page.text and "stays yours" in page.text
    assert rows.value("select payload ->> 'reason' from notification where template = 'seats_lost'") == "over_limit"
    with app.app_context():
        outbox.send_due()
    (told,) = (m for m in sandbox.mail("miarao+more@gmail.com") if m["subject"].startswith("Your money"))
    assert "One buyer can have 3 seats" in told["text"] and "gone" not in told["text"]
    assert hold(one, ground.event, ground.ids("A3"))  # free again, and one more is still within the limit


def test_an_account_has_the_limit_whatever_address_it_types(app, as_asha, cast, ground, rows, sandbox):
    """A payment that began as a guest's and came along at sign-in is judged with what the account has."""
    rows("update event set buyer_limit = 2")
    guest, held, began = guests_attempt(app, ground, ["A3", "A4"], "another@example.org")
    paid_booking(as_asha, ground, ["A1"], sandbox)
    rows("update booking set customer_id = :c where id = :b", c=cast.ids["asha"], b=held["id"])
    sandbox.pay(began.json["client_secret"])
    with app.app_context():
        assert settlement.settle(began.json["payment_intent_id"]) == "lost"
    assert rows.value("select reason from refund") == "over_limit"


# --- webhooks -------------------------------------------------------------------------------------------------------


def post_webhook(app, sandbox, event, secret=None, **changes):
    """Deliver an event as Stripe does: raw bytes with a signature over them."""
    body = json.dumps(event).encode()
    stamp = int(changes.get("at", time.time()))
    signature = hmac.new(
        (secret or app.config["SETTINGS"].stripe_webhook_secret).encode(), b"%d." % stamp + body, hashlib.sha256
    ).hexdigest()
    body = changes.get("body", body)
    return app.test_client().post(
        "/api/stripe-webhook",
        data=body,
        headers={"Stripe-Signature": f"t={stamp},v1={signature}"},
        content_type="application/json",
    )


def events_of(sandbox, *kinds):
    return [e for e in (x.get("event", x) for x in sandbox.events()) if not kinds or e["type"] in kinds]


def test_a_webhook_alone_issues_the_tickets(app, as_asha, held, rows, sandbox):
    sandbox.webhooks("hold")
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    for event in events_of(sandbox):
        assert post_webhook(app, sandbox, event).status_code == 200
    assert state(rows, held["id"])["booking"] == "paid"
    assert rows.value("select count(*) from payment_event where handled_at is not null") == len(events_of(sandbox))


def test_unsigned_altered_old_early_and_foreign_webhooks_change_nothing(app, as_asha, held, rows, sandbox):
    sandbox.webhooks("hold")
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    event = events_of(sandbox, "payment_intent.succeeded")[0]
    rng = random.Random(7)
    bodies = []
    for _ in range(200):
        body = bytearray(json.dumps(event).encode())
        body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
        bodies.append(bytes(body))
    answers = [post_webhook(app, sandbox, event, body=body).status_code for body in bodies]
    answers += [post_webhook(app, sandbox, event, secret="whsec_other").status_code]
    answers += [post_webhook(app, sandbox, event, at=1_000_000).status_code]
    answers += [post_webhook(app, sandbox, event, at=time.time() + ahead).status_code for ahead in (400, 7200, 10**12)]
    answers += [post_webhook(app, sandbox, {**event, "livemode": True}).status_code]
    answers += [app.test_client().post("/api/stripe-webhook", data=json.dumps(event)).status_code]
    assert set(answers) == {400}
    assert rows.value("select count(*) from payment_event") == 0 and state(rows, held["id"])["booking"] == "paying"


def test_when_the_database_is_away_the_webhook_asks_for_another_try(app, sandbox):
    thing = {"object": "payment_intent", "id": "pi_x"}
    event = {
        "id": "evt_x",
        "object": "event",
        "type": "payment_intent.succeeded",
        "livemode": False,
        "data": {"object": thing},
    }
    with app.app_context():
        engines = db.engines
        real, engines["worker"] = engines["worker"], create_engine("postgresql+psycopg2://nobody:x@127.0.0.1:9/none")
    try:
        assert post_webhook(app, sandbox, event).status_code == 500
    finally:
        with app.app_context():
            db.engines["worker"] = real
    answer = post_webhook(app, sandbox, event)
    assert (answer.status_code, answer.get_json()["outcome"]) == (200, "no such object")


def test_every_order_doubling_and_loss_of_webhooks_ends_in_one_state(app, as_asha, ground, rows, sandbox):
    """All events of a booking's life, in any order, any of them doubled or lost, with or without its tab asking: one
    state.
    """
    sandbox.webhooks("hold")
    seats = itertools.cycle(["A1", "A2", "A3", "A4"])
    ends = set()

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def lives(data):
        rows("update event set buyer_limit = 50")
        seat = next(seats)
        (
            rows("delete from seat_claim"),
            rows("update ticket set status = 'void', void_at = now() where status <> 'void'"),
            rows("delete from card_decline"),  # each life is of another hour
        )
        held = hold(as_asha, ground.event, ground.ids(seat))
        started = start_payment(as_asha, held["id"])
        before = {e["id"] for e in events_of(sandbox)}
        if data.draw(st.booleans()):
            sandbox.pay(started["client_secret"], card="4000000000000002")
        sandbox.pay(started["client_secret"])
        mine = [
            e
            for e in events_of(sandbox)
            if e["id"] not in before or e["data"]["object"].get("id") == started["payment_intent_id"]
        ]
        for event in data.draw(st.lists(st.sampled_from(mine), max_size=12)):
            assert post_webhook(app, sandbox, event).status_code == 200
        with app.app_context():
            recovery.reconcile()
        ends.add(tuple(state(rows, held["id"]).items()))

    lives()
    assert ends == {
        (("booking", "paid"), ("payment", "succeeded"), ("sold", 1), ("tickets", 1), ("codes", 1), ("refunded", 0))
    }


def test_the_reconciler_finds_what_no_webhook_told(app, as_asha, held, rows, sandbox):
    sandbox.webhooks("hold")
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    with app.app_context():
        recovery.reconcile()
        counts = recovery.reconcile()
    assert state(rows, held["id"])["booking"] == "paid" and counts["attempts"] == 0


# --- refunds --------------------------------------------------------------------------------------------------------


def test_a_fan_gives_a_ticket_back_by_the_policy(app, as_asha, as_ben, ground, cast, rows, sandbox):
    """Until 24 hours before: the full price back, fees kept."""
    sold = paid_booking(as_asha, ground, ["A1", "A2", "A3"], sandbox)
    line = rows.value("select line_id from ticket where seat_id = :s", s=ground.seats["A2"])
    with acting_as(app, cast, "asha"):
        refunds.request(sold["id"], [line], "fan")
        with pytest.raises(Refused) as refusal:
            refunds.request(sold["id"], [line], "fan")
    assert refusal.value.code == "ALREADY_REFUNDED"
    assert rows.one("select amount, state, reason from refund") == {
        "amount": 4800,
        "state": "succeeded",
        "reason": "fan",
    }
    assert rows.value("select status from ticket where line_id = :l", l=line) == "void"
    assert rows.value("select count(*) from qr_code where revoked_at is not null") == 1
    assert sum(x["amount"] for x in sandbox.ledger() if x["kind"] == "refunded") == 4800
    hold(as_ben, ground.event, ground.ids("A2"))


def test_too_late_is_too_late(app, as_asha, ground, cast, rows, sandbox):
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    rows(
        "update event set starts_at = now() + interval '23 hours', gates_open_at = now() + interval '20 hours', "
        "ends_at = now() + interval '27 hours'"
    )
    with acting_as(app, cast, "asha"), pytest.raises(Refused, match="time for giving this back is over"):
        refunds.request(sold["id"], None, "fan")
    assert rows("select * from refund") == []


def test_the_policy_is_frozen_with_the_booking(app, as_asha, ground, cast, rows, sandbox):
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    rows("update event set refund_until_hours = null, refund_share_bp = 0")
    with acting_as(app, cast, "asha"):
        assert refunds.request(sold["id"], None, "fan").amount == 4800


def test_a_refund_whose_answer_was_lost_is_made_once(app, as_asha, ground, cast, rows, sandbox):
    sold = paid_booking(as_asha, ground, ["A1", "A2"], sandbox)
    sandbox.faults(
        {"kind": "error_after", "match": "POST /v1/refunds"}, {"kind": "error_before", "match": "GET /v1/refunds*"}
    )
    with acting_as(app, cast, "asha"):
        refunds.request(sold["id"], None, "fan")
    assert rows.value("select state from refund") == "requested"
    sandbox.clear_faults()
    rows("update refund set updated_at = now() - interval '1 hour'")
    with app.app_context():
        refunds.send_waiting()
        refunds.send_waiting()
    assert rows.value("select state from refund") == "succeeded"
    assert [x["amount"] for x in sandbox.ledger() if x["kind"] == "refunded"] == [9600]


def test_no_more_goes_back_than_came_in(as_asha, ground, rows, sandbox):
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    with pytest.raises(Exception, match="REFUND_TOO_LARGE"):
        rows(
            """insert into refund (booking_id, payment_id, amount, currency, reason, idempotency_key)
               select booking_id, id, captured + 1, currency, 'staff', 'k' from payment_transaction
                where booking_id = :b""",
            b=sold["id"],
        )


def test_a_cancelled_event_gives_every_booking_back_exactly_once(app, cast, as_asha, as_ben, ground, rows, sandbox):
    one, two = paid_booking(as_asha, ground, ["A1", "A2"], sandbox), paid_booking(as_ben, ground, ["B1"], sandbox)
    rows("update event set state = 'cancelled', cancelled_at = now() where id = :e", e=ground.event)
    with app.app_context():
        assert recovery.refund_cancelled_events() == 2
        assert recovery.refund_cancelled_events() == 0
    assert sum(x["amount"] for x in sandbox.ledger() if x["kind"] == "refunded") == one["total"] + two["total"]
    assert rows.value("select count(*) from ticket where status <> 'void'") == 0
    assert rows.value("select count(*) from notification where template = 'event_cancelled'") == 2


def test_a_dispute_marks_the_tickets_and_tells_the_office(app, as_asha, ground, rows, sandbox):
    sandbox.webhooks("hold")
    sold = paid_booking(as_asha, ground, ["A1", "A2"], sandbox)
    sandbox.dispute(sold["intent"])
    for event in events_of(sandbox, "charge.dispute.created"):
        assert post_webhook(app, sandbox, event).status_code == 200
    assert rows.value("select count(*) from ticket where status = 'disputed'") == 2
    assert rows.one("select template, recipient from notification where template = 'dispute'") == {
        "template": "dispute",
        "recipient": "office@lanternside.example",
    }


def test_the_end_of_a_dispute_told_before_its_beginning_stands(app, as_asha, ground, rows, sandbox):
    sandbox.webhooks("hold")
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    dispute = sandbox.dispute(sold["intent"])
    sandbox._control("POST", f"disputes/{dispute['id']}/close", {"status": "won"})
    told = events_of(sandbox, "charge.dispute.created", "charge.dispute.closed", "charge.dispute.updated")
    for event in reversed(told):
        assert post_webhook(app, sandbox, event).status_code == 200
    assert rows.value("select status from ticket") == "valid" and rows.value("select disputed_at from booking") is None


def test_a_refund_that_fails_later_is_seen(app, as_asha, ground, cast, rows, sandbox):
    sandbox.webhooks("hold")
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    with acting_as(app, cast, "asha"):
        refunds.request(sold["id"], None, "fan")
    refund = rows.value("select stripe_refund_id from refund")
    sandbox._control("POST", f"refunds/{refund}/fail")
    for event in events_of(sandbox, "refund.failed"):
        post_webhook(app, sandbox, event)
    assert rows.value("select state from refund") == "failed"
    assert rows.value("select count(*) from system_log where action = 'refund.failed'") == 1


def test_a_provider_that_does_not_answer_is_a_sentence_and_503(as_asha, held, sandbox):
    sandbox.faults({"kind": "error_before", "match": "* /v1/payment_intents*"})
    answer = as_asha.api("POST", "/api/create-booking-payment", {"booking_id": held["id"]})
    assert answer.status == 503 and "Nothing was charged" in answer.json["error"]["message"]
    with pytest.raises(Unavailable):
        payment_processor.get_intent("pi_x")
