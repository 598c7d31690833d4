"""What machines read on our pages: schema.org data as JSON-LD, in script elements of a data type, which no browser
runs.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, url_for
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from booking.pricing import amounts_of
from catalogue.fixtures import Fixture, Ground, Sale
from models import CarPark, Player, Stadium, Team
from models.currencies import currency_of

# What a sale is called there (schema.org/ItemAvailability); a sale in any other state offers nothing.
AVAILABILITY = {"on_sale": "InStock", "sold_out": "SoldOut", "not_yet": "PreOrder", "stopped": "OutOfStock"}


def register(app: Flask) -> None:
    known: dict[str, Any] = app.jinja_env.globals
    for function in (structured, absolute, crumb_data, site_data, match_data, ground_data, team_data, player_data):
        known[function.__name__] = function


def absolute(endpoint: str, **values: Any) -> str:
    """The address of a page as the world knows it."""
    return current_app.config["SETTINGS"].public_url + url_for(endpoint, **values)


def structured(*things: dict[str, Any] | None) -> Markup:
    """One script element for all of them (what is None is left out); `<`, `>` and `&` are escaped within, so that no
    name can end it."""
    graph = {"@context": "https://schema.org", "@graph": [thing for thing in things if thing]}
    return Markup('<script type="application/ld+json">{}</script>').format(
        htmlsafe_json_dumps(graph, ensure_ascii=False, separators=(",", ":"))
    )


def crumb_data(*steps: tuple[str, str]) -> dict[str, Any]:
    """The way to this page as a BreadcrumbList: (words, address from the root) of each step, this page last."""
    origin = current_app.config["SETTINGS"].public_url
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": words, "item": origin + path}
            for place, (words, path) in enumerate(steps, 1)
        ],
    }


def site_data() -> dict[str, Any]:
    """The site itself, and how to search it."""
    origin = current_app.config["SETTINGS"].public_url
    return {
        "@type": "WebSite",
        "name": "CricVerse",
        "url": f"{origin}/",
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{origin}{url_for('site.fixtures')}?q={{words}}"},
            "query-input": "required name=words",
        },
    }


def match_data(fixture: Fixture, card: str | None = None) -> dict[str, Any]:
    """A SportsEvent: when with the ground's offset, where, who, its state and what tickets cost. Takes a Fixture with
    prices loaded."""
    match, events = fixture.match, [sale.event for sale in fixture.sales]
    ground, teams = fixture.ground, [team_data(match.home_team), team_data(match.away_team)]
    is_off = match.state == "cancelled" or bool(events) and all(event.state == "cancelled" for event in events)
    said: dict[str, Any] = {
        "@type": "SportsEvent",
        "@id": absolute("site.match", match_id=match.id),
        "url": absolute("site.match", match_id=match.id),
        "name": f"{match.home_team.name} v {match.away_team.name}",
        "description": f"{match.competition}: {match.home_team.name} v {match.away_team.name} "
        f"at {ground.name}, {ground.city}.",
        "sport": "Cricket",
        "startDate": there(match.starts_at, ground.time_zone),
        "eventStatus": f"https://schema.org/Event{'Cancelled' if is_off else 'Scheduled'}",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": place_data(ground),
        "homeTeam": teams[0],
        "awayTeam": teams[1],
        "competitor": teams,
        "performer": teams,
        "organizer": {"@type": "Organization", "name": ground.name, "url": absolute("site.ground", slug=ground.slug)},
        "superEvent": {"@type": "EventSeries", "name": match.competition},
    }
    if events:
        said["endDate"] = there(max(event.ends_at for event in events), ground.time_zone)
        said["doorTime"] = there(min(event.gates_open_at for event in events), ground.time_zone)
    if card:
        said["image"] = [card]
    offers = [] if is_off else [offer for sale in fixture.sales if (offer := offer_data(sale, ground))]
    if offers:
        said["offers"] = offers
    return said


def offer_data(sale: Sale, ground: Stadium) -> dict[str, Any] | None:
    """What a ticket costs with its fee and tax, from the lowest to the highest; None for a sale that is over or without
    prices."""
    event = sale.event
    if sale.state not in AVAILABILITY or not event.prices:
        return None
    totals = [amounts_of(price).total for price in event.prices]
    return {
        "@type": "AggregateOffer",
        "url": absolute("bookings.choose", event_id=event.id),
        "availability": f"https://schema.org/{AVAILABILITY[sale.state]}",
        "priceCurrency": ground.currency,
        "lowPrice": currency_of(ground.currency).major(min(totals)),
        "highPrice": currency_of(ground.currency).major(max(totals)),
        "offerCount": sale.left,
        "validFrom": there(event.sale_starts_at, ground.time_zone),
        "validThrough": there(event.sale_ends_at, ground.time_zone),
    }


def place_data(ground: Stadium) -> dict[str, Any]:
    """A ground as the place of something."""
    said: dict[str, Any] = {
        "@type": "StadiumOrArena",
        "@id": absolute("site.ground", slug=ground.slug),
        "name": ground.name,
        "url": absolute("site.ground", slug=ground.slug),
        "address": {
            "@type": "PostalAddress",
            **({"streetAddress": ground.address} if ground.address else {}),
            "addressLocality": ground.city,
            "addressCountry": ground.country,
        },
    }
    if ground.latitude is not None and ground.longitude is not None:
        said["geo"] = {"@type": "GeoCoordinates", "latitude": ground.latitude, "longitude": ground.longitude}
    return said


def ground_data(ground: Ground, car_parks: Iterable[CarPark] = ()) -> dict[str, Any]:
    """A ground's own page: the place with its size and what is there. Takes catalogue.fixtures.Ground."""
    stadium = ground.stadium
    said = place_data(stadium)
    if stadium.about:
        said["description"] = stadium.about
    if ground.seats:
        said["maximumAttendeeCapacity"] = ground.seats
    there_is = [one["name"] for one in stadium.facilities or () if one.get("name")] + [
        f"Parking: {park.name}" for park in car_parks
    ]
    if there_is:
        said["amenityFeature"] = [
            {"@type": "LocationFeatureSpecification", "name": name, "value": True} for name in there_is
        ]
    return said


def team_data(team: Team, home: Stadium | None = None, players: Iterable[Player] = ()) -> dict[str, Any]:
    """A club; with its home ground and squad on its own page."""
    said: dict[str, Any] = {
        "@type": "SportsTeam",
        "@id": absolute("site.team", slug=team.slug),
        "name": team.name,
        "alternateName": team.short_name,
        "sport": "Cricket",
        "url": absolute("site.team", slug=team.slug),
    }
    if home:
        said["location"] = place_data(home)
    if players:
        said["athlete"] = [
            {"@type": "Person", "name": player.name, "url": absolute("site.player", player_id=player.id)}
            for player in players
        ]
    return said


def player_data(player: Player, team: Team) -> dict[str, Any]:
    return {
        "@type": "Person",
        "@id": absolute("site.player", player_id=player.id),
        "name": player.name,
        "url": absolute("site.player", player_id=player.id),
        "jobTitle": f"Cricketer, {player.role}",
        "memberOf": team_data(team),
    }


def there(moment: datetime, zone: str) -> str:
    """2026-12-19T19:10:00+11:00: the ground's own clock, with its offset."""
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
