"""Every route and socket event under calls of every kind: 2,000 in each run, the same ones each time; more by
`make fuzz`."""

import os

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.support.fuzzing import Fuzz

CALLS = int(os.environ.get("FUZZ_CALLS", "2000"))
SEED = int(os.environ.get("FUZZ_SEED", "12"))

EMPTY = {"site.player", "supervisor.see_alarm"}  # of which the stage has none


def test_no_call_ends_in_an_error_of_ours(app, cast, rows, ground, sandbox):
    fuzz = Fuzz(app, cast, rows, ground, sandbox)

    @seed(SEED)
    @settings(
        max_examples=CALLS,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def calls(data):
        fuzz.play(data.draw)

    with fuzz.traces:
        outside = fuzz.honest()
        calls()
    print(f"seed {SEED}: {dict(fuzz.counts)}")
    assert not fuzz.errors, f"seed {SEED}, {dict(fuzz.counts)}\n\n{fuzz.report()}"
    assert outside <= EMPTY, (
        f"the fuzz is let in nowhere at {sorted(outside - EMPTY)}: say in fuzzing.py what it sends there"
    )
