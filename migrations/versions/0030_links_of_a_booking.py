"""A booking's link is made anew when its address is put right: which of its links counts"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.add_column("booking", sa.Column("link_seq", sa.SmallInteger(), server_default="0", nullable=False))


def downgrade():
    op.drop_column("booking", "link_seq")
