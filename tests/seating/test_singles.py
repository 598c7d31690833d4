"""The rule about single seats at the door: refused with the way out, and kept out of the way of everybody it is not
for.
"""

import pytest

from seating import orphans
from tests.support.holding import age, api_hold, held_seats, hold, page_of


@pytest.fixture(autouse=True)
def guarded(rows, ground):
    rows("update event set guards_singles = true")
    return ground


def refused(answer):
    assert answer.status == 409 and answer.json["error"]["code"] == "LONELY_SEAT", answer.text
    return answer.json["error"]


def test_a_choice_that_leaves_one_seat_alone_is_refused_with_the_nearest_that_does_not(ground, as_asha, rows):
    error = refused(api_hold(as_asha, ground, "A2", "A3"))
    assert (
        error["alone"] == ground.ids("A1")
        and error["instead"] == ground.ids("A1", "A3")
        or error["instead"] == ground.ids("A1", "A2")
    )
    assert error["message"].startswith("This would leave seat 1 on its own, which hardly anybody buys. Take 1 and ")
    assert held_seats(rows, ground) == []
    answer = as_asha.api("POST", f"/api/events/{ground.event}/hold", {"seat_ids": error["instead"]})
    assert answer.status == 201


def test_what_cannot_be_avoided_is_allowed(ground, as_asha, as_ben, rows):
    assert api_hold(as_asha, ground, "A1", "A2", "A3", "A4", "A5").status == 201
    # Three are left: two of them leave one, whichever they are.
    assert api_hold(as_ben, ground, "A6", "A7").status == 201
    assert api_hold(as_ben, ground, "A8").status == 201


def test_ones_own_seats_are_walls_and_the_rest_of_the_row_is_free(ground, as_asha, rows):
    assert api_hold(as_asha, ground, "A1", "A2").status == 201
    assert refused(api_hold(as_asha, ground, "A4"))["instead"] == ground.ids("A3")
    assert api_hold(as_asha, ground, "A1", "A2", "A3").status == 201


def test_a_hold_whose_time_is_over_is_no_wall(ground, as_asha, as_ben, rows):
    assert api_hold(as_ben, ground, "A5", "A6").status == 201
    refused(api_hold(as_asha, ground, "A3"))
    age(rows, 40)
    assert api_hold(as_asha, ground, "A3").status == 201


def test_wheelchair_spaces_owners_and_unguarded_events_are_free_of_it(ground, as_asha, as_ben, rows):
    assert api_hold(as_asha, ground, "P1", "P2", "P4").status == 201
    rows("update event set guards_singles = false")
    orphans._rules.clear()
    assert api_hold(as_ben, ground, "A2").status == 201


def test_the_page_offers_the_way_out_without_a_script(ground, as_asha, rows):
    page = hold(as_asha, ground, "A2", "A3")
    assert page.status == 409 and "on its own" in page.text and "Take these instead" in page.text
    form = next(f for f in page.root.find_all("form") if "Take these instead" in f.text)
    seats = [int(field.attrs["value"]) for field in form.find_all("input", name="seat_id")]
    assert as_asha.post(page_of(ground), seat_id=seats).status == 303
    assert len(held_seats(rows, ground)) == 2 and held_seats(rows, ground) != ["A2", "A3"]
    assert [b.attrs.get("value") for b in page.root.find_all("input", name="seat_id") if "checked" in b.attrs] == [
        str(i) for i in ground.ids("A2", "A3")
    ]


# --- giving one back --------------------------------------------------------------------------------------------------


def back(browser, rows, ground, name):
    """Take one seat out of the hold, by the form of the tray."""
    line = rows.one("select id, booking_id from booking_line where seat_id = :id", id=ground.seats[name])
    return browser.post(f"/holds/{line.booking_id}/lines/{line.id}/release")


@pytest.mark.parametrize(
    ("held", "taken", "given", "instead"),
    [
        ("A3 A4 A5", "", "A4", "A3 A5"),  # out of the middle
        ("A1 A2 A3", "", "A1", "A3"),  # at the wall, and the other end may go
        ("A1 A2 A3", "", "A2", "A3"),
        ("A1 A2", "", "A1", "A2"),
        ("A1 A2", "A3 A4", "A1", ""),  # either of the two would be left alone: one may go
        ("A1 A2 A3", "", "A3", ""),
        ("A3 A4 A5", "", "A3", ""),
        ("A3", "", "A3", ""),  # the last of a hold
        ("A1 A2 B5", "", "B5", ""),
        ("P1 P2 P3 P4 P5", "", "P4", ""),  # with a wheelchair space the choice was free of the rule
    ],
)
def test_what_is_taken_out_of_a_hold_leaves_no_single_seat(ground, as_asha, as_ben, rows, held, taken, given, instead):
    assert api_hold(as_asha, ground, *held.split()).status == 201
    if taken:
        assert api_hold(as_ben, ground, *taken.split()).status == 201
    answer = back(as_asha, rows, ground, given)
    if not instead:
        assert answer.status == 303
        assert held_seats(rows, ground) == sorted({*held.split(), *taken.split()} - {given})
        return
    others = [name[1:] for name in instead.split()]
    said = f"Row A, seat {given[1:]} would be left on its own, which hardly anybody buys. Take out seat "
    assert answer.status == 409 and f"{said}{' or '.join(others)} instead, or all of them." in answer.text
    assert held_seats(rows, ground) == held.split()
    # The way out is a button, and what it leaves is what choosing allows.
    button = next(b for b in answer.root.find_all("button") if b.text == f"Take out row a, seat {others[0]}")
    assert as_asha.post(button.attrs["formaction"]).status == 303
    assert held_seats(rows, ground) == [name for name in held.split() if name != instead.split()[0]]


def test_everything_may_go_at_once_and_nobody_else_s_hold_is_spoken_of(ground, as_asha, as_ben, rows):
    assert api_hold(as_asha, ground, "A3", "A4", "A5").status == 201
    assert back(as_ben, rows, ground, "A4").status == 404
    held = rows.value("select id from booking")
    assert as_asha.post(f"/holds/{held}/release").status == 303 and held_seats(rows, ground) == []


def test_an_event_that_does_not_guard_lets_any_seat_go(ground, as_asha, rows):
    rows("update event set guards_singles = false")
    assert api_hold(as_asha, ground, "A3", "A4", "A5").status == 201
    orphans._rules.clear()
    assert back(as_asha, rows, ground, "A4").status == 303
