"""What is free, by stand, bay and row."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row, text

from caches import Kept
from extensions import db
from models import Event
from seating.layout import LAYOUTS


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
    """Every stand of the event's layout with what is left of it; the event comes with its prices."""
    gone = dict(
        db.session.execute(
            text(
                "select s.stand_id, count(*) from seat_claim c join seat s on s.id = c.seat_id "
                "where c.event_id = :event and not app.has_lapsed(c.state, c.expires_at) group by 1"
            ),
            {"event": event.id},
        ).all()
    )
    faces = {p.band: p.face for p in event.prices if p.ticket_type == "adult"}
    return [
        StandLeft(
            s.id,
            s.code,
            s.name,
            s.note,
            s.bands,
            s.seats,
            s.seats - gone.get(s.id, 0),
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


def stand_sizes(layout_id: int) -> dict[int, int]:
    """{stand id: seats} of a layout."""
    return {stand.id: stand.seats for stand in _stands_of_layout(layout_id)}


def bays_of(event: Event, stand_id: int) -> list[BayLeft]:
    """The bays of a stand with what is left in each."""
    found = db.session.execute(
        text("""
            select b.id, b.name, l.name, g.code, count(*), count(*) filter (where c.seat_id is null)
              from seat s join seat_row r on r.id = s.row_id join bay b on b.id = r.bay_id
              join level l on l.id = b.level_id join gate g on g.id = b.gate_id
              left join seat_claim c on c.event_id = :event and c.seat_id = s.id
                 and not app.has_lapsed(c.state, c.expires_at)
             where s.layout_id = :layout and s.stand_id = :stand
             group by b.id, b.name, l.name, l.position, b.position, g.code order by l.position, b.position"""),
        {"layout": event.layout_id, "event": event.id, "stand": stand_id},
    )
    return [BayLeft(*row) for row in found]


def rows_of(event: Event, bay_id: int, mine: Collection[int] = ()) -> list[RowOfSeats]:
    """The rows of a bay with every seat and its state. `mine` are the seat ids of this person's own hold."""
    found = db.session.execute(
        text("""
            select r.id, r.name, s.id as seat_id, s.number, s.kind, s.band, c.state,
                   s.kind = 'companion' and app.companions_alone(e, '{}', array[s.id]) is not null as goes_along
              from event e join seat s on s.layout_id = e.layout_id join seat_row r on r.id = s.row_id
              left join seat_claim c on c.event_id = :event and c.seat_id = s.id
                 and not app.has_lapsed(c.state, c.expires_at)
             where e.id = :event and r.bay_id = :bay order by r.position, s.position"""),
        {"event": event.id, "bay": bay_id},
    )
    rows = {}
    for row in found:
        state = "mine" if row.seat_id in mine else {None: "free", "held": "held"}.get(row.state, "taken")
        rows.setdefault(row.id, RowOfSeats(row.id, row.name)).seats.append(
            SeatState(row.seat_id, row.number, row.kind, row.band, state, row.goes_along)
        )
    return list(rows.values())


def seat_version() -> int:
    """The number of the newest change of any seat.

    Read before the states: a change that commits meanwhile is then in them already.
    """
    return db.session.execute(
        text("select case when is_called then last_value else 0 end from seat_version")
    ).scalar_one()
