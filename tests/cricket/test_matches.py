"""The pages of a match: the match centre before, during and after, the printed scorecard, the big screen, the ladder,
and live scores elsewhere.
"""

import json

import pytest

from cricket.board.document import board, summary
from tests.house.test_look import Statements
from tests.support.scorebook import AVOCETS, Book


def put(rows, match, book, **facts):
    """Store what a book has come to as the snapshot of a match."""
    rows("delete from match_snapshot where match_id = :m", m=match)
    rows(
        "insert into match_snapshot (match_id, seq, summary, board) "
        "values (:m, :n, cast(:s as jsonb), cast(:b as jsonb))",
        m=match,
        n=book.state.seq,
        s=json.dumps(summary(book.state)),
        b=json.dumps(board(book.state, facts)),
    )
    rows("update match set state = :s where id = :m", m=match, s="finished" if book.state.ended else "live")


def drawn(page, tag, **attrs):
    """The elements that are on the page, those waiting inside a <template> left out."""

    def waits(element):
        return element is not None and (element.tag == "template" or waits(element.parent))

    return [element for element in page.root.find_all(tag, **attrs) if not waits(element)]


def a_chase():
    """Two overs a side: 16 to beat, one over gone, a wicket down."""
    book = Book(overs=2).start().over(4, 0, 1, 6, 0, 4).over(0, 0, 0, 0, 0, 0, bowler="a10")
    book.end()
    book.start(AVOCETS).balls(1, 4)
    book.out("caught", fielders=[{"key": "t3"}])
    book.comes_in("a3")
    return book


@pytest.fixture
def chase():
    return a_chase()


def test_a_match_to_come_says_when_it_starts(visitor, ground):
    page = visitor.get(f"/matches/{ground.match}/live")
    assert page.status == 200 and "Not started yet" in page.text and "Starts" in page.text and "Soon" in page.text
    assert "The charts begin with the first ball." in page.text and page.root.find("main", data_match=str(ground.match))


def test_no_such_match(visitor):
    for page in ("live", "scorecard", "screen"):
        assert visitor.get(f"/matches/99999/{page}").status == 404


def test_the_match_centre_is_whole_without_a_script(visitor, ground, rows, chase):
    put(rows, ground.match, chase)
    page = visitor.get(f"/matches/{ground.match}/live")
    assert page.root.find("title").text.startswith("Swan Avocets 5/1 (0.3), ")
    for words in (
        "Swan Avocets need 11 from 9 balls",
        "Harbour Terns 15/0",
        "Last wicket",
        "This over, 5 runs and 1 wicket",
        "Partnership",
    ):
        assert words in page.text, words
    assert page.root.find("span", aria_label="5 for 1") and page.root.find("span", aria_label="0.3 overs")
    assert len(drawn(page, "article", class_="innings-card")) == 2
    charts = [e for e in drawn(page, "svg") if e.attrs.get("role") == "img"]
    assert len(charts) == 8 and all(len(e.attrs["aria-label"]) > 20 for e in charts)
    assert ["The same as a table" in e.text for e in drawn(page, "figure")] == [True] * 4
    live = [e for e in page.root.walk() if e.attrs.get("aria-live") == "polite"]
    assert [e.text for e in live] == ["Wicket. Swan Avocets 5 for 1."]


def test_the_charts_come_alone_as_they_stand_on_the_page(visitor, ground, rows, chase):
    address = f"/matches/{ground.match}/charts"
    assert "The charts begin with the first ball." in visitor.client.get(address).text
    put(rows, ground.match, chase)
    charts = visitor.client.get(address)
    assert charts.text.count("<svg") - charts.text.count('class="icon') == 8 and "<template" not in charts.text
    whole = visitor.get(f"/matches/{ground.match}/live").html
    assert " ".join(charts.text.split()) in " ".join(whole.split())
    assert visitor.client.get(address, headers={"If-None-Match": charts.headers["ETag"]}).status_code == 304


def test_filters_and_earlier_balls_are_links(visitor, ground, rows, chase):
    put(rows, ground.match, chase)
    address = f"/matches/{ground.match}/live"
    wickets = visitor.get(f"{address}?show=wickets")
    assert (
        len(drawn(wickets, "li", class_="comm-ball is-wicket")) == 1 and drawn(wickets, "li", class_="comm-ball") == []
    )
    assert "T 3" in wickets.root.find("ol", class_="comm").text
    everything = visitor.get(f"{address}?overs=all").root.find("ol", class_="comm").text
    assert "End of over 2" in everything and "End of over 1" in everything
    first = visitor.get(address)
    assert "End of over 1" not in first.root.find("ol", class_="comm").text and first.root.find(
        "a", href="?overs=all#balls"
    )
    assert visitor.get(f"{address}?show=<script>").status == 200


def test_a_result_shows_the_best_and_the_player_of_the_match(visitor, ground, rows, chase):
    chase.balls(6, 6)
    chase.add("match_end", player_of_match=["a1"])
    put(
        rows,
        ground.match,
        chase,
        credit="Ball-by-ball data by Cricsheet, cricsheet.org, ODC-BY 1.0",
        verdict="verified",
    )
    page = visitor.get(f"/matches/{ground.match}/live")
    assert (
        "Swan Avocets won by 9 wickets" in page.text
        and "Player of the match A 1" in page.text
        and "Result" in page.text
    )
    assert (
        "Ball-by-ball data by Cricsheet, cricsheet.org, ODC-BY 1.0" in page.text
        and "Checked against the Laws: verified" in page.text
    )
    paper = visitor.get(f"/matches/{ground.match}/scorecard")
    assert (
        "Swan Avocets won by 9 wickets" in paper.text
        and "cricsheet.org" in paper.text
        and "Fall of wickets" in paper.text
    )


def test_a_replay_says_that_it_is_one(visitor, ground, rows, chase):
    put(rows, ground.match, chase, replay=True)
    page = visitor.get(f"/matches/{ground.match}/live")
    assert "Replay" in page.root.find("h1").parent.text and "This is a replay" in page.text


def test_an_imported_match_at_a_foreign_ground_has_its_pages(visitor, ground, rows, chase):
    venue = rows.value("insert into venue (name, city) values ('Far Oval', 'Faraway') returning id")
    match = rows.value(
        """insert into match (venue_id, home_team_id, away_team_id, competition, format, starts_at, state, source)
           select :v, home_team_id, away_team_id, 'Far Cup', 'T20', now() - interval '1 day', 'finished', 'import'
             from match where id = :m returning id""",
        v=venue,
        m=ground.match,
    )
    put(rows, match, chase)
    for page in ("live", "scorecard"):
        assert "Far Oval, Faraway" in visitor.get(f"/matches/{match}/{page}").text
    assert visitor.get(f"/matches/{match}/screen").status == 200
    assert visitor.get(f"/matches/{match}").location == f"/matches/{match}/live"
    assert visitor.get("/").status == 200 and "Far Oval" not in visitor.get("/fixtures").text
    assert "Far Cup" not in visitor.get("/ladder?competition=Far+Cup").text, "two clubs are no league"


def test_the_big_screen_has_no_chrome(visitor, ground, rows, chase):
    put(rows, ground.match, chase)
    page = visitor.get(f"/matches/{ground.match}/screen")
    assert (
        page.root.find("nav") is None
        and page.root.find("footer") is None
        and page.root.find("span", aria_label="5 for 1")
    )
    assert "Swan Avocets need 11 from 9 balls" in page.text


def test_names_are_words_and_never_markup(visitor, ground, rows):
    book = Book(overs=2)
    book.add(
        "lineup", team=0, players=[{"key": "t1", "name": "<b>Ann</b> <img src=x>"}, {"key": "t2", "name": "Bea & Co"}]
    )
    book.start().ball(4)
    put(rows, ground.match, book)
    page = visitor.get(f"/matches/{ground.match}/live")
    assert page.root.find("img") is None and "&lt;img src=x&gt;" in page.html and "Bea &amp; Co" in page.html


def test_live_scores_stand_on_home_fixtures_and_the_matchs_page(visitor, ground, rows, chase):
    put(rows, ground.match, chase)
    for path in ("/", "/fixtures", f"/matches/{ground.match}"):
        page = visitor.get(path)
        assert "5/1" in page.text or page.root.find("span", aria_label="5 for 1"), path
        assert "Swan Avocets need 11 from 9 balls" in page.text and page.root.find(
            "a", href=f"/matches/{ground.match}/live"
        ), path
    chase.balls(6, 6)
    chase.add("match_end")
    put(rows, ground.match, chase)
    assert "17/1" in visitor.get("/fixtures").root.find("section", id="results").text


def test_a_page_of_a_match_costs_few_statements(app, visitor, ground, rows, chase):
    put(rows, ground.match, chase)
    for path in (
        f"/matches/{ground.match}/live",
        f"/matches/{ground.match}/screen",
        f"/matches/{ground.match}/scorecard",
    ):
        visitor.get(path)
        with Statements(app) as seen:
            visitor.get(path)
        assert len(seen) <= 4, (path, seen)


def test_the_ladder_is_counted_from_the_matches(visitor, ground, rows, chase):
    chase.balls(6, 6)
    chase.add("match_end")
    put(rows, ground.match, chase)
    assert "No ladder yet" in visitor.get("/ladder").text, "two clubs are no league"
    third = rows.value(
        """insert into team (slug, name, short_name, colour_1, colour_2, cap_pattern)
           select 'third', 'Third Club', 'Third', colour_1, colour_2, cap_pattern from team limit 1 returning id"""
    )
    rows(
        """insert into match (stadium_id, home_team_id, away_team_id, competition, format, starts_at)
           select stadium_id, home_team_id, :t, competition, format, starts_at from match where id = :m""",
        t=third,
        m=ground.match,
    )
    page = visitor.get("/ladder")
    table = page.root.find("table")
    lines = [[cell.text for cell in row.children] for row in table.find("tbody").find_all("tr")]
    lines = [line for line in lines if not line[1].startswith("Third Club")]
    assert (
        lines[0][1].startswith("Torrens Herons")
        and lines[1][1].startswith("Harbour Terns")
        and [line[6] for line in lines] == ["2", "0"]
    )
    assert lines[0][7].startswith("+") and lines[0][8] == "Wwon" and "Torrens Herons lead" in page.root.find("h1").text


def test_a_ladder_without_matches_is_said_kindly(visitor, rows):
    rows("delete from event_match")
    rows("delete from match")
    assert "No ladder yet" in visitor.get("/ladder").text
    assert visitor.get("/ladder?competition=Nothing").status == 200
