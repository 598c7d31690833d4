"""Who is at the crease: who comes in, who is replaced, and when a side is all out."""

from tests.support.laws import Told, law
from tests.support.scorebook import AVOCETS, TERNS, Book


def begun(**settings):
    return Book(**{"format": "T20", "overs": 20, **settings}).start()


def lose(book, wickets):
    """So many wickets, each off one ball; whoever is next in the list comes in, as long as anybody does."""
    for _ in range(wickets):
        book.out("bowled")
        fresh = [key for key in book.state.can_bat() if key not in book.innings.batting]
        if fresh:
            book.comes_in(fresh[0])
        if book.innings.over_due:
            book.add("over_end")
    return book


def retire(book, player, kind="retired hurt"):
    book.add("wicket", player=player, kind=kind)
    return book


def replace(book, out, coming, reason="concussion_substitute", team=TERNS):
    mark = "TA"[team]
    name = f"{mark} {coming[1:]}"
    book.add("replacement", team=team, out=out, reason=reason, type="match", name=name, **{"in": coming})
    return book


def one_retired():
    """A book in which the first batter retired hurt after a ball and the third came in."""
    book = begun()
    book.ball()
    retire(book, "t1").comes_in("t3")
    return book


def ball(striker, non_striker, **more):
    return {"striker": striker, "non_striker": non_striker, "bowler": "a11", "bat": 0, **more}


@law("25.1 a batter who is out bats no more")
def out_is_out():
    book = begun()
    book.out("bowled")
    book.comes_in("t3")
    return Told(
        book,
        shows={"scores": ["0/1"], "striker": "t3", "how": {"t1": "b 11", "t2": "not out", "t3": "not out"}},
        refused=[
            ("delivery", ball("t1", "t2"), "BATTER_OUT", "T 1 is already out."),
            ("batters", {"striker": "t1", "non_striker": "t2"}, "BATTER_OUT", "T 1 is already out."),
        ],
    )


# Law 13.3, when a side is all out; Law 1.2 and the conditions for replacements, who is a man short.


@law("13.3.2 nine down and one retired hurt: nobody is left to come in")
def one_short():
    book = lose(one_retired(), 9)
    last = book.innings.striker or book.innings.non_striker
    return Told(
        book,
        shows={"scores": ["0/9"], "all_out": True, "due": "innings", "can_bat": ["t1"]},
        refused=[
            ("delivery", ball(last, "t2"), "BATTER_OUT", "T 2 is already out."),
        ],
    )


@law("25.4 who retired hurt comes back at nine down, and play goes on")
def back_again():
    book = lose(one_retired(), 9)
    book.comes_in("t1")
    book.ball(4)
    return Told(book, shows={"scores": ["4/9"], "all_out": False, "due": None, "can_bat": []})


@law("1.2 whoever retired hurt and is replaced is not a man short")
def replaced_after_retiring():
    book = lose(replace(one_retired(), "t1", "t12"), 9)
    book.ball(4)
    at = (book.innings.striker, book.innings.non_striker)
    wicket = {"wickets": [{"kind": "bowled", "player": at[0]}], "bat": 4}
    return Told(
        book,
        shows={"scores": ["4/9"], "all_out": False, "due": None, "can_bat": [], "problems": []},
        refused=[
            ("batters", {"striker": "t1", "non_striker": at[1]}, "PLAYER_REPLACED", REPLACED),
            ("delivery", ball("t1", at[1]), "BATTER_IN", "T 12 is still in: say first how the innings ended."),
            (
                "delivery",
                ball(*at, **wicket),
                "WICKET_RUNS",
                "No runs are scored off a ball on which a batter is out bowled.",
            ),
        ],
    )


REPLACED = "T 1 was replaced and takes no more part."


@law("1.2 a side with a replacement is all out at the tenth wicket")
def ten_with_a_replacement():
    book = lose(replace(one_retired(), "t1", "t12"), 10)
    last = book.innings.striker or book.innings.non_striker
    return Told(
        book,
        shows={"scores": ["0/10"], "all_out": True, "due": "innings", "can_bat": []},
        refused=[("delivery", ball(last, "t1"), "PLAYER_REPLACED", REPLACED)],
    )


@law("1.2 a replacement comes at nine down for whoever retired hurt before")
def replaced_when_all_seemed_out():
    book = replace(lose(one_retired(), 9), "t1", "t12")
    last = book.innings.striker or book.innings.non_striker
    return Told(
        book,
        shows={"scores": ["0/9"], "all_out": False, "due": None, "can_bat": ["t12"]},
        refused=[("batters", {"striker": "t1", "non_striker": last}, "PLAYER_REPLACED", REPLACED)],
    )


@law("1.2 a replacement for an absent player bats")
def replaced_when_absent():
    book = begun()
    book.add("absent", player="t11")
    lose(replace(book, "t11", "t12"), 9)
    book.ball(1)
    return Told(book, shows={"scores": ["1/9"], "all_out": False, "due": None})


@law("25.4 a batter replaced at the wicket for concussion is retired hurt")
def replaced_at_the_wicket():
    book = begun()
    book.ball(1)
    replace(book, "t1", "t12").comes_in("t12")
    book.ball()
    return Told(book, shows={"how": {"t1": "retired hurt", "t2": "not out", "t12": "not out"}, "problems": []})


@law("25.4 a batter replaced at the wicket by an impact player is retired, not out")
def replaced_by_choice():
    book = begun()
    book.ball(1)
    replace(book, "t1", "t12", "impact_player").comes_in("t12")
    return Told(book, shows={"how": {"t1": "retired not out", "t2": "not out", "t12": "not out"}})


@law("25.4 a batter replaced before a ball leaves no trace on the card")
def replaced_before_a_ball():
    book = replace(begun(), "t1", "t12")
    return Told(
        book,
        shows={
            "how": {"t2": "not out"},
            "striker": None,
            "can_bat": [f"t{n}" for n in (10, 11, 12, 3, 4, 5, 6, 7, 8, 9)],
        },
        refused=[("batters", {"striker": "t1", "non_striker": "t2"}, "PLAYER_REPLACED", REPLACED)],
    )


@law("25.4 a batter who makes way for a while is not out, and comes back")
def away_for_a_while():
    book = begun()
    book.ball()
    book.add("replacement", team=TERNS, out="t1", reason="injury", type="role", role="batter", **{"in": "t3"})
    book.comes_in("t3")
    lose(book, 9)
    return Told(book, shows={"scores": ["0/9"], "all_out": False, "due": None, "can_bat": ["t1"]})


@law("1.2 a replacement who retires hurt is a man short in his turn")
def the_replacement_retires():
    book = replace(one_retired(), "t1", "t12")
    retire(book, "t2").comes_in("t12")
    book.ball()
    retire(book, "t12").comes_in("t4")
    replace(book, "t2", "t13")
    lose(book, 9)
    return Told(book, shows={"scores": ["0/9"], "all_out": True, "due": "innings", "can_bat": ["t12"]})


@law("1.2 a replacement who is replaced is no man short")
def the_replacement_is_replaced():
    book = replace(one_retired(), "t1", "t12")
    retire(book, "t2").comes_in("t12")
    book.ball()
    replace(book, "t12", "t13").comes_in("t13")
    replace(book, "t2", "t14")
    lose(book, 9)
    return Told(book, shows={"scores": ["0/9"], "all_out": False, "due": None})


@law("1.2 whoever is replaced and comes in again for the replacement plays on")
def replaced_and_back():
    book = replace(replace(one_retired(), "t1", "t12"), "t12", "t1")
    book.out("bowled")
    book.comes_in("t1")
    book.ball(2)
    return Told(
        book,
        shows={"scores": ["2/1"], "how": {"t1": "not out", "t2": "not out", "t3": "b 11"}},
        refused=[
            ("batters", {"striker": "t12", "non_striker": "t2"}, "PLAYER_REPLACED", REPLACED.replace("T 1", "T 12")),
        ],
    )


@law("1.2 who goes out for a replacement plays, and has not gone before")
def wrongly_replaced():
    coming = {"team": TERNS, "reason": "impact_player", "type": "match"}
    return Told(
        replace(begun(), "t1", "t12"),
        refused=[
            ("replacement", {**coming, **change}, "EVENT_IMPOSSIBLE", sentence)
            for change, sentence in (
                ({"out": "t3", "in": "t3"}, "Nobody comes in for themselves."),
                ({"out": "t1", "in": "t13"}, REPLACED),
                ({"out": "a3", "in": "t13"}, "A 3 does not play for Harbour Terns."),
                ({"out": "t3", "in": "a3"}, "A 3 plays for the other side."),
                ({"out": "t3", "in": "t2"}, "T 2 plays already."),
                ({"out": "t3", "in": "t12"}, "T 12 plays already."),
            )
        ],
    )


@law("IPL impact player: for one who is out comes another, and eleven bat")
def impact_player():
    book = begun()
    book.out("bowled")
    replace(book, "t1", "t12", "impact_player").comes_in("t12")
    lose(book, 8).ball(1)
    return Told(book, shows={"scores": ["1/9"], "all_out": False, "due": None, "can_bat": []})


@law("IPL impact player: a twelfth batter does not bat")
def twelfth_batter():
    book = begun()
    book.out("bowled")
    book.comes_in("t3")
    replace(book, "t1", "t12", "impact_player")
    retire(book, "t2").comes_in("t4")
    lose(book, 8)
    last = book.innings.striker or book.innings.non_striker
    eleven = "Harbour Terns have had their 11 batters."
    return Told(
        book,
        shows={"scores": ["0/9"], "all_out": True, "due": "innings", "can_bat": ["t2"]},
        refused=[
            ("batters", {"striker": "t12", "non_striker": last}, "BATTERS_ALL", eleven),
            ("delivery", ball("t12", last), "BATTERS_ALL", eleven),
        ],
    )


@law("1.2 a replacement after the innings changes nothing in it, and bats in the next")
def replaced_between_innings():
    book = Book(format="Test", overs=None, innings=4).start()
    book.ball()
    retire(book, "t1").comes_in("t3")
    lose(book, 9).end("all out").start(AVOCETS)
    replace(book, "t1", "t12")
    assert book.state.innings[0].all_out
    book.ball(1, bowler="t12")
    book.end("declared").start(TERNS, striker="t12")
    book.ball(6)
    return Told(
        book,
        shows={"scores": ["0/9", "1/0", "6/0"], "all_out": False, "how": {"t12": "not out", "t2": "not out"}},
        refused=[("batters", {"striker": "t1", "non_striker": "t2"}, "PLAYER_REPLACED", REPLACED)],
    )


@law("1.2 an innings that has ended stays as it was, whoever joins the side then")
def replaced_after_the_innings():
    book = lose(one_retired(), 9).end("all out")
    return Told(replace(book, "t1", "t12"), shows={"scores": ["0/9"], "all_out": True, "can_bat": []})


@law("1.2 a replacement in the field, while the other side bats, leaves nobody short")
def replaced_in_the_field():
    book = begun()
    lose(book, 10).end("all out").start(AVOCETS)
    book.ball()
    replace(book, "t11", "t12")
    return Told(book, shows={"scores": ["0/10", "0/0"], "all_out": False, "due": None})


@law("13.3.2 a side of nine is all out when eight are down")
def nine_play():
    book = Book(format="T20", overs=20)
    players = [{"key": f"t{n}", "name": f"T {n}"} for n in range(1, 10)]
    book.add("lineup", team=TERNS, players=players)
    book.start()
    lose(book, 8)
    last = book.innings.striker or book.innings.non_striker
    return Told(
        book,
        shows={"scores": ["0/8"], "all_out": True, "due": "innings", "can_bat": []},
        refused=[("delivery", ball(last, "t10"), "BATTER_UNKNOWN", "T 10 does not play for Harbour Terns.")],
    )


@law("13.3.2 a scorer who ends an innings all out is believed: the last man did not come")
def said_to_be_all_out():
    book = lose(begun(), 9).end("all out")
    return Told(book, shows={"scores": ["0/9"], "all_out": True})


@law("13.3.2 a replacement taken back makes the side all out again")
def taken_back():
    book = replace(lose(one_retired(), 9), "t1", "t12")
    book.undo(book.log[-1].key)
    return Told(book, shows={"scores": ["0/9"], "all_out": True, "due": "innings", "can_bat": ["t1"]})


@law("13.3.2 a line-up entered late is counted from then on")
def late_line_up():
    book = begun()
    lose(book, 8)
    players = [{"key": f"t{n}", "name": f"T {n}"} for n in range(1, 11)]
    book.add("lineup", team=TERNS, players=players)
    lose(book, 1)
    return Told(book, shows={"scores": ["0/9"], "all_out": True, "due": "innings", "can_bat": []})


@law("1.2 a line-up entered late names who was in a dismissal, too")
def late_names():
    book = begun()
    book.out("caught", fielders=[{"key": "a5"}])
    players = [{"key": f"a{n}", "name": f"A {n + 20}"} for n in range(1, 12)]
    book.add("lineup", team=AVOCETS, players=players)
    return Told(book, shows={"how": {"t1": "c 25 b 31", "t2": "not out"}})


# Law 33: caught


@law("33.2 a catch by the bowler is caught and bowled")
def caught_by_the_bowler():
    book = begun()
    book.out("caught", fielders=[{"key": "a11"}])
    book.comes_in("t3")
    book.out("caught", fielders=[{"key": "a5"}])
    return Told(book, shows={"scores": ["0/2"], "how": {"t1": "c & b 11", "t2": "not out", "t3": "c 5 b 11"}})
