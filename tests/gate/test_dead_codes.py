"""Every way of entering × every way a code dies: nobody comes in on a dead issue, by whatever name it is called, and
its rightful holder is never told that they are in already because somebody tried.

Each death is done as people do it. The old issue is then tried at a gate with a network, by phones that had none and
let it in, on the phone itself (in Node), and on a list that was printed before.
"""

import json
import re
import time
import uuid
from types import SimpleNamespace

import pytest

import qr_codes
from booking import invariants
from gate import bundle, places
from messages import outbox
from tests.gate.test_gate import _pass
from tests.gate.test_gate_phone import NODE, node
from tests.gate.test_supervisor import clock
from tests.support.gating import Phone, open_doors, sell

# Each as (code or hash, and what else the phone sends). "group" is another ticket's code that brings this one.
WAYS = {
    "camera": lambda old: {"code": old.code},
    "keyboard": lambda old: {"code": old.code, "mode": "keyboard"},
    "typed": lambda old: {"hash": old.hash, "mode": "typed"},
    "group": lambda old: {"hash": old.hash, "mode": "group", "via": str(uuid.uuid4())},
    "override of the code": lambda old: {"code": old.code, "mode": "override", "reason": "Known to the supervisor"},
    "override of the hash": lambda old: {"hash": old.hash, "mode": "override", "reason": "Known to the supervisor"},
}
DEATHS = ("transfer", "replace", "refund", "rotation")


def issue_of(rows, ticket):
    row = rows.one(
        "select t.hash, t.seq, t.status, q.code from ticket t left join qr_code q on q.ticket_id = t.id "
        "and q.seq = t.seq where t.id = :t",
        t=ticket,
    )
    short = qr_codes.short_code(row.hash)
    return SimpleNamespace(id=ticket, seq=row.seq, code=row.code, hash=qr_codes.b64(row.hash), short=short)


@pytest.fixture
def kill(app, rows, ground, as_asha, visitor, sandbox):
    """Let these tickets of Asha's die, [(ticket, death)], and say what counts from then on: {death: (old, new)}; of a
    refund nothing does."""

    def do(deaths):
        old = {death: issue_of(rows, ticket["id"]) for ticket, death in deaths}
        for ticket, death in deaths:
            at = f"/tickets/{ticket['booking']}"
            if death == "transfer":
                sent = as_asha.post(f"{at}/rights/{ticket['id']}/send", name="Ravi Iyer", email="ravi@example.org")
                with app.app_context():
                    outbox.send_due(50)
                offer = re.search(r"/t/offer/[\w-]+", sandbox.mail("ravi@example.org")[-1]["text"])[0]
                visitor.get(offer)
                done = visitor.post(offer, name="Ravi Iyer")
                assert sent.status == done.status == 303
            elif death == "replace":
                assert as_asha.post(f"{at}/rights/{ticket['id']}/replace").status == 303
            elif death == "refund":
                line = rows.value("select line_id from ticket where id = :t", t=ticket["id"])
                as_asha.post(f"{at}/refund", line=[str(line)])
                assert rows.value("select status from ticket where id = :t", t=ticket["id"]) == "void"
        if any(death == "rotation" for _, death in deaths):
            assert app.test_cli_runner().invoke(args=["rotate-key", str(ground.event), "--emergency"]).exit_code == 0
        places._kept.clear()
        new = {death: issue_of(rows, ticket["id"]) for ticket, death in deaths}
        return {death: (old[death], new[death] if death != "refund" else None) for death in old}

    return do


@pytest.fixture
def sold(rows, ground, as_asha, sandbox):
    open_doors(rows, ground.event)
    return sell(as_asha, ground, ["A1", "A2", "A3", "A4", "A5"], sandbox, rows)


@pytest.fixture
def phone(app, rows, ground, sold):
    return Phone(app, rows, ground.stadium, ground.event, [ground.gate], may_search=True)


def sound(engine):
    with engine.connect() as connection:
        return [result for result in invariants.check(connection) if result.violations]


def come_in(phone, died):
    """The rightful holders come, and each is let in once, by their newest code."""
    for death, (_, new) in died.items():
        if new is not None:
            assert (death, phone.say(new.code)["outcome"]) == (death, "admitted")
            assert (death, phone.say(hash=new.hash, mode="typed")["outcome"]) == (death, "already_used")


def test_at_a_gate_with_a_network(phone, sold, kill, rows, engine):
    died = kill(list(zip(sold, DEATHS, strict=False)))
    got = {
        (way, death): phone.send(phone.scan(**send(old)))[0]
        for way, send in WAYS.items()
        for death, (old, _) in died.items()
    }
    assert {at: (said["let_in"], said["outcome"]) for at, said in got.items()} == dict.fromkeys(got, (False, "void"))
    assert rows.value("select count(*) from admission") == rows.value("select count(*) from gate_alarm") == 0
    come_in(phone, died)
    assert sound(engine) == []


def test_let_in_by_a_phone_that_could_not_know(phone, sold, kill, rows, engine):
    """What was shown stands, as an alarm: it is no entry of the rightful holder, who comes in after it."""
    before = time.time() * 1000
    died = kill(list(zip(sold, DEATHS, strict=False)))
    now = time.time() * 1000
    got, entered = {}, {}
    for way, send in WAYS.items():
        for death, (old, _) in died.items():
            scan = phone.scan(shown="admitted", at=now, synced_at=before - 60_000, **send(old))
            got[way, death] = phone.send(scan)[0]
            entered[way, death] = rows.value("select count(*) from admission")
    assert {at: (said["let_in"], said["found"]) for at, said in got.items()} == dict.fromkeys(got, (True, "void"))
    assert entered == dict.fromkeys(got, 0)
    hashes = {death: said["hash"] for (_, death), said in got.items()}
    assert hashes == {death: None if new else old.hash for death, (old, new) in died.items()}
    assert rows.value("select count(*) from admission") == 0
    assert rows.value("select count(*) from gate_alarm where kind = 'void'") == len(got)
    come_in(phone, died)
    # Nor do they go out by it, and make room for somebody else.
    for old, new in died.values():
        gone = phone.say(old.code, kind="exit", shown="left")
        assert gone["found"] == "void" and (new is None or phone.say(new.code)["outcome"] == "already_used")
    assert sound(engine) == []


def test_an_entry_before_its_key_was_exchanged_counts_and_one_before_a_transfer_does_not(
    phone, sold, kill, rows, engine
):
    """Sent late, both were made while the issue was good. The exchange leaves the ticket with its holder, who is in; a
    ticket that was passed on, replaced or given back has another one, and the supervisor is told."""
    then = time.time() * 1000 - 60_000
    entered = dict(zip(DEATHS, sold, strict=False))
    late = {
        death: phone.scan(**WAYS[way](issue_of(rows, ticket["id"])), shown="admitted", at=then, synced_at=then)
        for (death, ticket), way in zip(entered.items(), ("camera", "typed", "camera", "typed"), strict=True)
    }
    by_code = phone.scan(sold[4]["code"], shown="admitted", at=then, synced_at=then)
    died = kill([(ticket, death) for death, ticket in entered.items()])
    said = dict(zip(late, phone.send(*late.values()), strict=True))
    found = {death: (answer["found"], answer["let_in"]) for death, answer in said.items()}
    gone = ("void", True)
    assert found == {"transfer": gone, "replace": gone, "refund": gone, "rotation": ("admitted", True)}
    assert phone.send(by_code)[0]["found"] == "admitted"
    assert phone.say(died["rotation"][1].code)["outcome"] == "already_used"
    assert phone.say(issue_of(rows, sold[4]["id"]).code)["outcome"] == "already_used"
    assert phone.say(died["transfer"][1].code)["outcome"] == phone.say(died["replace"][1].code)["outcome"] == "admitted"
    assert sound(engine) == []


def test_on_a_list_that_was_printed_before(app, cast, phone, sold, kill, rows, ground, engine):
    grace = cast.browser("grace")
    printed = grace.get(f"/gates/{ground.event}/list").text
    early = issue_of(rows, sold[4]["id"])
    died = kill(list(zip(sold, DEATHS, strict=False)))
    for table in ("signing_key", "qr_code"):  # the minutes on paper are whole ones
        rows(f"update {table} set revoked_at = revoked_at - interval '5 minutes' where revoked_at is not null")
    assert all(old.short in printed for old, _ in died.values())
    grace.get(f"/gates/{ground.event}/marks")
    page = {"at": clock(rows, ground, 0), "gate": str(ground.gate)}
    page["codes"] = "\n".join(old.short for old, _ in died.values())
    for _ in range(2):
        answer = grace.post(f"/gates/{ground.event}/marks", **page)
        assert answer.status == 200 and "4 codes are not good any more" in answer.text, answer.text
        assert "0 tickets are in" in answer.text
    assert rows.value("select count(*) from admission") == 0
    assert rows.value("select count(*) from gate_alarm where kind = 'void'") == 4
    # Whoever was ticked before the keys were exchanged is in, and stays the one who is.
    page |= {"at": clock(rows, ground, -10), "codes": early.short}
    assert "1 ticket is in" in grace.post(f"/gates/{ground.event}/marks", **page).text
    assert phone.say(issue_of(rows, early.id).code)["outcome"] == "already_used"
    come_in(phone, died)
    fresh = grace.get(f"/gates/{ground.event}/list").text
    assert all(old.short not in fresh and (new is None or new.short in fresh) for old, new in died.values())
    assert sound(engine) == []


def test_a_parking_pass_dies_as_a_ticket_does(app, rows, ground, as_asha, sandbox):
    open_doors(rows, ground.event)
    old = SimpleNamespace(**_pass(rows, ground, as_asha, sandbox, app))
    old.hash = qr_codes.b64(old.hash)
    booking = rows.value("select booking_id from parking_pass")
    assert as_asha.post(f"/tickets/{booking}/rights/{old.id}/replace").status == 303
    at = {"gate": None, "car_park": ground.car_park}
    phone = Phone(app, rows, ground.stadium, ground.event, [], [ground.car_park])
    for way, send in WAYS.items():
        assert (way, phone.say(**{"code": None, **send(old), **at})["outcome"]) == (way, "void")
        dark = phone.say(**{"code": None, **send(old), **at}, shown="admitted")
        assert (way, dark["found"], dark["hash"]) == (way, "void", None)
    new = rows.one("select p.hash, q.code from parking_pass p join qr_code q on q.pass_id = p.id and q.seq = p.seq")
    assert phone.say(hash=qr_codes.b64(new.hash), mode="typed", **at)["outcome"] == "admitted"
    assert phone.say(new.code, **at)["outcome"] == "already_used"


def test_the_newest_hash_does_not_follow_from_an_older_code(sold, kill, rows):
    died = kill(list(zip(sold, ("transfer", "replace", "rotation"), strict=False)))
    for old, new in died.values():
        known = uuid.UUID(old.id)
        assert old.hash == qr_codes.b64(qr_codes.issue_hash(known, 1, old.code))
        assert new.hash == qr_codes.b64(qr_codes.issue_hash(known, new.seq, new.code))
        guesses = [qr_codes.issue_hash(known, n, text) for n in range(5) for text in ("", old.code)]
        assert new.hash not in map(qr_codes.b64, [*guesses, qr_codes.revoked_hash(known, 2)])
    assert rows.value("select count(*) from ticket t join qr_code q on q.ticket_id = t.id and q.seq = t.seq "
                      "where t.hash <> q.hash") == 0  # fmt: skip
    # Between the new number and its signature nothing that anybody knows is good.
    was = rows.value("select hash from ticket where id = :t", t=sold[4]["id"])
    rows("update ticket set seq = seq + 1 where id = :t", t=sold[4]["id"])
    assert rows.value("select hash from ticket where id = :t", t=sold[4]["id"]) != was


def test_two_tickets_that_share_a_short_code_are_not_taken_for_each_other(tmp_path, phone, sold):
    """Forty bits are not many for fifty thousand tickets: what two of them would answer to is nobody's."""
    given = what_it_gets(phone)
    raw = qr_codes.unb64(given["rights"])
    head = 12 + int.from_bytes(raw[8:12], "big")
    twin = raw[head : head + 5]
    given["rights"] = qr_codes.b64(raw[: head + 8] + twin + raw[head + 13 :])
    first, third = (qr_codes.short_code(raw[head + 8 * n :][:8]) for n in (0, 2))
    typed = [{"do": "typed", "text": short} for short in (first, third)]
    said = play(tmp_path, given, [{"do": "load"}, {"do": "network", "online": False}, *typed])["said"][2:]
    assert said[0].startswith("UNKNOWN_CODE: ") and said[1] == "admitted"


def test_a_search_finds_a_ticket_that_was_passed_on_by_its_holder_alone(phone, sold, kill):
    (old, new), booking = kill([(sold[0], "transfer")])["transfer"], sold[0]["booking"]
    by_buyer = phone.call("GET", "search?q=asha").json["found"]
    reference = by_buyer[0]["reference"]
    assert len(by_buyer) == len(phone.call("GET", f"search?q={reference}").json["found"]) == 4 and booking
    (found,) = phone.call("GET", "search?q=ravi").json["found"]
    assert (found["hash"], found["name"]) == (new.hash, "Ravi Iyer") and found["hash"] != old.hash
    assert phone.say(hash=found["hash"], mode="typed")["outcome"] == "admitted"


# --- on the phone itself ----------------------------------------------------------------------------------------------


def what_it_gets(phone, *cursors):
    """What the server gives a phone now: its lists, and the answers of syncs from these (cursor, version of the list of
    revoked codes)."""
    bundle._rights.clear()  # kept for all phones for a moment
    listed = phone.call("GET", "rights?fresh")
    syncs = [
        phone.call("POST", "sync", json={"cursor": cursor, "revocations": version, "state": {}}).json
        for cursor, version in cursors
    ]
    rights = qr_codes.b64(listed.data)
    return {"bundle": phone.call("GET", "bundle").json, "rights": rights, "syncs": syncs} | {
        "cursor": listed.headers["X-Cursor"]
    }


def play(tmp_path, server, steps, **more):
    now = time.time() * 1000
    file = tmp_path / "phone.json"
    clocks = {"wall": now, "mono": 1000, "server": now - 1000}
    file.write_text(json.dumps({"server": server, "clocks": clocks, "steps": steps, **more}))
    return node("gate_phone.mjs", file)


def on_the_phone(issue):
    return {
        "camera": {"do": "scan", "text": issue.code},
        "keyboard": {"do": "scan", "text": issue.code, "mode": "keyboard"},
        "typed": {"do": "typed", "text": issue.short},
        "searched": {"do": "byHash", "hash": issue.hash, "mode": "typed"},
        "group": {"do": "byHash", "hash": issue.hash, "mode": "group"},
        "override": {"do": "override", "hash": issue.hash, "text": issue.code},
    }


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
@pytest.mark.parametrize("deaths", [DEATHS[:3], DEATHS[3:]], ids=["each its own", "all at once"])
def test_on_a_phone_without_a_network(deaths, tmp_path, phone, sold, kill, rows, engine):
    """A phone that was told before its network went, one that fetched its lists anew, and one that knows nothing."""
    before = what_it_gets(phone)
    known = (before["bundle"]["cursor"], before["bundle"]["revocations"]["version"])
    died = kill(list(zip(sold, deaths, strict=False)))
    # The sync brings no new lists: only what happened since.
    told = what_it_gets(phone, known)
    told["syncs"][0] |= {"version": before["bundle"]["version"], "alarms": []}
    dark = [{"do": "network", "online": False}]
    tries = [(way, death, step) for death, (old, _) in died.items() for way, step in on_the_phone(old).items()]
    steps = [step for _, _, step in tries]

    knows = play(tmp_path, before, [{"do": "load"}, {"do": "server", "server": told}, {"do": "sync"}, *dark, *steps])
    got = {(way, death): said for (way, death, _), said in zip(tries, knows["said"][-len(steps) :], strict=True)}
    assert got == dict.fromkeys(got, "void")

    anew = play(tmp_path, told, [{"do": "load"}, *dark, *steps])
    got = {(way, death): said for (way, death, _), said in zip(tries, anew["said"][-len(steps) :], strict=True)}
    for (way, death), said in got.items():
        # A ticket that was given back stays on the list, as void; an issue that was replaced is on none, and a steward
        # is asked for a reason only where the rule lets them give one: never for what was read as void or unknown.
        if way == "override":
            continue
        by_hash = "void" if death == "refund" else "unknown"
        wanted = {"camera": "void", "keyboard": "void", "typed": "void" if death == "refund" else "UNKNOWN_CODE: "}
        assert said.startswith(wanted.get(way, by_hash)), (way, death, said)

    # It lets in what it cannot know to be dead, and the rightful holder after it, on the same phone.
    first = {"transfer": "camera", "replace": "typed", "refund": "group", "rotation": "camera"}
    blind = [
        step
        for death, (old, new) in died.items()
        for step in (on_the_phone(old)[first[death]], new and {"do": "scan", "text": new.code})
        if step
    ]
    alone = play(tmp_path, before, [{"do": "load"}, *dark, *blind])
    # The new key of an exchange is not known to it, so it calls its codes none of this ground's.
    holder = "unknown" if deaths == ("rotation",) else "admitted"
    wanted = [said for _, new in died.values() for said in ("admitted", new and holder) if said]
    assert alone["said"][-len(blind) :] == wanted
    # And so it is once its scans are with the server, whoever sends them first.
    phone.send(*alone["waiting"])
    assert rows.value("select count(*) from gate_alarm where kind = 'void'") == len(died)
    rightful = {new.id for _, new in died.values() if new} if holder == "admitted" else set()
    assert {str(row.right_id) for row in rows("select right_id from admission where left_at is null")} == rightful
    assert rows.value("select count(*) from gate_alarm where kind = 'double'") == 0
    assert sound(engine) == []
