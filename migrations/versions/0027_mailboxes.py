"""A +tag with nothing before it is a mailbox of its own; domains stand in the form that mail is sent to"""

import sqlalchemy as sa
from alembic import op
from email_validator import EmailNotValidError, validate_email

revision = "0027"
down_revision = "0026"

KEYS = (("customer", "email", "email_key"), ("booking", "contact_email", "email_key"))
SENT = (
    ("customer", "email"),
    ("booking", "contact_email"),
    ("ticket_transfer", "to_email"),
    ("notification", "recipient"),
)


def upgrade():
    op.execute("set lock_timeout = '5s'")
    connection = op.get_bind()
    for table, address, key in KEYS:
        op.execute(f"update {table} set {key} = lower({address}) where {key} like '@%'")  # noqa: S608
    op.execute("update notification set mailbox = lower(recipient) where mailbox like '@%'")
    for table, address in SENT:
        found = connection.execute(
            sa.text(f"select distinct {address} from {table} where {address} ~ '@.*[^\\x01-\\x7f]'")  # noqa: S608
        )
        for (written,) in found.all():
            mailbox, _, _ = written.rpartition("@")
            try:
                sent = f"{mailbox}@{validate_email(written, check_deliverability=False).ascii_domain}"
            except EmailNotValidError:
                continue
            connection.execute(
                sa.text(f"update {table} set {address} = :sent where {address} = :written"),  # noqa: S608
                {"sent": sent, "written": written},
            )


def downgrade():
    """The addresses mean the same in both forms, and the older keys would put strangers into one mailbox."""
