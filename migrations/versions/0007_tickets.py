"""Tickets, passes, keys and codes"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("stadium_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("private_key_wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id between 1 and 65535", name=op.f("ck_signing_key_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_signing_key_event_id")),
        sa.ForeignKeyConstraint(["stadium_id"], ["stadium.id"], name=op.f("fk_signing_key_stadium_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
    )
    op.create_index(
        "uq_signing_key_event",
        "signing_key",
        ["event_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at is null and event_id is not null"),
    )
    op.create_index(
        "uq_signing_key_stadium",
        "signing_key",
        ["stadium_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at is null and event_id is null"),
    )
    op.create_table(
        "parking_pass",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("car_park_id", sa.Integer(), nullable=False),
        sa.Column("bay_kind", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("plate", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="valid", nullable=False),
        sa.Column("seq", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("void_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'void') = (void_at is not null)", name=op.f("ck_parking_pass_void_at")),
        sa.CheckConstraint("status in ('valid', 'disputed', 'used', 'void')", name=op.f("ck_parking_pass_status")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_parking_pass_booking_id")),
        sa.ForeignKeyConstraint(
            ["car_park_id", "bay_kind"],
            ["car_park_bays.car_park_id", "car_park_bays.kind"],
            name=op.f("fk_parking_pass_car_park_id_bay_kind"),
        ),
        sa.ForeignKeyConstraint(["line_id"], ["booking_line.id"], name=op.f("fk_parking_pass_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parking_pass")),
        sa.UniqueConstraint("line_id", name=op.f("uq_parking_pass_line_id")),
    )
    op.create_index(op.f("ix_parking_pass_booking_id"), "parking_pass", ["booking_id"], unique=False)
    op.create_table(
        "ticket",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), server_default="valid", nullable=False),
        sa.Column("seq", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("void_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'void') = (void_at is not null)", name=op.f("ck_ticket_void_at")),
        sa.CheckConstraint("status in ('valid', 'disputed', 'used', 'void')", name=op.f("ck_ticket_status")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_ticket_booking_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_ticket_event_id")),
        sa.ForeignKeyConstraint(["line_id"], ["booking_line.id"], name=op.f("fk_ticket_line_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_ticket_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("line_id", name=op.f("uq_ticket_line_id")),
    )
    op.create_index(op.f("ix_ticket_booking_id"), "ticket", ["booking_id"], unique=False)
    op.create_index(
        "uq_ticket_one_live_per_seat",
        "ticket",
        ["event_id", "seat_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'void'"),
    )
    op.create_table(
        "qr_code",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("pass_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(ticket_id is null) <> (pass_id is null)", name=op.f("ck_qr_code_thing")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_qr_code_booking_id")),
        sa.ForeignKeyConstraint(["key_id"], ["signing_key.id"], name=op.f("fk_qr_code_key_id")),
        sa.ForeignKeyConstraint(["pass_id"], ["parking_pass.id"], name=op.f("fk_qr_code_pass_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_qr_code_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qr_code")),
        sa.UniqueConstraint("code", name=op.f("uq_qr_code_code")),
        sa.UniqueConstraint("pass_id", "seq", name=op.f("uq_qr_code_pass_id_seq")),
        sa.UniqueConstraint("ticket_id", "seq", name=op.f("uq_qr_code_ticket_id_seq")),
    )
    op.create_index(op.f("ix_qr_code_booking_id"), "qr_code", ["booking_id"], unique=False)


def downgrade():
    op.drop_table("qr_code")
    op.drop_table("ticket")
    op.drop_table("parking_pass")
    op.drop_table("signing_key")
