"""A gate in the tests: an event whose doors are open, phones with tokens, and scans as a phone sends them."""

import hashlib
import secrets
import time
import uuid

from tests.support.selling import paid_booking


def open_doors(rows, event, rotating=False):
    """The event begins in an hour, before anything of it is sold: codes carry the times of their event."""
    rows(
        """update event set starts_at = now() + interval '1 hour', gates_open_at = now() - interval '30 minutes',
                            ends_at = now() + interval '5 hours',
                  sale_ends_at = now() + interval '2 hours', rotating_codes = :r, refund_until_hours = 0
            where id = :e""",
        e=event,
        r=rotating,
    )


def sell(browser, ground, seats, sandbox, rows, **contact):
    """Tickets of a paid booking: [{"id", "hash", "code", "seat", "booking"}] in the order of their seats."""
    booking = paid_booking(browser, ground, seats, sandbox, **contact)
    return tickets_of(rows, booking["id"])


def tickets_of(rows, booking):
    return [
        {"id": str(row.id), "hash": bytes(row.hash), "code": row.code, "seat": row.seat_id, "booking": booking}
        for row in rows(
            """select t.id, t.hash, q.code, t.seat_id from ticket t
                 join qr_code q on q.ticket_id = t.id and q.seq = t.seq
                where t.booking_id = :b order by t.seat_id""",
            b=booking,
        )
    ]


class Phone:
    """A paired device: its token, its clock, and what it sends."""

    def __init__(self, app, rows, stadium, event, gates=(), car_parks=(), may_search=False, name="Phone", hours=12):
        self.client, self.rows = app.test_client(), rows
        self.token = secrets.token_urlsafe(32)
        self.gate = gates[0] if gates else None
        self.car_park = car_parks[0] if car_parks else None
        self.counter = 0
        self.id = rows.value(
            """insert into gate_device (stadium_id, event_id, name, gates, car_parks, may_search, token_hash, paired_at,
                                        created_at, expires_at)
               values (:s, :e, :n, :g, :c, :m, :t, now() - interval '6 hours', now() - interval '6 hours',
                       now() + make_interval(hours => :h)) returning id""",
            s=stadium,
            e=event,
            n=name,
            g=list(gates),
            c=list(car_parks),
            m=may_search,
            t=hashlib.sha256(self.token.encode()).digest(),
            h=hours,
        )

    def call(self, method, path, **more):
        return self.client.open(
            f"/api/gate/{path}", method=method, headers={"Authorization": f"Bearer {self.token}"}, **more
        )

    def scan(self, code=None, kind="entry", **more):
        """A scan as a phone makes it: with an id, its clock, and a counter."""
        self.counter += 1
        now = time.time() * 1000
        made = {
            "id": str(uuid.uuid4()),
            "kind": kind,
            "mode": "camera",
            "code": code,
            "at": now,
            "offset": 0,
            "synced_at": now - 1000,
        }
        return {**made, "counter": self.counter, "gate": self.gate, "car_park": self.car_park, **more}

    def send(self, *scans):
        answer = self.call("POST", "scans", json={"scans": list(scans)})
        assert answer.status_code == 200, answer.text
        return answer.json["verdicts"]

    def say(self, code=None, **more):
        """What the server says of one scan."""
        return self.send(self.scan(code, **more))[0]
