"""Altered codes are refused, all of them; and each check of the rule is needed: without it the campaign fails."""

import sys
import types
from pathlib import Path

import pytest

import qr_codes
from bench.qr_forgery import Forger
from gate import admit

ROOT = Path(__file__).resolve().parents[2]

# What is taken away: file, the check, what stands there instead.
CHECKS = {
    "prefix": ("qr_codes.py", "or not text.startswith(PREFIX)", ""),
    "alphabet": (
        "qr_codes.py",
        '    except ValueError as error:\n        raise BadCode("not base 45") from error',
        "    except ZeroDivisionError:\n        pass",
    ),
    "group": ("qr_codes.py", '        if n > 65535:\n            raise BadCode("not base 45")', "        n &= 65535"),
    "last": ("qr_codes.py", '        if n > 255:\n            raise BadCode("not base 45")', "        n &= 255"),
    "length": ("qr_codes.py", "if len(raw) != LENGTH:", "if False:"),
    "version": ("qr_codes.py", "if kind not in KIND_NAMES:", "if False:"),
    "unknown key": ("qr_codes.py", "if public is None:", "if False:"),
    "signature": (
        "qr_codes.py",
        '    except InvalidSignature as error:\n        raise BadCode("the signature is not ours", "forged") from '
        "error",
        "    except InvalidSignature:\n        pass",
    ),
    "revoked key": ("gate/admit.py", "if key.revoked:", "if False:"),
    "key's event": ("gate/admit.py", "if code.event != key.event:", "if False:"),
    "event": ("gate/admit.py", "if code.event != place.event and not", "if False and not"),
    "not before": ("gate/admit.py", "if at < code.not_before:", "if False:"),
    "expires": ("gate/admit.py", "if at > code.expires:", "if False:"),
    "zone": (
        "gate/admit.py",
        'if code.zone not in (place.park_zones if code.kind == "pass" else place.gate_zones):',
        "if False:",
    ),
    "revoked": ("gate/admit.py", "if qr_codes.revoked_hash(code.ticket, code.seq) in place.revoked:", "if False:"),
}


def test_altered_codes_are_refused_and_genuine_ones_let_in():
    accepted, crashed, refused, outcomes = Forger().campaign(20_000, 2_000)
    assert (accepted, crashed, refused) == ({}, {}, 0)
    assert {"forged", "unknown", "unreadable", "void", "wrong_day", "expired", "not_yet_valid", "wrong_gate"} == set(
        outcomes
    )


@pytest.mark.parametrize("check", CHECKS)
def test_without_a_check_the_campaign_fails(check, monkeypatch):
    file, there, instead = CHECKS[check]
    source = (ROOT / file).read_text()
    assert source.count(there) == 1, "the check is written differently now"
    changed = types.ModuleType("changed")
    monkeypatch.setitem(sys.modules, "changed", changed)  # dataclasses look their module up
    exec(compile(source.replace(there, instead), file, "exec"), changed.__dict__)
    codes, rule = (changed, admit) if file == "qr_codes.py" else (qr_codes, changed)
    if rule is admit:
        monkeypatch.setattr(admit, "qr_codes", codes)
    accepted, crashed, refused, _ = Forger(codes=codes, rule=rule).campaign(2_200, 0)
    assert accepted or crashed or refused
