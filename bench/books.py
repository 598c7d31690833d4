"""Two books of the same money: the sandbox's ledger, which only knows what really happened, and our rows."""

import collections
from dataclasses import dataclass, field

from sqlalchemy import create_engine, text

from booking import invariants


@dataclass
class Verdict:
    """What comparing the books gave.

    Each list holds what is wrong, in words; `bank_refused` are refunds that a bank sent back to us.
    """

    captured: int = 0
    fulfilled: int = 0
    cancelled: int = 0
    given_back: int = 0
    bank_refused: int = 0
    ticketless: list = field(default_factory=list)
    unpaid_tickets: list = field(default_factory=list)
    double_charges: list = field(default_factory=list)
    double_refunds: list = field(default_factory=list)
    open_refunds: list = field(default_factory=list)
    invariants: list = field(default_factory=list)
    counts: collections.Counter = field(default_factory=collections.Counter)
    fired: dict = field(default_factory=dict)
    kills: int = 0
    seconds: float = 0.0

    @property
    def losses(self):
        return sum(
            map(
                len, (self.ticketless, self.unpaid_tickets, self.double_charges, self.double_refunds, self.open_refunds)
            )
        )

    @property
    def is_clean(self):
        return not self.losses and not any(r.count for r in self.invariants)


PAYMENTS = """
    select p.intent_id, p.state, p.captured, b.state as booking, b.reference, e.state as event,
           b.state = 'lost' or exists (select from refund r
                                        where r.payment_id = p.id and r.reason = 'paid_twice') as sent_back,
           (select count(*) from booking_line l where l.booking_id = b.id) as lines,
           (select count(*) from ticket t where t.booking_id = b.id) as tickets,
           (select count(*) from qr_code q where q.booking_id = b.id) as codes
      from payment_transaction p join booking b on b.id = p.booking_id join event e on e.id = b.event_id
     where e.id = any (:e) and p.intent_id is not null"""
REFUNDS = """
    select p.intent_id, r.amount, r.state, r.stripe_refund_id
      from refund r join payment_transaction p on p.id = r.payment_id join booking b on b.id = r.booking_id
     where b.event_id = any (:e)"""
PAID = "select reference from booking where event_id = any (:e) and state in ('paid', 'refunded')"


def judge(url, sandbox, events):
    """Compare every minor unit of the sandbox's ledger with our rows of these events: a Verdict."""
    verdict = Verdict()
    engine = create_engine(url)
    with engine.connect() as c:
        verdict.invariants = invariants.check(c)
        c.rollback()
        c.execute(text("set local row_security = off"))
        payments = {p.intent_id: p for p in c.execute(text(PAYMENTS), {"e": events})}
        refunds = collections.defaultdict(list)
        for refund in c.execute(text(REFUNDS), {"e": events}):
            refunds[refund.intent_id].append(refund)
        paid = set(c.execute(text(PAID), {"e": events}).scalars())
    engine.dispose()

    sums = {kind: collections.Counter() for kind in ("captured", "refunded", "refund_failed")}
    booking_of = {}
    for entry in sandbox.ledger():
        if entry["kind"] in sums:
            sums[entry["kind"]][entry["intent"]] += entry["amount"]
            booking_of[entry["intent"]] = entry["metadata"]["booking"]
    standing = collections.defaultdict(list)
    for intent, amount in sums["captured"].items():
        verdict.captured += 1
        compare_refunds(
            verdict, intent, amount, sums["refunded"][intent], sums["refund_failed"][intent], refunds[intent]
        )
        if compare_payment(verdict, intent, amount, booking_of[intent], payments.get(intent), refunds[intent]):
            standing[booking_of[intent]].append(intent)
    verdict.double_charges = [f"booking {b}: {', '.join(x)}" for b, x in standing.items() if len(x) > 1]
    verdict.unpaid_tickets = [f"booking {b} has tickets and no money" for b in sorted(paid - set(standing))]
    return verdict


def compare_refunds(verdict, intent, amount, back, bounced, rows):
    """Each refund of ours is one at Stripe, and what went out is no more than what came in."""
    known = [r for r in rows if r.stripe_refund_id]
    asked, failed = sum(r.amount for r in known), sum(r.amount for r in known if r.state == "failed")
    if back > asked or back - bounced > amount:
        verdict.double_refunds.append(f"{intent}: {amount} captured, {back} went back of {asked} that we asked for")
    # A refund that fails while it is pending never touches the ledger, so what counts is what stayed away.
    elif any(r.state in ("requested", "pending") for r in rows) or back - bounced != asked - failed:
        verdict.open_refunds.append(
            f"{intent}: {back} back, {bounced} refused by the bank; our rows say {asked} and {failed}"
        )


def compare_payment(verdict, intent, amount, reference, ours, refunds):
    """True when this money stands for tickets; otherwise it went back as a whole, or is noted as ticketless."""
    if ours is None or (ours.state, ours.captured, ours.reference) != ("succeeded", amount, reference):
        verdict.ticketless.append(
            f"{intent}: {amount} captured for booking {reference}; our row says {ours and ours.state}"
        )
        return False
    verdict.bank_refused += any(r.state == "failed" for r in refunds)
    if ours.sent_back:
        verdict.given_back += 1
        if sum(r.amount for r in refunds) != amount:
            verdict.ticketless.append(
                f"{intent}: {amount} captured for booking {reference}, and not all of it asked to go back"
            )
        return False
    if ours.event == "cancelled" and sum(r.amount for r in refunds) != amount:
        verdict.ticketless.append(
            f"{intent}: the match of booking {reference} is cancelled, and not all of the {amount} asked to go back"
        )
    elif ours.booking in ("paid", "refunded") and ours.tickets == ours.lines and ours.codes >= ours.tickets:
        verdict.fulfilled += 1
        verdict.cancelled += ours.event == "cancelled"
    else:
        verdict.ticketless.append(
            f"{intent}: booking {reference} is {ours.booking}, {ours.tickets} tickets for {ours.lines} lines"
        )
    return True
