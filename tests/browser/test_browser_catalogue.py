"""Filters without a reload and grounds near somebody, in a browser."""

import pytest
from playwright.sync_api import expect

from tests.cricket.test_matches import a_chase, put
from tests.support.browser import chromium
from tests.support.walking import Fan, serving_in_public

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(settings, sandbox):
    with serving_in_public(settings, sandbox) as site:
        yield site


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


def names(page):
    return page.locator("[data-swap=list] .fixture h3").all_inner_texts()


def test_a_filter_swaps_the_list_and_back_brings_it_back(browser, site, ground):
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


def test_grounds_near_somebody_come_first(browser, site, ground, rows):
    rows("update stadium set latitude = -33.9, longitude = 151.2 where slug = 'lanternside'")
    rows("update stadium set latitude = 53.8, longitude = -1.5 where slug = 'moor'")
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


SCREEN = 844  # px, the height of the phone


def test_home_sells_while_a_match_is_live_and_ends_soon(browser, site, ground, rows):
    """Long names, one match live, ten more to come: seats are in the first screen, and the list ends in the third."""
    put(rows, ground.match, a_chase())
    rows("update match set state = 'live', starts_at = now() - interval '2 hours' where id = :m", m=ground.match)
    rows("update team set name = 'The Royal Wolverhampton Avocets', short_name = 'Wolverhampton' where slug = 'herons'")
    for day in range(4, 14):
        event = rows.value(
            """insert into event (stadium_id, layout_id, name, starts_at, gates_open_at, ends_at, sale_starts_at,
                                  sale_ends_at)
               select stadium_id, layout_id, name, starts_at + d, gates_open_at + d, ends_at + d, sale_starts_at,
                      sale_ends_at + d from event, (select make_interval(days => :d) as d) as later
                where id = :e returning id""",
            d=day, e=ground.event,
        )  # fmt: skip
        match = rows.value(
            """insert into match (stadium_id, home_team_id, away_team_id, competition, number, format, starts_at)
               select stadium_id, away_team_id, home_team_id, competition, :d, format, now() + make_interval(days => :d)
                 from match where id = :m returning id""",
            d=day, m=ground.match,
        )  # fmt: skip
        rows("insert into event_match (event_id, match_id) values (:e, :m)", e=event, m=match)
        rows(
            """insert into event_price (event_id, band, ticket_type, face)
               select :new, band, ticket_type, face from event_price where event_id = :e""",
            new=event, e=ground.event,
        )  # fmt: skip
    fan = Fan(browser, site, has_touch=True)
    page = fan.page
    page.goto("/")
    expect(page.get_by_role("link", name="Choose seats from A$52.90")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("link", name="Follow the match")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("searchbox")).to_be_in_viewport(ratio=1)
    expect(page.locator("#on-h ~ *, .fixture")).not_to_have_count(0)
    box = page.get_by_role("region", name="What’s on").bounding_box()
    assert box["y"] + box["height"] <= 3 * SCREEN, box
    # Where the live match sells no more, the next that does is sold in its place, by name.
    rows("update event set sale_ends_at = now() - interval '1 minute' where id = :e", e=ground.event)
    page.reload()
    expect(page.get_by_role("link", name="Choose seats from £34")).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("Seats for Wolverhampton v Terns")).to_be_in_viewport(ratio=1)
    fan.fine()


def test_a_wish_is_typed_at_home_and_taken_away_chip_by_chip(browser, site, ground):
    fan = Fan(browser, site, has_touch=True)
    page = fan.page
    page.goto("/")
    page.get_by_role("searchbox").fill("terns under A$60 for 4")
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_url("**/fixtures?q=**")
    expect(page.locator("[data-swap=list] .fixture")).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(page.get_by_label("Club")).to_have_value("terns")
    page.get_by_role("link", name="Take off Up to A$60").tap()
    expect(page.locator("[data-swap=list] .fixture")).to_have_count(2)
    expect(page.get_by_label("Price up to")).to_have_value("")
    # Typed into the list itself, it becomes fields in the same way.
    page.get_by_role("searchbox").fill("5 of us")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("[data-swap=list] .fixture")).to_have_count(1)
    expect(page.get_by_label("Seats together")).to_have_value("5")
    expect(page.get_by_role("searchbox")).to_have_value("")
    page.get_by_role("link", name="Best seats for").tap()
    page.wait_for_url(f"**/book-tickets-enhanced/{ground.event}?best_count=5&best_together=1")
    expect(page.locator("#offers-h")).to_be_visible()
    assert fan.errors == []


def test_days_are_gone_through_by_keys(browser, site, ground, rows):
    rows("update match set starts_at = starts_at + interval '2 days' where id <> :m", m=ground.match)
    rows(
        """update event set starts_at = starts_at + interval '2 days', ends_at = ends_at + interval '2 days'
            where id = :e""",
        e=ground.other_event,
    )
    fan = Fan(browser, site)
    page = fan.page
    page.goto("/fixtures")
    days = page.get_by_role("navigation", name="Days with matches").get_by_role("link")
    expect(days).to_have_count(3)
    fan.tab_to(days.nth(2))
    fan.press("Enter")
    expect(page.locator("[data-swap=list] .fixture")).to_have_count(1)
    expect(days.nth(2)).to_have_attribute("aria-current", "true")
    expect(days.nth(2)).to_be_focused()
    fan.press("Shift+Tab", "Shift+Tab", "Enter")
    expect(page.locator("[data-swap=list] .fixture")).to_have_count(2)
    expect(days.nth(0)).to_have_attribute("aria-current", "true")


def test_near_me_asks_on_the_tap_and_sends_a_rounded_place(browser, site, ground, rows):
    rows("update stadium set latitude = -33.9, longitude = 151.2 where slug = 'lanternside'")
    rows("update stadium set latitude = 53.8, longitude = -1.5 where slug = 'moor'")
    place = {"latitude": 53.40721, "longitude": -2.19743}
    fan = Fan(browser, site, has_touch=True, geolocation=place, permissions=["geolocation"])
    fan.page.goto("/")
    fan.page.get_by_role("link", name="Near me").tap()
    fan.page.wait_for_url("**/fixtures?near=53.4%2C-2.2")
    expect(fan.page.locator("[data-swap=list] .fixture")).to_have_count(1)
    expect(fan.page.locator("[data-swap=list]")).to_contain_text("Moor Lane")
    unasked = Fan(browser, site, has_touch=True)
    unasked.page.goto("/fixtures")
    unasked.page.get_by_role("link", name="Near me").tap()
    expect(unasked.page.get_by_text("did not say where you are")).to_be_visible()
    unasked.page.get_by_role("link", name="Leeds").tap()
    expect(unasked.page.locator("[data-swap=list] .fixture")).to_have_count(1)


def test_wide_pages_use_their_width(browser, site, ground, rows):
    rows(
        """insert into match (stadium_id, home_team_id, away_team_id, competition, format, starts_at)
           select stadium_id, home_team_id, :third, competition, format, now() + interval '9 days'
             from match where id = :m""",
        m=ground.match,
        third=rows.value(
            """insert into team (slug, name, short_name, colour_1, colour_2, cap_pattern)
               values ('larks', 'Derwent Larks', 'Larks', '#10524f', '#f2efe2', 1) returning id"""
        ),
    )
    page = Fan(browser, site, width=1440, height=900).page
    for path, parts in (
        ("/ladder", (".ladder-page .panel >> nth=0", ".ladder-page aside")),
        ("/teams/terns", (".fixture-who >> nth=0", ".fixture-go >> nth=0", "aside >> nth=0")),
        (
            "/grounds/lanternside",
            (".ground-cols > .stack >> nth=0", ".ground-cols > .stack >> nth=1", ".ground-more"),
        ),
    ):
        page.goto(path)
        places = [page.locator(part).bounding_box() for part in parts]
        assert all(a["x"] + a["width"] <= b["x"] for a, b in zip(places, places[1:], strict=False)), (path, places)
