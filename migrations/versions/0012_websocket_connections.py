"""The sockets of the web processes, noted in batches"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

TABLES = ("websocket_process", "websocket_connection")


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "websocket_process",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_websocket_process")),
    )
    op.create_table(
        "websocket_connection",
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("rooms", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_websocket_connection_customer_id")),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_websocket_connection")),
    )
    op.create_index(
        "ix_websocket_connection_open",
        "websocket_connection",
        ["process"],
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_index("ix_websocket_connection_ended_at", "websocket_connection", ["ended_at"])


def downgrade():
    for table in reversed(TABLES):
        op.drop_table(table)
