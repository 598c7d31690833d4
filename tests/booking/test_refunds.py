"""What a fan gets back: said once in words, decided once in SQL, at every edge."""

import pytest

from booking import refunds
from extensions import db
from models import Booking, Event
from refusals import Refused
from tests.booking.test_parking import park_free
from tests.booking.test_payments import paid_booking
from tests.support.acting import acting_as
from tests.support.selling import start_payment

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


@pytest.fixture
def two_passes(as_asha, ground, rows, sandbox):
    """One booking of two parking passes: tomorrow's, in 20 hours, and one in six days. Returns (booking, lines)."""
    assert park_free(as_asha, ground, 10, days=2).status == park_free(as_asha, ground, 10, days=6).status == 303
    booking = rows.value("select id from booking")
    started = start_payment(as_asha, booking)
    sandbox.pay(started["client_secret"])
    as_asha.api("GET", f"/api/payment-status/{started['payment_intent_id']}")
    lines = [row["line_id"] for row in rows("select line_id from parking_pass order by starts_at")]
    rows(
        "update parking_pass set starts_at = now() + interval '20 hours', ends_at = now() + interval '22 hours' "
        "where line_id = :l",
        l=lines[0],
    )
    return booking, lines


def test_a_deadline_is_the_lines_own(as_asha, rows, two_passes, sandbox):
    """A pass in six days is given back although another of its booking begins in 20 hours."""
    booking, (soon, later) = two_passes
    page = as_asha.get(f"/tickets/{booking}/refund")
    boxes = {int(i.attrs["value"]): "disabled" in i.attrs for i in page.root.find_all("input", name="line")}
    assert boxes == {soon: True, later: False}
    assert "The time for giving this back is over" in page.text and "Until " in page.text
    refused = as_asha.post(f"/tickets/{booking}/refund", line=[str(soon), str(later)])
    assert refused.status == 409 and rows("select * from refund") == []
    assert as_asha.post(f"/tickets/{booking}/refund", line=[str(later)]).status == 303
    assert rows.one("select amount, state from refund") == {"amount": 1200, "state": "succeeded"}
    assert [r["status"] for r in rows("select status from parking_pass order by starts_at")] == ["valid", "void"]
    assert sandbox.ledger()[-1]["amount"] == 1200
    page = as_asha.get(f"/tickets/{booking}/refund")
    assert page.root.find("input", name="line") is None and "The time for giving this back is" in page.text


def test_giving_back_begins_with_nothing_ticked_and_ends_on_the_booking(as_asha, ground, rows, sandbox):
    sold = paid_booking(as_asha, ground, ["A1", "A2"], sandbox)
    first = rows.value("select min(line_id) from ticket")
    page = as_asha.get(f"/tickets/{sold['id']}/refund")
    boxes = page.root.find_all("input", name="line")
    assert len(boxes) == 2 and not any("checked" in box.attrs for box in boxes)
    assert [box.attrs["data-amount"] for box in boxes] == ["4800", "4800"]
    refused = as_asha.post(f"/tickets/{sold['id']}/refund", line=[str(first), "999999"])
    ticked = [box.attrs["value"] for box in refused.root.find_all("input", name="line") if "checked" in box.attrs]
    assert refused.status == 404 and ticked == [str(first)]  # what was ticked stays ticked
    page = as_asha.post(f"/tickets/{sold['id']}/refund", line=[str(first)], follow=True)
    assert "A$48.00 comes back to you" in page.text and "As a rule it is there by" in page.text
    cards = [card.text for card in page.root.find_all("article")]
    assert "Ticket 2 of 2" in cards[0] and "Ticket 1 of 2" in cards[1] and "Not valid any more" in cards[1]
    for state, words in (
        ("pending", "Your bank is at work. As a rule it is there by"),
        ("failed", "did not get through"),
    ):
        rows("update refund set state = :s", s=state)
        assert words in as_asha.get(f"/tickets/{sold['id']}").text
    rows("update refund set state = 'succeeded', created_at = now() - interval '15 days'")
    page = as_asha.get(f"/tickets/{sold['id']}")
    assert "comes back to you" not in page.text and "−A$48.00" in page.text
