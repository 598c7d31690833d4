"""How a match ends, by the Laws: chases, revised targets, super overs, two innings a side."""

import pytest

from cricket.cricsheet.cards import innings_cards
from tests.support.scorebook import AVOCETS, TERNS, Book, refused


@pytest.fixture
def book():
    return Book(format="T20", overs=2).start()


# Chases, revisions, results


def chase(first=(6, 6, 6, 0, 0, 0), **settings):
    """A match of one over a side; the Avocets chase."""
    book = Book(format="T20", overs=1, **settings).start()
    book.over(*first)
    book.end()
    return book.start(AVOCETS)


def test_a_target_is_reached(book):
    book = chase()
    assert (book.state.target, book.state.runs_needed, book.state.balls_left, book.state.required_rate) == (
        19,
        19,
        6,
        19.0,
    )
    book.balls(6, 6, 6)
    assert book.state.runs_needed == 1 and book.state.due is None and book.state.projected() == 36
    book.ball(1)
    assert book.state.due == "innings"
    book.end("target reached")
    assert book.state.due == "match"
    book.add("match_end", player_of_match=["a1"])
    assert book.state.result.text == "Swan Avocets won by 10 wickets" and book.state.result.derived


def test_a_target_is_missed_and_a_tie():
    book = chase()
    book.over(6, 6, 0, 0, 0, 5).end()
    book.add("match_end")
    assert book.state.result.text == "Harbour Terns won by 1 run"
    book = chase()
    book.over(6, 6, 6, 0, 0, 0).end()
    book.add("match_end")
    assert book.state.result.text == "Match tied"


def test_a_super_over_decides_a_tie_and_the_last_pair_counts():
    book = chase(first=(1, 0, 0, 0, 0, 0))
    book.over(1, 0, 0, 0, 0, 0).end()
    assert book.state.due is None
    book.start(AVOCETS, super_over=True)
    assert book.state.balls_left == 6
    refused_start = {"team": AVOCETS, "super_over": True}
    book.ball(4)
    book.out()
    book.comes_in("a3")
    book.out()
    assert book.innings.all_out and book.state.due == "innings"
    book.end("all out")
    refused(book, "EVENT_IMPOSSIBLE", "innings_start", **refused_start)
    book.start(TERNS, super_over=True)
    assert book.state.target == 5
    book.over(4, 0, 0, 0, 0, 0).end()
    assert book.state.due is None  # tied again
    book.start(TERNS, super_over=True).over(1, 0, 0, 0, 0, 0).end()
    book.start(AVOCETS, super_over=True, striker="a4")
    assert "a1" not in book.state.can_bat() and "t11" not in book.state.can_bowl()
    book.ball(2)
    assert book.state.warnings[-1] == "T 11 bowled the last super over, too."
    book.end("target reached")
    assert book.state.due == "match"
    book.add("match_end")
    assert book.state.result.text == "Match tied (Swan Avocets won the super over, after 2)"
    assert [innings["super_over"] for innings in innings_cards(book.state)] == [False, False, True, True, True, True]


def test_a_super_over_broken_off_decides_nothing():
    book = chase(first=(1, 0, 0, 0, 0, 0))
    book.over(1, 0, 0, 0, 0, 0).end()
    book.start(AVOCETS, super_over=True).over(4, 0, 0, 0, 0, 0).end()
    book.start(TERNS, super_over=True).balls(1)
    book.add("match_end", reason="abandoned")
    assert book.state.result.text == "Match tied"


def test_a_revised_target_counts_and_par_decides_when_rain_comes():
    book = chase()
    book.add("revise", target=10, par=4, method="D/L")
    assert book.state.runs_needed == 10
    book.balls(4, 2)
    book.add("break", reason="rain")
    assert book.state.break_["reason"] == "rain"
    book.add("match_end", reason="no further play")
    assert book.state.result.text == "Swan Avocets won by 2 runs (D/L method)"


def test_a_revision_between_innings_meets_the_next():
    book = Book(format="T20", overs=2).start()
    book.over(1, 1, 1, 1, 1, 1).over(bowler="a10").end()
    book.add("revise", overs="1", target=4, method="D/L")
    book.start(AVOCETS)
    assert (book.state.target, book.state.balls_left, book.innings.target_overs) == (4, 6, "1")


def test_fewer_overs_than_bowled_leave_no_negative_balls(book):
    book.over().balls(0)
    book.add("revise", overs="1")
    assert book.state.balls_left == 0 and book.state.required_rate is None


def test_without_a_result(book):
    book.ball()
    book.add("match_end", reason="abandoned")
    assert book.state.result.text == "No result" and book.innings.ended == "abandoned"


def test_an_award_names_a_side(book):
    refused(book, "EVENT_IMPOSSIBLE", "match_end", reason="awarded")
    book.add("match_end", reason="awarded", outcome={"winner": AVOCETS})
    assert book.state.result.text == "Swan Avocets awarded the match" and not book.state.result.derived


def test_a_stated_outcome_is_kept(book):
    book.add("match_end", outcome={"result": "tie", "bowl_out": TERNS})
    assert book.state.result.text == "Match tied (Harbour Terns won the bowl-out)"


# Two innings a side


def first_class(first=100, second=40, **settings):
    """A first-class match after two innings on paper."""
    book = Book(format="Test", overs=None, innings=4, **settings)
    for team, runs in ((TERNS, first), (AVOCETS, second)):
        paper(book, team, runs)
    return book


def paper(book, team, runs, **more):
    bat, bowl = "ta"[team], "ta"[1 - team]
    batting = [
        {"player": f"{bat}{n}", "runs": 0, "balls": 1, "kind": "bowled", "bowler": f"{bowl}11"} for n in range(2, 12)
    ]
    return book.add(
        "innings_card",
        team=team, runs=runs, wickets=10, overs="30.2",
        batting=[{"player": f"{bat}1", "runs": runs, "balls": 170, "fours": 4, "kind": "not out"}, *batting],
        bowling=[{"player": f"{bowl}11", "overs": "30.2", "maidens": 3, "runs": runs, "wickets": 10}],
        fow=[{"score": runs, "player": f"{bat}2", "over": "30.2"}],
        **more,
    )  # fmt: skip


def test_an_innings_from_paper():
    book = first_class()
    innings = book.state.innings[0]
    assert innings.as_card and innings.all_out and innings.ended == "all out" and innings.overs_text == "30.2"
    assert innings.batting["t2"].how == "b A 11" and innings.bowling["a11"].economy == pytest.approx(100 * 6 / 182)
    assert book.state.lead == "Swan Avocets trail by 60 runs"


def test_the_follow_on_and_an_innings_defeat():
    book = first_class(300, 40)
    assert book.state.follow_on_possible
    paper(book, AVOCETS, 259)
    assert book.innings.follow_on
    assert book.state.due == "match"
    book.add("match_end")
    assert book.state.result.text == "Harbour Terns won by an innings and 1 run"


def test_no_follow_on_within_two_hundred():
    assert not first_class(239, 40).state.follow_on_possible
    assert first_class(239, 40, days=4).state.follow_on_possible


def test_a_declaration_and_a_chase_over_the_last_day():
    book = first_class(100, 90)
    book.start(TERNS).balls(6, 6)
    assert book.state.lead == "Harbour Terns lead by 22 runs"
    book.add("resume", day=4, session=2)
    book.end("declared")
    assert book.innings.declared and (book.state.day, book.state.session) == (4, 2)
    book.start(AVOCETS)
    assert book.state.target == 23 and book.state.balls_left is None
    assert book.state.lead == "Swan Avocets need 23 more runs to win"
    book.balls(6, 6, 6, 4)
    assert book.state.due is None
    book.ball(1)
    assert book.state.due == "innings"
    book.end("target reached")
    book.add("match_end")
    assert book.state.result.text == "Swan Avocets won by 10 wickets"


def test_a_draw_a_tie_and_a_win_by_runs():
    book = first_class(100, 100)
    paper(book, TERNS, 50)
    book.start(AVOCETS).balls(1)
    book.add("match_end", reason="no further play")
    assert book.state.result.text == "Match drawn"
    for runs, text in ((50, "Match tied"), (30, "Harbour Terns won by 20 runs")):
        book = first_class(100, 100)
        paper(book, TERNS, 50)
        paper(book, AVOCETS, runs)
        book.add("match_end")
        assert book.state.result.text == text


def test_a_forfeited_innings_is_an_innings_without_balls():
    book = first_class(233, 84)
    book.add("innings_start", team=TERNS, forfeited=True)
    assert book.state.current is None and book.innings.forfeited
    book.start(AVOCETS)
    assert book.state.target == 150
