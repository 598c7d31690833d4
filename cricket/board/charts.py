"""The charts of a match as plain shapes: [tag, attributes, text] in a box of a given width.

A title says what was found, `desc` says it again in figures, and the page puts a table behind each.
"""

from collections.abc import Callable, Sequence
from typing import Any

from cricket.board.field import field_charts
from cricket.board.view import Board

Chart = dict[str, Any]  # see charts()
Table = tuple[list[str], list[list[str]]]  # its head and its rows
Shape = list[Any]  # [element, {attribute: value}, text]

HEIGHT = 260
WIDE, NARROW = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 14, 28


def charts(board: Board) -> list[Chart]:
    """[{id, title, note, desc, wide and narrow {box, shapes}, head, rows}] for what there is to draw; none before the
    first ball and none for cards from paper. `head` and `rows` are the same as a table; `choose` is as field_charts has
    it.
    """
    played = [inn for inn in board["innings"] if inn["overs"] and not inn["super"]]
    if not played:
        return []
    found = []
    for draw, table in ((worm, worm_table), (manhattan, overs_table), (run_rate, rate_table), (stands, stands_table)):
        wide, narrow = draw(board, played, WIDE), draw(board, played, NARROW)
        if wide and narrow:
            head, rows = table(board, played)
            both = {
                "wide": {"box": wide.pop("box"), "shapes": wide.pop("shapes")},
                "narrow": {"box": narrow["box"], "shapes": narrow["shapes"]},
            }
            found.append({**wide, **both, "head": head, "rows": rows})
    return [*found, *field_charts(board, played, (WIDE, NARROW))]


def worm_table(board: Board, played: Sequence[Board]) -> Table:
    return ["Balls" if board["unit"] == "ball" else "Over", *(named(inn) for inn in played)], [
        [
            over_name(board, at),
            *(
                f"{inn['overs'][at]['z'][2]}/{inn['overs'][at]['z'][3]}" if at < len(inn["overs"]) else ""
                for inn in played
            ),
        ]
        for at in range(max(len(inn["overs"]) for inn in played))
    ]


def overs_table(board: Board, played: Sequence[Board]) -> Table:
    return ["Balls" if board["unit"] == "ball" else "Over", *(named(inn) for inn in played)], [
        [
            over_name(board, at),
            *(runs_and_wickets(inn["overs"][at]) if at < len(inn["overs"]) else "" for inn in played),
        ]
        for at in range(max(len(inn["overs"]) for inn in played))
    ]


def rate_table(board: Board, played: Sequence[Board]) -> Table:
    paths = [points(inn, board) for inn in played]
    return ["Balls" if board["unit"] == "ball" else "Over", *(named(inn) for inn in played)], [
        [
            over_name(board, at),
            *(
                hundredths(path[at + 1][1] / path[at + 1][0]) if at + 1 < len(path) and path[at + 1][0] else ""
                for path in paths
            ),
        ]
        for at in range(max(len(path) for path in paths) - 1)
    ]


def stands_table(board: Board, played: Sequence[Board]) -> Table:
    inn = [one for one in played if one["stands"]][-1]
    return ["Batters", "Of them", "Runs", "Balls"], [
        [
            " and ".join(one["pair"]),
            " and ".join(str(runs) for runs in one["by"]),
            f"{one['n'][0]}{'*' if one['open'] else ''}",
            str(one["n"][1]),
        ]
        for one in inn["stands"]
    ]


def named(inn: Board) -> str:
    return f"{inn['short']}{', ' + inn['which'].lower() if inn['which'] else ''}"


def over_name(board: Board, at: int) -> str:
    return str((at + 1) * 5) if board["unit"] == "ball" else str(at + 1)


def runs_and_wickets(over: Board) -> str:
    runs, wickets = over["z"][:2]
    return f"{runs}, {wickets} {'wicket' if wickets == 1 else 'wickets'}" if wickets else str(runs)


def worm(board: Board, played: Sequence[Board], width: int) -> Chart:
    """Runs against overs, a line for each innings."""
    longest = max(max(len(inn["overs"]) for inn in played), limit_of(board, played[0]))
    most = ceiling(max(max(points(inn, board)[-1][1] for inn in played), played[-1]["target"] or 0))
    x, y = scale(width, longest), rise(most)
    shapes = grid(board, width, longest, most)
    names = []
    for inn in played:
        series = "s1" if inn["team"] == 0 else "s2"
        path = points(inn, board)
        shapes.append(
            [
                "path",
                {
                    "class": f"line {series}{' is-again' if inn['which'] == '2nd innings' else ''}",
                    "d": "M" + " L".join(f"{fixed(x(a))} {fixed(y(b))}" for a, b in path),
                },
                "",
            ]
        )
        for at, over in enumerate(inn["overs"]):
            if over["z"][1]:
                shapes.append(
                    [
                        "circle",
                        {
                            "class": f"wicket {series}",
                            "cx": fixed(x(path[at + 1][0])),
                            "cy": fixed(y(path[at + 1][1])),
                            "r": "4.5",
                        },
                        "",
                    ]
                )
        end = path[-1]
        if inn is played[-1] and inn["open"] and board["phase"] != "over":
            shapes.append(["circle", {"class": "now", "cx": fixed(x(end[0])), "cy": fixed(y(end[1])), "r": "5"}, ""])
        names.append((series, f"{inn['short']} {end[1]}", x(end[0]), y(end[1])))
    shapes += labels(names, width)
    return {
        "id": "worm",
        "title": worm_title(board, played),
        "note": "Runs after every five balls. A ring is a wicket."
        if board["unit"] == "ball"
        else "Runs after each over. A ring is an over with a wicket.",
        "desc": worm_words(board, played),
        "box": f"0 0 {width} {HEIGHT}",
        "shapes": shapes,
    }


def worm_title(board: Board, played: Sequence[Board]) -> str:
    inn = played[-1]
    if not board["limited"] and len(played) > 1:
        return board["status"]
    if len(played) == 1:
        return (
            f"{inn['short']} score at {inn['rate']} an over"
            if inn["rate"] and board["unit"] == "over"
            else f"{inn['short']} have {inn['score']}"
        )
    other = played[-2]
    at, runs = points(inn, board)[-1]
    ahead = runs - runs_at(other, board, at)
    if inn["open"] and board["phase"] != "over":
        if not ahead:
            return f"{inn['short']} are level with {of(other['short'])} pace"
        return f"{inn['short']} are {abs(ahead)} {'ahead of' if ahead > 0 else 'behind'} {of(other['short'])} pace"
    return f"{inn['short']} made {inn['score']}, {other['short']} {other['score']}"


def worm_words(board: Board, played: Sequence[Board]) -> str:
    return " ".join(
        f"{inn['title']}{' ' + inn['which'].lower() if inn['which'] else ''}: {inn['score']} after "
        f"{extent_words(board, inn)}."
        for inn in played
    )


def extent_words(board: Board, inn: Board) -> str:
    return f"{inn['bowled']} {board['unit'] if inn['bowled'] == '1' else board['unit'] + 's'}"


def manhattan(board: Board, played: Sequence[Board], width: int) -> Chart:
    """Runs in each over: both innings of a limited match side by side, else the newest one."""
    some = played[-2:] if board["limited"] else played[-1:]
    longest = max(max(len(inn["overs"]) for inn in some), limit_of(board, some[0]))
    most = ceiling(max(over["z"][0] for inn in some for over in inn["overs"]))
    x, y = scale(width, longest), rise(most)
    shapes = grid(board, width, longest, most)
    slot = x(1) - x(0)
    bar = slot * (0.84 / len(some))
    for place, inn in enumerate(some):
        series = "s1" if inn["team"] == 0 else "s2"
        for at, over in enumerate(inn["overs"]):
            runs, wickets = over["z"][:2]
            left = x(at) + slot * 0.08 + bar * place
            if runs:
                shapes.append(
                    [
                        "rect",
                        {
                            "class": f"col {series}",
                            "x": fixed(left),
                            "y": fixed(y(runs)),
                            "width": fixed(bar),
                            "height": fixed(y(0) - y(runs)),
                        },
                        "",
                    ]
                )
            for one in range(wickets):
                shapes.append(
                    [
                        "circle",
                        {
                            "class": f"wicket {series}",
                            "cx": fixed(left + bar / 2),
                            "cy": fixed(y(runs) - 7 - 9 * one),
                            "r": fixed(min(4, max(2, bar / 2 + 1))),
                        },
                        "",
                    ]
                )
    dear = max(
        ((over["z"][0], at, inn) for inn in some for at, over in enumerate(inn["overs"])), key=lambda found: found[0]
    )
    unit = f"balls {dear[1] * 5 + 1} to {(dear[1] + 1) * 5}" if board["unit"] == "ball" else f"over {dear[1] + 1}"
    title = f"{dear[2]['short']} took {dear[0]} from {unit}"
    desc = (
        f"The most runs in {'a set of five' if board['unit'] == 'ball' else 'an over'} were {dear[0]}, by "
        f"{dear[2]['title']} ({unit})."
    )
    note = (
        " ".join(f"{inn['short']} {'hollow' if inn['team'] == 0 else 'solid'}." for inn in some)
        + " A ring is a wicket."
    )
    return {"id": "overs", "title": title, "note": note, "desc": desc, "box": f"0 0 {width} {HEIGHT}", "shapes": shapes}


def run_rate(board: Board, played: Sequence[Board], width: int) -> Chart | None:
    """Runs an over after each over."""
    some = played[-2:]
    longest = max(max(len(inn["overs"]) for inn in some), limit_of(board, some[0]))
    lines = [[(at, runs / at) for at, runs in points(inn, board)[1:] if at] for inn in some]
    if not all(lines):
        return None
    # The first balls would stretch the picture: what lies above its ceiling is cut at it.
    most = ceiling(max(max(rate for at, rate in path if at >= min(2, path[-1][0])) for path in lines))
    x, y = scale(width, longest), rise(most)
    shapes, names = grid(board, width, longest, most), []
    for inn, path in zip(some, lines, strict=True):
        series = "s1" if inn["team"] == 0 else "s2"
        shapes.append(
            [
                "path",
                {
                    "class": f"line {series}",
                    "d": "M" + " L".join(f"{fixed(x(a))} {fixed(y(min(b, most)))}" for a, b in path),
                },
                "",
            ]
        )
        names.append([series, f"{inn['short']} {hundredths(path[-1][1])}", x(path[-1][0]), y(min(path[-1][1], most))])
    shapes += labels(names, width)
    inn, need = some[-1], board["now"]["need"].get("rrr")
    each = "every five balls" if board["unit"] == "ball" else "an over"
    title = (
        f"{inn['short']} go at {inn['rate']} {each} and need {need}"
        if need
        else f"{inn['short']} {'go' if inn['open'] else 'went'} at {inn['rate']} {each}"
    )
    return {
        "id": "rate",
        "title": title,
        "note": f"Runs {each}, after each over." if board["unit"] == "over" else "Runs every five balls.",
        "desc": title + ".",
        "box": f"0 0 {width} {HEIGHT}",
        "shapes": shapes,
    }


def stands(board: Board, played: Sequence[Board], width: int) -> Chart | None:
    """The partnerships of the newest innings as bars: what each of the two scored, and extras between."""
    some = [inn for inn in played if inn["stands"]]
    if not some:
        return None
    inn = some[-1]
    rows = [one for one in inn["stands"] if len(one["pair"]) == 2]
    if not rows:
        return None
    best = max(rows, key=lambda one: one["n"][0])
    most = max(1, best["n"][0])
    middle, shapes, row = width / 2, [], 34
    reach = middle - 12
    for at, one in enumerate(rows):
        top = 10 + at * row
        first, second = one["by"]
        runs = one["n"][0]
        size = reach * 2 * runs / most / 2
        share = first / (first + second) if first + second else 0.5
        start = middle - size
        shapes.append(
            [
                "text",
                {"class": "pair", "x": "4", "y": fixed(top + 10), "text-anchor": "start"},
                f"{one['pair'][0]} {first}",
            ]
        )
        shapes.append(
            [
                "text",
                {"class": "pair", "x": fixed(width - 4), "y": fixed(top + 10), "text-anchor": "end"},
                f"{one['pair'][1]} {second}",
            ]
        )
        shapes.append(
            [
                "text",
                {"class": "pair total", "x": fixed(middle), "y": fixed(top + 10), "text-anchor": "middle"},
                f"{runs}{'*' if one['open'] else ''}",
            ]
        )
        if runs:
            shapes.append(
                [
                    "rect",
                    {
                        "class": "col s1",
                        "x": fixed(start),
                        "y": fixed(top + 15),
                        "width": fixed(size * 2 * share),
                        "height": "8",
                    },
                    "",
                ]
            )
            shapes.append(
                [
                    "rect",
                    {
                        "class": "col s2",
                        "x": fixed(start + size * 2 * share),
                        "y": fixed(top + 15),
                        "width": fixed(size * 2 * (1 - share)),
                        "height": "8",
                    },
                    "",
                ]
            )
    names = " and ".join(best["pair"])
    going = "have added" if best["open"] else "added"
    title = f"{names} {going} {best['n'][0]}"
    note = f"{inn['short']}: each stand by its two batters; the figure between them counts extras too."
    return {
        "id": "stands",
        "title": title,
        "note": note,
        "desc": f"{title}, the largest of {len(rows)} {'stand' if len(rows) == 1 else 'stands'}.",
        "box": f"0 0 {width} {14 + row * len(rows)}",
        "shapes": shapes,
    }


# --- drawing --------------------------------------------------------------------------------------


def points(inn: Board, board: Board) -> list[tuple[float, int]]:
    """[(overs bowled, runs)…] from the start to now; the over in play ends where its last ball is."""
    found: list[tuple[float, int]] = [(0, 0)]
    for at, over in enumerate(inn["overs"]):
        legal = sum(1 for one in over["balls"] if not one["t"].endswith(("wd", "nb")))
        found.append((at + 1 if "e" in over else at + min(legal, board["per"]) / board["per"], over["z"][2]))
    return found


def runs_at(inn: Board, board: Board, overs: float) -> float:
    """The runs an innings had after so many overs."""
    whole = int(overs)
    path = points(inn, board)
    if whole >= len(path) - 1:
        return path[-1][1]
    over, legal, runs = inn["overs"][whole], 0, path[whole][1]
    wanted = (overs - whole) * board["per"]
    for one in over["balls"]:
        if legal >= wanted - 0.01:
            break
        legal += 0 if one["t"].endswith(("wd", "nb")) else 1
        runs += token_runs(one["t"])
    return runs


def token_runs(token: str) -> int:
    """The runs that a ball's token shows."""
    figures = token.rstrip("Wabcdefghijklmnopqrstuvwxyz•")
    return int(figures) if figures else (1 if token in ("wd", "nb") else 0)


def limit_of(board: Board, inn: Board) -> int:
    """The overs that an innings may last, 0 without a limit."""
    if not inn["limit"]:
        return 0
    whole = int(str(inn["limit"]).split(".")[0])
    return whole // 5 if board["unit"] == "ball" else whole


def ceiling(value: float) -> float:
    """A round figure at or above the value, to end an axis with."""
    for step in (4, 8, 12, 16, 20, 24, 28, 32, 40, 60, 80, 100, 120, 160, 200, 240, 280, 320, 400, 480, 600, 800):
        if value <= step:
            return step
    return (int(value) // 200 + 1) * 200


def scale(width: int, longest: float) -> Callable[[float], float]:
    """Overs → x."""
    return lambda value: LEFT + (width - LEFT - RIGHT) * value / longest


def rise(most: float) -> Callable[[float], float]:
    """Runs → y."""
    return lambda value: HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / most


def grid(board: Board, width: int, longest: int, most: float) -> list[Shape]:
    """The axes: runs upwards, overs (or balls) along."""
    shapes, y, x = [], rise(most), scale(width, longest)
    for part in range(5):
        value = most * part / 4
        shapes.append(
            ["path", {"class": "grid" if part else "base", "d": f"M{LEFT} {fixed(y(value))}H{width - RIGHT}"}, ""]
        )
        shapes.append(
            [
                "text",
                {"class": "tick", "x": f"{LEFT - 6}", "y": fixed(y(value) + 4), "text-anchor": "end"},
                figure(value),
            ]
        )
    step = next(each for each in (1, 2, 5, 10, 20, 25, 50, 100, 1000) if longest / each <= (8 if width > 500 else 5))
    for over in range(step, longest + 1, step):
        shapes.append(
            [
                "text",
                {"class": "tick", "x": fixed(x(over)), "y": f"{HEIGHT - 8}", "text-anchor": "middle"},
                f"{over * 5 if board['unit'] == 'ball' else over}",
            ]
        )
    return shapes


def labels(names: Sequence[tuple[str, str, float, float]], width: int) -> list[Shape]:
    """The name of each line at its end, moved apart where two would cover each other; to the right of a line that has
    only begun.
    """
    shapes, taken = [], []
    for series, words, x, y in names:
        at = max(12, y - 8)
        while any(abs(at - other) < 15 for other in taken):
            at += 15
        taken.append(at)
        place = (
            {"x": fixed(x + 9), "text-anchor": "start"}
            if x < width / 2
            else {"x": fixed(min(x, width - RIGHT)), "text-anchor": "end"}
        )
        shapes.append(["text", {"class": f"name {series}", "y": fixed(at), **place}, words])
    return shapes


def figure(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.1f}"


def fixed(value: float) -> str:
    """One place after the point, rounded half up."""
    return f"{int(value * 10 + 0.5) / 10:.1f}"


def hundredths(value: float) -> str:
    """Two places after the point, rounded half up."""
    whole = int(value * 100 + 0.5)
    return f"{whole // 100}.{whole % 100:02d}"


def of(name: str) -> str:
    """A name in the genitive."""
    return f"{name}’" if name.endswith("s") else f"{name}’s"
