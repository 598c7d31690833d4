"""What the ground's staff do with a sale: stop and go on, cancel, choose codes that change.

An event and a ground are public to look at, so these ask for one of the staff's own; the definer functions refuse
everybody else.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from database import call
from extensions import db
from models import Event, Stadium
from models.columns import LARGEST_ID
from refusals import Refused, sentences

NOTE_LENGTH = 500
LONGEST_OPEN = 720

sentences(
    {
        "UNKNOWN_EVENT.yours": "There is no such match at your ground.",
        "MALFORMED.companions": "Choose from when companion seats open. Nothing was changed.",
        "NOTE_TOO_LONG": f"Keep the note under {NOTE_LENGTH} characters.",
        "NAME_DIFFERS": "The name is not the same. Nothing was cancelled.",
    }
)


def unknown_event() -> Refused:
    """The refusal of an event that is not of this person's grounds: UNKNOWN_EVENT, 404."""
    return Refused("UNKNOWN_EVENT.yours", status=404)


def get_own_event(event_id: int, stadium_ids: Sequence[int]) -> Event:
    """An event of one of these stadiums with its ground, or Refused UNKNOWN_EVENT."""
    event = None
    if event_id <= LARGEST_ID:
        event = db.session.scalar(
            select(Event)
            .where(Event.id == event_id, Event.stadium_id.in_(stadium_ids))
            .options(joinedload(Event.stadium))
        )
    if event is None:
        raise unknown_event()
    return event


def grounds_of(stadium_ids: Sequence[int]) -> Sequence[Stadium]:
    """These stadiums, by name."""
    return db.session.scalars(select(Stadium).where(Stadium.id.in_(stadium_ids)).order_by(Stadium.name)).all()


def get_ground(slug: str, stadium_ids: Sequence[int]) -> Stadium:
    """The one of these stadiums with this slug, or Refused UNKNOWN_STADIUM."""
    ground = db.session.scalar(select(Stadium).where(Stadium.slug == slug, Stadium.id.in_(stadium_ids)))
    if ground is None:
        raise Refused("UNKNOWN_STADIUM", status=404)
    return ground


def stop_sale(event_id: int) -> None:
    """Nobody can begin to buy; what is held may still be paid."""
    call("app.set_sale_state", event_id, "stopped")


def set_rotating_codes(event_id: int, on: bool) -> None:
    """Whether the event's codes change every fifteen seconds.

    Tickets that are sold already follow with the next look at them.
    """
    call("app.set_rotating_codes", event_id, on)


def open_companions(event_id: int, hours: int | None) -> None:
    """From how many hours before the start companion seats are sold without the space beside them; 0: never.

    Refused: MALFORMED for what is not 0 to 720 hours.
    """
    if hours is None or not 0 <= hours <= LONGEST_OPEN:
        raise Refused("MALFORMED.companions", status=422)
    call("app.set_companions_open", event_id, hours or None)


def resume_sale(event_id: int) -> None:
    """Sell again."""
    call("app.set_sale_state", event_id, "on_sale")


def cancel_event(event_id: int, note: str | None = None) -> None:
    """Cancel for good. A job gives every buyer everything back, each exactly once."""
    call("app.cancel_event", event_id, read_note(note))


def read_note(note: str | None) -> str | None:
    """A note as it is kept: trimmed, None when empty, Refused NOTE_TOO_LONG above its length."""
    note = (note or "").strip()
    if len(note) > NOTE_LENGTH:
        raise Refused("NOTE_TOO_LONG", status=422)
    return note or None
