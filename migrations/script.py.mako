"""${message}"""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade():
    op.execute("set lock_timeout = '5s'")
    ${upgrades if upgrades else "# Tables, columns and rows; functions, policies, triggers and rights follow from their files."}


def downgrade():
    ${downgrades if downgrades else '"""Nothing to take back: say why."""'}
