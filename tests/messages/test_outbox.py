"""The outbox: what is written down is rendered and sent through SendGrid's SDK, at least once, and
nothing gets stuck.
"""

import threading
import urllib.request
from dataclasses import replace

import pytest

import notifications
import qr_codes
from booking import recovery, settlement
from database import InsideTransaction, call, in_transaction
from extensions import db
from messages import outbox
from providers import Declined, Unavailable
from tests.support.selling import hold, paid_booking, start_payment


@pytest.fixture
def send(app):
    def send_due():
        with app.app_context():
            return outbox.send_due()

    return send_due


@pytest.fixture
def queue(rows):
    """Write a mail down as the functions do."""

    def write(template, booking=None, payload="{}", to="asha@example.org", **more):
        key = f"{template}:{booking}:{len(rows('select id from notification'))}"
        return rows.value(
            "insert into notification (template, recipient, booking_id, dedupe_key, payload) "
            "values (:t, :r, :b, :k, :p) returning id",
            t=template,
            r=to,
            b=booking,
            k=key,
            p=payload,
        )

    return write


def states(rows):
    return [r["state"] for r in rows("select state from notification order by id")]


def test_one_mail_with_seats_gate_link_codes_and_calendar(as_asha, ground, rows, sandbox, send):
    sold = paid_booking(as_asha, ground, ["A1", "A2"], sandbox)
    assert send() == 1 and send() == 0
    (mail,) = sandbox.mail()
    assert mail["to"] == [{"email": "asha@example.org"}] and mail["from"]["email"] == "tickets@cricverse.example"
    assert mail["subject"].startswith("Your tickets: Terns v Herons, ")
    for part in (mail["text"], mail["html"]):
        for words in (
            "http://127.0.0.1:5000/t/",
            "A$105.80",
            "Until 24 hours before the start",
            sold["reference"],
            "Terns v Herons",
            "Lanternside Oval",
        ):
            assert words in part, words
        assert "AEDT" in part or "AEST" in part
    assert "Gate C: Cooper Stand, bay 14, row A, seat 1 (adult)" in mail["text"]
    assert [a["content_id"] for a in mail["attachments"]] == ["ticket-1", "ticket-2", None]
    assert all(f"cid:{a['content_id']}" in mail["html"] for a in mail["attachments"][:2])
    assert mail["attachments"][2]["type"] == "text/calendar"
    row = rows.one("select state, provider_id, attempts, error from notification")
    assert (
        row["state"] == "sent"
        and row["provider_id"] == mail["message_id"].split(".")[0]
        and row["attempts"] == 1
        and row["error"] is None
    )


def test_the_picture_in_the_mail_is_the_ticket_s_code(as_asha, ground, rows, sandbox, send):
    paid_booking(as_asha, ground, ["A1"], sandbox)
    send()
    url = sandbox.mail()[0]["attachments"][0]["url"]
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sandbox.url + url) as answer:
        assert answer.read() == qr_codes.png(rows.value("select code from qr_code"))


def test_a_confirmation_is_written_once_however_often_it_is_settled(app, as_asha, ground, rows, sandbox, send):
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    with app.app_context():
        for _ in range(3):
            settlement.settle(sold["intent"])
    send()
    assert len(sandbox.mail()) == 1


def test_names_from_outside_stay_text(as_asha, ground, rows, sandbox, send):
    rows("update event set name = 'Terns <b>v</b>\nBcc: eve@example.org'")
    held = hold(as_asha, ground.event, ground.ids("A1"))
    started = start_payment(as_asha, held["id"], name="<img src=x onerror=alert(1)>")
    sandbox.pay(started["client_secret"])
    as_asha.get(f"/bookings/{held['id']}/payment")
    send()
    (mail,) = sandbox.mail()
    assert "<img src=x" not in mail["html"] and "img src x onerror alert(1)" in mail["html"]
    assert "<b>v</b>" not in mail["html"] and "&lt;b&gt;v" in mail["html"]
    assert "\n" not in mail["subject"] and mail["bcc"] == []


def test_while_sendgrid_is_away_the_mail_waits_and_comes_later(as_asha, ground, rows, sandbox, send):
    paid_booking(as_asha, ground, ["A1"], sandbox)
    sandbox.faults({"kind": "error_before", "match": "POST /v3/mail/send"})
    assert send() == 0
    row = rows.one("select state, error, due_at > clock_timestamp() as later, leased_until from notification")
    assert dict(row) == {"state": "queued", "error": "unavailable 500", "later": True, "leased_until": None}
    assert send() == 0  # not before its time
    sandbox.clear_faults()
    rows("update notification set due_at = now()")
    assert send() == 1 and states(rows) == ["sent"] and rows.value("select attempts from notification") == 2


def test_a_connection_that_closes_is_no_answer(as_asha, ground, rows, sandbox, send):
    paid_booking(as_asha, ground, ["A1"], sandbox)
    sandbox.faults({"kind": "drop_connection_before", "match": "POST /v3/mail/send"})
    assert send() == 0 and rows.value("select error from notification").startswith("unavailable ")


def test_a_mail_that_is_refused_is_finished_with_its_error(as_asha, ground, rows, sandbox, send, queue):
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    assert send() == 1
    rows("update booking set contact_email = 'no address'")
    queue("tickets", sold["id"], to="no address")
    assert send() == 0
    assert rows.value("select error from notification where recipient = 'no address'") == "declined 400"


def test_a_mail_without_its_booking_or_template_keeps_nobody_waiting(as_asha, ground, rows, sandbox, send, queue):
    queue("tickets", None)
    queue("no_such_template", None)
    queue("find_tickets", None, '{"bookings": [999999]}')
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    queue("refund", sold["id"], "{}")  # without what it is about
    assert send() == 1 and len(sandbox.mail()) == 1
    errors = [r["error"] for r in rows("select error from notification where state = 'queued' order by id")]
    assert (
        errors[0] == "unsendable no booking"
        and errors[1] == "unsendable no template no_such_template"
        and errors[2] == "unsendable UNKNOWN_BOOKING"
    )
    assert errors[3].startswith("failed ")
    rows("update notification set created_at = now() - interval '25 hours', due_at = now() where state = 'queued'")
    send()
    assert states(rows).count("dead") == 4


def test_two_senders_send_each_mail_once(app, as_asha, ground, rows, sandbox):
    for seat in ("A1", "A2", "A3", "A4", "A5", "A6"):
        paid_booking(as_asha, ground, [seat], sandbox)

    def work():
        with app.app_context():
            for _ in range(4):
                outbox.send_due(limit=2)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(sandbox.mail()) == 6 and states(rows) == ["sent"] * 6


def test_a_refund_is_told_with_its_lines(as_asha, ground, rows, sandbox, send):
    sold = paid_booking(as_asha, ground, ["A1", "A2"], sandbox)
    line = rows.value("select line_id from ticket where seat_id = :s", s=ground.seats["A2"])
    as_asha.post(f"/tickets/{sold['id']}/refund", line=[str(line)])
    send()
    mail = sandbox.mail()[-1]
    assert mail["subject"] == "A$48.00 come back to you: Terns v Herons"
    for part in (mail["text"], mail["html"]):
        assert "row A, seat 2" in part and "row A, seat 1" not in part and "A$48.00" in part


def test_a_cancelled_match_is_told_once_to_each(app, as_asha, as_ben, ground, rows, sandbox, send):
    paid_booking(as_asha, ground, ["A1"], sandbox)
    paid_booking(as_ben, ground, ["A2"], sandbox)
    send()
    rows("update event set state = 'cancelled', cancelled_at = now()")
    with app.app_context():
        recovery.refund_cancelled_events()
        recovery.refund_cancelled_events()
    assert send() == 2
    assert {m["to"][0]["email"] for m in sandbox.mail()[-2:]} == {"asha@example.org", "ben@example.org"}
    assert all("You get everything back" in m["text"] and "A$52.90" in m["text"] for m in sandbox.mail()[-2:])


def test_lost_seats_are_told_with_the_reason(app, as_asha, as_ben, ground, rows, sandbox, send):
    held = hold(as_asha, ground.event, ground.ids("A1"))
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    rows("delete from seat_claim")  # the wall is taken away
    hold(as_ben, ground.event, ground.ids("A1"))
    with app.app_context():
        settlement.settle(started["payment_intent_id"])
    assert send() == 1
    (mail,) = sandbox.mail()
    assert mail["subject"] == "Your money comes back: Terns v Herons"
    assert (
        "somebody else had taken" in mail["text"]
        and "A$52.90" in mail["html"]
        and "/book-tickets-enhanced/" in mail["text"]
    )


def test_a_payment_that_never_came_is_told(app, as_asha, ground, rows, sandbox, send):
    held = hold(as_asha, ground.event, ground.ids("A1"))
    start_payment(as_asha, held["id"])
    rows("update booking set expires_at = now() - interval '1 hour'")
    with app.app_context():
        recovery.sweep()
    assert send() == 1
    assert "Nothing was charged" in sandbox.mail()[0]["text"] and sandbox.mail()[0]["subject"].startswith(
        "Your seats are back on sale"
    )


def test_a_dispute_is_told_to_the_ground_s_office(app, as_asha, ground, rows, sandbox, send):
    sold = paid_booking(as_asha, ground, ["A1", "A2"], sandbox)
    send()
    with app.app_context():
        in_transaction(call, "app.mark_dispute", sold["intent"], True, "dp_1", worker=True)
        in_transaction(call, "app.mark_dispute", sold["intent"], True, "dp_1", worker=True)
    assert send() == 1
    mail = sandbox.mail()[-1]
    assert mail["to"] == [{"email": "office@lanternside.example"}] and sold["reference"] in mail["subject"]
    assert (
        "row A, seats 1 and 2" in mail["text"]
        and f"/owner/events/{ground.event}" in mail["text"]
        and "/t/" not in mail["html"]
    )


def test_the_edge_is_closed_inside_a_transaction(app, ground):
    mail = notifications.Mail("a@example.org", "Subject", "Text", "<p>Text</p>", "test:1")
    with app.test_request_context("/"):
        db.session.connection()
        with pytest.raises(InsideTransaction):
            notifications.mailer.send(mail)


@pytest.mark.parametrize(
    ("kind", "error"),
    [("error_before", Unavailable), ("rate_limit", Unavailable), ("drop_connection_after", Unavailable)],
)
def test_what_sendgrid_may_have_done_is_unknown(app, sandbox, kind, error):
    sandbox.faults({"kind": kind, "match": "POST /v3/mail/send"})
    with app.app_context(), pytest.raises(error):
        notifications.mailer.send(notifications.Mail("a@example.org", "Subject", "Text", "<p>Text</p>", "test:1"))


def test_a_wrong_key_is_declined(settings, sandbox):
    mailer = notifications.Mailer()
    mailer.init_app(replace(settings, sendgrid_api_key="wrong"))
    with pytest.raises(Declined):
        mailer.send(notifications.Mail("a@example.org", "Subject", "Text", "<p>Text</p>", "test:1"))
