"""Being found: which pages may be, the map of them all, calendars of clubs, the pictures that shared links show, and
what Apple asks of a domain.
"""

import gzip
from datetime import timedelta
from urllib.parse import quote
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort, current_app, request

from caches.responses import bodies
from catalogue import sitemap as directory
from extensions import limiter
from tickets import calendar
from web import share_card, structured
from web.delivery import FOR_EVER
from web.guards import public
from web.presentation import clock
from web.structured import absolute

bp = Blueprint("discovery", __name__)

# The pages that a search engine may show. Every other answer says noindex, errors included.
FINDABLE = frozenset(
    "site.home site.fixtures site.teams site.team site.player site.match site.ground site.help site.privacy site.terms "
    "matches.live matches.scorecard matches.ladder".split()
)
# What crawlers need not even ask for: pages of people, pages that ask the database much, and what only scripts read.
CLOSED = (
    "/account /api/ /book-parking-enhanced/ /book-tickets-enhanced/ /bookings/ /owner /scorer /sign- /t/ /tickets "
    "/healthz /readyz"
).split()
DRAWN = ("discovery.card", "discovery.site_card")

MAP_SECONDS = 600
FEED_SECONDS = 3600
REFRESHED = timedelta(hours=6)  # how often a subscribed calendar should be asked for again
CARD_SECONDS = 300


def init_app(app):
    structured.register(app)
    app.jinja_env.globals.update(canonical=canonical, card_address=card_address, site_card_address=site_card_address)
    app.after_request(keep_out)


def is_for_everybody():
    """Staging is a copy that nobody should find."""
    return current_app.config["SETTINGS"].environment != "staging"


def keep_out(response):
    """X-Robots-Tag for what should not be found: it holds for files as well as for pages."""
    findable = request.endpoint in FINDABLE or request.endpoint in DRAWN or request.endpoint == "static"
    if not findable or response.status_code >= 400 or not is_for_everybody():
        response.headers.setdefault("X-Robots-Tag", "noindex")
    return response


def canonical(**more):
    """The one address of this page, for its head: without filters and pages of a list.

    None for a page that may not be found.
    """
    if request.endpoint not in FINDABLE or not is_for_everybody():
        return None
    return absolute(request.endpoint, **(request.view_args or {}), **more)


# --- robots and the map ---------------------------------------------------------------------------


@bp.get("/robots.txt")
@public
def robots():
    lines = (
        ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED)]
        if is_for_everybody()
        else ["User-agent: *", "Disallow: /"]
    )
    if is_for_everybody():
        lines += ["", f"Sitemap: {absolute('discovery.sitemap')}"]
    return kept(Response("\n".join(lines) + "\n", mimetype="text/plain"), MAP_SECONDS)


@bp.get("/sitemap.xml")
@limiter.limit("30/minute")
@public
def sitemap():
    """Every page that may be found, at most 50,000 (sitemaps.org); drawn and gzipped every ten minutes at most."""
    origin = current_app.config["SETTINGS"].public_url
    body = bodies.cached(f"sitemap:{origin}", sitemap_body, seconds=MAP_SECONDS)
    zipped = "gzip" in request.accept_encodings
    response = Response(body if zipped else gzip.decompress(body), mimetype="application/xml")
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.add_etag()
    return kept(response, MAP_SECONDS).make_conditional(request)


def sitemap_body():
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">']
    lines += [f"<url><loc>{escape(absolute(name))}</loc></url>" for name in PLAIN]
    # An address is made once a kind and not once a page: there may be fifty thousand.
    around = {kind: absolute(endpoint, **{name: 0}).rsplit("/0", 1) for kind, (endpoint, name) in PAGES.items()}
    for found in directory.everything(directory.MOST - len(PLAIN)):
        before, after = around[found.kind]
        changed = f"<lastmod>{found.changed.isoformat(timespec='seconds')}</lastmod>" if found.changed else ""
        lines.append(f"<url><loc>{escape(f'{before}/{quote(found.key)}{after}')}</loc>{changed}</url>")
    return gzip.compress("\n".join([*lines, "</urlset>\n"]).encode(), 6, mtime=0)


PLAIN = ("site.home", "site.fixtures", "site.teams", "matches.ladder", "site.help", "site.privacy", "site.terms")
PAGES = {
    "ground": ("site.ground", "slug"),
    "team": ("site.team", "slug"),
    "match": ("site.match", "match_id"),
    "centre": ("matches.live", "match_id"),
    "player": ("site.player", "player_id"),
}


@bp.get("/.well-known/apple-developer-merchantid-domain-association")
@public
def apple_pay_domain():
    """Apple asks whether this domain is the merchant's before it offers Apple Pay here."""
    file = current_app.config["SETTINGS"].apple_pay_domain
    if file is None:
        abort(404)
    return Response(file, mimetype="application/octet-stream")


# --- calendars ------------------------------------------------------------------------------------


@bp.get("/teams/<slug>.ics")
@limiter.limit("60/minute")
@public
def team_calendar(slug):
    """The matches of a club as a calendar to subscribe to (RFC 5545, with the refresh hints of RFC 7986)."""
    team = directory.find_team(slug)
    if team is None:
        abort(404)
    entries = [entry for found in directory.calendar_of(team.id) for entry in entries_of(*found)]
    here = absolute("discovery.team_calendar", slug=slug)
    name = f"{team.name}, cricket"
    file = calendar.file_of(
        entries,
        calscale="GREGORIAN",
        name=name,
        x_wr_calname=name,
        description=f"Matches of {team.name}, and their results.",
        url=calendar.uri(absolute("site.team", slug=slug)),
        source=calendar.uri(here),
        refresh_interval=REFRESHED,
        x_published_ttl=REFRESHED,
    )
    response = Response(file, mimetype="text/calendar", headers={"Content-Disposition": f"inline; filename={slug}.ics"})
    response.add_etag()
    return kept(response, FEED_SECONDS).make_conditional(request)


def entries_of(match, recorded, summary):
    """A match in the calendar: one entry, or one for each day that is sold by itself.

    The first event has the match's own name for ever, so that a day added later renames nothing.
    """
    if not match.events:
        return [entry_of(match, None, recorded, summary, f"match-{match.id}", "")]
    first, is_long = min(event.id for event in match.events), len(match.events) > 1
    return [
        entry_of(
            match,
            event,
            recorded,
            summary,
            f"match-{match.id}" if event.id == first else f"match-{match.id}-event-{event.id}",
            f", day {number}" if is_long else "",
        )
        for number, event in enumerate(match.events, 1)
    ]


# How long play lasts where no event says it.
HOURS = {"T20": 4, "Hundred": 3}


def entry_of(match, event, recorded, summary, name, day):
    ground, is_off = match.stadium, match.state == "cancelled" or bool(event and event.state == "cancelled")
    begins = event.starts_at if event and day else match.starts_at
    ends = end_of(match, event)
    known = [recorded, event and event.cancelled_at, *(each.created_at for each in match.events)]
    known = [moment for moment in known if moment]
    changed = max(known, default=match.starts_at - timedelta(days=365))
    said = [f"{match.competition}{f', match {match.number}' if match.number else ''}, {match.format}."]
    said += ["Cancelled."] if is_off else []
    said += [f"{one['short']} {one['text']} ({one['overs']})." for one in (summary or {}).get("scores", ())]
    said += [f"{result}."] if (result := (summary or {}).get("result") or match.result) else []
    said += [f"Gates open at {clock(event.gates_open_at, ground.time_zone)}."] if event and not is_off else []
    address = absolute("site.match", match_id=match.id)
    is_placed = ground.latitude is not None and ground.longitude is not None
    return calendar.event(
        uid=f"{name}@cricverse",
        dtstamp=changed,
        last_modified=changed,
        # What changes here: a day is added, after which the others have numbers, and the match is called off.
        sequence=max(len(match.events) - 1, 0) + is_off,
        status="CANCELLED" if is_off else "CONFIRMED",
        dtstart=begins,
        dtend=max(ends, begins + timedelta(minutes=30)),
        summary=f"{match.home_team.name} v {match.away_team.name}{day}",
        location=", ".join(place_words(ground)),
        geo=(round(ground.latitude, 6), round(ground.longitude, 6)) if is_placed else None,
        description=" ".join([*said, address]),
        url=calendar.uri(address),
        transp="TRANSPARENT",
    )


def place_words(ground):
    """Name, address and city; a city that the address names already is not said twice."""
    city = "" if ground.city in (ground.address or "") else ground.city
    return [words for words in (ground.name, ground.address, city) if words]


def end_of(match, event):
    """When play is over: the event's end, or the start of the next match on the same ticket."""
    if event is None:
        return match.starts_at + timedelta(hours=HOURS.get(match.format, 8))
    later = [other.starts_at for other in event.matches if match.starts_at < other.starts_at < event.ends_at]
    return min([*later, event.ends_at])


# --- pictures -------------------------------------------------------------------------------------


@bp.get("/card.png")
@limiter.limit("60/minute")
@public
def site_card():
    return picture(share_card.Card())


@bp.get("/matches/<int:match_id>/card.png")
@limiter.limit("120/minute")
@public
def card(match_id):
    """The picture of a match: clubs, date in the ground's zone, ground; the score once it is played."""
    fixture = directory.match_for_card(match_id)
    if fixture is None:
        abort(404)
    return picture(share_card.card_of(fixture))


def picture(card):
    response = Response(mimetype="image/png")
    response.set_etag(card.version)
    response.headers["Cache-Control"] = (
        FOR_EVER if request.args.get("v") == card.version else f"public, max-age={CARD_SECONDS}"
    )
    # Made to be shown elsewhere: without this a browser refuses it to the pages of others.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.if_none_match.contains_weak(card.version):
        return response.make_conditional(request)
    response.set_data(bodies.cached(f"card:{card.version}", lambda: share_card.png(card), seconds=86400))
    return response


def card_address(fixture):
    """The address of a match's picture as it looks now."""
    return absolute("discovery.card", match_id=fixture.match.id, v=share_card.card_of(fixture).version)


def site_card_address():
    return absolute("discovery.site_card", v=share_card.Card().version)


def kept(response, seconds):
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response
