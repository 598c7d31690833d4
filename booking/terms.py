"""The settings of holds, as the database's functions have them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import JSONB

from extensions import db
from models import Event


@dataclass(frozen=True, slots=True)
class Terms:
    """`longest` is how long a hold can last in all, `grace` how long after its end it may still be paid,
    `usual_minutes` the minutes of a hold where no event says otherwise, `parking_policy` the refund policy of parking
    without a match.
    """

    longest: timedelta
    grace: timedelta
    usual_minutes: int
    parking_policy: dict[str, Any]

    @property
    def longest_minutes(self) -> int:
        return int(self.longest.total_seconds()) // 60


_SPOKEN = {5: "five", 10: "ten", 15: "fifteen", 20: "twenty", 30: "thirty", 45: "forty-five", 60: "sixty"}


def spoken(number: int) -> str:
    """Minutes as one says them: 30 → "thirty"."""
    return _SPOKEN.get(number, str(number))


def minutes(number: int) -> str:
    """1 → "one minute", 12 → "12 minutes"."""
    return "one minute" if number == 1 else f"{spoken(number)} minutes"


@cache
def terms() -> Terms:
    """The Terms, asked for once in the life of a process: they change with its version alone."""
    policy = func.app.parking_policy(type_=JSONB)
    found = select(func.app.longest_hold(), func.app.payment_grace(), func.app.usual_hold_minutes(), policy)
    return Terms(*db.session.execute(found).one())  # pyrefly: ignore[bad-argument-type]


def minutes_of(event: Event | None) -> int:
    """The minutes that a hold is made or prolonged for: the event's, or the usual ones for parking without a match."""
    return event.hold_minutes if event is not None else terms().usual_minutes


class Clocked(Protocol):
    """A hold as its clock needs it."""

    @property
    def held_at(self) -> datetime: ...

    @property
    def expires_at(self) -> datetime: ...


def can_extend(booking: Clocked, minutes: int, now: datetime) -> bool:
    """True while "longer" would really give the live hold of this booking more time."""
    return now < booking.expires_at < min(now + timedelta(minutes=minutes), booking.held_at + terms().longest)
