"""The address that tickets were sent to, put right by the buyer: what the first mail had is good for nothing."""

import threading

import pytest
from sqlalchemy import text

from accounts.typos import probably_meant
from database import call, in_transaction
from messages import outbox
from serving import jobs
from tests.support.sandbox_server import eventually
from tests.support.selling import hold, paid_booking
from tickets import links


@pytest.fixture
def sold(visitor, ground, sandbox):
    """Bought by somebody without an account who mistyped the address."""
    return paid_booking(visitor, ground, ["A1", "A2"], sandbox, name="Vera Quill", email="vera@exmaple.org")


def correct(browser, sold, email="vera@example.org"):
    return browser.post(f"/tickets/{sold['id']}/address", email=email)


def link_of(app, booking, seq=0):
    with app.app_context():
        return f"/t/{links.link_token(booking, seq)}"


def codes(rows):
    return {row["code"] for row in rows("select code from qr_code where revoked_at is null")}


# --- the notice ---------------------------------------------------------------------------------------------------


def test_after_paying_the_page_says_what_there_is_and_where_it_went(visitor, sold, rows):
    page = visitor.get(f"/tickets/{sold['id']}")
    notice = page.root.find("div", class_="notice is-good")
    assert "This is paid: 2 tickets" in notice.text and "also sent to vera@exmaple.org." in notice.text
    assert "Did you mean vera@example.org?" in notice.text
    rows("update booking set paid_at = paid_at - interval '2 hours'")
    page = visitor.get(f"/tickets/{sold['id']}")
    assert page.root.find("div", class_="notice is-good") is None and "also sent to vera@exmaple.org." in page.text


def test_who_comes_by_the_mails_link_sees_no_address(app, visitor, as_ben, sold):
    page = as_ben.get(link_of(app, sold["id"]))
    assert page.status == 200 and "vera@" not in page.text and "/address" not in page.html


# --- putting it right -----------------------------------------------------------------------------------------------


def test_the_right_address_gets_the_tickets_and_the_first_mail_is_good_for_nothing(
    app, visitor, as_ben, sold, rows, sandbox, ground
):
    jobs.run(app, once=True)
    before, first = codes(rows), link_of(app, sold["id"])
    assert as_ben.get(first).status == 200
    assert correct(visitor, sold).status == 303
    assert "On their way to vera@example.org" in visitor.get(f"/tickets/{sold['id']}").text
    jobs.run(app, once=True)
    assert [len(sandbox.mail(to)) for to in ("vera@exmaple.org", "vera@example.org")] == [1, 1]
    assert as_ben.get(first).status == 404
    second = link_of(app, sold["id"], 1)
    assert second in sandbox.mail("vera@example.org")[0]["text"] and as_ben.get(second).status == 200
    assert len(codes(rows)) == 2 and not codes(rows) & before
    assert rows.one("select contact_email, email_key from booking") == {
        "contact_email": "vera@example.org",
        "email_key": "vera@example.org",
    }
    assert rows.value("select email from customer where kind = 'guest'") == "vera@example.org"
    trail = rows.one("select actor_kind, details from system_log where action = 'booking.address_corrected'")
    assert trail["actor_kind"] == "person" and "vera" not in str(trail["details"])
    # Mailed again, they go where they belong, with the link that is good.
    rows("update notification set created_at = created_at - interval '5 minutes'")
    visitor.post(f"/tickets/{sold['id']}/resend")
    jobs.run(app, once=True)
    assert second in sandbox.mail("vera@example.org")[-1]["text"] and len(sandbox.mail("vera@exmaple.org")) == 1


def test_a_mail_that_was_not_sent_yet_goes_to_the_right_address_alone(app, visitor, sold, rows, sandbox):
    with app.test_request_context():
        (row,) = in_transaction(call, "app.lease_notifications", 5, worker=True)
    correct(visitor, sold)
    # Leased before, so it still has the wrong address in its hand.
    with app.test_request_context():
        assert outbox.deliver(row)[1] == "unsendable the address was corrected"
        in_transaction(call, "app.finish_notification", row.id, None, "later", worker=True)
    rows("update notification set due_at = now()")
    jobs.run(app, once=True)
    assert [len(sandbox.mail(to)) for to in ("vera@exmaple.org", "vera@example.org")] == [0, 1]


def test_what_was_asked_for_by_the_wrong_address_no_longer_has_the_booking(app, visitor, as_ben, sold, sandbox):
    as_ben.post("/tickets/find", email="vera@exmaple.org")
    correct(visitor, sold)
    jobs.run(app, once=True)
    assert all("/t/" not in mail["text"] for mail in sandbox.mail("vera@exmaple.org"))


@pytest.mark.parametrize("state", ["used", "disputed"])
def test_what_is_used_or_in_dispute_keeps_its_code(visitor, sold, rows, state):
    rows("update ticket set status = :s where seat_id = (select min(seat_id) from ticket)", s=state)
    kept = rows.value("select code from qr_code q join ticket t on t.id = q.ticket_id where t.status = :s", s=state)
    correct(visitor, sold)
    assert kept in codes(rows) and len(codes(rows)) == 2


def test_a_parking_pass_gets_a_new_code_too(as_asha, ground, rows, sandbox):
    held = hold(as_asha, ground.event, ground.ids("A1"))
    park = {"event": ground.event, "window": 1, "bay": f"{ground.car_park}-standard", "plate": "CRV26A"}
    as_asha.post(f"/book-parking-enhanced/{ground.stadium}", **park)
    body = {"booking_id": held["id"], "name": "Asha Rao", "email": "asha@exmaple.org"}
    paid = as_asha.api("POST", "/api/create-booking-payment", body).json
    sandbox.pay(paid["client_secret"])
    as_asha.get(f"/bookings/{held['id']}/return")
    before = codes(rows)
    assert correct(as_asha, held, "asha@example.org").status == 303
    assert len(codes(rows)) == 2 and not codes(rows) & before


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "status", "words"),
    [
        ("vera at example", 422, "does not look like an e-mail address"),
        ("Vera@exmaple.org", 422, "went to that address already"),
    ],
)
def test_a_refused_address_stays_in_its_field(visitor, sold, rows, email, status, words):
    before = codes(rows)
    page = correct(visitor, sold, email)
    field = page.root.find("input", id="right-address")
    assert page.status == status and words in page.text and field.attrs["value"] == email
    assert "right-address-error" in field.attrs["aria-describedby"] and codes(rows) == before


def test_an_address_is_changed_three_times_at_most(visitor, sold, rows):
    for n in range(3):
        assert correct(visitor, sold, f"vera{n}@example.org").status == 303
    page = correct(visitor, sold, "vera3@example.org")
    assert page.status == 429 and "changed three times" in page.text
    assert rows.value("select contact_email from booking") == "vera2@example.org"


def test_the_limit_of_an_address_holds_for_the_right_one(visitor, as_ben, ground, sandbox, rows):
    rows("update event set buyer_limit = 3")
    paid_booking(as_ben, ground, ["B1", "B2"], sandbox, name="Ben", email="ben@example.org")
    sold = paid_booking(visitor, ground, ["A1", "A2"], sandbox, name="Vera", email="ben@exmaple.org")
    assert correct(visitor, sold, "ben@example.org").status == 409
    assert rows.value("select count(*) from booking where contact_email = 'ben@exmaple.org'") == 1


def test_of_two_corrections_at_once_one_is_told_to_try_again(app, engine, visitor, sold, rows):
    """Both have read which link counts when the first writes; else two addresses would get the same one."""
    addresses = ["one@example.org", "two@example.org"]
    done = []
    csrf = visitor.csrf()

    def send(email):
        client = app.test_client()
        for name in ("cv_session", "cv_form"):
            client.set_cookie(name, visitor.client.get_cookie(name).value)
        fields = {"email": email, "csrf_token": csrf}
        done.append(client.post(f"/tickets/{sold['id']}/address", data=fields).status_code)

    threads = [threading.Thread(target=send, args=(email,)) for email in addresses]
    with engine.begin() as other:
        other.execute(text("select from booking for update"))
        for thread in threads:
            thread.start()
        eventually(lambda: rows.value("select count(*) from pg_locks where not granted") >= 2)
    for thread in threads:
        thread.join()
    assert sorted(done) == [303, 409] and rows.value("select contact_email from booking") in addresses
    seq = rows.value("select link_seq from booking")
    assert seq == 1
    with app.app_context():
        assert bytes(rows.value("select link_hash from booking")) == links.link_hash(links.link_token(sold["id"], seq))
    assert len(codes(rows)) == 2


# --- a slip of the fingers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("vera@gmial.com", "vera@gmail.com"),
        ("vera@gmail.con", "vera@gmail.com"),
        ("vera@GNAIL.com", "vera@gmail.com"),
        ("vera@exmaple.org", "vera@example.org"),
        ("vera@outlok.com", "vera@outlook.com"),
        ("vera@hotmial.co.uk", "vera@hotmail.co.uk"),
        ("vera@cricket.con", "vera@cricket.com"),
        ("vera@gmail.com", None),
        ("vera@mail.com", None),
        ("vera@ymail.com", None),
        ("vera@club.example", None),
        ("vera@anz.com", None),
        ("vera", None),
        ("@gmial.com", None),
        ("", None),
    ],
)
def test_what_was_probably_meant(typed, meant):
    assert probably_meant(typed) == meant


def test_the_door_asks_the_same(visitor, ground):
    hold(visitor, ground.event, ground.ids("A1"))
    assert visitor.api("POST", "/api/address-hint", {"email": "vera@gmial.com"}).json == {"meant": "vera@gmail.com"}
    assert visitor.api("POST", "/api/address-hint", {"email": None}).json == {"meant": None}
