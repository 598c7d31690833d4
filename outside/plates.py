"""Number plates as they are kept: as they were typed, in whatever script, so that a steward reads what hangs on the
car. They are compared by app.plate_key().
"""

import re
import unicodedata

from outside.names import tidied
from refusals import Refused, sentences

LONGEST_PLATE = 20  # characters with its blanks and signs

sentences({"BAD_PLATE": "Enter the number plate: two to ten letters and figures."})

_SIGNS = re.compile(r"[\s\-‐‑‒–.·•]")


def read_plate(text: str | None) -> str:
    """A plate of two to ten letters and figures of any script, with the blanks, dashes and dots between them; or
    Refused BAD_PLATE. Marks above and below letters are not counted.
    """
    plate = tidied(text, LONGEST_PLATE)
    kinds = [unicodedata.category(c) for c in _SIGNS.sub("", plate)]
    counted = sum(kind[0] == "L" or kind == "Nd" for kind in kinds)
    if (
        not 2 <= counted <= 10
        or len(plate) > LONGEST_PLATE
        or not all(k[0] in "LM" or k in ("Nd", "Cf") for k in kinds)
    ):
        raise Refused("BAD_PLATE", status=422)
    return plate
