"""Ids in the form the providers give them."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def new_text(length):
    """Random letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def new_id(prefix, length=24):
    """A fresh id such as `pi_…`."""
    return f"{prefix}_{new_text(length)}"
