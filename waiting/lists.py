"""Joining and leaving, the offers and their answers, and the round that serves every list.

Everything is decided by the definer functions of sql/waiting/. Whoever waits has a link, whose token is an HMAC of the
entry's id; it opens the entry without an account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Protocol
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.orm import joinedload

import realtime
from booking.pricing import amounts_of
from booking.terms import minutes, spoken
from database import after_commit, between_transactions, call, call_one, find_one, in_transaction
from extensions import client_key, current_person, db
from models import Event
from outside.addresses import read_address
from refusals import Refused, sentences
from tickets import links

OPENING, SEATS = "opening", "seats"  # the kinds of waiting

sentences(
    {
        "NOT_WAITING": "This link is not good any more. It belongs to nobody who waits.",
        "OFFER_PASSED": "These seats are not kept for you any more. The offer was answered, or its time is over.",
        "SALE_OPEN": "The sale is open already: you need not wait.",
        "SEATS_LEFT": "There are seats like that on sale just now. Choose them, before others do.",
        "NOTHING_FITS": "No seat of this match is sold for that. Take a higher price, or any seat.",
        "WAITING_SHARE": (
            "Very many people from your network wait for this match without an account. Sign in or make an account, "
            "and join at once."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody waits for: how many seats, side by side or not, of one band or of any, and the highest full price
    of one of them in minor units."""

    seats: int
    together: bool = True
    band: str | None = None
    most: int | None = None


class Place(Protocol):
    """A row of app.find_waiting(): an entry, its place in the line (from 1, None once it is over), what became of its
    newest offer, and the booking and end of an open one."""

    id: UUID
    event_id: int
    kind: str
    state: str
    seats: int | None
    together: bool | None
    band: str | None
    most: int | None
    unanswered: int
    place: int | None
    answer: str | None
    booking_id: int | None
    ends_at: datetime | None
    server_time: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """How many minutes an offer lasts, and how many of them may stay unanswered."""

    minutes: int
    unanswered: int

    @property
    def spoken(self) -> str:
        return minutes(self.minutes)

    @property
    def times(self) -> str:
        return {1: "once", 2: "twice"}.get(self.unanswered, f"{spoken(self.unanswered)} times")


@cache
def terms() -> Terms:
    """The Terms, asked for once in the life of a process: they change with its version alone."""
    found = db.session.execute(select(func.app.offer_time(), func.app.most_unanswered())).one()
    return Terms(int(found[0].total_seconds()) // 60, found[1])


def token_of(entry_id: UUID | str) -> str:
    """The token of an entry's link."""
    return links.token_of("waiting link v1", UUID(str(entry_id)))


def address_of(entry_id: UUID | str) -> str:
    """The address of an entry's page, as its mails carry it."""
    return f"{current_app.config['SETTINGS'].public_url}/t/wait/{token_of(entry_id)}"


def hash_of(token: str) -> bytes:
    """The hash that a token is stored by; Refused NOT_WAITING for something that cannot be one."""
    if not 10 <= len(token) <= 60:
        raise Refused("NOT_WAITING", status=404)
    return links.link_hash(token)


def prices_of(event: Event) -> list[int]:
    """The full prices of an adult's seat, each once, the lowest first; in minor units."""
    return sorted({amounts_of(p).total for p in event.prices if p.ticket_type == "adult"})


# --- those who wait ---------------------------------------------------------------------------------------------------


def join(event_id: int, kind: str, email: str | None, wish: Wish | None = None) -> str | None:
    """Wait for an event. Returns the token of a fan's place; None for everybody else, whose link comes by mail (of an
    OPENING with the mail that tells it)."""
    address = None if current_person().is_authenticated else read_address(email)
    entry_id = uuid4()
    found = call_one(
        "app.join_waiting",
        event_id,
        kind,
        str(entry_id),
        links.link_hash(token_of(entry_id)),
        address,
        wish.seats if wish else None,
        wish.together if wish else None,
        wish.band if wish else None,
        wish.most if wish else None,
        client_key(),
    ).join_waiting
    return token_of(found) if found else None


def get_place(token: str) -> Place:
    """The Place that a link opens, and with it for this transaction the booking of its open offer."""
    found = find_one("app.find_waiting", hash_of(token))
    if found is None:
        raise Refused("NOT_WAITING", status=404)
    return found


def own_places(event_id: int | None = None) -> Sequence[Place]:
    """The Places of a signed-in fan at an event, one of each kind at most; or at all of them, the oldest first."""
    return call("app.find_waiting", None, event_id) if current_person().is_authenticated else []


def own_line() -> list[tuple[Place, Event, str]]:
    """Everything that a signed-in fan waits for: (Place, its event with its ground, the token of its link)."""
    places = own_places()
    events = select(Event).where(Event.id.in_([p.event_id for p in places])).options(joinedload(Event.stadium))
    by_id = {event.id: event for event in db.session.scalars(events)} if places else {}
    return [(place, by_id[place.event_id], token_of(place.id)) for place in places]


def take(token: str) -> int:
    """Take the seats that are offered. Returns the id of the booking to pay."""
    row = call_one("app.take_offer", hash_of(token), client_key())
    after_commit(realtime.publish_seats_changed, row.event_id, row.version, row.seats, "held")
    return row.booking_id


def decline(token: str) -> None:
    """Say no to the seats that are offered, and stay in line for others."""
    call("app.leave_waiting", hash_of(token), True)


def leave(token: str) -> None:
    """Wait no longer."""
    call("app.leave_waiting", hash_of(token), False)


# --- the job ----------------------------------------------------------------------------------------------------------


def serve() -> int:
    """Tell those who waited for a sale that is open, and give every list its round. Returns how many seats moved. A
    flow, for the jobs; each event is one transaction, which a second worker passes over."""
    between_transactions()
    in_transaction(call, "app.tell_opening", worker=True)
    return sum(in_transaction(serve_event, event_id, worker=True) for event_id in in_transaction(_lists, worker=True))


def serve_event(event_id: int) -> int:
    """One round for one event. Returns how many seats moved."""
    rows = call("app.serve_waiting", event_id)
    for row in rows:
        after_commit(realtime.publish_seats_changed, event_id, row.version, row.seats, row.state)
    return sum(len(row.seats) for row in rows)


def _lists() -> list[int]:
    """The events with an open list, and those where a seat is still kept for one."""
    found = db.session.execute(
        text("""select id from event where listed_at is not null
                union select event_id from seat_claim where state = 'kept' order by 1""")
    )
    return list(found.scalars())


# --- what the ground sees ---------------------------------------------------------------------------------------------


class Counts(Protocol):
    """A row of app.waiting_counts(): who waits to be told and for seats, who has an offer now; all offers, and those
    taken."""

    opening: int
    waiting: int
    offered: int
    offers: int
    taken: int


def find_counts(event_id: int) -> Counts | None:
    """The Counts of an event for those who sell at its ground, or None."""
    return find_one("app.waiting_counts", event_id)
