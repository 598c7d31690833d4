"""The API of the phones at the gates.

Each call carries the device's token; the rules find the device, or refuse with 401.

No cookie and no CSRF token take part: a page of another site has no device token to send.
"""

from flask import Blueprint, Response, jsonify, request

from database import in_transaction
from extensions import csrf, limiter
from gate import bundle, places, scans
from web.guards import device
from web.requests import body

bp = Blueprint("gate_api", __name__, url_prefix="/api/gate")
csrf.exempt(bp)


def token():
    """The device's token, from `Authorization: Bearer …`, or ""."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return value if kind == "Bearer" else ""


@bp.get("/bundle")
@device
def get_bundle():
    """Where the device stands, the ground's public keys, and the signed list of revoked codes."""
    return jsonify(bundle.bundle(token()))


@bp.get("/rights")
@device
def get_rights():
    """Every right of the event by its hash, as columns of bytes (gate/bundle.py).

    `?fresh` for one that was sold a moment ago.
    """
    columns, packed, cursor = bundle.rights(token(), 1) if "fresh" in request.args else bundle.rights(token())
    # Nothing in it is an attacker's to choose, so its length tells nothing (web/delivery.py says more of that).
    is_packed = "gzip" in request.accept_encodings
    response = Response(packed if is_packed else columns, mimetype="application/octet-stream")
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["X-Cursor"] = str(cursor)
    return response


@bp.post("/sync")
@device
def post_sync():
    """What happened elsewhere since the phone's cursor, and what the phone says of itself."""
    return jsonify(bundle.sync(token(), body(one_by_one=True)))


@bp.post("/scans")
@device
def post_scans():
    """Scans, one or many; each is kept once, however often it is sent."""
    verdicts = scans.record(token(), body(one_by_one=True).get("scans"))
    return jsonify(now=bundle.now(), verdicts=verdicts)


@bp.get("/search")
@limiter.limit("60/minute", key_func=lambda: places.token_hash(token() or "-").hex())
@device
def get_search():
    """Tickets by name, reference or seat."""
    return jsonify(found=in_transaction(bundle.search, token(), request.args.get("q", "")))


@bp.after_request
def keep_nothing(response):
    response.headers["Cache-Control"] = "no-store"
    return response
