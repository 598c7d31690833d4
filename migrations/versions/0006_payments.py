"""Payments, refunds and Stripe events"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "payment_event",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_event")),
    )
    op.create_index(
        "ix_payment_event_unhandled",
        "payment_event",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("handled_at is null"),
    )
    op.create_table(
        "payment_transaction",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="created", nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=True),
        sa.Column("captured", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("provider_fee", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'succeeded') = (settled_at is not null)", name=op.f("ck_payment_transaction_settled_at")
        ),
        sa.CheckConstraint("kind in ('stripe', 'cash', 'none')", name=op.f("ck_payment_transaction_kind")),
        sa.CheckConstraint(
            "state in ('created', 'requires_action', 'processing', 'succeeded', 'failed', 'canceled')",
            name=op.f("ck_payment_transaction_state"),
        ),
        sa.CheckConstraint("amount >= 0 and captured >= 0", name=op.f("ck_payment_transaction_amount")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_payment_transaction_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_transaction")),
        sa.UniqueConstraint("booking_id", "attempt", name=op.f("uq_payment_transaction_booking_id_attempt")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_payment_transaction_idempotency_key")),
        sa.UniqueConstraint("intent_id", name=op.f("uq_payment_transaction_intent_id")),
    )
    op.create_index(
        "ix_payment_transaction_open",
        "payment_transaction",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("state in ('created', 'requires_action', 'processing')"),
    )
    op.create_index(
        "uq_payment_transaction_live",
        "payment_transaction",
        ["booking_id"],
        unique=True,
        postgresql_where=sa.text("state in ('created', 'requires_action', 'processing')"),
    )
    op.create_table(
        "refund",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="requested", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("stripe_refund_id", sa.Text(), nullable=True),
        sa.Column("requested_by", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "reason in ('fan', 'staff', 'event_cancelled', 'seats_lost', 'amount_mismatch', 'paid_twice')",
            name=op.f("ck_refund_reason"),
        ),
        sa.CheckConstraint("state in ('requested', 'pending', 'succeeded', 'failed')", name=op.f("ck_refund_state")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_refund_amount")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_refund_booking_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment_transaction.id"], name=op.f("fk_refund_payment_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["customer.id"], name=op.f("fk_refund_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_refund_idempotency_key")),
        sa.UniqueConstraint("stripe_refund_id", name=op.f("uq_refund_stripe_refund_id")),
    )
    op.create_index(op.f("ix_refund_booking_id"), "refund", ["booking_id"], unique=False)
    op.create_index(
        "ix_refund_open",
        "refund",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("state in ('requested', 'pending')"),
    )
    op.create_index(op.f("ix_refund_payment_id"), "refund", ["payment_id"], unique=False)
    op.create_table(
        "refund_line",
        sa.Column("refund_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["booking_line.id"], name=op.f("fk_refund_line_line_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_refund_line_refund_id")),
        sa.PrimaryKeyConstraint("refund_id", "line_id", name=op.f("pk_refund_line")),
        sa.UniqueConstraint("line_id", name=op.f("uq_refund_line_line_id")),
    )


def downgrade():
    op.drop_table("refund_line")
    op.drop_table("refund")
    op.drop_table("payment_transaction")
    op.drop_table("payment_event")
