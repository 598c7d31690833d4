"""Passing a ticket on: offered, accepted, taken back; whose code dies, who sees what, and what is refused."""

import re

import pytest

import qr_codes
from tests.support.selling import paid_booking
from tickets import links


@pytest.fixture
def sold(as_asha, ground, sandbox):
    return paid_booking(as_asha, ground, ["A1", "A2"], sandbox)


@pytest.fixture
def first(rows, sold):
    """The ticket of A1, as text."""
    return str(rows.value("select id from ticket order by line_id limit 1"))


@pytest.fixture
def post(sold, first):
    """Do one thing with the first ticket of Asha's booking."""
    at = f"/tickets/{sold['id']}/rights/{first}"

    def act(browser, action, base=None, **fields):
        return browser.post(f"{base or at}/{action}", **fields)

    return act


@pytest.fixture
def offered(as_asha, post, mails):
    """The path of the link that Ravi was mailed."""
    assert post(as_asha, "send", name="Ravi Iyer", email="ravi@example.org").status == 303
    mail = mails("ravi@example.org")[-1]
    return re.search(r"/t/offer/[\w-]+", mail["text"])[0]


@pytest.fixture
def accepted(visitor, offered):
    """The path of Ravi's ticket, once he has taken it."""
    answer = visitor.post(offered, name="Ravi Iyer")
    assert answer.status == 303 and answer.location.startswith("/t/one/"), answer.text
    return answer.location


def codes(rows, ticket):
    return rows("select seq, code, booking_id, revoked_at from qr_code where ticket_id = :t order by seq", t=ticket)


def test_an_offer_changes_nothing_until_it_is_accepted(as_asha, visitor, offered, rows, first, sold):
    page = visitor.get(offered)
    assert page.status == 200 and "Asha Rao has a ticket for you" in page.text and "Gate" in page.text
    assert page.headers["Cache-Control"] == "no-store" and page.headers["Referrer-Policy"] == "no-referrer"
    [only] = codes(rows, first)
    assert only["revoked_at"] is None and qr_codes.svg_path(only["code"])[1] not in page.html
    assert "Offered to Ravi Iyer" in as_asha.get(f"/tickets/{sold['id']}").text


def test_accepting_makes_a_new_code_and_kills_the_old_one(as_asha, visitor, accepted, rows, first, sold):
    old, new = codes(rows, first)
    assert (
        (old["seq"], new["seq"]) == (1, 2)
        and old["revoked_at"]
        and new["revoked_at"] is None
        and new["booking_id"] is None
    )
    page = visitor.get(accepted)
    assert qr_codes.svg_path(new["code"])[1] in page.html and "From Asha Rao" in page.text and "Ravi Iyer" in page.text
    buyers = as_asha.get(f"/tickets/{sold['id']}")
    assert "Transferred to Ravi Iyer on" in buyers.text
    for code in (old, new):
        assert qr_codes.svg_path(code["code"])[1] not in buyers.html
    assert len(buyers.root.find_all("svg", class_="qr")) == 1


def test_nothing_else_of_the_booking_is_on_the_new_page(visitor, accepted, sold, rows):
    page = visitor.get(accepted)
    other = rows.value("select q.code from qr_code q join ticket t on t.id = q.ticket_id where t.link_hash is null")
    assert (
        sold["reference"] not in page.text
        and "asha@example.org" not in page.html
        and qr_codes.svg_path(other)[1] not in page.html
    )
    assert visitor.get(f"/tickets/{sold['id']}").status == 404


def test_both_sides_get_a_mail_and_the_buyers_confirmation_shows_the_code_no_more(as_asha, accepted, mails, rows, sold):
    assert accepted in mails("ravi@example.org")[-1]["text"]
    told = mails("asha@example.org")[-1]
    assert "Your ticket was accepted" in told["subject"] and "Ravi Iyer" in told["text"]
    assert as_asha.post(f"/tickets/{sold['id']}/resend").status == 303
    again = mails("asha@example.org")[-1]
    assert "passed on" in again["text"]
    assert sorted(a["filename"] for a in again["attachments"] if a["type"] == "image/png") == ["ticket-2.png"]


def test_find_my_tickets_mails_the_link_of_a_ticket_that_was_passed_on(visitor, accepted, mails):
    before = len(mails("ravi@example.org"))
    assert visitor.post("/tickets/find", email="ravi@example.org").status == 303
    assert accepted in mails("ravi@example.org")[before]["text"]


def test_an_offer_is_accepted_once(visitor, as_ben, offered, accepted, rows, first):
    again = as_ben.post(offered, name="Ben Okafor")
    assert again.status == 409 and "accepted already" in again.text
    assert "This ticket was accepted" in as_ben.get(offered).text
    assert len(codes(rows, first)) == 2


def test_an_offer_that_was_taken_back_is_dead(as_asha, visitor, offered, post, rows, first):
    assert post(as_asha, "withdraw").status == 303
    assert "This offer is over" in visitor.get(offered).text
    assert visitor.post(offered, name="Ravi").status == 409 and len(codes(rows, first)) == 1
    assert post(as_asha, "send", name="Lea", email="lea@example.org").status == 303
    assert rows.value("select count(*) from ticket_transfer where state = 'offered'") == 1


def test_a_ticket_is_offered_to_one_person_at_a_time(as_asha, offered, post, rows, sold):
    post(as_asha, "send", name="Lea", email="lea@example.org")
    assert "offered to somebody already" in as_asha.get(f"/tickets/{sold['id']}").text
    assert rows.value("select count(*) from ticket_transfer") == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("update ticket_transfer set expires_at = now() - interval '1 second'", "over"),
        ("update ticket set status = 'used'", "over"),
        ("update ticket set status = 'disputed'", "over"),
        ("update ticket set status = 'void', void_at = now()", "over"),
        ("update event set state = 'cancelled', cancelled_at = now()", "over"),
        (
            "update event set starts_at = now() - interval '5 hours', ends_at = now() - interval '1 hour', "
            "gates_open_at = now() - interval '7 h'",
            "over",
        ),
    ],
)
def test_what_ran_out_or_is_not_good_any_more_is_not_accepted(visitor, offered, rows, first, change, sentence):
    rows(change)
    answer = visitor.post(offered, name="Ravi")
    assert answer.status == 409 and sentence in answer.text
    assert len(codes(rows, first)) == 1 and rows.value("select state from ticket_transfer") == "offered"


@pytest.mark.parametrize("status", ["used", "disputed", "void"])
@pytest.mark.parametrize("action", ["send", "name", "replace"])
def test_a_ticket_that_is_not_valid_stays_as_it_is(as_asha, post, rows, first, status, action):
    rows("update ticket set status = :s, void_at = case when :s = 'void' then now() end", s=status)
    post(as_asha, action, name="Lea", email="lea@example.org")
    assert rows.value("select count(*) from ticket_transfer") == 0 and len(codes(rows, first)) == 1
    assert rows.value("select holder_name from ticket where id = :t", t=first) is None


@pytest.mark.parametrize("action", ["send", "name", "replace", "withdraw"])
def test_strangers_may_do_nothing_with_a_ticket(as_ben, visitor, app, as_petra, post, offered, rows, first, action):
    with app.app_context():
        forged = f"/t/{links.link_token(10**9)}/rights/{first}"
    for browser, base in ((as_ben, None), (visitor, None), (as_petra, None), (as_ben, forged)):
        assert post(browser, action, base, name="Lea", email="lea@example.org").status == 404
    assert rows.value("select state from ticket_transfer") == "offered" and len(codes(rows, first)) == 1
    assert rows.value("select holder_name from ticket where id = :t", t=first) is None


def test_the_buyer_cannot_handle_what_was_passed_on(as_asha, accepted, post, rows, first):
    for action in ("send", "name", "replace", "withdraw"):
        assert post(as_asha, action, name="Lea", email="lea@example.org").status == 404
    assert len(codes(rows, first)) == 2


def test_the_new_holder_names_it_replaces_its_code_and_passes_it_on(
    visitor, as_ben, accepted, post, mails, rows, first
):
    assert post(visitor, "name", accepted, name="Ravi I. Iyer").status == 303
    assert post(visitor, "replace", accepted).status == 303
    assert [c["seq"] for c in codes(rows, first) if c["revoked_at"] is None] == [3]
    assert rows("select booking_id from qr_code where seq = 3")[0]["booking_id"] is None
    assert post(visitor, "send", accepted, name="Lea", email="lea@example.org").status == 303
    offer = re.search(r"/t/offer/[\w-]+", mails("lea@example.org")[-1]["text"])[0]
    assert "Ravi Iyer has a ticket for you" in as_ben.get(offer).text
    new = as_ben.post(offer, name="Lea Roth").location
    assert as_ben.get(new).status == 200 and visitor.get(accepted).status == 404
    assert "Lea Roth" in mails("ravi@example.org")[-1]["text"]


def test_a_ticket_that_was_passed_on_is_not_given_back_by_the_fan_alone(as_asha, accepted, rows, sold, first):
    line = rows.value("select line_id from ticket where id = :t", t=first)
    page = as_asha.get(f"/tickets/{sold['id']}/refund")
    [pick] = page.root.find_all("input", value=str(line))
    assert "disabled" in pick.attrs and "passed on to another person" in page.text
    answer = as_asha.post(f"/tickets/{sold['id']}/refund", line=[str(line)])
    assert answer.status == 409 and "passed on to another person" in answer.text
    assert rows.value("select status from ticket where id = :t", t=first) == "valid"


def test_giving_back_an_offered_ticket_ends_the_offer(as_asha, visitor, offered, rows, sold, first):
    line = rows.value("select line_id from ticket where id = :t", t=first)
    assert as_asha.post(f"/tickets/{sold['id']}/refund", line=[str(line)]).status == 303
    assert (
        rows.value("select state from ticket_transfer") == "withdrawn"
        and visitor.post(offered, name="Ravi").status == 409
    )


def test_a_lost_tickets_code_is_replaced(as_asha, app, visitor, sold, rows, first, post):
    assert post(as_asha, "replace").status == 303
    old, new = codes(rows, first)
    assert old["revoked_at"] and new["seq"] == 2 and new["booking_id"] == sold["id"]
    page = as_asha.get(f"/tickets/{sold['id']}")
    assert qr_codes.svg_path(new["code"])[1] in page.html and qr_codes.svg_path(old["code"])[1] not in page.html
    with app.app_context():
        link = f"/t/{links.link_token(sold['id'])}/rights/{first}"
    assert post(visitor, "replace", link).status == 303 and len(codes(rows, first)) == 3


def test_staff_of_the_ground_replace_a_code_and_others_do_not(
    as_omar, as_petra, cast, rows, first, post, home_page, sold
):
    assert [post(b, "replace").status for b in (as_petra, cast.browser("grace"), as_omar)] == [404] * 3
    at = f"{home_page}/bookings/{sold['id']}/codes"
    assert [b.post(f"{at}/{first}").status for b in (as_petra, cast.browser("grace"))] == [404] * 2
    page = as_omar.post(f"{at}/{first}", follow=True)
    old, new = codes(rows, first)
    assert "on its way by mail" in page.text and old["revoked_at"] and new["code"] not in page.html
    mail = rows.one("select recipient, template from notification order by id desc limit 1")
    assert mail == {"recipient": "asha@example.org", "template": "tickets"}
    other = "00000000-0000-0000-0000-000000000000"
    assert as_omar.post(f"{at}/{other}").status == as_omar.post(f"{at}/x").status == 404


def test_a_new_code_that_staff_make_goes_to_whom_the_ticket_was_passed_on_to(
    as_omar, accepted, rows, first, home_page, sold
):
    assert as_omar.post(f"{home_page}/bookings/{sold['id']}/codes/{first}").status == 303
    mail = rows.one("select recipient, template from notification order by id desc limit 1")
    assert mail == {"recipient": "ravi@example.org", "template": "transferred_ticket"}


def test_ten_new_codes_a_day_are_enough(as_asha, rows, first, post, sold):
    rows(
        """insert into qr_code (booking_id, ticket_id, key_id, seq, code, revoked_at)
           select booking_id, ticket_id, key_id, 100 + n, 'X' || n, now() from qr_code, generate_series(1, 10) n
            where ticket_id = :t""",
        t=first,
    )
    post(as_asha, "replace")
    assert "Ask the ground’s office" in as_asha.get(f"/tickets/{sold['id']}").text
    assert rows.value("select seq from ticket where id = :t", t=first) == 1


def test_a_recipient_needs_a_name_and_an_address(as_asha, post, rows, sold):
    for name, email in (("", "ravi@example.org"), ("Ravi", "nobody"), ("Ravi", "")):
        assert post(as_asha, "send", name=name, email=email).status == 303
    assert rows.value("select count(*) from ticket_transfer") == 0


def test_links_that_are_not_ours_open_nothing(visitor):
    for path in ("/t/one/" + "x" * 22, "/t/one/x", "/t/offer/" + "x" * 22, "/t/offer/x"):
        assert visitor.get(path).status == 404
    assert visitor.post("/t/offer/" + "x" * 22, name="Ravi").status == 404


def test_the_mails_row_names_no_token(offered, rows):
    token = offered.rsplit("/", 1)[1]
    assert rows.value("select count(*) from notification where payload::text like '%' || :t || '%'", t=token) == 0
