"""Doors that stand open when the demo is made: two phones at one of its matches, and what they have read so far.

The scans go through the gate's own function, with the token of a phone, as every scan does.
"""

import hashlib
import json
import random
import secrets
import time
import uuid
from dataclasses import dataclass

from sqlalchemy import NullPool, create_engine, text

from database import call, in_transaction
from demo import DOMAIN

MATCH = ("Practice match", 7)  # demo/fixtures.sql
BATCH = 200

# Nothing is opened twice, and nothing for a match that was over when the demo was finished.
OPEN = """
select e.id, e.stadium_id, (extract(epoch from e.gates_open_at) * 1000)::float8 as opened
  from event e join event_match em on em.event_id = e.id join match m on m.id = em.match_id
  join stadium s on s.id = e.stadium_id
 where m.competition = :competition and m.number = :number and s.contact_email like :demo and e.ends_at > now()
   and e.gates_open_at < now()
   and not exists (select from gate_device d where d.event_id = e.id)"""
TICKETS = """
select t.id, t.seq, b.gate_id from ticket t join seat s on s.id = t.seat_id join seat_row r on r.id = s.row_id
  join bay b on b.id = r.bay_id
 where t.event_id = :event and t.status = 'valid' order by t.id"""
DEVICE = """
insert into gate_device (stadium_id, event_id, name, gates, token_hash, created_at, paired_at, expires_at, seen_at,
                         state)
values (:stadium, :event, :name, :gates, :token, to_timestamp(:opened / 1000.0), to_timestamp(:opened / 1000.0),
        now() + interval '11 hours', now(), cast(:state as jsonb)) returning id"""


@dataclass(frozen=True, slots=True)
class Phone:
    token: bytes
    gates: list[int]


def open_doors(migrating_url):
    """Inside an application context: pair two phones and let half of the ticket holders in.

    Returns how many scans were made; a repeat makes none.
    """
    engine = create_engine(migrating_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("set local row_security = off"))
        event = connection.execute(
            text(OPEN), {"competition": MATCH[0], "number": MATCH[1], "demo": f"%@{DOMAIN}"}
        ).first()
        if event is None:
            return 0
        tickets = connection.execute(text(TICKETS), {"event": event.id}).all()
        gates = sorted({ticket.gate_id for ticket in tickets})
        halves = [gates[::2], gates[1::2] or gates]
        phones = [_phone(connection, event, number, half) for number, half in enumerate(halves, 1)]
    scans = _scans(event, tickets, phones)
    for phone in phones:
        mine = [scan for own, scan in scans if own is phone]
        for start in range(0, len(mine), BATCH):
            in_transaction(call, "app.record_scans", phone.token, json.dumps(mine[start : start + BATCH]))
    return len(scans)


def _phone(connection, event, number, gates):
    # Nobody holds the token: the phone is there to be looked at. One of a person's own is paired from the supervisor's
    # page.
    token = hashlib.sha256(secrets.token_bytes(32)).digest()
    state = {"waiting": 0, "battery": 0.9 - number * 0.17, "skew_ms": 180 * number, "list_at": time.time() * 1000}
    values = {
        "stadium": event.stadium_id,
        "event": event.id,
        "name": f"Lane {number}",
        "gates": gates,
        "token": token,
        "opened": event.opened,
    }
    connection.execute(text(DEVICE), values | {"state": json.dumps(state)})
    return Phone(token, gates)


def _scans(event, tickets, phones):
    """[(phone, scan)] in the order of time: half of the tickets, some of them shown a second time, some at the wrong
    gate.
    """
    chance = random.Random(f"doors {MATCH}")  # the same evening every time
    now = time.time() * 1000
    came = chance.sample(tickets, len(tickets) // 2)
    made = []
    for ticket in came:
        phone = next(p for p in phones if ticket.gate_id in p.gates)
        # Few when the doors open, more as the start comes near.
        at = event.opened + (now - event.opened) * chance.random() ** 0.6
        made.append((phone, _scan(ticket, at, "admitted", phone.gates.index(ticket.gate_id))))
        if chance.random() < 0.02:
            made.append(
                (phone, _scan(ticket, min(now, at + 90_000), "already_used", phone.gates.index(ticket.gate_id)))
            )
    for ticket in chance.sample(tickets, min(9, len(tickets))):
        phone = next((p for p in phones if ticket.gate_id not in p.gates), None)
        if phone:
            made.append((phone, _scan(ticket, event.opened + (now - event.opened) * chance.random(), "wrong_gate", 0)))
    made.sort(key=lambda pair: pair[1]["at"])
    counters = dict.fromkeys((id(phone) for phone in phones), 0)
    for phone, scan in made:
        counters[id(phone)] += 1
        scan |= {"counter": counters[id(phone)], "gate": phone.gates[scan.pop("place")]}
    return made


def _scan(ticket, at, outcome, place):
    scan = {
        "id": str(uuid.uuid4()),
        "kind": "entry",
        "mode": "camera",
        "right": str(ticket.id),
        "seq": ticket.seq,
        "verdict": "admitted",
    }
    if outcome == "wrong_gate":
        scan["verdict"] = outcome
    return scan | {"shown": outcome, "at": at, "offset": 0, "synced_at": at - 3000, "place": place}
