"""The phones at the gates: paired by a code that is good once, for twelve hours, and out at once when
they are revoked.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import select

from accounts import rights
from database import call_one
from extensions import db
from gate.scans import clean
from models import CarPark, Event, Gate, GateDevice, Stadium
from outside.names import LONGEST_NAME, read_name, tidied
from refusals import Refused, sentences

sentences(
    {
        "UNKNOWN_GATES": "We do not find this match among those of your gates.",
        "UNKNOWN_DEVICE": "We do not find this phone among yours.",
        "UNKNOWN_ALARM": "We do not find this alarm among yours.",
        "NO_GATE": "Choose a gate or a car park of this ground for the phone.",
        "NO_NAME": "Give the phone a name that its steward knows, such as “Gate C, left”.",
        "PAIRING_UNKNOWN": "This pairing code is not good any more: it works once. Ask the supervisor for a new one.",
        "PAIRING_UNKNOWN.unreadable": "This is no pairing code.",
        "PAIRING_EXPIRED": "This pairing code was good for fifteen minutes. Ask the supervisor for a new one.",
    }
)


class Paired(Protocol):
    """A row of app.pair_gate_device(): the phone, and until when its token is good."""

    id: int
    name: str
    expires_at: datetime


def add(
    stadium_id: int, event_id: int | None, name: str, gates: Sequence[int], car_parks: Sequence[int], may_search: bool
) -> tuple[int, str]:
    """A phone to be paired; (its id, the pairing secret, which is stored as a hash only). Inside a transaction."""
    name = tidied(name, LONGEST_NAME)
    if not name:
        raise Refused("NO_NAME", status=422)
    name = read_name(name)
    secret = secrets.token_urlsafe(16)
    row = call_one("app.add_gate_device", stadium_id, event_id, name, gates, car_parks, may_search, _hash(secret))
    return row.add_gate_device, secret


def pair(secret: str, phone: object) -> tuple[Paired, str]:
    """The phone with this pairing secret: (device row, its token). Inside a transaction."""
    if not isinstance(secret, str) or not 16 <= len(secret) <= 60 or not secret.isascii():
        raise Refused("PAIRING_UNKNOWN.unreadable", status=404)
    token = secrets.token_urlsafe(32)
    name = clean(phone, 60) if isinstance(phone, str) else ""
    return call_one("app.pair_gate_device", _hash(secret), _hash(token), name or "Phone"), token


def revoke(device_id: int) -> int | None:
    """The phone is out; the event that it was for, or None. Inside a transaction."""
    return call_one("app.revoke_gate_device", device_id).revoke_gate_device


def devices_of(stadium_id: int, event_id: int | None) -> list[GateDevice]:
    """The phones of an event, the working ones first."""
    now = datetime.now(UTC)
    found = db.session.scalars(
        select(GateDevice)
        .where(GateDevice.stadium_id == stadium_id, GateDevice.event_id.is_not_distinct_from(event_id))
        .order_by(GateDevice.id.desc())
        .limit(500)
    ).all()
    return sorted(
        found, key=lambda d: ("works", "waits", "silent", "expired", "revoked", "lapsed").index(state_of(d, now))
    )


def state_of(device: GateDevice, now: datetime) -> str:
    """works, silent (no contact for two minutes), waits (to be paired), lapsed (never was), expired or revoked."""
    if device.revoked_at is not None:
        return "revoked"
    if device.paired_at is None:
        return "waits" if device.pairing_until and device.pairing_until > now else "lapsed"
    if device.expires_at is None or device.expires_at <= now:
        return "expired"
    return "works" if device.seen_at and (now - device.seen_at).total_seconds() < 120 else "silent"


def get_gate_event(event_id: int) -> tuple[Event, Stadium]:
    """An event whose gates this person runs, with its stadium; Refused UNKNOWN_GATES otherwise."""
    event = db.session.scalar(select(Event).where(Event.id == event_id))
    if event is None or event.stadium_id not in rights.grounds("run_gates"):
        raise Refused("UNKNOWN_GATES", status=404)
    return event, db.session.get_one(Stadium, event.stadium_id)


def get_device(device_id: int) -> GateDevice:
    """The phone, or Refused UNKNOWN_DEVICE."""
    found = db.session.get(GateDevice, device_id)  # row security keeps other grounds' away
    if found is None:
        raise Refused("UNKNOWN_DEVICE", status=404)
    return found


def gates_and_parks(stadium_id: int) -> tuple[Sequence[Gate], Sequence[CarPark]]:
    """(gates by their code, car parks) of a ground."""
    gates = db.session.scalars(select(Gate).where(Gate.stadium_id == stadium_id).order_by(Gate.code)).all()
    return gates, db.session.scalars(select(CarPark).where(CarPark.stadium_id == stadium_id).order_by(CarPark.id)).all()


def events_of(stadiums: Collection[int], now: datetime) -> list[tuple[Event, Stadium]]:
    """[(event, stadium)] whose gates may be looked at: from a day ago on, the nearest first."""
    return [
        tuple(row)
        for row in db.session.execute(
            select(Event, Stadium)
            .join(Stadium, Stadium.id == Event.stadium_id)
            .where(Event.stadium_id.in_(stadiums), Event.state != "draft", Event.ends_at > now - timedelta(days=1))
            .order_by(Event.starts_at)
            .limit(60)
        )
    ]


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
