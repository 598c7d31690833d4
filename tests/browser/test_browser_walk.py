"""The main job as people walk it, in Chromium at a phone's size: seats, parking, paying, tickets, mail; and what goes
wrong on the way.
"""

import re

import pytest

from tests.support.browser import chromium
from tests.support.holding import age, booking, held_seats, minutes_left
from tests.support.sandbox_server import eventually
from tests.support.selling import paid_booking
from tests.support.walking import (
    BANK_FRAME,
    CARD_FRAME,
    DECLINED,
    GOOD,
    THREE_D_SECURE,
    CountingFan,
    Fan,
    open_mail,
    read_code,
    serving_in_public,
    shows_code,
)

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need Playwright")
expect = playwright.expect
CONTACT = {"name": "Asha Rao", "email": "asha@example.org"}


@pytest.fixture(scope="module")
def chrome():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(settings, sandbox):
    with serving_in_public(settings, sandbox) as site:
        yield site


@pytest.fixture
def open_browser(chrome, site, ground):
    """Opens one person's browser: open_browser(**options of the context)."""
    opened = []

    def open_one(**options):
        opened.append(Fan(chrome, site, **options))
        return opened[-1]

    yield open_one
    for fan in opened:
        fan.close()


@pytest.fixture
def fan(open_browser):
    return open_browser()


def codes(rows):
    return rows("select code, t.id, t.seat_id from qr_code q join ticket t on t.id = q.ticket_id order by t.seat_id")


# --- the walk -------------------------------------------------------------------------------------


def test_a_visitor_becomes_a_guest_with_tickets_and_a_mail(fan, open_browser, ground, rows, sandbox):
    page = fan.page
    page.goto("/")
    fan.fine()
    fan.link("All fixtures").first.click()
    fan.fine()
    fan.link("Harbour Terns v Torrens Herons", exact=True).click()
    page.get_by_role("heading", level=1, name="Harbour Terns v Torrens Herons").wait_for()
    fan.fine()
    fan.link("Choose seats").first.click()
    fan.fine()
    fan.link("Cooper Stand", exact=True).click()
    fan.fine()
    fan.link(re.compile("bay 14, gate C")).click()
    expect(page.get_by_role("group", name="Row A")).to_be_visible()
    fan.fine()

    fan.seat("A", 3).check()
    fan.seat("A", 4).check()
    expect(page.get_by_text("2 seats chosen")).to_be_visible()
    fan.button("Hold these seats").click()
    tray = page.get_by_role("region", name="2 seats held")
    expect(tray).to_contain_text("Row A, seat 3")
    expect(tray).to_contain_text("Row A, seat 4")
    expect(tray).to_contain_text("A$105.80")
    expect(tray.get_by_text(re.compile(r"^(10:00|9:\d\d)$")).first).to_be_visible()
    fan.fine()
    assert held_seats(rows, ground) == ["A3", "A4"]

    fan.link("Pay without parking").click()
    page.get_by_role("heading", level=1, name="Pay for your seats").wait_for()
    expect(page.frame_locator(CARD_FRAME).get_by_label("Card number")).to_be_visible()
    fan.fine()
    fan.say_who()
    fan.type_card(THREE_D_SECURE)
    fan.button("Pay A$105.80").click()
    bank = page.frame_locator(BANK_FRAME)
    expect(bank.get_by_role("heading", name="Confirm this payment")).to_be_visible()
    expect(bank.get_by_text("105.80")).to_be_visible()
    fan.fine()
    bank.get_by_role("button", name="Approve").click()

    fan.wait_for_tickets()
    fan.fine()
    kept = codes(rows)
    assert [row["seat_id"] for row in kept] == ground.ids("A3", "A4")
    for number, row in enumerate(kept, 1):
        code = read_code(rows, row["code"])
        assert code.event == ground.event and code.ticket == row["id"]
        assert shows_code(fan, re.compile(f"^The code of ticket {number}, "), row["code"])
    assert booking(rows)["state"] == "paid" and booking(rows)["contact_email"] == "vera@example.org"
    assert rows.value("select kind from customer where id = (select customer_id from booking)") == "guest"
    assert [entry["amount"] for entry in sandbox.ledger()] == [10580]

    mails, link = open_mail(fan, sandbox, "vera@example.org")
    assert len(mails) == 1 and [a["type"] for a in mails[0]["attachments"]].count("image/png") == 2
    friend = open_browser()
    friend.page.goto(link)
    expect(friend.page.get_by_role("heading", level=1, name="Tickets for Terns v Herons")).to_be_attached()
    assert shows_code(friend, re.compile("^The code of ticket 2, "), kept[1]["code"])
    friend.fine()


@pytest.fixture
def counting(chrome, site, ground):
    """A new fan on a phone of 390 px near the ground, whose taps and fields are counted."""
    fan = CountingFan(chrome, site, geolocation={"latitude": -33.86, "longitude": 151.2}, permissions=["geolocation"])
    yield fan
    fan.close()


def by_words(fan):
    """A wish in one's own words; what it asks of the seats goes along to the match."""
    fan.page.get_by_role("searchbox").fill("Terns in Sydney, 2 of us under 60")
    fan.page.keyboard.press("Enter")
    fan.link("Best seats for Harbour Terns v Torrens Herons").click()


def by_taps(fan):
    """What is near, and the best seats there."""
    fan.link("Near me").click()
    fan.link("Choose seats for Harbour Terns v Torrens Herons").click()
    fan.button("Show the best seats").click()


def without_a_bay(fan):
    fan.link("Pay without parking").click()


def with_a_bay(fan):
    """The nearest car park is chosen already."""
    fan.link("Add parking").click()
    fan.page.get_by_label("Number plate").fill("CRV 26A")
    fan.button("Add parking and pay").click()


@pytest.mark.parametrize(
    ("search", "park", "passes"),
    [(by_words, without_a_bay, 0), (by_taps, with_a_bay, 1)],
    ids=["words", "taps-and-bay"],
)
def test_a_new_fan_has_tickets_after_eleven_taps_and_six_fields_at_most(counting, rows, search, park, passes):
    fan, page = counting, counting.page
    page.goto("/")
    search(fan)
    fan.button(re.compile("^Hold these 2 seats")).first.click()
    page.get_by_role("heading", name="2 seats held").wait_for()
    park(fan)
    fan.say_who()
    fan.type_card(THREE_D_SECURE)
    fan.button(re.compile("^Pay ")).click()
    fan.approve()
    fan.wait_for_tickets()
    expect(page.get_by_role("status").filter(has_text="This is paid")).to_contain_text("also sent to vera@example.org")
    fan.fine()
    assert len(codes(rows)) == 2 and rows.value("select count(*) from parking_pass") == passes
    assert len(fan.taps) <= 11 and len(fan.fields) <= 6, (fan.taps, fan.fields)


def test_the_same_with_parking_by_keys_alone(fan, ground, rows, sandbox):
    page = fan.page
    page.goto("/")
    fan.tab_to(fan.link("Skip to the content"))
    fan.press("Enter")
    fan.tab_to(fan.link("All fixtures").first)
    fan.press("Enter")
    page.get_by_role("heading", level=1, name="Fixtures").wait_for()
    fan.tab_to(fan.link("Harbour Terns v Torrens Herons", exact=True))
    fan.press("Enter")
    page.get_by_role("heading", level=1, name="Harbour Terns v Torrens Herons").wait_for()
    fan.tab_to(fan.link("Choose seats").first)
    fan.press("Enter")
    page.get_by_role("heading", name="Choose a stand").wait_for()
    fan.tab_to(fan.link("Cooper Stand", exact=True))
    fan.press("Enter")
    page.get_by_role("heading", level=2, name="Cooper Stand").wait_for()
    fan.tab_to(fan.link(re.compile("bay 14, gate C")))
    fan.press("Enter")
    page.get_by_role("group", name="Row B").wait_for()
    fan.tab_to(fan.seat("B", 5))
    fan.press("Space")
    fan.tab_to(fan.seat("B", 6))
    fan.press("Space")
    fan.tab_to(fan.button("Hold these seats"))
    fan.press("Enter")
    tray = page.get_by_role("region", name="2 seats held")
    tray.wait_for()
    assert held_seats(rows, ground) == ["B5", "B6"]

    # The button keeps the focus, and the tray comes right after it.
    fan.tab_to(page.get_by_label("Ticket type for row b, seat 6"), stops=8)
    fan.press("c")
    expect(tray).to_contain_text("A$24.00")
    fan.tab_to(fan.link("Add parking"))
    fan.press("Enter")
    page.get_by_role("heading", level=1, name="Add parking").wait_for()
    fan.tab_to(page.get_by_role("radio", name=re.compile("^Wharf Street [0-9]")))
    fan.press("Space", "ArrowDown", "ArrowUp")
    expect(page.get_by_role("radio", name=re.compile("^Wharf Street [0-9]"))).to_be_checked()
    fan.tab_to(page.get_by_label("Number plate"))
    page.keyboard.type("crv 26-a")
    fan.tab_to(fan.button("Add parking and pay"))
    fan.press("Enter")

    page.get_by_role("heading", level=1, name="Pay for your seats").wait_for()
    fan.tab_to(page.get_by_label("Your name"))
    page.keyboard.type("Kit Moss")
    fan.tab_to(page.get_by_label("E-mail, for the tickets"))
    page.keyboard.type("kit@example.org")
    form = page.frame_locator(CARD_FRAME)
    for label, text in (("Card number", THREE_D_SECURE), ("Expiry date", "1234"), ("Security code", "123")):
        fan.tab_to(form.get_by_label(label), stops=3)
        page.keyboard.type(text)
    fan.tab_to(fan.button(re.compile("^Pay A")), stops=3)
    fan.press("Enter")
    bank = page.frame_locator(BANK_FRAME)
    bank.get_by_role("button", name="Approve").wait_for()
    fan.tab_to(bank.get_by_role("button", name="Approve"), stops=5)
    fan.press("Enter")

    fan.wait_for_tickets()
    assert rows.one("select count(*) as tickets from ticket")["tickets"] == 2
    assert rows.one("select plate, state from parking_claim") == {"plate": "crv 26-a", "state": "sold"}
    strip = page.get_by_role("region", name=re.compile("^2 tickets and 1 parking pass"))
    fan.tab_to(strip)
    fan.press("ArrowRight", "ArrowRight")
    expect(page.get_by_role("heading", name="Wharf Street")).to_be_in_viewport()
    assert fan.errors == []


# --- one seat, two fans ---------------------------------------------------------------------------


def test_of_two_after_one_seat_the_loser_is_told_and_keeps_the_rest(open_browser, ground, rows):
    first, second = open_browser(), open_browser().without_live()
    for fan in (first, second):
        fan.open_bay(ground.event)
    for fan, seats in ((first, (3,)), (second, (3, 4, 5))):
        for number in seats:
            fan.seat("A", number).check()
    first.button("Hold these seats").click()
    first.page.get_by_role("heading", name="1 seat held").wait_for()
    second.button("Hold these seats").click()
    told = second.page.get_by_role("alert")
    expect(told).to_contain_text("seat 3")
    expect(told).to_contain_text("just been taken")
    expect(told).to_contain_text("2 seats are still checked below")
    expect(second.seat("A", 4)).to_be_checked()
    expect(second.seat("A", 5)).to_be_checked()
    expect(second.page.get_by_text("Row A, seat 3, someone is choosing it")).to_be_attached()
    assert held_seats(rows, ground) == ["A3"]

    second.button("Hold these seats").click()
    second.page.get_by_role("heading", name="2 seats held").wait_for()
    second.link("Pay without parking").click()
    second.say_who()
    second.pay(GOOD)
    second.wait_for_tickets()
    assert sorted(r["seat_id"] for r in rows("select seat_id from ticket")) == sorted(ground.ids("A4", "A5"))
    assert [e for e in second.errors if "409" not in e] == []  # Chromium writes every refused request to the console


# --- the owner ------------------------------------------------------------------------------------


def test_the_owner_gives_one_of_three_back_and_stops_the_sale(open_browser, as_omar, as_asha, ground, rows, sandbox):
    sold = paid_booking(as_asha, ground, ["A1", "A2", "A3"], sandbox, **CONTACT)
    omar, asha, visitor = open_browser(width=1280, height=900).be(as_omar), open_browser().be(as_asha), open_browser()
    asha.page.goto("/tickets")
    asha.link(re.compile("Terns v Herons")).click()
    expect(asha.page.get_by_role("img", name=re.compile("^The code of ticket "))).to_have_count(3)

    omar.page.goto("/owner")
    omar.link("Terns v Herons", exact=True).click()
    omar.link(sold["reference"]).click()
    omar.page.get_by_label("Give back Cooper Stand, bay 14, row A, seat 2").check()
    omar.button("Give back A$52.90").click()  # the sum of what is ticked
    omar.page.get_by_label("Why, for your own records").fill("A broken seat")
    omar.button("Give back A$52.90").click()
    expect(omar.page.get_by_text("2 of 3 still good")).to_be_visible()

    asha.page.reload()
    expect(asha.page.get_by_role("img", name=re.compile("^The code of ticket "))).to_have_count(2)
    expect(asha.page.get_by_role("article").last).to_contain_text("Ticket 2 of 3")  # what is void comes last
    expect(asha.page.get_by_text("A$52.90 comes back to you")).to_be_visible()
    asha.link("Give back").click()
    expect(asha.page.get_by_role("checkbox", checked=True)).to_have_count(0)
    asha.page.get_by_role("checkbox").first.check()
    expect(asha.button("Give back A$48.00")).to_be_visible()
    asha.page.get_by_role("checkbox").last.check()
    expect(asha.button("Give back A$96.00")).to_be_visible()
    asha.page.get_by_role("checkbox").first.uncheck()
    asha.page.get_by_role("checkbox").last.uncheck()
    expect(asha.button("Give back what is ticked")).to_be_visible()
    asha.link("Back to the tickets").click()
    void = asha.page.get_by_role("article").filter(has_text="Ticket 2 of 3")
    expect(void).to_contain_text("Not valid any more")
    expect(asha.page.get_by_role("list", name="Refunds")).to_contain_text("A$52.90")
    assert [row["status"] for row in rows("select status from ticket order by seat_id")] == ["valid", "void", "valid"]

    # The seat is free again: a visitor chooses it, and then the sale stops.
    visitor.open_bay(ground.event)
    visitor.seat("A", 2).check()
    omar.link("Terns v Herons", exact=True).click()
    omar.link("Stop the sale").click()
    omar.button("Stop the sale").click()
    expect(omar.page.get_by_text("The sale is stopped. Nobody can begin to buy.")).to_be_visible()
    visitor.button("Hold these seats").click()
    expect(visitor.page.get_by_role("alert")).to_contain_text("stopped")
    expect(visitor.page.get_by_role("heading", name="The ground has stopped the sale for now")).to_be_visible()
    assert held_seats(rows, ground) == []

    omar.link("Go on selling").click()
    omar.button("Go on selling").click()
    visitor.open_bay(ground.event)
    visitor.hold("A2")
    assert held_seats(rows, ground) == ["A2"]
    assert omar.errors == asha.errors == []


def test_an_owner_gets_about_with_a_thumb_and_meets_the_dangerous_buttons_last(open_browser, as_omar, ground):
    omar = open_browser().be(as_omar)  # a phone
    page, ways = omar.page, omar.page.get_by_role("navigation", name="Main")
    page.goto(f"/owner/events/{ground.event}")
    page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
    expect(ways).to_be_in_viewport(ratio=1)
    for name in ("Your grounds", "Your gates", "What’s on"):
        expect(ways.get_by_role("link", name=name)).to_be_visible()
    expect(ways.get_by_role("link", name="Fixtures")).to_be_hidden()

    # The stands' figures are cards: nothing to push sideways, and each figure has its word.
    stands = page.get_by_role("region", name="Seats by stand")
    assert stands.evaluate("one => one.scrollWidth <= one.clientWidth")
    words = "one => getComputedStyle(one, '::before').content"
    assert stands.locator("tbody tr").first.locator("td:not(.share)").evaluate_all(f"all => all.map({words})") == [
        '"Sold"',
        '"Being bought"',
        '"Blocked"',
        '"Left"',
        '"Takings"',
    ]

    # What cannot be taken back stands below everything else, above the footer.
    apart = page.get_by_role("region", name="Stop or cancel")
    expect(apart.get_by_role("link")).to_have_text(["Stop the sale", "Cancel the match"])
    assert apart.evaluate("one => one === one.parentElement.lastElementChild")

    ways.get_by_role("link", name="Your gates").click()
    expect(page.get_by_role("heading", level=1, name="Your gates")).to_be_visible()
    assert omar.errors == []


# --- when paying goes another way -----------------------------------------------------------------


def to_pay(fan, event_id, *seats):
    fan.open_bay(event_id)
    fan.hold(*seats)
    fan.link("Pay without parking").click()
    fan.say_who()


def test_a_declined_card_and_then_another(fan, ground, rows, sandbox):
    to_pay(fan, ground.event, "A6")
    fan.pay(DECLINED)
    told = fan.page.get_by_role("alert").filter(has_text="Your bank said no to this card")
    expect(told).to_be_visible()
    expect(told).to_contain_text("Nothing was charged")
    fan.fits()
    fan.pay(GOOD)
    fan.wait_for_tickets()
    assert [entry["kind"] for entry in sandbox.ledger()] == ["captured"]
    assert booking(rows)["state"] == "paid"


def test_a_hold_about_to_end_is_made_longer_with_one_tap(fan, ground, rows):
    to_pay(fan, ground.event, "A7")
    age(rows, 9)
    fan.page.reload()
    expect(fan.page.get_by_text(re.compile(r"^(1:00|0:\d\d)$")).first).to_be_visible()
    fan.button("Hold 10 minutes longer").click()
    expect(fan.page.get_by_text(re.compile(r"^(10:00|9:\d\d)$")).first).to_be_visible()
    assert 9.5 < minutes_left(rows) <= 10
    fan.say_who()
    fan.pay(GOOD)
    fan.wait_for_tickets()


def test_a_closed_tab_loses_nothing(fan, ground, rows, sandbox):
    to_pay(fan, ground.event, "A8")
    fan.pay(THREE_D_SECURE)
    fan.page.frame_locator(BANK_FRAME).get_by_role("button", name="Approve").wait_for()
    fan.page.close()
    # The cardholder approves in the bank's own app; only the webhook can tell us.
    sandbox.authenticate(rows.value("select intent_id from payment_transaction"))
    eventually(lambda: booking(rows)["state"] == "paid")
    mails, link = open_mail(fan, sandbox, "vera@example.org")
    assert len(mails) == 1
    fan.page = fan.context.new_page()
    fan.page.goto(link)
    assert shows_code(fan, re.compile("^The code of ticket 1, "), codes(rows)[0]["code"])


def test_without_javascript_everything_but_the_card(open_browser, ground, rows):
    fan = open_browser(java_script_enabled=False)
    fan.open_bay(ground.event)
    fan.hold("B1", "B2")
    assert held_seats(rows, ground) == ["B1", "B2"]
    fan.button("Start again").click()
    expect(fan.page.get_by_text("Your seats are back on sale.")).to_be_visible()
    assert held_seats(rows, ground) == []
    fan.hold("B3")
    fan.button("Hold 10 minutes longer").click()
    fan.link("Add parking").click()
    fan.page.get_by_role("radio", name=re.compile("^Wharf Street [0-9]")).check()
    fan.page.get_by_label("Number plate").fill("CRV 26A")
    fan.button("Add parking and pay").click()
    expect(fan.page.get_by_text("Entering a card needs JavaScript")).to_be_visible()
    expect(fan.page.get_by_text(re.compile("^Yours until"))).to_be_visible()
    assert held_seats(rows, ground) == ["B3"]
    fan.fits()
