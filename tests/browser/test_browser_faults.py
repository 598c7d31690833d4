"""A process and Redis die during a replay; every page that is open ends with the right score, and nobody reloads."""

import subprocess
import sys

import pytest

from config import PROJECT_DIR
from cricket.engine.events import Event
from cricket.engine.scoring import fold
from cricket.matches.importing import store_log, store_snapshot
from tests.support.browser import Visitor, chromium
from tests.support.live_house import Redis, Web, free_port, make_house, until
from tests.support.scoring import ball, keyed, opening

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OVERS = 2


def small_match():
    """Two innings of two overs, every ball a single or a four, the last one wins."""
    events, bowlers = opening(), {0: ("h11", "h10"), 1: ("t11", "t10")}
    for innings, (one, other) in enumerate((("t1", "t2"), ("h1", "h2"))):
        if innings:
            events += [("innings_start", {"team": 1}), ("batters", {"striker": one, "non_striker": other})]
        for over in range(OVERS):
            for _ in range(6):
                events.append(ball(4, one, other, bowlers[innings][over]))
            events.append(("over_end", {}))
            one, other = other, one
        events.append(("innings_end", {"reason": "overs complete"}))
    events.append(("match_end", {}))
    return [Event(n, e["key"], e["kind"], e["body"]) for n, e in enumerate(keyed(events), 1)]


@pytest.fixture
def house(home, settings):
    return make_house(home, settings, "faults")


@pytest.fixture
def source(house):
    events = small_match()
    with house.rows.engine.begin() as connection:
        connection.exec_driver_sql("set local row_security = off")
        store_log(connection, house.ground.match, events, "Test")
        store_snapshot(connection, house.ground.match, len(events), fold(events), {})
    return house.ground.match


def cards(page):
    """The scorecards as a person reads them."""
    return " ".join(page.locator("#cards").inner_text().split())


def test_every_page_ends_with_the_right_score(house, source):
    redis = Redis()
    port = free_port()
    webs = [Web(house, "eventlet", port, redis.url) for _ in range(2)]
    for web in webs:
        web.ready()
    environment = house.environment("eventlet", port, redis.url)
    flask = [sys.executable, "-m", "flask", "--app", "app", "replay-match", str(source)]
    subprocess.run([*flask, "--pause"], cwd=PROJECT_DIR, env=environment, check=True, capture_output=True)
    number = house.rows.value("select match_id from match_replay where source_match_id = :s", s=source)
    # The first events, so that there is a board to look at.
    subprocess.run([*flask, "--jump", "1.1"], cwd=PROJECT_DIR, env=environment, check=True, capture_output=True)
    with chromium() as browser:
        windows = [Visitor(browser, webs[0].url, width=1440) for _ in range(4)]
        for window in windows:
            window.page.goto(f"/matches/{number}/live")
            # A mark that a reload would wipe away.
            window.page.evaluate("window.neverReloaded = true")
        player = subprocess.Popen(
            [*flask, "--speed", "120"], cwd=PROJECT_DIR, env=environment, stdout=subprocess.DEVNULL
        )
        try:
            played = lambda: house.rows.value("select position from match_replay where match_id = :m", m=number)  # noqa: E731
            begun = played()
            until(lambda: played() > begun + 2, 60, "a few balls")
            webs[0].kill()
            until(lambda: played() > begun + 5, 60, "more balls")
            redis.kill()
            until(lambda: played() > begun + 8, 60, "balls without Redis")
            redis.start()
            until(
                lambda: house.rows.value("select state from match_replay where match_id = :m", m=number) == "ended",
                120,
                "the end of the replay",
            )
            with_no_script = browser.new_context(
                java_script_enabled=False, base_url=webs[1].url, viewport={"width": 1440, "height": 844}
            ).new_page()
            with_no_script.goto(f"/matches/{number}/live")
            right = cards(with_no_script)
            assert "48/0" in right
            for window in windows:
                until(lambda page=window.page: cards(page) == right, 90, "the right score")
                assert window.page.evaluate("window.neverReloaded") is True and window.errors == []
        finally:
            player.kill()
            player.wait(20)
            for window in windows:
                window.close()
            for web in webs:
                web.end()
            redis.kill()
