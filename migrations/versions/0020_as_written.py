"""Databases made between releases get what 0006 and 0008 said later

Those two migrations were edited before the first release, and a database that had run them already kept what they said
then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

LIVE = "uq_payment_transaction_live"
LOGGED = "ix_system_log_object_type_object_id"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    inspector = sa.inspect(op.get_bind())
    checks = {check["name"]: check["sqltext"] for check in inspector.get_check_constraints("payment_transaction")}
    if "captured <= amount" in checks["ck_payment_transaction_amount"]:
        op.drop_constraint("ck_payment_transaction_amount", "payment_transaction")
        op.create_check_constraint(
            op.f("ck_payment_transaction_amount"), "payment_transaction", "amount >= 0 and captured >= 0"
        )
    indexes = {index["name"]: index["dialect_options"] for index in inspector.get_indexes("payment_transaction")}
    if "failed" in indexes[LIVE]["postgresql_where"]:
        op.drop_index(LIVE, "payment_transaction")
        op.create_index(
            LIVE,
            "payment_transaction",
            ["booking_id"],
            unique=True,
            postgresql_where=sa.text("state in ('created', 'requires_action', 'processing')"),
        )
    if LOGGED not in {index["name"] for index in inspector.get_indexes("system_log")}:
        op.create_index(LOGGED, "system_log", ["object_type", "object_id"], unique=False)


def downgrade():
    """Nothing to take back: the tables are as 0006 and 0008 say."""
