"""Trying stolen cards: three intents an order, five declined cards an hour for a person and a card, more for an address
with good payments; then a pause, told with its end.
"""

import pytest

from booking import payments, recovery, settlement
from stripe_integration import event_of
from tests.booking.test_fair_holds import came_from
from tests.support.page import Browser
from tests.support.selling import hold, paid_booking, start_payment

DECLINED = "4000000000000002"
OTHERS = ("4000000000009995", "4000000000009987", "4000000000009979", "4000000000000069")


@pytest.fixture
def held(as_asha, ground):
    return hold(as_asha, ground.event, ground.ids("A1", "A2"))


def begin(browser, held, **contact):
    return browser.api("POST", "/api/create-booking-payment", {"booking_id": held["id"], **contact})


def look(browser, started):
    return browser.api("GET", f"/api/payment-status/{started['payment_intent_id']}").json


def decline(browser, sandbox, started, cards):
    """Try these cards as the pay page does: Stripe says no, and the page asks the server what the bank said."""
    for card in cards:
        sandbox.pay(started["client_secret"], card=card)
        said = look(browser, started)
    return said


def earlier(rows, minutes):
    rows("update card_decline set at = at - make_interval(mins => :m)", m=minutes)


def stop(app, rows):
    with app.app_context():
        assert payments.expire(rows.value("select max(id) from payment_transaction"), keep=True)


def test_five_declined_cards_pause_a_person_and_end_the_intent(app, as_asha, held, ground, rows, sandbox):
    started = start_payment(as_asha, held["id"])
    said = decline(as_asha, sandbox, started, OTHERS)
    assert said["state"] == "open" and "Try another card" in said["error"]
    said = decline(as_asha, sandbox, started, [DECLINED])
    assert said["state"] == "open" and "It goes on in sixty minutes" in said["error"]
    # The browser still has the intent's secret: at Stripe it opens nothing any more.
    assert sandbox.stripe_client().v1.payment_intents.retrieve(started["payment_intent_id"]).status == "canceled"
    assert sandbox.pay(started["client_secret"])[0] == 400
    answer = begin(as_asha, held)
    assert answer.status == 429 and answer.json["error"]["code"] == "CARDS_PAUSED"
    assert answer.json["error"]["minutes"] == 60 and answer.json["error"]["until"] > held["server_time"]
    # The seats stay held, and the page says when it goes on.
    assert rows.value("select count(*) from seat_claim where state = 'held'") == 2
    page = as_asha.get(f"/bookings/{held['id']}/pay")
    assert "Paying rests for a while" in page.text and "sixty minutes" in page.text
    # Neither a new order nor another device of the same person is a way around it.
    assert as_asha.api("DELETE", f"/api/holds/{held['id']}").status == 200
    again = hold(as_asha, ground.event, ground.ids("A3"))
    assert begin(as_asha, again).status == 429
    earlier(rows, 59)
    assert begin(as_asha, again).json["error"]["minutes"] == 1
    earlier(rows, 1)
    assert begin(as_asha, again).status == 200


@pytest.mark.parametrize("how", [{"wallet": "google_pay"}, {"kind": "link"}], ids=["wallet", "link"])
def test_declined_wallets_pause_like_cards_that_are_typed(as_asha, held, rows, sandbox, how):
    sandbox.offer("link", "google_pay")
    started = start_payment(as_asha, held["id"])
    for card in (*OTHERS, DECLINED):
        assert sandbox.pay(started["client_secret"], card=card, **how)[0] == 402
        said = look(as_asha, started)
    assert "It goes on in sixty minutes" in said["error"]
    assert sandbox.pay(started["client_secret"])[0] == 400 and begin(as_asha, held).status == 429


def test_a_payment_stopped_on_a_page_of_its_own_is_no_declined_card(as_asha, held, rows, sandbox):
    sandbox.offer("klarna")
    started = start_payment(as_asha, held["id"])
    assert sandbox.pay(started["client_secret"], kind="klarna")[1]["next_action"]["type"] == "redirect_to_url"
    sandbox.authenticate(started["payment_intent_id"], approve=False)
    assert "stopped or refused on the page" in look(as_asha, started)["error"]
    assert [event_of(sent["event"]).declined for sent in sandbox.events()] == [None] * len(sandbox.events())
    assert rows.value("select count(*) from card_decline") == 0
    assert sandbox.pay(started["client_secret"])[0] == 200 and look(as_asha, started)["state"] == "paid"


def test_a_card_is_known_again_by_whoever_tries_it(app, visitor, ground, rows, sandbox):
    for n in range(5):
        browser = came_from(Browser(app), f"203.0.113.{n}")
        mine = hold(browser, ground.event, ground.ids(f"A{n + 1}"))
        started = start_payment(browser, mine["id"], name="N", email=f"n{n}@example.org")
        decline(browser, sandbox, started, [DECLINED])
    assert begin(browser, mine).json["error"]["code"] == "CARDS_PAUSED"
    assert "SandboxPrint" not in str(rows("select * from card_decline"))
    assert rows.value("select count(distinct card_key) from card_decline") == 1
    # Somebody new, from elsewhere, with that card: one try. With another card they pay.
    came_from(visitor, "203.0.113.99")
    mine = hold(visitor, ground.event, ground.ids("B1"))
    started = start_payment(visitor, mine["id"], name="Mia", email="mia@example.org")
    assert "It goes on in" in decline(visitor, sandbox, started, [DECLINED])["error"]
    honest = came_from(Browser(app), "203.0.113.98")
    mine = hold(honest, ground.event, ground.ids("B2"))
    started = start_payment(honest, mine["id"], name="Bo", email="bo@example.org")
    decline(honest, sandbox, started, [OTHERS[0]])
    sandbox.pay(started["client_secret"])
    assert look(honest, started)["state"] == "paid"


def test_an_address_may_have_ten_and_one_more_for_each_good_payment(app, cast, ground, rows, sandbox):
    def somebody():
        return came_from(Browser(app), "198.51.100.7")

    def declined(n):
        rows(
            """insert into card_decline (id, customer_id, address_key, card_key)
               select 'ch_' || gen_random_uuid(), :c, (select address_key from booking_address limit 1), null
                 from generate_series(1, :n)""",
            c=cast.ids["ben"],
            n=n,
        )

    paid_booking(somebody(), ground, ["A1"], sandbox, name="Mia", email="mia@example.org")
    known = somebody()
    paid_booking(known, ground, ["A2"], sandbox, name="Bo", email="bo@example.org")
    declined(11)  # a crowd behind one address: ten and two
    new = somebody()
    mine = hold(new, ground.event, ground.ids("A3"))
    assert begin(new, mine, name="Ada", email="ada@example.org").status == 200
    declined(1)
    other = somebody()
    theirs = hold(other, ground.event, ground.ids("A4"))
    assert begin(other, theirs, name="Eve", email="eve@example.org").json["error"]["code"] == "CARDS_PAUSED"
    # Whoever has paid before is not paused by the others, nor is anybody elsewhere.
    assert begin(known, hold(known, ground.event, ground.ids("A5"))).status == 200
    assert begin(came_from(other, "198.51.100.8"), theirs, name="Eve", email="eve@example.org").status == 200


def test_a_free_order_needs_no_card_and_is_not_paused(as_asha, cast, ground, rows):
    rows("update event_price set face = 0 where event_id = :e", e=ground.event)
    rows("insert into card_decline (id, customer_id) select 'ch_' || n, :c from generate_series(1, 5) n",
         c=cast.ids["asha"])  # fmt: skip
    mine = hold(as_asha, ground.event, ground.ids("A1"))
    assert mine["total"] == 0 and begin(as_asha, mine).status == 200


def test_an_order_has_three_intents(app, as_asha, held, ground, rows, sandbox):
    for _ in range(3):
        assert begin(as_asha, held).status == 200
        assert begin(as_asha, held).status == 200  # the same one goes on
        stop(app, rows)
    answer = begin(as_asha, held)
    assert answer.status == 409 and answer.json["error"]["code"] == "PAYMENT_TRIES"
    assert "five minutes later" in answer.json["error"]["message"]
    # The same seats given back and taken again are the same order; after the rest it is a new one.
    assert as_asha.api("DELETE", f"/api/holds/{held['id']}").status == 200
    again = hold(as_asha, ground.event, ground.ids("A1"))
    assert begin(as_asha, again).status == 409
    assert as_asha.api("DELETE", f"/api/holds/{again['id']}").status == 200
    rows("update booking set closed_at = closed_at - interval '5 minutes'")
    assert begin(as_asha, hold(as_asha, ground.event, ground.ids("A1"))).status == 200
    assert rows.value("select count(*) from payment_transaction") == 4


def test_merged_holds_share_their_intents(app, as_asha, held, ground, rows, sandbox):
    for seat in ("B1", "B2", "B3"):
        assert begin(as_asha, {"id": rows.value("select id from booking where state = 'held'")}).status == 200
        hold(as_asha, ground.event, ground.ids(seat))
        stop(app, rows)
    last = {"id": rows.value("select id from booking where state = 'held'")}
    assert begin(as_asha, last).json["error"]["code"] == "PAYMENT_TRIES"


@pytest.mark.parametrize(
    "order", [("charge.failed", "payment_intent.payment_failed"), ("payment_intent.payment_failed",) * 2]
)
def test_webhooks_count_each_decline_once(app, as_asha, held, rows, sandbox, order):
    from tests.booking.test_payments import events_of, post_webhook

    sandbox.webhooks("hold")
    started = start_payment(as_asha, held["id"])
    for card in OTHERS[:3]:
        sandbox.pay(started["client_secret"], card=card)
    events = events_of(sandbox)
    for kind in order:
        for event in events:
            if event["type"] == kind:
                assert post_webhook(app, sandbox, event).status_code == 200
    found = rows("select card_key, address_key from card_decline")
    assert len(found) == 3 and len({row["card_key"] for row in found}) == 3
    assert None not in {row["address_key"] for row in found}


def test_a_bank_that_could_not_check_counts_too(app, as_asha, held, rows, sandbox):
    from tests.booking.test_payments import events_of, post_webhook

    sandbox.webhooks("hold")
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"], card="4000002500003155")
    sandbox.authenticate(started["payment_intent_id"], approve=False)
    for event in events_of(sandbox):
        if event["type"] == "payment_intent.payment_failed":
            post_webhook(app, sandbox, event), post_webhook(app, sandbox, event)
    assert rows.value("select count(*) from card_decline where card_key is not null") == 1


def test_a_lost_webhook_is_found_by_the_reconciler(app, as_asha, held, rows, sandbox):
    started = start_payment(as_asha, held["id"])
    for card in (*OTHERS, DECLINED):
        sandbox.pay(started["client_secret"], card=card)
        with app.app_context():
            recovery.reconcile()
    assert sandbox.stripe_client().v1.payment_intents.retrieve(started["payment_intent_id"]).status == "canceled"
    assert begin(as_asha, held).status == 429
    with app.app_context():
        assert settlement.settle(started["payment_intent_id"]) == "closed"
