"""How long each test took: remembered by every run, said by `make slowest`, and used to run the longest files first.

A worker that begins a file of a minute when the other has nothing left lets it wait for that minute. The files' seconds
are kept in seconds.json beside this file, rounded, and only from where they matter; a file that it does not name comes
last.
"""

import json
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = Path(__file__).with_name("seconds.json")
REMEMBERED = "cricverse/seconds"  # in pytest's cache
LEAST = 3  # seconds of a file that is worth a line


class Memory:
    """A pytest plugin: {test: seconds} of set-up, call and teardown, kept in pytest's cache beside those of earlier
    runs.
    """

    def __init__(self, config):
        self.cache, self.seconds = config.cache, Counter()

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] += report.duration

    def pytest_sessionfinish(self):
        self.cache.set(REMEMBERED, self.cache.get(REMEMBERED, {}) | {k: round(v, 2) for k, v in self.seconds.items()})


def longest_first(items):
    """Sort collected tests so that the files which take longest come first; inside a file nothing changes."""
    seconds = json.loads(KEPT.read_text(encoding="utf-8"))
    items.sort(key=lambda item: -seconds.get(item.path.relative_to(ROOT).as_posix(), 0))


def main(arguments):
    """Print the hundred slowest tests of the last runs and the files they stand in; `--keep` renews seconds.json."""
    remembered = ROOT / ".pytest_cache/v" / REMEMBERED
    tests = Counter(json.loads(remembered.read_text(encoding="utf-8")) if remembered.exists() else {})
    files = Counter()
    for test, seconds in tests.items():
        if (ROOT / test.split("::")[0]).exists():
            files[test.split("::")[0]] += seconds
    for test, seconds in tests.most_common(100):
        print(f"{seconds:8.2f} s  {test}")
    print(f"\n{sum(files.values()):8.0f} s  {len(tests)} tests in {len(files)} files, one after the other")
    if arguments == ["--keep"]:
        long = {name: round(seconds) for name, seconds in files.most_common() if seconds >= LEAST}
        KEPT.write_text(json.dumps(long, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
