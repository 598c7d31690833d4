"""The ladder: points, net run rate and form, from the summaries of matches."""

from types import SimpleNamespace

import pytest

from cricket.board.document import summary
from cricket.engine.ladder import Played, facts, table
from tests.support.scorebook import AVOCETS, TERNS, Book

HOME = SimpleNamespace(id=1, name="Harbour Terns", short_name="Terns")
AWAY = SimpleNamespace(id=2, name="Swan Avocets", short_name="Avocets")


def match(first, second, overs=2, **end):
    """A match of two innings, each given by its overs (lists of runs); the Terns bat first."""
    book = Book(overs=overs).start()
    for team, innings in ((TERNS, first), (AVOCETS, second)):
        if team == AVOCETS:
            book.end()
            book.start(AVOCETS)
        for n, runs in enumerate(innings):
            mark = "a" if team == TERNS else "t"
            if n:
                book.add("bowler", bowler=f"{mark}{10 + (n + 1) % 2}")
            book.balls(*runs)
            if len(runs) == 6:
                book.add("over_end")
    book.add("match_end", **end)
    return book


def played(book, state="finished"):
    return Played(HOME, AWAY, state, summary(book.state))


SIX = [1] * 6
DOTS = [0] * 6


def test_a_win_is_two_points_and_the_rate_counts_overs_batted():
    rows = table([played(match([SIX, SIX], [[6, 6, 6]]))])
    assert [(row.team.name, row.points, row.won, row.lost, row.form) for row in rows] == [
        ("Swan Avocets", 2, 1, 0, ["W"]),
        ("Harbour Terns", 0, 0, 1, ["L"]),
    ]
    assert (
        rows[0].made == [18, 0.5]
        and rows[0].given == [12, 2]
        and rows[0].net_run_rate == pytest.approx(18 / 0.5 - 12 / 2)
    )
    assert rows[0].rate_text == "+30.000" and rows[1].rate_text == "−30.000"


def test_an_over_of_eight_balls_is_an_over():
    """A season may have matches of both lengths: each counts its own overs."""
    book = Book(overs=1, balls_per_over=8).start().over(*[1] * 8)
    book.end()
    book.start(AVOCETS).over(*[2] * 4, *[0] * 4)
    book.add("match_end", outcome={"result": "tie"})
    assert facts(book.state)["rates"] == [[8, 8], [8, 8]] and facts(book.state)["per"] == 8
    rows = table([played(book), played(match([SIX, SIX], [[6, 6, 6]]))])
    assert rows[0].made == [26, 1.5] and rows[0].given == [20, 3]
    assert rows[0].net_run_rate == pytest.approx(26 / 1.5 - 20 / 3)


def test_a_side_all_out_counts_with_all_its_overs():
    book = Book(overs=5).start()
    for n in range(3, 13):
        book.out("bowled")
        if n < 12 and book.state.current.wickets < 10:
            book.comes_in(f"t{n}")
        if book.innings.over and book.innings.over_due:
            book.add("over_end")
            book.add("bowler", bowler="a10")
    book.end("all out")
    book.start(AVOCETS).balls(1)
    book.add("match_end")
    told = facts(book.state)
    assert told["winner"] == AVOCETS and told["rates"] == [[0, 30], [1, 1]]


def test_a_match_without_a_result_gives_one_point_and_no_rate():
    book = Book(overs=2).start().over(*SIX)
    book.add("match_end", reason="no further play")
    rows = table([played(book), Played(HOME, AWAY, "abandoned", None)])
    assert [(row.points, row.shared, row.net_run_rate, row.rate_text) for row in rows] == [(2, 2, None, "")] * 2


def test_a_tie_counts_in_the_rate_and_a_super_over_wins_it():
    book = match([SIX, SIX], [SIX, SIX])
    rows = table([played(book)])
    assert [row.points for row in rows] == [1, 1] and rows[0].net_run_rate == 0 and rows[0].rate_text == "+0.000"
    book = Book(overs=1).start().over(*SIX)
    book.end()
    book.start(AVOCETS).over(*SIX)
    book.end()
    book.start(AVOCETS, super_over=True).over(*DOTS)
    book.end()
    book.start(TERNS, super_over=True).ball(1)
    book.add("match_end")
    told = facts(book.state)
    assert told["winner"] == TERNS and told["rates"] == [[6, 6], [6, 6]]


def test_a_revised_target_counts_for_the_side_that_batted_first():
    book = Book(overs=4).start().over(*SIX).over(*SIX, bowler="a10").over(*SIX, bowler="a11").over(*SIX, bowler="a10")
    book.end()
    book.start(AVOCETS, target={"runs": 16, "overs": "2"}).over(*DOTS).over(*SIX, bowler="t10")
    book.add("match_end")
    assert facts(book.state)["rates"] == [[15, 12], [6, 12]]


def test_matches_to_come_name_their_sides_and_old_results_count_by_their_words():
    rows = table(
        [
            Played(HOME, AWAY, "scheduled", None),
            Played(HOME, AWAY, "finished", None, "Avocets won by 3 wickets"),
            Played(HOME, AWAY, "cancelled", None),
        ]
    )
    assert [(row.team.short_name, row.played, row.points) for row in rows] == [("Avocets", 1, 2), ("Terns", 1, 0)]


def test_the_better_rate_leads_among_equals():
    rows = table([played(match([SIX, SIX], [DOTS, DOTS])), played(match([DOTS, DOTS], [[1]]))])
    assert [row.points for row in rows] == [2, 2] and rows[0].team is HOME and rows[0].last == ["W", "L"]


def called_off(first, second, par, **more):
    """A chase of five overs in a T20 of six that rain ended, with the par score then in force."""
    book = match(first, second, 6)
    book.undo(book.log[-1].key)
    book.add("revise", par=par, method="D/L", **more)
    book.add("match_end", reason="no further play")
    return book


def test_a_chase_called_off_counts_the_first_side_with_the_par_score_off_the_balls_faced():
    """ICC playing conditions, net run rate: the side that batted first is credited with the other's par score on
    abandonment, off the overs that the other faced.
    """
    book = called_off([SIX] * 6, [SIX] * 5, 24)
    assert book.state.result.text == "Swan Avocets won by 6 runs (D/L method)"
    assert facts(book.state)["rates"] == [[24, 30], [30, 30]]
    behind = called_off([SIX] * 6, [DOTS] * 5, 24)
    assert facts(behind.state)["rates"] == [[24, 30], [0, 30]] and facts(behind.state)["winner"] == TERNS
    level = called_off([SIX] * 6, [SIX] * 5, 30)
    assert facts(level.state) == {"winner": None, "per": 6, "rates": [[30, 30], [30, 30]]}


def test_a_chase_called_off_before_the_fewest_overs_counts_for_nothing():
    assert facts(called_off([SIX] * 6, [SIX] * 4, 4).state) == {"winner": None, "per": 6, "rates": None}


def test_a_par_score_counts_for_nothing_once_the_chase_was_completed():
    book = match([SIX] * 2, [SIX, DOTS])
    book.undo(book.log[-1].key)
    book.add("revise", par=3, method="D/L")
    book.add("match_end")
    assert facts(book.state)["rates"] == [[12, 12], [6, 12]]


def test_a_target_of_fewer_overs_counts_the_first_side_with_those_overs():
    book = Book(overs=4).start().over(*SIX).over(*SIX, bowler="a10").over(*SIX, bowler="a11").over(*SIX, bowler="a10")
    book.end()
    book.add("revise", overs="2", target=25, method="D/L")
    book.start(AVOCETS).over(*SIX).over(*SIX, bowler="t10")
    book.add("match_end")
    assert facts(book.state)["rates"] == [[24, 12], [12, 12]]


def test_a_win_by_penalty_runs_counts():
    book = match([SIX, SIX], [SIX, [1, 1, 1, 1, 1, 0]])
    book.undo(book.log[-1].key)
    book.end()
    book.add("penalty", innings=1, runs=5, when="post")
    book.add("match_end")
    assert book.state.result.text == "Swan Avocets won by Penalty runs"
    assert facts(book.state) == {"winner": AVOCETS, "per": 6, "rates": [[12, 12], [16, 12]]}


def test_an_award_counts_for_points_alone_and_fewer_wickets_lost_in_the_rate():
    award = match([SIX, SIX], [SIX, SIX], outcome={"winner": TERNS, "method": "Conceded"})
    assert facts(award.state) == {"winner": TERNS, "per": 6, "rates": None}
    wickets = match([SIX, SIX], [SIX, SIX], outcome={"winner": TERNS, "method": "Lost fewer wickets"})
    assert facts(wickets.state)["rates"] == [[12, 12], [12, 12]]
