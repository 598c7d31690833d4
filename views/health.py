"""For machines that watch: is the process alive, can it work."""

from flask import Blueprint, jsonify
from sqlalchemy.exc import SQLAlchemyError

from extensions import csrf, db, ping
from views.guards import public

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
    return jsonify(status="ok", database="ok")
