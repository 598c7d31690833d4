"""A phone whose clock is wrong: it counts the server's time itself, and refuses no good ticket for its clock alone.

In Node, with lists that our server gave; `wall` is the clock that anybody can set, `mono` the one that nobody can.
"""

import time
import uuid

import pytest

import qr_codes
from tests.gate.test_dead_codes import play, what_it_gets
from tests.gate.test_gate_phone import NODE
from tests.support.gating import Phone, open_doors, sell

pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
DARK = {"do": "network", "online": False}
LIGHT = {"do": "network", "online": True}
AWAY, BACK = {"do": "sight", "inSight": False}, {"do": "sight", "inSight": True}


def passed(ms, by=0, asleep=False):
    """So many milliseconds, in which the wall clock was moved by so much; asleep, the other one stands still."""
    return {"do": "pass", "wall": ms + by, "mono": 0 if asleep else ms, "server": ms if asleep else 0}


@pytest.fixture
def sold(rows, ground, as_asha, sandbox):
    open_doors(rows, ground.event)
    return sell(as_asha, ground, ["A1", "A2"], sandbox, rows)


@pytest.fixture
def given(app, rows, ground, sold):
    return what_it_gets(Phone(app, rows, ground.stadium, ground.event, [ground.gate]))


@pytest.fixture
def run(tmp_path, given):
    """Load the lists, lose the network, and go through the steps: (what was said of them, all that came of it)."""

    def go(*steps, **more):
        came = play(tmp_path, given, [{"do": "load"}, DARK, *steps], **more)
        return came["said"][2:], came

    return go


# What happens to the phone, and what it then tells the steward of its clock, in days.
CLOCKS = {
    "set two days forward": ([passed(MINUTE, 2 * DAY)], 2),
    "set two days back": ([passed(MINUTE, -2 * DAY)], -2),
    "set forward while the page was out of sight": ([AWAY, passed(MINUTE, 2 * DAY), BACK], 0),
    "set forward, and put right again": ([AWAY, passed(MINUTE, 2 * DAY), BACK, passed(MINUTE, -2 * DAY)], -2),
    "asleep for three hours": ([AWAY, passed(3 * HOUR, asleep=True), BACK], 0),
    "asleep with its screen on": ([passed(3 * HOUR, asleep=True)], 0.125),
    "opened again": ([passed(MINUTE), {"do": "reload"}], 0),
    "set forward and opened again": ([passed(MINUTE, 2 * DAY), {"do": "reload"}], 0),
    "opened again, set forward between": ([{"do": "reload"}, passed(0, 2 * DAY), {"do": "reload"}], 0),
    "set forward while it was off": ([passed(0, 2 * DAY), {"do": "reload"}], 0),
    "set back while it was off": ([passed(0, -2 * DAY), {"do": "reload"}], 0),
}


@pytest.mark.parametrize("happens", CLOCKS)
def test_a_good_ticket_is_let_in_whatever_the_clock_says(run, sold, happens):
    steps, told = CLOCKS[happens]
    said, came = run(*steps, {"do": "scan", "text": sold[0]["code"]}, {"do": "scan", "text": sold[0]["code"]})
    assert said[-2:] == ["admitted", "already_used"] and came["paired"]
    if "off" not in happens and "again" not in happens:
        assert abs(came["told"] - told * DAY) < MINUTE
    if happens != "set forward while the page was out of sight" and "asleep with" not in happens:
        assert abs(came["off"]) < 5 * MINUTE
        scan = came["waiting"][0]
        assert (
            abs(scan["at"] + scan["offset"] - time.time() * 1000) < 4 * HOUR
        )  # what is sent, by which scans are merged


@pytest.mark.parametrize("moved", [2 * DAY, -2 * DAY])
def test_a_clock_that_was_set_while_the_page_was_closed_is_told(tmp_path, given, sold, moved):
    """What was kept says what time it was at least, and the end of the pairing what time it is at most."""
    kept = legacy(given) | {"settings": legacy(given)["settings"] | {"offset": -moved}}
    wall = time.time() * 1000 + moved
    kept["settings"]["offset"] = 0
    kept["settings"]["contact"] -= MINUTE
    came = play(tmp_path, given, [{"do": "scan", "text": sold[0]["code"]}], kept=kept,
                clocks={"wall": wall, "mono": 1000, "server": wall - moved - 1000}, online=False)  # fmt: skip
    assert came["said"] == ["admitted"] and came["paired"] and abs(came["told"] - moved) < 2 * MINUTE
    assert abs(came["off"]) < 2 * MINUTE


def legacy(given):
    """What the page of the version before has left on the phone's disk."""
    bundle = {**given["bundle"], "rotation_secret": None, "revocations": None, "cursor": int(given["cursor"])}
    settings = {"counter": 3, "gate": None, "carPark": None, "listAt": bundle["now"], "offset": 0,
                "contact": bundle["now"]}  # fmt: skip
    return {"token": "token", "bundle": bundle, "rights": given["rights"], "settings": settings}


@pytest.mark.parametrize("offset", [0, -2 * DAY])
def test_a_phone_with_what_an_older_page_kept_goes_on(tmp_path, given, sold, offset):
    kept = legacy(given)
    kept["settings"]["offset"] = offset
    now = time.time() * 1000
    came = play(tmp_path, given, [{"do": "scan", "text": sold[0]["code"]}], kept=kept,
                clocks={"wall": now - offset, "mono": 1000, "server": now - 1000}, online=False)  # fmt: skip
    assert came["said"] == ["admitted"] and came["told"] == 0 and abs(came["off"]) < MINUTE
    assert came["waiting"][0]["counter"] == 4


def test_what_is_over_is_over_by_the_clock_that_nobody_can_set(run, sold, rows):
    later = [{"do": "pass", "wall": 0, "mono": 13 * HOUR}, {"do": "scan", "text": sold[0]["code"]}]
    said, _ = run(*later)
    assert said[-1] == "expired"
    said, came = run(*later, {"do": "reload"})
    assert came["paired"] is False  # twelve hours by the same clock: the phone is to be paired anew


def test_a_clock_alone_ends_no_pairing(run, sold):
    """What was taken for two days of sleep may be a clock that was set."""
    first, second = ({"do": "scan", "text": ticket["code"]} for ticket in sold)
    said, came = run(AWAY, passed(MINUTE, 2 * DAY), BACK, first, {"do": "reload"}, second)
    assert said[-3:] == ["admitted", None, "admitted"] and came["paired"]


def test_a_code_is_read_again_when_the_clock_went_back(run, sold):
    said, _ = run(
        {"do": "scan", "text": sold[0]["code"]}, passed(10_000, -2 * DAY), {"do": "scan", "text": sold[0]["code"]}
    )
    assert said == ["admitted", None, "already_used"]


def test_scans_are_sent_with_the_right_time_once_it_is_known(run, sold):
    """The clock went half an hour forward while the page was closed: nobody could notice that before the contact."""
    scan = {"do": "scan", "text": sold[0]["code"]}
    _, came = run({"do": "reload"}, passed(0, HOUR / 2), {"do": "reload"}, scan)
    (waiting,) = came["waiting"]
    true = waiting["at"] - HOUR / 2
    assert abs(waiting["at"] + waiting["offset"] - true) > HOUR / 3
    said, came = run({"do": "reload"}, passed(0, HOUR / 2), {"do": "reload"}, scan, LIGHT, {"do": "sync"})
    (waiting,) = came["waiting"]
    assert abs(waiting["at"] + waiting["offset"] - (waiting["at"] - HOUR / 2)) < MINUTE and abs(came["off"]) < 1000


def test_codes_that_change_are_judged_by_the_same_clock(app, tmp_path, rows, ground, as_asha, sandbox):
    open_doors(rows, ground.event, rotating=True)
    tickets = sell(as_asha, ground, ["A1", "A2"], sandbox, rows)
    given = what_it_gets(Phone(app, rows, ground.stadium, ground.event, [ground.gate]))
    key = rows.value("select id from signing_key where event_id = :e", e=ground.event)
    event = qr_codes.event_secret(app.config["SETTINGS"].qr_master_key, key)

    def shown(ticket, at):
        return {"do": "scan", "text": qr_codes.rotating(
            ticket["code"], qr_codes.right_secret(event, uuid.UUID(ticket["id"]), 1), at)}  # fmt: skip

    def ends(*steps):
        return play(tmp_path, given, [{"do": "load"}, DARK, *steps])["said"][2:]

    now = time.time()  # each step takes five seconds
    assert ends(passed(0, 2 * DAY), shown(tickets[0], now + 20))[-1] == "admitted"
    assert ends(passed(0, -2 * DAY), shown(tickets[0], now - 60))[-1] == "old_picture"
    slept = [AWAY, passed(HOUR, asleep=True), BACK]
    assert ends(*slept, shown(tickets[0], now + 3600 + 30))[-1] == "admitted"
    # It may have slept, or its clock was set: a picture from either time is a matter for an identity card.
    assert ends(*slept, shown(tickets[1], now + 1800))[-1] == "check_identity"
    assert ends(passed(HOUR, asleep=True), shown(tickets[1], now + 3600 + 30))[-1] == "check_identity"
