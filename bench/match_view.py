"""What a ball costs on its way to the match page: `python -m bench.match_view [FOLDER]`

FOLDER holds Cricsheet files (by default ../shared/cricsheet/matches beside the checkout). Every match is told event by
event, as a scorer would, and for each delivery stand beside each other: the message with the patch of the view, which
is what pages get, and the same message with the patch of the board, which scripts get from /api/matches/<id>/events and
which the pages got before, then with a summary. Bytes are those of the Socket.IO packet. CPU is that of making the
document and its patch, once a ball in the process that records it.
"""

import argparse
import time
from collections import defaultdict
from pathlib import Path

from bench.scoring import CORPUS
from cricket.board.document import board, summary
from cricket.board.patch import diff, dumps, merge_diff
from cricket.board.view import view
from cricket.cricsheet.match_file import read
from cricket.engine.scoring import MatchState

KINDS = {"T20": "T20", "IT20": "T20", "ODI": "50 overs", "ODM": "50 overs", "Test": "days", "MDM": "days"}


def packet(number, kind, patch, **more):
    """The bytes of a message as realtime.publish_match_update sends it."""
    message = {"match_id": 1000, "seq": number, "kind": kind, "patch": patch, "replay": False, **more}
    return len(f'42["match_update",{dumps(message)}]'.encode())


def timed(work, *args):
    """(what it returned, CPU seconds)."""
    began = time.process_time()
    found = work(*args)
    return found, time.process_time() - began


def balls(path):
    """(kind of match, rows of (view's bytes, board's, board's with summary, view's CPU, board's CPU)) of a match's
    deliveries.
    """
    source = read(path.read_bytes(), path.stem)
    state, rows, known = MatchState(), [], None
    for event in source.events:
        state.apply(event)
        document, drawing = timed(board, state)
        shown, showing = timed(view, document)
        if known and event.kind == "delivery":
            patch, comparing = timed(diff, known[0], document)
            merging, merge_time = timed(merge_diff, known[1], shown)
            about = (state.seq, event.kind)
            rows.append(
                (
                    packet(*about, merging),
                    packet(*about, patch),
                    packet(*about, patch, summary=summary(state)),
                    showing + merge_time,
                    drawing + comparing,
                )
            )
        known = document, shown
    return KINDS.get(source.info.get("match_type"), "other"), rows


def share(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=CORPUS)
    found, matches = defaultdict(list), defaultdict(int)
    for path in sorted(parser.parse_args().folder.glob("*.json")):
        kind, rows = balls(path)
        found[kind] += rows
        matches[kind] += bool(rows)
    for kind, rows in found.items():
        print(f"{kind}: {matches[kind]} matches, {len(rows)} balls" + " " * 20 + "median     p95")
        for at, name in enumerate(("view's patch, bytes", "board's patch, bytes", "board's with summary")):
            values = [row[at] for row in rows]
            print(f"  {name:<44}{share(values, 0.5):>8} {share(values, 0.95):>8}")
        for at, name in ((3, "view and its patch, CPU ms"), (4, "board and its patch, CPU ms")):
            values = [row[at] * 1000 for row in rows]
            print(f"  {name:<44}{share(values, 0.5):>8.2f} {share(values, 0.95):>8.2f}")


if __name__ == "__main__":
    main()
