"""The walk from a car park to a gate, round the outside of the ground."""

import pytest

from seating.walks import Walk, around, walk_to

# A ground of 100 m around its gates: B in the east, D in the south, F in the west, H in the north.
GATES = {"B": (1000, 0), "D": (0, 1000), "F": (-1000, 0), "H": (0, -1000)}


@pytest.mark.parametrize(
    ("one", "other", "metres"), [("B", "B", 0), ("B", "D", 157), ("B", "F", 314), ("D", "H", 314), ("B", "H", 157)]
)
def test_one_walks_round_the_shorter_way(one, other, metres):
    assert around(GATES, one, other) == around(GATES, other, one) == metres


def test_the_walk_is_the_car_parks_own_and_then_round_to_the_nearest_of_the_gates():
    assert walk_to(GATES, {"B"}, 4, "B") == Walk("B", 4, 300)
    assert walk_to(GATES, {"F"}, 4, "B") == Walk("F", 8, 650)
    assert walk_to(GATES, {"F", "H"}, 4, "B") == Walk("H", 6, 500)


def test_what_is_not_on_the_plan_is_not_guessed():
    assert walk_to({}, {"D"}, 4, "B") is None and walk_to(GATES, {"D"}, 4, "X") is None
    assert walk_to(GATES, {"D"}, 4, None) is None and walk_to(GATES, set(), 4, "B") is None
    assert walk_to({}, {"B"}, 4, "B") == Walk("B", 4, 300)
