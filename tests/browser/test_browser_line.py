"""A rush in a browser: the place in line changes where it stands, and the page comes by itself when it is time."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import Visitor, chromium, serving
from web import turns

pytestmark = pytest.mark.browser


def test_the_place_in_line_changes_by_itself_and_then_the_page_comes(app, ground):
    line = app.extensions["turns"]
    with serving(app) as url, chromium() as chrome:
        visitor = Visitor(chrome, url)
        try:
            line.at_once = -5
            app.test_client().get(f"/matches/{ground.match}")  # somebody came before
            visitor.page.goto(f"/matches/{ground.match}")
            expect(visitor.page.get_by_role("heading", level=1)).to_have_text("You are number 2 in line")
            line.kept.pop(line.line.pop(0))
            expect(visitor.page.get_by_role("heading", level=1)).to_have_text(
                "You are number 1 in line", timeout=20_000
            )
            line.at_once = turns.AT_ONCE
            expect(visitor.page.get_by_role("heading", name="Tickets")).to_be_visible(timeout=20_000)
        finally:
            line.at_once = turns.AT_ONCE
            line.line.clear()
            line.kept.clear()
            visitor.context.close()
