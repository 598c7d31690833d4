"""The key under which app.begin seals who acts: cv_rules alone reads it, and each database has its own"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "actor_key",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name="one"),
    )
    # 244 bits of the server's strong randomness: a UUID of version 4 has 122 (RFC 9562, 5.4).
    op.execute("insert into actor_key values (1, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())))")


def downgrade():
    op.drop_table("actor_key")
