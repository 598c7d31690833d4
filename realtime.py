"""Live messages: the Socket.IO server, its rooms and their checks, and every publish_… function.

Rooms: `match:<id>`, `event:<id>`, `stadium:<id>` are public; `customer:<id>` is a person's own, joined by itself;
`staff:<stadium>` and `gates:<stadium>` ask for a role that opens them (ROOMS in accounts/rights.py), and whoever loses
it is out of them within five seconds. Clients only join and leave; everything else is sent by publish_… functions,
after the commit of what they tell. A message is a hint with a number: a lost one is harmless, for whoever sees a gap
fetches, and every few seconds the newest numbers are compared.

What this edge must ask (who is this session, may they join, which number is the newest) app.py hands down as a `Rules`.
"""

import collections
import json
import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import flask_socketio
import structlog
from flask import Flask, current_app, g, request
from flask_socketio import SocketIO
from socketio.exceptions import ConnectionRefusedError

from extensions import client_address
from live.connections import NO_RULES, Connection, Rules
from live.process import Live
from models.columns import LARGEST_ID

log = structlog.get_logger()

ROOMS_PER_CONNECTION = 20
DROPPED_AT_MOST = 100  # who goes on after so many unread ones is cut off
PATCH_BYTES = 12_000  # a larger patch is fetched instead
SEATS_AT_MOST = 400  # likewise

socketio: SocketIO | None = None  # the newest create_app()'s; inside an application context its own is used


def init_socketio(app: Flask, rules: Rules = NO_RULES) -> SocketIO:
    """Give the application its Socket.IO server; nothing runs before the first socket comes or start() is called."""
    global socketio
    live = Live(app, rules, HANDLERS, _failed)
    app.extensions["live"] = live
    socketio = live.socketio
    return live.socketio


def start(app: Flask) -> None:
    """This process serves sockets: begin the background work (app.py's process, or the first socket of any other
    server).
    """
    app.extensions["live"].start()


def stop(app: Flask, for_good: bool = False) -> None:
    """Close every socket, so that clients go to another process, and note the end of their connections.

    After a stop that is not for good the next socket starts everything again.
    """
    app.extensions["live"].stop(for_good)


# --- what clients may say -------------------------------------------------------------------------------------------


def _live() -> Live:
    return current_app.extensions["live"]


def _guarded(guard: str, handler: Callable[..., None]) -> Callable[..., None]:
    """Every handler names its guard; all but connect and disconnect count against the connection's allowance."""

    @wraps(handler)
    def guarded(data: object = None, *_: object) -> None:
        live = _live()
        connection = live.sending.connection_of(_sid())
        if connection is None:
            return
        if not connection.may_speak():
            if connection.dropped == 1 or connection.dropped % 20 == 0:
                _refuse("TOO_MANY_MESSAGES", "That was too much at once. Wait a little.")
            if connection.dropped > DROPPED_AT_MOST:
                live.sending.cut(connection, "TOO_MANY_MESSAGES", "That was too much at once.")
            return
        g.session_hash = connection.session_hash
        handler(live, connection, data if isinstance(data, dict) else {})

    guarded.guard = guard  # pyrefly: ignore[missing-attribute]
    return guarded


def public(handler: Callable[..., None]) -> Callable[..., None]:
    """Anybody who is connected."""
    return _guarded("public", handler)


def checked(handler: Callable[..., None]) -> Callable[..., None]:
    """Joining: the rules are asked first, with the rights of the connection's session as it is now."""
    return _guarded("checked", handler)


def _sid() -> str:
    """The id of the socket that speaks; Flask-SocketIO puts it on the request."""
    return request.sid  # pyrefly: ignore[missing-attribute]


def _refuse(code: str, sentence: str) -> None:
    _live().sending.send_here("error", {"code": code, "message": sentence}, _sid())


def _failed(error: Exception):
    name = request.event["message"]  # pyrefly: ignore[missing-attribute]
    log.error("socket_handler_failed", event_name=name, exc_info=error)
    if name == "connect":  # whoever could not be looked up is nobody here, not even somebody without an account
        raise ConnectionRefusedError("That did not work. Try again in a moment.", {"code": "UNAVAILABLE"})
    _refuse("UNAVAILABLE", "That did not work. Try again in a moment.")


def connect(auth: object | None = None) -> None:
    """Who is this session? Nobody is fine: public rooms need no account."""
    live = _live()
    person, session_hash = live.rules.find_person()
    if person.id is not None:
        # Everybody is in the room of their own, and cannot leave it.
        if live.sending.present(f"customer:{person.id}") >= live.settings.sockets_per_person:
            raise ConnectionRefusedError("You have too many pages open at once.", {"code": "TOO_MANY_CONNECTIONS"})
    else:
        session_hash = None
    now = time.monotonic()
    connection = Connection(_sid(), person, session_hash, client_address(), now, asked_at=now)
    live.sending.keep(request.environ, connection)
    if person.id is not None:
        flask_socketio.join_room(f"customer:{person.id}")
    live.sending.send_here(
        "connection_status", {"state": "connected", "signed_in": person.is_authenticated}, connection.sid
    )


def disconnect(reason: object | None = None) -> None:
    """The socket is gone: its connection is noted as ended."""
    live = _live()
    connection = live.sending.connection_of(_sid())
    if connection is not None:
        live.presence.ended.append(connection)


connect.guard = "public"  # pyrefly: ignore[missing-attribute]
disconnect.guard = "public"  # pyrefly: ignore[missing-attribute]


def _number(data: dict, name: str) -> int | None:
    value = data.get(name)
    return value if type(value) is int and 0 < value <= LARGEST_ID else None


def _join(live: Live, connection: Connection, data: dict, kind: str) -> None:
    number = _number(data, f"{kind}_id")
    if number is None:
        _refuse("MALFORMED", f"{kind}_id must be a number.")
        return
    room = f"{kind}:{number}"
    if _enter(live, connection, room):
        if room not in live.sending.versions and kind != "stadium":
            found = live.rules.versions_of([room])
            live.sending.newer(room, found.get(room, 0))
        status = {
            "room": room,
            "ok": True,
            "watching": max(live.presence.watching.get(room, 0), live.sending.present(room)),
        }
        status["seq" if kind == "match" else "version"] = live.sending.versions.get(room, 0)
        live.sending.send_here("subscription_status", status, connection.sid)
    for closed in live.rules.closed:
        if kind == "stadium" and data.get(closed) is True:
            own = f"{closed}:{number}"
            if _enter(live, connection, own):
                live.sending.send_here("subscription_status", {"room": own, "ok": True, "version": 0}, connection.sid)


def _enter(live: Live, connection: Connection, room: str) -> bool:
    """Whether the connection is in the room now. Whoever may not is told why."""
    refused = None
    if not live.sending.is_in(connection.sid, room):
        try:
            if len(live.sending.rooms_of(connection.sid)) >= ROOMS_PER_CONNECTION:
                refused = ("TOO_MANY_ROOMS", "This page follows too many things at once.")
            elif not _exists(live, connection, room):
                refused = ("NOT_ALLOWED", "There is no such thing to follow, or it is not yours to see.")
        except Exception:
            log.exception("join_failed", room=room)
            refused = ("TRY_AGAIN", "That did not work. Try again in a moment.")
        if refused is None:
            # First the room, then the number: what comes between arrives by both ways, and never by none.
            flask_socketio.join_room(room)
    if refused:
        answer = {"room": room, "ok": False, "code": refused[0], "message": refused[1]}
        live.sending.send_here("subscription_status", answer, connection.sid)
    return refused is None


def _exists(live: Live, connection: Connection, room: str) -> bool:
    """Ask the rules, but not again for a public room that somebody without an account has just been let into."""
    if live.known.get(room):
        return True
    if not live.rules.may_join(room):
        return False
    if connection.session_hash is None:
        live.known.put(room, True)
    return True


def _leave(live: Live, connection: Connection, data: dict, kind: str) -> None:
    number = _number(data, f"{kind}_id")
    kinds = (kind, *live.rules.closed) if kind == "stadium" else (kind,)
    for room in (f"{each}:{number}" for each in kinds):
        if live.sending.is_in(connection.sid, room):
            flask_socketio.leave_room(room)


@checked
def join_match(live: Live, connection: Connection, data: dict[str, Any]) -> None:
    _join(live, connection, data, "match")


@public
def leave_match(live: Live, connection: Connection, data: dict[str, Any]) -> None:
    _leave(live, connection, data, "match")


@checked
def join_event(live: Live, connection: Connection, data: dict[str, Any]) -> None:
    _join(live, connection, data, "event")


@public
def leave_event(live: Live, connection: Connection, data: dict[str, Any]) -> None:
    _leave(live, connection, data, "event")


@checked
def join_stadium(live: Live, connection: Connection, data: dict[str, Any]) -> None:
    _join(live, connection, data, "stadium")


@public
def leave_stadium(live: Live, connection: Connection, data: dict[str, Any]) -> None:
    _leave(live, connection, data, "stadium")


@public
def unknown(live: Live, connection: Connection, data: dict[str, Any]) -> None:
    _refuse("UNKNOWN_MESSAGE", "There is no such message.")


HANDLERS = {
    "connect": connect,
    "disconnect": disconnect,
    "join_match": join_match,
    "leave_match": leave_match,
    "join_event": join_event,
    "leave_event": leave_event,
    "join_stadium": join_stadium,
    "leave_stadium": leave_stadium,
    "*": unknown,
}


# --- what is published ------------------------------------------------------------------------------------------------


def _emit(event: str, payload: dict, room: str) -> None:
    """Send a hint. Called after the commit; never raises, and never waits for a socket."""
    try:
        _live().sending.send(event, payload, room)
    except Exception:
        log.exception("publish_failed", event_name=event, room=room)


def publish_match_update(
    match_id: int, seq: int, kind: str, patch: dict[str, Any] | None, replay: bool = False
) -> None:
    """An event of a match has been recorded: the merge patch of its view from seq - 1 to seq, or None when it is to be
    fetched.
    """
    if patch is not None and len(json.dumps(patch, separators=(",", ":"))) > PATCH_BYTES:
        patch = None
    payload = {"match_id": match_id, "seq": seq, "kind": kind, "patch": patch, "replay": bool(replay)}
    _emit("match_update", payload, f"match:{match_id}")


def publish_seats_changed(
    event_id: int | None, version: int, seats: Sequence[Any] | None, state: str | None = None
) -> None:
    """Seats of an event have changed: [(seat id, state)], or ids that all have the one state: free, held, taken or
    blocked. None: look again.
    """
    if event_id is None or seats == []:
        return  # parking has no seats
    if seats is not None:
        seats = [[seat, state] for seat in seats] if state else [list(change) for change in seats]
    payload = {
        "event_id": event_id,
        "version": version,
        "seats": seats if seats and len(seats) <= SEATS_AT_MOST else None,
    }
    _emit("seats_changed", payload, f"event:{event_id}")


def publish_occupancy(event_id: int, stadium_id: int, version: int, stands: list[dict[str, Any]]) -> None:
    """What is left in each stand, to those who look from this process; every process counts for its own."""
    _live().sending.tell_stands(event_id, stadium_id, version, stands)


def publish_gates(stadium_id: int, event_id: int | None) -> None:
    """People came in or went out: a hint for the supervisors of that ground alone, whose pages fetch the numbers."""
    payload = {
        "stadium_id": stadium_id,
        "event_id": event_id,
        "gates": True,
        "stands": [],
        "version": time.time_ns() // 1_000_000,
    }
    _emit("occupancy_update", payload, f"gates:{stadium_id}")


def publish_booking(
    stadium_id: int,
    event_id: int | None,
    booking_id: int,
    kind: str,
    seats: int,
    amount: int,
    currency: str,
) -> None:
    """A booking was paid or given back, for the ground's staff alone. `amount` in minor units."""
    payload = {"stadium_id": stadium_id, "event_id": event_id, "booking_id": booking_id, "kind": kind}
    payload |= {"seats": seats, "amount": amount, "currency": currency, "version": time.time_ns() // 1_000_000}
    _emit("booking_notification", payload, f"staff:{stadium_id}")


def publish_announcement(stadium_id: int, text: str) -> None:
    """A sentence for everybody who follows a ground."""
    payload = {"stadium_id": stadium_id, "text": text, "version": time.time_ns() // 1_000_000}
    _emit("announcement", payload, f"stadium:{stadium_id}")


def statistics() -> dict:
    """{"process": …, "processes": {name: figures}, "all": figures}: connections, rooms, messages a second, lag in
    milliseconds.
    """
    live = _live()
    own = live.presence.figures()
    processes = {
        live.process: own,
        **{name: {k: v for k, v in f.items() if k != "watched"} for name, f in live.presence.others.items()},
    }
    lags = [f["lag_ms"] for f in processes.values() if f.get("lag_ms") is not None]
    together = {
        key: sum(f[key] for f in processes.values()) for key in ("connections", "signed_in", "messages_per_second")
    }
    watched = collections.Counter({room: live.sending.present(room) for room in live.sending.rooms("match", "event")})
    for figures in live.presence.others.values():
        watched.update(figures.get("watched", {}))
    return {
        "process": live.process,
        "processes": processes,
        "all": {
            **together,
            "rooms": len(watched),
            "watched": dict(watched.most_common(20)),
            "lag_ms": max(lags, default=None),
        },
    }


def queue_answers() -> bool | None:
    """Whether the queue between processes answers; None without Redis."""
    live = _live()
    if live.sending.redis is None:
        return None
    try:
        return bool(live.sending.redis.ping())
    except Exception:
        return False
