"""The functions that row security and the rules stand on, and their triggers

Functions and triggers come after the migrations now (migrations/repeatable.py). The number stays: databases stand at
it.
"""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade():
    op.execute("set lock_timeout = '5s'")


def downgrade():
    """Nothing to take back: the tables are the same."""
