"""How money, times, numbers and names look on a page.

The filters are pure functions; `register(app)` hands them to Jinja.
"""

import math
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request

from accounts import rights
from booking.pricing import amounts_of
from catalogue.fixtures import Fixture
from catalogue.wishes import words_of_when
from extensions import NOBODY, Person, current_person
from models import EventPrice, Stadium
from models.currencies import currency_of
from models.match import TICKET_TYPES
from outside import whole_number
from outside.addresses import readable_address
from outside.plates import letters_of
from refusals import plural, sentence_for
from seating.labels import natural

THEMES = ("day", "lights")
THEME_COOKIE = "theme"

# The eight panels of a cap, clockwise from the top: which of the two colours each has. The fifth pattern wears a hoop
# as well.
PANELS = {1: "12121212", 2: "11112222", 3: "11221122", 4: "12221222", 5: "11111111"}

FORMATS = {
    "T20": "Twenty20, 20 overs a side",
    "Hundred": "The Hundred, 100 balls a side",
    "ODI": "One-day international, 50 overs a side",
    "List A": "One-day match, 50 overs a side",
    "Test": "Test match, five days",
    "First-class": "First-class match, four days",
}


def register(app: Flask) -> None:
    """Give every template the filters, the globals and what the page frame needs."""
    filters = (
        money,
        money_short,
        when,
        day,
        clock,
        span,
        count,
        percent,
        basis_points,
        seat_list,
        plural,
        left_words,
        words_of,
        decline,
        readable_address,
        letters_of,
    )
    filters += (groupby_month, price_table, fee_words)
    app.jinja_env.filters["when_words"] = words_of_when
    for function in filters:
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.filters["time"] = clock
    known: dict[str, Any] = app.jinja_env.globals
    known.update(refusal_words=sentence_for, cap_panels=cap_panels, oval=oval, format_words=FORMATS, bands=BANDS)
    app.context_processor(frame)


def frame() -> dict[str, Any]:
    """What base.html needs: who is here (asked when the header is drawn), the theme this browser keeps, whether money
    is real."""
    theme = request.cookies.get(THEME_COOKIE) if request else None
    return {
        "viewer": viewer,
        "may": lambda right: bool(rights.grounds(right, viewer())),
        "known_viewer": lambda: g.get("person", NOBODY),
        "theme": theme if theme in THEMES else None,
        "sandbox": bool(current_app.config["SETTINGS"].sandboxed) if "SETTINGS" in current_app.config else False,
        "this_year": datetime.now(UTC).year,
    }


def viewer() -> Person:
    """The Person of this request; a browser without a session is nobody, and costs no query."""
    if "person" in g or g.get("session_hash"):
        return current_person()
    return NOBODY


# --- money ------------------------------------------------------------------------------------------------------------


def money(minor: int, currency: str) -> str:
    """4800, "AUD" → "A$48.00". Minor units in, a string with the currency's sign (or its code) out."""
    return currency_of(currency).words(minor)


def money_short(minor: int, currency: str) -> str:
    """4800, "AUD" → "A$48"; 4850 stays "A$48.50". For prices "from …" and bands; totals use money()."""
    places = currency_of(currency).decimals
    full = money(minor, currency)
    return full[: -places - 1] if places and int(minor) % 10**places == 0 else full


# --- times ------------------------------------------------------------------------------------------------------------


def local(moment: datetime, zone: str) -> datetime:
    """The moment in the ground's zone. A time without a zone would be a bug, so it is refused."""
    if moment.tzinfo is None:
        raise ValueError("times are stored and handed on in UTC")
    return moment.astimezone(ZoneInfo(zone))


def zone_name(there: datetime) -> str:
    """AEDT, or GMT+5:45 where the zone has only a number for a name."""
    name = there.tzname() or ""
    if not name.startswith(("+", "-")):
        return name
    minutes = int((there.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"GMT{'−' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")


DAY_PARTS = {"month": "%B %Y", "weekday": "%a", "number": "", "month_short": "%b", "iso": "%Y-%m-%d"}


def day(moment: datetime, zone: str, form: str = "full", today: datetime | None = None) -> str:
    """Saturday 19 December, with the year when it is not this one.

    Forms: full, short ("Sat 19 Dec"), month ("December 2026"), and the parts weekday, number, month_short and iso.
    """
    there = local(moment, zone)
    if form in DAY_PARTS:
        return str(there.day) if form == "number" else f"{there:{DAY_PARTS[form]}}"
    now = (today or datetime.now(UTC)).astimezone(ZoneInfo(zone))
    year = f" {there.year}" if there.year != now.year else ""
    return f"{there:%a} {there.day} {there:%b}{year}" if form == "short" else f"{there:%A} {there.day} {there:%B}{year}"


def clock(moment: datetime, zone: str, named: bool = True) -> str:
    """19:10 AEDT, or 19:10 beside another time that names the zone."""
    there = local(moment, zone)
    return f"{there:%H:%M} {zone_name(there)}" if named else f"{there:%H:%M}"


def when(moment: datetime, zone: str, form: str = "full", today: datetime | None = None) -> str:
    """Saturday 19 December, 19:10 AEDT in the ground's zone; form "short" gives "Sat 19 Dec, 19:10 AEDT"."""
    return f"{day(moment, zone, form, today)}, {clock(moment, zone)}"


def span(starts: datetime, ends: datetime, zone: str, form: str = "short") -> str:
    """Sat 19 Dec, 10:00 AEDT to 12:30 AEDT; with the day of its end where that is another one there."""
    same = local(starts, zone).date() == local(ends, zone).date()
    return f"{when(starts, zone, form)} to {clock(ends, zone) if same else when(ends, zone, form)}"


# --- numbers and words ----------------------------------------------------------------------------


def count(number: int) -> str:
    """20805 → "20,805"."""
    return f"{number:,}"


def percent(share: float) -> str:
    """0.49 → "49%". A share above nothing is never "0%", and one below all never "100%": both would be lies about the
    last seats."""
    if share <= 0:
        return "0%"
    if share >= 1:
        return "100%"
    return f"{min(99, max(1, math.floor(share * 100 + 0.5)))}%"


def basis_points(value: int) -> str:
    """500 → "5%", 1250 → "12.5%"."""
    whole, rest = divmod(int(value), 100)
    return f"{whole}{'.' + f'{rest:02d}'.rstrip('0') if rest else ''}%"


def decline(number: int, one: str, many: str | None | None = None) -> str:
    """Only the word: 4, "seat" → "seats"."""
    return one if number == 1 else many or one + "s"


def words_of(items: Iterable[object]) -> str:
    """["a", "b", "c"] → "a, b and c"."""
    words = [str(item) for item in items]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def seat_list(numbers: Sequence[str]) -> str:
    """["9", "10", "11", "12"] → "9–12"; ["9", "10"] → "9 and 10"; a gap breaks a run, and letters stand as they are."""
    plain = sorted({n for text in numbers if (n := whole_number(str(text))) is not None})
    other = sorted({str(n) for n in numbers if whole_number(str(n)) is None}, key=natural)
    runs = []
    for number in plain:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = []
    for run in runs:
        parts += [f"{run[0]}–{run[-1]}"] if len(run) > 2 else run
    return words_of(parts + other)


def left_words(left: int, capacity: int) -> str:
    """How much is left, in words that invent no scarcity: a number once it is small."""
    share = left / capacity if capacity else 0
    if left <= 0:
        return "Sold out"
    if left <= 100 or share < 0.1:
        return f"{plural(left, 'seat')} left"
    if share >= 0.6:
        return "Plenty of seats"
    return "About half is left" if share >= 0.4 else "Filling up"


# --- sales in words -------------------------------------------------------------------------------


def groupby_month(fixtures: Iterable[Fixture]) -> list[tuple[str, list[Fixture]]]:
    """[("December 2026", [fixture, …]), …] in the order given; each match counts in its own ground's month."""
    return [
        (month, list(some))
        for month, some in groupby(fixtures, lambda f: day(f.match.starts_at, f.ground.time_zone, "month"))
    ]


def price_table(prices: Iterable[EventPrice]) -> dict[str, Any]:
    """EventPrice rows as {kinds: ticket types in their usual order, rows: [(band, {ticket type: Amounts})]}."""
    amounts = {}
    for price in prices:
        amounts.setdefault(price.band, {})[price.ticket_type] = amounts_of(price)
    kinds = [kind for kind in TICKET_TYPES if any(kind in row for row in amounts.values())]
    return {"kinds": kinds, "rows": sorted(amounts.items())}


def fee_words(stadium: Stadium) -> str:
    """What comes on top of the face value at this ground, and where the tax is."""
    parts = [basis_points(stadium.fee_bp)] if stadium.fee_bp else []
    if stadium.fee_each:
        parts.append(f"{money(stadium.fee_each, stadium.currency)} a ticket")
    fee = f"Booking fees: {words_of(parts)}." if parts else "No booking fees."
    if not stadium.tax_bp:
        return fee
    rate = f"{basis_points(stadium.tax_bp)} {stadium.tax_name}"
    return f"{fee} {rate} is inside every price." if stadium.tax_inside else f"{fee} {rate} is added before you pay."


# --- drawing --------------------------------------------------------------------------------------

BANDS = ("A", "B", "C", "D", "E")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")


class HasCap(Protocol):
    """A team as far as its cap goes: two colours (#rrggbb) and the number of its pattern."""

    @property
    def colour_1(self) -> str: ...
    @property
    def colour_2(self) -> str: ...
    @property
    def cap_pattern(self) -> int: ...


def cap_panels(team: HasCap) -> dict[str, Any]:
    """A team's cap seen from above: {panels: [(path, colour)], hoop, edge}. What is no colour becomes grey."""
    first, second = (c if COLOUR.match(c or "") else "#73827a" for c in (team.colour_1, team.colour_2))
    pattern = PANELS.get(team.cap_pattern, PANELS[1])
    panels = []
    for index, which in enumerate(pattern):
        (x1, y1), (x2, y2) = (_on_circle(16, 16, 15, 15, 45 * i) for i in (index, index + 1))
        panels.append((f"M16 16 L{x1:.1f} {y1:.1f} A15 15 0 0 1 {x2:.1f} {y2:.1f}Z", first if which == "1" else second))
    return {"panels": panels, "hoop": second if team.cap_pattern == 5 else None, "edge": darker(first, second)}


def darker(first: str, second: str) -> str:
    """The darker of two colours, darkened: the edge and the button of a cap."""
    rgb = min(([int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (first, second)), key=sum)
    return "#" + "".join(f"{int(v * 0.6):02x}" for v in rgb)


def oval(seats: int, largest: int, centred: bool = False) -> dict[str, Any]:
    """A ground on the strip of grounds, all drawn to one scale: the area stands for the seats. Radii and the stripes of
    the mown field."""
    scale = max(0.32, math.sqrt(max(seats, 1) / max(largest, 1)))
    rx, ry = 92 * scale, 84 * scale
    rings = [
        (round(rx - 8.2 * i * scale, 1), round(ry - 7.4 * i * scale, 1), (11, 15, 9)[i])
        for i in range(3 if scale > 0.5 else 2)
    ]
    grass = (round(rx * 0.64, 1), round(ry * 0.64, 1))
    return {
        "cy": 100 if centred else round(192 - ry, 1),
        "rings": rings,
        "grass": grass,
        "stripe": round(grass[0] / 5, 1),
    }


def _on_circle(cx: float, cy: float, rx: float, ry: float, degrees: float) -> tuple[float, float]:
    turn = math.radians(degrees)
    return cx + rx * math.sin(turn), cy - ry * math.cos(turn)
