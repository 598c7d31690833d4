"""The sheet that ends a match, in Chromium: what it says before it is confirmed, and what the server keeps."""

import re

from tests.browser.test_browser_scorer import Console, chrome, expect, people, pytestmark, url

__all__ = ["chrome", "people", "pytestmark", "url"]  # fixtures and marks of the console's tests


def test_the_sheet_says_why_there_is_no_result_and_how_a_tie_was_decided(people, ground, rows):
    from tests.browser.test_axe import AXE, RUN, TAGS

    scorer = people("sunil", Console, width=390, height=844).open(ground.match)
    page, found = scorer.page, []
    page.evaluate(AXE)

    def look(where):
        found.extend(f"{where}: {each}" for each in page.evaluate(RUN, [TAGS, [("day", None)]]))
        if page.evaluate("document.scrollingElement.scrollWidth") > 390:
            found.append(f"{where} scrolls sideways")

    scorer.begin(overs=20)
    scorer.balls(2)
    scorer.menu("End the innings").get_by_role("radio", name="Play called off").check(force=True)
    scorer.sheet("^End the innings").get_by_role("button", name="End the innings").click()
    scorer.tap("Torrens Herons start their innings")
    scorer.pick("Asa Rao", "Ben Keane", "Lev Ambrose")
    scorer.balls(2)
    scorer.menu("End of the match")
    sheet = scorer.sheet("^End of the match")
    said = sheet.get_by_role("status")
    sheet.get_by_role("radio", name="No further play").check(force=True)
    expect(said).to_contain_text("No result. Both sides must have had the chance to bat 5 overs.")
    look("why there is no result")
    sheet.get_by_role("checkbox", name="The result is another one").check()
    sheet.get_by_role("checkbox", name="The score was looked through").check()
    sheet.get_by_role("radio", name="Harbour Terns won").check(force=True)
    sheet.get_by_label("By", exact=True).first.select_option("Conceded")
    expect(said).to_contain_text("As you say: Harbour Terns won (match conceded).")
    look("a match conceded")
    sheet.get_by_role("radio", name="Tie", exact=True).check(force=True)
    sheet.get_by_label("The tie went to").select_option("1")
    sheet.locator("[name=tie]").select_option("bowl-out")
    expect(said).to_contain_text("Match tied (Torrens Herons won the bowl-out).")
    look("a tie")
    sheet.get_by_role("button", name="End the match").click()
    expect(page.locator("[data-keys]")).to_contain_text("Match tied (Torrens Herons won the bowl-out)")
    scorer.status("Live, all sent")
    summary = rows.value("select summary from match_snapshot where match_id = :m", m=ground.match)
    assert summary["result"] == "Match tied (Torrens Herons won the bowl-out)"
    page.get_by_role("button", name="Menu").click()
    menu = page.get_by_role("dialog")
    expect(menu.get_by_role("button", name="End of the match")).to_be_visible()
    expect(menu.get_by_role("button", name=re.compile("Penalty runs|Overs, target"))).to_have_count(0)
    assert found == [], "\n".join(found)
    assert scorer.errors == []
