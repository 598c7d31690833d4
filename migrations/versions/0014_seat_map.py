"""The plan of a ground, kinds of seats, members, and what pages tell about clubs and players"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"

KINDS = ("standard", "accessible", "companion", "restricted")
NEW_KINDS = (*KINDS, "members", "unreserved")


def words(name):
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def small(name):
    return sa.Column(name, sa.SmallInteger(), server_default="0", nullable=False)


def columns():
    return {
        "stadium": (
            sa.Column("latitude", sa.Double(), nullable=True),
            sa.Column("longitude", sa.Double(), nullable=True),
            small("bearing"),
            sa.Column("shape", sa.Text(), server_default="bowl", nullable=False),
            sa.Column("facilities", postgresql.JSONB(), server_default="[]", nullable=False),
        ),
        "level": (small("roof_rows"), small("roof_height")),
        "bay": (words("view"),),
        "seat_row": (sa.Column("shape", postgresql.ARRAY(sa.SmallInteger()), nullable=True), words("note")),
        "team": (words("about"),),
        "player": (words("bats"), words("bowls")),
        "event": (sa.Column("guards_singles", sa.Boolean(), server_default="true", nullable=False),),
    }


CHECKS = {
    "stadium": {
        "place": "latitude between -90 and 90 and longitude between -180 and 180 and bearing between 0 and 359",
        "shape": "shape in ('bowl', 'horseshoe', 'bank', 'pavilion')",
    },
    "seat_row": {"shape": "cardinality(shape) = 5"},
}


def upgrade():
    op.execute("set lock_timeout = '5s'")
    for table, new in columns().items():
        for column in new:
            op.add_column(table, column)
    for table, checks in CHECKS.items():
        for name, rule in checks.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    _kinds(NEW_KINDS)
    op.create_table(
        "membership",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("stadium_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_membership_customer_id")),
        sa.ForeignKeyConstraint(["stadium_id"], ["stadium.id"], name=op.f("fk_membership_stadium_id")),
        sa.PrimaryKeyConstraint("customer_id", "stadium_id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_stadium_id"), "membership", ["stadium_id"], unique=False)


def downgrade():
    _kinds(KINDS)
    op.drop_table("membership")
    for table, checks in CHECKS.items():
        for name in checks:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    for table, new in columns().items():
        for column in new:
            op.drop_column(table, column.name)


def _kinds(kinds):
    op.drop_constraint(op.f("ck_seat_kind"), "seat")
    op.create_check_constraint(op.f("ck_seat_kind"), "seat", f"kind in ({', '.join(map(repr, kinds))})")
