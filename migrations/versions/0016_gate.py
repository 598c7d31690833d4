"""The gate: devices, scans, admissions, alarms; transfers; what phones know rights by"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "gate_device",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("stadium_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("gates", postgresql.ARRAY(sa.Integer()), server_default=sa.text("'{}'::integer[]"), nullable=False),
        sa.Column(
            "car_parks", postgresql.ARRAY(sa.Integer()), server_default=sa.text("'{}'::integer[]"), nullable=False
        ),
        sa.Column("may_search", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("pairing_hash", sa.LargeBinary(), nullable=True),
        sa.Column("pairing_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("paired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.CheckConstraint(
            "(token_hash is null) = (paired_at is null) and (token_hash is null) = (expires_at is null)",
            name=op.f("ck_gate_device_paired"),
        ),
        sa.CheckConstraint("event_id is not null or cardinality(gates) = 0", name=op.f("ck_gate_device_event")),
        sa.ForeignKeyConstraint(["created_by"], ["customer.id"], name=op.f("fk_gate_device_created_by")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_gate_device_event_id")),
        sa.ForeignKeyConstraint(["stadium_id"], ["stadium.id"], name=op.f("fk_gate_device_stadium_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_device")),
        sa.UniqueConstraint("pairing_hash", name=op.f("uq_gate_device_pairing_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_gate_device_token_hash")),
    )
    op.create_index(op.f("ix_gate_device_event_id"), "gate_device", ["event_id"], unique=False)
    op.create_index(op.f("ix_gate_device_stadium_id"), "gate_device", ["stadium_id"], unique=False)
    op.create_table(
        "scan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stadium_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.BigInteger(), nullable=True),
        sa.Column("gate_id", sa.Integer(), nullable=True),
        sa.Column("car_park_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("pass_id", sa.Uuid(), nullable=True),
        sa.Column("right_id", sa.Uuid(), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("let_in", sa.Boolean(), nullable=False),
        sa.Column("via", sa.Uuid(), nullable=True),
        sa.Column("of_scan", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("device_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counter", sa.Integer(), server_default="0", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("verdict", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "xid", sa.BigInteger(), server_default=sa.text("(pg_current_xact_id()::text::bigint)"), nullable=False
        ),
        sa.CheckConstraint("kind in ('entry', 'exit', 'undo')", name=op.f("ck_scan_kind")),
        sa.CheckConstraint(
            "mode in ('camera', 'typed', 'keyboard', 'override', 'group', 'paper')", name=op.f("ck_scan_mode")
        ),
        sa.CheckConstraint("right_id is not distinct from coalesce(ticket_id, pass_id)", name=op.f("ck_scan_right_id")),
        sa.CheckConstraint("ticket_id is null or pass_id is null", name=op.f("ck_scan_thing")),
        sa.ForeignKeyConstraint(["car_park_id"], ["car_park.id"], name=op.f("fk_scan_car_park_id")),
        sa.ForeignKeyConstraint(["device_id"], ["gate_device.id"], name=op.f("fk_scan_device_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["customer.id"], name=op.f("fk_scan_entered_by")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_scan_event_id")),
        sa.ForeignKeyConstraint(["gate_id"], ["gate.id"], name=op.f("fk_scan_gate_id")),
        sa.ForeignKeyConstraint(["pass_id"], ["parking_pass.id"], name=op.f("fk_scan_pass_id")),
        sa.ForeignKeyConstraint(["stadium_id"], ["stadium.id"], name=op.f("fk_scan_stadium_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_scan_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
    )
    op.create_index("ix_scan_event_id_at", "scan", ["event_id", "at"], unique=False)
    op.create_index("ix_scan_stadium_id_xid", "scan", ["stadium_id", "xid"], unique=False)
    op.create_index(
        "ix_scan_of_scan", "scan", ["of_scan"], unique=False, postgresql_where=sa.text("of_scan is not null")
    )
    op.create_index(op.f("ix_scan_right_id"), "scan", ["right_id"], unique=False)
    op.create_table(
        "ticket_transfer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="offered", nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("to_name", sa.Text(), nullable=False),
        sa.Column("to_email", sa.Text(), nullable=False),
        sa.Column("offered_by", sa.BigInteger(), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'accepted') = (accepted_at is not null)", name=op.f("ck_ticket_transfer_accepted_at")
        ),
        sa.CheckConstraint("state in ('offered', 'accepted', 'withdrawn')", name=op.f("ck_ticket_transfer_state")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_ticket_transfer_booking_id")),
        sa.ForeignKeyConstraint(["offered_by"], ["customer.id"], name=op.f("fk_ticket_transfer_offered_by")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_transfer_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_transfer")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_ticket_transfer_token_hash")),
    )
    op.create_index(op.f("ix_ticket_transfer_booking_id"), "ticket_transfer", ["booking_id"], unique=False)
    op.create_index(
        "uq_ticket_transfer_one_offer",
        "ticket_transfer",
        ["ticket_id"],
        unique=True,
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_table(
        "admission",
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.Column("entry_no", sa.SmallInteger(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("pass_id", sa.Uuid(), nullable=True),
        sa.Column("stadium_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("scan_id", sa.Uuid(), nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=True),
        sa.Column("car_park_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_scan_id", sa.Uuid(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(left_scan_id is null) = (left_at is null)", name=op.f("ck_admission_left_at")),
        sa.CheckConstraint(
            "right_id is not distinct from coalesce(ticket_id, pass_id)", name=op.f("ck_admission_right_id")
        ),
        sa.ForeignKeyConstraint(["car_park_id"], ["car_park.id"], name=op.f("fk_admission_car_park_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_admission_event_id")),
        sa.ForeignKeyConstraint(["gate_id"], ["gate.id"], name=op.f("fk_admission_gate_id")),
        sa.ForeignKeyConstraint(["left_scan_id"], ["scan.id"], name=op.f("fk_admission_left_scan_id")),
        sa.ForeignKeyConstraint(["pass_id"], ["parking_pass.id"], name=op.f("fk_admission_pass_id")),
        sa.ForeignKeyConstraint(["scan_id"], ["scan.id"], name=op.f("fk_admission_scan_id")),
        sa.ForeignKeyConstraint(["stadium_id"], ["stadium.id"], name=op.f("fk_admission_stadium_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_admission_ticket_id")),
        sa.PrimaryKeyConstraint("right_id", "entry_no", name=op.f("pk_admission")),
        sa.UniqueConstraint("scan_id", name=op.f("uq_admission_scan_id")),
    )
    op.create_index("ix_admission_event_id_at", "admission", ["event_id", "at"], unique=False)
    op.create_index(
        "uq_admission_one_open", "admission", ["right_id"], unique=True, postgresql_where=sa.text("left_at is null")
    )
    op.create_table(
        "gate_alarm",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("stadium_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scan_id", sa.Uuid(), nullable=False),
        sa.Column("first_scan_id", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "xid", sa.BigInteger(), server_default=sa.text("(pg_current_xact_id()::text::bigint)"), nullable=False
        ),
        sa.CheckConstraint("kind in ('double', 'void')", name=op.f("ck_gate_alarm_kind")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_gate_alarm_event_id")),
        sa.ForeignKeyConstraint(["first_scan_id"], ["scan.id"], name=op.f("fk_gate_alarm_first_scan_id")),
        sa.ForeignKeyConstraint(["scan_id"], ["scan.id"], name=op.f("fk_gate_alarm_scan_id")),
        sa.ForeignKeyConstraint(["seen_by"], ["customer.id"], name=op.f("fk_gate_alarm_seen_by")),
        sa.ForeignKeyConstraint(["stadium_id"], ["stadium.id"], name=op.f("fk_gate_alarm_stadium_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_alarm")),
    )
    op.create_index(op.f("ix_gate_alarm_event_id"), "gate_alarm", ["event_id"], unique=False)
    op.create_index(op.f("ix_gate_alarm_right_id"), "gate_alarm", ["right_id"], unique=False)
    op.create_index("uq_gate_alarm_scan_id_kind", "gate_alarm", ["scan_id", "kind"], unique=True)
    op.add_column("event", sa.Column("rotating_codes", sa.Boolean(), server_default="false", nullable=False))
    op.add_column(
        "parking_pass",
        sa.Column(
            "hash",
            sa.LargeBinary(),
            sa.Computed(
                "substring(sha256('\\x637269637665727365207269676874207631'::bytea || uuid_send(id)) from 1 for 8)",
                persisted=True,
            ),
            nullable=False,
        ),
    )
    op.create_index(op.f("ix_parking_pass_hash"), "parking_pass", ["hash"], unique=False)
    op.add_column("qr_code", sa.Column("revoked_xid", sa.BigInteger(), nullable=True))
    op.alter_column("qr_code", "booking_id", existing_type=sa.BIGINT(), nullable=True)
    op.create_index(
        "ix_qr_code_revoked",
        "qr_code",
        ["key_id", "revoked_xid"],
        unique=False,
        postgresql_where=sa.text("revoked_xid is not null"),
    )
    op.add_column(
        "ticket",
        sa.Column(
            "hash",
            sa.LargeBinary(),
            sa.Computed(
                "substring(sha256('\\x637269637665727365207269676874207631'::bytea || uuid_send(id)) from 1 for 8)",
                persisted=True,
            ),
            nullable=False,
        ),
    )
    op.add_column("ticket", sa.Column("holder_name", sa.Text(), nullable=True))
    op.add_column("ticket", sa.Column("link_hash", sa.LargeBinary(), nullable=True))
    op.create_index("ix_ticket_event_id_hash", "ticket", ["event_id", "hash"], unique=False)
    op.create_unique_constraint(op.f("uq_ticket_link_hash"), "ticket", ["link_hash"])
    op.execute("update qr_code set revoked_xid = 1 where revoked_at is not null")


def downgrade():
    for table in ("gate_alarm", "admission", "scan", "gate_device", "ticket_transfer"):
        op.drop_table(table)
    op.drop_index("ix_ticket_event_id_hash", "ticket")
    for column in ("hash", "holder_name", "link_hash"):
        op.drop_column("ticket", column)
    op.drop_column("parking_pass", "hash")
    op.drop_index("ix_qr_code_revoked", "qr_code")
    op.drop_column("qr_code", "revoked_xid")
    op.execute("delete from qr_code where booking_id is null")
    op.alter_column("qr_code", "booking_id", nullable=False)
    op.drop_column("event", "rotating_codes")
