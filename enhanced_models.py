"""The guide's enhanced tables, as far as the product writes them, and the two calls that bring the schema up to date.

Later parts of the product add the rest of the guide's ten tables here.
"""

import uuid

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

import models
from config import load_settings
from extensions import db
from models.columns import big_id, created, minor, moment, one_of, words

__all__ = [
    "CustomerProfile",
    "MatchUpdate",
    "Notification",
    "PaymentTransaction",
    "QrCode",
    "SystemLog",
    "WebsocketConnection",
    "add_enhanced_columns",
    "create_enhanced_tables",
    "db",
]

PAYMENT_STATES = ("created", "requires_action", "processing", "succeeded", "failed", "canceled")


class CustomerProfile(db.Model):
    """What a fan has told us about themselves beyond name and e-mail."""

    __tablename__ = "customer_profile"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    phone: Mapped[words | None]
    preferences: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    wants_news: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    created_at: Mapped[created]
    updated_at: Mapped[created]


class PaymentTransaction(db.Model):
    """One attempt to pay a booking. States only move forward; one live attempt per booking."""

    __tablename__ = "payment_transaction"
    id: Mapped[big_id]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    kind: Mapped[words]
    state: Mapped[words] = mapped_column(Text, server_default="created")
    amount: Mapped[minor]
    currency: Mapped[words]
    attempt: Mapped[int] = mapped_column(SmallInteger)
    idempotency_key: Mapped[words] = mapped_column(Text, unique=True)
    intent_id: Mapped[words | None] = mapped_column(Text, unique=True)
    captured: Mapped[int] = mapped_column(BigInteger, server_default="0")
    provider_fee: Mapped[int] = mapped_column(BigInteger, server_default="0")
    error_code: Mapped[words | None]
    error_message: Mapped[words | None]
    created_at: Mapped[created]
    updated_at: Mapped[created]
    settled_at: Mapped[moment | None]
    booking: Mapped["models.Booking"] = relationship("Booking", lazy="raise_on_sql")
    __table_args__ = (
        one_of("kind", "stripe", "cash", "none"),
        one_of("state", *PAYMENT_STATES),
        UniqueConstraint("booking_id", "attempt"),
        CheckConstraint("amount >= 0 and captured >= 0", name="amount"),
        CheckConstraint("(state = 'succeeded') = (settled_at is not null)", name="settled_at"),
        Index(
            "uq_payment_transaction_live",
            "booking_id",
            unique=True,
            postgresql_where=text("state in ('created', 'requires_action', 'processing')"),
        ),
        Index(
            "ix_payment_transaction_open",
            "updated_at",
            postgresql_where=text("state in ('created', 'requires_action', 'processing')"),
        ),
    )


# How the gate knows this issue: RIGHT_HASH of models/sales.py, for one that is dead as well.
CODE_HASH = Computed(
    "substring(sha256('\\x637269637665727365207269676874207631'::bytea || uuid_send(coalesce(ticket_id, pass_id)) "
    "|| case when seq = 1 then ''::bytea else decode(code, 'escape') end) from 1 for 8)",
    persisted=True,
)


class QrCode(db.Model):
    """The signed code of a ticket or a parking pass, one row per issue; the newest that is not revoked counts.

    The code of a ticket that was passed on to another person has no booking: its buyer sees it no more.
    """

    __tablename__ = "qr_code"
    id: Mapped[big_id]
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    ticket_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ticket.id"))
    pass_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("parking_pass.id"))
    key_id: Mapped[int] = mapped_column(ForeignKey("signing_key.id"))
    seq: Mapped[int] = mapped_column(SmallInteger)
    code: Mapped[words] = mapped_column(Text, unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary, CODE_HASH, index=True)
    issued_at: Mapped[created]
    revoked_at: Mapped[moment | None]
    revoked_xid: Mapped[int | None] = mapped_column(
        BigInteger
    )  # the transaction that revoked it, for lists that keep up (models/gate.py)
    __table_args__ = (
        Index("ix_qr_code_revoked", "key_id", "revoked_xid", postgresql_where=text("revoked_xid is not null")),
        CheckConstraint("(ticket_id is null) <> (pass_id is null)", name="thing"),
        UniqueConstraint("ticket_id", "seq"),
        UniqueConstraint("pass_id", "seq"),
    )


class Notification(db.Model):
    """The outbox: a mail or SMS, written in the same transaction as what it tells about and sent by the jobs."""

    __tablename__ = "notification"
    id: Mapped[big_id]
    channel: Mapped[words] = mapped_column(Text, server_default="mail")
    template: Mapped[words]
    recipient: Mapped[words]
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    stadium_id: Mapped[int | None] = mapped_column(ForeignKey("stadium.id"))
    payload: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    dedupe_key: Mapped[words] = mapped_column(Text, unique=True)
    state: Mapped[words] = mapped_column(Text, server_default="queued")
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    due_at: Mapped[created]
    leased_until: Mapped[moment | None]
    provider_id: Mapped[words | None]
    error: Mapped[words | None]
    sent_at: Mapped[moment | None]
    created_at: Mapped[created]
    mailbox: Mapped[words | None]  # the recipient's, by which budgets count
    __table_args__ = (
        one_of("channel", "mail", "sms"),
        one_of("state", "queued", "sent", "dead"),
        Index("ix_notification_due", "due_at", postgresql_where=text("state = 'queued'")),
        # How many a mailbox got, and a buyer had sent: app.queue_mail().
        Index("ix_notification_mailbox_created_at", "mailbox", "created_at"),
        Index("ix_notification_customer_id_created_at", "customer_id", "created_at"),
    )


class SystemLog(db.Model):
    """The audit trail: who did what to what.

    A job seals rows into one hash chain per stream (a stadium, or 0 for the platform).
    """

    __tablename__ = "system_log"
    id: Mapped[big_id]
    at: Mapped[created]
    stream: Mapped[int] = mapped_column(Integer, server_default="0")
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[words]
    object_type: Mapped[words]
    object_id: Mapped[words]
    details: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    seq: Mapped[int | None] = mapped_column(BigInteger)
    prev_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    actor_kind: Mapped[words | None]  # by what right: as a person, by a signed link, by itself; null in older rows
    __table_args__ = (
        one_of("actor_kind", "person", "link", "service", "nobody"),
        UniqueConstraint("stream", "seq"),
        Index("ix_system_log_object_type_object_id", "object_type", "object_id"),
        Index("ix_system_log_unsealed", "stream", "id", postgresql_where=text("seq is null")),
    )


class MatchUpdate(db.Model):
    """One event of a match: appended, never changed.

    `patch` leads from the board before it to the board after it, `view_patch` from view to view.
    """

    __tablename__ = "match_update"
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"))
    seq: Mapped[int] = mapped_column(Integer)
    key: Mapped[words]  # made by whoever entered the event, so that sending it twice records it once
    kind: Mapped[words]
    body: Mapped[dict] = mapped_column(JSONB)
    at: Mapped[created]
    said_at: Mapped[
        moment | None
    ]  # when the scorer's device says it was; earlier than `at` after a time without a network
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)
    recorded_name: Mapped[words | None]
    patch: Mapped[list | None] = mapped_column(JSONB)
    view_patch: Mapped[dict | None] = mapped_column(JSONB)
    __table_args__ = (PrimaryKeyConstraint("match_id", "seq"), UniqueConstraint("match_id", "key"))


class WebsocketProcess(db.Model):
    """A web process that serves sockets, and when it last noted them."""

    __tablename__ = "websocket_process"
    process: Mapped[words] = mapped_column(Text, primary_key=True)
    seen_at: Mapped[created]


class WebsocketConnection(db.Model):
    """A socket of a browser: written in batches every few seconds, kept for a week after its end."""

    __tablename__ = "websocket_connection"
    sid: Mapped[words] = mapped_column(Text, primary_key=True)
    process: Mapped[words]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    address: Mapped[words]
    rooms: Mapped[list] = mapped_column(ARRAY(Text))
    connected_at: Mapped[moment]
    seen_at: Mapped[moment]
    ended_at: Mapped[moment | None] = mapped_column(index=True)
    __table_args__ = (Index("ix_websocket_connection_open", "process", postgresql_where=text("ended_at is null")),)


def create_enhanced_tables() -> None:
    """Bring the schema to the newest migration; repeatable, and usable without an application context."""
    from supabase_config import prepare

    settings = load_settings()
    prepare(settings.migrating_url, settings.app_database_password)


def add_enhanced_columns() -> None:
    """The same as create_enhanced_tables(): columns arrive by migrations, too."""
    create_enhanced_tables()
