"""Grounds: stadium, gates, layouts down to the seat, car parks"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "stadium",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("transport", sa.Text(), server_default="", nullable=False),
        sa.Column("fee_bp", sa.Integer(), server_default="500", nullable=False),
        sa.Column("fee_each", sa.BigInteger(), server_default="250", nullable=False),
        sa.Column("tax_bp", sa.Integer(), server_default="1000", nullable=False),
        sa.Column("tax_inside", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("tax_name", sa.Text(), server_default="GST", nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_stadium_currency")),
        sa.CheckConstraint(
            "fee_bp between 0 and 10000 and tax_bp between 0 and 10000 and fee_each >= 0", name=op.f("ck_stadium_terms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stadium")),
        sa.UniqueConstraint("slug", name=op.f("uq_stadium_slug")),
    )
    op.create_table(
        "gate",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("stadium_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("zone", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("zone between 1 and 255", name=op.f("ck_gate_zone")),
        sa.ForeignKeyConstraint(["stadium_id"], ["stadium.id"], name=op.f("fk_gate_stadium_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate")),
        sa.UniqueConstraint("stadium_id", "code", name=op.f("uq_gate_stadium_id_code")),
        sa.UniqueConstraint("stadium_id", "zone", name=op.f("uq_gate_stadium_id_zone")),
    )
    op.create_table(
        "layout",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("stadium_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seat_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["stadium_id"], ["stadium.id"], name=op.f("fk_layout_stadium_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layout")),
        sa.UniqueConstraint("id", "stadium_id", name=op.f("uq_layout_id_stadium_id")),
        sa.UniqueConstraint("stadium_id", "version", name=op.f("uq_layout_stadium_id_version")),
    )
    op.create_table(
        "car_park",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("stadium_id", sa.Integer(), nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("walk_minutes", sa.SmallInteger(), server_default="5", nullable=False),
        sa.Column("is_closed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("cutoff_minutes", sa.Integer(), server_default="60", nullable=False),
        sa.Column("zone", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["gate_id"], ["gate.id"], name=op.f("fk_car_park_gate_id")),
        sa.ForeignKeyConstraint(["stadium_id"], ["stadium.id"], name=op.f("fk_car_park_stadium_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_car_park")),
        sa.UniqueConstraint("id", "stadium_id", name=op.f("uq_car_park_id_stadium_id")),
        sa.UniqueConstraint("stadium_id", "zone", name=op.f("uq_car_park_stadium_id_zone")),
    )
    op.create_index(op.f("ix_car_park_stadium_id"), "car_park", ["stadium_id"], unique=False)
    op.create_table(
        "stand",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("layout_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["layout_id"], ["layout.id"], name=op.f("fk_stand_layout_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand")),
        sa.UniqueConstraint("layout_id", "code", name=op.f("uq_stand_layout_id_code")),
    )
    op.create_table(
        "car_park_bays",
        sa.Column("car_park_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("match_price", sa.BigInteger(), nullable=False),
        sa.Column("hour_price", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind in ('standard', 'accessible', 'motorcycle')", name=op.f("ck_car_park_bays_kind")),
        sa.CheckConstraint(
            "capacity >= 0 and match_price >= 0 and hour_price >= 0", name=op.f("ck_car_park_bays_not_negative")
        ),
        sa.ForeignKeyConstraint(["car_park_id"], ["car_park.id"], name=op.f("fk_car_park_bays_car_park_id")),
        sa.PrimaryKeyConstraint("car_park_id", "kind", name=op.f("pk_car_park_bays")),
    )
    op.create_table(
        "level",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("stand_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["stand_id"], ["stand.id"], name=op.f("fk_level_stand_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level")),
    )
    op.create_index(op.f("ix_level_stand_id"), "level", ["stand_id"], unique=False)
    op.create_table(
        "bay",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("level_id", sa.Integer(), nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["gate_id"], ["gate.id"], name=op.f("fk_bay_gate_id")),
        sa.ForeignKeyConstraint(["level_id"], ["level.id"], name=op.f("fk_bay_level_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bay")),
    )
    op.create_index(op.f("ix_bay_level_id"), "bay", ["level_id"], unique=False)
    op.create_table(
        "seat_row",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("bay_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bay_id"], ["bay.id"], name=op.f("fk_seat_row_bay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_row")),
    )
    op.create_index(op.f("ix_seat_row_bay_id"), "seat_row", ["bay_id"], unique=False)
    op.create_table(
        "seat",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("layout_id", sa.Integer(), nullable=False),
        sa.Column("stand_id", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="standard", nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("quality", sa.SmallInteger(), server_default="500", nullable=False),
        sa.CheckConstraint("band in ('A', 'B', 'C', 'D', 'E')", name=op.f("ck_seat_band")),
        sa.CheckConstraint("kind in ('standard', 'accessible', 'companion', 'restricted')", name=op.f("ck_seat_kind")),
        sa.ForeignKeyConstraint(["layout_id"], ["layout.id"], name=op.f("fk_seat_layout_id")),
        sa.ForeignKeyConstraint(["row_id"], ["seat_row.id"], name=op.f("fk_seat_row_id")),
        sa.ForeignKeyConstraint(["stand_id"], ["stand.id"], name=op.f("fk_seat_stand_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("row_id", "position", name=op.f("uq_seat_row_id_position")),
    )
    op.create_index("ix_seat_layout_id_stand_id", "seat", ["layout_id", "stand_id"], unique=False)


def downgrade():
    op.drop_table("seat")
    op.drop_table("seat_row")
    op.drop_table("bay")
    op.drop_table("level")
    op.drop_table("car_park_bays")
    op.drop_table("stand")
    op.drop_table("car_park")
    op.drop_table("layout")
    op.drop_table("gate")
    op.drop_table("stadium")
