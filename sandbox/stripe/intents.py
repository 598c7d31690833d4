"""PaymentIntents through their whole life (https://docs.stripe.com/payments/paymentintents/lifecycle):
requires_payment_method → requires_confirmation → requires_action → processing → succeeded, or canceled."""

from urllib.parse import urlencode

from sandbox.stripe import methods, objects
from sandbox.stripe.currencies import check_charge, check_currency, step_of
from sandbox.stripe.disputes import open_dispute
from sandbox.stripe.errors import StripeError, invalid, no_such
from sandbox.stripe.expansion import page, public_intent, render
from sandbox.stripe.refunds import merge_metadata

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing")
PARTICIPLE = {"cancel": "canceled", "update": "updated", "authenticate": "authenticated", "settle": "settled"}


def create(box, call, params):
    """Make an intent and, if asked to, confirm it at once."""
    params["currency"] = params["currency"].lower()
    check_currency(params["currency"])
    check_charge(params["amount"], params["currency"])
    if box.faults.pick(call.subject, "amount_too_small"):
        raise invalid("Amount must convert to at least 50 cents.", param="amount", code="amount_too_small")
    if params.get("capture_method") == "manual":
        raise invalid("This sandbox captures at once; manual capture is not part of it.", param="capture_method")
    if "automatic_payment_methods" in params and "payment_method_types" in params:
        raise invalid("You may only specify one of these parameters: automatic_payment_methods, payment_method_types.")
    if params.get("payment_method_types") not in (None, ["card"]):
        raise invalid("The payment method types of this sandbox are: card.", param="payment_method_types")
    intent = objects.payment_intent(params)
    if intent["automatic_payment_methods"]:
        redirects = intent["automatic_payment_methods"]["allow_redirects"] == "always"
        intent["payment_method_types"] = box.types(redirects)
    if "payment_method" in params:
        _attach(box, intent, methods.resolve(box, params["payment_method"]))
    box.intents[intent["id"]] = intent
    box.key_of[intent["id"]] = call.idempotency_key
    box.webhooks.record("payment_intent.created", intent, call)
    if params.get("confirm"):
        return confirm(
            box, call, {name: value for name, value in params.items() if name != "payment_method"}, intent["id"]
        )
    return render(box, intent, params.get("expand"))


def get(box, intent_id):
    try:
        return box.intents[intent_id]
    except KeyError:
        raise no_such("payment_intent", intent_id, "intent") from None


def get_for(box, call, intent_id, client_secret):
    """The intent, for a secret key at once, for a publishable key only with the intent's client secret."""
    intent = get(box, intent_id)
    if (call.publishable or client_secret) and client_secret != intent["client_secret"]:
        text = "The client_secret provided does not match the client_secret associated with the PaymentIntent."
        raise invalid(text, param="client_secret", code="payment_intent_invalid_parameter")
    return intent


def retrieve(box, call, params, intent_id):
    intent = get_for(box, call, intent_id, params.get("client_secret"))
    return answer(box, call, intent, params)


def answer(box, call, intent, params):
    return public_intent(intent) if call.publishable else render(box, intent, params.get("expand"))


def list_intents(box, call, params):
    def matches(intent):
        return params.get("customer") in (None, intent["customer"])

    return page(box, "/v1/payment_intents", box.intents, params, matches)


def update(box, call, params, intent_id):
    """Change what may still change; nothing does once money moves."""
    intent = get(box, intent_id)
    if "amount" in params or "currency" in params or "payment_method" in params:
        _refuse_unless(intent, CONFIRMABLE, "update")
    if "amount" in params or "currency" in params:
        currency = params.get("currency", intent["currency"]).lower()
        check_currency(currency)
        check_charge(params.get("amount", intent["amount"]), currency)
        intent["amount"] = params.get("amount", intent["amount"])
    for name in (
        "currency",
        "description",
        "receipt_email",
        "shipping",
        "setup_future_usage",
        "statement_descriptor_suffix",
        "transfer_group",
    ):
        if name in params:
            intent[name] = (params[name].lower() if name == "currency" else params[name]) or None
    merge_metadata(intent, params)
    if "payment_method" in params:
        _attach(box, intent, methods.resolve(box, params["payment_method"]))
    return render(box, intent, params.get("expand"))


def _attach(box, intent, method):
    if method["type"] not in intent["payment_method_types"]:
        raise invalid(
            f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent. Please attach a "
            f"PaymentMethod of one of the following types: {', '.join(intent['payment_method_types'])}.",
            param="payment_method",
        )
    intent["payment_method"], intent["next_action"] = method["id"], None
    intent["status"] = "requires_confirmation"


def confirm(box, call, params, intent_id):
    """Try to pay. Raises a card_error (402) when the card is declined; the intent then waits for another card."""
    intent = get_for(box, call, intent_id, params.get("client_secret"))
    if intent["status"] not in CONFIRMABLE:
        if intent["status"] == "succeeded":
            text = (
                "You cannot confirm this PaymentIntent because it has already succeeded after being previously "
                "confirmed."
            )
        else:
            text = (
                f"This PaymentIntent's status is {intent['status']}, but must have one of the following statuses "
                f"to be confirmed: {', '.join(CONFIRMABLE)}."
            )
        raise _unexpected_state(text, intent)
    automatic = intent["automatic_payment_methods"]
    if automatic and automatic["allow_redirects"] == "always" and not params.get("return_url"):
        raise invalid(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
            "these payment methods might redirect your customer off of your page, you must provide a `return_url`. If "
            "you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to "
            "`true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and "
            "Payment Intents.",
            param="return_url",
        )
    if params.get("receipt_email") is not None:
        intent["receipt_email"] = params["receipt_email"] or None
    if params.get("shipping"):
        intent["shipping"] = params["shipping"]
    method = None
    if "payment_method" in params:
        method = methods.resolve(box, params["payment_method"])
    elif "payment_method_data" in params:
        method = methods.create(box, params["payment_method_data"], intent)
    if method:
        _attach(box, intent, method)
    if intent["payment_method"] is None:
        raise _unexpected_state(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
            intent,
        )
    card = box.card_of_method[intent["payment_method"]]
    if card.three_d_secure:
        _ask_for_authentication(box, call, params, intent)
    else:
        _attempt(box, call, intent, authenticated=False)
    return answer(box, call, intent, params)


def _ask_for_authentication(box, call, params, intent):
    if params.get("off_session") or params.get("error_on_requires_action"):
        _fail(box, call, intent, methods.AUTHENTICATION_REQUIRED, authenticated=False)
    return_url = params.get("return_url")
    query = {"client_secret": intent["client_secret"]}
    intent["status"], intent["last_payment_error"] = "requires_action", None
    is_card = box.payment_methods[intent["payment_method"]]["type"] == "card"
    if params.get("use_stripe_sdk") and box.challenge == "modal" and is_card:
        url = f"{call.origin}/browser/challenge/{intent['id']}?{urlencode({**query, 'mode': 'modal'})}"
        intent["next_action"] = {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url, "source": ""},
        }
    else:
        query = urlencode({**query, "mode": "redirect", "return_url": return_url or ""})
        url = f"{call.origin}/browser/challenge/{intent['id']}?{query}"
        intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}
    box.webhooks.record("payment_intent.requires_action", intent, call)


def authenticate(box, call, intent_id, client_secret, approve):
    """The cardholder's answer to the 3-D Secure challenge. Returns the intent; a decline is noted on it, not raised."""
    intent = get(box, intent_id)
    if client_secret != intent["client_secret"]:
        raise invalid("The client_secret does not match.", param="client_secret")
    _refuse_unless(intent, ("requires_action",), "authenticate")
    try:
        if approve:
            _attempt(box, call, intent, authenticated=True)
        else:
            intent["next_action"] = None
            is_card = box.payment_methods[intent["payment_method"]]["type"] == "card"
            _refuse_method(box, call, intent, _authentication_failed() if is_card else _given_up())
    except StripeError as failure:
        if failure.status != 402:
            raise
    return intent


def _authentication_failed():
    text = "We are unable to authenticate your payment method. Please choose a different payment method and try again."
    return StripeError(402, text, code="payment_intent_authentication_failure")


def _given_up():
    text = "The customer did not approve the PaymentIntent. Provide a new payment method to attempt the payment again."
    return StripeError(402, text, code="payment_intent_payment_attempt_failed")


def _attempt(box, call, intent, authenticated):
    """Charge the card now, or begin to: some switches and cards stay in `processing` first."""
    card = box.card_of_method[intent["payment_method"]]
    late = box.faults.pick(call.subject, "late_success", "late_failure")
    if late or card.processing is not None:
        seconds = (
            late.seconds
            if late and late.seconds is not None
            else card.processing
            if card.processing is not None
            else 2.0
        )
        intent["status"], intent["next_action"], intent["last_payment_error"] = "processing", None, None
        intent["processing"] = {"type": "card", "card": {}}
        box.webhooks.record("payment_intent.processing", intent, call)
        outcome = "failed" if late and late.kind == "late_failure" else "succeeded"
        box.timers.call_later(seconds, _settle_later, box, call, intent["id"], outcome)
    elif card.decline:
        _fail(box, call, intent, card.decline, authenticated)
    else:
        _succeed(box, call, intent, authenticated)


def _settle_later(box, call, intent_id, outcome):
    with box.lock:
        if box.intents.get(intent_id, {}).get("status") == "processing":
            settle(box, call, intent_id, outcome)


def settle(box, call, intent_id, outcome):
    """End `processing`: `succeeded` or `failed`. The caller holds the lock."""
    intent = get(box, intent_id)
    _refuse_unless(intent, ("processing",), "settle")
    card = box.card_of_method[intent["payment_method"]]
    intent["processing"] = None
    decline = card.decline or (methods.GENERIC if outcome == "failed" else None)
    try:
        if decline:
            _fail(box, call, intent, decline, authenticated=False)
        else:
            _succeed(box, call, intent, authenticated=False)
    except StripeError as failure:
        if failure.status != 402:
            raise
    return intent


def _succeed(box, call, intent, authenticated):
    method, card = box.payment_methods[intent["payment_method"]], box.card_of_method[intent["payment_method"]]
    charge = objects.charge(intent, method, card, None, authenticated)
    # 2.9 % and 30 minor units, rounded half up: the price list Stripe is best known for.
    fee = min((intent["amount"] * 29 + 500) // 1000 + 30, intent["amount"])
    fee -= fee % step_of(intent["currency"])
    line = objects.balance_transaction(
        "charge", charge["id"], charge["amount"], charge["currency"], fee, intent["description"]
    )
    box.balance_transactions[line["id"]] = line
    charge["balance_transaction"] = line["id"]
    box.charges[charge["id"]] = charge
    intent.update(
        status="succeeded",
        latest_charge=charge["id"],
        amount_received=intent["amount"],
        next_action=None,
        processing=None,
        last_payment_error=None,
    )
    box.ledger.append("captured", intent, charge["id"], charge["amount"], box.key_of.get(intent["id"]))
    box.webhooks.record("charge.succeeded", charge, call)
    box.webhooks.record("payment_intent.succeeded", intent, call)
    if card.dispute:
        open_dispute(box, charge, card.dispute)


def _fail(box, call, intent, decline, authenticated):
    method, card = box.payment_methods[intent["payment_method"]], box.card_of_method[intent["payment_method"]]
    charge = objects.charge(intent, method, card, decline, authenticated)
    box.charges[charge["id"]] = charge
    intent["latest_charge"] = charge["id"]
    box.webhooks.record("charge.failed", charge, call)
    _refuse_method(box, call, intent, methods.card_error(decline, charge=charge["id"]))


def _refuse_method(box, call, intent, error):
    """Back to `requires_payment_method`, with the reason on the intent, as an event and as the raised error."""
    error.error["payment_method"] = methods.public(box, intent["payment_method"])
    intent["last_payment_error"] = dict(error.error)
    intent.update(status="requires_payment_method", payment_method=None, next_action=None, processing=None)
    box.webhooks.record("payment_intent.payment_failed", intent, call)
    error.error["payment_intent"] = public_intent(intent) if call and call.publishable else render(box, intent)
    raise error


def cancel(box, call, params, intent_id):
    """End the intent for good. Refused once it succeeded; a processing one is refused too unless a switch allows it."""
    intent = get(box, intent_id)
    # Stripe lists processing as cancelable but does it only in rare cases, so a merchant must not count on it.
    if intent["status"] == "processing" and not box.faults.pick(call.subject, "cancel_processing"):
        raise _unexpected_state("You cannot cancel this PaymentIntent because it is being processed.", intent)
    _refuse_unless(intent, CANCELABLE, "cancel")
    intent.update(
        status="canceled",
        canceled_at=objects.now(),
        cancellation_reason=params.get("cancellation_reason"),
        next_action=None,
        processing=None,
    )
    box.ledger.append("canceled", intent, intent["id"], intent["amount"], box.key_of.get(intent_id))
    box.webhooks.record("payment_intent.canceled", intent, call)
    return render(box, intent, params.get("expand"))


def _refuse_unless(intent, statuses, verb):
    if intent["status"] not in statuses:
        raise _unexpected_state(
            f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}. Only a "
            f"PaymentIntent with one of the following statuses may be {PARTICIPLE[verb]}: {', '.join(statuses)}.",
            intent,
        )


def _unexpected_state(message, intent):
    return StripeError(400, message, code="payment_intent_unexpected_state", payment_intent=public_intent(intent))
