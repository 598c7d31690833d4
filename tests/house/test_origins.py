"""Nothing is changed by a page of another site: `Origin` and `Sec-Fetch-Site` beside the token."""

import dataclasses
import re
import uuid

from web.guards import WITHOUT_COOKIE

EVIL = {"Origin": "https://evil.example"}
HERE = {"Origin": "http://localhost"}
# headers: whether the request is taken
SAID = [
    ({}, True),  # a browser too old for both: the token alone
    (HERE, True),
    ({**HERE, "Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, True),  # from our pages that send no referrer
    ({"Origin": "null"}, True),
    (EVIL, False),
    ({**EVIL, "Sec-Fetch-Site": "same-origin"}, False),
    ({**HERE, "Sec-Fetch-Site": "cross-site"}, False),
    ({**HERE, "Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, False),  # a sandboxed frame of another site
    ({"Origin": "https://localhost"}, False),
    ({"Origin": "http://localhost:8080"}, False),
    ({"Origin": "http://localhost.evil.example"}, False),
    ({"Origin": ""}, False),
]


def test_who_asks_is_looked_at_beside_the_token(visitor):
    for headers, is_taken in SAID:
        page = visitor.client.post("/sign-in", data={"csrf_token": visitor.csrf()}, headers=headers)
        assert page.status_code == (422 if is_taken else 403), (
            headers
        )  # 422: the form itself is looked at, and is empty
        api = visitor.api("POST", "/api/create-booking-payment", {"booking_id": "x"}, **headers)
        expected = (422, "MALFORMED") if is_taken else (403, "FOREIGN_ORIGIN")
        assert (api.status, api.json["error"]["code"]) == expected, headers


def test_a_refusal_says_where_to_do_it_instead(visitor, app):
    answer = visitor.client.post("/sign-in", data={"csrf_token": visitor.csrf()}, headers=EVIL)
    assert "another address" in answer.text and app.config["SETTINGS"].public_url in answer.text


def test_every_route_that_changes_something_looks(app, visitor):
    token, looked = visitor.csrf(), set()
    for rule in app.url_map.iter_rules():
        guard = getattr(app.view_functions[rule.endpoint], "guard", None)
        for method in rule.methods - {"GET", "HEAD", "OPTIONS"} if guard not in WITHOUT_COOKIE else ():
            asked = re.findall(r"<(?:(\w+):)?(\w+)>", rule.rule)
            values = {name: uuid.UUID(int=1) if kind == "uuid" else 1 for kind, name in asked}
            with app.test_request_context():
                path = app.url_map.bind("localhost").build(rule.endpoint, values, method)
            answer = visitor.client.open(path, method=method, headers={**EVIL, "X-CSRF-Token": token})
            assert answer.status_code == 403 and "another address" in answer.text, (method, rule.rule)
            looked.add(rule.endpoint)
    assert len(looked) > 30


def test_machines_that_sign_and_phones_at_the_gate_come_from_anywhere(visitor):
    signed = visitor.client.post("/api/stripe-webhook", data="{}", headers=EVIL)
    phone = visitor.client.post("/api/gate/pair", json={"secret": "x"}, headers=EVIL)
    assert "FOREIGN_ORIGIN" not in signed.text + phone.text
    assert (signed.status_code, phone.status_code) == (400, 404)


def test_a_public_site_has_one_address(settings):
    made = dataclasses.replace(settings, environment="production", public_url="https://Tickets.example.org:443")
    asked = lambda origin: made.is_own_origin(origin, "http", "10.0.0.1:5000")  # noqa: E731
    assert asked("https://tickets.example.org")
    for origin in ("http://tickets.example.org", "https://www.tickets.example.org", "http://10.0.0.1:5000", "", "null"):
        assert not asked(origin), origin
