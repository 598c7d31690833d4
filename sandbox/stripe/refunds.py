"""Refunds: never more than was captured, whole or in parts, and sometimes failing after they looked done."""

from sandbox.stripe import objects
from sandbox.stripe.currencies import check_step, shown
from sandbox.stripe.errors import StripeError, invalid, no_such
from sandbox.stripe.expansion import page, render

PENDING_SECONDS = 1.0


def create(box, call, params):
    """Refund a charge or the charge of an intent; without an amount, all that is left of it."""
    charge = _charge_to_refund(box, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if charge["disputed"]:
        raise StripeError(
            400, f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    if left == 0:
        raise StripeError(400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = params.get("amount", left)
    if amount < 1:
        raise invalid("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    if amount > left:
        text = (
            f"Refund amount ({shown(amount, charge['currency'])}) is greater than unrefunded amount on charge "
            f"({shown(left, charge['currency'])})"
        )
        raise StripeError(400, text, param="amount")
    check_step(amount, charge["currency"])

    refund = objects.refund(charge, amount, params)
    box.refunds[refund["id"]] = refund
    box.key_of[refund["id"]] = call.idempotency_key
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    card = box.card_of_method[charge["payment_method"]]
    failing = box.faults.pick(call.subject, "refund_failed")
    if card.refund == "pending":
        refund["status"] = "pending"
        box.timers.call_later(PENDING_SECONDS, _settle_pending, box, refund["id"])
    else:
        _take_money(box, refund)
    box.webhooks.record("refund.created", refund, call)
    box.webhooks.record("charge.refunded", charge, call, {"amount_refunded": charge["amount_refunded"] - amount})
    if failing or card.refund == "failed":
        seconds = failing.seconds if failing and failing.seconds is not None else 0.2
        box.timers.call_later(seconds, _fail_later, box, refund["id"])
    return render(box, refund, params.get("expand"))


def _charge_to_refund(box, params):
    if params.get("charge"):
        if params["charge"] not in box.charges:
            raise no_such("charge", params["charge"], "charge")
        charge = box.charges[params["charge"]]
        if params.get("payment_intent") not in (None, charge["payment_intent"]):
            raise invalid("The charge does not belong to the PaymentIntent.", param="payment_intent")
    elif params.get("payment_intent"):
        if params["payment_intent"] not in box.intents:
            raise no_such("payment_intent", params["payment_intent"], "payment_intent")
        intent = box.intents[params["payment_intent"]]
        charge = box.charges.get(intent["latest_charge"] or "")
    else:
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    if charge is None or not charge["captured"]:
        what = params.get("payment_intent") or params.get("charge")
        raise StripeError(
            400,
            f"This PaymentIntent ({what}) does not have a successful charge to refund.",
            code="payment_intent_unexpected_state",
        )
    return charge


def _take_money(box, refund):
    intent = box.intents[refund["payment_intent"]]
    line = objects.balance_transaction(
        "refund",
        refund["id"],
        -refund["amount"],
        refund["currency"],
        0,
        f"REFUND FOR CHARGE ({intent['description'] or refund['charge']})",
    )
    box.balance_transactions[line["id"]] = line
    refund["balance_transaction"], refund["status"] = line["id"], "succeeded"
    box.ledger.append("refunded", intent, refund["id"], refund["amount"], box.key_of.get(refund["id"]))


def _settle_pending(box, refund_id):
    with box.lock:
        refund = box.refunds.get(refund_id)
        if refund and refund["status"] == "pending":
            _take_money(box, refund)
            box.webhooks.record("refund.updated", refund, previous={"status": "pending"})


def _fail_later(box, refund_id):
    with box.lock:
        if refund_id in box.refunds:
            fail(box, refund_id)


def fail(box, refund_id, reason="lost_or_stolen_card"):
    """The bank sends the refund back: the money returns to the balance and the charge is owed again.

    The caller holds the lock.
    """
    refund = get(box, refund_id)
    if refund["status"] not in ("pending", "succeeded"):
        raise StripeError(400, f"Refund {refund_id} is {refund['status']}.")
    before = refund["status"]
    if before == "succeeded":
        line = objects.balance_transaction(
            "refund_failure",
            refund["id"],
            refund["amount"],
            refund["currency"],
            0,
            f"REFUND FAILURE ({refund['charge']})",
        )
        box.balance_transactions[line["id"]] = line
        refund["failure_balance_transaction"] = line["id"]
        box.ledger.append(
            "refund_failed",
            box.intents[refund["payment_intent"]],
            refund["id"],
            refund["amount"],
            box.key_of.get(refund["id"]),
        )
    refund["status"], refund["failure_reason"] = "failed", reason
    charge = box.charges[refund["charge"]]
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    box.webhooks.record("refund.updated", refund, previous={"status": before})
    box.webhooks.record("refund.failed", refund, previous={"status": before})
    return refund


def get(box, refund_id):
    try:
        return box.refunds[refund_id]
    except KeyError:
        raise no_such("refund", refund_id, "refund") from None


def retrieve(box, call, params, refund_id):
    return render(box, get(box, refund_id), params.get("expand"))


def update(box, call, params, refund_id):
    """Change a refund's metadata, which is all Stripe lets one change."""
    refund = get(box, refund_id)
    merge_metadata(refund, params)
    box.webhooks.record("refund.updated", refund, call)
    return render(box, refund, params.get("expand"))


def merge_metadata(stored, params):
    """Stripe's rule: keys are merged, an empty value removes its key, an empty string removes all."""
    if params.get("metadata") == "":
        stored["metadata"] = {}
    elif "metadata" in params:
        stored["metadata"] = {
            name: value for name, value in {**stored["metadata"], **params["metadata"]}.items() if value != ""
        }


def list_refunds(box, call, params):
    def matches(refund):
        return all(params.get(name) in (None, refund[name]) for name in ("charge", "payment_intent"))

    return page(box, "/v1/refunds", box.refunds, params, matches)
