"""What is offered for a wish before anything is held: it obeys the wish, says why and what it costs, and holds exactly
what it showed.
"""

import pytest

from tests.support.holding import api_hold, booking, held_seats, page_of


@pytest.fixture
def three(rows, ground):
    """Three prices: Cooper's row B at 48.00, its row A at 60.00 and better, the Pavilion at 95.00 and the best."""
    rows("insert into event_price (event_id, band, ticket_type, face) values (:e, 'B', 'adult', 6000)", e=ground.event)
    built(rows, "update seat set band = 'B', quality = quality + 400 where id = any (:ids)", ids=ground.ids(*row("A")))
    built(rows, "update seat set quality = quality + 600 where id = any (:ids)", ids=ground.ids("P3", "P4", "P5", "P6"))
    return ground


def built(rows, change, **values):
    """Change a published layout, as if it had been built so."""
    rows(f"set local session_replication_role = replica; {change}", **values)


def row(name, n=8):
    return [f"{name}{k}" for k in range(1, n + 1)]


def offers(page, ground):
    """[(heading, seats by name, price of all)] as the page shows them."""
    names = {seat_id: name for name, seat_id in ground.seats.items()}
    found = []
    for one in page.root.find_all("li"):
        if "data-offer" in one.attrs:
            seats = [names[int(s.attrs["value"])] for s in one.find_all("input", name="seat_id")]
            heading = one.find("h3")
            found.append((heading.text if heading else "", sorted(seats), one.find("button", class_="price").text))
    return found


def form_of(page, number=0):
    one = [x for x in page.root.find_all("li") if "data-offer" in x.attrs][number]
    fields = {}
    for field in one.find_all("input"):
        if field.attrs.get("type") == "hidden" and field.attrs["name"] != "csrf_token":
            fields.setdefault(field.attrs["name"], []).append(field.attrs["value"])
    return fields


def test_an_open_wish_gets_three_offers_and_holds_nothing_before_one_is_taken(three, rows, visitor):
    page = visitor.get(f"{page_of(three)}?best_count=2&best_together=1")
    assert offers(page, three) == [
        ("Cheapest together", ["B4", "B5"], "A$105.80, what is in it"),
        ("Best value", ["A4", "A5"], "A$131.00, what is in it"),
        ("Best seats", ["P3", "P4"], "A$204.50, what is in it"),
    ]
    assert "Row B, seats 4 and 5 Cooper Stand, bay 14 Side by side, 1 row from the rope." in page.text
    assert "Side by side, in the front row. A$36.75 less each than the best." in page.text
    assert "2 adults, A$65.50 each" in page.text
    assert rows.value("select count(*) from seat_claim") == 0 and rows.value("select count(*) from customer") == 0
    answer = visitor.post(page_of(three), **form_of(page, 1))
    assert answer.status == 303 and held_seats(rows, three) == ["A4", "A5"] and booking(rows)["total"] == 13100


def test_equal_offers_are_one(ground, visitor):
    page = visitor.get(f"{page_of(ground)}?best_count=2&best_together=1")
    assert offers(page, ground) == [("", ["A4", "A5"], "A$105.80, what is in it")]
    assert "The best 2 seats for you" in page.text


@pytest.mark.parametrize(
    ("wish", "seats"),
    [
        ("best_count=2&best_together=1&best_where=band-C", [["B4", "B5"]]),
        ("best_count=2&best_together=1&best_where=band-C&best_where=band-B", [["B4", "B5"], ["A4", "A5"]]),
        ("best_count=2&best_together=1&best_where=&best_where=band-A", [["P3", "P4"]]),
        ("best_count=2&best_together=1&best_where={pavilion}", [["P3", "P4"]]),
        ("best_count=2&best_together=1&best_where={cooper}", [["B4", "B5"], ["A4", "A5"]]),
        ("best_count=2&best_together=1&best_under=60", [["B4", "B5"]]),
        ("best_count=2&best_together=1&best_under=65.5", [["B4", "B5"], ["A4", "A5"]]),
        ("best_count=2&best_together=1&best_accessible=1", [["P1", "P2"]]),
        ("best_count=3&best_together=1&best_shade=1", [["B3", "B4", "B5"]]),
        ("best_count=1", [["B4"], ["A4"], ["P3"]]),
        ("best_count=4&best_shade=&best_under=", [["B3", "B4", "B5", "B6"], ["A3", "A4", "A5", "A6"], list("PPPP")]),
    ],
)
def test_offers_obey_the_wish(three, rows, visitor, wish, seats):
    rows("update stadium set latitude = -33.9, longitude = 151.2 where id = :s", s=three.stadium)
    # At noon the roof over Cooper's last row throws its shadow on it alone.
    rows(
        """update event set starts_at = noon, ends_at = noon + interval '4 hours', sale_ends_at = noon
             from (select (date_trunc('day', now() at time zone 'Australia/Sydney') + interval '3 days 10 hours')
                          at time zone 'Australia/Sydney' as noon) day
            where id = :e""",
        e=three.event,
    )
    built(
        rows,
        """update level set roof_rows = 1 from stand s
            where s.id = level.stand_id and s.code = 'COOP' and s.layout_id = :l""",
        l=three.layout,
    )
    stands = {s.code: f"stand-{s.id}" for s in rows("select id, code from stand where layout_id = :l", l=three.layout)}
    asked = wish.format(cooper=stands["COOP"], pavilion=stands["PAV"])
    found = [seats for _, seats, _ in offers(visitor.get(f"{page_of(three)}?{asked}"), three)]
    if "PPPP" in map("".join, seats):
        assert found[2] == ["P3", "P4", "P5", "P6"]
        found, seats = found[:2], seats[:2]
    assert found == seats


def test_after_sunset_every_seat_is_out_of_the_sun(three, rows, visitor):
    rows("update stadium set latitude = -33.9, longitude = 151.2 where id = :s", s=three.stadium)
    rows(
        """update event set starts_at = night, ends_at = night + interval '2 hours', sale_ends_at = night
             from (select (date_trunc('day', now() at time zone 'Australia/Sydney') + interval '3 days 22 hours')
                          at time zone 'Australia/Sydney' as night) day
            where id = :e""",
        e=three.event,
    )
    page = visitor.get(f"{page_of(three)}?best_count=2&best_together=1&best_shade=1")
    assert [seats for _, seats, _ in offers(page, three)] == [["B4", "B5"], ["A4", "A5"], ["P3", "P4"]]
    assert "out of the sun, which is down by 00:00" in page.text


def test_an_offer_that_is_taken_meanwhile_gives_way_to_the_next(three, rows, visitor, as_ben):
    page = visitor.get(f"{page_of(three)}?best_count=2&best_together=1&best_where=band-C")
    assert api_hold(as_ben, three, "B5").status == 201
    refused = visitor.post(page_of(three), **form_of(page))
    assert refused.status == 409 and "Row B, seat 5 has just been taken. What else fits" in refused.text
    assert [seats for _, seats, _ in offers(refused, three)] == [["B3", "B4"]]
    assert visitor.post(page_of(three), **form_of(refused)).status == 303
    assert held_seats(rows, three) == ["B3", "B4", "B5"]


@pytest.mark.parametrize(
    ("wish", "taken", "ways"),
    [
        ("best_count=4&best_together=1&best_under=60", ["B3", "B6"], ["Seats at A$65.50", "4 seats that are not side"]),
        ("best_count=3&best_together=1&best_under=20", [], ["Seats at A$52.90"]),
        (
            "best_count=8&best_together=1&best_where=band-A",
            [],
            ["Another part of the ground, from A$52.90", "4 side by"],
        ),
        ("best_count=5&best_together=1&best_accessible=1", ["P4"], ["4 seats, from A$102.25"]),
        ("best_count=2&best_shade=1", [], ["Seats in the sun, from A$52.90"]),
    ],
)
def test_what_could_be_given_up_is_said_where_nothing_fits(three, rows, visitor, as_ben, wish, taken, ways):
    if taken:
        assert api_hold(as_ben, three, *taken).status == 201
    page = visitor.get(f"{page_of(three)}?{wish}")
    assert page.status == 200 and "Nothing fits all of that" in page.text and offers(page, three) == []
    links = [a for u in page.root.find_all("ul", class_="offer-ways links") for a in u.find_all("a")]
    assert [link.text[: len(way)] for link, way in zip(links, ways, strict=False)] == ways
    for link in links:
        assert offers(visitor.get(link.attrs["href"]), three)


def test_a_ground_without_a_fitting_seat_says_so(three, rows, visitor):
    rows(
        """insert into seat_claim (event_id, seat_id, state)
           select :e, id, 'blocked' from seat where layout_id = :l and kind = 'standard'""",
        e=three.event,
        l=three.layout,
    )
    page = visitor.get(f"{page_of(three)}?best_count=2&best_together=1")
    assert page.status == 200 and "No free seat fits" in page.text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("best_count=2&best_under=cheap", "highest price of a seat in figures"),
        ("best_count=2&best_under=-5", "highest price of a seat in figures"),
        ("best_count=9", "You can ask for one to 8 seats"),
        ("best_count=", "Say how many seats"),
        ("best_count=2&best_where=roof", "Say how many seats"),
    ],
)
def test_a_wish_that_cannot_be_read_is_said_kindly_and_stays_in_the_form(three, visitor, asked, said):
    page = visitor.get(f"{page_of(three)}?{asked}")
    assert page.status == 422 and said in page.text and offers(page, three) == []
    assert page.root.find("input", name="best_count").attrs["value"] == asked.partition("=")[2].partition("&")[0]


def test_places_that_nobody_numbers_are_offered_by_their_number(three, rows, visitor):
    built(rows, "update seat set kind = 'unreserved' where id = any (:ids)", ids=three.ids(*row("A"), *row("B")))
    page = visitor.get(f"{page_of(three)}?best_count=3&best_together=1&best_under=70")
    assert "3 unreserved places Cooper Stand Sit where you like" in page.text
    assert visitor.post(page_of(three), **form_of(page)).status == 303 and len(held_seats(rows, three)) == 3


def test_a_space_is_offered_with_a_bay_to_go_with_it(three, rows, visitor):
    page = visitor.get(f"{page_of(three)}?best_count=2&best_together=1&best_accessible=1")
    assert "A wheelchair space, its companion’s seat beside it" in page.text
    assert "And an accessible parking bay" in page.text
    refused = visitor.post(page_of(three), **form_of(page), best_bay="on", best_plate="?")
    assert refused.status == 422 and refused.root.find("input", name="best_plate").attrs["value"] == "?"
    assert rows.value("select count(*) from seat_claim") == 0
    assert visitor.post(page_of(three), **form_of(refused), best_bay="on", best_plate="abc 123").status == 303
    assert held_seats(rows, three) == ["P1", "P2"]
    assert rows.value("select count(*) from parking_claim where bay_kind = 'accessible' and state = 'held'") == 1


def test_what_is_offered_leaves_no_single_seat(three, rows, visitor, as_ben):
    rows("update event set guards_singles = true")
    assert api_hold(as_ben, three, "B1", "B2").status == 201
    page = visitor.get(f"{page_of(three)}?best_count=3&best_together=1&best_where=band-C")
    ((_, seats, _),) = offers(page, three)
    assert seats in (["B3", "B4", "B5"], ["B6", "B7", "B8"])
    assert visitor.post(page_of(three), **form_of(page)).status == 303


def test_nothing_is_offered_beyond_what_one_buyer_can_have(three, rows, as_asha):
    assert api_hold(as_asha, three, "B1", "B2", "B3").status == 201
    page = as_asha.get(f"{page_of(three)}?best_count=6&best_together=1")
    assert page.status == 409 and "One buyer can have 8 seats for this match, and you have 3 already." in page.text
    assert offers(page, three) == []
    assert offers(as_asha.get(f"{page_of(three)}?best_count=5&best_together=1"), three)
