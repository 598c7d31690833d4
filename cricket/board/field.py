"""Where the balls of an innings went, and how long they were: a wheel and a chart of lengths, as charts.py has charts.

Only what a scorer said is drawn, and a ball of which nothing was said is not there.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from cricket.board.commentary import towards
from cricket.board.view import Board, named
from cricket.engine.shots import LENGTHS, place_words, region
from cricket.engine.words import many, surname_of

RADIUS, MIDDLE, HEIGHT = 150, 168, 336
MOST_LINES = 7  # of the list beside a wheel
KINDS = {"w": "is-out", "6": "is-six", "4": "is-four"}
BOWLED = {
    "full toss": "as full tosses",
    "yorker": "as yorkers",
    "full": "full",
    "good": "on a good length",
    "short": "short",
}


class Stroke(NamedTuple):
    """A ball that went somewhere: the striker's row and hand, runs off the bat, how it is drawn, and where it went."""

    row: int
    hand: str | None
    runs: int
    kind: str
    x: int
    y: int

    @property
    def place(self) -> str:
        return place_words(self.x, self.y, self.hand)


def field_charts(board: Board, played: Sequence[Board], widths: tuple[int, int]) -> list[dict[str, Any]]:
    """The wheel and the lengths of every innings of which anything was said, drawn as wide as `widths` (wide, narrow).

    A wheel has `choose`, [(class, name)]: whose strokes can be looked at alone.
    """
    found = []
    for number, inn in enumerate(played):
        told = [(one["g"], one.get("k", "")) for over in inn["overs"] for one in over["balls"] if "g" in one]
        strokes = [
            Stroke(g[0], inn["batting"][g[0]].get("hand"), g[1], KINDS.get(kind, "is-run" if g[1] else ""), *g[5:])
            for g, kind in told
            if len(g) > 5
        ]
        if strokes:
            found.append({**wheel(inn, strokes, widths), "id": f"wheel{number}"})
        lengths = [g for g, _ in told if g[4]]
        if lengths:
            bowlers = board["teams"][1 - inn["team"]]["short"]
            found.append({**length_chart(inn, bowlers, lengths, widths), "id": f"lengths{number}"})
    return found


# --- the wheel ------------------------------------------------------------------------------------


def wheel(inn: Board, strokes: Sequence[Stroke], widths: tuple[int, int]) -> dict[str, Any]:
    """The field from the striker's end, the bowler's end at the top, with a line to where each ball went."""
    rows = sorted({one.row for one in strokes})
    drawings = [{"box": f"0 0 {width} {HEIGHT}", "shapes": wheel_shapes(strokes, rows, width)} for width in widths]
    best, runs = best_place(strokes)
    side = named(inn, inn["short"])
    everything = sum(one.runs for one in strokes)
    return {
        "title": f"{side} made {many(runs, 'run')} {towards(best)}" if best else f"Where {side} hit the ball",
        "note": "From the striker’s end, the bowler at the top. Thin: runs. Thick: a four. Dot: a six. Ring: a wicket.",
        "desc": f"{named(inn, inn['title'])}: {many(everything, 'run')} off the bat from {many(len(strokes), 'ball')} "
        "whose way a scorer has told.",
        "wide": drawings[0],
        "narrow": drawings[1],
        "head": ["Batter", "Where", "Balls", "Runs"],
        "rows": [
            [inn["batting"][row]["name"], place, str(balls), str(runs)]
            for row in rows
            for place, balls, runs in places([one for one in strokes if one.row == row])
        ],
        "choose": [("all", "Everybody"), *((f"b{row}", surname_of(inn["batting"][row]["name"])) for row in rows)]
        if len(rows) > 1
        else [],
    }


def best_place(strokes: Sequence[Stroke]) -> tuple[str | None, int]:
    """(the region with the most runs, its runs) among those that have a name; (None, 0) where none has runs."""
    runs: Counter[str] = Counter()
    for one in strokes:
        if name := region(one.x, one.y, one.hand):
            runs[name] += one.runs
    (best, most), *_ = runs.most_common(1) or [(None, 0)]
    return (best, most) if most else (None, 0)


def places(strokes: Sequence[Stroke]) -> list[tuple[str, int, int]]:
    """[(place in words, balls, runs)], most runs first."""
    balls, runs = Counter(one.place for one in strokes), Counter()
    for one in strokes:
        runs[one.place] += one.runs
    return sorted(((place, balls[place], runs[place]) for place in balls), key=lambda found: (-found[2], -found[1]))


def wheel_shapes(strokes: Sequence[Stroke], rows: Sequence[int], width: int) -> list[list[Any]]:
    """The field with its lines; beside it, where there is room, the places with the most runs."""
    roomy = width > 500
    x0 = 190 if roomy else width / 2
    shapes: list[list[Any]] = [
        ["circle", {"class": "field", "cx": f"{x0:.1f}", "cy": f"{MIDDLE}", "r": f"{RADIUS}"}, ""],
        ["rect", {"class": "pitch", "x": f"{x0 - 5:.1f}", "y": f"{MIDDLE - 34}", "width": "10", "height": "38"}, ""],
        words("Bowler", "tick", x0, 12, "middle"),
    ]
    order = ["", "is-run", "is-four", "is-six", "is-out"]
    for one in sorted(strokes, key=lambda one: order.index(one.kind)):
        x, y = x0 + one.x * RADIUS / 100, MIDDLE - one.y * RADIUS / 100
        whose = f"by b{one.row} {one.kind}".rstrip()
        line = {"class": f"spoke {whose}", "d": f"M{x0:.1f} {MIDDLE} L{x:.1f} {y:.1f}"}
        shapes.append(["path", line, ""])
        if one.kind in ("is-six", "is-out"):
            shapes.append(["circle", {"class": f"tip {whose}", "cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "4"}, ""])
    for whose, some in [("all", strokes), *((f"b{row}", [one for one in strokes if one.row == row]) for row in rows)]:
        mark = "only-all" if whose == "all" else f"only-one {whose}"
        hands = {one.hand for one in some}
        if len(hands) == 1 and None not in hands:
            right = "right" in hands
            for at, on_right in ((x0 - RADIUS - 4, False), (x0 + RADIUS + 4, True)):
                side = "Off" if right == on_right else "Leg"
                shapes.append(words(side, f"tick {mark}", at, MIDDLE, "start" if on_right else "end"))
        if roomy:
            for line, (place, balls, runs) in enumerate(places(some)[:MOST_LINES]):
                text = f"{place[0].upper()}{place[1:]}: {many(runs, 'run')} off {many(balls, 'ball')}"
                shapes.append(words(text, f"pair {mark}", 396, 70 + 30 * line, "start"))
    return shapes


def words(text: str, kind: str, x: float, y: float, anchor: str) -> list[Any]:
    return ["text", {"class": kind, "x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}, text]


# --- lengths --------------------------------------------------------------------------------------


def length_chart(inn: Board, bowlers: str, told: Sequence[list[Any]], widths: tuple[int, int]) -> dict[str, Any]:
    """Balls of each length as bars, from the batter's feet to the bowler's half, with what came of them."""
    sums = {length: [0, 0, 0] for length in LENGTHS}
    for _, _, given, taken, length, *_ in told:
        for at, value in enumerate((1, given, taken)):
            sums[length][at] += value
    rows = [(length, balls, runs, wickets) for length, (balls, runs, wickets) in sums.items() if balls]
    name, most = max(((row[0], row[1]) for row in rows), key=lambda found: found[1])
    drawings = [
        {"box": f"0 0 {width} {14 + 40 * len(rows)}", "shapes": length_shapes(rows, most, inn["team"], width)}
        for width in widths
    ]
    return {
        "title": f"{bowlers} bowled {most} of {len(told)} {BOWLED[name]}",
        "note": f"To {named(inn, inn['short'])}, as far as a scorer has told; runs and wickets are the bowler’s.",
        "desc": ". ".join(f"{length_name(length)}: {figures(*row)}" for length, *row in rows) + ".",
        "wide": drawings[0],
        "narrow": drawings[1],
        "head": ["Length", "Balls", "Runs", "Wickets"],
        "rows": [[length_name(row[0]), *map(str, row[1:])] for row in rows],
    }


def length_name(length: str) -> str:
    return "Good length" if length == "good" else length.capitalize()


def figures(balls: int, runs: int, wickets: int) -> str:
    return f"{many(balls, 'ball')}, {many(runs, 'run')}" + (f", {many(wickets, 'wicket')}" if wickets else "")


def length_shapes(rows: Sequence[tuple[str, int, int, int]], most: int, batting: int, width: int) -> list[list[Any]]:
    shapes = []
    for at, (length, *row) in enumerate(rows):
        top = 10 + at * 40
        bar = {"class": f"col s{2 - batting}", "x": "4", "y": f"{top + 16}", "height": "10"}
        shapes.append(words(length_name(length), "pair", 4, top + 10, "start"))
        shapes.append(words(figures(*row), "pair", width - 4, top + 10, "end"))
        shapes.append(["rect", {**bar, "width": f"{(width - 8) * row[0] / most:.1f}"}, ""])
    return shapes
