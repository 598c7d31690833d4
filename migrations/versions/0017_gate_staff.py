"""What the gate's supervisors do"""

from alembic import op

from migrations.functions import install, remove

revision = "0017"
down_revision = "0016"

FUNCTIONS = ("add_gate_device", "pair_gate_device", "revoke_gate_device", "see_gate_alarm")


def upgrade():
    op.execute("set lock_timeout = '5s'")
    install(*FUNCTIONS)


def downgrade():
    remove(*FUNCTIONS)
