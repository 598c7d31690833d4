"""The rule of the gate, one for online and offline: signature → event, validity, zone → revoked or void → already used
→ admit.

judge() is its first part, which needs no database: static/js/gate/rule.js says the same on the phone, and both are
tried on the same cases. The last part needs the right's row under its lock: app.decide_scan, and decide() of rule.js,
tried on the same cases, too.
"""

from dataclasses import dataclass, field, replace

import qr_codes
from gate.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Key:
    """A public key of the ground. `event` is 0 and `day` None for parking without a match.

    `revoked_at` is when it was revoked, in seconds since 1970.
    """

    public: bytes
    event: int
    day: str | None
    revoked: bool = False
    revoked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code is judged: the event (0 where there is none) and its day, the zones of the device's gates and car
    parks, the ground's keys.

    `secret` is that of the event's rotating codes, or None when its codes do not rotate.
    """

    event: int
    day: str | None
    gate_zones: frozenset[int]
    park_zones: frozenset[int]
    keys: dict[int, Key] = field(default_factory=dict)
    secret: bytes | None = None
    revoked: frozenset[bytes] = (
        frozenset()
    )  # qr_codes.revoked_hash of issues; empty on the server, which looks at the ticket itself


def as_it_was(place: Place, at: float) -> Place:
    """The place with its keys as they were at that moment (seconds since 1970): one that was revoked later was good."""
    later = {n: replace(k, revoked=False) for n, k in place.keys.items() if k.revoked_at and k.revoked_at > at}
    return replace(place, keys=place.keys | later) if later else place


@dataclass(frozen=True, slots=True)
class Judged:
    """An outcome so far, and what the code says as far as it could be verified.

    `zone` is the right one after WRONG_GATE.
    """

    outcome: Outcome
    code: qr_codes.Code | None = None


def judge(text: str, place: Place, at: float, leaving: bool = False) -> Judged:
    """What to say of this text at the moment `at` (seconds since 1970), as far as the text itself tells."""
    static, digits = qr_codes.split(text)
    try:
        code = qr_codes.read(static, lambda key_id: place.keys[key_id].public if key_id in place.keys else None)
    except qr_codes.BadCode as error:
        return Judged(Outcome(error.reason))
    key = place.keys[code.key_id]
    if key.revoked:
        return Judged(Outcome.VOID, code)
    if code.event != key.event:
        return Judged(Outcome.FORGED, code)  # a key signs for its own event alone
    if code.event != place.event and not (code.event == 0 and code.kind == "pass" and place.park_zones):
        return Judged(Outcome.WRONG_EVENT if key.day == place.day else Outcome.WRONG_DAY, code)
    if at < code.not_before:
        return Judged(Outcome.NOT_YET_VALID, code)
    if at > code.expires:
        return Judged(Outcome.EXPIRED, code)
    if code.zone not in (place.park_zones if code.kind == "pass" else place.gate_zones):
        return Judged(Outcome.WRONG_GATE, code)
    if qr_codes.revoked_hash(code.ticket, code.seq) in place.revoked:
        return Judged(Outcome.VOID, code)
    if leaving:
        return Judged(Outcome.LEFT, code)
    if place.secret is not None and code.event == place.event:
        if digits is None:
            return Judged(Outcome.CHECK_IDENTITY, code)
        if not qr_codes.is_current(digits, qr_codes.right_secret(place.secret, code.ticket, code.seq), at):
            return Judged(Outcome.OLD_PICTURE, code)
    return Judged(Outcome.ADMITTED, code)
