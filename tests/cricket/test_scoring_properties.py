"""What must hold for every match: random matches are scored ball by ball, then folded, undone, repeated, written and
read again.
"""

import copy
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cricket.cricsheet import match_file
from cricket.cricsheet.cards import cards, innings_cards
from cricket.engine.scoring import Event, Impossible, MatchState, apply, fold
from cricket.engine.shapes import SUSPENSIONS
from cricket.engine.shots import HANDS, LENGTHS
from tests.support.scorebook import AVOCETS, TERNS, Book

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
STEPS = st.lists(st.integers(0, 9999), min_size=5, max_size=110)
FORMATS = st.sampled_from(
    [
        {"format": "T20", "overs": 3},
        {"format": "Hundred", "overs": 4, "balls_per_over": 5, "balls_per_end": 10, "no_ball": 2},
        {"format": "Test", "overs": None, "innings": 4},
    ]
)
DISMISSALS = (
    "bowled",
    "caught",
    "lbw",
    "run out",
    "stumped",
    "run out",
    "hit wicket",
    "caught and bowled",
    "retired out",
    "retired hurt",
)


class RandomMatch(Book):
    """A match in which every number decides what happens next.

    What cannot be is refused and changes nothing, which is checked.
    """

    def __init__(self, steps, **settings):
        super().__init__(**settings)
        self.retired_at = {}  # nobody comes back before another ball is bowled
        for step in steps:
            try:
                self.step(step)
            except Impossible:
                assert self.state == fold(self.log)

    def step(self, n):
        innings = self.state.current
        due = self.state.due
        if innings is None:
            return self.next_innings(n)
        if due == "innings":
            return self.end(
                "overs complete" if innings.overs_complete else "all out" if innings.all_out else "target reached"
            )
        if None in (innings.striker, innings.non_striker):
            free = [
                key for key in self.state.can_bat() if self.retired_at.get(key) != (innings.index, innings.deliveries)
            ]
            return self.comes_in(free[n % len(free)]) if free else self.end("all out")
        if due == "over" and n % 10:
            return self.add("over_end")
        if innings.over is None or innings.bowler is None:
            able = self.state.can_bowl()
            if able and (innings.bowler not in able or n % 3 == 0):
                self.add("bowler", bowler=able[n % len(able)])
        return self.play(n)

    def next_innings(self, n):
        main = self.state.main_innings
        if n % 11 == 0 and self.state.innings and self.state.innings[-1].balls:
            index = n // 11 % (len(self.state.innings) + 1)
            return self.add("penalty", innings=index, runs=5, when="post" if index < len(self.state.innings) else "pre")
        if n % 11 == 1 and len(main) == 1:
            return self.add("revise", innings=1, target=5 + n % 17, method="D/L")
        if self.state.settings.innings == 2 and len(main) == 2:
            return self.super_over(n)
        team = TERNS if not main else 1 - main[-1].team if len(main) != 2 or n % 3 else main[-1].team
        if len(main) == 3:
            team = next(team for team in (0, 1) if sum(i.team == team for i in main) < 2)
        self.add("innings_start", team=team)
        if n % 7 == 0:
            self.add("penalty", innings=len(self.state.innings) - 1, runs=5, when="pre")
        free = self.state.can_bat()
        first = n % (len(free) - 1)
        return self.add("batters", striker=free[first], non_striker=free[first + 1])

    def super_over(self, n):
        supers = [innings for innings in self.state.innings if innings.super_over]
        if len(supers) == 6 or self.state.due == "match":
            return self.state
        before = supers[-1] if supers else self.state.innings[-1]
        self.add("innings_start", team=1 - before.team if len(supers) % 2 else before.team, super_over=True)
        free = self.state.can_bat()
        return self.add("batters", striker=free[0], non_striker=free[1])

    def play(self, n):
        kind, runs = n % 40, n // 40 % 7
        innings = self.state.current
        if kind < 18:
            return self.ball(runs, **({"non_boundary": True} if n % 13 == 0 else {}))
        if kind < 21:
            return self.ball(extras={"wides": 1 + runs % 5})
        if kind < 23:
            return self.ball(
                runs,
                extras={"noballs": self.state.settings.no_ball},
                **({"free_hit": n % 2 == 0} if n % 3 == 0 else {}),
            )
        if kind < 25:
            return self.ball(
                extras={("byes", "legbyes")[n % 2]: 1 + runs % 4, **({"penalty": 5} if n % 3 == 0 else {})}
            )
        if kind < 32:
            dismissal = DISMISSALS[n // 40 % len(DISMISSALS)]
            player = innings.non_striker if dismissal in ("run out", "retired hurt") and n % 2 else innings.striker
            fielders = (
                {"fielders": [{"key": f"{'at'[innings.team]}{1 + n % 9}"}]}
                if dismissal in ("caught", "stumped", "run out")
                else {}
            )
            return self.out(dismissal, player, bat=runs % 3 if dismissal == "run out" else 0, **fielders)
        if kind < 34 and not innings.deliveries:
            return self.ball()
        if kind < 34:
            self.retired_at[innings.striker] = (innings.index, innings.deliveries)
            return self.add("wicket", player=innings.striker, kind=("retired hurt", "retired not out")[n % 2])
        if kind == 34:
            return self.add("over_end")
        if kind == 35:
            return self.add("powerplay", type="mandatory", **{"from": "0.1", "to": f"{runs}.6"})
        if kind == 36:
            team = n // 40 % 2
            return self.add(
                "replacement",
                team=team,
                **{"in": f"{'ta'[team]}{12 + n // 80 % 3}"},
                out=f"{'ta'[team]}{1 + n % 11}",
                name=f"Sub {n // 80 % 3} {team}",
                reason=("impact_player", "concussion_substitute", "covid_replacement")[n % 3],
                type="match",
            )
        if kind == 39 and n % 3 == 0:
            return self.add("revise", par=max(0, innings.runs - 3 + runs), method="D/L")
        if kind == 37:
            return self.add("break", reason="rain") and self.add("resume")
        if kind == 38 and n % 3 and innings.deliveries:
            ball, turn = innings.overs[-1].balls[-1], n // 40
            placed = {"x": runs * 9, "y": -30, "hand": {"player": ball.striker, "hand": HANDS[turn % 2]}}
            length = {"length": [None, *LENGTHS][turn % 6]} if turn % 4 < 2 else {}
            return self.add("shot", of=ball.key, **(placed if turn % 4 else {}), **length)
        if kind == 38 and n % 3 == 0:
            return self.end("declared" if self.state.settings.innings == 4 else "no further play")
        return self.add("batters", striker=innings.non_striker, non_striker=innings.striker)


class Tumbling(RandomMatch):
    """A match in which batters go: out, hurt, absent, replaced, the replacements too.

    Each time it is asked whether play can go on.
    """

    def step(self, n):
        super().step(n)
        innings = self.state.current
        if innings is None:
            return
        able = self.state.can_bat()
        vacant = None in (innings.striker, innings.non_striker)
        waiting = [key for key in able if not (innings.batting.get(key) and innings.batting[key].retired)]
        if innings.all_out:
            assert innings.wickets == innings.all_out_at or (vacant and len(waiting) <= 1)
            assert self.state.due == "innings"
            side, batted = self.state.teams[innings.team], innings.batting
            fresh = side.players.keys() - batted.keys() - side.replaced
            places = sum(bool(batter.out) or key not in side.replaced for key, batter in batted.items())
            assert innings.wickets == innings.all_out_at or len(fresh) < 2 or places == 11
        else:
            assert innings.wickets < innings.all_out_at and (able or not vacant)

    def play(self, n):
        innings, kind, who = self.state.current, n % 12, n // 12
        if kind < 5:
            return self.out("bowled")
        if kind < 7:
            self.retired_at[innings.striker] = (innings.index, innings.deliveries)
            return self.add("wicket", player=innings.striker, kind="retired hurt")
        if kind == 7:
            return self.add("absent", player=f"{'ta'[innings.team]}{1 + who % 11}")
        if kind > 10:
            return self.ball(1)
        gone = [key for key, batter in innings.batting.items() if batter.state != "in"]
        team, mark = innings.team, "ta"[innings.team]
        out = gone[who % len(gone)] if gone and kind == 8 else f"{mark}{1 + who % 14}"
        reason = ("impact_player", "concussion_substitute")[who % 2]
        coming = f"{mark}{12 + who % 3}" if kind < 10 else f"{mark}{1 + who // 2 % 11}"
        return self.add(
            "replacement", team=team, out=out, name=f"Sub {coming}", reason=reason, type="match", **{"in": coming}
        )


@QUICK
@given(st.lists(st.integers(0, 9999), min_size=20, max_size=90), FORMATS)
def test_play_goes_on_until_nobody_is_left_to_come_in(steps, form):
    match = Tumbling(steps, **form)
    assert fold(match.log) == match.state and not match.state.problems


class Interrupted(RandomMatch):
    """A match in which bowlers are taken off, overs are shared and rain takes overs away."""

    def play(self, n):
        innings, able = self.state.current, self.state.can_bowl()
        match n // 40 % 29:
            case 0:
                fielders = list(self.state.teams[1 - innings.team].players)
                off = innings.bowler or fielders[n % len(fielders)]
                return self.add("suspension", player=off, reason=SUSPENSIONS[n % len(SUSPENSIONS)])
            case 1 | 2 if able:
                return self.add("bowler", bowler=able[n % len(able)])
            case 3:
                return self.add("revise", overs=f"{2 + n % 5}" + (".2" if n % 3 == 0 else ""))
            case 4 if n % 3:
                return self.add("revise", bowler_limit=(1, 3, None)[n % 7 % 3])
        if innings.bowler is None:
            return self.add("bowler", bowler=able[n % len(able)]) if able else self.end("no further play")
        return super().play(n)


@QUICK
@given(STEPS, FORMATS, st.sampled_from([RandomMatch, Interrupted]))
def test_the_fold_of_every_prefix_is_the_live_state_after_it(steps, form, kind):
    match = kind(steps, **form)
    live = MatchState()
    for n, event in enumerate(match.log, 1):
        apply(live, event, strict=True)
        assert fold(match.log[:n]) == live
    assert live == match.state and not live.problems


@QUICK
@given(STEPS, FORMATS, st.data())
def test_undo_in_any_allowed_order_returns_the_state_without_the_event(steps, form, data):
    match = RandomMatch(steps, **form)
    left = list(match.log)
    for turn in range(12):
        if not left:
            break
        event = left[-1] if turn % 2 else data.draw(st.sampled_from(left))
        before = copy.deepcopy(match.state)
        try:
            undo = match.undo(event.key)
        except Impossible:
            assert match.state == before
            continue
        without = [other for other in left if other is not event]
        assert match.state == fold(without)
        if turn % 3 == 2:
            match.undo(undo)
            assert match.state == before
        else:
            left = without


@QUICK
@given(STEPS, FORMATS)
def test_everything_undone_from_the_end_is_every_earlier_state(steps, form):
    match = RandomMatch(steps[:40], **form)
    log = list(match.log)
    for n in range(len(log), 0, -1):
        match.undo(log[n - 1].key)
        assert match.state == fold(log[: n - 1])
    assert match.state == MatchState()


@QUICK
@given(STEPS, FORMATS, st.data())
def test_a_correction_is_as_if_it_had_always_been_so(steps, form, data):
    match = RandomMatch(steps, **form)
    balls = [
        event
        for event in match.log
        if event.kind == "delivery" and not event.body.get("wickets") and not event.body.get("extras")
    ]
    if not balls:
        return
    ball = data.draw(st.sampled_from(balls))
    body = {**ball.body, "bat": data.draw(st.integers(0, 6))}
    try:
        match.correct({"of": ball.key, "body": body})
    except Impossible:
        return
    assert match.state == fold([Event(e.seq, e.key, e.kind, body) if e is ball else e for e in match.log[:-1]])


@QUICK
@given(STEPS, FORMATS, st.data())
def test_events_sent_again_change_nothing(steps, form, data):
    match = RandomMatch(steps, **form)
    again = data.draw(st.lists(st.sampled_from(match.log), max_size=10))
    state = fold([*match.log, *again])
    assert state == match.state and state.seq == match.state.seq
    for event in again:
        apply(match.state, event, strict=True)
    assert match.state == state


@QUICK
@given(STEPS, FORMATS)
def test_the_figures_add_up(steps, form):
    for innings in RandomMatch(steps, **form).state.innings:
        balls = [ball for over in innings.overs for ball in over.balls]
        outside = sum(innings.penalties.values())
        assert innings.runs == sum(ball.total for ball in balls) + outside
        assert innings.runs == sum(b.runs for b in innings.batting.values()) + innings.extras_total
        unowned = innings.extras["byes"] + innings.extras["legbyes"] + innings.extras["penalty"]
        assert innings.runs == sum(b.runs for b in innings.bowling.values()) + unowned
        assert innings.runs == sum(stand.runs for stand in innings.partnerships) + outside
        assert innings.wickets == len(innings.fow) == sum(b.out is not None for b in innings.batting.values())
        assert innings.legal == sum(b.legal for b in innings.bowling.values()) == sum(ball.legal for ball in balls)
        assert sum(b.balls for b in innings.batting.values()) == sum(not ball.extras.get("wides") for ball in balls)
        assert [b.position for b in innings.batting.values()] == list(range(1, len(innings.batting) + 1))
        assert len({innings.striker, innings.non_striker} - {None}) == (innings.striker is not None) + (
            innings.non_striker is not None
        )


def as_cricsheet_can_say(card, events):
    """A card without what the format has no word for: a batter who never saw a ball, and how a stay ended that was
    resumed.
    """
    retired = any(event.kind == "wicket" or "retired" in json.dumps(event.body) for event in events)
    for innings in card:
        played = {name for stand in innings["partnerships"] for name in stand["pair"]} | {
            fall["player"] for fall in innings["fow"]
        }
        innings["batting"] = {
            n: b for n, b in innings["batting"].items() if n in played or "kind" in b or b["how"] == "absent hurt"
        }
        for stand in innings["partnerships"]:
            if retired:
                stand["ended"] = None
    return card


@QUICK
@given(STEPS, FORMATS, st.sampled_from([RandomMatch, Interrupted]))
def test_a_match_written_and_read_again_has_the_same_cards(steps, form, kind):
    match = kind(steps, **form)
    if match.state.current is not None:
        match.end("no further play")
    match.add("match_end")
    document = match_file.export(match.state, match.log, {"dates": ["2031-01-01"]})
    source = match_file.read(json.dumps(document).encode(), "match")
    state = fold(source.events)
    known = as_cricsheet_can_say(innings_cards(match.state), match.log)
    assert as_cricsheet_can_say(innings_cards(state), match.log) == known
    assert not state.problems
    assert state.result.text == match.state.result.text
    again = match_file.export(state, source.events, source.info)
    assert again == document


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(["Harbour Terns", "T 1", "14.3"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


def places(value, path=()):
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, key))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(0, 9999), min_size=10, max_size=30), st.data())
def test_a_file_bent_anywhere_is_read_or_refused_and_nothing_else(steps, data):
    match = RandomMatch(steps, format="T20", overs=3)
    match.add("match_end", outcome={"winner": AVOCETS, "by": {"runs": 1}})
    document = match_file.export(match.state, match.log, {"dates": ["2031-01-01"]})
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(document))))
        if path:
            holder = document
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = data.draw(JSON)
    try:
        source = match_file.read(json.dumps(document).encode(), "bent")
    except match_file.Malformed as refusal:
        assert str(refusal).endswith(".")
        return
    state = fold(source.events)
    json.dumps(cards(source, state))
    match_file.verdict(source, state)
    match_file.export(state, source.events, source.info)
