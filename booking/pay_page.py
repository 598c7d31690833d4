"""What the pay page shows of a booking, read in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.holds import TrayLine
from booking.payments import paused
from catalogue import fixtures
from database import ask, versions
from enhanced_models import PaymentTransaction
from extensions import client_key
from models import Booking, BookingLine, CarPark, ParkingClaim
from models.of_json import of_json
from refusals import Refused
from seating.labels import label_of
from tickets.pages import event_of


@dataclass(frozen=True, slots=True)
class PayPage:
    """A booking with its event and ground, its lines in the order of their seats, the attempt that is still open, the
    refusal CARDS_PAUSED that its buyer would meet, and what time it is in the database.
    """

    booking: Booking
    lines: Sequence[TrayLine]
    payment: PaymentTransaction | None
    paused: Refused | None
    now: datetime


def pay_page(booking_id: int) -> PayPage:
    """The PayPage of this person's own booking, or Refused UNKNOWN_BOOKING."""
    found = ask("app.pay_page", booking_id, client_key())
    if found is None:
        raise Refused("UNKNOWN_BOOKING", status=404)
    row = found["booking"]
    event = event_of(row["event_id"]) if row["event_id"] else None
    stadium = event.stadium if event else fixtures.find_stadium(row["stadium_id"])
    lines = [
        TrayLine(
            of_json(BookingLine, each),
            label_of(each["label"]) if each["label"] else None,
            of_json(ParkingClaim, each["claim"], car_park=of_json(CarPark, each["car_park"]))
            if each["claim"]
            else None,
        )
        for each in found["lines"] or ()
    ]
    return PayPage(
        of_json(Booking, row, event=event, stadium=stadium),
        lines,
        of_json(PaymentTransaction, found["payment"]) if found["payment"] else None,
        paused(datetime.fromisoformat(found["pause"])) if found["pause"] else None,
        versions().now,
    )
