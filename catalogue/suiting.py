"""Does a day that is sold suit a wish? By its date where the ground is, its price, and what there is for so many
people, in the shade, in a wheelchair, near somebody.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from catalogue.fixtures import Fixture, Sale
from catalogue.wishes import days_of_when
from models import Stadium
from seating.shade import hour_of_play, is_dark

NEAR = 150  # km; what is played further away is not near
EVENING = 18  # o'clock; play that goes on after it is "tonight"
# The price of a match that is over or cancelled is no price any more.
COUNTED = ("on_sale", "not_yet", "stopped", "sold_out")
# What can be bought, now or later.
COMING = ("on_sale", "not_yet", "stopped")


class Asked(Protocol):
    """The part of catalogue.search.Wanted that a single day answers."""

    @property
    def when(self) -> str: ...
    @property
    def price(self) -> str: ...
    @property
    def people(self) -> str: ...
    @property
    def shade(self) -> str: ...
    @property
    def accessible(self) -> str: ...
    @property
    def left(self) -> str: ...


@dataclass(frozen=True)
class Facts:
    """What the wish is held against.

    `most` is {currency: minor units} for the price asked, `far` {stadium id: km} for where somebody is, `spaces`
    {event id: free wheelchair spaces}, `roofs` the ids of the layouts with a roof over some row.
    """

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    most: Mapping[str, int] = field(default_factory=dict)
    far: Mapping[int, float] = field(default_factory=dict)
    spaces: Mapping[int, int] = field(default_factory=dict)
    roofs: Collection[int] = ()


def suitable(fixture: Fixture, asked: Asked, facts: Facts) -> list[Sale]:
    """The sales of a fixture that suit, in their order. One that nobody sells has none."""
    return [sale for sale in fixture.sales if _suits(fixture, sale, asked, facts)]


def _suits(fixture: Fixture, sale: Sale, asked: Asked, facts: Facts) -> bool:
    ground, event = fixture.ground, sale.event
    if asked.when and not is_played(event.starts_at, event.ends_at, ground.time_zone, asked.when, facts.now):
        return False
    if asked.left and not (sale.is_open and sale.left):
        return False
    if asked.price and not (
        sale.state in COUNTED and sale.from_price is not None and sale.from_price <= facts.most.get(ground.currency, -1)
    ):
        return False
    people = int(asked.people or 0)
    if people and not (
        sale.state in COMING and people <= event.buyer_limit and (people <= sale.left or not sale.is_open)
    ):
        return False
    if asked.accessible and not (sale.state in COMING and facts.spaces.get(event.id)):
        return False
    return not asked.shade or (sale.state in COMING and shade_of(ground, sale, facts) != "none")


def shade_of(ground: Stadium, sale: Sale, facts: Facts) -> str:
    """ "sunset" where the sun is down at the hour of play, "roof" where the map says which rows lie in the shade,
    "unknown" where there is a roof and the ground's place is not known, else "none".
    """
    has_roof = sale.event.layout_id in facts.roofs
    if ground.latitude is None or ground.longitude is None:
        return "unknown" if has_roof else "none"
    if is_dark(ground, hour_of_play(sale.event)):
        return "sunset"
    return "roof" if has_roof else "none"


# --- days -----------------------------------------------------------------------------------------


def is_played(starts_at: datetime, ends_at: datetime, zone: str, when: str, now: datetime) -> bool:
    """Does play that starts and ends then fall on the days that `when` means at a ground in this zone?"""
    there = ZoneInfo(zone)
    starts, ends = starts_at.astimezone(there), ends_at.astimezone(there)
    first, last = days_of_when(when, now.astimezone(there).date())
    if when == "tonight" and ends.date() == starts.date() and ends.hour < EVENING:
        return False
    return first <= starts.date() <= last


def days_of(fixture: Fixture) -> list[date]:
    """The days on which a match is played, in the ground's own time: each day that is sold, or the day it starts."""
    zone = ZoneInfo(fixture.ground.time_zone)
    starts = [sale.event.starts_at for sale in fixture.sales if sale.matches == 1] or [fixture.match.starts_at]
    return sorted({each.astimezone(zone).date() for each in starts})


def count_days(fixtures: Iterable[Fixture], now: datetime) -> dict[date, int]:
    """{day: matches} of the days to come, today's included, in order; a match of five days counts on each."""
    counts: dict[date, int] = {}
    for fixture in fixtures:
        today = now.astimezone(ZoneInfo(fixture.ground.time_zone)).date()
        for day in days_of(fixture):
            if day >= today:
                counts[day] = counts.get(day, 0) + 1
    return dict(sorted(counts.items()))


# --- places ---------------------------------------------------------------------------------------


def distances(grounds: Iterable[Stadium], near: str) -> dict[int, float]:
    """{stadium id: km along a great circle} from "latitude,longitude" in degrees; grounds whose place is not known are
    left out.
    """
    latitude, longitude = (math.radians(float(part)) for part in near.split(","))
    found = {}
    for ground in grounds:
        if ground.latitude is None or ground.longitude is None:
            continue
        there = math.radians(ground.latitude)
        a = (
            math.sin((there - latitude) / 2) ** 2
            + math.cos(latitude) * math.cos(there) * math.sin((math.radians(ground.longitude) - longitude) / 2) ** 2
        )
        found[ground.id] = 12742 * math.asin(math.sqrt(a))
    return found
