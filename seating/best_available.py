"""The best available seats: arithmetic on long integers, one bit a seat.

The seats of a layout lie in slots, highest bit first, with an empty slot wherever two are not neighbours. Where four
neighbours are free is then three shifts and three ANDs over the whole ground, and the blocks are looked through in an
order that is made once for a layout.

What is best: blocks that leave no single seat behind (seating/orphans.py), where the event guards against it; among
them the largest sum of quality; among equals the first in the order of the map. Only when every block leaves one, those
that do.
"""

import random
from array import array
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, islice
from typing import Any

from caches import Kept, remembered
from models import Event
from models.grounds import BANDS, SEAT_KINDS
from refusals import Refused, sentences
from seating import orphans
from seating.layout import LAYOUTS, SeatMap, seat_map
from seating.shade import shade_of
from seating.states import FREE, states_of

ACCESSIBLE, COMPANION, MEMBERS, UNRESERVED = (
    SEAT_KINDS.index(kind) for kind in ("accessible", "companion", "members", "unreserved")
)
ON, OFF = b"1", b"0"
KEPT_SHADES = 50  # of a layout: its events at their hours of play
_FREE_BIT = bytes(ON[0] if state == FREE else OFF[0] for state in range(256))


def _not_together(details: Mapping[str, Any]) -> str:
    most, elsewhere = details.get("most", 0), details.get("elsewhere")
    ways = [f"{most} side by side"] if most > 1 else []
    ways += [f"all of you in {elsewhere['name']}"] if elsewhere else []
    there = f" There {'are' if most > 1 else 'is room for'} {' or '.join(ways)}." if ways else ""
    return (
        f"There are not that many free seats side by side there.{there} Try fewer, another part of the ground, or "
        "seats apart."
    )


sentences(
    {
        "NOT_TOGETHER": _not_together,
        "NONE_LEFT": "There are not enough free seats of this kind. Try another part of the ground.",
    }
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a fan asks for: how many, where (bands, a stand, or anywhere), side by side or not, with a wheelchair space
    and companion, in the shade, and `under` which full price of an adult's seat, in minor units.

    `is_member` opens the members' seats of the ground.
    """

    count: int
    bands: tuple[str, ...] = ()
    stand_id: int | None = None
    together: bool = True
    accessible: bool = False
    is_member: bool = False
    under: int | None = None
    shade: bool = False


def best_available(event: Event, wish: Wish, skip: int = 0, max_age: float | None = None) -> list[int]:
    """The seat ids of the best free seats for this wish. Refused NOT_TOGETHER or NONE_LEFT when there are none.

    The event comes with its ground, and with its prices and their amounts. `skip` passes over the best ones found:
    another buyer is after them at this moment. States may be `max_age` seconds old. Places of an unreserved area are
    given when its stand is asked for, any of them: nobody sees their numbers.
    """
    search = search_for(event, wish, max_age)
    return [search.slots.map.ids[index] for index in search.find(skip)]


def search_for(event: Event, wish: Wish, max_age: float | None = None, after: int = 0) -> "Search":
    """The Search of a wish over the states of an event, at most `max_age` seconds old and not older than version
    `after`; the event as for best_available()."""
    if not 1 <= wish.count <= event.buyer_limit:
        raise Refused("TOO_MANY_SEATS.asked", status=422, limit=event.buyer_limit)
    slots = slots_of(event.layout_id)
    states = states_of(event.id, event.layout_id, max_age, after)
    if states is None:
        raise Refused("NONE_LEFT")
    prices = {p.band: p.amounts[2] for p in event.prices if p.ticket_type == "adult"}
    shade = shade_of(event) if wish.shade else None
    shaded = slots.rows(shade.rows) if shade and not shade.is_dark else slots.all
    return Search(slots, states.seats, prices, wish, event.guards_singles, shaded)


@remembered(LAYOUTS)
def slots_of(layout_id: int) -> "Slots":
    """The Slots of a published layout, made once. Refused NONE_LEFT where it is not published."""
    found = seat_map(layout_id)
    if found is None:
        raise Refused("NONE_LEFT")
    return Slots(found)


class Slots:
    """The seats of a layout as bits. `x << k` brings the bit of slot s + k to slot s."""

    def __init__(self, found: SeatMap) -> None:
        self.map = found
        self.pieces = list(_pieces(found))  # [first index, end) of seats that are neighbours
        self.seat_of = array("i")  # slot → index, -1 between pieces
        for first, end in self.pieces:
            self.seat_of.extend(range(first, end))
            self.seat_of.append(-1)
        self.width = len(self.seat_of)
        self.all = (1 << self.width) - 1
        self._masks, self._orders, self._mixes = {}, {}, {}
        self._rows: Kept[tuple, int] = Kept(KEPT_SHADES)

    def bits(self, text: bytes | bytearray) -> int:
        """One "0" or "1" a seat as an integer of one bit a slot."""
        return int(OFF.join([text[first:end] for first, end in self.pieces]) + OFF, 2)

    def kinds(self, *kinds: int) -> int:
        """The seats of these kinds (numbers in SEAT_KINDS)."""
        return self._mask(("kind", kinds), lambda: self.map.kind.translate(_table(kinds)))

    def bands(self, bands: Sequence[str]) -> int:
        """The seats of these bands."""
        return self._mask(("band", bands), lambda: self.map.band.translate(_table([BANDS.index(b) for b in bands])))

    def stand(self, stand_id: int) -> int:
        """The seats of a stand; none where there is no such stand."""
        stand = next((s for s in self.map.stands if s.id == stand_id), None)
        if stand is None:
            return 0
        return self._mask(
            ("stand", stand_id),
            lambda: OFF * stand.first + ON * stand.count + OFF * (self.map.count - stand.first - stand.count),
        )

    def rows(self, runs: Iterable[Sequence[int]]) -> int:
        """The seats of these runs of rows, [[first row, how many], …]."""
        key = tuple(map(tuple, runs))
        if (known := self._rows.get(key)) is None:
            text = bytearray(OFF * self.map.count)
            for first, n in key:
                last = self.map.rows[first + n - 1]
                start, end = self.map.rows[first].first, last.first + last.count
                text[start:end] = ON * (end - start)
            known = self.bits(text)
            self._rows.put(key, known)
        return known

    def _mask(self, key: Hashable, text: Callable[[], bytes]) -> int:
        if key not in self._masks:
            self._masks[key] = self.bits(text())
        return self._masks[key]

    @cached_property
    def plain(self) -> int:
        """The seats that the rule about single seats speaks of."""
        return self.kinds(*orphans.GUARDED)

    def blocks(self, wanted: int, n: int) -> int:
        """The slots from which n neighbours are all in `wanted`."""
        found, have = wanted, 1
        while have < n:
            step = min(have, n - have)
            found &= found << step
            have += step
        return found & self.all

    def exactly_one(self, of: int, n: int) -> int:
        """The slots from which exactly one of n neighbours is in `of`."""
        once = twice = 0
        for k in range(n):
            here = of << k
            twice |= once & here
            once |= here
        return once & ~twice & self.all

    def beside(self, one: int, other: int, n: int) -> int:
        """The slots from which, among n neighbours, one of `one` and one of `other` sit side by side."""
        pair, found = (one & (other << 1)) | (other & (one << 1)), 0
        for k in range(n - 1):
            found |= pair << k
        return found & self.all

    def leave_single(self, free: int, n: int) -> int:
        """The slots where taking n neighbours would leave a seat of `free` alone beside them."""
        left = (free >> 1) & ~(free >> 2)
        right = (free << n) & ~(free << (n + 1))
        return (left | right) & self.all

    def leave_the_last(self, free: int, n: int) -> int:
        """The slots where taking n neighbours leaves the last one of a run of `free` alone, as any other n would."""
        left = (free >> 1) & ~(free >> 2) & ~(free << n)
        right = (free << n) & ~(free << (n + 1)) & ~(free >> 1)
        return (left | right) & self.all

    def bit(self, slot: int) -> int:
        """This slot alone."""
        return 1 << (self.width - 1 - slot)

    def order(self, n: int) -> "array[int]":
        """Every slot from which n neighbours follow, the largest sum of quality first, then as on the map."""
        if n not in self._orders:
            sums = [0, *accumulate(self.map.quality[i] if i >= 0 else 0 for i in self.seat_of)]
            slot, found = 0, []
            for first, end in self.pieces:
                found.extend(range(slot, slot + end - first - n + 1))
                slot += end - first + 1
            worth = [a - b for a, b in zip(sums, sums[n:], strict=False)]
            found.sort(key=worth.__getitem__)
            self._orders[n] = array("i", found)
        return self._orders[n]

    def first(self, candidates: int, n: int) -> int | None:
        """The best slot of these candidates for n neighbours, or None."""
        if not candidates:
            return None
        marked = format(candidates, f"0{self.width}b").encode()
        one = ON[0]
        return next((slot for slot in self.order(n) if marked[slot] == one), None)

    def by_mix(self, n: int) -> tuple[list["array[int]"], "array[int]"]:
        """(for each band the slots from which n neighbours are of it alone, the slots of mixed ones), best first."""
        if n not in self._mixes:
            band, alone, mixed = self.map.band, [array("i") for _ in BANDS], array("i")
            for slot in self.order(n):
                first = self.seat_of[slot]
                value = band[first]
                (alone[value] if band.count(value, first, first + n) == n else mixed).append(slot)
            self._mixes[n] = alone, mixed
        return self._mixes[n]

    def first_of_each_mix(self, candidates: int, n: int) -> Iterator[int]:
        """Of these candidates for n neighbours the best slot of each mix of bands (a generator)."""
        if not candidates:
            return
        marked = format(candidates, f"0{self.width}b").encode()
        one, seat_of, band, seen = ON[0], self.seat_of, self.map.band, set()
        alone, mixed = self.by_mix(n)
        for slots in alone:
            yield from islice((slot for slot in slots if marked[slot] == one), 1)
        for slot in mixed:
            if marked[slot] == one:
                first = seat_of[slot]
                mix = band[first : first + n]
                if mix not in seen:
                    seen.add(mix)
                    yield slot

    def seats(self, candidates: int) -> Iterator[int]:
        """The indices of these slots, best seats first (a generator)."""
        marked = format(candidates, f"0{self.width}b").encode()
        one = ON[0]
        return (self.seat_of[slot] for slot in self.order(1) if marked[slot] == one)

    def block(self, slot: int, n: int) -> list[int]:
        """The indices of n seats from a slot on."""
        return list(self.seat_of[slot : slot + n])

    def without(self, wanted: int, slot: int, n: int) -> int:
        """`wanted` less n slots from this one on."""
        return wanted & ~(((1 << n) - 1) << (self.width - slot - n))


class Search:
    """One wish, over the states of an event (one byte a seat) and the full prices of an adult, {band: minor units}.

    `shaded` are the slots in the shade; it is asked for by wishes for shade only.
    """

    def __init__(
        self,
        slots: Slots,
        states: bytearray,
        prices: Mapping[str, int],
        wish: Wish,
        guards_singles: bool,
        shaded: int | None = None,
    ) -> None:
        self.slots, self.states, self.wish, self.guards = slots, states, wish, guards_singles
        self.bands = [
            b
            for b in sorted(prices, key=prices.__getitem__)
            if (not wish.bands or b in wish.bands) and (wish.under is None or prices[b] <= wish.under)
        ]
        self.unclaimed = slots.bits(states.translate(_FREE_BIT))
        self.everywhere = self.unclaimed & slots.bands(tuple(sorted(prices)))
        self.free = self.everywhere & slots.bands(tuple(sorted(self.bands)))
        if wish.stand_id is not None:
            self.free &= slots.stand(wish.stand_id)
        if wish.shade and shaded is not None:
            self.free &= shaded
        self.sold_kinds = slots.plain | (slots.kinds(MEMBERS) if wish.is_member else 0)

    def find(self, skip: int = 0) -> list[int]:
        """The seats as indices of the map."""
        if self.wish.accessible:
            return self._with_companion(skip)
        wanted = self.free & self.sold_kinds
        found = self._together(wanted, self.wish.count, skip) if self.wish.together else self._apart(wanted, skip)
        if found is None and self.wish.stand_id is not None:
            found = self._places()
        if found is None:
            raise self._refusal(wanted)
        return found

    def choices(self) -> list[list[int]]:
        """Seats for the wish as indices of the map: of each mix of bands in which there are some the best. [] when
        there are none.

        Where a choice would leave a single seat behind without need, it is not among them: the hold would refuse it.
        """
        wanted, n = self.free & self.sold_kinds, self.wish.count
        if self.wish.accessible:
            wanted, also = self._parties()
            found = self._blocks(wanted, n, also(n))
            if not found:
                try:
                    found = [self._with_companion(0)]
                except Refused:
                    return []
            return found
        found = self._blocks(wanted, n) if self.wish.together else self._spread(wanted)
        return found + self._areas()

    def _blocks(self, wanted: int, n: int, also: Callable[[int], int] | None = None) -> list[list[int]]:
        """Of each mix of bands the best block of n neighbours that the rule about single seats allows."""
        slots, found = self.slots, {}
        blocks = slots.blocks(wanted, n) & (also(wanted) if also else slots.all)
        clean, rest, free = blocks, 0, self.unclaimed & slots.plain
        if self.guards:
            clean = blocks & ~slots.leave_single(free, n)
            rest = blocks & ~clean & (slots.leave_the_last(free, n) | ~slots.blocks(slots.plain, n))
        for slot in slots.first_of_each_mix(clean, n):
            found[self._mix(slot, n)] = slots.block(slot, n)
        # The few of the rest that the rule refuses make room for the next best of their mix.
        while rest:
            refused = 0
            for slot in slots.first_of_each_mix(rest, n):
                block = slots.block(slot, n)
                if orphans.find_lonely(slots.map, self.states, block):
                    refused |= slots.bit(slot)
                else:
                    found.setdefault(self._mix(slot, n), block)
            if not refused:
                break
            rest &= ~refused
        return list(found.values())

    def _mix(self, slot: int, n: int) -> bytes:
        """The bands of n neighbours from a slot, in their order."""
        first = self.slots.seat_of[slot]
        return self.slots.map.band[first : first + n]

    def _spread(self, wanted: int) -> list[list[int]]:
        """The best seats anywhere, those of each band, and the cheapest of all."""
        n, slots = self.wish.count, self.slots
        best = list(islice(slots.seats(wanted), n))
        by_price = [list(islice(slots.seats(wanted & slots.bands((band,))), n)) for band in self.bands]
        cheapest = list(chain.from_iterable(by_price))[:n]
        allowed = (self._without_single(seats) for seats in (best, *by_price, cheapest) if len(seats) == n)
        return [seats for seats in allowed if seats]

    def _without_single(self, seats: list[int]) -> list[int] | None:
        """These seats, or as many near them of the same bands where they would leave a single one; None without."""
        if not self.guards or not (lonely := orphans.find_lonely(self.slots.map, self.states, seats)):
            return seats
        band = self.slots.map.band
        return lonely.instead if {band[i] for i in lonely.instead} <= {band[i] for i in seats} else None

    def _areas(self) -> list[list[int]]:
        """As many places of each unreserved area that has them, at random: nobody sees their numbers."""
        n, slots, found = self.wish.count, self.slots, []
        places = self.free & slots.kinds(UNRESERVED)
        for stand in slots.map.stands if places else ():
            here = places & slots.stand(stand.id)
            if here.bit_count() >= n:
                found.append(random.sample(list(slots.seats(here)), n))
        return found

    def _together(
        self, wanted: int, n: int, skip: int = 0, also: Callable[[int], int] | None = None
    ) -> list[int] | None:
        """The best block of n neighbours; `also(wanted)` are slots that fit a further condition."""
        slots = self.slots
        while True:
            blocks = slots.blocks(wanted, n)
            if also is not None:
                blocks &= also(wanted)
            slot = None
            if self.guards:
                slot = slots.first(blocks & ~slots.leave_single(self.unclaimed & slots.plain, n), n)
            if slot is None:
                slot = slots.first(blocks, n)
            if slot is None:
                return None
            if not skip:
                return slots.block(slot, n)
            skip -= 1
            wanted = slots.without(wanted, slot, n)

    def _apart(self, wanted: int, skip: int) -> list[int] | None:
        n = self.wish.count
        seats = self.slots.seats(wanted)
        found = [seat for _, seat in zip(range((skip + 1) * n), seats, strict=False)]
        if len(found) < n:
            return None
        return self._without_single(found[-n:]) or found[-n:]

    def _places(self) -> list[int] | None:
        """As many places of the stand's unreserved area, anywhere in it: at random, two buyers at a time seldom mean
        the same ones.
        """
        places = list(self.slots.seats(self.free & self.slots.kinds(UNRESERVED)))
        return random.sample(places, self.wish.count) if len(places) >= self.wish.count else None

    def _with_companion(self, skip: int) -> list[int]:
        """One wheelchair space with one companion's seat beside it, and the others of the party next to them, or
        together in the same stand.
        """
        n, slots = self.wish.count, self.slots
        wanted, fits = self._parties()
        if found := self._together(wanted, n, skip, fits(n)):
            return found
        if n <= 2:
            raise Refused("NONE_LEFT")
        pair = self._together(wanted & slots.kinds(ACCESSIBLE, COMPANION), 2, skip, fits(2))
        if pair is None:
            raise Refused("NONE_LEFT")
        stand = next(s.id for s in slots.map.stands if s.first <= pair[0] < s.first + s.count)
        others = self._together(self.free & self.sold_kinds & slots.stand(stand), n - 2)
        if others is None:
            raise Refused("NOT_TOGETHER")
        return pair + others

    def _parties(self) -> tuple[int, Callable[[int], Callable[[int], int]]]:
        """(the seats for a party with a wheelchair, what fits a party of a size: one space, beside it one companion's
        seat).
        """
        slots = self.slots
        space, companion = slots.kinds(ACCESSIBLE), slots.kinds(COMPANION)

        def fits(size: int) -> Callable[[int], int]:
            return lambda wanted: (
                slots.exactly_one(wanted & space, size)
                & (
                    slots.exactly_one(wanted & companion, size) & slots.beside(space, companion, size)
                    if size > 1
                    else slots.all
                )
            )

        return self.free & (space | companion | self.sold_kinds), fits

    def _refusal(self, wanted: int) -> Refused:
        """Not together: how many there are side by side, and where all of them would be."""
        n, slots = self.wish.count, self.slots
        code = "NOT_TOGETHER" if self.wish.together else "NONE_LEFT"
        most = next((k for k in range(n - 1, 0, -1) if slots.blocks(wanted, k)), 0) if self.wish.together else 0
        elsewhere = None
        if self.wish != Wish(n, together=self.wish.together, is_member=self.wish.is_member):
            other = self._together(self.everywhere & self.sold_kinds, n)
            if other:
                stand = next(s for s in slots.map.stands if s.first <= other[0] < s.first + s.count)
                elsewhere = {"stand": stand.id, "name": stand.name}
        details = {"most": most, "elsewhere": elsewhere}
        return Refused(code, **details)


def _table(values: Collection[int]) -> bytes:
    return bytes(ON[0] if n in values else OFF[0] for n in range(256))


def _pieces(m: SeatMap) -> Iterator[tuple[int, int]]:
    for row in m.rows:
        first = row.first
        for i in range(row.first + 1, row.first + row.count):
            if m.position[i] != m.position[i - 1] + 1:
                yield first, i
                first = i
        yield first, row.first + row.count
