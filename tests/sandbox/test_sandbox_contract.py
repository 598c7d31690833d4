"""What the sandbox answers and accepts, held against what the providers publish: Stripe's example of each object, the
SDK's own types, and SendGrid's OpenAPI description."""

import json
import secrets
import types
import typing
from pathlib import Path

import jsonschema
import pytest
import stripe
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Attachment, Content, ContentId, Disposition, FileContent, FileName, FileType, Mail

from tests.support.sandbox_server import running_sandbox

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"
CLASSES = {
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "dispute": stripe.Dispute,
    "balance_transaction": stripe.BalanceTransaction,
    "event": stripe.Event,
}
# Answered only when expanded, since API version 2022-11-15 (https://docs.stripe.com/upgrades#2022-11-15).
ONLY_EXPANDED = {("charge", "refunds")}


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox() as server:
        yield server


@pytest.fixture(scope="module")
def examples():
    path = SPECS / "stripe.fixtures3.json"
    if not path.exists():
        pytest.skip("Stripe's published examples are not beside this checkout")
    return json.loads(path.read_text())["resources"]


@pytest.fixture(scope="module")
def mail_description():
    path = SPECS / "sendgrid.mail_v3.json"
    if not path.exists():
        pytest.skip("SendGrid's published description is not beside this checkout")
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def answered(sandbox):
    """One answered object or more of each kind, in many states, as plain JSON."""
    client = sandbox.stripe_client()
    found = {name: [] for name in CLASSES}

    def keep(item):
        found[item.object].append(json.loads(json.dumps(item.to_dict())))
        return item

    def intent(**fields):
        return client.v1.payment_intents.create(
            {"amount": 1500, "currency": "inr", "automatic_payment_methods": {"enabled": True}, **fields},
            {"idempotency_key": secrets.token_hex(8)},
        )

    fresh = keep(intent(metadata={"booking": "7"}, description="Two seats", receipt_email="a@example.org"))
    keep(client.v1.payment_intents.cancel(fresh.id, {"cancellation_reason": "abandoned"}))
    waiting = intent()
    sandbox.pay(waiting.client_secret, "4000000000003220")
    keep(client.v1.payment_intents.retrieve(waiting.id))
    sandbox.authenticate(waiting.id)
    keep(client.v1.charges.retrieve(client.v1.payment_intents.retrieve(waiting.id).latest_charge))
    slow = intent()
    sandbox.pay(slow.client_secret, "4000000000009235")
    keep(client.v1.payment_intents.retrieve(slow.id))
    declined = intent()
    sandbox.pay(declined.client_secret, "4000000000009995")
    declined = keep(client.v1.payment_intents.retrieve(declined.id))
    keep(client.v1.charges.retrieve(declined.latest_charge))
    paid = intent(metadata={"n": "2"})
    sandbox.pay(paid.client_secret)
    paid = keep(client.v1.payment_intents.retrieve(paid.id))
    keep(client.v1.charges.retrieve(paid.latest_charge, {"expand": ["refunds"]}))
    refund = keep(client.v1.refunds.create({"payment_intent": paid.id, "amount": 500}))
    client.v1.refunds.create({"payment_intent": paid.id, "reason": "requested_by_customer", "metadata": {"a": "b"}})
    sandbox._control("POST", f"refunds/{refund.id}/fail")
    keep(client.v1.refunds.retrieve(refund.id))
    sandbox.pay(intent(description="disputed").client_secret, "4000000000000259")
    for item in client.v1.disputes.list():
        keep(item)
    for item in client.v1.balance_transactions.list({"limit": 100}):
        keep(item)
    for item in client.v1.events.list({"limit": 100}):
        keep(item)
    return found


@pytest.mark.parametrize("name", CLASSES)
def test_every_object_has_the_fields_and_types_of_stripe_s_example(name, answered, examples):
    assert answered[name]
    for item in answered[name]:
        example = examples[name]
        missing = {field for field in example if field not in item and (name, field) not in ONLY_EXPANDED}
        assert missing == set()
        for field, shown in example.items():
            if name == "event" and field == "data":
                continue  # the example's is a plan; ours are held against the types of their own kind below
            ours, may_be_null = item.get(field), nullable(CLASSES[name], field)
            assert same_shape(ours, shown, may_be_null), f"{name}.{field}: {ours!r} against {shown!r}"


def same_shape(ours, example, may_be_null):
    """The same JSON type, and in every object the example's fields; null where the SDK says the field may be null."""
    if ours is None:
        return may_be_null or example is None
    if example is None:
        return True
    if isinstance(example, bool) or isinstance(ours, bool):
        return type(ours) is type(example)
    if isinstance(example, dict) and isinstance(ours, dict):
        return True  # an object's own fields are held against the SDK's class in the next test
    if isinstance(example, (int, float)) and isinstance(ours, (int, float)):
        return True
    return type(ours) is type(example)


def nullable(cls, field):
    return type(None) in typing.get_args(cls.__annotations__.get(field, type(None) | str))


@pytest.mark.parametrize("name", CLASSES)
def test_every_object_fits_the_sdk_s_own_types(name, answered):
    for item in answered[name]:
        assert list(wrong_values(item, CLASSES[name], name)) == []


def wrong_values(value, annotation, where):
    """Every place where a value is not what the annotation promises, and every field that the SDK does not know."""
    annotation = resolve(annotation)
    arms = (
        typing.get_args(annotation)
        if typing.get_origin(annotation) in (typing.Union, types.UnionType)
        else (annotation,)
    )
    complaints = []
    for arm in arms:
        found = list(wrong_for(value, resolve(arm), where))
        if not found:
            return
        complaints = complaints or found
    yield from complaints


def wrong_for(value, kind, where):
    origin = typing.get_origin(kind)
    if kind is typing.Any or kind is None or kind is type(None):
        if kind is not typing.Any and value is not None:
            yield f"{where} is {value!r}, not null"
    elif origin is typing.Literal:
        if value not in typing.get_args(kind):
            yield f"{where} is {value!r}"
    elif origin is list:
        if not isinstance(value, list):
            yield f"{where} is {value!r}, not a list"
        else:
            for number, item in enumerate(value):
                yield from wrong_values(item, typing.get_args(kind)[0], f"{where}.{number}")
    elif kind in (int, str, bool, float):
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            yield f"{where} is {value!r}, not {kind.__name__}"
    elif isinstance(kind, type) and issubclass(kind, stripe.StripeObject):
        yield from wrong_fields(value, kind, where)
    elif not isinstance(value, dict):
        yield f"{where} is {value!r}, not an object"


def wrong_fields(value, cls, where):
    if not isinstance(value, dict):
        yield f"{where} is {value!r}, not a {cls.__name__}"
        return
    fields = {
        name: kind
        for base in cls.__mro__
        for name, kind in getattr(base, "__annotations__", {}).items()
        if not name.startswith("_")
    }
    if cls is stripe.Event.Data or not fields:
        return
    for name, item in value.items():
        if name not in fields:
            yield f"{where}.{name} is not known to {cls.__name__}"
        else:
            yield from wrong_values(item, fields[name], f"{where}.{name}")


def resolve(annotation):
    """Forward references of the SDK name its own classes."""
    if isinstance(annotation, typing.ForwardRef):
        return getattr(stripe, annotation.__forward_arg__.split(".")[0], dict)
    return annotation


def test_every_event_carries_an_object_of_its_own_kind(answered):
    kinds = set()
    for event in answered["event"]:
        inner = event["data"]["object"]
        kinds.add(event["type"])
        assert list(wrong_values(inner, CLASSES[inner["object"]], event["type"])) == []
        assert event["api_version"] == stripe.api_version
    known = typing.get_args(stripe.Event.__annotations__["type"])
    assert kinds <= set(known)
    assert {
        "payment_intent.created",
        "payment_intent.requires_action",
        "payment_intent.processing",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.canceled",
        "charge.succeeded",
        "charge.failed",
        "charge.refunded",
        "charge.dispute.created",
        "refund.created",
        "refund.updated",
        "refund.failed",
    } <= kinds


def test_every_parameter_the_product_sends_is_accepted(sandbox):
    client = sandbox.stripe_client()
    intent = client.v1.payment_intents.create(
        {
            "amount": 4200,
            "currency": "gbp",
            "automatic_payment_methods": {"enabled": True},
            "metadata": {"booking_id": "12", "attempt": "1"},
            "description": "Booking CV-12",
            "receipt_email": "asha@example.org",
            "expand": ["latest_charge"],
        },
        {"idempotency_key": "pi:12:1"},
    )
    assert (
        intent.metadata["booking_id"] == "12"
        and intent.receipt_email == "asha@example.org"
        and intent.latest_charge is None
    )
    sandbox.pay(intent.client_secret)
    seen = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.balance_transaction"]})
    assert isinstance(seen.latest_charge, stripe.Charge) and isinstance(
        seen.latest_charge.balance_transaction, stripe.BalanceTransaction
    )
    refund = client.v1.refunds.create(
        {"payment_intent": intent.id, "amount": 200, "reason": "requested_by_customer", "metadata": {"refund_id": "3"}},
        {"idempotency_key": "re:3:1"},
    )
    assert (refund.amount, refund.reason, refund.metadata["refund_id"]) == (200, "requested_by_customer", "3")
    other = client.v1.payment_intents.create({"amount": 100, "currency": "gbp"})
    assert (
        client.v1.payment_intents.cancel(other.id, {"cancellation_reason": "abandoned"}).cancellation_reason
        == "abandoned"
    )


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": 100, "currency": "inr", "colour": "red"}, "parameter_unknown", "colour"),
        (
            {"amount": 100, "currency": "inr", "automatic_payment_methods": {"enabled": True, "colour": "red"}},
            "parameter_unknown",
            "automatic_payment_methods[colour]",
        ),
        ({"currency": "inr"}, "parameter_missing", "amount"),
        ({"amount": 100}, "parameter_missing", "currency"),
        ({"amount": "ten", "currency": "inr"}, "parameter_invalid_integer", "amount"),
        ({"amount": 0, "currency": "inr"}, "parameter_invalid_integer", "amount"),
        ({"amount": -5, "currency": "inr"}, "parameter_invalid_integer", "amount"),
        ({"amount": 100, "currency": "inr", "confirm": "perhaps"}, None, "confirm"),
        ({"amount": 100, "currency": "inr", "capture_method": "someday"}, None, "capture_method"),
        ({"amount": 100, "currency": "inr", "metadata": {"a": "x" * 501}}, None, "metadata[a]"),
        ({"amount": 100, "currency": "rupees"}, None, "currency"),
    ],
)
def test_other_parameters_are_refused_by_name(sandbox, params, code, param):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.stripe_client().v1.payment_intents.create(params)
    assert (refusal.value.code, refusal.value.param, refusal.value.http_status) == (code, param, 400)


def test_unknown_refund_reasons_and_cancellation_reasons_are_refused(sandbox):
    client = sandbox.stripe_client()
    intent = client.v1.payment_intents.create({"amount": 100, "currency": "inr"})
    for ask in (
        lambda: client.v1.refunds.create({"payment_intent": intent.id, "reason": "boredom"}),
        lambda: client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "boredom"}),
    ):
        with pytest.raises(stripe.InvalidRequestError, match="must be one of"):
            ask()


def request_schema(description):
    """The schema of the request body with its references resolved beside it."""
    schema = description["components"]["requestBodies"]["PostMailSend"]["content"]["application/json"]["schema"]
    return {**schema, "components": description["components"]}


def sdk_mail():
    mail = Mail(
        from_email=("tickets@example.org", "CricVerse"),
        to_emails=[("asha@example.org", "Asha")],
        subject="Your tickets",
    )
    mail.content = [Content("text/plain", "Two seats"), Content("text/html", "<p>Two seats</p>")]
    mail.reply_to = "help@example.org"
    mail.attachment = [
        Attachment(
            FileContent("UERG"),
            FileName("tickets.pdf"),
            FileType("application/pdf"),
            Disposition("attachment"),
            ContentId("ticket-1"),
        )
    ]
    return mail


def whole_mail():
    return sdk_mail().get()


def without(body, *path):
    body = json.loads(json.dumps(body))
    here = body
    for part in path[:-1]:
        here = here[part]
    del here[path[-1]]
    return body


def with_value(body, value, *path):
    body = json.loads(json.dumps(body))
    here = body
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = value
    return body


BAD_MAILS = {
    "no from": without(whole_mail(), "from"),
    "no recipients": without(whole_mail(), "personalizations"),
    "no to": without(whole_mail(), "personalizations", 0, "to"),
    "an address without e-mail": with_value(whole_mail(), {"name": "Asha"}, "personalizations", 0, "to", 0),
    "a number for a subject": with_value(whole_mail(), 7, "subject"),
    "an empty subject": with_value(whole_mail(), "", "subject"),
    "content without value": without(whole_mail(), "content", 0, "value"),
    "an empty text": with_value(whole_mail(), "", "content", 0, "value"),
    "an attachment without name": without(whole_mail(), "attachments", 0, "filename"),
    "an attachment without content": without(whole_mail(), "attachments", 0, "content"),
    "an odd disposition": with_value(whole_mail(), "thrown", "attachments", 0, "disposition"),
    "eleven categories": with_value(whole_mail(), [f"c{number}" for number in range(11)], "categories"),
    "twice the same category": with_value(whole_mail(), ["a", "a"], "categories"),
    "a time that is a word": with_value(whole_mail(), "noon", "send_at"),
}


def send(sandbox, body):
    return sandbox.request("POST", "/v3/mail/send", body, {"Authorization": f"Bearer {sandbox.mail_key}"})


def test_a_mail_that_sendgrid_s_description_allows_is_accepted(sandbox, mail_description):
    jsonschema.Draft4Validator(request_schema(mail_description)).validate(whole_mail())
    assert send(sandbox, whole_mail()) == (202, None)


@pytest.mark.parametrize("name", BAD_MAILS)
def test_a_mail_that_sendgrid_s_description_forbids_is_refused_in_its_form(sandbox, mail_description, name):
    body = BAD_MAILS[name]
    assert not jsonschema.Draft4Validator(request_schema(mail_description)).is_valid(body)
    sandbox._control("DELETE", "mail")
    status, answer = send(sandbox, body)
    assert status == 400 and sandbox.mail() == []
    errors = {**mail_description["components"]["schemas"]["ErrorResponse"]}
    # `help` may be null in what SendGrid really sends; its description writes null only for `field`, and in OpenAPI's
    # own way.
    assert set(answer) == {"errors"} and answer["errors"][0]["message"]
    assert set(answer["errors"][0]) <= set(errors["properties"]["errors"]["items"]["properties"])


@pytest.mark.parametrize(
    "body",
    [
        with_value(whole_mail(), "not an address", "from", "email"),
        with_value(whole_mail(), "%%%", "attachments", 0, "content"),
        without(whole_mail(), "content"),
        without(whole_mail(), "subject"),
        with_value(whole_mail(), [], "personalizations"),
        with_value(whole_mail(), 1, "colour"),
        with_value(whole_mail(), whole_mail()["content"][::-1], "content"),
        with_value(whole_mail(), [{"email": "asha@example.org"}], "personalizations", 0, "cc"),
        [],
    ],
)
def test_what_sendgrid_refuses_beyond_its_schema_is_refused_too(sandbox, body):
    status, answer = send(sandbox, body)
    assert status == 400 and answer["errors"][0]["message"]


def test_the_real_sendgrid_sdk_sends_and_the_inbox_shows_it(sandbox):
    sandbox._control("DELETE", "mail")
    assert "No mail yet" in sandbox.request("GET", "/inbox")[1]
    answer = SendGridAPIClient(sandbox.mail_key, host=sandbox.url).send(sdk_mail())
    assert answer.status_code == 202 and answer.headers["X-Message-Id"]
    mail = sandbox.mail("asha@example.org")[0]
    assert (mail["subject"], mail["text"], mail["html"]) == ("Your tickets", "Two seats", "<p>Two seats</p>")
    assert mail["attachments"][0]["filename"] == "tickets.pdf" and mail["attachments"][0]["size"] == 3
    assert sandbox.request("GET", mail["attachments"][0]["url"]) == (200, "PDF")
    assert "Your tickets" in sandbox.request("GET", "/inbox")[1]
    page = sandbox.request("GET", f"/inbox/{mail['id']}")[1]
    assert "asha@example.org" in page and "tickets.pdf" in page
    assert "<p>Two seats</p>" in sandbox.request("GET", f"/inbox/{mail['id']}/html")[1]
    assert sandbox.request("GET", "/inbox/999")[0] == 404


def test_a_mail_without_a_key_is_refused(sandbox):
    status, answer = sandbox.request("POST", "/v3/mail/send", whole_mail())
    assert status == 401 and answer["errors"]
