"""How many seats each stand of an event has left, for pages that follow it live."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import text

from extensions import db
from seating import availability


def occupancy_of(event_ids: Iterable[int]) -> list[tuple[int, int, int, list[dict[str, int]]]]:
    """[(event, stadium, version, [{"id": stand, "left": seats}])] of these events, as everybody may see them.

    Three statements.
    """
    version = availability.seat_version()
    events = db.session.execute(
        text("select id, stadium_id, layout_id from event where id = any (:ids)"), {"ids": list(event_ids)}
    ).all()
    gone = defaultdict(dict)
    for row in db.session.execute(
        text("""
            select c.event_id, s.stand_id, count(*) as seats from seat_claim c join seat s on s.id = c.seat_id
             where c.event_id = any (:ids) and not app.has_lapsed(c.state, c.expires_at) group by 1, 2"""),
        {"ids": [event.id for event in events]},
    ):
        gone[row.event_id][row.stand_id] = row.seats
    return [
        (
            event.id,
            event.stadium_id,
            version,
            [
                {"id": stand, "left": seats - gone[event.id].get(stand, 0)}
                for stand, seats in availability.stand_sizes(event.layout_id).items()
            ],
        )
        for event in events
    ]
