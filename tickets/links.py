"""The signed link by which the holder of a mail opens a booking without an account, and the mails that carry it."""

import base64
import hashlib
import hmac

from flask import current_app

from database import call, find_one
from outside.addresses import read_address
from refusals import Refused, sentences

sentences(
    {
        "SENT_JUST_NOW": "It was sent a moment ago. Look into your mail, also under spam, and try again in a minute.",
        "UNKNOWN_LINK": "This link is not good any more. Ask for your tickets again by e-mail.",
        "MAIL_NEEDS_PAYMENT": "We send mails for what was paid, and to the address of your own account. "
        "Print these tickets, or keep this page.",
        "TOO_MANY_MAILS": "That is as many mails as we send in a day. Nothing is lost. Try again later.",
        "NOT_PAID": "There are no tickets for this booking.",
    }
)


# --- the signed link ------------------------------------------------------------------------------------------------


def digest_of(purpose: str, of: object) -> bytes:
    """32 bytes that only we can make of what they are for ("ticket link v1") and of whose they are: an HMAC under our
    secret."""
    return hmac.digest(current_app.config["SETTINGS"].secret_key.encode(), f"{purpose}:{of}".encode(), "sha256")


def token_of(purpose: str, of: object) -> str:
    """A link's token: 128 bits of the digest. Mails can name it again; only its hash is stored."""
    return base64.urlsafe_b64encode(digest_of(purpose, of)[:16]).decode().rstrip("=")


def link_token(booking_id: int, seq: int = 0) -> str:
    """The token of a booking's link; `seq` is Booking.link_seq."""
    return token_of("ticket link v1", f"{booking_id}:{seq}" if seq else booking_id)


def mark_of(person_id: int | None) -> str:
    """A few letters that differ from person to person, for a browser that more than one uses; "nobody" without one."""
    return digest_of("viewer v1", person_id)[:6].hex() if person_id else "nobody"


def link_hash(token: str) -> bytes:
    """The 32 bytes that a link's token is stored by."""
    return hashlib.sha256(token.encode()).digest()


def link_address(token: str) -> str:
    """The address of a signed link, as mails and calendars carry it."""
    return f"{current_app.config['SETTINGS'].public_url}/t/{token}"


def open_link(token: str) -> int:
    """Inside a transaction: let the holder of this token read its booking until COMMIT. Returns the booking's id, or
    Refused."""
    found = find_one("app.open_link", link_hash(token)) if 10 <= len(token) <= 60 else None
    if found is None:
        raise Refused("UNKNOWN_LINK", status=404)
    return found.booking_id


def resend(booking_id: int) -> None:
    """Send the confirmation again, to the address of the booking."""
    call("app.resend_tickets", booking_id)


def find_by_email(email: str) -> None:
    """Mail the links of every booking of this address to it, and say nothing about whether there are any. Refused when
    it is no address."""
    call("app.find_tickets", read_address(email), None)
