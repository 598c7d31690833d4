"""A rule that a fan or owner can feel stands once: its words, figures or arithmetic in one file, and
the others ask it.
"""

import re

import pytest

from tests.house.test_layers import ROOT

PROGRAM = ("*.py", "*.sql", "*.html", "*.txt", "*.js")
APART = {"tests", "bench", "sandbox", "demo", "docs", "var", "node_modules", "versions", "vendor"}

# What only the home of a rule says: {a rule: (the words, its home)}.
HOMES = {
    "a lapsed hold is free": (
        r"state (?:=|<>) 'held'\s+(?:and|or) \(?(?:\w+\.)?expires_at (?:<|>)=? (?:clock|statement|now|v_now)",
        [],
    ),
    "when a hold is over": (
        r"b(?:ooking)?\w*\.expires_at (?:<=?|>=?) (?:clock_|statement_)?\w*now\w*|bk?\.expires_at [<>]",
        [],
    ),
    "how long a hold can last": (
        r"interval '30 minutes'|\bthirty minutes\b",
        ["migrations/sql/holds/longest_hold.sql"],
    ),
    "the grace of a payment": (
        r"expires_at \+ interval|return interval '5 minutes'|GRACE = timedelta",
        ["migrations/sql/holds/payment_grace.sql"],
    ),
    "how long a buyer rests": (r"make_interval\(mins => 5\)", ["migrations/sql/holds/hold_rest.sql"]),
    "how long an offer lasts": (r"make_interval\(mins => 10\)", ["migrations/sql/waiting/offer_time.sql"]),
    "how much may be held unpaid": (r"p_left / ", ["migrations/sql/holds/unpaid_share.sql"]),
    "how many declined cards": (r"offset [49]", ["migrations/sql/payments/card_pause.sql"]),
    "what a sale is": (
        r"sale_starts_at (?:<|>) (?:p_at|now|clock_timestamp)|sale_ends_at (?:<|>) (?:p_at|now|clock_timestamp)",
        ["migrations/sql/holds/sale_state.sql"],
    ),
    "what a line costs": (r"fee_bp \+ 5000|tax_bp \+ 5000", ["migrations/sql/holds/line_amounts.sql"]),
    "what comes back of a line": (r"share(?:_bp\W*)? \+ 5000", ["migrations/sql/payments/refund_of_line.sql"]),
    "what a policy says": (r"you get the full price|% of the price", ["booking/refunds.py"]),
    "until when one may give back": (
        r"until_hours.{0,4}\)::int|hours=\w*policy",
        ["migrations/sql/payments/refund_offer.sql"],
    ),
    "the policy of parking": (r"refund_policy\(24|.until_hours.[:,] 24", ["migrations/sql/parking/parking_policy.sql"]),
    "what parking is paid by": (
        r"hour_price \*|/ 3600\)",
        ["migrations/sql/parking/bay_offer.sql", "migrations/sql/parking/parking_hours.sql"],
    ),
    "when parking closes": (r"cutoff_minutes\) <", ["migrations/sql/parking/bay_offer.sql"]),
}


@pytest.fixture(scope="module")
def texts():
    found = {}
    for pattern in PROGRAM:
        for path in sorted(ROOT.rglob(pattern)):
            parts = path.relative_to(ROOT).parts
            if not APART & set(parts) and not parts[0].startswith("."):
                found[str(path.relative_to(ROOT))] = path.read_text()
    return found


@pytest.mark.parametrize("rule", HOMES)
def test_a_rule_stands_at_home_alone(texts, rule):
    words, home = HOMES[rule]
    assert [name for name, text in texts.items() if re.search(words, text)] == home


def test_browser_tests_wait_for_what_they_expect_to_see():
    """A click does not wait for the page it leads to: `expect(…)` does, a look at this moment does not. What a page is
    asked until it is so is a function: Playwright reads an expression again for each look, which our content policy
    forbids from the second look on, so it holds only where nobody had to wait.
    """
    at_once = re.compile(
        r"assert .*\.(is_visible|is_checked|is_hidden|inner_text|text_content|input_value)\(\)"
        r"|wait_for_function\(f?[\"'](?!.*=>)"
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted(ROOT.glob("tests/**/*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if at_once.search(line)
    ]
    assert found == []


def test_a_figure_is_one_of_ten(texts):
    r"""Of "²" isdigit() is true and int() an error; of "٣" isdecimal() and \d are true, and what is compared or kept as
    text is another one. whole_number() of outside/ and [0-9] mean what we mean.
    """
    asks = re.compile(r"\.is(digit|decimal|numeric)\(|\\d")
    python = {name: text for name, text in texts.items() if name.endswith(".py")}
    python |= {str(p.relative_to(ROOT)): p.read_text() for p in sorted(ROOT.glob("sandbox/**/*.py"))}
    # In a name or a wish every figure is one, whatever its script.
    assert [name for name, text in python.items() if asks.search(text)] == ["catalogue/wishes.py", "messages/names.py"]
    assert "embedded/postgres.py" in python and "sandbox/stripe/methods.py" in python
