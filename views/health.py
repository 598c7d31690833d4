"""For machines that watch: is the process alive, can it work."""

from flask import Blueprint, jsonify
from sqlalchemy.exc import SQLAlchemyError

import realtime
from database import ping
from extensions import csrf, db
from web.guards import public

bp = Blueprint("health", __name__)
csrf.exempt(bp)


@bp.get("/healthz")
@public
def healthz():
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def readyz():
    try:
        ping()
    except SQLAlchemyError:
        db.session.rollback()
        return jsonify(status="unavailable", database="away"), 503
    queue = realtime.queue_answers()
    if queue is False:
        # Selling goes on without it, and the live layer heals by itself, so this is no reason to take the process away.
        return jsonify(status="degraded", database="ok", queue="away")
    return jsonify(status="ok", database="ok", **({"queue": "ok"} if queue else {}))
