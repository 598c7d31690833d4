"""Keys that can be exchanged: a retired one signs no more, and what it signed stays good"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

LIVE = "revoked_at is null and retired_at is null"
OLD = "revoked_at is null"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.add_column("signing_key", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    _index(LIVE)


def downgrade():
    op.execute("update signing_key set revoked_at = retired_at where revoked_at is null and retired_at is not null")
    _index(OLD)
    op.drop_column("signing_key", "retired_at")


def _index(which):
    for name, column, null in (("event", "event_id", "not null"), ("stadium", "stadium_id", "null")):
        op.drop_index(f"uq_signing_key_{name}", "signing_key")
        op.create_index(
            f"uq_signing_key_{name}",
            "signing_key",
            [column],
            unique=True,
            postgresql_where=sa.text(f"{which} and event_id is {null}"),
        )
