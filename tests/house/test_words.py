"""One word per idea, everywhere people read: what a word stands for is said by the same word on every page, in every
mail and by every script.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# The words that are not ours: (pattern, what we say instead).
NOT_OURS = (
    (r"grand ?stands?|tribunes?", "stand"),
    (r"(seating )?blocks? [A-Z0-9]\b|sections? [A-Z0-9]\b", "bay"),
    (r"parking (spaces?|spots?|places?|lots?)|car spaces?", "parking bay"),
    (r"entrances?|entry gates?", "gate"),
    (r"reimburse\w*|chargebacks?|your cash back", "refund"),
    (r"code dies|code is dead", "your code stops working"),
    (r"(your|the) money goes back to (you|whoever)", "comes back"),
    (r"where I am", "Use my location"),
    (r"leg before", "LBW"),
    (r"looking on", "Viewing only"),
    (r"fair (ball|delivery)", "legal ball"),
)
READ = [
    *ROOT.glob("templates/**/*.html"),
    *ROOT.glob("templates/**/*.txt"),
    *ROOT.glob("static/js/**/*.js"),
    *(path for room in ("booking", "tickets", "gate", "seating", "catalogue") for path in ROOT.glob(f"{room}/**/*.py")),
    *ROOT.glob("views/*.py"),
    *ROOT.glob("cricket/board/*.py"),
]
COMMENT = re.compile(r"\{#.*?#\}|/\*.*?\*/|^\s*(//|#).*?$|\"\"\".*?\"\"\"", re.S | re.M)


@pytest.mark.parametrize(("pattern", "ours"), NOT_OURS)
def test_an_idea_has_one_word(pattern, ours):
    found = [
        f"{path.relative_to(ROOT)}: {match.group(0)!r}"
        for path in READ
        for match in re.finditer(rf"\b({pattern})", COMMENT.sub("", path.read_text(encoding="utf-8")), re.I)
    ]
    assert not found, f"we say {ours!r}: {found}"
