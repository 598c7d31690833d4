"""The supervisor's pages and phones: pairing once and in time, revoking, the crowd in numbers, alarms, paper; and
nothing for another ground's.
"""

import re
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

import qr_codes
from gate import live, paper
from tests.support.gating import Phone, open_doors, sell
from views.supervisor import quarters


@pytest.fixture
def doors(rows, ground):
    open_doors(rows, ground.event)


@pytest.fixture
def grace(cast, doors):
    return cast.browser("grace")


def make_phone(browser, ground, **more):
    """A phone made on the page: its pairing secret."""
    given = {"name": "Gate C, left", "gate": str(ground.gate), **more}
    page = browser.post(f"/gates/{ground.event}/phones", **given)
    assert page.status == 201, page.text
    return re.search(r"/gate#pair=([\w-]+)", page.text)[1]


def pair(app, secret, name="Pixel"):
    return app.test_client().post("/api/gate/pair", json={"secret": secret, "name": name})


def test_a_phone_is_paired_once_and_works_at_its_gates(app, grace, ground, rows):
    secret = make_phone(grace, ground)
    answer = pair(app, secret)
    assert answer.status_code == 201 and answer.json["device"]["name"] == "Gate C, left"
    assert answer.json["device"]["expires_at"] / 1000 - time.time() == pytest.approx(12 * 3600, abs=60)
    again = pair(app, secret)
    assert (again.status_code, again.json["error"]["code"]) == (404, "PAIRING_UNKNOWN")
    bundle = app.test_client().get("/api/gate/bundle", headers={"Authorization": f"Bearer {answer.json['token']}"})
    assert (
        bundle.status_code == 200
        and bundle.json["device"]["gates"] == [ground.gate]
        and bundle.json["event"]["id"] == ground.event
    )
    stored = rows.one("select pairing_hash, token_hash from gate_device")
    assert secret.encode() not in bytes(stored.pairing_hash) and answer.json["token"].encode() not in bytes(
        stored.token_hash
    )
    assert rows.value("select count(*) from system_log where action like 'gate.device%'") == 2


def test_a_pairing_code_is_good_for_a_quarter_of_an_hour(app, grace, ground, rows):
    secret = make_phone(grace, ground)
    rows("update gate_device set pairing_until = now()")
    assert pair(app, secret).json["error"]["code"] == "PAIRING_EXPIRED"
    for bad in ("", "short", "x" * 40, None, 7):
        assert pair(app, bad).status_code == 404


def test_a_revoked_phone_is_out_with_its_next_call(app, grace, ground, rows):
    token = pair(app, make_phone(grace, ground)).json["token"]
    call = lambda: app.test_client().get("/api/gate/rights", headers={"Authorization": f"Bearer {token}"})  # noqa: E731
    assert call().status_code == 200
    device = rows.value("select id from gate_device")
    grace.get(f"/gates/{ground.event}")
    assert grace.post(f"/gates/phones/{device}/revoke").status == 303
    assert call().json["error"]["code"] == "DEVICE_REVOKED"
    assert "Revoked" in grace.get(f"/gates/{ground.event}").text


def test_a_phone_needs_a_name_and_a_gate_of_this_ground(grace, ground, rows):
    elsewhere = rows.value("select id from gate where stadium_id = :s", s=ground.other_stadium)
    grace.get(f"/gates/{ground.event}/phones/new")
    for given in ({"name": "", "gate": str(ground.gate)}, {"name": "X"}, {"name": "X", "gate": str(elsewhere)}):
        answer = grace.post(f"/gates/{ground.event}/phones", **given)
        assert answer.status == 422, given
    assert rows.value("select count(*) from gate_device") == 0


@pytest.mark.parametrize("who", ["gus", "petra", "asha"])
def test_another_grounds_gates_are_not_found(cast, app, rows, ground, doors, who):
    phone = Phone(app, rows, ground.stadium, ground.event, [ground.gate])
    other = cast.browser(who)
    other.get("/")
    for path in (
        f"/gates/{ground.event}",
        f"/gates/{ground.event}/phones/new",
        f"/gates/{ground.event}/list",
        f"/gates/{ground.event}/marks",
    ):
        assert other.get(path).status == 404, path
    assert other.post(f"/gates/{ground.event}/phones", name="X", gate=str(ground.gate)).status == 404
    assert other.post(f"/gates/phones/{phone.id}/revoke").status == 404
    assert (
        other.post(f"/gates/{ground.event}/marks", codes="W684-XDFD", at="18:40", gate=str(ground.gate)).status == 404
    )
    assert rows.value("select revoked_at is null from gate_device") is True


def test_the_page_counts_the_crowd(app, grace, ground, rows, as_asha, sandbox):
    page = grace.get(f"/gates/{ground.event}")
    assert "No phone is paired yet" in page.text and "Nobody was refused" in page.text
    tickets = sell(as_asha, ground, ["A1", "A2", "A3"], sandbox, rows)
    phone = Phone(app, rows, ground.stadium, ground.event, [ground.gate], name="Left lane")
    phone.say(tickets[0]["code"])
    phone.say(tickets[0]["code"])
    phone.call(
        "POST",
        "sync",
        json={"cursor": 0, "revocations": 0, "state": {"waiting": 4, "battery": 0.4, "jump_ms": -172_800_000}},
    )
    page = grace.get(f"/gates/{ground.event}")
    assert "of 3 tickets" in page.text and "Already in is the commonest refusal" in page.text
    assert (
        "Left lane" in page.text
        and "40 %" in page.text
        and "clock was set back by 2 days" in page.text
        and "1 phone works" in page.text
    )
    assert "Asha" not in page.text
    hours = page.root.find("svg", class_="minute-hours").find_all("text")
    assert len(hours) >= 5 and all(re.fullmatch(r"\d\d:(00|15|30|45)", hour.text) for hour in hours)


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        ("2026-12-05T08:00:30+00:00", ["06:45", "07:00", "07:15", "07:30", "07:45"]),
        ("2026-12-05T08:07:00+00:00", ["06:45", "07:00", "07:15", "07:30", "07:45", "08:00"]),
    ],
)
def test_the_arrivals_have_their_hours(now, hours):
    shown = quarters(datetime.fromisoformat(now))
    assert [f"{at:%H:%M}" for at, _ in shown] == hours
    # A bar is a ninetieth of the width, and the last one is this minute's: a quarter of an hour is 15 of them.
    places = [x for _, x in shown]
    assert all(b - a == pytest.approx(100 / 6, abs=0.2) for a, b in zip(places, places[1:], strict=False))
    minutes = (datetime.fromisoformat(now) - shown[-1][0]).total_seconds() // 60
    assert places[-1] == pytest.approx(100 * (89 - minutes) / 90, abs=0.1)


def test_doubles_are_alarms_until_somebody_looked(app, grace, ground, rows, as_asha, sandbox):
    (ticket,) = sell(as_asha, ground, ["A1"], sandbox, rows)
    one, two = (Phone(app, rows, ground.stadium, ground.event, [ground.gate], name=n) for n in "AB")
    now = time.time() * 1000
    for phone in (one, two):
        phone.send(phone.scan(ticket["code"], shown="admitted", at=now - 60_000, synced_at=now - 120_000))
    page = grace.get(f"/gates/{ground.event}")
    assert "1 alarm to look at" in page.text and "One ticket, two people" in page.text and "row A, seat 1" in page.text
    alarm = rows.value("select id from gate_alarm")
    assert grace.post(f"/gates/alarms/{alarm}/seen", note="Asked both").status == 303
    page = grace.get(f"/gates/{ground.event}")
    assert "Every alarm was looked at" in page.text and "Asked both" in page.text


def test_marks_of_paper_become_scans_once(app, grace, ground, rows, as_asha, sandbox):
    tickets = sell(as_asha, ground, ["A1", "A2", "A3"], sandbox, rows)
    short = [qr_codes.short_code(t["hash"]) for t in tickets]
    printed = grace.get(f"/gates/{ground.event}/list")
    assert all(code in printed.text for code in short) and "Asha" not in printed.text
    phone = Phone(app, rows, ground.stadium, ground.event, [ground.gate])
    phone.say(tickets[2]["code"])
    grace.get(f"/gates/{ground.event}/marks")
    page = {
        "codes": "\n".join([short[0].lower(), short[1], short[2], "0000-0000"]),
        "at": clock(rows, ground, -1),
        "gate": str(ground.gate),
    }
    for turn in range(2):
        answer = grace.post(f"/gates/{ground.event}/marks", **page)
        assert answer.status == 200 and "3 tickets are in" in answer.text and "0000-0000" in answer.text
        assert ("1 code came in twice" in answer.text) is (turn == 0)
        assert rows.value("select count(*) from scan where mode = 'paper'") == 3
    assert rows.value("select count(*) from admission") == 3 and rows.value("select count(*) from gate_alarm") == 1
    bad = grace.post(f"/gates/{ground.event}/marks", codes="W684", at=page["at"], gate=str(ground.gate))
    assert bad.status == 422 and "eight letters and digits" in bad.text
    assert grace.post(f"/gates/{ground.event}/marks", codes=short[0], at="soon", gate=str(ground.gate)).status == 422
    to_come = grace.post(
        f"/gates/{ground.event}/marks", codes=short[0], at=clock(rows, ground, 90), gate=str(ground.gate)
    )
    assert to_come.status == 422 and "still to come" in to_come.text
    assert grace.post(f"/gates/{ground.event}/marks", codes=short[0], at=page["at"], gate=str(2**40)).status == 404
    assert rows.value("select count(*) from scan where mode = 'paper'") == 3


def clock(rows, ground, minutes):
    """What the ground's clock says so many minutes from now; where it is put back, what it has said an hour before."""
    said = (
        "select to_char((now() + make_interval(mins => :m)) at time zone time_zone, 'HH24:MI') from stadium "
        "where id = :s"
    )
    return rows.value(said, m=minutes, s=ground.stadium)


def test_a_time_on_paper_is_that_of_the_day_nearest_to_the_start():
    late = SimpleNamespace(starts_at=datetime(2031, 1, 4, 13, 30, tzinfo=UTC))  # half past midnight on the 5th there
    zone, now = ZoneInfo("Australia/Sydney"), datetime(2031, 1, 6, tzinfo=UTC).timestamp()
    for typed, day in (("23:10", 4), ("00:05", 5), ("3:20", 5)):
        ((_, at),) = paper.read("0000-0000", typed, late, zone, now).values()
        assert datetime.fromtimestamp(at / 1000, zone).strftime("%d %H:%M") == f"{day:02} {typed:0>5}"


@pytest.mark.parametrize("begins", [15, 17])
def test_an_hour_that_the_clock_says_twice_is_its_first(begins):
    zone = ZoneInfo("Australia/Sydney")  # its clocks go from 3 back to 2 at 16:00 UTC on 5 April 2031
    event = SimpleNamespace(starts_at=datetime(2031, 4, 5, begins, 20, tzinfo=UTC))
    for now in ("15:41", "16:41"):
        clock = datetime.fromisoformat(f"2031-04-05T{now}+00:00").timestamp()
        ((_, at),) = paper.read("0000-0000", "2:40", event, zone, clock).values()
        assert datetime.fromtimestamp(at / 1000, UTC).strftime("%d %H:%M") == "05 15:40"


def gate(code, left, pace=0.0, phones=1):
    return {"code": code, "left": left, "expected": left + 1, "admitted": 1, "pace": pace, "phones": phones}


def test_the_advice_names_the_gate_that_would_be_late():
    assert live.advise([gate("A", 100, 20), gate("B", 900, 20, 2)], 30).gate == "B"
    assert live.advise([gate("A", 100, 20), gate("B", 200, 20)], 30).gate is None
    assert live.advise([gate("A", 100, 20), gate("B", 5, 0, 0)], 30).gate == "B"
    assert live.advise([gate("A", 0)], 30).sentence == "Everybody who has a ticket is in."
    assert "more phones" in live.advise([gate("A", 3000, 22, 2)], 30).sentence
