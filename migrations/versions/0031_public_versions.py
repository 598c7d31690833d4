"""What everybody may see has a version, which moves with each change of it"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    table = op.create_table(
        "public_version",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("topic", name=op.f("pk_public_version")),
        sa.CheckConstraint("topic in ('catalogue', 'scores')", name=op.f("ck_public_version_topic")),
    )
    op.bulk_insert(table, [{"topic": "catalogue"}, {"topic": "scores"}])


def downgrade():
    op.drop_table("public_version")
