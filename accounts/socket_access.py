"""What the live layer asks before it lets a socket in: who is this, may they follow that, and how far is it."""

from collections.abc import Iterable

from flask import g
from sqlalchemy import text

from accounts import rights, sessions
from database import call
from extensions import NOBODY, Person, Roles, current_person, db, read_roles

_EXISTS = {
    "match": "select exists (select from match where id = :id)",
    "event": "select exists (select from event where id = :id)",  # row security keeps other grounds' drafts away
    "stadium": "select exists (select from stadium where id = :id)",
}


def find_person() -> tuple[Person, bytes | None]:
    """(Person, hash of their session or None) of the request that opens a socket."""
    sessions.read_cookie()
    if g.session_hash is None:
        return NOBODY, None
    person = current_person()
    return person, g.session_hash if person.id is not None else None


def may_join(room: str) -> bool:
    """May the person of this transaction follow this room: anybody what is public, staff what their role opens at that
    ground.
    """
    kind, _, number = room.partition(":")
    if kind in rights.ROOMS:
        return rights.may_be_in(room, current_person().roles)
    return kind in _EXISTS and db.session.scalar(text(_EXISTS[kind]), {"id": int(number)})


def standing(session_hashes: Iterable[bytes]) -> dict[bytes, Roles]:
    """{hash: roles of its person} of those sessions that have not ended. One statement."""
    return {bytes(row.id_hash): read_roles(row.roles) for row in call("app.live_sessions", list(session_hashes))}


def versions_of(rooms: Iterable[str]) -> dict[str, int]:
    """{room: newest number} of match and event rooms: a match's own, and the one that all seats share.

    One statement a kind.
    """
    found = {}
    matches = [int(room.partition(":")[2]) for room in rooms if room.startswith("match:")]
    if matches:
        rows = db.session.execute(
            text("select match_id, seq from match_snapshot where match_id = any (:ids)"), {"ids": matches}
        )
        found |= {f"match:{row.match_id}": row.seq for row in rows}
    events = [room for room in rooms if room.startswith("event:")]
    if events:
        found |= dict.fromkeys(
            events, db.session.scalar(text("select case when is_called then last_value else 0 end from seat_version"))
        )
    return found
