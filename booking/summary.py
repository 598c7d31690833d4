"""A booking in few words: where the seats are, and what adds up to its total.

For the pay page, the tickets and the mails.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from models import Booking, BookingLine
from seating.labels import SeatLabel, join_words, natural


@dataclass(frozen=True, slots=True)
class RowOfTickets:
    """Seats of one row, as the plates show them; or places of an unreserved area, with an empty row and no number."""

    gate: str
    stand: str
    level: str
    bay: str
    row: str
    numbers: list[str]
    count: int


@dataclass(frozen=True, slots=True)
class Charge:
    """So many tickets of one type at one face value, in minor units."""

    count: int
    ticket_type: str | None
    face: int

    @property
    def total(self) -> int:
        return self.count * self.face


@dataclass(frozen=True, slots=True)
class Sum:
    """What adds up to `total`: tickets, the fees of all lines, bays; with the tax inside, or on top of them.

    Minor units.
    """

    charges: list[Charge]
    bays: list[int]
    fee: int
    tax: int
    tax_inside: bool
    total: int
    currency: str


def rows_of_tickets(labels: Iterable[SeatLabel]) -> list[RowOfTickets]:
    """The rows of these SeatLabels, in the order one walks to them."""

    def row(x: SeatLabel) -> tuple[Any, ...]:
        return x.gate, x.stand, x.level, natural(x.bay), x.bay, x.row

    found = sorted(labels, key=lambda x: (row(x), natural(x.number)))
    groups = ((k, list(group)) for k, group in groupby(found, key=row))
    return [
        RowOfTickets(k[0], k[1], k[2], k[4], k[5], [x.number for x in group if x.number], len(group))
        for k, group in groups
    ]


def in_a_line(places: Sequence[RowOfTickets], bays: int) -> str:
    """What is bought, in one line: "4 seats, Members’ Stand row F, and a parking bay"."""
    many = sum(p.count for p in places)
    stands = {p.stand for p in places}
    rows = sorted({p.row for p in places if p.row}, key=natural)
    words = []
    if places:
        noun = "seat" if all(p.row for p in places) else "place" if not rows else "ticket"
        where = next(iter(stands)) if len(stands) == 1 else f"{len(stands)} stands"
        if len(stands) == 1 and rows and len(rows) <= 3 and noun == "seat":
            where += f" {'row' if len(rows) == 1 else 'rows'} {join_words(rows)}"
        words.append(f"{many} {noun if many == 1 else noun + 's'}, {where}")
    if bays:
        words.append(f"{'a' if bays == 1 else bays} parking {'bay' if bays == 1 else 'bays'}")
    line = ", and ".join(words)
    return line[:1].upper() + line[1:]


def sum_of(booking: Booking, lines: Sequence[BookingLine]) -> Sum:
    """The Sum of a booking with these BookingLines."""
    seats = sorted(
        (x.ticket_type != "adult", x.ticket_type != "child", -x.face, x.ticket_type) for x in lines if x.kind == "seat"
    )
    charges = [Charge(len(list(group)), key[3], -key[2]) for key, group in groupby(seats)]
    return Sum(
        charges,
        [x.face for x in lines if x.kind == "parking"],
        booking.fee,
        booking.tax,
        booking.total == booking.face + booking.fee,
        booking.total,
        booking.currency,
    )
