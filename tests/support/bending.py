"""Real files bent into the odd corners that few real matches have: each way takes a document and a chance, changes the
document and says whether it could. What comes out is a match that could have been played, whatever its outcome says.
"""

import copy

NOT_OUT = ("retired hurt", "retired not out")
WAYS = {}


def way(bend):
    WAYS[bend.__name__] = bend
    return bend


def play_of(innings):
    """(over, place in it, ball) of every ball of an innings, in order."""
    return [(over, at, ball) for over in innings.get("overs", ()) for at, ball in enumerate(over["deliveries"])]


def played(document, chance, least=2):
    """One innings with some balls, by chance; None where there is none."""
    found = [innings for innings in document["innings"] if len(play_of(innings)) >= least]
    return chance.choice(found) if found else None


def one_ball(document, chance):
    innings = played(document, chance)
    return chance.choice(play_of(innings))[2] if innings else None


def has_batted(innings):
    named = {ball[end] for *_, ball in play_of(innings) for end in ("batter", "non_striker")}
    named |= {wicket["player_out"] for *_, ball in play_of(innings) for wicket in ball.get("wickets", ())}
    return named | set(innings.get("absent_hurt", ()))


def is_replaced(innings):
    swaps = [one for *_, ball in play_of(innings) for one in ball.get("replacements", {}).get("match", ())]
    return {one.get("out") for one in swaps if one["team"] == innings["team"]} & has_batted(innings)


def room(innings):
    """How many more of the side could still have batted."""
    return (2 if innings.get("super_over") else 11) + len(is_replaced(innings)) - len(has_batted(innings))


def newcomer(document, innings, chance):
    """Somebody of the side who has not batted, else a player in no list."""
    side = document["info"].get("players", {}).get(innings["team"], ())
    gone = {
        one.get("out")
        for other in document["innings"] for *_, ball in play_of(other)
        for one in ball.get("replacements", {}).get("match", ())
    }  # fmt: skip
    free = [name for name in side if name not in has_batted(innings) | gone]
    return chance.choice(free) if free else f"Twelfth {chance.randrange(1000)}"


def rename(balls, old, new):
    """Put another batter in the place of one from here on."""
    for ball in balls:
        for end in ("batter", "non_striker"):
            ball[end] = new if ball[end] == old else ball[end]
        for wicket in ball.get("wickets", ()):
            wicket["player_out"] = new if wicket["player_out"] == old else wicket["player_out"]
        for one in ball.get("replacements", {}).get("role", ()):
            for end in ("in", "out"):
                one[end] = new if one.get(end) == old and one["role"] == "batter" else one.get(end)


def add_runs(ball, kind, runs):
    ball.setdefault("extras", {})[kind] = ball.get("extras", {}).get(kind, 0) + runs
    ball["runs"]["extras"] += runs
    ball["runs"]["total"] += runs


def goes(document, chance, kind):
    """A batter who stayed in goes after a ball, and another is there from the next on: (innings, balls after, who)."""
    innings = played(document, chance)
    if innings is None or room(innings) < 1:
        return None
    balls = [ball for *_, ball in play_of(innings)]
    at = chance.randrange(len(balls) - 1)
    here = [balls[at]["batter"], balls[at]["non_striker"]]
    staying = [name for name in here if name in (balls[at + 1]["batter"], balls[at + 1]["non_striker"])]
    if not staying or "replacements" in balls[at + 1] or any("role" in b.get("replacements", ()) for b in balls):
        return None
    out, new = chance.choice(staying), newcomer(document, innings, chance)
    if out in is_replaced(innings):
        return None
    balls[at].setdefault("wickets", []).append({"player_out": out, "kind": kind})
    rename(balls[at + 1 :], out, new)
    return innings, balls[at + 1 :], out


def come_for(ball, team, out, new, reason):
    one = {"in": new, "out": out, "team": team, "reason": reason}
    ball.setdefault("replacements", {}).setdefault("match", []).append(one)


REASONS = ("concussion_substitute", "covid_replacement", "impact_player", "unknown")


@way
def retired_hurt(document, chance):
    return goes(document, chance, chance.choice(NOT_OUT)) is not None


@way
def retired_out(document, chance):
    return down(document) and goes(document, chance, "retired out") is not None


def down(document):
    """Whether every innings has room for a wicket more."""
    return all(
        sum(wicket["kind"] not in NOT_OUT for *_, ball in play_of(innings) for wicket in ball.get("wickets", ()))
        < (1 if innings.get("super_over") else 9)
        for innings in document["innings"]
    )


@way
def timed_out(document, chance):
    innings = played(document, chance)
    if innings is None or room(innings) < 1 or not down(document):
        return False
    ball = chance.choice(play_of(innings))[2]
    out = newcomer(document, innings, chance)
    ball.setdefault("wickets", []).append({"player_out": out, "kind": "timed out"})
    return True


@way
def replaced_after_retiring(document, chance):
    """Hurt, and replaced for good later: not a man short from then on."""
    went = goes(document, chance, "retired hurt")
    if went:
        innings, balls, out = went
        come_for(
            chance.choice(balls), innings["team"], out, f"Concussion {chance.randrange(1000)}", chance.choice(REASONS)
        )
    return went is not None


@way
def replaced_at_the_wicket(document, chance):
    innings = played(document, chance)
    balls = [ball for *_, ball in play_of(innings)] if innings else []
    if not balls or innings.get("super_over") or any("replacements" in ball for ball in balls):
        return False
    at = chance.randrange(1, len(balls))
    staying = {balls[at][end] for end in ("batter", "non_striker")}
    staying &= {balls[at - 1][end] for end in ("batter", "non_striker")}
    if not staying:
        return False
    out, new = chance.choice(sorted(staying)), f"Concussion {chance.randrange(1000)}"
    rename(balls[at:], out, new)
    come_for(balls[at], innings["team"], out, new, chance.choice(REASONS))
    return True


@way
def replaced_in_the_field(document, chance):
    innings = played(document, chance)
    if innings is None:
        return False
    other = next(team for team in document["info"]["teams"] if team != innings["team"])
    free = set(document["info"].get("players", {}).get(other, ()))
    free -= {name for each in document["innings"] for name in has_batted(each)}
    free -= {ball["bowler"] for each in document["innings"] for *_, ball in play_of(each)}
    if not free:
        return False
    out = chance.choice(sorted(free))
    come_for(chance.choice(play_of(innings))[2], other, out, f"Covid {chance.randrange(1000)}", chance.choice(REASONS))
    return True


@way
def away_for_a_while(document, chance):
    """A batter goes off and is back some balls later: two replacements in a role."""
    innings = played(document, chance, 12)
    balls = [ball for *_, ball in play_of(innings)] if innings else []
    if not balls or room(innings) < 1 or any("replacements" in ball or "wickets" in ball for ball in balls[1:9]):
        return False
    out, new = balls[1]["batter"], newcomer(document, innings, chance)
    if any(out not in (ball["batter"], ball["non_striker"]) for ball in balls[:10]):
        return False
    rename(balls[1:8], out, new)
    for ball, came, went in ((balls[1], new, out), (balls[8], out, new)):
        one = {"in": came, "out": went, "reason": "injury", "role": "batter"}
        ball.setdefault("replacements", {})["role"] = [one]
    return True


@way
def bowler_goes_off(document, chance):
    innings = played(document, chance)
    if innings is None:
        return False
    over = chance.choice(innings["overs"])["deliveries"]
    free = sorted({ball["bowler"] for *_, ball in play_of(innings)} - {ball["bowler"] for ball in over})
    if len(over) < 2 or not free or any("replacements" in ball for ball in over):
        return False
    at, new = chance.randrange(1, len(over)), chance.choice(free)
    role = {"in": new, "reason": "injury", "role": "bowler"}
    over[at].setdefault("replacements", {})["role"] = [
        role | ({"out": over[at]["bowler"]} if chance.random() < 0.5 else {})
    ]
    for ball in over[at:]:
        ball["bowler"] = new
    return True


@way
def penalty_off_a_ball(document, chance):
    ball = one_ball(document, chance)
    if ball:
        add_runs(ball, "penalty", chance.choice((5, 5, 6, 12)))
    return bool(ball)


@way
def penalty_before_or_after(document, chance):
    innings = played(document, chance)
    if innings:
        innings.setdefault("penalty_runs", {})[chance.choice(("pre", "post"))] = chance.choice((5, 10))
    return innings is not None


@way
def fielders_not_named(document, chance):
    caught = [
        wicket for innings in document["innings"] for *_, ball in play_of(innings) for wicket in ball.get("wickets", ())
        if wicket.get("fielders")
    ]  # fmt: skip
    if not caught:
        return False
    wicket = chance.choice(caught)
    wicket["fielders"] = chance.choice(
        ([{"substitute": True}], [{"name": "Someone Else", "substitute": True}], [{}], [], [*wicket["fielders"], {}])
    )
    return True


@way
def bowler_catches(document, chance):
    """A catch by the bowler that the file calls a catch."""
    caught = [
        (ball["bowler"], wicket)
        for innings in document["innings"]
        for *_, ball in play_of(innings)
        for wicket in ball.get("wickets", ())
        if wicket["kind"] in ("caught", "caught and bowled")
    ]
    if caught:
        bowler, wicket = chance.choice(caught)
        wicket |= {"kind": "caught", "fielders": [{"name": bowler}]}
    return bool(caught)


@way
def extras_of_all_kinds(document, chance):
    ball = one_ball(document, chance)
    if not ball or {"extras", "wickets"} & set(ball) or ball["runs"]["batter"]:
        return False
    no_ball = 2 if document["info"].get("balls_per_over") == 5 else 1
    some = chance.choice(
        ({"wides": 5}, {"noballs": no_ball, "byes": 2}, {"noballs": no_ball, "legbyes": 4}, {"byes": 4})
    )
    for kind, runs in some.items():
        add_runs(ball, kind, runs)
    return True


@way
def overs_numbered_from_one(document, chance):
    for innings in document["innings"]:
        for number, over in enumerate(innings.get("overs", ()), 1):
            over["over"] = number
    return True


@way
def over_miscounted(document, chance):
    innings = played(document, chance)
    if innings is None:
        return False
    place = chance.randrange(len(innings["overs"]))
    balls = innings["overs"][place]["deliveries"]
    if any("wickets" in ball for ball in balls):
        return False
    if len(balls) > 3 and chance.random() < 0.5 and "replacements" not in balls[-1]:
        balls.pop()
    else:
        balls.append({end: balls[-1][end] for end in ("batter", "non_striker", "bowler")})
        balls[-1]["runs"] = {"batter": 0, "extras": 0, "total": 0}
    legal = sum(not {"wides", "noballs"} & set(ball.get("extras", ())) for ball in balls)
    balls_listed = chance.choice((legal, str(legal), None))
    if balls_listed is not None:
        innings.setdefault("miscounted_overs", {})[str(place)] = {"balls": balls_listed, "umpire": "U Umpire"}
    return True


@way
def super_overs(document, chance):
    """One or two pairs of super overs, cut from the first overs of the match; their overs counted from one."""
    if document["info"].get("overs") is None or len(document["innings"]) != 2:
        return False
    if any("replacements" in ball for innings in document["innings"] for *_, ball in play_of(innings)[:6]):
        return False
    for first in (1, 0)[: chance.choice((1, 2))]:
        for innings in (document["innings"][first], document["innings"][1 - first]):
            balls = []
            for *_, ball in play_of(innings)[:6]:
                if sum("wickets" in one for one in balls) < 2:
                    balls.append(copy.deepcopy(ball))
            document["innings"].append(
                {"team": innings["team"], "super_over": True, "overs": [{"over": 1, "deliveries": balls}]}
            )
    return True


@way
def absent(document, chance):
    innings = played(document, chance)
    if innings is None or innings.get("super_over") or room(innings) < 1:
        return False
    some = [newcomer(document, innings, chance) for _ in range(chance.randint(1, min(2, room(innings))))]
    innings.setdefault("absent_hurt", []).extend(dict.fromkeys(some))
    return True


@way
def target_changed(document, chance):
    chase = document["innings"][1] if len(document["innings"]) > 1 and document["info"].get("overs") else None
    if chase is None:
        return False
    most = document["info"]["overs"]
    chase.pop("target", None)
    if chance.random() < 0.7:
        runs, overs = chance.randint(20, 300), chance.randint(5, int(most))
        chase["target"] = {"runs": runs, "overs": chance.choice((overs, overs - 1 + 0.3, str(overs)))}
        if chance.random() < 0.2:
            del chase["target"]["overs"]
    if chance.random() < 0.5:
        document["info"].setdefault("outcome", {})["method"] = chance.choice(("D/L", "VJD"))
    return True


@way
def shortened(document, chance):
    innings = played(document, chance)
    if innings is None or len(innings["overs"]) < 2:
        return False
    del innings["overs"][chance.randrange(1, len(innings["overs"])) :]
    last = innings["overs"][-1]["deliveries"]
    del last[chance.randint(1, len(last)) :]
    innings.pop("absent_hurt", None)
    return True


@way
def forfeited(document, chance):
    if document["info"].get("overs") or len(document["innings"]) < 3:
        return False
    place = chance.randrange(1, len(document["innings"]))
    document["innings"][place] = {"team": document["innings"][place]["team"], "forfeited": True}
    return True


@way
def declared_and_followed_on(document, chance):
    innings = document["innings"]
    if document["info"].get("overs") or len(innings) < 4 or any("forfeited" in each for each in innings):
        return False
    innings[1]["declared"] = True
    if innings[2]["team"] != innings[1]["team"]:
        innings[2:4] = innings[3:1:-1]
    return True


@way
def overs_of_another_length(document, chance):
    per = chance.choice((4, 5, 8))
    document["info"]["balls_per_over"] = per
    for innings in document["innings"]:
        innings.pop("miscounted_overs", None)
        balls, overs, legal = [ball for *_, ball in play_of(innings)], [], per
        for ball in balls:
            if legal >= per:
                overs.append({"over": len(overs), "deliveries": []})
                legal = 0
            overs[-1]["deliveries"].append(ball)
            legal += not {"wides", "noballs"} & set(ball.get("extras", ()))
        if "overs" in innings:
            innings["overs"] = overs
    return True


@way
def optional_parts_missing(document, chance):
    for name in ("toss", "officials", "registry", "event", "season", "venue", "city", "player_of_match", "outcome"):
        if chance.random() < 0.4:
            document["info"].pop(name, None)
    if document["info"].get("balls_per_over") == 6 and chance.random() < 0.4:
        del document["info"]["balls_per_over"]
    if chance.random() < 0.3:
        del document["meta"]
    for innings in document["innings"]:
        if chance.random() < 0.4:
            innings.pop("powerplays", None)
        for *_, ball in play_of(innings):
            if chance.random() < 0.05:
                ball.pop("review", None)
                ball["runs"].pop("total")
    return True


@way
def numbers_as_text(document, chance):
    for innings in document["innings"]:
        for *_, ball in play_of(innings):
            if chance.random() < 0.05:
                for part in ("runs", "extras"):
                    for name, value in ball.get(part, {}).items():
                        ball[part][name] = str(value) if type(value) is int else value
            elif chance.random() < 0.02 and not {"wides", "noballs"} & set(ball.get("extras", ())):
                ball.setdefault("extras", {})[chance.choice(("wides", "noballs"))] = chance.choice((0, "0"))
        if "runs" in innings.get("target", ()):
            innings["target"]["runs"] = str(innings["target"]["runs"])
    document["info"]["balls_per_over"] = str(document["info"].get("balls_per_over", 6))
    return True


LAST = (overs_of_another_length, optional_parts_missing, numbers_as_text)


def bent(document, chance, most=4):
    """(a copy bent in some ways, their names); those that change the whole form of the file come last."""
    document = copy.deepcopy(document)
    ways = chance.sample(sorted(WAYS.values(), key=lambda way: way.__name__), chance.randint(1, most))
    ways.sort(key=lambda way: LAST.index(way) if way in LAST else -1)
    return document, [way.__name__ for way in ways if way(document, chance)]


def name_one_twice(document, chance):
    """The same file, with one batter at both ends of a ball: (file, what it means); None where nobody could tell who
    the other was.
    """
    document = copy.deepcopy(document)
    innings = played(document, chance, 3)
    if innings is None:
        return None
    balls = [ball for *_, ball in play_of(innings)]
    at = chance.randrange(1, len(balls) - 1)
    before, ball, after = balls[at - 1 : at + 2]
    pair = {ball["batter"], ball["non_striker"]}
    if any({one["batter"], one["non_striker"]} != pair for one in (before, after)) or "replacements" in ball:
        return None
    if chance.random() < 0.5:
        ball["batter"], ball["non_striker"] = ball["non_striker"], ball["batter"]
    meant = copy.deepcopy(document)
    ball["non_striker"] = ball["batter"]
    return document, meant
