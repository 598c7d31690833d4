"""A ticket or pass belongs to the event of the phone that reads it, whatever that phone says; and one scan that cannot
be read or kept takes no other with it.
"""

import hashlib
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

import qr_codes
from booking import invariants
from tests.gate.test_gate import _pass
from tests.gate.test_supervisor import clock
from tests.support.gating import Phone, open_doors, sell
from tests.support.live_house import until


@pytest.fixture
def evening(rows, ground):
    """Another event at the same ground on the same day, with doors of its own."""
    return rows.value(
        """insert into event (stadium_id, layout_id, name, starts_at, ends_at, gates_open_at, sale_starts_at,
                              sale_ends_at, guards_singles)
           select stadium_id, layout_id, 'The evening', starts_at, ends_at, gates_open_at, sale_starts_at, sale_ends_at,
                  false from event where id = :e returning id""",
        e=ground.event,
    )


@pytest.fixture
def sold(rows, ground, as_asha, sandbox):
    open_doors(rows, ground.event)
    return sell(as_asha, ground, ["A1", "A2"], sandbox, rows)


@pytest.fixture
def phone(app, rows, ground, sold):
    return Phone(app, rows, ground.stadium, ground.event, [ground.gate], [ground.car_park])


@pytest.fixture
def foreign(app, rows, ground, sold, evening):
    """A phone of the evening's event, which says that it let in whatever it is shown."""
    return Phone(app, rows, ground.stadium, evening, [ground.gate], [ground.car_park])


def sound(engine):
    with engine.connect() as connection:
        return [result for result in invariants.check(connection) if result.violations]


@pytest.mark.parametrize("shown", ["admitted", "left", "already_used", None])
def test_a_phone_of_another_event_uses_no_ticket(phone, foreign, sold, rows, engine, shown, app, ground, as_ben,
                                                 sandbox):  # fmt: skip
    parked = _pass(rows, ground, as_ben, sandbox, app)
    kind = "exit" if shown == "left" else "entry"
    ways = (
        {"code": sold[0]["code"]},
        {"code": sold[0]["code"], "mode": "override", "reason": "They insisted"},
        {"hash": qr_codes.b64(sold[0]["hash"]), "mode": "typed"},
        {"hash": qr_codes.b64(sold[0]["hash"]), "mode": "group", "via": str(uuid.uuid4())},
        {"code": parked["code"], "gate": None, "car_park": ground.car_park},
        {"hash": qr_codes.b64(parked["hash"]), "mode": "typed", "gate": None, "car_park": ground.car_park},
    )
    for way in ways:
        said = foreign.say(**{"code": None, "kind": kind, "shown": shown, **way})
        assert (said["let_in"], said["hash"], said["label"], said["plate"]) == (False, None, None, None), way
        assert said["found"] in ("wrong_event", "unknown"), way
    assert rows.value("select count(*) from scan where right_id is not null or let_in") == 0
    assert rows.value("select count(*) from admission") == rows.value("select count(*) from gate_alarm") == 0
    assert phone.say(sold[0]["code"])["outcome"] == "admitted"
    at = {"gate": None, "car_park": ground.car_park}
    assert phone.say(parked["code"], **at)["outcome"] == "admitted"
    assert sound(engine) == []


def test_nothing_of_a_scan_is_undone_by_another_events_phone(phone, foreign, sold, rows):
    entry = phone.scan(sold[0]["code"])
    phone.send(entry)
    foreign.say(kind="undo", of=entry["id"], reason="Wrong person", shown="undone")
    # The next scan of the ticket reckons its entries anew.
    assert phone.say(sold[0]["code"], shown="admitted")["double"] is True
    assert [str(row.scan_id) for row in rows("select scan_id from admission")] == [entry["id"]]


def test_what_our_key_never_signed_for_this_event_is_nobodys_ticket(app, phone, foreign, sold, evening, rows, ground):
    """A key signs for its own event: a code by another event's key, for a ticket of this one, is a forgery."""
    foreign.call("GET", "bundle")  # makes the evening's key
    key = rows.one("select id, public_key, private_key_wrapped from signing_key where event_id = :e", e=evening)
    private = qr_codes.unwrap(app.config["SETTINGS"].qr_master_key, key.public_key, key.private_key_wrapped)
    now = int(time.time())
    made = qr_codes.Code(key.id, ground.event, uuid.UUID(sold[0]["id"]), 1, 3, now - 9, now + 999)
    from gate import places

    places._kept.clear()
    said = phone.say(qr_codes.sign(made, private), shown="admitted")
    assert (said["found"], said["let_in"]) == ("forged", False)
    assert phone.say(sold[0]["code"])["outcome"] == "admitted"


def test_a_mark_on_paper_is_of_its_own_event(cast, phone, sold, evening, rows, ground):
    grace = cast.browser("grace")
    grace.get(f"/gates/{evening}/marks")
    page = {"codes": qr_codes.short_code(sold[0]["hash"]), "at": clock(rows, ground, 0), "gate": str(ground.gate)}
    answer = grace.post(f"/gates/{evening}/marks", **page)
    assert answer.status == 200 and "1 code not known" in answer.text
    assert rows.value("select count(*) from scan") == 0
    assert phone.say(sold[0]["code"])["outcome"] == "admitted"


def test_a_double_header_is_one_event_for_all_of_its_gates(app, phone, sold, rows, ground):
    rows("insert into event_match select :e, id from match where id <> :m limit 1", e=ground.event, m=ground.match)
    second = rows.value(
        "insert into gate (stadium_id, code, name, zone) values (:s, 'F', 'Gate F', 6) returning id", s=ground.stadium
    )
    other = Phone(app, rows, ground.stadium, ground.event, [second, ground.gate])
    assert phone.say(sold[0]["code"])["outcome"] == "admitted"
    assert other.say(sold[0]["code"])["outcome"] == "already_used"


# --- one scan beside another ------------------------------------------------------------------------------------------

NUL, HALF = "\0", "\ud800"
BAD = {
    "kind of a list": {"kind": ["entry"]},
    "mode of an object": {"mode": {}},
    "shown of a list": {"shown": ["admitted"]},
    "gate of a list": {"gate": [1]},
    "gate of an object": {"gate": {}},
    "gate of a truth": {"gate": True},
    "car park of a fraction": {"car_park": 0.5},
    "id with a NUL": {"id": NUL * 36},
    "id of half a sign": {"id": HALF},
    "id of a number": {"id": 7},
    "of that is no id": {"of": [], "kind": "undo", "reason": "Wrong person"},
    "via that is no id": {"via": HALF},
    "hash of a number": {"code": None, "hash": 5},
    "hash with a NUL": {"code": None, "hash": NUL * 11},
    "hash of half a sign": {"code": None, "hash": HALF * 11},
    "code of a list": {"code": ["CV1:"]},
    "code without end": {"code": "A" * 401},
    "reason of an object": {"reason": {"a": 1}},
    "no reason but a NUL": {"mode": "override", "reason": NUL},
    "no clock": {"at": None},
    "a clock of words": {"at": "now"},
    "a time beyond all calendars": {"synced_at": 10**300},
    "a counter of words": {"counter": "1"},
}
# What can be kept is kept, with what cannot be written left out.
KEPT = {
    "a reason with a NUL": {"mode": "override", "reason": f"Known{NUL}to us"},
    "a reason with half a sign": {"mode": "override", "reason": f"Known {HALF} to us"},
    "a code with a NUL": {"code": f"CV1:{NUL}"},
    "a code with half a sign": {"code": f"CV1:{HALF}"},
    "digits of half signs": lambda code: {"code": f"{code}/{HALF * 8}"},
    "a counter beyond its column": {"counter": 2**40},
}


def test_each_bad_scan_is_answered_alone_and_the_rest_is_kept(phone, sold, rows):
    good = [phone.scan(sold[0]["code"]), phone.scan(sold[1]["code"])]
    bad = [phone.scan(sold[0]["code"]) | change for change in BAD.values()]
    odd = [
        phone.scan(sold[0]["code"]) | (change(sold[0]["code"]) if callable(change) else change)
        for change in KEPT.values()
    ]
    answers = phone.send(good[0], *bad, [], None, 17, *odd, good[1])
    assert [answers[0]["outcome"], answers[-1]["outcome"]] == ["admitted", "admitted"]
    said = dict(zip([*BAD, "list", "null", "number"], answers[1 : len(bad) + 4], strict=True))
    assert {name: answer.get("error", {}).get("code") for name, answer in said.items()} == dict.fromkeys(
        said, "MALFORMED"
    )
    assert all(answer["error"]["message"].startswith("A scan cannot be read: ") for answer in said.values())
    kept = dict(zip(KEPT, answers[len(bad) + 4 : -1], strict=True))
    assert {name: answer.get("error") for name, answer in kept.items()} == dict.fromkeys(kept)
    assert rows.value("select count(*) from scan") == 2 + len(KEPT)
    assert {row.reason for row in rows("select reason from scan where reason is not null")} == {"Known to us"}


@pytest.fixture
def picky(rows):
    """A database that cannot keep a scan with the reason "Cannot be kept"."""
    rows(
        """create function picky() returns trigger language plpgsql as
           $$ begin raise exception 'no' using errcode = '22003'; end $$"""
    )
    rows(
        "create trigger picky before insert on scan for each row when (new.reason = 'Cannot be kept') "
        "execute function picky()"
    )
    yield
    rows("drop trigger picky on scan")
    rows("drop function picky()")


def test_what_only_the_database_refuses_stops_no_other_scan(phone, sold, rows, picky):
    """The second wall: should the reading let something through, it is still answered alone."""
    bad = phone.scan(sold[1]["code"], reason="Cannot be kept")
    answers = phone.send(bad, phone.scan(sold[0]["code"]), phone.scan(sold[1]["code"]))
    assert answers[0]["error"]["code"] == "MALFORMED" and answers[0]["id"] == bad["id"]
    assert [answer.get("outcome") for answer in answers[1:]] == ["admitted", "admitted"]
    assert phone.send(bad)[0]["error"]["message"] == "A scan cannot be read: the database cannot keep it."
    assert rows.value("select count(*) from scan") == 2


def test_digits_that_are_none_are_an_old_picture(phone, sold, rows):
    rows("update event set rotating_codes = true")
    scan = phone.scan(f"{sold[0]['code']}/{HALF * 8}")
    assert [answer["outcome"] for answer in phone.send(scan, phone.scan("nothing"))] == ["old_picture", "unknown"]


def test_a_scan_that_is_sent_twice_at_the_same_moment_is_answered_twice(app, phone, sold, engine, rows):
    """Both find no such scan, and wait for the ticket; the second then finds that it stands already."""
    scan = phone.scan(sold[0]["code"])

    def send(_):
        headers = {"Authorization": f"Bearer {phone.token}"}
        return app.test_client().post("/api/gate/scans", json={"scans": [scan]}, headers=headers)

    phone.call("GET", "bundle")
    with ThreadPoolExecutor(2) as pool, engine.connect() as holder:
        holder.execute(text("select from ticket where id = :t for update"), {"t": sold[0]["id"]})
        sent = pool.map(send, range(2))
        waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and usename = 'cv_app'"
        until(lambda: rows.value(waiting) == 2, what="both requests")
        holder.rollback()
        answers = list(sent)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert sorted(answer.json["verdicts"][0]["replay"] for answer in answers) == [False, True]


def test_a_sync_bears_signs_that_are_none(phone, sold, rows):
    state = {"mode": f"on{NUL}line{HALF}", "waiting": "many", "battery": [], "camera": "yes", "skew_ms": 10**400}
    answer = phone.call("POST", "sync", json={"cursor": "1", "revocations": [], "state": state})
    assert answer.status_code == 200 and rows.value("select state ->> 'mode' from gate_device") == "on line"
    for cursor, odd in ((2**63, []), (-1, "x"), (1.5, None), (True, 0)):
        assert (
            phone.call("POST", "sync", json={"cursor": cursor, "revocations": cursor, "state": odd}).status_code == 200
        )


def test_a_scan_reads_no_table_of_scans_whole(phone, sold, engine):
    """At a ground's first gate they are empty when a connection plans, and its plans stay while they fill."""
    now = time.time() * 1000
    scan = {"id": str(uuid.uuid4()), "kind": "entry", "mode": "camera", "verdict": "admitted", "gate": phone.gate}
    scan |= {"right": sold[0]["id"], "seq": 1, "at": now, "offset": 0, "synced_at": now, "counter": 1}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze scan, admission"))
    read = text("select pg_stat_get_xact_numscans('scan'::regclass), pg_stat_get_xact_numscans('admission'::regclass)")
    with engine.begin() as connection:
        before = connection.execute(read).one()
        kept = connection.execute(
            text("select verdict ->> 'outcome' from app.record_scans(:token, cast(:scans as jsonb))"),
            {"token": hashlib.sha256(phone.token.encode()).digest(), "scans": json.dumps([scan])},
        )
        assert kept.scalar() == "admitted"
        assert connection.execute(read).one() == before
