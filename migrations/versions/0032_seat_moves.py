"""Which seats moved in which transaction: whoever keeps the states of seats reads what is new, and no more"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "seat_move",
        sa.Column(
            "xid", sa.BigInteger(), server_default=sa.text("(pg_current_xact_id()::text::bigint)"), nullable=False
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("seats", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("xid", "id", name=op.f("pk_seat_move")),
    )
    op.create_index("ix_seat_move_marks", "seat_move", ["xid"], postgresql_where=sa.text("event_id is null"))
    op.execute("alter table seat_move enable row level security")


def downgrade():
    op.drop_table("seat_move")
