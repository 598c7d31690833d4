"""Where a hold or a payment came from and which cards were declined, both for some hours; companion seats that the
ground opens; and orders beyond a buyer's limit, given back"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

REASONS = ("fan", "staff", "event_cancelled", "seats_lost", "amount_mismatch", "paid_twice")


def _reasons(*names):
    op.drop_constraint(op.f("ck_refund_reason"), "refund")
    op.create_check_constraint(op.f("ck_refund_reason"), "refund", f"reason in ({', '.join(map(repr, names))})")


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.add_column("event", sa.Column("companions_open_hours", sa.SmallInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_event_companions_open_hours"), "event", "companions_open_hours between 1 and 720"
    )
    _reasons(*REASONS, "over_limit")
    op.create_table(
        "booking_address",
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("address_key", sa.LargeBinary(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_address_booking_id")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_booking_address")),
    )
    op.create_index(op.f("ix_booking_address_address_key"), "booking_address", ["address_key"])
    op.create_index(op.f("ix_booking_address_noted_at"), "booking_address", ["noted_at"])
    op.create_table(
        "card_decline",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("address_key", sa.LargeBinary(), nullable=True),
        sa.Column("card_key", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_card_decline_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_decline")),
    )
    for column in ("customer_id", "address_key", "card_key"):
        op.create_index(op.f(f"ix_card_decline_{column}_at"), "card_decline", [column, "at"])


def downgrade():
    op.drop_table("card_decline")
    op.drop_table("booking_address")
    op.execute("update refund set reason = 'amount_mismatch' where reason = 'over_limit'")
    _reasons(*REASONS)
    op.drop_constraint(op.f("ck_event_companions_open_hours"), "event")
    op.drop_column("event", "companions_open_hours")
