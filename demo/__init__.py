"""The demo season: seven fictional grounds, eight clubs, a fixture list around today, what has been sold of it and what
was played.

Rows are generated in SQL from the files beside this one. The cricket is simulated ball by ball (play.py) and stored as
a scorer's log (scores.py); what SQL cannot sign is added by codes.py. All of it is known by the grounds' and clubs'
slugs and by the mail domain `demo.cricverse.example`; nothing else is ever touched.
"""

from pathlib import Path

from sqlalchemy import NullPool, create_engine, text

from accounts.passwords import hash_password
from demo.scores import score_next, unplayed
from demo.styles import name_styles

DOMAIN = "demo.cricverse.example"
PASSWORD = "stumps at six o'clock"
AUSTRALIAN = ("lanternside-oval", "ironbark-stadium", "reedbed-oval", "salt-pan-ground", "hopyard-ground")
OF_NEW_ZEALAND = ("moor-lane", "tidewall-park")
GROUNDS = AUSTRALIAN + OF_NEW_ZEALAND
CLUBS = (
    "harbour-terns",
    "bayside-lamplighters",
    "derwent-larks",
    "moreton-kites",
    "torrens-herons",
    "swan-avocets",
    "waitemata-keas",
    "capital-kestrels",
)
LOCK = 0x43564453  # one seeding at a time ("CVDS")

# who they are, name, name part of the address, grounds they work for and as what, platform admin
PEOPLE = (
    ("fan, and member of Lanternside Oval", "Asha Rao", "asha", (), None, False),
    ("owner of the Australian grounds", "Omar Haddad", "omar", AUSTRALIAN, "owner", False),
    ("scorer at Lanternside Oval", "Sunil Abeysekera", "sunil", ("lanternside-oval",), "scorer", False),
    ("supervisor of the gates at every ground", "Grace Tembo", "grace", GROUNDS, "gate", False),
    ("owner of Moor Lane and Tidewall Park", "Petra Novak", "petra", OF_NEW_ZEALAND, "owner", False),
    ("platform admin", "Ada Quist", "ada", (), None, True),
)


class DemoRefused(Exception):
    """The demo season is not made here; the message says why."""


def accounts():
    """Who can sign in to the demo: a list of (who, e-mail, password)."""
    return [(who, f"{part}@{DOMAIN}", PASSWORD) for who, _, part, *_ in PEOPLE]


def seed(migrating_url, environment="development"):
    """Make the demo season with the migrating login; True if it was made now, False if it stands already.

    All or nothing, in one transaction; what was played comes afterwards, from `play_matches`. Raises DemoRefused in
    staging and production, because the demo's passwords are public, and where somebody else's ground or club bears a
    name of the demo.
    """
    if environment not in ("development", "testing"):
        raise DemoRefused(f"The demo season is not made in {environment}: its passwords are known to everybody.")
    engine = create_engine(migrating_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("set local row_security = off"))
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if _stands(connection):
            return False
        _run(connection, "grounds")
        _run(connection, "seats")
        _run(connection, "clubs")
        name_styles(connection, CLUBS)
        connection.execute(text("analyze seat"))
        _people(connection)
        _run(connection, "fixtures")
        _run(connection, "sales")
        # Without statistics what follows, and the first pages, would be planned for empty tables.
        connection.execute(text("analyze"))
        # The sale's own functions run under row security, as always.
        connection.execute(text("set local row_security = on"))
        _run(connection, "fan")
    return True


def play_matches(migrating_url):
    """Store what was played in the season's past matches, each in a transaction of its own; a repeat goes on where one
    was stopped.
    """
    engine = create_engine(migrating_url, poolclass=NullPool)
    number = 0
    while True:
        with engine.begin() as connection:
            connection.execute(text("set local row_security = off"))
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            if not score_next(connection, DOMAIN):
                return number
        number += 1


def is_unfinished(migrating_url):
    """Does the demo season stand without the cricket of all its past matches?"""
    engine = create_engine(migrating_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("set local row_security = off"))
        return bool(unplayed(connection, DOMAIN))


def _stands(connection):
    rows = connection.execute(
        text("select slug, coalesce(contact_email, '') like :demo as is_demo from stadium where slug = any (:slugs)"),
        {"slugs": list(GROUNDS), "demo": f"%@{DOMAIN}"},
    ).all()
    if any(row.is_demo for row in rows):
        return True  # also an older one, of fewer grounds: it is left as it is
    strangers = [row.slug for row in rows]
    if not rows:
        # Clubs bear no mark of the demo, but its grounds stand before them.
        strangers = (
            connection.execute(text("select slug from team where slug = any (:slugs)"), {"slugs": list(CLUBS)})
            .scalars()
            .all()
        )
    if strangers:
        raise DemoRefused(
            f"There is a ground or club of your own called {' and '.join(strangers)}; the demo season stays away from "
            "it."
        )
    return False


def _people(connection):
    for _, name, part, grounds, role, is_admin in PEOPLE:
        email = f"{part}@{DOMAIN}"
        customer = connection.execute(
            text("""insert into customer (kind, name, email, email_key, is_admin)
                    values ('fan', :name, :email, :email, :admin) returning id"""),
            {"name": name, "email": email, "admin": is_admin},
        ).scalar_one()
        values = {"customer": customer, "hash": hash_password(PASSWORD), "grounds": list(grounds), "role": role}
        connection.execute(
            text("insert into credential (customer_id, password_hash) values (:customer, :hash)"), values
        )
        connection.execute(text("insert into customer_profile (customer_id) values (:customer)"), values)
        connection.execute(
            text(
                "insert into staff_role (customer_id, stadium_id, role) select :customer, id, :role from stadium "
                "where slug = any (:grounds)"
            ),
            values,
        )
    connection.execute(
        text("""insert into membership (customer_id, stadium_id, until) select c.id, s.id, current_date + 400
                    from customer c, stadium s
                 where c.email_key = :member and s.slug = :ground"""),
        {"member": f"asha@{DOMAIN}", "ground": "lanternside-oval"},
    )


def _run(connection, name):
    source = (Path(__file__).parent / f"{name}.sql").read_text()
    # The driver's own cursor sends the file as it is: no parameters, so a % stays a %.
    with connection.connection.cursor() as cursor:
        cursor.execute(source)
