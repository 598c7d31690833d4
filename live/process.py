"""The sockets of one web process, and the background work that keeps them current; realtime.py is its face."""

import os
import secrets
import socket
import threading
from collections.abc import Callable

import structlog
from flask import Flask
from flask_socketio import SocketIO

from caches import Kept
from live.connections import Rules
from live.handshake import Handshake
from live.incoming import Incoming
from live.presence import Presence
from live.sending import Sending
from live.upkeep import Upkeep

log = structlog.get_logger()


class Live:
    """The live side of one process: what it sends, who is present, what is looked after, and when all of that runs."""

    def __init__(self, app: Flask, rules: Rules, handlers: dict, failed: Callable) -> None:
        self.app, self.rules, self.settings = app, rules, app.config["SETTINGS"]
        self.process = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(2)}"
        self.known = Kept(10_000, 60)  # public room → True while it is believed to exist
        self.sending = Sending(app, self.settings, self._healed)
        self.presence = Presence(self.process, self.sending)
        self.upkeep = Upkeep(rules, self.sending)
        self._started = self._stopping = False
        self._starting = threading.Lock()
        self._over = threading.Event()
        for name, handler in handlers.items():
            self.socketio.on_event(name, handler)
        self.socketio.default_exception_handler = failed  # pyrefly: ignore[missing-attribute]
        Incoming(self.sending.server, handlers)
        app.wsgi_app = Handshake(app.wsgi_app, self.settings, self.ready)

    @property
    def socketio(self) -> SocketIO:
        return self.sending.socketio

    def start(self) -> None:
        """Begin the background work, once."""
        with self._starting:
            if self._started or self._stopping:
                return
            self._started, self._over = True, threading.Event()
        log.info("live_serving", process=self.process, mode=self.sending.engine.async_mode)
        self.sending.start(self._over)
        if self.sending.redis is not None:
            self._every(5, self.sending.manager.measure)
        for seconds, task in (
            (1, self.upkeep.tell_occupancy),
            (2, self.presence.tell),
            (2, self.upkeep.cut_revoked),
            (3, self.upkeep.compare_versions),
            (2, self.presence.note_connections),
            (5, self.upkeep.end_silent),
        ):
            self._every(seconds, task)

    def ready(self) -> bool:
        """Called for each new socket: whether this process takes it. The first one starts the background."""
        self.start()
        return not self._stopping

    def _every(self, seconds: float, task: Callable[[], None]) -> None:
        over = self._over

        def loop() -> None:
            while not over.wait(seconds):
                try:
                    with self.app.app_context():
                        task()
                except Exception:
                    log.exception("live_task_failed", task=task.__name__)

        self.sending.run(loop)

    def stop(self, for_good: bool) -> None:
        """Close every socket and end the background work; after a stop that is not for good the next socket starts it
        again.
        """
        if not self._started or self._stopping:
            return
        self._stopping = True
        self._over.set()
        for eio_sid in list(self.sending.engine.sockets):
            self.sending.run(self.sending.engine.disconnect, eio_sid)
        self.sending.server.sleep(0.1)
        try:
            with self.app.app_context():
                self.presence.end()
        except Exception as error:
            log.warning("live_end_not_noted", error=str(error))
        self._started, self._stopping = False, for_good
        self.sending.stop()

    def _healed(self) -> None:
        """The queue was away and is back: what it lost meanwhile is compared, or asked for anew, by
        every client here.
        """
        self.sending.run(self._mend)

    def _mend(self) -> None:
        try:
            self.upkeep.tell_reset()
            with self.app.app_context():
                self.upkeep.compare_versions(always=True)
        except Exception:
            log.exception("live_task_failed", task="mend")
