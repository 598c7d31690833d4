"""Words as they are compared where people search or confirm: "José O’Connor-Núñez" is "jose oconnor nunez". The
database folds by the same rule, in migrations/sql/identity/plain.sql.
"""

import re
import unicodedata

# Apostrophes; accents and points and what is not seen; what stands between words: the classes of the file in SQL,
# character for character.
APOSTROPHES = r"['\u2018\u2019\u201b\u2032\u0060\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\uff07]"
MARKS = (
    r"[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    r"\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u093c\u09bc\u0a3c\u0abc\u0b3c\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u3099\u309a\u00ad\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]"
)
GAPS = (
    r"[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u00d7\u00f7\u02c2-\u02df\u0589\u058a\u05be\u060c\u061b"
    r"\u061f\u066a-\u066d\u06d4\u0964\u0965\u0df4\u1680\u2000-\u206f\u2e00-\u2e7f\u3000-\u303f\u30fb]+"
)
# Letters that are written with others where a keyboard has none of them.
LETTERS = {
    **{"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ø": "o", "ł": "l"},
    **{"đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ς": "σ"},
}


def plain(text: str) -> list[str]:
    """ "Zoë Müller-Ford" → ["zoe", "muller", "ford"]: small letters, no accents or apostrophes, words apart."""
    bare = re.sub(MARKS, "", unicodedata.normalize("NFKD", re.sub(APOSTROPHES, "", text))).lower()
    for letter, written in LETTERS.items():
        bare = bare.replace(letter, written)
    return re.sub(GAPS, " ", bare).split()


def same_words(typed: str, meant: str) -> bool:
    """Whether somebody who typed this meant that name: quotes of any shape, any dash, accents, case and blanks do not
    matter.
    """
    return plain(typed) == plain(meant) and bool(plain(meant) or typed.strip() == meant.strip())
