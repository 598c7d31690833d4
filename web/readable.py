"""The one place that cleans what comes in, before any view: path, query, form and headers. JSON is read by
web/requests.py, by the same rules (outside).

What no honest request holds is refused: a NUL, an id larger than any, thousands of fields, a header of control
characters. What slips into an honest one, such as the invisible control character that a paste brings along, is taken
out.
"""

import re
from typing import Any

from flask import Flask, Request, abort, current_app, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.sansio.http import parse_cookie
from werkzeug.utils import cached_property

from models.columns import LARGEST_BIG_ID, LARGEST_ID
from outside import CONTROL, UNKEPT, can_be_kept

BIG = ("booking_id", "line_id")  # bigint; every other id is an integer
MOST_FIELDS = 2000  # of a query or form; the largest of ours, a bay's seats, has some hundreds


# A Host header (RFC 9110, 7.2): a name of labels as DNS has them, or an address, and perhaps a port.
HOST = re.compile(
    r"(?=.{1,255}\Z)(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?)(:[0-9]{1,5})?\Z", re.ASCII
)

# What no header may hold. Bytes above 127 stand for UTF-8 here, so only what is a control character in both is looked
# for.
UNSENT = re.compile("[\0-\x08\x0a-\x1f\x7f]")


class ReadableRequest(Request):
    """A request whose host is a name. Flask reads it before any handler of ours, and would leave the application with
    an error of its own.
    """

    def __init__(self, environ: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        self.has_host = "HTTP_HOST" not in environ or HOST.match(environ["HTTP_HOST"]) is not None
        if not self.has_host:
            del environ["HTTP_HOST"]  # the answer, a 400, is written for the server's own name
        super().__init__(environ, *args, **kwargs)

    @cached_property
    def cookies(self) -> MultiDict[str, str]:  # pyrefly: ignore[bad-override]
        """Werkzeug's, which looks through every header for the one that WSGI has under its name."""
        return parse_cookie(self.environ.get("HTTP_COOKIE"), self.dict_storage_class)


def init_app(app: Flask) -> None:
    app.request_class = ReadableRequest
    app.before_request(clean)


def clean() -> None:
    """404 for a path that names nothing we could have; 400 for headers, a query or a form that nobody sends honestly;
    and control characters taken out of query and form.
    """
    for name, value in (request.view_args or {}).items():
        if (
            isinstance(value, int)
            and value > (LARGEST_BIG_ID if name in BIG else LARGEST_ID)
            or isinstance(value, str)
            and not can_be_kept(value)
        ):
            abort(404)
    if not getattr(request, "has_host", True):
        abort(400)
    environ = request.environ
    if UNSENT.search("".join([environ[name] for name in environ if name.startswith(("HTTP_", "CONTENT_"))])):
        abort(400)
    if request.query_string and (args := cleaned(request.args)) is not None:
        request.args = args
    if not environ.get("CONTENT_LENGTH") and "HTTP_TRANSFER_ENCODING" not in environ:
        return  # no body came along, so no form
    guard = getattr(current_app.view_functions.get(request.endpoint or ""), "guard", None)
    # A signed body is left alone: it is verified on its raw bytes.
    if guard == "signed":
        return
    if request.is_json:
        if (request.content_length or 0) > (request.max_content_length or float("inf")):
            abort(413)
    elif (form := cleaned(request.form)) is not None:
        request.form = form


def cleaned(values: MultiDict[str, str]) -> ImmutableMultiDict[str, str] | None:
    """These values without their control characters, None if they have none; 400 where one cannot be kept at all, or
    where there are too many.
    """
    pairs = list(values.items(multi=True))
    if len(pairs) > MOST_FIELDS or any(UNKEPT.search(text) for pair in pairs for text in pair):
        abort(400)
    if not any(CONTROL.search(text) for pair in pairs for text in pair):
        return None
    return ImmutableMultiDict((CONTROL.sub("", name), CONTROL.sub("", value)) for name, value in pairs)
