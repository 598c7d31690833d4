"""Databases at the newest migration: migrated once in each server of the tests, and copied from there, which takes a
tenth of the time.
"""

import psycopg2
from psycopg2 import sql
from sqlalchemy import make_url

import supabase_config
from embedded import postgres

PASSWORD = "test-app-password"
_prepared = set()


def prepared_database(home, name, bin_dir=None):
    """Make an empty database of this name in the server of `home`; its migrating address."""
    url = postgres.ensure_running(home, bin_dir=bin_dir, database="prepared", durable=False)
    if home not in _prepared:
        supabase_config.prepare(url, PASSWORD)
        _prepared.add(home)
    address = make_url(url).set(drivername="postgresql")
    connection = psycopg2.connect(address.set(database="postgres").render_as_string(hide_password=False))
    connection.autocommit = True  # `create database` runs in no transaction
    with connection.cursor() as cursor:
        copy = sql.Identifier(name)
        cursor.execute(sql.SQL("create database {} template prepared").format(copy))
        # A copy has everything of its template but the rights on the database itself.
        cursor.execute(sql.SQL("grant connect on database {} to cv_app, cv_worker").format(copy))
        cursor.execute(sql.SQL("revoke temporary on database {} from public").format(copy))
    connection.close()
    return make_url(url).set(database=name).render_as_string(hide_password=False)
