"""Seats in words, as tickets and messages name them."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from extensions import db
from models import Bay, Gate, Level, Seat, SeatRow, Stand

_NUMBERS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class SeatLabel:
    """A seat by its names. A place of an unreserved area has neither row nor number: both are empty."""

    seat_id: int
    stand: str
    level: str
    bay: str
    row: str
    number: str
    gate: str
    gate_zone: int
    kind: str
    band: str

    def __str__(self) -> str:
        return (
            f"{self.stand}, bay {self.bay}, "
            f"{'unreserved' if self.is_unreserved else f'row {self.row}, seat {self.number}'}"
        )

    @property
    def is_unreserved(self) -> bool:
        return self.kind == "unreserved"

    @property
    def short(self) -> str:
        return "Unreserved place" if self.is_unreserved else f"Row {self.row}, seat {self.number}"


def labels_of(seat_ids: Collection[int]) -> dict[int, SeatLabel]:
    """{seat id: SeatLabel} for these seats, in one query."""
    if not seat_ids:
        return {}
    found = db.session.execute(
        select(
            Seat.id,
            Stand.name,
            Level.name,
            Bay.name,
            SeatRow.name,
            Seat.number,
            Gate.code,
            Gate.zone,
            Seat.kind,
            Seat.band,
        )
        .join(SeatRow, Seat.row_id == SeatRow.id)
        .join(Bay, SeatRow.bay_id == Bay.id)
        .join(Level, Bay.level_id == Level.id)
        .join(Stand, Level.stand_id == Stand.id)
        .join(Gate, Bay.gate_id == Gate.id)
        .where(Seat.id.in_(seat_ids))
    )
    return {row[0]: label_of(row) for row in found}


def label_of(row: Sequence[Any]) -> SeatLabel:
    """The SeatLabel of these words, in its order, as the layout has them."""
    label = SeatLabel(*row)
    return replace(label, row="", number="") if label.is_unreserved else label


def name_seats(labels: Collection[SeatLabel]) -> str:
    """ "Row M, seats 11 and 12, and row N, seat 3" for SeatLabels."""
    by_row, open_places = {}, {}
    for label in labels:
        if label.is_unreserved:
            open_places[label.stand] = open_places.get(label.stand, 0) + 1
    for label in sorted(
        (x for x in labels if not x.is_unreserved), key=lambda x: (x.stand, x.bay, x.row, natural(x.number))
    ):
        by_row.setdefault((label.stand, label.bay, label.row), []).append(label.number)
    parts = [f"row {row}, {'seat' if len(n) == 1 else 'seats'} {join_words(n)}" for (_, _, row), n in by_row.items()]
    parts += [f"{n} unreserved {'place' if n == 1 else 'places'} in {stand}" for stand, n in open_places.items()]
    text = join_words(parts) if len(parts) < 3 else f"{len(labels)} seats"
    return text[:1].upper() + text[1:]


def join_words(words: Sequence[str], last: str = "and") -> str:
    """["a", "b", "c"] → "a, b and c"."""
    words = [str(w) for w in words]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def natural(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts "9" before "10" and "A9" before "A10", whatever stands around the numbers.

    Half a microsecond; natsort's key needs six, and 140 ms to be imported.
    """
    return [(0, int(part), "") if at % 2 else (1, 0, part) for at, part in enumerate(_NUMBERS.split(name))]
