"""CricVerse as `make run` starts it (serving/run.py: database, sandbox, jobs, web process), for the measurements on the
season: without limits of requests, and with its statements counted.
"""

import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
import eventlet  # noqa: E402

eventlet.monkey_patch()

import sys  # noqa: E402

from app import create_app  # noqa: E402
from bench import counted  # noqa: E402
from extensions import limiter  # noqa: E402
from serving import run  # noqa: E402


def measured_app(settings):
    app = create_app(settings)
    limiter.enabled = False
    counted.add_route(app)
    return app


if __name__ == "__main__":
    counted.count()
    sys.exit(run.run(measured_app))
