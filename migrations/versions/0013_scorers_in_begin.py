"""The first statement of a transaction also says where a person scores

Functions come after the migrations now (migrations/repeatable.py). The number stays: databases stand at it.
"""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade():
    op.execute("set lock_timeout = '5s'")


def downgrade():
    """Nothing to take back: the tables are the same."""
