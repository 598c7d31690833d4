"""What everybody may look at: what is on, the fixture list, a match, a ground, and the pages of words."""

from datetime import UTC, datetime

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for

from catalogue import fixtures as listing
from catalogue import search
from catalogue.suiting import COMING, Facts, count_days, distances, suitable
from catalogue.wishes import words_of_when
from cricket.matches import profiles
from extensions import current_person
from models.columns import LARGEST_ID
from models.currencies import currency_of
from web import delivery, plan
from web.guards import public, visitor_allowed
from web.headers import locates
from web.kept import kept_page
from web.presentation import money_short
from web.turns import by_turn

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
@kept_page
def home():
    person = current_person()
    coming, past = listing.season()
    competition, ladder = profiles.season_ladder(coming + past)
    grounds = listing.grounds()
    live = [f for f in coming if f.match.state == "live" or f.is_under_way]
    return render_template(
        "site/home.html",
        fixtures=coming[:ON_HOME],
        more=len(coming) - ON_HOME,
        selling=next((f for f in coming if f.is_open), None),
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
@locates
@kept_page
def fixtures():
    grounds, clubs = listing.grounds(), listing.teams_with_players()
    coming, past = listing.season()
    every = coming + past
    choices = choices_of(every, grounds, [team for team, _ in clubs])
    words = search.Words(every, {team.id: names for team, names in clubs})
    reading = search.read(request.args, choices, words)
    wanted, sought = reading.wanted, reading.sought
    facts = facts_for(sought, coming, grounds)
    found, results = (search.narrow(some, sought, words, facts) for some in (coming, past))
    any_day = search.narrow(coming, sought.without("when"), words, facts) if wanted.when else found
    return render_template(
        "site/fixtures.html",
        coming=found,
        past=results if request.args.get("results") == "all" else results[:RESULTS_SHOWN],
        results=len(results),
        choices=choices,
        months=months_of(every, wanted.month),
        days=count_days(any_day, facts.now),
        wanted=wanted,
        reading=reading,
        facts=facts,
        chips=chips_of(wanted, choices),
        drop=DROP,
        instead=None if found or not wanted.asked else search.instead(coming, sought, words, facts),
        wish=wish_of_lines([*found, *coming], sought, facts),
        # pyrefly: ignore[bad-argument-type]
        link=lambda **more: url_for("site.fixtures", **{n: v for n, v in {**wanted.asked, **more}.items() if v}),
        # pyrefly: ignore[bad-argument-type]
        without=lambda *names: url_for("site.fixtures", **{n: v for n, v in wanted.asked.items() if n not in names}),
    )


def choices_of(fixtures, grounds, clubs):
    """{field: {value: words}} of the menus of the fixture list."""
    playing = {t for f in fixtures for t in (f.match.home_team_id, f.match.away_team_id)}
    return {
        "team": {team.slug: team.name for team in clubs if team.id in playing or team.home_stadium_id},
        "ground": {g.stadium.slug: g.stadium.name for g in grounds},
        "city": {city: city for city in sorted({g.stadium.city for g in grounds})},
        "format": {name: name for name in profiles.FORMATS if any(f.match.format == name for f in fixtures)},
    }


def facts_for(wanted, coming, grounds):
    """What this wish is held against; what it does not ask for is not looked up."""
    stadiums = [g.stadium for g in grounds]
    events = {sale.event.id for fixture in coming for sale in fixture.sales if sale.state in COMING}
    return Facts(
        most={s.currency: price_in(wanted.price, s.currency) for s in stadiums} if wanted.price else {},
        far=distances(stadiums, wanted.place) if wanted.place else {},
        spaces=listing.spaces_of(events) if wanted.accessible else {},
        roofs=listing.roofed_layouts() if wanted.shade else (),
    )


def price_in(price, currency):
    """A price as Wanted has it in minor units of a currency; -1, which nothing costs, where it is in another one."""
    code, _, amount = price.rpartition(" ")
    return currency_of(currency).minor(amount) if code in ("", currency) else -1


def month_name(month):
    return f"{datetime.strptime(month, '%Y-%m'):%B %Y}"


def months_of(fixtures, chosen=""):
    """{YYYY-MM: name} of the months in which something is or was played, latest season first to last, and of the one
    chosen."""
    months = sorted({search.month_of(f) for f in fixtures})[-MONTHS:]
    return {month: month_name(month) for month in sorted({*months, *([chosen] if chosen else [])})}


# What may be given up where nothing fits, and how that is said.
DROP = {
    "q": "those words",
    "team": "the club",
    "ground": "the ground",
    "city": "the city",
    "when": "the day",
    "month": "the month",
    "price": "the price",
    "format": "the format",
    "people": "the number of seats",
    "shade": "the shade",
    "accessible": "the wheelchair space",
    "near": "the distance",
    "left": "seats left",
}


def chips_of(wanted, choices):
    """[(words, address without that filter)] for each filter that is on."""
    code, _, amount = wanted.price.rpartition(" ")
    said = {
        "q": f"“{wanted.q}”",
        "when": words_of_when(wanted.when) if wanted.when else "",
        "month": month_name(wanted.month) if wanted.month else "",
        "price": f"Up to {money_short(price_in(wanted.price, code), code) if code else amount}" if amount else "",
        "people": "1 seat" if wanted.people == "1" else f"{wanted.people} together",
        "shade": "In the shade",
        "accessible": "Wheelchair space",
        "near": "Near you",
        "left": "With seats left",
        **{name: choices[name].get(getattr(wanted, name), "") for name in ("team", "ground", "city", "format")},
    }
    return [(said[name], url_for("site.fixtures", **wanted.without(name).asked)) for name in wanted.asked]


SEAT_WISHES = ("best_count", "best_under", "best_shade", "best_accessible", "best_together")


def wish_of_lines(fixtures, wanted, facts):
    """What a line says and leads to for a wish: {seats: {field: value} for the seat page, far: {stadium id: km}, sales:
    {match id: the Sale of the day that was asked for}}."""
    sales = {f.match.id: suitable(f, wanted, facts) for f in fixtures} if wanted.when else {}
    best = {number: next((s for s in some if s.is_open), some[0]) for number, some in sales.items() if some}
    return {"seats": seats_wish(wanted), "far": facts.far, "sales": best}


def seats_wish(wanted):
    """What a seat page is asked for by its address, {field: value}: nothing where the wish says nothing of seats."""
    if not (wanted.people or wanted.price or wanted.shade or wanted.accessible):
        return {}
    asked = {
        "best_count": wanted.people or "2",
        "best_under": wanted.price.rpartition(" ")[2],
        "best_shade": wanted.shade,
        "best_accessible": wanted.accessible,
        "best_together": "1" if wanted.people != "1" else "",
    }
    return {name: value for name, value in asked.items() if value}


@bp.get("/teams")
@visitor_allowed
@kept_page
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
@kept_page
def team(slug):
    team = profiles.find_team(slug)
    if team is None:
        abort(404)
    coming, past = listing.season()
    competition, ladder = profiles.season_ladder(coming + past)
    mine = search.Wanted(team=slug)
    coming, past = (search.narrow(some, mine, None, Facts()) for some in (coming, past))
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
@kept_page
def player(player_id):
    player = profiles.find_player(player_id) if player_id <= LARGEST_ID else None
    if player is None:
        abort(404)
    figures, innings = profiles.season_of(player)
    return render_template("site/player.html", player=player, team=player.team, figures=figures, innings=innings)


@bp.get("/matches/<int:match_id>")
@visitor_allowed
@by_turn
@kept_page
def match(match_id):
    fixture, siblings = listing.match_for_page(match_id)
    if fixture is None:
        abort(404)
    if fixture.match.stadium is None:
        return redirect(url_for("matches.live", match_id=match_id))
    # A search that found a match of several days hands its wish on to the day that is chosen.
    seats = {name: request.args[name][:20] for name in SEAT_WISHES if name in request.args}
    return render_template("site/match.html", fixture=fixture, siblings=siblings, match=fixture.match, seats=seats)


@bp.get("/grounds/<slug>")
@visitor_allowed
@kept_page
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
@kept_page
def help():
    return render_template("site/help.html")


@bp.get("/privacy")
@public
@kept_page
def privacy():
    return render_template("site/privacy.html")


@bp.get("/terms")
@public
@kept_page
def terms():
    return render_template("site/terms.html")


@bp.get("/sw.js")
@public
def service_worker():
    """The service worker, from the root, so that its scope may be the scorer's pages, tickets and the gate."""
    return delivery.serve("js/sw.js")
