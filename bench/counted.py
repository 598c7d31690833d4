"""Statements and transactions of a server that is measured, counted in its process: `count()` before its first
connection, `add_route(app)` afterwards. One execute counts once, however many statements its text holds: what is
counted is how often somebody waits for the database.
"""

import psycopg2
import psycopg2.extensions
from flask import jsonify

counts = {"statements": 0, "transactions": 0}


class Cursor(psycopg2.extensions.cursor):
    def execute(self, query, variables=None):
        counts["statements"] += 1
        return super().execute(query, variables)


class Connection(psycopg2.extensions.connection):
    def commit(self):
        counts["transactions"] += self.status != psycopg2.extensions.STATUS_READY
        return super().commit()

    def rollback(self):
        counts["transactions"] += self.status != psycopg2.extensions.STATUS_READY
        return super().rollback()


def count():
    """From now on every connection of this process counts."""
    connect = psycopg2.connect

    def counting(*args, **named):
        return connect(*args, **{"connection_factory": Connection, "cursor_factory": Cursor, **named})

    psycopg2.connect = counting


def add_route(app):
    """GET /bench/counts: {"statements", "transactions"} since the start."""

    def show():
        return jsonify(counts)

    show.guard = "public"
    app.add_url_rule("/bench/counts", view_func=show)
