"""The reference of bench/holds.py: a bare Flask app on the same server that writes and reads the same rows.

Prints its port.

No session, no CSRF token, no row security, no policy, no checks: hand-written SQL on a pool of the same size. It shows
what the database and the server alone cost.
"""

import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
import eventlet  # noqa: E402

eventlet.monkey_patch()

import contextlib  # noqa: E402
import os  # noqa: E402

import eventlet.queue  # noqa: E402
import eventlet.wsgi  # noqa: E402
import psycopg2  # noqa: E402
from flask import Flask, jsonify, render_template_string, request  # noqa: E402

from bench.holds import BY_HAND  # noqa: E402

app = Flask(__name__)
pool = eventlet.queue.Queue()
DSN = os.environ["BENCH_DATABASE_URL"].replace("+psycopg2", "")


@contextlib.contextmanager
def cursor():
    connection = pool.get()
    try:
        with connection.cursor() as c:
            yield c
        connection.commit()
    finally:
        pool.put(connection)


@app.post("/hold")
def hold():
    with cursor() as c:
        c.execute(BY_HAND, request.get_json())
        row = c.fetchone()
    return jsonify(id=row[0]), 201


@app.post("/confirm")
def confirm():
    """The rows of a confirmed booking: hold, payment, sold claims, tickets, codes, the mail and the audit row, in two
    transactions.
    """
    with cursor() as c:
        c.execute(BY_HAND, request.get_json())
        booking = c.fetchone()[0]
    with cursor() as c:
        c.execute(
            """insert into ref.payment_transaction (booking_id, kind, state, amount, currency, attempt, idempotency_key,
                                                    intent_id, captured, settled_at)
               values (%(b)s, 'stripe', 'succeeded', 1, 'AUD', 1, %(k)s, %(k)s, 1, now())""",
            {"b": booking, "k": f"k{booking}"},
        )
        c.execute("update ref.seat_claim set state = 'sold', expires_at = null where booking_id = %s", (booking,))
        c.execute(
            """insert into ref.ticket (booking_id, line_id, event_id, seat_id)
               select booking_id, id, %s, seat_id from ref.booking_line where booking_id = %s returning id""",
            (request.get_json()["event"], booking),
        )
        for (ticket,) in c.fetchall():
            c.execute(
                "insert into ref.qr_code (booking_id, ticket_id, key_id, seq, code) values (%s, %s, 1, 1, %s)",
                (booking, ticket, f"code of {ticket}" * 3),
            )
        c.execute(
            "update ref.booking set state = 'paid', paid_at = now(), contact_email = 'x@y.example' where id = %s",
            (booking,),
        )
        c.execute(
            "insert into ref.notification (template, recipient, booking_id, dedupe_key) "
            "values ('tickets', 'x@y.example', %s, %s)",
            (booking, f"tickets:{booking}"),
        )
        c.execute(
            "insert into ref.system_log (action, object_type, object_id) values ('booking.paid', 'booking', %s)",
            (str(booking),),
        )
    return jsonify(id=booking)


PAGE = """<!doctype html><title>{{ m[0] }}</title><h1>{{ m[1] }} v {{ m[2] }}</h1><p>{{ m[3] }}, {{ m[4] }}</p>
{% for e in events %}<h2>{{ e[1] }}</h2>
<table>{% for p in prices %}<tr><td>{{ p[0] }}<td>{{ p[1] }}<td>{{ p[2] }}</tr>{% endfor %}</table>{% endfor %}
<ul>{% for s in stands %}<li>{{ s[0] }}: {{ s[1] }}</li>{% endfor %}</ul>
{% for p in players %}<p>{{ p[0] }}</p>{% endfor %}"""


@app.get("/matches/<int:match_id>")
def match(match_id):
    """The match with its ground, teams, squads, officials, events, prices and how many seats are left."""
    with cursor() as c:
        c.execute(
            """select m.competition, h.name, a.name, s.name, m.starts_at, h.id, a.id from match m
                 join team h on h.id = m.home_team_id
               join team a on a.id = m.away_team_id join stadium s on s.id = m.stadium_id where m.id = %s""",
            (match_id,),
        )
        m = c.fetchone()
        c.execute("select p.name from player p where p.team_id in (%s, %s) order by p.team_id, p.shirt", m[5:7])
        players = c.fetchall()
        c.execute(
            "select e.id, e.name, e.starts_at, e.layout_id from event e join event_match em on em.event_id = e.id "
            "where em.match_id = %s",
            (match_id,),
        )
        events = c.fetchall()
        c.execute("select band, ticket_type, face from event_price where event_id = %s order by band", (events[0][0],))
        prices = c.fetchall()
        c.execute(
            "select count(*), (select seat_count from layout where id = %s) from seat_claim where event_id = %s",
            (events[0][3], events[0][0]),
        )
        stands = c.fetchall()
    return render_template_string(PAGE, m=m, players=players, events=events, prices=prices, stands=stands)


def main():
    for _ in range(10):
        pool.put(psycopg2.connect(DSN))
    with cursor() as c:
        c.execute("alter table ref.qr_code drop constraint if exists fk_qr_code_key_id_signing_key")
    listener = eventlet.listen(("127.0.0.1", 0), backlog=512)
    print(listener.getsockname()[1], flush=True)
    eventlet.wsgi.server(listener, app, log_output=False)


if __name__ == "__main__":
    main()
