"""How Stripe counts money (https://docs.stripe.com/currencies): decimals, special cases, least amounts of a charge.

Written from Stripe's page and not from the product's table, so that the two can be held against each other.
"""

from sandbox.stripe.errors import invalid

ZERO_DECIMAL = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()
THREE_DECIMAL = "bhd jod kwd omr tnd".split()
TWO_DECIMAL = """
    usd aed afn all amd aoa ars aud awg azn bam bbd bdt bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc cve czk
    dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr kyd kzt lak
    lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar
    ron rsd sar sbd scr sek sgd shp sle sos srd szl thb tjs top try ttd twd tzs uah ugx uyu uzs wst xcd xcg yer zar zmw
""".split()
# Whole units told in two decimals, which are always 00; and thousandths, of which the last is always 0.
ROUND = {"isk": 100, "ugx": 100} | dict.fromkeys(THREE_DECIMAL, 10)
LEAST = {"usd": 50, "aed": 200, "ars": 50, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "cop": 50, "czk": 1500}
LEAST |= {"dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "idr": 50, "ils": 50, "inr": 50, "jpy": 50}
LEAST |= {"krw": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "php": 50, "pln": 200, "ron": 200, "sek": 300}
LEAST |= {"sgd": 50, "thb": 1000, "zar": 50}
LARGEST_AMOUNT = 999_999_999_999  # of a card; of the Payment Element's other methods less


def decimals_of(currency):
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def step_of(currency):
    return ROUND.get(currency, 1)


def shown(amount, currency):
    """50000, "isk" → "500.00 ISK": what the cardholder's bank would write."""
    places = decimals_of(currency)
    return f"{amount / 10**places:.{places}f} {currency.upper()}"


def check_currency(currency):
    if currency not in (*ZERO_DECIMAL, *TWO_DECIMAL, *THREE_DECIMAL):
        raise invalid(f"Invalid currency: {currency}.", param="currency")


def check_charge(amount, currency):
    """Refuse what Stripe would not charge in this currency."""
    if amount < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", param="amount", code="parameter_invalid_integer"
        )
    if amount > LARGEST_AMOUNT:
        raise invalid(f"Amount must be no more than {LARGEST_AMOUNT}.", param="amount", code="amount_too_large")
    if amount < LEAST.get(currency, 1):
        least = shown(LEAST[currency], currency)
        raise invalid(f"Amount must be at least {least}.", param="amount", code="amount_too_small")
    check_step(amount, currency)


def check_step(amount, currency):
    if amount % step_of(currency):
        text = f"Invalid amount: in {currency.upper()} it must be divisible by {step_of(currency)}."
        raise invalid(text, param="amount", code="parameter_invalid_integer")
