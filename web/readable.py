"""What no honest request holds: a NUL character, which PostgreSQL keeps in no text, and numbers larger than any id."""

from flask import Flask, abort, current_app, request

from models.columns import LARGEST_BIG_ID, LARGEST_ID

BIG = ("booking_id", "line_id")  # bigint; every other id is an integer


def init_app(app: Flask) -> None:
    app.before_request(refuse_unreadable)


def refuse_unreadable() -> None:
    """404 for a NUL in the path or an id that no row can have; 400 for a NUL in a query or a form."""
    for name, value in (request.view_args or {}).items():
        if (
            isinstance(value, int)
            and value > (LARGEST_BIG_ID if name in BIG else LARGEST_ID)
            or isinstance(value, str)
            and "\0" in value
        ):
            abort(404)
    guard = getattr(current_app.view_functions.get(request.endpoint or ""), "guard", None)
    # A signed body is left alone: it is verified on its raw bytes.
    sent = [request.args] if guard == "signed" else [request.args, request.form]
    if any("\0" in name or "\0" in value for values in sent for name, value in values.items(multi=True)):
        abort(400)
