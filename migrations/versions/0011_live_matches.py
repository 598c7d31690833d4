"""Live matches: the log of events, snapshots, the scorer's lock, replays and imports"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

TABLES = "venue venue_alias person match_import match_snapshot scorer_lock match_replay match_update".split()


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "person",
        sa.Column("registry_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("registry_id", name=op.f("pk_person")),
    )
    op.create_table(
        "venue",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("stadium_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["stadium_id"], ["stadium.id"], name=op.f("fk_venue_stadium_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
        sa.UniqueConstraint("name", name=op.f("uq_venue_name")),
    )
    op.create_table(
        "venue_alias",
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_venue_alias_venue_id")),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_venue_alias")),
    )
    op.add_column("match", sa.Column("venue_id", sa.Integer(), nullable=True))
    op.add_column("match", sa.Column("source", sa.Text(), server_default="live", nullable=False))
    op.create_foreign_key(op.f("fk_match_venue_id"), "match", "venue", ["venue_id"], ["id"])
    op.alter_column("match", "stadium_id", nullable=True)
    op.create_check_constraint(op.f("ck_match_source"), "match", "source in ('live', 'replay', 'import')")
    op.create_check_constraint(op.f("ck_match_place"), "match", "num_nonnulls(stadium_id, venue_id) > 0")
    op.create_table(
        "match_import",
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("info", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "verdict in ('verified', 'as stated', 'inconsistent')", name=op.f("ck_match_import_verdict")
        ),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_match_import_match_id")),
        sa.PrimaryKeyConstraint("match_id", name=op.f("pk_match_import")),
        sa.UniqueConstraint("source", "source_id", name=op.f("uq_match_import_source_source_id")),
    )
    op.create_table(
        "match_snapshot",
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("summary", postgresql.JSONB(), nullable=False),
        sa.Column("board", postgresql.JSONB(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_match_snapshot_match_id")),
        sa.PrimaryKeyConstraint("match_id", name=op.f("pk_match_snapshot")),
    )
    op.create_table(
        "scorer_lock",
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_scorer_lock_customer_id")),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_scorer_lock_match_id")),
        sa.PrimaryKeyConstraint("match_id", name=op.f("pk_scorer_lock")),
    )
    op.create_table(
        "match_replay",
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("source_match_id", sa.Integer(), nullable=False),
        sa.Column("speed", sa.Numeric(8, 2), server_default="1", nullable=False),
        sa.Column("state", sa.Text(), server_default="running", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("repeats", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state in ('running', 'paused', 'ended')", name=op.f("ck_match_replay_state")),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_match_replay_match_id")),
        sa.ForeignKeyConstraint(["source_match_id"], ["match.id"], name=op.f("fk_match_replay_source_match_id")),
        sa.PrimaryKeyConstraint("match_id", name=op.f("pk_match_replay")),
    )
    op.create_index("ix_match_replay_due", "match_replay", ["next_at"], postgresql_where=sa.text("state = 'running'"))
    op.create_table(
        "match_update",
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("recorded_name", sa.Text(), nullable=True),
        sa.Column("patch", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_match_update_match_id")),
        sa.PrimaryKeyConstraint("match_id", "seq", name=op.f("pk_match_update")),
        sa.UniqueConstraint("match_id", "key", name=op.f("uq_match_update_match_id_key")),
    )


def downgrade():
    for table in reversed(TABLES[3:]):
        op.drop_table(table)
    op.execute("delete from event_match where match_id in (select id from match where stadium_id is null)")
    op.execute("delete from match where stadium_id is null")
    op.drop_constraint(op.f("ck_match_place"), "match")
    op.drop_constraint(op.f("ck_match_source"), "match")
    op.drop_constraint(op.f("fk_match_venue_id"), "match")
    op.alter_column("match", "stadium_id", nullable=False)
    op.drop_column("match", "source")
    op.drop_column("match", "venue_id")
    for table in ("venue_alias", "venue", "person"):
        op.drop_table(table)
