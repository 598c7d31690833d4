"""The stand-in for Stripe.js: the script, the card form and the wallets in their frames, and the 3-D Secure challenge,
on this origin.
"""

from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, current_app, jsonify, render_template, request, send_from_directory

from sandbox.ids import new_text
from sandbox.stripe import intents
from sandbox.stripe.api import Call
from sandbox.stripe.currencies import shown
from sandbox.stripe.errors import StripeError

bp = Blueprint("browser", __name__, template_folder="pages")

WALLETS = {"apple_pay": "Apple Pay", "google_pay": "Google Pay", "link": "Link"}
ASSETS = Path(__file__).parent / "assets"


@bp.get("/v3/")
def script():
    """What a page loads in place of https://js.stripe.com/v3/."""
    return send_from_directory(ASSETS, "stripe.js", mimetype="text/javascript")


@bp.get("/browser/assets/<path:name>")
def asset(name):
    return send_from_directory(ASSETS, name)


@bp.get("/browser/element")
def element():
    """The Payment Element's document: it alone ever sees a card number."""
    return _framed(render_template("element.html", types=current_app.extensions["sandbox"].types()))


@bp.get("/browser/express")
def express():
    """The Express Checkout Element's document: a button for each wallet that the account and this browser have."""
    box = current_app.extensions["sandbox"]
    return _framed(render_template("express.html", wallets={w: WALLETS[w] for w in WALLETS if w in box.switched_on}))


@bp.get("/browser/wallet/<wallet>")
def wallet(wallet):
    """The sheet of a wallet, which is the device's own at home: the card in it, and what it hands over of the buyer."""
    if wallet not in WALLETS:
        return _framed("No such wallet."), 404
    return _framed(render_template("wallet.html", wallet=wallet, name=WALLETS[wallet]))


@bp.get("/browser/challenge/<intent_id>")
def challenge(intent_id):
    """The bank's page: approve or refuse a payment that waits for 3-D Secure."""
    box = current_app.extensions["sandbox"]
    with box.lock:
        intent = box.intents.get(intent_id)
        if intent is None or request.args.get("client_secret") != intent["client_secret"]:
            return _framed(render_template("challenge.html", intent=None)), 404
        return _framed(
            render_template("challenge.html", intent=dict(intent), amount=shown(intent["amount"], intent["currency"]))
        )


@bp.post("/browser/challenge/<intent_id>")
def answer_challenge(intent_id):
    """`{"client_secret", "approve", "return_url"}` → `{"status", "redirect"}`; redirect is null in a modal."""
    box, data = current_app.extensions["sandbox"], request.get_json(silent=True) or {}
    call = Call(f"POST {request.path}", f"req_{new_text(14)}", None, True, request.host_url.rstrip("/"))
    with box.lock:
        return_url = ((intents.get(box, intent_id)["next_action"] or {}).get("redirect_to_url") or {}).get("return_url")
        intent = intents.authenticate(box, call, intent_id, data.get("client_secret"), data.get("approve") is True)
        return jsonify(status=intent["status"], redirect=_with_outcome(return_url, intent) if return_url else None)


@bp.errorhandler(StripeError)
def refuse(error):
    return jsonify(error.body()), error.status


def _with_outcome(return_url, intent):
    """The return address with the three parameters Stripe adds
    (https://docs.stripe.com/js/payment_intents/confirm_payment).
    """
    parts = urlsplit(return_url)
    outcome = (
        "succeeded" if intent["status"] == "succeeded" else "pending" if intent["status"] == "processing" else "failed"
    )
    added = urlencode(
        {
            "payment_intent": intent["id"],
            "payment_intent_client_secret": intent["client_secret"],
            "redirect_status": outcome,
        }
    )
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))


def _framed(text):
    """A page that merchant pages on this machine may frame, with as strict a policy as theirs."""
    answer = current_app.make_response(text)
    ancestors = " ".join(
        [
            "'self'",
            "http://127.0.0.1:*",
            "http://localhost:*",
            "https://127.0.0.1:*",
            "https://localhost:*",
            *current_app.extensions["sandbox"].merchant_origins,
        ]
    )
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action "
        f"'none'; frame-ancestors {ancestors}"
    )
    return answer
