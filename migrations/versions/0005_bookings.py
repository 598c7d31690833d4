"""Bookings, their lines, and the claims on seats and bays"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "booking",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("stadium_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), server_default="held", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("face", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=True),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("link_hash", sa.LargeBinary(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state in ('held', 'paying', 'paid', 'released', 'expired', 'lost', 'refunded')",
            name=op.f("ck_booking_state"),
        ),
        sa.CheckConstraint("face >= 0 and fee >= 0 and tax >= 0", name=op.f("ck_booking_not_negative")),
        sa.CheckConstraint("total = face + fee or total = face + fee + tax", name=op.f("ck_booking_total")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_booking_customer_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_booking_event_id")),
        sa.ForeignKeyConstraint(["stadium_id"], ["stadium.id"], name=op.f("fk_booking_stadium_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_booking_link_hash")),
        sa.UniqueConstraint("reference", name=op.f("uq_booking_reference")),
    )
    op.create_index("ix_booking_customer_id_event_id", "booking", ["customer_id", "event_id"], unique=False)
    op.create_index(
        "ix_booking_email_key",
        "booking",
        ["email_key"],
        unique=False,
        postgresql_where=sa.text("state in ('paid', 'refunded')"),
    )
    op.create_index(
        "ix_booking_event_id_email_key",
        "booking",
        ["event_id", "email_key"],
        unique=False,
        postgresql_where=sa.text("email_key is not null"),
    )
    op.create_index(
        "ix_booking_open_expires_at",
        "booking",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state in ('held', 'paying')"),
    )
    op.create_index(
        "ix_booking_stadium_id_event_id_state", "booking", ["stadium_id", "event_id", "state"], unique=False
    )
    op.create_index(
        "uq_booking_one_open",
        "booking",
        ["customer_id", "event_id"],
        unique=True,
        postgresql_where=sa.text("state = 'held' and event_id is not null"),
    )
    op.create_table(
        "parking_claim",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("car_park_id", sa.Integer(), nullable=False),
        sa.Column("bay_kind", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("plate", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state in ('held', 'paying')) = (expires_at is not null)", name=op.f("ck_parking_claim_expires_at")
        ),
        sa.CheckConstraint("state in ('held', 'paying', 'sold')", name=op.f("ck_parking_claim_state")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_parking_claim_window")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_parking_claim_booking_id")),
        sa.ForeignKeyConstraint(
            ["car_park_id", "bay_kind"],
            ["car_park_bays.car_park_id", "car_park_bays.kind"],
            name=op.f("fk_parking_claim_car_park_id_bay_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parking_claim")),
    )
    op.create_index(op.f("ix_parking_claim_booking_id"), "parking_claim", ["booking_id"], unique=False)
    op.create_index(
        "ix_parking_claim_car_park_id_bay_kind_ends_at",
        "parking_claim",
        ["car_park_id", "bay_kind", "ends_at"],
        unique=False,
    )
    op.create_table(
        "booking_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=True),
        sa.Column("parking_claim_id", sa.BigInteger(), nullable=True),
        sa.Column("band", sa.Text(), nullable=True),
        sa.Column("ticket_type", sa.Text(), nullable=True),
        sa.Column("face", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'seat') = (seat_id is not null) and (kind = 'parking') = (parking_claim_id is not null)",
            name=op.f("ck_booking_line_thing"),
        ),
        sa.CheckConstraint("kind in ('seat', 'parking')", name=op.f("ck_booking_line_kind")),
        sa.CheckConstraint("ticket_type in ('adult', 'child', 'concession')", name=op.f("ck_booking_line_ticket_type")),
        sa.CheckConstraint("total = face + fee or total = face + fee + tax", name=op.f("ck_booking_line_total")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_line_booking_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_booking_line_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_line")),
        sa.UniqueConstraint("booking_id", "seat_id", name=op.f("uq_booking_line_booking_id_seat_id")),
        sa.UniqueConstraint("parking_claim_id", name=op.f("uq_booking_line_parking_claim_id")),
    )
    op.create_table(
        "seat_claim",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'blocked') = (booking_id is null)", name=op.f("ck_seat_claim_blocked")),
        sa.CheckConstraint(
            "(state in ('held', 'paying')) = (expires_at is not null)", name=op.f("ck_seat_claim_expires_at")
        ),
        sa.CheckConstraint("state in ('held', 'paying', 'sold', 'blocked')", name=op.f("ck_seat_claim_state")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_seat_claim_booking_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_seat_claim_event_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_seat_claim_seat_id")),
        sa.PrimaryKeyConstraint("event_id", "seat_id", name=op.f("pk_seat_claim")),
    )
    op.create_index(op.f("ix_seat_claim_booking_id"), "seat_claim", ["booking_id"], unique=False)


def downgrade():
    op.drop_table("seat_claim")
    op.drop_table("booking_line")
    op.drop_table("parking_claim")
    op.drop_table("booking")
