"""Two scorers at their consoles in Chromium: one scores the match, the other scores along, and both hear where their
books differ.
"""

import pytest

from tests.browser.test_axe import AXE, RUN, TAGS
from tests.browser.test_browser_scorer import Console, add_squads, deliveries
from tests.support.browser import chromium, serving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
expect = pytest.importorskip("playwright.sync_api", reason="browser tests need Playwright").expect


@pytest.fixture
def consoles(app, ground, cast, rows):
    """The browsers of Sunil and Joan."""
    add_squads(rows)
    with serving(app) as url, chromium() as chrome:
        both = [Console(chrome, url, width=1024, height=768).be(cast.browser(who)) for who in ("sunil", "joan")]
        yield both
        for window in both:
            window.close()


def test_a_second_scorer_takes_over_in_two_taps_and_the_first_is_told(consoles, ground, rows):
    first, second = consoles
    first.open(ground.match).begin(overs=5)
    first.balls(1, 2)
    first.status("Live, all sent")

    second.open(ground.match)
    expect(second.page.locator("[data-keys]")).to_contain_text("Sunil Abeysekera is scoring")
    expect(second.page.locator("[data-keys]")).to_contain_text("Since just now; the last entry just now.")
    second.tap("Take over")
    second.tap("Yes, take over")
    second.status("Live, all sent")
    assert second.score() == "3 for 0"
    second.balls(4)
    second.status("Live, all sent")

    first.balls(6)
    problem = first.page.locator("[data-problem]")
    expect(problem).to_contain_text("Joan Pickersgill has taken over the scoring.")
    expect(problem).to_contain_text("six, Quill off Voss")
    problem.get_by_role("button", name="Take over again, and send what fits").click()
    first.status("Live, all sent")
    assert first.score() == "13 for 0"
    assert [row["body"]["bat"] for row in deliveries(rows, ground.match)] == [1, 2, 4, 6]
    who = rows("select distinct recorded_name from match_update where match_id = :m order by 1", m=ground.match)
    assert [row["recorded_name"] for row in who] == ["Joan Pickersgill", "Sunil Abeysekera"]

    second.balls(1)
    problem = second.page.locator("[data-problem]")
    expect(problem).to_contain_text("Sunil Abeysekera has taken over the scoring.")
    problem.get_by_role("button", name="Throw mine away").click()
    second.sheet("^Throw your entries away").get_by_role("button", name="Throw them away").click()
    expect(second.page.locator("[data-keys]")).to_contain_text("Sunil Abeysekera is scoring")
    assert second.score() == "13 for 0"


def test_two_consoles_score_along_and_both_hear_where_their_books_differ(consoles, ground, rows):
    first, second = consoles
    first.open(ground.match).begin(overs=5)
    first.balls(1)
    second.open(ground.match).tap("Score along")
    told, seen = (window.page.locator("[data-checks]") for window in (second, first))
    expect(told).to_contain_text("Second scorer: your entries are compared, not shown")
    second.status("Second book")
    assert second.score() == "1 for 0"

    # The second's last ball is a wide where the first saw a dot, and so one ball more.
    first.balls(0, 4, 0, 2, 0)
    second.balls(0, 4, 0, 2)
    second.wide()
    second.balls(0)
    for window in (first, second):
        window.tap("End the over")
    words = "After 1 over (Terns) you have {}, {} has {}. In the 1st over: runs {}, wides {}."
    expect(told).to_contain_text("The books differ in the 1st over")
    expect(told).to_contain_text(words.format("8/0", "Sunil Abeysekera", "7/0", "8 against 7", "1 against 0"))
    expect(seen).to_contain_text(words.format("7/0", "Joan Pickersgill", "8/0", "7 against 8", "0 against 1"))
    assert len(deliveries(rows, ground.match)) == 6 and first.score() == "7 for 0"

    # A reload without a network keeps the book; the totals wait.
    second.page.wait_for_function(
        "async () => (await caches.keys()).length && (await (await caches.open('scorer-1')).keys()).length > 15"
    )
    second.context.set_offline(True)
    second.page.reload()
    expect(told).to_contain_text("No network: your totals wait on this device")
    assert second.score() == "8 for 0"
    second.context.set_offline(False)

    # The first was wrong: a wide before the last ball mends it, and both agree again.
    seen.get_by_role("button", name="Look at that over").click()
    sheet = first.sheet("^Over 1, Terns")
    expect(sheet.get_by_role("row", name="Wides in the over")).to_contain_text("01")
    first.page.evaluate(AXE)
    first.page.set_viewport_size({"width": 390, "height": 844})
    assert first.page.evaluate(RUN, [TAGS, [("lights", None)]]) == []
    assert first.page.evaluate("document.scrollingElement.scrollWidth") == 390
    sheet.get_by_role("button", name="Change ball 0.6").click()
    sheet = first.sheet("^Ball 0.6")
    sheet.get_by_role("button", name="Put a ball before it").click()
    sheet = first.sheet("^A ball before 0.6")
    sheet.get_by_role("radio", name="Wide", exact=True).check()
    sheet.get_by_role("button", name="Put it in").click()
    first.status("Live, all sent")
    second.page.evaluate("() => dispatchEvent(new Event('online'))")
    for place, name in ((seen, "Joan Pickersgill"), (told, "Sunil Abeysekera")):
        expect(place).to_contain_text(f"Agreed with {name} after 1 over.")
        expect(place.get_by_role("button", name="Look at that over")).to_have_count(0)

    # The second takes over from the book: with the match's score, and nothing of the book is left to compare.
    second.menu("Take over the match").get_by_role("button", name="Take over", exact=True).click()
    second.status("Live, all sent")
    expect(told).to_be_empty()
    assert second.score() == "8 for 0" and rows.value("select count(*) from second_book") == 0
    assert first.errors == second.errors == []
