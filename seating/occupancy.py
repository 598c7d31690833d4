"""How many seats each stand of an event has left, for pages that follow it live."""

from collections.abc import Iterable

from sqlalchemy import text

from extensions import db
from seating import states


def occupancy_of(event_ids: Iterable[int]) -> list[tuple[int, int, int, list[dict[str, int]]]]:
    """[(event, stadium, version, [{"id": stand, "left": seats}])] of these events, as everybody may see them.

    One statement, beside the reading that all share.
    """
    events = db.session.execute(
        text("select id, stadium_id, layout_id from event where id = any (:ids)"), {"ids": list(event_ids)}
    ).all()
    known = ((event, states.states_of(event.id, event.layout_id)) for event in events)
    return [
        (
            event.id,
            event.stadium_id,
            found.version,
            [{"id": stand, "left": left} for stand, left in found.left.stands.items()],
        )
        for event, found in known
        if found
    ]
