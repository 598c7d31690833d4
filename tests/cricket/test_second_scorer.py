"""A second scorer's book beside the log: totals compared at each over's end (Law 3.2), for the scorers alone."""

import pytest

from cricket.engine.scoring import fold
from cricket.engine.totals import totals
from tests.support.scoring import Scorer, ball, keyed, opening


def over(*runs):
    """Six balls and the end of the over, every run off the bat; t1 and t2 cross when they should."""
    facing, other, events = "t1", "t2", []
    for n in runs:
        events.append(ball(n, facing, other))
        if n % 2:
            facing, other = other, facing
    return [*events, ("over_end", {})]


def told(events):
    """The totals of a book with these events, as a second console sends them."""
    from cricket.engine.events import Event

    state = fold([Event(n, f"b{n}", kind, body) for n, (kind, body) in enumerate(events, 1)])
    lines = [line for innings in state.innings for line in totals(innings)]
    return {
        "begun": {"innings": 0, "over": 0},
        "overs": [len(totals(innings)) for innings in state.innings],
        "totals": lines,
    }


@pytest.fixture
def sunil(cast, ground):
    scorer = Scorer(cast.browser("sunil"), ground.match)
    assert scorer.take().status == 200
    scorer.send(keyed([*opening(), *over(1, 0, 4, 0, 2, 0)], "a"))
    return scorer


@pytest.fixture
def checks(cast, ground):
    """checks(who, book?) sends a book, or only looks: the answer."""

    def ask(who, sent=None):
        path = f"/api/scorer/matches/{ground.match}/checks"
        return cast.browser(who).api("GET" if sent is None else "POST", path, *([] if sent is None else [sent]))

    return ask


def test_two_books_that_agree(sunil, checks):
    page = checks("joan", told([*opening(), *over(1, 0, 4, 0, 2, 0)]))
    (check,) = page.json["checks"]
    assert page.status == 200 and page.json["seq"] == 14
    assert check == {
        "name": "Joan Pickersgill",
        "mine": True,
        "begun": {"innings": 0, "over": 0},
        "agreed": {"innings": 0, "over": 1},
        "waiting": None,
        "differs": None,
    }
    (seen,) = checks("sunil").json["checks"]
    assert seen == check | {"mine": False}


def test_a_difference_is_told_to_both_and_goes_when_the_first_corrects(sunil, checks):
    other = told([*opening(), *over(1, 0, 4, 0, 1, 0)])
    for who, sent in (("joan", other), ("sunil", None)):
        (check,) = checks(who, sent).json["checks"]
        differs = check["differs"]
        assert (differs["innings"], differs["over"], check["agreed"]) == (0, 1, None)
        assert (differs["match"]["runs"], differs["second"]["runs"]) == (7, 6)
        assert differs["figures"] == [
            {"what": "runs", "match": 7, "second": 6},
            {"what": "over_runs", "match": 7, "second": 6},
            {"what": "batter", "player": "t1", "match": [1, 1], "second": [1, 2]},
            {"what": "batter", "player": "t2", "match": [6, 5], "second": [5, 4]},
            {"what": "bowler", "player": "h11", "match": [6, 7, 0], "second": [6, 6, 0]},
        ]
    change = {"changes": [{"of": "a12", "body": ball(1, "t2", "t1")[1]}, {"of": "a13", "body": ball(0, "t1", "t2")[1]}]}
    assert sunil.send([("correction", change)]).status == 200
    for who in ("sunil", "joan"):
        (check,) = checks(who).json["checks"]
        assert check["differs"] is None and check["agreed"] == {"innings": 0, "over": 1}


def test_whoever_is_ahead_waits_for_the_match(sunil, checks):
    ahead = told([*opening(), *over(1, 0, 4, 0, 2, 0), ("bowler", {"bowler": "h10"}), *over(0, 0, 0, 0, 0, 0)])
    (check,) = checks("joan", ahead).json["checks"]
    assert check["agreed"] == {"innings": 0, "over": 1} and check["waiting"] == {"innings": 0, "over": 2}


def test_sending_twice_keeps_one_and_what_is_taken_back_goes(sunil, checks, rows):
    book = told([*opening(), *over(1, 0, 4, 0, 2, 0), *over(0, 0, 0, 0, 0, 0)])
    assert checks("joan", book).json == checks("joan", book).json
    assert rows.value("select count(*) from jsonb_object_keys((select totals from second_book))") == 2
    # Only what changed is sent again; the second over was taken back, and then the book is begun anew behind the first.
    checks("joan", book | {"overs": [1], "totals": []})
    assert rows.value("select string_agg(k, ' ') from second_book, jsonb_object_keys(totals) k") == "0.1"
    checks("joan", book | {"begun": {"innings": 0, "over": 1}, "totals": []})
    assert rows.value("select totals from second_book") == {}
    assert rows.value("select count(*) from second_book") == 1


def test_several_second_scorers_are_named_and_whoever_stops_is_gone(sunil, checks, cast, ground, rows):
    book = told([*opening(), *over(1, 0, 4, 0, 2, 0)])
    checks("joan", book)
    checks("sunil", book)
    assert [check["name"] for check in checks("joan").json["checks"]] == ["Sunil Abeysekera", "Joan Pickersgill"]
    path = f"/api/scorer/matches/{ground.match}/checks"
    assert cast.browser("joan").api("DELETE", path).json == {"left": True}
    assert [check["name"] for check in checks("joan").json["checks"]] == ["Sunil Abeysekera"]
    rows("update second_book set sent_at = now() - interval '13 hours'")
    assert checks("sunil").json["checks"] == []


def test_only_the_scorers_of_this_ground_check(sunil, checks, cast, ground, rows):
    book = told([*opening(), *over(1, 0, 4, 0, 2, 0)])
    checks("joan", book)
    for who in ("asha", "omar", "piet", "ada"):
        # Who scores nowhere finds no such page; who scores elsewhere is refused by the database.
        status = 403 if who == "piet" else 404
        assert checks(who).status == checks(who, book).status == status, who
        assert cast.browser(who).api("DELETE", f"/api/scorer/matches/{ground.match}/checks").status == status, who
    assert rows.value("select count(*) from second_book") == 1


def test_what_is_no_book_is_refused_with_a_sentence(sunil, checks, rows):
    book = told([*opening(), *over(1, 0, 4, 0, 2, 0)])
    (line,) = book["totals"]
    wrong = [
        {},
        book | {"begun": {"innings": -1, "over": 0}},
        book | {"overs": [0]},
        book | {"overs": [1001]},
        book | {"overs": [600, 600]},
        book | {"overs": [1] * 31},
        book | {"totals": [line] * 101},
        book | {"totals": [line | {"runs": "7"}]},
        book | {"totals": [line | {"runs": True}]},
        book | {"totals": [line | {"over": 0}]},
        book | {"totals": [line | {"batters": [["t1", 1, 1]]}]},
        book | {"totals": [line | {"bowler": ["", 6, 7, 0]}]},
        book | {"totals": [line | {"more": 1}]},
    ]
    for sent in wrong:
        page = checks("joan", sent)
        assert page.status == 422 and page.json["error"]["code"] == "MALFORMED", sent
        assert page.json["error"]["message"].endswith(".")
    assert rows.value("select count(*) from second_book") == 0


def test_the_public_log_holds_nothing_of_a_second_book(sunil, checks, visitor, ground):
    before = visitor.get(f"/api/matches/{ground.match}").json
    checks("joan", told([*opening(), *over(1, 0, 4, 0, 1, 0)]))
    assert visitor.get(f"/api/matches/{ground.match}").json == before
