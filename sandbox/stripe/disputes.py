"""Disputes: the cardholder's bank takes the money back and asks afterwards."""

from sandbox.stripe import objects
from sandbox.stripe.errors import StripeError, no_such
from sandbox.stripe.expansion import page, render

FEE = 1500


def open_dispute(box, charge, reason, call=None):
    """The bank disputes the whole charge: money leaves at once. The caller holds the lock."""
    if charge["disputed"]:
        raise StripeError(400, f"Charge {charge['id']} has already been disputed.")
    dispute = objects.dispute(charge, reason, charge["payment_method_details"].get("card", {}).get("brand", "visa"))
    line = objects.balance_transaction(
        "adjustment",
        dispute["id"],
        -dispute["amount"],
        charge["currency"],
        FEE,
        f"Chargeback withdrawal for {charge['id']}",
    )
    box.balance_transactions[line["id"]] = line
    dispute["balance_transactions"].append(line)
    charge["disputed"] = True
    box.disputes[dispute["id"]] = dispute
    intent = box.intents[charge["payment_intent"]]
    box.ledger.append("disputed", intent, dispute["id"], dispute["amount"], box.key_of.get(intent["id"]))
    box.webhooks.record("charge.dispute.created", dispute, call)
    box.webhooks.record("charge.dispute.funds_withdrawn", dispute, call)
    return dispute


def close_dispute(box, dispute_id, status):
    """The bank decides: `won` brings the money back, `lost` does not. The caller holds the lock."""
    dispute = get(box, dispute_id)
    if dispute["status"] in ("won", "lost"):
        raise StripeError(400, f"Dispute {dispute_id} is already closed.")
    dispute["status"] = status
    if status == "won":
        line = objects.balance_transaction(
            "adjustment",
            dispute["id"],
            dispute["amount"],
            dispute["currency"],
            0,
            f"Chargeback reversal for {dispute['charge']}",
        )
        box.balance_transactions[line["id"]] = line
        dispute["balance_transactions"].append(line)
        intent = box.intents[dispute["payment_intent"]]
        box.ledger.append("dispute_won", intent, dispute["id"], dispute["amount"], box.key_of.get(intent["id"]))
        box.webhooks.record("charge.dispute.funds_reinstated", dispute)
    box.webhooks.record("charge.dispute.closed", dispute)
    return dispute


def get(box, dispute_id):
    try:
        return box.disputes[dispute_id]
    except KeyError:
        raise no_such("dispute", dispute_id, "dispute") from None


def retrieve(box, call, params, dispute_id):
    return render(box, get(box, dispute_id), params.get("expand"))


def list_disputes(box, call, params):
    def matches(dispute):
        return all(params.get(name) in (None, dispute[name]) for name in ("charge", "payment_intent"))

    return page(box, "/v1/disputes", box.disputes, params, matches)
