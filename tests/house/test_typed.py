"""What people type into the doors of the product: kept as it was typed, or refused with a sentence; and compared in one
form, in Python and in the database alike.
"""

import re
import unicodedata
from importlib import import_module

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from outside import whole_number
from outside.addresses import read_address, readable_address
from outside.folding import plain, same_words
from outside.names import LONGEST_NAME, read_name
from outside.plates import letters_of, read_plate
from qr_codes import short_code
from refusals import Refused
from tests.support.cast import PASSWORD
from tests.support.gating import Phone
from tests.support.owning import parked
from tests.support.page import Browser
from tests.support.selling import hold, paid_booking, start_payment

NAMES = [
    ("José Núñez", "José Núñez"),
    ("Jose\u0301", "José"),
    ("  Mia\t Chen\n", "Mia Chen"),
    ("Mia\u3000Chen\u2800", "Mia Chen"),
    ("Mia\u200b\u2060\ufeff", "Mia"),
    ("\u202eMia\u202c \u2066Chen\u2069", "Mia Chen"),
    ("Mi\u200da \u200cChen", "Mia Chen"),
    ("ශ්\u200dරී ලංකා", "ශ්\u200dරී ලංකා"),
    ("می\u200cخواهم", "می\u200cخواهم"),
    ("র\u200d্যান্ডি", "র\u200d্যান্ডি"),
    ("👩\u200d👧 ❤\ufe0f Rao", "👩\u200d👧 ❤\ufe0f Rao"),
    ("Asha 🏏 Rao", "Asha 🏏 Rao"),
    ("葛\U000e0100城", "葛\U000e0100城"),
    ("A\ufe0f\U000e0041sha", "Asha"),
    ("X" * 100, "X" * 100),
]
NO_NAMES = [
    "",
    "   ",
    "\u3000",
    "\u200b",
    "\u3164",
    "\u2800 \u115f",
    "\u202e\u202c",
    "\u0301",
    "X" * 101,
    "e\u0301" * 101,
]

ADDRESSES = [  # as typed, as mail is sent to it, its mailbox
    ("Asha@Example.ORG", "Asha@example.org", "asha@example.org"),
    ("asha+match@example.org", "asha+match@example.org", "asha@example.org"),
    ("A.sha.Rao+x@googlemail.com", "A.sha.Rao+x@googlemail.com", "asharao@gmail.com"),
    ("a.b@example.org", "a.b@example.org", "a.b@example.org"),
    ("+alice@example.net", "+alice@example.net", "+alice@example.net"),
    ("+bob@example.net", "+bob@example.net", "+bob@example.net"),
    ("+a.b+c@gmail.com", "+a.b+c@gmail.com", "+ab+c@gmail.com"),
    ("team+anna@club.example", "team+anna@club.example", "team@club.example"),
    ("mina@müller.example", "mina@xn--mller-kva.example", "mina@xn--mller-kva.example"),
    ("mina@xn--mller-kva.example", "mina@xn--mller-kva.example", "mina@xn--mller-kva.example"),
    ("\u200bmia@example.org\u202c ", "mia@example.org", "mia@example.org"),
]
LONG = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 20}.org"
NO_ADDRESSES = [
    ("", "does not look like"),
    ("asha", "does not look like"),
    ("asha@", "does not look like"),
    ("a b@example.org", "does not look like"),
    ("josé@example.org", "letters such as é before the @"),
    ("अशा@example.org", "letters such as é before the @"),
    ("x" * 65 + "@example.org", "too long"),
    ("x" * 300 + "@example.org", "too long"),
]

PLATES = [  # as typed, as kept, as compared
    (" crv-26  a ", "crv-26 a", "crv26a"),
    ("MÜ-AB 123", "MÜ-AB 123", "müab123"),
    ("А123ВС 77", "А123ВС 77", "а123вс77"),
    ("å12", "å12", "å12"),
    ("A\u030a12", "Å12", "å12"),
    ("ABC١٢٣", "ABC١٢٣", "abc123"),
    ("ＡＢＣ１２３", "ＡＢＣ１２３", "abc123"),
    ("12 ශ්\u200dරී 3456", "12 ශ්\u200dරී 3456", "12ශ්රී3456"),
    ("மும்பை 12", "மும்பை 12", "மும்பை12"),
    ("AB·12‑34", "AB·12‑34", "ab1234"),
]
NO_PLATES = ["", "-", "A", "?", "ABCDEFGHIJKL", "AB/12", "AB🏏12", "A\u2066B1\u2069" * 9, "²³", "AB <b>"]

WORDS = [
    ("José O’Connor-Núñez", "jose oconnor nunez"),
    ("O'CONNOR  o`brien D\u02bcArcy", "oconnor obrien darcy"),
    ("Zoë Müller–Ford", "zoe muller ford"),
    ("Søren Łukasz ÆSIR straße Þór İstanbul ıI", "soren lukasz aesir strasse thor istanbul ii"),
    ("ΣΊΣΥΦΟΣ Ёлкин", "σισυφοσ елкин"),
    ("ශ්\u200dරී ලංකා", "ශ්රී ලංකා"),
    ("ＡＢＣ ﬁnal", "abc final"),
    ("דָּוִד אַחְמַד مُحَمَّد", "דוד אחמד محمد"),
    ("!?—… ", ""),
]


def refused(read, typed):
    with pytest.raises(Refused) as said:
        read(typed)
    return said.value


def of_the_database(rows, function, values):
    """What app.…(text) makes of each of these."""
    found = rows(
        f"select app.{function}(x) as said from unnest(cast(:v as text[])) with ordinality t(x, n) order by n", v=values
    )
    return [row["said"] for row in found]


def test_names_are_kept_as_typed_but_for_what_cannot_be_seen(rows):
    kept = [read_name(typed) for typed, _ in NAMES]
    assert kept == [wanted for _, wanted in NAMES]
    assert of_the_database(rows, "kept_name", kept) == kept


@pytest.mark.parametrize("typed", NO_NAMES, ids=ascii)
def test_what_is_no_name_is_refused(typed):
    assert refused(read_name, typed).code == "BAD_NAME"


def test_the_names_of_the_reports_are_kept(shared):
    lines = (shared / "faults" / "names.txt").read_text().splitlines()
    assert [read_name(line) for line in lines if line.strip()] == [line for line in lines if line.strip()]


def test_addresses_are_read_in_one_way_and_belong_to_one_mailbox(rows):
    sent = [read_address(typed) for typed, _, _ in ADDRESSES]
    assert sent == [wanted for _, wanted, _ in ADDRESSES]
    boxes = of_the_database(rows, "mailbox", sent)
    assert boxes == [box for _, _, box in ADDRESSES]
    assert of_the_database(rows, "mailbox", boxes) == boxes  # a mailbox's own address is itself
    assert read_address(LONG) == LONG and len(LONG) == 207
    assert readable_address("mina@xn--mller-kva.example") == "mina@müller.example"


@pytest.mark.parametrize(("typed", "why"), NO_ADDRESSES, ids=range(len(NO_ADDRESSES)))
def test_what_mail_cannot_be_sent_to_is_refused_with_the_reason(typed, why):
    said = refused(read_address, typed)
    assert said.code == "BAD_EMAIL" and why in said.sentence


def test_plates_are_kept_as_typed_and_compared_by_letters_and_figures(rows):
    kept = [read_plate(typed) for typed, _, _ in PLATES]
    assert kept == [wanted for _, wanted, _ in PLATES]
    assert of_the_database(rows, "kept_plate", kept) == kept
    assert of_the_database(rows, "plate_key", kept) == [key for _, _, key in PLATES]


def test_a_plate_is_shown_letter_by_letter_with_its_marks():
    assert letters_of("MÜ-1") == ["M", "Ü", "-", "1"]
    assert letters_of("12 ශ්\u200dරී 3") == ["1", "2", " ", "ශ්\u200dරී", " ", "3"]
    assert letters_of("क्षि1") == ["क्षि", "1"] and letters_of(120) == ["1", "2", "0"]


@pytest.mark.parametrize("typed", NO_PLATES, ids=ascii)
def test_what_is_no_plate_is_refused(typed):
    assert refused(read_plate, typed).code == "BAD_PLATE"


def test_words_are_folded_alike_here_and_in_the_database(rows):
    assert [" ".join(plain(typed)) for typed, _ in WORDS] == [folded for _, folded in WORDS]
    # Letters that this Python and that PostgreSQL know, each by itself between two others.
    known = [f"a{chr(n)}b" for n in range(1, 0x3000) if unicodedata.category(chr(n))[0] in "LMNPSZ"]
    for typed in ([typed for typed, _ in WORDS], known):
        ours = [" ".join(plain(one)) for one in typed]
        theirs = [" ".join(one.split()) for one in of_the_database(rows, "plain", typed)]
        assert [(a, b, c) for a, b, c in zip(typed, ours, theirs, strict=True) if b != c] == []


def test_a_name_is_confirmed_with_any_quotes_and_dashes():
    assert same_words(" lanternside’s  FINAL - day 1", "Lanternside's Final – Day 1")
    assert same_words("Núñez Cup", "Nunez  cup")
    assert not same_words("Lanternside Final", "Lanternside's Final – Day 1")
    assert not same_words("", "!!") and same_words("!!", "!!")


# --- at the doors ---------------------------------------------------------------------------------


def begin_to_pay(browser, booking, **contact):
    return browser.api("POST", "/api/create-booking-payment", {"booking_id": booking, **contact})


def test_no_door_makes_a_person_without_a_name(visitor, as_asha, as_omar, sold, ground, rows, mails):
    blank, said = " \u3164\u200b ", "at least one letter, figure or sign"
    page = visitor.post("/sign-up", name=blank, email="mia@example.org", password=PASSWORD)
    assert page.status == 422 and said in page.text
    assert page.root.find("input", name="name").attrs["aria-invalid"] == "true"
    held = hold(visitor, ground.event, ground.ids("B1"))
    answer = begin_to_pay(visitor, held["id"], name=blank, email="mia@example.org")
    assert (answer.status, answer.json["error"]["code"]) == (422, "BAD_NAME") and said in answer.text
    rows("update booking set total = 0, face = 0, fee = 0, tax = 0 where id = :b", b=held["id"])
    page = visitor.post(f"/bookings/{held['id']}/confirm", name="X" * (LONGEST_NAME + 1), email="mia@example.org")
    assert page.status == 422 and "at most 100 characters" in page.text
    ticket = f"/tickets/{sold['id']}/rights/{rows.value('select id from ticket order by line_id limit 1')}"
    assert said in as_asha.post(f"{ticket}/name", name=blank, follow=True).text
    assert said in as_asha.post(f"{ticket}/send", name=blank, email="ravi@example.org", follow=True).text
    as_asha.post(f"{ticket}/send", name="Ravi", email="ravi@example.org")
    offer = re.search(r"/t/offer/[\w-]+", mails("ravi@example.org")[-1]["text"])[0]
    page = visitor.post(offer, name=blank)
    assert page.status == 422 and said in page.text
    page = as_omar.post(f"/gates/{ground.event}/phones", name=blank, gate=str(ground.gate))
    assert page.status == 422 and "Give the phone a name" in page.text
    assert rows("select name from gate_device union all select holder_name from ticket where holder_name <> ''") == []


def test_names_are_cleaned_alike_at_every_door(visitor, as_asha, as_omar, sold, ground, rows, mails):
    typed, kept = " Jose\u0301\u202e \u200b Núñez ", "José Núñez"
    ticket = f"/tickets/{sold['id']}/rights/{rows.value('select id from ticket order by line_id limit 1')}"
    as_asha.post(f"{ticket}/name", name=typed)
    assert rows.value("select holder_name from ticket where holder_name is not null") == kept
    as_asha.post(f"{ticket}/send", name=typed, email="ravi@example.org")
    assert rows.value("select to_name from ticket_transfer") == kept
    visitor.post(re.search(r"/t/offer/[\w-]+", mails("ravi@example.org")[-1]["text"])[0], name=f"{typed}\n Cruz")
    assert rows.value("select holder_name from ticket where link_hash is not null") == f"{kept} Cruz"
    held = hold(visitor, ground.event, ground.ids("B1"))
    start_payment(visitor, held["id"], name=typed, email="jose@example.org")
    assert rows.value("select contact_name from booking where id = :b", b=held["id"]) == kept
    assert as_omar.post(f"/gates/{ground.event}/phones", name=typed, gate=str(ground.gate)).status == 201
    assert rows.value("select name from gate_device") == kept
    visitor.post("/sign-up", name=typed, email="jose@example.org", password=PASSWORD)
    assert rows.value("select name from customer where email = 'jose@example.org' and kind = 'fan'") == kept


@pytest.mark.parametrize("name", ["Mia\u202e", "\u200b", "\U000e0041Mia", "X" * 101], ids=ascii)
def test_the_database_keeps_no_name_that_was_not_cleaned(rows, name):
    with pytest.raises(DBAPIError) as said:
        of_the_database(rows, "kept_name", [name])
    assert said.value.orig.diag.message_primary == "BAD_NAME"


def test_a_long_address_signs_up_pays_and_finds_its_tickets(visitor, ground, sandbox, rows, mails):
    held = hold(visitor, ground.event, ground.ids("B1"))
    sandbox.pay(start_payment(visitor, held["id"], name="Mia", email=LONG)["client_secret"])
    visitor.get(f"/bookings/{held['id']}/return")
    assert visitor.post("/sign-up", name="Mia", email=LONG, password=PASSWORD).status == 303
    visitor.post("/sign-out")
    assert visitor.post("/sign-in", email=LONG, password=PASSWORD).status == 303
    assert visitor.post("/tickets/find", email=LONG).status == 303
    assert len(mails(LONG)) == 2


def test_a_tag_with_nothing_before_it_is_a_mailbox_of_its_own(app, visitor, ground, rows):
    for name in ("alice", "bob"):
        browser = Browser(app)
        page = browser.post("/sign-up", name=name, email=f"+{name}@example.net", password=PASSWORD)
        assert page.status == 303, page.text
    assert visitor.post("/sign-up", name="Al", email="+Alice@example.net", password=PASSWORD).status == 409
    for address in ("team+anna@club.example", "team+ben@club.example"):
        held = hold(browser := Browser(app), ground.event, ground.ids("B1" if "anna" in address else "B2"))
        start_payment(browser, held["id"], name="Team", email=address)
    keys = rows("select distinct email_key from booking")
    assert [row["email_key"] for row in keys] == ["team@club.example"]


def test_a_mailbox_that_mail_does_not_reach_is_refused_at_every_door(visitor, as_asha, sold, ground, rows):
    address, said = "josé@example.org", "letters such as é before the @"
    page = visitor.post("/sign-up", name="José", email=address, password=PASSWORD)
    assert page.status == 422 and said in page.text
    held = hold(visitor, ground.event, ground.ids("B1"))
    answer = begin_to_pay(visitor, held["id"], name="José", email=address)
    assert (answer.status, answer.json["error"]["code"]) == (422, "BAD_EMAIL")
    assert said in answer.json["error"]["message"]
    page = visitor.post("/tickets/find", email=address)
    assert page.status == 422 and said in page.text
    ticket = f"/tickets/{sold['id']}/rights/{rows.value('select id from ticket order by line_id limit 1')}"
    assert said in as_asha.post(f"{ticket}/send", name="José", email=address, follow=True).text


def test_who_has_such_an_address_already_signs_in(visitor, cast, rows):
    rows(
        "update customer set email = 'josé@example.org', email_key = 'josé@example.org' where id = :a",
        a=cast.ids["asha"],
    )
    assert visitor.post("/sign-in", email="José@example.org", password=PASSWORD).status == 303


def test_a_domain_is_sent_in_ascii_and_shown_as_it_is_written(visitor, ground, rows, sandbox, mails):
    held = hold(visitor, ground.event, ground.ids("B1"))
    sandbox.pay(start_payment(visitor, held["id"], name="Mina", email="Mina@MÜLLER.example")["client_secret"])
    visitor.get(f"/bookings/{held['id']}/return")
    assert rows.value("select contact_email from booking where id = :b", b=held["id"]) == "Mina@xn--mller-kva.example"
    assert len(mails("Mina@xn--mller-kva.example")) == 1
    held = hold(visitor, ground.event, ground.ids("B2"))
    page = visitor.get(f"/bookings/{held['id']}/pay")
    assert page.root.find("input", name="email").attrs["value"] == "Mina@müller.example"


def test_an_older_databases_addresses_are_put_right(cast, ground, rows, engine):
    asha = cast.ids["asha"]
    rows("update customer set email = '+asha@example.org', email_key = '@example.org' where id = :a", a=asha)
    rows("update customer set email = 'ben@müller.example' where id = :b", b=cast.ids["ben"])
    with engine.connect() as connection, Operations.context(MigrationContext.configure(connection)):
        connection.execute(text("set local row_security = off"))
        import_module("migrations.versions.0027_mailboxes").upgrade()
        found = connection.execute(text("select email, email_key from customer order by id")).all()
        connection.rollback()
    assert ("+asha@example.org", "+asha@example.org") in found
    assert ("ben@xn--mller-kva.example", "ben@example.org") in found


def test_figures_that_are_none_are_said_and_not_a_fault(as_omar, home_page):
    assert [whole_number(typed) for typed in ("7", "007", "²", "٣", "1_0", "+1", "", "9" * 19, None)] == [7, 7] + [
        None
    ] * 7
    for typed in ("Bay 14 row A 1-²", "Cooper Stand bay 14 row A ²-³", "Cooper Stand bay 14 row A ١-٣"):
        page = as_omar.post(f"{home_page}/seats/block", place=typed)
        assert page.status == 422 and page.root.find("input", name="place").attrs["value"] == typed, typed


# --- searching -------------------------------------------------------------------------------------


PEOPLE = ["jose nunez", "NÚÑEZ  José", "nunez jose", "josé", "oconnor", "O'Connor", "o’connor núñez", "connor jos"]
SEATS = [
    "row A seat 1",
    "Row A, seat 1",
    "A 1",
    "a1",
    "A-1",
    "Seat 1 row a",
    "Cooper Stand row A seat 1",
    "nunez row a seat 1",
]


@pytest.fixture
def bought(as_asha, as_ben, ground, sandbox, rows):
    """José has A1, Ben has B2; (the short code on A1's ticket, José's reference)."""
    booking = paid_booking(as_asha, ground, ["A1"], sandbox, name="José O’Connor Núñez", email="jose@example.org")
    paid_booking(as_ben, ground, ["B2"], sandbox, name="Ben Okafor", email="ben@example.org")
    short = short_code(rows.value("select hash from ticket where booking_id = :b", b=booking["id"]))
    return short, booking["reference"]


@pytest.fixture
def at_the_gate(app, rows, ground):
    """The names that a steward's phone finds for some words."""
    phone = Phone(app, rows, ground.stadium, ground.event, [ground.gate], may_search=True)
    return lambda words: [one["name"] for one in phone.call("GET", "search", query_string={"q": words}).json["found"]]


@pytest.fixture
def at_the_office(as_omar, home_page):
    """The names in the owner's list of bookings for some words."""

    def search(words):
        page = as_omar.get(home_page, query_string={"q": words, "state": "bought"})
        return [name for name in ("José O’Connor Núñez", "Ben Okafor") if name in page.text]

    return search


def test_people_and_seats_are_found_as_they_are_asked_for(bought, at_the_gate, at_the_office):
    short, reference = bought
    codes = [short, short.replace("-", ""), short.lower(), short.replace("0", "O").replace("1", "l")]
    for words in [*PEOPLE, *SEATS, *codes, reference, f"{reference[:4]}-{reference[4:]}".lower()]:
        assert at_the_gate(words) == at_the_office(words) == ["José O’Connor Núñez"], words
    for words in ("", "x", "%", "__", "jose okafor", "row a seat 2", "Row Z", "A 3", "ben row a seat 1", "7KQ2-M0XE"):
        assert at_the_gate(words) == [], words
    for words in ("jose okafor", "row a seat 2", "A 3", "ben row a seat 1", "7KQ2-M0XE"):
        assert at_the_office(words) == [], words


def test_a_holders_name_finds_the_booking(bought, as_asha, at_the_gate, at_the_office, rows):
    ticket = rows.one("select id, booking_id from ticket order by line_id limit 1")
    as_asha.post(f"/tickets/{ticket['booking_id']}/rights/{ticket['id']}/name", name="Zoë Müller-Ford")
    assert at_the_gate("muller zoe") == ["Zoë Müller-Ford"] and at_the_office("muller zoe") == ["José O’Connor Núñez"]


def test_cancelling_takes_the_name_in_any_quotes(as_omar, ground, rows, home_page):
    rows("update event set name = 'Lanternside’s Final – Day 1' where id = :e", e=ground.event)
    page = as_omar.post(f"{home_page}/cancel", name="Lanternside Final")
    assert page.status == 422 and "The name is not the same" in page.text
    assert as_omar.post(f"{home_page}/cancel", name=" lanternside's final - day 1").status == 303
    assert rows.value("select state from event where id = :e", e=ground.event) == "cancelled"


def test_a_plate_is_found_however_it_is_typed(as_asha, as_omar, ground, rows, sandbox, parking_page):
    booking = parked(as_asha, rows, ground, sandbox, plate="MÜ-AB ١٢")
    for words in ("müab 12", "MÜ AB12", "ab-12", "MU\u0308.AB.１２"):
        assert booking["reference"] in as_omar.get(parking_page, query_string={"q": words}).text, words
    assert booking["reference"] not in as_omar.get(parking_page, query_string={"q": "MÜ AB 13"}).text
