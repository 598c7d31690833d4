"""Live messages in Chromium, under the pages' own content policy: over a websocket, by polling where it is blocked, and
on the owner's page.
"""

import json

import pytest

import realtime
from tests.support.browser import Visitor, chromium, move_clock_until, serving
from tests.support.live_house import until
from tests.support.selling import paid_booking

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need Playwright")
expect = playwright.expect


@pytest.fixture(scope="module")
def chrome():
    with chromium() as browser:
        yield browser


@pytest.fixture
def url(app, ground):
    with serving(app) as url:
        yield url


@pytest.fixture
def open_window(chrome, url):
    opened = []

    def open_one(**options):
        opened.append(Visitor(chrome, url, **options))
        opened[-1].page.set_default_timeout(20_000)
        return opened[-1]

    yield open_one
    for window in opened:
        window.close()


FOLLOW = """([id, seq]) => {
  window.said = { patches: [], resets: [], states: [], watching: 0 };
  document.addEventListener("cricverse:live", (event) => said.states.push(`${event.detail.state} ${event.detail.via}`));
  CricVerseLive.subscribeMatch(id, {
    seq,
    onPatch: (message) => said.patches.push(message.seq),
    onReset: (fresh) => said.resets.push(fresh.seq),
    onWatching: (n) => (said.watching = n),
  });
}"""


def follow(window, match, seq=0):
    """A page of ours that follows the match; what it is told is in `window.said`."""
    window.page.goto("/help")
    for script in ("vendor/socket.io/socket.io.min.js", "js/realtime_client.js"):
        window.page.add_script_tag(url=f"/static/{script}")
    window.page.evaluate(FOLLOW, [match, seq])
    return window.page


def said(page, name):
    return page.evaluate(f"said.{name}")


def wait(page, condition):
    page.wait_for_function(f"() => {condition}", timeout=30_000)


def record(rows, app, match, seq, tell=True):
    """An event in the match's log, and (unless it gets lost) its message."""
    patch = {"n": seq}
    rows(
        "insert into match_update (match_id, seq, key, kind, body, view_patch) values (:m, :s, :k, 'note', '{}', :p)",
        m=match,
        s=seq,
        k=f"k{seq}",
        p=json.dumps(patch),
    )
    rows(
        """insert into match_snapshot (match_id, seq, summary, board) values (:m, :s, '{}', '{}')
           on conflict (match_id) do update set seq = excluded.seq""",
        m=match,
        s=seq,
    )
    if tell:
        with app.app_context():
            realtime.publish_match_update(match, seq, "note", patch)


def test_messages_arrive_by_websocket_and_gaps_are_fetched(app, rows, ground, open_window):
    window = open_window()
    page = follow(window, ground.match)
    wait(page, "said.states.includes('live websocket') && said.watching === 1")
    record(rows, app, ground.match, 1)
    wait(page, "said.patches.length === 1")
    for seq in (2, 3, 4):
        record(rows, app, ground.match, seq, tell=False)
    record(rows, app, ground.match, 5)
    wait(page, "said.patches.length === 5")
    assert said(page, "patches") == [1, 2, 3, 4, 5] and not said(page, "resets")
    assert window.errors == []


def test_a_page_that_was_cut_off_catches_up(app, rows, ground, open_window):
    window = open_window()
    page = follow(window, ground.match)
    wait(page, "said.states.includes('live websocket')")
    window.context.set_offline(True)
    live = app.extensions["live"]
    for connection in live.sending.connections():
        with app.app_context():
            live.sending.cut(connection, "TEST", "cut by the test")
    wait(page, "said.states.at(-1).startsWith('reconnecting')")
    for seq in range(1, 8):
        record(rows, app, ground.match, seq)
    window.context.set_offline(False)
    wait(page, "said.states.at(-1) === 'live websocket' && said.patches.length === 7")
    assert said(page, "patches") == [1, 2, 3, 4, 5, 6, 7]
    assert window.errors == []


def test_where_websockets_are_blocked_the_page_polls(app, rows, ground, open_window):
    window = open_window()
    window.context.route_web_socket("**/socket.io/**", lambda socket: socket.close())
    window.page.clock.install()
    page = follow(window, ground.match)
    move_clock_until(page, "said.states.at(-1) === 'live polling'")
    for seq in (1, 2, 3):
        record(rows, app, ground.match, seq)
    move_clock_until(page, "said.patches.length === 3")
    assert said(page, "patches") == [1, 2, 3]
    assert window.errors == []


def test_the_owners_page_shows_new_bookings_and_what_is_left(
    app, rows, ground, cast, sandbox, as_asha, as_omar, open_window
):
    window = open_window(width=1280, height=900).be(as_omar)
    page = window.page
    page.goto(f"/owner/events/{ground.event}")
    expect(page.locator("[data-live-state]")).to_have_text(" · Live")
    until(lambda: app.extensions["live"].sending.rooms("staff"))
    stand = rows.value("select stand_id from seat where id = :s", s=ground.seats["A1"])
    left = page.locator(f"[data-live-left='{stand}']")
    expect(left).to_have_text("16")
    sold = paid_booking(as_asha, ground, ["A1", "A2"], sandbox, name="Asha Rao", email="asha@example.org")
    expect(left).to_have_text("14")
    expect(page.locator("[data-live-said]")).to_have_text(f"New booking: 2 seats, A${sold['total'] / 100:.2f}")
    expect(page.get_by_role("link", name=sold["reference"])).to_be_visible()
    assert window.errors == []
