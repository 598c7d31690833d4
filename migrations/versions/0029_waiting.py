"""Who waits: for a sale to open, and for seats of one that is sold out; what they were offered; and seats that are kept
for them"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

CLAIMS = ("held", "paying", "sold", "blocked")


def _claims(*states, without_booking):
    op.drop_constraint(op.f("ck_seat_claim_state"), "seat_claim")
    op.drop_constraint(op.f("ck_seat_claim_blocked"), "seat_claim")
    op.create_check_constraint(op.f("ck_seat_claim_state"), "seat_claim", f"state in ({', '.join(map(repr, states))})")
    op.create_check_constraint(
        op.f("ck_seat_claim_blocked"), "seat_claim", f"({without_booking}) = (booking_id is null)"
    )


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.add_column("event", sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True))
    _claims(*CLAIMS, "kept", without_booking="state in ('blocked', 'kept')")
    op.create_index("ix_seat_claim_kept", "seat_claim", ["event_id"], postgresql_where=sa.text("state = 'kept'"))
    op.create_table(
        "waiting_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("link_hash", sa.LargeBinary(), nullable=False),
        sa.Column("address_key", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("seats", sa.SmallInteger(), nullable=True),
        sa.Column("together", sa.Boolean(), nullable=True),
        sa.Column("band", sa.Text(), nullable=True),
        sa.Column("most", sa.BigInteger(), nullable=True),
        sa.Column("unanswered", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('opening', 'seats')", name=op.f("ck_waiting_entry_kind")),
        sa.CheckConstraint(
            "state in ('waiting', 'offered', 'told', 'taken', 'left', 'over')", name=op.f("ck_waiting_entry_state")
        ),
        sa.CheckConstraint(
            "(kind = 'seats') = (seats is not null and together is not null)", name=op.f("ck_waiting_entry_wish")
        ),
        sa.CheckConstraint("seats > 0 and most >= 0", name=op.f("ck_waiting_entry_numbers")),
        sa.CheckConstraint(
            "(state in ('waiting', 'offered')) = (closed_at is null)", name=op.f("ck_waiting_entry_closed_at")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_waiting_entry_event_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_waiting_entry_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_entry")),
        sa.UniqueConstraint("seq", name=op.f("uq_waiting_entry_seq")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_waiting_entry_link_hash")),
    )
    is_open = sa.text("state in ('waiting', 'offered')")
    op.create_index(
        "uq_waiting_entry_mailbox",
        "waiting_entry",
        ["event_id", "kind", "mailbox"],
        unique=True,
        postgresql_where=is_open,
    )
    op.create_index(
        "uq_waiting_entry_customer",
        "waiting_entry",
        ["event_id", "kind", "customer_id"],
        unique=True,
        postgresql_where=sa.text("state in ('waiting', 'offered') and customer_id is not null"),
    )
    op.create_index("ix_waiting_entry_open", "waiting_entry", ["event_id", "kind", "seq"], postgresql_where=is_open)
    op.create_index("ix_waiting_entry_customer_id", "waiting_entry", ["customer_id"])
    op.create_index(
        "ix_waiting_entry_address_key",
        "waiting_entry",
        ["address_key", "event_id"],
        postgresql_where=sa.text("address_key is not null"),
    )
    op.create_table(
        "waiting_offer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("seats", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('open', 'taken', 'declined', 'unanswered', 'over')", name=op.f("ck_waiting_offer_state")
        ),
        sa.CheckConstraint("(state = 'open') = (answered_at is null)", name=op.f("ck_waiting_offer_answered_at")),
        sa.ForeignKeyConstraint(["entry_id"], ["waiting_entry.id"], name=op.f("fk_waiting_offer_entry_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_waiting_offer_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_offer")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_waiting_offer_booking_id")),
    )
    op.create_index("ix_waiting_offer_entry_id", "waiting_offer", ["entry_id"])
    op.create_index(
        "uq_waiting_offer_open", "waiting_offer", ["entry_id"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    for table in ("waiting_entry", "waiting_offer"):
        op.execute(f"alter table {table} enable row level security")


def downgrade():
    op.drop_table("waiting_offer")
    op.drop_table("waiting_entry")
    op.execute("delete from seat_claim where state = 'kept'")
    op.drop_index("ix_seat_claim_kept", "seat_claim")
    _claims(*CLAIMS, without_booking="state = 'blocked'")
    op.drop_column("event", "listed_at")
