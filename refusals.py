"""`Refused`: how a rule says no, with a sentence for people; and the sentences of what the database refuses."""

import contextlib
import json
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any

from sqlalchemy.exc import DBAPIError


class Refused(Exception):
    """A rule said no, by a name that sentences() knows: a code for programs, or a code with the case of it, as in
    "MALFORMED.json".

    `str(error)` is the sentence for people; `status` an HTTP status. `details` fill the sentence and go into the JSON
    answer; `words` fill the sentence only.
    """

    def __init__(
        self, name: str, /, *, status: int = 409, words: Mapping[str, Any] | None = None, **details: Any
    ) -> None:
        self.code, self.status, self.details = name.partition(".")[0], status, details
        self.sentence = sentence_for(name, {**details, **(words or {})})
        super().__init__(self.sentence)


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
def as_refusals() -> Generator[None]:
    """Turn an error that a definer function raised on purpose into Refused, with its sentence."""
    try:
        yield
    except DBAPIError as error:
        state = getattr(error.orig, "pgcode", None) or ""
        if not state.startswith("CV"):
            raise
        raise refusal_of(error.orig) from None


def refusal_of(error: Any) -> Refused:
    """The Refused that a definer function meant by this psycopg2 error of a CV… class."""
    details = json.loads(error.diag.message_detail) if error.diag.message_detail else {}
    code = error.diag.message_primary
    return Refused(code, status=STATUS.get(error.pgcode, 409), **details)


Sentence = str | Callable[[dict[str, Any]], str]
SENTENCES: dict[str, Sentence] = {}


def sentences(table: Mapping[str, Sentence]) -> None:
    """A rule module hands in what its refusals say: {CODE or CODE.case: "sentence with {words}" or function(words) →
    sentence}.

    This is the only place of a sentence: a name that is handed in twice is an error.
    """
    if again := SENTENCES.keys() & table.keys():
        raise ValueError(f"These have a sentence already: {', '.join(sorted(again))}")
    SENTENCES.update(table)


def plural(number: int, one: str, many: str | None = None) -> str:
    """4, "seat" → "4 seats": a number and its word, for whatever is said to people."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sentence_for(name: str, words: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> str:
    """The sentence of a CODE or CODE.case, with these words in it."""
    words = dict(words)
    said = SENTENCES.get(name, "That is not possible just now.")
    return said(words) if callable(said) else said.format_map(words)
