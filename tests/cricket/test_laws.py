"""The hard cases of the Laws, on the engine and on the console's fold: see tests/support/laws.py."""

import importlib
import json
from pathlib import Path

import pytest

from cricket.engine.scoring import apply
from tests.cricket.test_scorer_fold import NODE, run_node, sent
from tests.support.laws import CASES, facts
from tests.support.scorebook import Event, refused

for path in sorted((Path(__file__).parent / "laws").glob("*.py")):
    importlib.import_module(f"tests.cricket.laws.{path.stem}")


@pytest.fixture(scope="module")
def consoles():
    """{case: what the console shows and refuses}, of all cases in one Node."""
    if NODE is None:
        pytest.skip("the console's fold is tried in Node, which is not installed")
    told = {name: tell() for name, tell in CASES.items()}
    asked = [
        {
            "events": sent(case.book.log),
            "tried": sent(
                [
                    Event(0, f"tried{n}", kind, body)
                    for n, (kind, body, *_) in enumerate([*case.refused, *case.accepted])
                ]
            ),
        }
        for case in told.values()
    ]
    return dict(zip(told, run_node("law_cases.mjs", {"cases": asked}), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_the_engine_keeps_the_law(name):
    told = CASES[name]()
    shown = facts(told.book.state)
    assert {fact: shown[fact] for fact in told.shows} == told.shows
    assert json.loads(json.dumps(facts(told.book.folded()))) == json.loads(json.dumps(shown))
    for kind, body, code, sentence in told.refused:
        assert refused(told.book, code, kind, **body) == sentence
    for kind, body in told.accepted:
        apply(told.book.folded(), Event(len(told.book.log) + 1, "tried", kind, body), strict=True)


@pytest.mark.parametrize("name", CASES)
def test_the_console_keeps_the_law(name, consoles):
    told, console = CASES[name](), consoles[name]
    shows = {**told.shows, **told.console}
    assert {fact: console["facts"][fact] for fact in shows} == shows
    count = len(told.refused)
    if told.early:
        assert console["refused"][:count] == [sentence for *_, sentence in told.refused]
    assert console["refused"][count:] == [None] * len(told.accepted)
