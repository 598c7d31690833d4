"""`Refused`: how a rule says no, with a sentence for people; and the sentences of what the database refuses."""

import contextlib
import json

from sqlalchemy.exc import DBAPIError


class Refused(Exception):
    """A rule said no. `str(error)` is a sentence for people; `code` is for programs; `details` go into the JSON answer."""

    def __init__(self, sentence, *, code="REFUSED", status=409, **details):
        super().__init__(sentence)
        self.sentence, self.code, self.status, self.details = sentence, code, status, details


# SQLSTATE of ours → HTTP status. The message is the code, the detail is a JSON object.
STATUS = {
    "CV400": 400,
    "CV401": 401,
    "CV403": 403,
    "CV404": 404,
    "CV409": 409,
    "CV410": 410,
    "CV422": 422,
    "CV429": 429,
}


@contextlib.contextmanager
def as_refusals():
    """Turn an error that a definer function raised on purpose into Refused, with its sentence."""
    try:
        yield
    except DBAPIError as error:
        state = getattr(error.orig, "pgcode", None) or ""
        if not state.startswith("CV"):
            raise
        raise refusal_of(error.orig) from None


def refusal_of(error):
    """The Refused that a definer function meant by this psycopg2 error of a CV… class."""
    details = json.loads(error.diag.message_detail) if error.diag.message_detail else {}
    code = error.diag.message_primary
    return Refused(sentence_for(code, details), code=code, status=STATUS.get(error.pgcode, 409), **details)


SENTENCES = {}


def sentences(table):
    """A rule module hands in its codes and their sentences: {CODE: "sentence" or function(details) → sentence}."""
    SENTENCES.update(table)


def sentence_for(code, details):
    said = SENTENCES.get(code, "That is not possible just now.")
    return said(details) if callable(said) else said
