"""Names of people as mails say them. Anybody types a name, and a mail carries it under our own to somebody else: so it
holds nothing that a mail program makes a link of, and never stands where our own words should.
"""

import re
import unicodedata

LONGEST = 60
KEPT = " '’-.,&()\u200c\u200d"  # besides letters, marks and figures; the last two join letters of some scripts
UNNAMED = "somebody"


def plain_name(name: str | None) -> str:
    """The name without what makes an address of it: "http://win.example/x" → "http win. example x". A dot is followed
    by a space, as in "J. R. Smith"; long numbers, signs and invisible characters are left out.
    """
    text = unicodedata.normalize("NFKC", name or "")
    text = "".join(c if c in KEPT or unicodedata.category(c)[0] in "LMN" else " " for c in text)
    text = re.sub(r"\d{4,}", " ", text)
    text = re.sub(r"\.(?=\S)", ". ", text)
    text = " ".join(text.split())[:LONGEST].strip()
    return text if any(c.isalpha() for c in text) else UNNAMED
