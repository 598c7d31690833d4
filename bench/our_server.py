"""CricVerse itself on the server it ships with, for bench/holds.py and bench/squat.py. Prints its port.

One route is added: it starts and settles the payment of the buyer's hold through the product's own flows, with a
payment processor that answers at once, so that what is measured is our work and not the sandbox's.
"""

import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
import eventlet  # noqa: E402

eventlet.monkey_patch()

import itertools  # noqa: E402
import os  # noqa: E402

import eventlet.wsgi  # noqa: E402
from flask import jsonify, request  # noqa: E402

from app import create_app  # noqa: E402
from bench import stage  # noqa: E402
from booking import payments, settlement  # noqa: E402
from config import load_settings  # noqa: E402
from database import forbid_transaction  # noqa: E402
from extensions import csrf  # noqa: E402
from stripe_integration import Intent, payment_processor  # noqa: E402

_numbers = itertools.count(1)
_made = {}


def create_intent(amount, currency, key, metadata, description):
    forbid_transaction()
    intent = Intent(
        f"pi_bench_{os.getpid()}_{next(_numbers)}",
        "succeeded",
        amount,
        amount,
        currency,
        "secret",
        30,
        None,
        None,
        metadata,
    )
    _made[intent.id] = intent
    return intent


def get_intent(intent_id):
    forbid_transaction()
    return _made.pop(intent_id)


def main():
    settings = load_settings(
        {
            "CRICVERSE_ENV": "testing",
            "CRICVERSE_HOME": os.environ["CRICVERSE_HOME"],
            "DATABASE_URL": os.environ["BENCH_DATABASE_URL"],
            "APP_DATABASE_PASSWORD": stage.PASSWORD,
            "LOG_LEVEL": "ERROR",
            "TRUSTED_PROXIES": os.environ.get("BENCH_TRUSTED_PROXIES", "0"),
        }
    )
    app = create_app(settings)
    payment_processor.create_intent, payment_processor.get_intent = create_intent, get_intent

    @csrf.exempt
    @app.post("/bench/confirm/<int:booking_id>")
    def confirm(booking_id):
        contact = request.get_json(silent=True) or {}
        started = payments.start(booking_id, contact.get("name"), contact.get("email"))
        return jsonify(outcome=settlement.settle(started.intent.id))

    listener = eventlet.listen(("127.0.0.1", 0), backlog=512)
    print(listener.getsockname()[1], flush=True)
    eventlet.wsgi.server(listener, app, log_output=False)


if __name__ == "__main__":
    main()
