"""The sandbox's Stripe through the real SDK: life cycle, cards, refunds, disputes, lists, keys and idempotency."""

import concurrent.futures
import time

import pytest
import stripe

from tests.support.sandbox_server import eventually, running_sandbox


@pytest.fixture(scope="module")
def server():
    with running_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(server):
    server.reset()
    return server


@pytest.fixture
def intents(sandbox):
    return sandbox.stripe_client().v1.payment_intents


@pytest.fixture
def refunds(sandbox):
    return sandbox.stripe_client().v1.refunds


def new_intent(intents, key=None, **fields):
    return intents.create(
        {"amount": 1000, "currency": "inr", "automatic_payment_methods": {"enabled": True}, **fields},
        {"idempotency_key": key} if key else {},
    )


def paid_intent(sandbox, intents, card="4242424242424242", **fields):
    intent = new_intent(intents, **fields)
    assert sandbox.pay(intent.client_secret, card)[0] == 200
    return intents.retrieve(intent.id)


def kinds(sandbox, intent):
    return [entry["kind"] for entry in sandbox.ledger(intent.id)]


def event_types(sandbox):
    return [each["event"]["type"] for each in sandbox.events()]


def test_an_intent_lives_from_creation_to_success(sandbox, intents):
    intent = new_intent(intents, metadata={"booking": "7"}, key="pi:7:1")
    assert intent.status == "requires_payment_method"
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    intent = intents.update(intent.id, {"payment_method": "pm_card_visa", "amount": 1200, "metadata": {"seat": "A1"}})
    assert (intent.status, intent.amount, intent.metadata.to_dict()) == (
        "requires_confirmation",
        1200,
        {"booking": "7", "seat": "A1"},
    )
    intent = intents.confirm(
        intent.id, {"return_url": "https://example.org/back", "expand": ["latest_charge.balance_transaction"]}
    )
    line = intent.latest_charge.balance_transaction
    assert (intent.status, intent.amount_received) == ("succeeded", 1200)
    assert (line.amount, line.net, line.fee) == (1200, 1200 - line.fee, 65)
    assert intent.latest_charge.outcome.type == "authorized"
    assert event_types(sandbox) == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    entry = sandbox.ledger()[0]
    assert (entry["kind"], entry["amount"], entry["currency"], entry["idempotency_key"]) == (
        "captured",
        1200,
        "inr",
        "pi:7:1",
    )
    assert entry["metadata"] == {"booking": "7", "seat": "A1"}


def test_confirming_at_creation_pays_at_once(sandbox, intents):
    intent = new_intent(
        intents, confirm=True, payment_method="pm_card_mastercard", return_url="https://example.org/back"
    )
    assert intent.status == "succeeded" and kinds(sandbox, intent) == ["captured"]


def test_confirming_needs_a_payment_method_and_a_return_url(intents):
    intent = new_intent(intents)
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        intents.confirm(intent.id, {"return_url": "https://example.org/back"})
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    with pytest.raises(stripe.InvalidRequestError, match="No such PaymentMethod"):
        intents.confirm(intent.id, {"payment_method": "pm_none", "return_url": "https://example.org/back"})
    no_redirects = intents.create(
        {"amount": 100, "currency": "inr", "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    )
    assert intents.confirm(no_redirects.id, {"payment_method": "pm_card_visa"}).status == "succeeded"


DECLINED = [
    ("4000000000000002", "pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
    ("4000000000009995", "pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("4000000000009987", "pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
    ("4000000000009979", "pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
    ("4000000000000069", "pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
    ("4000000000000119", "pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ("4000000000000341", "pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
]


@pytest.mark.parametrize(("number", "method", "code", "decline_code"), DECLINED)
def test_a_declined_card_leaves_the_intent_open_and_says_why(sandbox, intents, number, method, code, decline_code):
    intent = new_intent(intents)
    status, answer = sandbox.pay(intent.client_secret, number)
    assert (status, answer["error"]["code"], answer["error"]["decline_code"]) == (402, code, decline_code)
    assert answer["error"]["payment_intent"]["status"] == "requires_payment_method"
    with pytest.raises(stripe.CardError) as refusal:
        intents.confirm(intent.id, {"payment_method": method, "return_url": "https://example.org/back"})
    assert (refusal.value.code, refusal.value.error.decline_code, refusal.value.http_status) == (
        code,
        decline_code,
        402,
    )
    after = intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert (after.status, after.payment_method, after.last_payment_error.code) == (
        "requires_payment_method",
        None,
        code,
    )
    assert (after.latest_charge.status, after.latest_charge.outcome.reason) == ("failed", decline_code)
    assert kinds(sandbox, intent) == []
    assert event_types(sandbox)[-2:] == ["charge.failed", "payment_intent.payment_failed"]
    sandbox.pay(intent.client_secret)
    after = intents.retrieve(intent.id)
    assert (after.status, after.last_payment_error) == ("succeeded", None)


@pytest.mark.parametrize(
    "number", ["4242424242424242", "5555555555554444", "378282246310005", "4000056655665556", "6011111111111117"]
)
def test_good_cards_pay(sandbox, intents, number):
    intent = paid_intent(sandbox, intents, number)
    assert (intent.status, kinds(sandbox, intent)) == ("succeeded", ["captured"])


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"card": "4242424242424241"}, "incorrect_number"),
        ({"card": "4111111111111111"}, "card_declined"),
        ({"exp_month": 13}, "invalid_expiry_month"),
        ({"exp_year": 2020}, "invalid_expiry_year"),
        ({"cvc": "12"}, "invalid_cvc"),
    ],
)
def test_impossible_cards_are_refused(sandbox, intents, fields, code):
    intent = new_intent(intents)
    status, answer = sandbox.pay(intent.client_secret, **fields)
    assert (status, answer["error"]["type"], answer["error"]["code"]) == (402, "card_error", code)
    assert intents.retrieve(intent.id).status == "requires_payment_method"


@pytest.mark.parametrize("number", ["4000002500003155", "4000000000003220"])
def test_3d_secure_waits_for_the_cardholder(sandbox, intents, number):
    intent = new_intent(intents)
    status, answer = sandbox.pay(intent.client_secret, number)
    assert (status, answer["status"], answer["next_action"]["type"]) == (200, "requires_action", "use_stripe_sdk")
    assert kinds(sandbox, intent) == []
    path = f"/browser/challenge/{intent.id}"
    assert sandbox.request("GET", f"{path}?client_secret=wrong")[0] == 404
    assert "Confirm this payment" in sandbox.request("GET", f"{path}?client_secret={intent.client_secret}")[1]
    assert sandbox.request("POST", path, {"client_secret": "wrong", "approve": True})[0] == 400
    assert (
        sandbox.request("POST", path, {"client_secret": intent.client_secret, "approve": True})[1]["status"]
        == "succeeded"
    )
    charge = intents.retrieve(intent.id, {"expand": ["latest_charge"]}).latest_charge
    assert charge.payment_method_details.card.three_d_secure.result == "authenticated"
    assert kinds(sandbox, intent) == ["captured"]
    assert "payment_intent.requires_action" in event_types(sandbox)


def test_3d_secure_refused_or_declined_asks_for_another_card(sandbox, intents):
    intent = new_intent(intents)
    sandbox.pay(intent.client_secret, "4000000000003220")
    refused = sandbox.authenticate(intent.id, approve=False)
    assert (refused["status"], refused["last_payment_error"]["code"]) == (
        "requires_payment_method",
        "payment_intent_authentication_failure",
    )
    sandbox.pay(intent.client_secret, "4000008400001629")
    declined = sandbox.authenticate(intent.id)
    assert (declined["status"], declined["last_payment_error"]["code"]) == ("requires_payment_method", "card_declined")
    assert kinds(sandbox, intent) == []


def test_a_delayed_payment_is_processing_first(sandbox, intents):
    intent = new_intent(intents)
    sandbox.pay(intent.client_secret, "4000000000009235")
    assert intents.retrieve(intent.id).status == "processing"
    with pytest.raises(stripe.InvalidRequestError, match="cannot cancel"):
        intents.cancel(intent.id)
    assert sandbox.settle(intent.id, "failed")["status"] == "requires_payment_method"
    other = intents.confirm(
        intent.id, {"payment_method": "pm_sandbox_processing", "return_url": "https://example.org/back"}
    )
    assert other.status == "processing"
    eventually(lambda: intents.retrieve(intent.id).status == "succeeded", 5)
    assert kinds(sandbox, intent) == ["captured"]


def test_canceling_ends_an_intent_and_success_cannot_be_canceled(sandbox, intents):
    intent = new_intent(intents)
    canceled = intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned") and canceled.canceled_at
    assert kinds(sandbox, intent) == ["canceled"]
    status, answer = sandbox.pay(intent.client_secret)
    assert (status, answer["error"]["code"]) == (400, "payment_intent_unexpected_state")
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        intents.cancel(intent.id)
    paid = paid_intent(sandbox, intents)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        intents.cancel(paid.id)
    assert (
        refusal.value.code == "payment_intent_unexpected_state"
        and refusal.value.error.payment_intent.status == "succeeded"
    )
    with pytest.raises(stripe.InvalidRequestError, match="already succeeded"):
        intents.confirm(paid.id)
    with pytest.raises(stripe.InvalidRequestError, match="cannot update"):
        intents.update(paid.id, {"amount": 1})


def test_refunds_add_up_to_what_was_captured_and_no_more(sandbox, intents, refunds):
    intent = paid_intent(sandbox, intents)
    first = refunds.create(
        {"payment_intent": intent.id, "amount": 400, "metadata": {"refund": "1"}}, {"idempotency_key": "re:1"}
    )
    assert (first.status, first.charge) == ("succeeded", intent.latest_charge)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        refunds.create({"payment_intent": intent.id, "amount": 601})
    with pytest.raises(stripe.InvalidRequestError):
        refunds.create({"payment_intent": intent.id, "amount": 0})
    rest = refunds.create({"charge": intent.latest_charge})
    assert rest.amount == 600
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        refunds.create({"payment_intent": intent.id})
    assert refusal.value.code == "charge_already_refunded"
    charge = sandbox.stripe_client().v1.charges.retrieve(intent.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (1000, True)
    assert [(entry["kind"], entry["amount"], entry["idempotency_key"]) for entry in sandbox.ledger()[1:2]] == [
        ("refunded", 400, "re:1")
    ]
    assert kinds(sandbox, intent) == ["captured", "refunded", "refunded"]
    assert [refund.id for refund in refunds.list({"payment_intent": intent.id})] == [rest.id, first.id]
    assert refunds.retrieve(first.id).metadata["refund"] == "1"
    lines = sandbox.stripe_client().v1.balance_transactions.list({"type": "refund"})
    assert [line.amount for line in lines] == [-600, -400]
    assert event_types(sandbox).count("charge.refunded") == 2 and event_types(sandbox).count("refund.created") == 2


def test_an_unpaid_intent_has_nothing_to_refund(intents, refunds):
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        refunds.create({"payment_intent": new_intent(intents).id})
    with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent"):
        refunds.create({"payment_intent": "pi_none"})


def test_a_failed_refund_gives_the_money_back_to_the_merchant(sandbox, intents, refunds):
    intent = paid_intent(sandbox, intents, "4000000000005126")
    refund = refunds.create({"payment_intent": intent.id})
    assert refund.status == "succeeded"
    failed = eventually(lambda: (seen := refunds.retrieve(refund.id)).status == "failed" and seen)
    assert failed.failure_reason == "lost_or_stolen_card" and failed.failure_balance_transaction
    assert kinds(sandbox, intent) == ["captured", "refunded", "refund_failed"]
    assert "refund.failed" in event_types(sandbox)
    assert sandbox.stripe_client().v1.charges.retrieve(intent.latest_charge).amount_refunded == 0


def test_a_pending_refund_succeeds_later(sandbox, intents, refunds):
    intent = paid_intent(sandbox, intents, "4000000000007726")
    refund = refunds.create({"payment_intent": intent.id})
    assert refund.status == "pending" and kinds(sandbox, intent) == ["captured"]
    eventually(lambda: refunds.retrieve(refund.id).status == "succeeded", 5)
    assert kinds(sandbox, intent) == ["captured", "refunded"]


def test_disputes_come_by_card_and_by_hand_and_stop_refunds(sandbox, intents, refunds):
    client = sandbox.stripe_client()
    by_card = paid_intent(sandbox, intents, "4000000000000259")
    by_hand = paid_intent(sandbox, intents)
    opened = sandbox.dispute(by_hand.id, "product_not_received")
    assert [dispute.payment_intent for dispute in client.v1.disputes.list()] == [by_hand.id, by_card.id]
    assert client.v1.disputes.retrieve(opened["id"]).reason == "product_not_received"
    assert client.v1.charges.retrieve(by_card.latest_charge).disputed
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        refunds.create({"payment_intent": by_card.id})
    assert refusal.value.code == "charge_disputed"
    assert kinds(sandbox, by_card) == ["captured", "disputed"]
    sandbox._control("POST", f"disputes/{opened['id']}/close", {"status": "won"})
    assert kinds(sandbox, by_hand) == ["captured", "disputed", "dispute_won"]
    assert event_types(sandbox).count("charge.dispute.created") == 2


def test_lists_page_filter_and_expand(sandbox, intents):
    made = [new_intent(intents).id for _ in range(5)]
    assert [intent.id for intent in intents.list({"limit": 2}).auto_paging_iter()] == made[::-1]
    assert [intent.id for intent in intents.list({"starting_after": made[3], "limit": 2})] == [made[2], made[1]]
    assert [intent.id for intent in intents.list({"ending_before": made[1], "limit": 2})] == [made[3], made[2]]
    now = int(time.time())
    assert len(intents.list({"created": {"gte": now - 60, "lte": now + 60}}).data) == 5
    assert intents.list({"created": {"gt": now + 60}}).data == []
    with pytest.raises(stripe.InvalidRequestError):
        intents.list({"limit": 101})
    paid = paid_intent(sandbox, intents)
    listed = intents.list({"limit": 1, "expand": ["data.latest_charge.balance_transaction"]}).data[0]
    assert listed.id == paid.id and listed.latest_charge.balance_transaction.net > 0
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        intents.retrieve(paid.id, {"expand": ["moon"]})


def test_events_are_listed_by_type_and_delivery(sandbox, intents):
    events = sandbox.stripe_client().v1.events
    intent = paid_intent(sandbox, intents)
    succeeded = events.list({"type": "payment_intent.succeeded"}).data
    assert [event.data.object.id for event in succeeded] == [intent.id]
    assert events.retrieve(succeeded[0].id).type == "payment_intent.succeeded"
    assert len(events.list({"type": "charge.*"}).data) == 1
    both = events.list({"types": ["payment_intent.created", "charge.succeeded"]})
    assert [event.type for event in both] == ["charge.succeeded", "payment_intent.created"]
    # Without a webhook address nothing is owed, so nothing counts as undelivered.
    assert events.list({"delivery_success": False}).data == []


def test_an_event_is_a_snapshot_of_its_moment(sandbox, intents):
    paid_intent(sandbox, intents)
    created = sandbox.stripe_client().v1.events.list({"type": "payment_intent.created"}).data[0]
    assert created.data.object.status == "requires_payment_method"


@pytest.mark.parametrize("key", ["", "sk_live_1234567890", "nonsense"])
def test_only_test_keys_open_the_door(sandbox, key):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    status, answer = sandbox.request("GET", "/v1/payment_intents", headers=headers)
    assert status == 401 and answer["error"]["type"] == "invalid_request_error"


def test_a_publishable_key_sees_one_intent_with_its_secret_only(sandbox, intents):
    intent = new_intent(intents, metadata={"booking": "7"})
    browser = {"Authorization": "Bearer pk_test_x"}
    status, seen = sandbox.request(
        "GET", f"/v1/payment_intents/{intent.id}?client_secret={intent.client_secret}", headers=browser
    )
    assert status == 200 and seen["amount"] == 1000 and "metadata" not in seen
    assert sandbox.request("GET", f"/v1/payment_intents/{intent.id}", headers=browser)[0] == 400
    assert (
        sandbox.request("GET", f"/v1/payment_intents/{intent.id}?client_secret={intent.id}_secret_x", headers=browser)[
            0
        ]
        == 400
    )
    for path in ("/v1/payment_intents", "/v1/refunds", "/v1/events"):
        assert sandbox.request("GET", path, headers=browser)[0] == 401
    secret = {"Authorization": "Bearer sk_test_x", "Content-Type": "application/x-www-form-urlencoded"}
    card = "return_url=http://a.b/&payment_method_data[type]=card&payment_method_data[card][number]=4242424242424242"
    assert sandbox.request("POST", f"/v1/payment_intents/{intent.id}/confirm", card, secret)[0] == 400


def test_cors_is_for_pages_of_this_machine(sandbox):
    def allowed(origin):
        import urllib.request

        ask = urllib.request.Request(
            f"{sandbox.url}/v1/payment_intents/pi_1", method="OPTIONS", headers={"Origin": origin}
        )
        with urllib.request.urlopen(ask, timeout=5) as answer:
            return answer.headers.get("Access-Control-Allow-Origin")

    assert allowed("http://127.0.0.1:5000") == "http://127.0.0.1:5000"
    assert allowed("https://localhost:5443") == "https://localhost:5443"
    assert allowed("https://evil.example") is None


def test_the_same_key_and_parameters_replay_the_first_answer(sandbox, intents):
    first, again = new_intent(intents, key="pi:1"), new_intent(intents, key="pi:1")
    assert first.id == again.id and len(intents.list().data) == 1
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers


def test_the_same_key_with_other_parameters_is_an_error(intents):
    new_intent(intents, key="pi:1")
    with pytest.raises(stripe.IdempotencyError) as refusal:
        new_intent(intents, key="pi:1", amount=2000)
    assert refusal.value.http_status == 400


def test_a_decline_is_replayed_and_a_bad_parameter_is_not(sandbox, intents):
    intent = new_intent(intents)
    ask = {"payment_method": "pm_card_visa_chargeDeclined", "return_url": "https://example.org/back"}
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            intents.confirm(intent.id, ask, {"idempotency_key": "confirm:1"})
    assert event_types(sandbox).count("charge.failed") == 1
    with pytest.raises(stripe.InvalidRequestError):
        intents.create({"amount": 100}, {"idempotency_key": "pi:2"})
    assert intents.create({"amount": 100, "currency": "inr"}, {"idempotency_key": "pi:2"}).amount == 100


def test_two_requests_at_once_under_one_key_do_one_thing(sandbox, intents):
    sandbox.faults({"kind": "delay", "match": "POST /v1/payment_intents", "seconds": 0.5})

    def create(_):
        try:
            return new_intent(intents, key="pi:1").id
        except stripe.StripeError as failure:
            return failure.error.code

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(create, range(4)))
    assert sorted(result == "idempotency_key_in_use" for result in results) == [False, True, True, True]
    assert len(intents.list().data) == 1


def test_many_refunds_at_once_never_pass_the_charge(sandbox, intents, refunds):
    intent = paid_intent(sandbox, intents)

    def refund(_):
        try:
            return refunds.create({"payment_intent": intent.id, "amount": 300}).amount
        except stripe.InvalidRequestError:
            return 0

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(refund, range(16))) == 900
    assert sum(entry["amount"] for entry in sandbox.ledger(intent.id) if entry["kind"] == "refunded") == 900


def test_reset_forgets_everything(sandbox, intents):
    paid_intent(sandbox, intents)
    sandbox.reset()
    assert intents.list().data == [] and sandbox.ledger() == [] and sandbox.events() == [] and sandbox.mail() == []
    assert new_intent(intents, key="pi:1").id


def test_the_index_page_shows_intents_and_money(sandbox, intents):
    intent = paid_intent(sandbox, intents, description="<b>Two seats</b>")
    page = sandbox.request("GET", "/_sandbox/")[1]
    assert intent.id in page and "captured" in page and "&lt;b&gt;Two seats" in page


def test_an_unknown_address_answers_in_stripe_s_form(sandbox):
    status, answer = sandbox.request("GET", "/v1/customers", headers={"Authorization": "Bearer sk_test_x"})
    assert status == 404 and "Unrecognized request URL" in answer["error"]["message"]
