"""A role is a line of accounts/rights.py: app.known_role judges it, and no list in the schema"""

from alembic import op

from migrations.functions import install, remove

revision = "0020"
down_revision = "0019"


def upgrade():
    op.execute("set lock_timeout = '5s'")
    op.drop_constraint(op.f("ck_staff_role_role"), "staff_role", type_="check")
    install("known_role")
    op.execute(
        "create trigger known_role before insert or update on staff_role for each row execute function app.known_role()"
    )


def downgrade():
    op.execute("drop trigger known_role on staff_role")
    remove("known_role")
    known = "role in ('owner', 'manager', 'sales', 'scorer', 'gate')"
    op.execute(f"delete from staff_role where not {known}")  # the version before knows no others
    op.create_check_constraint(op.f("ck_staff_role_role"), "staff_role", known)
