"""The outbox: mails that were written down in the transaction of what they tell about are rendered and sent from here.

At least once: a lease keeps others away for a minute, and the dedupe key keeps a mail from being written down twice.
A mail that cannot be sent comes again later and later, and is given up after a day (app.finish_notification()).
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import structlog
from flask import current_app

from database import between_transactions, call, in_transaction
from messages.names import plain_name
from notifications import Attachment, Mail, mailer
from providers import Declined, Unavailable
from refusals import Refused

log = structlog.get_logger()

AT_ONCE = 40  # seconds that one call may work: less than a lease


class Unsendable(Exception):
    """This mail cannot be written; its message says why."""


class OutboxRow(Protocol):
    """A row of app.lease_notifications(): a mail that waits; `payload` is what its noun wrote down for it."""

    id: int
    channel: str
    template: str
    recipient: str
    booking_id: int | None
    payload: dict[str, Any] | str


Writer = Callable[[OutboxRow, Mapping[str, Any]], tuple[dict[str, Any], tuple[Attachment, ...]]]

_mails: dict[str, Writer] = {}  # template → what writes it, see register()


def register(*tables: Mapping[str, Writer]) -> None:
    """Each noun hands in its mails: {template: function(outbox row, payload) → (what its templates know, Attachments)}.

    The function runs as the worker, in a transaction, and raises Unsendable or Refused when there is nothing to write
    about. The templates are `templates/mail/<template>.txt`, whose first line is the subject, and `.html`. Both begin
    with words of ours; what people call themselves comes after them, by `person(name)`.
    """
    for table in tables:
        _mails.update(table)


def send_due(limit: int = 20) -> int:
    """Send what is due, at most `limit` mails, and return how many went out. A flow, for the jobs."""
    between_transactions()
    began, sent = time.monotonic(), 0
    leased = in_transaction(call, "app.lease_notifications", limit, worker=True)
    for row in sorted(leased, key=lambda row: row.id):
        if time.monotonic() - began > AT_ONCE:
            break  # the leases of the rest run out by themselves
        provider_id, error, is_away = deliver(row)
        in_transaction(call, "app.finish_notification", row.id, provider_id, error, worker=True)
        sent += error is None
        if is_away:
            break
    return sent


def deliver(row: OutboxRow) -> tuple[str | None, str | None, bool]:
    """Write one mail and hand it to SendGrid. Returns (provider's id, error, is SendGrid away)."""
    try:
        mail = in_transaction(write, row, worker=True)
        return mailer.send(mail), None, False
    except Unavailable as error:
        return None, f"unavailable {error.code}", True
    except Declined as error:
        log.error("mail_declined", notification_id=row.id, error_code=error.code)
        return None, f"declined {error.code}", False
    except (Unsendable, Refused) as error:
        log.error(
            "mail_unsendable", notification_id=row.id, template=row.template, reason=getattr(error, "code", str(error))
        )
        return None, f"unsendable {getattr(error, 'code', error)}", False
    except Exception as error:
        # One mail that cannot be written must not keep the others waiting; it is logged, and comes again.
        log.exception("mail_failed", notification_id=row.id, template=row.template)
        return None, f"failed {type(error).__name__}", False


def write(row: OutboxRow) -> Mail:
    """As the worker, in a transaction: the Mail of an outbox row.

    Raises Unsendable or Refused when there is nothing to write about.
    """
    if row.template not in _mails or row.channel != "mail":
        raise Unsendable(f"no template {row.template}")
    payload = json.loads(row.payload) if isinstance(row.payload, str) else row.payload
    known, files = _mails[row.template](row, payload)
    public_url = current_app.config["SETTINGS"].public_url
    known = known | {"payload": payload, "public_url": public_url, "person": plain_name}
    subject, text = render(f"mail/{row.template}.txt", known).split("\n", 1)
    # A header takes one line; names of people and matches come from outside.
    subject = " ".join(subject.split())[:200]
    html = render(f"mail/{row.template}.html", known)
    return Mail(row.recipient, subject, text.strip() + "\n", html, f"notification:{row.id}", files)


def render(name: str, known: Mapping[str, Any]) -> str:
    """A template of a mail, filled with what it knows."""
    return current_app.jinja_env.get_template(name).render(known)
