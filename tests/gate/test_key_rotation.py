"""Keys are exchanged: planned, so that nothing already sold is worth less, and in an emergency, so that nothing old is
worth anything.
"""

import pytest

from gate import places
from tests.support.gating import Phone, open_doors, sell, tickets_of


@pytest.fixture
def sold(rows, ground, as_asha, sandbox):
    open_doors(rows, ground.event)
    return sell(as_asha, ground, ["A1", "A2", "A3"], sandbox, rows)


@pytest.fixture
def phone(app, rows, ground, sold):
    return Phone(app, rows, ground.stadium, ground.event, [ground.gate])


def rotate(app, *args):
    result = app.test_cli_runner().invoke(args=["rotate-key", *map(str, args)])
    places._kept.clear()
    return result


def test_a_planned_exchange_keeps_what_was_sold(app, rows, ground, phone, sold, as_ben, sandbox):
    result = rotate(app, ground.event)
    assert result.exit_code == 0 and "stay good" in result.output
    new = sell(as_ben, ground, ["B1"], sandbox, rows)[0]
    assert rows.value("select count(distinct key_id) from qr_code") == 2
    assert phone.say(sold[0]["code"])["outcome"] == "admitted" and phone.say(new["code"])["outcome"] == "admitted"
    keys = phone.call("GET", "bundle").json["keys"]
    assert len(keys) == 2 and not any(key["revoked"] for key in keys)


def test_an_emergency_refuses_every_old_code_and_signs_new_ones(app, rows, ground, phone, sold):
    phone.say(sold[2]["code"])
    before = phone.call("GET", "bundle").json
    result = rotate(app, ground.event, "--emergency")
    assert result.exit_code == 0 and "1 bookings have new codes" in result.output
    fresh = tickets_of(rows, sold[0]["booking"])
    assert {t["code"] for t in fresh}.isdisjoint(t["code"] for t in sold) and len(fresh) == 3
    assert phone.say(sold[0]["code"])["outcome"] == "void"
    assert phone.say(fresh[0]["code"])["outcome"] == "admitted"
    assert phone.say(next(t for t in fresh if t["id"] == sold[2]["id"])["code"])["outcome"] == "already_used"
    told = phone.call(
        "POST", "sync", json={"cursor": before["cursor"], "revocations": before["revocations"]["version"], "state": {}}
    ).json
    assert (
        told["version"] != before["version"] and len(told["revocations"]["hashes"]) == 32
    )  # three hashes of eight bytes
    assert rows.value("select count(*) from notification where dedupe_key like 'key:%'") == 1
    assert rows.value("select count(*) from system_log where action = 'key.replaced'") == 1


def test_an_exchange_that_was_cut_off_is_finished(app, rows, ground, sold):
    rows("delete from qr_code where ticket_id = :t", t=sold[0]["id"])
    assert "1 bookings looked at" in rotate(app, ground.event, "--resume").output
    assert len(tickets_of(rows, sold[0]["booking"])) == 3


def test_it_says_what_it_does_not_find(app):
    assert rotate(app, 999_999).exit_code == 1
    assert rotate(app).exit_code == 2
    assert rotate(app, "--parking", "nowhere").exit_code == 1


def test_the_owner_chooses_codes_that_change(as_omar, as_petra, rows, ground):
    as_omar.get(f"/owner/events/{ground.event}")
    assert as_omar.post(f"/owner/events/{ground.event}/codes", rotating="on").status == 303
    assert rows.value("select rotating_codes from event where id = :e", e=ground.event) is True
    assert "Let the codes stand still" in as_omar.get(f"/owner/events/{ground.event}").text
    as_petra.get("/owner")
    assert as_petra.post(f"/owner/events/{ground.event}/codes", rotating="off").status == 404
    assert as_omar.post(f"/owner/events/{ground.event}/codes", rotating="off").status == 303
    assert rows.value("select rotating_codes from event where id = :e", e=ground.event) is False
