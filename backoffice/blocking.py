"""Blocking seats, and what the seats of an event are now, as staff see them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text

import realtime
from database import after_commit, call_one
from extensions import db
from models import Event, Stand
from models.columns import LARGEST_ID
from refusals import Refused, sentences
from seating.labels import SeatLabel, labels_of, name_seats
from seating.typed import read_place, seats_at

sentences(
    {
        "NO_CHOICE": "Tick the seats, or write where they are.",
        "MALFORMED.place": "Write the place like this: Bay 14 row M 9-12.",
    }
)


@dataclass(frozen=True, slots=True)
class Blocking:
    """What became of seats that were to be blocked or freed: how many, in words, and one sentence for each group that
    was refused.
    """

    count: int
    words: str
    refused: list[str]


def choose_seats(
    event: Event, seat_ids: Collection[int] = (), typed: str | None = None, stand_id: int | None = None
) -> list[int]:
    """The seats that staff mean: ticked ones, and those at a typed place.

    Refused NO_CHOICE, MALFORMED, UNKNOWN_PLACE, AMBIGUOUS_PLACE.
    """
    chosen = {n for n in seat_ids if 0 < n <= LARGEST_ID}
    if (typed or "").strip():
        place = read_place(typed)
        if place is None:
            raise Refused("MALFORMED.place", status=422)
        chosen.update(seats_at(event.layout_id, place, stand_id))
    if not chosen:
        raise Refused("NO_CHOICE", status=422)
    return sorted(chosen)


def block_seats(event: Event, seat_ids: Sequence[int]) -> Blocking:
    """Take free seats off sale. Those that somebody holds or owns stay as they are, and are named."""
    row = call_one("app.block_seats", event.id, seat_ids)
    after_commit(realtime.publish_seats_changed, event.id, row.version, row.blocked, "blocked")
    states = states_of(event.id, row.refused)
    labels = labels_of([*row.blocked[:500], *row.refused[:500]])
    refused = []
    for words, wanted in (
        ("sold", ("sold",)),
        ("being paid for", ("paying",)),
        ("being chosen by somebody", ("held",)),
    ):
        seats = [labels[n] for n in row.refused if states.get(n) in wanted and n in labels]
        if seats:
            refused.append(f"{_stand_words(seats)} {'is' if len(seats) == 1 else 'are'} {words}.")
    strange = [n for n in row.refused if n not in states]
    if strange:
        refused.append("Some of these seats are not at this ground, or have just changed. Look again.")
    return Blocking(len(row.blocked), _stand_words([labels[n] for n in row.blocked if n in labels]), refused)


def unblock_seats(event: Event, seat_ids: Sequence[int]) -> Blocking:
    """Put blocked seats back on sale. Seats that are not blocked are left alone."""
    row = call_one("app.unblock_seats", event.id, seat_ids)
    after_commit(realtime.publish_seats_changed, event.id, row.version, row.freed, "free")
    labels = labels_of(row.freed[:500])
    others = len(seat_ids) - len(row.freed)
    refused = [f"{others} of the seats {'was' if others == 1 else 'were'} not blocked."] if others else []
    return Blocking(len(row.freed), _stand_words([labels[n] for n in row.freed if n in labels]), refused)


def _stand_words(labels: Sequence[SeatLabel]) -> str:
    if not labels:
        return ""
    places = {(x.stand, x.bay) for x in labels}
    if len(places) > 1:
        return f"{len(labels)} seats"
    seats = name_seats(labels)
    return f"{labels[0].stand}, bay {labels[0].bay}, {seats[:1].lower()}{seats[1:]}"


def states_of(event_id: int, seat_ids: Sequence[int]) -> dict[int, str]:
    """{seat id: state of its claim} for those that have one."""
    found = db.session.execute(
        text("select seat_id, state from seat_claim where event_id = :event and seat_id = any (:seats)"),
        {"event": event_id, "seats": list(seat_ids)},
    )
    return {row.seat_id: row.state for row in found}


@dataclass(frozen=True, slots=True)
class SeatNow:
    """A seat as the blocking page shows it; `state` is free, held, paying, sold, blocked, or kept for who waits."""

    id: int
    number: str
    kind: str
    band: str
    state: str


def stands_for(event: Event) -> Sequence[Stand]:
    """The stands of the event's layout, clockwise from the pavilion."""
    return db.session.scalars(
        select(Stand).where(Stand.layout_id == event.layout_id).order_by(Stand.position, Stand.id)
    ).all()


def rows_of_bay(event: Event, bay_id: int) -> list[tuple[str, list[SeatNow]]]:
    """[(row name, [SeatNow])] of a bay of the event's layout."""
    found = db.session.execute(
        text("""
            select r.name as row, s.id, s.number, s.kind, s.band,
                   case when app.has_lapsed(c.state, c.expires_at) then 'free'
                        else coalesce(c.state, 'free') end as state
              from seat_row r join seat s on s.row_id = r.id
              left join seat_claim c on c.event_id = :event and c.seat_id = s.id
             where r.bay_id = :bay and s.layout_id = :layout order by r.position, s.position"""),
        {"event": event.id, "bay": min(bay_id, LARGEST_ID), "layout": event.layout_id},
    )
    rows = {}
    for row in found:
        rows.setdefault(row.row, []).append(SeatNow(row.id, row.number, row.kind, row.band, row.state))
    return list(rows.items())
