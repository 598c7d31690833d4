"""What the match centre shows of a board: rows joined, lists cut and turned round. `static/js/match_view.js` does the same in the browser,
and a test holds the two together, so that the first paint and the live page are one page."""

from views.match_charts import charts

OVERS_SHOWN = 4
SHOWS = ("all", "wickets", "boundaries", "reviews")
CLASSES = {"w": "is-wicket", "4": "is-four", "6": "is-six", "x": "is-extra", ".": "is-dot", "next": "is-next"}
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
NONE = {
    "all": "No ball has been bowled yet.",
    "wickets": "No wicket has fallen yet.",
    "boundaries": "No four or six yet.",
    "reviews": "Nobody has asked for a review yet.",
}
BADGES = {"live": "Live", "break": "Live", "toss": "Soon", "before": "Soon", "over": "Result"}


def view(board, show="all", overs=OVERS_SHOWN):
    """{badge, title, inn, earlier, bat, bowl, over, rates, stand, comm, more, cards, charts} of a board.

    `show` is one of SHOWS; `overs` is how many overs of the newest innings the unfiltered commentary has, 0 for everything.
    """
    at = board["at"]
    inn = board["innings"][at] if at is not None else None
    now = board["now"]
    comm, more = commentary(board, show, overs)
    badge = "Replay" if board["info"]["replay"] and board["phase"] in ("live", "break") else BADGES[board["phase"]]
    return {
        "badge": badge,
        "tag": "tag is-live" if badge in ("Live", "Replay") else "tag",
        "heading": (inn["short"] + (f", {inn['which'].lower()}" if inn["which"] else "")) if inn else "",
        "score": inn["score"].removesuffix(" dec").replace("forfeited", "0") if inn else "",
        "spoken": said(inn["score"]) if inn else "",
        "words": words(board, inn) if inn else "",
        "target": str(inn["target"]) if inn and inn["target"] else "",
        "power": now["power"] if inn and inn["open"] else "",
        "best": " and ".join(board["info"]["best"]),
        "facts": [{"k": label, "v": words} for label, words in board["info"]["rows"]],
        "none": NONE[show] if board["innings"] else "Every ball is told here as soon as it is bowled.",
        "title": f"{inn['short']} {inn['score']} ({inn['bowled']})" if inn else "",
        "inn": inn,
        "earlier": [line(one) for one in board["innings"][:at]] if at else [],
        "bat": batters(board, inn, now) if inn else [],
        "bowl": bowlers(board, inn, now) if inn else [],
        "over": this_over(board, inn) if inn and inn["open"] else None,
        "rates": rates(board, inn, now) if inn else [],
        "stand": stand(inn) if inn and inn["open"] else "",
        "last": last(inn, now) if inn else "",
        "live": bool(inn and inn["open"] and board["phase"] != "over"),
        "comm": comm,
        "more": more,
        "cards": cards(board),
        "charts": charts(board),
    }


def said(score):
    """A score as it is spoken: "157 for 6"."""
    return score.replace("/", " for ").replace(" dec", " declared")


def words(board, inn):
    """17.3 overs, 1 over, or 88 balls."""
    return f"{inn['bowled']} {board['unit'] if inn['bowled'] == '1' else board['unit'] + 's'}"


def line(inn):
    """One innings that is done, for the header."""
    which = f", {inn['which'].lower()}" if inn["which"] else ""
    return {"name": f"{inn['short']}{which}", "score": inn["score"], "overs": f"({inn['bowled']})"}


def batters(board, inn, now):
    """Who is in, the striker first; once the match is over, its two highest scores."""
    if board["phase"] != "over":
        return [batter(inn, row, place == 0) for place, row in enumerate(now["bat"]) if row is not None]
    rows = [(one, at) for one in board["innings"] if not one["super"] for at in range(len(one["batting"]))]
    best = sorted(rows, key=lambda found: -int(found[0]["batting"][found[1]]["n"][0].rstrip("*")))[:2]
    return [{**batter(one, at, False), "key": f"{place}"} for place, (one, at) in enumerate(best)]


def bowlers(board, inn, now):
    """Who bowls and who bowled before; once the match is over, its two best figures."""
    if board["phase"] != "over":
        return [
            bowler(board, inn, row, place)
            for place, row in enumerate((now["bowl"], now["prev"]))
            if row is not None and inn["open"]
        ]
    rows = [
        (one, at)
        for one in board["innings"]
        if not one["super"]
        for at in range(len(one["bowling"]))
        if one["bowling"][at]["n"][3]
    ]
    best = sorted(
        rows, key=lambda found: (-found[0]["bowling"][found[1]]["n"][3], found[0]["bowling"][found[1]]["n"][2])
    )[:2]
    return [{**bowler(board, one, at, 0), "key": f"{place}", "label": ""} for place, (one, at) in enumerate(best)]


def batter(inn, row, on_strike):
    found = inn["batting"][row]
    runs, balls, fours, sixes, rate = found["n"]
    bounds = ", ".join(f"{count} × {name}" for count, name in ((fours, "4"), (sixes, "6")) if count)
    return {
        "key": found["key"],
        "name": found["name"],
        "on": on_strike,
        "cls": "man-name on-strike" if on_strike else "man-name",
        "runs": runs.rstrip("*"),
        "balls": plural(balls, "ball"),
        "more": " · ".join(part for part in (bounds, f"SR {rate}" if rate else "") if part),
    }


def bowler(board, inn, row, place):
    found = inn["bowling"][row]
    overs, maidens, runs, wickets, economy = found["n"][:5]
    unit = "ball" if board["unit"] == "ball" else "over"
    return {
        "key": f"{place}{found['key']}",
        "name": found["name"],
        "now": place == 0,
        "label": "Bowling" if place == 0 else "Before",
        "figures": f"{wickets}/{runs}",
        "spoken": f"{wickets} for {runs}",
        "overs": f"{overs} {unit if overs == '1' else unit + 's'}",
        "more": " · ".join(
            part
            for part in (plural(maidens, "maiden") if maidens else "", f"econ {economy}" if economy else "")
            if part
        ),
    }


def this_over(board, inn):
    """The balls of the over in play, and how many are to come."""
    if not inn["overs"]:
        return {"title": f"First {'set' if board['unit'] == 'ball' else 'over'}", "balls": upcoming(board["per"])}
    over = inn["overs"][-1]
    runs, wickets = over["z"][:2]
    gave = plural(runs, "run") + (f" and {plural(wickets, 'wicket')}" if wickets else "")
    balls = [ball(one, at) for at, one in enumerate(over["balls"])]
    done = "e" in over
    legal = sum(1 for one in over["balls"] if not is_extra_ball(one["t"]))
    unit = "set" if board["unit"] == "ball" else "over"
    return {
        "title": f"{'Last' if done else 'This'} {unit}, {gave}",
        "balls": balls if done else balls + upcoming(max(0, board["per"] - legal)),
    }


def upcoming(count):
    return [{"key": f"n{at}", "t": "", "cls": "delivery is-next", "say": "to come"} for at in range(count)]


def is_extra_ball(token):
    """Does this ball not count towards the over? Wickets off a wide are written as wickets; the count of what is to come is only a hint."""
    return token.endswith(("wd", "nb"))


def ball(one, at):
    return {"key": f"b{at}", "t": one["t"], "cls": ball_class(one), "say": spoken(one["t"])}


def ball_class(one):
    kind = CLASSES.get(one.get("k", ""), "")
    return " ".join(part for part in ("delivery", kind, "is-long" if len(one["t"]) > 1 else "") if part)


def spoken(token):
    """A ball's token as a screen reader says it."""
    if token == "•":
        return "no run"
    figures = token.rstrip("Wabcdefghijklmnopqrstuvwxyz")
    mark = token[len(figures) :]
    count = int(figures or 0)
    if mark == "W":
        return f"{plural(count, 'run')} and a wicket" if count else "wicket"
    if mark in EXTRAS:
        one, several = EXTRAS[mark]
        return one if count <= 1 and mark in ("wd", "nb") else f"{count} {one if count == 1 else several}"
    return plural(count, "run")


def rates(board, inn, now):
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


def stand(inn):
    """The partnership in progress: "45 (32): Daruwala 30, Quill 12"."""
    found = inn["stands"][-1] if inn["stands"] and inn["stands"][-1]["open"] else None
    if not found or len(found["pair"]) < 2:
        return ""
    shares = ", ".join(f"{name} {runs}" for name, runs in zip(found["pair"], found["by"], strict=True))
    return f"{found['n'][0]} ({found['n'][1]}): {shares}"


def last(inn, now):
    if not now["last"] or not inn["fow"]:
        return ""
    score, _, over = inn["fow"][-1]
    return f"{now['last']}, at {score} in {over}"


# --- commentary ---------------------------------------------------------------------------------------------------------


def commentary(board, show, overs):
    """(lines, newest first; are there more?). A filter reads the whole match, "all" the last overs of the newest innings."""
    lines, more = [], False
    for number in range(len(board["innings"]) - 1, -1, -1):
        inn = board["innings"][number]
        first = 0
        if show == "all" and overs:
            if lines:
                more = True
                break
            first = max(0, len(inn["overs"]) - overs)
            more = first > 0
        part = []
        for over in inn["overs"][first:][::-1]:
            if show == "all" and "e" in over:
                part.append(end_line(board, number, inn, over))
            for at in range(len(over["balls"]) - 1, -1, -1):
                one = over["balls"][at]
                if wanted(one, show):
                    part.append(ball_line(board, number, over, one, at))
        if part and len(board["innings"]) > 1 and not (show == "all" and overs):
            part.insert(
                0,
                {
                    "id": f"{number}",
                    "kind": "innings",
                    "x": f"{inn['title']}{', ' + inn['which'].lower() if inn['which'] else ''}",
                    "s": f"{inn['score']} ({inn['bowled']})",
                },
            )
        lines += part
    return lines, more


def wanted(one, show):
    kind = one.get("k", "")
    return (
        show == "all"
        or (show == "wickets" and kind == "w")
        or (show == "boundaries" and kind in ("4", "6"))
        or (show == "reviews" and "r" in one)
    )


def ball_line(board, number, over, one, at):
    sentences = one["x"].split(". ", 1)
    return {
        "id": f"{number}.{over['n']}.{at}",
        "kind": "ball",
        "label": str(one["n"]) if board["unit"] == "ball" else f"{over['n']}.{one['n']}",
        "row": "comm-ball is-wicket" if one.get("k") == "w" else "comm-ball",
        "t": one["t"],
        "cls": ball_class(one),
        "say": spoken(one["t"]),
        "lead": sentences[0] + ("." if len(sentences) > 1 else ""),
        "x": sentences[1] if len(sentences) > 1 else "",
        "out": one.get("o", ""),
        "note": one.get("m", ""),
        "signal": signal(one),
    }


def signal(one):
    """The umpire's signal that belongs to a ball, as the name of an icon; nothing for plain runs."""
    if one.get("k") in SIGNALS:
        return SIGNALS[one["k"]]
    return SIGNALS.get(one["t"].lstrip("0123456789"), "")


def end_line(board, number, inn, over):
    per_ball = board["unit"] == "ball"
    return {
        "id": f"{number}.{over['n']}.end",
        "kind": "end",
        "label": f"After {(over['n'] + 1) * 5} balls" if per_ball else f"End of over {over['n'] + 1}",
        "e": f"{over['e'][0].upper()}{over['e'][1:]}, {over['by']}",
        "f": over["f"],
        "s": f"{inn['short']} {over['z'][2]}/{over['z'][3]}",
    }


# --- cards --------------------------------------------------------------------------------------------------------------


def cards(board):
    """The innings for the scorecard, newest first, with what a row needs beside its figures."""
    return [card(board, number) for number in range(len(board["innings"]) - 1, -1, -1)]


def card(board, number):
    inn = board["innings"][number]
    heading = f"{inn['title']}{', ' + inn['which'].lower() if inn['which'] else ''}"
    return {
        **{key: inn[key] for key in ("title", "which", "score", "bowling")},
        "id": f"{number}",
        "batting_label": f"{heading}, batting",
        "bowling_label": f"{board['teams'][1 - inn['team']]['name']}, bowling to {heading}",
        "stands_label": f"{heading}, partnerships",
        "overs_label": f"{heading}, over by over",
        "first": inn["team"] == 0,
        "second": inn["team"] == 1,
        "heading": heading,
        "batting": [{**row, "row": "is-in" if row["state"] == "in" and inn["open"] else ""} for row in inn["batting"]],
        "rate": f"{words(board, inn)}, {inn['rate']} an over"
        if inn["rate"] and board["unit"] == "over"
        else words(board, inn),
        "extras": inn["extras"],
        "yet_label": "Still to bat:" if inn["open"] and board["phase"] != "over" else "Did not bat:",
        "yet": inn["yet"],
        "stands": [stand_row(one) for one in inn["stands"]],
        "overs": [over_row(board, inn, at) for at in range(len(inn["overs"]))],
        "fow": [{"s": score, "p": player, "o": over} for score, player, over in inn["fow"]],
        "powerplays": ", ".join(f"{name} {board['unit']}s {start} to {end}" for name, start, end in inn["powerplays"]),
        "reviews": ", ".join(
            f"{board['teams'][team]['short']} asked {asked}, lost {lost}"
            for team, asked, lost, _ in inn["reviews"]
            if asked
        ),
        "open": inn["open"],
    }


def stand_row(one):
    return {
        "w": str(one["w"]) if one["w"] else "",
        "pair": " and ".join(one["pair"]),
        "by": " and ".join(str(runs) for runs in one["by"]),
        "runs": f"{one['n'][0]}{'*' if one['open'] else ''}",
        "balls": one["n"][1],
    }


def over_row(board, inn, at):
    over = inn["overs"][at]
    return {
        "n": str((over["n"] + 1) * 5) if board["unit"] == "ball" else str(over["n"] + 1),
        "by": over["by"],
        "balls": " ".join(one["t"] for one in over["balls"]),
        "runs": over["z"][0],
        "wickets": over["z"][1],
        "score": f"{over['z'][2]}/{over['z'][3]}",
    }


def plural(count, one):
    return f"{count} {one if count == 1 else one + 's'}"
