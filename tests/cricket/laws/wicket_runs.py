"""Runs off a ball on which a batter is dismissed (Law 18.8), and penalty runs off a ball."""

from tests.cricket.laws.crease import ball, begun
from tests.support.laws import Told, law

NOTHING = ("bowled", "caught", "caught and bowled", "lbw", "hit wicket", "stumped", "hit the ball twice")
SCORED = ({"bat": 1}, {"extras": {"byes": 1}}, {"extras": {"legbyes": 2}})


def off(kind, player="t1", **more):
    return ball("t1", "t2", wickets=[{"kind": kind, "player": player}], **more)


@law("18.8 nothing is scored off a ball on which a batter is out, but for a run out or obstruction")
def nothing_scored():
    book = begun()
    return Told(
        book,
        shows={"scores": ["0/0"]},
        refused=[
            (
                "delivery",
                off(kind, **scored),
                "WICKET_RUNS",
                f"No runs are scored off a ball on which a batter is out {kind}.",
            )
            for kind in NOTHING
            for scored in SCORED
        ],
    )


@law("18.8 off a wide on which a batter is out, only the wide itself counts")
def only_the_wide():
    book = begun()
    book.out("stumped", extras={"wides": 1}, fielders=[{"key": "a1"}])
    book.comes_in("t3")
    return Told(
        book,
        shows={"scores": ["1/1"], "how": {"t1": "st 1 b 11", "t2": "not out", "t3": "not out"}},
        refused=[
            (
                "delivery",
                ball("t3", "t2", extras={"wides": 2}, wickets=[{"kind": kind, "player": "t3"}]),
                "WICKET_RUNS",
                f"No runs are scored off a ball on which a batter is out {kind}.",
            )
            for kind in ("stumped", "hit wicket")
        ],
    )


@law("18.8 penalty runs count, whoever is out")
def penalties_count():
    book = begun()
    book.out("bowled", extras={"penalty": 5})
    return Told(book, shows={"scores": ["5/1"]})


@law("18.8.1 off a run out the runs completed count")
def run_out():
    book = begun()
    book.out("run out", bat=2, next="t2")
    book.comes_in("t3")
    book.out("obstructing the field", player="t3", extras={"byes": 1})
    return Told(book, shows={"scores": ["3/2"], "problems": []})


@law("18.8 a file's runs off such a ball stay, and it is said that they cannot be")
def believed_with_a_word():
    book = begun()
    book.believe("delivery", **off("bowled", bat=4))
    why = "No runs are scored off a ball on which a batter is out bowled."
    return Told(book, shows={"scores": ["4/1"], "problems": [why]})


@law("18.8 a ball cannot be corrected to runs with a dismissal")
def corrected():
    book = begun()
    key = book.ball(4)
    change = {"changes": [{"of": key, "body": off("lbw", bat=4)}]}
    why = "That would not fit what follows. No runs are scored off a ball on which a batter is out lbw."
    return Told(book, refused=[("correction", change, "EVENT_FOLLOWING", why)], early=False)


@law("41 penalty runs off a ball come in fives; old files hold six and twelve for slow overs")
def old_penalties():
    book = begun()
    book.believe("delivery", **ball("t1", "t2", extras={"penalty": 6}))
    book.believe("delivery", **ball("t1", "t2", extras={"penalty": 12}))
    return Told(
        book,
        shows={"scores": ["18/0"], "problems": []},
        refused=[("delivery", ball("t1", "t2", extras={"penalty": 6}), "PENALTY", "Penalty runs come in fives.")],
    )
