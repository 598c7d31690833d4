"""The scorer's pages and the API of the console. Who may score which match is the database's to say (app.may_score)."""

from flask import Blueprint, jsonify, render_template, request

from cricket.matches import checking, recording, scorers
from database import in_transaction
from extensions import current_person
from models.columns import LARGEST_ID
from refusals import Refused
from web.guards import role
from web.requests import body, int32

bp = Blueprint("scorer", __name__)


@bp.get("/scorer")
@role(may="score")
def index():
    return render_template("scorer/index.html", matches=scorers.matches_of(current_person()))


@bp.get("/scorer/matches/<int:match_id>")
@role(may="score")
def console(match_id):
    return render_template("scorer/console.html", match=scorers.match_to_score(match_id))


@bp.get("/api/scorer/matches/<int:match_id>")
@role(may="score")
def opened(match_id):
    """The match, both squads, the whole log with who entered what, and who scores it just now."""
    response = jsonify(scorers.opened(match_id, token(), request.args.get("after", 0, type=int32)))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/api/scorer/matches/<int:match_id>/lock")
@role(may="score")
def take(match_id):
    """Become the scorer: {"take": true} also takes over from somebody else."""
    token, seq = in_transaction(recording.take, match_id, body().get("take") is True)
    return jsonify(lock=token, seq=seq)


@bp.delete("/api/scorer/matches/<int:match_id>/lock")
@role(may="score")
def leave(match_id):
    in_transaction(recording.leave, match_id, token())
    return jsonify(left=True)


@bp.post("/api/scorer/matches/<int:match_id>/events")
@role(may="score")
def record(match_id):
    """Record events behind number `after`: {"after", "events": [{"key", "kind", "body", "at"}]} → {"seq", "recorded":
    [{"key", "seq"}]}.
    """
    sent = body()
    after = sent.get("after")
    if type(after) is not int or not 0 <= after <= LARGEST_ID:
        raise Refused("MALFORMED.after", status=422)
    recorded = in_transaction(recording.record, match_id, sent.get("events"), after=after, token=token())
    return jsonify(seq=recorded.seq, recorded=[{"key": key, "seq": seq} for key, seq in recorded.numbers.items()])


@bp.get("/api/scorer/matches/<int:match_id>/checks")
@role(may="score")
def checks(match_id):
    """How the books of second scorers stand to the match's log: {"seq", "checks"}."""
    return _standing(match_id)


@bp.post("/api/scorer/matches/<int:match_id>/checks")
@role(may="score")
def check(match_id):
    """A second scorer's totals: {"begun", "overs", "totals"} → the same answer."""
    in_transaction(checking.keep, match_id, body())
    return _standing(match_id)


@bp.delete("/api/scorer/matches/<int:match_id>/checks")
@role(may="score")
def stop_checking(match_id):
    in_transaction(checking.close, match_id)
    return jsonify(left=True)


def _standing(match_id):
    response = jsonify(checking.standing(match_id))
    response.headers["Cache-Control"] = "no-store"
    return response


def token():
    return request.headers.get("X-Scoring-Lock", "")
