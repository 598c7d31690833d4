"""A wish in somebody's own words: "terns this weekend, 4 of us under A$60 in the shade" → what is asked for, and the
words that are left to search with.

Pure: no database, no request, no clock. Nothing is dropped without a word: what is not understood stays in the rest.
"""

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

from models.currencies import SIGNS

MOST_PEOPLE = 99
NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
DAYS = "mon tue wed thu fri sat sun".split()
_MONTHS = "january february march april may june july august september october november december".split()
MONTHS = [name[:3] for name in _MONTHS]
# When something is played, as an address carries it, beside a date (YYYY-MM-DD) and a weekday of DAYS.
SPANS = {
    "today": "Today",
    "tonight": "Tonight",
    "tomorrow": "Tomorrow",
    "weekend": "This weekend",
    "next-weekend": "Next weekend",
    "week": "This week",
    "next-week": "Next week",
}
WEEKDAYS = {day: name for day, name in zip(DAYS, "Mon Tues Wednes Thurs Fri Satur Sun".split(), strict=True)}
# What people write for a currency that has a sign; other codes are words ("all", "try", "top"), and ask for none. So
# does a bare $, which may be any dollar.
CURRENCIES = {
    **{sign.casefold(): code for code, sign in SIGNS.items()},
    **{code.casefold(): code for code in SIGNS},
    **{"au$": "AUD", "ca$": "CAD", "pound": "GBP", "quid": "GBP", "euro": "EUR", "rupee": "INR", "yen": "JPY"},
}
FORMATS = {
    "t20": "T20", "t20s": "T20", "t-20": "T20", "twenty20": "T20", "odi": "ODI", "list a": "List A", "test": "Test",
    "tests": "Test", "hundred": "Hundred", "first-class": "First-class", "first class": "First-class",
}  # fmt: skip
# Words between the words, which no fixture is looked for by.
FILLERS = frozenset(
    """a an the and or of on in at to for with from by near we us i me my our is are be there what whats show find see
    watch want need like would please any some seat seats ticket tickets match matches game games play playing cricket
    book buy get each person people next together""".split()
)

_N = rf"(?:\d{{1,2}}|{'|'.join(NUMBERS)}|a couple|couple)"
_SYMBOLS = "|".join(re.escape(sign) for sign in CURRENCIES if not sign[-1].isalpha())
_CODES = "|".join(word for word in CURRENCIES if word.isalpha())
# What the patterns below are made of.
_PARTS = {
    "N": rf"(?P<n>{_N})",
    "AMOUNT": rf"(?:(?P<sign>{_SYMBOLS}|\$|\b(?:{_CODES}))\s*|\b)(?P<amount>\d{{1,6}}(?:[.,]\d{{1,3}})?)(?![.,:]?\d)"
    rf"(?:\s*(?P<unit>(?:{_CODES}|dollar|buck)s?\b|{_SYMBOLS}|\$)|\b)",
    "EACH": r"(?:\s+(?:each|pp|per\s+\w+|an?\s+(?:head|seat|person|ticket|piece)))?",
    "ALL": r"(?P<all>\s+(?:in\s+total|total|altogether|in\s+all|for\s+(?:all|everyone|everybody)))?",
    "MOST": r"(?:\b(?:under|below|less\s+than|cheaper\s+than|up\s+to|at\s+most|max(?:imum)?(?:\s+of)?|within|"
    r"no(?:t)?\s+(?:more\s+than|over)|budget(?:\s+of)?)|<=?|≤)\s*",
    # What makes of a number after "up to" no price.
    "OTHER": r"(?!\s*(?:people|persons?|seats?|tickets?|of\s+us|friends?|guests?|adults?|kids?|child|km|mi|minutes?|"
    r"hours?|overs?|days?|weeks?|years?|am\b|pm\b))",
    "MONTH": rf"(?P<month>(?:{'|'.join(MONTHS)})[a-z]*)",
    "DAY": r"(?P<d>\d{1,2})(?:st|nd|rd|th)?",
    "YEAR": r"(?:,?\s+(?P<year>20\d\d))?",
    "WEEKDAY": r"(?P<day>mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?",
    "FORMAT": rf"(?P<format>{'|'.join(re.escape(name) for name in sorted(FORMATS, key=len, reverse=True))})",
    "KIND": r"\s+(?:adults?|kids?|children|child|concessions?|seniors?|pensioners?|students?)",
    "WHEELCHAIR": r"(?:wheel[ -]?chairs?(?:\s+(?:spaces?|spots?|places?|seats?|users?|access))?|"
    r"(?:accessible|disabled)(?:\s+(?:access|seats?|spaces?))?)",
}


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: `asked` is {field of catalogue.search.Wanted: value}, `rest` the words that are left."""

    asked: dict[str, str] = field(default_factory=dict)
    rest: str = ""


def read_wish(text: str, today: date, *, names: Collection[str] = (), formats: Collection[str] = ()) -> Wish:
    """The Wish of a text.

    `today` dates what has no year. A word among `names` (plain words that something is called by) is no month and no
    weekday: "april" may be a player. A format that is not among `formats`, where they are given, stays a word.
    """
    known = _Known(today, frozenset(names), frozenset(formats))
    left, asked, in_all = _even(text), {}, False
    for pattern, read in _READERS:
        parts, start = [], 0
        for match in pattern.finditer(left):
            found = read(match, known)
            # "no shade" and "not on Saturday" ask for something that is not offered here: they stay words.
            # Nor can "today or tomorrow" be asked for: the second stays a word.
            is_second = any(asked.get(name, value) != value for name, value in found.items())
            if not found or is_second or _DENIED.search(left[: match.start()]):
                continue
            asked |= found
            in_all = in_all or bool(match.groupdict().get("all"))
            parts += [left[start : match.start()], _GAP]
            start = match.end()
        left = "".join([*parts, left[start:]])
    if not asked:
        return Wish({}, " ".join(text.split()))
    if in_all and "people" in asked:
        asked["price"] = _shared(asked["price"], int(asked["people"]))
    words = [word.strip(",;.!?+&") for word in re.split(rf"[\s{_GAP}]+", left)]
    return Wish(asked, " ".join(word for word in words if re.search(r"\w", word) and word.casefold() not in FILLERS))


def read_price(text: str) -> str:
    """ "A$60", "60 AUD" → "AUD 60"; "60" → "60"; "" for what is no price."""
    match = re.fullmatch(rf"\s*{_PARTS['AMOUNT']}\s*", _even(text), re.IGNORECASE | re.ASCII)
    return _price_of(match) if match else ""


def is_when(value: str) -> bool:
    """Is this something that `when` may be: a span, a weekday, or a date that there is?"""
    return value in SPANS or value in DAYS or value.removeprefix("next-") in DAYS or _date(value) is not None


def days_of_when(when: str, today: date) -> tuple[date, date]:
    """(first day, last day) that `when` means where it is `today`."""
    monday = today - timedelta(today.weekday())
    named = when.removeprefix("next-")
    if when in ("today", "tonight"):
        return today, today
    if when == "tomorrow":
        return today + timedelta(1), today + timedelta(1)
    if named in ("weekend", "week"):
        first = monday + timedelta((5 if named == "weekend" else 0) + (0 if named == when else 7))
        return first, monday + timedelta(6 + (0 if named == when else 7))
    if named in DAYS:
        day = monday + timedelta(DAYS.index(named))
        # A weekday is the next there is; "next Saturday" is that of the week after this one.
        day += timedelta(7 if named != when or day < today else 0)
        return day, day
    day = _date(when)
    if day is None:
        raise ValueError(f"{when!r} is no time to play at")
    return day, day


def words_of_when(when: str) -> str:
    """A `when` for people: "This weekend", "Saturday of next week", "Sat 12 December"."""
    if when in SPANS:
        return SPANS[when]
    named = when.removeprefix("next-")
    if named in DAYS:
        return f"{WEEKDAYS[named]}day{' of next week' if named != when else ''}"
    day = _date(when)
    return f"{day:%a} {day.day} {day:%B}" if day else when


# --- readers --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Known:
    today: date
    names: frozenset[str]
    formats: frozenset[str]


_Reader = Callable[[re.Match[str], _Known], dict[str, str]]
_GAP = "\x1f"  # stands where something was understood, so that its neighbours do not become one phrase
_DENIED = re.compile(r"\b(?:no|not|without|except|isn't|aren't|never)(?:\s+(?:in|on|at|the|a|any|this))*\s*\Z", re.I)


def _even(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("’", "'").replace(_GAP, " ")


def _number(text: str) -> int:
    text = text.casefold()
    if text.endswith("couple"):
        return 2
    return NUMBERS.index(text) + 1 if text in NUMBERS else int(text)


def _people(match: re.Match[str], known: _Known) -> dict[str, str]:
    numbers = re.findall(rf"\b({_N})\b", match[0], re.IGNORECASE)
    number = sum(_number(each) for each in numbers)
    return {"people": str(number)} if 0 < number <= MOST_PEOPLE else {}


def _few(match: re.Match[str], known: _Known) -> dict[str, str]:
    """A number with nothing beside it, next to something understood: "4 under 60". A larger one may be a match's."""
    return _people(match, known) if _number(match["n"]) <= len(NUMBERS) else {}


def _price(match: re.Match[str], known: _Known) -> dict[str, str]:
    return {"price": _price_of(match)}


def _money(match: re.Match[str], known: _Known) -> dict[str, str]:
    """An amount alone is a price only where a currency stands beside it."""
    return _price(match, known) if match["sign"] or match["unit"] else {}


def _price_of(match: re.Match[str]) -> str:
    said = (match["sign"] or match["unit"] or "").casefold()
    currency = CURRENCIES.get(said) or CURRENCIES.get(said.rstrip("s"), "")
    amount = re.sub(r",(?=\d{3}\Z)", "", match["amount"])  # 1,200 has a separator, 45,50 a decimal comma
    return _joined(currency, Decimal(amount.replace(",", ".")))


def _joined(currency: str, amount: Decimal) -> str:
    return f"{currency} {amount.normalize():f}".strip()


def _shared(price: str, people: int) -> str:
    """What one may pay where all together may pay this."""
    currency, _, amount = price.rpartition(" ")
    return _joined(currency, (Decimal(amount) / people).quantize(Decimal("0.01"), ROUND_DOWN))


def _flag(name: str, value: str = "1") -> _Reader:
    return lambda match, known: {name: value}


def _accessible(match: re.Match[str], known: _Known) -> dict[str, str]:
    return {"accessible": "1", **(_people(match, known) if match["n"] else {})}


def _format(match: re.Match[str], known: _Known) -> dict[str, str]:
    name = FORMATS[" ".join(match["format"].casefold().split())]
    return {"format": name} if not known.formats or name in known.formats else {}


def _span(match: re.Match[str], known: _Known) -> dict[str, str]:
    said = re.sub(r"\W+", "-", match["span"].casefold())
    said = {"this-evening": "tonight", "the-weekend": "weekend"}.get(said, said.removeprefix("this-"))
    if said.endswith("month"):
        first = known.today.replace(day=1)
        first = (first + timedelta(32)).replace(day=1) if said == "next-month" else first
        return {"month": f"{first:%Y-%m}"}
    return {"when": said}


def _on_date(match: re.Match[str], known: _Known) -> dict[str, str]:
    part = match.groupdict()
    month = _month(part.get("month")) if part.get("month") else int(part["m"])
    if not month:
        return {}
    day, year = int(match["d"]), part.get("year")
    for try_year in (int(year),) if year else range(known.today.year, known.today.year + 9):
        found = _date(f"{try_year:04d}-{month:02d}-{day:02d}")
        if found and (year or found >= known.today - timedelta(1)):  # west of here it is still yesterday
            return {"when": found.isoformat()}
    return {}


def _in_month(match: re.Match[str], known: _Known) -> dict[str, str]:
    month = _month(match["month"])
    if not month or (match["month"].casefold() in known.names and not match["before"]):
        return {}
    year = int(match["year"]) if match["year"] else known.today.year + (month < known.today.month)
    return {"month": f"{year}-{month:02d}"}


def _weekday(match: re.Match[str], known: _Known) -> dict[str, str]:
    word, before = match["day"].casefold(), (match["before"] or "").casefold()
    if before == "the" or (word in known.names and not before):  # "in the sun"
        return {}
    return {"when": f"{'next-' if before == 'next' else ''}{word[:3]}"}


def _month(word: str | None) -> int | None:
    """12 of "dec", "Decem" and "december"; None of what is no month."""
    word = (word or "").casefold()
    for number, name in enumerate(_MONTHS, 1):
        if name.startswith(word):
            return number
    return 9 if word == "sept" else None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        return None


def _reader(pattern: str, read: _Reader) -> tuple[re.Pattern[str], _Reader]:
    for name, part in _PARTS.items():
        pattern = pattern.replace(f"<{name}>", part)
    return re.compile(pattern, re.IGNORECASE), read


# In this order: a price is no number of people, and a date is neither.
_READERS = tuple(
    _reader(pattern, read)
    for pattern, read in (
        (r"\b(?:on\s+)?(?P<year>20\d\d)-(?P<m>\d\d)-<DAY>\b", _on_date),
        (r"\b(?:on\s+)?(?:the\s+)?<DAY>\s+(?:of\s+)?<MONTH><YEAR>\b", _on_date),
        (r"\b(?:on\s+)?<MONTH>\s+(?:the\s+)?<DAY>\b<YEAR>\b", _on_date),
        (r"(?<![\w.,$£€/])(?:on\s+)?<DAY>/(?P<m>\d{1,2})(?:/(?P<year>20\d\d))?(?![\w/])", _on_date),
        (r"(?<![\w.,$£€])(?:on\s+)?<DAY>\.(?P<m>\d{1,2})\.(?P<year>20\d\d)?(?![\w.])", _on_date),
        (r"<MOST><AMOUNT><OTHER><EACH><ALL>", _price),
        (r"<AMOUNT>\s*(?:or\s+(?:less|under|below)|max(?:imum)?|at\s+most|tops)\b<EACH><ALL>", _price),
        (r"<AMOUNT><EACH><ALL>", _money),
        (rf"\b<N><KIND>(?:\s*(?:,|and|&|\+)\s*{_N}<KIND>)*\b", _people),
        (r"\b(?:<N>\s+)?<WHEELCHAIR>\b", _accessible),
        (
            r"\b(?:(?:for|the|all)\s+)*<N>\s+(?:of\s+us|people|persons?|seats?|tickets?|friends|guests|fans|spots|places|"
            r"pax)(?:\s+together)?\b",
            _people,
        ),
        (r"\b(?:family|party|group|table)\s+of\s+<N>\b(?:\s+together)?", _people),
        (r"\b(?:seats?\s+)?together\s+(?:for\s+)?<N>\b", _people),
        (r"\b(?:for\s+)?(?:us\s+)?<N>\s+together\b", _people),
        (
            r"\bfor\s+(?:the\s+|us\s+)?<N>\b(?!\s*(?:days?|hours?|nights?|overs?|weeks?|km|am|pm|o'clock|[:.]\d))",
            _people,
        ),
        (r"\b(?:just\s+me|on\s+my\s+own|for\s+myself)\b", _flag("people", "1")),
        (r"\b(?:seats?\s+)?together\b", _flag("people", "2")),
        (
            r"\b(?:(?:in|with|under)\s+)?(?:the\s+|some\s+)?(?:shade|shady|shaded)\b|\bout\s+of\s+the\s+sun\b",
            _flag("shade"),
        ),
        (
            r"\b(?:(?:near|close\s+to|around)\s+(?:me|here|us)|nearby|close\s+by|nearest|closest|in\s+my\s+area)\b",
            _flag("near", "me"),
        ),
        (r"\b<FORMAT>(?:\s+match(?:es)?)?\b", _format),
        (
            r"\b(?:on\s+|at\s+)?(?P<span>(?:(?:this|next|the)\s+)?weekend|tonight|this\s+evening|today|tomorrow|"
            r"(?:this|next)\s+(?:week|month))\b",
            _span,
        ),
        (r"\b(?:(?P<before>in|during)\s+)?<MONTH><YEAR>\b", _in_month),
        (r"\b(?:(?P<before>on|this|next|the)\s+)?<WEEKDAY>\b", _weekday),
        (rf"\b<N>\b[\s,;]*(?={_GAP})", _few),
        (rf"{_GAP}[\s,;]*<N>\s*(?=\Z|[,;])", _few),
    )
)
