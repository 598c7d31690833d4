"""What a phone takes along, so that it can decide alone: the place with its public keys, every right by its hash, the
signed list of revoked codes.

Nothing of it names a person, and the one secret in it (of rotating codes) is kept by the phone in memory only.
"""

import gzip
import json
import struct
import threading
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import qr_codes
from caches import Kept
from database import call, call_one, in_transaction
from gate import places
from gate.scans import clean
from refusals import sentence_for
from seating.typed import read_sought
from tickets.codes import signing_key

# What the rights are known by. Phones that kept lists of another form fetch them anew with their next sync.
FORM = "issues"
RENEWED = 900  # seconds after which a phone fetches its rights anew, so that what was sold since has its label
SHARED = 10  # seconds for which the rights of an event are read once for all phones of this process

COUNTED = 2  # seconds, likewise, for how many are in

_counted = Kept(1000, COUNTED)  # (stadium, event) → rows of app.gate_counts
_rights = Kept(200, SHARED)  # (stadium, event) → (monotonic time, cursor, bytes, the same gzipped)
_lock = threading.Lock()


def bundle(token: str) -> dict[str, Any]:
    """The answer of GET /api/gate/bundle. Opens its own transactions."""
    hashed = places.token_hash(token)
    standing, revoked, cursor = in_transaction(_read, hashed, 0)
    if in_transaction(_key_of, standing, worker=True)[0] not in standing.place.keys:
        standing, revoked, cursor = in_transaction(_read, hashed, 0)  # its key was made just now
    known = standing.known
    secret = standing.place.secret
    return {
        "now": now(),
        "cursor": cursor,
        "version": version_of(standing),
        "device": known["device"] | {"expired": sentence_for("DEVICE_EXPIRED")},
        "stadium": known["stadium"],
        "event": {k: v for k, v in known["event"].items() if k != "layout"} if known["event"] else None,
        "gates": known["gates"],
        "car_parks": known["car_parks"],
        "keys": [{**key, "public": qr_codes.b64(bytes.fromhex(key["public"]))} for key in known["keys"]],
        "rotation_secret": qr_codes.b64(secret) if secret else None,
        "revocations": signed_list(standing, 0, cursor, revoked),
    }


def sync(token: str, sent: Any) -> dict[str, Any]:
    """The answer of POST /api/gate/sync: what is new since the phone's cursor. Opens its own transactions."""
    hashed = places.token_hash(token)
    since, cursor = _count(sent.get("revocations")), _count(sent.get("cursor"))
    standing, changes, revoked, version, counts = in_transaction(
        _read_changes, hashed, cursor, since, _state(sent.get("state"))
    )
    labels = (
        in_transaction(places.label_of, [alarm["seat"] for alarm in changes["alarms"]]) if changes["alarms"] else {}
    )
    states = [
        [_short(h), status, at, standing.place_name(gate, park)] for h, status, at, gate, park in changes["changes"]
    ]
    states += [[_short(h), 4, None, None] for h in changes["dead"]]
    changed = {row[0] for row in states}
    states += [[_short(h), 2, None, None] for h in changes["disputed"] if _short(h) not in changed]
    return {
        "now": now(),
        "cursor": changes["cursor"],
        "version": version_of(standing),
        "changes": states,
        "revocations": signed_list(standing, since, version, revoked) if revoked else None,
        "alarms": [_alarm(alarm, standing, labels) for alarm in changes["alarms"]],
        "counts": counts,
    }


def rights(token: str, at_most: float = SHARED) -> tuple[bytes, bytes, int]:
    """(bytes, the same gzipped, cursor) of GET /api/gate/rights: "CVR1", two lengths, the labels as JSON, and the
    columns.

    They are `at_most` so many seconds old. Opens its own transaction.
    """
    hashed = places.token_hash(token)
    standing = in_transaction(places.standing_of, hashed, fresh=True)
    event = standing.known["event"]
    of = (standing.known["stadium"]["id"], event["id"] if event else None)
    with _lock:  # the phones of a ground start together: one reads, the others wait for it
        kept = _rights.get(of)
        if kept is None or time.monotonic() - kept[0] > at_most:
            row = in_transaction(call_one, "app.gate_rights", hashed)
            labels = json.dumps(row.labels, separators=(",", ":"), ensure_ascii=False).encode()
            columns = (row.hash, row.status, row.flags, row.type, row.zone, row.booking, row.row, row.seat)
            body = (
                struct.pack(">4sII", b"CVR1", row.n, len(labels)) + labels + b"".join(bytes(c or b"") for c in columns)
            )
            kept = (time.monotonic(), row.cursor, body, gzip.compress(body, 5, mtime=0))
            _rights.put(of, kept)
    return kept[2], kept[3], kept[1]


def search(token: str, words: str) -> list[dict[str, Any]]:
    """Rights by name, reference, place or short code, for a device that may; inside a transaction."""
    found = []
    for sought in read_sought(words):
        found = found or call("app.gate_search", places.token_hash(token), " ".join(sought.words), sought.place)
    labels = places.label_of([row.seat_id for row in found])
    return [
        {
            "hash": qr_codes.b64(row.hash),
            "label": labels.get(row.seat_id),
            "type": row.ticket_type,
            "status": row.status,
            "name": row.name,
            "reference": row.reference,
        }
        for row in found
    ]


def signed_list(standing: places.Standing, since: int, version: int, revoked: list[tuple[UUID, int]]) -> dict[str, Any]:
    """The revocation list for this device, signed with its event's key, or that of the ground's parking."""
    key_id, private = in_transaction(_key_of, standing, worker=True)
    return qr_codes.sign_revocations(key_id, private, standing.place.event, since, version, now(), revoked)


def version_of(standing: places.Standing) -> str:
    """A text that changes when a phone should fetch its bundle and rights again."""
    keys = ",".join(f"{n}{'x' if key.revoked else ''}" for n, key in sorted(standing.place.keys.items()))
    device = standing.known["device"]
    parts = (FORM, int(time.time() // RENEWED), keys, standing.known["event"], device["gates"], device["car_parks"])
    return ":".join(map(str, parts)).replace(" ", "")


def now() -> int:
    """This server's time in milliseconds since 1970, as phones have it."""
    return int(time.time() * 1000)


def _key_of(standing: places.Standing) -> tuple[int, Ed25519PrivateKey]:
    event = standing.known["event"]
    return signing_key(standing.known["stadium"]["id"], event["id"] if event else None)


def _counts(standing: places.Standing, hashed: bytes) -> dict[str, int]:
    """How many are in, and through this device's gates. Counted once in a while for all phones of an event."""
    event, device = standing.known["event"], standing.known["device"]
    of = (standing.known["stadium"]["id"], event["id"] if event else None)
    kept = _counted.get(of)
    if kept is None:
        kept = call("app.gate_counts", hashed)
        _counted.put(of, kept)
    here = [row for row in kept if row.gate_id in device["gates"] or row.car_park_id in device["car_parks"]]
    return {
        "admitted": sum(r.admitted for r in kept),
        "inside": sum(r.inside for r in kept),
        "here": sum(r.admitted for r in here),
    }


def _read(hashed: bytes, since: int) -> tuple[places.Standing, list[tuple[UUID, int]], int]:
    standing = places.standing_of(hashed, fresh=True)
    rows = call("app.gate_revoked", hashed, since)
    return standing, [(row.right_id, row.seq) for row in rows if row.right_id], rows[0].version


def _read_changes(
    hashed: bytes, cursor: int, since: int, state: dict[str, Any]
) -> tuple[places.Standing, dict[str, Any], list[tuple[UUID, int]], int, dict[str, int]]:
    changes = call_one("app.gate_changes", hashed, cursor, json.dumps(state)).gate_changes
    rows = call("app.gate_revoked", hashed, since)
    standing = places.standing_of(hashed)
    return (
        standing,
        changes,
        [(row.right_id, row.seq) for row in rows if row.right_id],
        rows[0].version,
        _counts(standing, hashed),
    )


def _alarm(alarm: Mapping[str, Any], standing: places.Standing, labels: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": alarm["id"],
        "kind": alarm["kind"],
        "scan": alarm["scan"],
        "at": alarm["at"],
        "gate": standing.place_name(alarm["gate"], alarm["car_park"]),
        "first_at": alarm["first_at"],
        "first_gate": standing.place_name(alarm["first_gate"], alarm["first_car_park"]),
        "label": labels.get(alarm["seat"]),
        "hash": _short(alarm["hash"]),
    }


def _short(hexed: str) -> str:
    return qr_codes.b64(bytes.fromhex(hexed))


def _count(value: Any) -> int:
    return value if type(value) is int and 0 <= value < 2**63 else 0


def _state(value: Any) -> dict[str, Any]:
    """What a phone says of itself, cut down to what the supervisor's page shows."""
    names = {
        "waiting": int,
        "battery": float,
        "storage_mb": float,
        "skew_ms": float,
        "jump_ms": float,
        "camera": bool,
        "mode": str,
        "list_at": float,
    }
    value = value if isinstance(value, dict) else {}
    state = {}
    for name, kind in names.items():
        given: Any = value.get(name)
        if (
            isinstance(given, bool)
            if kind is bool
            else isinstance(given, str)
            if kind is str
            else type(given) in (int, float) and abs(given) < 1e14
        ):
            state[name] = clean(given, 20) if kind is str else given
    return state
