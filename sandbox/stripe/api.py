"""The door of api.stripe.com: authentication, fault switches, idempotency, parameters, and then one function per
endpoint.
"""

import hashlib
import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, current_app, jsonify, request

from sandbox.faults import ConnectionDropped, InjectedError
from sandbox.ids import new_text
from sandbox.stripe import disputes, expansion, intents, methods, parameters, refunds
from sandbox.stripe.errors import StripeError, no_such, rate_limited, server_error

log = logging.getLogger("sandbox")
bp = Blueprint("stripe", __name__)

METHOD_FIELDS = frozenset(("type", "card", "billing_details", "allow_redisplay"))
CARD_FIELDS = frozenset(("number", "exp_month", "exp_year", "cvc", "wallet"))
BILLING_FIELDS = frozenset(("address", "email", "name", "phone", "tax_id"))


@dataclass(frozen=True)
class Call:
    """One request as the endpoints see it; `subject` is what fault rules match."""

    subject: str
    request_id: str
    idempotency_key: str | None
    publishable: bool
    origin: str


def endpoint(method, rule, params_class, act, public=False):
    """Serve `act(box, call, params, **ids)` under the whole pipeline; `public` endpoints also take a
    publishable key.
    """

    def view(**ids):
        return _answer(params_class, act, public, ids)

    bp.add_url_rule(rule, f"{method} {rule}", view, methods=[method])


def _answer(params_class, act, public, ids):
    box = current_app.extensions["sandbox"]
    request_id = f"req_{new_text(14)}"
    replayed = False
    try:
        form = parameters.read_form(
            request.get_data(as_text=True) if request.method == "POST" else request.query_string.decode()
        )
        account_key = _authenticate(form, public)
        call = Call(
            subject=f"{request.method} {request.path}",
            request_id=request_id,
            idempotency_key=request.headers.get("Idempotency-Key") if request.method == "POST" else None,
            publishable=account_key.startswith("pk_"),
            origin=request.host_url.rstrip("/"),
        )
        _faults_before(box, call)
        status, body, replayed = _run(box, call, account_key, form, params_class, act, ids)
    except StripeError as error:
        status, body = error.status, error.body()
    answer = jsonify(body)
    answer.status_code = status
    answer.headers["Request-Id"] = request_id
    answer.headers["Stripe-Version"] = request.headers.get("Stripe-Version", "")
    if request.headers.get("Idempotency-Key"):
        answer.headers["Idempotency-Key"] = request.headers["Idempotency-Key"]
    if replayed:
        answer.headers["Idempotent-Replayed"] = "true"
        answer.headers["Original-Request"] = replayed
    return answer


def _faults_before(box, call):
    try:
        box.faults.before(call.subject)
    except InjectedError as failure:
        raise (rate_limited() if failure.kind == "rate_limit" else server_error()) from None


def _run(box, call, account_key, form, params_class, act, ids):
    """Execute once per idempotency key. Returns (status, body, id of the replayed request or False)."""
    key = (account_key, call.idempotency_key) if call.idempotency_key else None
    if key:
        first = box.keys.begin(key, _fingerprint(call, form), call.request_id)
        if first:
            return first.status, first.body, first.request_id
    keep = False
    try:
        linger = box.faults.delay(call.subject)
        status, body, keep = _execute(box, call, form, params_class, act, ids)
        failing = box.faults.after(call.subject) if status in (200, 402) else None
        if failing == "error_after":
            # The effect stands and the key remembers the error, so the same key will only ever hear of the error.
            status, body = 500, server_error().body()
    finally:
        if key and not keep:
            box.keys.forget(key)
    if key and keep:
        box.keys.finish(key, status, body)
    box.faults.sleep(linger)
    if failing == "drop_connection_after":
        raise ConnectionDropped
    return status, body, False


def _execute(box, call, form, params_class, act, ids):
    try:
        private = _take_private(form) if call.publishable else {}
        params = parameters.check(params_class, form)
        params |= private
        with box.lock:
            return 200, act(box, call, params, **ids), True
    except StripeError as error:
        return error.status, error.body(), error.saved


def _take_private(form):
    """What only a browser sends, so that the SDK's types have no place for it: the client secret and the fields of
    whatever pays.
    """
    private = {"client_secret": form.pop("client_secret", None)}
    data = form.get("payment_method_data")
    if isinstance(data, dict) and data.get("type") in ("card", "link", "klarna"):
        private["payment_method_data"] = form.pop("payment_method_data")
        _check_names(data, METHOD_FIELDS, "payment_method_data")
        for part, fields in (("card", CARD_FIELDS), ("billing_details", BILLING_FIELDS)):
            if part in data:
                _check_names(data[part], fields, f"payment_method_data[{part}]")
    return private


def _check_names(data, known, where):
    if not isinstance(data, dict):
        raise StripeError(400, "Invalid object", saved=False, param=where)
    for name in sorted(set(data) - known):
        name = f"{where}[{name}]"
        raise StripeError(400, f"Received unknown parameter: {name}", saved=False, code="parameter_unknown", param=name)


def _fingerprint(call, form):
    return call.subject, hashlib.sha256(repr(_sorted(form)).encode()).hexdigest()


def _sorted(form):
    return sorted((name, _sorted(value) if isinstance(value, dict) else value) for name, value in form.items())


def _authenticate(form, public):
    """The API key of the request; a publishable key opens public endpoints only and may also stand in the form as
    `key`.
    """
    header = request.headers.get("Authorization", "")
    key = (
        header[7:].strip()
        if header.startswith("Bearer ")
        else request.authorization.username
        if request.authorization
        else form.pop("key", "")
    )
    form.pop("key", None)
    if not key:
        raise StripeError(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
            "https://stripe.com/docs/api#authentication for details.",
            saved=False,
        )
    if key.startswith("sk_test_") and len(key) > 8:
        return key
    if key.startswith("pk_test_") and len(key) > 8:
        if public:
            return key
        text = "This API call cannot be made with a publishable API key. Please use a secret API key."
        raise StripeError(401, text, saved=False, code="secret_key_required")
    raise StripeError(401, f"Invalid API Key provided: {key[:8]}{'*' * 8}{key[-4:]}", saved=False)


@bp.after_request
def allow_merchant_pages(answer):
    """CORS: pages on this machine, and origins named at the start, may read the public endpoints."""
    origin = request.headers.get("Origin")
    if origin and is_merchant(origin):
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Access-Control-Expose-Headers"] = "Request-Id"
        answer.vary.add("Origin")
        if request.method == "OPTIONS":
            answer.headers["Access-Control-Allow-Methods"] = "GET, POST"
            answer.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Idempotency-Key"
            answer.headers["Access-Control-Max-Age"] = "600"
    return answer


def is_merchant(origin):
    """Whether pages of this origin may embed the double."""
    parts = urlsplit(origin)
    local = parts.scheme in ("http", "https") and parts.hostname in ("127.0.0.1", "localhost", "::1")
    return local or origin in current_app.extensions["sandbox"].merchant_origins


def _charge(box, call, params, charge_id):
    if charge_id not in box.charges:
        raise no_such("charge", charge_id, "charge")
    return expansion.render(box, box.charges[charge_id], params.get("expand"))


def _charges(box, call, params):
    return expansion.page(
        box,
        "/v1/charges",
        box.charges,
        params,
        lambda charge: params.get("payment_intent") in (None, charge["payment_intent"]),
    )


def _balance_transaction(box, call, params, line_id):
    if line_id not in box.balance_transactions:
        raise no_such("balance transaction", line_id)
    return expansion.render(box, box.balance_transactions[line_id], params.get("expand"))


def _balance_transactions(box, call, params):
    def matches(line):
        return all(params.get(name) in (None, line[name]) for name in ("type", "source", "currency"))

    return expansion.page(box, "/v1/balance_transactions", box.balance_transactions, params, matches)


def _event(box, call, params, event_id):
    if event_id not in box.webhooks.events:
        raise no_such("event", event_id)
    return expansion.render(box, box.webhooks.events[event_id])


def _events(box, call, params):
    def matches(event):
        if "type" in params and not _type_matches(event["type"], params["type"]):
            return False
        if "types" in params and event["type"] not in params["types"]:
            return False
        return params.get("delivery_success") in (None, event["pending_webhooks"] == 0)

    return expansion.page(box, "/v1/events", box.webhooks.events, params, matches)


def _type_matches(kind, wanted):
    return kind == wanted or (wanted.endswith("*") and kind.startswith(wanted[:-1]))


endpoint("POST", "/v1/payment_intents", "PaymentIntentCreateParams", intents.create)
endpoint("GET", "/v1/payment_intents", "PaymentIntentListParams", intents.list_intents)
endpoint("GET", "/v1/payment_intents/<intent_id>", "PaymentIntentRetrieveParams", intents.retrieve, public=True)
endpoint("POST", "/v1/payment_intents/<intent_id>", "PaymentIntentUpdateParams", intents.update)
endpoint("POST", "/v1/payment_intents/<intent_id>/cancel", "PaymentIntentCancelParams", intents.cancel)
endpoint("POST", "/v1/payment_intents/<intent_id>/confirm", "PaymentIntentConfirmParams", intents.confirm, public=True)
endpoint("POST", "/v1/refunds", "RefundCreateParams", refunds.create)
endpoint("GET", "/v1/refunds", "RefundListParams", refunds.list_refunds)
endpoint("GET", "/v1/refunds/<refund_id>", "RefundRetrieveParams", refunds.retrieve)
endpoint("POST", "/v1/refunds/<refund_id>", "RefundUpdateParams", refunds.update)
endpoint("GET", "/v1/disputes", "DisputeListParams", disputes.list_disputes)
endpoint("GET", "/v1/disputes/<dispute_id>", "DisputeRetrieveParams", disputes.retrieve)
endpoint("GET", "/v1/charges", "ChargeListParams", _charges)
endpoint("GET", "/v1/charges/<charge_id>", "ChargeRetrieveParams", _charge)
endpoint("GET", "/v1/balance_transactions", "BalanceTransactionListParams", _balance_transactions)
endpoint("GET", "/v1/balance_transactions/<line_id>", "BalanceTransactionRetrieveParams", _balance_transaction)
endpoint("GET", "/v1/events", "EventListParams", _events)
endpoint("GET", "/v1/events/<event_id>", "EventRetrieveParams", _event)
endpoint("GET", "/v1/payment_methods/<method_id>", "PaymentMethodRetrieveParams", methods.retrieve)


@bp.route("/v1/<path:rest>", methods=["GET", "POST", "DELETE"])
def unknown_url(rest):
    error = StripeError(404, f"Unrecognized request URL ({request.method}: {request.path}).", saved=False)
    return jsonify(error.body()), 404
