"""What buyers were told, written down by themselves at the moment of each answer, and compared with the database
afterwards.
"""

import collections
import json
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine, text

from booking import invariants


class Log:
    """What one buyer's side was told, written at the moment of each answer and only ever added to."""

    def __init__(self, folder, name):
        self.file = open(Path(folder) / f"{name}.log", "a", buffering=1)
        self.counts = collections.Counter()
        self.path = Path(folder) / f"{name}.counts"

    def say(self, word, event, booking, seats):
        self.file.write(f"{word} {event} {booking} {','.join(map(str, seats))}\n")

    def close(self):
        self.file.close()
        self.path.write_text(json.dumps(self.counts))


@dataclass
class Verdict:
    """What the log and the database say.

    `doubles_*` are seats sold to two bookings; everything else that must be empty is in `wrong`.
    """

    counts: collections.Counter
    sold: int
    doubles_in_log: int
    doubles_in_database: int
    wrong: list
    invariants: list = field(default_factory=list)
    figures: dict = field(default_factory=dict)
    seconds: float = 0.0
    tickets: int = 0
    most_per_buyer: int = 0

    @property
    def attempts(self):
        return self.counts["attempts sql"] + self.counts["attempts http"]

    @property
    def is_clean(self):
        return not (
            self.doubles_in_log or self.doubles_in_database or self.wrong or any(r.count for r in self.invariants)
        )


def read_logs(folder):
    """(counts, held: booking → {(event, seat)}, sold: (event, seat) → {bookings}) of all clients."""
    counts, held, paid = collections.Counter(), collections.defaultdict(set), set()
    for path in Path(folder).glob("*.log"):
        for line in path.read_text().splitlines():
            word, event, booking, seats = line.split(" ")
            if word == "held":
                held[int(booking)].update((int(event), int(seat)) for seat in seats.split(","))
            else:
                paid.add((int(booking), int(event), seats))
    for path in Path(folder).glob("*.counts"):
        counts.update(json.loads(path.read_text()))
    sold = collections.defaultdict(set)
    for booking, event, seats in paid:
        for seat in seats.split(","):
            sold[event, int(seat)].add(booking)
    return counts, held, sold


def judge(url, folder, figures, seconds, limit):
    """Compare the clients' log with the database."""
    counts, held, sold = read_logs(folder)
    wrong = [f"{what}: {n}" for what, n in counts.items() if what.startswith("error")]
    engine = create_engine(url)
    with engine.connect() as c:
        results = invariants.check(c)
        c.rollback()
        c.execute(text("set local row_security = off"))
        tickets = collections.defaultdict(set)
        for event, seat, booking in c.execute(
            text("select event_id, seat_id, booking_id from ticket where status <> 'void'")
        ):
            tickets[event, seat].add(booking)
        live = c.execute(text("select count(*) from ticket where status <> 'void'")).scalar_one()
        claims = {
            (e, s): b
            for e, s, b in c.execute(text("select event_id, seat_id, booking_id from seat_claim where state = 'sold'"))
        }
        most = c.execute(
            text(
                """select coalesce(max(n), 0)
                     from (select count(*) as n from ticket t join booking b on b.id = t.booking_id
                    where t.status <> 'void' group by b.customer_id, b.event_id) x"""
            )
        ).scalar_one()
        lost = c.execute(text("select count(*) from booking where state = 'lost'")).scalar_one()
    engine.dispose()
    for place, bookings in sold.items():
        if tickets[place] != bookings or {claims.get(place)} != bookings:
            wrong.append(
                f"event {place[0]}, seat {place[1]}: told {bookings}, tickets {tickets[place]}, claim "
                f"{claims.get(place)}"
            )
        if not all(place in held[booking] for booking in bookings):
            wrong.append(f"event {place[0]}, seat {place[1]}: sold to {bookings} and not held by them before")
    for booking in set().union(*sold.values()):
        # Also what another tab of the same buyer was told it holds in this booking.
        wrong += [
            f"event {p[0]}, seat {p[1]}: held in {booking}, which was sold without it"
            for p in held[booking]
            if booking not in tickets[p]
        ]
    if most > limit:
        wrong.append(f"{most} seats sold to one buyer, {limit} allowed")
    if lost:
        wrong.append(f"{lost} bookings were paid and had lost their seats")
    doubles = sum(len(b) - 1 for b in sold.values())
    in_database = live - sum(1 for bookings in tickets.values() if bookings)
    return Verdict(counts, len(sold), doubles, in_database, wrong, results, figures, seconds, live, most)


def judge_twin(folder, seconds):
    counts, _, sold = read_logs(folder)
    return Verdict(counts, len(sold), sum(len(b) - 1 for b in sold.values()), 0, [], seconds=seconds)
