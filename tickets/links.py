"""The signed link by which the holder of a mail opens a booking without an account, and the mails that carry it."""

import base64
import hashlib
import hmac

from flask import current_app

from accounts.accounts import normalise_email
from database import call, call_one
from refusals import Refused, sentences

sentences(
    {
        "SENT_JUST_NOW": "It was sent a moment ago. Look into your mail, also under spam, and try again in a minute.",
        "UNKNOWN_LINK": "This link is not good any more. Ask for your tickets again by e-mail.",
        "NOT_PAID": "There are no tickets for this booking.",
    }
)


# --- the signed link ------------------------------------------------------------------------------------------------


def link_token(booking_id):
    """The token of a booking's link: 128 bits of an HMAC under our secret. Only its hash is stored."""
    secret = current_app.config["SETTINGS"].secret_key.encode()
    digest = hmac.digest(secret, b"ticket link v1:%d" % booking_id, "sha256")
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def mark_of(person_id):
    """A few letters that differ from person to person, for a browser that more than one uses; "nobody" without one."""
    secret = current_app.config["SETTINGS"].secret_key.encode()
    return hmac.digest(secret, b"viewer v1:%d" % person_id, "sha256")[:6].hex() if person_id else "nobody"


def link_hash(token):
    return hashlib.sha256(token.encode()).digest()


def link_address(token):
    """The address of a signed link, as mails and calendars carry it."""
    return f"{current_app.config['SETTINGS'].public_url}/t/{token}"


def open_link(token):
    """Inside a transaction: let the holder of this token read its booking until COMMIT.

    Returns the booking's id, or Refused.
    """
    found = call_one("app.open_link", link_hash(token)) if 10 <= len(token) <= 60 else None
    if found is None:
        raise Refused("UNKNOWN_LINK", status=404)
    return found.booking_id


def resend(booking_id):
    """Send the confirmation again, to the address of the booking."""
    call("app.resend_tickets", booking_id)


def find_by_email(email):
    """Mail the links of every booking of this address to it, and say nothing about whether there are any.

    Refused when it is no address.
    """
    call("app.find_tickets", *normalise_email(email))
