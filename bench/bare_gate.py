"""The reference of bench/gate.py: a bare Flask scan on the same server.

Update and log in one transaction, hand-written SQL. Prints its port.

No signature, no device, no revocation list, no repeat, no label: the ticket's number comes in, and yes or no goes out.
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
from flask import Flask, jsonify, request  # noqa: E402

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
    except Exception:
        connection.rollback()
        raise
    finally:
        pool.put(connection)


@app.post("/scan")
def scan():
    ticket = request.get_json()["ticket"]
    with cursor() as c:
        c.execute("update ref_ticket set used_at = now() where id = %s and used_at is null", (ticket,))
        is_in = c.rowcount == 1
        c.execute("insert into ref_scan (ticket_id, let_in) values (%s, %s)", (ticket, is_in))
    return jsonify(let_in=is_in)


def main():
    for _ in range(10):
        pool.put(psycopg2.connect(DSN))
    listener = eventlet.listen(("127.0.0.1", 0), backlog=512)
    print(listener.getsockname()[1], flush=True)
    eventlet.wsgi.server(listener, app, log_output=False)


if __name__ == "__main__":
    main()
