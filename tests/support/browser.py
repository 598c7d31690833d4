"""A real browser for tests: the application served on a free port, and Chromium in front of it."""

import contextlib
import threading
import time

import pytest
from werkzeug.serving import make_server

import realtime

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@contextlib.contextmanager
def serving(app):
    """Serve the application with threads on a free port; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        realtime.stop(app)
        server.shutdown()
        server.server_close()
        thread.join(10)


@contextlib.contextmanager
def chromium():
    """A Chromium of Playwright's; skips the test where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need Playwright")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """One person's browser window: `.page` is Playwright's, with `.errors` of scripts and of the content policy."""

    def __init__(self, browser, url, width=390, height=844, **options):
        self.url = url
        self.context = browser.new_context(viewport={"width": width, "height": height}, base_url=url, **options)
        self.page = self.context.new_page()
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "console",
            lambda m: self.errors.append(m.text) if m.type == "error" and "Content Security Policy" in m.text else None,
        )

    def be(self, test_browser):
        """Be the same person as this client without a screen: its session cookie comes along."""
        for name in ("cv_session", "cv_form"):
            cookie = test_browser.client.get_cookie(name)
            if cookie is not None:
                self.context.add_cookies([{"name": name, "value": cookie.value, "url": self.url}])
        return self

    def without_live(self):
        """Pages that are opened from now on hear of no change: what others do is found out by asking."""
        self.context.add_init_script(
            "Object.defineProperty(window, 'CricVerseLive', { get: () => undefined, set() {} })"
        )
        return self

    def close(self):
        self.context.close()


def move_clock_until(page, condition, seconds=30):
    """Move a page's clock (`page.clock.install()` before it was opened) until this is true, so that nobody waits for
    its timers.
    """
    deadline = time.monotonic() + seconds
    while not page.evaluate(f"() => {condition}"):
        assert time.monotonic() < deadline, f"{condition} did not come about"
        page.clock.run_for(1_000)
