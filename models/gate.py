"""The gate: paired phones, their scans (append only), the admissions that follow from them, alarms, and tickets on
their way to another person.
"""

import uuid

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from extensions import db
from models.columns import WRITTEN_BY, big_id, created, moment, one_of, words

SCAN_KINDS = ("entry", "exit", "undo")
SCAN_MODES = ("camera", "typed", "keyboard", "override", "group", "paper")
ALARM_KINDS = ("double", "void")
TRANSFER_STATES = ("offered", "accepted", "withdrawn")


class GateDevice(db.Model):
    """A phone at a gate: bound to an event (or to car parks without one) and to gates, for twelve hours, and revocable
    at once.
    """

    __tablename__ = "gate_device"
    id: Mapped[big_id]
    stadium_id: Mapped[int] = mapped_column(ForeignKey("stadium.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)
    name: Mapped[words]
    gates: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'::integer[]"))
    car_parks: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'::integer[]"))
    may_search: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    pairing_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    pairing_until: Mapped[moment | None]
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    paired_at: Mapped[moment | None]
    expires_at: Mapped[moment | None]
    revoked_at: Mapped[moment | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    created_at: Mapped[created]
    seen_at: Mapped[moment | None]
    state: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))  # what the phone said of itself last
    __table_args__ = (
        CheckConstraint(
            "(token_hash is null) = (paired_at is null) and (token_hash is null) = (expires_at is null)", name="paired"
        ),
        CheckConstraint("event_id is not null or cardinality(gates) = 0", name="event"),
    )


class Scan(db.Model):
    """One reading at a gate, as it was: never changed, never deleted. The phone made its id before it showed a verdict.

    `found` is what the rule says with all that the server knows, `outcome` what the gate acted on, and `let_in` whether
    somebody went through. `at` is the phone's time, corrected, and never before its last contact or after the receipt.
    """

    __tablename__ = "scan"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    stadium_id: Mapped[int] = mapped_column(ForeignKey("stadium.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("gate_device.id"))
    gate_id: Mapped[int | None] = mapped_column(ForeignKey("gate.id"))
    car_park_id: Mapped[int | None] = mapped_column(ForeignKey("car_park.id"))
    kind: Mapped[words]
    mode: Mapped[words]
    ticket_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ticket.id"))
    pass_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("parking_pass.id"))
    right_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary)  # of a text that is no right of ours
    outcome: Mapped[words]
    found: Mapped[words]
    let_in: Mapped[bool]
    via: Mapped[uuid.UUID | None]
    of_scan: Mapped[uuid.UUID | None]
    reason: Mapped[words | None]
    device_at: Mapped[moment]
    at: Mapped[moment]
    counter: Mapped[int] = mapped_column(Integer, server_default="0")
    received_at: Mapped[created]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    verdict: Mapped[dict] = mapped_column(JSONB)  # what was answered; a repeat is answered with it
    xid: Mapped[int] = mapped_column(BigInteger, server_default=WRITTEN_BY)
    __table_args__ = (
        one_of("kind", *SCAN_KINDS),
        one_of("mode", *SCAN_MODES),
        CheckConstraint("ticket_id is null or pass_id is null", name="thing"),
        CheckConstraint("right_id is not distinct from coalesce(ticket_id, pass_id)", name="right_id"),
        Index("ix_scan_event_id_at", "event_id", "at"),
        Index("ix_scan_stadium_id_xid", "stadium_id", "xid"),
        Index("ix_scan_of_scan", "of_scan", postgresql_where=text("of_scan is not null")),
    )


class Admission(db.Model):
    """A right went in, for the n-th time.

    Between two admissions of one right lies its exit: derived from the scans by app.fold_scans.
    """

    __tablename__ = "admission"
    right_id: Mapped[uuid.UUID]
    entry_no: Mapped[int] = mapped_column(SmallInteger)
    ticket_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ticket.id"))
    pass_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("parking_pass.id"))
    stadium_id: Mapped[int] = mapped_column(ForeignKey("stadium.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    scan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scan.id"), unique=True)
    gate_id: Mapped[int | None] = mapped_column(ForeignKey("gate.id"))
    car_park_id: Mapped[int | None] = mapped_column(ForeignKey("car_park.id"))
    at: Mapped[moment]
    left_scan_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("scan.id"))
    left_at: Mapped[moment | None]
    __table_args__ = (
        PrimaryKeyConstraint("right_id", "entry_no"),
        CheckConstraint("right_id is not distinct from coalesce(ticket_id, pass_id)", name="right_id"),
        CheckConstraint("(left_scan_id is null) = (left_at is null)", name="left_at"),
        Index("uq_admission_one_open", "right_id", unique=True, postgresql_where=text("left_at is null")),
        Index("ix_admission_event_id_at", "event_id", "at"),
    )


class GateAlarm(db.Model):
    """Somebody went in on a right that was in already (double), or on a ticket that was void before (void)."""

    __tablename__ = "gate_alarm"
    id: Mapped[big_id]
    stadium_id: Mapped[int] = mapped_column(ForeignKey("stadium.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)
    right_id: Mapped[uuid.UUID] = mapped_column(index=True)
    kind: Mapped[words]
    scan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scan.id"))
    first_scan_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("scan.id"))
    seen_at: Mapped[moment | None]
    seen_by: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    note: Mapped[words | None]
    raised_at: Mapped[created]
    xid: Mapped[int] = mapped_column(BigInteger, server_default=WRITTEN_BY)
    __table_args__ = (one_of("kind", *ALARM_KINDS), Index("uq_gate_alarm_scan_id_kind", "scan_id", "kind", unique=True))


class TicketTransfer(db.Model):
    """A ticket offered to another person.

    With the acceptance the ticket's old code dies and a new one is signed for the new holder.
    """

    __tablename__ = "ticket_transfer"
    id: Mapped[big_id]
    ticket_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ticket.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    state: Mapped[words] = mapped_column(Text, server_default="offered")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    to_name: Mapped[words]
    to_email: Mapped[words]
    offered_by: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    offered_at: Mapped[created]
    expires_at: Mapped[moment]
    accepted_at: Mapped[moment | None]
    __table_args__ = (
        one_of("state", *TRANSFER_STATES),
        CheckConstraint("(state = 'accepted') = (accepted_at is not null)", name="accepted_at"),
        Index("uq_ticket_transfer_one_offer", "ticket_id", unique=True, postgresql_where=text("state = 'offered'")),
    )
