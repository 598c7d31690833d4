"""What a fan is shown before anything is held: up to three choices of seats for a wish, each with its reasons and its
full price; or, where nothing fits, what could be given up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from booking.pricing import Amounts, amounts_of
from models import Event
from models.grounds import BANDS, SEAT_KINDS
from refusals import Refused
from seating.best_available import ACCESSIBLE, UNRESERVED, Search, Wish, search_for
from seating.labels import SeatLabel, labels_of, name_seats
from seating.layout import SeatMap
from seating.shade import Shade, shade_of

RESTRICTED = SEAT_KINDS.index("restricted")


@dataclass(frozen=True, slots=True)
class Offer:
    """Seats for a wish. `kind` is what it is among the offers, cheapest, value or best; nothing where it is the only
    one. `each` is the price of one, None where they differ, `total` that of all, for adults; it `saves` so many minor
    units a seat against the best one.
    """

    kind: str
    seat_ids: list[int]
    place: str
    seats: str
    why: list[str]
    each: Amounts | None
    total: Amounts
    saves: int


@dataclass(frozen=True, slots=True)
class Way:
    """A wish that can be met for one that cannot. `gives_up` is shade, price, place, together or count; `price` the
    full price of its cheapest seats, the dearest of them, in minor units."""

    gives_up: str
    wish: Wish
    price: int


@dataclass(frozen=True, slots=True)
class Offers:
    """Up to three offers, or the ways that are left where there are none."""

    wish: Wish
    offers: list[Offer]
    ways: list[Way]


def find_offers(event: Event, wish: Wish, have: int = 0, max_age: float | None = None, after: int = 0) -> Offers:
    """The Offers for a wish of somebody who holds so many seats already (`have`). The event comes with its ground, and
    with its prices and their amounts. States of the seats as for states_of(). Refused where so many cannot
    be had, or the event has no seats."""
    if have and have + wish.count > event.buyer_limit:
        raise Refused("TOO_MANY_SEATS", limit=event.buyer_limit, have=have)
    search = search_for(event, wish, max_age, after)
    prices = {p.band: amounts_of(p) for p in event.prices if p.ticket_type == "adult"}
    picked = pick(search, prices)
    if not picked:
        return Offers(wish, [], list(_ways(event, wish, search, prices)))
    shade = shade_of(event)
    shaded = {row for first, n in shade.rows for row in range(first, first + n)}
    m, best = search.slots.map, picked[-1][1]
    labels = labels_of([m.ids[i] for _, seats in picked for i in seats])
    offers = []
    for kind, seats in picked:
        seat_ids, of_seats = [m.ids[i] for i in seats], [prices[BANDS[m.band[i]]] for i in seats]
        total = _sum(of_seats)
        offers.append(
            Offer(
                kind,
                seat_ids,
                *_where([labels[i] for i in seat_ids]),
                why=_why(m, seats, wish, shade, shaded),
                each=of_seats[0] if len(set(of_seats)) == 1 else None,
                total=total,
                saves=(_cost(m, best, prices) - total.total) // len(seats),
            )
        )
    return Offers(wish, offers, [])


def pick(search: Search, prices: dict[str, Amounts]) -> list[tuple[str, list[int]]]:
    """Of the choices of a search the cheapest, the best value and the best, in this order: [(kind, seats as indices)].

    The best have the largest sum of quality. The best value is the choice that lies furthest above the straight line
    from the cheapest to the best, price against quality. Equal ones are one.
    """
    m = search.slots.map
    rated = [(sum(m.quality[i] for i in seats), _cost(m, seats, prices), seats) for seats in search.choices()]
    if not rated:
        return []
    best = max(rated, key=lambda x: (x[0], -x[1]))
    cheapest = min(rated, key=lambda x: (x[1], -x[0]))
    if cheapest[1] == best[1]:
        return [("", best[2])]
    quality, cost = best[0] - cheapest[0], best[1] - cheapest[1]

    def gain(x: tuple[int, int, list[int]]) -> float:
        return (x[0] - cheapest[0]) / quality - (x[1] - cheapest[1]) / cost

    found = [("cheapest", cheapest[2]), ("best", best[2])]
    between = max((x for x in rated if cheapest[1] < x[1] < best[1]), key=gain, default=None)
    if between is not None and gain(between) > 0:
        found.insert(1, ("value", between[2]))
    return found


def _cost(m: SeatMap, seats: Sequence[int], prices: dict[str, Amounts]) -> int:
    return sum(prices[BANDS[m.band[i]]].total for i in seats)


def _sum(prices: Sequence[Amounts]) -> Amounts:
    return Amounts(*(sum(part) for part in zip(*prices, strict=True)))


def _ways(event: Event, wish: Wish, search: Search, prices: dict[str, Amounts]) -> Iterator[Way]:
    """Each part of the wish that alone is in the way; then fewer side by side."""
    given_up = {
        "shade": replace(wish, shade=False),
        "price": replace(wish, under=None),
        "place": replace(wish, bands=(), stand_id=None),
        "together": replace(wish, together=False) if not wish.accessible else wish,
    }
    for name, other in given_up.items():
        if other != wish and (found := pick(search_for(event, other, 60), prices)):
            yield Way(name, other, _dearest(search.slots.map, found[0][1], prices))
    for fewer in range(wish.count - 1, 0, -1) if search.free else ():
        other = replace(wish, count=fewer)
        if found := pick(search_for(event, other, 60), prices):
            yield Way("count", other, _dearest(search.slots.map, found[0][1], prices))
            return


def _dearest(m: SeatMap, seats: Sequence[int], prices: dict[str, Amounts]) -> int:
    return max(prices[BANDS[m.band[i]]].total for i in seats)


# --- in words ---------------------------------------------------------------------------------------------------------


def _where(labels: Sequence[SeatLabel]) -> tuple[str, str]:
    """("Cooper Stand, bay 14", "Row A, seats 4 and 5")."""
    if all(label.is_unreserved for label in labels):
        return labels[0].stand, f"{len(labels)} unreserved {'place' if len(labels) == 1 else 'places'}"
    return "; ".join(dict.fromkeys(f"{x.stand}, bay {x.bay}" for x in labels)), name_seats(labels)


def _why(m: SeatMap, seats: Sequence[int], wish: Wish, shade: Shade, shaded: set[int]) -> list[str]:
    """What speaks for these seats, and against them."""
    said = []
    rows = sorted({m.row_of[i] for i in seats})
    if all(m.kind[i] == UNRESERVED for i in seats):
        said.append("sit where you like")
    elif any(m.kind[i] == ACCESSIBLE for i in seats):
        said.append("a wheelchair space, its companion’s seat beside it" if len(seats) > 1 else "a wheelchair space")
    if not wish.accessible and len(seats) > 1 and m.kind[seats[0]] != UNRESERVED:
        is_block = len(rows) == 1 and max(m.position[i] for i in seats) - min(m.position[i] for i in seats) < len(seats)
        said.append("side by side" if is_block else "in one row" if len(rows) == 1 else f"in {len(rows)} rows")
    if shade.rows:
        inside = sum(m.row_of[i] in shaded for i in seats)
        if inside in (0, len(seats)):
            said.append(f"in the {'shade' if inside else 'sun'} at {shade.at:%H:%M}")
    elif wish.shade and shade.is_dark:
        said.append(f"out of the sun, which is down by {shade.at:%H:%M}")
    if m.kind[seats[0]] != UNRESERVED:
        said.append(_distance(m, rows[0]))
    hidden = sum(m.kind[i] == RESTRICTED for i in seats)
    if hidden:
        said.append("part of the view is hidden" if hidden == len(seats) else f"{hidden} with part of the view hidden")
    said.extend(dict.fromkeys(m.rows[row].note for row in rows if m.rows[row].note))
    return said


def _distance(m: SeatMap, row: int) -> str:
    """ "in the front row", "12 rows from the rope"; of an upper level from its own front."""
    bay = m.bays[m.rows[row].bay]
    level = m.levels[bay.level]
    number = next(n for n, one in enumerate(m.rows_of_bays[m.rows[row].bay]) if one is m.rows[row])
    lowest = next(n for n, one in enumerate(m.levels) if one.stand == level.stand)
    if bay.level == lowest:
        return f"{number} {'row' if number == 1 else 'rows'} from the rope" if number else "in the front row"
    of_level = f" of the {level.name}" if level.name else ""
    return f"{number + 1} rows up{of_level}" if number else f"in the front row{of_level}"
