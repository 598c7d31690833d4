"""What programs send: the JSON object of a request and its values, each checked or refused as MALFORMED."""

from flask import request

from refusals import Refused


def body():
    """The JSON object of this request, or Refused MALFORMED."""
    try:
        found = request.get_json(silent=True)
    except RecursionError:  # brackets within brackets within brackets
        found = None
    if not isinstance(found, dict):
        raise Refused("Send a JSON object.", code="MALFORMED", status=400)
    return found


def number(value, name):
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**53:
        raise Refused(f"{name} must be a whole number.", code="MALFORMED", status=422)
    return value


def text(value, name, longest=200):
    if value is not None and (not isinstance(value, str) or len(value) > longest or not _can_be_kept(value)):
        raise Refused(f"{name} must be a text of at most {longest} signs.", code="MALFORMED", status=422)
    return value


def _can_be_kept(value):
    """PostgreSQL keeps no NUL, and half of a surrogate pair is no sign at all."""
    return "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)
