"""Members' seats, places of an unreserved area, and a wheelchair space with its companion and a parking
bay in one act.
"""

import pytest

from tests.support.holding import api_hold, booking, hold, page_of
from tests.support.selling import paid_booking


def make(rows, kind, seats):
    """Give seats of a published layout another kind, as if they had been built so."""
    rows(
        "set local session_replication_role = replica; update seat set kind = :kind where id = any (:seats)",
        kind=kind,
        seats=seats,
    )


@pytest.fixture
def members_ground(rows, ground):
    make(rows, "members", ground.ids("P5", "P6"))
    return ground


@pytest.fixture
def open_bank(rows, ground):
    """Cooper Stand is one unreserved area of sixteen places."""
    make(rows, "unreserved", [seat for name, seat in ground.seats.items() if name[0] in "AB"])
    return ground


def join(rows, cast, who, until="current_date"):
    rows(f"insert into membership values (:c, :s, {until})", c=cast.ids[who], s=cast.ground.stadium)


def stand_of(rows, seat):
    return rows.value("select stand_id from seat where id = :id", id=seat)


# --- members ----------------------------------------------------------------------------------------------------------


def test_members_seats_are_held_by_members_alone(members_ground, cast, rows, as_asha, visitor):
    for browser in (visitor, as_asha):
        answer = api_hold(browser, members_ground, "P4", "P5")
        assert answer.status == 403 and answer.json["error"]["code"] == "MEMBERS_ONLY"
        assert answer.json["error"]["seats"] == members_ground.ids("P5")
    assert rows.value("select count(*) from seat_claim") == 0
    join(rows, cast, "asha")
    assert api_hold(as_asha, members_ground, "P4", "P5").status == 201


def test_a_membership_that_has_ended_or_is_of_another_ground_opens_nothing(members_ground, cast, rows, as_asha):
    join(rows, cast, "asha", "current_date - 1")
    rows(
        "insert into membership values (:c, :s, current_date + 300)", c=cast.ids["asha"], s=members_ground.other_stadium
    )
    assert api_hold(as_asha, members_ground, "P5").status == 403


def test_the_page_says_who_members_seats_are_for(members_ground, cast, rows, as_asha, visitor):
    stand = stand_of(rows, members_ground.seats["P5"])
    bay = rows.value(
        "select bay_id from seat_row r join seat s on s.row_id = r.id where s.id = :id", id=members_ground.seats["P5"]
    )
    address = f"{page_of(members_ground)}?stand={stand}&bay={bay}"
    page = visitor.get(address)
    assert "Row P, seat 5, for members of the ground only" in page.text
    assert len(page.root.find_all("input", name="seat_id")) == 4
    refused = hold(visitor, members_ground, "P4", "P5", stand=stand, bay=bay)
    assert (
        refused.status == 403
        and "These seats are for members of the ground." in refused.text
        and "sign in" in refused.text
    )
    join(rows, cast, "asha")
    page = as_asha.get(address)
    assert (
        "Row P, seat 5, members’ seat, A$102.25" in page.text and len(page.root.find_all("input", name="seat_id")) == 6
    )


# --- unreserved -------------------------------------------------------------------------------------------------------


def test_unreserved_places_are_sold_by_count_and_named_without_numbers(open_bank, rows, as_asha):
    stand = stand_of(rows, open_bank.seats["A1"])
    bay = rows.value("select id from bay order by id limit 1")
    page = as_asha.get(f"{page_of(open_bank)}?stand={stand}&bay={bay}")
    assert "Number of places" in page.text and not page.root.find_all("input", name="seat_id")
    answer = as_asha.post(
        page_of(open_bank), best_count="3", best_where=f"stand-{stand}", best_together="on", stand=stand, bay=bay
    )
    assert answer.status == 303
    tray = as_asha.get(answer.location)
    assert tray.text.count("Unreserved place") >= 3 and "You hold 3 places." in tray.text and "Row A" not in tray.text
    assert (
        "unreserved" in as_asha.get(f"/book-parking-enhanced/{open_bank.stadium}?event={open_bank.event}").text.lower()
    )
    pay = as_asha.get(f"/bookings/{booking(rows)['id']}/pay")
    assert pay.status == 200 and "Unreserved" in pay.text and "Row" not in pay.root.find("main").text


def test_a_ticket_for_an_unreserved_place_names_stand_and_gate(open_bank, rows, as_asha, as_omar, sandbox):
    sold = paid_booking(as_asha, open_bank, ("A1", "B4"), sandbox)
    page = as_asha.get(f"/tickets/{sold['id']}")
    assert page.status == 200 and "Unreserved" in page.text and "Row A" not in page.text
    shown = as_omar.get(f"/owner/events/{open_bank.event}")
    assert "2 unreserved places" in shown.text


def test_best_anywhere_does_not_give_unreserved_places(open_bank, rows, as_asha):
    answer = as_asha.api("POST", f"/api/events/{open_bank.event}/hold", {"best": {"count": 2}})
    assert answer.status == 201
    kinds = rows("select distinct kind from seat s join seat_claim c on c.seat_id = s.id")
    assert [row["kind"] for row in kinds] == ["standard"]


# --- a wheelchair space, its companion and a bay --------------------------------------------------


def one_act(browser, ground, **more):
    wish = {"count": 2, "accessible": True, "bay": {"plate": "abc 123", **more}}
    return browser.api("POST", f"/api/events/{ground.event}/hold", {"best": wish})


def test_space_companion_and_bay_are_held_in_one_act(ground, rows, as_asha):
    answer = one_act(as_asha, ground)
    assert answer.status == 201 and sorted(answer.json["seat_ids"]) == sorted(ground.ids("P1", "P2"))
    bay = rows.one("select * from parking_claim")
    assert (bay["bay_kind"], bay["plate"], bay["booking_id"]) == ("accessible", "abc 123", answer.json["id"])
    assert answer.json["total"] == booking(rows)["total"] == 2 * (9500 + 475 + 250) + 1000


def test_without_a_bay_nothing_is_held(ground, rows, as_asha, as_ben):
    assert one_act(as_asha, ground, car_park=ground.car_park + 99).json["error"]["code"] == "NO_ACCESSIBLE_BAY"
    assert one_act(as_asha, ground, plate="!").json["error"]["code"] == "BAD_PLATE"
    rows("update car_park_bays set capacity = 0 where kind = 'accessible'")
    answer = one_act(as_asha, ground)
    assert answer.status == 409 and answer.json["error"]["code"] == "NO_ACCESSIBLE_BAY"
    assert rows.value("select count(*) from seat_claim") == 0 and rows.value("select count(*) from booking") == 0


def test_the_form_holds_them_together_and_keeps_what_was_typed(ground, rows, as_asha):
    page = as_asha.get(f"{page_of(ground)}?best_count=2&best_accessible=1")
    assert "And an accessible parking bay" in page.text
    wish = {"best_count": "2", "best_where": "", "best_together": "on", "best_accessible": "on", "best_bay": "on"}
    refused = as_asha.post(page_of(ground), **wish, best_plate="?")
    assert refused.status == 422 and refused.root.find("input", name="best_plate").attrs["value"] == "?"
    answer = as_asha.post(page_of(ground), **wish, best_plate="abc 123")
    assert answer.status == 303
    assert "Accessible bay" in as_asha.get(page_of(ground)).text
    assert rows.value("select count(*) from parking_claim where bay_kind = 'accessible' and state = 'held'") == 1


# --- a companion seat goes with its space ---------------------------------------------------------


@pytest.fixture
def two_spaces(rows, ground):
    """P1 and P5 are wheelchair spaces, P2 and P6 their companions' seats."""
    make(rows, "accessible", ground.ids("P5"))
    make(rows, "companion", ground.ids("P6"))
    return ground


def free(browser, held, rows, name, ground):
    line = rows.value("select id from booking_line where seat_id = :s", s=ground.seats[name])
    return browser.post(f"/holds/{held.json['id']}/lines/{line}/release")


@pytest.mark.parametrize("seats", [("P2",), ("P2", "P3"), ("P1", "P6"), ("P1", "P2", "P6")])
def test_a_companion_seat_is_not_had_without_the_space_beside_it(two_spaces, rows, as_asha, seats):
    answer = api_hold(as_asha, two_spaces, *seats)
    assert answer.status == 409 and answer.json["error"]["code"] == "COMPANION_ALONE"
    assert "goes with the wheelchair space beside it" in answer.json["error"]["message"]
    assert set(answer.json["error"]["seats"]) <= set(two_spaces.ids("P2", "P6"))
    page = hold(as_asha, two_spaces, *seats)
    assert page.status == 409 and "goes with the wheelchair space beside it" in page.text
    assert rows.value("select count(*) from seat_claim") == 0


def test_both_are_had_together_or_the_space_first(two_spaces, rows, as_asha, as_ben):
    assert api_hold(as_asha, two_spaces, "P1", "P2", "P3").status == 201
    assert api_hold(as_ben, two_spaces, "P5").status == 201
    assert api_hold(as_ben, two_spaces, "P6").status == 201


def test_a_space_that_somebody_only_holds_opens_no_companion_seat(two_spaces, rows, as_asha, as_ben):
    api_hold(as_asha, two_spaces, "P1", "P5")
    assert api_hold(as_ben, two_spaces, "P2").status == 409
    rows("update seat_claim set state = 'sold', expires_at = null")
    rows("update booking set state = 'paid'")
    assert api_hold(as_asha, two_spaces, "P2").status == 201  # the buyer of the space adds the companion
    assert api_hold(as_ben, two_spaces, "P6").status == 201  # no space is left in this stand: anybody's


def test_giving_the_space_back_gives_its_companion_back(two_spaces, rows, as_asha, as_ben):
    held = api_hold(as_asha, two_spaces, "P1", "P2", "P3")
    assert free(as_asha, held, rows, "P1", two_spaces).status == 303
    assert [row["seat_id"] for row in rows("select seat_id from seat_claim")] == two_spaces.ids("P3")
    assert [row["seat_id"] for row in rows("select seat_id from booking_line")] == two_spaces.ids("P3")
    assert booking(rows)["total"] == 9500 + 475 + 250
    assert api_hold(as_ben, two_spaces, "P1", "P2").status == 201


def test_giving_the_companion_back_keeps_the_space(two_spaces, rows, as_asha):
    held = api_hold(as_asha, two_spaces, "P1", "P2")
    free(as_asha, held, rows, "P2", two_spaces)
    assert [row["seat_id"] for row in rows("select seat_id from seat_claim")] == two_spaces.ids("P1")


def test_money_for_the_space_alone_does_not_leave_its_companion(app, two_spaces, rows, as_asha, sandbox):
    sold = paid_booking(as_asha, two_spaces, ("P1", "P2"), sandbox)
    space, companion = (row["id"] for row in rows("select id from booking_line order by seat_id"))
    refused = as_asha.post(f"/tickets/{sold['id']}/refund", line=[space])
    assert refused.status == 409 and "Give both back" in refused.text
    assert as_asha.post(f"/tickets/{sold['id']}/refund", line=[space, companion]).status == 303
    assert rows.value("select count(*) from ticket where status <> 'void'") == 0


def test_the_ground_opens_companion_seats_some_hours_before(two_spaces, rows, as_asha, as_omar):
    page = f"/owner/events/{two_spaces.event}"
    for hours, status in ((71, 409), (0, 409), (73, 201)):
        assert as_omar.post(f"{page}/companions", hours=hours).status == 303
        said = "Companion seats go with the space beside them only."
        assert (f"open to everybody {hours} hours before the start" if hours else said) in as_omar.get(page).text
        assert api_hold(as_asha, two_spaces, "P2").status == status
    assert [
        r["details"] for r in rows("select details from system_log where action like 'companions.%' order by id")
    ] == [
        {"hours": 71},
        {},
        {"hours": 73},
    ]
    for wrong in (-1, 721, "x", ""):
        as_omar.post(f"{page}/companions", hours=wrong)
        assert "Choose from when companion seats open" in as_omar.get(page).text
    assert rows.value("select companions_open_hours from event where id = :e", e=two_spaces.event) == 73
    assert as_asha.post(f"{page}/companions", hours=1).status == 404


def test_the_lists_say_what_a_companion_seat_goes_with(two_spaces, rows, visitor):
    stand = stand_of(rows, two_spaces.seats["P2"])
    bay = rows.value(
        "select bay_id from seat_row r join seat s on s.row_id = r.id where s.id = :id", id=two_spaces.seats["P2"]
    )
    page = visitor.get(f"{page_of(two_spaces)}?stand={stand}&bay={bay}")
    assert "Row P, seat 2, companion seat, with the space beside it, A$102.25" in page.text
    rows("update event set companions_open_hours = 720")
    page = visitor.get(f"{page_of(two_spaces)}?stand={stand}&bay={bay}")
    assert "Row P, seat 2, companion seat, A$102.25" in page.text


@pytest.mark.parametrize("bay", ["ABC123", {"plate": 7}, {"plate": "ABC123", "car_park": "x"}])
def test_a_bay_that_cannot_be_read_is_refused(ground, as_asha, bay):
    answer = as_asha.api(
        "POST", f"/api/events/{ground.event}/hold", {"best": {"count": 2, "accessible": True, "bay": bay}}
    )
    assert answer.status == 422 and answer.json["error"]["code"] == "MALFORMED"
