"""Payment routes: start to pay, how it stands, and Stripe's webhook. Card data never comes here."""

from dataclasses import asdict

from flask import Blueprint, current_app, jsonify, request
from sqlalchemy.exc import DBAPIError

from booking import payments
from extensions import Refused, csrf, limiter
from stripe_integration import Declined, payment_processor
from views.guards import signed, visitor_allowed

bp = Blueprint("payments", __name__)


def body():
    """The JSON object of this request, or Refused MALFORMED."""
    try:
        found = request.get_json(silent=True)
    except RecursionError:  # brackets within brackets within brackets
        found = None
    if not isinstance(found, dict):
        raise Refused("Send a JSON object.", code="MALFORMED", status=400)
    return found


def number(value, name):
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**53:
        raise Refused(f"{name} must be a whole number.", code="MALFORMED", status=422)
    return value


def text(value, name, longest=200):
    if value is not None and (not isinstance(value, str) or len(value) > longest or not _can_be_kept(value)):
        raise Refused(f"{name} must be a text of at most {longest} signs.", code="MALFORMED", status=422)
    return value


def _can_be_kept(value):
    """PostgreSQL keeps no NUL, and half of a surrogate pair is no sign at all."""
    return "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)


@bp.post("/api/create-booking-payment")
@bp.post("/api/create-parking-payment", endpoint="create_parking_payment")
@limiter.limit("30/minute")
@visitor_allowed
def create_booking_payment():
    asked = body()
    started = payments.start(
        number(asked.get("booking_id"), "booking_id"),
        text(asked.get("name"), "name"),
        text(asked.get("email"), "email"),
    )
    return jsonify(
        client_secret=started.intent.client_secret if started.intent else None,
        payment_intent_id=started.intent.id if started.intent else None,
        publishable_key=current_app.config["SETTINGS"].stripe_publishable_key,
        amount=started.amount,
        currency=started.currency,
    )


@bp.get("/api/payment-status/<payment_intent_id>")
@limiter.limit("60/minute")
@visitor_allowed
def payment_status(payment_intent_id):
    return jsonify(asdict(payments.status(intent_id=payment_intent_id[:255])))


@bp.post("/api/stripe-webhook")
@csrf.exempt
@signed
def stripe_webhook():
    """Verified on the raw bytes before anything is parsed. Stripe repeats what is not answered with 2xx; so a database that is away is a 500."""
    try:
        event = payment_processor.read_webhook(request.get_data(), request.headers.get("Stripe-Signature"))
    except Declined:
        return jsonify(error={"code": "BAD_SIGNATURE", "message": "This is not signed by Stripe."}), 400
    try:
        return jsonify(outcome=payments.handle_event(event))
    except DBAPIError:
        current_app.logger.exception("webhook_failed")
        return jsonify(error={"code": "TRY_AGAIN", "message": "We could not keep this. Send it again."}), 500
