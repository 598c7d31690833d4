"""What the gate's supervisors do"""

from alembic import op

from migrations.functions import install, remove

revision = "0017"
down_revision = "0016"

FUNCTIONS = tuple(
    "add_gate_device pair_gate_device revoke_gate_device see_gate_alarm gate_figures gate_list enter_paper_scans".split()
)


def upgrade():
    op.execute("set lock_timeout = '5s'")
    install(*FUNCTIONS)


def downgrade():
    remove(*FUNCTIONS)
