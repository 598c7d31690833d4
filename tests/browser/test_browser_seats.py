"""The seat page and the parking page in a real browser: on a phone, by keyboard, and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import Visitor, chromium, serving
from tests.support.holding import age, held_seats, hold

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def url(app, ground):
    with serving(app) as url:
        yield url


@pytest.fixture
def someone(browser, url):
    """someone(width=390, …) opens a window; whatever its scripts complained about fails the test."""
    opened = []

    def window(**options):
        visitor = Visitor(browser, url, **options)
        visitor.page.set_default_timeout(8000)
        opened.append(visitor)
        return visitor

    yield window
    errors = [error for visitor in opened for error in visitor.errors]
    for visitor in opened:
        visitor.close()
    assert not errors


def seats_page(ground):
    return f"/book-tickets-enhanced/{ground.event}"


def assert_fits(page):
    page.wait_for_load_state()
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [360, 390])
def test_seats_are_chosen_by_lists_on_a_phone(someone, ground, rows, scripts, width):
    page = someone(width=width, java_script_enabled=scripts).page
    page.goto(seats_page(ground))
    assert_fits(page)
    page.get_by_role("link", name="Cooper Stand").click()
    page.get_by_role("link", name="bay 14").click()
    assert_fits(page)
    page.get_by_label("Row A, seat 3, A$52.90").check(force=True)
    page.get_by_label("Row A, seat 4, A$52.90").check(force=True)
    page.get_by_role("button", name="Hold these seats").click()
    page.get_by_role("heading", name="2 seats held").wait_for()
    assert_fits(page)
    assert held_seats(rows, ground) == ["A3", "A4"]
    page.get_by_role("button", name="Take out row a, seat 3").click()
    page.get_by_role("heading", name="1 seat held").wait_for()
    page.get_by_role("button", name="Start again").click()
    page.locator(".notices", has_text="Your seats are back on sale").wait_for()
    assert held_seats(rows, ground) == []


@pytest.mark.parametrize("scripts", [True, False])
def test_the_best_seats_a_ticket_type_more_time_and_parking(someone, ground, rows, scripts):
    page = someone(java_script_enabled=scripts).page
    page.goto(seats_page(ground))
    if scripts:
        page.get_by_role("button", name="One seat more").click()
    else:
        page.get_by_label("How many seats").fill("3")
    page.get_by_label("Seats at A$52.90").check(force=True)
    page.get_by_role("button", name="Show the best seats").click()
    expect(page.get_by_role("heading", name="The best 3 seats for you")).to_be_visible()
    expect(page).to_have_url(re.compile(r"best_count=3&best_together=1&best_where=band-C"))
    assert held_seats(rows, ground) == []
    page.get_by_role("button", name="Hold these 3 seats").click()
    page.get_by_role("heading", name="3 seats held").wait_for()
    page.get_by_label("Ticket type for row a, seat 4").select_option(label="Child, A$27.70")
    if not scripts:
        page.get_by_role("button", name="Change ticket types").click()
    page.locator(".tray-sum", has_text="A$133.50").wait_for()
    age(rows, 5)
    page.goto(seats_page(ground))
    page.get_by_role("button", name="Hold 10 minutes longer").click()
    if scripts:
        page.locator("[data-hold] [data-clock]", has_text=re.compile(r"^(10:00|9:5\d)$")).wait_for()
        page.get_by_text("Your hold is longer now.").wait_for()
    assert rows.value("select expires_at - clock_timestamp() > interval '9 minutes 30 seconds' from booking")
    page.get_by_role("link", name="Add parking").click()
    page.get_by_role("radio", name=re.compile("^Wharf Street 4 minutes")).check()
    page.get_by_label("Number plate").fill("crv-26a")
    assert_fits(page)
    page.get_by_role("button", name="Add parking and pay").click()
    page.wait_for_url("**/bookings/*/pay")
    expect(page.get_by_text("crv-26a", exact=True)).to_be_visible()
    assert rows.value("select total from booking") == 13350 + 2500


def test_a_lost_seat_keeps_the_rest_of_the_choice_and_the_place(someone, ground, as_ben, rows):
    page = someone().without_live().page
    page.goto(seats_page(ground))
    page.get_by_role("link", name="Cooper Stand").click()
    page.get_by_role("link", name="bay 14").click()
    for number in (3, 4, 5):
        page.get_by_label(f"Row A, seat {number}, A$52.90").check(force=True)
    hold(as_ben, ground, "A4")
    page.get_by_role("button", name="Hold these seats").click()
    page.get_by_text("Row A, seat 4 has just been taken").wait_for()
    assert page.evaluate("document.activeElement.matches('[data-error-summary]')")
    assert page.title().startswith("Error:")
    expect(page.get_by_text("2 seats chosen")).to_be_visible()
    page.get_by_role("button", name="Hold these seats").click()
    page.get_by_role("heading", name="2 seats held").wait_for()
    assert held_seats(rows, ground) == ["A3", "A4", "A5"]


def test_what_is_checked_outlives_a_change_in_the_tray(someone, ground, rows):
    page = someone(width=1280).page
    page.goto(seats_page(ground))
    page.get_by_role("link", name="Cooper Stand").click()
    page.get_by_role("link", name="bay 14").click()
    page.get_by_label("Row A, seat 3, A$52.90").check(force=True)
    page.get_by_role("button", name="Hold these seats").click()
    page.get_by_role("heading", name="1 seat held").wait_for()
    page.get_by_label("Row A, seat 6, A$52.90").check(force=True)
    page.get_by_label("Ticket type for row a, seat 3").focus()
    page.get_by_label("Ticket type for row a, seat 3").select_option(label="Child, A$27.70")
    page.locator(".tray-sum", has_text="A$27.70").wait_for()
    expect(page.get_by_label("Row A, seat 6, A$52.90")).to_be_checked()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Ticket type for row a, seat 3"


def test_the_clock_runs_speaks_and_ends_kindly(someone, ground, rows):
    visitor = someone()
    page = visitor.page
    page.goto(seats_page(ground))
    page.get_by_role("button", name="Show the best seats").click()
    page.get_by_role("button", name="Hold these 2 seats").click()
    page.get_by_role("heading", name="2 seats held").wait_for()
    for table in ("booking", "seat_claim"):
        rows(f"update {table} set expires_at = clock_timestamp() + interval '62 seconds'")
    page.goto(seats_page(ground))
    expect(page.locator("[data-hold] [data-clock]")).to_have_text(re.compile(r"^(1:0[0-2]|0:5\d)$"))
    expect(page.locator("[data-hold-said]")).to_have_text("Two minutes are left to pay for what you hold.")
    page.get_by_text("One minute is left.").wait_for(state="attached")
    for table in ("booking", "seat_claim"):
        rows(f"update {table} set expires_at = clock_timestamp() + interval '2 seconds'")
    page.goto(seats_page(ground))
    page.get_by_text("Your time is over").wait_for()
    expect(page.get_by_text("Nothing was charged")).to_be_visible()
    assert held_seats(rows, ground) == []


def test_seats_are_held_by_keyboard_alone(someone, ground, rows):
    page = someone(width=1280).page
    page.goto(seats_page(ground))

    def tab_to(test):
        for _ in range(120):
            page.keyboard.press("Tab")
            if page.evaluate(f"(() => {{ const a = document.activeElement; return {test}; }})()"):
                return
        raise AssertionError(f"the keyboard never reached {test}")

    tab_to("a.textContent === 'Cooper Stand'")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Cooper Stand").wait_for()
    tab_to("a.closest('.bay-list') !== null")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="bay 14").wait_for()
    tab_to("a.name === 'seat_id'")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    tab_to("a.textContent === 'Hold these seats'")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="2 seats held").wait_for()
    assert held_seats(rows, ground) == ["A1", "A2"]
