"""Alembic's entry, without an application context: the address comes from the caller or from the settings.

Whoever upgrades to the newest migration gets the functions, policies, triggers and rights of the files with it, and a
downgrade first takes them away: see repeatable.py. `config.attributes` may hold `files` (other ones, for a test) and
`say` (who hears the sentences; without it they are printed).
"""

from alembic import context
from sqlalchemy import NullPool, create_engine, text

import enhanced_models  # noqa: F401  (its tables join the metadata)
import models  # noqa: F401
from config import load_settings
from embedded.postgres import with_database
from extensions import db
from migrations import repeatable
from migrations.wanted import FILES

_MIGRATE_LOCK = 0x43563033  # "CV03": one process migrates at a time, however it was called.


def address():
    return context.config.get_main_option("sqlalchemy.url") or with_database(load_settings()).database_url


def run(connection):
    files = context.config.attributes.get("files", FILES)
    say = context.config.attributes.get("say", print)
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        compare_type=True,
        compare_server_default=False,
        transaction_per_migration=True,
        include_schemas=False,
        on_version_apply=lambda ctx, **_: repeatable.close(ctx.connection, files),
    )
    command = None if context.is_offline_mode() else context.get_context().opts["fn"].__name__
    if command in ("upgrade", "downgrade"):
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": _MIGRATE_LOCK})
        # What row security would hide from a migration is an error and not a comforting zero.
        connection.execute(text("set row_security = off"))
        # A newer version's database is refused before anything is taken away; raises CommandError.
        context.script.get_revisions(context.get_context().get_current_heads())
        connection.commit()
    if command == "upgrade" and not is_newest(connection):
        repeatable.unforce(connection, files)
    if command == "downgrade":
        repeatable.remove(connection, files, say)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    if command == "upgrade" and is_newest(connection):
        repeatable.install(connection, files, say)


def is_newest(connection):
    heads = context.get_context().get_current_heads()
    connection.commit()
    return set(heads) == set(context.script.get_heads())


engine = create_engine(address(), poolclass=NullPool)
with engine.connect() as connection:
    run(connection)
