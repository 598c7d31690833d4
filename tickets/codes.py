"""Codes of tickets and passes: signed when they are issued, kept, and made anew when a key is exchanged."""

import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import current_app
from sqlalchemy import select

import qr_codes
from caches import Kept
from database import after_commit, call, call_one, in_transaction, transaction
from extensions import db
from models import Booking, SigningKey
from tickets.links import link_hash, link_token

# --- codes ----------------------------------------------------------------------------------------------------------
KEPT = 5  # seconds that a process keeps an unwrapped key: after that it asks whether another one signs now
_keys = Kept(500, KEPT)  # (stadium, event) → (id, private key)


def issue_codes(booking_id: int) -> None:
    """As the worker, in the transaction that issues: sign and keep a code for every ticket and pass of the booking
    without one.

    The hash of the booking's signed link is kept with them.
    """
    codes = []
    for wanted in call("app.codes_wanted", booking_id):
        key_id, private = signing_key(wanted.stadium_id, wanted.event_id)
        code = qr_codes.Code(
            key_id,
            wanted.event_id or 0,
            wanted.id,
            wanted.seq,
            wanted.zone,
            wanted.not_before,
            wanted.expires,
            wanted.kind,
        )
        codes.append(
            {wanted.kind: str(wanted.id), "key": key_id, "seq": wanted.seq, "code": qr_codes.sign(code, private)}
        )
    call("app.store_codes", booking_id, json.dumps(codes), link_hash(link_token(booking_id)))


def signing_key(stadium_id: int, event_id: int | None) -> tuple[int, Ed25519PrivateKey]:
    """(id, private key) for an event, or for a stadium's parking without one. The first use makes the pair."""
    known = _keys.get((stadium_id, event_id))
    if known is None:
        master = current_app.config["SETTINGS"].qr_master_key
        found = db.session.execute(
            select(SigningKey.id, SigningKey.public_key, SigningKey.private_key_wrapped).where(
                SigningKey.stadium_id == stadium_id,
                SigningKey.event_id.is_not_distinct_from(event_id),
                SigningKey.revoked_at.is_(None),
                SigningKey.retired_at.is_(None),
            )
        ).first()
        if found is None:
            found = call_one("app.store_signing_key", stadium_id, event_id, *qr_codes.new_key_pair(master))
        known = (found.id, qr_codes.unwrap(master, found.public_key, found.private_key_wrapped))
        # Only what is committed may outlive this transaction.
        after_commit(_keys.put, (stadium_id, event_id), known)
    return known


def rotate_key(stadium_id: int, event_id: int | None, emergency: bool) -> int:
    """A new key for an event, or for a stadium's parking without one (None); how many bookings got new codes. Opens its
    own transactions.

    Opens its own transactions.

    Planned: what the old key signed stays good. Emergency: it is refused from now on, and every ticket and pass gets a
    new code; buyers are mailed.
    """
    pair = qr_codes.new_key_pair(current_app.config["SETTINGS"].qr_master_key)
    rows = in_transaction(call, "app.rotate_signing_key", stadium_id, event_id, *pair, emergency, worker=True)
    _keys.forget((stadium_id, event_id))
    for row in rows:
        in_transaction(issue_codes, row.booking_id, worker=True)
    return len(rows)


def issue_missing(stadium_id: int, event_id: int | None) -> int:
    """Sign what an exchange that was cut off has left without a code; how many bookings were looked at. Opens its own
    transactions."""
    with transaction(worker=True):
        paid = Booking.state == "paid"
        of_event = Booking.event_id.is_not_distinct_from(event_id)
        found = db.session.scalars(select(Booking.id).where(Booking.stadium_id == stadium_id, of_event, paid)).all()
    for booking_id in found:
        in_transaction(issue_codes, booking_id, worker=True)
    return len(found)
