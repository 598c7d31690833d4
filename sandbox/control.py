"""The sandbox's own switches and its oracle, for tests, benches and curious people. No provider has these."""

from flask import Blueprint, current_app, jsonify, render_template, request

from sandbox.faults import BadRule
from sandbox.ids import new_text
from sandbox.stripe import disputes, intents, refunds
from sandbox.stripe.api import Call
from sandbox.stripe.errors import StripeError
from sandbox.stripe.expansion import render

bp = Blueprint("control", __name__, template_folder="pages")


def _box():
    return current_app.extensions["sandbox"]


def _body():
    data = request.get_json(force=True, silent=True)
    return data if isinstance(data, dict) else {}


def _call():
    """A call of nobody's: the bank or the clock acts, no request of the merchant's."""
    return Call(f"{request.method} {request.path}", f"req_{new_text(14)}", None, False, request.host_url.rstrip("/"))


@bp.errorhandler(StripeError)
def refuse(error):
    return jsonify(error.body()), error.status


@bp.errorhandler(BadRule)
def refuse_rule(error):
    return jsonify(error={"message": str(error)}), 400


@bp.get("/_sandbox/")
def index():
    box = _box()
    with box.lock:
        return render_template(
            "index.html",
            intents=list(reversed(box.intents.values()))[:200],
            ledger=box.ledger.as_json()[::-1][:200],
            faults=box.faults.as_json(),
            mails=len(box.inbox.all()),
            events=len(box.webhooks.events),
            pending=sum(1 for event in box.webhooks.events.values() if event["pending_webhooks"]),
            webhook_url=box.webhooks.url,
            mode=box.webhooks.mode,
        )


@bp.get("/_sandbox/health")
def health():
    return jsonify(ok=True)


@bp.get("/_sandbox/faults")
def show_faults():
    return jsonify(_box().faults.as_json())


@bp.put("/_sandbox/faults")
def set_faults():
    box = _box()
    box.faults.replace(request.get_json(force=True, silent=True))
    return jsonify(box.faults.as_json())


@bp.get("/_sandbox/ledger")
def show_ledger():
    """What really happened to money; `?intent=` narrows to one."""
    return jsonify(_box().ledger.as_json(request.args.get("intent")))


@bp.post("/_sandbox/reset")
def reset():
    _box().reset()
    return "", 204


@bp.put("/_sandbox/webhook")
def set_webhook():
    """Where events go from now on: `{"url", "secret"}`; a url of null sends nothing."""
    box, data = _box(), _body()
    url = data.get("url")
    if url is not None and (not isinstance(url, str) or not url.startswith(("http://", "https://"))):
        return jsonify(error={"message": "url is an http address or null."}), 400
    with box.lock:
        box.webhooks.url, box.webhooks.secret = url, data.get("secret", box.webhooks.secret)
    return jsonify(url=url)


@bp.post("/_sandbox/webhooks")
def set_mode():
    """`{"mode": "hold"}` records events without sending them; `auto` sends those that come after."""
    mode = _body().get("mode")
    if mode not in ("auto", "hold"):
        return jsonify(error={"message": "mode is auto or hold."}), 400
    with _box().lock:
        _box().webhooks.mode = mode
    return jsonify(mode=mode)


@bp.get("/_sandbox/events")
def list_events():
    """Every event, oldest first, with its delivery attempts."""
    box = _box()
    with box.lock:
        return jsonify(
            [
                {"event": event, "attempts": box.webhooks.attempts[event_id]}
                for event_id, event in box.webhooks.events.items()
            ]
        )


@bp.post("/_sandbox/events/<event_id>/deliver")
def deliver_one(event_id):
    return _deliver([event_id], 1)


@bp.post("/_sandbox/deliver")
def deliver():
    """`{"events": [ids], "times": n}`: deliver in this order, one after the other, the whole sequence n times.

    Answers with the receiver's status of each."""
    data = _body()
    ids, times = data.get("events"), data.get("times", 1)
    if not isinstance(ids, list) or not isinstance(times, int) or not 1 <= times <= 100:
        return jsonify(error={"message": 'Send {"events": [ids], "times": 1}.'}), 400
    return _deliver(ids, times)


def _deliver(ids, times):
    box = _box()
    with box.lock:
        unknown = [event_id for event_id in ids if event_id not in box.webhooks.events]
        if unknown or not box.webhooks.url:
            message = f"No such event: {unknown[0]}" if unknown else "No webhook address is set."
            return jsonify(error={"message": message}), 404 if unknown else 409
    return jsonify(
        [{"event": event_id, "status": box.webhooks.deliver(event_id)} for _ in range(times) for event_id in ids]
    )


@bp.post("/_sandbox/disputes")
def dispute():
    """`{"payment_intent", "reason"}`: the cardholder's bank disputes a paid intent."""
    box, data = _box(), _body()
    with box.lock:
        intent = intents.get(box, str(data.get("payment_intent")))
        charge = box.charges.get(intent["latest_charge"] or "")
        if charge is None or not charge["captured"]:
            raise StripeError(400, "Only a paid intent can be disputed.")
        return jsonify(render(box, disputes.open_dispute(box, charge, data.get("reason", "fraudulent"))))


@bp.post("/_sandbox/disputes/<dispute_id>/close")
def close_dispute(dispute_id):
    """`{"status": "won" | "lost"}`."""
    box, status = _box(), _body().get("status")
    if status not in ("won", "lost"):
        return jsonify(error={"message": "status is won or lost."}), 400
    with box.lock:
        return jsonify(render(box, disputes.close_dispute(box, dispute_id, status)))


@bp.post("/_sandbox/intents/<intent_id>/settle")
def settle(intent_id):
    """`{"outcome": "succeeded" | "failed"}`: end `processing` now."""
    box, outcome = _box(), _body().get("outcome", "succeeded")
    if outcome not in ("succeeded", "failed"):
        return jsonify(error={"message": "outcome is succeeded or failed."}), 400
    with box.lock:
        return jsonify(render(box, intents.settle(box, _call(), intent_id, outcome)))


@bp.post("/_sandbox/intents/<intent_id>/authenticate")
def authenticate(intent_id):
    """`{"approve": true | false}`: the cardholder's answer to 3-D Secure, without a browser."""
    box, approve = _box(), _body().get("approve", True)
    with box.lock:
        intent = intents.get(box, intent_id)
        return jsonify(
            render(box, intents.authenticate(box, _call(), intent_id, intent["client_secret"], bool(approve)))
        )


@bp.post("/_sandbox/refunds/<refund_id>/fail")
def fail_refund(refund_id):
    box = _box()
    with box.lock:
        return jsonify(render(box, refunds.fail(box, refund_id)))


@bp.put("/_sandbox/browser")
def set_browser():
    """`{"challenge": "modal" | "redirect"}`: how 3-D Secure shows itself; `{"methods": [names]}`: what the account has
    switched on beside cards (link, klarna, apple_pay, google_pay)."""
    box, data = _box(), _body()
    challenge, methods = data.get("challenge", box.challenge), data.get("methods", box.switched_on)
    if challenge not in ("modal", "redirect"):
        return jsonify(error={"message": "challenge is modal or redirect."}), 400
    if not isinstance(methods, list) or not {"card"} <= set(methods) <= set(box.METHODS):
        return jsonify(error={"message": f"methods are card and some of {', '.join(box.METHODS)}."}), 400
    with box.lock:
        box.challenge, box.switched_on = challenge, methods
    return jsonify(challenge=challenge, methods=methods)
