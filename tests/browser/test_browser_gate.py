"""The scanner in Chromium with a camera that films real tickets: online, refused, without a network, after a reload,
and two phones in the dark.
"""

import json
import time
import uuid

import pytest

import qr_codes
from tests.support.browser import ARGUMENTS, CHROMIUM, Visitor, serving
from tests.support.fake_camera import FakeCamera
from tests.support.gating import Phone, open_doors, sell
from tests.support.live_house import until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need Playwright")
expect = playwright.expect


@pytest.fixture(scope="module")
def camera(tmp_path_factory):
    return FakeCamera(tmp_path_factory.mktemp("camera") / "camera.y4m")


@pytest.fixture(scope="module")
def chrome(camera):
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS + camera.arguments)
        yield browser
        browser.close()


@pytest.fixture
def url(app, ground, rows):
    open_doors(rows, ground.event)
    with serving(app) as url:
        yield url


class Scanner(Visitor):
    """A phone at a gate: paired, its camera on, scanning."""

    def __init__(self, chrome, url, camera, phone, **options):
        super().__init__(chrome, url, **{"width": 360, "height": 740, "has_touch": True, **options})
        self.camera, self.filmed = camera, (None, 0)
        self.page.goto("/gate")
        # The token as pairing leaves it; pairing itself has its own test.
        self.page.evaluate(
            """(token) => new Promise((done) => {
                 const opening = indexedDB.open("cricverse-gate", 1);
                 opening.onsuccess = () => {
                   const transaction = opening.result.transaction("kept", "readwrite");
                   transaction.objectStore("kept").put(token, "token");
                   transaction.oncomplete = () => { opening.result.close(); done(); };
                 };
               })""",
            phone.token,
        )
        self.page.reload()

    def begin(self):
        expect(self.page.get_by_role("heading", name="Ready for the doors?")).to_be_visible(timeout=20_000)
        self.page.get_by_role("button", name="Start scanning").click()
        expect(self.page.locator(".gate-tools")).to_be_visible(timeout=20_000)
        return self

    def film(self, text):
        """Hold a code in front of the camera until there is a verdict; take it away; what the verdict is."""
        last, until = self.filmed
        if text == last:  # a phone does not read the same code again for four seconds after it was gone
            self.page.wait_for_timeout(max(0, until - time.monotonic()) * 1000)
        self.camera.show(text)
        try:
            self.page.locator("[data-verdict]").wait_for(timeout=20_000)
        finally:
            self.camera.show(None)
            self.filmed = text, time.monotonic() + 4.5
        return self.page.locator("[data-verdict]").get_attribute("data-verdict")

    def word(self):
        return self.page.locator(".verdict h2").inner_text()

    def next(self):
        self.page.locator(".verdict-act").get_by_role("button", name="Next").click()
        expect(self.page.locator("[data-verdict]")).to_have_count(0)
        return self

    def stored(self):
        """Everything that this phone keeps, as text."""
        return self.page.evaluate(
            """() => new Promise((done) => {
                 const opening = indexedDB.open("cricverse-gate", 1);
                 opening.onsuccess = async () => {
                   const db = opening.result, all = {};
                   const read = (table, what) => new Promise((found) => {
                     const asked = db.transaction(table).objectStore(table)[what]();
                     asked.onsuccess = () => found(asked.result);
                   });
                   for (const table of ["kept", "states", "queue"])
                      all[table] = [await read(table, "getAllKeys"), await read(table, "getAll")];
                   db.close();
                   const text = (value) => value instanceof ArrayBuffer ? new TextDecoder("latin1").decode(value)
                      : value instanceof Set ? [...value] : value;
                   done(JSON.stringify(all, (key, value) => text(value)) + JSON.stringify({ ...localStorage }));
                 };
               })"""
        )


@pytest.fixture
def scanner(chrome, url, camera, app, rows, ground):
    camera.show(None)
    phone = Phone(app, rows, ground.stadium, ground.event, [ground.gate])
    scanner = Scanner(chrome, url, camera, phone).begin()
    scanner.phone = phone
    yield scanner
    assert scanner.errors == []
    scanner.close()


def test_a_ticket_is_let_in_refused_and_both_without_a_network(scanner, as_asha, ground, sandbox, rows):
    first, second, third = sell(as_asha, ground, ["A1", "A2", "A3"], sandbox, rows)
    page = scanner.page
    assert scanner.film(first["code"]) == "admitted" and scanner.word() == "Come in"
    expect(page.get_by_role("img", name="14")).to_be_visible()
    expect(page.get_by_role("button", name="Admit all 3 of this booking")).to_be_visible()
    assert rows.value("select count(*) from admission") == 1
    scanner.next()
    assert scanner.film(first["code"]) == "already_used" and scanner.word() == "Already in"
    expect(page.locator(".verdict-fact")).to_contain_text("at Gate C")
    scanner.next()

    scanner.context.set_offline(True)
    expect(page.locator(".gate-stripe")).to_contain_text("No network", timeout=20_000)
    assert scanner.film(second["code"]) == "admitted"
    expect(page.locator(".verdict-how")).to_have_text("Checked on this phone")
    scanner.next()
    assert scanner.film(second["code"]) == "already_used"
    scanner.next()
    expect(page.locator(".gate-stripe")).to_contain_text("2 scans wait")

    # The battery was empty: the page opens again by itself, without a network, and knows all that it knew.
    page.reload()
    scanner.begin()
    expect(page.locator(".gate-stripe")).to_contain_text("2 scans wait", timeout=20_000)
    assert scanner.film(second["code"]) == "already_used"
    scanner.next()
    # Somebody sets the phone's clock two days forward: that is told, and the ticket is as good as before.
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 2 * 86_400_000; }")
    expect(page.locator("[data-jump]")).to_contain_text("went forward by 2 days", timeout=20_000)
    assert scanner.film(third["code"]) == "admitted"
    scanner.next()
    assert rows.value("select count(*) from admission") == 1

    scanner.context.set_offline(False)
    expect(page.locator(".gate-net")).to_have_text("Online", timeout=30_000)
    expect(page.locator("[data-jump]")).to_have_count(0)
    until(lambda: rows.value("select count(*) from admission") == 3, what="the sending of the queue")
    assert rows.value("select count(*) from scan") == 6
    assert rows.value("select count(*) from gate_alarm") == 0


def test_a_picture_of_a_rotating_code_is_refused(chrome, url, camera, app, rows, ground, as_asha, sandbox):
    open_doors(rows, ground.event, rotating=True)
    (ticket,) = sell(as_asha, ground, ["B1"], sandbox, rows)
    key = rows.value("select id from signing_key where event_id = :e", e=ground.event)
    secret = qr_codes.right_secret(
        qr_codes.event_secret(app.config["SETTINGS"].qr_master_key, key), uuid.UUID(ticket["id"]), 1
    )
    camera.show(None)
    scanner = Scanner(chrome, url, camera, Phone(app, rows, ground.stadium, ground.event, [ground.gate])).begin()
    assert scanner.film(qr_codes.rotating(ticket["code"], secret, time.time() - 46)) == "old_picture"
    scanner.next()
    assert scanner.film(ticket["code"]) == "check_identity"
    scanner.next()
    assert scanner.film(qr_codes.rotating(ticket["code"], secret, time.time())) == "admitted"
    assert rows.value("select count(*) from admission") == 1
    # After a reload without a network the secret is nowhere: a face is looked at.
    stored = scanner.stored()
    assert qr_codes.b64(qr_codes.event_secret(app.config["SETTINGS"].qr_master_key, key)) not in stored
    scanner.close()


def test_two_phones_in_the_dark_hear_of_the_double(chrome, url, camera, app, rows, ground, as_asha, sandbox):
    (ticket,) = sell(as_asha, ground, ["B2"], sandbox, rows)
    gate = rows.value(
        "insert into gate (stadium_id, code, name, zone) values (:s, 'F', 'Gate F', 6) returning id", s=ground.stadium
    )
    camera.show(None)
    one = Scanner(chrome, url, camera, Phone(app, rows, ground.stadium, ground.event, [ground.gate])).begin()
    other = Scanner(chrome, url, camera, Phone(app, rows, ground.stadium, ground.event, [gate, ground.gate])).begin()
    for scanner in (one, other):
        scanner.context.set_offline(True)
        expect(scanner.page.locator(".gate-stripe")).to_contain_text("No network", timeout=20_000)
    # Both phones look through the same camera.
    camera.show(ticket["code"])
    for scanner in (one, other):
        scanner.page.locator("[data-verdict='admitted']").wait_for(timeout=20_000)
    camera.show(None)
    for scanner in (one, other):
        scanner.context.set_offline(False)
    for scanner in (one, other):
        alarm = scanner.page.locator("[data-alarm]")
        expect(alarm).to_contain_text("One ticket, two people", timeout=40_000)
        expect(alarm).to_contain_text("Gate C")
        expect(alarm).to_contain_text("Gate F")
        alarm.get_by_role("button", name="Seen").click()
        expect(alarm).to_have_count(0)
        scanner.close()
    assert (
        rows.value("select count(*) from admission") == 1 and rows.value("select count(*) from scan where let_in") == 2
    )


def test_a_stolen_phone_is_empty_and_out(scanner, as_asha, ground, sandbox, rows):
    first, _ = sell(as_asha, ground, ["A5", "A6"], sandbox, rows)
    assert scanner.film(first["code"]) == "admitted"
    stored = scanner.stored()
    assert "bundle" in json.loads(stored.rsplit("{", 1)[0])["kept"][0]
    private = rows.value("select private_key_wrapped from signing_key limit 1")
    for secret in ("Asha", "asha@example.org", "@", "+61", first["id"], bytes(private).decode("latin1")):
        assert secret not in stored.replace(scanner.phone.token, ""), secret
    rows("update gate_device set revoked_at = now()")
    expect(scanner.page.get_by_text("This phone was taken off the gates", exact=True)).to_be_visible(timeout=20_000)
    assert "bundle" not in json.loads(scanner.stored().rsplit("{", 1)[0])["kept"][0]


def type_as_a_scanner(page, text, end="Enter"):
    """The keys of a scanner on a cable, all at once."""
    page.evaluate(
        "([text, end]) => { for (const key of [...text, end]) (document.activeElement ?? document.body).dispatchEvent("
        "new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })); }",
        [text, end],
    )


def test_codes_are_typed_by_hand_and_by_a_scanner_that_types(scanner, as_asha, ground, sandbox, rows):
    first, second, third = sell(as_asha, ground, ["A7", "A8", "B1"], sandbox, rows)
    page = scanner.page
    sheets, verdict = page.locator("dialog.gate-sheet"), page.locator("[data-verdict]")
    page.get_by_role("button", name="Type code").click()
    page.wait_for_timeout(1_100)  # the list of tickets is shared by all phones for a moment
    page.keyboard.type("7kq2")
    page.keyboard.press("Enter")
    expect(sheets.get_by_role("alert")).to_have_text("That is not a whole code. It has eight letters and digits.")
    expect(page.get_by_label("The code below the QR code")).to_have_value("7kq2")
    page.get_by_label("The code below the QR code").fill("")
    page.keyboard.type(qr_codes.short_code(first["hash"]).lower())
    page.keyboard.press("Enter")
    expect(verdict).to_have_attribute("data-verdict", "admitted")
    expect(sheets).to_have_count(0)
    page.get_by_role("button", name="Next").click()
    # A scanner types while a sheet is open: the sheet goes, and the verdict stands alone. Caps Lock is on.
    page.get_by_role("button", name="Type code").click()
    expect(sheets).to_have_count(1)
    type_as_a_scanner(page, second["code"].lower(), "Tab")
    expect(page.locator("[data-verdict='admitted']")).to_be_visible()
    expect(sheets).to_have_count(0)
    until(lambda: rows.value("select count(*) from scan where mode = 'keyboard'") == 1)
    type_as_a_scanner(page, third["code"][:80])
    expect(page.get_by_text("The scanner’s text was not whole. Scan the code once more.")).to_be_visible()
    type_as_a_scanner(page, "4006381333931")
    expect(verdict).to_have_attribute("data-verdict", "unknown")
    page.get_by_role("button", name="Next").click()
    # A reason that is typed is used by Enter, and the verdict of it is not under the sheet.
    type_as_a_scanner(page, first["code"])
    expect(verdict).to_have_attribute("data-verdict", "already_used")
    page.get_by_role("button", name="Let in").click()
    page.get_by_label("Another reason").fill("Went to the car")
    page.keyboard.press("Enter")
    expect(verdict).to_have_attribute("data-verdict", "admitted")
    expect(sheets).to_have_count(0)
    # The checks are still being drawn when the scanning begins: they do not come back over it.
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Readiness").click()
    page.get_by_role("button", name="Try a code").wait_for()
    page.evaluate(
        "() => { navigator.getBattery = () => new Promise((done) => { window.answer = () => done({ level: 1 }); }); }"
    )
    page.get_by_role("button", name="Try a code").click()
    page.get_by_role("button", name="Start scanning").click()
    expect(page.locator(".gate-tools")).to_be_visible()
    page.evaluate("() => { window.answer(); return new Promise((done) => setTimeout(done, 100)); }")
    expect(page.locator(".gate-tools")).to_be_visible()


def test_a_phone_is_paired_by_filming_the_supervisors_code(
    chrome, url, camera, app, rows, ground, cast, as_asha, sandbox
):
    (ticket,) = sell(as_asha, ground, ["B5"], sandbox, rows)
    grace = Visitor(chrome, url, 1440, 900).be(cast.browser("grace"))
    grace.page.goto(f"/gates/{ground.event}")
    grace.page.get_by_role("link", name="Pair a phone").first.click()
    grace.page.get_by_role("textbox", name="Name").fill("Left lane")
    grace.page.get_by_label("Gate C").check()
    grace.page.get_by_role("button", name="Show the pairing code").click()
    link = grace.page.locator(".pairing-link").inner_text()
    camera.show(None)
    phone = Visitor(chrome, url, 360, 740, has_touch=True)
    phone.page.goto("/gate")
    phone.page.get_by_role("button", name="Turn the camera on").click()
    expect(phone.page.get_by_text("Point at the pairing code")).to_be_visible(timeout=20_000)
    camera.show(link)
    expect(phone.page.get_by_role("heading", name="Ready for the doors?")).to_be_visible(timeout=30_000)
    phone.page.get_by_role("button", name="Start scanning").click()
    camera.show(ticket["code"])
    phone.page.locator("[data-verdict='admitted']").wait_for(timeout=30_000)
    camera.show(None)
    grace.page.goto(f"/gates/{ground.event}")
    expect(grace.page.get_by_text("1 phone works")).to_be_visible(timeout=20_000)
    grace.page.get_by_role("button", name="Revoke Left lane").click()
    expect(phone.page.get_by_text("This phone was taken off the gates", exact=True)).to_be_visible(timeout=20_000)
    assert grace.errors == [] and phone.errors == []
    grace.close()
    phone.close()
