"""The console's fold (static/js/scorer/fold.js) against the engine's: the same state after every prefix of random and
of real matches.
"""

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from cricket.engine.scoring import Event, Impossible, apply, fold
from cricket.engine.totals import totals
from tests.support.laws import bowlers

HERE = Path(__file__).resolve().parents[1] / "support"
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="the console's fold is tried in Node, which is not installed")


def run_node(script, payload):
    done = subprocess.run(
        [NODE, str(HERE / script)], input=json.dumps(payload), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def plain(state):
    """What the console shows of a state, as lists and dicts; fold_prefixes.mjs says the same of its own."""
    from cricket.engine.results import derive, target_of

    open_, found = state.current, derive(state)
    return {
        "innings": [
            {
                "team": i.team,
                "runs": i.runs,
                "wickets": i.wickets,
                "overs": i.overs_text,
                "legal": i.legal,
                "deliveries": i.deliveries,
                "extras": i.extras,
                "ended": i.ended,
                "target": target_of(state, i),
                "striker": i.striker,
                "non_striker": i.non_striker,
                "declared": i.declared,
                "follow_on": i.follow_on,
                "absent": i.absent,
                "all_out": i.all_out,
                "suspended": i.suspended,
                "batting": [
                    [
                        b.key,
                        b.runs,
                        b.balls,
                        b.fours,
                        b.sixes,
                        b.position,
                        b.state,
                        b.retired,
                        b.out.kind if b.out else None,
                        b.out.bowler if b.out else None,
                    ]
                    for b in i.batting.values()
                ],
                "bowling": [
                    [
                        b.key,
                        b.overs,
                        b.maidens,
                        b.runs,
                        b.wickets,
                        b.wides,
                        b.noballs,
                        b.wide_balls,
                        b.noball_balls,
                        b.dots,
                    ]
                    for b in i.bowling.values()
                ],
                "fow": [[f.wicket, f.score, f.player, f.label, f.kind] for f in i.fow],
                "partnerships": [[p.wicket, p.pair, p.runs, p.balls, p.by, p.ended] for p in i.partnerships],
                "over": [
                    [
                        o.number,
                        o.runs,
                        o.wickets,
                        o.legal,
                        o.complete,
                        o.maiden,
                        [
                            [
                                b.key,
                                b.label,
                                b.total,
                                b.score,
                                b.down,
                                b.free_hit,
                                b.shot and [b.shot.x, b.shot.y, b.shot.length],
                            ]
                            for b in o.balls
                        ],
                    ]
                    for o in i.overs
                ],
                "totals": totals(i),
            }
            for i in state.innings
        ],
        "due": (state.due == "innings") if open_ else None,
        "over_due": open_.over_due if open_ else None,
        "needed": state.runs_needed if open_ else None,
        "left": state.balls_left if open_ else None,
        "can_bat": sorted(state.can_bat()),
        "can_bowl": sorted(state.can_bowl()),
        "free_hit": open_.free_hit if open_ else None,
        "unlawful": state.unlawful,
        "hands": state.hands,
        "bowlers": bowlers(state, open_) if open_ else {},
        "on_break": state.break_ is not None,
        "ended": state.ended,
        "follow_on": state.follow_on_possible,
        "result": state.result.text if state.result else None,
        "decided": found.text if found and not open_ else None,
        "called_off": derive(state, over=True, reason="no further play").text,
    }


def sent(events):
    return [{"seq": e.seq, "key": e.key, "kind": e.kind, "body": e.body} for e in events]


def compare(logs):
    """Fold the same prefixes of the same logs on both sides. `logs`: [(name, [Event], [prefix])]."""
    theirs = run_node(
        "fold_prefixes.mjs", {"logs": [{"events": sent(events), "prefixes": prefixes} for _, events, prefixes in logs]}
    )
    for (name, events, prefixes), states in zip(logs, theirs, strict=True):
        for n, js in zip(prefixes, states, strict=True):
            state = fold(events[:n])
            ours = json.loads(json.dumps(plain(state)))
            assert set(js.pop("problems")) <= {key for key, _ in state.problems}, (
                name,
                n,
                "the console calls impossible what is not",
            )
            if ours == js:
                continue
            last = events[n - 1]
            differing = [key for key in ours if ours[key] != js[key]]
            for key in differing:
                if key == "innings":
                    for a, b in zip(ours[key], js[key], strict=True):
                        for field in a:
                            assert a[field] == b[field], (name, n, last.kind, last.body, field)
                assert ours[key] == js[key], (name, n, last.kind, last.body, key)


METHODS = (None, "D/L", "Awarded", "Conceded", "Lost fewer wickets", "Run rate", "1st innings score", "Boundary count")
OUTCOMES = [
    {**outcome, **({"method": method} if method else {})}
    for method in METHODS
    for outcome in (
        {"winner": 0},
        {"winner": 1, "by": {"runs": 1}},
        {"winner": 0, "by": {"wickets": 10}},
        {"winner": 1, "by": {"innings": 1, "runs": 7}},
        {"result": "tie"},
        {"result": "tie", "eliminator": 1},
        {"result": "tie", "bowl_out": 0},
        {"result": "draw", "eliminator": 0},
        {"result": "draw"},
        {"result": "no result"},
    )
]


def random_logs(count, seed):
    from tests.cricket.test_scoring_properties import Interrupted, RandomMatch, Tumbling

    chance = random.Random(seed)
    formats = (
        {"format": "T20", "overs": 7, "bowler_limit": 2},
        {"format": "Hundred", "overs": 4, "balls_per_over": 5, "balls_per_end": 10, "no_ball": 2},
        {"format": "Test", "overs": None, "innings": 4},
        {"format": "T20", "overs": 4, "balls_per_over": 8, "bowler_limit": 2, "part_overs": "balls"},
    )
    for n in range(count):
        kind = (Interrupted, RandomMatch, Tumbling)[n % 3]
        match = kind([chance.randrange(10000) for _ in range(chance.randrange(20, 130))], **formats[n % 4])
        match.add(
            "match_end",
            **chance.choice(
                ({}, {"reason": "no further play"}, {"reason": "abandoned"}, {"outcome": chance.choice(OUTCOMES)})
            ),
        )
        yield f"random {seed} {n}", match, chance


def rewrite(match, chance):
    """Undo, redo and correct here and there, as far as the engine lets it."""
    state, log = fold(match.log), list(match.log)
    for _ in range(30):
        aim = chance.choice(log)
        key = f"w{len(log)}"
        ball = next((e for e in reversed(log) if e.kind == "delivery" and chance.random() < 0.2), None)
        if chance.random() < 0.4 or ball is None:
            kind, body = "undo", {"of": aim.key if chance.random() < 0.5 else log[-1].key}
        elif chance.random() < 0.5:
            kind, body = (
                "correction",
                {"changes": [{"of": ball.key, "body": {**ball.body, "bat": chance.randrange(7), "extras": {}}}]},
            )
        elif chance.random() < 0.5:
            kind, body = "correction", {"changes": [{"of": ball.key, "delete": True}]}
        else:
            new = {**ball.body, "bat": 1}
            new.pop("wickets", None), new.pop("extras", None), new.pop("next", None)
            kind, body = (
                "correction",
                {"changes": [{"before": ball.key, "key": f"{key}x", "kind": "delivery", "body": new}]},
            )
        event = Event(len(log) + 1, key, kind, body)
        try:
            apply(state, event, strict=True)
        except Impossible:
            continue
        log.append(event)
    return log


def test_random_matches_fold_to_the_same_state_after_every_prefix():
    logs = [(name, match.log, list(range(1, len(match.log) + 1))) for name, match, _ in random_logs(12, 7)]
    compare(logs)


def test_undo_redo_and_corrections_fold_to_the_same_state():
    logs = []
    for name, match, chance in random_logs(30, 11):
        log = rewrite(match, chance)
        logs.append((name, log, list(range(len(match.log), len(log) + 1))))
    assert sum(e.kind in ("undo", "correction") for _, log, _ in logs for e in log) > 60
    compare(logs)


def test_who_is_out_and_named_again_folds_to_the_same_state():
    """A file may hold a pair of whom one is out long since: the partnership is then of nobody who comes after."""
    from cricket.cricsheet import match_file
    from tests.cricket.test_cricsheet import ball, document, raw

    gone = ball(wickets=[{"kind": "bowled", "player_out": "T 1"}])
    balls = [gone, ball("T 3"), ball("T 3", "T 1", bat=1), ball("T 2", "T 3", bat=2), ball("T 2", "T 3", bat=3)]
    events = match_file.read(raw(document([balls]))).events
    compare([("named again", events, list(range(1, len(events) + 1)))])
    assert [stand.runs for stand in fold(events).innings[0].partnerships] == [0, 0, 1, 5]


def test_real_matches_fold_to_the_same_state(shared):
    from cricket.cricsheet import match_file

    chance = random.Random(3)
    logs = []
    for path in sorted((shared / "cricsheet/matches").glob("*.json")):
        events = match_file.read(path.read_bytes()).events
        prefixes = sorted({len(events), *(chance.randrange(1, len(events)) for _ in range(2))})
        logs.append((path.stem, events, prefixes))
    assert len(logs) >= 60
    for i in range(0, len(logs), 10):
        compare(logs[i : i + 10])
