"""What people call themselves, their friends and their phones, as it is kept: what cannot be seen is not, and all else
stands as it was typed, in one normal form.
"""

import re
import unicodedata

from outside import CONTROL, UNKEPT
from refusals import Refused, sentences

LONGEST_NAME = 100  # characters, the same wherever a name is typed

sentences(
    {
        "BAD_NAME": "Enter a name with at least one letter, figure or sign that can be seen.",
        "BAD_NAME.long": f"Use at most {LONGEST_NAME} characters for a name.",
    }
)

# Characters that look like a blank, though Unicode counts them as letters and signs.
_BLANKS = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
# What leaves no mark, or turns the letters around it (Unicode's Default_Ignorable_Code_Point, and the anchors of
# annotations). Joiners and selectors of a variant are looked at one by one.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u17b4\u17b5\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
_SHAPING = re.compile("[\u180b-\u180f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# Where those make a difference: joiners inside words of Arabic, the scripts of India and their neighbours (as RFC 5892,
# appendix A, has it) and between emoji; selectors behind a letter of Mongolian, an ideograph, a sign.
_JOINED = "\u0620-\u109f\u1700-\u1cff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00011fff\U0001e900-\U0001e95f"
_EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
_SHAPES = re.compile(
    f"(?<=[{_JOINED}])[\u200c\u200d](?=[{_JOINED}])|(?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}])"
    "|(?<=[\u1820-\u18aa])[\u180b-\u180f]|(?<=[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\ufe00-\ufe02"
    f"\U000e0100-\U000e01ef]|(?<=[{_EMOJI}#*0-9])[\ufe0e\ufe0f]"
)


def tidied(text: str | None, longest: int) -> str:
    """The text in one line without what cannot be seen, in NFC; "" where nothing is left to see.

    Far beyond `longest` it comes back as it is, too long still: sorting a hundred thousand accents would take minutes.
    """
    text = text or ""
    if len(text) > 10 * longest:
        return text
    text = _UNSEEN.sub("", CONTROL.sub("", UNKEPT.sub("", _BLANKS.sub(" ", text))))
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    shapes = {found.start() for found in _SHAPES.finditer(text)}
    text = _SHAPING.sub(lambda found: found[0] if found.start() in shapes else "", text).strip()
    return text if any(unicodedata.category(c)[0] in "LNPS" for c in text) else ""


def read_name(text: str | None) -> str:
    """A name as it is kept, 1 to LONGEST_NAME characters; or Refused BAD_NAME."""
    name = tidied(text, LONGEST_NAME)
    if not name:
        raise Refused("BAD_NAME", status=422)
    if len(name) > LONGEST_NAME:
        raise Refused("BAD_NAME.long", status=422)
    return name
