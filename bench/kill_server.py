"""CricVerse itself on the server it ships with, made to be killed: for bench/double_sale.py. Prints its port.

One route is added: it starts and settles the payment of a booking through the product's own flows. Its payment
processor keeps nothing: an intent's id says what it is, so that whichever process comes after a kill finds the same
intent again, as at Stripe.
"""

import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
import eventlet  # noqa: E402

eventlet.monkey_patch()

import os  # noqa: E402

import eventlet.wsgi  # noqa: E402
from flask import jsonify  # noqa: E402

from app import create_app  # noqa: E402
from bench import stage  # noqa: E402
from booking import payments, settlement  # noqa: E402
from config import load_settings  # noqa: E402
from database import forbid_transaction  # noqa: E402
from extensions import csrf  # noqa: E402
from refusals import Refused  # noqa: E402
from stripe_integration import Intent, payment_processor  # noqa: E402


def create_intent(amount, currency, key, metadata, description):
    """An intent that succeeds at once. The same attempt gives the same intent."""
    forbid_transaction()
    return get_intent(f"pi-{metadata['payment']}-{metadata['booking']}-{amount}-{currency}")


def get_intent(intent_id):
    """The intent that its id describes."""
    forbid_transaction()
    _, payment, reference, amount, currency = intent_id.split("-")
    metadata = {"payment": payment, "booking": reference}
    return Intent(intent_id, "succeeded", int(amount), int(amount), currency, "secret", 30, None, None, metadata)


def main():
    settings = load_settings(
        {
            "CRICVERSE_ENV": "testing",
            "CRICVERSE_HOME": os.environ["CRICVERSE_HOME"],
            "DATABASE_URL": os.environ["BENCH_DATABASE_URL"],
            "APP_DATABASE_PASSWORD": os.environ.get("BENCH_APP_PASSWORD", stage.PASSWORD),
            "LOG_LEVEL": "ERROR",
        }
    )
    app = create_app(settings)
    payment_processor.create_intent, payment_processor.get_intent = create_intent, get_intent

    @csrf.exempt
    @app.post("/bench/confirm/<int:booking_id>")
    def confirm(booking_id):
        try:
            started = payments.start(booking_id)
        except Refused as refusal:
            if refusal.code != "ALREADY_PAID":
                raise
            return jsonify(outcome="already")
        return jsonify(outcome=settlement.settle(started.intent.id))

    listener = eventlet.listen(("127.0.0.1", 0), backlog=512)
    print(listener.getsockname()[1], flush=True)
    eventlet.wsgi.server(listener, app, log_output=False)


if __name__ == "__main__":
    main()
