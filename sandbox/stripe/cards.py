"""Stripe's documented test cards (https://docs.stripe.com/testing), by number and by `pm_card_…` id, and one of ours.

What a card does is data; intents.py and refunds.py act on it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Decline:
    """Why a charge fails: the error's code, the issuer's decline code and the sentence for the cardholder."""

    code: str
    decline_code: str
    message: str


@dataclass(frozen=True)
class TestCard:
    """One test card.

    `processing` is the seconds it stays in `processing`; `dispute` the reason of the dispute after success.
    """

    __test__ = False  # pytest collects by name

    number: str
    brand: str = "visa"
    method: str | None = None
    decline: Decline | None = None
    three_d_secure: bool = False
    dispute: str | None = None
    refund: str = "succeeded"
    processing: float | None = None
    funding: str = "credit"

    @property
    def last4(self):
        return self.number[-4:]


_DECLINED = "Your card was declined."
GENERIC = Decline("card_declined", "generic_decline", _DECLINED)
INSUFFICIENT = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
LOST = Decline("card_declined", "lost_card", _DECLINED)
STOLEN = Decline("card_declined", "stolen_card", _DECLINED)
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.")
WRONG_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.")
PROCESSING_ERROR = Decline(
    "processing_error", "processing_error", "An error occurred while processing your card. Try again in a little bit."
)
VELOCITY = Decline("card_declined", "card_velocity_exceeded", _DECLINED)
FRAUDULENT = Decline("card_declined", "fraudulent", _DECLINED)
NOT_A_TEST_CARD = Decline(
    "card_declined",
    "test_mode_live_card",
    "Your card was declined. Your request was in test mode, but used a non test card. "
    "For a list of valid test cards, visit: https://stripe.com/docs/testing.",
)

CARDS = (
    TestCard("4242424242424242", method="pm_card_visa"),
    TestCard("4000056655665556", method="pm_card_visa_debit", funding="debit"),
    TestCard("5555555555554444", "mastercard", "pm_card_mastercard"),
    TestCard("2223003122003222", "mastercard", "pm_card_mastercard_2series"),
    TestCard("5200828282828210", "mastercard", "pm_card_mastercard_debit", funding="debit"),
    TestCard("378282246310005", "amex", "pm_card_amex"),
    TestCard("371449635398431", "amex"),
    TestCard("6011111111111117", "discover", "pm_card_discover"),
    TestCard("3056930009020004", "diners", "pm_card_diners"),
    TestCard("3566002020360505", "jcb", "pm_card_jcb"),
    TestCard("6200000000000005", "unionpay", "pm_card_unionpay"),
    TestCard("4000003560000008", method="pm_card_in"),
    TestCard("4000000000000077", method="pm_card_bypassPending"),
    TestCard("4000000000000002", method="pm_card_visa_chargeDeclined", decline=GENERIC),
    TestCard("4000000000009995", method="pm_card_visa_chargeDeclinedInsufficientFunds", decline=INSUFFICIENT),
    TestCard("4000000000009987", method="pm_card_visa_chargeDeclinedLostCard", decline=LOST),
    TestCard("4000000000009979", method="pm_card_visa_chargeDeclinedStolenCard", decline=STOLEN),
    TestCard("4000000000000069", method="pm_card_chargeDeclinedExpiredCard", decline=EXPIRED),
    TestCard("4000000000000127", method="pm_card_chargeDeclinedIncorrectCvc", decline=WRONG_CVC),
    TestCard("4000000000000119", method="pm_card_chargeDeclinedProcessingError", decline=PROCESSING_ERROR),
    TestCard("4000000000006975", method="pm_card_visa_chargeDeclinedVelocityLimitExceeded", decline=VELOCITY),
    TestCard("4100000000000019", method="pm_card_radarBlock", decline=FRAUDULENT),
    TestCard("4000000000000341", method="pm_card_chargeCustomerFail", decline=GENERIC),
    TestCard("4000002500003155", method="pm_card_authenticationRequiredOnSetup", three_d_secure=True),
    TestCard("4000002760003184", method="pm_card_authenticationRequired", three_d_secure=True),
    TestCard("4000000000003220", method="pm_card_threeDSecure2Required", three_d_secure=True),
    TestCard(
        "4000008400001629", method="pm_card_threeDSecureRequiredChargeDeclined", three_d_secure=True, decline=GENERIC
    ),
    TestCard(
        "4000008260003178",
        method="pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        three_d_secure=True,
        decline=INSUFFICIENT,
    ),
    TestCard("4000000000000259", method="pm_card_createDispute", dispute="fraudulent"),
    TestCard("4000000000002685", method="pm_card_createDisputeProductNotReceived", dispute="product_not_received"),
    TestCard("4000000000007726", method="pm_card_pendingRefund", refund="pending"),
    TestCard("4000000000005126", method="pm_card_refundFail", refund="failed"),
    # Ours, not Stripe's: stays in `processing` for two seconds, as a delayed payment method does, and then succeeds.
    TestCard("4000000000009235", method="pm_sandbox_processing", processing=2.0),
)

# Pays after a page of its own has been answered, which the browser is sent to.
KLARNA = TestCard("klarna", "klarna", three_d_secure=True)

BY_NUMBER = {card.number: card for card in CARDS}
BY_METHOD = {card.method: card for card in CARDS if card.method}
# Stripe's older names of the same cards still work there, and so here.
BY_METHOD |= {
    "pm_card_chargeDeclined": BY_NUMBER["4000000000000002"],
    "pm_card_chargeDeclinedInsufficientFunds": BY_NUMBER["4000000000009995"],
    "pm_card_visa_chargeDeclinedExpiredCard": BY_NUMBER["4000000000000069"],
    "pm_card_visa_chargeDeclinedIncorrectCvc": BY_NUMBER["4000000000000127"],
    "pm_card_visa_chargeDeclinedProcessingError": BY_NUMBER["4000000000000119"],
    "pm_card_threeDSecureRequired": BY_NUMBER["4000000000003220"],
}


def passes_luhn(number):
    """Whether the check digit is right (ISO/IEC 7812-1, annex B)."""
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[0::2]) % 10 == (-sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10
