"""What is sent to us: the JSON object of a request and its values, each checked or refused as MALFORMED; the numbers
of queries and forms; and the page that a form says it came from.
"""

from typing import Any

from flask import request
from flask_wtf import FlaskForm

from models.columns import LARGEST_BIG_ID, LARGEST_ID
from outside import can_be_kept, parse_json
from refusals import Refused, sentences

LONGEST_PATH = 2000

sentences(
    {
        "MALFORMED.json": "Send a JSON object.",
        "MALFORMED.characters": "A text holds a control character or half a character. Take it out, and send it again.",
        "MALFORMED.number": "{name} must be a whole number.",
        "MALFORMED.text": "{name} must be a text of at most {longest} characters.",
    }
)


class Form(FlaskForm):
    """A form that is filled by what a form sends, cleaned by web/readable.py. Flask-WTF would take JSON as well, of any
    shape.
    """

    class Meta(FlaskForm.Meta):
        csrf = False  # CSRFProtect has checked the token of every form before its view; templates write it (forms.csrf)

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            return request.form if request.is_json else super().wrap_formdata(form, formdata)


def body(*, one_by_one: bool = False) -> dict[str, Any]:
    """The JSON object of this request, or Refused MALFORMED.

    `one_by_one`: whoever reads it refuses or cleans each text that cannot be kept by itself, as of a batch.
    """
    try:
        found = parse_json(request.get_data()) if request.is_json else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused("MALFORMED.json", status=400)
    if not one_by_one and not can_be_kept(found):
        raise Refused("MALFORMED.characters", status=422)
    return found


def number(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**53:
        raise Refused("MALFORMED.number", status=422, words={"name": name})
    return value


def text(value: Any, name: str, longest: int = 200) -> str | None:
    if value is not None and (not isinstance(value, str) or len(value) > longest):
        raise Refused("MALFORMED.text", status=422, words={"name": name, "longest": longest})
    return value


def int32(text: str) -> int:
    """The number in a field of a query or form, as `type=` of Werkzeug's get(): ValueError, which means the default,
    for what is none or larger than PostgreSQL's integer."""
    return _between(text, LARGEST_ID)


def int64(text: str) -> int:
    """The same up to PostgreSQL's bigint."""
    return _between(text, LARGEST_BIG_ID)


def _between(text: str, largest: int) -> int:
    number = int(text)
    if abs(number) > largest:
        raise ValueError("larger than any of ours")
    return number


def own_path(wanted: str | None) -> str | None:
    """`wanted` where it is a path of this site that may stand in a Location header, or None.

    A browser takes `//host` and `/\\host` for another site, and drops line ends and tabs before it looks.
    """
    if not wanted or len(wanted) > LONGEST_PATH or not wanted.isprintable() or set("\\ ") & set(wanted):
        return None
    return wanted if wanted.startswith("/") and not wanted.startswith("//") else None
