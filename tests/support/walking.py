"""Walking the product in a real browser as a person does: by labels and roles, by touch or by keys alone."""

import base64
import contextlib
import re
import threading
from dataclasses import replace

from werkzeug.serving import make_server

import qr_codes
import realtime
from serving import jobs
from tests.support.browser import Visitor

CARD_FRAME, BANK_FRAME = "iframe[title='Secure payment input frame']", "iframe[title='3-D Secure challenge']"
GOOD, DECLINED, THREE_D_SECURE = "4242424242424242", "4000000000000002", "4000002500003155"


@contextlib.contextmanager
def serving_in_public(settings, sandbox):
    """An application whose public address is the one it is served at, with the sandbox's webhooks pointed there:
    (address, app).
    """
    from app import create_app

    def not_yet(environ, start_response):
        start_response("503 Service Unavailable", [])
        return [b""]

    # The port is known only when the server stands, and the application must know the port.
    server = make_server("127.0.0.1", 0, not_yet, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    server.app = app = create_app(replace(settings, public_url=url))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    sandbox.set_webhook(f"{url}/api/stripe-webhook", settings.stripe_webhook_secret)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield url, app
    finally:
        sandbox.set_webhook(None)
        realtime.stop(app)
        server.shutdown()
        server.server_close()
        thread.join(10)


class Fan(Visitor):
    """A visitor on a phone whose whole console is listened to. `.page` is Playwright's."""

    def __init__(self, browser, site, **options):
        self.site, self.app = site
        super().__init__(browser, self.site, **options)
        self.page.set_default_timeout(10_000)
        self.page.on(
            "console", lambda m: self.errors.append(m.text) if m.type == "error" and m.text not in self.errors else None
        )

    def button(self, name, **more):
        return self.page.get_by_role("button", name=name, **more)

    def link(self, name, **more):
        return self.page.get_by_role("link", name=name, **more)

    def seat(self, row, number):
        return self.page.get_by_role("checkbox", name=re.compile(rf"^Row {row}, seat {number}, "))

    def open_bay(self, event_id, stand="Cooper Stand", bay="14"):
        self.page.goto(f"/book-tickets-enhanced/{event_id}")
        self.link(stand, exact=True).click()
        self.link(re.compile(rf"bay {bay}, gate")).click()

    def hold(self, *seats):
        """Check these seats ("A3") and hold them."""
        for seat in seats:
            self.seat(seat[0], seat[1:]).check()
        self.button("Hold these seats").click()
        self.page.get_by_role("heading", name=re.compile(r"seats? held$")).wait_for()

    def say_who(self, name="Vera Quill", email="vera@example.org"):
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_label("E-mail, for the tickets").fill(email)

    def type_card(self, number):
        form = self.page.frame_locator(CARD_FRAME)
        for label, value in (("Card number", number), ("Expiry date", "1234"), ("Security code", "123")):
            form.get_by_label(label).fill("")
            form.get_by_label(label).press_sequentially(value)

    def pay(self, number):
        self.type_card(number)
        self.button(re.compile("^Pay ")).click()

    def approve(self):
        self.page.frame_locator(BANK_FRAME).get_by_role("button", name="Approve").click()

    def wait_for_tickets(self):
        self.page.wait_for_url("**/tickets/*")
        self.page.get_by_role("heading", level=1, name=re.compile("^Tickets for|^Your parking")).wait_for()

    def fits(self, width=360):
        """No sideways scroll at this width; the window is as wide as before afterwards."""
        self.page.wait_for_load_state()
        before = self.page.viewport_size
        self.page.set_viewport_size({"width": width, "height": 740})
        wide = self.page.evaluate("document.scrollingElement.scrollWidth")
        if wide > width:
            found = self.page.evaluate(
                """w => [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > w + 1)
                        .map(e => e.outerHTML.slice(0, 90)).slice(0, 5)""",
                width,
            )
            raise AssertionError(f"{self.page.url} is {wide} px wide: {found}")
        self.page.set_viewport_size(before)

    def fine(self):
        """This screen: nothing on the console, nothing that the content policy stopped, no sideways scroll."""
        self.fits()
        assert self.errors == [], f"{self.page.url}: {self.errors}"

    # --- keys alone ---------------------------------------------------------------------------------------------------

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, target, stops=90):
        """Press Tab until this has the focus. Every stop on the way must show that it has it."""
        for _ in range(stops):
            self.page.keyboard.press("Tab")
            self.focus_shows()
            if target.count() and target.first.evaluate("e => e === document.activeElement"):
                return
        raise AssertionError(f"Tab never came to {target}")

    def focus_shows(self):
        frame = self.page.main_frame
        while True:
            focused = frame.evaluate_handle("document.activeElement").as_element()
            inner = focused.content_frame() if focused else None
            if inner is None:
                break
            frame = inner
        said = frame.evaluate(FOCUS)
        assert said["shown"], f"the focus cannot be seen on {self.page.url}: {said}"


class CountingFan(Fan):
    """A fan whose browser counts: each press of a finger or of Enter, and each choice in a list, is a tap; each element
    that something is typed into is a field. In every frame, those of the payment service and the bank too.
    """

    COUNT = """
      const of = (e) => `${location.pathname} ${e.name || e.id || e.type}`;
      const words = (e) => (e.closest("a, button, label, summary") || e).textContent.trim().slice(0, 40);
      addEventListener("pointerdown", (e) => e.isTrusted && noteTap(words(e.target)), true);
      addEventListener("keydown", (e) => e.isTrusted && e.key === "Enter" && noteTap("Enter"), true);
      addEventListener("change", (e) => e.target.matches("select") && noteTap(of(e.target)), true);
      addEventListener("input", (e) => e.target.matches("input:not([type=radio], [type=checkbox]), textarea")
        && noteField(of(e.target)), true);
    """

    def __init__(self, browser, site, **options):
        super().__init__(browser, site, **options)
        self.taps, self.fields = [], []
        self.context.expose_function("noteTap", lambda what: self.taps.append(what))
        self.context.expose_function(
            "noteField", lambda name: None if name in self.fields else self.fields.append(name)
        )
        self.context.add_init_script(self.COUNT)


# The focused element, or the label or the drawing beside it, has an outline (or a shadow), and its middle is on top of
# everything else.
FOCUS = r"""async () => {
  const e = document.activeElement;
  if (!e || e === document.body) return { shown: true, html: "nothing" };
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const places = [e, e.nextElementSibling, e.closest("label"),
    e.matches("fieldset *") ? null : e.parentElement].filter(Boolean);
  const marked = places.find((p) => {
    const s = getComputedStyle(p);
    return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) || (p === e && s.boxShadow !== "none");
  });
  if (!marked) return { shown: false, why: "no mark", html: e.outerHTML.slice(0, 200) };
  const r = marked.getBoundingClientRect();
  const points = [[0.5, 0.5], [0.15, 0.5], [0.85, 0.5], [0.5, 0.2], [0.5, 0.8]];
  const over = points.map(([x, y]) => document.elementFromPoint(r.left + r.width * x, r.top + r.height * y));
  const seen = over.some((o) => o && (o === e || marked.contains(o)
    || o.contains(marked) && places.includes(o) || e.contains(o)));
  const box = [r.left, r.top, r.width, r.height].map(Math.round);
  return { shown: seen, why: "covered or off screen", html: e.outerHTML.slice(0, 200), box };
}"""


# --- what a person looks at -----------------------------------------------------------------------

PIXELS = """async (address) => {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.width, picture.height];
  const pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0);
  const data = pen.getImageData(0, 0, picture.width, picture.height).data;
  const dark = [];
  for (let i = 0; i < data.length; i += 4) dark.push(data[i] + data[i + 1] + data[i + 2] < 384 ? 1 : 0);
  return { width: picture.width, height: picture.height, dark };
}"""


def modules_on_screen(fan, picture, count):
    """The QR code as it stands on the screen: a screenshot, read at the middle of each of count × count modules."""
    shot = base64.b64encode(picture.screenshot()).decode()
    blank = fan.context.new_page()
    seen = blank.evaluate(PIXELS, f"data:image/png;base64,{shot}")
    blank.close()
    width, height, dark = seen["width"], seen["height"], seen["dark"]
    at = [
        [dark[int((y + 0.5) * height / count) * width + int((x + 0.5) * width / count)] for x in range(count)]
        for y in range(count)
    ]
    return [[bool(module) for module in line] for line in at]


def shows_code(fan, label, code):
    """Does the picture of this label show exactly this code's modules?"""
    count, path = qr_codes.svg_path(code)
    wanted = [[False] * count for _ in range(count)]
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1", path):
        wanted[int(y)][int(x) : int(x) + int(run)] = [True] * int(run)
    picture = fan.page.get_by_role("img", name=label)
    picture.scroll_into_view_if_needed()
    return modules_on_screen(fan, picture, count) == wanted


def read_code(rows, code):
    """The signed code, verified with the keys of the database."""
    keys = {row["id"]: row["public_key"] for row in rows("select id, public_key from signing_key")}
    return qr_codes.read(code, keys.get)


def open_mail(fan, sandbox, email):
    """Let the jobs send what waits, then read the newest mail to this address in the inbox: the link in it."""
    jobs.run(fan.app, once=True)
    mails = sandbox.mail(email)
    assert mails, f"no mail to {email}"
    page = fan.context.new_page()
    page.goto(f"{sandbox.url}/inbox")
    page.get_by_role("link", name=mails[-1]["subject"]).first.click()
    body = page.frame_locator('iframe[title="The mail\'s HTML"]')
    link = body.get_by_role("link", name=re.compile("^Open my")).get_attribute("href")
    page.close()
    return mails, link
