"""How fast the best available seats are found on a ground of 100,000 seats, at several stages of a sale.

  python -m bench.best [--wishes 400] [--seats 100000]

The reference is what this replaced: one window query over the free seats of the scope, for the same wishes in the same
run, in turns (for one in ten of them, because it takes its time). Figures are for wishes that can be met: the search
alone over states that are in memory, as a fan gets it when anybody has looked within half a second; the offers of the
seat page over the same; and the search with the states read anew. Asked: ≤ 20 ms at the 95th percentile. Where both
answer, the sums of quality are compared.
"""

import argparse
import random
import time

from sqlalchemy import create_engine, text

from bench import stage
from booking.holds import get_event
from booking.offers import find_offers
from extensions import db
from refusals import Refused
from seating import best_available as best
from seating import states
from seating.best_available import Wish, best_available

SHARES = (0, 50, 80, 95)

# The ground gets five bands, qualities that differ from seat to seat, and a pair for a wheelchair in every tenth row.
DRESS = """
set local session_replication_role = replica;
update seat set quality = abs(hashint4(id)) % 400 + abs(hashint4(row_id)) % 400 + abs(hashint4(stand_id)) % 200,
  band = chr(65 + stand_id % 5),
  kind = case when row_id % 10 = 0 and position = 1 then 'accessible'
              when row_id % 10 = 0 and position = 2 then 'companion'
              when id % 41 = 0 then 'restricted' else 'standard' end;
insert into event_price (event_id, band, ticket_type, face)
  select :event, chr(64 + n), 'adult', 4000 + 1000 * n from generate_series(1, 5) n on conflict do nothing"""

REFERENCE = """
with free as (
  select s.id, s.row_id, s.position, s.quality from seat s
    left join seat_claim c on c.event_id = :event and c.seat_id = s.id and not app.has_lapsed(c.state, c.expires_at)
   where s.layout_id = :layout and c.seat_id is null and s.kind in ('standard', 'restricted')
     and (cast(:band as text) is null or s.band = :band) and (cast(:stand as int) is null or s.stand_id = :stand)
     and exists (select from event_price p where p.event_id = :event and p.band = s.band and p.ticket_type = 'adult')),
block as (
  select sum(quality) over w as score, count(*) over w as n, max(position) over w - position as width, id
    from free window w as (partition by row_id order by position rows between current row and %d following))
select score from block where n = :n and width = :n - 1 order by score desc, id limit 1"""


def sell(engine, event, share):
    with engine.begin() as c:
        c.execute(text("delete from seat_claim"))
        c.execute(
            text(
                """insert into seat_claim (event_id, seat_id, state) select e.id, s.id, 'blocked' from event e
                                                                       join seat s on s.layout_id = e.layout_id
                    where e.id = :e and abs(hashint4(s.id + s.row_id)) % 100 < :share"""
            ),
            {"e": event, "share": share},
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.execute(text("vacuum analyze seat_claim"))


def random_wish(lot, stands):
    where = lot.random()
    return Wish(
        lot.randint(1, 8),
        (lot.choice("ABCDE"),) if where < 0.4 else (),
        lot.choice(stands) if where > 0.8 else None,
        together=lot.random() < 0.9,
        accessible=lot.random() < 0.1,
    )


def timed(work, *args, **more):
    """(ms, what came back, or None where it was refused)."""
    started = time.perf_counter()
    try:
        found = work(*args, **more)
    except Refused:
        found = None
    return (time.perf_counter() - started) * 1000, found


def shown(times):
    times = sorted(times)
    return (
        f"{times[len(times) // 2]:8.2f} {times[len(times) * 95 // 100]:8.2f} {times[-1]:8.2f}"
        if times
        else "       -        -        -"
    )


def measure(event_id, wishes, lot):
    event = get_event(event_id)
    slots = best.slots_of(event.layout_id)
    stands = [s.id for s in slots.map.stands]
    quality = dict(zip(slots.map.ids, slots.map.quality, strict=True))
    warm, fresh, reference, refused, offered, none = [], [], [], [], [], []
    lower = higher = equal = 0
    for number in range(wishes):
        wish = random_wish(lot, stands)
        states.states_of(event.id, event.layout_id, 0)
        ms, found = timed(best_available, event, wish, max_age=3600)
        (warm if found else refused).append(ms)
        ms, found_offers = timed(find_offers, event, wish, max_age=3600)
        (offered if found_offers and found_offers.offers else none).append(ms)
        if number % 10:
            continue
        ms, _ = timed(best_available, event, wish, max_age=0)
        fresh.append(ms)
        if wish.together and not wish.accessible:
            values = {
                "event": event.id,
                "layout": event.layout_id,
                "band": wish.bands[0] if wish.bands else None,
                "stand": wish.stand_id,
                "n": wish.count,
            }
            ms, score = timed(
                lambda values=values, n=wish.count: db.session.execute(text(REFERENCE % (n - 1)), values).scalar()
            )
            reference.append(ms)
            if found and score is not None:
                ours = sum(quality[i] for i in found)
                lower, equal, higher = lower + (ours < score), equal + (ours == score), higher + (ours > score)
            elif bool(found) != (score is not None):
                raise SystemExit(f"one of both found nothing: {wish}, {found}, {score}")
    print(f"  search, states in memory   {shown(warm)}   {len(warm)} met  (asked p95 ≤ 20)")
    print(f"  three offers               {shown(offered)}   {len(offered)} met")
    print(f"  no offer, with ways left   {shown(none)}   {len(none)}")
    print(f"  search, states read anew   {shown(fresh)}")
    print(f"  refused, with a way out    {shown(refused)}   {len(refused)}")
    print(
        f"  window query it replaced   {shown(reference)}   sum of quality: {equal} equal, {lower} lower for want of a "
        f"single seat, {higher} higher"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wishes", type=int, default=400)
    parser.add_argument("--seats", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with stage.database() as url:
        from app import create_app
        from config import load_settings

        _, event, _ = stage.build_ground(url, asked.seats)
        engine = create_engine(url)
        with engine.begin() as c:
            c.execute(text(DRESS), {"event": event})
            c.execute(text("update event set guards_singles = true"))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            c.execute(text("vacuum analyze"))
        stage.build_buyers(url, 1)
        app = create_app(
            load_settings(
                {
                    "CRICVERSE_ENV": "testing",
                    "DATABASE_URL": url,
                    "APP_DATABASE_PASSWORD": stage.PASSWORD,
                    "LOG_LEVEL": "ERROR",
                }
            )
        )
        lot = random.Random(asked.seed)
        print(f"{asked.seats:,} seats, ms:            p50      p95      max")
        for share in SHARES:
            sell(engine, event, share)
            with app.test_request_context():
                print(f"{share} % sold")
                if share == SHARES[0]:
                    started = time.perf_counter()
                    slots = best.slots_of(get_event(event).layout_id)
                    read = time.perf_counter()
                    for n in range(1, 9):
                        slots.order(n)
                    loaded, ordered = 1000 * (read - started), 1000 * (time.perf_counter() - read) / 8
                    print(
                        f"  once for a layout: reading it {loaded:.0f}, and putting its blocks in order {ordered:.0f} "
                        "for each size"
                    )
                measure(event, asked.wishes, lot)
                db.session.rollback()
        engine.dispose()


if __name__ == "__main__":
    main()
