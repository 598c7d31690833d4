"""What is free, by stand, bay and row."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row, text

from caches import Kept
from extensions import db
from models import Event
from models.grounds import BANDS, SEAT_KINDS
from seating import states
from seating.layout import LAYOUTS, seat_map

_COMPANION = SEAT_KINDS.index("companion")
_WORDS = {states.FREE: "free", states.HELD: "held"}  # whatever else becomes of a seat, it is taken


@dataclass(frozen=True, slots=True)
class StandLeft:
    """A stand of an event: how many seats it has, how many are free, its price bands, and the lowest one that is
    sold there."""

    id: int
    code: str
    name: str
    note: str
    bands: list[str]
    seats: int
    left: int
    from_band: str | None


@dataclass(frozen=True, slots=True)
class BayLeft:
    """A bay of an event: how many seats it has and how many are free."""

    id: int
    name: str
    level: str
    gate: str
    seats: int
    left: int


@dataclass(frozen=True, slots=True)
class SeatState:
    """One seat: free, taken (sold, being paid or blocked), held (somebody is choosing it) or mine."""

    id: int
    number: str
    kind: str
    band: str
    state: str
    goes_along: bool  # a companion's seat that is sold with the wheelchair space beside it


@dataclass(frozen=True, slots=True)
class RowOfSeats:
    """A row with its seats, in the order of their numbers."""

    id: int
    name: str
    seats: list[SeatState] = field(default_factory=list)

    @property
    def left(self) -> int:
        return sum(s.state == "free" for s in self.seats)


_stands = Kept(LAYOUTS)  # layout id → rows of _stands_of_layout(); a published layout never changes


def stands_of(event: Event) -> list[StandLeft]:
    """Every stand of the event's layout with what is left of it; the event comes with its prices. Nothing is left where
    the layout is not published."""
    left = states.left_of(event.id, event.layout_id)
    faces = {p.band: p.face for p in event.prices if p.ticket_type == "adult"}
    return [
        StandLeft(
            s.id,
            s.code,
            s.name,
            s.note,
            s.bands,
            s.seats,
            left.stands[s.id] if left else 0,
            min((b for b in s.bands if b in faces), key=faces.__getitem__, default=None),
        )
        for s in _stands_of_layout(event.layout_id)
    ]


def _stands_of_layout(layout_id: int) -> Sequence[Row]:
    if (known := _stands.get(layout_id)) is not None:
        return known
    found = db.session.execute(
        text("""
            with size as (select stand_id, count(*) as seats, array_agg(distinct band order by band) as bands from seat
                           where layout_id = :layout group by 1)
            select st.id, st.code, st.name, st.note, size.bands, size.seats, l.published_at is not null as is_published
              from stand st join size on size.stand_id = st.id join layout l on l.id = st.layout_id
             where st.layout_id = :layout order by st.position, st.id"""),
        {"layout": layout_id},
    ).all()
    if found and found[0].is_published:
        _stands.put(layout_id, found)
    return found


def bays_of(event: Event, stand_id: int) -> list[BayLeft]:
    """The bays of a stand with what is left in each."""
    left, plan = states.left_of(event.id, event.layout_id), seat_map(event.layout_id)
    if left is None or plan is None:
        return []
    return [
        BayLeft(bay.id, bay.name, level.name, bay.gate, bay.count, left.bays[bay.id])
        for bay in plan.bays
        if plan.stands[(level := plan.levels[bay.level]).stand].id == stand_id
    ]


def rows_of(event: Event, bay_id: int, mine: Collection[int] = ()) -> list[RowOfSeats]:
    """The rows of a bay with every seat and its state. `mine` are the seat ids of this person's own hold. A statement
    where the bay has companions' seats."""
    found, plan = states.states_of(event.id, event.layout_id), seat_map(event.layout_id)
    if found is None or plan is None:
        return []
    rows = [row for bay, rows in zip(plan.bays, plan.rows_of_bays, strict=True) if bay.id == bay_id for row in rows]
    along = _going_along(
        event.id,
        [plan.ids[i] for row in rows for i in range(row.first, row.first + row.count) if plan.kind[i] == _COMPANION],
    )

    def seat(i: int) -> SeatState:
        seat_id = plan.ids[i]
        state = "mine" if seat_id in mine else _WORDS.get(found.seats[i], "taken")
        kind, band = SEAT_KINDS[plan.kind[i]], BANDS[plan.band[i]]
        return SeatState(seat_id, plan.number(i), kind, band, state, seat_id in along)

    return [RowOfSeats(r.id, r.name, [seat(i) for i in range(r.first, r.first + r.count)]) for r in rows]


def _going_along(event_id: int, companions: list[int]) -> Collection[int]:
    """Which of these companions' seats are sold with the wheelchair space beside them, and only so."""
    if not companions:
        return ()
    found = db.session.execute(
        text("select app.companions_alone(e, '{}', :seats) from event e where e.id = :event"),
        {"event": event_id, "seats": companions},
    ).scalar()
    return set(found or ())
