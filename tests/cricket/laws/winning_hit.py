"""What still counts of the ball that wins a match, and that none follows it (Law 16.6)."""

from functools import partial

from tests.cricket.laws.results import chase, needing, two_innings
from tests.support.laws import Told, law
from tests.support.scorebook import AVOCETS, TERNS

REACHED = "The target is reached: no ball follows."


def ball(book, **more):
    innings = book.innings
    return {"striker": innings.striker, "non_striker": innings.non_striker, "bowler": innings.bowler, "bat": 0, **more}


def counts(runs, total, more):
    book = needing(runs)
    book.ball(**more)
    return Told(
        book,
        shows={"scores": ["12/0", f"{13 - runs + total}/0"], "due": "innings", "needed": 0, "problems": []},
        refused=[("delivery", ball(book), "MATCH_WON", REACHED)],
    )


def accepted(runs, more):
    book = needing(runs)
    return Told(book, accepted=[("delivery", ball(book, **more))])


def stops(runs, sentence, more):
    book = needing(runs)
    return Told(book, refused=[("delivery", ball(book, **more), "WINNING_HIT", sentence)])


for name, runs, total, more in (
    ("18.8 a four counts whole", 1, 4, {"bat": 4}),
    ("18.8 a six counts whole", 2, 6, {"bat": 6}),
    ("18.8 byes to the boundary count whole", 1, 4, {"extras": {"byes": 4}}),
    ("18.8 leg-byes to the boundary count whole", 3, 4, {"extras": {"legbyes": 4}}),
    ("19.8 one and four overthrows, two needed", 2, 5, {"bat": 5}),
    ("19.8 two and four overthrows, three needed", 3, 6, {"bat": 6, "non_boundary": True}),
    ("19.8 three and four overthrows, four needed", 4, 7, {"bat": 7}),
    ("16.6 runs completed up to the winning one", 3, 3, {"bat": 3}),
    ("16.6 four run where four are needed", 4, 4, {"bat": 4, "non_boundary": True}),
    ("21.16 the no-ball wins", 1, 1, {"extras": {"noballs": 1}}),
    ("22.6 the wide wins", 1, 1, {"extras": {"wides": 1}}),
    ("22.6 a wide to the boundary, two needed", 2, 5, {"extras": {"wides": 5}}),
    ("21.16 a no-ball hit for six, two needed", 2, 7, {"bat": 6, "extras": {"noballs": 1}}),
    ("41.17 Penalty runs of the winning ball are apart", 1, 6, {"bat": 1, "extras": {"penalty": 5}}),
    ("41.17 Penalty runs alone win", 4, 5, {"extras": {"penalty": 5}}),
):
    law(name)(partial(counts, runs, total, more))
    law(f"{name}, and is entered")(partial(accepted, runs, more))

ONLY = "Only {} can be run: the winning run ends the match."
NO_BALL = "The no-ball won the match: nothing else of that ball counts."
WIDE = "The wide won the match: nothing else of that ball counts."
for name, runs, sentence, more in (
    ("16.6 two run where one is needed", 1, ONLY.format("1 run"), {"bat": 2}),
    ("16.6 three run where two are needed", 2, ONLY.format("2 runs"), {"bat": 3}),
    ("16.6 four run where three are needed", 3, ONLY.format("3 runs"), {"bat": 4, "non_boundary": True}),
    ("16.6 six run where two are needed", 2, ONLY.format("2 runs"), {"bat": 6, "non_boundary": True}),
    ("19.8 the run before the overthrow has won", 1, ONLY.format("1 run"), {"bat": 5}),
    ("19.8 three and four overthrows, three needed", 3, ONLY.format("3 runs"), {"bat": 7}),
    ("16.6 two byes where one is needed", 1, ONLY.format("1 run"), {"extras": {"byes": 2}}),
    ("16.6 a wide and two run, two needed", 2, ONLY.format("1 run"), {"extras": {"wides": 3}}),
    ("21.16 a six off the no-ball that wins", 1, NO_BALL, {"bat": 6, "extras": {"noballs": 1}}),
    ("21.16 byes off the no-ball that wins", 1, NO_BALL, {"extras": {"noballs": 1, "byes": 1}}),
    ("22.6 five wides where the wide wins", 1, WIDE, {"extras": {"wides": 5}}),
    (
        "22.6 stumped off the wide that wins", 1, WIDE,
        {"extras": {"wides": 1}, "wickets": [{"kind": "stumped", "player": "a1"}]},
    ),
    (
        "16.6 a run out after the winning run", 1, "The runs of that ball won the match: no wicket falls after them.",
        {"bat": 1, "wickets": [{"kind": "run out", "player": "a1"}]},
    ),
):  # fmt: skip
    law(name)(partial(stops, runs, sentence, more))


@law("21.16 a no-ball of two wins where two are needed (The Hundred)")
def hundred():
    book = needing(2, format="Hundred", balls_per_over=6, balls_per_end=6, no_ball=2)
    hit = ball(book, bat=4, extras={"noballs": 2})
    return Told(book, shows={"needed": 2}, refused=[("delivery", hit, "WINNING_HIT", NO_BALL)])


@law("16.6 the winning hit of a super over")
def super_over():
    book = chase((1, 0, 0, 0, 0, 0)).over(1, 0, 0, 0, 0, 0).end()
    book.start(AVOCETS, super_over=True).over(2, 0, 0, 0, 0, 0).end()
    book.start(TERNS, super_over=True).ball(2)
    sentence = ONLY.format("1 run")
    return Told(
        book,
        shows={"target": 3, "needed": 1},
        refused=[("delivery", ball(book, bat=2), "WINNING_HIT", sentence)],
    )


@law("16.6 the last innings of a match of two a side")
def fourth_innings():
    book = two_innings(100, 90)
    book.start(TERNS).ball(2)
    book.end("declared")
    book.start(AVOCETS).balls(6, 6)
    sentence = ONLY.format("1 run")
    return Told(book, shows={"needed": 1}, refused=[("delivery", ball(book, bat=2), "WINNING_HIT", sentence)])


@law("16.6 an earlier ball corrected, so that the last one came after the win")
def corrected_after_the_win():
    book = chase((6, 6, 0, 0, 0, 0), 6, 6)
    ball = book.ball(0)
    book.balls(1).end("target reached")
    book.correct({"of": ball, "body": {**book.log[-3].body, "bat": 1}})
    book.add("match_end")
    return Told(book, shows={"scores": ["12/0", "14/0"], "result": "Swan Avocets won by 10 wickets"})


@law("16.6 a target lowered below what was made is passed by runs")
def lowered():
    book = chase((6, 6, 0, 0, 0, 0), 6, 4, 0)
    book.add("revise", target=8, method="D/L")
    book.add("match_end", reason="no further play")
    return Told(book, shows={"result": "Swan Avocets won by 3 runs (D/L method)"})


@law("16.6 a file that plays on is read as it is")
def played_on():
    book = needing(1)
    book.add("innings_end", reason="other")
    return Told(book, shows={"scores": ["12/0", "12/0"], "decided": None, "problems": []})
