"""The match centre in a real browser: the page that was drawn goes on by itself, and ends as a fresh load would draw
it.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import chromium
from tests.support.scoring import Scorer, ball, opening
from tests.support.walking import Fan, serving_in_public

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(settings, sandbox):
    with serving_in_public(settings, sandbox) as site:
        yield site


@pytest.fixture
def sunil(cast, ground):
    scorer = Scorer(cast.browser("sunil"), ground.match)
    assert scorer.take().status == 200
    return scorer


def over(number, *runs):
    """An over of these runs: the striker changes on odd ones."""
    events, ends = [], ["t1", "t2"] if number % 2 == 0 else ["t2", "t1"]
    for bat in runs:
        events.append(ball(bat, *ends, bowler=f"h{11 - number}"))
        ends = ends[::-1] if bat % 2 else ends
    return [*events, ("over_end", {})]


# What of the page must be the same, however it came about: words, labels and classes of all that is bound to the view.
SEEN = """() => {
  const seen = [];
  const walk = (e) => {
    if (e.localName === "template") return;
    const d = e.dataset;
    if (d.text !== undefined) seen.push(d.text + "=" + e.textContent);
    if (d.show !== undefined) seen.push(d.show + "?" + e.hidden + e.hasAttribute("hidden"));
    if (d.attr !== undefined) seen.push(d.attr + "=" + d.attr.split(";").map((p) => e.getAttribute(p.split(":")[0])));
    if (d.plates !== undefined)
      seen.push(d.plates + "=" + e.textContent.trim() + e.querySelector(".plates").getAttribute("aria-label"));
    if (d.icon !== undefined) seen.push(e.getAttribute("href"));
    if (d.join !== undefined) seen.push(d.join + "=" + e.textContent);
    for (const child of e.children) walk(child);
  };
  for (const d of document.querySelectorAll("details")) d.open = true;
  walk(document.querySelector("main"));
  return seen;
}"""


def settled(page):
    page.evaluate("() => { for (const d of document.querySelectorAll('details')) d.open = true; }")
    page.wait_for_timeout(300)
    return page.evaluate(SEEN)


def test_the_page_goes_on_by_itself_and_ends_like_a_fresh_one(site, cast, ground, sunil):
    with chromium() as browser:
        fan = Fan(browser, site, width=1280, height=900, reduced_motion="reduce")
        page = fan.page
        page.goto(f"/matches/{ground.match}/live")
        page.get_by_text("Not started yet").first.wait_for()
        sunil.send(opening())
        sunil.send(over(0, 4, 1, 0, 6, 0, 2))
        page.get_by_label("13 for 0").wait_for(timeout=20_000)
        sunil.send([("bowler", {"bowler": "h10"}), ball(0, "t2", "t1", "h10", extras={"wides": 1})])
        wicket = {"kind": "caught", "player": "t2", "fielders": [{"key": "h3"}]}
        sunil.send([ball(0, "t2", "t1", "h10", wickets=[wicket]), ("batters", {"striker": "t3", "non_striker": "t1"})])
        page.get_by_label("14 for 1").wait_for(timeout=20_000)
        expect(page.locator("[aria-live=polite]")).to_have_text("Wicket. Terns 14 for 1.")
        expect(page).to_have_title(re.compile(r"Terns 14/1 \(1\.1\)"))
        expect(page.locator(".comm-ball").first).to_have_text(re.compile(r"^\s*1\.1"))
        grown = settled(page)
        page.reload()
        page.wait_for_timeout(800)
        assert settled(page) == grown
        plain = browser.new_context(base_url=site[0], java_script_enabled=False).new_page()
        plain.goto(f"/matches/{ground.match}/live")
        assert plain.evaluate(SEEN) == grown
        fan.fine()


# Words and shapes of the charts as they stand on the page.
DRAWN = """() => [...document.querySelectorAll("[data-charts] :is(h3, p, svg, td, th)")].map((e) =>
  [e, ...e.querySelectorAll("*")].map((s) => s.localName + [...s.attributes].map((a) => a.name + a.value).sort() +
    (s.children.length ? "" : s.textContent.trim())).join())"""


def test_the_charts_are_drawn_again_after_an_over(site, ground, sunil):
    sunil.send([(kind, {**body, "overs": 20} if kind == "setup" else body) for kind, body in opening()])
    with chromium() as browser:
        fan = Fan(browser, site, width=1280, height=900, reduced_motion="reduce")
        page = fan.page
        page.add_init_script(
            "Math.random = () => 0"
        )  # a crowd asks for the charts one after another; this page is the first
        page.goto(f"/matches/{ground.match}/live")
        page.get_by_text("The charts begin with the first ball.").wait_for()
        page.locator("#charts").scroll_into_view_if_needed()
        sunil.send([ball(4)])
        page.locator("[data-chart=worm]").wait_for(timeout=20_000)
        page.locator("[data-chart=overs] summary").click()
        sunil.send(over(0, 1, 0, 6, 0, 2)[:-1])
        sunil.send([("over_end", {})])
        page.get_by_role("heading", name="Terns took 13 from over 1").wait_for(timeout=20_000)
        expect(page.locator("[data-chart=overs] details[open]"), "a table that is open stays open").to_have_count(1)
        grown = page.evaluate(DRAWN)
        page.reload()
        assert page.evaluate(DRAWN) == grown
        fan.fine()


def test_filters_and_earlier_balls_work_in_place(site, ground, sunil):
    sunil.send(
        [(kind, {**body, "overs": 20} if kind == "setup" else body) for kind, body in opening()]
        + over(0, 4, 0, 0, 6, 0, 0)
        + [event for n in range(1, 6) for event in (("bowler", {"bowler": f"h{11 - n}"}), *over(n, 0, 0, 0, 0, 0, 0))]
    )
    with chromium() as browser:
        fan = Fan(browser, site, reduced_motion="reduce")
        page = fan.page
        page.goto(f"/matches/{ground.match}/live")
        page.wait_for_timeout(800)
        balls = page.locator(".comm-ball")
        expect(balls).to_have_count(24)
        fan.link("Earlier balls").click()
        page.wait_for_function("() => document.querySelectorAll('.comm-ball').length === 36")
        expect(fan.link("Earlier balls")).to_have_count(0)
        fan.link("Fours and sixes").click()
        page.wait_for_function("() => document.querySelectorAll('.comm-ball').length === 2")
        expect(page).to_have_url(re.compile("show=boundaries"))
        expect(fan.link("Fours and sixes")).to_have_attribute("aria-current", "true")
        fan.link("Reviews").click()
        page.get_by_text("Nobody has asked for a review yet.").wait_for()
        fan.fine()


def test_the_big_screen_follows_and_fits(site, ground, sunil):
    sunil.send(opening())
    with chromium() as browser:
        fan = Fan(browser, site, width=1920, height=1080)
        page = fan.page
        page.goto(f"/matches/{ground.match}/screen")
        page.wait_for_timeout(600)
        sunil.send([ball(4), ball(6), ball(1)])
        page.get_by_label("11 for 0").wait_for(timeout=20_000)
        assert page.locator(".plate.is-new").count() > 0, "a new figure swings in"
        assert page.evaluate("document.scrollingElement.scrollHeight") <= 1080
        expect(page.locator(".screen-over .delivery").first).to_have_text("4")
        assert fan.errors == []
