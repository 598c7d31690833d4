"""One clock: our processes and the database agree what time it is; under bin/clock-sweep it is what was asked for."""

import os
import subprocess
import sys
import time

import pytest

MOMENT = os.environ.get("CLOCK_SWEEP_MOMENT")  # seconds since 1970


@pytest.fixture
def clocks(rows):
    """Seconds since 1970 by our clock, by the database's and by that of a process that begins now."""
    another = subprocess.run([sys.executable, "-c", "import time; print(time.time())"], capture_output=True, check=True)
    return time.time(), float(rows.value("select extract(epoch from clock_timestamp())")), float(another.stdout)


def test_all_have_one_clock(clocks):
    assert max(clocks) - min(clocks) < 60


@pytest.mark.skipif(not MOMENT, reason="for bin/clock-sweep alone")
def test_the_clock_is_the_one_that_was_asked_for(clocks):
    # A sweep takes hours where much else runs.
    assert all(0 <= at - float(MOMENT) < 3 * 3600 for at in clocks)
