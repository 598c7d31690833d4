"""Mail, at the edge: SendGrid through its own SDK.

Knows nothing of bookings; it sends a Mail that somebody else has written.

The base address is a setting, so the same code speaks to the sandbox. No method is called inside a database
transaction.
"""

import base64
import http.client
from dataclasses import dataclass
from typing import Any

from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient

from config import Settings
from providers import Declined, ProviderError, Unavailable, provider_call

TIMEOUT = 12  # seconds for one call; the SDK would wait for ever
AGAIN = (408, 429)  # besides every 5xx: SendGrid asks to come back later


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail. With a `content_id` it is a picture inside the HTML (`cid:…`), otherwise a file beside it."""

    filename: str
    type: str
    content: bytes
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, ready to go. `reference` is our own id of it, for the log and for SendGrid's delivery reports."""

    to: str
    subject: str
    text: str
    html: str
    reference: str
    attachments: tuple[Attachment, ...] = ()


class Mailer:
    """The one door to SendGrid. `init_app(settings)` before use."""

    def init_app(self, settings: Settings) -> None:
        """Speak to SendGrid, or the sandbox, as these settings say."""
        self.sender = {"email": settings.mail_from, "name": settings.mail_from_name}
        self.api = SendGridAPIClient(settings.sendgrid_api_key, host=settings.sendgrid_api_base)
        self.api.client.timeout = TIMEOUT

    def send(self, mail: Mail) -> str:
        """Hand a Mail to SendGrid and return its message id (text). Raises Unavailable or Declined."""
        with provider_call("sendgrid", "send", mail.reference, _meaning):
            return self.api.send(self._body(mail)).headers.get("X-Message-Id") or ""

    def _body(self, mail: Mail) -> dict[str, Any]:
        """The request as https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send describes it."""
        body = {
            "personalizations": [{"to": [{"email": mail.to}], "custom_args": {"reference": mail.reference}}],
            "from": self.sender,
            "subject": mail.subject,
            "content": [{"type": "text/plain", "value": mail.text}, {"type": "text/html", "value": mail.html}],
            # Links open tickets: they go to us alone, never through a counting redirect.
            "tracking_settings": {
                "click_tracking": {"enable": False, "enable_text": False},
                "open_tracking": {"enable": False},
            },
        }
        if mail.attachments:
            body["attachments"] = [_attachment(a) for a in mail.attachments]
        return body


def _meaning(error: Exception) -> ProviderError | None:
    if isinstance(error, HTTPError):
        is_away = error.status_code >= 500 or error.status_code in AGAIN
        kind = Unavailable if is_away else Declined
        return kind(f"SendGrid answered {error.status_code}.", provider="sendgrid", code=str(error.status_code))
    if isinstance(error, OSError | http.client.HTTPException):
        # URLError, timeouts and connections that close without an answer.
        return Unavailable("SendGrid does not answer.", provider="sendgrid", code=type(error).__name__)
    return None


def _attachment(a: Attachment) -> dict[str, str]:
    described = {"content": base64.b64encode(a.content).decode(), "filename": a.filename, "type": a.type}
    if a.content_id:
        return {**described, "disposition": "inline", "content_id": a.content_id}
    return {**described, "disposition": "attachment"}


mailer = Mailer()
