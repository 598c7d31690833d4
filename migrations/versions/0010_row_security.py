"""Row security on every table, enabled and forced

Row security and rights come after the migrations now (migrations/repeatable.py). The number stays: databases stand at
it.
"""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade():
    op.execute("set lock_timeout = '5s'")


def downgrade():
    """Nothing to take back: the tables are the same."""
