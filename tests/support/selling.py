"""Selling as a fan does it: hold by the API, pay through the sandbox, settle by asking the server."""


def hold(browser, event_id, seat_ids, **more):
    """Hold these seats; the hold as JSON."""
    answer = browser.api("POST", f"/api/events/{event_id}/hold", {"seat_ids": seat_ids, **more})
    assert answer.status == 201, answer.text
    return answer.json


def start_payment(browser, booking_id, **contact):
    """Begin to pay: {client_secret, payment_intent_id, …}."""
    answer = browser.api("POST", "/api/create-booking-payment", {"booking_id": booking_id, **contact})
    assert answer.status == 200, answer.text
    return answer.json


def paid_booking(browser, ground, seats, sandbox, app=None, **contact):
    """A paid booking for these seat names of the stage: {id, reference, total, intent, seat_ids …}."""
    seat_ids = ground.ids(*seats)
    held = hold(browser, ground.event, seat_ids)
    started = start_payment(browser, held["id"], **contact)
    status, _ = sandbox.pay(started["client_secret"])
    assert status == 200
    answer = browser.api("GET", f"/api/payment-status/{started['payment_intent_id']}")
    assert answer.json["state"] == "paid", answer.text
    return {**held, "intent": started["payment_intent_id"], "seat_ids": seat_ids}
