"""What the server refuses the console says before, in the same words: random entries into random matches."""

import random

import pytest

from cricket.engine.scoring import Event, Impossible, apply, fold
from cricket.engine.shapes import DISMISSALS, EXTRAS
from tests.cricket.test_scorer_fold import NODE, run_node, sent
from tests.cricket.test_scoring_properties import RandomMatch, Tumbling

FORMATS = (
    {"format": "T20", "overs": 3},
    {"format": "Hundred", "overs": 4, "balls_per_over": 5, "balls_per_end": 10, "no_ball": 2},
    {"format": "Test", "overs": None, "innings": 4},
)


def delivery(chance, batters, bowler):
    body = {
        "striker": batters[0],
        "non_striker": batters[1],
        "bowler": bowler,
        "bat": chance.choice((0, 0, 0, 1, 4, 9)),
    }
    if chance.random() < 0.4:
        body["extras"] = {
            chance.choice(EXTRAS): chance.choice((1, 1, 2, 5, 11)) for _ in range(chance.choice((1, 1, 2)))
        }
    if chance.random() < 0.5:
        body["wickets"] = [{"kind": chance.choice(DISMISSALS), "player": chance.choice(batters)}]
    if chance.random() < 0.1:
        body["next"] = chance.choice([*batters, "new"])
    return body


def entry(chance, state):
    """(kind, body) of something that may or may not be: mostly with those who are at the wicket, often with others."""
    innings = state.current
    bat, bowl = "ta" if innings is None or not innings.team else "at"
    batters = [f"{bat}{chance.randrange(1, 15)}" for _ in range(3)]
    bowler = f"{bowl}{chance.randrange(1, 15)}"
    if innings and chance.random() < 0.7:
        batters[:2] = innings.striker or batters[0], innings.non_striker or batters[1]
    if innings and chance.random() < 0.7:
        bowler = innings.bowler or bowler
    team = chance.randrange(2)
    return chance.choice(
        (
            *[("delivery", delivery(chance, batters, bowler))] * 6,
            ("batters", {"striker": chance.choice((*batters, None)), "non_striker": chance.choice((*batters, None))}),
            ("bowler", {"bowler": bowler}),
            ("wicket", {"kind": chance.choice(DISMISSALS), "player": chance.choice(batters)}),
            ("absent", {"player": batters[2]}),
            ("over_end", {}),
            (
                "replacement",
                {
                    "team": team,
                    "in": f"{chance.choice('ta')}{chance.randrange(1, 15)}",
                    "out": f"{'ta'[team]}{chance.randrange(1, 15)}",
                    "reason": "impact_player",
                    "type": "match",
                },
            ),
        )
    )


def said(log, event):
    """The server's sentence, or None."""
    try:
        apply(fold(log), event, strict=True)
    except Impossible as refusal:
        return refusal.sentence
    return None


@pytest.mark.skipif(NODE is None, reason="the console's fold is tried in Node, which is not installed")
def test_the_console_says_before_what_the_server_refuses():
    chance = random.Random(11)
    asked, expected = [], []
    for n in range(36):
        steps = [chance.randrange(10000) for _ in range(chance.randrange(10, 110))]
        match = (RandomMatch, Tumbling)[n % 2](steps, **FORMATS[n % 3])
        tried = [Event(0, f"tried{k}", *entry(chance, match.state)) for k in range(20)]
        asked.append({"events": sent(match.log), "tried": sent(tried)})
        expected.append([(event.kind, event.body, said(match.log, event)) for event in tried])
    assert 200 < sum(sentence is not None for told in expected for *_, sentence in told) < 700
    for told, console in zip(expected, run_node("law_cases.mjs", {"cases": asked}), strict=True):
        assert [(*each[:2], words) for each, words in zip(told, console["refused"], strict=True)] == told
