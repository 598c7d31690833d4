"""A sale that everybody waited for: buyers arrive within ten seconds at one sale of 100,000 seats, each with the live
map open, and order two seats.

  python -m bench.onsale [--buyers 3000] [--within 10] [--think 2]

Each buyer opens the seat page, fetches the layout, prices and states that the map is drawn from, opens its websocket
and joins the event's room, looks around for `--think` seconds on average, holds two seats side by side (others, if
somebody was quicker), looks again, and pays by card at the sandbox, whose webhooks come, until the tickets are there.
The product runs as `make run` starts it, on the demo season; the buyers run on the same machine, and what they cost is
said.

What is shed must say so with a page or a sentence and a time to come again (429 or 503 with Retry-After), which is then
obeyed; anything else that is not the next step is an error. Afterwards the database is asked whether a seat was sold
twice, and for everything else that must be true of a sale (booking/invariants.py). Asked: 0 errors, 0 double sales.
"""

import argparse
import json
import subprocess
import sys
import time

from sqlalchemy import create_engine, text

from bench import processes, stage
from bench.cast import find_cast
from bench.journey import at, our_side
from booking import invariants

STEPS = ("page", "layout", "prices", "states", "hold", "after", "pay", "start", "card", "status", "tickets")


def sold(url, event):
    """(seats of this event with more than one live ticket, live tickets, promises that are broken)."""
    engine = create_engine(url)
    with engine.begin() as c:
        c.execute(text("set local row_security = off"))
        doubles, tickets = c.execute(
            text(
                """select count(*) filter (where n > 1), coalesce(sum(n), 0) from (
                     select count(*) as n from ticket where event_id = :e and status <> 'void' group by seat_id) x"""
            ),
            {"e": event},
        ).one()
    with engine.connect() as c:
        broken = [result for result in invariants.check(c) if result.count]
    engine.dispose()
    return doubles, tickets, broken


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--buyers", type=int, default=3000)
    parser.add_argument("--within", type=float, default=10)
    parser.add_argument("--think", type=float, default=2)
    asked = parser.parse_args()
    with stage.season() as season:
        cast = find_cast(season, doors=False)
        _, before, _ = sold(season.url, cast.large)
        with our_side(season, cast) as (ours, meter):
            time.sleep(10)  # the jobs' first round is no idle work
            meter.rest()
            task = {
                **vars(asked),
                **{"base": ours.base, "sandbox": ours.sandbox, "event": cast.large, "pairs": cast.pairs},
            }
            path = season.home / "task.json"
            path.write_text(json.dumps(task))
            cpu = {}
            with meter.over(cpu):
                done = subprocess.run(
                    [sys.executable, "-W", "ignore", "-m", "bench.onsale_buyers", str(path)],
                    cwd=stage.ROOT,
                    stdout=subprocess.PIPE,
                    text=True,
                    check=True,
                )
                time.sleep(2)
            seen = json.loads(done.stdout)
            alive = processes.own_cpu(meter.web) > 0
        doubles, tickets, broken = sold(season.url, cast.large)
        tell(asked, seen, cpu)
        print(
            f"double sales {doubles} (asked 0); {tickets - before:,} tickets, {2 * len(seen['whole']):,} were paid; "
            f"promises broken: {', '.join(f'{r.number} ({r.count})' for r in broken) or 'none'}"
        )
        log = (season.home / "server.log").read_text()
        print(
            f"the server {'lived' if alive else 'DIED'}; its log has {log.count('[error'):,} errors and "
            f"{log.count('[warning'):,} warnings"
        )
        if doubles or broken or seen["errors"]:
            for line in [line for line in log.splitlines() if "[error" in line][:5]:
                print(f"  {line[:200]}")
            raise SystemExit(1)


def tell(asked, seen, cpu):
    done, ended = len(seen["whole"]), sorted(seen["ended"])
    print(
        f"{asked.buyers:,} buyers within {asked.within:g} s: {done:,} orders in {seen['seconds']:.0f} s, "
        f"{done / seen['seconds']:.1f} orders/s"
        + (f" ({done * 0.8 / (at(ended, 0.9) - at(ended, 0.1)):.1f}/s in the middle)" if done > 20 else "")
    )
    for step in STEPS:
        if took := sorted(seen["took"].get(step, ())):
            waited = sorted(seen["waited"].get(step, ()))
            line = f"; {len(waited):,} in line before, p95 {at(waited, 0.95) / 1000:,.1f} s" if waited else ""
            print(f"  {step:<8} p50 {at(took, 0.5):8,.0f}  p95 {at(took, 0.95):8,.0f} ms, {len(took):,} answers{line}")
    if whole := sorted(seen["whole"]):
        print(f"  whole    p50 {at(whole, 0.5) / 1000:8,.1f}  p95 {at(whole, 0.95) / 1000:8,.1f} s")
    said = ", ".join(f"{what} {n:,}" for what, n in sorted(seen["shed"].items())) or "nothing"
    print(f"shed: {said}; {seen['places']:,} times with a place in line; somebody was quicker {seen['taken']:,} times")
    messages = ", ".join(f"{n:,} {name}" for name, n in seen["messages"].items())
    print(f"live messages: {messages or 'none'}")
    each = ", ".join(f"{name} {ms / max(1, done):.1f}" for name, ms in cpu.items())
    print(f"CPU-ms an order: {each}; the buyers themselves {1000 * seen['cpu'] / max(1, done):.1f}")
    print(f"errors: {sum(seen['errors'].values()):,} (asked 0)")
    for what, n in sorted(seen["errors"].items(), key=lambda pair: -pair[1])[:12]:
        print(f"  {n:,} × {what}")


if __name__ == "__main__":
    main()
