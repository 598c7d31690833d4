"""The walls around the gates' phones: what is stored of a secret, what each refusal is, and that the database refuses
by itself.
"""

import base64
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from database import call, in_transaction
from gate import devices
from refusals import Refused
from tests.support.acting import acting_as
from tests.support.gating import Phone, open_doors
from views.supervisor import pairing_link

LINK = re.compile(r"/gate#pair=([\w-]+)")


@pytest.fixture
def grace(cast, rows, ground):
    open_doors(rows, ground.event)
    return cast.browser("grace")


@pytest.fixture
def pages(ground):
    return f"/gates/{ground.event}/phones"


def make(browser, pages, ground, **more):
    """The pairing secret of a phone that was made on the page."""
    answer = browser.post(pages, **{"name": "Gate C, lane 2", "gate": [ground.gate], **more})
    assert answer.status == 201, answer.text
    return LINK.search(answer.text).group(1)


def pair(app, secret, name="Pixel"):
    return app.test_client().post("/api/gate/pair", json={"secret": secret, "name": name})


def bundle(app, token):
    return app.test_client().get("/api/gate/bundle", headers={"Authorization": f"Bearer {token}"})


def test_only_hashes_of_secrets_are_kept(app, grace, pages, ground, rows):
    secret = make(grace, pages, ground, car_park=[ground.car_park], may_search="on")
    assert len(base64.urlsafe_b64decode(secret + "==")) == 16
    made = rows.one("select * from gate_device")
    assert bytes(made["pairing_hash"]) == hashlib.sha256(secret.encode()).digest() and made["token_hash"] is None
    assert (made["gates"], made["car_parks"], made["may_search"]) == ([ground.gate], [ground.car_park], True)
    assert 14 * 60 < rows.value("select extract(epoch from pairing_until - now()) from gate_device") <= 15 * 60
    answer = pair(app, secret)
    assert answer.status_code == 201 and answer.headers["Cache-Control"] == "no-store"
    token = answer.json["token"]
    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    assert bytes(rows.value("select token_hash from gate_device")) == hashlib.sha256(token.encode()).digest()
    assert bundle(app, token).json["device"]["car_parks"] == [ground.car_park]
    trail = rows("select * from system_log where object_type = 'gate_device' order by id")
    assert [row["action"] for row in trail] == ["gate.device_added", "gate.device_paired"]
    assert [row["actor_id"] is not None for row in trail] == [True, False]  # a phone is nobody
    everything = str([rows(f"select * from {table}") for table in ("gate_device", "system_log")])
    assert secret not in everything and token not in everything


def test_the_link_is_an_address_that_the_phone_reaches(app, grace, pages, ground):
    assert (
        "http://localhost/gate#pair=" in grace.post(pages, name="Lane 1", gate=[ground.gate]).text
    )  # the name the page was reached by
    settings = replace(
        app.config["SETTINGS"], public_url="https://192.0.2.7:5443"
    )  # an https address was set on purpose
    assert pairing_link(settings, "http://192.0.2.7:5000/", "abc") == "https://192.0.2.7:5443/gate#pair=abc"
    public = replace(settings, environment="production", public_url="https://tickets.example.org")
    assert pairing_link(public, "https://evil.example/", "abc") == "https://tickets.example.org/gate#pair=abc"


def test_two_phones_at_once_with_one_code_are_one_phone(app, grace, pages, ground, rows):
    secret = make(grace, pages, ground)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: pair(app, secret), range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [404] * 5
    (won,) = [answer.json["token"] for answer in answers if answer.status_code == 201]
    assert bundle(app, won).status_code == 200


@pytest.mark.parametrize("secret", [None, 5, [], "", "x" * 15, "x" * 22, "\0" * 22, "é" * 22, "\ud800" * 22, "x" * 200])
def test_what_is_no_secret_of_ours_pairs_nothing(app, ground, secret):
    answer = pair(app, secret)
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "PAIRING_UNKNOWN")


@pytest.mark.parametrize("name", [None, 7, "x" * 500, "Pixel\0 9", "Pixel \ud800 9", "अ" * 70])
def test_a_phone_may_call_itself_what_it_likes(app, grace, pages, ground, name):
    assert pair(app, make(grace, pages, ground), name).status_code == 201


def test_an_unpaired_code_dies_with_its_phone(app, grace, pages, ground, rows):
    secret = make(grace, pages, ground)
    assert grace.post(f"/gates/phones/{rows.value('select id from gate_device')}/revoke").status == 303
    assert pair(app, secret).json["error"]["code"] == "PAIRING_UNKNOWN"
    assert rows.value("select token_hash from gate_device") is None


def test_every_call_of_a_revoked_phone_is_refused(app, cast, grace, rows, ground):
    phone = Phone(app, rows, ground.stadium, ground.event, [ground.gate], may_search=True)
    calls = [
        ("GET", "bundle", {}),
        ("GET", "rights", {}),
        ("POST", "sync", {"json": {"cursor": 0, "revocations": 0, "state": {}}}),
    ]
    calls += [("POST", "scans", {"json": {"scans": [phone.scan("CV1:X")]}}), ("GET", "search?q=Asha", {})]
    assert [phone.call(method, path, **more).status_code for method, path, more in calls] == [200] * 5
    assert grace.post(f"/gates/phones/{phone.id}/revoke").status == 303
    for method, path, more in calls:
        answer = phone.call(method, path, **more)
        assert (answer.status_code, answer.json["error"]["code"]) == (401, "DEVICE_REVOKED"), path


@pytest.mark.parametrize("who", ["gus", "asha", "sunil"])
def test_the_database_refuses_another_grounds_people_by_itself(app, cast, grace, pages, ground, rows, who):
    """Behind the views' wall stands the functions' own, and row security's."""
    make(grace, pages, ground)
    device, before = rows.value("select id from gate_device"), rows("select * from gate_device")
    added = (ground.stadium, ground.event, "X", [ground.gate], [], False, b"x" * 32)
    with acting_as(app, cast, who):
        for function, *args in (
            ("app.add_gate_device", *added),
            ("app.revoke_gate_device", device),
            ("app.see_gate_alarm", 1, "seen"),
            ("app.enter_paper_scans", ground.event, ground.gate, "[]"),
        ):
            with pytest.raises(Refused) as refused:
                in_transaction(call, function, *args)
            assert refused.value.status == 404, function
        assert in_transaction(devices.devices_of, ground.stadium, ground.event) == []
        with pytest.raises(Refused):
            in_transaction(devices.get_device, device)
    assert rows("select * from gate_device") == before


def test_a_phone_stands_at_its_own_grounds_places_alone(app, cast, grace, ground, rows):
    foreign = rows.value("select id from gate where stadium_id = :s", s=ground.other_stadium)
    foreign_park = rows.value(
        "insert into car_park (stadium_id, gate_id, name, walk_minutes, zone) values (:s, :g, 'Far', 4, 9) "
        "returning id",
        s=ground.other_stadium,
        g=foreign,
    )
    wrong = [
        (ground.stadium, ground.event, [foreign], []),
        (ground.stadium, ground.event, [ground.gate, foreign], []),
        (ground.stadium, ground.event, [], [foreign_park]),
        (ground.stadium, ground.other_event, [ground.gate], []),
        (ground.stadium, ground.event, [], []),
    ]
    with acting_as(app, cast, "grace"):
        for stadium, event, gates, parks in wrong:
            with pytest.raises(Refused):
                in_transaction(devices.add, stadium, event, "X", gates, parks, False)
    assert rows.value("select count(*) from gate_device") == 0


def test_odd_forms_are_refused_and_break_nothing(grace, pages, ground, rows):
    for fields in (
        {"name": "A\0B", "gate": [ground.gate]},
        {"name": "A", "gate": [2**40]},
        {"name": "A", "gate": ["-1", "x", "²"]},
        {"name": "   ", "gate": [ground.gate]},
        {"name": "A"},
    ):
        assert grace.post(pages, **fields).status in (201, 400, 404, 422), fields
    assert rows.value("select count(*) from gate_device where name = ''") == 0
    for path in (f"/gates/{2**40}", f"/gates/{2**40}/phones/new"):
        assert grace.get(path).status == 404, path
    for path in (f"/gates/phones/{2**70}/revoke", f"/gates/alarms/{2**70}/seen", f"/gates/{2**40}/phones"):
        assert grace.post(path, name="X", note="x").status == 404, path
