"""The rule about single seats: a choice must not leave one free seat alone between others, if the same number could be
taken without. It looks at what the buyer leaves behind, when seats are taken and when one is given back.

It speaks of ordinary seats only. Whoever chooses a wheelchair space or a companion's seat is never refused, members'
seats and unreserved places count as walls, and where a run of free seats leaves no other way, the single seat may stay.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caches import Kept
from database import read_public
from models import Event
from models.grounds import SEAT_KINDS
from refusals import Refused, sentences
from seating.labels import join_words, labels_of
from seating.layout import SeatMap, seat_map
from seating.states import FREE, TAKEN

GUARDED = tuple(SEAT_KINDS.index(kind) for kind in ("standard", "restricted"))
_FREELY = tuple(SEAT_KINDS.index(kind) for kind in ("accessible", "companion"))
KEPT = 30  # seconds that an event's rule is remembered


@dataclass(frozen=True, slots=True)
class Lonely:
    """Indices of the seats that a choice would leave alone, and of the nearest choice of as many seats that leaves
    none.
    """

    alone: list[int]
    instead: list[int]


def _sentence(details: Mapping[str, Any]) -> str:
    alone, instead = details.get("alone_names", ()), details.get("instead_names", ())
    if not alone:
        return "This would leave a single seat on its own, which hardly anybody buys. Choose the seats beside it."
    seats = "seat" if len(alone) == 1 else "seats"
    return (
        f"This would leave {seats} {join_words(alone)} on {'its' if len(alone) == 1 else 'their'} own, which hardly "
        f"anybody buys. Take {join_words(instead)} instead, or other seats."
    )


def _left_sentence(details: Mapping[str, Any]) -> str:
    back, instead = details.get("back_name", "This seat"), details.get("instead_names", ())
    seats = f"seat {join_words(instead, 'or')}" if instead else "one at the end"
    return f"{back} would be left on its own, which hardly anybody buys. Take out {seats} instead, or all of them."


sentences({"LONELY_SEAT": _sentence, "LONELY_LEFT": _left_sentence})


def find_lonely(m: SeatMap, states: bytearray, chosen: Collection[int]) -> Lonely | None:
    """The Lonely of a choice (indices of the SeatMap `m`) over states (one byte a seat), or None where it leaves no
    avoidable single seat.
    """
    chosen = set(chosen)
    if any(m.kind[i] in _FREELY for i in chosen):
        return None
    alone, instead, seen = [], [], set()
    for seat in sorted(chosen):
        if seat in seen:
            continue
        if m.kind[seat] not in GUARDED:
            instead.append(seat)
            continue
        run = _run_around(m, states, chosen, seat)
        seen.update(run)
        places = [i - run.start for i in run if i in chosen]
        left = _left_alone(places, len(run))
        if not left or len(run) - len(places) == 1:  # the last one of a run is alone whatever is chosen
            instead.extend(run.start + p for p in places)
            continue
        alone.extend(run.start + p for p in left)
        instead.extend(run.start + p for p in _nearest(places, len(run)))
    return Lonely(alone, instead) if alone else None


def find_left_alone(m: SeatMap, states: bytearray, mine: Collection[int], back: int) -> list[int]:
    """Where giving back one of one's own seats would leave it alone: those beside it that could go instead, as indices.

    [] where it may go: it is not left alone, whichever goes one is, or the choice was free of the rule.
    """
    mine = set(mine)
    if m.kind[back] not in GUARDED or any(m.kind[i] in _FREELY for i in mine):
        return []
    run = _run_around(m, states, mine, back)
    places = [i - run.start for i in run if i in mine]

    def is_alone(place: int) -> bool:
        return place in _left_alone([p for p in places if p != place], len(run))

    if not is_alone(back - run.start):
        return []
    return [run.start + p for p in places if not is_alone(p)]


def _run_around(m: SeatMap, states: bytearray, chosen: Collection[int], seat: int) -> range:
    """The range of neighbouring ordinary seats around a chosen one that are free or chosen."""
    row = m.rows[m.row_of[seat]]

    def joins(i: int, beside: int) -> bool:
        return (
            m.kind[i] in GUARDED and (i in chosen or states[i] == FREE) and abs(m.position[i] - m.position[beside]) == 1
        )

    first = last = seat
    while first > row.first and joins(first - 1, first):
        first -= 1
    while last + 1 < row.first + row.count and joins(last + 1, last):
        last += 1
    return range(first, last + 1)


def _left_alone(places: Sequence[int], length: int) -> list[int]:
    """The free places of a run that stand alone when these are taken. `places` in ascending order."""
    walls = [-1, *places, length]
    return [a + 1 for a, b in zip(walls, walls[1:], strict=False) if b - a == 2]


def _nearest(places: Sequence[int], length: int) -> tuple[int, ...]:
    """As many places with no single one left between, as near to these as can be: the least sum of steps; the first of
    equals.
    """
    # reach[p] = (steps, places so far) where the last one taken is p. A gap of one between two is not allowed.
    reach = {p: (abs(p - places[0]), (p,)) for p in range(length) if p != 1}
    for wanted in places[1:]:
        reach = {
            p: (steps + abs(p - wanted), (*taken, p))
            for p in range(length)
            if (best := min((reach[q] for q in range(p) if q in reach and p - q != 2), default=None))
            for steps, taken in [best]
        }
    return min(found for p, found in reach.items() if length - 1 - p != 1)[1]


_rules: Kept[int, tuple[int | None, bool]] = Kept(1000, KEPT)  # event id → (layout id, guarded or not)


def note(event: Event) -> None:
    """Remember what a page has read of its event anyway, so that a hold need not ask."""
    _rules.put(event.id, (event.layout_id, event.guards_singles))


def _rule_of(event_id: int) -> tuple[int | None, bool]:
    known = _rules.get(event_id)
    if known is None:
        found = read_public("select layout_id, guards_singles from event where id = %s", event_id)
        known = tuple(found[0]) if found else (None, False)
        _rules.put(event_id, known)
    return known


def check_left(event_id: int, mine: Sequence[int], back: int) -> None:
    """Refuse to take one seat (`back`) out of the seats of a hold, where it would be left alone and another could go:
    LONELY_LEFT with `alone` and `instead`."""
    layout_id, is_guarded = _rule_of(event_id)
    if layout_id is None or not is_guarded or (m := seat_map(layout_id)) is None:
        return
    own = [index for seat_id in mine if (index := m.index_of(seat_id)) is not None]
    index = m.index_of(back)
    if index is None or len(own) < 2:
        return
    states = _states_around(event_id, m, [index])
    for i in own:
        states[i] = FREE
    instead = [m.ids[i] for i in find_left_alone(m, states, own, index)]
    if not instead:
        return
    labels = labels_of([back, *instead])
    names = [labels[i].number for i in instead if i in labels]
    words = {"back_name": labels[back].short, "instead_names": names} if back in labels else {}
    raise Refused("LONELY_LEFT", words=words, alone=[back], instead=instead)


def check(event_id: int, seat_ids: Sequence[int]) -> None:
    """Refuse a choice that leaves a single seat without need: LONELY_SEAT with `alone` and `instead`.

    One statement, which reads the claims of the rows that were chosen from.
    """
    layout_id, is_guarded = _rule_of(event_id)
    if not seat_ids or layout_id is None or not is_guarded or (m := seat_map(layout_id)) is None:
        return
    chosen = [index for seat_id in seat_ids if (index := m.index_of(seat_id)) is not None]
    if len(chosen) < len(seat_ids):
        return  # the hold itself says what is wrong
    lonely = find_lonely(m, _states_around(event_id, m, chosen), chosen)
    if lonely is None:
        return
    alone, instead = ([m.ids[i] for i in some] for some in (lonely.alone, lonely.instead))
    labels = labels_of([*alone, *instead])
    names = {
        "alone_names": [labels[i].number for i in alone if i in labels],
        "instead_names": [labels[i].number for i in instead if i in labels],
    }
    raise Refused("LONELY_SEAT", words=names, alone=alone, instead=instead)


def _states_around(event_id: int, m: SeatMap, chosen: Collection[int]) -> bytearray:
    """The states of the rows of these seats, as they are now; every other seat reads as free."""
    rows = [m.rows[row] for row in {m.row_of[i] for i in chosen}]
    ids = [m.ids[i] for row in rows for i in range(row.first, row.first + row.count)]
    claimed = read_public(
        "select seat_id from seat_claim where event_id = %s and seat_id = any (%s) "
        "and not app.has_lapsed(state, expires_at)",
        event_id,
        ids,
    )
    states = bytearray(m.count)
    for (seat_id,) in claimed:
        if (index := m.index_of(seat_id)) is not None:
            states[index] = TAKEN
    return states
