"""Install the SQL functions of migrations/sql/: one a file, owned by cv_rules, EXECUTE granted by name and to nobody else."""

import re
from pathlib import Path

from alembic import op

from migrations.words import filled

FOLDER = Path(__file__).parent / "sql"


def install(*names):
    """Create or replace these functions, in order. The first line of a file, `-- execute: a, b`, names who may call it."""
    # A function can be given to cv_rules only while that role may create in the schema.
    op.execute("grant create on schema app to cv_rules")
    for name in names:
        source = filled((FOLDER / f"{name}.sql").read_text())
        roles = re.match(r"-- execute: ([\w, ]+)\n", source).group(1)
        op.get_bind().exec_driver_sql(source.replace("%", "%%"))
        op.execute(f"alter function app.{name} owner to cv_rules")
        op.execute(f"revoke all on function app.{name} from public")
        op.execute(f"grant execute on function app.{name} to {roles}")
    op.execute("revoke create on schema app from cv_rules")


def remove(*names):
    for name in reversed(names):
        op.execute(f"drop function app.{name}")
