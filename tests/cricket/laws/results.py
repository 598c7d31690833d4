"""How a match ends: Penalty runs, rain, super overs, the follow-on."""

from functools import partial

from tests.support.laws import Told, law
from tests.support.scorebook import AVOCETS, TERNS, Book

OVER = "The match is over: take back its end first."


def chase(first=(6, 6, 0, 0, 0, 0), *runs, overs=1, **settings):
    """The Terns made `first` in an over (and nothing in the rest), the Avocets chase and have made `runs`."""
    book = Book(**{"format": "T20", "overs": overs, **settings}).start().over(*first)
    book.end()
    return book.start(AVOCETS).balls(*runs)


def needing(runs, **settings):
    """A chase of 13 in which so many are needed, 1 to 7."""
    return chase((6, 6, 0, 0, 0, 0), 6, 7 - runs, overs=2, **settings)


# Penalty runs and results (Laws 16.7, 41.17, 41.18)


def short_chase(*runs):
    """Twelve to beat, the Avocets' over bowled; their innings has ended."""
    return chase((6, 6, 0, 0, 0, 0)).over(*runs, *[0] * (6 - len(runs))).end()


@law("16.7 won by Penalty runs")
def by_penalty_runs():
    book = short_chase(6, 3)
    book.add("penalty", innings=1, runs=5, when="post")
    book.add("match_end")
    return Told(book, shows={"scores": ["12/0", "14/0"], "result": "Swan Avocets won by Penalty runs"})


@law("16.7 Penalty runs before the innings was ended, with its overs bowled")
def by_penalty_runs_before_the_end():
    book = chase((6, 6, 0, 0, 0, 0), 6, 3, 0, 0, 0, 0)
    book.add("penalty", innings=1, runs=5, when="post")
    book.add("match_end")
    return Told(book, shows={"result": "Swan Avocets won by Penalty runs"})


@law("16.7 Penalty runs while the innings goes on win by wickets")
def penalty_in_the_innings():
    book = chase((6, 6, 0, 0, 0, 0), 6, 3)
    book.add("penalty", innings=1, runs=5, when="post")
    book.add("match_end")
    return Told(book, shows={"scores": ["12/0", "14/0"], "result": "Swan Avocets won by 10 wickets"})


@law("16.7 Penalty runs change what is due between the innings and the end")
def penalty_changes_what_is_due():
    book = short_chase(6, 2)
    book.add("penalty", innings=1, runs=5, when="post")
    return Told(book, shows={"decided": "Swan Avocets won by Penalty runs"})


@law("16.7 Penalty runs to level the scores are a tie")
def penalty_ties():
    book = short_chase(6, 1)
    book.add("penalty", innings=1, runs=5, when="post")
    book.add("match_end")
    return Told(book, shows={"decided": "Match tied", "result": "Match tied"})


@law("41.17 Penalty runs to the fielding side after the target was reached")
def penalty_after_the_win():
    book = chase((6, 6, 0, 0, 0, 0), 6, 6, 1)
    book.end("target reached")
    book.add("penalty", innings=0, runs=5, when="post")
    return Told(book, shows={"scores": ["17/0", "13/0"], "decided": None})


@law("16.7 Penalty runs win the last innings of a match of two a side")
def penalty_in_two_innings():
    book = two_innings(100, 90)
    paper(book, TERNS, 5)
    paper(book, AVOCETS, 12)
    book.add("penalty", innings=3, runs=5, when="post")
    book.add("match_end")
    return Told(book, shows={"result": "Swan Avocets won by Penalty runs"})


@law("41.18 a target by the Laws rises with Penalty runs to the other side")
def target_by_the_laws_rises():
    book = chase((6, 6, 0, 0, 0, 0), 6)
    book.add("penalty", innings=0, runs=5, when="post")
    return Told(book, shows={"scores": ["17/0", "6/0"], "target": 18})


@law("41.18 a revised target and the par score rise with Penalty runs to the other side")
def revised_target_rises():
    book = chase((6, 6, 0, 0, 0, 0), 6, 2)
    book.add("revise", target=10, par=4, method="D/L")
    book.add("penalty", innings=0, runs=5, when="post")
    book.add("match_end", reason="no further play")
    return Told(book, shows={"target": 15, "result": "Harbour Terns won by 1 run (D/L method)"})


@law("41.18 a target set between the innings rises with Penalty runs to the other side")
def coming_target_rises():
    book = Book(format="T20", overs=1).start().over(6, 6, 0, 0, 0, 0)
    book.end()
    book.add("revise", innings=1, target=8, par=3, method="D/L")
    book.add("penalty", innings=0, runs=5, when="post")
    book.start(AVOCETS)
    return Told(book, shows={"scores": ["17/0", "0/0"], "target": 13, "needed": 13})


@law("41.18 a target entered after the Penalty runs counts them already")
def target_after_the_penalty():
    book = Book(format="T20", overs=1).start().over(6, 6, 0, 0, 0, 0)
    book.end()
    book.add("penalty", innings=0, runs=5, when="post")
    book.start(AVOCETS, target={"runs": 18, "overs": "1"})
    return Told(book, shows={"target": 18})


@law("41.18 Penalty runs to a side that has not batted are its first runs")
def penalty_before_the_innings():
    book = Book(format="T20", overs=1).start().balls(1)
    book.add("penalty", innings=1, runs=5, when="pre")
    book.balls(0, 0, 0, 0, 0).add("over_end")
    book.end()
    book.start(AVOCETS)
    return Told(book, shows={"scores": ["1/0", "5/0"], "target": 2, "needed": 0, "due": "innings"})


@law("41.18 Penalty runs go to the innings of the side that bats, and to the next of one that has not batted")
def penalty_of_a_first_innings():
    return Told(Book(format="T20", overs=1).start().balls(1), console={"penalty_to": [0, 1]})


@law("41.18 Penalty runs to the fielding side go to the innings it has had")
def penalty_of_a_chase():
    return Told(needing(5), console={"penalty_to": [0, 1]})


@law("41.18 Penalty runs to a side that batted twice go to its last innings")
def penalty_after_two_innings():
    book = two_innings(100, 90)
    paper(book, TERNS, 50)
    return Told(book.start(AVOCETS), console={"penalty_to": [2, 3]})


@law("41.18 Penalty runs of a super over go to super overs")
def penalty_of_a_super_over():
    book = chase((1, 0, 0, 0, 0, 0)).over(1, 0, 0, 0, 0, 0).end()
    return Told(book.start(AVOCETS, super_over=True), console={"penalty_to": [3, 2]})


@law("41.18 Penalty runs of a second super over go to its own pair")
def penalty_of_a_second_super_over():
    book = tied_super_overs((4, 4))
    return Told(book.start(TERNS, super_over=True, striker="t4"), console={"penalty_to": [4, 5]})


@law("16 nothing is entered after the end that would change the result")
def after_the_end():
    book = short_chase(6, 3)
    book.add("match_end")
    return Told(
        book,
        shows={"result": "Harbour Terns won by 3 runs"},
        refused=[
            ("penalty", {"innings": 1, "runs": 5, "when": "post"}, "MATCH_OVER", OVER),
            ("revise", {"innings": 1, "target": 5}, "MATCH_OVER", OVER),
        ],
    )


@law("16.7 the end taken back, Penalty runs change the result")
def end_taken_back():
    book = short_chase(6, 3)
    end = book.add("match_end")
    book.undo(end)
    book.add("penalty", innings=1, runs=5, when="post")
    book.add("match_end")
    return Told(book, shows={"result": "Swan Avocets won by Penalty runs"})


@law("16.7 Penalty runs taken back after the end give the other result")
def penalty_taken_back():
    book = short_chase(6, 3)
    penalty = book.add("penalty", innings=1, runs=5, when="post")
    book.add("match_end")
    book.undo(penalty)
    return Told(book, shows={"scores": ["12/0", "9/0"], "result": "Harbour Terns won by 3 runs"})


# Rain, par and the fewest overs (ICC playing conditions 16.3)


def rained_off(first, second, *, par=None, reason="no further play", **settings):
    """A T20 of twenty overs whose innings ended after so many overs (lists of their first ball's runs)."""
    book = Book(**{"format": "T20", "overs": 20, **settings}).start()
    for team, overs in ((TERNS, first), (AVOCETS, second)):
        mark = "at"[team]
        if team == AVOCETS:
            book.end("no further play" if len(first) < 20 else "overs complete")
            book.start(AVOCETS)
        for n, runs in enumerate(overs):
            book.over(runs, 0, 0, 0, 0, 0, bowler=f"{mark}{10 + n % 2}")
    if par is not None:
        book.add("revise", par=par, method="D/L")
    book.add("match_end", reason=reason)
    return book


def rain(result, *args, **more):
    return Told(rained_off(*args, **more), shows={"result": result})


FULL = [1] * 20
for name, result, args, more in (
    ("rain in a chase without a par score is no result", "No result", (FULL, [6] * 3), {}),
    ("rain in a long chase without a par score is no result", "No result", (FULL, [2] * 8), {}),
    ("five overs of a T20 and a par score are a result", "Swan Avocets won by 6 runs (D/L method)",
     (FULL, [2] * 5), {"par": 4}),
    ("behind the par score", "Harbour Terns won by 3 runs (D/L method)", (FULL, [2] * 5), {"par": 13}),
    ("level with the par score is a tie", "Match tied", (FULL, [2] * 5), {"par": 10}),
    ("four overs of a T20 are no result, par score or not", "No result", (FULL, [2] * 4), {"par": 4}),
    ("a first innings of four overs makes no T20", "No result", ([6] * 4, [2] * 6), {"par": 4}),
    ("nineteen overs of an ODI are no result", "No result", (FULL, [1] * 19),
     {"par": 4, "format": "ODI", "overs": 50}),
    ("twenty overs of an ODI are a result", "Swan Avocets won by 15 runs (D/L method)", (FULL, [1] * 20),
     {"par": 5, "format": "ODI", "overs": 50}),
    ("nineteen overs of a List A match are no result", "No result", (FULL, [1] * 19),
     {"par": 4, "format": "List A", "overs": 50}),
    ("a competition sets other overs", "Swan Avocets won by 6 runs (D/L method)", (FULL, [2] * 5),
     {"par": 4, "format": "ODI", "overs": 50, "min_overs": 5}),
    ("a competition asks more overs", "No result", (FULL, [2] * 9), {"par": 4, "min_overs": 10}),
    ("a competition asks none", "Swan Avocets won by 1 run (D/L method)", (FULL, [2]), {"par": 1, "min_overs": 0}),
    ("abandoned is no result, whatever the par score", "No result", (FULL, [2] * 8), {"par": 4, "reason": "abandoned"}),
):  # fmt: skip
    law(f"16.3 {name}")(partial(rain, result, *args, **more))


@law("16.3 five sets of The Hundred are a result, four none")
def hundred_sets():
    book = Book(format="Hundred", overs=20, balls_per_over=5, balls_per_end=10, no_ball=2).start()
    for n in range(20):
        book.over(1, 0, 0, 0, 0, bowler=f"a{10 + n // 2 % 2}")
    book.end().start(AVOCETS)
    for n in range(4):
        book.over(2, 0, 0, 0, 0, bowler=f"t{10 + n // 2 % 2}")
    book.add("revise", par=3, method="D/L")
    end = book.add("match_end", reason="no further play")
    assert book.state.result.text == "No result"
    book.undo(end)
    book.over(2, 0, 0, 0, 0, bowler="t10")
    book.add("match_end", reason="no further play")
    return Told(book, shows={"result": "Swan Avocets won by 7 runs (D/L method)"})


@law("16.3 a target reached in fewer overs is a result")
def reached_early():
    book = Book(format="T20", overs=20).start()
    for n in range(20):
        book.over(1, 0, 0, 0, 0, 0, bowler=f"a{10 + n % 2}")
    book.end().start(AVOCETS).balls(6, 6, 6, 4)
    book.end("target reached").add("match_end")
    return Told(book, shows={"result": "Swan Avocets won by 10 wickets"})


@law("16.3 all out in fewer overs is a result")
def all_out_early():
    book = Book(format="T20", overs=20).start()
    for n in range(20):
        book.over(1, 0, 0, 0, 0, 0, bowler=f"a{10 + n % 2}")
    book.end().start(AVOCETS)
    for n in range(3, 13):
        if book.innings.over and book.innings.over_due:
            book.add("over_end")
            book.add("bowler", bowler="t10")
        book.out("bowled")
        if n < 12:
            book.comes_in(f"a{n}")
    book.end("all out").add("match_end")
    return Told(book, shows={"scores": ["20/0", "0/10"], "result": "Harbour Terns won by 20 runs"})


@law("16.3 overs cut below the fewest, and bowled, are no result")
def cut_too_far():
    book = Book(format="T20", overs=20).start()
    for n in range(6):
        book.over(1, 0, 0, 0, 0, 0, bowler=f"a{10 + n % 2}")
    book.end("no further play")
    book.add("revise", overs="3", target=5, method="D/L")
    book.start(AVOCETS)
    for n in range(3):
        book.over(1, 0, 0, 0, 0, 0, bowler=f"t{10 + n % 2}")
    book.end().add("match_end")
    return Told(book, shows={"decided": None, "result": "No result"})


@law("16.3 the innings called off before the match was ended")
def called_off_first():
    book = Book(format="T20", overs=20).start()
    for n in range(20):
        book.over(1, 0, 0, 0, 0, 0, bowler=f"a{10 + n % 2}")
    book.end().start(AVOCETS)
    for n in range(6):
        book.over(2, 0, 0, 0, 0, 0, bowler=f"t{10 + n % 2}")
    book.add("revise", par=5, method="VJD")
    book.end("no further play")
    book.add("match_end")
    return Told(book, shows={"result": "Swan Avocets won by 7 runs (VJD method)"})


@law("16 a chase that reached its target before the rain is won by wickets")
def reached_before_the_rain():
    book = needing(1)
    book.add("revise", par=4, method="D/L")
    book.ball(1)
    book.add("match_end", reason="no further play")
    return Told(book, shows={"result": "Swan Avocets won by 10 wickets (D/L method)"})


# What is stated, in words


def said(words, outcome):
    book = short_chase(6, 3)
    book.add("match_end", outcome=outcome)
    return Told(book, shows={"result": words})


for words, outcome in (
    ("Swan Avocets awarded the match", {"winner": AVOCETS}),
    ("Swan Avocets awarded the match", {"winner": AVOCETS, "method": "Awarded"}),
    ("Swan Avocets won (match conceded)", {"winner": AVOCETS, "method": "Conceded"}),
    ("Swan Avocets won by losing fewer wickets", {"winner": AVOCETS, "method": "Lost fewer wickets"}),
    ("Swan Avocets won on run rate", {"winner": AVOCETS, "method": "Run rate"}),
    ("Swan Avocets won on first-innings score", {"winner": AVOCETS, "method": "1st innings score"}),
    ("Swan Avocets won (D/L method)", {"winner": AVOCETS, "method": "D/L"}),
    ("Swan Avocets won by 5 runs (DLS method)", {"winner": AVOCETS, "by": {"runs": 5}, "method": "DLS"}),
    ("Swan Avocets won by 1 wicket (VJD method)", {"winner": AVOCETS, "by": {"wickets": 1}, "method": "VJD"}),
    ("Swan Avocets won by an innings and 1 run", {"winner": AVOCETS, "by": {"innings": 1, "runs": 1}}),
    ("Match tied", {"result": "tie"}),
    ("Match tied (D/L method)", {"result": "tie", "method": "D/L"}),
    ("Match tied (Swan Avocets won the super over)", {"result": "tie", "eliminator": AVOCETS}),
    ("Match tied (Swan Avocets won the bowl-out)", {"result": "tie", "bowl_out": AVOCETS}),
    (
        "Match tied (super over tied; Swan Avocets on boundary count)",
        {"result": "tie", "eliminator": AVOCETS, "method": "Boundary count"},
    ),
    (
        "Match tied (Swan Avocets won by losing fewer wickets)",
        {"result": "tie", "eliminator": AVOCETS, "method": "Lost fewer wickets"},
    ),
    ("Match tied (Swan Avocets won on run rate)", {"result": "tie", "eliminator": AVOCETS, "method": "Run rate"}),
    (
        "Match drawn (Swan Avocets won on first-innings score)",
        {"result": "draw", "eliminator": AVOCETS, "method": "1st innings score"},
    ),
    ("Match drawn", {"result": "draw"}),
    ("No result", {"result": "no result"}),
):
    law(f"16.8 {words}, by {outcome.get('method') or 'no method'}")(partial(said, words, outcome))


def tied_super_overs(*pairs):
    """A tie and its super overs, each a pair of scores off the first ball."""
    book = chase((1, 0, 0, 0, 0, 0)).over(1, 0, 0, 0, 0, 0).end()
    team = AVOCETS
    for n, (one, two) in enumerate(pairs):
        for runs in (one, two):
            book.start(team, super_over=True, striker=f"{'ta'[team]}{3 + n}")
            if n % 2:
                book.add("bowler", bowler=f"{'at'[team]}10")
            book.ball(runs)
            if book.state.due != "innings":
                book.balls(0, 0, 0, 0, 0).add("over_end")
            book.end("target reached" if book.state.due == "innings" and runs > one else "overs complete")
            team = 1 - team
        team = 1 - team
    return book


def super_overs(words, *pairs, **end):
    book = tied_super_overs(*pairs)
    book.add("match_end", **end)
    return Told(book, shows={"result": words})


for name, words, pairs, end in (
    ("one super over", "Match tied (Swan Avocets won the super over)", [(6, 4)], {}),
    ("the second half reaches it", "Match tied (Harbour Terns won the super over)", [(4, 6)], {}),
    ("a second super over", "Match tied (Harbour Terns won the super over, after 2)", [(4, 4), (6, 4)], {}),
    ("a tied super over", "Match tied (super over tied)", [(4, 4)], {}),
    (
        "a tied super over and the boundary count",
        "Match tied (super over tied; Swan Avocets on boundary count)",
        [(4, 4)],
        {"outcome": {"result": "tie", "eliminator": AVOCETS}},
    ),
    (
        "a tied super over and fewer wickets lost",
        "Match tied (Swan Avocets won by losing fewer wickets)",
        [(4, 4)],
        {"outcome": {"result": "tie", "eliminator": AVOCETS, "method": "Lost fewer wickets"}},
    ),
    (
        "two super overs, stated as a file does",
        "Match tied (Harbour Terns won the super over, after 2)",
        [(4, 4), (6, 4)],
        {"outcome": {"result": "tie", "eliminator": TERNS}},
    ),
):
    law(f"super over: {name}")(partial(super_overs, words, *pairs, **end))


@law("super over: broken off, nobody won it")
def broken_off():
    book = chase((1, 0, 0, 0, 0, 0)).over(1, 0, 0, 0, 0, 0).end()
    book.start(AVOCETS, super_over=True).over(4, 0, 0, 0, 0, 0).end()
    book.start(TERNS, super_over=True).balls(4)
    book.add("match_end", reason="abandoned")
    return Told(book, shows={"result": "Match tied"})


# Two innings a side


def paper(book, team, runs, **more):
    """An innings from paper; all out, unless declared."""
    bat, bowl = "ta"[team], "ta"[1 - team]
    out = [] if more.get("declared") else [
        {"player": f"{bat}{n}", "runs": 0, "balls": 1, "kind": "bowled", "bowler": f"{bowl}11"} for n in range(2, 12)
    ]  # fmt: skip
    book.add(
        "innings_card",
        team=team, runs=runs, wickets=len(out), overs="30.2",
        batting=[{"player": f"{bat}1", "runs": runs, "balls": 170, "kind": "not out"}, *out],
        bowling=[{"player": f"{bowl}11", "overs": "30.2", "maidens": 3, "runs": runs, "wickets": len(out)}],
        **more,
    )  # fmt: skip
    return book


def two_innings(first, second, **more):
    settings = {"format": "Test", "overs": None, "innings": 4}
    settings |= {name: more.pop(name) for name in ("days", "format") if name in more}
    return paper(paper(Book(**settings), TERNS, first), AVOCETS, second, **more)


def follow_on(possible, lead, days, declared):
    more = {"days": days} if days else {}
    book = two_innings(400, 400 - lead, **more, **({"declared": True} if declared else {}))
    return Told(book, shows={"follow_on": possible})


for days, least in ((None, 200), (6, 200), (5, 200), (4, 150), (3, 150), (2, 100), (1, 75)):
    match = f"{days} days" if days else "a Test match"
    for declared in (False, True):
        closed = "a declaration" if declared else "an innings all out"
        law(f"14.1 {least} behind after {closed} in {match}")(partial(follow_on, True, least, days, declared))
        law(f"14.1 {least - 1} behind after {closed} in {match}")(partial(follow_on, False, least - 1, days, declared))


@law("14.1 150 behind in a first-class match whose days are not told")
def first_class():
    return Told(two_innings(400, 250, format="First-class"), shows={"follow_on": True})


@law("14.1 an innings that goes on cannot be made to follow on")
def not_yet():
    book = paper(Book(format="Test", overs=None, innings=4), TERNS, 400)
    return Told(book.start(AVOCETS), shows={"follow_on": False})


@law("16.4 a match of two innings that time ends is drawn")
def drawn():
    book = two_innings(100, 100)
    book.start(TERNS).ball(4)
    book.add("match_end", reason="no further play")
    return Told(book, shows={"result": "Match drawn"})
