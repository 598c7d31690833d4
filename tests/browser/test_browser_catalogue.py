"""Filters without a reload and grounds near somebody, in a browser."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import chromium
from tests.support.walking import Fan, serving_in_public

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(settings, sandbox):
    with serving_in_public(settings, sandbox) as site:
        yield site


def names(page):
    return page.locator("[data-swap=list] .fixture h3").all_inner_texts()


def test_a_filter_swaps_the_list_and_back_brings_it_back(site, ground):
    with chromium() as browser:
        page = Fan(browser, site, has_touch=True).page
        page.goto("/fixtures")
        page.evaluate("window.same = true")
        assert len(names(page)) == 2
        page.locator("[data-more] summary").tap()
        page.get_by_label("Ground").select_option("moor")
        page.wait_for_url("**/fixtures?ground=moor")
        page.locator("[data-chip]").first.wait_for()
        assert len(names(page)) == 1 and "Moor Lane" in page.title()
        page.get_by_label("Search").fill("nobody at all")
        page.get_by_label("Search").press("Enter")
        page.get_by_text("Without those words the next is").wait_for()
        page.get_by_role("link", name="Look without those words").tap()
        page.wait_for_url("**/fixtures?ground=moor")
        page.go_back()
        page.wait_for_url("**/fixtures?q=nobody**")
        page.go_back()
        page.go_back()
        page.wait_for_url("**/fixtures")
        expect(page.locator("[data-swap=list] .fixture")).to_have_count(2)
        expect(page.get_by_label("Ground")).to_have_value("")
        assert page.evaluate("window.same")


def test_grounds_near_somebody_come_first(site, ground, rows):
    rows("update stadium set latitude = -33.9, longitude = 151.2 where slug = 'lanternside'")
    rows("update stadium set latitude = 53.8, longitude = -1.5 where slug = 'moor'")
    with chromium() as browser:
        place = {"latitude": 53.4, "longitude": -2.2}
        fan = Fan(
            browser, site, has_touch=True, timezone_id="Europe/London", geolocation=place, permissions=["geolocation"]
        )
        page = fan.page
        page.goto("/")
        first = page.locator("[data-near] > li").first
        expect(first, "the time zone is the browser's").to_contain_text("Moor Lane")
        fan.page.evaluate("document.querySelector('[data-near]').append(document.querySelector('[data-near] > li'))")
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.get_by_role("button", name="Use my location").tap()
        page.get_by_text("The nearest first.").wait_for()
        expect(first).to_contain_text("Moor Lane")
        expect(first).to_contain_text("km away")
        assert asked == [], "where somebody is stays in the browser"
        assert fan.errors == []
