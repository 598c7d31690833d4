"""What a line costs. The same arithmetic as app.line_amounts(), for pages that show a price before anything is held."""

from typing import NamedTuple


class Amounts(NamedTuple):
    """Minor units. total = face + fee with the tax inside, or face + fee + tax with the tax on top."""

    face: int
    fee: int
    tax: int
    total: int


def line_amounts(face, stadium, with_fee=True):
    """The amounts of one line at this ground's terms, each rounded half up."""
    fee = (face * stadium.fee_bp + 5000) // 10000 + stadium.fee_each if with_fee and face else 0
    base = face + fee
    if stadium.tax_inside:
        rate = stadium.tax_bp
        return Amounts(face, fee, (2 * base * rate + 10000 + rate) // (2 * (10000 + rate)), base)
    tax = (base * stadium.tax_bp + 5000) // 10000
    return Amounts(face, fee, tax, base + tax)


def refund_of_line(line, policy):
    """What a fan gets back for a line by the booking's frozen policy {share_bp, keeps_fees}; see app.refund_of_line()."""
    if policy["share_bp"] == 10000 and not policy["keeps_fees"]:
        return line.total
    back = (line.face * policy["share_bp"] + 5000) // 10000 + (0 if policy["keeps_fees"] else line.fee)
    base = line.face + line.fee
    on_top = 0 if line.total == base or base == 0 else (2 * line.tax * back + base) // (2 * base)
    return min(line.total, back + on_top)
