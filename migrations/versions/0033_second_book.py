"""What the books of second scorers say at the end of each over, to be compared with the match's log"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0033"
down_revision = "0032"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "second_book",
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("begun", JSONB(), nullable=False),
        sa.Column("totals", JSONB(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_second_book_customer_id")),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_second_book_match_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("match_id", "customer_id", name=op.f("pk_second_book")),
    )
    op.execute("alter table second_book enable row level security")


def downgrade():
    op.drop_table("second_book")
