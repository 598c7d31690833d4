"""The command line: `flask --app app …`."""

import functools

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import NullPool, create_engine, text

from outside import whole_number
from refusals import Refused
from supabase_config import refuse_other_schema, what_is_missing


def init_app(app):
    app.cli.add_command(seed_demo)
    app.cli.add_command(create_admin)
    app.cli.add_command(check_invariants)
    app.cli.add_command(reconcile_payments)
    app.cli.add_command(import_match)
    app.cli.add_command(replay_match)
    app.cli.add_command(rotate_key)
    app.cli.add_command(jobs)


def plainly(fn):
    """A function that says in a sentence what it has not got to work with, instead of a traceback, and exits with 1.

    Only on the command line: whoever else calls it gets the error.
    """

    @functools.wraps(fn)
    def run(*args, **kwargs):
        try:
            return fn(*args, **kwargs)
        except Exception as error:
            sentence = what_is_missing(error)
            if sentence is None or not click.get_current_context(silent=True):
                raise
            click.echo(sentence, err=True)
            # No ClickException: for those Flask would still print a traceback when it lists commands.
            raise SystemExit(1) from error

    return run


def on_our_database(fn):
    """A command in an application context, on a database of this version; anything else is said plainly."""

    @with_appcontext
    @plainly
    @functools.wraps(fn)
    def run(*args, **kwargs):
        refuse_other_schema(settings().database_url)
        return fn(*args, **kwargs)

    return run


def settings():
    return current_app.config["SETTINGS"]


def migrating_engine():
    """The migrating login: the only one that may pass row security, for the commands below and never for the web."""
    return create_engine(settings().database_url, poolclass=NullPool, hide_parameters=True)


@click.command("seed-demo")
@click.option(
    "--rows-only", is_flag=True, help="Leave the codes of the tickets and the cricket of the past to the next call."
)
@on_our_database
def seed_demo(rows_only):
    """Make the demo season, or finish what is missing of it. Refused in staging and production."""
    import demo
    from demo.codes import sign
    from demo.doors import open_doors

    try:
        made = demo.seed(settings().database_url, settings().environment)
    except demo.DemoRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if rows_only:
        return
    codes = sign(settings().database_url)
    open_doors(settings().database_url)
    demo.play_matches(settings().database_url)
    if made or codes:
        click.echo(f"The demo season is {'made' if made else 'finished'}, with {codes} signed tickets and passes.")
    else:
        click.echo("The demo season stands already.")


@click.command("rotate-key")
@click.argument("event", type=int, required=False)
@click.option(
    "--parking", metavar="GROUND", help="The key of a ground's parking without a match, by the ground's address name."
)
@click.option(
    "--emergency", is_flag=True, help="The old key is refused at once; every ticket and pass gets a new code."
)
@click.option("--resume", is_flag=True, help="No new key: sign what an emergency exchange that was cut off has left.")
@on_our_database
def rotate_key(event, parking, emergency, resume):
    """Exchange the key that signs the codes of EVENT, or of a ground's parking.

    What the old one signed stays good, but in an emergency.
    """
    from sqlalchemy import select

    from database import transaction
    from extensions import db
    from models import Event, Stadium
    from tickets import codes

    if (event is None) == (parking is None):
        raise click.UsageError("Say which: the number of an event, or --parking GROUND.")
    with transaction(worker=True):
        wanted = (
            select(Event.stadium_id).where(Event.id == event)
            if parking is None
            else select(Stadium.id).where(Stadium.slug == parking)
        )
        stadium = db.session.scalar(wanted)
    if stadium is None:
        raise click.ClickException("There is no such event or ground.")
    if resume:
        click.echo(f"{codes.issue_missing(stadium, event)} bookings looked at; all their codes are signed.")
        return
    signed = codes.rotate_key(stadium, event, emergency)
    if emergency:
        click.echo(
            f"The old keys are refused from now on. {signed} bookings have new codes, and their buyers are told."
        )
    else:
        click.echo("A new key signs from now on. Codes of the old one stay good.")


@click.command("create-admin")
@click.argument("email")
@on_our_database
def create_admin(email):
    """Make EMAIL a platform admin: a new account, whose password is asked for, or one that exists."""
    from accounts.accounts import create_account
    from outside.addresses import read_address

    try:
        address = read_address(email)
        engine = migrating_engine()
        known = _fan(engine, address)
        said = "exists, and is a platform admin now; its password stays"
        if known is None:
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
            known = create_account(address.partition("@")[0], address, password)
            said = "is made, as a platform admin"
    except Refused as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    with engine.begin() as connection:
        connection.execute(text("set local row_security = off"))
        connection.execute(text("update customer set is_admin = true where id = :id"), {"id": known})
        connection.execute(text("set local row_security = on"))
        connection.execute(text("select app.log(0, 'admin.created', 'customer', :id)"), {"id": str(known)})
    click.echo(f"The account {address} {said}.")


def _fan(engine, address):
    with engine.begin() as connection:
        connection.execute(text("set local row_security = off"))
        return connection.execute(
            text("select id from customer where kind = 'fan' and email_key = app.mailbox(:address)"),
            {"address": address},
        ).scalar()


@click.command("check-invariants")
@click.option("--demo", is_flag=True, help="Looking at 0 rows is a failure, too.")
@on_our_database
def check_invariants(demo):
    """Look at what must always be true, and say what was seen. Exit status 1 if anything is not."""
    from booking.invariants import check

    with migrating_engine().connect() as connection:
        results = check(connection)
    bad = 0
    for result in results:
        unseen = demo and not result.looked_at
        bad += bool(result.count) or unseen
        word = "BROKEN" if result.count else "UNSEEN" if unseen else "ok"
        note = f"; {result.note}" if result.note else ""
        click.echo(
            f"{result.number:2} {word:6} {result.sentence} {result.looked_at} rows looked at, {result.count} "
            f"violations{note}."
        )
        for thing, problem in result.violations:
            click.echo(f"          {thing}: {problem}")
        if result.count > len(result.violations):
            click.echo(f"          … and {result.count - len(result.violations)} more")
    if bad:
        raise SystemExit(1)


@click.command("reconcile-payments")
@on_our_database
def reconcile_payments():
    """Ask Stripe about everything that is not settled, and make its answers ours."""
    from booking import recovery
    from providers import ProviderError

    try:
        counts = recovery.reconcile()
    except ProviderError as error:
        raise click.ClickException(f"Stripe did not answer as it should: {error}") from error
    click.echo("Reconciled: " + ", ".join(f"{count} {road.replace('_', ' ')}" for road, count in counts.items()) + ".")


@click.command("import-match")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the cards of each file instead of a line; one JSON document a line for several files.",
)
@click.option("--dry-run", is_flag=True, help="Only read and check; store nothing.")
@on_our_database
def import_match(files, as_json, dry_run):
    """Import FILES in Cricsheet's JSON (1.0 or 1.1).

    Exit status 1 if any of them is not a match; the others are imported all the same.
    """
    import json

    from cricket.cricsheet.match_file import Malformed
    from cricket.matches.importing import import_file

    engine = migrating_engine()
    failed = 0
    for file in files:
        try:
            if dry_run:
                done = import_file(file)
            else:
                with engine.begin() as connection:
                    done = import_file(file, connection)
        except Malformed as error:
            failed += 1
            click.echo(f"{file}: {error}", err=True)
            continue
        if as_json:
            click.echo(json.dumps(done.cards, ensure_ascii=False, indent=2 if len(files) == 1 else None))
        else:
            words = {
                "new": "imported",
                "newer": "imported again, as a newer revision",
                "reread": "imported again, as it is read now",
                "known": "known already",
                "read": "read",
            }[done.outcome]
            number = f" as match {done.match_id}" if done.match_id else ""
            click.echo(
                f"{done.name}: {words}{number}; {done.verdict}. {done.cards['derived'] or done.cards['stated']}."
            )
        for line in [*done.reasons, *done.warnings]:
            click.echo(f"  {line}", err=as_json)
    if failed:
        raise SystemExit(1)


@click.command("replay-match")
@click.argument("match", type=int)
@click.option(
    "--speed",
    type=click.FloatRange(0.01, 100_000),
    help="1 is real time, 60 a ball every 0.65 seconds.  [default: 1, or as it was]",
)
@click.option("--step", is_flag=True, help="Play one event and stop there.")
@click.option("--pause", is_flag=True, help="Let it stand still.")
@click.option("--resume", is_flag=True, help="Let it run again, in the jobs; return at once.")
@click.option("--jump", metavar="INNINGS.OVER", help="Play on at once until this over is complete, for example 2.14.")
@on_our_database
def replay_match(match, speed, step, pause, resume, jump):
    """Play the stored MATCH again, ball by ball, as if it were scored now; pages call it a replay."""
    import time

    from cricket.matches import replay

    try:
        number = replay.open_replay(match, speed or 1)
        replay.steer(number, speed=speed)
        click.echo(f"Match {match} is replayed as match {number}: {settings().public_url}/matches/{number}/live")
        if jump:
            innings, _, over = jump.partition(".")
            innings, over = whole_number(innings, 9), whole_number(over, 9)
            if innings is None or over is None:
                raise click.BadParameter("say innings and over, for example 2.14", param_hint="--jump")
            click.echo(f"{replay.jump(number, innings, over)} events played.")
        elif step:
            replay.steer(number, state="paused")
            click.echo(f"{replay.step(number)} events played.")
        elif pause or resume:
            replay.steer(number, state="paused" if pause else "running")
            click.echo("It stands still now." if pause else "It runs in the jobs.")
        else:
            replay.steer(number, state="running")
            click.echo("Ctrl-C leaves it to the jobs.")
            while replay.is_running(number):
                replay.play_due()
                time.sleep(0.05)
    except Refused as refusal:
        raise click.ClickException(refusal.sentence) from refusal


@click.group("jobs")
def jobs():
    """The loop beside the web."""


@jobs.command("run")
@click.option("--once", is_flag=True, help="Do each task one time and end.")
@on_our_database
def run_jobs(once):
    """Send mail, sweep holds, reconcile, refund and seal the trail until stopped."""
    from serving import jobs as loop

    loop.run(current_app._get_current_object(), once=once)  # pyrefly: ignore[missing-attribute]
