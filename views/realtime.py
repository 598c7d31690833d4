"""How the live layer is doing, for the staff of a ground."""

from flask import Blueprint, jsonify

import realtime
from web.guards import role

bp = Blueprint("realtime", __name__, url_prefix="/api")


@bp.get("/realtime-stats")
@role(may="sell")
def realtime_stats():
    """{"process", "processes": {name: figures}, "all": figures}: connections, rooms, messages a second, lag in
    milliseconds.
    """
    return jsonify(realtime.statistics())
