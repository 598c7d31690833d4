"""Nobody can have us mail an address of others as they like: what is mailed to whom, how often, and in whose words."""

import re

import pytest

from config import PROJECT_DIR
from messages.names import plain_name
from tests.support.holding import age
from tests.support.selling import hold, paid_booking, start_payment

MAILS = PROJECT_DIR / "templates" / "mail"


@pytest.fixture
def queued(rows):
    """How many mails of this kind were written down for an address."""

    def count(address, template="%"):
        return rows.value(
            "select count(*) from notification where recipient = :a and template like :t", a=address, t=template
        )

    return count


@pytest.fixture
def tickets(rows):
    def of(booking):
        return [str(r["id"]) for r in rows("select id from ticket where booking_id = :b order by line_id", b=booking)]

    return of


def offer(browser, booking, ticket, email, name="Ravi Iyer"):
    return browser.post(f"/tickets/{booking}/rights/{ticket}/send", follow=True, name=name, email=email)


# --- without payment ------------------------------------------------------------------------------


def let_it_run_out(browser, ground, rows, app, sandbox, **contact):
    from booking import recovery

    held = hold(browser, ground.event, ground.ids("A1"))
    start_payment(browser, held["id"], **contact)
    age(rows, 60)
    rows("update payment_transaction set created_at = created_at - interval '1 hour', updated_at = now()")
    with app.app_context():
        recovery.sweep()
    assert rows.value("select state from booking where id = :b", b=held["id"]) == "expired"


def test_an_attempt_that_runs_out_mails_no_typed_address(visitor, ground, rows, app, sandbox, queued):
    let_it_run_out(visitor, ground, rows, app, sandbox, name="Mia", email="victim@example.org")
    assert queued("%") == rows.value("select count(*) from notification") == 0


def test_an_attempt_that_runs_out_is_told_to_the_account_it_was_made_by(as_asha, ground, rows, app, sandbox, queued):
    let_it_run_out(as_asha, ground, rows, app, sandbox)
    assert queued("asha@example.org", "hold_ended") == 1


def test_an_account_cannot_have_another_address_mailed(as_asha, ground, rows, app, sandbox):
    let_it_run_out(as_asha, ground, rows, app, sandbox, name="Asha", email="victim@example.org")
    assert rows.value("select count(*) from notification") == 0


@pytest.fixture
def free_match(rows, ground):
    rows("update event_price set face = 0 where event_id = :e", e=ground.event)


def confirm(browser, ground, rows, email):
    held = hold(browser, ground.event, ground.ids("A1"))
    assert browser.post(f"/bookings/{held['id']}/confirm", name="Mia", email=email).status == 303
    assert rows.value("select state from booking where id = :b", b=held["id"]) == "paid"
    return held["id"]


def test_tickets_that_cost_nothing_are_mailed_to_no_typed_address(visitor, ground, rows, free_match, queued):
    booking = confirm(visitor, ground, rows, "victim@example.org")
    assert visitor.get(f"/tickets/{booking}").status == 200
    again = visitor.post(f"/tickets/{booking}/resend", follow=True)
    assert "mails for what was paid" in again.text
    assert visitor.post("/tickets/find", email="victim@example.org").status == 303
    assert rows.value("select count(*) from notification") == 0


def test_tickets_that_cost_nothing_are_mailed_to_ones_own_account(as_asha, ground, rows, free_match, queued):
    confirm(as_asha, ground, rows, "Asha@example.org")
    assert queued("Asha@example.org", "tickets") == 1


def test_a_ticket_that_cost_nothing_is_offered_to_nobody_by_mail(as_asha, ground, rows, free_match, tickets, queued):
    booking = confirm(as_asha, ground, rows, "asha@example.org")
    page = offer(as_asha, booking, tickets(booking)[0], "victim@example.org")
    assert "mails for what was paid" in page.text and queued("victim@example.org") == 0
    assert rows.value("select count(*) from ticket_transfer") == 0


# --- budgets --------------------------------------------------------------------------------------


def mailed(rows, count, mailbox="victim@example.org", customer=None, minutes=5):
    rows(
        """insert into notification (template, recipient, mailbox, customer_id, dedupe_key, state, created_at)
           select 'refund', :m, :m, :c, 'test:' || :m || n, 'sent', now() - make_interval(mins => :a)
             from generate_series(1, :n) n""",
        m=mailbox, c=customer, n=count, a=minutes,
    )  # fmt: skip


@pytest.mark.parametrize("address", ["victim@example.org", "Victim@EXAMPLE.org", "victim+7@example.org"])
@pytest.mark.parametrize(("count", "minutes"), [(10, 5), (30, 120)])
def test_a_mailbox_gets_ten_in_an_hour_and_thirty_in_a_day(
    as_asha, ground, sandbox, rows, tickets, queued, address, count, minutes
):
    sold = paid_booking(as_asha, ground, ["A1", "A2"], sandbox)
    first, second = tickets(sold["id"])
    mailed(rows, count - 1, minutes=minutes)
    assert "mailed them a link" in offer(as_asha, sold["id"], first, address).text
    assert "as many mails as we send" in offer(as_asha, sold["id"], second, address).text
    assert queued("%") == 0 or queued(address, "transfer_offer") <= 1
    assert rows.value("select count(*) from ticket_transfer") == 1
    assert "mailed them a link" in offer(as_asha, sold["id"], second, "somebody.else@example.org").text


def test_dots_make_no_other_mailbox_where_the_provider_ignores_them(as_asha, ground, sandbox, rows, tickets):
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    mailed(rows, 10, mailbox="victim@gmail.com")
    page = offer(as_asha, sold["id"], tickets(sold["id"])[0], "v.i.c.tim+x@googlemail.com")
    assert "as many mails as we send" in page.text


@pytest.mark.parametrize(("count", "minutes"), [(20, 5), (50, 120)])
def test_a_buyer_has_twenty_sent_in_an_hour_and_fifty_in_a_day(
    as_asha, cast, ground, sandbox, rows, tickets, count, minutes
):
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    mailed(rows, count, mailbox="others@example.org", customer=cast.ids["asha"], minutes=minutes)
    page = offer(as_asha, sold["id"], tickets(sold["id"])[0], "ravi@example.org")
    assert "as many mails as we send" in page.text and rows.value("select count(*) from ticket_transfer") == 0


def test_finding_and_sending_again_count_too(as_asha, visitor, ground, sandbox, rows, queued):
    sold = paid_booking(as_asha, ground, ["A1"], sandbox)
    mailed(rows, 10, mailbox="asha@example.org")
    before = queued("asha@example.org")
    assert "as many mails as we send" in as_asha.post(f"/tickets/{sold['id']}/resend", follow=True).text
    assert visitor.post("/tickets/find", email="asha@example.org").status == 303
    assert queued("asha@example.org") == before


def test_what_was_paid_is_mailed_all_the_same_but_later(as_asha, ground, sandbox, rows):
    mailed(rows, 25, mailbox="asha@example.org")
    paid_booking(as_asha, ground, ["A1"], sandbox)
    told = rows.one(
        "select state, extract(hour from due_at - created_at) as hours from notification where template = 'tickets'"
    )
    assert told == {"state": "queued", "hours": 2}


# --- in whose words -------------------------------------------------------------------------------

LURES = [
    "http://win.example/x",
    "win.example",
    "www.win.example/x now",
    "WIN．example",
    "win。example",
    "a@win.example",
    "win.\u200bexample",
    "//win.example",
    "win​.example",
    "hxxp:win.example",
]
LINK = re.compile(r"\w\.\w|://|//|@|www\.\S|:\w", re.IGNORECASE)


@pytest.mark.parametrize("name", [*LURES, "\u202eexample.niw", "1300 555 777 12345678", "<b>x.y</b>", "", "@", "．．"])
def test_a_name_in_a_mail_is_no_address(name):
    assert not LINK.search(plain_name(name)) and plain_name(name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Asha Rao", "Asha Rao"),
        ("J.R. Smith-O’Neill, Jr.", "J. R. Smith-O’Neill, Jr."),
        ("  Nguyễn Văn A ", "Nguyễn Văn A"),
        ("李小龍", "李小龍"),
        ("D'Arcy", "D'Arcy"),
        ("", "somebody"),
    ],
)
def test_a_name_stays_a_name(name, said):
    assert plain_name(name) == said


def test_every_name_in_a_mail_goes_by_the_one_rule():
    for path in MAILS.iterdir():
        for found in re.finditer(r"[\w.]*(?:contact|to|from|holder)_name", path.read_text()):
            before = path.read_text()[: found.start()]
            assert before.endswith("person("), f"{path.name}: {found[0]}"


def test_every_mail_begins_with_words_of_ours():
    """A subject may name a match or a ground, which the ground has named, after words of ours; and nobody else."""
    for path in MAILS.glob("[a-z]*.txt"):
        subject, _, text = path.read_text().removeprefix("{% set").partition("\n\n")
        assert "person(" not in subject and "_name" not in subject, path.name
        assert not re.match(r"\s*\{\{ (?!payload.amount)", text), path.name


@pytest.mark.parametrize("lure", LURES[:4])
def test_a_senders_words_are_never_the_first_and_never_a_link(as_asha, ground, sandbox, rows, tickets, mails, lure):
    sold = paid_booking(as_asha, ground, ["A1"], sandbox, name=lure, email="asha@example.org")
    offer(as_asha, sold["id"], tickets(sold["id"])[0], "victim@example.org", name=lure)
    mail = mails("victim@example.org")[-1]
    assert mail["subject"].startswith("A ticket for you: ") and mail["text"].startswith("Somebody offers you a ticket")
    assert mails("asha@example.org")[0]["text"].startswith("This is paid")
    for one in (mail, *mails("asha@example.org")):
        assert lure not in one["text"] + one["html"] + one["subject"]
        assert "win.example" not in (one["text"] + one["html"]).lower().replace("．", ".")


def test_no_header_comes_from_a_name(as_asha, ground, sandbox, rows, tickets, mails, app):
    evil = "Ravi\r\nBcc: all@example.org"
    sold = paid_booking(as_asha, ground, ["A1"], sandbox, name="Asha", email="asha@example.org")
    rows("update booking set contact_name = :n where id = :b", n=evil, b=sold["id"])
    offer(as_asha, sold["id"], tickets(sold["id"])[0], "ravi@example.org", name=evil)
    mail = mails("ravi@example.org")[-1]
    assert "\n" not in mail["subject"] and "Bcc:" not in mail["text"]
    for to in (
        "ravi@example.org\r\nBcc: all@example.org",
        "ravi@example.org,all@example.org",
        "Ravi <ravi@example.org>",
    ):
        assert as_asha.post("/tickets/find", email=to).status == 422
