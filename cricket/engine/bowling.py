"""Who may bowl: overs a bowler, overs running, overs that two share, and bowlers whom the umpires take off."""

from cricket.engine.events import Event
from cricket.engine.innings import Bowler, Innings, Over, overs_text
from cricket.engine.state import MatchRecord

FIFTHS = 5
"""Where overs are lost, a bowler may bowl a fifth of what is left of them (ICC playing conditions 13.9)."""

EXCLUDED = "excluded - "
"""How Cricsheet says that the umpires took a bowler off, before the reason."""


def may_bowl(state: MatchRecord, innings: Innings, event: Event, key: str) -> bool:
    side = state.teams[1 - innings.team]
    if side.players and key not in side.players:
        state.refuse(event, f"{state.names.get(key, key)} does not play for {side.name}.", "BOWLER_UNKNOWN")
        return False
    if state.strict and key in side.replaced:
        state.refuse(event, f"{state.names.get(key, key)} was replaced and takes no more part.", "PLAYER_REPLACED")
    if key in innings.suspended:
        state.refuse(event, *suspended(state, key))
    return True


def suspended(state: MatchRecord, key: str) -> tuple[str, str]:
    """The sentence and code for a ball by somebody who was taken off."""
    return f"{state.names.get(key, key)} was taken off and cannot bowl again in this innings.", "BOWLER_SUSPENDED"


def suspend(state: MatchRecord, innings: Innings, event: Event) -> None:
    """The umpires take a bowler off, for the innings; another finishes the over (Laws 41.3, 41.6 to 41.9, 41.13 and
    21.3).
    """
    key, side = event.body["player"], state.teams[1 - innings.team]
    name = state.names.get(key, key)
    if side.players and key not in side.players:
        return state.refuse(event, f"{name} does not play for {side.name}.", "BOWLER_UNKNOWN")
    if key in innings.suspended:
        return state.refuse(event, f"{name} was taken off already.", "BOWLER_SUSPENDED")
    take_off(innings, key, event.body["reason"])
    if innings.bowler == key:
        innings.bowler = None
    return None


def take_off(innings: Innings, key: str, reason: str) -> None:
    innings.suspended.setdefault(key, reason)
    if innings.overs and innings.overs[-1].balls:
        innings.off_after[innings.overs[-1].balls[-1].key] = key
        innings.marked.add(innings.overs[-1].number)


def barred_bowlers(innings: Innings) -> set[str]:
    """Who may not bowl the next ball (Laws 17.6 and 17.8): whoever bowled any part of the over before, where the ends
    changed in between; whoever finishes an over for another likewise.

    In The Hundred they change after every second set of five, so a bowler may bowl two sets in a row.
    """
    under_way = innings.over is not None and not innings.over_due
    finished = innings.done if innings.over is None or under_way else innings.done + 1
    if not finished or finished * innings.per_over % innings.per_end:
        return set()
    return set(innings.overs[-2 if under_way else -1].bowlers)


def quota(state: MatchRecord, innings: Innings) -> tuple[int, int] | None:
    """(overs that each may bowl in this innings, how many bowlers may bowl one more); None without a limit.

    What a revision says decides. Otherwise it is the match's limit, and where that is a fifth of the overs and overs
    are lost, a fifth of those that are left; what does not come out even is shared out one by one (ICC playing
    conditions 13.9.2 and 13.9.3).
    """
    if innings.super_over:
        return None
    if innings.bowler_limit is not None:
        return innings.bowler_limit, 0
    limit, overs, balls = state.settings.bowler_limit, state.settings.overs, innings.balls_limit
    if limit is None:
        return None
    if overs and balls is not None and limit == -(-overs // FIFTHS):
        left = -(-balls // innings.per_over)
        if left < overs:
            return divmod(left, FIFTHS)
    return limit, 0


def allowance(state: MatchRecord, innings: Innings, key: str) -> tuple[int, int] | None:
    """(overs this bowler may bowl, balls of them that count as bowled); None without a limit.

    A part of an over counts as a whole one for everybody who bowled in it (ICC playing conditions 13.9.4), or as its
    balls where the match's `part_overs` is "balls". The over under way is its bowler's to finish and does not count yet
    (13.9.5).
    """
    found = quota(state, innings)
    if found is None:
        return None
    each, more = found
    if more:
        others = (bowler for bowler in innings.bowling.values() if bowler.key != key)
        more -= sum(_counted(state, innings, other) > each * innings.per_over for other in others)
    bowler = innings.bowling.get(key)
    return each + (more > 0), _counted(state, innings, bowler) if bowler else 0


def _counted(state: MatchRecord, innings: Innings, bowler: Bowler) -> int:
    """Balls that count as bowled."""
    over = innings.over
    under_way = over is not None and not innings.over_due and bowler.key in over.bowlers
    if state.settings.part_overs == "balls":
        here = (ball.legal and ball.bowler == bowler.key for ball in over.balls) if under_way and over else ()
        return bowler.balls - sum(here)
    return (bowler.begun - under_way) * innings.per_over


def overs_left(state: MatchRecord, innings: Innings, key: str) -> str | None:
    """The overs that a bowler may still begin, as text; None without a limit."""
    found = allowance(state, innings, key)
    return None if found is None else overs_text(max(0, found[0] * innings.per_over - found[1]), innings.per_over)


def objections(state: MatchRecord, innings: Innings) -> dict[str, str]:
    """{bowler: what speaks against them for the next ball}, as words behind a name: "bowled the last over".

    The umpires can let it be all the same, so nothing of this is refused; who was taken off is not among them.
    """
    barred = barred_bowlers(innings)
    last = state.earlier_super_overs(innings)[-1:]
    under_way = innings.over.bowlers if innings.over is not None and not innings.over_due else ()
    found = {}
    for key in state.teams[1 - innings.team].players:
        allowed = None if key in under_way else allowance(state, innings, key)
        if allowed is not None and allowed[1] >= allowed[0] * innings.per_over:
            found[key] = all_bowled(innings, allowed[0])
        elif last and key in last[0].bowling:
            found[key] = "bowled the last super over"
        elif key in barred:
            found[key] = "bowled the last over"
    return found


def all_bowled(innings: Innings, most: int) -> str:
    """How it is said that a bowler is at the limit."""
    unit = "set" if innings.per_over == 5 else "over"
    return f"has bowled the one {unit} allowed" if most == 1 else f"has bowled all {most} {unit}s"


def begin(state: MatchRecord, innings: Innings, over: Over, bowler: Bowler) -> None:
    """The first ball of a bowler in an over: what speaks against it is remembered, and the over is counted."""
    if bowler.key in barred_bowlers(innings):
        state.warnings.append(f"{bowler.name} bowled over {over.number + 1} and the one before it.")
    has_limit = state.settings.bowler_limit is not None or innings.bowler_limit is not None
    allowed = allowance(state, innings, bowler.key) if has_limit else None
    if allowed is not None and allowed[1] >= allowed[0] * innings.per_over:
        state.warnings.append(f"{bowler.name} has bowled more than {allowed[0]} overs.")
    if innings.super_over and any(bowler.key in one.bowling for one in state.earlier_super_overs(innings)[-1:]):
        state.warnings.append(f"{bowler.name} bowled the last super over, too.")
    over.bowlers.append(bowler.key)
    bowler.begun += 1
