"""The view of a match: what its pages show of a board, as words and figures ready to stand where a template names them.

The browser binds it and computes nothing. It is shaped so that a ball changes few and short things: rows stand in
mappings whose keys are their places ("0", "1", …), what is empty is left out, nothing holds null, and a sentence of
several figures stands in the template.

    badge, tag, status, day, say, best, replay, credit, verdict, facts{} {k, v}, teams[] {players[] {name, role},
    changes[]} cards{} an innings each, in order of play: heading, short, score, bowled, unit, rate, extras [total,
    text], yet, yet_label,
                 batting{} {key, name, how, row, n[]}, bowling{} {key, name, n[]}, stands{} {w, pair, by, runs, balls},
                 fow{} {s, p, o}, overs{} {n, by, runs, wickets, score, lines{} (see ball_line), end {n, e, f, s}},
                 powerplays, reviews, first, second, labels
    and once there is an innings: at (its place in cards), heading, score, said, target, power, free, earlier{}
    {name, score, overs}, live, charts, bat{} {key, name, on, runs, balls, more}, bowl{} {key, name, label, w, r,
    overs, more}, over {title, balls{} {t, c, say}}, rates{} {k, v}, stand, last. `charts` changes when the charts
    are to be fetched again: once an over.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from cricket.engine.words import many

Board = dict[str, Any]  # a document of JSON values, or a part of one: an innings, an over, a ball

VIEW_VERSION = 2  # of the document's shape; a kept body of another version is made anew
OVERS_SHOWN = 4
SHOWS = ("all", "wickets", "boundaries", "reviews")
CLASSES = {"w": "is-wicket", "4": "is-four", "6": "is-six", "x": "is-extra", ".": "is-dot"}
EXTRAS = {
    "wd": ("wide", "wides"),
    "nb": ("no-ball", "runs off a no-ball"),
    "lb": ("leg bye", "leg byes"),
    "b": ("bye", "byes"),
    "p": ("penalty run", "penalty runs"),
}
SIGNALS = {
    "w": "sig-out",
    "4": "sig-four",
    "6": "sig-six",
    "wd": "sig-wide",
    "nb": "sig-noball",
    "lb": "sig-legbye",
    "b": "sig-bye",
}
BADGES = {"live": "Live", "break": "Live", "toss": "Soon", "before": "Soon", "over": "Result"}


def view(board: Board) -> Board:
    """The view of a board, see above; a new document each time."""
    info, at = board["info"], board["at"]
    badge = "Replay" if info["replay"] and board["phase"] in ("live", "break") else BADGES[board["phase"]]
    drawn = {
        "badge": badge,
        "tag": "is-live" if badge in ("Live", "Replay") else "",
        **{name: board[name] for name in ("status", "day", "say")},
        **{name: info[name] for name in ("replay", "credit", "verdict")},
        "best": " and ".join(info["best"]),
        "facts": rows({"k": label, "v": words} for label, words in info["rows"]),
        "teams": [{"players": team["players"], "changes": team["changes"]} for team in board["teams"]],
        "cards": rows(card(board, inn) for inn in board["innings"]),
    }
    return drawn if at is None else drawn | at_the_wicket(board, at)


def at_the_wicket(board: Board, at: int) -> Board:
    """What is so in the innings that is shown: the header of the match centre and the big screen."""
    inn, now = board["innings"][at], board["now"]
    drawn = {
        "at": str(at),
        "heading": named(inn, inn["short"]),
        "score": inn["score"].removesuffix(" dec").replace("forfeited", "0"),
        "said": said(inn["score"]),
        "target": str(inn["target"] or ""),
        "earlier": rows(
            {"name": named(one, one["short"]), "score": one["score"], "overs": f"({one['bowled']})"}
            for one in board["innings"][:at]
        ),
        "bat": batters(board, inn, now),
        "bowl": bowlers(board, inn, now),
        "rates": rows(rates(board, inn, now)),
        "last": last(inn, now),
        "live": inn["open"] and board["phase"] != "over",
        "charts": f"{at}.{sum('e' in over for over in inn['overs'])}{'+' if inn['overs'] else ''} {board['phase']}",
    }
    if inn["open"]:
        drawn |= {
            "power": now["power"],
            "free": "Free hit" if now["free"] else "",
            "stand": stand(inn),
            "over": this_over(board, inn),
        }
    return drawn


def rows(items: Iterable[Any]) -> dict[str, Any]:
    """Rows by their places, so that a patch names one row and not the list."""
    return {str(place): item for place, item in enumerate(items)}


def filled(**fields: Any) -> dict[str, Any]:
    """The fields that hold something."""
    return {name: value for name, value in fields.items() if value != ""}


def named(inn: Board, name: str) -> str:
    """A side's name with the innings where a side bats twice: "Terns, 2nd innings"."""
    return f"{name}, {inn['which'].lower()}" if inn["which"] else name


def said(score: str) -> str:
    """A score as it is spoken: "157 for 6"."""
    return score.replace("/", " for ").replace(" dec", " declared")


def batters(board: Board, inn: Board, now: Board) -> dict[str, Board]:
    """Who is in, by the row of the card; once the match is over, its two highest scores.

    Pages put who is on strike first.
    """
    if board["phase"] != "over":
        return {
            str(row): batter(inn, row, row == now["bat"][0]) for row in sorted(r for r in now["bat"] if r is not None)
        }
    found = [(one, at) for one in board["innings"] if not one["super"] for at in range(len(one["batting"]))]
    best = sorted(found, key=lambda found: -int(found[0]["batting"][found[1]]["n"][0].rstrip("*")))[:2]
    return rows({**batter(one, at, False), "key": f"{place}"} for place, (one, at) in enumerate(best))


def bowlers(board: Board, inn: Board, now: Board) -> dict[str, Board]:
    """Who bowls ("0") and who bowled before ("1"); once the match is over, its two best figures."""
    if board["phase"] != "over":
        both = enumerate((now["bowl"], now["prev"]))
        return {str(place): bowler(board, inn, row, place) for place, row in both if row is not None and inn["open"]}
    found = [
        (one, at)
        for one in board["innings"]
        if not one["super"]
        for at in range(len(one["bowling"]))
        if one["bowling"][at]["n"][3]
    ]
    best = sorted(
        found, key=lambda found: (-found[0]["bowling"][found[1]]["n"][3], found[0]["bowling"][found[1]]["n"][2])
    )[:2]
    return rows({**bowler(board, one, at, 0), "key": f"{place}", "label": ""} for place, (one, at) in enumerate(best))


def batter(inn: Board, row: int, on_strike: bool) -> Board:
    """A batter's row: {key, name, on, runs, balls, more}; `row` is the place in the card."""
    found = inn["batting"][row]
    runs, balls, fours, sixes, rate = found["n"]
    bounds = ", ".join(f"{count} × {name}" for count, name in ((fours, "4"), (sixes, "6")) if count)
    return {
        "key": found["key"],
        "name": found["name"],
        "on": "on-strike" if on_strike else "",
        "runs": runs.rstrip("*"),
        "balls": many(balls, "ball"),
        "more": " · ".join(part for part in (bounds, f"SR {rate}" if rate else "") if part),
    }


def bowler(board: Board, inn: Board, row: int, place: int) -> Board:
    """A bowler's row: {key, name, label, w, r, overs, more}; `place` 0 bowls, 1 bowled before."""
    found = inn["bowling"][row]
    overs, maidens, runs, wickets, economy = found["n"][:5]
    more = (many(maidens, "maiden") if maidens else "", f"econ {economy}" if economy else "", found.get("off", ""))
    return {
        "key": f"{place}{found['key']}",
        "name": found["name"],
        "label": "Bowling" if place == 0 else "Before",
        "w": wickets,
        "r": runs,
        "overs": f"{overs} {unit_of(board, overs)}",
        "more": " · ".join(part for part in more if part),
    }


def unit_of(board: Board, extent: str) -> str:
    """over or overs, ball or balls, for so many of them."""
    return board["unit"] if extent == "1" else f"{board['unit']}s"


def this_over(board: Board, inn: Board) -> Board:
    """The balls of the over in play, and how many are to come."""
    unit = "set" if board["unit"] == "ball" else "over"
    if not inn["overs"]:
        return {"title": f"First {unit}", "balls": rows([TO_COME] * board["per"])}
    over = inn["overs"][-1]
    runs, wickets = over["z"][:2]
    gave = many(runs, "run") + (f" and {many(wickets, 'wicket')}" if wickets else "")
    done = "e" in over
    left = 0 if done else max(0, board["per"] - sum(not is_extra_ball(one["t"]) for one in over["balls"]))
    return {
        "title": f"{'Last' if done else 'This'} {unit}, {gave}",
        "balls": rows([ball(one) for one in over["balls"]] + [TO_COME] * left),
    }


TO_COME = {"t": "", "c": "is-next", "say": "to come"}


def is_extra_ball(token: str) -> bool:
    """Does this ball not count towards the over?

    Wickets off a wide are written as wickets; the count of what is to come is only a hint.
    """
    return token.endswith(("wd", "nb"))


def ball(one: Board) -> Board:
    """{t: token, c: what it looks like, say: the token as it is spoken}."""
    return {"t": one["t"], **filled(c=ball_class(one)), "say": spoken(one["t"]) + (", free hit" if "h" in one else "")}


def ball_class(one: Board) -> str:
    return " ".join(part for part in (CLASSES.get(one.get("k", "")), "is-long" if len(one["t"]) > 1 else "") if part)


def spoken(token: str) -> str:
    """A ball's token as a screen reader says it."""
    if token == "•":
        return "no run"
    figures = token.rstrip("Wabcdefghijklmnopqrstuvwxyz")
    mark = token[len(figures) :]
    count = int(figures or 0)
    if mark == "W":
        return f"{many(count, 'run')} and a wicket" if count else "wicket"
    if mark in EXTRAS:
        one, several = EXTRAS[mark]
        return one if count <= 1 and mark in ("wd", "nb") else f"{count} {one if count == 1 else several}"
    return many(count, "run")


def rates(board: Board, inn: Board, now: Board) -> list[dict[str, str]]:
    """[{k: label, v: figure}] beside the score."""
    unit = "balls" if board["unit"] == "ball" else "overs"
    need = now["need"]
    found = [("Run rate" if unit == "overs" else "Per 5 balls", inn["rate"])]
    if inn["open"]:
        found += [("Needed", need.get("rrr", "")), ("Balls left", need.get("balls", "")), ("Par now", inn["par"])]
        found += [(f"Last {5 if unit == 'overs' else 25} {unit}", now["five"])]
        found += [(f"Total at {rate}", total) for rate, total in now["proj"]]
        found += [(f"{board['teams'][team]['short']} reviews", left) for team, _, _, left in inn["reviews"]]
    return [{"k": label, "v": str(value)} for label, value in found if value not in ("", None)]


def stand(inn: Board) -> str:
    """The partnership in progress: "45 (32): Daruwala 30, Quill 12"."""
    found = inn["stands"][-1] if inn["stands"] and inn["stands"][-1]["open"] else None
    if not found or len(found["pair"]) < 2:
        return ""
    shares = ", ".join(f"{name} {runs}" for name, runs in zip(found["pair"], found["by"], strict=True))
    return f"{found['n'][0]} ({found['n'][1]}): {shares}"


def last(inn: Board, now: Board) -> str:
    """The last wicket in words, "" before the first."""
    if not now["last"] or not inn["fow"]:
        return ""
    score, _, over = inn["fow"][-1]
    return f"{now['last']}, at {score} in {over}"


# --- commentary -----------------------------------------------------------------------------------


def commentary(view: Board, show: str = "all", overs: int = OVERS_SHOWN) -> tuple[list[Board], bool]:
    """(lines, newest first; are there more?).

    A filter reads the whole match, "all" the last overs of the newest innings, or everything where `overs` is 0.
    `linesOf` in static/js/match_lines.js chooses the same.
    """
    cards, newest, lines, more = view["cards"], show == "all" and overs, [], False
    for number in reversed(cards):
        if newest and lines:
            more = True
            break
        played, part = list(cards[number]["overs"].items())[::-1], []
        more = bool(newest) and len(played) > newest
        for place, over in played[: newest or None]:
            if show == "all" and "end" in over:
                part.append({**over["end"], "kind": "end", "id": f"{number}.{place}.end"})
            part += [
                {**line, "kind": "ball", "id": f"{number}.{place}.{at}"}
                for at, line in reversed(over["lines"].items())
                if show == "all" or show in line.get("in", "")
            ]
        if part and len(cards) > 1 and not newest:
            part.insert(0, {**cards[number], "kind": "innings", "id": number})
        lines += part
    return lines, more


def ball_line(board: Board, over: Board, one: Board) -> Board:
    """{n: over and ball, t, c, say (see ball), lead, x: the words, and where they apply out, note, sig, row, in: the
    filters that show it}.
    """
    lead, dot, more = one["x"].partition(". ")
    kind = one.get("k", "")
    shows = (
        ("wickets", kind == "w"),
        ("boundaries", kind in ("4", "6")),
        ("reviews", "r" in one),
    )
    return {
        "n": str(one["n"]) if board["unit"] == "ball" else f"{over['n']}.{one['n']}",
        **ball(one),
        "lead": lead + ("." if dot else ""),
        **filled(
            x=" ".join(part for part in (one.get("s", ""), more) if part),
            out=one.get("o", ""),
            note=one.get("m", ""),
            sig=signal(one),
            row="is-wicket" if kind == "w" else "",
        ),
        **filled(**{"in": " ".join(name for name, is_so in shows if is_so)}),
    }


def signal(one: Board) -> str:
    """The umpire's signal that belongs to a ball, as the name of an icon; nothing for plain runs."""
    if one.get("k") in SIGNALS:
        return SIGNALS[one["k"]]
    return SIGNALS.get(one["t"].lstrip("0123456789"), "")


def end_line(board: Board, inn: Board, over: Board) -> Board:
    """The line at the end of an over: {n, e: what it gave, f: figures, s: the score}."""
    return {
        "n": f"After {(over['n'] + 1) * 5} balls" if board["unit"] == "ball" else f"End of over {over['n'] + 1}",
        "e": f"{over['e'][0].upper()}{over['e'][1:]}, {over['by']}",
        "f": over["f"],
        "s": f"{inn['short']} {over['z'][2]}/{over['z'][3]}",
    }


# --- cards ----------------------------------------------------------------------------------------


def card(board: Board, inn: Board) -> Board:
    """An innings as the scorecard shows it, with the commentary of its overs."""
    heading = named(inn, inn["title"])
    return {
        **{name: inn[name] for name in ("short", "score", "bowled", "extras", "yet")},
        "heading": heading,
        "unit": unit_of(board, inn["bowled"]),
        "rate": f", {inn['rate']} an over" if inn["rate"] and board["unit"] == "over" else "",
        "batting_label": f"{heading}, batting",
        "bowling_label": f"{board['teams'][1 - inn['team']]['name']}, bowling to {heading}",
        "stands_label": f"{heading}, partnerships",
        "overs_label": f"{heading}, over by over",
        "first": inn["team"] == 0,
        "second": inn["team"] == 1,
        "yet_label": "Still to bat:" if inn["open"] and board["phase"] != "over" else "Did not bat:",
        "batting": rows(
            {
                **{name: row[name] for name in ("key", "name", "how", "n")},
                "row": "is-in" if row["state"] == "in" and inn["open"] else "",
            }
            for row in inn["batting"]
        ),
        "bowling": rows(inn["bowling"]),
        "stands": rows(stand_row(one) for one in inn["stands"]),
        "overs": rows(over_row(board, inn, over) for over in inn["overs"]),
        "fow": rows({"s": score, "p": player, "o": over} for score, player, over in inn["fow"]),
        "powerplays": ", ".join(f"{name} {board['unit']}s {start} to {end}" for name, start, end in inn["powerplays"]),
        "reviews": ", ".join(
            f"{board['teams'][team]['short']} asked {asked}, lost {lost}"
            for team, asked, lost, _ in inn["reviews"]
            if asked
        ),
    }


def stand_row(one: Board) -> Board:
    """A partnership's row: {w, pair, by, runs, balls}."""
    return {
        "w": str(one["w"]) if one["w"] else "",
        "pair": " and ".join(one["pair"]),
        "by": " and ".join(str(runs) for runs in one["by"]),
        "runs": f"{one['n'][0]}{'*' if one['open'] else ''}",
        "balls": one["n"][1],
    }


# A board keeps the overs that are done as they are, so a ball draws its own over and not a Test match again.
_drawn = OrderedDict()
KEPT = 1024


def over_row(board: Board, inn: Board, over: Board) -> Board:
    """An over as a row of the table, and as lines of the commentary; shared by the views that show it."""
    known = _drawn.get(id(over))
    if known is not None and known[0] is over and known[1] == inn["short"]:
        return known[2]
    row = {
        "n": str((over["n"] + 1) * 5) if board["unit"] == "ball" else str(over["n"] + 1),
        "by": over["by"],
        "runs": over["z"][0],
        "wickets": over["z"][1],
        "score": f"{over['z'][2]}/{over['z'][3]}",
        "lines": rows(ball_line(board, over, one) for one in over["balls"]),
    }
    if "e" in over:
        row["end"] = end_line(board, inn, over)
        _drawn[id(over)] = (over, inn["short"], row)
        while len(_drawn) > KEPT:
            _drawn.popitem(last=False)
    return row
