"""The stage of the row security tests: three grounds whose rows belong to different people, made by the real definer
functions.

Everything goes through the real logins: cv_app with `app.begin` for people, cv_worker for settlement and jobs. Only
what no function writes yet (grounds, layouts, matches, accounts) is written by the migrating login.
"""

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg2
from sqlalchemy import make_url

from config import login_url

PASSWORD = "test-app-password"
GROUNDS = ("lanternside", "moor", "wharf")


@dataclass(frozen=True)
class Actor:
    """One column of the matrix: how they come to the database, and what is theirs."""

    role: str
    login: str = "cv_app"
    begins: bool = True
    session: bytes | None = None
    link: bytes | None = None
    person: int | None = None
    grounds: frozenset = frozenset()
    booking: int | None = None

    def enter(self, cursor):
        """The first statements of a transaction of this actor."""
        if self.login == "cv_app" and self.begins:
            cursor.execute("select * from app.begin(%s)", (self.session,))
        if self.link:
            cursor.execute("select * from app.open_link(%s)", (self.link,))

    def owns(self, person, ground, booking):
        return (
            (person is not None and person == self.person)
            or (ground is not None and ground in self.grounds)
            or (booking is not None and booking == self.booking)
        )


@dataclass
class Stage:
    url: str
    people: dict[str, int] = field(default_factory=dict)
    stadiums: dict[str, int] = field(default_factory=dict)
    matches: dict[str, int] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    drafts: dict[str, int] = field(default_factory=dict)
    car_parks: dict[str, int] = field(default_factory=dict)
    seats: dict[str, list[int]] = field(default_factory=dict)
    bookings: dict[str, int] = field(default_factory=dict)

    def connect(self, login=None):
        """A connection of this login, or of the migrating one."""
        address = make_url(login_url(self.url, login, PASSWORD) if login else self.url)
        return psycopg2.connect(
            host=address.host,
            port=address.port,
            user=address.username,
            password=address.password,
            dbname=address.database,
        )

    @contextmanager
    def acting(self, who):
        """A real transaction of this person through cv_app, committed at the end."""
        with _closing(self.connect("cv_app")) as cursor:
            cursor.execute("select * from app.begin(%s)", (session_of(who),))
            yield cursor

    @contextmanager
    def working(self):
        with _closing(self.connect("cv_worker")) as cursor:
            yield cursor

    @contextmanager
    def migrating(self):
        with _closing(self.connect()) as cursor:
            cursor.execute("set local row_security = off")
            yield cursor

    def cast(self):
        """The actors, by the names of the matrix's columns."""
        people, stadiums = self.people, self.stadiums

        def person(role, who, *grounds):
            numbers = [(-1 if g.startswith("gate of ") else 1) * stadiums[g.removeprefix("gate of ")] for g in grounds]
            return Actor(role, session=session_of(who), person=people[who], grounds=frozenset(numbers))

        actors = [
            Actor("nobody", begins=False),
            Actor("no_session"),
            person("visitor", "visitor"),
            person("guest", "guest"),
            person("fan", "asha"),
            person("other_fan", "ben"),
            Actor("link", link=link_of("guest"), booking=self.bookings["guest"]),
            person("gatekeeper", "gita", "gate of lanternside"),
            person("staff", "omar", "lanternside", "gate of lanternside"),
            person("other_owner", "petra", "moor", "gate of moor"),
            person("third_owner", "ravi", "wharf", "gate of wharf"),
            Actor("worker", login="cv_worker"),
            Actor("rules", login="cv_rules"),
            Actor("table_owner", login="cv_probe_owner"),
        ]
        return {actor.role: actor for actor in actors}


@contextmanager
def _closing(connection):
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def session_of(who):
    return hashlib.sha256(f"session of {who}".encode()).digest()


def password_of(who):
    """What stands for the hash of their password; no password makes it."""
    return f"$argon2id$v=19$m=8,t=1,p=1$c2FsdA${who:x<43}"


def link_of(name):
    return hashlib.sha256(f"link of {name}".encode()).digest()


def build(url):
    """Fill an empty database at the newest migration; returns the Stage. Takes about half a second."""
    stage = Stage(url)
    with stage.migrating() as cursor:
        _grounds(cursor, stage)
        _accounts(cursor, stage)
    _bookings(stage)
    _afterwards(stage)
    _scores(stage)
    _sockets(stage)
    _gates(stage)
    with stage.migrating() as cursor:
        _waiting(cursor, stage)
    return stage


def _waiting(cursor, stage):
    """Asha waits and has an offer. By the migrating login: every event here has seats left, so nobody could join."""
    entry = one(
        cursor,
        """insert into waiting_entry (id, event_id, kind, customer_id, email, mailbox, link_hash, state, seats,
                                      together)
           values (gen_random_uuid(), %s, 'seats', %s, 'a@example.org', 'a@example.org', 'link', 'offered', 1, true)
           returning id""",
        stage.events["lanternside"],
        stage.people["asha"],
    )
    cursor.execute(
        """insert into waiting_offer (entry_id, booking_id, seats, offered_at, ends_at)
           values (%s, %s, '{1}', now(), now() + interval '10 minutes')""",
        (entry, stage.bookings["asha held"]),
    )


def one(cursor, sql, *values):
    """The first column of the one row that this answers."""
    cursor.execute(sql, values)
    (row,) = cursor.fetchall()
    return row[0]


def _grounds(cursor, stage):
    for number, slug in enumerate(GROUNDS, 1):
        stadium = stage.stadiums[slug] = one(
            cursor,
            """insert into stadium (slug, name, city, country, time_zone, currency, contact_email)
               values (%s, %s, 'Town', 'AU', 'Australia/Sydney', 'AUD', %s) returning id""",
            slug,
            slug.title(),
            f"office@{slug}.example",
        )
        gate = one(
            cursor,
            "insert into gate (stadium_id, code, name, zone) values (%s, 'A', 'Gate A', 1) returning id",
            stadium,
        )
        layout = one(
            cursor, "insert into layout (stadium_id, version, seat_count) values (%s, 1, 24) returning id", stadium
        )
        stand = one(
            cursor,
            "insert into stand (layout_id, code, name, position) values (%s, 'M', 'Main', 1) returning id",
            layout,
        )
        level = one(cursor, "insert into level (stand_id, name, position) values (%s, 'Lower', 1) returning id", stand)
        bay = one(
            cursor,
            "insert into bay (level_id, gate_id, name, position) values (%s, %s, '1', 1) returning id",
            level,
            gate,
        )
        row = one(cursor, "insert into seat_row (bay_id, name, position) values (%s, 'A', 1) returning id", bay)
        cursor.execute(
            """insert into seat (layout_id, stand_id, row_id, number, position, band, quality)
               select %s, %s, %s, n::text, n, 'A', 500 from generate_series(1, 24) n returning id""",
            (layout, stand, row),
        )
        stage.seats[slug] = [seat for (seat,) in cursor.fetchall()]
        cursor.execute("update layout set published_at = now() where id = %s", (layout,))
        car_park = stage.car_parks[slug] = one(
            cursor,
            "insert into car_park (stadium_id, gate_id, name, zone) values (%s, %s, 'North', 1) returning id",
            stadium,
            gate,
        )
        cursor.execute(
            "insert into car_park_bays values (%s, 'standard', 5, 2000, 500), (%s, 'accessible', 1, 0, 0)",
            (car_park, car_park),
        )
        teams = [
            one(
                cursor,
                """insert into team (slug, name, short_name, colour_1, colour_2, cap_pattern, home_stadium_id)
                   values (%s, %s, %s, '#10524f', '#f2efe2', %s, %s) returning id""",
                f"{slug}-{side}",
                f"{slug} {side}",
                side,
                number,
                stadium,
            )
            for side in ("home", "away")
        ]
        cursor.execute(
            "insert into player (team_id, name, role, shirt) values (%s, 'A Player', 'batter', 7)", (teams[0],)
        )
        official = one(cursor, "insert into official (name) values (%s) returning id", f"Umpire of {slug}")
        match = one(
            cursor,
            """insert into match (stadium_id, home_team_id, away_team_id, competition, format, starts_at)
               values (%s, %s, %s, 'League', 'T20', now() + interval '3 days') returning id""",
            stadium,
            *teams,
        )
        cursor.execute("insert into match_official values (%s, %s, 'umpire')", (match, official))
        stage.matches[slug] = match
        for state, kept in (("on_sale", stage.events), ("draft", stage.drafts)):
            event = kept[slug] = one(
                cursor,
                """insert into event (stadium_id, layout_id, name, state, starts_at, ends_at, gates_open_at,
                                      sale_starts_at, sale_ends_at,
                                      refund_until_hours)
                   values (%s, %s, %s, %s, now() + interval '3 days', now() + interval '3 days 4 hours',
                           now() + interval '70 hours',
                           now() - interval '9 days', now() + interval '3 days', 24) returning id""",
                stadium,
                layout,
                f"{slug} {state}",
                state,
            )
            cursor.execute("insert into event_match values (%s, %s)", (event, match))
            cursor.execute(
                "insert into event_price values (%s, 'A', 'adult', 4800), (%s, 'A', 'child', 2400)", (event, event)
            )


def _accounts(cursor, stage):
    staff = {
        "omar": ("lanternside", "manager"),
        "petra": ("moor", "owner"),
        "ravi": ("wharf", "owner"),
        "gita": ("lanternside", "gate"),
    }
    for who in ("asha", "ben", "omar", "petra", "ravi", "gita"):
        person = stage.people[who] = one(
            cursor,
            "insert into customer (kind, name, email, email_key) values ('fan', %s, %s, %s) returning id",
            who.title(),
            f"{who}@example.org",
            f"{who}@example.org",
        )
        cursor.execute(
            "insert into credential (customer_id, password_hash) values (%s, %s)", (person, password_of(who))
        )
        cursor.execute("insert into customer_profile (customer_id) values (%s)", (person,))
        for slug in stage.stadiums:
            cursor.execute("insert into membership values (%s, %s, '2031-06-30')", (person, stage.stadiums[slug]))
        if who in staff:
            slug, role = staff[who]
            cursor.execute("insert into staff_role values (%s, %s, %s)", (person, stage.stadiums[slug], role))
            # Owners of this stage score their own matches, too.
            if role != "gate":
                cursor.execute("insert into staff_role values (%s, %s, 'scorer')", (person, stage.stadiums[slug]))


def _bookings(stage):
    """Who buys what: every ground has buyers of every kind, and staff are fans elsewhere."""
    for who in ("asha", "ben", "omar", "petra", "ravi", "gita"):
        with _closing(stage.connect("cv_app")) as cursor:
            cursor.execute("select * from app.begin(null)")
            cursor.execute(
                "select * from app.start_session(%s, %s, %s, null, '127.0.0.1', 'test')",
                (stage.people[who], password_of(who), session_of(who)),
            )
    for who in ("visitor", "guest"):
        with _closing(stage.connect("cv_app")) as cursor:
            cursor.execute("select * from app.begin(null)")
            stage.people[who] = one(cursor, "select app.start_visitor(%s, '127.0.0.1', 'test')", session_of(who))

    hold(stage, "asha held", "asha", "moor", 0, 2)
    hold(stage, "asha", "asha", "lanternside", 0, 3, parking=True)
    hold(stage, "ben", "ben", "lanternside", 4, 2)
    hold(stage, "ben wharf", "ben", "wharf", 0, 1, parking=True)
    hold(stage, "visitor", "visitor", "lanternside", 7, 1)
    hold(stage, "visitor moor", "visitor", "moor", 4, 1, parking=True)
    hold(stage, "guest", "guest", "lanternside", 9, 2, parking=True)
    hold(stage, "guest moor", "guest", "moor", 6, 1)
    hold(stage, "omar moor", "omar", "moor", 8, 2, parking=True)
    hold(stage, "gita wharf", "gita", "wharf", 4, 1, parking=True)
    with stage.acting("ben") as cursor:
        stage.bookings["ben parking"] = one(
            cursor,
            """select booking_id from app.hold_parking(%s, 'standard', null,
                                                       date_trunc('hour', now()) + interval '30 hours',
                                                       date_trunc('hour', now()) + interval '33 hours', 'cv 77-ab')""",
            stage.car_parks["moor"],
        )
    for name, who, email in (
        ("asha", "asha", ""),
        ("ben", "ben", ""),
        ("ben wharf", "ben", ""),
        ("guest", "guest", "guest@example.org"),
        ("guest moor", "guest", "guest@example.org"),
        ("omar moor", "omar", ""),
        ("gita wharf", "gita", ""),
    ):
        pay(stage, name, who, email)


def hold(stage, name, who, slug, first, count, parking=False):
    with stage.acting(who) as cursor:
        event = stage.events[slug]
        seats = stage.seats[slug][first : first + count]
        stage.bookings[name] = one(cursor, "select booking_id from app.hold_seats(%s, %s)", event, seats)
        if parking:
            cursor.execute(
                """select * from event e, lateral app.hold_parking(%s, 'standard', e.id, e.gates_open_at, e.ends_at,
                                                                   'ab 12 cd') h
                    where e.id = %s""",
                (stage.car_parks[slug], event),
            )


def pay(stage, name, who, email=""):
    """The whole way of a payment at SQL level: the attempt, its intent, the success, the signed codes."""
    booking, intent = stage.bookings[name], f"pi_{name.replace(' ', '_')}"
    with stage.acting(who) as cursor:
        cursor.execute(
            "select payment_id, amount, currency from app.start_payment(%s, %s, %s, %s, %s)",
            (booking, email and "A Guest", email, email, b"a network"),
        )
        payment, amount, currency = cursor.fetchone()
        cursor.execute("select app.record_intent(%s, %s)", (payment, intent))
    with stage.working() as cursor:
        cursor.execute(
            "select outcome from app.settle_payment(%s, 'succeeded', %s, %s, 30, null, null, %s)",
            (intent, amount, currency.lower(), link_of(name)),
        )
        assert cursor.fetchall() == [("fulfilled",)]
        assert one(cursor, "select app.note_decline(%s, %s, %s)", intent, f"ch_{name}", name.encode()) is None
        event = one(cursor, "select event_id from booking where id = %s", booking)
        stadium = one(cursor, "select stadium_id from booking where id = %s", booking)
        key = one(cursor, "select id from app.store_signing_key(%s, %s, 'public', 'wrapped')", stadium, event)
        for kind, table in (("ticket", "ticket"), ("pass", "parking_pass")):
            cursor.execute(f"select id from {table} where booking_id = %s", (booking,))
            codes = [{kind: str(thing), "key": key, "seq": 1, "code": f"CV1:{thing}"} for (thing,) in cursor.fetchall()]
            cursor.execute("select app.store_codes(%s, %s)", (booking, json.dumps(codes)))


def _afterwards(stage):
    """Refunds, mails, disputes, blocked seats and sealed logs, at every ground."""
    for who, slug in (("omar", "lanternside"), ("petra", "moor"), ("ravi", "wharf")):
        with stage.acting(who) as cursor:
            cursor.execute("select * from app.block_seats(%s, %s)", (stage.events[slug], stage.seats[slug][-2:]))
            cursor.execute("select app.set_sale_state(%s, 'stopped')", (stage.events[slug],))
            cursor.execute("select app.set_sale_state(%s, 'on_sale')", (stage.events[slug],))
    refunds = []
    with stage.acting("omar") as cursor:
        line = one(
            cursor, "select min(id) from booking_line where booking_id = %s and kind = 'seat'", stage.bookings["asha"]
        )
        refunds.append(
            one(
                cursor,
                "select refund_id from app.request_refund(%s, %s, 'staff', 'Kind')",
                stage.bookings["asha"],
                [line],
            )
        )
    with stage.acting("guest") as cursor:
        line = one(
            cursor, "select max(id) from booking_line where booking_id = %s and kind = 'seat'", stage.bookings["guest"]
        )
        refunds.append(
            one(cursor, "select refund_id from app.request_refund(%s, %s, 'fan')", stage.bookings["guest"], [line])
        )
        refunds.append(
            one(cursor, "select refund_id from app.request_refund(%s, null, 'fan')", stage.bookings["guest moor"])
        )
    with stage.acting("ravi") as cursor:
        line = one(
            cursor,
            "select min(id) from booking_line where booking_id = %s and kind = 'seat'",
            stage.bookings["gita wharf"],
        )
        refunds.append(
            one(
                cursor,
                "select refund_id from app.request_refund(%s, %s, 'staff')",
                stage.bookings["gita wharf"],
                [line],
            )
        )
        refunds.append(
            one(cursor, "select refund_id from app.request_refund(%s, null, 'staff')", stage.bookings["ben wharf"])
        )
    with stage.acting("asha") as cursor:
        cursor.execute("select app.resend_tickets(%s)", (stage.bookings["asha"],))
    with (
        stage.connect(None) as connection,
        connection.cursor() as cursor,
    ):  # that was a while ago, so it may be asked for again
        cursor.execute("update notification set created_at = created_at - interval '1 hour'")
    with stage.acting("ben") as cursor:
        cursor.execute("select app.find_tickets('ben@example.org', 'ben@example.org')")
    with stage.working() as cursor:
        for refund in refunds:
            cursor.execute("select * from app.record_refund(%s, %s, 'succeeded')", (refund, f"re_{refund}"))
        cursor.execute("select * from app.store_payment_event('evt_1', 'payment_intent.succeeded', 'pi_asha', '{}')")
        cursor.execute("select app.finish_payment_event('evt_1', 'fulfilled')")
        cursor.execute("select * from app.mark_dispute('pi_ben', true, 'dp_1')")
        cursor.execute("select id from app.lease_notifications(3)")
        for (mail,) in cursor.fetchall():
            cursor.execute("select app.finish_notification(%s, 'sg_1', null)", (mail,))
        assert one(cursor, "select app.seal_log()") > 0


def _sockets(stage):
    """Fans' open pages, as a web process notes them."""
    rows = [
        {"sid": f"s{n}", "customer_id": n, "address": "127.0.0.1", "rooms": ["match:1"], "age": 1}
        for n in stage.people.values()
    ]
    with stage.acting("asha") as cursor:
        assert one(cursor, "select app.note_connections('web:1', %s)", json.dumps({"rows": rows})) == 0
        cursor.execute("select roles from app.live_sessions(%s)", ([session_of("omar")],))
        assert cursor.fetchall() == [({str(stage.stadiums["lanternside"]): ["manager", "scorer"]},)]
        assert one(cursor, "select app.seats_moved()") > 0


def _scores(stage):
    """A match with a ball or two at every ground, one of them imported and played again."""
    toss = json.dumps(
        [{"key": "toss", "kind": "toss", "body": {"winner": 0, "decision": "bat"}, "patch": [[["head"], "tossed"]]}]
    )
    for who, slug in (("omar", "lanternside"), ("petra", "moor"), ("ravi", "wharf")):
        match, lock = stage.matches[slug], session_of(f"lock of {who}")
        with stage.acting(who) as cursor:
            assert one(cursor, "select app.take_scoring(%s, %s, false)", match, lock) == 0
            cursor.execute("select app.record_score(%s, %s, 0, %s, '{}', '{}', 'live', null)", (match, lock, toss))
            begun = '{"innings": 0, "over": 0}'
            cursor.execute("select app.keep_second_book(%s, %s, '{}', '{}')", (match, begun))
    with stage.migrating() as cursor:
        venue = one(cursor, "insert into venue (name, city) values ('Elsewhere Park', 'Elsewhere') returning id")
        cursor.execute("insert into venue_alias values ('elsewhere park', %s)", (venue,))
        cursor.execute("insert into person values ('0a1b2c3d', 'A Person')")
        cursor.execute(
            "insert into match_import (match_id, source, source_id, revision, digest, verdict) "
            "values (%s, 'cricsheet', '1', 1, '', 'verified')",
            (stage.matches["wharf"],),
        )
    with stage.working() as cursor:
        replay = one(cursor, "select app.open_replay(%s, 10)", stage.matches["wharf"])
        cursor.execute("select app.feed_score(%s, 0, %s, '{}', '{}', 'live', null)", (replay, toss))


def _gates(stage):
    """At every ground a phone, somebody who came in, a double, and a ticket on its way to another person."""
    with stage.migrating() as cursor:
        for stadium in stage.stadiums.values():
            ticket = one(
                cursor,
                "select t.id from ticket t join booking b on b.id = t.booking_id where b.stadium_id = %s limit 1",
                stadium,
            )
            device = one(
                cursor,
                "insert into gate_device (stadium_id, event_id, name) select stadium_id, id, 'Phone' from event "
                "where stadium_id = %s limit 1 returning id",
                stadium,
            )
            first, second = (
                one(
                    cursor,
                    """insert into scan (id, stadium_id, event_id, device_id, kind, mode, ticket_id, right_id, outcome,
                                         found, let_in, device_at, at, verdict)
                       select gen_random_uuid(), %s, event_id, %s, 'entry', 'camera', id, id, 'admitted', 'admitted',
                              true, now(), now(), '{}'
                         from ticket where id = %s returning id""",
                    stadium,
                    device,
                    ticket,
                )
                for _ in range(2)
            )
            cursor.execute(
                """insert into admission (right_id, entry_no, ticket_id, stadium_id, scan_id, at)
                   values (%s, 1, %s, %s, %s, now())""",
                (ticket, ticket, stadium, first),
            )
            cursor.execute(
                "insert into gate_alarm (stadium_id, right_id, kind, scan_id, first_scan_id) "
                "values (%s, %s, 'double', %s, %s)",
                (stadium, ticket, second, first),
            )
        cursor.execute(
            """insert into ticket_transfer (ticket_id, booking_id, token_hash, to_name, to_email, expires_at)
               select id, booking_id, sha256(uuid_send(id)), 'A Friend', 'friend@example.org', now() + interval '1 day'
                 from ticket"""
        )
