"""The currencies that a ground can sell in: one table, which everybody who writes, rounds, checks or sends money asks.

We count in the minor units of ISO 4217 (Amendment 177). Stripe counts some currencies otherwise, takes some in steps,
and charges no card less than a least amount (https://docs.stripe.com/currencies, October 2026). What Stripe does not
take (IQD, LYD), or ISO has withdrawn (ANG, BGN, STD), is not here, and no ground can be made in it.

SQL knows the same by app.money_step(), app.least_charge() and the check of a ground's currency; a test holds them
together.
"""

from decimal import Decimal
from typing import NamedTuple


class Currency(NamedTuple):
    """`decimals` of our minor unit and `stripe_decimals` of Stripe's; `step`, of which every amount that a card is
    charged or given back is a multiple, and `least`, the least amount of a charge, both in our minor units."""

    code: str
    sign: str
    decimals: int
    stripe_decimals: int
    step: int
    least: int

    def words(self, minor: int) -> str:
        """4800 → "A$48.00": with the currency's sign, or its code."""
        whole, part = divmod(abs(int(minor)), 10**self.decimals)
        return f"{'−' if minor < 0 else ''}{self.sign}{whole:,}" + (
            f".{part:0{self.decimals}d}" if self.decimals else ""
        )

    def major(self, minor: int) -> str:
        """4800 → "48.00": the amount alone, as addresses and machines read it."""
        return f"{Decimal(minor).scaleb(-self.decimals):f}"

    def minor(self, major: str) -> int:
        """The minor units of "48" or "48.00": 4800; what is smaller than a minor unit is left off."""
        return int(Decimal(major).scaleb(self.decimals))

    def to_stripe(self, minor: int) -> int:
        """Minor units as Stripe counts them. ValueError for what is no multiple of the step."""
        if minor % self.step:
            raise ValueError(f"{minor} of {self.code} is in no step of {self.step}")
        return minor * 10**self.stripe_decimals // 10**self.decimals

    def from_stripe(self, amount: int) -> int:
        """Stripe's amount in our minor units; what is smaller than one is rounded half up."""
        return (2 * amount * 10**self.decimals + 10**self.stripe_decimals) // (2 * 10**self.stripe_decimals)


# Babel's figures are not ISO's: they are Unicode's, which says how many decimals people write, and has none for HUF,
# COP or IDR, in which Stripe counts hundredths. Its strings say CA$ and need 14 to 26 µs each where money() needs 0.7.
HUNDREDTHS = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC CVE CZK DKK
    DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR JMD KES KGS KHR KYD KZT LAK LBP LKR
    LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
    SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS TOP TRY TTD TWD TZS UAH USD UYU UZS WST XCD XCG YER ZAR ZMW
"""
WHOLE = "BIF CLP DJF GNF JPY KMF KRW PYG RWF VND VUV XAF XOF XPF"
WHOLE_IN_HUNDREDTHS = "ISK UGX"  # Stripe's two decimals are always 00
THOUSANDTHS = "BHD JOD KWD OMR TND"  # Stripe's last digit is always 0
HUNDREDTHS_IN_WHOLE = "MGA"  # a fifth of an ariary has no coin, and Stripe counts ariaries

SIGNS = {"AUD": "A$", "NZD": "NZ$", "USD": "US$", "CAD": "C$", "GBP": "£", "EUR": "€", "INR": "₹", "JPY": "¥"}

# What Stripe charges at least, in our minor units. Where it names none it counts by the ground's account, and refuses.
LEAST = {"AED": 200, "ARS": 50, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "COP": 50, "CZK": 1500, "DKK": 250}
LEAST |= {"EUR": 50, "GBP": 30, "HKD": 400, "HUF": 17500, "IDR": 50, "ILS": 50, "INR": 50, "JPY": 50, "KRW": 50}
LEAST |= {"MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PHP": 50, "PLN": 200, "RON": 200, "SEK": 300, "SGD": 50}
LEAST |= {"THB": 1000, "USD": 50, "ZAR": 50}


def _group(codes: str, decimals: int, stripe_decimals: int, step: int) -> dict[str, Currency]:
    return {
        code: Currency(code, SIGNS.get(code, f"{code}\xa0"), decimals, stripe_decimals, step, LEAST.get(code, step))
        for code in codes.split()
    }


CURRENCIES: dict[str, Currency] = (
    _group(HUNDREDTHS, 2, 2, 1)
    | _group(WHOLE, 0, 0, 1)
    | _group(WHOLE_IN_HUNDREDTHS, 0, 2, 1)
    | _group(THOUSANDTHS, 3, 3, 10)
    | _group(HUNDREDTHS_IN_WHOLE, 2, 0, 100)
)


def currency_of(code: str) -> Currency:
    """The Currency with this ISO 4217 code. What is not in the table, such as the currency of an old booking that ISO
    has withdrawn since, or of somebody else's charge, counts hundredths."""
    return CURRENCIES.get(code) or Currency(code, f"{code}\xa0", 2, 2, 1, 1)
