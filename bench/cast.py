"""What the measurements on the season are made of: its matches and events, free seats, tickets with codes, phones."""

import time
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import create_engine, text

import qr_codes
from tickets.links import link_token


@dataclass
class Cast:
    """What the journeys are made of, found in the season: numbers of matches and events, free pairs of seats, tickets
    with codes, phones."""

    match: int
    live: int
    large: int
    small: int
    pairs: list
    link: str
    tickets: list = field(default_factory=list)  # (phone's event, ticket, code, gate)
    phones: dict = field(default_factory=dict)  # event → tokens


def find_cast(season, doors=True):
    """The Cast; with `doors` those of the two fullest events are opened, because nobody is let in a week before, and
    the tables of the bare scan are made."""
    engine = create_engine(season.url)
    with engine.begin() as c:
        c.execute(text("set local session_replication_role = replica"))
        one = lambda sql, **v: c.execute(text(sql), v).scalar()  # noqa: E731
        on_sale = """select e.id from event e join layout l on l.id = e.layout_id
          where app.sale_state(e.state, e.starts_at, e.sale_starts_at, e.sale_ends_at) = 'on_sale'
            and l.seat_count = :n and (select count(*) from seat_claim k where k.event_id = e.id) < :n / 2
          order by e.starts_at limit 1"""
        large, small = one(on_sale, n=100_000), one(on_sale, n=5000)
        settings = season.settings
        app = Flask("bench")
        app.config["SETTINGS"] = settings
        with app.app_context():
            link = link_token(
                one("select booking_id from ticket where event_id = :e order by booking_id limit 1", e=large)
            )
        cast = Cast(
            match=one("select min(match_id) from event_match where event_id = :e", e=large),
            live=one("select match_id from match_replay order by 1 limit 1"),
            large=large,
            small=small,
            pairs=_free_pairs(c, large),
            link=link,
        )
        if doors:
            _open_doors(c, settings, cast)
    engine.dispose()
    return cast


def _free_pairs(c, event):
    """Pairs of neighbours that leave no single seat behind, whoever takes them in whatever order."""
    rows = c.execute(
        text(
            """select s.row_id, array_agg(s.id order by s.position), array_agg(s.position order by s.position)
                 from event e join seat s on s.layout_id = e.layout_id
                where e.id = :e and s.kind = 'standard'
                  and not exists (select from seat_claim k join seat o on o.id = k.seat_id
                                   where k.event_id = e.id and o.row_id = s.row_id)
                group by s.row_id order by md5(s.row_id::text)"""
        ),
        {"e": event},
    ).all()
    return [
        (ids[n], ids[n + 1])
        for _, ids, at in rows
        if at[-1] - at[0] == len(at) - 1
        for n in range(0, len(ids) - 1 - 2 * (len(ids) % 2), 2)
    ]


def _open_doors(c, settings, cast):
    events = c.execute(
        text("select event_id from ticket where status = 'valid' group by 1 order by count(*) desc, 1 limit 2")
    ).scalars()
    now = int(time.time())
    for event in events.all():
        c.execute(
            text(
                "update event set starts_at = now() + interval '1 hour', gates_open_at = now() - interval '1 hour', "
                "ends_at = now() + interval '6 hours', sale_ends_at = now() + interval '1 hour' where id = :e"
            ),
            {"e": event},
        )
        key = c.execute(
            text(
                "select id, public_key, private_key_wrapped from signing_key where event_id = :e and retired_at is null"
            ),
            {"e": event},
        ).one()
        private = qr_codes.unwrap(settings.qr_master_key, bytes(key.public_key), bytes(key.private_key_wrapped))
        rows = c.execute(
            text(
                """select t.id, t.seq, b.gate_id, g.zone from ticket t join seat s on s.id = t.seat_id
                     join seat_row r on r.id = s.row_id join bay b on b.id = r.bay_id join gate g on g.id = b.gate_id
                    where t.event_id = :e and t.status = 'valid' order by md5(t.id::text)"""
            ),
            {"e": event},
        ).all()
        coded = []
        for row in rows:
            code = qr_codes.Code(key.id, event, row.id, row.seq, row.zone, now - 7200, now + 36000)
            coded.append((event, str(row.id), qr_codes.sign(code, private), row.gate_id))
        c.execute(
            text("update qr_code set code = :code where ticket_id = :t and revoked_at is null"),
            [{"code": code, "t": ticket} for _, ticket, code, _ in coded],
        )
        cast.tickets += coded
        cast.phones[event] = [_pair_phone(c, event, n) for n in range(8)]
    cast.tickets.sort(key=lambda ticket: ticket[2][-20:])
    c.execute(text("create table ref_ticket as select id, null::timestamptz as used_at from ticket"))
    c.execute(text("alter table ref_ticket add primary key (id)"))
    c.execute(
        text(
            "create table ref_scan (id bigint generated always as identity primary key, ticket_id uuid not null, "
            "at timestamptz not null default now(), let_in boolean not null)"
        )
    )
    c.execute(text("create index on ref_scan (ticket_id)"))


def _pair_phone(c, event, number):
    token = f"bench-phone-{event}-{number}-{'x' * 30}"
    c.execute(
        text(
            """insert into gate_device (stadium_id, event_id, name, gates, token_hash, paired_at, expires_at)
               select e.stadium_id, e.id, 'Bench', array(select id from gate g where g.stadium_id = e.stadium_id),
                      sha256(:t), now(), now() + interval '12 hours' from event e where e.id = :e"""
        ),
        {"e": event, "t": token.encode()},
    )
    return token
