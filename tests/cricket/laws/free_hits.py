"""Free hits: what follows a no-ball where the playing conditions have them (ICC conditions, 21.19)."""

from tests.support.laws import Told, law
from tests.support.scorebook import Book

NO_BALL = {"extras": {"noballs": 1}}
WIDE = {"extras": {"wides": 1}}
ONLY = ("caught", "bowled", "lbw", "stumped", "hit wicket", "caught and bowled")


def after_a_no_ball(**settings):
    book = Book(**({"format": "T20", "overs": 20} | settings)).start()
    book.ball(**NO_BALL)
    return book


def out(book, kind, player=None, **more):
    innings = book.innings
    body = {"striker": innings.striker, "non_striker": innings.non_striker, "bowler": "a11", "bat": 0}
    return body | {"wickets": [{"kind": kind, "player": player or innings.striker}]} | more


@law("21.19 the ball after a no-ball is a free hit")
def follows_a_no_ball():
    return Told(after_a_no_ball(), shows={"free_hit": True})


@law("21.19 a free hit is over once it is bowled")
def is_one_ball():
    return Told(after_a_no_ball().balls(4), shows={"free_hit": False})


@law("21.19 a wide and another no-ball keep the free hit")
def is_kept():
    book = after_a_no_ball()
    book.ball(**WIDE)
    book.ball(2, **NO_BALL)
    book.ball(**WIDE)
    return Told(book, shows={"free_hit": True, "scores": ["6/0"]})


@law("21.19 off a free hit a batter is out as off a no-ball alone")
def dismissals():
    book = after_a_no_ball()
    refused = [
        ("delivery", out(book, kind), "WICKET_FREE_HIT", f"Nobody can be {kind} off a free hit.") for kind in ONLY
    ]
    return Told(book, refused=refused)


@law("21.19 even where the free hit is called wide nobody is stumped or out hit wicket")
def not_off_a_wide():
    book = after_a_no_ball()
    refused = [
        ("delivery", out(book, kind, **WIDE), "WICKET_FREE_HIT", f"Nobody can be {kind} off a free hit.")
        for kind in ("stumped", "hit wicket")
    ]
    return Told(book, refused=refused)


@law("21.19 run out, obstructing the field and hitting the ball twice are out off a free hit")
def stays_out():
    book = after_a_no_ball()
    book.out("run out", next="new")
    book.comes_in("t3")
    book.ball(**NO_BALL)
    book.out("obstructing the field", next="new")
    book.comes_in("t4")
    book.ball(**NO_BALL)
    book.out("hit the ball twice")
    return Told(book, shows={"scores": ["3/3"], "free_hit": False})


@law("21.19 the free hit goes over to the next batter, bowler and over")
def goes_over():
    book = Book(format="T20", overs=20).start().balls(0, 0, 0, 0, 0, 0)
    book.ball(wickets=[{"kind": "run out", "player": "t1"}], next="new", **NO_BALL)
    book.add("over_end")
    book.comes_in("t3")
    book.add("bowler", bowler="a10")
    return Told(book, shows={"free_hit": True, "striker": "t2"})


@law("21.19 no free hit goes over to another innings")
def ends_with_the_innings():
    book = after_a_no_ball().end("no further play")
    book.start(team=1)
    return Told(book, shows={"free_hit": False})


@law("21.19 a super over has free hits")
def super_over():
    book = Book(format="T20", overs=1).start().over().end().start(team=1).over().end().start(team=1, super_over=True)
    book.ball(**NO_BALL)
    return Told(book, shows={"free_hit": True})


def waved_off():
    book = after_a_no_ball()
    book.correct({"of": book.log[-1].key, "body": {**book.log[-1].body, "free_hit": False}})
    return book


@law("21.19 the umpires may say that none follows")
def none_follows():
    return Told(waved_off(), shows={"free_hit": False})


@law("21.19 where they said so a batter is out as off any ball")
def out_as_ever():
    book = waved_off()
    book.out("bowled")
    return Told(book, shows={"scores": ["1/1"]})


@law("21.19 taking that back makes it a free hit again")
def waved_on():
    book = waved_off()
    book.undo(book.log[-1].key)
    body = out(book, "lbw")
    return Told(
        book,
        shows={"free_hit": True},
        refused=[("delivery", body, "WICKET_FREE_HIT", "Nobody can be lbw off a free hit.")],
    )


@law("21.19 the no-ball taken back takes the free hit with it")
def taken_back():
    book = after_a_no_ball()
    book.undo(book.log[-1].key)
    return Told(book, shows={"free_hit": False, "scores": ["0/0"]})


@law("21.19 a ball corrected to a no-ball makes the next a free hit")
def corrected():
    book = Book(format="ODI", overs=50).start().balls(1)
    book.correct({"of": book.log[-1].key, "body": {**book.log[-1].body, **NO_BALL}})
    return Told(book, shows={"free_hit": True})


@law("21.19 no correction makes a wicket fall off a free hit")
def corrected_before_a_wicket():
    book = Book(format="T20", overs=20).start().balls(0)
    first = book.log[-1]
    book.out("bowled")
    changes = [{"of": first.key, "body": {**first.body, **NO_BALL}}]
    sentence = "That would not fit what follows. Nobody can be bowled off a free hit."
    return Told(book, refused=[("correction", {"changes": changes}, "EVENT_FOLLOWING", sentence)], early=False)


@law("21.19 a match of two innings a side has no free hits")
def innings_match():
    return Told(after_a_no_ball(format="Test", overs=None, innings=4), shows={"free_hit": False})


@law("21.19 a match has free hits or none as it was set up")
def set_up():
    return Told(after_a_no_ball(free_hit=False), shows={"free_hit": False})


@law("21.19 a match of two innings a side may be set up with free hits")
def set_up_with():
    return Told(after_a_no_ball(format="First-class", overs=None, innings=4, free_hit=True), shows={"free_hit": True})


@law("21.19 before July 2015 not every no-ball was followed by a free hit")
def older():
    return Told(after_a_no_ball(format="ODI", overs=50, date="2014-03-01"), shows={"free_hit": False})


@law("21.19 since July 2015 every no-ball is")
def newer():
    return Told(after_a_no_ball(format="ODI", overs=50, date="2015-07-05"), shows={"free_hit": True})
