"""What everybody may look at: what is on, the fixture list, a match, a ground, and the pages of words."""

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for

from booking import listing
from extensions import current_person
from views import plan
from views.guards import public, visitor_allowed

bp = Blueprint("site", __name__)

ON_HOME = 8


@bp.get("/")
@visitor_allowed
def home():
    person = current_person()
    return render_template(
        "site/home.html",
        fixtures=listing.coming(limit=ON_HOME),
        grounds=listing.grounds(),
        visit=listing.next_visit(person.id) if person.id else None,
    )


@bp.get("/fixtures")
@visitor_allowed
def fixtures():
    grounds, teams = listing.grounds(), listing.teams()
    ground = next((g.stadium for g in grounds if g.stadium.slug == request.args.get("ground")), None)
    team = next((t for t in teams if t.slug == request.args.get("team")), None)
    coming, past = listing.season(stadium_id=ground.id if ground else None, team_id=team.id if team else None)
    return render_template("site/fixtures.html", coming=coming, past=past, grounds=grounds, teams=teams, ground=ground, team=team)


@bp.get("/matches/<int:match_id>")
@visitor_allowed
def match(match_id):
    fixture, siblings = listing.match_for_page(match_id)
    if fixture is None:
        abort(404)
    if fixture.match.stadium is None:
        return redirect(url_for("matches.live", match_id=match_id))
    return render_template("site/match.html", fixture=fixture, siblings=siblings, match=fixture.match)


@bp.get("/grounds/<slug>")
@visitor_allowed
def ground(slug):
    found = listing.ground_for_page(slug)
    if found is None:
        abort(404)
    ground, gates, car_parks = found
    tiers = listing.tiers_of(ground.layout_id) if ground.layout_id else []
    return render_template(
        "site/ground.html",
        ground=ground,
        stadium=ground.stadium,
        gates=gates,
        car_parks=car_parks,
        tiers=tiers,
        plan=plan.draw(tiers) if tiers else None,
        fixtures=listing.coming(stadium_id=ground.stadium.id),
    )


@bp.get("/help")
@public
def help():
    return render_template("site/help.html")


@bp.get("/privacy")
@public
def privacy():
    return render_template("site/privacy.html")


@bp.get("/terms")
@public
def terms():
    return render_template("site/terms.html")


@bp.get("/sw.js")
@public
def service_worker():
    """The service worker, from the root, so that its scope may be the scorer's pages and, later, tickets and the gate."""
    response = current_app.send_static_file("js/sw.js")
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response
