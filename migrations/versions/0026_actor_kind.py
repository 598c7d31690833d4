"""The audit trail says by what right somebody acted; mails are counted by the mailbox they go to and by the buyer"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.add_column("system_log", sa.Column("actor_kind", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_system_log_actor_kind"), "system_log", "actor_kind in ('person', 'link', 'service', 'nobody')"
    )
    op.add_column("notification", sa.Column("mailbox", sa.Text(), nullable=True))
    op.create_index("ix_notification_mailbox_created_at", "notification", ["mailbox", "created_at"])
    op.create_index("ix_notification_customer_id_created_at", "notification", ["customer_id", "created_at"])


def downgrade():
    op.drop_index("ix_notification_customer_id_created_at", "notification")
    op.drop_index("ix_notification_mailbox_created_at", "notification")
    op.drop_column("notification", "mailbox")
    op.drop_constraint(op.f("ck_system_log_actor_kind"), "system_log")
    op.drop_column("system_log", "actor_kind")
