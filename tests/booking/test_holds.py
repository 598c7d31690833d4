"""Holding seats: all or nothing, for some minutes, by nobody twice; over the page and over the API."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.cast import PASSWORD
from tests.support.holding import age, api_hold, booking, held_seats, hold, minutes_left, page_of
from tests.support.selling import paid_booking

# --- the way through --------------------------------------------------------------------------------------------------


def test_a_visitor_finds_stand_bay_and_seat_and_holds_two(visitor, ground, rows):
    page = visitor.get(page_of(ground))
    assert "Cooper Stand" in page.text and "from A$52.90" in page.text and "16 left" in page.text
    assert "This is all you pay" in page.text and "Until 24 hours before the start" in page.text
    stand = page.root.find("a", href=next(a.attrs["href"] for a in page.root.find_all("a") if a.text == "Cooper Stand"))
    bays = visitor.get(stand.attrs["href"])
    link = next(a for a in bays.root.find_all("a") if "bay 14" in a.text)
    seats = visitor.get(link.attrs["href"])
    assert "Row A, seat 3, A$52.90" in seats.text
    stand_id, bay_id = (seats.root.find("input", name=name).attrs["value"] for name in ("stand", "bay"))
    answer = hold(visitor, ground, "A3", "A4", stand=stand_id, bay=bay_id)
    assert answer.status == 303 and answer.location == f"{link.attrs['href']}#tray"
    held = visitor.get(link.attrs["href"])
    assert "2 seats held" in held.text and "A$105.80" in held.text and "Row A, seat 3, yours" in held.text
    assert held_seats(rows, ground) == ["A3", "A4"]
    assert rows.value("select kind from customer") == "visitor"


def test_the_full_price_stands_everywhere_and_its_parts_one_tap_away(as_asha, ground, rows):
    hold(as_asha, ground, "A3")
    bay = rows.one(
        "select s.stand_id as stand, r.bay_id as bay from seat s join seat_row r on r.id = s.row_id where s.id = :id",
        id=ground.seats["A4"],
    )
    for place in ("", "?stand={stand}".format(**bay), "?stand={stand}&bay={bay}".format(**bay)):
        page = as_asha.get(page_of(ground) + place)
        parts = {e.attrs["id"]: e for e in page.root.find_all() if "popover" in e.attrs}
        buttons = [b for b in page.root.find_all("button") if "popovertarget" in b.attrs]
        assert {b.attrs["popovertarget"] for b in buttons} == set(parts)
        said = "Ticket A$48.00 Booking fee A$4.90 All you pay A$52.90 of which GST, 10% A$4.81"
        assert parts["price-band-c-adult"].text == said
        # The face value stands among the parts, and nowhere else.
        shown = page.text
        for e in [*parts.values(), *page.root.find_all("details")]:
            shown = shown.replace(e.text, "")
        assert "A$48" not in shown and "A$95" not in shown and shown.count("A$52.90") >= 4


def test_a_page_without_a_hold_makes_no_visitor(visitor, ground, rows):
    visitor.get(page_of(ground))
    assert visitor.client.get_cookie("cv_session") is None
    assert rows.value("select count(*) from customer") == 0


@pytest.mark.parametrize("place", ["", "stand", "bay"])
def test_a_page_shows_nothing_of_somebody_elses_hold(as_asha, as_ben, visitor, ground, rows, place):
    """Although most of it is made once for all of them, in whatever order they come."""
    bay = rows.one(
        "select s.stand_id as stand, r.bay_id as bay from seat s join seat_row r on r.id = s.row_id where s.id = :id",
        id=ground.seats["A4"],
    )
    path = page_of(ground) + {"": "", "stand": "?stand={stand}", "bay": "?stand={stand}&bay={bay}"}[place].format(**bay)
    hold(as_asha, ground, "A3", "A4")
    reference = booking(rows)["id"]
    for _ in range(2):
        own = as_asha.get(path)
        assert "2 seats held" in own.text and f"/holds/{reference}/release" in own.html
        assert ("Row A, seat 3, yours" in own.text) is (place == "bay")
        for browser in (as_ben, visitor):
            other = browser.get(path)
            assert "held" not in other.root.find(data_part="side").text and f"/holds/{reference}" not in other.html
            assert other.root.find(data_part="side").attrs["data-mine"] == "" and "seat 3, yours" not in other.text
            assert ("Row A, seat 3, someone is choosing it" in other.text) is (place == "bay")


def test_a_refused_hold_makes_no_visitor(visitor, as_asha, ground, rows):
    hold(as_asha, ground, "A3")
    before = rows.value("select count(*) from customer")
    for answer in (hold(visitor, ground, "A3", "A4"), api_hold(visitor, ground, "A3", "A4")):
        assert answer.status == 409 and visitor.client.get_cookie("cv_session") is None
    assert rows.value("select count(*) from customer") == before


@pytest.mark.parametrize("door", [hold, api_hold])
def test_who_comes_with_a_session_that_is_over_becomes_a_visitor(as_asha, ground, rows, door):
    rows("update login_session set ended_at = now()")
    token = as_asha.client.get_cookie("cv_session").value
    assert door(as_asha, ground, "A3").status in (201, 303)
    assert as_asha.client.get_cookie("cv_session").value != token
    assert rows.value("select c.kind from booking b join customer c on c.id = b.customer_id") == "visitor"
    assert "1 seat held" in as_asha.get(page_of(ground)).text


def test_seats_say_what_they_are_and_what_has_become_of_them(visitor, as_asha, ground):
    hold(as_asha, ground, "P3")
    pavilion = next(a.attrs["href"] for a in visitor.get(page_of(ground)).root.find_all("a") if a.text == "Pavilion")
    bay = next(a.attrs["href"] for a in visitor.get(pavilion).root.find_all("a") if "bay 14" in a.text)
    page = visitor.get(bay)
    assert "Row P, seat 1, wheelchair space, A$102.25" in page.text
    assert "Row P, seat 2, companion seat, with the space beside it, A$102.25" in page.text
    assert "Row P, seat 3, someone is choosing it" in page.text
    assert len(page.root.find_all("input", name="seat_id")) == 5
    assert "Row P, seat 3, yours" in as_asha.get(bay).text


def test_ticket_types_change_the_price_and_a_seat_can_be_given_back(as_asha, ground, rows):
    hold(as_asha, ground, "A1", "A2")
    first, second = (row["id"] for row in rows("select id from booking_line order by id"))
    answer = as_asha.post(
        f"/holds/{booking(rows)['id']}/types", **{f"type-{first}": "child", f"type-{second}": "adult"}
    )
    assert answer.status == 303 and answer.location == page_of(ground)
    assert rows.value("select total from booking") == (2400 + 120 + 250) + (4800 + 240 + 250)
    page = as_asha.post(f"/holds/{booking(rows)['id']}/lines/{first}/release", follow=True)
    assert "1 seat held" in page.text and "A$52.90" in page.text
    assert held_seats(rows, ground) == ["A2"]
    as_asha.post(f"/holds/{booking(rows)['id']}/lines/{second}/release")
    assert booking(rows)["state"] == "released"


def test_a_ticket_type_of_somebody_elses_line_is_refused(as_asha, as_ben, ground, rows):
    hold(as_asha, ground, "A1")
    line = rows.value("select id from booking_line")
    hold(as_ben, ground, "A2")
    page = as_ben.post(f"/holds/{booking(rows)['id']}/types", **{f"type-{line}": "child"})
    assert page.status == 422 and "not sold for this seat" in page.text
    assert rows.value("select count(*) from booking_line where ticket_type <> 'adult'") == 0
    assert as_ben.post(f"/holds/{booking(rows)['id']}/types", **{"type-x": "child"}).status == 422


def test_start_again_frees_everything_at_once(as_asha, as_ben, ground, rows):
    hold(as_asha, ground, "A1", "A2")
    page = as_asha.post(f"/holds/{booking(rows)['id']}/release", follow=True)
    assert "back on sale" in page.text and "held" not in page.root.find("h2").text
    assert held_seats(rows, ground) == []
    assert hold(as_ben, ground, "A1", "A2").status == 303


# --- best available ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"best_count": 2, "best_together": "on"}, ["A4", "A5"]),
        ({"best_count": 3, "best_where": "band-A", "best_together": "on"}, ["P3", "P4", "P5"]),
        ({"best_count": 2, "best_where": "band-A", "best_accessible": "on", "best_together": "on"}, ["P1", "P2"]),
    ],
)
def test_the_best_seats_are_found_and_held(visitor, ground, rows, wish, expected):
    page = visitor.post(page_of(ground), follow=True, **wish)
    assert held_seats(rows, ground) == expected
    assert f"{len(expected)} seats held" in page.text


def test_the_best_seats_of_one_stand(visitor, ground, rows):
    stand = rows.value("select id from stand where code = 'PAV'")
    assert visitor.post(page_of(ground), best_count=2, best_where=f"stand-{stand}").status == 303
    assert all(name.startswith("P") for name in held_seats(rows, ground))


@pytest.mark.parametrize(
    ("wish", "code", "status"),
    [
        ({"best_count": 9}, "You can ask for one to 8 seats", 422),
        ({"best_count": 0}, "You can ask for one to 8 seats", 422),
        ({"best_count": "many"}, "Say how many seats", 422),
        ({"best_count": 2, "best_where": "roof"}, "Say how many seats", 422),
        ({"best_count": 2, "best_where": "stand-x"}, "Say how many seats", 422),
        (
            {"best_count": 7, "best_where": "band-A", "best_together": "on"},
            "not that many free seats side by side",
            409,
        ),
        ({"best_count": 8, "best_where": "band-A"}, "not enough free seats", 409),
    ],
)
def test_a_wish_that_cannot_be_met_keeps_its_words(visitor, ground, rows, wish, code, status):
    page = visitor.post(page_of(ground), **wish)
    assert page.status == status and code in page.text
    assert page.root.find("title").text.startswith("Error:")
    assert page.root.find("input", name="best_count").attrs["value"] == str(wish["best_count"])
    assert held_seats(rows, ground) == []


# --- refused with a sentence and a code -------------------------------------------------------------------------------

SETTING = {
    "not on sale": "update event set sale_starts_at = now() + interval '1 day' where id = :e",
    "stopped": "update event set state = 'stopped' where id = :e",
    "sale ended": "update event set sale_ends_at = now() - interval '1 minute' where id = :e",
    "past": """update event set starts_at = now() - interval '6 hours', ends_at = now() - interval '2 hours',
               gates_open_at = now() - interval '8 hours', sale_ends_at = now() - interval '5 hours' where id = :e""",
    "cancelled": "update event set state = 'cancelled', cancelled_at = now() where id = :e",
    "draft": "update event set state = 'draft' where id = :e",
    "no price": "delete from event_price where event_id = :e and band = 'C'",
}

# what is so: (seats asked for, code, status, words)
REFUSALS = {
    "not on sale": (["A1"], "SALE_NOT_STARTED", 409, "not on sale yet"),
    "stopped": (["A1"], "SALE_STOPPED", 409, "stopped the sale"),
    "sale ended": (["A1"], "SALE_ENDED", 409, "has ended"),
    "past": (["A1"], "EVENT_PAST", 409, "is over"),
    "cancelled": (["A1"], "EVENT_CANCELLED", 409, "has been cancelled"),
    "draft": (["A1"], "UNKNOWN_EVENT", 404, "no such match"),
    "no price": (["A1"], "NOT_PRICED", 422, "not sold for one of these seats"),
    "another ground": (["A1", "other"], "OTHER_GROUND", 422, "another ground"),
    "twice": (["A1", "A1"], "DUPLICATE_SEATS", 422, "twice"),
    "nine": (["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "B1"], "TOO_MANY_SEATS", 409, "can have 8 seats"),
    "none": ([], "NO_SEATS", 422, "at least one seat"),
    "unknown": (["A1", 999_999], "UNKNOWN_SEATS", 404, "no such seat"),
    "beyond any number": ([2**40], "UNKNOWN_SEATS", 404, "no such seat"),
    "a word": (["A1", "first row"], "MALFORMED", 422, ""),
    "negative": ([-5], "MALFORMED", 422, ""),
    "fifty-one": (list(range(1, 52)), "MALFORMED", 422, ""),
}


def ids_of(ground, asked):
    known = ground.seats | {"other": next(iter(ground.other_seats.values()))}
    return [known.get(x, x) for x in asked]


@pytest.mark.parametrize("door", ["page", "api"])
@pytest.mark.parametrize("so", REFUSALS)
def test_a_hold_is_refused_with_a_sentence_and_a_code(visitor, ground, rows, so, door):
    asked, code, status, words = REFUSALS[so]
    if so in SETTING:
        rows(SETTING[so], e=ground.event)
    seat_ids = ids_of(ground, asked)
    if door == "api":
        answer = visitor.api("POST", f"/api/events/{ground.event}/hold", {"seat_ids": seat_ids})
        assert answer.json["error"]["code"] == code and words in answer.json["error"]["message"]
    else:
        answer = visitor.post(page_of(ground), seat_id=seat_ids)
        assert words in answer.text and len(answer.root.find_all("h1")) == 1
        if so != "draft":
            assert answer.root.find("div", role="alert") is not None and "Error:" in answer.root.find("title").text
    assert answer.status == status
    assert rows.value("select count(*) from seat_claim") == rows.value("select count(*) from booking") == 0


@pytest.mark.parametrize(
    "sent",
    [{}, {"seat_ids": "A1"}, {"seat_ids": {"a": 1}}, {"seat_ids": [True]}, {"seat_ids": [1.5]}, {"best": 4}, [1, 2]],
)
def test_json_that_is_no_choice_is_refused(visitor, ground, rows, sent):
    answer = visitor.api("POST", f"/api/events/{ground.event}/hold", sent)
    assert answer.status in (400, 422) and answer.json["error"]["code"] == "MALFORMED"
    assert rows.value("select count(*) from booking") == 0


def test_an_unknown_event_stand_or_bay_is_not_found(visitor, ground):
    assert visitor.get("/book-tickets-enhanced/999").status == 404
    assert visitor.get("/book-tickets-enhanced/99999999999").status == 404
    assert visitor.get(f"{page_of(ground)}?stand=999").status == 404
    stand = next(a.attrs["href"] for a in visitor.get(page_of(ground)).root.find_all("a") if a.text == "Pavilion")
    assert visitor.get(f"{stand}&bay=999").status == 404


@pytest.mark.parametrize(
    ("so", "words"),
    [
        ("not on sale", "The sale starts on"),
        ("stopped", "stopped the sale for now"),
        ("sale ended", "The sale has ended"),
        ("past", "This match is over"),
        ("cancelled", "has been cancelled"),
    ],
)
def test_the_page_says_why_nothing_is_sold(visitor, ground, rows, so, words):
    rows(SETTING[so], e=ground.event)
    page = visitor.get(page_of(ground))
    assert page.status == 200 and words in page.text
    assert not page.root.find_all("input", name="best_count")


def test_the_page_says_when_every_seat_is_taken_and_when_one_is_left(visitor, ground, rows):
    rows(
        "insert into seat_claim (event_id, seat_id, state) select :e, id, 'blocked' from seat where layout_id = :l",
        e=ground.event,
        l=ground.layout,
    )
    assert "Every seat is taken" in visitor.get(page_of(ground)).text
    rows("delete from seat_claim where seat_id = :s", s=ground.seats["B5"])
    page = visitor.get(page_of(ground))
    assert "1 seat left" in page.text and "1 of 22 seats left" in page.text
    bays = visitor.get(next(a.attrs["href"] for a in page.root.find_all("a") if a.text == "Cooper Stand"))
    seats = visitor.get(next(a.attrs["href"] for a in bays.root.find_all("a") if "bay 14" in a.text))
    assert "One seat is left" in seats.text and "Row B, seat 5, A$52.90" in seats.text


# --- lost seats -------------------------------------------------------------------------------------------------------


def test_lost_seats_are_named_and_the_rest_stays_chosen(as_asha, as_ben, ground, rows):
    hold(as_asha, ground, "A4", "A5")
    page = hold(as_ben, ground, "A3", "A4", "A5", "A6")
    assert page.status == 409
    assert "Row A, seats 4 and 5 have just been taken. The rest of your choice is still here." in page.text
    checked = {int(i.attrs["value"]) for i in page.root.find_all("input", name="seat_id") if "checked" in i.attrs}
    assert checked == set(ground.ids("A3", "A6"))
    assert held_seats(rows, ground) == ["A4", "A5"]


def test_the_rest_of_a_choice_in_another_bay_stays_chosen_too(as_asha, as_ben, ground):
    hold(as_asha, ground, "A1")
    page = hold(as_ben, ground, "A1", "A2", "P4")
    assert page.status == 409 and "Also in your choice" in page.text
    checked = {int(i.attrs["value"]) for i in page.root.find_all("input", name="seat_id") if "checked" in i.attrs}
    assert checked == set(ground.ids("A2", "P4"))


def test_the_api_names_the_lost_seats(as_asha, as_ben, ground, rows):
    api_hold(as_asha, ground, "A4")
    answer = api_hold(as_ben, ground, "A3", "A4")
    assert answer.status == 409
    assert answer.json["error"]["seats"] == ground.ids("A4")
    assert "Row A, seat 4" in answer.json["error"]["message"]
    assert held_seats(rows, ground) == ["A4"]


@pytest.mark.parametrize("state", ["sold", "paying", "blocked"])
def test_seats_that_are_not_only_held_are_never_taken_over(as_asha, as_ben, ground, rows, state):
    hold(as_asha, ground, "A4")
    if state == "blocked":
        rows("update seat_claim set state = 'blocked', booking_id = null, expires_at = null")
    elif state == "sold":
        rows("update seat_claim set state = 'sold', expires_at = null")
    else:
        rows("update seat_claim set state = 'paying', expires_at = now() - interval '1 minute'")
    assert hold(as_ben, ground, "A4").status == 409


# --- time -------------------------------------------------------------------------------------------------------------


def test_a_hold_lasts_the_events_minutes(as_asha, ground, rows):
    rows("update event set hold_minutes = 2 where id = :e", e=ground.event)
    hold(as_asha, ground, "A1")
    assert minutes_left(rows) == 2


def test_an_expired_hold_is_the_next_ones_at_once(as_asha, as_ben, ground, rows):
    hold(as_asha, ground, "A1", "A2")
    age(rows, 11)
    assert hold(as_ben, ground, "A1").status == 303
    assert held_seats(rows, ground) == ["A1"]
    page = as_asha.get(page_of(ground))
    assert "Your time is over" in page.text and "Nothing was charged" in page.text


def test_after_an_expired_hold_its_own_fan_begins_anew(as_asha, ground, rows):
    hold(as_asha, ground, "A1", "A2")
    age(rows, 11)
    assert hold(as_asha, ground, "A2", "A3").status == 303
    assert held_seats(rows, ground) == ["A2", "A3"]
    assert [b["state"] for b in rows("select state from booking order by id")] == ["expired", "held"]
    assert "Your time is over" not in as_asha.get(page_of(ground)).text


def test_another_tab_adds_to_the_hold_and_prolongs_it(as_asha, ground, rows):
    hold(as_asha, ground, "A1")
    age(rows, 6)
    hold(as_asha, ground, "A1", "A2")
    assert rows.value("select count(*) from booking") == 1
    assert minutes_left(rows) == 10
    assert rows.value("select count(distinct expires_at) from seat_claim") == 1
    assert held_seats(rows, ground) == ["A1", "A2"]


def test_a_hold_is_extended_to_thirty_minutes_in_all(as_asha, ground, rows):
    hold(as_asha, ground, "A1")
    number = booking(rows)["id"]
    for already, left in ((9, 10), (9, 10), (9, 3)):
        age(rows, already)
        assert as_asha.post(f"/holds/{number}/extend").status == 303
        assert minutes_left(rows) == left
    page = as_asha.post(f"/holds/{number}/extend")
    assert page.status == 409 and "thirty minutes at most" in page.text
    answer = as_asha.api("POST", f"/api/holds/{number}/extend")
    assert answer.status == 409 and answer.json["error"]["code"] == "HOLD_AT_LIMIT"
    extend = next(
        f for f in as_asha.get(page_of(ground)).root.find_all("form") if f.attrs.get("action", "").endswith("/extend")
    )
    assert "hidden" in extend.attrs


def test_new_seats_do_not_prolong_a_hold_beyond_thirty_minutes(as_asha, ground, rows):
    hold(as_asha, ground, "A1")
    number = booking(rows)["id"]
    for minutes in (9, 9, 9):
        age(rows, minutes)
        as_asha.post(f"/holds/{number}/extend")
    hold(as_asha, ground, "A2")
    assert minutes_left(rows) == 3
    assert booking(rows)["id"] == number


@pytest.mark.parametrize("what", ["extend", "types"])
def test_an_ended_hold_is_refused_kindly(as_asha, ground, rows, what):
    hold(as_asha, ground, "A1")
    age(rows, 11)
    number, line = booking(rows)["id"], rows.value("select id from booking_line")
    page = as_asha.post(f"/holds/{number}/{what}", **({f"type-{line}": "child"} if what == "types" else {}))
    assert page.status == 410 and "Your time is over. The seats are back on sale. Nothing was charged." in page.text
    if what == "extend":
        answer = as_asha.api("POST", f"/api/holds/{number}/extend")
        assert answer.status == 410 and answer.json["error"]["code"] == "HOLD_ENDED"


@pytest.mark.parametrize("what", ["extend", "release", "types", "stop-payment", "lines/1/release"])
def test_nobody_touches_another_ones_hold(as_asha, as_ben, visitor, ground, rows, what):
    hold(as_asha, ground, "A1")
    for browser in (as_ben, visitor):
        assert browser.post(f"/holds/{booking(rows)['id']}/{what}").status == 404
    assert as_ben.api("DELETE", f"/api/holds/{booking(rows)['id']}").status == 404
    assert held_seats(rows, ground) == ["A1"]


@pytest.mark.parametrize(
    "place", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/book x"]
)
def test_a_form_never_leads_to_another_site(as_asha, ground, rows, place):
    hold(as_asha, ground, "A1")
    answer = as_asha.post(f"/holds/{booking(rows)['id']}/extend", next=place)
    assert answer.status in (303, 409) and (answer.location or page_of(ground)) == page_of(ground)


# --- paying in another tab --------------------------------------------------------------------------------------------


def test_while_paying_the_page_leads_there_and_lets_one_stop(as_asha, ground, rows, sandbox):
    hold(as_asha, ground, "A1")
    number = booking(rows)["id"]
    assert as_asha.api("POST", "/api/create-booking-payment", {"booking_id": number}).status == 200
    page = as_asha.get(page_of(ground))
    assert "You are paying for these in another tab" in page.text
    assert page.root.find("a", href=f"/bookings/{number}/pay") is not None
    assert as_asha.post(f"/holds/{number}/release").status == 409
    again = as_asha.post(f"/holds/{number}/stop-payment", follow=True)
    assert "1 seat held" in again.text and "another tab" not in again.text
    assert rows.value("select state from seat_claim") == "held"


def test_an_ended_hold_does_not_swallow_the_seats_of_a_stopped_payment(as_asha, ground, rows, sandbox):
    hold(as_asha, ground, "A1")
    number = booking(rows)["id"]
    as_asha.api("POST", "/api/create-booking-payment", {"booking_id": number})
    hold(as_asha, ground, "A2")
    for table in ("booking", "seat_claim"):
        rows(f"update {table} set expires_at = now() - interval '1 minute' where state = 'held'")
    page = as_asha.post(f"/holds/{number}/stop-payment", follow=True)
    assert "1 seat held" in page.text and held_seats(rows, ground) == ["A1"]


def test_the_clock_of_the_page_is_the_servers(as_asha, ground, rows):
    hold(as_asha, ground, "A1")
    tray = next(e for e in as_asha.get(page_of(ground)).root.walk() if "data-hold" in e.attrs)
    now, expires = (datetime.fromtimestamp(int(tray.attrs[name]) / 1000, UTC) for name in ("data-now", "data-expires"))
    assert abs(now - rows.value("select clock_timestamp()")) < timedelta(seconds=5)
    assert abs(expires - booking(rows)["expires_at"]) < timedelta(seconds=1)
    assert tray.attrs["data-span"] == "600"


# --- signing in with a hold -------------------------------------------------------------------------------------------


def sign_in(app, browser, email):
    """Sign in as the accounts page does; the released holds."""
    from flask import g

    from accounts import accounts

    token = browser.client.get_cookie("cv_session").value
    with app.test_request_context("/", headers={"Cookie": f"cv_session={token}"}):
        app.preprocess_request()
        released = accounts.sign_in(email, PASSWORD)
        browser.client.set_cookie("cv_session", g.new_token)
    return released


def test_signing_in_keeps_the_hold(app, cast, visitor, ground, rows):
    hold(visitor, ground, "A1", "A2")
    assert sign_in(app, visitor, "asha@example.org") == 0
    assert booking(rows)["customer_id"] == cast.ids["asha"]
    assert "2 seats held" in visitor.get(page_of(ground)).text


def test_signing_in_applies_the_limit_again(app, cast, visitor, as_asha, ground, rows, sandbox):
    paid_booking(as_asha, ground, ["A1", "A2", "A3", "A4", "A5"], sandbox)
    hold(visitor, ground, "B1", "B2", "B3", "B4")
    assert sign_in(app, visitor, "asha@example.org") == 1
    assert held_seats(rows, ground) == []


def test_two_open_holds_become_one_at_sign_in(app, cast, visitor, as_asha, ground, rows):
    hold(as_asha, ground, "A1")
    hold(visitor, ground, "A2", "A3")
    assert sign_in(app, visitor, "asha@example.org") == 0
    assert "3 seats held" in visitor.get(page_of(ground)).text
    assert rows.value("select sum(total) from booking where state = 'held'") == 3 * 5290


def test_an_ended_hold_of_the_fan_does_not_swallow_the_new_one_at_sign_in(app, cast, visitor, as_asha, ground, rows):
    hold(as_asha, ground, "A1")
    age(rows, 11)
    hold(visitor, ground, "A2", "A3")
    sign_in(app, visitor, "asha@example.org")
    assert "2 seats held" in visitor.get(page_of(ground)).text
    assert held_seats(rows, ground) == ["A2", "A3"]


def test_an_ended_hold_of_the_visitor_does_not_come_back_to_life_at_sign_in(app, cast, visitor, as_asha, ground, rows):
    hold(visitor, ground, "A2", "A3")
    age(rows, 11)
    hold(as_asha, ground, "A1")
    assert sign_in(app, visitor, "asha@example.org") == 0
    assert "1 seat held" in visitor.get(page_of(ground)).text
    assert rows.value("select count(*) from seat_claim") == 1


def test_merged_holds_end_together(app, cast, visitor, as_asha, ground, rows):
    hold(as_asha, ground, "A1")
    age(rows, 6)
    hold(visitor, ground, "A2")
    sign_in(app, visitor, "asha@example.org")
    ends = rows(
        "select distinct c.expires_at = b.expires_at as same from seat_claim c join booking b on b.id = c.booking_id"
    )
    assert [row["same"] for row in ends] == [True]
    assert minutes_left(rows) == 10
