"""What a client may say at all, looked at before any handler of Socket.IO: hello once, then our events by name, and
goodbye once.

python-socketio keeps what it tells itself (`connect`, `disconnect`) and what clients say in one table of handlers, so a
message of such a name would reach them. Here nothing but the names of our own messages passes, on the one namespace
there is; the rest goes to the handler of unknown messages, which counts it like any other. Bytes and acknowledgements
are unknown too: nothing of ours sends or asks for them.
"""

from collections.abc import Collection
from typing import Any

from socketio import packet

RESERVED = frozenset({"connect", "disconnect", "*"})
UNKNOWN = ["unknown message"]  # a name that nothing is registered for, so the handler of the rest gets it
_HELLO = "cricverse.hello"  # in what the server keeps of a websocket: it has said hello, and may not again


class Incoming:
    """Stands between the engine and the Socket.IO server; `names` are the messages that have a handler."""

    def __init__(self, server: Any, names: Collection[str]) -> None:
        self.server, self.names = server, frozenset(names) - RESERVED
        server.eio.on("message", self.receive)

    def receive(self, eio_sid: str, data: Any) -> None:
        """One message of one websocket, as the engine read it."""
        said = _read(data)
        kind, is_ours = (said.packet_type, said.namespace in (None, "/")) if said else (None, False)
        environ = self.server.environ.get(eio_sid)
        if environ is None:
            return  # it is closing
        if not environ.get(_HELLO):
            if kind == packet.CONNECT and is_ours and said:
                environ[_HELLO] = True
                self.server._handle_connect(eio_sid, None, said.data)
            else:
                self._end(eio_sid)
        elif (kind == packet.DISCONNECT and is_ours) or not self.server.manager.sid_from_eio_sid(eio_sid, "/"):
            # Goodbye is for the whole websocket: whoever went on with a new hello would have a new allowance each time.
            # So it is for who was refused, or cut.
            self.server._handle_disconnect(eio_sid, None)
            self._end(eio_sid)
        elif kind == packet.EVENT and is_ours and said and _name_in(said.data) in self.names:
            self.server._handle_event(eio_sid, None, said.id, said.data)
        else:
            self.server._handle_event(eio_sid, None, None, UNKNOWN)

    def _end(self, eio_sid: str) -> None:
        # In the background, for it waits for what is still to be sent.
        self.server.start_background_task(self.server.eio.disconnect, eio_sid)


def _read(data: Any) -> packet.Packet | None:
    """The packet in a message, or None where there is none that we know."""
    if not isinstance(data, str):
        return None
    try:
        return packet.Packet(encoded_packet=data)
    except (ValueError, RecursionError):
        return None


def _name_in(data: Any) -> str | None:
    """What an event's data calls it: a list that begins with a name."""
    return data[0] if isinstance(data, list) and data and isinstance(data[0], str) else None
