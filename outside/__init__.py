"""What comes from outside, read so that nothing behind it has to fear it: texts that can be kept, JSON of bounded
depth, whole numbers; and by a file each names, addresses, plates, and the words that things are found by.

PostgreSQL keeps no NUL, half of a surrogate pair is no character, and no honest word holds a control character.
"""

import json
import math
import re
from typing import Any, NoReturn

DEEPEST = 20  # lists and objects within each other; the deepest honest one, an event of Stripe's, has about ten

UNKEPT = re.compile("[\0\ud800-\udfff]")
CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # all but tab and the ends of lines
BAD = re.compile(f"{UNKEPT.pattern[:-1]}{CONTROL.pattern[1:]}")


def parse_json(raw: bytes | str) -> Any:
    """The value in this JSON (RFC 8259, so without NaN and Infinity). ValueError for what is none, cannot be counted
    in, or is nested deeper than DEEPEST.
    """
    try:
        found = json.loads(raw, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    opened = ("[", "{") if isinstance(raw, str) else (b"[", b"{")
    if sum(map(raw.count, opened)) > DEEPEST:  # with fewer nothing can be deeper
        _check_depth(found)
    return found


def can_be_kept(value: Any) -> bool:
    """Whether every text in this text or JSON value is free of control characters and halves of surrogate pairs."""
    if isinstance(value, str):
        return not BAD.search(value)
    if isinstance(value, dict):
        return all(can_be_kept(name) and can_be_kept(inner) for name, inner in value.items())
    return all(map(can_be_kept, value)) if isinstance(value, list) else True


def whole_number(text: object, longest: int = 18) -> int | None:
    """The number that these digits say, 0 to 9 and at most `longest` of them, or None for every other text.

    Python's own isdigit is true of "²", which int() does not read, and of digits that no column of ours takes.
    """
    return int(text) if isinstance(text, str) and re.fullmatch(f"[0-9]{{1,{longest}}}", text) else None


def mended(value: Any) -> Any:
    """The same text or JSON value with U+FFFD for each character that cannot be kept: for what we may not refuse."""
    if isinstance(value, str):
        return BAD.sub("\ufffd", value)
    if isinstance(value, dict):
        return {mended(name): mended(inner) for name, inner in value.items()}
    return [mended(inner) for inner in value] if isinstance(value, list) else value


def _check_depth(value: Any, left: int = DEEPEST) -> None:
    if isinstance(value, dict | list):
        if not left:
            raise ValueError("nested too deeply")
        for inner in value.values() if isinstance(value, dict) else value:
            _check_depth(inner, left - 1)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number too large to count in")
    return number
