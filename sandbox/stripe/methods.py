"""Payment methods: `pm_card_…` test ids, and what the browser double collects: card numbers, wallets, Link, Klarna."""

import copy
import datetime
import re

from sandbox.stripe import objects
from sandbox.stripe.cards import BY_METHOD, BY_NUMBER, GENERIC, KLARNA, NOT_A_TEST_CARD, Decline, passes_luhn
from sandbox.stripe.errors import StripeError, invalid, no_such
from sandbox.stripe.expansion import render

__all__ = ["AUTHENTICATION_REQUIRED", "GENERIC", "card_error", "create", "get", "public", "resolve", "retrieve"]

AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)


def resolve(box, method_id):
    """The PaymentMethod with this id; a test id makes a fresh one, as at Stripe."""
    if method_id in BY_METHOD:
        return _keep(box, objects.payment_method(BY_METHOD[method_id]), BY_METHOD[method_id])
    return get(box, method_id)


def create(box, data, intent):
    """A PaymentMethod from `payment_method_data`.

    Raises a card_error for a number, date or code that cannot be right.
    """
    billing = data.get("billing_details")
    billing = billing if isinstance(billing, dict) else None
    if data.get("type") == "klarna":
        return _keep(box, objects.other_method("klarna", billing), KLARNA)
    card = data.get("card")
    if data.get("type") not in ("card", "link") or not isinstance(card, dict):
        text = "The payment method types of this sandbox are: card, link, klarna."
        raise invalid(text, param="payment_method_data[type]")
    number = str(card.get("number", "")).replace(" ", "")
    if not re.fullmatch("[0-9]{12,19}", number) or not passes_luhn(number):
        raise _wrong("incorrect_number", "number", "Your card number is incorrect.")
    month, year = _expiry(card)
    cvc = str(card.get("cvc", ""))
    known = BY_NUMBER.get(number)
    wallet = card.get("wallet")
    if wallet is not None and wallet not in ("apple_pay", "google_pay"):
        raise invalid("The wallets of this sandbox are: apple_pay, google_pay.", param="payment_method_data[card]")
    # A wallet and Link have the card from before: no code is typed.
    if data["type"] == "card" and wallet is None and not _is_code(cvc, known):
        raise _wrong("invalid_cvc", "cvc", "Your card's security code is invalid.")
    if known is None:
        raise card_error(NOT_A_TEST_CARD)
    if data["type"] == "link":
        return _keep(box, objects.other_method("link", billing), known)
    return _keep(box, objects.payment_method(known, (month, year), billing, wallet=wallet), known)


def _is_code(cvc, card):
    return bool(re.fullmatch("[0-9]{4}" if card and card.brand == "amex" else "[0-9]{3}", cvc))


def _expiry(card):
    today = datetime.datetime.now(datetime.UTC)
    try:
        month, year = int(card.get("exp_month", "")), int(card.get("exp_year", ""))
    except (TypeError, ValueError):
        raise _wrong("invalid_expiry_month", "exp_month", "Your card's expiration month is invalid.") from None
    year += 2000 if year < 100 else 0
    if not 1 <= month <= 12:
        raise _wrong("invalid_expiry_month", "exp_month", "Your card's expiration month is invalid.")
    if not today.year <= year <= today.year + 50:
        raise _wrong("invalid_expiry_year", "exp_year", "Your card's expiration year is invalid.")
    if (year, month) < (today.year, today.month):
        raise _wrong("invalid_expiry_month", "exp_month", "Your card's expiration month is invalid.")
    return month, year


def _wrong(code, param, message):
    return StripeError(402, message, type="card_error", code=code, param=param)


def card_error(decline, charge=None):
    """The 402 a decline ends in."""
    return StripeError(
        402, decline.message, type="card_error", code=decline.code, decline_code=decline.decline_code, charge=charge
    )


def _keep(box, method, card):
    box.payment_methods[method["id"]] = method
    box.card_of_method[method["id"]] = card
    return method


def get(box, method_id):
    try:
        return box.payment_methods[method_id]
    except KeyError:
        raise no_such("PaymentMethod", method_id, "payment_method") from None


def public(box, method_id):
    return copy.deepcopy(box.payment_methods.get(method_id))


def retrieve(box, call, params, method_id):
    return render(box, get(box, method_id), params.get("expand"))
