"""A free hit as the scorer and who watches see it, in Chromium."""

from tests.browser.test_browser_scorer import Console, chrome, expect, people, pytestmark, url

__all__ = ["chrome", "people", "pytestmark", "url"]  # fixtures and marks of the console's tests


def test_a_free_hit_is_shown_and_the_umpires_may_say_no(people, ground, rows):
    scorer = people("sunil", Console).open(ground.match)
    scorer.begin(overs=5)
    keys, watcher = scorer.page.locator("[data-keys]"), people()
    watcher.page.goto(f"/matches/{ground.match}/live")
    scorer.tap("No-ball")
    scorer.sheet("^No-ball").get_by_role("button", name="0 no-ball alone").click()
    expect(keys.locator(".free-hit")).to_contain_text("Free hit")
    expect(scorer.page.locator("[data-board]")).to_contain_text("Free hit")
    expect(watcher.page.locator(".match-now").get_by_text("Free hit", exact=True)).to_be_visible(timeout=30_000)
    scorer.tap("Wicket")
    sheet = scorer.sheet("free hit$")
    expect(sheet.get_by_role("radio", name="Run out")).to_be_checked()
    expect(sheet.get_by_role("radio", name="Bowled", exact=True)).to_have_count(0)
    sheet.get_by_role("button", name="Close").click()
    keys.get_by_role("button", name="No free hit").click()
    expect(keys).to_contain_text("Not a free hit")
    scorer.undo()
    expect(keys.get_by_role("button", name="No free hit")).to_be_visible()
    scorer.balls(4)
    expect(keys.locator(".free-hit")).to_have_count(0)
    scorer.status("Live, all sent")
    line = watcher.page.locator(".comm-ball").first
    expect(line).to_contain_text("Voss to Daruwala, free hit: four", timeout=30_000)
    assert scorer.errors == watcher.errors == []
