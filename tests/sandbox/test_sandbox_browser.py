"""The double of Stripe.js in a real browser, on a merchant page with the policy our pay page has."""

import http.server
import threading

import pytest

from tests.support.sandbox_server import running_sandbox

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need Playwright")
pytestmark = pytest.mark.browser
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script src="SANDBOX/v3/"></script><script type="module" src="/shop.js"></script></head>
<body><h1>Shop</h1><div class="element"></div><button type="button">Pay</button>
<p class="result" role="status"></p></body></html>"""

SCRIPT = """
const query = new URLSearchParams(location.search);
const result = document.querySelector(".result");
const say = (text) => { result.textContent = text; };
const stripe = Stripe("pk_test_sandbox");
const clientSecret = query.get("secret") || query.get("payment_intent_client_secret");
const deferred = query.get("mode") === "deferred";
const appearance = { theme: query.get("theme") || undefined };
const options = deferred ? { mode: "payment", amount: 2500, currency: "inr", appearance }
  : { clientSecret, appearance };
const elements = stripe.elements(options);
const element = elements.create("payment", {});
element.on("ready", () => say("ready"));
element.on("change", (event) => { document.body.dataset.complete = String(event.complete); });
element.on("loaderror", () => say("loaderror"));
if (query.get("redirect_status")) say("back " + query.get("redirect_status") + " " + query.get("payment_intent"));
else element.mount(".element");
document.querySelector("button").addEventListener("click", async () => {
  try {
    say("paying");
    if (deferred) {
      const checked = await elements.submit();
      if (checked.error) return say(`error ${checked.error.code}`);
    }
    const { error, paymentIntent } = await stripe.confirmPayment({
      elements, clientSecret, redirect: query.get("redirect") || "if_required",
      confirmParams: { return_url: location.origin + "/back?booking=7", receipt_email: "asha@example.org" },
    });
    if (error) return say(`error ${error.type} ${error.code} ${error.decline_code} ${error.payment_intent?.status}`);
    const again = await stripe.retrievePaymentIntent(clientSecret);
    say(`${paymentIntent.status} ${again.paymentIntent.amount}`);
  } catch (failure) { say("thrown " + failure.message); }
});
"""


class Shop(http.server.BaseHTTPRequestHandler):
    """A merchant's page under a policy without inline script or style."""

    sandbox = ""

    def do_GET(self):
        script = self.path.startswith("/shop.js")
        body = (SCRIPT if script else PAGE.replace("SANDBOX", self.sandbox)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html")
        self.send_header("Content-Length", str(len(body)))
        scripts, frames, calls = (
            f"script-src 'self' {self.sandbox}",
            f"frame-src {self.sandbox}",
            f"connect-src 'self' {self.sandbox}",
        )
        self.send_header(
            "Content-Security-Policy", f"default-src 'none'; {scripts}; {frames}; {calls}; style-src 'self'"
        )
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox() as server:
        yield server


@pytest.fixture(scope="module")
def shop(sandbox):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("BoundShop", (Shop,), {"sandbox": sandbox.url}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    try:
        running = playwright.sync_playwright().start()
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    except playwright.Error as failure:
        pytest.skip(f"no Chromium at {CHROMIUM}: {failure}")
    yield chromium
    chromium.close()
    running.stop()


@pytest.fixture
def page(browser, sandbox):
    sandbox.reset()
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_default_timeout(10_000)
    complaints = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    # A blocked script, style or frame shows here first. Chromium also writes every failed request down, and those are
    # meant.
    assert [text for text in complaints if not text.startswith("Failed to load resource")] == []


def new_intent(sandbox, **fields):
    client = sandbox.stripe_client()
    return client.v1.payment_intents.create(
        {
            "amount": 2500,
            "currency": "inr",
            "automatic_payment_methods": {"enabled": True},
            "description": "Two seats",
            **fields,
        }
    )


def open_shop(page, shop, intent, **query):
    page.goto(f"{shop}/?secret={intent.client_secret}" + "".join(f"&{name}={value}" for name, value in query.items()))
    said(page, "ready")


def said(page, text):
    playwright.expect(page.locator(".result")).to_have_text(text)


def type_card(page, number, expiry="1234", cvc="123"):
    form = page.frame_locator("iframe[title='Secure payment input frame']")
    for label, value in (("Card number", number), ("Expiry date", expiry), ("Security code", cvc)):
        form.get_by_label(label).fill("")
        form.get_by_label(label).press_sequentially(value)


def pay(page, number, **fields):
    type_card(page, number, **fields)
    page.get_by_role("button", name="Pay").click()


def test_a_good_card_pays(page, shop, sandbox):
    intent = new_intent(sandbox)
    open_shop(page, shop, intent)
    pay(page, "4242424242424242")
    said(page, "succeeded 2500")
    assert [entry["kind"] for entry in sandbox.ledger(intent.id)] == ["captured"]
    assert sandbox.stripe_client().v1.payment_intents.retrieve(intent.id).receipt_email == "asha@example.org"


def test_a_declined_card_says_why_and_another_card_pays(page, shop, sandbox):
    intent = new_intent(sandbox)
    open_shop(page, shop, intent)
    pay(page, "4000000000000002")
    said(page, "error card_error card_declined generic_decline requires_payment_method")
    assert sandbox.ledger(intent.id) == []
    pay(page, "5555555555554444")
    said(page, "succeeded 2500")


def test_3d_secure_is_approved_in_a_dialog(page, shop, sandbox):
    intent = new_intent(sandbox)
    open_shop(page, shop, intent)
    pay(page, "4000000000003220")
    challenge = page.frame_locator("iframe[title='3-D Secure challenge']")
    playwright.expect(challenge.locator(".bank-amount")).to_have_text("25.00 INR")
    challenge.get_by_role("button", name="Approve").click()
    said(page, "succeeded 2500")
    playwright.expect(page.get_by_role("dialog")).to_have_count(0)


def test_3d_secure_is_refused_in_a_dialog(page, shop, sandbox):
    intent = new_intent(sandbox)
    open_shop(page, shop, intent)
    pay(page, "4000002500003155")
    page.frame_locator("iframe[title='3-D Secure challenge']").get_by_role("button", name="Refuse").click()
    said(page, "error invalid_request_error payment_intent_authentication_failure undefined requires_payment_method")
    assert sandbox.ledger(intent.id) == []


def test_3d_secure_passes_but_the_card_is_declined(page, shop, sandbox):
    intent = new_intent(sandbox)
    open_shop(page, shop, intent)
    pay(page, "4000008400001629")
    page.frame_locator("iframe[title='3-D Secure challenge']").get_by_role("button", name="Approve").click()
    said(page, "error card_error card_declined generic_decline requires_payment_method")


@pytest.mark.parametrize(
    ("button", "outcome", "status"),
    [("Approve", "succeeded", "succeeded"), ("Refuse", "failed", "requires_payment_method")],
)
def test_3d_secure_by_redirect_comes_back_to_the_return_url(page, shop, sandbox, button, outcome, status):
    intent = new_intent(sandbox)
    open_shop(page, shop, intent, redirect="always")
    pay(page, "4000000000003220")
    page.get_by_role("button", name=button).click()
    said(page, f"back {outcome} {intent.id}")
    page.wait_for_url("**/back?booking=7&payment_intent=*")
    assert sandbox.stripe_client().v1.payment_intents.retrieve(intent.id).status == status


def test_the_switch_sends_even_if_required_to_the_bank_s_page(page, shop, sandbox):
    sandbox._control("PUT", "browser", {"challenge": "redirect"})
    intent = new_intent(sandbox)
    open_shop(page, shop, intent)
    pay(page, "4000000000003220")
    page.get_by_role("button", name="Approve").click()
    said(page, f"back succeeded {intent.id}")


def test_redirect_always_leaves_the_page_after_an_ordinary_card(page, shop, sandbox):
    intent = new_intent(sandbox)
    open_shop(page, shop, intent, redirect="always")
    pay(page, "4242424242424242")
    said(page, f"back succeeded {intent.id}")


def test_deferred_elements_submit_first_and_name_what_is_missing(page, shop, sandbox):
    intent = new_intent(sandbox)
    open_shop(page, shop, intent, mode="deferred")
    pay(page, "4242")
    said(page, "error incomplete_number")
    form = page.frame_locator("iframe[title='Secure payment input frame']")
    playwright.expect(form.get_by_label("Card number")).to_be_focused()
    playwright.expect(form.get_by_text("Your card number is incomplete.")).to_be_visible()
    pay(page, "378282246310005", cvc="1234")
    said(page, "succeeded 2500")


def test_the_form_formats_what_is_typed_and_tells_when_it_is_complete(page, shop, sandbox):
    open_shop(page, shop, new_intent(sandbox))
    type_card(page, "4242424242424242", expiry="334")
    form = page.frame_locator("iframe[title='Secure payment input frame']")
    playwright.expect(form.get_by_label("Card number")).to_have_value("4242 4242 4242 4242")
    playwright.expect(form.get_by_label("Expiry date")).to_have_value("03 / 34")
    playwright.expect(page.locator("body")).to_have_attribute("data-complete", "true")


def test_the_card_form_fits_320_pixels_and_follows_the_theme(page, shop, sandbox):
    page.set_viewport_size({"width": 320, "height": 640})
    backgrounds = set()
    for theme in ("stripe", "night"):
        open_shop(page, shop, new_intent(sandbox), theme=theme)
        frame = page.frames[-1]
        assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        backgrounds.add(frame.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(backgrounds) == 2


@pytest.mark.parametrize(
    ("kind", "error"), [("error_before", "api_error"), ("drop_connection_before", "api_connection_error")]
)
def test_a_failing_provider_is_an_error_and_not_a_hang(page, shop, sandbox, kind, error):
    intent = new_intent(sandbox)
    open_shop(page, shop, intent)
    sandbox.faults({"kind": kind, "match": "POST /v1/payment_intents/*/confirm"})
    pay(page, "4242424242424242")
    said(page, f"error {error} undefined undefined undefined")
    sandbox.clear_faults()
    page.get_by_role("button", name="Pay").click()
    said(page, "succeeded 2500")


def test_no_card_number_reaches_the_shop(page, shop, sandbox):
    sent = []
    page.on("request", lambda request: sent.append((request.url, request.post_data or "")))
    intent = new_intent(sandbox)
    open_shop(page, shop, intent)
    pay(page, "4242424242424242")
    said(page, "succeeded 2500")
    assert any("4242424242424242" in body for url, body in sent if url.startswith(sandbox.url))
    assert not any("4242424242424242" in url + body for url, body in sent if url.startswith(shop))


# --- wallets, as the Express Checkout Element shows them ------------------------------------------

EXPRESS = """async (listen) => {
  const heard = [];
  window.heard = heard;
  const stripe = Stripe("pk_test_sandbox");
  const elements = stripe.elements({ mode: "payment", amount: 2500, currency: "inr" });
  const express = elements.create("expressCheckout", {});
  const ready = new Promise((resolve) => express.on("ready", resolve));
  if (listen) express.on("click", (event) => heard.push(event.expressPaymentType));
  express.mount(".element");
  const { availablePaymentMethods: there } = await ready;
  return there ? Object.keys(there).filter((method) => there[method]) : null;
}"""


def test_a_wallet_shows_where_the_account_has_it_and_wants_an_answer_in_a_second(page, shop, sandbox):
    open_shop(page, shop, new_intent(sandbox))
    assert page.evaluate(EXPRESS, False) is None
    sandbox.offer("google_pay", "link")
    assert page.evaluate(EXPRESS, True) == ["googlePay", "link"]
    page.clock.install()
    page.frame_locator("iframe[title='Secure express checkout frame']").get_by_role("button", name="Link").click()
    page.wait_for_function("() => window.heard.includes('link')")
    with pytest.raises(playwright.Error, match="within 1 second of the click event"):
        page.clock.run_for(1100)
    playwright.expect(page.get_by_role("dialog")).to_have_count(0)


def test_what_the_page_brings_itself_must_be_brought(page, shop, sandbox):
    open_shop(page, shop, new_intent(sandbox))
    thrown = page.evaluate(
        """async (clientSecret) => {
          const stripe = Stripe("pk_test_sandbox");
          const elements = stripe.elements({ clientSecret });
          const element = elements.create("payment", { fields: { billingDetails: { name: "never" } } });
          const ready = new Promise((resolve) => element.on("ready", resolve));
          element.mount(".element");
          await ready;
          const confirmParams = { return_url: location.href };
          return stripe.confirmPayment({ elements, confirmParams }).catch((error) => error.message);
        }""",
        new_intent(sandbox).client_secret,
    )
    assert "billing_details.name" in thrown


@pytest.mark.parametrize(("allowed", "types"), [("always", ["card", "klarna"]), ("never", ["card"])])
def test_a_method_that_leaves_the_page_is_one_where_that_is_allowed(sandbox, allowed, types):
    sandbox.reset()
    sandbox.offer("klarna", "apple_pay")
    intent = new_intent(sandbox, automatic_payment_methods={"enabled": True, "allow_redirects": allowed})
    assert intent.payment_method_types == types
