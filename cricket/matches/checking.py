"""Two scorers check that their books agree (Law 3.2): the second's totals at each over's end are kept beside the log
of the match and compared with it. Nothing is changed by itself: who is right is for people to find out.
"""

from typing import Any

from cricket.engine.shapes import KEY, Check, Misshapen, list_of, number, record
from cricket.engine.totals import FIGURES, differences, totals
from cricket.matches import log
from database import call
from refusals import Refused, sentences

BATCH = 100  # overs in one request
MOST_INNINGS = 30
MOST_OVERS = 1000  # of one book; five days of 90 overs are 450

FIGURE = number(0, 100_000)


def _row(figures: int) -> Check:
    """A list of a player's key and so many figures."""

    def check(value: Any) -> None:
        list_of(lambda _: None, figures + 1, figures + 1)(value)
        KEY(value[0])
        list_of(FIGURE, figures)(value[1:])

    return check


PLACE = {"innings": number(0, MOST_INNINGS - 1), "over": number(1, MOST_OVERS)}
LINE = record(**PLACE, **dict.fromkeys(FIGURES, FIGURE), batters=list_of(_row(2), 2, 2), bowler=_row(3))
BOOK = record(
    begun=record(innings=number(0, MOST_INNINGS), over=number(0, MOST_OVERS)),
    overs=list_of(number(0, MOST_OVERS), MOST_INNINGS),
    totals=list_of(LINE, BATCH),
)

sentences({"MALFORMED.totals": "These are not the totals of a second scorer's book."})


def keep(match_id: int, sent: Any) -> None:
    """Keep what a second scorer's book says: {"begun": {"innings", "over"}, "overs": [finished overs of each innings],
    "totals": [those that are new or changed, as engine.totals gives them]}.

    Sending the same again changes nothing; what the book has no more (an over that was taken back, one before it was
    begun) is dropped. Refused MALFORMED, NOT_A_SCORER.
    """
    begun, overs, found = read(sent)
    call("app.keep_second_book", match_id, begun, overs, found)


def close(match_id: int) -> None:
    """The second scorer stops: the book is compared no more."""
    call("app.close_second_book", match_id)


def standing(match_id: int) -> dict[str, Any]:
    """How the books of this match stand: {"seq", "checks": [one of each second scorer, who sent last first]}.

    A check is {"name", "mine", "begun", "agreed", "waiting", "differs"}: `agreed` the newest over on which both agree,
    `waiting` the first one that the match has not finished, each {"innings", "over"} or None; `differs` the first
    over that does, {"innings", "over", "match", "second", "figures": differences()}, or None. Refused NOT_A_SCORER.
    """
    books = call("app.second_books", match_id)
    ours: dict[tuple[int, int], dict[str, Any]] = {}
    if any(book.totals for book in books):
        scored = log.borrow(match_id)
        ours = {(line["innings"], line["over"]): line for innings in scored.state.innings for line in totals(innings)}
        log.keep(scored)
    return {
        "seq": log.snapshot_seq(match_id),
        "checks": [
            {"name": book.name, "mine": book.mine, "begun": book.begun, **compared(ours, book.totals)} for book in books
        ],
    }


def compared(ours: dict[tuple[int, int], dict[str, Any]], theirs: dict[str, Any]) -> dict[str, Any]:
    """What standing() says of one book: up to the first over that the match has not finished, or that differs."""
    agreed = None
    for line in sorted(theirs.values(), key=lambda line: (line["innings"], line["over"])):
        at = {"innings": line["innings"], "over": line["over"]}
        match = ours.get((line["innings"], line["over"]))
        if match is None:
            return {"agreed": agreed, "waiting": at, "differs": None}
        figures = differences(match, line)
        if figures:
            differs = {**at, "match": match, "second": line, "figures": figures}
            return {"agreed": agreed, "waiting": None, "differs": differs}
        agreed = at
    return {"agreed": agreed, "waiting": None, "differs": None}


def read(sent: Any) -> tuple[dict[str, int], list[int], dict[str, Any]]:
    """(begun, overs, {"innings.over": totals}) of what a console sent. Raises Refused MALFORMED."""
    try:
        BOOK(sent)
    except Misshapen:
        raise Refused("MALFORMED.totals", status=422) from None
    overs, lines = sent["overs"], sent["totals"]
    if sum(overs) > MOST_OVERS or any(
        line["innings"] >= len(overs) or line["over"] > overs[line["innings"]] for line in lines
    ):
        raise Refused("MALFORMED.totals", status=422)
    return sent["begun"], overs, {f"{line['innings']}.{line['over']}": line for line in lines}
