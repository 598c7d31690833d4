"""Taking a file apart that may be wrong, truncated or hostile: every value is asked what it is before it is used."""

import json
import re
import unicodedata
from typing import Any, NoReturn

LARGEST_FILE = 20 * 1024 * 1024
DEEPEST = 12
LONGEST_NAME = 200
JOINERS = "\u200c\u200d"  # of which the scripts of India and Arabic have need inside a word
LONGEST_TEXT = 2000
MOST_VALUES = 20_000
MOST_WARNINGS = 50
OVERS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Malformed(ValueError):
    """The file is not a match; the sentence says where and why."""


def parse(raw: bytes) -> dict:
    """The document in these bytes: an object, of sound UTF-8, without doubled keys and without numbers
    that are none.
    """
    if len(raw) > LARGEST_FILE:
        raise Malformed(f"The file is larger than {LARGEST_FILE // 2**20} MB; no match is.")
    try:
        document = json.loads(
            raw.decode("utf-8-sig"), parse_float=str, parse_constant=no_number, object_pairs_hook=each_key_once
        )
    except UnicodeDecodeError:
        raise Malformed("The file is not text in UTF-8.") from None
    except RecursionError:
        raise Malformed("The file is nested too deeply.") from None
    except json.JSONDecodeError as wrong:
        raise Malformed(f"The file is not JSON, or breaks off: line {wrong.lineno}, column {wrong.colno}.") from None
    except Malformed:
        raise
    except ValueError:
        raise Malformed("The file holds a number too long to be one.") from None
    if not isinstance(document, dict):
        raise Malformed("The file is no match: its top is not an object.")
    return document


def no_number(word: str) -> NoReturn:
    raise Malformed(f"The file holds {word}, which is no number.")


def each_key_once(pairs: list[tuple[str, Any]]) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise Malformed(f"The key “{CONTROL.sub('?', twice[:40])}” stands twice in one object.")
    return found


class Reader:
    """Typed access to a parsed document; `where` names the place in the sentence of a refusal."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.known: set[str] = set()

    def warn(self, sentence: str) -> None:
        if len(self.warnings) < MOST_WARNINGS and sentence not in self.warnings:
            self.warnings.append(sentence[:400])

    def object(self, value: Any, where: str) -> dict:
        if not isinstance(value, dict):
            raise Malformed(f"{where} is missing or not an object.")
        return value

    def list(self, value: Any, where: str, most: int, least: int = 0) -> list:
        if not isinstance(value, list):
            raise Malformed(f"{where} is missing or not a list.")
        if not least <= len(value) <= most:
            raise Malformed(f"{where} holds {len(value)} entries; {least} to {most} can be.")
        return value

    def integer(self, value: Any, where: str, least: int, most: int) -> int:
        """A whole number, also as text (one family of files writes balls as text)."""
        if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Malformed(f"{where} is missing or not a whole number.")
        if not least <= value <= most:
            raise Malformed(f"{where} is {value if abs(value) < 10**9 else 'far too large'}; {least} to {most} can be.")
        return value

    def overs(self, value: Any, where: str) -> str:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**6 else value
        if not isinstance(text, str) or not OVERS.fullmatch(text):
            raise Malformed(f"{where} is not a number of overs.")
        return text

    def flag(self, value: Any, where: str) -> bool:
        if not isinstance(value, bool):
            raise Malformed(f"{where} is neither true nor false.")
        return value

    def name(self, value: Any, where: str, longest: int = LONGEST_NAME) -> str:
        if isinstance(value, str) and value in self.known and len(value) <= longest:
            return value
        if not isinstance(value, str) or not value.strip():
            raise Malformed(f"{where} is missing or not a text.")
        if len(value) > longest:
            raise Malformed(f"{where} is longer than {longest} characters.")
        if CONTROL.search(value):
            raise Malformed(f"{where} holds a control character.")
        kinds = {unicodedata.category(c) for c in value if c not in JOINERS}
        if "Cf" in kinds or not any(kind[0] in "LNPS" for kind in kinds):
            raise Malformed(f"{where} holds what cannot be seen.")
        self.known.add(value)
        return value

    def choice(self, value: Any, where: str, values: tuple) -> str:
        if not isinstance(value, str) or value not in values:
            raise Malformed(f"{where} is “{CONTROL.sub('?', str(value)[:40])}”; it can be {', '.join(values)}.")
        return value

    def plain(self, value: Any, where: str) -> None:
        """Refuse what could harm whoever stores or shows it: depth, length, control characters, absurd numbers."""
        todo, seen = [(value, 1)], 0
        while todo:
            one, depth = todo.pop()
            seen += 1
            if depth > DEEPEST or seen > MOST_VALUES:
                raise Malformed(
                    f"{where} is nested too deeply." if depth > DEEPEST else f"{where} holds too many values."
                )
            if isinstance(one, str):
                if len(one) > LONGEST_TEXT or CONTROL.search(one):
                    raise Malformed(f"{where} holds a text that is too long or has control characters.")
            elif isinstance(one, dict):
                todo += [(key, depth + 1) for key in one] + [(item, depth + 1) for item in one.values()]
            elif isinstance(one, list):
                todo += [(item, depth + 1) for item in one]
            elif isinstance(one, int) and abs(one) > 10**12:
                raise Malformed(f"{where} holds a number that is far too large.")
