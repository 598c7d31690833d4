"""The reference of bench/journey.py: a bare Flask app on the same server that does the same journeys. Prints its port.

What it does: Flask's own signed session with Flask-WTF's CSRF token in each page (so a newcomer gets a cookie with
any) and its check in each POST; as many hand-written statements as are needed at least, on a pool of the same size; the
rows that a careful hand would write (`BY_HAND` of bench/holds.py, the settlement of bench/bare_server.py); Stripe's SDK
for the intent and the webhook's signature, as any shop must. What it does not: no row security, no rule, no template,
no header of security, no compression. A page is sent as the bytes that the product sent in this run (`BENCH_BODIES`),
packed once: whoever is compared with it pays for making, packing and checking the page, and it does not. Its token
travels in a header, because the bytes hold another's.
"""

from bench.bare_gate import app, cursor, pool  # the scan is the same; patches first  # isort: skip
import os
import pickle
import secrets

import eventlet.wsgi
import psycopg2
import stripe
from flask import Response, abort, jsonify, redirect, request, session
from flask_wtf.csrf import CSRFProtect, generate_csrf

from bench import counted
from bench.bare_gate import DSN
from bench.holds import BY_HAND

BODIES = pickle.loads(open(os.environ["BENCH_BODIES"], "rb").read())  # noqa: S301
SECRET = os.environ["BENCH_WEBHOOK_SECRET"]
csrf = CSRFProtect()
csrf.exempt("bench.bare_gate.scan")  # a phone's token is in what it sends
stripe_client = stripe.StripeClient(
    "sk_test_sandbox",
    base_addresses={"api": os.environ["BENCH_STRIPE"]},
    max_network_retries=1,
    http_client=stripe.RequestsClient(timeout=12),
)


def sent(name):
    """The product's bytes of this step."""
    kind, encoding, body = BODIES[name]
    answer = Response(body, content_type=kind, headers={"Vary": "Cookie", "X-CSRF-Token": generate_csrf()})
    if encoding:
        answer.headers["Content-Encoding"] = encoding
    return answer


def row_of(statement, *values):
    with cursor() as c:
        c.execute(statement, values)
        return c.fetchone() or abort(404)


MATCH = """select m.id, m.starts_at, h.name, a.name, s.name from match m join team h on h.id = m.home_team_id
  join team a on a.id = m.away_team_id join stadium s on s.id = m.stadium_id """
EVENT = "select e.id, e.name, e.starts_at, s.name from event e join stadium s on s.id = e.stadium_id where e.id = %s"


@app.get("/")
def home():
    row_of(f"{MATCH} where m.starts_at > now() order by m.starts_at limit 1")
    return sent("home")


@app.get("/fixtures")
def fixtures():
    row_of(f"{MATCH} where m.starts_at > now() order by m.starts_at limit 1")
    return sent("fixtures")


@app.get("/matches/<int:match_id>")
def match(match_id):
    row_of(f"{MATCH} where m.id = %s", match_id)
    return sent("match")


@app.get("/matches/<int:match_id>/live")
def live(match_id):
    row_of("select seq, board from match_snapshot where match_id = %s order by seq desc limit 1", match_id)
    return sent("live")


@app.get("/t/<token>")
def ticket(token):
    row_of("select id from booking where link_hash = sha256(%s)", token.encode())
    return sent("ticket")


@app.get("/bench/owner")
def become_owner():
    session["owner"] = True
    return sent("owner")


@app.get("/owner/events/<int:event_id>")
def owner(event_id):
    if not session.get("owner"):
        abort(404)
    row_of(EVENT, event_id)
    return sent("owner")


@app.get("/book-tickets-enhanced/<int:event_id>")
def seats(event_id):
    if "booking" in session:
        row_of(
            "select l.id, l.seat_id, l.total from ref.booking_line l join ref.booking b on b.id = l.booking_id "
            "where b.id = %s and b.expires_at > now()",
            session["booking"],
        )
        answer = sent("after")
        answer.headers["X-Booking"] = str(session["booking"])
        return answer
    row_of(EVENT, event_id)
    return sent("small" if event_id == int(os.environ["BENCH_SMALL"]) else "page")


@app.post("/book-tickets-enhanced/<int:event_id>")
def hold(event_id):
    seats = [int(seat) for seat in request.form.getlist("seat_id")]
    with cursor() as c:
        c.execute("insert into customer (kind, name) values ('visitor', '') returning id")
        c.execute(BY_HAND, {"event": event_id, "seats": seats, "customer": c.fetchone()[0]})
        booking, claims, lines = c.fetchone()
        if claims != len(seats) or lines != len(seats):
            abort(409)
    session["booking"] = booking
    return redirect(request.path, 303)


@app.get("/bookings/<int:booking_id>/pay")
def pay(booking_id):
    row_of("select total, expires_at from ref.booking where id = %s", own(booking_id))
    return sent("pay")


def own(booking_id):
    return booking_id if session.get("booking") == booking_id else abort(404)


@app.post("/api/create-booking-payment")
def start():
    asked = request.get_json()
    booking = own(asked["booking_id"])
    with cursor() as c:
        c.execute(
            "update ref.booking set state = 'paying', contact_name = %s, contact_email = %s "
            "where id = %s and state = 'held' returning total, currency",
            (asked["name"], asked["email"], booking),
        )
        total, currency = c.fetchone()
        c.execute(
            "insert into ref.payment_transaction (booking_id, kind, state, amount, currency, attempt, idempotency_key) "
            "values (%s, 'stripe', 'created', %s, %s, 1, %s) returning id",
            (booking, total, currency, f"booking-{booking}"),
        )
        payment = c.fetchone()[0]
    intent = stripe_client.v1.payment_intents.create(
        {
            "amount": total,
            "currency": currency.lower(),
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "always"},
            "metadata": {"booking": str(booking)},
        },
        {"idempotency_key": f"bare-{os.getpid()}-{booking}"},
    )
    with cursor() as c:
        c.execute("update ref.payment_transaction set intent_id = %s where id = %s", (intent.id, payment))
    return jsonify(client_secret=intent.client_secret, payment_intent_id=intent.id, amount=total)


@app.post("/api/stripe-webhook")
@csrf.exempt
def webhook():
    event = stripe.Webhook.construct_event(request.get_data(), request.headers["Stripe-Signature"], SECRET)
    if event.type == "payment_intent.succeeded":
        with cursor() as c:
            settle(c, event.data.object)
    return jsonify(received=True)


def settle(c, intent):
    """The rows of a paid booking, once: payment, sold claims, tickets, codes, the mail and the audit row."""
    c.execute(
        "update ref.payment_transaction set state = 'succeeded', captured = %s, settled_at = now() "
        "where intent_id = %s and state <> 'succeeded' returning booking_id",
        (intent.amount_received, intent.id),
    )
    found = c.fetchone()
    if found is None:
        return
    booking = found[0]
    c.execute("update ref.seat_claim set state = 'sold', expires_at = null where booking_id = %s", (booking,))
    c.execute(
        "with b as (update ref.booking set state = 'paid', paid_at = now() where id = %s returning id, event_id) "
        "insert into ref.ticket (booking_id, line_id, event_id, seat_id) select b.id, l.id, b.event_id, l.seat_id "
        "from b join ref.booking_line l on l.booking_id = b.id returning id",
        (booking,),
    )
    tickets = c.fetchall()
    c.execute(
        "insert into ref.qr_code (booking_id, ticket_id, key_id, seq, code) select %s, t, 1, 1, c "
        "from unnest(%s::uuid[], %s) x (t, c)",
        (booking, [t for (t,) in tickets], [f"code of {t}" * 3 for (t,) in tickets]),
    )
    c.execute(
        "with m as (insert into ref.notification (template, recipient, booking_id, dedupe_key) "
        "values ('tickets', 'x@y.example', %s, %s)) "
        "insert into ref.system_log (action, object_type, object_id) values ('booking.paid', 'booking', %s)",
        (booking, f"tickets:{booking}", str(booking)),
    )


@app.get("/bookings/<int:booking_id>/payment")
def status(booking_id):
    (state,) = row_of("select state from ref.booking where id = %s", own(booking_id))
    return jsonify(booking_id=booking_id, state="paid" if state == "paid" else "processing", error=None)


@app.get("/tickets/<int:booking_id>")
def tickets(booking_id):
    row_of("select count(*) from ref.ticket where booking_id = %s", own(booking_id))
    return sent("tickets")


def main():
    counted.count()
    app.config.update(SECRET_KEY=secrets.token_hex(32), WTF_CSRF_HEADERS=["X-CSRF-Token"])
    csrf.init_app(app)
    for _ in range(10):
        pool.put(psycopg2.connect(DSN))
    counted.add_route(app)
    listener = eventlet.listen(("127.0.0.1", int(os.environ["BENCH_PORT"])), backlog=512)
    print(listener.getsockname()[1], flush=True)
    eventlet.wsgi.server(listener, app, log_output=False)


if __name__ == "__main__":
    main()
