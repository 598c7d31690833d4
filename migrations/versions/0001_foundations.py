"""The schema of our functions, and the sequence that numbers changes of seats"""

from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.execute("create schema app")
    op.execute("create sequence seat_version")


def downgrade():
    op.execute("drop sequence seat_version")
    op.execute("drop schema app")
