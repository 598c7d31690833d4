"""Super overs: who bats, and when they end."""

from tests.cricket.laws.crease import ball, begun, retire
from tests.support.laws import Told, law
from tests.support.scorebook import AVOCETS, TERNS


def tied():
    """Both sides made one run."""
    book = begun(overs=1)
    book.over(1, 0, 0, 0, 0, 0).end().start(AVOCETS)
    return book.over(1, 0, 0, 0, 0, 0).end()


def first_pair(out="t1"):
    """A tied match, and a tied super over in which t1 of the Avocets' opponents was out."""
    book = tied()
    book.start(AVOCETS, super_over=True).over(1, 0, 0, 0, 0, 0, bowler="t11").end()
    book.start(TERNS, super_over=True)
    book.out("bowled", bowler="a11")
    book.comes_in("t3")
    book.balls(1, 0, 0, 0, 0).add("over_end")
    return book.end()


@law("ICC super over: whoever was out in an earlier one bats no more")
def out_before():
    book = first_pair()
    book.add("innings_start", team=TERNS, super_over=True)
    said = "T 1 was out in an earlier super over and bats no more."
    return Told(
        book,
        shows={"can_bat": sorted(f"t{n}" for n in range(2, 12)), "all_out": False, "due": None},
        refused=[
            ("batters", {"striker": "t1", "non_striker": "t2"}, "BATTER_OUT", said),
            ("delivery", ball("t1", "t2", bowler="a10"), "BATTER_OUT", said),
            ("absent", {"player": "t1"}, "BATTER_OUT", said),
        ],
    )


@law("ICC super over: whoever was not out in the first bats in the second")
def not_out_before():
    book = first_pair()
    book.add("innings_start", team=TERNS, super_over=True)
    book.add("batters", striker="t2", non_striker="t3")
    book.ball(6, bowler="a10")
    return Told(book, shows={"scores": ["1/0", "1/0", "1/0", "1/1", "6/0"], "how": {"t2": "not out", "t3": "not out"}})


@law("ICC super over: two wickets end it")
def two_wickets():
    book = tied().start(AVOCETS, super_over=True)
    book.out("bowled", bowler="t11")
    book.comes_in("a3")
    book.out("bowled")
    return Told(
        book,
        shows={"scores": ["1/0", "1/0", "0/2"], "all_out": True, "due": "innings"},
        refused=[
            (
                "delivery",
                {"striker": "a4", "non_striker": "a2", "bowler": "t11", "bat": 0},
                "ALL_OUT",
                "Swan Avocets are all out.",
            )
        ],
    )


@law("ICC super over: a batter who retires hurt is no wicket, and another comes in")
def retired_in_it():
    book = tied().start(AVOCETS, super_over=True)
    book.out("bowled", bowler="t11")
    book.comes_in("a3")
    book.ball(1)
    retire(book, "a3").comes_in("a4")
    book.ball(2)
    return Told(book, shows={"scores": ["1/0", "1/0", "3/1"], "all_out": False, "due": None})


@law("ICC super over: whoever was out in an earlier one is not waited for")
def nobody_waits_for_the_barred():
    book = first_pair()
    book.add("lineup", team=TERNS, players=[{"key": f"t{n}", "name": f"T {n}"} for n in (1, 2, 3)])
    book.start(TERNS, striker="t3", super_over=True)
    book.add("bowler", bowler="a10")
    book.out("bowled")
    return Told(book, shows={"can_bat": [], "all_out": True, "due": "innings"})
