"""Members' seats are held by members alone"""

from alembic import op

from migrations.functions import install

revision = "0015"
down_revision = "0014"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    install("hold_seats")


def downgrade():
    """Nothing: the tables are the same, and an older hold_seats comes with the code that is gone back to."""
