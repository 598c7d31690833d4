"""Sales: bookings and their lines, the claims on seats and bays, tickets and passes, refunds, and the keys that sign
codes.

No code here writes: the definer functions in migrations/sql/ are the only writers.
"""

import uuid
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import db
from models.columns import WRITTEN_BY, big_id, created, minor, moment, one_of, small_id, words
from models.grounds import CarPark, Seat, Stadium
from models.match import TICKET_TYPES, Event

BOOKING_STATES = ("held", "paying", "paid", "released", "expired", "lost", "refunded")
REFUND_REASONS = ("fan", "staff", "event_cancelled", "seats_lost", "amount_mismatch", "paid_twice", "over_limit")


class Booking(db.Model):
    """One buyer's seats and parking. Totals are the sums of its lines; `policy` is the event's refund policy, frozen.

    held → paying → paid → refunded; side exits: released (given back), expired (time over), lost (paid, but seats were
    gone: refunded).
    """

    __tablename__ = "booking"
    id: Mapped[big_id]
    reference: Mapped[words] = mapped_column(Text, unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    stadium_id: Mapped[int] = mapped_column(ForeignKey("stadium.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    state: Mapped[words] = mapped_column(Text, server_default="held")
    currency: Mapped[words]
    face: Mapped[minor]
    fee: Mapped[minor]
    tax: Mapped[minor]
    total: Mapped[minor]
    held_at: Mapped[moment]
    expires_at: Mapped[moment]  # end of the hold, also while paying (then with the grace of app.payment_grace)
    contact_name: Mapped[words | None]
    contact_email: Mapped[words | None]
    email_key: Mapped[words | None]
    policy: Mapped[dict | None] = mapped_column(JSONB)
    link_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    link_seq: Mapped[int] = mapped_column(SmallInteger, server_default="0")  # how often the address was put right
    paid_at: Mapped[moment | None]
    closed_at: Mapped[moment | None]
    disputed_at: Mapped[moment | None]
    created_at: Mapped[created]
    stadium: Mapped["Stadium"] = relationship(lazy="raise_on_sql")
    event: Mapped["Event | None"] = relationship(lazy="raise_on_sql")
    lines: Mapped[list["BookingLine"]] = relationship(
        lazy="raise_on_sql", order_by="BookingLine.id", back_populates="booking"
    )
    tickets: Mapped[list["Ticket"]] = relationship(
        lazy="raise_on_sql", order_by="Ticket.line_id", back_populates="booking"
    )
    passes: Mapped[list["ParkingPass"]] = relationship(
        lazy="raise_on_sql", order_by="ParkingPass.line_id", back_populates="booking"
    )
    refunds: Mapped[list["Refund"]] = relationship(lazy="raise_on_sql", order_by="Refund.id")

    @hybrid_method
    def is_over(self, now: datetime) -> bool:
        """Has the hold come to its end?

        As app.is_over() says; in a query the database's clock decides, and takes no argument.
        """
        return self.expires_at <= now

    @is_over.inplace.expression  # pyrefly: ignore[bad-argument-type]
    @classmethod
    def _is_over(cls) -> ColumnElement[bool]:
        return func.app.is_over(cls.expires_at)

    @hybrid_method
    def has_lapsed(self, now: datetime) -> bool:
        """Is this a hold whose time is over? What it held is free. As app.has_lapsed() says, in a query likewise."""
        return self.state == "held" and self.is_over(now)

    @has_lapsed.inplace.expression  # pyrefly: ignore[bad-argument-type]
    @classmethod
    def _has_lapsed(cls) -> ColumnElement[bool]:
        return func.app.has_lapsed(cls.state, cls.expires_at)

    __table_args__ = (
        one_of("state", *BOOKING_STATES),
        CheckConstraint("total = face + fee or total = face + fee + tax", name="total"),
        CheckConstraint("face >= 0 and fee >= 0 and tax >= 0", name="not_negative"),
        Index(
            "uq_booking_one_open",
            "customer_id",
            "event_id",
            unique=True,
            postgresql_where=text("state = 'held' and event_id is not null"),
        ),
        Index("ix_booking_customer_id_event_id", "customer_id", "event_id"),
        Index("ix_booking_event_id_email_key", "event_id", "email_key", postgresql_where=text("email_key is not null")),
        Index("ix_booking_email_key", "email_key", postgresql_where=text("state in ('paid', 'refunded')")),
        Index("ix_booking_stadium_id_event_id_state", "stadium_id", "event_id", "state"),
        Index("ix_booking_open_expires_at", "expires_at", postgresql_where=text("state in ('held', 'paying')")),
    )


class BookingLine(db.Model):
    """A seat or a parking bay, with its price as it was: total = face + fee (tax inside) or face + fee + tax."""

    __tablename__ = "booking_line"
    id: Mapped[big_id]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    kind: Mapped[words]
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"))
    parking_claim_id: Mapped[int | None] = mapped_column(BigInteger)
    band: Mapped[words | None]
    ticket_type: Mapped[words | None]
    face: Mapped[minor]
    fee: Mapped[minor]
    tax: Mapped[minor]
    total: Mapped[minor]
    booking: Mapped["Booking"] = relationship(lazy="raise_on_sql", back_populates="lines")
    seat: Mapped["Seat | None"] = relationship(lazy="raise_on_sql")
    __table_args__ = (
        UniqueConstraint("booking_id", "seat_id"),
        UniqueConstraint("parking_claim_id"),
        one_of("kind", "seat", "parking"),
        CheckConstraint(f"ticket_type in ({', '.join(map(repr, TICKET_TYPES))})", name="ticket_type"),
        CheckConstraint(
            "(kind = 'seat') = (seat_id is not null) and (kind = 'parking') = (parking_claim_id is not null)",
            name="thing",
        ),
        CheckConstraint("total = face + fee or total = face + fee + tax", name="total"),
    )


class SeatClaim(db.Model):
    """Who has a seat of an event.

    No row = free; a double claim cannot be represented. `held` is free the moment it expires. `kept` has come back
    while people wait for the event, and is offered to them.
    """

    __tablename__ = "seat_claim"
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    state: Mapped[words]
    expires_at: Mapped[moment | None]
    __table_args__ = (
        PrimaryKeyConstraint("event_id", "seat_id"),
        one_of("state", "held", "paying", "sold", "blocked", "kept"),
        CheckConstraint("(state in ('held', 'paying')) = (expires_at is not null)", name="expires_at"),
        CheckConstraint("(state in ('blocked', 'kept')) = (booking_id is null)", name="blocked"),
        Index("ix_seat_claim_kept", "event_id", postgresql_where=text("state = 'kept'")),
    )


class SeatMove(db.Model):
    """Which seats of an event a transaction has moved, a line for each statement (app.note_moves); forgotten after
    minutes.

    A line without an event is a mark of app.forget_moves(): what was written before its xid may be gone.
    """

    __tablename__ = "seat_move"
    xid: Mapped[int] = mapped_column(BigInteger, server_default=WRITTEN_BY)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False))
    event_id: Mapped[int | None]
    seats: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    at: Mapped[created]
    __table_args__ = (
        PrimaryKeyConstraint("xid", "id"),
        Index("ix_seat_move_marks", "xid", postgresql_where=text("event_id is null")),
    )


class BookingAddress(db.Model):
    """The network that an unpaid hold or a payment came from last, as a keyed hash (extensions.client_key), for two
    hours."""

    __tablename__ = "booking_address"
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    address_key: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    noted_at: Mapped[created] = mapped_column(index=True)


class ParkingClaim(db.Model):
    """One bay of a kind in a car park for a window of time, half open: [starts_at, ends_at)."""

    __tablename__ = "parking_claim"
    id: Mapped[big_id]
    car_park_id: Mapped[int] = mapped_column(Integer)
    bay_kind: Mapped[words]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    starts_at: Mapped[moment]
    ends_at: Mapped[moment]
    plate: Mapped[words]
    state: Mapped[words]
    expires_at: Mapped[moment | None]
    car_park: Mapped["CarPark"] = relationship(
        lazy="raise_on_sql", primaryjoin="foreign(ParkingClaim.car_park_id) == CarPark.id", viewonly=True
    )
    __table_args__ = (
        ForeignKeyConstraint(["car_park_id", "bay_kind"], ["car_park_bays.car_park_id", "car_park_bays.kind"]),
        Index("ix_parking_claim_car_park_id_bay_kind_ends_at", "car_park_id", "bay_kind", "ends_at"),
        one_of("state", "held", "paying", "sold"),
        CheckConstraint("(state in ('held', 'paying')) = (expires_at is not null)", name="expires_at"),
        CheckConstraint("starts_at < ends_at", name="window"),
    )


# How the gate knows the newest issue of a right: the first 8 bytes of SHA-256("cricverse right v1" + id + salt). A
# phone that is lost gives away no ticket's number. The salt is empty for a first issue and the whole signed code for a
# later one (app.keep_issue; chance until it is signed, app.new_issue): whoever holds an older code cannot work out the
# newer one's hash. qr_code.hash is the same for every issue.
RIGHT_HASH = Computed(
    "substring(sha256('\\x637269637665727365207269676874207631'::bytea || uuid_send(id) || salt) from 1 for 8)",
    persisted=True,
)


class Ticket(db.Model):
    """The right to one seat at one event. `seq` counts reissues; the code in qr_code carries it."""

    __tablename__ = "ticket"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("booking_line.id"), unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    status: Mapped[words] = mapped_column(Text, server_default="valid")
    seq: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    issued_at: Mapped[created]
    void_at: Mapped[moment | None]
    salt: Mapped[bytes] = mapped_column(LargeBinary, server_default=text("''::bytea"))
    hash: Mapped[bytes] = mapped_column(LargeBinary, RIGHT_HASH)
    holder_name: Mapped[words | None]
    link_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)  # the link of whoever it was passed on to
    booking: Mapped["Booking"] = relationship(lazy="raise_on_sql", back_populates="tickets")
    seat: Mapped["Seat"] = relationship(lazy="raise_on_sql")
    event: Mapped["Event"] = relationship(lazy="raise_on_sql")
    line: Mapped["BookingLine"] = relationship(lazy="raise_on_sql")
    __table_args__ = (
        one_of("status", "valid", "disputed", "used", "void"),
        CheckConstraint("(status = 'void') = (void_at is not null)", name="void_at"),
        Index(
            "uq_ticket_one_live_per_seat", "event_id", "seat_id", unique=True, postgresql_where=text("status <> 'void'")
        ),
        Index("ix_ticket_event_id_hash", "event_id", "hash"),
    )


class ParkingPass(db.Model):
    __tablename__ = "parking_pass"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("booking_line.id"), unique=True)
    car_park_id: Mapped[int] = mapped_column(Integer)
    bay_kind: Mapped[words]
    starts_at: Mapped[moment]
    ends_at: Mapped[moment]
    plate: Mapped[words]
    status: Mapped[words] = mapped_column(Text, server_default="valid")
    seq: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    issued_at: Mapped[created]
    void_at: Mapped[moment | None]
    salt: Mapped[bytes] = mapped_column(LargeBinary, server_default=text("''::bytea"))
    hash: Mapped[bytes] = mapped_column(LargeBinary, RIGHT_HASH, index=True)
    booking: Mapped["Booking"] = relationship(lazy="raise_on_sql", back_populates="passes")
    line: Mapped["BookingLine"] = relationship(lazy="raise_on_sql")
    car_park: Mapped["CarPark"] = relationship(
        lazy="raise_on_sql", primaryjoin="foreign(ParkingPass.car_park_id) == CarPark.id", viewonly=True
    )
    __table_args__ = (
        ForeignKeyConstraint(["car_park_id", "bay_kind"], ["car_park_bays.car_park_id", "car_park_bays.kind"]),
        one_of("status", "valid", "disputed", "used", "void"),
        CheckConstraint("(status = 'void') = (void_at is not null)", name="void_at"),
    )


class Refund(db.Model):
    """Money on its way back. Its key is made with the row, before Stripe is asked; a repeat uses the same key."""

    __tablename__ = "refund"
    id: Mapped[big_id]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment_transaction.id"), index=True)
    amount: Mapped[minor]
    currency: Mapped[words]
    state: Mapped[words] = mapped_column(Text, server_default="requested")
    reason: Mapped[words]
    note: Mapped[words | None]
    idempotency_key: Mapped[words] = mapped_column(Text, unique=True)
    stripe_refund_id: Mapped[words | None] = mapped_column(Text, unique=True)
    requested_by: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    error: Mapped[words | None]
    created_at: Mapped[created]
    updated_at: Mapped[created]
    lines: Mapped[list["RefundLine"]] = relationship(lazy="raise_on_sql")
    __table_args__ = (
        one_of("state", "requested", "pending", "succeeded", "failed"),
        one_of("reason", *REFUND_REASONS),
        CheckConstraint("amount >= 0", name="amount"),
        Index("ix_refund_open", "updated_at", postgresql_where=text("state in ('requested', 'pending')")),
    )


class RefundLine(db.Model):
    """A line is refunded once: `line_id` is unique."""

    __tablename__ = "refund_line"
    refund_id: Mapped[int] = mapped_column(ForeignKey("refund.id"))
    line_id: Mapped[int] = mapped_column(ForeignKey("booking_line.id"), unique=True)
    amount: Mapped[minor]
    line: Mapped["BookingLine"] = relationship(lazy="raise_on_sql")
    __table_args__ = (PrimaryKeyConstraint("refund_id", "line_id"),)


class CardDecline(db.Model):
    """A card that a bank declined, for two hours: by the charge's id at Stripe (or the event's, where there is no
    charge). Address and card are keyed hashes."""

    __tablename__ = "card_decline"
    id: Mapped[words] = mapped_column(Text, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    address_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    card_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[created]
    __table_args__ = (
        Index("ix_card_decline_customer_id_at", "customer_id", "at"),
        Index("ix_card_decline_address_key_at", "address_key", "at"),
        Index("ix_card_decline_card_key_at", "card_key", "at"),
    )


class PaymentEvent(db.Model):
    """A Stripe event, kept for good. It is only a trigger: the object is fetched again and decides. `body` is what
    came, to the byte (None: from before such were kept); `payload` the same to be read, with U+FFFD for what jsonb
    cannot hold."""

    __tablename__ = "payment_event"
    id: Mapped[words] = mapped_column(Text, primary_key=True)
    type: Mapped[words]
    object_id: Mapped[words]
    payload: Mapped[dict] = mapped_column(JSONB)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[created]
    handled_at: Mapped[moment | None]
    outcome: Mapped[words | None]
    __table_args__ = (Index("ix_payment_event_unhandled", "received_at", postgresql_where=text("handled_at is null")),)


SIGNS = "revoked_at is null and retired_at is null"


class SigningKey(db.Model):
    """The Ed25519 pair that signs codes of one event, or of one stadium's parking.

    The private half is wrapped by the master key.
    """

    __tablename__ = "signing_key"
    id: Mapped[small_id]  # the key id in a code: two bytes
    stadium_id: Mapped[int] = mapped_column(ForeignKey("stadium.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    private_key_wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[created]
    revoked_at: Mapped[moment | None]  # what it signed is refused
    retired_at: Mapped[moment | None]  # it signs no more, and what it signed stays good
    __table_args__ = (
        CheckConstraint("id between 1 and 65535", name="id"),
        Index(
            "uq_signing_key_event", "event_id", unique=True, postgresql_where=text(f"{SIGNS} and event_id is not null")
        ),
        Index(
            "uq_signing_key_stadium", "stadium_id", unique=True, postgresql_where=text(f"{SIGNS} and event_id is null")
        ),
    )
