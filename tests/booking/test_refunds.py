"""What a fan gets back: said once in words, decided once in SQL, at every edge."""

import pytest

from booking import refunds
from extensions import db
from models import Booking, Event
from refusals import Refused
from tests.booking.test_payments import paid_booking
from tests.support.acting import acting_as

CANCELLED = " If the match is cancelled, you get everything back."
NEVER = "These tickets cannot be given back, unless the match is cancelled."


def policy(hours, share=10000, keeps=True):
    return {"until_hours": hours, "share_bp": share, "keeps_fees": keeps}


@pytest.mark.parametrize(
    ("frozen", "said"),
    [
        (policy(48, 8000), "Until 2 days before the start you get 80 % of the price back. Booking fees are kept."),
        (
            policy(24, keeps=False),
            "Until 24 hours before the start you get the full price back. Booking fees come back, too.",
        ),
        (policy(36, 9950), "Until 36 hours before the start you get 99.5 % of the price back. Booking fees are kept."),
        (policy(1), "Until 1 hour before the start you get the full price back. Booking fees are kept."),
        (policy(0), "Until the start you get the full price back. Booking fees are kept."),
        (policy(0, 0, keeps=False), "Until the start you get the booking fees back, and nothing of the price."),
    ],
)
def test_a_policy_in_words(frozen, said):
    assert refunds.in_words(frozen) == said + CANCELLED


@pytest.mark.parametrize("frozen", [policy(48, 0), policy(None), None])
def test_what_gives_nothing_back_is_said_to_give_nothing(frozen):
    assert refunds.in_words(frozen) == NEVER


def test_the_policy_of_parking_alone_in_words():
    assert (
        refunds.in_words(policy(24), is_parking=True) == "Until 24 hours before the start you get the full price back."
    )
    assert refunds.in_words(None, is_parking=True) == "Parking cannot be given back."


@pytest.mark.parametrize(
    ("change", "until", "amount", "code"),
    [
        ("", "24 hours", 4800, None),
        ("until_hours = null", None, None, "REFUND_NEVER"),
        ("share_bp = 0", "24 hours", None, "REFUND_NEVER"),
        ("share_bp = 0, keeps_fees = false", "24 hours", 490, None),
        ("keeps_fees = false", "24 hours", 5290, None),
        ("share_bp = 5000", "24 hours", 2400, None),
        ("until_hours = 0", "0 hours", 4800, None),
        ("until_hours = 0, over", "0 hours", None, "REFUND_TOO_LATE"),
        ("until_hours = 500", "500 hours", None, "REFUND_TOO_LATE"),
        ("cancelled", "24 hours", None, "EVENT_CANCELLED"),
    ],
)
def test_what_is_offered_is_what_is_given(app, as_asha, ground, cast, rows, sandbox, change, until, amount, code):
    """At the policy's edges, and when the match is over or cancelled: the page, the sentence and the refund agree."""
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    line = rows.value("select id from booking_line")
    for part in change.split(", "):
        if part == "over":
            rows(
                """update event set gates_open_at = now() - interval '3 hours', starts_at = now() - interval '2 hours',
                                   ends_at = now() - interval '1 hour'"""
            )
        elif part == "cancelled":
            rows("update event set state = 'cancelled', cancelled_at = now()")
        elif part:
            name, value = part.split(" = ")
            rows("update booking set policy = policy || cast(:p as jsonb)", p=f'{{"{name}": {value}}}')
    with acting_as(app, cast, "asha"):
        booking = db.session.get(Booking, sold["id"])
        offer = refunds.offer(booking)
        assert offer.amounts == ({line: amount} if code is None else {})
        if until is None:
            assert offer.until is None
        else:
            begin = rows.value(
                "select starts_at - cast(:u as interval) from event where id = :e", u=until, e=ground.event
            )
            assert offer.until == begin
        if code is None:
            assert refunds.request(booking.id, [line], "fan").amount == amount
        else:
            with pytest.raises(Refused) as refusal:
                refunds.request(booking.id, [line], "fan")
            assert refusal.value.code == code and rows("select * from refund") == []
    words = {"REFUND_TOO_LATE": "The time for giving", "EVENT_CANCELLED": "This match has been cancelled."}
    expected = words.get(code) or (NEVER if code else "Until ")
    assert offer.words.startswith(expected)


def test_a_booking_freezes_the_policy_that_the_page_showed(app, as_asha, ground, cast, rows, sandbox):
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    with acting_as(app, cast, "asha"):
        event = db.session.get(Event, ground.event)
        assert refunds.policy_of(None, event) == rows.value("select policy from booking where id = :b", b=sold["id"])
        assert refunds.policy_of(None, None) == {"until_hours": 24, "share_bp": 10000, "keeps_fees": True}
