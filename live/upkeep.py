"""What is looked after every few seconds: rights that are gone, numbers that were missed, seats that are left, sockets
that say nothing.
"""

import time

from live.connections import Rules
from live.sending import Sending


class Upkeep:
    """The recurring tasks of one process. Each asks the database at most once, however many sockets there are."""

    def __init__(self, rules: Rules, sending: Sending) -> None:
        self.rules, self.sending = rules, sending
        self._silent: dict[str, float] = {}
        self._counted_until = 0.0

    def cut_revoked(self) -> None:
        """Whoever has no session any more is cut; whoever lost a role is out of the rooms that it opened.

        Both are found in the server's own sockets and rooms, and in nothing that is kept beside them.
        """
        connections = {c.sid: c for c in self.sending.connections()}
        sessions = {c.session_hash for c in connections.values() if c.session_hash}
        standing = self.rules.standing(sessions) if sessions else {}
        for connection in connections.values():
            if connection.session_hash and connection.session_hash not in standing:
                self.sending.cut(connection, "SESSION_ENDED", "You have signed out, or your session has ended.")
        for room in self.sending.rooms(*self.rules.closed):
            for sid in self.sending.members(room):
                session_hash = connections[sid].session_hash if sid in connections else None
                if not self.rules.may_be_in(room, standing.get(session_hash, {}) if session_hash else {}):
                    self.sending.leave(sid, room)

    def end_silent(self) -> None:
        """Close websockets whose client never said hello (or was refused) within some twenty seconds."""
        connected = self.sending.manager.rooms.get("/", {}).get(None)
        alive, now = list(self.sending.engine.sockets), time.monotonic()
        self._silent = {e: self._silent.get(e, now) for e in alive if connected is None or e not in connected._invm}
        for eio_sid, since in list(self._silent.items()):
            if now - since > 20:
                self.sending.run(self.sending.engine.disconnect, eio_sid)

    def compare_versions(self, always: bool = False) -> None:
        """One question for all matches watched here; whoever is behind fetches."""
        rooms = self.sending.rooms("match")
        if not rooms:
            return
        for room, version in self.rules.versions_of(rooms).items():
            if always or version > self.sending.versions.get(room, -1):
                self.sending.newer(room, version)
                self.sending.send_here("subscription_status", {"room": room, "ok": True, "seq": version}, room)

    def tell_reset(self) -> None:
        """Messages may be lost: who looks at seats fetches them again."""
        for room in self.sending.rooms("event", "stadium"):
            self.sending.send_here("subscription_status", {"room": room, "ok": True, "reset": True}, room)

    def tell_occupancy(self) -> None:
        """What is left in each stand of the events whose seats have changed, at most once a second, for those who look
        from here.
        """
        began = time.monotonic()
        if began < self._counted_until:
            return
        events, self.sending.dirty = self.sending.dirty, set()
        looked_at = set(self.sending.rooms("event", "stadium"))
        if not events or not looked_at:
            return
        if not any(r.startswith("stadium:") for r in looked_at):
            events = {e for e in events if f"event:{e}" in looked_at}
        for told in self.rules.occupancy_of(sorted(events)) if events else ():
            self.sending.tell_stands(*told)
        # Counting a large ground takes the database a moment; it gets nine times as long to rest.
        self._counted_until = time.monotonic() + 9 * (time.monotonic() - began)
