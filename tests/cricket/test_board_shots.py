"""What pages show of where balls went and how long they were."""

import pytest

from cricket.board.charts import charts
from cricket.board.document import board
from cricket.board.patch import diff, merge_diff, size
from cricket.board.view import view
from tests.support.scorebook import Book


@pytest.fixture
def book():
    return Book(format="T20", overs=20, free_hit=False).start()


def tell(book, key, x=None, y=None, hand=None, **more):
    """A shot for the ball of a key, with the hand of its striker where given."""
    ball = next(ball for over in book.innings.overs for ball in over.balls if ball.key == key)
    place = {} if x is None else {"x": x, "y": y}
    said = {"hand": {"player": ball.striker, "hand": hand}} if hand else {}
    book.add("shot", of=key, **place, **said, **more)


def said(book):
    """The commentary of the last ball after "A 11 to T 1, four."."""
    line = list(view(board(book.state))["cards"]["0"]["overs"]["0"]["lines"].values())[-1]
    return line.get("x", "")


@pytest.mark.parametrize(
    ("place", "hand", "length", "words"),
    [
        ((60, 40), "right", None, "Towards cover."),
        ((60, 40), "left", None, "Towards midwicket."),
        ((60, 40), None, None, ""),
        ((60, 40), None, "good", "A good length."),
        ((5, 90), None, "yorker", "A yorker, straight."),
        ((0, -40), None, None, "Behind the wicket."),
    ],
)
def test_the_commentary_names_a_region_only_where_it_is_known(book, place, hand, length, words):
    tell(book, book.ball(2), *place, hand, **({"length": length} if length else {}))
    assert said(book) == words
    assert board(book.state) == board(book.folded())


def test_a_batter_s_hand_told_late_names_what_was_told_before(book):
    key = book.ball(2)
    tell(book, key, 60, 40)
    book.add("over_end")
    book.ball(bowler="a10")
    first = board(book.state)
    book.add("shot", of=key, hand={"player": "t1", "hand": "left"})
    told = [drawn["innings"][0]["overs"][0]["balls"][0].get("s") for drawn in (first, board(book.state))]
    assert told == [None, "Towards midwicket."]


def test_a_shot_sends_its_ball_and_no_more(book):
    keys = [book.ball(1) for _ in range(6)]
    book.add("over_end")
    for key in keys:
        tell(book, key, 60, 40, "right", length="full")
    book.add("bowler", bowler="a10")
    last = book.ball(4)
    before, shown = board(book.state), view(board(book.state))
    tell(book, last, 60, 40, "right", length="full")
    after = board(book.state)
    assert size(diff(before, after)) < 200 and size(merge_diff(shown, view(after))) < 200
    # The over before is the same object as it was: nobody draws its lines again.
    assert after["innings"][0]["overs"][0] is before["innings"][0]["overs"][0]


def test_nothing_is_drawn_of_what_nobody_told(book):
    book.ball(4)
    assert {chart["id"] for chart in charts(board(book.state))} == {"worm", "overs", "rate", "stands"}


def test_a_wheel_and_the_lengths_are_drawn(book):
    tell(book, book.ball(4), 60, 40, "right", length="full")
    tell(book, book.ball(1), -60, 40, length="good")
    tell(book, book.ball(6), 10, 99, "left", length="good")
    tell(book, book.ball(extras={"noballs": 1}), length="full toss")
    tell(book, book.out("bowled"), length="full")
    wheel, lengths = charts(board(book.state))[4:]
    assert wheel["title"] == "Harbour Terns made 6 runs straight" and wheel["id"] == "wheel0"
    assert wheel["choose"] == [("all", "Everybody"), ("b0", "1"), ("b1", "2")]
    assert wheel["rows"] == [["T 1", "cover", "1", "4"], ["T 1", "midwicket", "1", "1"], ["T 2", "straight", "1", "6"]]
    for drawing in (wheel["wide"], wheel["narrow"]):
        lines = [shape[1]["class"] for shape in drawing["shapes"] if shape[0] == "path"]
        assert lines == ["spoke by b0 is-run", "spoke by b0 is-four", "spoke by b1 is-six"]
        sides = [(shape[2], shape[1]["class"]) for shape in drawing["shapes"] if shape[2] in ("Off", "Leg")]
        # The two bat with different hands: a side has a name only where one of them is looked at.
        assert sides == [
            ("Leg", "tick only-one b0"),
            ("Off", "tick only-one b0"),
            ("Off", "tick only-one b1"),
            ("Leg", "tick only-one b1"),
        ]
    assert lengths["title"] == "Swan Avocets bowled 2 of 5 full"
    assert lengths["rows"] == [["Full toss", "1", "1", "0"], ["Full", "2", "4", "1"], ["Good length", "2", "7", "0"]]
