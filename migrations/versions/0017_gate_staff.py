"""What the gate's supervisors do"""

from alembic import op

from migrations.functions import install, remove

revision = "0017"
down_revision = "0016"

FUNCTIONS = ()


def upgrade():
    op.execute("set lock_timeout = '5s'")
    install(*FUNCTIONS)


def downgrade():
    remove(*FUNCTIONS)
