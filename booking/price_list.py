"""What an event's seats cost, and where the shade is: everything that a map needs and that changes by hand alone, under
a version.
"""

import hashlib
import json
from datetime import UTC, timedelta
from typing import Any

from booking.pricing import amounts_of
from caches import Kept
from models import Event
from models.currencies import currency_of
from seating.layout import seat_map
from seating.shade import hour_of_play, shaded_rows, sun_in_words

_shades = Kept(500)  # (layout, place, hour) → (runs of rows, sentence)


def price_list(event: Event) -> dict[str, Any]:
    """The object of GET /api/events/<id>/prices; the event comes with its ground and prices. `version` is a hash of all
    the rest."""
    bands = {}
    for price in sorted(event.prices, key=lambda p: (p.band, p.ticket_type)):
        bands.setdefault(price.band, {})[price.ticket_type] = amounts_of(price)._asdict()
    shade, sun = _shade(event)
    shown = {
        "event_id": event.id,
        "currency": event.stadium.currency,
        "money": currency_of(event.stadium.currency).words(1),
        "tax_inside": event.stadium.tax_inside,
        "limit": event.buyer_limit,
        "guards_singles": event.guards_singles,
        "companions_alone_from": companions_alone_from(event),
        "bands": bands,
        "shade": shade,
        "sun": sun,
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


def _shade(event: Event) -> tuple[list[list[int]], str]:
    place, at = event.stadium, hour_of_play(event)
    key = (event.layout_id, place.latitude, place.longitude, place.bearing, place.time_zone, at)
    if (known := _shades.get(key)) is None:
        seats = seat_map(event.layout_id)
        if seats is None:
            return [], ""
        rows = shaded_rows(seats, place, at)
        count = sum(row.count for first, n in rows for row in seats.rows[first : first + n])
        known = rows, sun_in_words(place, at, count)
        _shades.put(key, known)
    return known
