"""The editions of the Laws: which a match is played under, and what differs."""

from tests.support.laws import Told, law
from tests.support.scorebook import Book

FORMER, NOW = "2017 Code, 3rd edition (October 2022)", "2017 Code, 4th edition (October 2026)"
TEST = {"format": "Test", "overs": None, "innings": 4}
HANDLED = "Handling the ball is obstructing the field, since October 2017."


def ball(**more):
    return {"striker": "t1", "non_striker": "t2", "bowler": "a11", "bat": 0, **more}


@law("editions: the day of a match says which edition it is played under")
def by_date():
    return Told(Book(date="2026-09-30"), shows={"laws": FORMER})


@law("editions: an edition holds from the day it is in force")
def by_first_day():
    return Told(Book(date="2026-10-01"), shows={"laws": NOW})


@law("editions: the setting of a match comes before its day")
def by_setting():
    return Told(Book(date="2026-10-01", laws="2022"), shows={"laws": FORMER})


@law("editions: where nothing says which, the newest is asked")
def unknown():
    return Told(Book(), shows={"laws": NOW})


@law("editions: the 2000 Code holds until September 2017")
def code_of_2000():
    return Told(Book(date="2017-09-30"), shows={"laws": "2000 Code"})


@law("2000 Code 33 handled the ball is a dismissal of its own")
def handled():
    book = Book(date="2001-12-19", **TEST).start()
    book.out("handled the ball")
    return Told(book, shows={"scores": ["0/1"], "how": {"t1": "handled the ball", "t2": "not out"}})


@law("37.1.2 handling the ball is obstructing the field since October 2017")
def handled_no_more():
    book = Book(laws="2017", **TEST).start()
    body = ball(wickets=[{"kind": "handled the ball", "player": "t1"}])
    return Told(book, refused=[("delivery", body, "WICKET_HANDLED", HANDLED)])


@law("37.1.2 nor is it one between two balls")
def handled_between():
    book = Book(date="2017-10-01", **TEST).start()
    body = {"player": "t1", "kind": "handled the ball"}
    return Told(book, refused=[("wicket", body, "WICKET_HANDLED", HANDLED)])


@law("2000 Code 24.13 byes off a no-ball are runs of no-balls")
def no_ball_byes():
    book = Book(laws="2000", **TEST).start()
    sentence = "Byes off a no-ball were runs of no-balls until October 2017."
    bodies = [ball(extras={"noballs": 1, kind: 2}) for kind in ("byes", "legbyes")]
    return Told(book, refused=[("delivery", body, "NO_BALL_BYES", sentence) for body in bodies])


@law("21.16 byes off a no-ball are byes since October 2017")
def no_ball_byes_now():
    book = Book(laws="2017", **TEST).start()
    book.ball(extras={"noballs": 1, "byes": 1})
    return Told(book, shows={"scores": ["2/0"], "striker": "t2"})


@law("18.11 after a catch the new batter faces since October 2022")
def catch():
    book = Book(laws="2022", **TEST).start()
    refused = [
        (
            "delivery",
            ball(wickets=[{"kind": kind, "player": "t1"}], next="t2"),
            "NEXT_BATTER",
            "After a catch the new batter faces, since October 2022.",
        )
        for kind in ("caught", "caught and bowled")
    ]
    return Told(book, refused=refused)


@law("18.11 after a catch the new batter is predicted to face")
def catch_predicted():
    book = Book(laws="2026", **TEST).start()
    book.out("caught", fielders=[{"key": "a3"}])
    return Told(book, shows={"striker": None})


@law("2019 18.11 batters who crossed before a catch stay crossed")
def catch_crossed():
    book = Book(date="2022-09-30", **TEST).start()
    book.out("caught", next="t2")
    book.comes_in("t3")
    return Told(book, shows={"striker": "t2"})


@law("2019 18.11 batters who had not crossed leave the end to the new one")
def catch_not_crossed():
    book = Book(laws="2019", **TEST).start()
    book.out("caught", next="new")
    book.comes_in("t3")
    return Told(book, shows={"striker": "t3"})


def wicket_in_the_last_over(**settings):
    book = Book(**settings).start().balls(0, 0)
    book.out("bowled")
    return book


@law("12.5.2 the last over of a day is finished though a wicket falls in it, since October 2026")
def last_over():
    return Told(wicket_in_the_last_over(laws="2026", **TEST), shows={"over_to_finish": True})


@law("12.5.2 before October 2026 play ends for the day at the wicket")
def last_over_before():
    return Told(wicket_in_the_last_over(date="2026-09-30", **TEST), shows={"over_to_finish": False})


@law("12.5.2 a match of one day has no last over of a day")
def last_over_of_one_day():
    return Told(wicket_in_the_last_over(format="T20", overs=20), shows={"over_to_finish": False})


@law("12.5.2 an over with its balls is finished")
def last_over_done():
    book = Book(**TEST).start().balls(0, 0, 0, 0, 0)
    book.out("bowled")
    return Told(book, shows={"over_to_finish": False})


@law("18.5 after a deliberate short run the fielding captain says who faces, since October 2026")
def short_run():
    book = Book(laws="2026", **TEST).start()
    book.ball(next="t2")
    book.add("penalty", innings=1, runs=5, when="pre")
    return Told(book, shows={"scores": ["0/0"], "striker": "t2"})


@law("18.5 who faces then is one of the two at the wicket")
def short_run_who():
    sentence = "Who faces next is one of the two at the wicket."
    bodies = [ball(next=key) for key in ("new", "t5")]
    return Told(
        Book(laws="2026", **TEST).start(),
        refused=[("delivery", body, "NEXT_BATTER", sentence) for body in bodies],
    )


@law("editions: a set-up names an edition that there is, and a day that is one")
def named():
    teams = ["Harbour Terns", "Swan Avocets"]
    refused = [
        (
            "setup",
            {"teams": teams, name: value},
            "EVENT_SHAPE",
            f"“setup” is not complete or not right: it needs {needed} in “{name}”.",
        )
        for name, value, needed in (
            ("laws", "1999", "one of 2000, 2017, 2019, 2022, 2026"),
            ("date", "2026-13-01", 'a day, such as "2031-01-31"'),
            ("date", "2026-W40-1", 'a day, such as "2031-01-31"'),
            ("free_hit", "yes", "true or false"),
        )
    ]
    return Told(Book(), refused=refused, early=False)
