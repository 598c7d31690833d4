"""Passing a ticket on: offered by mail, accepted by link, and from then on another person's.

And a name on it, and a new code for a lost one.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from flask import current_app

from database import between_transactions, call, call_one, find_one, in_transaction
from extensions import db
from models import Event, TicketTransfer
from outside.addresses import read_address
from outside.names import read_name
from refusals import Refused, sentences
from seating.labels import SeatLabel, labels_of
from tickets import codes, links, pages
from tickets.pages import CodeView

sentences(
    {
        "UNKNOWN_TICKET": "We do not find this ticket among yours.",
        "TICKET_VOID": "This ticket is not valid any more.",
        "TICKET_DISPUTED": "This ticket is in dispute with a bank. It stays as it is until that is settled.",
        "TICKET_ENTERED": "This ticket has let somebody in. It stays as it is.",
        "TICKET_TRANSFERRED": "One of these tickets was passed on to another person. "
        "Ask the ground’s office to give it back.",
        "EVENT_OVER": "This is over.",
        "ALREADY_OFFERED": "This ticket is offered to somebody already. Take that back first.",
        "NOT_OFFERED": "Nobody is offered this ticket now. Perhaps it has just been accepted.",
        "TOO_MANY_OFFERS": "That is more than enough for a day. Try again tomorrow.",
        "TOO_MANY_CODES": "This code was replaced many times today. Ask the ground’s office.",
        "BAD_RECIPIENT": "Enter a name and an e-mail address.",
        "UNKNOWN_LINK.passed_on": "This link is not good any more. "
        "If you passed the ticket on, it is theirs now; else ask for your "
        "tickets by e-mail.",
        "UNKNOWN_OFFER": "This link is not good any more. Ask the person who sent it.",
        "OFFER_TAKEN": "This ticket has been accepted already. Its link is in the mail that followed.",
        "OFFER_OVER": "This offer is over: it was taken back, ran out, or the ticket was given back.",
    }
)


class Offered(Protocol):
    """A row of app.find_offer(): `state` is offered, accepted, withdrawn or expired."""

    transfer_id: int
    ticket_id: UUID
    booking_id: int
    seat_id: int
    event_id: int
    ticket_type: str
    from_name: str | None
    to_name: str
    state: str


class PassedOn(Protocol):
    """A row of app.open_ticket(): the one ticket that the link of a new holder opens."""

    ticket_id: UUID
    booking_id: int
    status: str
    seq: int
    hash: bytes
    seat_id: int
    event_id: int
    ticket_type: str
    holder_name: str | None
    from_name: str | None
    since: datetime
    void_at: datetime | None
    disputed: bool
    key_id: int | None
    code: str | None
    offered_to: str | None


def offer_token(nonce: str) -> str:
    """The token of an offer's link. The nonce stands in the mail's row, which staff may read; without our secret it
    opens nothing."""
    return links.token_of("ticket offer v1", nonce)


def holder_token(transfer_id: int) -> str:
    """The token of the one ticket that this transfer handed over."""
    return links.token_of("ticket holder v1", transfer_id)


def offer_address(nonce: str) -> str:
    """The address of an offer's link, as its mail carries it."""
    return f"{current_app.config['SETTINGS'].public_url}/t/offer/{offer_token(nonce)}"


def holder_address(transfer_id: int) -> str:
    """The address of a passed-on ticket's link, as its mail carries it."""
    return f"{current_app.config['SETTINGS'].public_url}/t/one/{holder_token(transfer_id)}"


def hash_of(token: str | None) -> bytes | None:
    """The hash that a token is stored by, or None for something that cannot be one."""
    return links.link_hash(token) if token and 10 <= len(token) <= 60 else None


# --- what the holder of a ticket does -------------------------------------------------------------


def name(ticket_id: UUID, holder: str, link: str | None = None) -> None:
    """Put a name on a ticket; an empty one takes it off. `link` is the token of a passed-on ticket."""
    call("app.name_ticket", ticket_id, read_name(holder) if holder.strip() else None, hash_of(link))


def offer(ticket_id: UUID, to_name: str, to_email: str, link: str | None = None) -> None:
    """Offer a ticket to another person, who is sent a mail. Nothing changes until they accept."""
    name, address = read_name(to_name), read_address(to_email)
    nonce = secrets.token_urlsafe(12)
    call_one(
        "app.offer_transfer",
        ticket_id,
        name,
        address,
        nonce,
        links.link_hash(offer_token(nonce)),
        hash_of(link),
    )


def withdraw(ticket_id: UUID, link: str | None | None = None) -> None:
    """Take an offer back that nobody has accepted."""
    call("app.withdraw_transfer", ticket_id, hash_of(link))


def replace_code(
    right_id: UUID, person_id: int | None, booking_token: str | None = None, link: str | None | None = None
) -> None:
    """A new code for a lost ticket or pass; the old one dies in the same transaction. A flow."""
    between_transactions()

    def write() -> None:
        row = call_one("app.replace_code", right_id, person_id, hash_of(booking_token), hash_of(link))
        codes.issue_codes(row.booking_id)

    in_transaction(write, worker=True)


# --- what the other person does -------------------------------------------------------------------


def find_offer(token: str) -> tuple[Offered, Event, SeatLabel]:
    """What the link of an offer shows: a row of app.find_offer(), its event and its seat in words. Refused when the
    link is not good."""
    found = find_one("app.find_offer", hash_of(token)) if hash_of(token) else None
    if found is None:
        raise Refused("UNKNOWN_OFFER", status=404)
    return found, event_of(found.event_id), labels_of([found.seat_id])[found.seat_id]


def accept(token: str, holder: str) -> str:
    """Take an offered ticket: the giver's code dies, and a new one is signed. Returns the token of the new link. A
    flow."""
    name = read_name(holder)
    between_transactions()

    def write() -> str:
        found = find_one("app.find_offer", hash_of(token)) if hash_of(token) else None
        if found is None:
            raise Refused("UNKNOWN_OFFER", status=404)
        link = holder_token(found.transfer_id)
        row = call_one("app.accept_transfer", hash_of(token), name, links.link_hash(link))
        codes.issue_codes(row.booking_id)
        return link

    return in_transaction(write, worker=True)


def open_ticket(token: str) -> tuple[PassedOn, Event, SeatLabel, CodeView | None]:
    """The one ticket that a passed-on link opens: (a row of app.open_ticket(), its event, its seat in words, its code
    as the page draws it)."""
    found = find_one("app.open_ticket", hash_of(token)) if hash_of(token) else None
    if found is None:
        raise Refused("UNKNOWN_LINK.passed_on", status=404)
    event = event_of(found.event_id)
    shown = pages.code_view(found.code, found.key_id, found.ticket_id, found.seq, event)
    return found, event, labels_of([found.seat_id])[found.seat_id], shown


def event_of(event_id: int) -> Event:
    """An event with its ground, matches and teams."""
    found = pages.event_of(event_id)
    if found is None:
        raise Refused("UNKNOWN_EVENT", status=404)
    return found


# --- mails ----------------------------------------------------------------------------------------


def for_mail(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What the mails of a transfer know of it, as the worker: the transfer, its event, its seat, and the links."""
    transfer = db.session.get(TicketTransfer, payload["transfer"])
    if transfer is None:
        raise Refused("UNKNOWN_OFFER", status=404)
    found = call_one("app.find_offer", transfer.token_hash)
    event = event_of(found.event_id)
    return {
        "transfer": transfer,
        "offer": found,
        "event": event,
        "stadium": event.stadium,
        "label": labels_of([found.seat_id])[found.seat_id],
        "offer_link": offer_address(payload["nonce"]) if "nonce" in payload else None,
        "link": holder_address(transfer.id),
    }
