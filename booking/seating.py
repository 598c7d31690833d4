"""What is free, by stand, bay and row; and the best available seats."""

from dataclasses import dataclass, field

from sqlalchemy import text

from extensions import Refused, db, sentence_for


@dataclass(frozen=True, slots=True)
class StandLeft:
    """A stand of an event: how many seats it has, how many are free, and the prices in it."""

    id: int
    code: str
    name: str
    note: str
    bands: list[str]
    seats: int
    left: int
    from_face: int | None


@dataclass(frozen=True, slots=True)
class BayLeft:
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


@dataclass(frozen=True, slots=True)
class RowOfSeats:
    id: int
    name: str
    seats: list[SeatState] = field(default_factory=list)

    @property
    def left(self):
        return sum(s.state == "free" for s in self.seats)


# A claim takes a seat unless it is a hold whose time is over.
_TAKEN = "(c.state <> 'held' or c.expires_at > clock_timestamp())"


_stands = {}  # layout id → rows of _stands_of_layout(); a published layout never changes


def stands_of(event):
    """Every stand of the event's layout with what is left of it; the event comes with its prices."""
    gone = dict(
        db.session.execute(
            text(
                f"select s.stand_id, count(*) from seat_claim c join seat s on s.id = c.seat_id where c.event_id = :event and {_TAKEN} group by 1"
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
            min((faces[b] for b in s.bands if b in faces), default=None),
        )
        for s in _stands_of_layout(event.layout_id)
    ]


def _stands_of_layout(layout_id):
    if layout_id in _stands:
        return _stands[layout_id]
    found = db.session.execute(
        text("""
            with size as (select stand_id, count(*) as seats, array_agg(distinct band order by band) as bands from seat where layout_id = :layout group by 1)
            select st.id, st.code, st.name, st.note, size.bands, size.seats, l.published_at is not null as is_published
              from stand st join size on size.stand_id = st.id join layout l on l.id = st.layout_id
             where st.layout_id = :layout order by st.position, st.id"""),
        {"layout": layout_id},
    ).all()
    if found and found[0].is_published:
        _stands[layout_id] = found
    return found


def stand_sizes(layout_id):
    """{stand id: seats} of a layout."""
    return {stand.id: stand.seats for stand in _stands_of_layout(layout_id)}


def bays_of(event, stand_id):
    """The bays of a stand with what is left in each."""
    found = db.session.execute(
        text(f"""
            select b.id, b.name, l.name, g.code, count(*), count(*) filter (where c.seat_id is null)
              from seat s join seat_row r on r.id = s.row_id join bay b on b.id = r.bay_id join level l on l.id = b.level_id join gate g on g.id = b.gate_id
              left join seat_claim c on c.event_id = :event and c.seat_id = s.id and {_TAKEN}
             where s.layout_id = :layout and s.stand_id = :stand
             group by b.id, b.name, l.name, l.position, b.position, g.code order by l.position, b.position"""),  # noqa: S608
        {"layout": event.layout_id, "event": event.id, "stand": stand_id},
    )
    return [BayLeft(*row) for row in found]


def rows_of(event, bay_id, mine=()):
    """The rows of a bay with every seat and its state. `mine` are the seat ids of this person's own hold."""
    found = db.session.execute(
        text(f"""
            select r.id, r.name, s.id as seat_id, s.number, s.kind, s.band, c.state
              from seat_row r join seat s on s.row_id = r.id
              left join seat_claim c on c.event_id = :event and c.seat_id = s.id and {_TAKEN}
             where r.bay_id = :bay and s.layout_id = :layout order by r.position, s.position"""),  # noqa: S608
        {"event": event.id, "bay": bay_id, "layout": event.layout_id},
    )
    rows = {}
    for row in found:
        state = "mine" if row.seat_id in mine else {None: "free", "held": "held"}.get(row.state, "taken")
        rows.setdefault(row.id, RowOfSeats(row.id, row.name)).seats.append(SeatState(row.seat_id, row.number, row.kind, row.band, state))
    return list(rows.values())


def seat_version():
    """The number of the newest change of any seat. Read before the states: a change that commits meanwhile is then in them already."""
    return db.session.execute(text("select last_value from seat_version")).scalar()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a fan asks for: how many, where (a band, a stand, or anywhere), side by side or not, with a wheelchair space and companion."""

    count: int
    band: str | None = None
    stand_id: int | None = None
    together: bool = True
    accessible: bool = False


def best_available(event, wish, skip=0):
    """The seat ids of the best free seats for this wish: side by side in one row, by quality. Refused when there are none.

    `skip` passes over the best ones found: another buyer is after them at this moment.
    """
    if not 1 <= wish.count <= event.buyer_limit:
        raise Refused(f"You can ask for one to {event.buyer_limit} seats.", code="TOO_MANY_SEATS", status=422, limit=event.buyer_limit)
    if wish.accessible:
        return _with_companion(event, wish, skip)
    if wish.together:
        found = _blocks(event, wish, wish.count, "s.kind in ('standard', 'restricted')", "true", skip)
        if found is None:
            raise Refused(sentence_for("NOT_TOGETHER", {}), code="NOT_TOGETHER")
        return found
    found = db.session.execute(
        text(
            f"{_FREE} select id from free order by quality desc, id offset :skip limit :n".replace(
                "__KIND__", "s.kind in ('standard', 'restricted')"
            )
        ),
        {**_scope(event, wish), "skip": skip * wish.count, "n": wish.count},
    ).scalars()
    seats = list(found)
    if len(seats) < wish.count:
        raise Refused(sentence_for("NONE_LEFT", {}), code="NONE_LEFT")
    return seats


def _with_companion(event, wish, skip):
    """A wheelchair space with its companion beside it; the others of the party next to them, or as near as the stand allows."""
    has_pair = "n_access >= 1 and (n_companion >= 1 or :n = 1)"
    if found := _blocks(event, wish, wish.count, "true", f"{has_pair} and n_access + n_companion <= greatest(:n, 2)", skip):
        return found
    pair = _blocks(event, wish, min(wish.count, 2), "s.kind in ('accessible', 'companion')", has_pair, skip)
    if pair is None:
        raise Refused(sentence_for("NONE_LEFT", {}), code="NONE_LEFT")
    if wish.count <= 2:
        return pair
    stand = db.session.execute(text("select stand_id from seat where id = :id"), {"id": pair[0]}).scalar()
    near = Wish(wish.count - 2, stand_id=stand)
    others = _blocks(event, near, near.count, "s.kind in ('standard', 'restricted')", "true", 0)
    if others is None:
        raise Refused(sentence_for("NOT_TOGETHER", {}), code="NOT_TOGETHER")
    return pair + others


_FREE = f"""
    with free as (
      select s.id, s.row_id, s.position, s.quality, s.kind
        from seat s left join seat_claim c on c.event_id = :event and c.seat_id = s.id and {_TAKEN}
       where s.layout_id = :layout and c.seat_id is null and __KIND__
         and (cast(:band as text) is null or s.band = :band) and (cast(:stand as int) is null or s.stand_id = :stand)
         and exists (select from event_price p where p.event_id = :event and p.band = s.band and p.ticket_type = 'adult'))"""


def _blocks(event, wish, n, kinds, having, skip):
    """The best block of n neighbouring free seats, or None. A block is n seats of one row whose positions follow each other."""
    found = db.session.execute(
        text(
            f"""{_FREE}, block as (
                  select array_agg(id) over w as ids, sum(quality) over w as score, count(*) over w as n, max(position) over w - position as width, id,
                         count(*) filter (where kind = 'accessible') over w as n_access, count(*) filter (where kind = 'companion') over w as n_companion
                    from free window w as (partition by row_id order by position rows between current row and {int(n) - 1} following))
                select ids from block where n = :n and width = :n - 1 and {having} order by score desc, id offset :skip limit 1""".replace(
                "__KIND__", kinds
            )
        ),
        {**_scope(event, wish), "n": n, "skip": skip * n},
    ).scalar()
    return list(found) if found else None


def _scope(event, wish):
    return {"event": event.id, "layout": event.layout_id, "band": wish.band, "stand": wish.stand_id}
