"""Finding a match, clubs and players: each filter alone and together, what is offered instead, and figures counted by
hand.
"""

from datetime import date
from types import SimpleNamespace

import pytest

from catalogue.search import plain, read_wanted
from cricket.board.document import board
from cricket.cricsheet.cards import innings_cards
from cricket.matches.profiles import balls_of, count_cards
from tests.cricket.test_matches import a_chase, put
from tests.house.test_look import Statements
from tests.support.scorebook import AVOCETS, Book


@pytest.fixture
def season(rows, ground):
    """Besides Terns v Herons at Lanternside (48 to 95) and Herons v Terns at Moor Lane (30): a match next June, a
    squad, a sold-out ground.
    """
    rows(
        """insert into player (team_id, name, role, shirt)
           select id, n.name, 'batter', n.shirt
             from team, (values ('Zoë Müller', 7), ('Ash Van Der Berg', 9)) n (name, shirt) where slug = 'terns'"""
    )
    rows("update team set home_stadium_id = :s, about = 'Of the harbour.' where slug = 'terns'", s=ground.stadium)
    return ground


def listed(page):
    """The matches to come that the page lists, by their addresses without the wish that they hand on."""
    part = page.root.find("div", data_swap="list")
    results = part.find("section", id="results")
    past = {a.attrs["href"] for a in results.find_all("a")} if results else set()
    shown = [a.attrs["href"] for h in part.find_all("h3") for a in h.find_all("a") if a.attrs["href"] not in past]
    return [address.partition("?")[0] for address in shown]


@pytest.mark.parametrize(
    ("query", "grounds"),
    [
        ("", "LM"),
        ("team=terns", "LM"),
        ("ground=moor", "M"),
        ("city=Leeds", "M"),
        ("format=T20", "LM"),
        ("price=40", "M"),
        ("price=52.9", "LM"),
        ("price=52.89", "M"),
        ("price=34", "M"),
        ("price=33.99", ""),
        ("left=1", "LM"),
        ("q=moor", "M"),
        ("q=LANTERN", "L"),
        ("q=zoe", "LM"),
        ("q=M%C3%BCll", "LM"),
        ("q=muller+sydney", "L"),
        ("q=terns+v+herons+leeds", "M"),
        ("q=lanternsyde", "L"),
        ("team=herons&city=Sydney&price=60&left=1&q=cup", ""),
        ("team=herons&city=Sydney&price=60&left=1&q=evening", "L"),
    ],
)
def test_each_filter_narrows_the_list(visitor, season, rows, query, grounds):
    other = rows.value("select match_id from event_match where event_id = :e", e=season.other_event)
    wanted = {f"/matches/{m}" for mark, m in (("L", season.match), ("M", other)) if mark in grounds}
    page = visitor.get(f"/fixtures?{query}")
    shown = set(listed(page))
    assert page.status == 200
    assert shown == wanted if wanted else "fits" in page.text or "Without" in page.text or "No match" in page.text


def test_a_match_of_days_stays_in_the_list_until_its_last_day_is_over(visitor, season, rows):
    rows("update match set starts_at = now() - interval '50 hours', format = 'Test' where id = :m", m=season.match)
    move = """update event set starts_at = now() - interval '2 hours', gates_open_at = now() - interval '3 hours',
                               ends_at = now() + :left * interval '1 hour',
                               sale_starts_at = now() - interval '9 days', sale_ends_at = now() + interval '1 hour'
               where id = :e"""
    rows(move, left=5, e=season.event)
    address = f"/matches/{season.match}"
    assert address in listed(visitor.get("/fixtures"))
    assert address in {a.attrs["href"] for a in visitor.get("/grounds/lanternside").root.find_all("a")}
    rows(move, left=-1, e=season.event)
    assert address not in listed(visitor.get("/fixtures"))


def test_a_filter_keeps_its_state_and_can_be_taken_off(visitor, season):
    page = visitor.get("/fixtures?team=terns&city=Leeds&price=40&q=moor&left=1")
    form = page.root.find("form", role="search")
    assert form.find("input", id="q").attrs["value"] == "moor" and form.find("input", id="price").attrs["value"] == "40"
    assert "checked" in form.find("input", type="checkbox").attrs
    chips = [a.attrs["href"] for a in page.root.find_all("a") if "data-chip" in a.attrs]
    assert len(chips) == 6 and "/fixtures" in chips
    assert any("team=" not in address and "city=Leeds" in address and "price=40" in address for address in chips)


def test_a_club_that_plays_is_not_called_one_without_a_match(visitor, season):
    page = visitor.get("/fixtures?team=terns&price=1&month=2031-01")
    assert "Nothing fits all of that" in page.text and "No match to come" not in page.text


def test_nothing_fits_and_the_nearest_is_offered(visitor, season):
    page = visitor.get("/fixtures?month=2031-06&ground=moor")
    assert "No match in June 2031 at Moor Lane" in page.text
    assert "Without the month the next is Herons v Terns" in page.text
    link = next(a for a in page.root.find_all("a") if a.text == "Look without the month")
    assert link.attrs["href"] == "/fixtures?ground=moor"
    rows_left = visitor.get("/fixtures?q=xyzzyplugh")
    assert "Without those words the next is" in rows_left.text


def test_a_sold_out_match_has_no_seats_left(visitor, season, rows):
    rows("update event set state = 'stopped' where id = :e", e=season.event)
    other = rows.value("select match_id from event_match where event_id = :e", e=season.other_event)
    assert listed(visitor.get("/fixtures?left=1")) == [f"/matches/{other}"]


@pytest.mark.parametrize(
    "query",
    [
        "price=nan",
        "price=-1",
        "price=1e999",
        "price=٣",
        "month=2026-13",
        "month=9999-99",
        "team=%27%20or%201=1--",
        "ground=../../etc",
        "city=%F0%9F%8F%8F",
        "format=%3Cscript%3E",
        "left=%FF",
        "results=%22",
    ],
)
def test_hostile_input_asks_for_nothing(visitor, season, query):
    page = visitor.get(f"/fixtures?{query}")
    assert page.status == 200 and len(listed(page)) == 2, query


def test_a_hostile_search_is_only_words(visitor, season):
    for search in ("%3Cscript%3Ealert(1)%3C/script%3E", "%25%25%25", "a" * 5000, "%F0%9F%8F%8F", "'%22;--"):
        page = visitor.get(f"/fixtures?q={search}")
        assert page.status == 200 and not [e for e in page.root.find_all("script") if e.text]


def test_words_are_plain():
    assert plain("Zoë O’Müller-FORD") == ["zoe", "omuller", "ford"]
    choices = {"team": {}, "ground": {}, "city": {}, "format": {}}
    assert read_wanted({"q": " a  b ", "price": "12.5", "month": "2026-12", "left": "on"}, choices).asked == {
        "q": "a b",
        "month": "2026-12",
        "price": "12.5",
        "left": "1",
    }


def test_lists_cost_few_statements(app, season, as_asha):
    for path in ("/", "/fixtures", "/fixtures?q=zoe&team=terns&price=50&left=1", "/teams", "/teams/terns"):
        as_asha.get(path)
        with Statements(app) as seen:
            as_asha.get(path)
        assert len(seen) <= (8 if path == "/teams/terns" else 6), (path, len(seen), seen)


def test_only_home_and_the_fixture_list_may_ask_where_somebody_is(visitor, season):
    for path, place in (("/", "self"), ("/fixtures", "self"), ("/teams", ""), (f"/matches/{season.match}", "")):
        assert f"geolocation=({place})" in visitor.get(path).headers["Permissions-Policy"], path


@pytest.mark.parametrize("state", ["stopped", "cancelled"])
def test_home_sells_the_next_match_that_has_seats(visitor, season, rows, state):
    rows("update event set state = :s where id = :e", s=state, e=season.event)
    board = visitor.get("/").root.find("section", aria_labelledby="next-h")
    seats = board.find("a", href=f"/book-tickets-enhanced/{season.other_event}")
    assert seats.text.split() == ["Choose", "seats", "from", "£34"]
    assert board.find("p", id=seats.attrs["aria-describedby"]).text.startswith("Seats for Herons v Terns")
    rows("update event set state = 'stopped'")
    assert "Choose seats" not in visitor.get("/").root.find("main").text


def test_a_match_says_what_it_costs_before_who_umpires_it(visitor, season, rows):
    umpire = rows.value("insert into official (name) values ('Ellen Strand') returning id")
    rows("insert into match_official values (:m, :o, 'umpire')", m=season.match, o=umpire)
    page = visitor.get(f"/matches/{season.match}")
    said = page.root.find("main").text
    assert said.index("from A$52.90") < said.index("Price band") < said.index("Zoë Müller") < said.index("Ellen Strand")
    folded = page.root.find_all("details")
    assert all(any(name in d.text for d in folded) for name in ("Zoë Müller", "Ellen Strand"))
    assert not [d for d in folded if "open" in d.attrs]
    # One price: the cell is what a person pays, and its parts add up to it.
    parts = page.root.find("span", id=f"price-{season.event}-c-adult")
    assert "A$52.90" in page.root.find("table").text and "A$48.00" in parts.text


def test_a_ground_begins_with_its_next_match(visitor, season, rows):
    page = visitor.get("/grounds/lanternside")
    headings = [h.text for h in page.root.find_all("h2")]
    assert headings.index("Next here") < headings.index("The ground")
    first = page.root.find("section", aria_labelledby="next-h")
    assert first.find("a", href=f"/book-tickets-enhanced/{season.event}")
    rows(
        """update event set starts_at = now() - interval '9 days', gates_open_at = now() - interval '9 days',
                            ends_at = now() - interval '8 days'"""
    )
    rows("update match set starts_at = now() - interval '9 days'")
    assert "No match to come here" in visitor.get("/grounds/lanternside").text


# --- clubs and players ------------------------------------------------------------------------------------------------


def finish(rows, match, winner, days):
    rows(
        """update match set state = 'finished', result = :r, starts_at = now() - make_interval(days => :d)
            where id = :m""",
        r=f"{winner} won by 5 wickets",
        d=days,
        m=match,
    )


def test_a_club_shows_squad_form_and_home(visitor, season, rows):
    other = rows.value("select match_id from event_match where event_id = :e", e=season.other_event)
    finish(rows, other, "Torrens Herons", 4)
    page = visitor.get("/teams/terns")
    assert page.status == 200 and "Of the harbour." in page.text and "1 match to come" in page.text
    assert "Lost against Herons" in page.text and "Lanternside Oval" in page.text
    zoe = next(a for a in page.root.find_all("a") if a.text == "Zoë Müller")
    assert visitor.get(zoe.attrs["href"]).status == 200
    assert "Won against Terns" in visitor.get("/teams/herons").text
    assert "Harbour Terns" in visitor.get("/teams").text and visitor.get("/teams/nobody").status == 404


def card(key, runs, faced, state="out"):
    return {"key": key, "state": state, "n": [runs, faced, 0, 0, ""]}


def match_of(number, bat=(), ball=(), form="T20", per=6):
    return SimpleNamespace(
        id=number, day=date(2026, 1, number), format=form, per=per, against="Herons", bat=list(bat), ball=list(ball)
    )


def test_figures_are_counted_as_a_scorer_counts_them():
    figures, innings = count_cards(
        [
            match_of(5, [card("p1", "34", 21)], [{"n": ["4", 0, 18, 2]}]),
            match_of(4, [card("p1", "50*", 30, "in")], [{"n": ["3.4", 1, 22, 2]}]),
            match_of(3, [card("p1", "0", 0, "absent")], []),
            match_of(2, [card("p1", "50", 20)], [{"n": ["2.5", 0, 9, 2]}]),
            match_of(1, [], [], "Test"),
        ]
    )
    t20, test = figures
    assert (t20.matches, t20.innings, t20.not_out, t20.runs, t20.faced) == (4, 3, 1, 134, 71)
    assert t20.average == "67.00" and t20.strike_rate == "188.7" and t20.highest_text == "50*"
    assert (t20.bowled, t20.conceded, t20.wickets, t20.best_text) == (
        24 + 22 + 17,
        49,
        6,
        "2/9",
    ) and t20.economy == "4.67"
    assert (test.matches, test.innings, test.average, test.economy, test.best_text, test.highest_text) == (
        1,
        0,
        "",
        "",
        "",
        "",
    )
    assert [one.bat for one in innings] == [["34 (21)"], ["50* (30)"], ["50 (20)"]]


def test_a_profile_and_the_board_agree_on_rates():
    """Runs an over, and an over is as long as the match has it: of eight, of six, of four, and a set of five."""
    for form, per in (("First-class", 8), ("T20", 6), ("List A", 4), ("Hundred", 5)):
        book = Book(overs=4, balls_per_over=per).start()
        book.over(bowler="a11").over(*[1] * per, bowler="a10").ball(6, bowler="a11")
        (cards,), (shown,) = innings_cards(book.state), board(book.state)["innings"]
        for row, economy in zip(shown["bowling"], (6 * per / (per + 1), per), strict=True):
            ((figures,), _) = count_cards([match_of(1, [], [row], form, per)])
            assert figures.economy == row["n"][4] == f"{economy:.2f}"
            assert f"{cards['bowling'][row['name']]['economy']:.2f}" == f"{economy:.2f}"
    both = [match_of(2, [], [{"n": ["2", 0, 16, 1]}], "T20", 8), match_of(1, [], [{"n": ["2", 0, 12, 1]}], "T20", 6)]
    assert count_cards(both)[0][0].economy == "7.00"


def test_overs_become_balls():
    assert [balls_of(*each) for each in (("3.4", 6), ("4", 6), ("0.5", 6), ("2.3", 8), ("20", 5))] == [
        22,
        24,
        5,
        19,
        20,
    ]


def test_a_player_page_counts_from_the_boards(visitor, season, rows):
    """a_chase(): the first opener of the Terns makes what the book says; a super over is in nobody's figures."""
    player = rows.value("select id from player where name = 'Zoë Müller'")
    book = a_chase()
    first = board(book.state)["innings"][0]["batting"][0]
    put(rows, season.match, book)
    rows(
        """update match_snapshot set board = replace(board::text, '"key": "t1"', :k)::jsonb where match_id = :m""",
        k=f'"key": "p{player}"',
        m=season.match,
    )
    page = visitor.get(f"/players/{player}")
    assert page.status == 200 and "Zoë Müller" in page.text and "Last matches" in page.text
    assert first["n"][0].rstrip("*") in [td.text for td in page.root.find_all("td")]
    assert f"{first['n'][0]} ({first['n'][1]})" in page.text
    before = page.text
    book.balls(6)
    put(rows, season.match, book)
    assert visitor.get(f"/players/{player}").text != before, "a newer board is another version"
    assert visitor.get("/players/999999").status == 404 and visitor.get("/players/99999999999999").status == 404


def test_a_super_over_is_in_nobodys_figures(visitor, season, rows):
    player = rows.value("select id from player where name = 'Zoë Müller'")
    book = Book(overs=1).start().over(*[1] * 6)
    book.end()
    book.start(AVOCETS).over(*[1] * 6)
    book.end()
    book.start(AVOCETS, super_over=True).over(*[0] * 6)
    book.end()
    book.start(super_over=True).ball(6)
    book.add("match_end")
    put(rows, season.match, book)
    rows(
        """update match_snapshot set board = replace(board::text, '"key": "t1"', :k)::jsonb where match_id = :m""",
        k=f'"key": "p{player}"',
        m=season.match,
    )
    cells = [td.text for td in visitor.get(f"/players/{player}").root.find("table").find_all("td")]
    assert cells[:4] == ["1", "1", "1", "3"], cells
