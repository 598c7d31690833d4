"""Alembic's entry, without an application context: the address comes from the caller or from the settings."""

from alembic import context
from sqlalchemy import NullPool, create_engine

import enhanced_models  # noqa: F401  (its tables join the metadata)
import models  # noqa: F401
from config import load_settings
from embedded.postgres import with_database
from extensions import db


def address():
    return context.config.get_main_option("sqlalchemy.url") or with_database(load_settings()).database_url


def run(connection):
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        compare_type=True,
        compare_server_default=False,
        transaction_per_migration=True,
        include_schemas=False,
    )
    with context.begin_transaction():
        context.run_migrations()


engine = create_engine(address(), poolclass=NullPool)
with engine.connect() as connection:
    run(connection)
