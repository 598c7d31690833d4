"""People: customers, credentials, sessions, staff, profiles"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "customer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("is_admin", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("adopted_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind in ('visitor', 'guest', 'fan')", name=op.f("ck_customer_kind")),
        sa.ForeignKeyConstraint(["adopted_by"], ["customer.id"], name=op.f("fk_customer_adopted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    op.create_index(
        "uq_customer_fan_email_key", "customer", ["email_key"], unique=True, postgresql_where=sa.text("kind = 'fan'")
    )
    op.create_table(
        "credential",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_credential_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_credential")),
    )
    op.create_table(
        "customer_profile",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column(
            "preferences",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("wants_news", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_profile_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_profile")),
    )
    op.create_table(
        "login_session",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_login_session_customer_id")),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_login_session")),
    )
    op.create_index(op.f("ix_login_session_customer_id"), "login_session", ["customer_id"], unique=False)
    op.create_table(
        "staff_role",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("stadium_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("role in ('owner', 'manager', 'sales', 'scorer', 'gate')", name=op.f("ck_staff_role_role")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_staff_role_customer_id")),
        sa.ForeignKeyConstraint(["stadium_id"], ["stadium.id"], name=op.f("fk_staff_role_stadium_id")),
        sa.PrimaryKeyConstraint("customer_id", "stadium_id", "role", name=op.f("pk_staff_role")),
    )
    op.create_index(op.f("ix_staff_role_stadium_id"), "staff_role", ["stadium_id"], unique=False)


def downgrade():
    op.drop_table("staff_role")
    op.drop_table("login_session")
    op.drop_table("customer_profile")
    op.drop_table("credential")
    op.drop_table("customer")
