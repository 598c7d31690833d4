"""The phone's half of the gate in Node: its rule says what ours says, on the same codes; its queue loses nothing,
whatever the network does.
"""

import hashlib
import json
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import qr_codes
from bench.qr_forgery import NOW, OTHERS, OURS, Forger
from gate import admit
from gate.outcomes import MAY_OVERRIDE, WORDS, Outcome

ROOT = Path(__file__).resolve().parents[2]
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")


def node(script, *args):
    done = subprocess.run(
        [NODE, ROOT / "tests/support" / script, *map(str, args)], capture_output=True, text=True, timeout=120, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def told(place):
    """A Place as the phone has it."""
    return {
        "event": place.event,
        "day": place.day,
        "gateZones": sorted(place.gate_zones),
        "parkZones": sorted(place.park_zones),
        "keys": [
            {"id": n, "public": qr_codes.b64(k.public), "event": k.event, "day": k.day, "revoked": k.revoked}
            for n, k in place.keys.items()
        ],
        "rotating": place.secret is not None,
        "secret": place.secret and qr_codes.b64(place.secret),
        "revoked": [qr_codes.b64(h) for h in place.revoked],
    }


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """(what was asked, what the phone answered)."""
    forger, chance = Forger(5), random.Random(5)
    place = forger.place
    rotating = admit.Place(
        place.event, place.day, place.gate_zones, frozenset(), place.keys, bytes(range(32)), place.revoked
    )
    car_park = admit.Place(place.event, place.day, frozenset(), frozenset({3}), place.keys, None, place.revoked)
    places = [place, rotating, car_park]
    cases = [{"text": way(), "place": n % 3, "at": NOW} for n in range(30) for way in forger.ways]
    cases += [{"text": forger.code(), "place": n % 3, "at": NOW} for n in range(60)]
    cases += [
        {"text": forger.code(kind="pass", zone=3), "place": 2, "at": NOW, "leaving": n % 2 == 0} for n in range(10)
    ]
    cases += [{"text": forger.code(event=0, kind="pass", zone=3), "place": n % 3, "at": NOW} for n in range(6)]
    turning = []
    for _ in range(80):
        ticket, seq, at = forger.ticket(), chance.randrange(1, 4), NOW + chance.randrange(0, 60)
        secret = qr_codes.right_secret(rotating.secret, ticket, seq)
        shown = at - chance.choice((-20, -10, 0, 10, 20, 40, 45, 60, 600))
        text = qr_codes.rotating(forger.code(ticket=ticket, seq=seq, not_before=0, expires=NOW + 10**6), secret, shown)
        cases.append({"text": text, "place": 1, "at": at})
        turning.append(
            {
                "secret": qr_codes.b64(rotating.secret),
                "right": qr_codes.b64(ticket.bytes),
                "seq": seq,
                "at": at,
                "digits": qr_codes.totp(secret).at(at),
                "text": text[: qr_codes.STATIC_LENGTH],
                "uuid": ticket,
            }
        )
    issues = [(forger.ticket(), 1) for _ in range(5)]

    def make(since, version, of, key=OURS):
        return qr_codes.sign_revocations(key, forger.private[key], place.event, since, version, 1, of)

    first = make(0, 100, issues[:2])
    kept = {"version": 100, "hashes": [qr_codes.b64(qr_codes.revoked_hash(*i)) for i in issues[:2]]}
    lists = [
        {"kept": None, "list": first, "event": place.event},
        {"kept": kept, "list": make(100, 120, issues[2:]), "event": place.event},
        {"kept": kept, "list": make(0, 90, issues), "event": place.event},
        {"kept": kept, "list": make(101, 120, issues[2:]), "event": place.event},
        {"kept": kept, "list": make(100, 120, issues[2:]) | {"hashes": ""}, "event": place.event},
        {"kept": kept, "list": make(100, 120, issues[2:]) | {"version": 121}, "event": place.event},
        {"kept": kept, "list": make(100, 120, issues[2:], OTHERS), "event": place.event},
        {"kept": kept, "list": first, "event": 99},
    ]
    shorts = ["W684-XDFD", "w684xdfd", "oil1-0000", "W684-XDF", "W684-XDFU", ""]
    asked = {
        "places": [told(p) for p in places],
        "cases": cases,
        "rotating": [{k: v for k, v in t.items() if k != "uuid"} for t in turning],
        "lists": lists,
        "short": shorts,
    }
    file = tmp_path_factory.mktemp("gate") / "cases.json"
    file.write_text(json.dumps(asked))
    answer = node("gate_cases.mjs", file)
    return places, asked | {"turning": turning, "issues": issues}, answer


def test_the_phone_says_what_the_server_says(both):
    places, asked, answer = both
    ours = [
        str(admit.judge(c["text"], places[c["place"]], c["at"], c.get("leaving", False)).outcome)
        for c in asked["cases"]
    ]
    assert [(n, o, p) for n, (o, p) in enumerate(zip(ours, answer["outcomes"], strict=True)) if o != p] == []
    assert set(ours) >= {
        "admitted",
        "forged",
        "unknown",
        "unreadable",
        "void",
        "wrong_day",
        "wrong_gate",
        "expired",
        "not_yet_valid",
        "check_identity",
        "old_picture",
        "left",
    }


def test_rotating_digits_and_hashes_are_the_same(both):
    _, asked, answer = both
    assert answer["digits"] == [t["digits"] for t in asked["turning"]]
    assert answer["hashes"] == [
        [
            qr_codes.b64(qr_codes.issue_hash(t["uuid"], t["seq"], t["text"])),
            qr_codes.b64(qr_codes.revoked_hash(t["uuid"], t["seq"])),
        ]
        for t in asked["turning"]
    ]


def test_a_revocation_list_is_taken_only_when_it_is_ours_newer_and_whole(both):
    _, asked, answer = both
    two, five = (sorted(qr_codes.b64(qr_codes.revoked_hash(*i)) for i in asked["issues"][:n]) for n in (2, 5))
    assert [sorted(x) if isinstance(x, list) else x for x in answer["lists"]] == [
        two,
        five,
        "older",
        "gap",
        "forged",
        "forged",
        "foreign",
        "foreign",
    ]


def test_typed_codes_forgive_what_people_mistake(both):
    _, asked, answer = both
    assert answer["short"] == [
        s and qr_codes.b64(s) if (s := qr_codes.read_short_code(text)) else None for text in asked["short"]
    ]
    assert answer["short"][0] == answer["short"][1] and answer["short"][2] and answer["short"][3:] == [None] * 3


@pytest.mark.parametrize("seed", range(12))
def test_no_scan_is_lost_and_none_counts_twice_whatever_the_network_does(seed):
    assert node("gate_queue.mjs", seed) == []


def test_a_double_is_one_alarm_whoever_tells_of_it_first():
    assert node("gate_alarms.mjs") == {
        "own_first": {"rung": ["b"], "alarms": [["a", "C", False]]},
        "list_first": {"rung": ["a"], "alarms": [["a", "C", False]]},
        "looked_at": {"rung": ["b"], "alarms": [["a", "C", True]]},
        "three_people": {"rung": ["b", "d"], "alarms": [["a", "C", False], ["d", "C", False]]},
        "two_tickets": {"rung": ["b", "c"], "alarms": [["b", "F", False], ["c", "C", False]]},
    }


@pytest.mark.parametrize("folder", ["zxing-wasm", "noble-ed25519"])
def test_vendored_files_are_what_their_readme_says(folder):
    folder = ROOT / "static" / "vendor" / folder
    sums = re.findall(r"^    (\w{64})  (\S+)", (folder / "README.md").read_text(), re.MULTILINE)
    assert sums and (folder / "LICENSE").exists()
    for digest, name in sums:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


# What the phone knows of a right (as app.gate_rights tells it; None: nothing), and what the server then finds in its
# rows: status, whether the code is the newest, whether somebody is inside on it.
STANDINGS = [
    (None, ("valid", True, False)),
    (0, ("valid", True, False)),
    (1, ("used", True, True)),
    (2, ("disputed", True, False)),
    (2, ("disputed", True, True)),
    (3, ("used", True, False)),
    (4, ("void", True, False)),
    (4, ("valid", False, False)),
]


def test_the_last_part_of_the_rule_is_the_same_on_both_sides(tmp_path, engine):
    """Where the phone cannot know whether somebody is inside, it lets them out, and the server says what is so."""
    cases = [
        (str(found), known, rows)
        for found in Outcome
        for known, rows in STANDINGS
        if not (found == Outcome.LEFT and known in (None, 2) and not rows[2])
    ]
    asked = {"places": [], "cases": [], "rotating": [], "lists": [], "short": []}
    file = tmp_path / "decided.json"
    file.write_text(json.dumps(asked | {"decided": [(found, known) for found, known, _ in cases]}))
    phone = node("gate_cases.mjs", file)["decided"]
    with engine.connect() as connection:
        server = [
            connection.exec_driver_sql("select app.decide_scan(%s, %s, %s, %s)", (found, *rows)).scalar_one()
            for found, _, rows in cases
        ]
    assert [(case, s, p) for case, s, p in zip(cases, server, phone, strict=True) if s != p] == []
    assert set(server) == set(map(str, Outcome))


def test_a_reason_overrides_the_same_outcomes_everywhere(engine):
    with engine.connect() as connection:
        taken = {
            str(outcome)
            for outcome in Outcome
            if connection.exec_driver_sql("select app.may_override(%s)", (str(outcome),)).scalar_one()
        }
    assert taken == set(map(str, MAY_OVERRIDE)) == set(node("gate_words.mjs")["overridable"])


def test_words_are_the_same_on_both_sides():
    there = node("gate_words.mjs")
    assert there["words"] == {
        str(outcome): {
            "word": w.word,
            "sentence": w.sentence,
            "look": w.look,
            "sound": w.sound,
            "vibration": list(w.vibration),
        }
        for outcome, w in WORDS.items()
    }
