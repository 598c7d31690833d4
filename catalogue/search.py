"""Finding a match: the season narrowed by what a fan asks for, search that forgives accents and slips, and the nearest
there is instead.

A season is some hundred fixtures, so it is read once and narrowed here; a filter costs no query.
"""

import difflib
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from catalogue.fixtures import Fixture
from catalogue.suiting import NEAR, Facts, is_played, suitable
from catalogue.wishes import FILLERS, is_when, read_price, read_wish
from models import Team
from outside.folding import plain

LONGEST_SEARCH = 120
MONTH = re.compile(r"(20|19)[0-9][0-9]-(0[1-9]|1[0-2])\Z")
PLACE = re.compile(r"-?[0-9]{1,2}(\.[0-9])?,-?[0-9]{1,3}(\.[0-9])?\Z")
# In this order a filter is given up when nothing fits all of them.
GIVEN_UP = (
    *("left", "shade", "price", "near", "when", "month", "format"),
    *("people", "city", "ground", "team", "accessible", "q"),
)
# What a single day of a match answers, and not the match.
OF_A_DAY = ("when", "price", "people", "shade", "accessible", "left")


@dataclass(frozen=True)
class Wanted:
    """What a fan asks for; an empty field asks for nothing.

    `when` is a span of catalogue.wishes, a weekday or a date, `month` is YYYY-MM, both in the ground's own time;
    `price` is in major units as text, after a currency's code where only that currency will do; `people` a whole
    number; `near` is "me" where nobody has said yet where that is, "unknown" where the browser would not say, else
    "latitude,longitude" to a tenth of a degree, which is a place of some ten kilometres and no address.
    """

    q: str = ""
    team: str = ""
    ground: str = ""
    city: str = ""
    when: str = ""
    month: str = ""
    price: str = ""
    format: str = ""
    people: str = ""
    shade: str = ""
    accessible: str = ""
    near: str = ""
    left: str = ""

    @property
    def asked(self) -> dict[str, str]:
        """{field: value} of what is asked for, as an address carries it."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name)}

    def without(self, name: str) -> "Wanted":
        """The same, asking for nothing in the field of this name."""
        return replace(self, **{name: ""})

    @property
    def place(self) -> str:
        """Where somebody is, or "" where that is not said."""
        return self.near if "," in self.near else ""


@dataclass(frozen=True)
class Reading:
    """How a request was read: what is `wanted`, as the page shows it; what is `sought` for it, with slips put right;
    `corrected` the words that were, or None; `unknown` the words that nothing is called by and that were left out.
    """

    wanted: Wanted
    sought: Wanted
    corrected: str | None
    unknown: list[str]


def read_wanted(
    given: Mapping[str, str],
    choices: Mapping[str, Collection[str]],
    today: date | None = None,
    names: Collection[str] = (),
) -> Wanted:
    """Wanted from an address's fields ({name: text}); whatever is not among the choices ({field: values}) asks for
    nothing.

    What the words of `q` ask for goes into its own field, and counts more than what stood there; `names` are the words
    that something is called by.
    """
    clean = {f.name: (given.get(f.name) or "").strip() for f in fields(Wanted)}
    for name in ("team", "ground", "city", "format"):
        clean[name] = clean[name] if clean[name] in choices[name] else ""
    for name in ("left", "shade", "accessible"):
        clean[name] = "1" if clean[name] in ("1", "on", "yes") else ""
    clean["when"] = clean["when"] if is_when(clean["when"]) else ""
    clean["month"] = clean["month"] if MONTH.match(clean["month"]) else ""
    clean["price"] = read_price(clean["price"]) if len(clean["price"]) <= LONGEST_SEARCH else ""
    clean["people"] = clean["people"].lstrip("0") if re.fullmatch("[0-9]{1,2}", clean["people"]) else ""
    clean["near"] = clean["near"] if clean["near"] in ("me", "unknown") or _is_place(clean["near"]) else ""
    wish = read_wish(typed(given), today or datetime.now(UTC).date(), names=names, formats=choices["format"])
    if {"when", "month"} & wish.asked.keys():
        clean |= {"when": "", "month": ""}
    return Wanted(**{**clean, **wish.asked, "q": wish.rest})


def typed(given: Mapping[str, str]) -> str:
    """The words of a search as they were typed, with single blanks."""
    return " ".join((given.get("q") or "").split())[:LONGEST_SEARCH]


def _is_place(text: str) -> bool:
    if not PLACE.match(text):
        return False
    latitude, longitude = (float(part) for part in text.split(","))
    return abs(latitude) <= 90 and abs(longitude) <= 180


def read(given: Mapping[str, str], choices: Mapping[str, Collection[str]], words: "Words") -> Reading:
    """The Reading of an address's fields, by the Words of the fixtures that are searched."""
    wanted = read_wanted(given, choices, names=words.names)
    called, rest = words.called(wanted.q)
    wanted = replace(wanted, **called, q=rest)
    text = typed(given)
    known, corrected, unknown = words.sort_out(wanted.q)
    if unknown and not known and wanted.q == text:
        return Reading(wanted, wanted, None, [])  # nothing at all was understood, so nothing fits
    if unknown:
        wanted = replace(wanted, q=" ".join(known))
    return Reading(wanted, replace(wanted, q=corrected) if corrected else wanted, corrected, unknown)


def month_of(fixture: Fixture) -> str:
    """YYYY-MM of a match in its ground's own time."""
    return f"{fixture.match.starts_at.astimezone(ZoneInfo(fixture.ground.time_zone)):%Y-%m}"


def narrow(fixtures: Iterable[Fixture], wanted: Wanted, words: "Words | None", facts: Facts) -> list[Fixture]:
    """The fixtures that fit. `words` is the Words of the same fixtures."""
    return [fixture for fixture in fixtures if _fits(fixture, wanted, words, facts)]


def _fits(fixture: Fixture, wanted: Wanted, words: "Words | None", facts: Facts) -> bool:
    match, ground = fixture.match, fixture.ground
    if wanted.team and wanted.team not in (match.home_team.slug, match.away_team.slug):
        return False
    if (wanted.ground and ground.slug != wanted.ground) or (wanted.city and ground.city != wanted.city):
        return False
    if (wanted.format and match.format != wanted.format) or (wanted.month and month_of(fixture) != wanted.month):
        return False
    if wanted.place and facts.far.get(ground.id, NEAR + 1) > NEAR:
        return False
    if any(getattr(wanted, name) for name in OF_A_DAY) and not (
        suitable(fixture, wanted, facts) if fixture.sales else _is_on(fixture, wanted, facts)
    ):
        return False
    return not wanted.q or (words is not None and words.has(fixture, wanted.q))


def _is_on(fixture: Fixture, wanted: Wanted, facts: Facts) -> bool:
    """Does a match that nobody sells fit, by its day alone?"""
    if any(getattr(wanted, name) for name in OF_A_DAY if name != "when"):
        return False
    starts = fixture.match.starts_at
    return is_played(starts, starts, fixture.ground.time_zone, wanted.when, facts.now)


def instead(
    fixtures: Collection[Fixture], wanted: Wanted, words: "Words | None", facts: Facts
) -> tuple[str, Fixture] | None:
    """(field given up, the first fixture that fits the rest), or None: what to offer where nothing fits.

    For somebody with nothing near, the first is the nearest.
    """
    for name in GIVEN_UP:
        if getattr(wanted, name):
            found = narrow(fixtures, wanted.without(name), words, facts)
            if found and name == "near":
                return name, min(found, key=lambda f: facts.far.get(f.ground.id, math.inf))
            if found:
                return name, found[0]
    return None


# --- words ----------------------------------------------------------------------------------------


# Words of a search that name nothing.
BETWEEN = FILLERS | {"v", "vs"}


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
        self._calls: dict[tuple[str, ...], tuple[str, str]] = {}  # what is called so: (field of Wanted, value)
        for fixture in fixtures:
            match, ground = fixture.match, fixture.ground
            for team in (match.home_team, match.away_team):
                for name in (team.name, team.short_name):
                    self._calls[tuple(plain(name))] = ("team", team.slug)
            self._calls[tuple(plain(ground.city))] = ("city", ground.city)
            self._calls[tuple(plain(ground.name))] = ("ground", ground.slug)
            own = plain(f"{ground.name} {ground.city} {match.competition} {match.format} {match.number or ''}")
            self._of[match.id] = of_team(match.home_team) | of_team(match.away_team) | set(own)

        self.names = frozenset().union(*self._of.values())

    def has(self, fixture: Fixture, search: str) -> bool:
        """Does each word of the search begin a word of this fixture?"""
        known = self._of[fixture.match.id]
        return all(any(word.startswith(part) for word in known) for part in plain(search) if part not in BETWEEN)

    def called(self, search: str) -> tuple[dict[str, str], str]:
        """({field: value} of the one club, ground and city that are called by their whole names, the words that are
        left). Of two clubs the words stay: "terns v herons" is their match.
        """
        words = search.split()
        bare = [plain(word) for word in words]
        found: dict[str, dict[str, set[int]]] = {}
        taken: set[int] = set()
        spans = [
            (first, last) for first in range(len(words)) for last in range(first + 1, min(first + 6, len(words)) + 1)
        ]
        for first, last in sorted(spans, key=lambda span: span[0] - span[1]):  # "Sydney Kites" before "Sydney"
            name = tuple(part for parts in bare[first:last] for part in parts)
            if name in self._calls and taken.isdisjoint(range(first, last)):
                field, value = self._calls[name]
                taken.update(range(first, last))
                found.setdefault(field, {}).setdefault(value, set()).update(range(first, last))
        said = {field: next(iter(values)) for field, values in found.items() if len(values) == 1}
        gone = {n for field in said for places in found[field].values() for n in places}
        rest = [word for n, word in enumerate(words) if n not in gone]
        if said and all(part in BETWEEN for word in rest for part in plain(word)):
            rest = []
        return said, " ".join(rest)

    def sort_out(self, search: str) -> tuple[list[str], str | None, list[str]]:
        """(words that name something, the same with slips put right or None where there is none, words that
        nothing is called by).
        """
        known, better, unknown = [], [], []
        for word in search.split():
            parts = [self._right(part) for part in plain(word) if part not in BETWEEN]
            if None in parts:
                unknown.append(word)
            elif parts:
                known.append(word)
                better += [part for part in parts if part]
        return known, " ".join(better) if better != plain(" ".join(known)) else None, unknown

    def _right(self, part: str) -> str | None:
        """The word, or the one that it must mean, or None where nothing is close."""
        if any(word.startswith(part) for word in self.names):
            return part
        close = difflib.get_close_matches(part, sorted(self.names), 1, 0.75) if len(part) > 3 else []
        return close[0] if close else None
