"""`expand`, lists and what a publishable key may see: how a stored object becomes an answer."""

import copy

from sandbox.stripe.errors import invalid

PUBLIC_INTENT_FIELDS = (
    "id object amount amount_details automatic_payment_methods canceled_at cancellation_reason capture_method "
    "client_secret confirmation_method created currency description excluded_payment_method_types last_payment_error "
    "livemode next_action payment_method payment_method_configuration_details payment_method_types processing "
    "receipt_email setup_future_usage shipping source status"
).split()


def render(box, stored, expand=()):
    """A copy of the object with the asked-for ids replaced by their objects. Raises StripeError for other names."""
    shown = copy.deepcopy(stored)
    for path in expand or ():
        _expand(box, shown, path.split("."), path)
    return shown


def public_intent(intent):
    """The part of a PaymentIntent that a browser with its client secret may read: no metadata, no charge."""
    return {name: copy.deepcopy(intent[name]) for name in PUBLIC_INTENT_FIELDS}


def _expand(box, shown, parts, path):
    name, rest = parts[0], parts[1:]
    if isinstance(shown, list):
        for item in shown:
            _expand(box, item, parts, path)
        return
    if name == "refunds" and shown.get("object") == "charge":
        refunds = [copy.deepcopy(refund) for refund in box.refunds.values() if refund["charge"] == shown["id"]]
        shown["refunds"] = {
            "object": "list",
            "data": refunds[::-1][:10],
            "has_more": len(refunds) > 10,
            "url": f"/v1/charges/{shown['id']}/refunds",
        }
    if name not in shown:
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    value = shown[name]
    if isinstance(value, str):
        target = box.find(value)
        if target is None:
            raise invalid(f"This property cannot be expanded ({path}).", param="expand")
        value = shown[name] = copy.deepcopy(target)
    if rest and value is not None:
        _expand(box, value, rest, path)


def page(box, url, objects, params, matches=lambda item: True):
    """One page of a list, newest first, by Stripe's cursors (https://docs.stripe.com/api/pagination)."""
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise invalid("This value must be between 1 and 100.", param="limit", code="parameter_invalid_integer")
    found = [
        item
        for item in reversed(objects.values())
        if matches(item) and _in_range(item["created"], params.get("created"))
    ]
    for cursor in ("starting_after", "ending_before"):
        if cursor in params and params[cursor] not in objects:
            raise invalid(f"No such object: '{params[cursor]}'", param=cursor, code="resource_missing")
    if "starting_after" in params:
        # The cursor may no longer match the filter, so the place is taken from the whole list.
        place = {item_id: number for number, item_id in enumerate(reversed(objects))}
        found = [item for item in found if place[item["id"]] > place[params["starting_after"]]]
    if "ending_before" in params:
        place = {item_id: number for number, item_id in enumerate(reversed(objects))}
        found = [item for item in found if place[item["id"]] < place[params["ending_before"]]]
        chosen = found[-limit:]
    else:
        chosen = found[:limit]
    answer = {"object": "list", "url": url, "has_more": len(found) > len(chosen), "data": chosen}
    return render(box, answer, params.get("expand"))


def _in_range(created, wanted):
    if wanted is None:
        return True
    if isinstance(wanted, int):
        return created == wanted
    tests = {"gt": created.__gt__, "gte": created.__ge__, "lt": created.__lt__, "lte": created.__le__}
    return all(tests[name](limit) for name, limit in wanted.items())
