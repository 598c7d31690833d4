"""A second reading of Cricsheet files, straight from their JSON and without the engine: what the cards of a match must
be by the Laws. Short and slow on purpose; where the engine says otherwise, one of the two is at fault.
"""

from collections import Counter

NOT_OUT = ("retired hurt", "retired not out")
BOWLERS = ("bowled", "caught", "caught and bowled", "lbw", "stumped", "hit wicket")
HURT = ("concussion", "covid", "illness", "injury")
NOUGHT = {"byes": 0, "legbyes": 0, "wides": 0, "noballs": 0, "penalty": 0}


def overs(balls, per):
    return f"{balls // per}.{balls % per}" if balls % per else str(balls // per)


def rate(runs, balls):
    return round(runs / balls, 2) if balls else None


def extras_of(ball):
    return {kind: int(runs) for kind, runs in ball.get("extras", {}).items()}


def legal_of(balls, per, listed):
    """Which balls of an over count: no wides or no-balls; of an over too long, none with penalty runs (Law 28.2.3)."""
    legal = [not (extras_of(ball).get("wides") or extras_of(ball).get("noballs")) for ball in balls]
    spare = sum(legal) - per if listed is None else 0
    for at, ball in enumerate(balls):
        if spare > 0 and legal[at] and extras_of(ball).get("penalty"):
            legal[at], spare = False, spare - 1
    return legal


def kind_of(wicket, bowler):
    """A catch by the bowler is caught and bowled, however the file has it."""
    catcher = (wicket.get("fielders") or [{}])[0]
    mine = wicket["kind"] == "caught" and catcher.get("name") == bowler and not catcher.get("substitute")
    return "caught and bowled" if mine else wicket["kind"]


def how_out(wicket, bowler):
    names = []
    for one in wicket.get("fielders", []):
        name = one.get("name")
        names.append((f"sub ({name})" if name else "sub") if one.get("substitute") else name or "?")
    kind, first = kind_of(wicket, bowler), names[0] if names else "?"
    return {
        "caught": f"c {first} b {bowler}",
        "caught and bowled": f"c & b {bowler}",
        "stumped": f"st {first} b {bowler}",
        "bowled": f"b {bowler}",
        "run out": f"run out ({'/'.join(names)})" if names else "run out",
    }.get(kind, f"{kind} b {bowler}" if kind in BOWLERS else kind)


def plain_cards(document):
    """The innings of a file as cards, in order of play: as `innings_cards` of cricket/cricsheet/cards.py."""
    info = document["info"]
    return [innings_card(info, number, innings) for number, innings in enumerate(document["innings"])]


def innings_card(info, number, innings):
    per = int(info.get("balls_per_over", 6))
    listed = {int(n): int(one["balls"]) for n, one in innings.get("miscounted_overs", {}).items()}
    batting, bowling, fow, stands, extras = {}, {}, [], [], Counter(NOUGHT)
    runs = wickets = legal_balls = counted = 0
    stand, here, replaced = None, set(), set()
    away = set()  # who retired and is not back

    def leave(name, kind):
        batting[name] |= {"kind": kind, "how": kind}
        away.add(name)
        here.discard(name)
        if stand and name in stand["pair"]:
            stand["ended"] = kind

    def arrive(name):
        away.discard(name)
        batting.setdefault(name, {"runs": 0, "balls": 0, "fours": 0, "sixes": 0, "how": "not out", "out": False})
        line = batting[name]
        if not line["out"]:
            line["how"] = "not out"
            line.pop("kind", None)
        return line

    for when in ("pre", "post"):
        extras["penalty"] += int(innings.get("penalty_runs", {}).get(when, 0))
    runs += int(innings.get("penalty_runs", {}).get("pre", 0))
    for place, over in enumerate(innings.get("overs", [])):
        legal = legal_of(over["deliveries"], per, listed.get(place))
        done, charged_in_over, bowlers = 0, 0, []
        for ball, counts in zip(over["deliveries"], legal, strict=True):
            for one in ball.get("replacements", {}).get("match", []):
                if one["team"] == innings["team"] and one.get("out"):
                    replaced.add(one["out"])
                    if one["out"] in here:  # who goes without more is retired (Law 25.4)
                        leave(one["out"], "retired hurt" if one["reason"].startswith(HURT) else "retired not out")
                        stand = None
            pair = [ball["batter"], ball["non_striker"]]
            here = set(pair)
            striker, _ = arrive(pair[0]), arrive(pair[1])
            if stand is None or set(stand["pair"]) != set(pair):
                back = stands and stands[-1]["ended"] != "wicket" and set(stands[-1]["pair"]) == set(pair)
                stand = stands[-1] if back else {"wicket": wickets + 1, "pair": pair, "runs": 0, "balls": 0}
                stand |= {"ended": None, "by": stand.get("by", dict.fromkeys(pair, 0))}
                stands += [] if back else [stand]
            bat, more = int(ball["runs"]["batter"]), extras_of(ball)
            wides, noballs = more.get("wides", 0), more.get("noballs", 0)
            charged = bat + wides + noballs
            extras.update(more)
            runs += bat + sum(more.values())
            bowler = bowling.setdefault(ball["bowler"], Counter())
            bowler.update(
                runs=charged, wides=wides, noballs=noballs, wide_balls=wides > 0, noball_balls=noballs > 0,
                dots=not charged, legal=counts, loose=counts,
            )  # fmt: skip
            bowlers += [ball["bowler"]] if ball["bowler"] not in bowlers else []
            done, charged_in_over = done + counts, charged_in_over + charged
            striker["runs"] += bat
            striker["balls"] += not wides
            striker["fours"] += bat == 4 and not ball["runs"].get("non_boundary")
            striker["sixes"] += bat == 6 and not ball["runs"].get("non_boundary")
            stand["runs"] += bat + sum(more.values())
            stand["balls"] += not wides
            stand["by"][pair[0]] += bat
            for wicket in ball.get("wickets", []):
                name, kind = wicket["player_out"], kind_of(wicket, ball["bowler"])
                line = arrive(name)
                if kind in NOT_OUT:
                    leave(name, kind)
                    continue
                if name in stand["pair"]:
                    stand["ended"] = "wicket"
                here.discard(name)
                wickets += 1
                credited = ball["bowler"] if kind in BOWLERS else None
                line |= {"out": True, "kind": kind, "how": how_out(wicket, ball["bowler"]), "bowler": credited}
                bowler.update(wickets=bool(credited))
                fow.append({"wicket": wickets, "score": runs, "player": name, "over": f"{place}.{done}"})
            if stand["ended"]:
                stand = None
        finished = place + 1 < len(innings["overs"]) or done >= listed.get(place, per)
        legal_balls += done
        counted += per if finished else done
        if finished and len(bowlers) == 1:
            bowling[bowlers[0]].update(whole=1, loose=-done, maidens=not charged_in_over)
    for name in innings.get("absent_hurt", []):
        arrive(name)["how"] = "absent hurt"
        away.add(name)
    for line in batting.values():
        line["sr"] = rate(100 * line["runs"], line["balls"])
    runs += int(innings.get("penalty_runs", {}).get("post", 0))
    return {
        "team": innings["team"],
        "runs": runs,
        "wickets": wickets,
        "overs": overs(counted, per),
        "balls": counted,
        "legal_balls": legal_balls,
        "extras": dict(extras),
        "extras_total": sum(extras.values()),
        "batting": batting,
        "bowling": {name: bowling_card(one, per) for name, one in bowling.items()},
        "fow": fow,
        "partnerships": stands,
        "all_out": wickets >= 2 if innings.get("super_over") else wickets + len(away - replaced) >= 10,
        "unavailable": len(away),
        "declared": bool(innings.get("declared")),
        "forfeited": bool(innings.get("forfeited")),
        "super_over": bool(innings.get("super_over")),
        "target": target_card(info, innings),
    }


def bowling_card(bowler, per):
    balls = bowler["whole"] * per + bowler["loose"]
    names = ("maidens", "runs", "wickets", "wides", "noballs", "wide_balls", "noball_balls", "dots", "legal")
    economy = rate(bowler["runs"] * per, balls)
    return {"overs": overs(balls, per), "balls": balls, "economy": economy, **{name: bowler[name] for name in names}}


def target_card(info, innings):
    target = innings.get("target")
    if target is None or "runs" not in target:
        return None
    length = target.get("overs", 1 if innings.get("super_over") else info.get("overs"))
    if length is not None:
        length = str(length) if "." in str(length) else int(length)
    return {"runs": int(target["runs"]), **({} if length is None else {"overs": length})}
