"""Members' seats are held by members alone

Functions come after the migrations now (migrations/repeatable.py). The number stays: databases stand at it.
"""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade():
    op.execute("set lock_timeout = '5s'")


def downgrade():
    """Nothing to take back: the tables are the same."""
