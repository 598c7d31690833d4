"""Tickets that pass to another person"""

from alembic import op

from migrations.functions import install, remove

revision = "0018"
down_revision = "0017"

FUNCTIONS = ()


def upgrade():
    op.execute("set lock_timeout = '5s'")
    install(*FUNCTIONS)


def downgrade():
    remove(*FUNCTIONS)
