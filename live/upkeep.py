"""What is looked after every few seconds: rights that are gone, numbers that were missed, seats that are left, sockets
that say nothing.
"""

import collections
import time

from live.connections import Connection, Roles, Rules
from live.sending import Sending


class Upkeep:
    """The recurring tasks of one process. Each asks the database at most once, however many sockets there are."""

    def __init__(self, rules: Rules, sending: Sending, connections: dict[str, Connection]) -> None:
        self.rules, self.sending, self.connections = rules, sending, connections
        self._silent: dict[str, float] = {}
        self._counted_until = 0.0

    def cut_revoked(self) -> None:
        """Whoever has no session any more is cut; whoever lost a role leaves the rooms that it opened."""
        by_session = collections.defaultdict(list)
        for connection in list(self.connections.values()):
            if connection.session_hash:
                by_session[connection.session_hash].append(connection)
        if not by_session:
            return
        standing = self.rules.standing(by_session)
        for session_hash, connections in by_session.items():
            for connection in connections:
                if session_hash in standing:
                    self._keep_to(connection, standing[session_hash])
                else:
                    self.sending.cut(connection, "SESSION_ENDED", "You have signed out, or your session has ended.")

    def _keep_to(self, connection: Connection, roles: Roles) -> None:
        for room in [r for r in connection.rooms if r.partition(":")[0] in self.rules.closed]:
            if not self.rules.may_be_in(room, roles):
                self.sending.leave(connection, room)

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
