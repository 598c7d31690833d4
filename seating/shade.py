"""Where the sun stands, and which rows lie in the shade of their roof at the hour of play.

The hour of play is two hours after the start: the middle of the first half of a one-day match, and after the interval
of a short one.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import zenith_and_azimuth

from caches import Kept
from models import Event, Stadium
from seating.layout import SeatMap, seat_map
from seating.shapes import arc_point

HOUR_OF_PLAY = timedelta(hours=2)
# The sun's upper edge is on the horizon, with the air's refraction, when its middle stands this far below.
SUNSET = -0.833
_QUARTERS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


@dataclass(frozen=True, slots=True)
class Shade:
    """`rows` are [[first row, how many], …] of an event's layout in the shade of their roof `at` the hour of play, an
    aware time of the ground; `words` are what a fan wants to know about the sun. After sunset, when no row is in the
    sun, none is said to be in the shade: `is_dark`.
    """

    rows: list[list[int]]
    words: str
    at: datetime
    is_dark: bool


_shades: Kept[tuple, Shade] = Kept(500)


def shade_of(event: Event) -> Shade:
    """The Shade of an event, which comes with its ground: no row and no word where its layout is not published."""
    place, at = event.stadium, hour_of_play(event).astimezone(ZoneInfo(event.stadium.time_zone))
    key = (event.layout_id, place.latitude, place.longitude, place.bearing, place.time_zone, at)
    if (known := _shades.get(key)) is None:
        seats = seat_map(event.layout_id)
        if seats is None:
            return Shade([], "", at, is_dark(place, at))
        rows = shaded_rows(seats, place, at)
        count = sum(row.count for first, n in rows for row in seats.rows[first : first + n])
        known = Shade(rows, sun_in_words(place, at, count), at, is_dark(place, at))
        _shades.put(key, known)
    return known


def sun_at(latitude: float, longitude: float, at: datetime) -> tuple[float, float]:
    """(azimuth, elevation) of the sun's middle in degrees, clockwise from north and above the horizon, at an aware
    time.

    Without refraction, which is half a degree at the horizon and nothing that a roof's shadow would tell. Eight
    microseconds.
    """
    zenith, azimuth = zenith_and_azimuth(Observer(latitude, longitude), at, with_refraction=False)
    return azimuth, 90 - zenith


def is_dark(stadium: Stadium, at: datetime) -> bool:
    """Is the sun down at a ground? Not where its place is unknown."""
    if stadium.latitude is None or stadium.longitude is None:
        return False
    return sun_at(stadium.latitude, stadium.longitude, at)[1] <= SUNSET


def hour_of_play(event: Event) -> datetime:
    """When the sun matters: two hours after the start, or the end if that comes first."""
    return min(event.starts_at + HOUR_OF_PLAY, event.ends_at)


def shaded_rows(seat_map: SeatMap, stadium: Stadium, at: datetime) -> list[list[int]]:
    """[[first row, how many], …] of the rows in the shade of their level's roof; [] after sunset or where the ground's
    place is unknown.

    The edge of the shade is the roof's front edge, moved towards the field by height / tan(elevation) * cos(azimuth -
    bearing of the row): a low sun across the field comes in under the roof, one behind the stand throws its shadow
    forward. A level shades itself alone.
    """
    if stadium.latitude is None or stadium.longitude is None:
        return []
    azimuth, elevation = sun_at(stadium.latitude, stadium.longitude, at)
    if elevation <= 0:
        return []
    length = 1 / math.tan(math.radians(elevation))
    shaded, number = [], 0
    for rows in seat_map.rows_of_bays:
        number += len(rows)
        if not rows:
            continue
        level = seat_map.levels[seat_map.bays[rows[0].bay].level]
        covered = min(level.roof_rows, len(rows))
        if not covered:
            continue
        middles = [arc_point(row.shape, 0.5) for row in rows]
        x, y = middles[-1]
        bearing = math.degrees(math.atan2(x, -y)) + stadium.bearing
        edge = math.hypot(*middles[-covered]) - level.roof_height * length * math.cos(math.radians(azimuth - bearing))
        inside = [n for n, middle in enumerate(middles, number - len(rows)) if math.hypot(*middle) >= edge]
        for n in inside:
            if shaded and sum(shaded[-1]) == n:
                shaded[-1][1] += 1
            else:
                shaded.append([n, 1])
    return shaded


def sun_in_words(stadium: Stadium, at: datetime, shaded_seats: int) -> str:
    """What a fan wants to know about the sun at the hour of play, or "" where the ground's place is unknown."""
    if stadium.latitude is None or stadium.longitude is None:
        return ""
    if is_dark(stadium, at):
        return "Under lights."
    azimuth, elevation = sun_at(stadium.latitude, stadium.longitude, at)
    hour = at.astimezone(ZoneInfo(stadium.time_zone)).strftime("%H:%M")
    where = f"At {hour} the sun is in the {_QUARTERS[round(azimuth / 45) % 8]}, {max(0, round(elevation))}° high"
    if not shaded_seats:
        return f"{where}. No seat is in the shade."
    return f"{where}. {shaded_seats:,} {'seat is' if shaded_seats == 1 else 'seats are'} in the shade."
