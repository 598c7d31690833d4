"""What SQL cannot make of the demo's bookings: the links their buyers get, and the signed codes for coming matches."""

from psycopg2.extras import execute_values
from sqlalchemy import NullPool, create_engine, text

import qr_codes
from database import transaction
from demo import DOMAIN
from tickets.codes import signing_key
from tickets.links import link_hash, link_token

OURS = f"(select id from stadium where contact_email like '%@{DOMAIN}')"

# What app.codes_wanted() says of one booking, for all of an event at once: asked one by one, ten thousand bookings take
# half a minute.
WANTED = """
select t.booking_id, 'ticket' as kind, t.id, t.seq, g.zone,
       extract(epoch from e.gates_open_at - interval '2 hours')::bigint as not_before,
       extract(epoch from e.ends_at + interval '6 hours')::bigint as expires
  from ticket t join event e on e.id = t.event_id join seat s on s.id = t.seat_id join seat_row r on r.id = s.row_id
  join bay b on b.id = r.bay_id join gate g on g.id = b.gate_id
 where t.event_id = :event and t.status <> 'void'
   and not exists (select from qr_code q where q.ticket_id = t.id and q.seq = t.seq)
union all
select p.booking_id, 'pass', p.id, p.seq, c.zone,
       extract(epoch from p.starts_at - interval '2 hours')::bigint,
       extract(epoch from p.ends_at + interval '6 hours')::bigint
  from parking_pass p join car_park c on c.id = p.car_park_id join booking k on k.id = p.booking_id
 where k.event_id = :event and p.status <> 'void'
   and not exists (select from qr_code q where q.pass_id = p.id and q.seq = p.seq)"""


def sign(migrating_url):
    """Inside an application context: add what is missing, as the migrating login.

    Returns how many codes were made; a repeat makes none.
    """
    engine = create_engine(migrating_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("set local row_security = off"))
        _link(connection)
        events = connection.execute(
            text(f"""select e.id, e.stadium_id from event e where e.stadium_id in {OURS} and e.ends_at > now()
                        and exists (select from ticket t where t.event_id = e.id) order by e.starts_at""")
        ).all()
    made = 0
    for event_id, stadium_id in events:
        with transaction(worker=True):
            key_id, private = signing_key(stadium_id, event_id)
        with engine.begin() as connection:
            connection.execute(text("set local row_security = off"))
            unsigned = connection.execute(text(WANTED), {"event": event_id}).all()
            _insert(
                connection,
                "insert into qr_code (booking_id, ticket_id, pass_id, key_id, seq, code) values %s "
                "on conflict do nothing",
                [_coded(row, event_id, key_id, private) for row in unsigned],
            )
        made += len(unsigned)
    return made


def _link(connection):
    bookings = connection.execute(
        text(f"select id from booking where stadium_id in {OURS} and paid_at is not null and link_hash is null")
    )
    _insert(
        connection,
        "update booking b set link_hash = x.hash from (values %s) x (id, hash) where b.id = x.id",
        [(booking, link_hash(link_token(booking))) for booking in bookings.scalars()],
    )


def _coded(row, event_id, key_id, private):
    code = qr_codes.sign(
        qr_codes.Code(key_id, event_id, row.id, row.seq, row.zone, row.not_before, row.expires, row.kind), private
    )
    ticket, parking = (str(row.id), None) if row.kind == "ticket" else (None, str(row.id))
    return row.booking_id, ticket, parking, key_id, row.seq, code


def _insert(connection, statement, values):
    if values:
        with connection.connection.cursor() as cursor:
            execute_values(cursor, statement, values, page_size=1000, template=_template(values[0]))


def _template(row):
    # An all-null column of VALUES would be text; UUIDs say what they are.
    return "(%s, %s::uuid, %s::uuid, %s, %s, %s)" if len(row) == 6 else None
