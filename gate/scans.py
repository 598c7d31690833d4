"""Scans as they come from the phones, one or two hundred at a time: judged, kept, and answered (see
app.record_scans).
"""

import binascii
import hashlib
import json
import re
import time
import uuid
from collections.abc import Callable, Collection
from typing import Any

import psycopg2
import structlog

import qr_codes
from database import call_alone, in_transaction
from gate import places
from gate.admit import as_it_was, judge
from gate.outcomes import Outcome
from refusals import Refused, sentences

MOST = 200
KINDS = ("entry", "exit", "undo")
MODES = ("camera", "typed", "keyboard", "override", "group")
LONGEST_TEXT = 400
# PostgreSQL keeps no NUL, half of a surrogate pair is no character, and no steward types the other ones.
NO_TEXT = re.compile("[\\x00-\\x1f\\x7f\\ud800-\\udfff]+")
OUTCOMES = frozenset(map(str, Outcome))

sentences(
    {
        "MALFORMED.scans": "`scans` is a list of 1 to {most} scans.",
        "MALFORMED.scan": "A scan cannot be read: {why}.",
    }
)

log = structlog.get_logger()
_followers = []  # called with (stadium, event) after scans that changed something are committed


def follow(fn: Callable[[int, int | None], object]) -> None:
    """Call `fn(stadium_id, event_id)` after the commit of scans that let somebody in or out."""
    if fn not in _followers:
        _followers.append(fn)


def clean(text: str, longest: int) -> str:
    """The text as it can be kept: without what is no character to read, in one line."""
    return " ".join(NO_TEXT.sub(" ", text).split())[:longest]


def record(token: str, sent: Any) -> list[dict[str, Any]]:
    """Judge and keep scans of the device with this token; a list of answers in the same order. Opens its own
    transactions.

    `sent` is a list of what the API's page says of a scan. One that cannot be read or kept is answered with its `error`
    alone; it never stops the others.
    """
    hashed = places.token_hash(token)
    standing = places.kept(hashed) or in_transaction(places.standing_of, hashed)
    if not isinstance(sent, list) or not 1 <= len(sent) <= MOST:
        raise Refused("MALFORMED.scans", status=422, words={"most": MOST})
    read = [_try(scan, standing) for scan in sent]
    wanted = [(scan, code) for scan, code in read if "error" not in scan]
    rows = _keep(hashed, [scan for scan, _ in wanted]) if wanted else []
    if any(
        not row.get("replay") and (row.get("let_in") or row.get("outcome") in ("left", "not_inside", "undone"))
        for row in rows
    ):
        event = standing.known["event"]
        for fn in _followers:
            fn(standing.known["stadium"]["id"], event["id"] if event else None)
    answers = (_answer(row, code, standing) for row, (_, code) in zip(rows, wanted, strict=True))
    return [scan if "error" in scan else next(answers) for scan, _ in read]


def _keep(hashed: bytes, scans: list[dict[str, Any]], again: bool = True) -> list[dict[str, Any]]:
    """The answers of app.record_scans. What the database cannot take stops no other scan: then each is sent alone."""
    try:
        return [row[0] for row in call_alone("app.record_scans", hashed, json.dumps(scans))]
    except psycopg2.errors.UniqueViolation:
        if not again:
            raise
        return _keep(hashed, scans, again=False)  # sent twice at the same moment: by now the other one stands
    except psycopg2.DataError as error:
        if len(scans) > 1:
            return [row for scan in scans for row in _keep(hashed, [scan])]
        log.warning("scan_not_kept", sqlstate=error.pgcode)
        refusal = _malformed("the database cannot keep it")
        return [{"id": scans[0]["id"], "error": refusal.code, "message": refusal.sentence}]


def _try(scan: Any, standing: places.Standing) -> tuple[dict[str, Any], qr_codes.Code | None]:
    try:
        return _read(scan, standing)
    except Refused as refusal:
        given = scan.get("id") if isinstance(scan, dict) else None
        error = {"code": refusal.code, "message": refusal.sentence}
        return {"id": given if isinstance(given, str) else None, "error": error}, None


def _read(scan: Any, standing: places.Standing) -> tuple[dict[str, Any], qr_codes.Code | None]:
    """(what app.store_scan takes, the verified Code or None)."""
    if not isinstance(scan, dict):
        raise _malformed("it is no object")
    now = time.time() * 1000
    kind, mode, text, shown = scan.get("kind"), scan.get("mode"), scan.get("code"), scan.get("shown")
    if kind not in KINDS or mode not in MODES:
        raise _malformed("`kind` or `mode` is none of ours")
    if shown is not None and (not isinstance(shown, str) or shown not in OUTCOMES):
        raise _malformed("`shown` is no outcome")
    reason = _text("reason", scan.get("reason"))
    if reason is None and (mode == "override" or kind == "undo"):
        raise _malformed("it needs a reason")
    row: dict[str, Any] = {
        "id": _uuid(scan.get("id")),
        "kind": kind,
        "mode": mode,
        "shown": shown,
        "of": _uuid(scan.get("of"), may_lack=kind != "undo"),
        "via": _uuid(scan.get("via"), may_lack=True),
        "gate": _one_of("gate", scan.get("gate"), standing.gates),
        "car_park": _one_of("car_park", scan.get("car_park"), standing.car_parks),
        "reason": reason,
        "at": _number("at", scan.get("at")),
        "offset": _number("offset", scan.get("offset") or 0),
        "synced_at": min(_number("synced_at", scan.get("synced_at") or 0), now),
        "counter": int(_number("counter", scan.get("counter") or 0)) % 2**31,
    }
    if kind == "undo":
        return row | {"verdict": "undone"}, None
    if text is None:
        return row | {"hash": _hash(scan.get("hash")), "verdict": _unsigned(kind, mode, standing)}, None
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        raise _malformed("`code` is too long")
    at = now if shown is None else min(now, max(row["at"] + row["offset"], row["synced_at"]))
    place = standing.place if shown is None else as_it_was(standing.place, at / 1000)
    judged = judge(text, place, at / 1000, leaving=kind == "exit")
    row["verdict"] = judged.outcome
    row["code_hash"] = hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8].hex()
    if judged.code is not None:
        row |= {"right": str(judged.code.ticket), "seq": judged.code.seq}
    return row, judged.code


def _unsigned(kind: str, mode: str, standing: places.Standing) -> Outcome:
    # A right that was typed or searched, or comes with another of its booking: nothing was signed. Where codes rotate,
    # the steward looks at a face.
    if kind == "exit":
        return Outcome.LEFT
    return Outcome.CHECK_IDENTITY if standing.place.secret is not None and mode != "group" else Outcome.ADMITTED


def _answer(row: dict[str, Any], code: qr_codes.Code | None, standing: places.Standing) -> dict[str, Any]:
    if "error" in row:
        message = row.get("message", "That scan belongs to another phone.")
        return {"id": row["id"], "error": {"code": row["error"], "message": message}}
    answer = {
        name: row.get(name)
        for name in ("id", "outcome", "found", "let_in", "double", "hash", "type", "plate", "bay", "void_at", "replay")
    }
    if row.get("hash"):
        answer["hash"] = qr_codes.b64(bytes.fromhex(row["hash"]))
    answer["label"] = row.get("label")
    if first := row.get("first"):
        answer |= {"at": first["at"], "gate": standing.place_name(first.get("gate"), first.get("car_park"))}
    if row["found"] == "wrong_gate":
        label = answer["label"]
        if code is not None:
            answer["right"] = standing.by_zone(code.kind, code.zone)
        elif label:
            answer["right"] = {"code": label["gate"], "name": f"Gate {label['gate']}"}
    if "others" in row:
        answer["booking"] = [
            {"hash": qr_codes.b64(bytes.fromhex(o["hash"])), "type": o["type"], "status": o["status"]}
            for o in row["others"]
        ]
    return answer


def _malformed(why: str) -> Refused:
    return Refused("MALFORMED.scan", status=422, words={"why": why})


def _uuid(value: Any, may_lack: bool = False) -> str | None:
    if value is None and may_lack:
        return None
    try:
        return str(uuid.UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise _malformed("an id is no UUID") from None


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e14:
        raise _malformed(f"`{name}` is no number")
    return value


def _text(name: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise _malformed(f"`{name}` is no text")
    text = clean(value or "", 200)
    if value and not value.isspace() and not text:
        raise _malformed(f"nothing of `{name}` can be kept")
    return text or None


def _one_of(name: str, value: Any, allowed: Collection[int]) -> int | None:
    if value is not None and (type(value) is not int or value not in allowed):
        raise _malformed(f"`{name}` is not one of this ground's")
    return value


def _hash(value: Any) -> str:
    try:
        raw = qr_codes.unb64(value)
    except (binascii.Error, ValueError, TypeError, AttributeError):
        raw = b""
    if len(raw) != 8:
        raise _malformed("it has neither a code nor a hash")
    return raw.hex()
