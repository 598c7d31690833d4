"""What must always be true of the sale, and how it is looked at: each promise is SQL over all rows, in tests and in
production.

The numbers are those of the house's list. Every query gives (thing, problem) for each row that breaks the promise.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

SHOWN = 20  # violations listed for each promise; all of them are counted


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise: `rows` counts what is looked at, `broken` finds (thing, problem), `note` says something worth knowing,
    or nothing.
    """

    number: int
    sentence: str
    rows: str
    broken: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What was seen: rows looked at, how many break the promise, and the first of them as (thing, problem)."""

    number: int
    sentence: str
    looked_at: int
    count: int
    violations: list[tuple[str, str]]
    note: str = ""


ONE_LIVE_TICKET = Invariant(
    1,
    "At most one live ticket for each event and seat.",
    "select count(*) from ticket where status <> 'void'",
    """select format('event %s, seat %s', event_id, seat_id) as thing, count(*) || ' live tickets' as problem
         from ticket where status <> 'void' group by event_id, seat_id having count(*) > 1""",
)

SOLD_IS_TICKETED = Invariant(
    2,
    "A sold claim has its live ticket or pass, and the other way round.",
    "select (select count(*) from seat_claim where state = 'sold') + (select count(*) from parking_claim "
    "where state = 'sold')",
    """select format('event %s, seat %s', coalesce(c.event_id, t.event_id), coalesce(c.seat_id, t.seat_id)) as thing,
              case when t.booking_id is null then format('sold to booking %s, which has no live ticket', c.booking_id)
                   else format('live ticket of booking %s without its sold claim', t.booking_id) end as problem
         from (select event_id, seat_id, booking_id from seat_claim where state = 'sold') c
         full join (select event_id, seat_id, booking_id from ticket where status <> 'void') t
           on (t.event_id, t.seat_id, t.booking_id) = (c.event_id, c.seat_id, c.booking_id)
        where c.booking_id is null or t.booking_id is null
       union all
       select format('parking claim %s', coalesce(c.id, p.parking_claim_id)),
              case when p.booking_id is null then format('sold to booking %s, which has no live pass', c.booking_id)
                   else format('live pass of booking %s without its sold claim', p.booking_id) end
         from (select id, booking_id, car_park_id, bay_kind, starts_at, ends_at from parking_claim
                where state = 'sold') c
         full join (select l.parking_claim_id, x.booking_id, x.car_park_id, x.bay_kind, x.starts_at, x.ends_at
                      from parking_pass x join booking_line l on l.id = x.line_id where x.status <> 'void') p
           on (p.parking_claim_id, p.booking_id, p.car_park_id, p.bay_kind, p.starts_at, p.ends_at)
            = (c.id, c.booking_id, c.car_park_id, c.bay_kind, c.starts_at, c.ends_at)
        where c.id is null or p.booking_id is null""",
)

PAID_IS_SETTLED = Invariant(
    3,
    "A paid booking has one settled payment and all its tickets and passes; an unpaid one has none.",
    "select count(*) from booking where state in ('paid', 'refunded')",
    """with settled as (select booking_id, count(*) as n, sum(captured) as captured, bool_or(kind = 'none') as is_free
                          from payment_transaction p where state = 'succeeded'
                           and not exists (select from refund x where x.payment_id = p.id and x.reason = 'paid_twice')
                         group by booking_id),
            rights as (select booking_id, line_id, 'seat' as kind, status from ticket
                       union all select booking_id, line_id, 'parking', status from parking_pass),
            closed as (select b.id, b.state, b.total, s.n, s.captured, s.is_free
                         from booking b left join settled s on s.booking_id = b.id
                        where b.state in ('paid', 'refunded'))
       select format('booking %s', id) as thing,
              case when n is null then state || ' without a settled payment'
                   when is_free <> (total = 0) then
                     format('a total of %s was settled as %s', total, case when is_free then 'free' else 'money' end)
                   else format('captured %s of %s', captured, total) end as problem
         from closed where n is null or is_free <> (total = 0) or captured <> total
       union all
       select format('booking %s', b.id), b.state || ' and holds ' || count(*) || ' live tickets or passes'
         from booking b join rights r on r.booking_id = b.id
        where b.state not in ('paid', 'refunded') and r.status <> 'void' group by b.id, b.state
       union all
       select format('booking %s', b.id), b.state || ' although a payment succeeded'
         from booking b join settled s on s.booking_id = b.id where b.state not in ('paid', 'refunded', 'lost')
       union all
       select format('booking %s, line %s', b.id, l.id),
              case when r.line_id is null then 'no ticket or pass'
                   when r.booking_id <> b.id or r.kind <> l.kind then 'the ticket or pass of another booking or kind'
                   when x.line_id is null then 'void without a refund' else 'refunded and still good' end
         from booking b join booking_line l on l.booking_id = b.id
         left join rights r on r.line_id = l.id left join refund_line x on x.line_id = l.id
        where b.state in ('paid', 'refunded')
          and (r.line_id is null or r.booking_id <> b.id or r.kind <> l.kind
               or (r.status = 'void') <> (x.line_id is not null))
       union all
       select format('booking %s', b.id),
              case b.state when 'paid' then 'paid, and no line of it is left'
                   else 'refunded, and some lines of it are not' end
         from booking b
        where b.state in ('paid', 'refunded')
          and (b.state = 'paid') <> exists (select from booking_line l where l.booking_id = b.id
                                             and not exists (select from refund_line x where x.line_id = l.id))""",
)

TOTALS_AGREE = Invariant(
    4,
    "A booking's total is the sum of its lines and what its payment asks for, in its ground's currency.",
    "select count(*) from booking",
    """select format('booking %s', b.id) as thing,
              format('%s + %s, tax %s, total %s; its lines make %s + %s, tax %s, total %s',
                     b.face, b.fee, b.tax, b.total, l.face, l.fee, l.tax, l.total) as problem
         from booking b
         left join lateral (select coalesce(sum(face), 0) as face, coalesce(sum(fee), 0) as fee,
                                   coalesce(sum(tax), 0) as tax,
                                   coalesce(sum(total), 0) as total from booking_line where booking_id = b.id) l on true
        where (b.face, b.fee, b.tax, b.total) <> (l.face, l.fee, l.tax, l.total)
       union all
       select format('payment %s', p.id),
              format('asks for %s %s, its booking for %s %s', p.amount, p.currency, b.total, b.currency)
         from payment_transaction p join booking b on b.id = p.booking_id
        where p.state not in ('failed', 'canceled') and (p.amount, p.currency) <> (b.total, b.currency)
          and not exists (select from refund x
                           where x.payment_id = p.id and x.reason in ('paid_twice', 'amount_mismatch'))
       union all
       select format('booking %s', b.id), format('in %s, its ground sells in %s', b.currency, s.currency)
         from booking b join stadium s on s.id = b.stadium_id
        where b.currency <> s.currency and b.state in ('held', 'paying')""",
)

REFUNDS_WITHIN_CAPTURED = Invariant(
    5,
    "No more goes back than came in, for a payment and for a line.",
    "select (select count(*) from payment_transaction where captured > 0) + (select count(*) from refund)",
    """select format('payment %s', p.id) as thing,
              format('refunds of %s, captured %s', sum(r.amount), p.captured) as problem
         from payment_transaction p join refund r on r.payment_id = p.id
        where r.state <> 'failed' group by p.id, p.captured having sum(r.amount) > p.captured
       union all
       select format('refund %s', r.id), 'its payment is of another booking, or in another currency'
         from refund r join payment_transaction p on p.id = r.payment_id
        where p.booking_id <> r.booking_id or p.currency <> r.currency
       union all
       select format('refund %s', r.id), format('%s, its lines make %s', r.amount, sum(x.amount))
         from refund r join refund_line x on x.refund_id = r.id group by r.id, r.amount having sum(x.amount) <> r.amount
       union all
       select format('line %s', l.id), format('%s back of %s', x.amount, l.total)
         from refund_line x join refund r on r.id = x.refund_id join booking_line l on l.id = x.line_id
        where x.amount > l.total or l.booking_id <> r.booking_id""",
)

HOLDS_END = Invariant(
    6,
    "No hold refuses a buyer beyond its limit or begins anew without a rest, and no claim is being paid more than five "
    "minutes past its deadline.",
    "select (select count(*) from seat_claim where booking_id is not null) + (select count(*) from parking_claim)",
    """with claims as (select format('event %s, seat %s', event_id, seat_id) as thing, booking_id, state, expires_at
                         from seat_claim
                       union all select format('parking claim %s', id), booking_id, state, expires_at
                                   from parking_claim)
       select c.thing,
              format('held until %s by booking %s, which may hold until %s',
                     c.expires_at, b.id, b.held_at + app.longest_hold()) as problem
         from claims c join booking b on b.id = c.booking_id
        where c.state in ('held', 'paying')
          and c.expires_at > b.held_at + app.longest_hold()
                             + case c.state when 'paying' then app.payment_grace() else interval '0' end
       union all
       select format('booking %s', b.id), format('held since %s, after booking %s since %s', b.held_at, o.id, o.held_at)
         from booking b join booking o on o.customer_id = b.customer_id and o.event_id = b.event_id and o.id < b.id
        where b.state = 'held' and not app.is_over(b.expires_at, statement_timestamp())
          and o.state in ('released', 'expired') and b.held_at > o.held_at
          and app.clock_until(o.state, o.closed_at, o.expires_at) > b.created_at
          -- Whoever signs in brings along what ended in another browser.
          and not exists (select from customer v where v.adopted_by = b.customer_id)
       union all
       select c.thing, format('%s by booking %s, which is %s', c.state, b.id, b.state)
         from claims c join booking b on b.id = c.booking_id
        where c.state in ('held', 'paying') and b.state <> c.state
          and not app.is_over(c.expires_at, statement_timestamp())
       union all
       select c.thing,
              format('being paid by booking %s, %s past its deadline',
                     c.booking_id, date_trunc('second', statement_timestamp() - c.expires_at))
         from claims c join booking b on b.id = c.booking_id
        where c.state = 'paying' and c.expires_at < statement_timestamp() - interval '5 minutes'""",
    """with claims as (select state, expires_at from seat_claim union all select state, expires_at from parking_claim)
       select concat_ws(', ', nullif(count(*) filter (where state = 'held'), 0) || ' held claims wait for the sweeper',
                              nullif(count(*) filter (where state = 'paying'), 0) || ' being paid past their deadline')
         from claims where app.is_over(expires_at, statement_timestamp())""",
)

MONEY_HAS_ITS_ANSWER = Invariant(
    7,
    "A succeeded payment has its tickets or a refund of all of it within five minutes.",
    "select count(*) from payment_transaction where state = 'succeeded'",
    """select format('payment %s', p.id) as thing,
              format('%s %s since %s for booking %s, which is %s',
                     p.captured, p.currency, date_trunc('second', p.settled_at), b.id, b.state) as problem
         from payment_transaction p join booking b on b.id = p.booking_id
        where p.state = 'succeeded' and p.captured > 0 and p.settled_at < statement_timestamp() - interval '5 minutes'
          and p.captured > (select coalesce(sum(r.amount), 0) from refund r
                             where r.payment_id = p.id and r.state <> 'failed')
          and not (b.state in ('paid', 'refunded')
                   and (exists (select from ticket t where t.booking_id = b.id)
                        or exists (select from parking_pass s where s.booking_id = b.id)))""",
)

ONE_ADMISSION = Invariant(
    8,
    "A right goes in once, and again only after it went out; its admissions are what its scans say.",
    "select (select count(*) from admission) + (select count(*) from scan where let_in)",
    """select format('%s, entry %s', a.right_id, a.entry_no) as thing,
              case when b.right_id is null then 'there is no entry before it'
                   when b.left_at is null then 'the entry before it never went out'
                   else 'it begins before the entry before it went out' end as problem
         from admission a left join admission b on b.right_id = a.right_id and b.entry_no = a.entry_no - 1
        where a.entry_no > 1 and (b.right_id is null or b.left_at is null or b.left_at > a.at)
       union all
       select format('%s', right_id), count(*) || ' open admissions' from admission
        where left_at is null group by right_id having count(*) > 1
       union all
       select format('scan %s', s.id),
              case when a.scan_id is null then 'let somebody in, and is neither an admission nor an alarm'
                                            else 'is an admission and let nobody in' end
         from scan s left join admission a on a.scan_id = s.id
        where s.right_id is not null
          and (s.let_in and a.scan_id is null
               and not exists (select from gate_alarm m where m.scan_id = s.id)
               and not exists (select from scan u where u.of_scan = s.id and u.kind = 'undo')
               or a.scan_id is not null and not s.let_in)""",
    "select nullif(count(*), 0) || ' doubles, told to their gates' from gate_alarm where kind = 'double'",
)

NOBODY_ON_A_VOID_TICKET = Invariant(
    9,
    "Nobody enters on a ticket or pass that was void before, unless a phone without a network could not know: then it "
    "is an alarm.",
    "select count(*) from scan where let_in and right_id is not null",
    """select format('scan %s', s.id) as thing,
              format('let in at %s on a ticket void since %s', s.at, r.void_at) as problem
         from scan s join (select id, void_at from ticket where void_at is not null
                           union all select id, void_at from parking_pass where void_at is not null) r
            on r.id = s.right_id
        where s.let_in and r.void_at < s.at
          and not exists (select from gate_alarm m where m.scan_id = s.id and m.kind = 'void')""",
    "select nullif(count(*), 0) || ' entered on a void ticket, told to the supervisor' from gate_alarm "
    "where kind = 'void'",
)

PARKING_WITHIN_CAPACITY = Invariant(
    10,
    "At no moment more bays are claimed, or more passes good, than a car park has of that kind.",
    "select (select count(*) from parking_claim) + (select count(*) from parking_pass)",
    """with taken as (
         select 'claims' as what, car_park_id, bay_kind, starts_at, ends_at from parking_claim
          where not app.has_lapsed(state, expires_at, statement_timestamp())
         union all
         select 'passes', car_park_id, bay_kind, starts_at, ends_at from parking_pass where status <> 'void'),
       edges as (select what, car_park_id, bay_kind, starts_at as at, 1 as step from taken
                 union all select what, car_park_id, bay_kind, ends_at, -1 from taken),
       counted as (select what, car_park_id, bay_kind, at,
                          sum(step) over (partition by what, car_park_id, bay_kind order by at,
                                          step rows unbounded preceding) as n
                     from edges)
       select format('car park %s, %s bays', c.car_park_id, c.bay_kind) as thing,
              format('%s %s at once, room for %s', max(c.n), c.what, k.capacity) as problem
         from counted c join car_park_bays k on k.car_park_id = c.car_park_id and k.kind = c.bay_kind
        group by c.what, c.car_park_id, c.bay_kind, k.capacity having max(c.n) > k.capacity""",
)

OUTBOX_MOVES = Invariant(
    11,
    "No mail waits unseen in the outbox for more than ten minutes.",
    "select count(*) from notification",
    """select format('notification %s', id) as thing,
              format('%s, due since %s', template, date_trunc('second', due_at)) as problem
         from notification
        where state = 'queued' and due_at < statement_timestamp() - interval '10 minutes'
          and coalesce(leased_until, due_at) < statement_timestamp() - interval '10 minutes'""",
    "select nullif(count(*), 0) || ' given up after a day' from notification where state = 'dead'",
)

# A row cut off the end of a stream leaves no gap here: that needs the newest hash kept elsewhere.
AUDIT_CHAIN_UNBROKEN = Invariant(
    12,
    "The audit trail is one unbroken chain in each stream.",
    "select count(*) from system_log where seq is not null",
    """select format('stream %s, row %s', stream, seq) as thing,
              case when seq <> n then format('number %s is missing before it', n)
                   when prev_hash is distinct from coalesce(before, '\\x') then 'it does not follow the row before it'
                   else 'its content is not what was sealed' end as problem
         from (select l.stream, l.seq, l.prev_hash, l.hash, row_number() over w as n, lag(l.hash) over w as before,
                      app.log_hash(l.seq, lag(l.hash) over w, l) as computed
                 from system_log l where l.seq is not null window w as (partition by l.stream order by l.seq)) chain
        where seq <> n or prev_hash is distinct from coalesce(before, '\\x') or hash is distinct from computed""",
    "select nullif(count(*), 0) || ' rows not sealed yet' from system_log where seq is null",
)

ROW_SECURITY_FORCED = Invariant(
    13,
    "Every table has row security, enabled and forced.",
    """select count(*) from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'alembic_version'""",
    """select relname::text as thing,
              case when relrowsecurity then 'enabled, not forced' else 'not enabled' end as problem
         from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
          and relname <> 'alembic_version'
          and not (relrowsecurity and relforcerowsecurity)""",
)

NOBODY_HAS_TOO_MUCH = Invariant(
    14,
    "Nobody holds or has bought more seats of an event than its limit, or more bays at one time; more was given back.",
    "select (select count(*) from seat_claim where booking_id is not null) + (select count(*) from parking_claim)",
    """with seats as (select b.event_id, b.customer_id, b.email_key, c.state, e.buyer_limit
                        from seat_claim c join booking b on b.id = c.booking_id join event e on e.id = b.event_id
                       where c.state = 'sold'
                          or c.state = 'held' and not app.is_over(c.expires_at, statement_timestamp()))
       select format('customer %s, event %s', customer_id, event_id) as thing,
              format('%s seats %s, %s allowed', count(*), state, buyer_limit) as problem
         from seats group by customer_id, event_id, state, buyer_limit having count(*) > buyer_limit
       union all
       select format('an e-mail of customer %s, event %s', min(customer_id), event_id),
              format('%s seats sold, %s allowed', count(*), buyer_limit)
         from seats where state = 'sold' and email_key is not null
        group by email_key, event_id, buyer_limit having count(*) > buyer_limit
       union all
       select format('customer %s, parking claim %s', b.customer_id, c.id), format('%s bays at once', count(*))
         from parking_claim c join booking b on b.id = c.booking_id
         join booking o on o.customer_id = b.customer_id and o.stadium_id = b.stadium_id
         join parking_claim d on d.booking_id = o.id and d.starts_at <= c.starts_at and d.ends_at > c.starts_at
        where c.state = 'sold' and d.state = 'sold' group by b.customer_id, c.id having count(*) > app.bay_limit()""",
)

# Without a queue of its own "in order" is: of two with the same wish, the one who joined first is asked first.
WAITING_IN_ORDER = Invariant(
    15,
    "Whoever is offered seats has them held; nobody in line is passed over; a seat is kept only where people wait.",
    "select (select count(*) from waiting_entry) + (select count(*) from event)",
    """select format('entry %s', w.seq) as thing, format('%s, with %s open offers', w.state, count(o.id)) as problem
         from waiting_entry w left join waiting_offer o on o.entry_id = w.id and o.state = 'open'
        group by w.id having (w.state = 'offered') <> (count(o.id) = 1)
       union all
       select format('offer %s', o.id), format('seat %s is not held for it', x.seat)
         from waiting_offer o cross join lateral unnest(o.seats) as x (seat)
        where o.state = 'open' and not app.is_over(o.ends_at, statement_timestamp())
          and not exists (select from seat_claim c
                           where c.seat_id = x.seat and c.booking_id = o.booking_id and c.state = 'held')
       union all
       select format('entry %s', a.seq), format('passed over by entry %s at %s', b.seq, o.offered_at)
         from waiting_entry a
         join waiting_entry b on b.event_id = a.event_id and b.kind = a.kind and b.seq > a.seq
          and (b.seats, b.together, b.band, b.most) is not distinct from (a.seats, a.together, a.band, a.most)
         join waiting_offer o on o.entry_id = b.id and o.offered_at > a.created_at
        where a.kind = 'seats' and a.state = 'waiting'
          and not exists (select from waiting_offer n where n.entry_id = a.id)
       union all
       select format('event %s', e.id), count(*) || ' seats kept, and nobody waits'
         from seat_claim c join event e on e.id = c.event_id
        where c.state = 'kept' and e.listed_at is null group by e.id""",
    "select nullif(count(*), 0) || ' seats kept for the next round' from seat_claim where state = 'kept'",
)

INVARIANTS = (
    ONE_LIVE_TICKET,
    SOLD_IS_TICKETED,
    PAID_IS_SETTLED,
    TOTALS_AGREE,
    REFUNDS_WITHIN_CAPTURED,
    HOLDS_END,
    MONEY_HAS_ITS_ANSWER,
    ONE_ADMISSION,
    NOBODY_ON_A_VOID_TICKET,
    PARKING_WITHIN_CAPACITY,
    OUTBOX_MOVES,
    AUDIT_CHAIN_UNBROKEN,
    ROW_SECURITY_FORCED,
    NOBODY_HAS_TOO_MUCH,
    WAITING_IN_ORDER,
)


def check(connection: Connection) -> list[Result]:
    """Look at everything in one snapshot. `connection` is the migrating login's, with no transaction open. Returns a
    list of Result.

    Row security is off, so that a policy which would hide rows is an error and never a comforting zero.
    """
    connection.execute(text("set transaction isolation level repeatable read, read only"))
    connection.execute(text("set local row_security = off"))
    return [look(connection, invariant) for invariant in INVARIANTS]


def look(connection: Connection, invariant: Invariant) -> Result:
    """One promise, in the transaction as it is."""
    looked_at = connection.exec_driver_sql(_plain(invariant.rows)).scalar_one()
    broken = connection.exec_driver_sql(
        _plain(
            f"select thing, problem, count(*) over () as count from ({invariant.broken}) x order by thing limit {SHOWN}"
        )
    ).all()
    note = connection.exec_driver_sql(_plain(invariant.note)).scalar_one() if invariant.note else ""
    return Result(
        invariant.number,
        invariant.sentence,
        looked_at,
        broken[0][2] if broken else 0,
        [(row.thing, row.problem) for row in broken],
        note or "",
    )


def _plain(sql: str) -> str:
    # format() needs %s, which the driver would take for a parameter.
    return sql.replace("%", "%%")
