"""What the gate knows a ticket or pass by is of its issue, and of every issue that there was"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

PURPOSE = "'\\x637269637665727365207269676874207631'::bytea"
RIGHTS = ("ticket", "parking_pass")


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.add_column(
        "qr_code",
        sa.Column(
            "hash",
            sa.LargeBinary(),
            sa.Computed(
                f"substring(sha256({PURPOSE} || uuid_send(coalesce(ticket_id, pass_id)) "
                "|| case when seq = 1 then ''::bytea else decode(code, 'escape') end) from 1 for 8)",
                persisted=True,
            ),
            nullable=False,
        ),
    )
    op.create_index(op.f("ix_qr_code_hash"), "qr_code", ["hash"], unique=False)
    for right in RIGHTS:
        op.add_column(right, sa.Column("salt", sa.LargeBinary(), server_default=sa.text("''::bytea"), nullable=False))
        # What was issued anew before has its salt from here on; the first issues keep the hash that is printed on them.
        op.execute(
            f"""update {right} r set salt = coalesce(
                  (select decode(q.code, 'escape') from qr_code q
                    where q.{"ticket_id" if right == "ticket" else "pass_id"} = r.id and q.seq = r.seq),
                  uuid_send(gen_random_uuid())) where r.seq > 1"""
        )
    _hash(f"{PURPOSE} || uuid_send(id) || salt")


def downgrade():
    _hash(f"{PURPOSE} || uuid_send(id)")
    for right in RIGHTS:
        op.drop_column(right, "salt")
    op.drop_index("ix_qr_code_hash", "qr_code")
    op.drop_column("qr_code", "hash")


def _hash(of):
    """Make the column hash of tickets and passes anew, with its indexes: PostgreSQL 15 cannot change what it is of."""
    for right in RIGHTS:
        op.drop_column(right, "hash")
        op.add_column(
            right,
            sa.Column(
                "hash",
                sa.LargeBinary(),
                sa.Computed(f"substring(sha256({of}) from 1 for 8)", persisted=True),
                nullable=False,
            ),
        )
    op.create_index("ix_ticket_event_id_hash", "ticket", ["event_id", "hash"], unique=False)
    op.create_index(op.f("ix_parking_pass_hash"), "parking_pass", ["hash"], unique=False)
