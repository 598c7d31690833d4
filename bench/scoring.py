"""How fast the scoring engine folds a match: `python -m bench.scoring [FOLDER]`

FOLDER holds Cricsheet files (by default ../shared/cricsheet/matches beside the checkout; without it, a Test match made
here of random balls is used). The longest match is read and folded; beside it stands `json.loads` of the same bytes in
the same run, so that the figures of two machines can be compared. Each figure is the best of several rounds.
"""

import argparse
import json
import random
import time
from pathlib import Path

from cricket.cricsheet import match_file
from cricket.cricsheet.cards import innings_cards
from cricket.engine.scoring import MatchState, apply, fold

ROUNDS = 7
CORPUS = Path(__file__).resolve().parents[2] / "shared" / "cricsheet" / "matches"


def made_up(overs=420, seed=1) -> bytes:
    """A drawn Test match of random balls, as a Cricsheet file."""
    chance = random.Random(seed)
    sides = {side: [f"{side} {n}" for n in range(1, 12)] for side in ("Terns", "Avocets")}
    innings = []
    for n in range(4):
        bat, bowl = ("Terns", "Avocets") if n % 2 == 0 else ("Avocets", "Terns")
        pair = [f"{bat} 1", f"{bat} 2"]
        body = []
        for over in range(overs // 4):
            balls = []
            for _ in range(6):
                runs = chance.choice((0, 0, 0, 0, 1, 1, 2, 4))
                score = {"batter": runs, "extras": 0, "total": runs}
                balls.append(
                    {"batter": pair[0], "non_striker": pair[1], "bowler": f"{bowl} {9 + over % 2}", "runs": score}
                )
                if runs % 2:
                    pair.reverse()
            pair.reverse()
            body.append({"over": over, "deliveries": balls})
        innings.append({"team": bat, "overs": body, "declared": True})
    info = {
        "match_type": "Test",
        "teams": list(sides),
        "players": sides,
        "outcome": {"result": "draw"},
        "dates": ["2031-01-01"],
    }
    return json.dumps({"meta": {"revision": 1}, "info": info, "innings": innings}).encode()


def best(work) -> float:
    """Seconds of the fastest of several rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def one_by_one(events, strict=False):
    state = MatchState()
    for event in events:
        apply(state, event, strict)
    return state


def longest(folder: Path) -> tuple[str, bytes]:
    """The match with the most balls."""
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not files:
        return "a made-up Test match", made_up()
    path = max(files, key=lambda path: path.read_bytes().count(b'"non_striker"'))
    return path.name, path.read_bytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=CORPUS)
    name, raw = longest(parser.parse_args().folder)
    source = match_file.read(raw, name)
    state = fold(source.events)
    balls = sum(innings.deliveries for innings in state.innings)
    print(f"{name}: {balls} balls, {len(source.events)} events, {len(raw) / 1024:.0f} KiB")
    parse = best(lambda: json.loads(raw))
    read = best(lambda: match_file.read(raw, name))
    whole = best(lambda: fold(source.events))
    steps = best(lambda: one_by_one(source.events))
    strict = best(lambda: one_by_one(source.events, strict=True))
    card = best(lambda: innings_cards(state))
    print(f"json.loads of the same bytes      {parse * 1000:8.2f} ms   (reference)")
    print(f"read into events                  {read * 1000:8.2f} ms   {read / parse:5.1f} × json.loads")
    print(f"fold the whole log                {whole * 1000:8.2f} ms   {balls / whole:10,.0f} balls/s")
    print(f"one event after another           {steps * 1000:8.2f} ms   {balls / steps:10,.0f} balls/s")
    print(f"one after another, checked        {strict * 1000:8.2f} ms   {balls / strict:10,.0f} balls/s")
    print(f"cards of all innings              {card * 1000:8.2f} ms")
    print(
        f"open the match: read and fold     {(read + whole) * 1000:8.2f} ms   {(read + whole) / parse:5.1f} × "
        "json.loads"
    )


if __name__ == "__main__":
    main()
