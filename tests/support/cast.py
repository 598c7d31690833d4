"""The stage and the people of the tests: two grounds, two events, and named persons."""

from dataclasses import dataclass, field
from functools import cache

from tests.support.page import Browser

PASSWORD = "a long enough pass phrase"


@dataclass
class Ground:
    stadium: int
    layout: int
    event: int
    match: int
    gate: int
    other_stadium: int
    other_event: int
    car_park: int
    seats: dict[str, int] = field(
        default_factory=dict
    )  # "A1" … "B8" in Cooper (band C), "P1" … "P6" in the Pavilion (band A)
    other_seats: dict[str, int] = field(default_factory=dict)

    def ids(self, *names):
        return [self.seats[name] for name in names]


def build_ground(rows):
    """Cooper Stand: rows A and B of eight seats, band C, 48.00.

    Pavilion: row P of six, band A, 95.00; P1 accessible, P2 companion.

    The events do not guard against single seats, so that a test may take the seats it likes.
    """
    stadium = rows.value(
        """insert into stadium (slug, name, city, country, time_zone, currency, contact_email)
           values ('lanternside', 'Lanternside Oval', 'Sydney', 'AU', 'Australia/Sydney', 'AUD',
                   'office@lanternside.example') returning id"""
    )
    other = rows.value(
        """insert into stadium (slug, name, city, country, time_zone, currency)
           values ('moor', 'Moor Lane', 'Leeds', 'GB', 'Europe/London', 'GBP') returning id"""
    )
    gate = rows.value(
        "insert into gate (stadium_id, code, name, zone) values (:s, 'C', 'Gate C', 3) returning id", s=stadium
    )
    other_gate = rows.value(
        "insert into gate (stadium_id, code, name, zone) values (:s, 'A', 'Gate A', 1) returning id", s=other
    )
    layout = rows.value(
        "insert into layout (stadium_id, version, seat_count) values (:s, 1, 22) returning id", s=stadium
    )
    other_layout = rows.value(
        "insert into layout (stadium_id, version, seat_count) values (:s, 1, 4) returning id", s=other
    )
    seats = {}
    for code, name, band, gate_id, rows_of in (
        ("COOP", "Cooper Stand", "C", gate, {"A": 8, "B": 8}),
        ("PAV", "Pavilion", "A", gate, {"P": 6}),
    ):
        seats |= _stand(rows, layout, code, name, band, gate_id, rows_of)
    rows("update seat set kind = 'accessible' where id = :id", id=seats["P1"])
    rows("update seat set kind = 'companion' where id = :id", id=seats["P2"])
    other_seats = _stand(rows, other_layout, "MAIN", "Main Stand", "B", other_gate, {"A": 4})
    rows("update layout set published_at = now()")
    home, away = (
        rows.value(
            """insert into team (slug, name, short_name, colour_1, colour_2, cap_pattern)
               values (:slug, :name, :short, '#10524f', '#f2efe2', :p) returning id""",
            slug=slug,
            name=name,
            short=short,
            p=p,
        )
        for slug, name, short, p in (("terns", "Harbour Terns", "Terns", 1), ("herons", "Torrens Herons", "Herons", 2))
    )
    event, match = _event(rows, stadium, layout, "Terns v Herons", home, away, {"A": 9500, "C": 4800})
    other_event, _ = _event(rows, other, other_layout, "Larks v Kites", away, home, {"B": 3000})
    car_park = rows.value(
        "insert into car_park (stadium_id, gate_id, name, walk_minutes, zone) values (:s, :g, 'Wharf Street', 4, 1) "
        "returning id",
        s=stadium,
        g=gate,
    )
    rows(
        """insert into car_park_bays (car_park_id, kind, capacity, match_price, hour_price)
           values (:p, 'standard', 3, 2500, 600), (:p, 'accessible', 1, 1000, 300)""",
        p=car_park,
    )
    return Ground(stadium, layout, event, match, gate, other, other_event, car_park, seats, other_seats)


def _stand(rows, layout, code, name, band, gate, rows_of):
    stand = rows.value(
        "insert into stand (layout_id, code, name, position) values (:l, :c, :n, 1) returning id",
        l=layout,
        c=code,
        n=name,
    )
    level = rows.value("insert into level (stand_id, name, position) values (:s, 'Lower', 1) returning id", s=stand)
    bay = rows.value(
        "insert into bay (level_id, gate_id, name, position) values (:l, :g, '14', 1) returning id", l=level, g=gate
    )
    seats = {}
    for position, (row, count) in enumerate(rows_of.items(), 1):
        row_id = rows.value(
            "insert into seat_row (bay_id, name, position) values (:b, :n, :p) returning id", b=bay, n=row, p=position
        )
        made = rows(
            """insert into seat (layout_id, stand_id, row_id, number, position, band, quality)
               select :l, :s, :r, n::text, n, :band, 900 - 50 * :p - abs(2 * n - :count - 1)
                 from generate_series(1, :count) n
               returning number, id""",
            l=layout,
            s=stand,
            r=row_id,
            p=position,
            band=band,
            count=count,
        )
        seats |= {f"{row}{seat.number}": seat.id for seat in made}
    return seats


def _event(rows, stadium, layout, name, home, away, faces):
    event = rows.value(
        """insert into event (stadium_id, layout_id, name, starts_at, ends_at, gates_open_at, sale_starts_at,
                              sale_ends_at, refund_until_hours, guards_singles)
           values (:s, :l, :n, now() + interval '3 days', now() + interval '3 days 4 hours',
                   now() + interval '3 days' - interval '90 minutes',
                   now() - interval '30 days', now() + interval '3 days 1 hour', 24, false) returning id""",
        s=stadium,
        l=layout,
        n=name,
    )
    match = rows.value(
        """insert into match (stadium_id, home_team_id, away_team_id, competition, number, format, starts_at)
           values (:s, :h, :a, 'Evening League', 24, 'T20', now() + interval '3 days') returning id""",
        s=stadium,
        h=home,
        a=away,
    )
    rows("insert into event_match (event_id, match_id) values (:e, :m)", e=event, m=match)
    for band, face in faces.items():
        for kind, share in (("adult", 2), ("child", 1), ("concession", 1.5)):
            rows(
                "insert into event_price (event_id, band, ticket_type, face) values (:e, :b, :k, :f)",
                e=event,
                b=band,
                k=kind,
                f=int(face * share / 2),
            )
    return event, match


@cache
def _password_hash():
    from accounts.passwords import hash_password

    return hash_password(PASSWORD)


class Cast:
    """asha and ben are fans; omar owns Lanternside Oval, petra owns Moor Lane; ada is platform admin.

    sunil and joan score at Lanternside Oval, piet at Moor Lane; grace runs the gates of Lanternside Oval, gus those of
    Moor Lane.
    """

    people = {
        "asha": ("Asha Rao", "asha@example.org"),
        "ben": ("Ben Okafor", "ben@example.org"),
        "omar": ("Omar Haddad", "omar@lanternside.example"),
        "petra": ("Petra Novak", "petra@moor.example"),
        "ada": ("Ada Quist", "ada@cricverse.example"),
        "sunil": ("Sunil Abeysekera", "sunil@lanternside.example"),
        "joan": ("Joan Pickersgill", "joan@lanternside.example"),
        "piet": ("Piet Maree", "piet@moor.example"),
        "grace": ("Grace Tembo", "grace@lanternside.example"),
        "gus": ("Gus Lindqvist", "gus@moor.example"),
    }

    def __init__(self, app, rows, ground):
        self.app, self.rows, self.ground = app, rows, ground
        self.ids = {}
        for key, (name, email) in self.people.items():
            self.ids[key] = rows.value(
                "insert into customer (kind, name, email, email_key, is_admin) values ('fan', :n, :e, :e, :a) "
                "returning id",
                n=name,
                e=email,
                a=key == "ada",
            )
            rows(
                "insert into credential (customer_id, password_hash) values (:c, :h)",
                c=self.ids[key],
                h=_password_hash(),
            )
            rows("insert into customer_profile (customer_id) values (:c)", c=self.ids[key])
        rows("insert into staff_role values (:c, :s, 'owner', now())", c=self.ids["omar"], s=ground.stadium)
        rows("insert into staff_role values (:c, :s, 'owner', now())", c=self.ids["petra"], s=ground.other_stadium)
        for who, stadium in (("sunil", ground.stadium), ("joan", ground.stadium), ("piet", ground.other_stadium)):
            rows("insert into staff_role values (:c, :s, 'scorer', now())", c=self.ids[who], s=stadium)
        for who, stadium in (("grace", ground.stadium), ("gus", ground.other_stadium)):
            rows("insert into staff_role values (:c, :s, 'gate', now())", c=self.ids[who], s=stadium)

    def browser(self, who):
        """A browser in which this person is signed in: a real session row and its cookie."""
        from accounts.sessions import hash_of

        browser = Browser(self.app)
        token = f"{who}-session-token-for-tests-{len(self.rows('select id_hash from login_session'))}"
        self.rows(
            "insert into login_session (id_hash, customer_id, expires_at) values (:h, :c, now() + interval '1 day')",
            h=hash_of(token),
            c=self.ids[who],
        )
        browser.client.set_cookie("cv_session", token)
        return browser
