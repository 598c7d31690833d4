"""Matches, teams and the events that sell them"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "official",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official")),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("colour_1", sa.Text(), nullable=False),
        sa.Column("colour_2", sa.Text(), nullable=False),
        sa.Column("cap_pattern", sa.SmallInteger(), nullable=False),
        sa.Column("home_stadium_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("cap_pattern between 1 and 5", name=op.f("ck_team_cap_pattern")),
        sa.ForeignKeyConstraint(["home_stadium_id"], ["stadium.id"], name=op.f("fk_team_home_stadium_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("slug", name=op.f("uq_team_slug")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("stadium_id", sa.Integer(), nullable=False),
        sa.Column("layout_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gates_open_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sale_starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sale_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="on_sale", nullable=False),
        sa.Column("hold_minutes", sa.SmallInteger(), server_default="10", nullable=False),
        sa.Column("buyer_limit", sa.SmallInteger(), server_default="8", nullable=False),
        sa.Column("refund_until_hours", sa.Integer(), nullable=True),
        sa.Column("refund_share_bp", sa.Integer(), server_default="10000", nullable=False),
        sa.Column("refund_keeps_fees", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state in ('draft', 'on_sale', 'stopped', 'cancelled')", name=op.f("ck_event_state")),
        sa.CheckConstraint("buyer_limit between 1 and 50", name=op.f("ck_event_buyer_limit")),
        sa.CheckConstraint("hold_minutes between 2 and 15", name=op.f("ck_event_hold_minutes")),
        sa.CheckConstraint("refund_share_bp between 0 and 10000", name=op.f("ck_event_refund_share_bp")),
        sa.CheckConstraint(
            "starts_at < ends_at and sale_starts_at < sale_ends_at and gates_open_at <= starts_at",
            name=op.f("ck_event_times"),
        ),
        sa.ForeignKeyConstraint(
            ["layout_id", "stadium_id"], ["layout.id", "layout.stadium_id"], name=op.f("fk_event_layout_id_stadium_id")
        ),
        sa.ForeignKeyConstraint(["stadium_id"], ["stadium.id"], name=op.f("fk_event_stadium_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_stadium_id_starts_at", "event", ["stadium_id", "starts_at"], unique=False)
    op.create_index("ix_event_starts_at", "event", ["starts_at"], unique=False)
    op.create_table(
        "match",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("stadium_id", sa.Integer(), nullable=False),
        sa.Column("home_team_id", sa.Integer(), nullable=False),
        sa.Column("away_team_id", sa.Integer(), nullable=False),
        sa.Column("competition", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="scheduled", nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "format in ('T20', 'ODI', 'Test', 'Hundred', 'First-class', 'List A')", name=op.f("ck_match_format")
        ),
        sa.CheckConstraint(
            "state in ('scheduled', 'live', 'finished', 'cancelled', 'abandoned')", name=op.f("ck_match_state")
        ),
        sa.CheckConstraint("home_team_id <> away_team_id", name=op.f("ck_match_two_teams")),
        sa.ForeignKeyConstraint(["away_team_id"], ["team.id"], name=op.f("fk_match_away_team_id")),
        sa.ForeignKeyConstraint(["home_team_id"], ["team.id"], name=op.f("fk_match_home_team_id")),
        sa.ForeignKeyConstraint(["stadium_id"], ["stadium.id"], name=op.f("fk_match_stadium_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match")),
    )
    op.create_index(op.f("ix_match_stadium_id"), "match", ["stadium_id"], unique=False)
    op.create_index(op.f("ix_match_starts_at"), "match", ["starts_at"], unique=False)
    op.create_table(
        "player",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("shirt", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_player_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_player")),
    )
    op.create_index(op.f("ix_player_team_id"), "player", ["team_id"], unique=False)
    op.create_table(
        "event_match",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_match_event_id")),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_event_match_match_id")),
        sa.PrimaryKeyConstraint("event_id", "match_id", name=op.f("pk_event_match")),
    )
    op.create_index(op.f("ix_event_match_match_id"), "event_match", ["match_id"], unique=False)
    op.create_table(
        "event_price",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("ticket_type", sa.Text(), nullable=False),
        sa.Column("face", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("ticket_type in ('adult', 'child', 'concession')", name=op.f("ck_event_price_ticket_type")),
        sa.CheckConstraint("face >= 0", name=op.f("ck_event_price_face")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_price_event_id")),
        sa.PrimaryKeyConstraint("event_id", "band", "ticket_type", name=op.f("pk_event_price")),
    )
    op.create_table(
        "match_official",
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "role in ('umpire', 'third umpire', 'match referee', 'scorer')", name=op.f("ck_match_official_role")
        ),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_match_official_match_id")),
        sa.ForeignKeyConstraint(["official_id"], ["official.id"], name=op.f("fk_match_official_official_id")),
        sa.PrimaryKeyConstraint("match_id", "official_id", name=op.f("pk_match_official")),
    )


def downgrade():
    op.drop_table("match_official")
    op.drop_table("event_price")
    op.drop_table("event_match")
    op.drop_table("player")
    op.drop_table("match")
    op.drop_table("event")
    op.drop_table("team")
    op.drop_table("official")
