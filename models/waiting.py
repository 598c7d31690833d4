"""Waiting: for the opening of a sale, and for seats of an event that is sold out.

No code here writes: the definer functions in migrations/sql/ are the only writers.
"""

import uuid

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import db
from models.columns import big_id, created, moment, one_of, words
from models.match import Event

_OPEN = "state in ('waiting', 'offered')"


class WaitingEntry(db.Model):
    """Somebody who waits for an event: `opening`, to be told when it goes on sale, or `seats`, in line for those that
    come back. `seq` is the order of the line; `most` the highest full price of one seat, in minor units.

    waiting → told (an opening), or waiting ⇄ offered → taken; side exits: left, over.
    """

    __tablename__ = "waiting_entry"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=False), unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    kind: Mapped[words]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    email: Mapped[words]
    mailbox: Mapped[words]
    link_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    address_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[words] = mapped_column(Text, server_default="waiting")
    seats: Mapped[int | None] = mapped_column(SmallInteger)
    together: Mapped[bool | None] = mapped_column(Boolean)
    band: Mapped[words | None]
    most: Mapped[int | None] = mapped_column(BigInteger)
    unanswered: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    created_at: Mapped[created]
    closed_at: Mapped[moment | None]
    event: Mapped["Event"] = relationship(lazy="raise_on_sql")
    __table_args__ = (
        one_of("kind", "opening", "seats"),
        one_of("state", "waiting", "offered", "told", "taken", "left", "over"),
        CheckConstraint("(kind = 'seats') = (seats is not null and together is not null)", name="wish"),
        CheckConstraint("seats > 0 and most >= 0", name="numbers"),
        CheckConstraint(f"({_OPEN}) = (closed_at is null)", name="closed_at"),
        Index("uq_waiting_entry_mailbox", "event_id", "kind", "mailbox", unique=True, postgresql_where=text(_OPEN)),
        Index(
            "uq_waiting_entry_customer",
            "event_id",
            "kind",
            "customer_id",
            unique=True,
            postgresql_where=text(f"{_OPEN} and customer_id is not null"),
        ),
        Index("ix_waiting_entry_open", "event_id", "kind", "seq", postgresql_where=text(_OPEN)),
        Index(
            "ix_waiting_entry_address_key",
            "address_key",
            "event_id",
            postgresql_where=text("address_key is not null"),
        ),
    )


class WaitingOffer(db.Model):
    """Seats that are held for one who waits until `ends_at`, in a booking of nobody's until they are taken."""

    __tablename__ = "waiting_offer"
    id: Mapped[big_id]
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("waiting_entry.id"), index=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), unique=True)
    seats: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    state: Mapped[words] = mapped_column(Text, server_default="open")
    offered_at: Mapped[moment]
    ends_at: Mapped[moment]
    answered_at: Mapped[moment | None]
    entry: Mapped["WaitingEntry"] = relationship(lazy="raise_on_sql")
    __table_args__ = (
        one_of("state", "open", "taken", "declined", "unanswered", "over"),
        CheckConstraint("(state = 'open') = (answered_at is null)", name="answered_at"),
        Index("uq_waiting_offer_open", "entry_id", unique=True, postgresql_where=text("state = 'open'")),
    )
