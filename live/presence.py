"""Who is here: how many watch what, over all processes, and the connections as the database keeps them."""

import collections
import json
import time
from collections.abc import Sequence

import structlog

from database import call, in_transaction
from live.connections import Connection
from live.sending import Sending

log = structlog.get_logger()


class Presence:
    """Counts the sockets of one process, named `process`, and shares the figures with the others."""

    def __init__(self, process: str, sending: Sending) -> None:
        self.process, self.sending = process, sending
        self.ended: collections.deque = collections.deque(maxlen=50_000)
        self.others: dict[str, dict] = {}
        self.watching: dict[str, int] = {}
        self._noted: dict[str, tuple] = {}
        self._beat_at = 0.0
        self._sent_before, self._rate, self._rate_at = 0, 0.0, time.monotonic()

    def figures(self) -> dict:
        """{connections, signed_in, rooms, messages_per_second, lag_ms} of this process."""
        lag, connections = self.sending.lag, self.sending.connections()
        return {
            "connections": len(connections),
            "signed_in": sum(c.session_hash is not None for c in connections),
            "rooms": len(self.sending.rooms("match", "event", "stadium", "staff", "customer")),
            "messages_per_second": round(self._rate, 1),
            "lag_ms": None if lag is None else round(lag * 1000, 1),
        }

    def tell(self) -> None:
        """How many watch each match and event, over all processes; said only when it has changed."""
        here = {room: self.sending.present(room) for room in self.sending.rooms("match", "event")}
        now, sent = time.monotonic(), self.sending.sent
        self._rate = (sent - self._sent_before) / max(now - self._rate_at, 0.001)
        self._sent_before, self._rate_at = sent, now
        self.others = self._share({**self.figures(), "watched": here})
        totals = collections.Counter(here)
        for figures in self.others.values():
            totals.update(figures.get("watched", {}))
        for room in here:
            if totals[room] != self.watching.get(room):
                status = {"room": room, "ok": True, "watching": totals[room]}
                self.sending.send_here("subscription_status", status, room)
        self.watching = {room: totals[room] for room in here}

    def _share(self, figures: dict) -> dict[str, dict]:
        """Tell the other processes our figures, and return theirs; {} without Redis, or while it is away."""
        redis = self.sending.redis
        if redis is None:
            return {}
        try:
            with redis.pipeline(transaction=False) as pipe:
                pipe.set(f"cricverse:live:{self.process}", json.dumps(figures), ex=10)
                pipe.sadd("cricverse:live", self.process)
                pipe.smembers("cricverse:live")
                names = sorted(name.decode() for name in pipe.execute()[-1])
            others = [name for name in names if name != self.process]
            found = redis.mget([f"cricverse:live:{name}" for name in others]) if others else []
            gone = [name for name, text in zip(others, found, strict=True) if text is None]
            if gone:
                redis.srem("cricverse:live", *gone)
            return {name: json.loads(text) for name, text in zip(others, found, strict=True) if text is not None}
        except Exception as error:
            log.warning("live_figures_not_shared", error=str(error))
            return {}

    def note_connections(self) -> None:
        """Write what has changed about the connections of this process, in one call however many there are."""
        rows = []
        while self.ended and len(rows) < 5000:
            connection = self.ended.popleft()
            rows.append(_row(connection, self._noted.pop(connection.sid, ()), ended=True))
        rooms = self.sending.rooms_by_sid()
        for connection in self.sending.connections():
            state = tuple(sorted(rooms.get(connection.sid, ())))
            if self._noted.get(connection.sid) != state and len(rows) < 10_000:
                self._noted[connection.sid] = state
                rows.append(_row(connection, state))
        beat = time.monotonic() - self._beat_at > 60
        if rows or beat:
            self._beat_at = time.monotonic()
            in_transaction(call, "app.note_connections", self.process, {"rows": rows})

    def end(self) -> None:
        """This process serves no more: note the end of its connections, and take its figures back.

        Inside an application context.
        """
        self.note_connections()
        if self.sending.redis is not None:
            self.sending.redis.delete(f"cricverse:live:{self.process}")


def _row(connection: Connection, rooms: Sequence[str], ended: bool = False) -> dict:
    return {
        "sid": connection.sid,
        "customer_id": connection.person.id,
        "address": connection.address,
        "rooms": rooms,
        "age": round(time.monotonic() - connection.connected_at, 3),
        "ended": ended,
    }
