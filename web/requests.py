"""What is sent to us: the JSON object of a request and its values, each checked or refused as MALFORMED, and the page
that a form says it came from.
"""

from typing import Any

from flask import request

from refusals import Refused, sentences

LONGEST_PATH = 2000

sentences(
    {
        "MALFORMED.json": "Send a JSON object.",
        "MALFORMED.number": "{name} must be a whole number.",
        "MALFORMED.text": "{name} must be a text of at most {longest} characters.",
    }
)


def body() -> dict[str, Any]:
    """The JSON object of this request, or Refused MALFORMED."""
    try:
        found = request.get_json(silent=True)
    except RecursionError:  # brackets within brackets within brackets
        found = None
    if not isinstance(found, dict):
        raise Refused("MALFORMED.json", status=400)
    return found


def number(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**53:
        raise Refused("MALFORMED.number", status=422, words={"name": name})
    return value


def text(value: Any, name: str, longest: int = 200) -> str | None:
    if value is not None and (not isinstance(value, str) or len(value) > longest or not _can_be_kept(value)):
        raise Refused("MALFORMED.text", status=422, words={"name": name, "longest": longest})
    return value


def own_path(wanted: str | None) -> str | None:
    """`wanted` where it is a path of this site that may stand in a Location header, or None.

    A browser takes `//host` and `/\\host` for another site, and drops line ends and tabs before it looks.
    """
    if not wanted or len(wanted) > LONGEST_PATH or not wanted.isprintable() or set("\\ ") & set(wanted):
        return None
    return wanted if wanted.startswith("/") and not wanted.startswith("//") else None


def _can_be_kept(value: Any) -> bool:
    """PostgreSQL keeps no NUL, and half of a surrogate pair is no character at all."""
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
