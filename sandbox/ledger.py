"""The oracle: an append-only list of what really happened to money, kept apart from every object's state.

Tests compare the product's books with this list, so nothing here is ever derived from an object afterwards.
"""

import threading
import time

KINDS = ("captured", "refunded", "refund_failed", "disputed", "dispute_won", "canceled")


class Ledger:
    """Entries in the order in which they happened; amounts are positive integers in minor units."""

    def __init__(self):
        self._lock = threading.Lock()
        self._entries = []

    def append(self, kind, intent, source, amount, idempotency_key=None):
        """Note one fact about an intent; `idempotency_key` is the key under which the intent or refund was made."""
        if kind not in KINDS:
            raise ValueError(f"not a ledger kind: {kind}")
        with self._lock:
            self._entries.append(
                {
                    "number": len(self._entries) + 1,
                    "kind": kind,
                    "intent": intent["id"],
                    "source": source,
                    "amount": amount,
                    "currency": intent["currency"],
                    "at": time.time(),
                    "idempotency_key": idempotency_key,
                    "metadata": dict(intent["metadata"]),
                }
            )

    def as_json(self, intent=None):
        """Every entry, or those of one intent."""
        with self._lock:
            return [dict(entry) for entry in self._entries if intent in (None, entry["intent"])]

    def clear(self):
        with self._lock:
            self._entries.clear()
