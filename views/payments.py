"""Payment routes: start to pay, how it stands, and Stripe's webhook. Card data never comes here."""

from dataclasses import asdict

from flask import Blueprint, current_app, jsonify, request
from sqlalchemy.exc import DBAPIError

from booking import payments, settlement
from extensions import csrf
from refusals import Refused
from stripe_integration import Declined, payment_processor
from web.guards import signed, visitor_allowed
from web.limits import per_browser
from web.requests import body, number, text

bp = Blueprint("payments", __name__)

LONGEST_TYPED = 1000  # of a name or address: whoever reads it says what is too long


@bp.post("/api/create-booking-payment")
@bp.post("/api/create-parking-payment", endpoint="create_parking_payment")
@per_browser("30/minute")
@visitor_allowed
def create_booking_payment():
    asked = body()
    started = payments.start(
        number(asked.get("booking_id"), "booking_id"),
        text(asked.get("name"), "name", LONGEST_TYPED),
        text(asked.get("email"), "email", LONGEST_TYPED),
    )
    return jsonify(
        client_secret=started.intent.client_secret if started.intent else None,
        payment_intent_id=started.intent.id if started.intent else None,
        publishable_key=current_app.config["SETTINGS"].stripe_publishable_key,
        amount=started.amount,
        currency=started.currency,
    )


@bp.get("/api/payment-status/<payment_intent_id>")
@per_browser("60/minute")
@visitor_allowed
def payment_status(payment_intent_id):
    return jsonify(asdict(payments.status(intent_id=payment_intent_id[:255])))


@bp.post("/api/stripe-webhook")  # pyrefly: ignore[bad-specialization]
@csrf.exempt
@signed
def stripe_webhook():
    """Verified on the raw bytes before anything is parsed.

    Stripe repeats what is not answered with 2xx; so a database that is away is a 500.
    """
    try:
        event = payment_processor.read_webhook(request.get_data(), request.headers.get("Stripe-Signature"))
    except Declined:
        raise Refused("BAD_SIGNATURE", status=400) from None
    try:
        return jsonify(outcome=settlement.handle_event(event))
    except DBAPIError:
        current_app.logger.exception("webhook_failed")
        raise Refused("TRY_AGAIN", status=500) from None
