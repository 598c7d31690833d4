"""CricVerse itself on the server it ships with, impatient with Stripe so that faults pass quickly: for bench/faults.py.

Prints its port.
"""

import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
import eventlet  # noqa: E402

eventlet.monkey_patch()

import eventlet.wsgi  # noqa: E402

import stripe_integration  # noqa: E402
from app import create_app  # noqa: E402
from bench.fleet import PATIENCE  # noqa: E402
from config import load_settings  # noqa: E402


def main():
    stripe_integration.TIMEOUT = PATIENCE
    app = create_app(load_settings())
    listener = eventlet.listen(("127.0.0.1", 0), backlog=512)
    print(listener.getsockname()[1], flush=True)
    eventlet.wsgi.server(listener, app, log_output=False)


if __name__ == "__main__":
    main()
