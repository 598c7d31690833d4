"""Idempotency keys as Stripe keeps them (https://docs.stripe.com/api/idempotent_requests): the first answer is
saved, whatever it was; other parameters under the same key are an error; so is a second request during the first."""

import threading
from dataclasses import dataclass

from sandbox.stripe.errors import StripeError


@dataclass
class Saved:
    """The first request under a key: what it asked and, once it has ended, what it was answered."""

    fingerprint: tuple
    request_id: str
    status: int | None = None
    body: dict | None = None


class IdempotencyKeys:
    """Keys by (account key, idempotency key)."""

    def __init__(self):
        self._lock = threading.Lock()
        self._saved = {}

    def begin(self, key, fingerprint, request_id):
        """Claim the key and return None, or return the Saved answer to replay.

        Raises StripeError 400 when the parameters differ and 409 while the first request is still running."""
        with self._lock:
            first = self._saved.setdefault(key, Saved(fingerprint, request_id))
            if first.request_id == request_id:
                return None
            if first.fingerprint != fingerprint:
                raise StripeError(
                    400,
                    "Keys for idempotent requests can only be used with the same parameters they were first used "
                    f"with. Try using a key other than '{key[1]}' if you meant to execute a different request.",
                    type="idempotency_error",
                    saved=False,
                )
            if first.status is None:
                raise StripeError(
                    409,
                    f"There is currently another in-progress request using this Idempotent Key '{key[1]}' (that "
                    "probably means you submitted twice, and the other request is still going through). Please try "
                    "again later.",
                    type="idempotency_error",
                    code="idempotency_key_in_use",
                    saved=False,
                )
            return first

    def finish(self, key, status, body):
        """Keep the answer for every later request under this key."""
        with self._lock:
            # A reset while the request ran has forgotten the key; then there is nothing left to keep.
            if key in self._saved:
                self._saved[key].status, self._saved[key].body = status, body

    def forget(self, key):
        """Give the key back: nothing was executed."""
        with self._lock:
            self._saved.pop(key, None)

    def clear(self):
        with self._lock:
            self._saved.clear()
