"""Parking: bays are a capacity, never exceeded in any overlapping window.

With a match, or for a free window at the ground's tariff.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from booking.terms import minutes
from database import call, call_one
from extensions import client_key, db
from models import CarPark, Event, Stadium
from outside.plates import read_plate
from refusals import Refused, plural, sentences

sentences(
    {
        "BAD_WINDOW": "Choose when you come and when you leave; the car parks are booked for up to a day.",
        "BAD_WINDOW.long": (
            "Parking is booked for up to a day at once. Leave by the same time on the next day, or book the days one "
            "by one."
        ),
        "BAD_WINDOW.far": "Parking is booked up to 180 days ahead. Choose an earlier day, or come back later.",
        "BAD_WINDOW.skipped": (
            lambda d: (
                f"The clocks at the ground go forward that night, and {d['time']} is skipped. Choose {d['before']} or "
                f"{d['after']}."
            )
        ),
        "BAD_WINDOW.arrival": "Choose when you arrive.",
        "BAD_WINDOW.backwards": "You leave before you come. Choose a later time to leave.",
        "BAD_WINDOW.unreadable": "Choose a day and a time.",
        "NO_BAY": "Choose a car park.",
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
    """The window (in UTC) that two datetime-local fields mean in the ground's own time, or Refused BAD_WINDOW, as
    app.parking_problem() judges it here and when it is held."""
    zone = ZoneInfo(stadium.time_zone)
    starts_at, ends_at = read_local(starts, zone), read_local(ends, zone)
    if ends_at <= starts_at and (again := second_of(ends_at, zone)):
        ends_at = again
    problem = call_one("app.parking_problem", stadium.time_zone, starts_at, ends_at).parking_problem
    if problem:
        raise Refused(problem, status=422)
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
    return call_one(
        "app.hold_parking", car_park_id, kind, event_id, starts_at, ends_at, read_plate(plate), client_key()
    )


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
    return call_one("app.set_plate", line_id, read_plate(plate)).plate


def read_local(text: str | None, zone: ZoneInfo) -> datetime:
    """A datetime-local field ("2026-12-19T17:00") in the ground's zone, in UTC. A time that comes twice because the
    clocks go back is the first one; one that is skipped because they go forward, and what is no such field, is Refused
    BAD_WINDOW."""
    try:
        typed = datetime.fromisoformat(text or "")
        if typed.tzinfo is not None or not 2000 <= typed.year <= 2200:
            # Times of a zone of their own are no field of ours; at the ends of the calendar an hour more is none.
            raise ValueError("not a time of ours")
    except ValueError as error:
        raise Refused("BAD_WINDOW.unreadable", status=422) from error
    after, before = (typed.replace(tzinfo=zone, fold=fold).astimezone(UTC).astimezone(zone) for fold in (0, 1))
    if after.replace(tzinfo=None) != typed:
        words = {"time": f"{typed:%H:%M}", "before": f"{before:%H:%M}", "after": f"{after:%H:%M}"}
        raise Refused("BAD_WINDOW.skipped", status=422, words=words)
    return after.astimezone(UTC)


def second_of(moment: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment at which the clock there shows the same time once more, because it was put back after this one; None
    where it does not."""
    again = moment.astimezone(zone).replace(fold=1).astimezone(UTC)
    return again if again > moment else None


def clock_notes(window: tuple[datetime, datetime], stadium: Stadium) -> list[str]:
    """What has to be said of a window in which the ground's clocks change: which of two equal times is meant, and how
    long it really is."""
    zone = ZoneInfo(stadium.time_zone)
    notes = []
    for local in (moment.astimezone(zone) for moment in window):
        if local.fold or second_of(local, zone):
            which = "second" if local.fold else "first"
            notes.append(f"The clocks go back that night, so {local:%H:%M} comes twice: this is the {which} one.")
    starts, ends = (moment.astimezone(zone) for moment in window)
    change = (ends.utcoffset() or timedelta()) - (starts.utcoffset() or timedelta())
    if change:
        lost = "longer" if change < timedelta() else "shorter"
        notes.append(f"The clocks change in that time, which makes it {_length(abs(change))} {lost} than they show.")
    return notes


def _length(time: timedelta) -> str:
    whole = int(time.total_seconds()) // 60
    return plural(whole // 60, "hour") if whole % 60 == 0 else plural(whole, "minute")
