"""What a ticket costs at a price of an event, as app.line_amounts() has it: the database computes every price, before a
hold too.
"""

from typing import NamedTuple

from models import EventPrice


class Amounts(NamedTuple):
    """Minor units. total = face + fee with the tax inside, or face + fee + tax with the tax on top."""

    face: int
    fee: int
    tax: int
    total: int


def amounts_of(price: EventPrice) -> Amounts:
    """The Amounts of a ticket at this EventPrice, which was loaded with them:
    `selectinload(Event.prices).undefer(EventPrice.amounts)`."""
    return Amounts(price.face, *price.amounts)
