"""Tickets that pass to another person"""

from alembic import op

from migrations.functions import install, remove

revision = "0018"
down_revision = "0017"

FUNCTIONS = tuple(
    "held_ticket name_ticket offer_transfer withdraw_transfer find_offer accept_transfer replace_code open_ticket".split()
)
CHANGED = (
    "store_codes",
    "request_refund",
    "find_tickets",
)  # they know of passed-on tickets now; the same calls as before


def upgrade():
    op.execute("set lock_timeout = '5s'")
    install(*FUNCTIONS, *CHANGED)


def downgrade():
    remove(*FUNCTIONS)
