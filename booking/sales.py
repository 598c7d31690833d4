"""What the ground's staff do with their sales: stop and go on, cancel, block seats, look bookings up, send tickets again.

Row security shows staff the bookings of their own stadiums only, and the definer functions refuse everybody else; an event and a ground
are public to look at, so `get_event` and `get_ground` ask for one of the staff's own. A booking belongs to an event, or to the ground alone
when it is parking without a match: where an event may be None, the ground's parking is meant.
"""

import re
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

import realtime
from enhanced_models import PaymentTransaction
from extensions import Refused, after_commit, call, call_one, db, sentences
from models import Booking, Event, Refund, Stadium, Stand
from seating.labels import labels_of, name_seats
from seating.typed import read_place, seats_at

sentences(
    {
        "NO_CHOICE": "Choose at least one seat.",
        "UNKNOWN_PLACE": "There is no such place at this ground.",
    }
)

PER_PAGE = 25
NOTE_LENGTH = 500
BIGGEST_INT, BIGGEST_BIGINT = 2**31 - 1, 2**63 - 1

# What the list of bookings can be narrowed to: a condition on booking b.
FILTERS = {
    "bought": "b.state in ('paid', 'refunded', 'lost')",
    "held": "(b.state = 'paying' or b.state = 'held' and b.expires_at > clock_timestamp())",
    "refunded": "exists (select from refund r where r.booking_id = b.id)",
    "failed": "exists (select from refund r where r.booking_id = b.id and r.state = 'failed')",
    "disputed": "b.disputed_at is not null",
    "ended": "b.state in ('released', 'expired') or b.state = 'held' and b.expires_at <= clock_timestamp()",
}


def unknown_event():
    return Refused("There is no such match at your ground.", code="UNKNOWN_EVENT", status=404)


def get_event(event_id, stadium_ids):
    """An event of one of these stadiums with its ground, or Refused UNKNOWN_EVENT."""
    event = None
    if event_id <= BIGGEST_INT:
        event = db.session.scalar(
            select(Event)
            .where(Event.id == event_id, Event.stadium_id.in_(stadium_ids))
            .options(joinedload(Event.stadium))
        )
    if event is None:
        raise unknown_event()
    return event


def grounds_of(stadium_ids):
    """These stadiums, by name."""
    return db.session.scalars(select(Stadium).where(Stadium.id.in_(stadium_ids)).order_by(Stadium.name)).all()


def get_ground(slug, stadium_ids):
    """The one of these stadiums with this slug, or Refused UNKNOWN_STADIUM."""
    ground = db.session.scalar(select(Stadium).where(Stadium.slug == slug, Stadium.id.in_(stadium_ids)))
    if ground is None:
        raise Refused("There is no such ground.", code="UNKNOWN_STADIUM", status=404)
    return ground


# --- the sale ---------------------------------------------------------------------------------------------------------


def stop_sale(event_id):
    """Nobody can begin to buy; what is held may still be paid."""
    call("app.set_sale_state", event_id, "stopped")


def set_rotating_codes(event_id, on):
    """Whether the event's codes change every fifteen seconds. Tickets that are sold already follow with the next look at them."""
    call("app.set_rotating_codes", event_id, on)


def resume_sale(event_id):
    """Sell again."""
    call("app.set_sale_state", event_id, "on_sale")


def cancel_event(event_id, note=None):
    """Cancel for good. A job gives every buyer everything back, each exactly once."""
    call("app.cancel_event", event_id, read_note(note))


def read_note(note):
    """A note as it is kept: trimmed, None when empty, Refused NOTE_TOO_LONG above its length."""
    note = (note or "").strip()
    if len(note) > NOTE_LENGTH:
        raise Refused(f"Keep the note under {NOTE_LENGTH} signs.", code="NOTE_TOO_LONG", status=422)
    return note or None


# --- blocking ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Blocking:
    """What became of seats that were to be blocked or freed: how many, in words, and one sentence for each group that was refused."""

    count: int
    words: str
    refused: list[str]


def choose_seats(event, seat_ids=(), typed=None, stand_id=None):
    """The seats that staff mean: ticked ones, and those at a typed place. Refused NO_CHOICE, MALFORMED, UNKNOWN_PLACE, AMBIGUOUS_PLACE."""
    chosen = {n for n in seat_ids if 0 < n <= BIGGEST_INT}
    if (typed or "").strip():
        place = read_place(typed)
        if place is None:
            raise Refused("Write the place like this: Bay 14 row M 9-12.", code="MALFORMED", status=422)
        chosen.update(seats_at(event.layout_id, place, stand_id))
    if not chosen:
        raise Refused("Tick the seats, or write where they are.", code="NO_CHOICE", status=422)
    return sorted(chosen)


def block_seats(event, seat_ids):
    """Take free seats off sale. Those that somebody holds or owns stay as they are, and are named."""
    row = call_one("app.block_seats", event.id, seat_ids)
    after_commit(realtime.publish_seats_changed, event.id, row.version, row.blocked, "blocked")
    states = states_of(event.id, row.refused)
    labels = labels_of([*row.blocked[:500], *row.refused[:500]])
    refused = []
    for words, wanted in (
        ("sold", ("sold",)),
        ("being paid for", ("paying",)),
        ("being chosen by somebody", ("held",)),
    ):
        seats = [labels[n] for n in row.refused if states.get(n) in wanted and n in labels]
        if seats:
            refused.append(f"{_stand_words(seats)} {'is' if len(seats) == 1 else 'are'} {words}.")
    strange = [n for n in row.refused if n not in states]
    if strange:
        refused.append("Some of these seats are not at this ground, or have just changed. Look again.")
    return Blocking(len(row.blocked), _stand_words([labels[n] for n in row.blocked if n in labels]), refused)


def unblock_seats(event, seat_ids):
    """Put blocked seats back on sale. Seats that are not blocked are left alone."""
    row = call_one("app.unblock_seats", event.id, seat_ids)
    after_commit(realtime.publish_seats_changed, event.id, row.version, row.freed, "free")
    labels = labels_of(row.freed[:500])
    others = len(seat_ids) - len(row.freed)
    refused = [f"{others} of the seats {'was' if others == 1 else 'were'} not blocked."] if others else []
    return Blocking(len(row.freed), _stand_words([labels[n] for n in row.freed if n in labels]), refused)


def _stand_words(labels):
    if not labels:
        return ""
    places = {(x.stand, x.bay) for x in labels}
    if len(places) > 1:
        return f"{len(labels)} seats"
    seats = name_seats(labels)
    return f"{labels[0].stand}, bay {labels[0].bay}, {seats[:1].lower()}{seats[1:]}"


def states_of(event_id, seat_ids):
    """{seat id: state of its claim} for those that have one."""
    found = db.session.execute(
        text("select seat_id, state from seat_claim where event_id = :event and seat_id = any (:seats)"),
        {"event": event_id, "seats": list(seat_ids)},
    )
    return {row.seat_id: row.state for row in found}


@dataclass(frozen=True, slots=True)
class SeatNow:
    id: int
    number: str
    kind: str
    band: str
    state: str  # free, held, paying, sold, blocked


def stands_for(event):
    return db.session.scalars(
        select(Stand).where(Stand.layout_id == event.layout_id).order_by(Stand.position, Stand.id)
    ).all()


def rows_of_bay(event, bay_id):
    """[(row name, [SeatNow])] of a bay of the event's layout."""
    found = db.session.execute(
        text("""
            select r.name as row, s.id, s.number, s.kind, s.band,
                   case when c.state = 'held' and c.expires_at <= clock_timestamp() then 'free' else coalesce(c.state, 'free') end as state
              from seat_row r join seat s on s.row_id = r.id left join seat_claim c on c.event_id = :event and c.seat_id = s.id
             where r.bay_id = :bay and s.layout_id = :layout order by r.position, s.position"""),
        {"event": event.id, "bay": min(bay_id, BIGGEST_INT), "layout": event.layout_id},
    )
    rows = {}
    for row in found:
        rows.setdefault(row.row, []).append(SeatNow(row.id, row.number, row.kind, row.band, row.state))
    return list(rows.items())


# --- bookings ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking in the list. `seats` are (stand, bay, row, number), `bays` (car park, kind, plate), all None when its bay is free again.

    `refunded` is what went or goes back, `failed` how many refunds did not. Parking alone has its window; `is_over` is that of the window.
    """

    id: int
    reference: str
    state: str
    name: str | None
    email: str | None
    total: int
    currency: str
    made_at: object
    disputed_at: object
    expires_at: object
    seats: list
    bays: list
    refunded: int
    failed: int
    starts_at: object
    ends_at: object
    is_over: bool

    @property
    def places(self):
        """{(stand, bay, row): numbers}; row and numbers are empty for places of an unreserved area."""
        rows = {}
        for stand, bay, row, number, kind in self.seats:
            is_open = kind == "unreserved"
            rows.setdefault((stand, bay, "" if is_open else row), []).append("" if is_open else number)
        return rows


@dataclass(frozen=True, slots=True)
class BookingPage:
    rows: list[BookingRow]
    found: int
    page: int
    pages: int
    sentence: str | None = None  # why a search could not be read


# When a booking of parking alone begins and ends. A bay that was given back before it was paid has left no window.
_WINDOW = """left join lateral (
  select min(coalesce(p.starts_at, pc.starts_at)) as starts_at, max(coalesce(p.ends_at, pc.ends_at)) as ends_at
    from booking_line l left join parking_pass p on p.line_id = l.id left join parking_claim pc on pc.id = l.parking_claim_id
   where l.booking_id = b.id) w on true"""
_NO_WINDOW = "cross join (select null::timestamptz as starts_at, null::timestamptz as ends_at) w"
_COMING_FIRST = """coalesce(w.ends_at <= clock_timestamp(), true), case when w.ends_at > clock_timestamp() then w.starts_at end,
  w.starts_at desc nulls last, b.id desc"""


def bookings_of(event, words="", state="bought", page=1):
    """A page of an event's bookings, newest first, found by reference, name, e-mail or place. One statement, two when a place was typed."""
    words = (words or "").strip()[:120]
    seats = None
    try:
        place = read_place(words) if words else None
        if place:
            seats = seats_at(event.layout_id, place)
    except Refused as refusal:
        return BookingPage([], 0, 1, 1, refusal.sentence)
    return _bookings(event.stadium_id, event.id, words, state, page, seats)


def parking_of(ground, words="", state="bought", page=1):
    """A page of a ground's bookings of parking alone: the next to come first, then the last that are over. Found by plate as well."""
    return _bookings(ground.id, None, (words or "").strip()[:120], state, page)


def _bookings(stadium_id, event_id, words, state, page, seats=None):
    conditions, values = ["b.stadium_id = :stadium"], {"stadium": stadium_id, "event": event_id}
    conditions.append("b.event_id is null" if event_id is None else "b.event_id = :event")
    if state in FILTERS:
        conditions.append(f"({FILTERS[state]})")
    if words:
        if seats is not None:
            values["seats"] = seats
            conditions.append(
                "exists (select from booking_line l where l.booking_id = b.id and l.seat_id = any (:seats))"
            )
        else:
            pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            values |= {"like": pattern, "reference": words.replace("-", "").replace(" ", "")}
            ways = ["b.contact_name ilike :like", "b.contact_email ilike :like", "b.reference ilike :like"]
            ways.append("replace(b.reference, '-', '') = upper(:reference)")
            plate = re.sub(r"[\s.-]", "", words).upper()
            if event_id is None and re.fullmatch("[A-Z0-9]{2,10}", plate):
                values["plate"] = f"%{plate}%"
                ways.append("exists (select from parking_pass p where p.booking_id = b.id and p.plate like :plate)")
                ways.append("exists (select from parking_claim p where p.booking_id = b.id and p.plate like :plate)")
            conditions.append(f"({' or '.join(ways)})")
    page = max(1, min(page, 100_000))
    window, order = (_WINDOW, _COMING_FIRST) if event_id is None else (_NO_WINDOW, "b.id desc")
    found = db.session.execute(
        text(f"""
            with chosen as (
              select b.*, w.starts_at, w.ends_at, count(*) over () as found, row_number() over (order by {order}) as position
                from booking b {window} where {" and ".join(conditions)} order by {order} limit {PER_PAGE} offset {PER_PAGE * (page - 1)})
            select c.found, c.id, c.reference,
                   case when c.state = 'held' and c.expires_at <= clock_timestamp() then 'expired' else c.state end,
                   c.contact_name, c.contact_email, c.total, c.currency, coalesce(c.paid_at, c.created_at), c.disputed_at, c.expires_at,
                   coalesce((select jsonb_agg(jsonb_build_array(st.name, ba.name, ro.name, s.number, s.kind) order by s.id)
                               from booking_line l join seat s on s.id = l.seat_id join stand st on st.id = s.stand_id
                               join seat_row ro on ro.id = s.row_id join bay ba on ba.id = ro.bay_id where l.booking_id = c.id), '[]'),
                   coalesce((select jsonb_agg(jsonb_build_array(cp.name, coalesce(p.bay_kind, pc.bay_kind), coalesce(p.plate, pc.plate)) order by l.id)
                               from booking_line l left join parking_pass p on p.line_id = l.id
                               left join parking_claim pc on pc.id = l.parking_claim_id
                               left join car_park cp on cp.id = coalesce(p.car_park_id, pc.car_park_id)
                              where l.booking_id = c.id and l.kind = 'parking'), '[]'),
                   (select coalesce(sum(r.amount), 0)::bigint from refund r where r.booking_id = c.id and r.state <> 'failed'),
                   (select count(*) from refund r where r.booking_id = c.id and r.state = 'failed'),
                   c.starts_at, c.ends_at, coalesce(c.ends_at <= clock_timestamp(), true)
              from chosen c order by c.position"""),  # noqa: S608
        values,
    ).all()
    total = found[0].found if found else 0
    return BookingPage([BookingRow(*row[1:]) for row in found], total, page, max(1, -(-total // PER_PAGE)))


@dataclass(frozen=True, slots=True)
class LineNow:
    """A line of a booking with its ticket or pass and what went back. `back_state` is its refund's state, or None."""

    id: int
    kind: str
    ticket_type: str | None
    band: str | None
    face: int
    fee: int
    tax: int
    total: int
    stand: str | None
    bay: str | None
    row: str | None
    number: str | None
    seat_kind: str | None
    gate: str | None
    car_park: str | None
    bay_kind: str | None
    plate: str | None
    starts_at: object
    ends_at: object
    status: str | None  # of the ticket or pass; None while nothing is issued
    void_at: object
    back: int | None
    back_state: str | None
    refund_id: int | None

    @property
    def place(self):
        if self.kind == "seat":
            where = "unreserved" if self.seat_kind == "unreserved" else f"row {self.row}, seat {self.number}"
            return f"{self.stand}, bay {self.bay}, {where}"
        return f"{self.car_park}, {self.bay_kind} bay" if self.car_park else "Parking"


@dataclass(frozen=True, slots=True)
class BookingNow:
    """A booking as staff see it. `event` is None for parking alone."""

    ground: Stadium
    event: Event | None
    booking: Booking
    lines: list[LineNow]
    payments: list[PaymentTransaction]
    refunds: list[Refund]
    history: list

    @property
    def address(self):
        """What the addresses of its pages are made of."""
        return {"event_id": self.event.id} if self.event else {"slug": self.ground.slug}

    @property
    def open_lines(self):
        return (
            [line for line in self.lines if line.refund_id is None]
            if self.booking.state in ("paid", "refunded")
            else []
        )

    @property
    def failed(self):
        return [r for r in self.refunds if r.state == "failed"]

    @property
    def paid(self):
        """The payment that succeeded, or None."""
        return next((p for p in self.payments if p.state == "succeeded"), None)

    @property
    def given_back(self):
        return sum(r.amount for r in self.refunds if r.state != "failed")


def get_booking(ground, event, booking_id):
    """A BookingNow of this event, or of the ground's parking alone if event is None; or Refused UNKNOWN_BOOKING. Five statements."""
    booking = None
    if booking_id <= BIGGEST_BIGINT:
        booking = db.session.scalar(
            select(Booking).where(
                Booking.id == booking_id,
                Booking.event_id == (event.id if event else None),
                Booking.stadium_id == ground.id,
            )
        )
    if booking is None:
        raise Refused("There is no such booking at your ground.", code="UNKNOWN_BOOKING", status=404)
    payments = db.session.scalars(
        select(PaymentTransaction).where(PaymentTransaction.booking_id == booking_id).order_by(PaymentTransaction.id)
    ).all()
    refunds = db.session.scalars(select(Refund).where(Refund.booking_id == booking_id).order_by(Refund.id)).all()
    return BookingNow(ground, event, booking, _lines(booking_id), payments, refunds, _history(booking))


def _lines(booking_id):
    found = db.session.execute(
        text("""
            select l.id, l.kind, l.ticket_type, l.band, l.face, l.fee, l.tax, l.total, st.name, ba.name, ro.name, s.number, s.kind, g.code,
                   cp.name, coalesce(p.bay_kind, pc.bay_kind), coalesce(p.plate, pc.plate),
                   coalesce(p.starts_at, pc.starts_at), coalesce(p.ends_at, pc.ends_at), coalesce(t.status, p.status),
                   coalesce(t.void_at, p.void_at), rl.amount, r.state, rl.refund_id
              from booking_line l
              left join seat s on s.id = l.seat_id left join stand st on st.id = s.stand_id left join seat_row ro on ro.id = s.row_id
              left join bay ba on ba.id = ro.bay_id left join gate g on g.id = ba.gate_id
              left join ticket t on t.line_id = l.id left join parking_pass p on p.line_id = l.id
              left join parking_claim pc on pc.id = l.parking_claim_id
              left join car_park cp on cp.id = coalesce(p.car_park_id, pc.car_park_id)
              left join refund_line rl on rl.line_id = l.id left join refund r on r.id = rl.refund_id
             where l.booking_id = :booking order by l.kind desc, l.seat_id, l.id"""),
        {"booking": booking_id},
    )
    return [LineNow(*row) for row in found]


def _history(booking):
    """What happened to a booking, newest first: the audit trail, and its mails."""
    return db.session.execute(
        text("""
            select at, action, actor_id, details from system_log
             where stream = :stadium and object_type = 'booking' and object_id = cast(:booking as text)
            union all
            select coalesce(sent_at, created_at), 'mail.' || state, null,
                   jsonb_build_object('template', template, 'recipient', recipient, 'error', error)
              from notification where stadium_id = :stadium and booking_id = :booking
             order by at desc limit 60"""),
        {"stadium": booking.stadium_id, "booking": booking.id},
    ).all()


def resend_tickets(booking_id):
    """Send the confirmation again, at most once a minute."""
    call("app.resend_tickets", booking_id)
