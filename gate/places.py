"""Where a device stands, kept for a few seconds: each call of a phone needs it, and it hardly changes."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app

import qr_codes
from caches import Kept
from database import call_one
from gate.admit import Key, Place
from refusals import Refused, sentences
from seating.labels import SeatLabel, labels_of

# seconds: a revoked phone is refused by the database at once; a key or gate that changed is known after this long
KEPT = 5

sentences(
    {
        "DEVICE_UNKNOWN": "This phone is not paired. Ask the supervisor for a pairing code.",
        "DEVICE_REVOKED": "This phone was taken off the gates. Ask the supervisor for a new pairing code.",
        "DEVICE_EXPIRED": "This phone's twelve hours are over. Ask the supervisor for a new pairing code.",
        "MAY_NOT_SEARCH": "This phone may not search. Ask the supervisor.",
    }
)

_kept = Kept(2000, KEPT)  # token hash → Standing
_labels: dict[int, SeatLabel] = {}  # seat id → SeatLabel: a seat of a layout never changes its meaning


@dataclass(frozen=True, slots=True)
class Standing:
    """A device, what it knows (the answer of app.gate_place), and the Place its codes are judged by."""

    known: dict
    place: Place
    gates: dict[int, dict]
    car_parks: dict[int, dict]

    def by_zone(self, kind: str, zone: int) -> dict[str, Any] | None:
        """The gate or car park that a code is for: {"code", "name"}, or None."""
        for each in (self.gates if kind == "ticket" else self.car_parks).values():
            if each["zone"] == zone:
                return {"code": each.get("code"), "name": each["name"]}
        return None

    def place_name(self, gate: int | None, car_park: int | None) -> str | None:
        """How people call where a scan was made: the gate's code, or the car park's name."""
        if gate in self.gates:
            return self.gates[gate]["code"]
        return self.car_parks[car_park]["name"] if car_park in self.car_parks else None


def token_hash(token: str) -> bytes:
    """The stored form of a device's token; Refused when it is none."""
    if not token or len(token) > 100:
        raise Refused("DEVICE_UNKNOWN", status=401)
    return hashlib.sha256(token.encode()).digest()


def kept(hashed: bytes) -> Standing | None:
    """The Standing of this device as it was a moment ago, or None."""
    return _kept.get(hashed)


def standing_of(hashed: bytes, fresh: bool = False) -> Standing:
    """The Standing of the device with this token hash; inside a transaction unless it is kept."""
    if not fresh and (standing := kept(hashed)):
        return standing
    _kept.forget(hashed)
    known = call_one("app.gate_place", hashed).gate_place
    device, event = known["device"], known["event"]
    gates, parks = ({each["id"]: each for each in known[name]} for name in ("gates", "car_parks"))
    keys = {
        k["id"]: Key(bytes.fromhex(k["public"]), k["event"], k["day"], k["revoked"], k["revoked_at"])
        for k in known["keys"]
    }
    place = Place(
        event["id"] if event else 0,
        event["day"] if event else None,
        frozenset(gates[n]["zone"] for n in device["gates"] if n in gates),
        frozenset(parks[n]["zone"] for n in device["car_parks"] if n in parks),
        keys,
        rotation_secret(known),
    )
    standing = Standing(known, place, gates, parks)
    _kept.put(hashed, standing)
    return standing


def rotation_secret(known: Mapping[str, Any]) -> bytes | None:
    """The secret of the event's rotating codes, from its newest key that is good; None where codes do not rotate."""
    event = known["event"]
    if not event or not event["rotating"]:
        return None
    keys = [k["id"] for k in known["keys"] if k["event"] == event["id"] and not k["revoked"]]
    return qr_codes.event_secret(current_app.config["SETTINGS"].qr_master_key, max(keys)) if keys else None


def label_of(seat_ids: Iterable[int | None]) -> dict[int, dict[str, str]]:
    """{seat: {"stand", "bay", "row", "seat"}}; what is not known yet is read in one statement."""
    wanted = {s for s in seat_ids if s is not None}
    if missing := wanted - _labels.keys():
        if len(_labels) > 300_000:
            _labels.clear()
        _labels.update(labels_of(list(missing)))
    return {
        s: {"stand": x.stand, "bay": x.bay, "row": x.row, "seat": x.number, "gate": x.gate}
        for s in wanted
        if (x := _labels.get(s))
    }
