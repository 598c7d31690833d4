"""Every command says what is missing and how to make it, on a database that is not ready for it."""

import os
import subprocess
import sys
from dataclasses import replace

import click
import pytest
from sqlalchemy import NullPool, create_engine, make_url

import supabase_config
from app import create_app
from config import PROJECT_DIR
from embedded import postgres

FILE = next((PROJECT_DIR / "tests").rglob("*.json"))
ARGUMENTS = {
    "seed-demo": [],
    "create-admin": ["vera@example.org"],
    "check-invariants": [],
    "reconcile-payments": [],
    "import-match": ["--dry-run", str(FILE)],
    "replay-match": ["1"],
    "rotate-key": ["1"],
    "jobs run": ["--once"],
}


def leaves(group, *names):
    """The commands of a group and of the groups in it, by their words."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, *names, name)
        else:
            yield " ".join((*names, name))


@pytest.fixture(scope="module")
def states(home, database_url):
    """Addresses that no command can work with, by what is wrong with them, and what is said."""
    made = {}
    for name, revision in (("unprepared", None), ("older", "0021"), ("newer", "9999")):
        url = postgres.ensure_running(home, database=name, durable=False)
        if revision:
            engine = create_engine(url, poolclass=NullPool)
            with engine.begin() as connection:
                connection.exec_driver_sql("create table alembic_version (version_num text primary key)")
                connection.exec_driver_sql("insert into alembic_version values (%s)", (revision,))
        made[name] = url
    away = make_url(database_url).set(port=1).render_as_string(hide_password=False)
    nowhere = make_url(database_url).set(database="nowhere").render_as_string(hide_password=False)
    return {
        made["unprepared"]: "at no migration and the newest is",
        made["older"]: "at 0021 and the newest is",
        made["newer"]: "at 9999, which a newer version has made",
        away: "The database cannot be reached: connection to server",
        nowhere: 'database "nowhere" does not exist',
    }


def test_every_command_is_in_the_table(app):
    own = [words for words in leaves(app.cli) if not words.startswith("db ")]  # Alembic's, for whoever develops it
    assert sorted(own) == sorted(ARGUMENTS)


@pytest.mark.parametrize("command", ARGUMENTS)
def test_a_command_says_what_is_missing(app, settings, states, command, monkeypatch):
    for url, words in states.items():
        monkeypatch.setitem(app.config, "SETTINGS", replace(settings, database_url=url))
        done = app.test_cli_runner().invoke(args=[*command.split(), *ARGUMENTS[command]])
        assert (done.exit_code, type(done.exception)) == (1, SystemExit), done.output
        assert words in done.output and "Traceback" not in done.output
        if "newest is" in words:
            assert "run `python supabase_config.py`" in done.output


def test_a_command_right_after_the_packages_are_installed(settings, states):
    """The whole way from a shell: neither the logins nor the schema are there."""
    environ = {
        **os.environ,
        "CRICVERSE_ENV": "testing",
        "CRICVERSE_HOME": str(settings.home),
        "DATABASE_URL": next(iter(states)),
        "APP_DATABASE_PASSWORD": "not theirs yet",
    }
    command = [sys.executable, "-m", "flask", "--app", "app", "import-match", "--dry-run", str(FILE)]
    done = subprocess.run(command, cwd=PROJECT_DIR, env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.splitlines()[-1].endswith(
        "Run `python supabase_config.py`: it makes the logins, the schema, its functions and rights."
    )
    assert "Traceback" not in done.stderr and "cv_app" in done.stderr and "not theirs yet" not in done.stderr


def test_who_makes_the_application_without_the_command_line_gets_the_error(settings):
    with pytest.raises(Exception, match="password authentication failed"):
        create_app(replace(settings, app_database_password="wrong"))


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_preparing_a_newer_versions_database_is_refused(states, arguments, monkeypatch, capsys):
    newer = next(url for url in states if url.endswith("/newer"))
    monkeypatch.setenv("DATABASE_URL", newer)
    monkeypatch.setenv("APP_DATABASE_PASSWORD", "test-app-password")
    assert supabase_config.main(arguments) == 1
    said = "".join(capsys.readouterr())
    assert "at 9999, which a newer version has made" in said and "Traceback" not in said


def test_checking_where_no_server_runs_is_said_plainly(states, monkeypatch, capsys):
    away = next(url for url in states if ":1/" in url)
    monkeypatch.setenv("DATABASE_URL", away)
    for arguments in ([], ["--check"]):
        assert supabase_config.main(arguments) == 1
        assert "The database cannot be reached: connection to server" in capsys.readouterr().err
