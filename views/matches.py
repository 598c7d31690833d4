"""The match centre: a match live, its scorecard to print, the big screen of a ground, and the ladder of a competition."""

from flask import Blueprint, abort, render_template, request

from cricket import showing
from views.guards import public, visitor_allowed
from views.match_view import OVERS_SHOWN, SHOWS, view

bp = Blueprint("matches", __name__)


@bp.get("/matches/<int:match_id>/live")
@visitor_allowed
def live(match_id):
    match, board = found(match_id)
    show = request.args.get("show")
    show = show if show in SHOWS else "all"
    overs = 0 if request.args.get("overs") == "all" else OVERS_SHOWN
    return render_template("matches/live.html", match=match, board=board, view=view(board, show, overs), show=show)


@bp.get("/matches/<int:match_id>/scorecard")
@visitor_allowed
def scorecard(match_id):
    match, board = found(match_id)
    return render_template("matches/scorecard.html", match=match, board=board, view=view(board))


@bp.get("/matches/<int:match_id>/screen")
@public
def screen(match_id):
    match, board = found(match_id)
    return render_template("matches/screen.html", match=match, board=board, view=view(board))


@bp.get("/ladder")
@visitor_allowed
def ladder():
    competitions = showing.competitions()
    asked = request.args.get("competition")
    chosen = asked if asked in competitions else next(iter(competitions), None)
    rows = showing.ladder_of(chosen) if chosen else []
    return render_template("site/ladder.html", competitions=competitions, competition=chosen, rows=rows)


def found(match_id):
    match, board = showing.match_with_board(match_id)
    if match is None:
        abort(404)
    return match, board
