"""Answers that many ask for, kept by version: in this process, and in Redis when it is set, so that one process makes
each body once.

A body is bytes and never changes under its key; whoever asks puts the version into the key. Redis is a help, never a
need: while it does not answer, bodies are made here.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import redis
import structlog
from cachetools import TLRUCache

from config import Settings

log = structlog.get_logger()

LARGEST_STORE = 32 * 1024 * 1024  # bytes in this process
_REST_SECONDS = 5  # after a failure Redis is left alone for a moment, so that no request waits for it


class Bodies:
    """Bodies (bytes) by key, in this process and in Redis where there is one. A Redis that fails rests a while."""

    def __init__(self) -> None:
        # key → (body, until when it is good)
        self._kept = TLRUCache(LARGEST_STORE, ttu=lambda key, kept, now: kept[1], getsizeof=lambda kept: len(kept[0]))
        self._lock = threading.Lock()
        self._redis = None
        self._rest_until = 0.0

    def init_app(self, settings: Settings) -> None:
        """Forget what is kept, and use the Redis of these settings, if any."""
        self._redis = (
            redis.Redis.from_url(settings.redis_url, socket_timeout=0.2, socket_connect_timeout=0.2)
            if settings.redis_url
            else None
        )
        with self._lock:
            self._kept.clear()

    def cached(self, key: str, build: Callable[[], bytes], *, seconds: float = 300) -> bytes:
        """The body under `key`; `build()` makes it where nobody has. It is good for `seconds`."""
        now = time.monotonic()
        with self._lock:
            if kept := self._kept.get(key):
                return kept[0]
        body = self._ask("get", key)
        if body is None:
            body = build()
            self._ask("set", key, body, ex=seconds)
        with self._lock, suppress(ValueError):  # of one that is larger than the whole store
            self._kept[key] = body, now + seconds
        return body

    def _ask(self, verb: str, key: str, *args: Any, **options: Any) -> Any:
        if self._redis is None or time.monotonic() < self._rest_until:
            return None
        try:
            return getattr(self._redis, verb)(f"cricverse:body:{key}", *args, **options)
        except redis.RedisError as error:
            self._rest_until = time.monotonic() + _REST_SECONDS
            log.warning("body_cache_rests", error=type(error).__name__)
            return None


bodies = Bodies()
