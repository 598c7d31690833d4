"""The gate's server: every outcome, one admission each, exit and return, undo, merges in any order, phones and their
walls.
"""

import base64
import os
import random
import struct
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import qr_codes
from booking import invariants
from tests.support.gating import Phone, open_doors, sell

# Uploads in other orders, each compared with the first; a campaign asks for more: CRICVERSE_ORDERS=1000 pytest
# tests/gate/test_gate.py -k any_order
ORDERS = int(os.environ.get("CRICVERSE_ORDERS", "60"))


@pytest.fixture
def doors(rows, ground):
    open_doors(rows, ground.event)


@pytest.fixture
def sold(doors, as_asha, ground, sandbox, rows):
    return sell(as_asha, ground, ["A1", "A2", "A3"], sandbox, rows)


@pytest.fixture
def phone(app, rows, ground, doors):
    return Phone(app, rows, ground.stadium, ground.event, [ground.gate], [ground.car_park], may_search=True)


@pytest.fixture
def second_gate(rows, ground):
    return rows.value(
        "insert into gate (stadium_id, code, name, zone) values (:s, 'F', 'Gate F', 6) returning id", s=ground.stadium
    )


@pytest.fixture
def other_phone(app, rows, ground, doors, second_gate):
    """At gate F, and it may let in those of gate C as well: a second lane."""
    return Phone(app, rows, ground.stadium, ground.event, [second_gate, ground.gate])


def sound(engine):
    with engine.connect() as connection:
        return [result for result in invariants.check(connection) if result.violations]


# --- the outcomes ---------------------------------------------------------------------------------


def test_a_ticket_lets_in_once_and_tells_when_and_where(phone, other_phone, sold, rows, engine):
    first = phone.say(sold[0]["code"])
    assert (first["outcome"], first["let_in"], first["double"]) == ("admitted", True, False)
    assert (
        first["label"] == {"stand": "Cooper Stand", "bay": "14", "row": "A", "seat": "1", "gate": "C"}
        and first["type"] == "adult"
    )
    assert [other["status"] for other in first["booking"]] == [0, 0]
    again = other_phone.say(sold[0]["code"])
    assert (again["outcome"], again["let_in"], again["gate"]) == ("already_used", False, "C")
    assert abs(again["at"] - time.time() * 1000) < 60_000
    assert rows.value("select count(*) from admission") == 1 and rows.value("select count(*) from scan") == 2
    assert rows.value("select status from ticket where id = :t", t=sold[0]["id"]) == "used"
    assert sound(engine) == []


def test_a_repeat_is_answered_with_the_stored_verdict_and_adds_nothing(phone, sold, rows):
    scan = phone.scan(sold[0]["code"])
    first, second = phone.send(scan)[0], phone.send(scan)[0]
    assert (first["outcome"], first["replay"]) == ("admitted", False)
    assert (second["outcome"], second["let_in"], second["replay"]) == ("admitted", True, True)
    assert rows.value("select count(*) from scan") == 1


def test_the_wrong_gate_names_the_right_one(phone, app, rows, ground, sold, second_gate):
    elsewhere = Phone(app, rows, ground.stadium, ground.event, [second_gate])
    said = elsewhere.say(sold[0]["code"])
    assert (said["outcome"], said["right"]) == ("wrong_gate", {"code": "C", "name": "Gate C"})
    typed = elsewhere.say(hash=qr_codes.b64(sold[0]["hash"]), mode="typed")
    assert (typed["outcome"], typed["right"]["code"]) == ("wrong_gate", "C")
    let = elsewhere.say(sold[0]["code"], mode="override", reason="Carries a baby")
    assert (let["outcome"], let["found"], let["let_in"]) == ("admitted", "wrong_gate", True)


def test_refunded_and_disputed_tickets_do_not_let_in(phone, as_asha, sold, rows, ground):
    booking = sold[0]["booking"]
    line = rows.value("select line_id from ticket where id = :t", t=sold[0]["id"])
    as_asha.post(f"/tickets/{booking}/refund", line=[str(line)])
    assert rows.value("select status from ticket where id = :t", t=sold[0]["id"]) == "void"
    assert phone.say(sold[0]["code"])["outcome"] == "void"
    rows("update ticket set status = 'disputed' where id = :t", t=sold[1]["id"])
    assert phone.say(sold[1]["code"])["outcome"] == "disputed"
    assert phone.say(sold[0]["code"], mode="override", reason="please")["let_in"] is False
    let = phone.say(sold[1]["code"], mode="override", reason="Supervisor spoke to them")
    assert (let["let_in"], let["found"]) == (True, "disputed")


def test_what_is_no_good_code_is_told_apart(phone, sold, app, rows, ground, cast, sandbox):
    code = sold[0]["code"]
    assert phone.say("https://example.org/menu")["outcome"] == "unknown"
    assert phone.say(code[:-3])["outcome"] == "unreadable"
    raw = bytearray(qr_codes.b45decode(code[4:]))
    raw[40] ^= 1
    assert phone.say("CV1:" + qr_codes.b45encode(bytes(raw)))["outcome"] == "forged"
    raw[2] ^= 0x77
    assert phone.say("CV1:" + qr_codes.b45encode(bytes(raw)))["outcome"] == "unknown"
    assert (
        rows.value("select count(*) from admission") == 0
        and rows.value("select count(*) from scan where code_hash is not null") == 4
    )


def test_another_days_ticket_is_told_from_another_grounds(app, rows, ground, phone, as_ben, sandbox):
    tomorrow = rows.value(
        """insert into event (stadium_id, layout_id, name, starts_at, ends_at, gates_open_at, sale_starts_at,
                              sale_ends_at, guards_singles)
           select stadium_id, layout_id, 'Day two', starts_at + interval '1 day', ends_at + interval '1 day',
                  gates_open_at + interval '1 day',
                  sale_starts_at, sale_ends_at + interval '1 day', false from event where id = :e returning id""",
        e=ground.event,
    )
    rows("insert into event_match select :e, match_id from event_match where event_id = :o", e=tomorrow, o=ground.event)
    rows(
        "insert into event_price (event_id, band, ticket_type, face) select :e, band, ticket_type, face "
        "from event_price where event_id = :o",
        e=tomorrow,
        o=ground.event,
    )
    today = ground.event
    ground.event = tomorrow
    other = sell(as_ben, ground, ["A5"], sandbox, rows)[0]
    ground.event = today
    assert phone.say(other["code"])["outcome"] == "wrong_day"
    rows(
        "update event set (starts_at, gates_open_at) = (select starts_at, gates_open_at from event where id = :o) "
        "where id = :e",
        e=tomorrow,
        o=today,
    )
    from gate import places

    places._kept.clear()
    assert phone.say(other["code"])["outcome"] == "wrong_event"
    assert phone.say(other["code"], mode="override", reason="Nice people")["let_in"] is False


def test_validity_is_told_both_ways(phone, sold, rows, app):
    private, key_id = _key(app, rows)
    from uuid import UUID

    now = int(time.time())
    for outcome, begins, ends in (("not_yet_valid", now + 600, now + 900), ("expired", now - 900, now - 600)):
        event = rows.value("select event_id from signing_key where id = :k", k=key_id)
        code = qr_codes.sign(qr_codes.Code(key_id, event, UUID(sold[0]["id"]), 1, 3, begins, ends), private)
        assert phone.say(code)["outcome"] == outcome


def _key(app, rows):
    key = rows.one(
        "select id, public_key, private_key_wrapped from signing_key where event_id is not null order by id limit 1"
    )
    return qr_codes.unwrap(app.config["SETTINGS"].qr_master_key, key.public_key, key.private_key_wrapped), key.id


def test_a_key_that_was_revoked_lets_nobody_in(phone, sold, rows):
    from gate import places

    rows("update signing_key set revoked_at = now()")
    places._kept.clear()
    assert phone.say(sold[0]["code"])["outcome"] == "void"


# --- exit, return, undo, groups -------------------------------------------------------------------


def test_out_and_in_again(phone, sold, rows, engine):
    assert phone.say(sold[0]["code"], kind="exit")["outcome"] == "not_inside"
    phone.say(sold[0]["code"])
    assert phone.say(sold[0]["code"], kind="exit")["outcome"] == "left"
    assert phone.say(sold[0]["code"], kind="exit")["outcome"] == "not_inside"
    assert phone.say(sold[0]["code"])["outcome"] == "admitted"
    assert [(r.entry_no, r.left_at is None) for r in rows("select entry_no, left_at from admission order by 1")] == [
        (1, False),
        (2, True),
    ]
    assert sound(engine) == []


def test_an_undo_has_a_reason_and_lets_the_ticket_in_again(phone, sold, rows):
    scan = phone.scan(sold[0]["code"])
    phone.send(scan)
    without = phone.send(phone.scan(kind="undo", of=scan["id"]))[0]
    assert without["error"]["code"] == "MALFORMED"
    assert phone.say(kind="undo", of=scan["id"], reason="Wrong person")["outcome"] == "undone"
    assert rows.value("select count(*) from admission") == 0
    assert rows.value("select status from ticket where id = :t", t=sold[0]["id"]) == "valid"
    assert rows.value("select let_in from scan where id = :s", s=scan["id"]) is True
    assert phone.say(sold[0]["code"])["outcome"] == "admitted"


def test_the_whole_booking_comes_in_with_one_code(phone, sold, rows):
    first = phone.scan(sold[0]["code"])
    verdict = phone.send(first)[0]
    rest = [phone.scan(mode="group", hash=other["hash"], via=first["id"]) for other in verdict["booking"]]
    assert [v["outcome"] for v in phone.send(*rest)] == ["admitted", "admitted"]
    assert rows.value("select count(*) from admission") == 3


def test_one_bad_scan_never_stops_the_others(phone, sold):
    good = phone.scan(sold[0]["code"])
    verdicts = phone.send({"id": "no"}, phone.scan(sold[1]["code"], gate=999_999), 17, good)
    assert [v.get("error", {}).get("code") for v in verdicts] == ["MALFORMED", "MALFORMED", "MALFORMED", None]
    assert verdicts[3]["outcome"] == "admitted"


def test_cars_come_in_by_their_pass_and_not_through_the_turnstile(app, phone, as_asha, ground, rows, sandbox, doors):
    rows_of = _pass(rows, ground, as_asha, sandbox, app)
    said = phone.say(rows_of["code"], gate=None, car_park=ground.car_park)
    assert (said["outcome"], said["plate"]) == ("admitted", "CRV26A"), said
    at_gate = Phone(app, rows, ground.stadium, ground.event, [ground.gate])
    wrong = at_gate.say(rows_of["code"])
    assert (wrong["outcome"], wrong["right"]["name"]) == ("wrong_gate", "Wharf Street")


def _pass(rows, ground, browser, sandbox, app):
    from tests.support.selling import hold, start_payment

    held = hold(browser, ground.event, ground.ids("B1"))
    rows(
        """insert into parking_claim (car_park_id, bay_kind, booking_id, starts_at, ends_at, plate, state, expires_at)
           select :p, 'standard', b.id, e.starts_at - interval '2 hours', e.ends_at + interval '1 hour', 'CRV26A',
                  'held', b.expires_at
             from booking b join event e on e.id = b.event_id where b.id = :b""",
        p=ground.car_park,
        b=held["id"],
    )
    rows(
        "insert into booking_line (booking_id, kind, parking_claim_id, face, fee, tax, total) "
        "select booking_id, 'parking', id, 2500, 0, 227, 2500 from parking_claim"
    )
    rows("update booking set face = face + 2500, tax = tax + 227, total = total + 2500 where id = :b", b=held["id"])
    started = start_payment(browser, held["id"])
    sandbox.pay(started["client_secret"])
    assert browser.get(f"/bookings/{held['id']}/payment").json["state"] == "paid"
    found = rows.one("select p.id, p.hash, q.code from parking_pass p join qr_code q on q.pass_id = p.id")
    return {"id": str(found.id), "hash": bytes(found.hash), "code": found.code}


# --- rotating codes -------------------------------------------------------------------------------


def test_a_rotating_code_is_good_now_and_its_picture_is_not(app, rows, ground, as_asha, sandbox):
    open_doors(rows, ground.event, rotating=True)
    tickets = sell(as_asha, ground, ["A1", "A2"], sandbox, rows)
    phone = Phone(app, rows, ground.stadium, ground.event, [ground.gate])
    key = rows.value("select id from signing_key where event_id = :e", e=ground.event)
    secret = qr_codes.right_secret(
        qr_codes.event_secret(app.config["SETTINGS"].qr_master_key, key), uuid.UUID(tickets[0]["id"]), 1
    )
    now = time.time()
    assert phone.say(qr_codes.rotating(tickets[0]["code"], secret, now - 45))["outcome"] == "old_picture"
    assert phone.say(tickets[0]["code"])["outcome"] == "check_identity"
    assert phone.say(hash=qr_codes.b64(tickets[0]["hash"]), mode="typed")["outcome"] == "check_identity"
    assert phone.say(qr_codes.rotating(tickets[1]["code"], secret, now))["outcome"] == "old_picture"
    assert phone.say(qr_codes.rotating(tickets[0]["code"], secret, time.time()))["outcome"] == "admitted"
    assert phone.say(tickets[1]["code"], mode="override", reason="Identity card seen")["let_in"] is True


def test_no_picture_of_45_seconds_is_ever_accepted():
    secret, chance = bytes(range(20)), random.Random(7)
    for _ in range(10_000):
        taken = chance.uniform(1.7e9, 1.8e9)
        assert not qr_codes.is_current(
            qr_codes.totp(secret).at(int(taken)), secret, taken + 45 + chance.uniform(0, 3600)
        )
        assert qr_codes.is_current(qr_codes.totp(secret).at(int(taken)), secret, taken + chance.uniform(0, 29))


# --- many at once, and phones without a network ---------------------------------------------------


def test_a_hundred_scans_at_once_let_one_in(app, rows, ground, sold, engine):
    phones = [Phone(app, rows, ground.stadium, ground.event, [ground.gate]) for _ in range(10)]
    scans = [(phone, phone.scan(ticket["code"])) for ticket in sold for phone in phones for _ in range(10)]
    random.Random(3).shuffle(scans)

    def send(pair):
        phone, scan = pair
        answer = app.test_client().post(
            "/api/gate/scans", json={"scans": [scan]}, headers={"Authorization": f"Bearer {phone.token}"}
        )
        return answer.json["verdicts"][0]

    with ThreadPoolExecutor(12) as pool:
        verdicts = list(pool.map(send, scans))
    assert sum(v["let_in"] for v in verdicts) == 3
    assert {v["outcome"] for v in verdicts} == {"admitted", "already_used"}
    assert rows.value("select count(*) from admission") == 3 and rows.value("select count(*) from scan") == 300
    assert sound(engine) == []


def offline_set(phones, sold):
    """What three phones did in the dark: doubles within a phone and across phones, exits, returns, an undo, an
    override, refusals.
    """
    a, b, c = phones
    now = time.time() * 1000
    dark = now - 3_600_000

    def made(phone, minute, code, kind="entry", shown="admitted", **more):
        return phone, phone.scan(code, kind=kind, shown=shown, at=dark + minute * 60_000, synced_at=dark, **more)

    scans = [
        made(a, 1, sold[0]["code"]),
        made(b, 2, sold[0]["code"]),
        made(b, 3, sold[0]["code"], kind="exit", shown="left"),
        made(c, 4, sold[0]["code"]),
        made(c, 5, sold[1]["code"]),
        made(c, 6, sold[1]["code"], shown="already_used"),
        made(a, 6, sold[1]["code"], mode="override", reason="Came out by the wrong gate"),
        made(b, 7, sold[2]["code"]),
        made(a, 8, sold[2]["code"]),
        made(a, 9, sold[2]["code"], kind="exit", shown="not_inside"),
    ]
    scans.append(
        (
            b,
            b.scan(
                kind="undo",
                of=scans[7][1]["id"],
                reason="Turned round",
                shown="undone",
                at=dark + 600_000,
                synced_at=dark,
            ),
        )
    )
    return scans


def state(rows):
    """All that follows from the scans."""
    return (
        [
            tuple(r)
            for r in rows(
                "select right_id::text, entry_no, scan_id::text, at, left_scan_id::text, left_at from admission "
                "order by 1, 2"
            )
        ],
        [
            tuple(r)
            for r in rows("select right_id::text, kind, scan_id::text, first_scan_id::text from gate_alarm order by 3")
        ],
        [tuple(r) for r in rows("select id::text, status from ticket order by 1")],
    )


@pytest.fixture
def dark(app, rows, ground, sold):
    phones = [Phone(app, rows, ground.stadium, ground.event, [ground.gate], name=n) for n in "ABC"]
    return offline_set(phones, sold)


def upload(rows, scans, chance):
    """Send them in any order, in batches of any size, some of them again."""
    rows("truncate gate_alarm, admission, scan cascade")
    rows("update ticket set status = 'valid' where status = 'used'")
    todo = scans + chance.sample(scans, chance.randint(0, 4))
    chance.shuffle(todo)
    while todo:
        phone = todo[0][0]
        batch = [scan for owner, scan in todo if owner is phone][: chance.randint(1, 4)]
        todo = (
            [(owner, scan) for owner, scan in todo if not any(scan is sent for sent in batch)]
            if chance.random() < 0.5
            else _without(todo, batch)
        )
        phone.send(*batch)
    return state(rows)


def _without(todo, batch):
    left = list(todo)
    for sent in batch:
        del left[next(n for n, (_, scan) in enumerate(left) if scan is sent)]
    return left


def test_offline_scans_merge_to_one_result_in_any_order(dark, rows, engine):
    chance = random.Random(11)
    expected = upload(rows, dark, random.Random(0))
    assert (
        len(expected[0]) == 4 and len(expected[1]) == 2
    )  # 0: in, out, in again; 1: one; 2: one, for the other entry was undone
    for _ in range(ORDERS):
        assert upload(rows, dark, chance) == expected
        assert rows.value("select count(*) from scan") == len(dark)
    assert sound(engine) == []


def test_nobody_is_unadmitted_and_both_gates_hear_of_a_double(app, rows, ground, sold, second_gate, engine):
    c, f = (Phone(app, rows, ground.stadium, ground.event, [g, ground.gate]) for g in (ground.gate, second_gate))
    here, there = (
        phone.call("POST", "sync", json={"cursor": 0, "revocations": 0, "state": {}}).json["cursor"] for phone in (c, f)
    )
    now = time.time() * 1000
    late = f.scan(sold[0]["code"], shown="admitted", at=now - 60_000, synced_at=now - 120_000)
    assert c.say(sold[0]["code"])["outcome"] == "admitted"
    answer = f.send(late)[0]
    assert (answer["outcome"], answer["let_in"], answer["double"], answer["found"]) == (
        "admitted",
        True,
        True,
        "already_used",
    )
    for phone, cursor in ((c, here), (f, there)):
        alarm = phone.call("POST", "sync", json={"cursor": cursor, "revocations": 0, "state": {}}).json["alarms"][0]
        # The one in the dark was first: the gate that had a network let in the double, as nobody could know.
        assert (alarm["kind"], alarm["first_gate"], alarm["gate"], alarm["label"]["seat"]) == ("double", "F", "C", "1")
    assert (
        rows.value("select count(*) from scan where let_in") == 2 and rows.value("select count(*) from admission") == 1
    )
    assert sound(engine) == []


def test_a_wrong_clock_is_first_by_no_more_than_its_time_in_the_dark(phone, other_phone, sold, rows):
    now = time.time() * 1000
    phone.say(sold[0]["code"])
    early = other_phone.scan(sold[0]["code"], shown="admitted", at=now - 5 * 3_600_000, synced_at=time.time() * 1000)
    other_phone.send(early)
    assert rows.value("select scan_id::text from admission") != early["id"]
    ahead = other_phone.scan(sold[1]["code"], shown="admitted", at=now + 3 * 3_600_000, synced_at=now)
    other_phone.send(ahead)
    assert rows.value("select at <= received_at from scan where id = :s", s=ahead["id"]) is True


def test_whoever_entered_on_a_void_ticket_in_the_dark_is_an_alarm(phone, sold, rows, engine):
    rows("update ticket set status = 'void', void_at = now() - interval '1 hour' where id = :t", t=sold[0]["id"])
    now = time.time() * 1000
    answer = phone.say(sold[0]["code"], shown="admitted", at=now - 1000, synced_at=now - 7_200_000)
    assert (answer["let_in"], answer["found"]) == (True, "void")
    assert rows.value("select kind from gate_alarm") == "void"
    assert not [r for r in sound(engine) if r.number == 9]


# --- what a phone takes along ---------------------------------------------------------------------


def columns_of(body):
    """{hash: (status, flags, type, zone, group, row label, seat)} of the binary."""
    magic, n, length = struct.unpack_from(">4sII", body)
    import json

    labels = json.loads(body[12 : 12 + length])
    at, columns = 12 + length, []
    for width in (8, 1, 1, 1, 1, 4, 2, 2):
        columns.append([body[at + k * width : at + (k + 1) * width] for k in range(n)])
        at += n * width
    assert magic == b"CVR1" and at == len(body)
    return labels, {c[0]: tuple(int.from_bytes(x, "big") for x in c[1:]) for c in zip(*columns, strict=True)}


def test_the_rights_of_an_event_travel_without_a_name(app, phone, sold, rows, ground, as_ben, sandbox):
    parked = _pass(rows, ground, as_ben, sandbox, app)
    phone.say(sold[1]["code"])
    answer = phone.call("GET", "rights")
    labels, found = columns_of(answer.data)
    assert list(found) == sorted(found) and len(found) == 5 and int(answer.headers["X-Cursor"]) > 0
    status, flags, kind, zone, group, row, seat = found[sold[0]["hash"]]
    assert (status, flags, labels["types"][kind], zone, labels["rows"][row], labels["seats"][seat]) == (
        0,
        0,
        "adult",
        3,
        ["Cooper Stand", "14", "A", 3],
        "1",
    )
    assert found[sold[1]["hash"]][0] == 1 and found[sold[1]["hash"]][4] == group
    assert found[parked["hash"]][1] & 1 and labels["car_parks"][found[parked["hash"]][5]] == "Wharf Street"
    for secret in (b"Asha", b"asha@", b"CRV26A", sold[0]["id"].encode(), uuid.UUID(sold[0]["id"]).bytes):
        assert secret not in answer.data


def test_the_revocation_list_is_signed_and_grows_by_deltas(phone, sold, rows, as_asha):
    bundle = phone.call("GET", "bundle").json
    first = bundle["revocations"]
    assert first["since"] == 0 and first["hashes"] == "" and bundle["rotation_secret"] is None
    rows("update qr_code set revoked_at = now() where ticket_id = :t", t=sold[0]["id"])
    answer = phone.call(
        "POST",
        "sync",
        json={"cursor": bundle["cursor"], "revocations": first["version"], "state": {"waiting": 3, "battery": 0.5}},
    ).json
    delta = answer["revocations"]
    assert delta["since"] == first["version"] <= delta["version"]
    assert delta["hashes"] == qr_codes.b64(qr_codes.revoked_hash(uuid.UUID(sold[0]["id"]), 1))
    key = next(k for k in bundle["keys"] if k["id"] == delta["key"])
    message = b"cricverse revocations v1\0" + struct.pack(
        ">IQQQ", delta["event"], delta["since"], delta["version"], delta["issued_at"]
    )
    raw = base64.urlsafe_b64decode(delta["hashes"] + "=")
    Ed25519PublicKey.from_public_bytes(qr_codes.unb64(key["public"])).verify(
        qr_codes.unb64(delta["signature"]), message + raw
    )
    assert (
        phone.call(
            "POST", "sync", json={"cursor": answer["cursor"], "revocations": delta["version"] + 1, "state": {}}
        ).json["revocations"]
        is None
    )
    assert rows.value("select state ->> 'waiting' from gate_device") is None  # the last sync said nothing


def test_what_happened_at_another_gate_comes_with_the_next_sync(phone, other_phone, sold):
    cursor = phone.call("GET", "bundle").json["cursor"]
    other_phone.say(sold[0]["code"])
    answer = phone.call("POST", "sync", json={"cursor": cursor, "revocations": 0, "state": {}}).json
    assert [(row[0], row[1]) for row in answer["changes"]] == [(qr_codes.b64(sold[0]["hash"]), 1)]
    assert answer["counts"] == {"admitted": 1, "inside": 1, "here": 0}


def test_searching_needs_the_right_to(app, phone, sold, rows, ground):
    found = phone.call("GET", "search?q=asha").json["found"]
    assert len(found) == 3 and found[0]["name"] == "Asha Rao" and found[0]["label"]["stand"] == "Cooper Stand"
    assert phone.call("GET", "search?q=%25").json["found"] == []
    plain = Phone(app, rows, ground.stadium, ground.event, [ground.gate])
    assert plain.call("GET", "search?q=asha").status_code == 403


# --- whose phone it is ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["bundle", "rights", "search?q=asha", "sync", "scans"])
def test_a_stolen_phone_is_out_with_its_next_call(phone, sold, rows, path):
    method = "POST" if path in ("sync", "scans") else "GET"
    send = {"json": {"scans": [phone.scan(sold[0]["code"])]}} if method == "POST" else {}
    assert phone.call(method, path, **send).status_code == 200
    rows("update gate_device set revoked_at = now()")
    answer = phone.call(method, path, **send)
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "DEVICE_REVOKED")
    rows("update gate_device set revoked_at = null, expires_at = now()")
    assert phone.call(method, path, **send).json["error"]["code"] == "DEVICE_EXPIRED"
    phone.token = "somebody-else"
    assert phone.call(method, path, **send).json["error"]["code"] == "DEVICE_UNKNOWN"


def test_another_grounds_phone_gets_nothing(app, rows, ground, sold):
    gate = rows.value("select id from gate where stadium_id = :s", s=ground.other_stadium)
    open_doors(rows, ground.other_event)
    foreign = Phone(app, rows, ground.other_stadium, ground.other_event, [gate], may_search=True)
    assert foreign.say(sold[0]["code"])["outcome"] == "unknown"
    typed = foreign.say(hash=qr_codes.b64(sold[0]["hash"]), mode="typed")
    assert (typed["outcome"], typed["label"]) == ("unknown", None)
    assert columns_of(foreign.call("GET", "rights").data)[1] == {}
    assert foreign.call("GET", "search?q=asha").json["found"] == []
    assert all(k["event"] != ground.event for k in foreign.call("GET", "bundle").json["keys"])
    assert rows.value("select count(*) from admission") == 0


def test_a_scan_costs_four_statements_at_most(phone, sold, app):
    from tests.booking.test_checkout import counted_statements

    phone.say(sold[0]["code"])
    with counted_statements(app) as statements:
        phone.say(sold[1]["code"])
    assert len(statements) + 2 <= 4, (
        statements
    )  # app.begin and app.record_scans travel together, beside what is counted here


def test_scans_stay_as_they_were(phone, sold, rows):
    phone.say(sold[0]["code"])
    for statement in ("update scan set outcome = 'void'", "delete from scan"):
        with pytest.raises(Exception, match="append-only"):
            rows(statement)


def test_a_scan_id_of_another_phone_is_refused_alone(phone, other_phone, sold):
    scan = phone.scan(sold[0]["code"])
    phone.send(scan)
    answers = other_phone.send(scan, other_phone.scan(sold[1]["code"]))
    assert answers[0]["error"]["code"] == "SCAN_ID_TAKEN" and answers[1]["outcome"] == "admitted"
