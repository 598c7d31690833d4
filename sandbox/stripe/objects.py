"""Stripe's objects as this sandbox makes them: plain dicts with every field of the API's own examples."""

import time

from sandbox.ids import new_id, new_text

EMPTY_ADDRESS = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}
COUNTRIES = {"4000003560000008": "IN"}


def now():
    """Stripe's clock counts whole seconds."""
    return int(time.time())


def payment_intent(params):
    """A fresh PaymentIntent in `requires_payment_method` from checked creation parameters."""
    intent_id = new_id("pi")
    automatic = params.get("automatic_payment_methods")
    if automatic is None and not params.get("payment_method_types"):
        automatic = {"enabled": True}
    if automatic is not None:
        automatic = {"allow_redirects": "always", **automatic}
    return {
        "id": intent_id,
        "object": "payment_intent",
        "allowed_payment_method_types": None,
        "amount": params["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": automatic,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": f"{intent_id}_secret_{new_text(25)}",
        "confirmation_method": params.get("confirmation_method", "automatic"),
        "created": now(),
        "currency": params["currency"],
        "customer": params.get("customer"),
        "customer_account": None,
        "description": params.get("description"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": None,
        "metadata": params.get("metadata", {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": {"id": "pmc_1SandboxConfiguration", "parent": None}
        if automatic
        else None,
        "payment_method_options": {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": params.get("payment_method_types") or ["card"],
        "processing": None,
        "receipt_email": params.get("receipt_email"),
        "review": None,
        "setup_future_usage": params.get("setup_future_usage"),
        "shipping": params.get("shipping"),
        "source": None,
        "statement_descriptor": params.get("statement_descriptor"),
        "statement_descriptor_suffix": params.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": params.get("transfer_group"),
    }


def _method(kind, billing):
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": dict(EMPTY_ADDRESS),
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
            **(billing or {}),
        },
        "created": now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
    }


def other_method(kind, billing):
    """A PaymentMethod of type link or klarna. Whatever card Link has, nobody is told."""
    details = {"email": (billing or {}).get("email")} if kind == "link" else {"dob": None}
    return {**_method(kind, billing), kind: details}


def payment_method(card, expiry=(12, 2034), billing=None, postal_code_checked=False, wallet=None):
    """A PaymentMethod of type card; the full number stays outside of it, as at Stripe. A wallet has a number of its own
    for the device, and so another fingerprint than the card."""
    month, year = expiry
    return {
        **_method("card", billing),
        "card": {
            "brand": card.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": "pass" if postal_code_checked else None,
                "cvc_check": "unchecked",
            },
            "country": COUNTRIES.get(card.number, "US"),
            "display_brand": card.brand,
            "exp_month": month,
            "exp_year": year,
            "fingerprint": f"Sandbox{card.last4}{wallet or ''}Print",
            "funding": card.funding,
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": {wallet: {}, "dynamic_last4": card.last4, "type": wallet} if wallet else None,
        },
    }


def charge(intent, method, card, decline, authenticated):
    """The Charge of one attempt; `succeeded` without a decline, and without its balance transaction yet."""
    charge_id = new_id("ch")
    return {
        "id": charge_id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0 if decline else intent["amount"],
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": (intent["statement_descriptor"] or "SANDBOX").upper()[:22],
        "captured": not decline,
        "created": now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(decline),
        "paid": not decline,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(intent, method, card, decline, authenticated),
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": f"https://pay.stripe.com/receipts/payment/sandbox-{charge_id}",
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "failed" if decline else "succeeded",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }


def _outcome(decline):
    if decline is None:
        return {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 16,
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return {
        "advice_code": "try_again_later"
        if decline.decline_code in ("generic_decline", "insufficient_funds", "processing_error")
        else "do_not_try_again",
        "network_advice_code": None,
        "network_decline_code": "01",
        "network_status": "declined_by_network",
        "reason": decline.decline_code,
        "risk_level": "normal",
        "risk_score": 16,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }


def _details(intent, method, card, decline, authenticated):
    kind = method["type"]
    if kind != "card":
        return {kind: {"country": "AU"} if kind == "link" else {"payment_method_category": "pay_now"}, "type": kind}
    return {"card": _card_details(intent, method, card, decline, authenticated), "type": "card"}


def _card_details(intent, method, card, decline, authenticated):
    three_d_secure = None
    if authenticated:
        three_d_secure = {
            "authentication_flow": "challenge",
            "electronic_commerce_indicator": "05",
            "exemption_indicator": None,
            "result": "authenticated",
            "result_reason": None,
            "transaction_id": new_text(20),
            "version": "2.2.0",
        }
    return {
        "amount_authorized": intent["amount"],
        "authorization_code": None if decline else "123456",
        "brand": card.brand,
        "checks": {
            **method["card"]["checks"],
            "cvc_check": "fail" if decline and decline.code == "incorrect_cvc" else "pass",
        },
        "country": method["card"]["country"],
        "exp_month": method["card"]["exp_month"],
        "exp_year": method["card"]["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": method["card"]["fingerprint"],
        "funding": card.funding,
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": card.last4,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card.brand,
        "network_token": {"used": False},
        "network_transaction_id": new_text(15),
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": three_d_secure,
        "transaction_link_id": None,
        "wallet": method["card"]["wallet"],
    }


def balance_transaction(kind, source, amount, currency, fee, description):
    """One line of the account's balance; `amount` is negative when money leaves."""
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    return {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now() + 2 * 86_400,
        "balance_type": "payments",
        "created": now(),
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": details if fee else [],
        "net": amount - fee,
        "reporting_category": {"adjustment": "dispute", "refund_failure": "refund_failure"}.get(kind, kind),
        "source": source,
        "status": "pending",
        "type": kind,
    }


def refund(charge, amount, params):
    """A Refund in `succeeded`, without its balance transaction yet."""
    kind = charge["payment_method_details"]["type"]
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {
            "card": {"reference": None, "reference_status": "pending", "type": "refund"},
            "type": "card",
        }
        if kind == "card"
        else {kind: {}, "type": kind},
        "metadata": params.get("metadata") or {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal "
    "customer_communication customer_email_address customer_name customer_purchase_ip customer_signature "
    "duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt "
    "refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number "
    "uncategorized_file uncategorized_text"
).split()


def dispute(charge, reason, brand):
    """A Dispute over the whole charge that waits for the merchant's answer."""
    return {
        "id": new_id("dp"),
        "object": "dispute",
        "amount": charge["amount"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now() + 9 * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {"brand": brand, "case_type": "chargeback", "network": brand, "network_reason_code": "10.4"},
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }
