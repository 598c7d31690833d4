"""How things look in words and figures, and the public pages."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from catalogue.fixtures import sale_state
from web import plan, presentation
from web.presentation import (
    basis_points,
    cap_panels,
    clock,
    count,
    day,
    fee_words,
    left_words,
    money,
    money_short,
    percent,
    plural,
    seat_list,
    when,
    words_of,
)

EVENING = datetime(2026, 12, 19, 8, 10, tzinfo=UTC)
TODAY = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "full", "short"),
    [
        (4800, "AUD", "A$48.00", "A$48"),
        (4850, "AUD", "A$48.50", "A$48.50"),
        (1250, "GBP", "£12.50", "£12.50"),
        (120000, "INR", "₹1,200.00", "₹1,200"),
        (0, "NZD", "NZ$0.00", "NZ$0"),
        (5, "USD", "US$0.05", "US$0.05"),
        (1200, "JPY", "¥1,200", "¥1,200"),
        (1500, "KWD", "KWD\u00a01.500", "KWD\u00a01.500"),
        (3000, "KWD", "KWD\u00a03.000", "KWD\u00a03"),
        (123456789, "EUR", "€1,234,567.89", "€1,234,567.89"),
        (-400, "AUD", "−A$4.00", "−A$4"),
    ],
)
def test_money_shows_its_currency(minor, currency, full, short):
    assert money(minor, currency) == full
    assert money_short(minor, currency) == short


@given(st.integers(0, 10**12), st.sampled_from(["AUD", "GBP", "JPY", "BHD", "CHF"]))
def test_money_loses_nothing(minor, currency):
    figures = "".join(c for c in money(minor, currency) if c.isdigit())
    assert int(figures) == minor


def test_times_are_the_grounds_own():
    assert when(EVENING, "Australia/Sydney", today=TODAY) == "Saturday 19 December, 19:10 AEDT"
    assert when(EVENING, "Europe/London", "short", today=TODAY) == "Sat 19 Dec, 08:10 GMT"
    assert clock(EVENING, "Asia/Kolkata") == "13:40 IST"
    assert clock(EVENING, "Asia/Kathmandu") == "13:55 GMT+5:45"
    assert clock(EVENING, "Asia/Dubai") == "12:10 GMT+4"
    assert clock(EVENING, "America/Sao_Paulo") == "05:10 GMT−3"
    assert clock(EVENING, "Australia/Sydney", named=False) == "19:10"


def test_a_day_of_another_year_says_so():
    assert day(EVENING, "Australia/Sydney", today=datetime(2027, 6, 1, tzinfo=UTC)) == "Saturday 19 December 2026"
    # Already the new year at the ground, not yet in UTC.
    late = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
    assert day(late, "Australia/Sydney", today=TODAY) == "Friday 1 January 2027"
    assert day(late, "Australia/Sydney", "month") == "January 2027"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="UTC"):
        when(datetime(2026, 12, 19, 8, 10), "Australia/Sydney")


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (["9", "10", "11", "12"], "9–12"),
        (["10", "9"], "9 and 10"),
        (["3", "5", "9", "10", "11"], "3, 5 and 9–11"),
        (["7"], "7"),
        (["12A", "12B", "3"], "3, 12A and 12B"),
        ([], ""),
    ],
)
def test_seats_are_named_in_runs(numbers, said):
    assert seat_list(numbers) == said


def test_numbers_in_words():
    assert count(20805) == "20,805"
    assert plural(1, "seat") == "1 seat" and plural(1200, "match", "matches") == "1,200 matches"
    assert [percent(x) for x in (0, 0.001, 0.494, 0.999, 1)] == ["0%", "1%", "49%", "99%", "100%"]
    assert [basis_points(x) for x in (500, 250, 1250, 10000)] == ["5%", "2.5%", "12.5%", "100%"]
    assert words_of([1, 2, 3]) == "1, 2 and 3" and words_of(["A"]) == "A" and words_of([]) == ""


@pytest.mark.parametrize(
    ("left", "capacity", "said"),
    [
        (0, 5000, "Sold out"),
        (1, 5000, "1 seat left"),
        (278, 5000, "278 seats left"),
        (1000, 5000, "Filling up"),
        (2400, 5000, "About half is left"),
        (4000, 5000, "Plenty of seats"),
        (20, 22, "20 seats left"),
    ],
)
def test_what_is_left_is_said_without_haste(left, capacity, said):
    assert left_words(left, capacity) == said


def test_fees_in_a_sentence():
    ground = SimpleNamespace(fee_bp=500, fee_each=250, tax_bp=1000, tax_inside=True, tax_name="GST", currency="AUD")
    assert fee_words(ground) == "Booking fees: 5% and A$2.50 a ticket. 10% GST is inside every price."
    ground.fee_each, ground.tax_inside = 0, False
    assert fee_words(ground) == "Booking fees: 5%. 10% GST is added before you pay."


def test_caps_differ_without_colour_and_take_nothing_but_colours():
    team = SimpleNamespace(colour_1='red" onload="x', colour_2="#f2efe2", cap_pattern=1)
    assert {colour for _, colour in cap_panels(team)["panels"]} == {"#73827a", "#f2efe2"}
    drawings = set()
    for pattern in range(1, 6):
        team = SimpleNamespace(colour_1="#10524f", colour_2="#f2efe2", cap_pattern=pattern)
        drawn = cap_panels(team)
        drawings.add((tuple(colour for _, colour in drawn["panels"]), drawn["hoop"]))
    assert len(drawings) == 5


def test_a_ground_is_drawn_from_its_rows(app, ground):
    with app.app_context():
        drawn = plan.draw(ground.layout)
        assert plan.draw(0) is None
    assert [(w.name, w.band, w.seats) for w in drawn.wedges] == [("Cooper Stand", "C", 16), ("Pavilion", "A", 6)]
    assert [g.text for g in drawn.gates] == ["C"] and all(w.left == w.path and not w.is_sold for w in drawn.wedges)


def test_colour_drains_from_a_stand_as_it_sells(app, ground, rows):
    cooper, pavilion = (
        row["id"] for row in rows("select id from stand where layout_id = :l order by id", l=ground.layout)
    )
    with app.app_context():
        half, sold = plan.draw(ground.layout, {cooper: 0.5, pavilion: 0}).wedges
        nearly, _ = plan.draw(ground.layout, {cooper: 0.001, pavilion: 0}).wedges
    assert half.left not in (None, half.path) and not half.is_sold
    assert sold.left is None and sold.is_sold and nearly.left and not nearly.is_sold


def test_a_sale_is_one_thing_at_a_time(engine):
    def sale(now, left=5, state="on_sale", ends=110):
        moments = [datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=n) for n in (100, 10, ends, now)]
        with engine.connect() as connection:
            said = connection.exec_driver_sql("select app.sale_state(%s, %s, %s, %s, %s)", (state, *moments)).scalar()
        return sale_state(SimpleNamespace(sale_state=said), left)

    assert [sale(now) for now in (5, 50, 105, 111)] == ["not_yet", "on_sale", "on_sale", "past"]
    assert sale(50, left=0) == "sold_out"
    assert sale(50, state="stopped") == "stopped"
    assert sale(500, state="cancelled") == "cancelled"
    assert sale(95, ends=90) == "ended"
    assert sale(50, state="draft", left=0) == "draft"


# --- pages ----------------------------------------------------------------------------------------


class Statements:
    """Counts what goes to the database, without BEGIN and COMMIT."""

    def __init__(self, app):
        from extensions import db

        with app.app_context():
            self.engine = db.engine
        self.seen = []

    def __enter__(self):
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self.seen

    def _note(self, conn, cursor, statement, *rest):
        self.seen.append(statement)

    def __exit__(self, *error):
        event.remove(self.engine, "before_cursor_execute", self._note)


def test_home_shows_the_next_match_and_what_is_left(visitor, ground):
    page = visitor.get("/")
    assert page.status == 200 and "Harbour Terns" in page.text and "Choose seats" in page.text
    board = page.root.find("section", aria_labelledby="next-h")
    assert "Seats left" in board.text and board.find("span", aria_label="22") and "from A$52.90" in board.text
    assert "4 seats left" in page.text and "from £34" in page.text, "the others are listed below it"
    assert page.root.find("a", href=f"/book-tickets-enhanced/{ground.event}")
    assert page.root.find("nav", aria_label="Main").find("a", aria_current="page").text == "What’s on"


def test_a_listing_costs_few_statements(app, ground, as_asha):
    for path in ("/", "/fixtures"):
        as_asha.get(path)
        with Statements(app) as seen:
            as_asha.get(path)
        assert len(seen) <= 6, (path, seen)


def test_no_match_is_said_kindly(visitor, rows):
    rows("update match set state = 'finished', starts_at = starts_at - interval '30 days'")
    assert "No match is planned yet" in visitor.get("/").text
    assert "No match to come" in visitor.get("/fixtures").text


@pytest.mark.parametrize(
    ("change", "said", "sells"),
    [
        ("state = 'stopped'", "stopped the sale for now", False),
        ("state = 'cancelled', cancelled_at = now()", "Cancelled", False),
        ("sale_starts_at = now() + interval '1 day'", "On sale", False),
        ("sale_ends_at = now() - interval '1 minute'", "The sale is over", False),
        ("buyer_limit = 4", "seats left", True),
    ],
)
def test_each_state_of_a_sale_has_its_words(visitor, rows, ground, change, said, sells):
    rows(f"update event set {change} where id = :e", e=ground.event)
    page = visitor.get("/fixtures")
    assert said in page.text
    assert bool(page.root.find("a", href=f"/book-tickets-enhanced/{ground.event}")) is sells
    page = visitor.get(f"/matches/{ground.match}")
    assert page.status == 200 and bool(page.root.find("a", href=f"/book-tickets-enhanced/{ground.event}")) is sells


def booked(rows, ground, customer, state="paid"):
    """A booking row of this customer, without its money."""
    return rows.value(
        """insert into booking (reference, customer_id, stadium_id, event_id, state, currency, face, fee, tax, total,
                                held_at, expires_at)
           values (:r, :c, :s, :e, :state, 'AUD', 4800, 0, 0, 4800, now(), now()) returning id""",
        r=f"LOOK{customer}",
        c=customer,
        s=ground.stadium,
        e=ground.event,
        state=state,
    )


def test_taken_seats_are_not_left_and_ended_holds_are(visitor, rows, ground, cast):
    booking = booked(rows, ground, cast.ids["ben"], "held")
    for name, state, expires in (("A1", "sold", None), ("A2", "held", "1 minute"), ("A3", "held", "-1 minute")):
        rows(
            """insert into seat_claim (event_id, seat_id, booking_id, state, expires_at)
               values (:e, :s, :b, :state, now() + cast(:x as interval))""",
            e=ground.event,
            s=ground.seats[name],
            b=booking,
            state=state,
            x=expires,
        )
    assert "20 of 22 left" in visitor.get(f"/matches/{ground.match}").text


def test_fixtures_can_be_narrowed(visitor, ground):
    page = visitor.get("/fixtures?ground=moor")
    assert (
        "1 match to come at Moor Lane" in page.text
        and "Lanternside Oval, Sydney" not in page.root.find("ul", class_="fixtures").text
    )
    assert "2 matches to come for Harbour Terns" in visitor.get("/fixtures?team=terns").text
    assert "2 matches to come" in visitor.get("/fixtures?ground=nowhere&team=%2F").text


def test_a_match_says_when_where_and_how_much(visitor, ground):
    page = visitor.get(f"/matches/{ground.match}")
    assert "Lanternside Oval" in page.text and "A$95" in page.text and "A$47.50" in page.text
    assert "Until 24 hours before the start you get the full price back" in page.text
    assert visitor.get("/matches/999999").status == 404


def test_one_ticket_for_two_matches_says_so(visitor, rows, ground):
    other = rows.value("select match_id from event_match where event_id = :e", e=ground.other_event)
    rows("insert into event_match (event_id, match_id) values (:e, :m)", e=ground.event, m=other)
    assert "One ticket for two matches" in visitor.get(f"/matches/{ground.match}").text


def test_a_match_that_is_over_shows_its_result(visitor, rows, ground):
    rows(
        "update match set state = 'finished', result = 'Terns won by 3 runs', starts_at = now() - interval '2 days' "
        "where id = :m",
        m=ground.match,
    )
    rows(
        """update event set starts_at = now() - interval '2 days', ends_at = now() - interval '44 hours',
                  gates_open_at = now() - interval '50 hours', sale_ends_at = now() - interval '47 hours'
            where id = :e""",
        e=ground.event,
    )
    assert "Terns won by 3 runs" in visitor.get("/fixtures").root.find("section", id="results").text
    page = visitor.get(f"/matches/{ground.match}")
    assert "Terns won by 3 runs" in page.text and "This match is over" in page.text


def test_a_ground_is_drawn_and_told(visitor, ground):
    page = visitor.get("/grounds/lanternside")
    assert "Cooper Stand, lower" in page.text and "Wharf Street" in page.text and "A$25 a match" in page.text
    assert page.root.find("svg", role="img") and "Gate C" in page.html
    assert visitor.get("/grounds/nowhere").status == 404


def test_a_ground_without_seats_or_parking_says_so(visitor, rows):
    rows(
        """insert into stadium (slug, name, city, country, time_zone, currency)
           values ('bare', 'Bare Field', 'Leeds', 'GB', 'Europe/London', 'GBP')"""
    )
    page = visitor.get("/grounds/bare")
    assert "not drawn yet" in page.text and "no car park" in page.text and "No match to come here" in page.text


@pytest.mark.parametrize("path", ["/help", "/privacy", "/terms"])
def test_pages_of_words(visitor, path):
    assert visitor.get(path).status == 200


def test_a_fan_sees_their_next_match_at_home(as_asha, ground, cast, rows):
    booking = booked(rows, ground, cast.ids["asha"])
    line = rows.value(
        """insert into booking_line (booking_id, kind, seat_id, band, ticket_type, face, fee, tax, total)
           values (:b, 'seat', :s, 'C', 'adult', 4800, 0, 0, 4800) returning id""",
        b=booking,
        s=ground.seats["B3"],
    )
    rows(
        "insert into ticket (booking_id, line_id, event_id, seat_id) values (:b, :l, :e, :s)",
        b=booking,
        l=line,
        e=ground.event,
        s=ground.seats["B3"],
    )
    page = as_asha.get("/")
    assert "Your next match" in page.text and page.root.find("a", class_="stub").find("span", aria_label="B")
    assert "Asha" in page.root.find("header").text


def test_the_theme_is_drawn_by_the_server(visitor, ground):
    assert "data-theme" not in visitor.get("/help").root.find("html").attrs
    visitor.client.set_cookie("theme", "lights")
    page = visitor.get("/help")
    assert (
        page.root.find("html", data_theme="lights")
        and page.root.find("meta", name="theme-color").attrs["content"] == "#121b2b"
    )
    visitor.client.set_cookie("theme", 'x" onload="y')
    assert "data-theme" not in visitor.get("/help").root.find("html").attrs


def test_a_lost_page_is_told_kindly(visitor, ground):
    page = visitor.get("/no-such-page")
    assert page.status == 404 and page.root.find("h1").text and page.root.find("a", href="/tickets")


def test_every_zone_of_the_world_has_a_name():
    for zone in ("Pacific/Chatham", "Asia/Colombo", "America/Barbados", "Africa/Johannesburg", "Pacific/Auckland"):
        name = presentation.zone_name(EVENING.astimezone(ZoneInfo(zone)))
        assert name.isalpha() or name.startswith("GMT")
