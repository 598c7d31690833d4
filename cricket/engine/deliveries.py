"""One ball at a time: what a delivery, a wicket and the end of an over do to an innings."""

from cricket.engine import bowling
from cricket.engine.events import Event
from cricket.engine.innings import CREDITED, NOT_OUT, Ball, Batter, Bowler, Dismissal, Fall, Innings, Over, Partnership
from cricket.engine.state import MatchRecord
from cricket.engine.winning import past_the_win

NO_EXTRAS: dict = {}
NO_WICKETS: list = []
MOST_RUNS = 8
"""More runs than this off one ball have not been seen in first-class cricket; a scorer who enters more has slipped."""

OFF_A_NO_BALL = NOT_OUT | {
    "run out",
    "obstructing the field",
    "hit the ball twice",
    "handled the ball",
    "retired out",
    "timed out",
}
OFF_A_WIDE = NOT_OUT | {
    "run out",
    "obstructing the field",
    "stumped",
    "hit wicket",
    "handled the ball",
    "retired out",
    "timed out",
}
RETIRED = NOT_OUT | {"retired out"}
STRIKER_ONLY = CREDITED | {"hit the ball twice"}
NO_RUNS = STRIKER_ONLY
"""Dismissals off which nothing is scored but penalties, a wide's or no-ball's own run among them (Law 18.8); a run out
and obstruction leave the runs completed before.
"""
MOST_PENALTY = 30
HURT = ("concussion", "covid", "illness", "injury")
"""Reasons of a replacement for which whoever goes off at the wicket is retired hurt."""
CAUGHT = frozenset({"caught", "caught and bowled"})
HANDLED = ("Handling the ball is obstructing the field, since October 2017.", "WICKET_HANDLED")


def arrive(state: MatchRecord, innings: Innings, key: str) -> Batter:
    """The batter's line of the card, opened when the batter first comes in."""
    batter = innings.batting.get(key)
    if batter is None:
        batter = innings.batting[key] = Batter(key, state.names.get(key, key), len(innings.batting) + 1)
    return batter


def may_bat(state: MatchRecord, innings: Innings, event: Event, key: str) -> bool:
    side = state.teams[innings.team]
    name = state.names.get(key, key)
    if side.players and key not in side.players:
        state.refuse(event, f"{name} does not play for {side.name}.", "BATTER_UNKNOWN")
        return False
    wrong = may_not_come_in(state, innings, key) if state.strict else None
    if wrong:
        state.refuse(event, *wrong)
    batter = innings.batting.get(key)
    if batter is not None and (batter.out or batter.state == "absent"):
        state.refuse(event, f"{name} is already out." if batter.out else f"{name} is absent.", "BATTER_OUT")
        return not state.strict and batter.state != "absent"
    return True


def may_not_come_in(state: MatchRecord, innings: Innings, key: str) -> tuple[str, str] | None:
    """Why a scorer is not to bring this batter in, as (sentence, code); a file is believed."""
    side, name = state.teams[innings.team], state.names.get(key, key)
    if key in side.replaced:
        return f"{name} was replaced and takes no more part.", "PLAYER_REPLACED"
    if key in innings.barred:
        return f"{name} was out in an earlier super over and bats no more.", "BATTER_OUT"
    if key not in innings.batting and innings.places_left < 1:
        return f"{side.name} have had their {innings.places} batters.", "BATTERS_ALL"
    return None


def set_batters(
    state: MatchRecord, innings: Innings, event: Event, striker: str | None, non_striker: str | None
) -> None:
    """Who is at the wicket and who faces.

    A batter who has not yet been there for a ball may be exchanged for another.
    """
    if striker is not None and striker == non_striker:
        return state.refuse(event, "One batter cannot stand at both ends.", "BATTERS_SAME")
    for key in (striker, non_striker):
        if key is not None and not may_bat(state, innings, event, key):
            return None
    pair = {striker, non_striker}
    for key in (innings.striker, innings.non_striker):
        batter = innings.batting.get(key) if key is not None and key not in pair else None
        if key is None or batter is None or batter.state != "in":
            continue
        if batter.seen:
            return state.refuse(event, f"{batter.name} is still in: say first how the innings ended.", "BATTER_IN")
        remove(innings, key)
    for key in (striker, non_striker):
        if key is not None:
            batter = arrive(state, innings, key)
            if batter.state == "retired":
                batter.state, batter.retired = "in", None
    innings.striker, innings.non_striker = striker, non_striker
    part(innings, pair)
    return None


def step_aside(innings: Innings, out: str, retired: str | None) -> None:
    """A batter makes way for another without being out: for a while, or retired as Law 25.4 has it. Whoever has not
    faced leaves no trace on the card.
    """
    batter = innings.batting.get(out)
    if batter is None or batter.state != "in":
        return
    if innings.striker == out:
        innings.striker = None
    elif innings.non_striker == out:
        innings.non_striker = None
    if not batter.seen:
        return remove(innings, out)
    batter.state, batter.retired = "retired", retired
    if retired is not None and innings.partnership is not None:
        innings.partnership.ended = retired
    innings.partnership = None
    return None


def remove(innings: Innings, key: str) -> None:
    """Take a batter off the card who has not been at the wicket for a ball."""
    del innings.batting[key]
    for place, left in enumerate(innings.batting.values(), 1):
        left.position = place


def impossible(state: MatchRecord, innings: Innings, body: dict, extras: dict) -> tuple[str, str] | None:
    """Why this delivery cannot be, as (sentence, code); None where it can."""
    striker, non_striker, bat = body["striker"], body["non_striker"], body["bat"]
    if striker == non_striker:
        return "One batter cannot stand at both ends.", "BATTERS_SAME"
    batting, at = innings.batting, (innings.striker, innings.non_striker)
    facing, other = batting.get(striker), batting.get(non_striker)
    strange = facing is None or other is None or facing.state != "in" or other.state != "in"
    if strange or striker not in at or non_striker not in at:
        wrong = impossible_pair(state, innings, striker, non_striker)
        if wrong:
            return wrong
    bowler = body["bowler"]
    if bowler not in innings.bowling:
        field = state.teams[1 - innings.team]
        if field.players and bowler not in field.players:
            return f"{state.names.get(bowler, bowler)} does not play for {field.name}.", "BOWLER_UNKNOWN"
    if bowler in innings.suspended:
        return bowling.suspended(state, bowler)
    if bat < 0 or bat > MOST_RUNS:
        return f"Off the bat come 0 to {MOST_RUNS} runs, never {bat}.", "RUNS"
    if extras:
        wrong = impossible_extras(state, bat, extras)
        if wrong:
            return wrong
    if body.get("wickets"):
        wrong = impossible_wickets(state, innings, body, extras)
        if wrong:
            return wrong
    if not state.strict:
        return None
    side = state.teams[innings.team]
    if side.replaced or innings.barred or facing is None or other is None:
        wrong = may_not_come_in(state, innings, striker) or may_not_come_in(state, innings, non_striker)
        if wrong:
            return wrong
    if bowler in state.teams[1 - innings.team].replaced:
        return f"{state.names.get(bowler, bowler)} was replaced and takes no more part.", "PLAYER_REPLACED"
    if innings.all_out:
        return f"{side.name} are all out.", "ALL_OUT"
    if innings.over is None and innings.overs_complete:
        return f"The innings has had its {innings.overs_limit} overs.", "OVERS_COMPLETE"
    if innings.index + 1 < state.settings.innings and innings.target is None:
        return None  # nobody chases yet: not asked at every ball of a long match
    return past_the_win(state, innings, body, extras)


def impossible_pair(state: MatchRecord, innings: Innings, striker: str, non_striker: str) -> tuple[str, str] | None:
    """Why these two cannot be at the wicket, as (sentence, code)."""
    batting, names, side = innings.batting, state.names, state.teams[innings.team]
    for key in (striker, non_striker):
        batter = batting.get(key)
        if batter is None or batter.state != "in":
            if batter is not None and batter.out is not None:
                return f"{batter.name} is already out.", "BATTER_OUT"
            if batter is not None and batter.state == "absent":
                return f"{batter.name} is absent.", "BATTER_OUT"
            if side.players and key not in side.players:
                return f"{names.get(key, key)} does not play for {side.name}.", "BATTER_UNKNOWN"
        if key != innings.striker and key != innings.non_striker:
            staying = [
                k
                for k in (innings.striker, innings.non_striker)
                if k is not None and k not in (striker, non_striker) and batting[k].seen
            ]
            if staying:
                return f"{names.get(staying[0], staying[0])} is still in: say first how the innings ended.", "BATTER_IN"
    return None


def impossible_extras(state: MatchRecord, bat: int, extras: dict) -> tuple[str, str] | None:
    wides, noballs, byes, legbyes = (extras.get(kind, 0) for kind in ("wides", "noballs", "byes", "legbyes"))
    if any(runs < 0 or runs > MOST_RUNS + 2 for kind, runs in extras.items() if kind != "penalty"):
        return "So many extras off one ball cannot be.", "RUNS"
    penalty = extras.get("penalty", 0)
    # Six and twelve were given for slow overs once: files hold them, nobody awards them any more.
    if penalty not in (0, 5, 10) and (state.strict or not 0 <= penalty <= MOST_PENALTY):
        return "Penalty runs come in fives.", "PENALTY"
    if wides and noballs:
        return "A ball is a wide or a no-ball, never both: it is a no-ball.", "WIDE_AND_NO_BALL"
    if wides and (bat or byes or legbyes):
        return "All runs off a wide are wides.", "WIDE_RUNS"
    if byes and legbyes:
        return "Runs are byes or leg-byes, never both.", "BYES_AND_LEG_BYES"
    if bat and (byes or legbyes):
        return "Runs off the bat and byes cannot come off one ball.", "BAT_AND_BYES"
    if "wides" in extras and wides < state.settings.wide:
        return f"A wide is worth at least {state.settings.wide}.", "WIDE_VALUE"
    if "noballs" in extras and noballs < state.settings.no_ball:
        return f"A no-ball is worth at least {state.settings.no_ball} in this match.", "NO_BALL_VALUE"
    return None


def impossible_wickets(state: MatchRecord, innings: Innings, body: dict, extras: dict) -> tuple[str, str] | None:
    striker, non_striker = body["striker"], body["non_striker"]
    scored = (
        body["bat"]
        or extras.get("byes")
        or extras.get("legbyes")
        or extras.get("wides", 0) > state.settings.wide
        or extras.get("noballs", 0) > state.settings.no_ball
    )
    gone: set[str] = set()
    for wicket in body["wickets"]:
        kind, player = wicket["kind"], wicket["player"]
        name = state.names.get(player, player)
        batter = innings.batting.get(player)
        if player in gone or (batter is not None and batter.out is not None):
            return f"{name} is already out.", "BATTER_OUT"
        gone.add(player)
        if kind in STRIKER_ONLY and player != striker:
            return f"Only the striker can be {kind}.", "WICKET_STRIKER"
        elsewhere = kind == "timed out" or (not state.strict and kind in RETIRED)
        if not elsewhere and player != striker and player != non_striker:
            return f"{name} is not at the wicket.", "WICKET_WHO"
        side = state.teams[innings.team]
        if kind == "timed out" and side.players and player not in side.players:
            return f"{name} does not play for {side.name}.", "BATTER_UNKNOWN"
        if "noballs" in extras and kind not in OFF_A_NO_BALL:
            return f"Nobody can be {kind} off a no-ball.", "WICKET_NO_BALL"
        if "wides" in extras and kind not in OFF_A_WIDE:
            return f"Nobody can be {kind} off a wide.", "WICKET_WIDE"
        if scored and kind in NO_RUNS:
            return f"No runs are scored off a ball on which a batter is out {kind}.", "WICKET_RUNS"
    faces = body.get("next")
    if faces is not None and faces != "new" and faces not in {striker, non_striker} - gone:
        return "Who faces next is a batter who stays in, or the new one.", "NEXT_BATTER"
    return None


def unlawful(state: MatchRecord, innings: Innings, body: dict, extras: dict) -> tuple[str, str] | None:
    """What the edition of the Laws and the playing conditions do not let be, as (sentence, code): see `forbid`."""
    if extras.get("noballs") and (extras.get("byes") or extras.get("legbyes")) and not state.edition.byes_off_a_no_ball:
        return "Byes off a no-ball were runs of no-balls until October 2017.", "NO_BALL_BYES"
    wickets = body.get("wickets") or NO_WICKETS
    if not wickets and body.get("next", body["striker"]) not in (body["striker"], body["non_striker"]):
        return "Who faces next is one of the two at the wicket.", "NEXT_BATTER"
    for wicket in wickets:
        kind = wicket["kind"]
        if innings.free_hit and kind not in OFF_A_NO_BALL:
            return f"Nobody can be {kind} off a free hit.", "WICKET_FREE_HIT"
        if kind == "handled the ball" and not state.edition.handled_the_ball:
            return HANDLED
        if kind in CAUGHT and body.get("next", "new") != "new" and state.edition.new_batter_faces:
            return "After a catch the new batter faces, since October 2022.", "NEXT_BATTER"
    return None


def deliver(state: MatchRecord, innings: Innings, event: Event) -> None:
    """Add one delivery to the innings."""
    body = event.body
    extras = body.get("extras") or NO_EXTRAS
    wrong = impossible(state, innings, body, extras)
    if wrong:
        state.refuse(event, *wrong)
    wickets, faces, free_hit = body.get("wickets") or NO_WICKETS, body.get("next"), innings.free_hit
    if wickets:
        wickets = [as_taken(wicket, body["bowler"]) for wicket in wickets]
    if (wickets or extras or faces) and (wrong := unlawful(state, innings, body, extras)):
        state.forbid(event, *wrong)
        free_hit = False  # a file that has it so had no free hit
    striker, non_striker, bat = body["striker"], body["non_striker"], body["bat"]

    # Who is there. The first ball of a batter opens the line of the card; the first of a bowler likewise.
    batting = innings.batting
    facing = batting.get(striker) or arrive(state, innings, striker)
    other = batting.get(non_striker) or arrive(state, innings, non_striker)
    if striker != innings.striker or non_striker != innings.non_striker or facing.state != "in" or other.state != "in":
        take_guard(innings, facing, other)
    facing.seen = other.seen = True
    key = body["bowler"]
    bowler = innings.bowling.get(key)
    if bowler is None:
        bowler = innings.bowling[key] = Bowler(key, state.names.get(key, key), innings.per_over)
    over = innings.over
    if over is None:
        over = innings.over = Over(len(innings.overs))
        innings.overs.append(over)
    if key not in over.bowlers:
        bowling.begin(state, innings, over, bowler)
    partnership = innings.partnership or stand(innings, striker, non_striker)

    # What was scored, and by whom it was given away.
    total = charged = bat
    wides = noballs = 0
    counts = not body.get("uncounted", False)
    if extras:
        sums = innings.extras
        for kind, runs in extras.items():
            sums[kind] += runs
            total += runs
        wides, noballs = extras.get("wides", 0), extras.get("noballs", 0)
        if wides:
            bowler.wides += wides
            bowler.wide_balls += 1
            charged += wides
            counts = False
        if noballs:
            bowler.noballs += noballs
            bowler.noball_balls += 1
            charged += noballs
            counts = False
            innings.free_hit = body["free_hit"] if "free_hit" in body else state.free_hits
    innings.runs += total
    innings.deliveries += 1
    over.runs += total
    over.charged += charged
    bowler.runs += charged
    partnership.runs += total
    if counts:
        innings.legal += 1
        over.legal += 1
        bowler.legal += 1
        bowler.loose += 1
    if not wides:
        facing.balls += 1
        partnership.balls += 1
    if bat:
        facing.runs += bat
        partnership.by[striker] += bat
        if (bat == 4 or bat == 6) and not body.get("non_boundary"):
            if bat == 4:
                facing.fours += 1
            else:
                facing.sixes += 1
    if not charged:
        bowler.dots += 1

    label = f"{over.number}.{over.legal}"
    for wicket in wickets:
        fall(state, innings, wicket["kind"], wicket["player"], wicket.get("fielders") or [], key, label)
    review = body.get("review")
    if review is not None:
        innings.reviews.append({**review, "label": label, "key": event.key})
    over.balls.append(
        Ball(
            event.key,
            over.number,
            label,
            striker,
            non_striker,
            key,
            bat,
            extras,
            total,
            counts,
            wickets,
            review,
            innings.runs,
            innings.wickets,
            bool(body.get("non_boundary")),
            free_hit,
        )  # fmt: skip
    )
    if free_hit and counts:  # a wide leaves it as it was
        innings.free_hit = False
    innings.bowler = key
    if state.break_ is not None:
        state.break_ = None

    # Who faces next: the batters change ends on an odd number of runs run; boundaries are even, so their runs never
    # matter here.
    ran = total - extras.get("penalty", 0)
    if wides:
        ran -= state.settings.wide
    if noballs:
        ran -= state.settings.no_ball
    if wickets and wickets[0]["kind"] == "run out":
        # mostly out at the end the batter ran to, so the run that failed changes the ends too; the scorer may say
        # otherwise
        ran += 1
    if ran & 1:
        innings.striker, innings.non_striker = innings.non_striker, innings.striker
    if faces:
        name_next(innings, faces)


def stand(innings: Innings, striker: str, non_striker: str) -> Partnership:
    """The partnership of the pair at the wicket: a new one, or the last where the same two are back before anybody took
    a place.
    """
    last = innings.partnerships[-1] if innings.partnerships else None
    if last is not None and last.ended != "wicket" and {striker, non_striker} == set(last.pair):
        last.ended = None
        innings.partnership = last
        return last
    innings.partnership = Partnership(innings.wickets + 1, [striker, non_striker], 0, 0, {striker: 0, non_striker: 0})
    innings.partnerships.append(innings.partnership)
    return innings.partnership


def take_guard(innings: Innings, facing: Batter, other: Batter) -> None:
    """The delivery names the pair: believe it, whatever was predicted."""
    pair = {facing.key, other.key}
    for key in (innings.striker, innings.non_striker):
        if key is not None and key not in pair and innings.batting[key].state == "in":
            if innings.batting[key].seen:
                innings.batting[key].state = "retired"
            else:
                del innings.batting[key]
    for batter in (facing, other):
        if batter.state == "retired":
            batter.state, batter.retired = "in", None
    innings.striker, innings.non_striker = facing.key, other.key
    part(innings, pair)


def part(innings: Innings, pair: set) -> None:
    """Another pair is at the wicket: the partnership that stood is not theirs."""
    if innings.partnership is not None and set(innings.partnership.pair) != pair:
        innings.partnership = None


def name_next(innings: Innings, choice: str) -> None:
    """The scorer said who faces next, which neither a run out can tell nor what a fielding captain chose (Law 18.5)."""
    staying = [key for key in (innings.striker, innings.non_striker) if key is not None]
    if choice == "new" and len(staying) < 2:
        innings.striker, innings.non_striker = None, staying[0] if staying else None
    elif choice in staying:
        innings.striker, innings.non_striker = choice, next((key for key in staying if key != choice), None)


def as_taken(wicket: dict, bowler: str | None) -> dict:
    """A wicket by its own name: a catch by the bowler is caught and bowled, however it was entered (Law 33)."""
    catcher = wicket["fielders"][0] if wicket["kind"] == "caught" and wicket.get("fielders") else {}
    mine = bowler is not None and catcher.get("key") == bowler and not catcher.get("substitute")
    return {"kind": "caught and bowled", "player": wicket["player"]} if mine else wicket


def fall(
    state: MatchRecord, innings: Innings, kind: str, player: str, fielders: list, bowler: str | None, label: str
) -> None:
    """A batter goes: out, or retired and perhaps to come back."""
    batter = arrive(state, innings, player)
    if innings.striker == player:
        innings.striker = None
    elif innings.non_striker == player:
        innings.non_striker = None
    partnership = innings.partnership or (innings.partnerships[-1] if innings.partnerships else None)
    closing = partnership if partnership is not None and player in partnership.pair else None
    if kind in NOT_OUT:
        batter.state, batter.retired = "retired", kind
        if closing is not None:
            closing.ended = kind
            innings.partnership = None
        return
    credited = bowler if kind in CREDITED else None
    batter.state = "out"
    batter.out = Dismissal(kind, credited, fielders, dismissal_text(state, kind, credited, fielders))
    innings.wickets += 1
    if credited is not None:
        innings.bowling[credited].wickets += 1
    if innings.over is not None:
        innings.over.wickets += 1
    innings.fow.append(Fall(innings.wickets, innings.runs, player, label, kind))
    if closing is not None:
        closing.ended = "wicket"
        innings.partnership = None


def fall_between_balls(state: MatchRecord, innings: Innings, event: Event) -> None:
    """Timed out, or retired, without a ball."""
    body = event.body
    kind, player = body["kind"], body["player"]
    batter = innings.batting.get(player)
    name = state.names.get(player, player)
    if not may_bat(state, innings, event, player):
        return
    if kind == "timed out":
        if batter is not None and batter.seen and batter.state == "in":
            return state.refuse(event, f"{name} is at the wicket and cannot be timed out.", "WICKET_WHO")
    elif kind in NOT_OUT or kind in ("retired out", "run out", "obstructing the field", "handled the ball"):
        if batter is None or batter.state != "in":
            return state.refuse(event, f"{name} is not at the wicket.", "WICKET_WHO")
    else:
        return state.refuse(event, f"Nobody can be {kind} without a ball.", "WICKET_BALL")
    if kind == "handled the ball" and not state.edition.handled_the_ball:
        state.forbid(event, *HANDLED)
    over = innings.overs[-1] if innings.overs else None
    label = f"{over.number}.{over.legal}" if over else "0.0"
    fall(state, innings, kind, player, body.get("fielders") or [], None, label)


def dismissal_text(state: MatchRecord, kind: str, bowler: str | None, fielders: list) -> str:
    """As scorecards write it."""
    names = [fielder_name(state, fielder) for fielder in fielders]
    by = f" b {state.names.get(bowler, bowler)}" if bowler is not None else ""
    if kind == "caught":
        return f"c {names[0] if names else '?'}{by}"
    if kind == "caught and bowled":
        return f"c &{by}"
    if kind == "stumped":
        return f"st {names[0] if names else '?'}{by}"
    if kind == "bowled":
        return by.strip()
    if kind == "run out":
        return f"run out ({'/'.join(names)})" if names else "run out"
    return f"{kind}{by}"


def fielder_name(state: MatchRecord, fielder: dict) -> str:
    name = fielder.get("name") or (state.names.get(fielder["key"], fielder["key"]) if fielder.get("key") else None)
    if fielder.get("substitute"):
        return f"sub ({name})" if name else "sub"
    return name or "?"


def close_over(innings: Innings) -> None:
    """The over is done, with the balls it holds."""
    over = innings.over
    if over is None:
        return
    over.complete = True
    if len(over.bowlers) == 1:
        bowler = innings.bowling[over.bowlers[0]]
        bowler.whole += 1
        bowler.loose -= over.legal
        if not over.charged:
            over.maiden = True
            bowler.maidens += 1
    innings.over = None
    innings.done += 1
    if innings.done * innings.per_over % innings.per_end == 0:
        innings.striker, innings.non_striker = innings.non_striker, innings.striker


def mark(state: MatchRecord, key: str) -> Ball | None:
    """The ball of a key, of which something is told beside what happened; its over is remembered as one of those."""
    for innings in reversed(state.innings):
        for over in reversed(innings.overs):
            for ball in over.balls:
                if ball.key == key:
                    innings.marked.add(over.number)
                    return ball
    return None


def rename(state: MatchRecord) -> None:
    """A line-up entered late gives new names to players already on the cards."""
    for innings in state.innings:
        for line in (*innings.batting.values(), *innings.bowling.values()):
            line.name = state.names.get(line.key, line.key)
        for batter in innings.batting.values():
            if batter.out:
                batter.out.text = dismissal_text(state, batter.out.kind, batter.out.bowler, batter.out.fielders)
