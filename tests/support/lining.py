"""A line of people who wait, without joining one by one."""

import uuid

from tickets import links
from waiting import lists


def in_line(app, rows, ground):
    """Two who wait for seats: one whom no seat is cheap enough, and one who has an offer. The tokens of their links."""
    tokens = []
    rows("update event set listed_at = now() where id = :e", e=ground.event)
    rows(
        "insert into seat_claim (event_id, seat_id, state) values (:e, :s, 'kept')",
        e=ground.event,
        s=ground.seats["A7"],
    )
    with app.app_context():
        for most in (1, 5290):
            entry = uuid.uuid4()
            tokens.append(lists.token_of(entry))
            rows(
                """insert into waiting_entry (id, event_id, kind, email, mailbox, link_hash, seats, together, most)
                   values (:i, :e, 'seats', :m, :m, :h, 1, true, :most)""",
                i=entry,
                e=ground.event,
                m=f"{entry}@example.org",
                h=links.link_hash(tokens[-1]),
                most=most,
            )
        lists.serve()
    return tokens
