"""Who may bowl: quotas, shared overs, bowlers taken off, super overs."""

from tests.support.laws import Told, law
from tests.support.scorebook import AVOCETS, TERNS, Book


def said(book, each=None, **bowlers):
    """The bowlers a case is about, among the others, who are free to bowl with so many overs left each."""
    rest, mark = ["", each], "a" if book.innings.team == TERNS else "t"
    return {"bowlers": {f"{mark}{n}": bowlers.get(f"{mark}{n}", rest) for n in range(1, 12)}}


def ball_by(bowler, striker="t1", non_striker="t2"):
    return {"striker": striker, "non_striker": non_striker, "bowler": bowler, "bat": 0}


@law("13.9.1 nobody bowls more overs than the match allows, and the console says how many are left")
def quota():
    book = Book(format="T20", overs=20, bowler_limit=4).start()
    for _ in range(3):
        book.over(bowler="a11").over(bowler="a10")
    book.over(bowler="a11")
    return Told(book, said(book, each="4", a11=["has bowled all 4 overs", "0"], a10=["", "1"]))


@law("13.9.2 where overs are lost, a bowler may bowl a fifth of what is left")
def quota_reduced():
    book = Book(format="T20", overs=20, bowler_limit=4).start()
    book.over(bowler="a11").over(bowler="a10").over(bowler="a11").over(bowler="a10")
    book.add("revise", overs="10")
    done = "has bowled all 2 overs"
    return Told(book, said(book, each="2", a11=[done, "0"], a10=[done, "0"]))


@law("13.9.3 what does not come out even lets as many bowlers bowl one more")
def quota_uneven():
    book = Book(format="T20", overs=20, bowler_limit=4)
    book.start(target={"runs": 50, "overs": "11"})
    for _ in range(2):
        book.over(bowler="a11").over(bowler="a10")
    return Told(book, {"left": 42, **said(book, each="3", a11=["", "1"], a10=["bowled the last over", "1"])})


@law("13.9.3 and once they have, the others have had theirs")
def quota_uneven_taken():
    book = Book(format="T20", overs=20, bowler_limit=4).start()
    book.over(bowler="a11").over(bowler="a10").over(bowler="a11").over(bowler="a10").over(bowler="a11")
    book.add("revise", overs="11")
    two, three = "has bowled all 2 overs", "has bowled all 3 overs"
    return Told(book, said(book, each="2", a11=[three, "0"], a10=[two, "0"]))


@law("13.9.5 an over that is under way when overs are lost may be finished")
def quota_mid_over():
    book = Book(format="T20", overs=20, bowler_limit=4).start()
    book.over(bowler="a11").over(bowler="a10")
    book.add("bowler", bowler="a11")
    book.balls(0, 0)
    book.add("revise", overs="5")
    told = said(book, each="1", a11=["", "0"], a10=["has bowled the one over allowed", "0"])
    return Told(book, {**told, "can_bowl": sorted(f"a{n}" for n in range(1, 12) if n != 10)})


@law("a limit that is no fifth of the overs stands whatever is lost")
def quota_fixed():
    book = Book(format="T20", overs=20, bowler_limit=6).start()
    book.over(bowler="a11")
    book.add("revise", overs="10")
    return Told(book, said(book, each="6", a11=["bowled the last over", "5"]))


@law("a revision may say itself how many overs a bowler has")
def quota_revised():
    book = Book(format="T20", overs=20, bowler_limit=4).start()
    book.add("revise", overs="12", bowler_limit=5)
    return Told(book, said(book, each="5"))


@law("a revision between innings holds for the bowlers of the next")
def quota_coming():
    book = Book(format="T20", overs=2, bowler_limit=1).start().over().over(bowler="a10").end()
    book.add("revise", bowler_limit=2)
    book.start(AVOCETS)
    return Told(book, said(book, each="2"))


@law("without a limit nobody has too many overs")
def no_quota():
    book = Book(format="Test", overs=None, innings=4).start()
    book.over(bowler="a11").over(bowler="a10").over(bowler="a11")
    return Told(book, said(book, a11=["bowled the last over", None]))


@law("13.9.4 a part of an over counts as one of a bowler's overs, for both who shared it")
def part_overs_whole():
    book = Book(format="T20", overs=5, bowler_limit=1).start()
    book.balls(0, 0)
    book.add("bowler", bowler="a10")
    book.balls(0, 0, 0, 0)
    book.add("over_end")
    one = "has bowled the one over allowed"
    return Told(book, said(book, each="1", a11=[one, "0"], a10=[one, "0"]))


@law("13.9.4 where conditions count the balls, a part of an over is its balls")
def part_overs_balls():
    book = Book(format="T20", overs=10, bowler_limit=2, part_overs="balls").start()
    book.balls(0, 0)
    book.add("bowler", bowler="a10")
    book.balls(0, 0, 0, 0)
    book.add("over_end")
    book.over(bowler="a9")
    return Told(book, said(book, each="2", a11=["", "1.4"], a10=["", "1.2"], a9=["bowled the last over", "1"]))


@law("17.8 who finishes an over for another may not bowl the next, nor may who was taken off")
def shared_over_next():
    book = Book(format="Test", overs=None, innings=4).start()
    book.balls(0, 0)
    book.add("bowler", bowler="a10")
    book.balls(0, 0, 0, 0)
    book.add("over_end")
    last = ["bowled the last over", None]
    return Told(book, said(book, a11=last, a10=last))


@law("17.8 who bowled the over before may not finish this one")
def shared_over_before():
    book = Book(format="Test", overs=None, innings=4).start()
    book.over(bowler="a10")
    book.add("bowler", bowler="a11")
    book.balls(0, 0)
    return Told(book, said(book, a10=["bowled the last over", None]))


@law("41.6 a bowler taken off for dangerous bowling cannot bowl again in that innings")
def taken_off():
    book = Book(format="T20", overs=20, bowler_limit=4).start()
    book.balls(0, 0)
    book.add("suspension", player="a11", reason="dangerous bowling")
    shows = {
        "suspended": {"a11": "dangerous bowling"},
        "can_bowl": sorted(f"a{n}" for n in range(1, 11)),
        "striker": "t1",
    }
    sentence = "A 11 was taken off and cannot bowl again in this innings."
    return Told(book, shows, refused=[("delivery", ball_by("a11"), "BOWLER_SUSPENDED", sentence)])


@law("41.7 nor later, when another has finished the over")
def taken_off_later():
    book = Book(format="T20", overs=20, bowler_limit=4).start()
    book.balls(0, 0)
    book.add("suspension", player="a11", reason="high full tosses")
    book.add("bowler", bowler="a10")
    book.balls(0, 0, 0, 0)
    book.add("over_end")
    book.over(bowler="a9").over(bowler="a8")
    sentence = "A 11 was taken off and cannot bowl again in this innings."
    return Told(
        book,
        {"suspended": {"a11": "high full tosses"}, "can_bowl": ["a1", "a10", "a2", "a3", "a4", "a5", "a6", "a7", "a9"]},
        refused=[
            ("delivery", ball_by("a11", "t2", "t1"), "BOWLER_SUSPENDED", sentence),
            ("bowler", {"bowler": "a11"}, "BOWLER_SUSPENDED", sentence),
            ("suspension", {"player": "a11", "reason": "other"}, "BOWLER_SUSPENDED", "A 11 was taken off already."),
        ],
        early=False,
    )


@law("a file that says excluded takes the bowler off, too")
def taken_off_in_a_file():
    book = Book(format="T20", overs=20, bowler_limit=4).start()
    book.balls(0, 0)
    came = {"in": "a10", "out": "a11", "reason": "excluded - running on the pitch", "type": "role", "role": "bowler"}
    book.add("replacement", team=AVOCETS, **came)
    book.balls(0)
    return Told(book, {"suspended": {"a11": "running on the pitch"}, "can_bowl": sorted(f"a{n}" for n in range(1, 11))})


@law("41.13 in the next innings a bowler who was taken off is free again")
def taken_off_next_innings():
    book = Book(format="Test", overs=None, innings=4).start()
    book.ball()
    book.add("suspension", player="a11", reason="running on the pitch")
    book.end("declared").start(AVOCETS).end("declared").start(TERNS)
    return Told(book, {"suspended": {}, **said(book)})


@law("a suspension that is taken back leaves nothing behind")
def taken_off_undone():
    book = Book(format="T20", overs=20, bowler_limit=4).start()
    book.balls(0, 0)
    book.undo(book.add("suspension", player="a11", reason="throwing"))
    return Told(book, {"suspended": {}, **said(book, each="4")})


@law("only the side that fields has bowlers to take off")
def taken_off_who():
    book = Book(format="T20", overs=20, bowler_limit=4).start()
    other = {"player": "t3", "reason": "time wasting"}
    return Told(
        book,
        refused=[("suspension", other, "BOWLER_UNKNOWN", "T 3 does not play for Swan Avocets.")],
        early=False,
    )


def tied(**settings):
    """Both sides have made nothing off one over, and the Avocets have batted in the first super over."""
    book = Book(format="T20", overs=1, bowler_limit=1, **settings).start().over().end()
    book.start(AVOCETS).over().end()
    return book.start(AVOCETS, super_over=True).over().end()


@law("super over: overs of the match count for nothing, and nobody has more than the one")
def super_over_free():
    book = tied()
    book.start(TERNS, super_over=True)
    return Told(book, {"left": 6, **said(book)})


@law("super over: who bowled the last one rests in the next")
def super_over_again():
    book = tied()
    book.start(TERNS, super_over=True).over().end()
    book.start(TERNS, super_over=True)
    return Told(book, said(book, a11=["bowled the last super over", None]))


@law("The Hundred: a bowler may bowl two sets running, and four in all")
def hundred():
    book = Book(format="Hundred", overs=20, balls_per_over=5, balls_per_end=10, no_ball=2, bowler_limit=4).start()
    for bowler in ("a11", "a11", "a10", "a10", "a11", "a11", "a10"):
        book.over(bowler=bowler)
    return Told(book, said(book, each="4", a11=["has bowled all 4 sets", "0"], a10=["", "1"]))


@law("eight balls an over: an over is eight balls of a bowler's overs, too")
def eight_balls():
    book = Book(format="T20", overs=10, balls_per_over=8, bowler_limit=2, part_overs="balls").start()
    book.balls(0, 0, 0)
    book.add("bowler", bowler="a10")
    book.balls(0, 0, 0, 0, 0)
    book.add("over_end")
    last = "bowled the last over"
    return Told(book, {"left": 72, **said(book, each="2", a11=[last, "1.5"], a10=[last, "1.3"])})
