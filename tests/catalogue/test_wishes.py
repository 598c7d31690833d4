"""A wish in somebody's own words: what is understood, and that what is not stays as it was typed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from catalogue.suiting import count_days, distances
from catalogue.wishes import days_of_when, read_price, read_wish, words_of_when
from models import Stadium

MONDAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("text", "asked", "rest"),
    [
        ("terns this weekend, 4 of us under A$60 in the shade",
         {"when": "weekend", "people": "4", "price": "AUD 60", "shade": "1"}, "terns"),
        ("for 4", {"people": "4"}, ""),
        ("four of us", {"people": "4"}, ""),
        ("together 4", {"people": "4"}, ""),
        ("seats together for 3", {"people": "3"}, ""),
        ("٤ people", {"people": "4"}, ""),
        ("2 adults and 2 kids", {"people": "4"}, ""),
        ("family of 5 at lanternside on sunday", {"people": "5", "when": "sun"}, "lanternside"),
        ("just me", {"people": "1"}, ""),
        ("Terns this weekend, 4 under 60", {"when": "weekend", "people": "4", "price": "60"}, "Terns"),
        ("tomorrow, two", {"when": "tomorrow", "people": "2"}, ""),
        ("evening league 24 tomorrow", {"when": "tomorrow"}, "evening league 24"),
        ("evening league 4", {}, "evening league 4"),
        ("under 60", {"price": "60"}, ""),
        ("below A$60", {"price": "AUD 60"}, ""),
        ("max 60 dollars", {"price": "60"}, ""),
        ("£40 or less", {"price": "GBP 40"}, ""),
        ("45,50 euros each", {"price": "EUR 45.5"}, ""),
        ("up to 1,200 yen", {"price": "JPY 1200"}, ""),
        ("2 of us under 90 in total", {"people": "2", "price": "45"}, ""),
        ("up to 4 people", {"people": "4"}, "up"),
        ("today", {"when": "today"}, ""),
        ("tonight", {"when": "tonight"}, ""),
        ("kites tomorrow", {"when": "tomorrow"}, "kites"),
        ("next weekend", {"when": "next-weekend"}, ""),
        ("next Saturday", {"when": "next-sat"}, ""),
        ("Sat", {"when": "sat"}, ""),
        ("12 Dec", {"when": "2026-12-12"}, ""),
        ("the 12th of December", {"when": "2026-12-12"}, ""),
        ("Jan 3", {"when": "2027-01-03"}, ""),
        ("12/12", {"when": "2026-12-12"}, ""),
        ("29 Feb", {"when": "2028-02-29"}, ""),
        ("30 nov", {"when": "2026-11-30"}, ""),
        ("in march", {"month": "2027-03"}, ""),
        ("December 2027", {"month": "2027-12"}, ""),
        ("next month", {"month": "2026-12"}, ""),
        ("wheelchair", {"accessible": "1"}, ""),
        ("2 wheelchair spaces", {"accessible": "1", "people": "2"}, ""),
        ("T20 near me", {"format": "T20", "near": "me"}, ""),
        ("the hundred", {"format": "Hundred"}, ""),
        # Not understood, so kept: something else is meant, or nothing that is offered here.
        ("nobody at all", {}, "nobody at all"),
        ("no shade", {}, "no shade"),
        ("not on Saturday", {}, "not on Saturday"),
        ("in the sun", {}, "in the sun"),
        ("under 18s", {}, "under 18s"),
        ("for 4 pm", {}, "for 4 pm"),
        ("for 100", {}, "for 100"),
        ("over 60", {}, "over 60"),
        ("Saturday or 12 Dec", {"when": "2026-12-12"}, "Saturday"),
        ("Zoë Müller v O'Brien", {}, "Zoë Müller v O'Brien"),
    ],
)  # fmt: skip
def test_a_wish_is_understood_and_nothing_is_lost(text, asked, rest):
    wish = read_wish(text, MONDAY)
    assert (wish.asked, wish.rest) == (asked, rest)


def test_a_word_that_something_is_called_by_is_no_date():
    assert read_wish("april", MONDAY, names={"april"}).asked == {}
    assert read_wish("sun", MONDAY, names={"sun"}).asked == {}
    assert read_wish("in april on sun", MONDAY, names={"april", "sun"}).asked == {"month": "2027-04", "when": "sun"}
    assert read_wish("test", MONDAY, formats={"T20"}).rest == "test"


@pytest.mark.parametrize(
    ("typed", "price"),
    [("60", "60"), ("A$60.50", "AUD 60.5"), ("60 GBP", "GBP 60"), ("nan", ""), ("-1", ""), ("1e9", ""), ("٣", "")],
)
def test_a_price_is_read(typed, price):
    assert read_price(typed) == price


@pytest.mark.parametrize(
    ("when", "today", "days"),
    [
        ("weekend", "2026-11-30", "2026-12-05 2026-12-06"),
        ("weekend", "2026-12-06", "2026-12-05 2026-12-06"),
        ("next-weekend", "2026-12-06", "2026-12-12 2026-12-13"),
        ("week", "2026-12-02", "2026-11-30 2026-12-06"),
        ("mon", "2026-11-30", "2026-11-30 2026-11-30"),
        ("mon", "2026-12-01", "2026-12-07 2026-12-07"),
        ("next-sat", "2026-11-30", "2026-12-12 2026-12-12"),
        ("tomorrow", "2026-12-31", "2027-01-01 2027-01-01"),
        ("2026-12-12", "2026-11-30", "2026-12-12 2026-12-12"),
    ],
)
def test_when_is_days(when, today, days):
    first, last = days_of_when(when, date.fromisoformat(today))
    assert f"{first} {last}" == days and words_of_when(when)


def test_a_place_is_far_by_the_great_circle():
    sydney, nowhere = Stadium(id=1, latitude=-33.87, longitude=151.21), Stadium(id=2)
    assert distances([sydney, nowhere], "-37.8,145.0") == {1: pytest.approx(713, abs=5)}


# --- the page -------------------------------------------------------------------------------------


@pytest.fixture
def summer(rows, ground):
    """Terns v Herons at Lanternside in Sydney (full price 52.90) on the evening of next Saturday, and at Moor Lane in
    Leeds (34.00, four seats) on the Monday after. "Next Saturday" is the one of next week.
    """
    today = datetime.now(ZoneInfo("Australia/Sydney")).date()
    saturday = today + timedelta(12 - today.weekday())
    for event, zone, day, hour in (
        (ground.event, "Australia/Sydney", saturday, "19:10"),
        (ground.other_event, "Europe/London", saturday + timedelta(2), "11:00"),
    ):
        rows(
            """update event set starts_at = s.at, gates_open_at = s.at - interval '1 hour',
                                ends_at = s.at + interval '3 hours 40 minutes', sale_ends_at = s.at
                 from (select cast(:at as timestamp) at time zone :zone as at) s where id = :e""",
            at=f"{day} {hour}", zone=zone, e=event,
        )  # fmt: skip
        rows(
            """update match set starts_at = (select starts_at from event where id = :e)
                where id in (select match_id from event_match where event_id = :e)""",
            e=event,
        )
    rows("update stadium set latitude = -33.9, longitude = 151.2 where slug = 'lanternside'")
    rows("update stadium set latitude = 53.8, longitude = -1.5 where slug = 'moor'")
    ground.saturday = saturday
    return ground


def listed(page):
    """The matches to come that fit, by their addresses; not what is offered instead."""
    part = page.root.find("div", data_swap="list")
    if part.find("h2", id="none-h"):
        return []
    return [h.find("a").attrs["href"].partition("?")[0] for h in part.find_all("h3") if h.find("a")]


def chips(page):
    return {
        a.text.strip().removeprefix("Take off "): a.attrs["href"]
        for a in page.root.find("div", data_swap="told").find_all("a")
        if a.text.strip().startswith("Take off")
    }


def at(rows, ground, where):
    event = {"L": ground.event, "M": ground.other_event}[where]
    return f"/matches/{rows.value('select match_id from event_match where event_id = :e', e=event)}"


def test_a_wish_narrows_the_list(visitor, summer, rows):
    for words, grounds in {
        "for 4": "LM",
        "for 5": "L",
        "5 together under 60": "L",
        "under A$60": "L",
        "under £60": "M",
        "under 40 for 4": "M",
        "wheelchair": "L",
        "in the shade": "L",
        "next saturday": "L",
        "terns next weekend for 2": "L",
        "tonight": "",
        "monday": "",
    }.items():
        page = visitor.get("/fixtures", query_string={"q": words})
        if grounds:
            assert listed(page) == [at(rows, summer, where) for where in grounds], words
        else:
            assert "Without the day the next is" in page.text, words


def test_a_wish_becomes_chips_and_fields_and_leads_to_the_seats(visitor, summer, rows):
    page = visitor.get("/fixtures", query_string={"q": f"terns {summer.saturday:%-d %B}, 4 of us under A$60"})
    assert listed(page) == [at(rows, summer, "L")]
    day = f"{summer.saturday:%a} {summer.saturday.day} {summer.saturday:%B}"
    assert set(chips(page)) == {"Harbour Terns", day, "Up to A$60", "4 together"}
    without = chips(page)["4 together"]
    assert "people" not in without and "price=AUD+60" in without and "team=terns" in without
    form = page.root.find("form", role="search")
    assert form.find("input", id="q").attrs["value"] == ""
    assert [o.attrs["value"] for o in form.find_all("option") if "selected" in o.attrs][0] == "terns"
    assert form.find("input", id="people").attrs["value"] == "4"
    seats = next(a.attrs["href"] for a in page.root.find_all("a") if a.text.strip() == "Best seats")
    assert seats == f"/book-tickets-enhanced/{summer.event}?best_count=4&best_under=60&best_together=1"
    assert visitor.get(seats).status == 200


def test_a_club_a_ground_and_a_city_are_chips_of_their_own(visitor, summer):
    for words, expected in {
        "TERNS at Lanternside Oval, Sydney": {"Harbour Terns", "Lanternside Oval", "Sydney"},
        "harbour terns in leeds": {"Harbour Terns", "Leeds"},
        "terns v herons leeds": {"“terns v herons”", "Leeds"},
        "moor evening": {"“moor evening”"},
    }.items():
        page = visitor.get("/fixtures", query_string={"q": words})
        assert set(chips(page)) == expected and listed(page), words


def test_words_that_nothing_is_called_by_are_said(visitor, summer, rows):
    page = visitor.get("/fixtures", query_string={"q": "for 4 terns quidditch"})
    assert "Nothing here is called “quidditch”" in page.text and len(listed(page)) == 2
    assert "Nothing here is called “cheap”" in visitor.get("/fixtures", query_string={"q": "cheap under 60"}).text


def test_near_is_asked_for_a_city_and_answered_by_a_place(visitor, summer, rows):
    page = visitor.get("/fixtures", query_string={"q": "near me"})
    assert len(listed(page)) == 2 and "choose a city" in page.text
    cities = {a.text.strip(): a.attrs["href"] for a in page.root.find_all("a")}
    assert cities["Leeds"] == "/fixtures?city=Leeds"
    assert "did not say where you are" in visitor.get("/fixtures?near=unknown").text
    near = visitor.get("/fixtures?near=-33.8,151.0")
    assert listed(near) == [at(rows, summer, "L")] and "km away" in near.text
    far = visitor.get("/fixtures?near=-37.8,145.0")
    assert "Without the distance the next is Terns v Herons" in far.text and listed(far) == []
    exact = visitor.get("/fixtures?near=-33.8688,151.2093")
    assert len(listed(exact)) == 2, "a place that is not rounded is not read"


def test_days_are_the_grounds_own(visitor, summer, rows):
    page = visitor.get("/fixtures", query_string={"q": f"{summer.saturday:%-d %B}"})
    strip = page.root.find("nav", aria_label="Days with matches")
    days = {a.text: a.attrs for a in strip.find_all("a")}
    assert list(days)[0] == "All days" and len(days) == 3
    current = [name for name, attrs in days.items() if "aria-current" in attrs]
    assert current == [f"{summer.saturday:%a} {summer.saturday.day} {summer.saturday:%b} 1 match"]
    # Ten past four on Saturday morning in Sydney is Friday in London, and in UTC.
    for table, columns in (("match", ["starts_at"]), ("event", ["gates_open_at", "starts_at", "ends_at"])):
        moved = ", ".join(f"{column} = {column} - interval '15 hours'" for column in columns)
        rows(f"update {table} set {moved} where id = :id", id=getattr(summer, table))
    assert listed(visitor.get(f"/fixtures?when={summer.saturday}")) == [at(rows, summer, "L")]


def test_a_match_of_days_leads_to_the_day_that_was_asked_for(visitor, summer, rows):
    second = rows.value(
        """insert into event (stadium_id, layout_id, name, starts_at, gates_open_at, ends_at, sale_starts_at,
                              sale_ends_at)
           select stadium_id, layout_id, name || ', day 2', starts_at + day, gates_open_at + day, ends_at + day,
                  sale_starts_at, sale_ends_at + day
             from event, (select interval '1 day' as day) as later where id = :e returning id""",
        e=summer.event,
    )
    rows("insert into event_match (event_id, match_id) values (:e, :m)", e=second, m=summer.match)
    sunday = summer.saturday + timedelta(1)
    page = visitor.get(f"/fixtures?when={sunday}&people=2")
    links = [a.attrs["href"] for a in page.root.find_all("a") if a.text.strip() == "Best seats"]
    assert links == [f"/book-tickets-enhanced/{second}?best_count=2&best_together=1"]
    both = visitor.get("/fixtures?ground=lanternside&people=2")
    choose = next(a.attrs["href"] for a in both.root.find_all("a") if a.text.strip() == "Choose a day")
    match = visitor.get(choose.partition("#")[0])
    assert f"/book-tickets-enhanced/{second}?best_count=2&best_together=1" in {
        a.attrs.get("href") for a in match.root.find_all("a")
    }


def test_a_match_of_days_counts_on_each(app, summer):
    from catalogue.fixtures import coming

    with app.test_request_context("/"):
        counts = count_days(coming(), datetime.now(UTC))
    assert counts == {summer.saturday: 1, summer.saturday + timedelta(2): 1}
