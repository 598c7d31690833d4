"""Finding a match: the season narrowed by what a fan asks for, search that forgives accents and slips, and the nearest
there is instead.

A season is some hundred fixtures, so it is read once and narrowed here; a filter costs no query.
"""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from zoneinfo import ZoneInfo

from catalogue.fixtures import Fixture
from models import Team
from outside.folding import plain

LONGEST_SEARCH = 80
MONTH = re.compile(r"(20|19)[0-9][0-9]-(0[1-9]|1[0-2])\Z")
PRICE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?\Z")
# In this order a filter is given up when nothing fits all of them.
GIVEN_UP = ("left", "price", "month", "format", "city", "ground", "team", "q")


@dataclass(frozen=True)
class Wanted:
    """What a fan asks for; an empty field asks for nothing.

    `month` is YYYY-MM in the ground's own time, `price` in major units as text.
    """

    q: str = ""
    team: str = ""
    ground: str = ""
    city: str = ""
    month: str = ""
    price: str = ""
    format: str = ""
    left: str = ""

    @property
    def asked(self) -> dict[str, str]:
        """{field: value} of what is asked for, as an address carries it."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name)}

    def without(self, name: str) -> "Wanted":
        """The same, asking for nothing in the field of this name."""
        return replace(self, **{name: ""})


def read_wanted(given: Mapping[str, str], choices: Mapping[str, Collection[str]]) -> Wanted:
    """Wanted from an address's fields ({name: text}); whatever is not among the choices ({field: values}) asks for
    nothing.
    """
    clean = {
        name: (given.get(name) or "").strip()
        for name in ("q", "team", "ground", "city", "month", "price", "format", "left")
    }
    clean["q"] = " ".join(clean["q"].split())[:LONGEST_SEARCH]
    for name in ("team", "ground", "city", "format"):
        clean[name] = clean[name] if clean[name] in choices[name] else ""
    clean["month"] = clean["month"] if MONTH.match(clean["month"]) else ""
    clean["price"] = clean["price"] if PRICE.match(clean["price"]) else ""
    clean["left"] = "1" if clean["left"] in ("1", "on", "yes") else ""
    return Wanted(**clean)


def month_of(fixture: Fixture) -> str:
    """YYYY-MM of a match in its ground's own time."""
    return f"{fixture.match.starts_at.astimezone(ZoneInfo(fixture.ground.time_zone)):%Y-%m}"


def narrow(
    fixtures: Iterable[Fixture], wanted: Wanted, words: "Words | None", most: Mapping[str, int]
) -> list[Fixture]:
    """The fixtures that fit. `words` is the Words of the same fixtures; `most` is {currency: minor units} for the price
    asked."""
    return [fixture for fixture in fixtures if _fits(fixture, wanted, words, most)]


def _fits(fixture: Fixture, wanted: Wanted, words: "Words | None", most: Mapping[str, int]) -> bool:
    match, ground = fixture.match, fixture.ground
    if wanted.team and wanted.team not in (match.home_team.slug, match.away_team.slug):
        return False
    if (wanted.ground and ground.slug != wanted.ground) or (wanted.city and ground.city != wanted.city):
        return False
    if (wanted.format and match.format != wanted.format) or (wanted.month and month_of(fixture) != wanted.month):
        return False
    open_ = [sale for sale in fixture.sales if sale.is_open and sale.left]
    if wanted.left and not open_:
        return False
    if wanted.price and not any(
        s.from_face is not None and s.from_face <= most[ground.currency] for s in fixture.sales if s.state in COUNTED
    ):
        return False
    return not wanted.q or (words is not None and words.has(fixture, wanted.q))


# The price of a match that is over or cancelled is no price any more.
COUNTED = ("on_sale", "not_yet", "stopped", "sold_out")


def instead(
    fixtures: Collection[Fixture], wanted: Wanted, words: "Words | None", most: Mapping[str, int]
) -> tuple[str, Fixture] | None:
    """(field given up, the first fixture that fits the rest), or None: what to offer where nothing fits."""
    for name in GIVEN_UP:
        if getattr(wanted, name):
            found = narrow(fixtures, wanted.without(name), words, most)
            if found:
                return name, found[0]
    return None


# --- words ----------------------------------------------------------------------------------------


class Words:
    """What fixtures can be found by: teams, grounds, cities, competition and players.

    `players` is {team id: names in one text}.
    """

    def __init__(self, fixtures: Iterable[Fixture], players: Mapping[int, str | None]) -> None:
        teams = {}

        def of_team(team: Team) -> set[str]:
            if team.id not in teams:
                teams[team.id] = {*plain(f"{team.name} {team.short_name}"), *plain(players.get(team.id) or "")}
            return teams[team.id]

        self._of = {}
        for fixture in fixtures:
            match, ground = fixture.match, fixture.ground
            own = plain(f"{ground.name} {ground.city} {match.competition} {match.format} {match.number or ''}")
            self._of[match.id] = of_team(match.home_team) | of_team(match.away_team) | set(own)

    def has(self, fixture: Fixture, search: str) -> bool:
        """Does each word of the search begin a word of this fixture?"""
        known = self._of[fixture.match.id]
        return all(any(word.startswith(part) for word in known) for part in plain(search) if part not in ("v", "vs"))

    def corrected(self, search: str) -> str | None:
        """The search with words that nothing begins with put right, where something is close; None where nothing is."""
        known = sorted(set().union(*self._of.values())) if self._of else []
        better = []
        for part in plain(search):
            if part in ("v", "vs") or any(word.startswith(part) for word in known):
                better.append(part)
                continue
            close = difflib.get_close_matches(part, known, 1, 0.75) if len(part) > 3 else []
            if not close:
                return None
            better.append(close[0])
        return " ".join(better) if better != plain(search) else None
