"""What everybody may look at: what is on, the fixture list, a match, a ground, and the pages of words."""

from datetime import UTC, datetime
from decimal import Decimal

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for

from catalogue import fixtures as listing
from catalogue import search
from cricket.matches import profiles
from extensions import current_person
from models.columns import LARGEST_ID
from models.currencies import currency_of
from web import plan
from web.guards import public, visitor_allowed
from web.headers import locates

bp = Blueprint("site", __name__)

ON_HOME = 8
RESULTS_ON_HOME = 4
LADDER_ON_HOME = 4
RESULTS_SHOWN = 12
# Twenty months of months are enough of a menu, whatever an import brings.
MONTHS = 20

# What an owner may hang beside a facility; any other name gets the plain sign.
FACILITY_ICONS = frozenset(
    "access companion shade rain sun lights ticket seat gate car users card money sound oval bat ball info".split()
)


@bp.get("/")
@visitor_allowed
@locates
def home():
    person = current_person()
    coming, past = listing.season()
    competition, ladder = profiles.season_ladder(coming + past)
    grounds = listing.grounds()
    live = [f for f in coming if f.match.state == "live" or f.is_under_way]
    return render_template(
        "site/home.html",
        fixtures=coming[:ON_HOME],
        live=[f for f in live if f not in coming[:1]],
        results=past[:RESULTS_ON_HOME],
        competition=competition,
        ladder=ladder[:LADDER_ON_HOME],
        grounds=grounds,
        next_at=next_at(coming),
        visit=listing.next_visit(person.id) if person.id else None,
    )


def next_at(coming):
    """{stadium id: the next Fixture there that is not cancelled}."""
    found = {}
    for fixture in coming:
        if fixture.match.state != "cancelled":
            found.setdefault(fixture.match.stadium_id, fixture)
    return found


@bp.get("/fixtures")
@visitor_allowed
def fixtures():
    grounds, clubs = listing.grounds(), listing.teams_with_players()
    coming, past = listing.season()
    every = coming + past
    playing = {t for f in every for t in (f.match.home_team_id, f.match.away_team_id)}
    teams = [team for team, _ in clubs if team.id in playing or team.home_stadium_id]
    choices = {
        "team": {team.slug: team.name for team in teams},
        "ground": {g.stadium.slug: g.stadium.name for g in grounds},
        "city": {city: city for city in sorted({g.stadium.city for g in grounds})},
        "format": {name: name for name in profiles.FORMATS if any(f.match.format == name for f in every)},
    }
    wanted = search.read_wanted(request.args, choices)
    months = months_of(every)
    if wanted.month:
        months = dict(sorted({**months, wanted.month: month_name(wanted.month)}.items()))
    words = search.Words(every, {team.id: names for team, names in clubs})
    corrected = words.corrected(wanted.q) if wanted.q else None
    most = {g.stadium.currency: price_in(wanted.price, g.stadium.currency) for g in grounds} if wanted.price else {}
    sought = search.replace(wanted, q=corrected) if corrected else wanted
    found, results = (search.narrow(some, sought, words, most) for some in (coming, past))
    return render_template(
        "site/fixtures.html",
        coming=found,
        past=results if request.args.get("results") == "all" else results[:RESULTS_SHOWN],
        results=len(results),
        choices=choices,
        months=months,
        wanted=wanted,
        corrected=corrected,
        chips=chips_of(wanted, choices),
        instead=None if found or not wanted.asked else search.instead(coming, sought, words, most),
        link=lambda **more: url_for("site.fixtures", **{**wanted.asked, **more}),  # pyrefly: ignore[bad-argument-type]
        # pyrefly: ignore[bad-argument-type]
        without=lambda name: url_for("site.fixtures", **wanted.without(name).asked),
    )


def price_in(price, currency):
    """A price in major units as text, in minor units of a currency."""
    return int(Decimal(price) * 10 ** currency_of(currency).decimals)


def month_name(month):
    return f"{datetime.strptime(month, '%Y-%m'):%B %Y}"


def months_of(fixtures):
    """{YYYY-MM: name} of the months in which something is or was played, latest season first to last."""
    return {month: month_name(month) for month in sorted({search.month_of(f) for f in fixtures})[-MONTHS:]}


def chips_of(wanted, choices):
    """[(words, address without that filter)] for each filter that is on."""
    said = {
        "q": f"“{wanted.q}”",
        "month": month_name(wanted.month) if wanted.month else "",
        "price": f"Up to {wanted.price}",
        "left": "With seats left",
        **{name: choices[name].get(getattr(wanted, name), "") for name in ("team", "ground", "city", "format")},
    }
    return [(said[name], url_for("site.fixtures", **wanted.without(name).asked)) for name in wanted.asked]


@bp.get("/teams")
@visitor_allowed
def teams():
    coming, past = listing.season()
    competition, ladder = profiles.season_ladder(coming + past)
    clubs = listing.teams()
    grounds = {g.stadium.id: g.stadium for g in listing.grounds()}
    playing = {t for f in coming + past for t in (f.match.home_team_id, f.match.away_team_id)}
    return render_template(
        "site/teams.html",
        teams=[team for team in clubs if team.id in playing or team.home_stadium_id],
        places={row.team.id: place for place, row in enumerate(ladder, 1)},
        competition=competition,
        grounds=grounds,
    )


@bp.get("/teams/<slug>")
@visitor_allowed
def team(slug):
    team = profiles.find_team(slug)
    if team is None:
        abort(404)
    coming, past = listing.season()
    competition, ladder = profiles.season_ladder(coming + past)
    mine = search.Wanted(team=slug)
    coming, past = (search.narrow(some, mine, None, {}) for some in (coming, past))
    has_calendar = "discovery.team_calendar" in current_app.view_functions
    return render_template(
        "site/team.html",
        team=team,
        home=listing.find_stadium(team.home_stadium_id),
        coming=coming,
        past=past,
        form=profiles.form_of(team, past),
        competition=competition,
        place=next(((n, row) for n, row in enumerate(ladder, 1) if row.team.id == team.id), None),
        calendar=url_for("discovery.team_calendar", slug=slug) if has_calendar else None,
    )


@bp.get("/players/<int:player_id>")
@visitor_allowed
def player(player_id):
    player = profiles.find_player(player_id) if player_id <= LARGEST_ID else None
    if player is None:
        abort(404)
    figures, innings = profiles.season_of(player)
    return render_template("site/player.html", player=player, team=player.team, figures=figures, innings=innings)


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
        plan=plan.draw(ground.layout_id) if tiers and ground.layout_id else None,
        fixtures=listing.coming(stadium_id=ground.stadium.id),
        facility_icons=FACILITY_ICONS,
        clubs=listing.clubs_of(ground.stadium.id),
        now=datetime.now(UTC),
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
    """The service worker, from the root, so that its scope may be the scorer's pages, tickets and the gate."""
    response = current_app.send_static_file("js/sw.js")
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response
