"""Where a ball went and how long it was: told after the ball, and never a figure of the match."""

from tests.support.laws import Told, law
from tests.support.scorebook import Book

RIGHT = {"player": "t1", "hand": "right"}
LEFT = {"player": "t1", "hand": "left"}


def begun(*runs):
    """A book after these balls, and the keys of the balls."""
    book = Book(format="T20", overs=20).start()
    return book, [book.ball(bat) for bat in runs]


@law("shot: a part of it at a time, and the later word holds")
def in_parts():
    book, (first, second) = begun(4, 0)
    book.add("shot", of=first, x=60, y=50, hand=RIGHT)
    book.add("shot", of=first, length="full")
    book.add("shot", of=second, length="yorker")
    book.add("shot", of=second, length="good", x=0, y=-70)
    return Told(book, shows={"scores": ["4/0"], "shots": [[60, 50, "full", "cover"], [0, -70, "good", "behind"]]})


@law("shot: a part is taken away again")
def taken_away():
    book, (first, second) = begun(4, 0)
    book.add("shot", of=first, x=60, y=50, length="full", hand=RIGHT)
    book.add("shot", of=first, length=None)
    book.add("shot", of=second, length="good")
    book.add("shot", of=second, length=None)
    return Told(book, shows={"shots": [[60, 50, None, "cover"]]})


ROUND = ((30, 60), (60, 30), (60, -30), (30, -60), (-30, -60), (-60, -30), (-60, 30), (-30, 60), (10, 99), (-10, -99))


def all_round(hand, *regions):
    """A ball to each part of the field; the hand is said once, with the last."""
    book, balls = begun(*[0] * len(ROUND))
    for key, (x, y) in zip(balls, ROUND, strict=True):
        book.add("shot", of=key, x=x, y=y)
    if hand:
        book.add("shot", of=balls[0], hand={"player": "t1", "hand": hand})
    shown = [[x, y, None, region] for (x, y), region in zip(ROUND, regions, strict=True)]
    return Told(book, shows={"shots": shown})


OFF = ("mid-off", "cover", "point", "third")
LEG = ("mid-on", "midwicket", "square leg", "fine leg")


@law("shot: where the hand is not known only straight and behind have a name")
def hand_unknown():
    sides = ("in front", "ahead of square", "behind square", "fine")
    right, left = ([f"{side}, on the {where}" for side in sides] for where in ("right", "left"))
    return all_round(None, *right, *reversed(left), "straight", "behind")


@law("shot: the off side is on a right-hander's right")
def right_hand():
    return all_round("right", *OFF, *reversed(LEG), "straight", "behind")


@law("shot: the off side is on a left-hander's left")
def left_hand():
    return all_round("left", *LEG, *reversed(OFF), "straight", "behind")


@law("shot: undo takes back the tap, and the ball only after it")
def undone():
    book, (first,) = begun(4)
    book.add("shot", of=first, length="full")
    tap = book.add("shot", of=first, x=60, y=50, hand=RIGHT)
    book.undo(tap)
    return Told(book, shows={"scores": ["4/0"], "shots": [[None, None, "full", None]]})


@law("shot: a ball put right keeps it, one taken out loses it")
def corrected():
    book, (first, second, third) = begun(4, 2, 2)
    for key in (first, second, third):
        book.add("shot", of=key, x=60, y=50, hand=RIGHT)
    body = next(event.body for event in book.log if event.key == first)
    book.correct({"of": first, "body": {**body, "bat": 2}})
    book.correct({"of": second, "delete": True})
    return Told(book, shows={"scores": ["4/0"], "shots": [[60, 50, None, "cover"]] * 2})


@law("shot: it changes neither score nor strike nor what is due, and comes after the over or the match as well")
def only_told():
    book = Book(format="T20", overs=1).start().balls(0, 0, 0, 0, 0)
    last = book.ball(1)
    book.add("over_end")
    book.add("shot", of=last, length="short")
    book.end()
    book.add("match_end", reason="no further play")
    book.add("shot", of=last, x=-20, y=20, hand=LEFT)
    return Told(book, shows={"scores": ["1/0"], "due": None, "shots": [[-20, 20, "short", "cover"]]})


@law("shot: what is not there, or off the field, cannot be told of")
def refusals():
    book, (first,) = begun(4)
    gone = "The ball that this is about is not there."
    whole = "“shot” is not complete or not right: it needs "
    return Told(
        book,
        refused=[
            ("shot", {"of": "elsewhere", "length": "full"}, "SHOT_UNKNOWN", gone),
            ("shot", {"of": first}, "EVENT_SHAPE", f"{whole}“x” and “y” together, or a length."),
            ("shot", {"of": first, "x": 4}, "EVENT_SHAPE", f"{whole}“x” and “y” together, or a length."),
            ("shot", {"of": first, "x": None}, "EVENT_SHAPE", f"{whole}“x” and “y” together, or a length."),
            ("shot", {"of": first, "x": 90, "y": 90}, "EVENT_SHAPE", f"{whole}a place inside the boundary."),
        ],
        early=False,
    )
