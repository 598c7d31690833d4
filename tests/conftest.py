"""The tests' house: one real PostgreSQL built by the migrations, one application, the sandbox, and empty tables after
each test.
"""

import os
import shutil
import tempfile
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.support import measured
from tests.support.cast import Cast, build_ground
from tests.support.page import Browser
from tests.support.sandbox_server import running_sandbox
from tests.support.selling import paid_booking

os.environ["CRICVERSE_ENV"] = "testing"
SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_configure(config):
    if hasattr(config, "cache") and not hasattr(config, "workerinput"):  # a worker tells the process that started it
        config.pluginmanager.register(measured.Memory(config))


def pytest_collection_modifyitems(items):
    measured.longest_first(items)


@pytest.fixture(scope="session")
def home():
    """A folder for this run: embedded data, secrets, locks. TEST_POSTGRES_BIN chooses other binaries (Debian's 15)."""
    folder = Path(tempfile.mkdtemp(prefix="cricverse-test-", dir="/var/tmp"))
    from embedded import postgres

    folder.chmod(0o755)  # the database runs as another user when we are root
    os.environ["CRICVERSE_HOME"] = str(folder)
    yield folder
    postgres.remove(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def database_url(home):
    """The migrating address of a database at the newest migration."""
    from embedded import postgres
    from tests.support.prepared import prepared_database

    chosen = os.environ.get("TEST_POSTGRES_BIN")
    yield prepared_database(home, "cricverse", Path(chosen) if chosen else None)
    postgres.let_go(home)


@pytest.fixture(scope="session")
def sandbox():
    with running_sandbox() as server:
        yield server


@pytest.fixture(scope="session")
def settings(home, database_url, sandbox):
    from config import load_settings

    (home / "domain").write_bytes(b"7B227073704964223A")
    return load_settings(
        {
            "CRICVERSE_ENV": "testing",
            "CRICVERSE_HOME": str(home),
            "DATABASE_URL": database_url,
            "APP_DATABASE_PASSWORD": "test-app-password",
            "SANDBOX_PORT": str(sandbox.port),
            "PUBLIC_URL": "http://127.0.0.1:5000",
            "APPLE_PAY_DOMAIN_FILE": str(home / "domain"),
        }
    )


@pytest.fixture(scope="session")
def app(settings):
    from app import create_app

    app = create_app(settings)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture(scope="session")
def engine(database_url):
    """The migrating login, past row security: for looking at rows and for setting the stage."""
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


EMPTY = """
do $$ declare t text; begin
  set local session_replication_role = replica;
  for t in select format('%I.%I', schemaname, tablename) from pg_tables
            where schemaname = 'public' and tablename not in ('alembic_version', 'actor_key', 'public_version') loop
    execute format('delete from %s', t);
  end loop;
  update public_version set n = n + 1;
end $$"""


@pytest.fixture(autouse=True)
def empty_tables(request):
    """Tests commit for real; what they leave is gone afterwards."""
    engine = request.getfixturevalue("engine") if {"engine", "app", "rows"} & set(request.fixturenames) else None
    yield
    if engine is not None:
        from tickets import codes

        with engine.begin() as connection:
            connection.exec_driver_sql(EMPTY.replace("%", "%%"))
        codes._keys.clear()


@pytest.fixture(autouse=True)
def quiet_sandbox(request):
    server = request.getfixturevalue("sandbox") if {"sandbox", "app"} & set(request.fixturenames) else None
    yield
    if server is not None:
        server.reset()


class Rows:
    """Looks at and sets rows as the migrating login, with row security off: a filter would be an error."""

    def __init__(self, engine):
        self.engine, self._open = engine, None

    @contextmanager
    def together(self):
        """All that is asked inside is one transaction: a stage of eighty rows is built sooner."""
        with self._transaction() as self._open:
            try:
                yield
            finally:
                self._open = None

    @contextmanager
    def _transaction(self):
        with self.engine.begin() as connection:
            connection.execute(text("set local row_security = off"))
            yield connection

    def __call__(self, sql, **values):
        # Threads may ask at once, so that a transaction of one question is nobody else's.
        with nullcontext(self._open) if self._open else self._transaction() as connection:
            result = connection.execute(text(sql), values)
            return result.mappings().all() if result.returns_rows else result.rowcount

    def one(self, sql, **values):
        (row,) = self(sql, **values)
        return row

    def value(self, sql, **values):
        return next(iter(self.one(sql, **values).values()))


@pytest.fixture
def rows(engine):
    return Rows(engine)


@pytest.fixture
def ground(rows):
    """Lanternside Oval: two stands, two car parks, tomorrow's final on sale and what surrounds it.

    See tests/support/cast.py.
    """
    with rows.together():
        return build_ground(rows)


@pytest.fixture
def cast(app, rows, ground):
    """A named cast: asha and ben (fans), omar (this ground's owner), petra (another ground's owner)."""
    with rows.together():
        return Cast(app, rows, ground)


@pytest.fixture
def visitor(app, ground):
    """A browser without a session."""
    return Browser(app)


@pytest.fixture
def as_asha(cast):
    return cast.browser("asha")


@pytest.fixture
def as_ben(cast):
    return cast.browser("ben")


@pytest.fixture
def as_omar(cast):
    return cast.browser("omar")


@pytest.fixture
def as_petra(cast):
    return cast.browser("petra")


@pytest.fixture
def shared():
    """The knowledge beside the checkout; a test that needs it skips where it is missing."""
    if not SHARED.is_dir():
        pytest.skip("the shared folder with the providers' descriptions is not beside this checkout")
    return SHARED


@pytest.fixture
def sold(as_asha, ground, sandbox):
    """Asha has bought A1, A2 and A3."""
    return paid_booking(as_asha, ground, ["A1", "A2", "A3"], sandbox, name="Asha Rao", email="asha@example.org")


@pytest.fixture
def mails(app, sandbox):
    """Send what waits; the mails to an address, newest last."""
    from messages import outbox

    def sent(address):
        with app.app_context():
            outbox.send_due(50)
        return sandbox.mail(address)

    return sent


@pytest.fixture
def home_page(ground):
    """The owner's page of the event."""
    return f"/owner/events/{ground.event}"


@pytest.fixture
def parking_page():
    """The owner's page of parking without a match."""
    return "/owner/grounds/lanternside/parking"
