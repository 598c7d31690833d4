"""The schema of our functions, and the sequence that numbers changes of seats"""

from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.execute("create schema app")
    op.execute("grant usage on schema app to cv_app, cv_worker, cv_rules")
    op.execute("create sequence seat_version")
    # Only the definer functions draw a number; the others look at the last one.
    op.execute("grant usage, select on sequence seat_version to cv_rules")
    op.execute("grant select on sequence seat_version to cv_app, cv_worker")


def downgrade():
    op.execute("drop sequence seat_version")
    op.execute("drop schema app")
