"""The address that a booking's mails go to, put right by its buyer: what the first mail had is good for nothing."""

from sqlalchemy import select

from database import between_transactions, call, in_transaction
from extensions import db
from models import Booking
from outside.addresses import read_address
from refusals import Refused, sentences
from tickets import codes
from tickets.links import link_hash, link_token

sentences(
    {
        "SAME_ADDRESS": "The tickets went to that address already. Look under spam, too, or have them mailed again.",
        "TOO_MANY_CORRECTIONS": "The address of this booking was changed three times, which is the most. Print the "
        "tickets from here, or ask the ground’s office.",
    }
)


def correct(booking_id: int, person_id: int | None, email: str) -> str:
    """Send a booking's tickets to this address instead, with another link and new codes; returns the address. A flow.

    Refused UNKNOWN_BOOKING to all but the buyer: whoever has only the link got it by the mail that went astray.
    """
    between_transactions()
    address = read_address(email)

    def write() -> None:
        seq = db.session.scalar(select(Booking.link_seq).where(Booking.id == booking_id))
        if seq is None:
            raise Refused("UNKNOWN_BOOKING", status=404)
        link = link_hash(link_token(booking_id, seq + 1))
        call("app.correct_address", booking_id, person_id, address, seq + 1, link)
        codes.issue_codes(booking_id)

    in_transaction(write, worker=True)
    return address
