"""The ticket page in a real browser at a phone's width: swipe, full screen, codes that turn, pages that are kept, and
what signing out leaves.
"""

import base64
import hashlib
import re
import time
from pathlib import Path

import pytest

import qr_codes
from tests.support.browser import Visitor, chromium, serving
from tests.support.selling import paid_booking
from tickets import links

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need Playwright")
expect = playwright.expect
pytestmark = pytest.mark.browser
VENDOR = Path(__file__).resolve().parents[2] / "static/vendor"

READ = """async (picture) => {
  ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => "/static/vendor/zxing-wasm/zxing_reader.wasm" } });
  const bytes = Uint8Array.from(atob(picture), (c) => c.charCodeAt(0));
  const [found] = await ZXingWASM.readBarcodes(new Blob([bytes], { type: "image/png" }),
    { formats: ["QRCode"], tryHarder: true });
  return found ? found.text : null;
}"""

CONTROLLED = """async () => {
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller)
    await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done));
}"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def phone(browser):
    """A browser window: phone(url, person or None) → Visitor. Scripts and the content policy complain about nothing."""
    opened = []

    def start(url, who=None, **options):
        visitor = Visitor(browser, url, **options)
        if who is not None:
            visitor.be(who)
        visitor.page.set_default_timeout(10_000)
        opened.append(visitor)
        return visitor

    yield start
    for visitor in opened:
        visitor.close()
    assert [error for visitor in opened for error in visitor.errors] == []


@pytest.fixture
def sold(as_asha, ground, sandbox):
    return paid_booking(as_asha, ground, ["A1", "A2", "A3", "A4"], sandbox)


@pytest.fixture
def link(app, sold):
    with app.app_context():
        return f"/t/{links.link_token(sold['id'])}"


def read_code(phone, url, locator):
    """The text of the code that is seen there, read by the gate's own decoder."""
    picture = base64.b64encode(locator.screenshot()).decode()
    reader = phone(url, bypass_csp=True)
    reader.page.goto("/healthz")
    reader.page.add_script_tag(path=str(VENDOR / "zxing-wasm/zxing_reader.js"))
    return reader.page.evaluate(READ, picture)


def wait_until_kept(page):
    page.wait_for_selector("html[data-ready=offline]", state="attached")
    page.evaluate(CONTROLLED)


def test_a_group_is_swiped_and_says_which_one_is_in_front(app, phone, as_asha, sold):
    with serving(app) as url:
        page = phone(url, as_asha).page
        page.goto(f"/tickets/{sold['id']}")
        expect(page.locator("[data-count]")).to_have_text("1 of 4")
        strip = page.locator("[data-tickets]")
        strip.focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator("[data-count]")).to_have_text("2 of 4")
        strip.evaluate("(s) => s.scrollTo({ left: s.scrollWidth })")
        expect(page.locator("[data-count]")).to_have_text("4 of 4")
        expect(page.locator("[data-which]")).to_contain_text("4 of 4")
        # A name that paper cannot show is told of before it is sent.
        page.get_by_text("Name, send, new code").last.click()
        field = page.get_by_label("Name on the ticket").last
        field.fill("བོད་ Tenzin")
        field.blur()
        expect(field).to_have_accessible_description(re.compile("this name reads “\\[Tibetan letters\\] Tenzin”"))
        field.fill("Tenzin")
        field.blur()
        expect(field).to_have_accessible_description("")


def test_one_code_fills_a_white_screen_and_can_be_read(app, phone, as_asha, sold, rows):
    with serving(app) as url:
        page = phone(url, as_asha, color_scheme="dark").page
        page.goto(f"/tickets/{sold['id']}")
        page.get_by_role("button", name="Full screen").first.click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Gate C")
        expect(dialog).to_contain_text("light all the way up")
        first = rows(
            "select t.hash, q.code from ticket t join qr_code q on q.ticket_id = t.id order by t.line_id limit 1"
        )[0]
        expect(dialog).to_contain_text(qr_codes.short_code(first["hash"]))
        assert dialog.evaluate("(d) => getComputedStyle(d).backgroundColor") == "rgb(255, 255, 255)"
        assert read_code(phone, url, dialog.locator("svg")) == first["code"]
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def test_a_code_turns_by_itself_and_says_the_digits_of_the_moment(app, phone, as_asha, sold, rows):
    rows("update event set rotating_codes = true")
    row = rows(
        "select t.id, t.seq, q.key_id, q.code from ticket t join qr_code q on q.ticket_id = t.id "
        "order by t.line_id limit 1"
    )[0]
    secret = qr_codes.right_secret(
        qr_codes.event_secret(app.config["SETTINGS"].qr_master_key, row["key_id"]), row["id"], row["seq"]
    )
    with serving(app) as url:
        # A phone whose clock is an hour wrong shows the right digits: the page tells it the time.
        page = phone(url, as_asha).page
        page.clock.install(time=time.time() + 3600)
        page.goto(f"/tickets/{sold['id']}")
        figure = page.locator(".code[data-secret]").first
        expect(figure).to_have_attribute("data-step", re.compile(r"\d+"))
        expect(page.locator("[data-turning]").first).to_be_visible()
        expect(page.locator("[data-still]").first).to_be_hidden()
        text, digits = qr_codes.split(read_code(phone, url, figure.locator("svg")))
        assert text == row["code"] and qr_codes.is_current(digits, secret, time.time())
        step = figure.get_attribute("data-step")
        page.clock.run_for(16_000)
        expect(figure).not_to_have_attribute("data-step", step)
        later, new = qr_codes.split(read_code(phone, url, figure.locator("svg")))
        assert later == row["code"] and new != digits


def test_without_a_script_a_turning_code_asks_for_an_identity_card(app, phone, as_asha, sold, rows):
    rows("update event set rotating_codes = true")
    with serving(app) as url:
        page = phone(url, as_asha, java_script_enabled=False).page
        page.goto(f"/tickets/{sold['id']}")
        expect(page.locator("[data-still]").first).to_contain_text("show your ID beside it")
        expect(page.locator("[data-turning]").first).to_be_hidden()


def test_an_opened_page_works_without_a_network_and_says_so(app, phone, link, sold, rows):
    rows("update event set rotating_codes = true")
    with serving(app) as url:
        page = phone(url).page
        page.goto(link)
        expect(page.locator(".kept-note")).to_be_hidden()
        wait_until_kept(page)
    page.reload()
    expect(page.locator(".kept-note")).to_contain_text("kept on this phone")
    expect(page.locator(".kept-note")).to_contain_text("It is from")
    expect(page.locator(".code[data-step]")).to_have_count(4)
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.ticket-top')).backgroundColor") != "rgba(0, 0, 0, 0)"
    )


def sign_out(page):
    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")


def test_signing_out_takes_what_was_only_opened(app, phone, as_asha, sold, link):
    with serving(app) as url:
        visitor = phone(url, as_asha)
        page = visitor.page
        page.goto(f"/tickets/{sold['id']}")
        wait_until_kept(page)
        assert page.evaluate("caches.has('tickets-open-1')")
        sign_out(page)
        assert not page.evaluate("caches.has('tickets-open-1')")
    for address in (f"/tickets/{sold['id']}", link):
        with pytest.raises(playwright.Error, match="ERR_FAILED|ERR_CONNECTION_REFUSED"):
            visitor.context.new_page().goto(address)
    page.goto("/tickets")
    expect(page.locator("body")).to_contain_text("No tickets are kept on this phone")


def test_what_the_fan_kept_survives_signing_out(app, phone, as_asha, sold, link):
    with serving(app) as url:
        page = phone(url, as_asha).page
        page.goto(f"/tickets/{sold['id']}")
        wait_until_kept(page)
        page.get_by_role("button", name="Keep on this phone").click()
        expect(page.get_by_role("button", name="Forget it on this phone")).to_be_visible()
        sign_out(page)
    page.goto("/tickets")
    page.get_by_role("link", name="Terns v Herons").click()
    page.wait_for_url(f"**{link}")
    expect(page.locator(".kept-note")).to_be_visible()
    expect(page.locator("svg.qr")).to_have_count(4)


def test_another_person_at_this_browser_finds_nothing_of_the_one_before(app, phone, as_asha, as_ben, sold):
    with serving(app) as url:
        visitor = phone(url, as_asha)
        page = visitor.page
        page.goto(f"/tickets/{sold['id']}")
        wait_until_kept(page)
        visitor.context.clear_cookies()
        visitor.be(as_ben)
        page.goto("/tickets")
        wait_until_kept(page)
        kept = page.evaluate(
            "caches.open('tickets-open-1').then((c) => c.keys()).then((k) => k.map((r) => new URL(r.url).pathname))"
        )
        assert kept == ["/tickets"]


def test_a_link_that_died_is_forgotten_by_the_phone(app, phone, link, rows):
    with serving(app) as url:
        page = phone(url).page
        page.goto(link)
        wait_until_kept(page)
        page.get_by_role("button", name="Keep on this phone").click()
        expect(page.get_by_role("button", name="Forget it on this phone")).to_be_visible()
        rows("update booking set link_hash = null")
        page.goto(link)
        kept = page.evaluate(
            "Promise.all(['tickets-open-1', 'tickets-kept-1'].map((n) => caches.open(n).then((c) => c.keys()).then((k) "
            "=> k.length)))"
        )
        assert kept == [0, 0]


def test_the_vendored_encoder_is_what_its_readme_says():
    folder = VENDOR / "lean-qr"
    digest, name = re.search(r"^    (\w{64})  (\S+)", (folder / "README.md").read_text(), re.MULTILINE).groups()
    assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest and (folder / "LICENSE").exists()
