"""The match centre: a match live, its scorecard to print, the big screen of a ground, and a competition's ladder."""

import json

from flask import Blueprint, abort, render_template, request
from markupsafe import Markup

from caches.responses import bodies
from catalogue import fixtures as listing
from cricket.board.charts import charts
from cricket.board.document import BOARD_VERSION
from cricket.board.view import OVERS_SHOWN, SHOWS, commentary, view
from cricket.matches import log, showing
from web.guards import public, visitor_allowed
from web.kept import kept_page

bp = Blueprint("matches", __name__)

BESIDE_LADDER = 5  # matches to come, and results


@bp.get("/matches/<int:match_id>/live")
@visitor_allowed
@kept_page
def live(match_id):
    match = get_match(match_id)
    show = request.args.get("show")
    show = show if show in SHOWS else "all"
    overs = 0 if request.args.get("overs") == "all" else OVERS_SHOWN
    return render_template("matches/live.html", match=match, centre=centre_of(match, show, overs))


def centre_of(match, show, overs):
    """{title, status, html} of the match centre without its frame: drawn once for everybody at a number of the match's
    log.
    """

    def build():
        board = showing.board_of(match)
        drawn = view(board)
        lines, more = commentary(drawn, show, overs)
        html = render_template(
            "matches/_centre.html",
            match=match,
            unit=board["unit"],
            view=drawn,
            show=show,
            comm=lines,
            more=more,
            charts=charts(board),
        )
        return json.dumps({"title": title_of(drawn), "status": board["status"], "html": html}).encode()

    seq = log.snapshot_seq(match.id)
    centre = json.loads(
        bodies.cached(f"centre:{BOARD_VERSION}:{match.id}:{seq}:{show}:{overs}", build) if seq else build()
    )
    return centre | {"html": Markup(centre["html"])}


@bp.get("/matches/<int:match_id>/scorecard")
@visitor_allowed
@kept_page
def scorecard(match_id):
    match = get_match(match_id)
    board = showing.board_of(match)
    return render_template("matches/scorecard.html", match=match, unit=board["unit"], view=view(board))


@bp.get("/matches/<int:match_id>/screen")
@public
@kept_page
def screen(match_id):
    match = get_match(match_id)
    board = showing.board_of(match)
    drawn = view(board)
    return render_template("matches/screen.html", match=match, unit=board["unit"], view=drawn, title=title_of(drawn))


@bp.get("/ladder")
@visitor_allowed
@kept_page
def ladder():
    competitions = showing.competitions()
    asked = request.args.get("competition")
    chosen = asked if asked in competitions else next(iter(competitions), None)
    rows = showing.ladder_of(chosen) if chosen else []
    coming, past = ([f for f in some if f.match.competition == chosen][:BESIDE_LADDER] for some in listing.season())
    return render_template(
        "site/ladder.html", competitions=competitions, competition=chosen, rows=rows, coming=coming, past=past
    )


def title_of(drawn):
    """The score for the title of a page: "Terns 14/1 (1.1)"; nothing before the first innings."""
    if "at" not in drawn:
        return ""
    inn = drawn["cards"][drawn["at"]]
    return f"{inn['short']} {inn['score']} ({inn['bowled']})"


def get_match(match_id):
    match = showing.find_match(match_id)
    if match is None:
        abort(404)
    return match
