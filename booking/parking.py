"""Parking: bays are a capacity, never exceeded in any overlapping window.

With a match, or for a free window at the ground's tariff.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from booking.terms import minutes
from database import call, call_one
from extensions import client_key, db
from models import CarPark, Event, Stadium
from refusals import Refused, sentences

sentences(
    {
        "BAD_WINDOW": "Choose when you come and when you leave; the car parks are booked for up to a day.",
        "BAD_WINDOW.arrival": "Choose when you arrive.",
        "BAD_WINDOW.backwards": "You leave before you come. Choose a later time to leave.",
        "BAD_WINDOW.unreadable": "Choose a day and a time.",
        "NO_BAY": "Choose a car park.",
        "BAD_PLATE": "Enter the number plate: two to ten letters and figures.",
        "UNKNOWN_CAR_PARK": "There is no such car park.",
        "CAR_PARK_CLOSED": "This car park is closed.",
        "PARKING_CUTOFF": lambda d: (
            f"Parking is booked at least {minutes(d['minutes'])} before you arrive."
            if d.get("minutes")
            else "Parking is booked before you arrive, and that time has begun."
        ),
        "NO_SUCH_BAY": "This car park has no bays of that kind.",
        "CAR_PARK_FULL": "All bays of this kind are taken for that time.",
        "NO_ACCESSIBLE_BAY": (
            "No accessible bay is left for this match, so nothing is held. Ask for the seats without a bay, or come "
            "another way."
        ),
        "PARKING_LIMIT": "You can have two bays at one time, and you have them: held or paid, they count together.",
        "PLATE_FIXED": "The plate cannot be changed any more.",
    }
)

ARRIVALS = 3  # windows of an hour to arrive in, before a match
STAY = timedelta(minutes=90)  # after the end of a match


class BayHeld(Protocol):
    """A row of app.hold_parking(): the booking that the bay is held in, and until when."""

    booking_id: int
    reference: str
    line_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class BaysLeft:
    """The bays of one kind in a car park for a window.

    `state` is open, full, closed or late; `price` in minor units, tax as the ground has it.
    """

    car_park: CarPark
    kind: str
    capacity: int
    left: int
    price: int
    hours: int  # started ones of the window
    state: str


def get_stadium(stadium_id: int) -> Stadium:
    """The ground with its car parks and their bays, or Refused UNKNOWN_STADIUM."""
    stadium = db.session.scalar(
        select(Stadium)
        .where(Stadium.id == stadium_id)
        .options(selectinload(Stadium.car_parks).options(selectinload(CarPark.bays), joinedload(CarPark.gate)))
    )
    if stadium is None:
        raise Refused("UNKNOWN_STADIUM", status=404)
    return stadium


def coming_events(stadium_id: int, now: datetime) -> Sequence[Event]:
    """The events at this ground that parking can be booked with."""
    return db.session.scalars(
        select(Event)
        .where(
            Event.stadium_id == stadium_id,
            Event.starts_at > now,
            Event.sale_state.in_(("on_sale", "stopped")),
        )
        .order_by(Event.starts_at)
        .limit(20)
    ).all()


def arrival_windows(event: Event) -> list[tuple[datetime, datetime]]:
    """The windows [from, to) in which one may arrive for an event; each stays until 90 minutes after its end. Nearest
    the start last."""
    last = event.starts_at
    return [(last - timedelta(hours=n), event.ends_at + STAY) for n in range(ARRIVALS, 0, -1)]


def usual_window(windows: Sequence[tuple[datetime, datetime]], now: datetime) -> tuple[datetime, datetime]:
    """The middle window, or the first that has not begun."""
    later = [w for w in windows[1:] if w[0] > now]
    return later[0] if later else windows[-1]


def arrival_window(event: Event, number: int) -> tuple[datetime, datetime]:
    """The arrival window of an event with this number, or Refused BAD_WINDOW."""
    windows = arrival_windows(event)
    if number is None or not 0 <= number < len(windows):
        raise Refused("BAD_WINDOW.arrival", status=422)
    return windows[number]


def free_window(stadium: Stadium, starts: str, ends: str) -> tuple[datetime, datetime]:
    """The window that two datetime-local fields mean in the ground's own time, or Refused BAD_WINDOW. How long and how
    far ahead one may book is for app.hold_parking() to say."""
    zone = ZoneInfo(stadium.time_zone)
    starts_at, ends_at = read_local(starts, zone), read_local(ends, zone)
    if ends_at <= starts_at:
        raise Refused("BAD_WINDOW.backwards", status=422)
    return starts_at, ends_at


def bays_left(stadium: Stadium, starts_at: datetime, ends_at: datetime, with_match: bool) -> list[BaysLeft]:
    """Every car park's bays for a window, as app.parking_left() has them: what is left, at what price, and whether it
    can be booked."""
    found = {
        (row.car_park_id, row.kind): row for row in call("app.parking_left", stadium.id, starts_at, ends_at, with_match)
    }
    offers = [(park, found[park.id, bays.kind]) for park in stadium.car_parks for bays in park.bays]
    return [
        BaysLeft(park, bay.kind, bay.capacity, max(bay.capacity - bay.taken, 0), bay.price, bay.hours, bay.state)
        for park, bay in offers
    ]


def hold_bay(
    car_park_id: int, kind: str, event_id: int | None, starts_at: datetime, ends_at: datetime, plate: str | None
) -> BayHeld:
    """Hold one bay; with an event it joins the seats' hold. Returns the row of app.hold_parking()."""
    return call_one("app.hold_parking", car_park_id, kind, event_id, starts_at, ends_at, plate or "", client_key())


def hold_accessible_bay(event: Event, now: datetime, plate: str | None, car_park_id: int | None = None) -> BayHeld:
    """Hold an accessible bay for this event and its usual arrival window: at this car park, or at the one with the
    shortest walk to a gate.

    Refused NO_ACCESSIBLE_BAY when none is left, and with the codes of app.hold_parking().
    """
    stadium = get_stadium(event.stadium_id)
    starts_at, ends_at = usual_window(arrival_windows(event), now)
    found = [b for b in bays_left(stadium, starts_at, ends_at, True) if b.kind == "accessible" and b.state == "open"]
    for bays in sorted(found, key=lambda b: b.car_park.walk_minutes):
        if car_park_id in (None, bays.car_park.id):
            try:
                with db.session.begin_nested():
                    return hold_bay(bays.car_park.id, "accessible", event.id, starts_at, ends_at, plate)
            except Refused as refusal:
                if refusal.code != "CAR_PARK_FULL":  # somebody took the last one at this moment: the next car park
                    raise
    raise Refused("NO_ACCESSIBLE_BAY")


def set_plate(line_id: int, plate: str | None) -> str:
    """Change the plate of one's own bay or pass. Returns it as it is kept."""
    return call_one("app.set_plate", line_id, plate or "").plate


def show_plate(plate: str) -> str:
    """A plate as it is read aloud: letters and figures apart."""
    return re.sub(r"(?<=[A-Z])(?=[0-9])|(?<=[0-9])(?=[A-Z])", " ", plate)


def read_local(text: str, zone: ZoneInfo) -> datetime:
    """A datetime-local field ("2026-12-19T17:00") in the ground's zone as UTC-aware datetime, or Refused BAD_WINDOW."""
    try:
        moment = datetime.fromisoformat(text or "").replace(tzinfo=zone)
        if not 2000 <= moment.year <= 2200:  # at the ends of the calendar an hour more or less is none any more
            raise ValueError("not a year of ours")
    except ValueError as error:
        raise Refused("BAD_WINDOW.unreadable", status=422) from error
    return moment
