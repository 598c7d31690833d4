"""The log of a match keeps what each event changed on its pages, beside what it changed on its board"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.add_column("match_update", sa.Column("view_patch", postgresql.JSONB(), nullable=True))


def downgrade():
    op.drop_column("match_update", "view_patch")
