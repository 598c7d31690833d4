"""The best available seats against an exhaustive search on random grounds."""

from array import array
from dataclasses import dataclass, replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refusals import Refused
from seating import orphans
from seating.best_available import ACCESSIBLE, COMPANION, MEMBERS, UNRESERVED, Search, Slots, Wish
from seating.layout import Bay, Level, Row, SeatMap, Stand
from tests.support.holding import held_seats

STANDARD, RESTRICTED = 0, 3
FREE = 0
PRICES = {"A": 300, "B": 200, "C": 150}  # of an adult, all included


def build(rows, stands=1):
    """A SeatMap of rows [(stand, [(position, kind, band, quality), …]), …]; a stand's rows come together."""
    made, kind, band, quality, position, row_of = [], [], [], array("h"), array("h"), array("i")
    firsts = {}
    for stand, seats in rows:
        first = len(kind)
        firsts.setdefault(stand, [first, 0])[1] += len(seats)
        for p, k, b, q in seats:
            kind.append(k)
            band.append(b)
            quality.append(q)
            position.append(p)
            row_of.append(len(made))
        made.append(
            Row(
                len(made) + 1, str(len(made) + 1), 0, first, len(seats), max(p for p, *_ in seats), (0, 0, 10, 0, 0), ""
            )
        )
    n = len(kind)
    return SeatMap(
        layout_id=1,
        stadium_id=1,
        count=n,
        ids=array("i", range(100, 100 + n)),
        kind=bytes(kind),
        band=bytes(band),
        quality=quality,
        position=position,
        row_of=row_of,
        rows=made,
        bays=[Bay(1, "1", "", "A", 0, 0, n)],
        levels=[Level(0, "Lower", 0, 0)],
        stands=[Stand(s + 1, str(s), f"Stand {s}", "", *firsts.get(s, (0, 0))) for s in range(stands)],
        numbers={},
        gates={"A": "Gate A"},
        runs=[(100, 0, n)],
    )


@st.composite
def grounds(draw):
    """A ground of two stands with gaps, kinds, bands and states as they come."""
    rows = []
    for stand in (0, 0, 1, 1):
        positions, at = [], 1
        for _ in range(draw(st.integers(1, 9))):
            positions.append(at)
            at += draw(st.sampled_from((1, 1, 1, 1, 2)))
        mixed = (STANDARD,) * 8 + (ACCESSIBLE, COMPANION, RESTRICTED, MEMBERS, UNRESERVED)
        kinds = st.sampled_from(
            draw(st.sampled_from((mixed, (STANDARD, RESTRICTED), (ACCESSIBLE, COMPANION, COMPANION, STANDARD))))
        )
        rows.append((stand, [(p, draw(kinds), draw(st.integers(0, 2)), draw(st.integers(0, 20))) for p in positions]))
    found = build(rows, 2)
    claimed = draw(st.sampled_from(((0, 0, 0, 1, 2, 3), (0,), (0,) * 12 + (2,))))
    states = bytearray(draw(st.lists(st.sampled_from(claimed), min_size=found.count, max_size=found.count)))
    return found, states


wishes = st.builds(
    Wish,
    count=st.integers(1, 5),
    bands=st.sampled_from(((), (), ("A",), ("B",), ("A", "C"))),
    stand_id=st.sampled_from((None, None, 1, 2)),
    accessible=st.booleans(),
    is_member=st.booleans(),
    under=st.sampled_from((None, None, 200)),
)


@dataclass
class Slow:
    """Looks at every block of every row, one after the other."""

    m: SeatMap
    states: bytearray
    prices: dict
    wish: Wish

    def blocks(self):
        w = self.wish
        for row in self.m.rows:
            for first in range(row.first, row.first + row.count - w.count + 1):
                block = range(first, first + w.count)
                if (
                    self.m.position[block[-1]] - self.m.position[first] == w.count - 1
                    and all(map(self.fits, block))
                    and self.is_party(block)
                ):
                    yield block

    def fits(self, i):
        band = "ABCDE"[self.m.band[i]]
        stand = next(s.id for s in self.m.stands if s.first <= i < s.first + s.count)
        sold = (STANDARD, RESTRICTED) + ((MEMBERS,) if self.wish.is_member else ())
        sold += (ACCESSIBLE, COMPANION) if self.wish.accessible else ()
        return (
            self.states[i] == FREE
            and band in self.prices
            and (not self.wish.bands or band in self.wish.bands)
            and (self.wish.under is None or PRICES[band] <= self.wish.under)
            and self.wish.stand_id in (None, stand)
            and self.m.kind[i] in sold
        )

    def is_party(self, block):
        if not self.wish.accessible:
            return True
        kinds = [self.m.kind[i] for i in block]
        one_each = kinds.count(ACCESSIBLE) == 1 and (len(block) == 1 or kinds.count(COMPANION) == 1)
        # The companion's seat is beside the space, not somewhere in the party.
        return one_each and (len(block) == 1 or abs(kinds.index(ACCESSIBLE) - kinds.index(COMPANION)) == 1)

    def leaves_single(self, block):
        """True where a free ordinary seat beside the block has no free ordinary neighbour left."""

        def is_free(i):
            return self.states[i] == FREE and self.m.kind[i] in orphans.GUARDED and i not in block

        def near(i):
            return [
                j
                for j in (i - 1, i + 1)
                if 0 <= j < self.m.count
                and self.m.row_of[j] == self.m.row_of[i]
                and abs(self.m.position[j] - self.m.position[i]) == 1
            ]

        return any(is_free(j) and not any(map(is_free, near(j))) for i in block for j in near(i))

    def worth(self, block):
        return sum(self.m.quality[i] for i in block)


@settings(max_examples=400, deadline=None)
@given(grounds(), wishes, st.sampled_from((PRICES, {"A": 300, "B": 200})), st.booleans())
def test_a_block_is_as_good_as_the_best_of_all(ground, wish, prices, guards):
    m, states = ground
    slow = Slow(m, states, prices, wish)
    every = list(slow.blocks())
    clean = [b for b in every if not slow.leaves_single(b)] if guards else every
    search = Search(Slots(m), states, prices, wish, guards)
    if every:
        found = search.find()
        best = max(map(slow.worth, clean or every))
        assert slow.worth(found) == best and range(found[0], found[-1] + 1) in every
        assert not guards or slow.leaves_single(found) == (not clean)
        # Among equals, the first of the map.
        assert found[0] == next(b[0] for b in (clean or every) if slow.worth(b) == best)
        return
    try:
        found = search.find()
    except Refused as refusal:
        assert refusal.code in ("NOT_TOGETHER", "NONE_LEFT")
        if "most" in refusal.details and refusal.code == "NOT_TOGETHER":
            sizes = [k for k in range(1, wish.count) if any(Slow(m, states, prices, replace(wish, count=k)).blocks())]
            assert refusal.details["most"] == max(sizes, default=0)
        return
    assert len(set(found)) == wish.count and all(states[i] == FREE for i in found)
    kinds = [m.kind[i] for i in found]
    if wish.accessible:  # the others of the party elsewhere in the stand
        assert (
            wish.count > 2
            and (kinds.count(ACCESSIBLE), kinds.count(COMPANION)) == (1, 1)
            and abs(m.position[found[0]] - m.position[found[1]]) == 1
        )
    else:
        assert wish.stand_id is not None and set(kinds) == {UNRESERVED}


@settings(max_examples=150, deadline=None)
@given(grounds(), wishes, st.booleans())
def test_of_each_mix_of_bands_the_best_block_is_a_choice_and_the_cheapest_is_among_them(ground, wish, guards):
    m, states = ground
    slow = Slow(m, states, PRICES, wish)
    allowed = [
        b
        for b in slow.blocks()
        if not guards or not slow.leaves_single(b) or not orphans.find_lonely(m, states, list(b))
    ]
    found = [c for c in Search(Slots(m), states, PRICES, wish, guards).choices() if m.kind[c[0]] != UNRESERVED]
    if not allowed:
        assert not found or wish.accessible  # the others of that party elsewhere
        return

    def mix(seats):
        return [m.band[i] for i in seats]

    def cost(seats):
        return sum(PRICES["ABC"[band]] for band in mix(seats))

    assert all(range(c[0], c[-1] + 1) in allowed for c in found)
    assert min(map(cost, found)) == min(map(cost, allowed))
    for choice in found:
        alike = [b for b in allowed if mix(b) == mix(choice)]
        clean = [b for b in alike if not slow.leaves_single(b)] if guards else alike
        assert slow.worth(choice) == max(map(slow.worth, clean or alike))


def test_a_worse_seat_of_a_mix_is_a_choice_where_the_rule_refuses_the_best_of_it():
    """The better seat of the cheap band would leave one alone without need; of the other's pair one is alone anyway."""
    pair, three = [(1, STANDARD, 0, 0), (2, STANDARD, 2, 0)], [(p, STANDARD, 2 * (p == 2), p == 2) for p in (1, 2, 3)]
    m = build([(0, pair), (0, three)])
    found = Search(Slots(m), bytearray(m.count), PRICES, Wish(1), True).choices()
    assert [1] in found and [3] not in found


def test_what_the_rule_about_single_seats_would_refuse_is_no_choice():
    m = build([(0, [(1, STANDARD, 1, 5), (2, STANDARD, 0, 5), (3, STANDARD, 1, 5), (4, STANDARD, 1, 5)])])
    for guards, found in ((True, [[0]]), (False, [[1], [0]])):
        assert Search(Slots(m), bytearray(4), PRICES, Wish(1), guards).choices() == found


@settings(max_examples=150, deadline=None)
@given(grounds(), st.integers(1, 4), st.booleans())
def test_seats_apart_are_the_best_ones(ground, count, is_member):
    m, states = ground
    wish = Wish(count, together=False, is_member=is_member)
    slow = Slow(m, states, PRICES, wish)
    free = sorted((-m.quality[i], i) for i in range(m.count) if slow.fits(i))
    search = Search(Slots(m), states, PRICES, wish, False)
    if len(free) < count:
        with pytest.raises(Refused):
            search.find()
    else:
        assert search.find() == [i for _, i in free[:count]]


@settings(max_examples=200, deadline=None)
@given(grounds(), wishes)
def test_what_is_passed_over_is_not_offered_again(ground, wish):
    m, states = ground
    search, seen = (
        Search(Slots(m), states, PRICES, Wish(wish.count, wish.bands, is_member=wish.is_member), True),
        set(),
    )
    for skip in range(4):
        try:
            found = search.find(skip)
        except Refused:
            return
        assert not seen & set(found)
        seen |= set(found)


@settings(max_examples=400, deadline=None)
@given(grounds(), st.data())
def test_the_rule_finds_what_is_left_alone_and_the_nearest_way_out(ground, data):
    m, states = ground
    free = [i for i in range(m.count) if states[i] == FREE and m.kind[i] in orphans.GUARDED]
    if not free:
        return
    row = m.row_of[data.draw(st.sampled_from(free))]
    mine = [i for i in free if m.row_of[i] == row]
    chosen = sorted(data.draw(st.lists(st.sampled_from(mine), min_size=1, max_size=4, unique=True)))

    def alone(choice):
        left = [i for i in mine if i not in choice]
        return [i for i in left if not any(abs(m.position[i] - m.position[j]) == 1 for j in left if j != i)]

    before = set(alone([]))
    found = orphans.find_lonely(m, states, chosen)
    new = [i for i in alone(chosen) if i not in before]
    # As many seats from each run as were chosen there; what no such choice avoids is allowed.
    runs = []
    for i in mine:
        if runs and m.position[i] - m.position[runs[-1][-1]] == 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    blamed = []
    for run in runs:
        took = [i for i in chosen if i in run]
        ways = [c for c in combinations(run, len(took)) if not [i for i in alone(c) if i in run]]
        if took and ways and [i for i in new if i in run]:
            blamed += [i for i in new if i in run]
            steps = min(sum(abs(a - b) for a, b in zip(c, took, strict=True)) for c in ways)
            instead = [i for i in found.instead if i in run]
            assert tuple(instead) in ways and sum(abs(a - b) for a, b in zip(instead, took, strict=True)) == steps
    assert (found.alone if found else []) == blamed


def test_a_wheelchair_space_is_never_refused():
    m = build(
        [
            (
                0,
                [
                    (1, ACCESSIBLE, 0, 9),
                    (2, COMPANION, 0, 9),
                    (3, STANDARD, 0, 9),
                    (4, STANDARD, 0, 9),
                    (5, STANDARD, 0, 9),
                ],
            )
        ]
    )
    assert orphans.find_lonely(m, bytearray(5), [0, 3]) is None
    assert orphans.find_lonely(m, bytearray(5), [3]).alone == [2, 4]


def test_a_companion_sits_beside_the_space_and_not_somewhere_in_the_party():
    seats = [(1, ACCESSIBLE, 0, 9), (2, STANDARD, 0, 9), (3, COMPANION, 0, 9), (4, ACCESSIBLE, 0, 1)]
    party = Wish(3, accessible=True)
    assert Search(Slots(build([(0, seats)])), bytearray(4), PRICES, party, False).find() == [1, 2, 3]


def test_most_together_and_elsewhere_are_told():
    rows = [(0, [(p, STANDARD, 0, 9) for p in (1, 2, 3, 5, 6)]), (1, [(p, STANDARD, 1, 5) for p in (1, 2, 3, 4)])]
    with pytest.raises(Refused) as refused:
        Search(Slots(build(rows, 2)), bytearray(9), PRICES, Wish(4, bands=("A",)), True).find()
    assert refused.value.details == {"most": 3, "elsewhere": {"stand": 2, "name": "Stand 1"}}
    assert "3 side by side or all of you in Stand 1" in refused.value.sentence


def test_best_seats_are_held_over_the_api(ground, as_asha, as_ben, rows):
    rows("update event set guards_singles = true")
    for browser, count in ((as_asha, 3), (as_ben, 3)):
        answer = browser.api("POST", f"/api/events/{ground.event}/hold", {"best": {"count": count, "band": "C"}})
        assert answer.status == 201
    # Row A is the better one: three in the middle would leave a pair on one side and a trio on the other; then the next
    # best.
    assert len(held_seats(rows, ground)) == 6
    named = {
        name[0]: sorted(int(n[1:]) for n in held_seats(rows, ground) if n[0] == name[0])
        for name in held_seats(rows, ground)
    }
    for numbers in named.values():
        left = [n for n in range(1, 9) if n not in numbers]
        assert all(n - 1 in left or n + 1 in left for n in left)
