"""Tickets: my bookings, the signed link, giving back by the frozen policy, plates, the calendar file, finding by
e-mail.
"""

import re

import pytest
from icalendar import Calendar

import qr_codes
from booking import recovery
from messages import outbox
from tests.booking.test_checkout import counted_statements
from tests.booking.test_parking import park_free
from tests.support.selling import hold, paid_booking, start_payment
from tickets import links


@pytest.fixture
def sold(as_asha, ground, sandbox):
    return paid_booking(as_asha, ground, ["A1", "A2"], sandbox)


@pytest.fixture
def link(app, sold):
    with app.app_context():
        return f"/t/{links.link_token(sold['id'])}"


@pytest.fixture
def parked(as_asha, ground, rows, sandbox, app):
    """A paid booking with a seat and a bay: (booking id, the pass's line, link)."""
    held = hold(as_asha, ground.event, ground.ids("B1"))
    rows(
        """insert into parking_claim (car_park_id, bay_kind, booking_id, starts_at, ends_at, plate, state, expires_at)
           select :p, 'standard', b.id, e.starts_at - interval '2 hours', e.ends_at + interval '1 hour', 'CRV26A',
                  'held', b.expires_at
             from booking b join event e on e.id = b.event_id where b.id = :b""",
        p=ground.car_park,
        b=held["id"],
    )
    rows(
        """insert into booking_line (booking_id, kind, parking_claim_id, face, fee, tax, total)
           select booking_id, 'parking', id, 2500, 0, 227, 2500 from parking_claim"""
    )
    rows("update booking set face = face + 2500, tax = tax + 227, total = total + 2500 where id = :b", b=held["id"])
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    assert as_asha.get(f"/bookings/{held['id']}/payment").json["state"] == "paid"
    line = rows.value("select id from booking_line where booking_id = :b and kind = 'parking'", b=held["id"])
    with app.app_context():
        return held["id"], line, f"/t/{links.link_token(held['id'])}"


# --- the pages ------------------------------------------------------------------------------------


def test_each_ticket_shows_its_way_and_its_code(as_asha, sold, rows):
    page = as_asha.get(f"/tickets/{sold['id']}")
    assert page.status == 200 and "Ticket 1 of 2" in page.text and "Ticket 2 of 2" in page.text
    assert len(page.root.find_all("svg", class_="qr")) == 2
    plates = [e.attrs["aria-label"] for e in page.root.find_all("span", role="img")]
    assert plates[:4] == ["C", "14", "A", "1"] and plates[7] == "2"
    assert "Cooper Stand" in page.text and sold["reference"] in page.text and "A$105.80" in page.text
    assert page.headers["Cache-Control"] == "no-store" and page.headers["Referrer-Policy"] == "no-referrer"


def test_the_code_on_the_page_is_the_code_that_is_kept(as_asha, sold, rows):
    html = as_asha.get(f"/tickets/{sold['id']}").html
    for row in rows("select code from qr_code"):
        assert qr_codes.svg_path(row["code"])[1] in html


def test_my_tickets_are_in_order_and_mine(as_asha, as_ben, visitor, sold, ground, rows, sandbox):
    page = as_asha.get("/tickets")
    assert page.status == 200 and "Coming" in page.text and "Past" not in page.text and "2 tickets" in page.text
    assert "No tickets yet" in as_ben.get("/tickets").text
    assert "Have an account?" in visitor.get("/tickets").text
    rows(
        "update event set starts_at = now() - interval '5 hours', ends_at = now() - interval '1 hour', gates_open_at = "
        "now() - interval '7 h'"
    )
    page = as_asha.get("/tickets")
    assert "Past" in page.text and "Coming" not in page.text


def test_a_list_of_many_bookings_costs_no_more_statements(app, as_asha, ground, sandbox):
    paid_booking(as_asha, ground, ["A1"], sandbox)
    with counted_statements(app) as one:
        as_asha.get("/tickets")
    for seat in ("A2", "A3", "A4"):
        paid_booking(as_asha, ground, [seat], sandbox)
    with counted_statements(app) as four:
        as_asha.get("/tickets")
    assert len(one) == len(four) <= 6, "\n".join(four)


def test_an_open_booking_leads_to_paying(as_asha, ground):
    held = hold(as_asha, ground.event, ground.ids("A1"))
    assert as_asha.get(f"/tickets/{held['id']}").location == f"/bookings/{held['id']}/pay"


def test_a_disputed_booking_is_marked(app, as_asha, sold, rows):
    rows("update booking set disputed_at = now()")
    rows("update ticket set status = 'disputed'")
    page = as_asha.get(f"/tickets/{sold['id']}")
    assert "In dispute" in page.text and "asks the supervisor" in page.text
    assert "In dispute" in as_asha.get("/tickets").text


def test_a_cancelled_match_is_told(app, as_asha, sold, rows):
    rows("update event set state = 'cancelled', cancelled_at = now()")
    with app.app_context():
        assert recovery.refund_cancelled_events() == 1
    page = as_asha.get(f"/tickets/{sold['id']}")
    assert (
        "The match is cancelled" in page.text
        and "−A$105.80" in page.text
        and not page.root.find_all("svg", class_="qr")
    )
    assert "Match cancelled, money back" in as_asha.get("/tickets").text


# --- the signed link ------------------------------------------------------------------------------


def test_the_link_opens_its_booking_for_whoever_holds_it(visitor, as_ben, link, sold):
    for browser in (visitor, as_ben):
        page = browser.get(link)
        assert page.status == 200 and "Ticket 1 of 2" in page.text and sold["reference"] in page.text
    assert page.headers["Cache-Control"] == "no-store" and page.headers["Referrer-Policy"] == "no-referrer"


def test_the_link_opens_nothing_else(visitor, as_asha, link, sold, ground, sandbox):
    other = paid_booking(as_asha, ground, ["B1"], sandbox)
    assert visitor.get(link).status == 200
    assert visitor.get(f"/tickets/{other['id']}").status == 404
    assert visitor.get(f"/tickets/{sold['id']}").status == 404  # and not its own booking by number, either
    assert visitor.get("/tickets").text.count("A$") == 0


@pytest.mark.parametrize("token", ["x", "x" * 22, "A" * 61, "%00" * 11, "..%2f..%2ftickets"])
def test_a_wrong_link_opens_nothing(visitor, ground, sold, token):
    page = visitor.get(f"/t/{token}")
    assert page.status == 404


def test_a_link_cut_short_or_altered_opens_nothing(visitor, link):
    assert visitor.get(link[:-1]).status == 404
    assert visitor.get(link[:-1] + ("A" if link[-1] != "A" else "B")).status == 404
    assert visitor.get(link.upper()).status == 404


def test_only_the_hash_of_a_link_is_kept(link, rows):
    token = link.removeprefix("/t/")
    assert (
        rows.value("select count(*) from booking where encode(link_hash, 'escape') like '%' || :t || '%'", t=token) == 0
    )
    assert len(bytes(rows.value("select link_hash from booking where link_hash is not null"))) == 32


# --- giving back ----------------------------------------------------------------------------------


def test_a_fan_gives_one_ticket_back_by_the_frozen_policy(as_asha, as_ben, sold, ground, rows, sandbox):
    rows(
        "update event set refund_share_bp = 0, refund_until_hours = 10000"
    )  # what changes later binds nobody who has bought
    page = as_asha.get(f"/tickets/{sold['id']}/refund")
    assert (
        page.status == 200
        and page.text.count("A$48.00") == 2
        and "Booking fees are kept" in page.text
        and "cannot be undone" in page.text
    )
    line = rows.value("select line_id from ticket where seat_id = :s", s=ground.seats["A2"])
    page = as_asha.post(f"/tickets/{sold['id']}/refund", line=[str(line)], follow=True)
    assert "A$48.00 comes back to you" in page.text and "−A$48.00" in page.text and "was given back on" in page.text
    assert dict(rows.one("select amount, state, reason from refund")) == {
        "amount": 4800,
        "state": "succeeded",
        "reason": "fan",
    }
    assert [x["amount"] for x in sandbox.ledger() if x["kind"] == "refunded"] == [4800]
    assert [r["status"] for r in rows("select status from ticket order by seat_id")] == ["valid", "void"]
    assert len(page.root.find_all("svg", class_="qr")) == 1
    hold(as_ben, ground.event, ground.ids("A2"))  # the seat is on sale again
    assert "1 given back" in as_asha.get("/tickets").text


def test_the_rest_can_follow_and_then_nothing_is_left(as_asha, sold, rows, sandbox):
    lines = [str(r["line_id"]) for r in rows("select line_id from ticket order by id")]
    as_asha.post(f"/tickets/{sold['id']}/refund", line=lines[:1])
    again = as_asha.post(f"/tickets/{sold['id']}/refund", line=lines)
    assert again.status == 409 and "given back already" in again.text
    page = as_asha.post(f"/tickets/{sold['id']}/refund", line=lines[1:], follow=True)
    assert page.status == 200 and rows.value("select state from booking") == "refunded"
    assert "All of it has been given back" in as_asha.get(f"/tickets/{sold['id']}/refund").text
    assert "Given back" in as_asha.get("/tickets").text
    assert sum(x["amount"] for x in sandbox.ledger() if x["kind"] == "refunded") == 9600


def test_giving_back_through_the_link(visitor, link, sold, rows, sandbox):
    assert visitor.get(f"{link}/refund").status == 200
    lines = [str(r["line_id"]) for r in rows("select line_id from ticket order by id")]
    refused = visitor.post(f"{link}/refund", line=["999999"])
    assert (
        refused.status == 404
        and "not in your booking any more" in refused.text
        and refused.root.find("form", action=f"{link}/refund")
    )
    page = visitor.post(f"{link}/refund", line=lines, follow=True)
    assert page.status == 200 and rows.value("select amount from refund") == 9600


def test_nothing_chosen_gives_nothing_back(as_asha, sold, rows):
    page = as_asha.post(f"/tickets/{sold['id']}/refund")
    assert (
        page.status == 422
        and "Choose what you give back" in page.text
        and rows.value("select count(*) from refund") == 0
    )


def test_the_time_for_giving_back_ends(as_asha, sold, rows):
    rows("update event set starts_at = now() + interval '23 hours', gates_open_at = now() + interval '20 hours'")
    page = as_asha.get(f"/tickets/{sold['id']}/refund")
    assert (
        "The time for giving this back is over" in page.text
        and page.root.find("form", action=f"/tickets/{sold['id']}/refund") is None
    )
    line = rows("select line_id from ticket")[0]["line_id"]
    refused = as_asha.post(f"/tickets/{sold['id']}/refund", line=[str(line)])
    assert refused.status == 409 and rows.value("select count(*) from refund") == 0


def test_nobody_gives_back_what_is_somebody_elses(as_ben, visitor, sold, rows):
    line = str(rows("select line_id from ticket")[0]["line_id"])
    for stranger in (as_ben, visitor):
        assert stranger.post(f"/tickets/{sold['id']}/refund", line=[line]).status == 404
    assert rows.value("select count(*) from refund") == 0


# --- plates, mail, calendar -----------------------------------------------------------------------


def test_a_plate_changes_until_the_window_begins(as_asha, visitor, parked, rows):
    booking, line, link = parked
    page = as_asha.get(f"/tickets/{booking}")
    assert "Wharf Street" in page.text and "CRV26A" in page.html
    page = as_asha.post(f"/tickets/{booking}/lines/{line}/plate", plate="abc-123", follow=True)
    assert "The number plate is changed" in page.text and rows.value("select plate from parking_pass") == "abc-123"
    visitor.post(f"{link}/lines/{line}/plate", plate="XY 99", follow=True)
    assert rows.value("select plate from parking_pass") == "XY 99"
    page = as_asha.post(f"/tickets/{booking}/lines/{line}/plate", plate="!", follow=True)
    assert "two to ten letters and figures" in page.text
    rows("update parking_pass set starts_at = now() - interval '1 minute'")
    page = as_asha.post(f"/tickets/{booking}/lines/{line}/plate", plate="NEW1", follow=True)
    assert "cannot be changed any more" in page.text and rows.value("select plate from parking_pass") == "XY 99"


def test_a_plate_is_changed_by_its_buyer_alone(as_ben, visitor, link, parked, rows):
    booking, line, _ = parked
    assert as_ben.post(f"/tickets/{booking}/lines/{line}/plate", plate="EVIL1").status == 404
    assert visitor.post(f"{link}/lines/{line}/plate", plate="EVIL1").status == 404  # another booking's link
    assert rows.value("select plate from parking_pass") == "CRV26A"


def test_the_mail_can_be_sent_again_but_once_a_minute(as_asha, visitor, link, sold, rows):
    page = as_asha.post(f"/tickets/{sold['id']}/resend", follow=True)
    assert "on its way" in page.text
    visitor.post(f"{link}/resend", follow=True)
    assert rows.value("select count(*) from notification where template = 'tickets'") in (
        2,
        3,
    )  # 3 when the minute has just turned


def unfold(text):
    """The lines of an iCalendar file, unfolded (RFC 5545, 3.1)."""
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return re.sub(r"\r\n[ \t]", "", text).strip().split("\r\n")


def test_the_calendar_file_can_be_read(as_asha, visitor, link, sold, rows, ground):
    rows(
        "update stadium set name = 'Lanternside Oval; Étagère, Nord — a name that goes on and on for ever', address = "
        "'Wharf Street 1'"
    )
    for answer in (as_asha.get(f"/tickets/{sold['id']}/calendar.ics"), visitor.get(f"{link}/calendar.ics")):
        assert (
            answer.status == 200
            and answer.response.mimetype == "text/calendar"
            and "attachment" in answer.headers["Content-Disposition"]
        )
        lines = unfold(answer.response.get_data(as_text=True))
        pairs = dict(line.split(":", 1) for line in lines)
        assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR" and pairs["VERSION"] == "2.0"
        starts = rows.value(
            "select to_char(starts_at at time zone 'UTC', 'YYYYMMDD\"T\"HH24MISS\"Z\"') from event where id = :e",
            e=ground.event,
        )
        assert pairs["DTSTART"] == starts and pairs["SUMMARY"] == "Terns v Herons"
        assert any(line.startswith("DESCRIPTION:") and "row A\\, seat 1\\;" in line for line in lines)
        assert "Oval\\; Étagère\\, Nord" in pairs["LOCATION"]


def entries(answer):
    """{UID: entry} of a calendar file, as the icalendar library reads it."""
    assert answer.status == 200, answer.status
    unfold(answer.response.get_data(as_text=True))
    read = Calendar.from_ical(answer.response.get_data())
    assert read["METHOD"] == "PUBLISH"
    found = {str(entry["UID"]): entry for entry in read.walk("VEVENT")}
    assert len(found) == len(read.walk("VEVENT")), "one name twice"
    return found


def test_a_calendar_has_an_entry_for_each_thing_and_its_state(as_asha, visitor, link, sold, rows, ground, sandbox):
    here = f"/tickets/{sold['id']}/calendar.ics"
    name = f"booking-{sold['reference']}@cricverse"
    [before] = entries(as_asha.get(here)).values()
    assert (before["STATUS"], before["SEQUENCE"], str(before["UID"])) == ("CONFIRMED", 0, name)
    assert "row A, seat 1" in before["DESCRIPTION"] and before.walk("VALARM")
    rows("update ticket set status = 'void', void_at = now() where line_id = (select min(line_id) from ticket)")
    less = entries(as_asha.get(here))[name]
    assert less["STATUS"] == "CONFIRMED" and less["SEQUENCE"] == 1 and "seat 1" not in less["DESCRIPTION"]
    rows("update ticket set link_hash = '\\x01' where status = 'valid'")
    gone = entries(visitor.get(f"{link}/calendar.ics"))[name]
    assert gone["STATUS"] == "CANCELLED" and gone["SEQUENCE"] == 2 and not gone.walk("VALARM")
    rows("update event set state = 'cancelled', cancelled_at = now() where id = :e", e=ground.event)
    off = entries(as_asha.get(here))[name]
    assert (
        off["STATUS"] == "CANCELLED" and off["SEQUENCE"] == 3 and "Update my calendar" in as_asha.get(here[:-13]).text
    )


def test_the_mail_about_a_refund_calls_the_entry_off(as_asha, sold, rows, sandbox, mails):
    lines = [row["id"] for row in rows("select id from booking_line where booking_id = :b", b=sold["id"])]
    assert as_asha.post(f"/tickets/{sold['id']}/refund", line=lines).status == 303
    [file] = [a for a in mails("asha@example.org")[-1]["attachments"] if a["type"] == "text/calendar"]
    _, text = sandbox.request("GET", file["url"])
    [entry] = Calendar.from_ical(text).walk("VEVENT")
    assert entry["STATUS"] == "CANCELLED" and entry["UID"] == f"booking-{sold['reference']}@cricverse"


def test_two_passes_on_two_days_are_two_entries(visitor, ground, rows, sandbox):
    for days in (2, 3):
        assert park_free(visitor, ground, 10, days=days, plate=f"DAY{days}").status == 303
    [booking] = {row["booking_id"] for row in rows("select booking_id from booking_line")}
    started = start_payment(visitor, booking, name="Gus Green", email="gus@example.org")
    sandbox.pay(started["client_secret"])
    visitor.get(f"/bookings/{booking}/return")
    reference = rows.value("select reference from booking")
    read = entries(visitor.get(f"/tickets/{booking}/calendar.ics"))
    first, second = sorted(read.values(), key=lambda entry: entry["DTSTART"].dt)
    kept = rows("select starts_at, ends_at, line_id from parking_pass order by starts_at")
    assert [(e["DTSTART"].dt, e["DTEND"].dt) for e in (first, second)] == [(r["starts_at"], r["ends_at"]) for r in kept]
    assert list(read) == [f"booking-{reference}@cricverse", f"booking-{reference}-pass-{kept[1]['line_id']}@cricverse"]
    assert "DAY2" in first["DESCRIPTION"] and "DAY3" in second["DESCRIPTION"]
    rows("update parking_pass set status = 'void', void_at = now() where line_id = :n", n=kept[1]["line_id"])
    again = entries(visitor.get(f"/tickets/{booking}/calendar.ics"))
    assert [(str(e["STATUS"]), e["SEQUENCE"]) for e in again.values()] == [("CONFIRMED", 0), ("CANCELLED", 1)]
    assert list(again) == list(read)


def test_a_pass_is_on_paper_and_on_the_tickets_beside_it(as_asha, visitor, parked, ground, rows, sandbox):
    """Plates stand on both as they were typed."""
    paper = as_asha.client.get(f"/tickets/{parked[0]}/tickets.pdf")
    assert paper.status_code == 200 and paper.data.startswith(b"%PDF-")
    assert park_free(visitor, ground, 10, days=2, plate="ÅB 12").status == 303
    [alone] = {row["id"] for row in rows("select id from booking where event_id is null")}
    started = start_payment(visitor, alone, name="Gus Green", email="gus@example.org")
    sandbox.pay(started["client_secret"])
    visitor.get(f"/bookings/{alone}/return")
    paper = visitor.client.get(f"/tickets/{alone}/tickets.pdf")
    assert paper.status_code == 200 and paper.data.startswith(b"%PDF-")


def test_parking_alone_is_paid_kept_mailed_and_given_back(app, visitor, ground, rows, sandbox):
    """A booking without a match: every page and the mail do without one."""
    assert park_free(visitor, ground, 10, hours=2.5).status == 303
    booking = rows.value("select id from booking")
    page = visitor.get(f"/bookings/{booking}/pay")
    assert page.status == 200 and "Pay for your parking" in page.text and "A$18.00" in page.text
    assert page.form("/confirm").attrs["data-start"] == "/api/create-parking-payment"
    asked = {"booking_id": booking, "name": "Gus Green", "email": "gus@example.org"}
    started = visitor.api("POST", "/api/create-parking-payment", asked).json
    assert "not paid yet" in visitor.get(f"/bookings/{booking}/return").text
    sandbox.pay(started["client_secret"])
    page = visitor.get(visitor.get(f"/bookings/{booking}/return").location)
    assert (
        page.status == 200
        and "Parking pass" in page.text
        and "Ticket 1" not in page.text
        and len(page.root.find_all("svg", class_="qr")) == 1
    )
    assert "Parking at Lanternside Oval" in visitor.get("/tickets").text
    unfold(visitor.get(f"/tickets/{booking}/calendar.ics").response.get_data(as_text=True))
    with app.app_context():
        assert outbox.send_due() == 1
    (mail,) = sandbox.mail("gus@example.org")
    assert (
        mail["subject"] == "Your parking pass: Lanternside Oval"
        and "Wharf Street" in mail["text"]
        and "cid:parking-1" in mail["html"]
    )
    page = visitor.get(f"/tickets/{booking}/refund")
    line = page.root.find("input", name="line")
    if line is not None:  # by the ground's policy for parking
        visitor.post(f"/tickets/{booking}/refund", line=[line.attrs["value"]], follow=True)
        assert rows.value("select status from parking_pass") == "void"
        with app.app_context():
            assert outbox.send_due() == 1
    else:
        assert "cannot be given back" in page.text


# --- find my tickets ------------------------------------------------------------------------------


def test_finding_by_address_says_the_same_to_everybody(app, visitor, sold, rows, sandbox):
    pages = [
        visitor.post("/tickets/find", email=address, follow=True)
        for address in ("asha@example.org", "nobody@example.org")
    ]
    assert pages[0].text == pages[1].text and "their links are on the way" in pages[0].text
    assert rows.value("select count(*) from notification where template = 'find_tickets'") == 1
    with app.app_context():
        outbox.send_due()
    mail = next(m for m in sandbox.mail("asha@example.org") if m["subject"] == "Your tickets at CricVerse")
    path = re.search(r"http://127\.0\.0\.1:5000(/t/\S+)", mail["text"]).group(1)
    assert visitor.get(path).status == 200 and sandbox.mail("nobody@example.org") == []


def test_the_links_go_to_the_address_that_bought_and_no_other(visitor, sold, rows):
    """An address that is only like it (a tag after a plus) finds the bookings; the mail still goes to
    the buyer's own.
    """
    visitor.post("/tickets/find", email="asha+thief@example.org")
    assert [r["recipient"] for r in rows("select recipient from notification where template = 'find_tickets'")] == [
        "asha@example.org"
    ]


def test_what_is_no_address_is_told_at_the_field(visitor, ground):
    for address, words in (("", "Enter the address"), ("asha at example", "does not look like an e-mail address")):
        page = visitor.post("/tickets/find", email=address)
        assert page.status == 422 and words in page.text and page.root.find(aria_invalid="true") is not None
