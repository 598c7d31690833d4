"""The scorer's console in Chromium: an innings as a scorer enters it, with others watching, and without a network."""

import re

import pytest

from tests.support.browser import Visitor, chromium, serving
from tests.support.live_house import until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need Playwright")
expect = playwright.expect

TERNS = (
    "Zal Daruwala,Wren Quill,Maxim Lautaki,Bo Merriwether,Ines Tolland,Farid Nazari,Kit Ferraby,Omari Achterberg,Lev "
    "Ambrose,Jun Park,Sol Reyes"
)
HERONS = (
    "Asa Rao,Ben Keane,Cal Ito,Dev Singh,Eli Moss,Finn Ochoa,Gil Petrov,Hugo Lindqvist,Ira Khan,Jack Tan,Karl Voss,Lou "
    "Beck"
)


def add_squads(rows):
    """Both sides of the cast's match, in batting order; Nazari and Ochoa keep wicket."""
    for slug, names in (("terns", TERNS), ("herons", HERONS)):
        team = rows.value("select id from team where slug = :s", s=slug)
        for n, name in enumerate(names.split(","), 1):
            role = "batter" if n < 6 else "wicket-keeper" if n == 6 else "bowler"
            rows(
                "insert into player (team_id, name, role, shirt) values (:t, :n, :r, :n2)", t=team, n=name, r=role, n2=n
            )


@pytest.fixture(scope="module")
def chrome():
    with chromium() as browser:
        yield browser


@pytest.fixture
def url(app, ground):
    with serving(app) as url:
        yield url


class Console(Visitor):
    """A scorer at the console, with fingers for its keys."""

    def open(self, match):
        self.page.goto(f"/scorer/matches/{match}")
        return self

    def score(self):
        return self.page.locator("[data-board] .console-score").get_by_role("img").first.get_attribute("aria-label")

    def tap(self, name):
        """A key of the console, by the beginning of what it says."""
        self.page.locator("[data-keys]").get_by_role("button", name=re.compile(f"^{re.escape(name)}")).first.click()

    def sheet(self, name):
        return self.page.get_by_role("dialog", name=re.compile(name))

    def balls(self, *runs):
        for n in runs:
            self.tap(str(n))

    def wide(self, runs=1):
        self.tap("Wide")
        self.sheet("^Wide").get_by_role("button", name=re.compile(f"^{runs}")).click()

    def undo(self):
        self.page.locator("[data-undo]").get_by_role("button", name=re.compile("^Undo")).click()

    def draws(self, *words):
        """The charts of the board say this, one after the other."""
        charts = self.page.locator("[data-board]").get_by_role("img", name=re.compile("^(Partnership|Worm):"))
        expect(charts).to_have_count(len(words))
        for chart, said in zip(charts.all(), words, strict=True):
            expect(chart).to_have_attribute("aria-label", said)

    def status(self, words):
        expect(self.page.locator("[data-status]")).to_contain_text(words, timeout=30_000)

    def begin(self, overs):
        """Set-up, both line-ups, toss, openers and the first bowler: Daruwala faces Voss."""
        self.tap("Start scoring here")
        self.tap("Change first")
        sheet = self.sheet("^Set-up")
        sheet.get_by_label("Overs a side").fill(str(overs))
        expect(sheet.get_by_label("Overs a bowler")).to_have_value(str(-(-overs // 5)))
        sheet.get_by_role("button", name="Enter the set-up").click()
        self.tap("The first eleven")
        self.tap("Choose the side")
        self.sheet("^Who plays for Torrens Herons").get_by_role("button", name="Enter the line-up").click()
        self.tap("Harbour Terns won the toss and will bat")
        self.tap("Harbour Terns start their innings")
        self.pick("Zal Daruwala", "Wren Quill", "Karl Voss")

    def pick(self, *names):
        """Batters and bowlers, in the order in which the console asks for them."""
        for name in names:
            self.tap(name)

    def menu(self, item):
        self.page.get_by_role("button", name="Menu").click()
        self.page.get_by_role("dialog").get_by_role("button", name=item, exact=True).click()
        return self.page.get_by_role("dialog")

    def bowled(self):
        self.tap("Wicket")
        sheet = self.sheet("^Wicket, ball")
        sheet.get_by_role("radio", name="Bowled", exact=True).check()
        sheet.get_by_role("button", name="Enter the wicket").click()

    def end_match(self, words):
        """End the match as the balls give it, and wait for the console and the server to say so."""
        self.tap("End the match")
        sheet = self.sheet("^End of the match")
        expect(sheet).to_contain_text(words)
        sheet.get_by_role("button", name="End the match").click()
        expect(self.page.locator("[data-keys]")).to_contain_text(words)
        self.status("Live, all sent")


@pytest.fixture
def people(chrome, url, cast, rows):
    """Opens one person's browser: people(name or None, kind)."""
    add_squads(rows)
    opened = []

    def open_one(who=None, kind=Visitor, **options):
        window = kind(chrome, url, **{"width": 1024, "height": 768, **options})
        window.page.set_default_timeout(20_000)
        if who:
            window.be(cast.browser(who))
        opened.append(window)
        return window

    yield open_one
    for window in opened:
        window.close()


def deliveries(rows, match):
    """(key, body) of the deliveries in the log, in order."""
    return rows("select key, body from match_update where match_id = :m and kind = 'delivery' order by seq", m=match)


def cards(window):
    """The words of both cards, whatever a narrow window hides of them; what is folded away is opened."""
    window.page.locator("#cards").evaluate(
        "e => { for (const each of e.querySelectorAll('details')) each.open = true; }"
    )
    window.page.wait_for_timeout(100)
    return window.page.locator("#cards .card-cols").evaluate(
        "e => { const copy = e.cloneNode(true); for (const t of copy.querySelectorAll('template')) t.remove(); "
        "return copy.textContent.replace(/\\s+/g, ''); }"
    )


def test_two_overs_are_scored_while_two_watch_and_one_of_them_is_cut_off(people, ground, rows):
    scorer = people("sunil", Console).open(ground.match)
    watcher, cut_off = people(), people(width=390)
    scorer.begin(overs=2)
    for window in (watcher, cut_off):
        window.page.goto(f"/matches/{ground.match}/live")
    expect(scorer.page.get_by_role("button", name="0 dot")).to_be_visible()

    scorer.balls(1)
    scorer.wide()
    # Out on the second run: one was completed, and the scorer says who faces.
    scorer.tap("Wicket")
    sheet = scorer.sheet("^Wicket, ball 0.2")
    sheet.get_by_role("radio", name="Run out").check()
    sheet.get_by_role("group", name="Who is out").get_by_role("radio", name="Quill").check()
    sheet.get_by_role("group", name="Runs completed").get_by_role("radio", name="1", exact=True).check()
    sheet.get_by_role("checkbox", name="Rao").check()
    # What is missing is said where it is missing, the field is marked, and the next key goes there.
    facing = sheet.get_by_role("group", name="Facing the next ball")
    expect(facing.locator("[aria-invalid]")).to_have_count(0)
    sheet.get_by_role("button", name="Enter the wicket").click()
    expect(facing.locator(".error")).to_have_text("Say who faces the next ball.")
    expect(facing.get_by_role("radio", name="Daruwala")).to_be_focused()
    expect(facing.get_by_role("radio", name="Daruwala")).to_have_accessible_description("Say who faces the next ball.")
    expect(facing.locator("[aria-invalid='true']")).to_have_count(3)
    sheet.get_by_role("radio", name="Wide", exact=True).check()
    sheet.get_by_role("radio", name="Caught", exact=True).check()
    how = sheet.get_by_role("group", name="How")
    expect(how.locator(".error")).to_have_text("Nobody can be out caught off a wide.")
    sheet.get_by_role("button", name="Enter the wicket").click()
    expect(how.get_by_role("radio", name="Caught", exact=True)).to_be_focused()
    sheet.get_by_role("radio", name="Run out").check()
    sheet.get_by_role("radio", name="Legal ball", exact=True).check()
    expect(how.locator(".error")).to_have_count(0)
    facing.get_by_role("radio", name="Daruwala").check()
    expect(sheet.locator("[aria-invalid]")).to_have_count(0)
    expect(sheet.get_by_role("status")).to_contain_text("Quill run out (Rao), 1 run. Terns 3/1.")
    sheet.get_by_role("button", name="Enter the wicket").click()
    scorer.tap("Maxim Lautaki")
    expect(watcher.page.locator("#cards")).to_contain_text("run out (Asa Rao)", timeout=30_000)

    cut_off.context.set_offline(True)
    gone = cut_off.page.evaluate("performance.now()")
    scorer.balls(4, 6)
    expect(scorer.page.locator("[data-undo]")).to_contain_text("six, Daruwala off Voss, 0.4")
    scorer.undo()
    scorer.balls(0, 2, 0)
    expect(scorer.page.locator("[data-keys]")).to_contain_text("Over 1: 9 runs, 1 wicket")
    # The two of 0.5 were three: the batters had changed ends for the ball after it.
    scorer.page.get_by_role("button", name="Change ball 0.5").click()
    sheet = scorer.sheet("^Ball 0.5")
    sheet.get_by_role("group", name="Runs off the bat").get_by_role("radio", name="3").check()
    sheet.get_by_role("button", name="Change this ball").click()
    sheet = scorer.sheet("changed ends")
    expect(sheet.get_by_role("radio", name="The ball that follows in this over")).to_be_checked()
    sheet.get_by_role("button", name="Enter the correction").click()
    assert scorer.score() == "10 for 1"
    scorer.tap("End the over")
    scorer.tap("Jack Tan")
    expect(scorer.page.locator(".batter.is-striker")).to_contain_text("Zal Daruwala")
    scorer.balls(1, 0, 3)
    scorer.tap("Wicket")
    sheet = scorer.sheet("^Wicket, ball 1.4")
    sheet.get_by_role("radio", name="Bowled", exact=True).check()
    sheet.get_by_role("button", name="Enter the wicket").click()
    scorer.tap("Bo Merriwether")
    scorer.balls(1)
    cut_off.page.wait_for_function("gone => performance.now() - gone > 10000", arg=gone)
    cut_off.context.set_offline(False)
    scorer.balls(4)
    expect(scorer.page.locator("[data-keys]")).to_contain_text("All overs are bowled: Harbour Terns 19/2")
    scorer.tap("End the innings")
    scorer.status("Live, all sent")

    fresh = people()
    fresh.page.goto(f"/matches/{ground.match}/live")
    truth = cards(fresh)
    assert "runout(AsaRao)" in truth and "bJackTan" in truth, truth
    for window in (watcher, cut_off):
        try:
            until(lambda window=window: cards(window) == truth, 40, "the same scorecard")
        except AssertionError:
            assert cards(window) == truth
            raise
        assert window.errors == []
    assert scorer.errors == []
    kinds = [
        row["kind"] for row in rows("select kind from match_update where match_id = :m order by seq", m=ground.match)
    ]
    assert kinds.count("undo") == 1 and kinds.count("correction") == 1 and kinds.count("delivery") == 14
    by = rows("select distinct recorded_name from match_update where match_id = :m", m=ground.match)
    assert [row["recorded_name"] for row in by] == ["Sunil Abeysekera"]


def test_without_a_network_the_queue_outlives_a_reload_and_nothing_is_sent_twice(people, ground, rows):
    scorer = people("sunil", Console).open(ground.match)
    scorer.begin(overs=5)
    scorer.balls(1)
    scorer.status("Live, all sent")
    scorer.page.wait_for_function(
        "async () => (await caches.keys()).length && (await (await caches.open('scorer-1')).keys()).length > 15"
    )
    scorer.context.set_offline(True)
    scorer.balls(2, 4)
    scorer.status("Not live: 2 entries waiting since")
    scorer.page.reload()
    expect(scorer.page.locator("[data-board]")).to_contain_text("Zal Daruwala")
    assert scorer.score() == "7 for 0"
    scorer.balls(3, 1)
    scorer.undo()
    scorer.status("Not live: 5 entries waiting since")
    assert scorer.score() == "10 for 0"
    scorer.context.set_offline(False)
    scorer.status("Live, all sent")
    assert [row["body"]["bat"] for row in deliveries(rows, ground.match)] == [1, 2, 4, 3, 1]

    assert [error for error in scorer.errors if "Content Security Policy" in error] == []


def test_an_answer_that_is_lost_doubles_nothing(people, ground, rows):
    # Without the service worker, so that the test may stand between the page and the network.
    scorer = people("sunil", Console, service_workers="block").open(ground.match)
    scorer.begin(overs=5)
    scorer.status("Live, all sent")
    lost = []

    def lose(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    scorer.page.route("**/events", lose)
    scorer.balls(6, 1)
    until(lambda: scorer.page.wait_for_timeout(100) or lost, what="a lost answer")
    scorer.status("Live, all sent")
    assert lost == [200] and [row["body"]["bat"] for row in deliveries(rows, ground.match)] == [6, 1]
    assert scorer.score() == "7 for 0"


def test_a_ball_that_cannot_be_is_named_and_mended(people, ground, rows):
    scorer = people("sunil", Console).open(ground.match)
    scorer.begin(overs=5)
    scorer.balls(1)
    scorer.tap("More")
    scorer.sheet("^More runs").get_by_role("button", name="Any mix").click()
    sheet = scorer.sheet("^This ball")
    sheet.get_by_role("radio", name="Byes", exact=True).check()
    sheet.get_by_label("Extra runs").fill("12")
    sheet.get_by_role("button", name="Enter the ball").click()
    early = scorer.sheet("^This cannot be")
    expect(early).to_contain_text("So many extras off one ball cannot be.")
    early.get_by_role("button", name="Enter it all the same").click()
    scorer.balls(4)
    problem = scorer.page.locator("[data-problem]")
    expect(problem).to_contain_text("This cannot be: 12 byes, Quill off Voss, 0.2")
    expect(problem).to_contain_text("So many extras off one ball cannot be.")
    scorer.status("Not live: 2 entries wait")
    problem.get_by_role("button", name="Change it").click()
    sheet = scorer.sheet("^Ball 0.2")
    sheet.get_by_label("Extra runs").fill("2")
    sheet.get_by_role("button", name="Change this ball").click()
    scorer.status("Live, all sent")
    assert scorer.score() == "7 for 0"
    assert [row["body"].get("extras", {}).get("byes") for row in deliveries(rows, ground.match)] == [None, 2, None]


def test_a_tie_goes_to_a_super_over_and_its_result(people, ground, rows):
    scorer = people("sunil", Console).open(ground.match)
    keys = scorer.page.locator("[data-keys]")
    scorer.begin(overs=1)
    scorer.draws()
    place = keys.bounding_box()
    scorer.balls(2)
    scorer.draws("Partnership: 2 runs off 1 ball. Daruwala 2, Quill 0.", "Worm: Harbour Terns 2/0 after 0.1 overs.")
    assert keys.bounding_box() == place, "charts never move the keys"
    scorer.page.set_viewport_size({"width": 390, "height": 844})
    scorer.draws()
    scorer.page.set_viewport_size({"width": 1024, "height": 768})
    scorer.balls(0, 0, 0, 0, 0)
    scorer.tap("End the innings")
    scorer.draws("Worm: Harbour Terns 2/0 after 1 over.")
    scorer.tap("Torrens Herons start their innings")
    scorer.pick("Asa Rao", "Ben Keane", "Lev Ambrose")
    scorer.draws("Worm: Harbour Terns 2/0 after 1 over.")
    scorer.balls(2, 0, 0, 0, 0, 0)
    expect(keys).to_contain_text("Match tied")
    scorer.tap("End the innings")
    scorer.tap("Super over Torrens Herons bat")
    scorer.pick("Asa Rao", "Ben Keane", "Lev Ambrose")
    scorer.balls(4)
    scorer.bowled()
    scorer.pick("Cal Ito")
    scorer.bowled()
    expect(keys).to_contain_text("All out: Torrens Herons 4/2")
    scorer.tap("End the innings")
    scorer.tap("Super over, second half Harbour Terns bat")
    scorer.pick("Zal Daruwala", "Wren Quill", "Karl Voss")
    expect(scorer.page.locator("[data-board]")).to_contain_text("Need 5 from 6 balls")
    scorer.balls(4, 1)
    expect(keys).to_contain_text("The target is reached")
    scorer.draws(
        "Partnership: 5 runs off 2 balls. Daruwala 5, Quill 0.",
        "Worm: Torrens Herons 4/2 after 0.3 overs; Harbour Terns 5/0 after 0.2 overs.",
    )
    scorer.tap("End the innings")
    expect(keys.get_by_role("button", name=re.compile("^(Another super|Super) over"))).to_have_count(0)
    scorer.end_match("Match tied (Harbour Terns won the super over)")
    summary = rows.value("select summary from match_snapshot where match_id = :m", m=ground.match)
    assert summary["result"] == "Match tied (Harbour Terns won the super over)"
    assert scorer.errors == []


def test_a_first_class_match_has_a_declaration_a_follow_on_stumps_and_an_innings_from_paper(people, ground, rows):
    scorer = people("sunil", Console).open(ground.match)
    keys = scorer.page.locator("[data-keys]")
    scorer.tap("Start scoring here")
    scorer.tap("Change first")
    sheet = scorer.sheet("^Set-up")
    sheet.get_by_role("radio", name="First-class").check()
    sheet.get_by_label("Players a side").fill("3")
    sheet.get_by_label("Days").fill("1")
    sheet.get_by_role("button", name="Enter the set-up").click()
    scorer.pick(
        "The first 3", "The first 3", "Harbour Terns won the toss and will bat", "Harbour Terns start their innings"
    )
    scorer.pick("Zal Daruwala", "Wren Quill", "Asa Rao")
    scorer.balls(6, 6, 6, 6, 6, 6)
    scorer.pick("End the over", "Ben Keane")
    scorer.balls(6, 6, 6, 6, 6, 6)
    scorer.pick("End the over", "Asa Rao")
    scorer.balls(4)
    scorer.menu("Declare").get_by_role("button", name="End the innings").click()
    expect(scorer.page.locator("[data-board]")).to_contain_text("Declared")
    scorer.tap("Torrens Herons start their innings")
    scorer.pick("Asa Rao", "Ben Keane", "Maxim Lautaki")
    scorer.balls(1)
    scorer.bowled()
    scorer.pick("Cal Ito")
    scorer.bowled()
    scorer.tap("End the innings")
    expect(scorer.page.locator("[data-board]")).to_contain_text("trail by 75")
    scorer.draws("Worm: Harbour Terns 76/0 after 2.1 overs; Torrens Herons 1/2 after 0.3 overs.")
    scorer.menu("Break or rain").get_by_role("button", name="Stumps").click()
    scorer.tap("Day 2 begins")

    expect(keys.get_by_role("button", name="Torrens Herons bat again: they follow on")).to_be_visible()
    scorer.tap("From paper")
    paper = scorer.sheet("from paper")
    paper.get_by_role("button", name="It was the innings of Torrens Herons").click()
    paper = scorer.sheet("^The innings of Torrens Herons")
    lines = {
        "Asa Rao": ("2", "caught", "30", "50"),
        "Ben Keane": ("1", "run out", "50", "80"),
        "Cal Ito": ("3", "not out", "0", ""),
    }
    for name, (place, how, made, fell) in lines.items():
        paper.get_by_label(f"Place in the order, {name}").fill(place)
        paper.get_by_label(f"How {name} was out").select_option(how)
        paper.get_by_label(f"Runs, {name}").fill(made)
        paper.get_by_label(f"Score when out, {name}").fill(fell)
    paper.get_by_label("Bowler, Asa Rao").select_option(label="Wren Quill")
    for label, words in (("Overs, Wren Quill", "9.2"), ("Runs, Wren Quill", "80"), ("Wickets, Wren Quill", "1")):
        paper.get_by_label(label).fill(words)
    for label, words in (("Runs", "80"), ("Wickets", "2"), ("Overs", "9.2")):
        paper.locator(".paper-total").get_by_label(label, exact=True).fill(words)
    expect(paper.get_by_role("status")).to_contain_text("The sums agree")
    paper.get_by_role("button", name="Enter the innings").click()
    scorer.tap("Harbour Terns start their innings")
    scorer.pick("Zal Daruwala", "Wren Quill", "Ben Keane")
    expect(scorer.page.locator("[data-board]")).to_contain_text("Need 6")
    scorer.balls(6)
    scorer.tap("End the innings")
    scorer.end_match("Harbour Terns won by 2 wickets")
    card = rows.value("select body from match_update where match_id = :m and kind = 'innings_card'", m=ground.match)
    assert [line["score"] for line in card["fow"]] == [50, 80] and len(
        {line["player"] for line in card["batting"][:2]}
    ) == 2
    assert (
        rows.value("select summary from match_snapshot where match_id = :m", m=ground.match)["result"]
        == "Harbour Terns won by 2 wickets"
    )
    assert scorer.errors == []


def test_where_a_ball_went_is_one_tap_and_never_in_the_way(people, ground, rows):
    rows("update player set bats = 'left-handed' where name = 'Zal Daruwala'")
    scorer = people("sunil", Console, width=1280).open(ground.match)
    scorer.begin(overs=5)
    scorer.status("Live, all sent")
    page, undo = scorer.page, scorer.page.locator("[data-undo] button").first
    strip = page.locator("[data-shot]")
    key = page.locator("[data-keys]").get_by_role("button", name=re.compile("^4"))
    stood = key.bounding_box()
    scorer.balls(4)
    # Without a network the tap waits behind its ball; the keys neither move nor lose the focus.
    page.context.set_offline(True)
    field = strip.locator(".shot-field")
    box = field.bounding_box()
    field.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.35})
    expect(undo).to_contain_text("where 0.1 went (midwicket)")
    strip.get_by_role("button", name="Good").click()
    expect(strip.get_by_role("button", name="Good")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("1")
    expect(undo).to_contain_text("1 run, Daruwala")
    expect(strip.get_by_role("button", name="Good")).to_have_attribute("aria-pressed", "false")
    assert key.bounding_box() == stood and scorer.score() == "5 for 0"
    page.context.set_offline(False)
    scorer.status("Live, all sent")

    # By the keyboard alone: Quill's hand is not known, so the field has no names until it is said.
    scorer.balls(2)
    page.keyboard.press("g")
    sheet = scorer.sheet("^Where did it go")
    expect(sheet).to_contain_text("Ahead of square, on the right")
    sheet.get_by_role("button", name="Right-hander").press("Enter")
    expect(sheet).to_contain_text("Cover")
    page.keyboard.press("3")
    expect(sheet).to_have_count(0)
    expect(undo).to_contain_text("where 0.3 went (cover)")
    scorer.status("Live, all sent")

    fan = people()
    fan.page.goto(f"/matches/{ground.match}/live")
    wheel = fan.page.locator("[data-chart=wheel0]")
    expect(wheel).to_contain_text("Terns made 4 runs towards midwicket")
    fan.page.get_by_role("link", name="Charts").click()
    spokes = wheel.locator(".spoke")
    expect(spokes.filter(visible=True)).to_have_count(2)
    wheel.get_by_role("radio", name="Quill").check()
    expect(spokes.filter(visible=True)).to_have_count(1)
    expect(fan.page.locator("[data-chart=lengths0]")).to_contain_text("Herons bowled 1 of 1 on a good length")
    expect(fan.page.locator("#balls")).to_contain_text("A good length, towards midwicket.")

    # Undo takes back the tap, then what was said of the hand, then the ball.
    scorer.undo()
    expect(undo).to_contain_text("which hand Quill bats with (right)")
    expect(fan.page.locator("#balls")).not_to_contain_text("Towards cover.")
    scorer.undo()
    expect(undo).to_contain_text("2 runs, Quill")
    assert scorer.score() == "7 for 0" and scorer.errors == fan.errors == []


def test_the_console_has_no_serious_fault_in_any_of_its_states(people, ground, rows):
    from tests.browser.test_axe import AXE, COLOURS, LAYOUT, RUN, TAGS

    scorer = people("sunil", Console, reduced_motion="reduce").open(ground.match)
    page, found = scorer.page, []

    def look(where):
        expect(page.locator("body")).not_to_contain_text(re.compile("null|undefined|NaN"))
        page.evaluate(AXE)
        for theme, width, rules in (("day", 390, None), ("lights", 820, COLOURS), ("day", 1440, COLOURS + LAYOUT)):
            page.set_viewport_size({"width": width, "height": 900})
            found.extend(f"{where}, {width} px, {each}" for each in page.evaluate(RUN, [TAGS, [(theme, rules)]]))
            if page.evaluate("document.scrollingElement.scrollWidth") > width:
                found.append(f"{where} scrolls sideways at {width} px")

    def look_at_sheet(where, key):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_be_visible()
        look(where)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)

    expect(page.locator("[data-keys]")).to_contain_text("Nobody scores this match")
    look("the lock")
    scorer.begin(overs=5)
    scorer.balls(1, 4, 6)
    look("the keys")
    for where, key in (("wide", "d"), ("no-ball", "n"), ("byes", "b"), ("more", "m"), ("wicket", "w"), ("shot", "g")):
        look_at_sheet(where, key)
    page.get_by_role("button", name="Change ball 0.2").click()
    look("changing a ball")
    page.keyboard.press("Escape")
    for item in (
        "Overs, target, par",
        "End of the match",
        "Bowler taken off",
        "Change the bowler",
        "Replacement",
        "Retire a batter",
        "Line-up, Terns",
    ):
        page.get_by_role("button", name="Menu").click()
        if item == "Overs, target, par":
            look("the menu")
        page.get_by_role("dialog").get_by_role("button", name=item).click()
        look(item)
        page.keyboard.press("Escape")
    scorer.balls(0, 0, 0)
    look("the end of an over")
    scorer.tap("End the over")
    look("who bowls")
    assert found == [], "\n".join(found)
    assert scorer.errors == []
