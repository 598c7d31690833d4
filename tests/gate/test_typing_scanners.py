"""Scanners that type: however they end a text, however slow they are, and whatever keyboards the two are set to."""

import json
import string

import pytest

import qr_codes
from bench.qr_forgery import Forger
from tests.gate.test_gate_phone import NODE, node, told

pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")

LINK = "http://127.0.0.1:5000/gate#pair=aZ-9_yQwMmZz01234567"


def keyboard(letters, digits, **signs):
    """{character: (place of its key, with Shift)} of a keyboard. `letters` says which key differs from the American,
    `digits` whether they take Shift, `signs` {place: "plain and shifted"}."""
    made = {}
    for letter in string.ascii_lowercase:
        place = f"Key{letters.get(letter, letter).upper()}"
        made[letter], made[letter.upper()] = (place, False), (place, True)
    made |= {digit: (f"Digit{digit}", digits) for digit in string.digits} | {" ": ("Space", False)}
    for place, (plain, shifted) in signs.items():
        made |= {plain: (place, False), shifted: (place, True)}
    return made


AMERICAN = keyboard(
    {},
    False,
    Minus="-_",
    Equal="=+",
    Semicolon=";:",
    Period=".>",
    Slash="/?",
    Digit3="3#",
    Digit4="4$",
    Digit5="5%",
    Digit8="8*",
)
GERMAN = keyboard(
    {"y": "z", "z": "y"}, False, Slash="-_", Period=".:", BracketRight="+*", Backslash="#'",
    Digit4="4$", Digit5="5%", Digit7="7/", Digit8="8(", Digit0="0=", Minus="ß?", Semicolon="öÖ",
)  # fmt: skip
FRENCH = keyboard(
    {"a": "q", "q": "a", "w": "z", "z": "w"}, True, Digit3='"3', Digit4="'4", Digit5="(5", Digit6="-6", Digit8="_8",
    Equal="=+", KeyM=",?", Comma=";.", Period=":/", Slash="!§", Quote="ù%", Backslash="*µ", BracketRight="$£",
    Semicolon="mM",
)  # fmt: skip
FRENCH |= {"m": ("Semicolon", False), "M": ("Semicolon", True)}
KEYBOARDS = {"American": AMERICAN, "German": GERMAN, "French": FRENCH}


def typed(text, scanner, phone, caps=False):
    """[(key, code, shiftKey)] as the phone's browser tells of them."""
    signs = {where: sign for sign, where in KEYBOARDS[phone].items()}
    strokes = []
    for sign in text:
        place, shift = KEYBOARDS[scanner][sign]
        key = signs.get((place, shift), "Dead")
        turned = key.swapcase() if caps and len(key.swapcase()) == 1 else key
        strokes.append((turned, place, shift))
    return strokes


ENDS = {"Enter": [("Enter", "Enter", False)], "Tab": [("Tab", "Tab", False)], "nothing": []}


@pytest.fixture(scope="module")
def scanners(tmp_path_factory):
    """run(cases): what the page heard of each, [{read, kept}]."""
    forger = Forger(7)
    file = tmp_path_factory.mktemp("typing") / "cases.json"

    def run(cases):
        file.write_text(json.dumps({"keys": told(forger.place)["keys"], "cases": cases}))
        return node("gate_typing.mjs", file)

    run.forger = forger
    return run


def test_every_ticket_is_read_however_it_is_typed(scanners):
    """Two codes between three keyboards each way, with and without Caps Lock, at two speeds, with three ends."""
    codes = [scanners.forger.code() for _ in range(2)]
    codes[1] += "/12345678"
    cases, meant = [], []
    for code in codes:
        for scanner in KEYBOARDS:
            for phone in KEYBOARDS:
                for caps in (False, True):
                    for end, keys in ENDS.items():
                        gap = 8 if caps else 80
                        cases.append({"strokes": typed(code, scanner, phone, caps) + keys, "gap": gap})
                        meant.append((code, f"{scanner} scanner, {phone} phone, caps {caps}, {end}"))
    heard = scanners(cases)
    static = [
        (said["read"], code, why) for said, (code, why) in zip(heard, meant, strict=True) if said["read"] != [code]
    ]
    assert static == [] and len(cases) == 108
    assert all(all(said["kept"]) for said in heard), "the key that ends a code presses nothing"


def test_pairing_links_and_short_codes_are_typed_too(scanners):
    short = qr_codes.short_code(bytes(range(8)))
    cases = [
        {"strokes": typed(LINK, "American", "American", True) + ENDS["Enter"], "gap": 80},
        {"strokes": typed(LINK, "American", "German") + ENDS["Tab"], "gap": 20},
        {"strokes": typed(short, "American", "American", True) + ENDS["Enter"], "gap": 80},
        {"strokes": typed(short, "American", "German") + ENDS["nothing"], "gap": 120},
    ]
    read = [said["read"] for said in scanners(cases)]
    assert read[:2] == [[LINK], [LINK]]
    assert [text.upper() for [text] in read[2:]] == [short, short]


def test_what_is_no_code_is_heard_and_what_is_typed_by_hand_is_not(scanners):
    code = scanners.forger.code()
    ean = typed("4006381333931", "American", "American")
    cases = [
        {"strokes": ean + ENDS["Enter"], "gap": 20},
        {"strokes": typed(code[:60], "American", "American") + ENDS["Enter"], "gap": 20},
        {"strokes": typed("asha rao", "American", "American") + ENDS["Enter"], "gap": 90, "field": True},
        {"strokes": typed("ok", "American", "American") + ENDS["Enter"], "gap": 200},
        {"strokes": ENDS["Enter"], "gap": 200},
        {"strokes": typed(code, "American", "American", True) + ENDS["Enter"] * 2, "gap": 20, "field": True},
        {"strokes": typed(code, "American", "American") + ENDS["Tab"] + ENDS["Enter"], "gap": 20},
    ]
    heard = scanners(cases)
    assert [said["read"] for said in heard] == [[None], [code[:60]], [], [], [], [code], [code]]
    assert [said["kept"] for said in heard] == [[True], [True], [False], [False], [False], [True, True], [True, True]]
