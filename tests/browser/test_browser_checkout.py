"""Paying in a real browser at a phone's width: another card after a no, 3-D Secure, a closed tab, two tabs, no payment
service.
"""

import pytest

from messages import outbox
from tests.support.browser import Visitor, chromium, serving
from tests.support.sandbox_server import eventually
from tests.support.selling import hold, start_payment

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need Playwright")
expect = playwright.expect
pytestmark = pytest.mark.browser
CARD_FORM = "iframe[title='Secure payment input frame']"


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def address(app):
    with serving(app) as url:
        yield url


@pytest.fixture
def walk(browser, address):
    """A browser window for a person: walk(client) → Visitor. Scripts and the content policy complain about nothing."""
    opened = []

    def start(who, **options):
        visitor = Visitor(browser, address, **options).be(who)
        visitor.page.set_default_timeout(10_000)
        opened.append(visitor)
        return visitor

    yield start
    for visitor in opened:
        visitor.close()
    assert [error for visitor in opened for error in visitor.errors] == []


@pytest.fixture
def held(as_asha, ground, sandbox):
    return hold(as_asha, ground.event, ground.ids("A1", "A2"))


def type_card(page, number, expiry="12 / 34", cvc="123"):
    form = page.frame_locator(CARD_FORM)
    for label, value in (("Card number", number), ("Expiry date", expiry), ("Security code", cvc)):
        form.get_by_label(label).fill(value)


def pay_button(page):
    return page.locator("[data-pay]")


def test_a_card_pays_and_the_tickets_are_there(walk, as_asha, held, rows, sandbox):
    page = walk(as_asha).page
    page.goto(f"/bookings/{held['id']}/pay")
    expect(pay_button(page)).to_have_text("Pay A$105.80")
    type_card(page, "4242424242424242")
    assert rows.value("select state from booking") == "held"  # nothing begins before Pay is pressed
    pay_button(page).click()
    page.wait_for_url(f"**/tickets/{held['id']}")
    expect(page.locator(".ticket")).to_have_count(2)
    assert rows.value("select state from booking") == "paid"


def test_a_guest_is_asked_for_name_and_address_at_their_fields(walk, visitor, ground, rows, sandbox):
    held = hold(visitor, ground.event, ground.ids("A1"))
    page = walk(visitor).page
    page.goto(f"/bookings/{held['id']}/pay")
    type_card(page, "4242424242424242")
    pay_button(page).click()
    expect(page.locator("#name-error")).to_contain_text("Tell us your name.")
    expect(page.locator("#name")).to_be_focused()
    page.get_by_label("Your name").fill("Gus Green")
    page.get_by_label("E-mail, for the tickets").fill("gus at example")
    pay_button(page).click()
    expect(page.locator("#email-error")).to_contain_text("does not look like an e-mail address")
    assert rows.value("select state from booking") == "held"
    page.get_by_label("E-mail, for the tickets").fill("gus@example.org")
    pay_button(page).click()
    page.wait_for_url(f"**/tickets/{held['id']}")
    assert rows.value("select email from customer where kind = 'guest'") == "gus@example.org"


def test_after_a_declined_card_another_one_pays(walk, as_asha, held, sandbox):
    page = walk(as_asha).page
    page.goto(f"/bookings/{held['id']}/pay")
    type_card(page, "4000000000009995")
    pay_button(page).click()
    notice = page.locator("[data-notice]")
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("Your bank said no to this card")
    expect(notice).to_contain_text(
        "The card has not enough money on it. Nothing was charged, and your seats are still held."
    )
    expect(notice).to_be_focused()
    expect(pay_button(page)).to_be_enabled()
    type_card(page, "4242424242424242")
    pay_button(page).click()
    page.wait_for_url(f"**/tickets/{held['id']}")
    assert [x["kind"] for x in sandbox.ledger()] == ["captured"]


def test_a_hold_that_another_tab_gave_back_is_said_when_somebody_looks(walk, as_asha, held):
    page = walk(as_asha).page
    page.goto(f"/bookings/{held['id']}/pay")
    expect(page.locator("[data-clock]")).not_to_be_empty()
    as_asha.post(f"/holds/{held['id']}/release")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not held for you any more")


def test_the_pages_of_choosing_say_so_too(walk, as_asha, held, ground):
    page = walk(as_asha).page
    page.goto(f"/book-tickets-enhanced/{ground.event}")
    expect(page.locator("[data-hold] [data-clock]")).not_to_be_empty()
    as_asha.post(f"/holds/{held['id']}/release")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("status").filter(has_text="not held any more")).to_be_visible()
    expect(page.locator("[data-hold]")).to_have_count(0)


def test_a_card_with_a_wrong_number_asks_nobody(walk, as_asha, held, rows, sandbox):
    page = walk(as_asha).page
    page.goto(f"/bookings/{held['id']}/pay")
    type_card(page, "4242424242424241")
    pay_button(page).click()
    expect(pay_button(page)).to_be_enabled()
    expect(page.locator("[data-pay-said]")).not_to_be_empty()
    assert (
        rows.value("select state from booking") == "held"
        and rows.value("select count(*) from payment_transaction") == 0
    )


def test_the_bank_checks_and_the_fan_approves(walk, as_asha, held, sandbox):
    page = walk(as_asha).page
    page.goto(f"/bookings/{held['id']}/pay")
    type_card(page, "4000002500003155")
    pay_button(page).click()
    bank = page.frame_locator("iframe[title='3-D Secure challenge']")
    bank.get_by_role("button", name="Approve").click()
    page.wait_for_url(f"**/tickets/{held['id']}")
    expect(page.locator(".ticket")).to_have_count(2)


def test_the_bank_checks_and_the_fan_refuses(walk, as_asha, held, sandbox):
    page = walk(as_asha).page
    page.goto(f"/bookings/{held['id']}/pay")
    type_card(page, "4000002500003155")
    pay_button(page).click()
    page.frame_locator("iframe[title='3-D Secure challenge']").get_by_role("button", name="Refuse").click()
    expect(page.locator("[data-notice]")).to_contain_text("could not check that it was you")
    expect(pay_button(page)).to_be_enabled()


def test_a_closed_tab_loses_nothing(app, settings, walk, address, as_asha, held, rows, sandbox):
    """The bank approves after the window is gone: the webhook alone brings the tickets, and the mail."""
    sandbox.set_webhook(f"{address}/api/stripe-webhook", settings.stripe_webhook_secret)
    window = walk(as_asha)
    window.page.goto(f"/bookings/{held['id']}/pay")
    type_card(window.page, "4000002500003155")
    pay_button(window.page).click()
    window.page.frame_locator("iframe[title='3-D Secure challenge']").get_by_role("button", name="Approve").wait_for()
    window.close()
    intent = rows.value("select intent_id from payment_transaction")
    sandbox.authenticate(intent)
    eventually(lambda: rows.value("select state from booking") == "paid")
    with app.app_context():
        assert outbox.send_due() == 1
    assert "/t/" in sandbox.mail("asha@example.org")[0]["text"]
    sandbox.webhooks("hold")  # nothing more is sent to an address that goes away now


def test_two_presses_are_one_payment(walk, as_asha, held, rows, sandbox):
    page = walk(as_asha).page
    page.goto(f"/bookings/{held['id']}/pay")
    type_card(page, "4242424242424242")
    pay_button(page).evaluate("(button) => { button.click(); button.click(); button.form.requestSubmit(); }")
    page.wait_for_url(f"**/tickets/{held['id']}")
    assert [x["kind"] for x in sandbox.ledger()] == ["captured"] and rows.value(
        "select count(*) from payment_transaction"
    ) == 1


def test_paid_in_another_tab(walk, as_asha, held, sandbox):
    page = walk(as_asha).page
    page.goto(f"/bookings/{held['id']}/pay")
    type_card(page, "4242424242424242")
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    as_asha.get(f"/bookings/{held['id']}/payment")
    pay_button(page).click()
    notice = page.locator("[data-notice]")
    expect(notice).to_contain_text("You have your tickets")
    notice.get_by_role("link", name="Open my tickets").click()
    expect(page.locator(".ticket")).to_have_count(2)
    assert [x["kind"] for x in sandbox.ledger()] == ["captured"]


def test_a_hold_that_ended_while_the_card_was_typed(walk, as_asha, held, rows, sandbox):
    page = walk(as_asha).page
    page.goto(f"/bookings/{held['id']}/pay")
    type_card(page, "4242424242424242")
    rows("update booking set expires_at = now() - interval '1 second'")
    pay_button(page).click()
    notice = page.locator("[data-notice]")
    expect(notice).to_contain_text("Your time is over")
    expect(notice.get_by_role("link", name="Choose again")).to_be_visible()
    expect(pay_button(page)).to_be_hidden()
    assert sandbox.ledger() == []


def test_nobody_pays_a_sum_that_the_page_does_not_show(walk, as_asha, held, ground, sandbox):
    page = walk(as_asha).page
    page.goto(f"/bookings/{held['id']}/pay")
    type_card(page, "4242424242424242")
    hold(as_asha, ground.event, ground.ids("A3"))  # one more seat, in another tab
    pay_button(page).click()
    expect(page.locator("[data-notice]")).to_contain_text("Your booking has changed")
    assert sandbox.ledger() == []


def test_the_payment_service_s_script_is_kept_away(walk, as_asha, held, sandbox):
    window = walk(as_asha)
    window.page.route(f"{sandbox.url}/v3/", lambda route: route.abort())
    window.page.goto(f"/bookings/{held['id']}/pay")
    expect(window.page.get_by_text("The card form could not be loaded")).to_be_visible()
    expect(pay_button(window.page)).to_be_disabled()
    window.page.unroute(f"{sandbox.url}/v3/")
    window.page.get_by_role("button", name="Try again").click()
    type_card(window.page, "4242424242424242")
    pay_button(window.page).click()
    window.page.wait_for_url(f"**/tickets/{held['id']}")


def test_while_the_payment_service_is_away_the_seats_stay(walk, as_asha, held, rows, sandbox):
    page = walk(as_asha).page
    page.goto(f"/bookings/{held['id']}/pay")
    type_card(page, "4242424242424242")
    sandbox.faults({"kind": "error_before", "match": "* /v1/payment_intents*"})
    pay_button(page).click()
    expect(page.locator("[data-notice]")).to_contain_text("it stays one payment")
    sandbox.clear_faults()
    pay_button(page).click()
    page.wait_for_url(f"**/tickets/{held['id']}")
    assert [x["kind"] for x in sandbox.ledger()] == ["captured"]


def test_the_waiting_page_moves_on_by_itself(walk, as_asha, held, sandbox):
    page = walk(as_asha).page
    sandbox.faults({"kind": "late_success", "seconds": 60})
    page.goto(f"/bookings/{held['id']}/pay")
    type_card(page, "4242424242424242")
    pay_button(page).click()
    expect(page.get_by_role("heading", name="Waiting for your bank")).to_be_visible()
    expect(page.get_by_text("You may close this page")).to_be_visible()
    sandbox.settle(sandbox.stripe_client().v1.payment_intents.list().data[0].id)
    page.wait_for_url(f"**/tickets/{held['id']}")


def test_without_javascript_a_sentence_says_what_is_needed(walk, as_asha, held, sandbox):
    page = walk(as_asha, java_script_enabled=False).page
    page.goto(f"/bookings/{held['id']}/pay")
    expect(page.get_by_text("Entering a card needs JavaScript")).to_be_visible()
    expect(pay_button(page)).to_be_disabled()
    expect(page.get_by_text("A$105.80").first).to_be_visible()


def test_tickets_are_swiped_through_by_keyboard(walk, as_asha, held, sandbox):
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    page = walk(as_asha).page
    page.goto(f"/bookings/{held['id']}/return")
    page.locator("[data-tickets]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".ticket-dots i").nth(1)).to_have_class("is-now")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_checkout_script_loads_as_a_module_too(walk, as_asha, held, sandbox):
    """The guide loads it either way: without top-level import or export, and late without harm."""
    page = walk(as_asha).page
    page.route("**/js/stripe_checkout.js", lambda route: route.abort())
    page.goto(f"/bookings/{held['id']}/pay")
    expect(page.get_by_text("Entering a card needs JavaScript")).to_be_visible()  # nothing else took the script's place
    page.add_script_tag(url="/static/js/stripe_checkout.js?again", type="module")
    type_card(page, "4242424242424242")
    pay_button(page).click()
    page.wait_for_url(f"**/tickets/{held['id']}")


# --- wallets, and methods with a page of their own -------------------------------------------------


def press(page, wallet, card=None, button="Pay"):
    """Press a wallet's button and answer its sheet."""
    page.frame_locator("iframe[title='Secure express checkout frame']").get_by_role("button", name=wallet).click()
    sheet = page.frame_locator("iframe[title='Wallet sheet']")
    expect(sheet.locator("[data-amount]")).to_have_text("A$52.90")
    if card:
        sheet.get_by_label("Card").select_option(label=card)
    sheet.get_by_role("button", name=button).click()


@pytest.fixture
def offered(visitor, ground, sandbox):
    """A seat that somebody holds who has said nothing of themselves, and an account with every method."""
    sandbox.offer("link", "klarna", "apple_pay", "google_pay")
    return f"/bookings/{hold(visitor, ground.event, ground.ids('A1'))['id']}/pay"


@pytest.mark.parametrize("wallet", ["Google Pay", "Link"])
def test_a_wallet_pays_with_one_press_and_says_who_it_is(walk, visitor, offered, rows, wallet):
    page = walk(visitor).page
    page.goto(offered)
    press(page, wallet)
    page.wait_for_url("**/tickets/*")
    assert rows.one("select state, contact_name, contact_email from booking") == {
        "state": "paid",
        "contact_name": "Vera Quill",
        "contact_email": "vera@example.org",
    }


def test_a_wallet_may_be_put_away_declined_checked_by_the_bank_and_pay(walk, visitor, offered, rows, sandbox):
    page = walk(visitor).page
    page.goto(offered)
    press(page, "Apple Pay", button="Cancel")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert rows.value("select state from booking") == "held"
    press(page, "Apple Pay", "Visa that is declined")
    # Its heading stands on the page before anything was declined, so it must be seen.
    expect(page.get_by_role("alert").filter(has_text="Your bank said no to this card")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    # A card in a wallet is counted like one that is typed.
    assert rows.value("select count(*) from card_decline") == 1
    press(page, "Apple Pay", "Visa that asks for 3-D Secure")
    page.frame_locator("iframe[title='3-D Secure challenge']").get_by_role("button", name="Approve").click()
    page.wait_for_url("**/tickets/*")
    assert [x["kind"] for x in sandbox.ledger()] == ["captured"]


@pytest.mark.parametrize(
    ("button", "where", "words"),
    [
        ("Approve", "**/tickets/*", "What you paid"),
        ("Refuse", "**/return?*", "The payment was stopped or refused on the page that you were sent to."),
    ],
)
def test_a_method_with_a_page_of_its_own_comes_back(walk, visitor, offered, rows, button, where, words):
    page = walk(visitor).page
    page.goto(offered)
    page.get_by_label("Your name").fill("Gus Green")
    page.get_by_label("E-mail, for the tickets").fill("gus@example.org")
    page.frame_locator(CARD_FORM).get_by_label("Klarna").check()
    pay_button(page).click()
    page.get_by_role("button", name=button).click()
    page.wait_for_url(where)
    expect(page.get_by_role("main")).to_contain_text(words)


def test_a_wallet_pays_no_other_sum_than_it_shows(walk, visitor, offered, ground, rows, sandbox):
    page = walk(visitor).page
    page.goto(offered)
    frame = page.frame_locator("iframe[title='Secure express checkout frame']")
    expect(frame.get_by_role("button", name="Google Pay")).to_be_visible()
    hold(visitor, ground.event, ground.ids("A2"))  # in another tab
    press(page, "Google Pay")
    expect(page.locator("[data-notice]")).to_contain_text("Your booking has changed")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert sandbox.ledger() == []


def test_what_is_bought_unfolds_on_a_phone_and_stands_beside_the_form_on_a_desk(walk, as_asha, held):
    page = walk(as_asha).page
    page.goto(f"/bookings/{held['id']}/pay")
    line, whole = page.get_by_text("2 seats, Cooper Stand row A"), page.get_by_text("Booking fees, 5%")
    expect(line).to_be_visible()
    expect(whole).to_be_hidden()
    line.click()
    expect(whole).to_be_visible()
    line.click()
    expect(whole).to_be_hidden()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(whole).to_be_visible()
    expect(line).to_be_hidden()


def test_a_slip_in_the_address_is_asked_about_at_the_door(walk, visitor, ground):
    held = hold(visitor, ground.event, ground.ids("A1"))
    page = walk(visitor).page
    page.goto(f"/bookings/{held['id']}/pay")
    email = page.get_by_label("E-mail, for the tickets")
    email.fill("vera@gmial.com")
    page.get_by_label("Your name").fill("Vera Quill")
    page.get_by_role("button", name="vera@gmail.com?").click()
    expect(email).to_have_value("vera@gmail.com")
    expect(page.get_by_text("Did you mean")).to_be_hidden()


def test_without_wallets_there_is_no_room_for_them(walk, as_asha, held, sandbox):
    page = walk(as_asha).page
    page.goto(f"/bookings/{held['id']}/pay")
    expect(pay_button(page)).to_be_enabled()
    expect(page.get_by_text("or by card")).to_be_hidden()
