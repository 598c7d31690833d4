"""What an event's seats cost, and where the shade is: everything that a map needs and that changes by hand alone, under
a version.
"""

import hashlib
import json
from datetime import UTC, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import inspect

from booking.pricing import amounts_of
from models import Event
from models.currencies import currency_of
from seating.shade import shade_of

_made: WeakKeyDictionary[Event, dict[str, Any]] = WeakKeyDictionary()  # of the events that are kept for everybody


def price_list(event: Event) -> dict[str, Any]:
    """The object of GET /api/events/<id>/prices; the event comes with its ground and prices. `version` is a hash of all
    the rest."""
    if not inspect(event).detached:
        return _make(event)
    found = _made.get(event)
    if found is None:
        found = _made[event] = _make(event)
    return found


def _make(event: Event) -> dict[str, Any]:
    bands = {}
    for price in sorted(event.prices, key=lambda p: (p.band, p.ticket_type)):
        bands.setdefault(price.band, {})[price.ticket_type] = amounts_of(price)._asdict()
    shade = shade_of(event)
    shown = {
        "event_id": event.id,
        "currency": event.stadium.currency,
        "money": currency_of(event.stadium.currency).words(1),
        "tax_inside": event.stadium.tax_inside,
        "limit": event.buyer_limit,
        "guards_singles": event.guards_singles,
        "companions_alone_from": companions_alone_from(event),
        "bands": bands,
        "shade": shade.rows,
        "sun": shade.words,
    }
    return {**shown, "version": hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]}


def companions_alone_from(event: Event) -> str | None:
    """The moment (ISO 8601, UTC) from which companion seats are sold without the space beside them, or None: only where
    no space is left."""
    if event.companions_open_hours is None:
        return None
    return (event.starts_at - timedelta(hours=event.companions_open_hours)).astimezone(UTC).isoformat()


def prices_version(event: Event) -> str:
    """The version for the address that a page carries: /api/events/<id>/prices?v=…"""
    return price_list(event)["version"]
