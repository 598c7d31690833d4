"""The command line: `flask --app app …`."""

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import NullPool, create_engine, text

from extensions import Refused


def init_app(app):
    app.cli.add_command(seed_demo)
    app.cli.add_command(create_admin)
    app.cli.add_command(check_invariants)
    app.cli.add_command(reconcile_payments)
    app.cli.add_command(jobs)


def settings():
    return current_app.config["SETTINGS"]


def migrating_engine():
    """The migrating login: the only one that may pass row security, for the commands below and never for the web."""
    return create_engine(settings().database_url, poolclass=NullPool)


@click.command("seed-demo")
@with_appcontext
def seed_demo():
    """Make the demo season, unless it stands already. Refused in staging and production."""
    import demo
    from demo.codes import sign

    try:
        made = demo.seed(settings().database_url, settings().environment)
    except demo.DemoRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    codes = sign(settings().database_url)
    click.echo(f"The demo season is made, with {codes} signed tickets and passes." if made else "The demo season stands already.")


@click.command("create-admin")
@click.argument("email")
@with_appcontext
def create_admin(email):
    """Make EMAIL a platform admin: a new account, whose password is asked for, or one that exists."""
    from accounts.accounts import check_password, normalise_email
    from accounts.passwords import hash_password

    try:
        address, key = normalise_email(email)
        engine = migrating_engine()
        known = _fan(engine, key)
        if known is None:
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
            check_password(password)
            hashed = hash_password(password)
    except Refused as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    with engine.begin() as connection:
        connection.execute(text("set local row_security = off"))
        if known is None:
            known = connection.execute(
                text("""insert into customer (kind, name, email, email_key, is_admin)
                        values ('fan', :name, :email, :key, true) returning id"""),
                {"name": address.partition("@")[0], "email": address, "key": key},
            ).scalar_one()
            values = {"id": known, "hash": hashed}
            connection.execute(text("insert into credential (customer_id, password_hash) values (:id, :hash)"), values)
            connection.execute(text("insert into customer_profile (customer_id) values (:id)"), {"id": known})
            said = "is made, as a platform admin"
        else:
            connection.execute(text("update customer set is_admin = true where id = :id"), {"id": known})
            said = "exists, and is a platform admin now; its password stays"
        connection.execute(text("set local row_security = on"))
        connection.execute(text("select app.log(0, 'admin.created', 'customer', :id)"), {"id": str(known)})
    click.echo(f"The account {address} {said}.")


def _fan(engine, key):
    with engine.begin() as connection:
        connection.execute(text("set local row_security = off"))
        return connection.execute(text("select id from customer where kind = 'fan' and email_key = :key"), {"key": key}).scalar()


@click.command("check-invariants")
@click.option("--demo", is_flag=True, help="Looking at 0 rows is a failure, too.")
@with_appcontext
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
        click.echo(f"{result.number:2} {word:6} {result.sentence} {result.looked_at} rows looked at, {result.count} violations{note}.")
        for thing, problem in result.violations:
            click.echo(f"          {thing}: {problem}")
        if result.count > len(result.violations):
            click.echo(f"          … and {result.count - len(result.violations)} more")
    if bad:
        raise SystemExit(1)


@click.command("reconcile-payments")
@with_appcontext
def reconcile_payments():
    """Ask Stripe about everything that is not settled, and make its answers ours."""
    from booking import payments
    from providers import ProviderError

    try:
        counts = payments.reconcile()
    except ProviderError as error:
        raise click.ClickException(f"Stripe did not answer as it should: {error}") from error
    click.echo("Reconciled: " + ", ".join(f"{count} {road.replace('_', ' ')}" for road, count in counts.items()) + ".")


@click.group("jobs")
def jobs():
    """The loop beside the web."""


@jobs.command("run")
@click.option("--once", is_flag=True, help="Do each task one time and end.")
@with_appcontext
def run_jobs(once):
    """Send mail, sweep holds, reconcile, refund and seal the trail until stopped."""
    import jobs as loop

    loop.run(current_app._get_current_object(), once=once)
