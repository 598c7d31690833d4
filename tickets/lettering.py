"""The letters of what is drawn here (printed tickets, pictures of shared links): with which font each stretch of a text
is drawn, and what no font can.

A font is opened by the first text that needs it. Chinese, Japanese and Korean take one that is too large to carry: it
comes with Debian's fonts-droid-fallback, which `make run` and `make test` install where they can.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf.bidi import BidiParagraph
from fpdf.enums import TextDirection
from fpdf.unicode_script import UnicodeScript, get_unicode_script

FONTS = Path(__file__).parent / "fonts"
EAST_ASIAN = "droid-sans-fallback"
EAST_ASIAN_AT = Path("/usr/share/fonts-droid-fallback/truetype/DroidSansFallback.ttf")
EMOJI = "noto-emoji"

# What steps in where the font that was asked for lacks a character: by its script, as Unicode names it.
BY_SCRIPT = {
    "ARABIC": "arabic",
    "ARMENIAN": "armenian",
    "BENGALI": "bengali",
    "DEVANAGARI": "devanagari",
    "ETHIOPIC": "ethiopic",
    "GEORGIAN": "georgian",
    "GUJARATI": "gujarati",
    "GURMUKHI": "gurmukhi",
    "HEBREW": "hebrew",
    "KANNADA": "kannada",
    "KHMER": "khmer",
    "LAO": "lao",
    "MALAYALAM": "malayalam",
    "MEETEI_MAYEK": "meitei",
    "MYANMAR": "myanmar",
    "OL_CHIKI": "olchiki",
    "ORIYA": "odia",
    "SINHALA": "sinhala",
    "TAMIL": "tamil",
    "TELUGU": "telugu",
    "THAANA": "thaana",
    "THAI": "thai",
}
# How a script is called where Unicode's name would puzzle people.
_CALLED = {"HAN": "Chinese", "HANGUL": "Korean", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "ORIYA": "Odia"}
_OF_NO_SCRIPT = (UnicodeScript.COMMON, UnicodeScript.INHERITED, UnicodeScript.UNKNOWN)


def file_of(font: str) -> Path:
    return EAST_ASIAN_AT if font == EAST_ASIAN else FONTS / f"{font}.ttf"


@cache
def signs_of(font: str) -> frozenset[int]:
    """The code points that a font has; none where it is not installed."""
    if not file_of(font).exists():
        return frozenset()
    with TTFont(file_of(font), lazy=True) as opened:
        return frozenset(opened.getBestCmap() or ())


def runs(words: str, font: str) -> list[tuple[str, str, TextDirection]]:
    """[(text, the font that draws it, its direction)] of a line as it stands from left to right (Unicode's UAX 9), in
    `font` where that has the characters. The words are as shown() gives them.
    """
    paragraph = BidiParagraph(text=words, preserve_bn_chars=True)
    fonts = _fonts(words, font)
    made = []
    for (name, level), stretch in groupby(
        paragraph.get_reordered_characters(), lambda each: (fonts[each.character_index], each.embedding_level)
    ):
        text = "".join(each.character for each in stretch)
        if name is None:
            continue
        # A stretch from right to left is handed on in reading order: its letters join before they are laid out.
        made.append((text[::-1], name, TextDirection.RTL) if level % 2 else (text, name, TextDirection.LTR))
    return made


def shown(words: object) -> str:
    """A text as it is printed: its spaces single, and what no font here has said by its kind, as in
    "[Tibetan letters]".
    """
    text = unicodedata.normalize("NFC", " ".join(str(words).split()))
    parts = []
    for kind, stretch in groupby(_clusters(text), _missing):
        parts.append(f"[{kind}]" if kind else "".join(stretch))
    return "".join(parts)


def cannot_draw(words: str) -> str:
    """The characters of a text, each once, that a printed ticket would leave out; "" when it shows everything."""
    text = unicodedata.normalize("NFC", words)
    return "".join(dict.fromkeys(sign for cluster in _clusters(text) if _missing(cluster) for sign in cluster))


def paper_note(name: str | None) -> str | None:
    """What a person hears of a name that paper cannot show as it is; None when it can."""
    if not name or not cannot_draw(name):
        return None
    return f"On a printed ticket this name reads “{shown(name)}”. On the screen it stands as you typed it."


def _missing(cluster: str) -> str | None:
    """What stands for a sign and its marks on paper, or None when a font has them."""
    if cluster.isspace() or _font(cluster, "archivo-regular", None):
        return None
    script = get_unicode_script(cluster[0])
    if script in _OF_NO_SCRIPT:
        return "sign"
    return f"{_CALLED.get(script.name) or script.name.replace('_', ' ').title()} letters"


def _fonts(words: str, font: str) -> list[str | None]:
    """For each character its font, or None for one that leaves no mark. A word that the wider Latin font has whole is
    not torn between two."""
    found: list[str | None] = []
    last = None
    for word in re.split("( )", words):
        whole = next((name for name in (font, "noto-sans") if _needs(word) <= signs_of(name)), None)
        for cluster in _clusters(word):
            last = whole if whole and not cluster.isspace() else _font(cluster, font, last) or font
            found += [last if not _is_silent(sign) or ord(sign) in signs_of(last) else None for sign in cluster]
    return found


def _font(cluster: str, font: str, last: str | None) -> str | None:
    """The font for a sign with its marks, or None where there is none. A space or a comma stays with the stretch before
    it where that font has one, so that words are not torn apart."""
    needs = _needs(cluster)
    return next((name for name in _candidates(cluster[0], font, last) if needs <= signs_of(name)), None)


def _needs(text: str) -> set[int]:
    return {ord(sign) for sign in text if not _is_silent(sign)}


def _candidates(sign: str, font: str, last: str | None) -> Iterator[str]:
    script = get_unicode_script(sign)
    if last and script in _OF_NO_SCRIPT:
        yield last
    yield font
    yield "noto-sans"
    if script.name in BY_SCRIPT:
        yield f"noto-sans-{BY_SCRIPT[script.name]}"
    yield EMOJI
    yield EAST_ASIAN


def _clusters(text: str) -> list[str]:
    """The text cut before every character that is no mark of the one before it."""
    found: list[str] = []
    for sign in text:
        if found and (_is_silent(sign) or unicodedata.category(sign).startswith("M")):
            found[-1] += sign
        else:
            found.append(sign)
    return found


def _is_silent(sign: str) -> bool:
    """Whether it only tells how its neighbours are drawn: joiners, choices of a picture or of a skin, directions."""
    return (
        unicodedata.category(sign) in ("Cf", "Cc")
        or "\ufe00" <= sign <= "\ufe0f"
        or "\U0001f3fb" <= sign <= "\U0001f3ff"
    )
