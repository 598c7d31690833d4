"""The drawing of the seat map: its arithmetic under Node, its canvas, gestures and keys in Chromium on a made-up
ground.
"""

import functools
import http.server
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.browser import chromium
from web.bundling import BundleError, bundle

ROOT = Path(__file__).resolve().parents[2]
TYPES = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
def test_the_arithmetic_of_the_map_keeps_its_promises():
    lines = subprocess.run(
        ["node", "tests/support/map_engine.mjs"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert not lines.stderr
    said = lines.stdout.splitlines()
    assert len(said) == 12
    assert [line for line in said if not line.startswith("kept ")] == []


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
def test_modules_sent_as_one_file_give_and_do_the_same(tmp_path):
    whole = tmp_path / "map.mjs"
    whole.write_text(bundle("js/map/map.js", lambda name: (ROOT / "static" / name).read_text()))
    asked = (
        f"const whole = await import('{whole}'), parts = await import('{ROOT}/static/js/map/map.js');"
        "const { makeGround } = await import('"
        + str(ROOT)
        + "/bench/map_page/ground.js'); const json = makeGround(500);"
        "const [a, b] = [whole, parts].map((m) => m.decode(structuredClone(json)));"
        "console.log(Object.keys(whole).sort().join() === Object.keys(parts).sort().join(), a.x.every((x, i) => x === "
        "b.x[i]), a !== b);"
    )
    lines = subprocess.run(
        ["node", "--input-type=module", "-e", "globalThis.matchMedia = () => ({});" + asked],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert lines.stdout.split() == ["true", "true", "true"], lines.stderr
    assert "import" not in [line.split(" ")[0] for line in whole.read_text().splitlines()]


@pytest.mark.parametrize(
    "modules, words",
    [
        ({"a.js": 'import { no } from "./b.js";', "b.js": "export const yes = 1;"}, "no, which b.js does not export"),
        (
            {"a.js": 'import { b } from "./b.js";', "b.js": 'import { a } from "./a.js";\nexport const b = 1;'},
            "in a circle",
        ),
        ({"a.js": 'import * as b from "./b.js";', "b.js": ""}, "a way that a bundle does not know"),
        ({"a.js": 'import { b } from "./gone.js";'}, "there is no gone.js"),
    ],
)
def test_what_cannot_be_one_file_is_refused(modules, words):
    with pytest.raises(BundleError, match=words):
        bundle("a.js", modules.get)


def test_a_bundle_runs_each_module_once_before_whoever_imports_it(tmp_path):
    modules = {
        "page.js": """
import {
  log as told,
  noted,
} from "./map/log.js";
import "./map/side.js";
export {
  log,
} from "./map/log.js";
told.push("page", noted);""",
        "map/side.js": 'import { log } from "./log.js";\nlog.push("side");\n'
        'export const late = () => import(\n  "./later.js"\n);',
        "map/log.js": "export const log = [],\n  other = 1;\nexport const noted = 'several lines';",
    }
    text = bundle("page.js", modules.get)
    assert 'import("./map/later.js")' in text
    (tmp_path / "page.mjs").write_text(text)
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", f"console.log((await import('{tmp_path}/page.mjs')).log.join())"],
        capture_output=True,
        text=True,
    )
    assert ran.stdout.strip() == "side,page,several lines", ran.stderr


class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = TYPES

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def files():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(ROOT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/bench/map_page/index.html"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_map(browser, files):
    contexts, errors = [], []

    def opened(query="", width=390, height=844, touch=True, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, has_touch=touch, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{files}?seats=6000{query}")
        page.wait_for_function("() => window.map && !map.isMoving")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not errors


pytestmark = pytest.mark.browser


def still(page):
    page.wait_for_function("() => !map.isMoving && !map.touched")
    page.wait_for_timeout(150)  # what is painted ahead of a finger is painted by now
    page.wait_for_function("() => !map.idle")


def told(page, what):
    return [words for words in page.evaluate("told") if words[0] == what]


def free_seat(page, skip=0):
    """A free standard seat near the middle of what is seen: (id, x, y in the window)."""
    return page.evaluate(
        """(skip) => { const seen = map.view.seen(-60), list = [];
        for (let i = 0; i < ground.count; i += 1) if (map.model.isOpen(i) && ground.kind[i] === 0 && !map.chosen.has(i)
          && ground.x[i] > seen[0] && ground.x[i] < seen[2]
          && ground.y[i] > seen[1] && ground.y[i] < seen[3]) list.push(i);
        const i = list[(list.length >> 1) + skip], at = map.pointOf(ground.ids[i]);
        return [ground.ids[i], at.x, at.y]; }""",
        skip,
    )


def near_seats(page):
    """Looks at seats large enough for a finger."""
    page.evaluate("map.showSeats([ground.ids[ground.bays[0].first + 60]])")
    still(page)
    page.evaluate("map.ringed = []")


def test_a_tap_on_a_stand_opens_it_and_the_way_back_leads_to_the_whole_ground(open_map):
    page = open_map()
    assert page.evaluate("map.isNear") is False
    x, y = page.evaluate(
        "(() => { const [x, y] = map.view.toScreen(...ground.stands[1].middle), "
        "b = map.parts.canvas.getBoundingClientRect(); return [b.left + x, b.top + y]; })()"
    )
    page.touchscreen.tap(x, y)
    still(page)
    assert told(page, "stand") == [["stand", 1]]
    assert page.evaluate("map.isNear && performance.getEntriesByName('map:seats').length === 1")
    page.get_by_role("button", name="Back to the whole ground").click()
    still(page)
    assert told(page, "stand")[-1] == ["stand", None]
    assert page.evaluate("map.view.isWhole")


def test_a_tap_chooses_a_seat_and_another_gives_it_back(open_map):
    page = open_map()
    near_seats(page)
    seat, x, y = free_seat(page)
    page.touchscreen.tap(x, y)
    page.wait_for_function("() => told.some(([what]) => what === 'choose')")
    page.wait_for_timeout(350)  # not a double tap
    page.touchscreen.tap(x, y)
    page.wait_for_function("() => told.filter(([what]) => what === 'choose').length === 2")
    assert told(page, "choose") == [["choose", seat, True], ["choose", seat, False]]
    assert page.evaluate("map.chosen.size") == 0
    expect(page.locator(".map-bar b")).to_have_text(re.compile("^Row "))


def test_a_finger_that_misses_by_a_little_takes_the_nearest_free_seat(open_map):
    page = open_map()
    near_seats(page)
    seat, x, y = free_seat(page)
    page.evaluate(
        "(id) => map.change(ground.ids.filter((other) => other !== id).slice().reduce((list, other) => "
        "(list.push([other, 2]), list), []))",
        seat,
    )
    still(page)
    page.touchscreen.tap(x + 14, y + 9)
    page.wait_for_function("() => told.some(([what]) => what === 'choose')")
    assert told(page, "choose") == [["choose", seat, True]]


@pytest.mark.parametrize("near", [0, 12, 20])
def test_seats_of_less_than_24_px_are_brought_nearer_before_one_is_chosen(open_map, near):
    page = open_map("&stand=1")
    if near:
        page.evaluate("px => map.fly({ ...map.view.centre, scale: px / ground.seatPitch })", near)
        still(page)
    before = page.evaluate("map.css")
    seat, x, y = free_seat(page)
    page.touchscreen.tap(x, y)
    page.wait_for_function("() => map.flight || map.css > 23.9")
    still(page)
    assert near * 0.8 < before < 24 <= page.evaluate("map.css") + 0.1
    assert told(page, "choose") == []
    page.wait_for_timeout(350)  # not a double tap
    spot = page.evaluate("id => map.pointOf(id)", seat)
    page.touchscreen.tap(spot["x"], spot["y"])
    page.wait_for_function("() => told.some(([what]) => what === 'choose')")
    assert told(page, "choose") == [["choose", seat, True]]


def test_the_page_may_refuse_a_seat(open_map):
    page = open_map("&refuse=1")
    near_seats(page)
    seat, x, y = free_seat(page)
    page.touchscreen.tap(x, y)
    page.wait_for_function("() => told.some(([what]) => what === 'choose')")
    assert told(page, "choose") == [["choose", seat, True]]
    assert page.evaluate("map.chosen.size") == 0


def test_a_seat_that_others_take_is_painted_in_its_own_place_only_and_told_when_it_was_chosen(open_map):
    page = open_map()
    near_seats(page)
    seat, x, y = free_seat(page)
    other, ox, oy = free_seat(page, skip=2)
    page.evaluate("(id) => map.setChosen([id])", seat)
    still(page)
    before = page.evaluate("map.stats")
    pixel = """([id]) => { const at = map.pointOf(id), b = map.parts.canvas.getBoundingClientRect(), d = map.dpr;
        return map.g.getImageData((at.x - b.left + 5) * d, (at.y - b.top + 5) * d, 1, 1).data.join(); }"""
    old = page.evaluate(pixel, [other])
    page.evaluate("([a, b]) => map.change([[a, 2], [b, 2]])", [seat, other])
    page.wait_for_timeout(500)
    after = page.evaluate("map.stats")
    assert after["painted"] == before["painted"]
    assert 2 <= after["mended"] - before["mended"] <= 8  # each seat lies on one picture, or on the edge of up to four
    assert told(page, "lost") == [["lost", seat]]
    assert page.evaluate(pixel, [other]) != old
    assert page.evaluate("map.chosen.size") == 0


def test_one_finger_scrolls_the_page_until_the_map_is_zoomed(open_map):
    page = open_map()
    action = "getComputedStyle(map.parts.canvas).touchAction"
    assert page.evaluate(action) == "pan-y"
    near_seats(page)
    assert page.evaluate(action) == "none"


def test_a_drag_moves_what_is_seen_with_the_finger(open_map):
    page = open_map(touch=False, width=1440)
    near_seats(page)
    seat, x, y = free_seat(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 40, steps=6)
    page.wait_for_timeout(200)
    page.mouse.up()
    at = page.evaluate("(id) => map.pointOf(id)", seat)
    assert abs(at["x"] - x - 60) < 5 and abs(at["y"] - y + 40) < 5
    assert told(page, "choose") == []


def test_ctrl_and_wheel_zoom_around_the_pointer_and_a_bare_wheel_scrolls_the_page_over_the_whole_ground(open_map):
    page = open_map(touch=False, width=1440, height=330)
    box = page.locator(".map-canvas").bounding_box()
    x, y = box["x"] + box["width"] * 0.5 + 60, box["y"] + 120
    page.mouse.move(x, y)
    scale = page.evaluate("map.view.scale")
    page.mouse.wheel(0, 120)
    page.wait_for_function("() => scrollY > 50")
    assert page.evaluate("map.view.scale") == scale
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_function("() => scrollY === 0")
    page.keyboard.down("Control")
    for _ in range(12):
        page.mouse.wheel(0, -60)
    page.keyboard.up("Control")
    page.wait_for_function("(before) => map.view.scale > before * 3", arg=scale)
    still(page)
    assert page.evaluate("scrollY") == 0


def test_keys_open_a_stand_walk_along_a_row_and_choose(open_map):
    page = open_map(touch=False, width=1440)
    page.locator(".map-canvas").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[aria-live]")).to_contain_text("left")
    page.keyboard.press("Enter")
    still(page)
    assert told(page, "stand")
    page.keyboard.press("ArrowRight")
    first = page.evaluate("[map.cursor, ground.row[map.cursor]]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    second = page.evaluate("[map.cursor, ground.row[map.cursor]]")
    assert first != second
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("map.cursor") == first[0]
    page.evaluate("(i) => map.change([[ground.ids[i], 0]])", first[0])
    page.keyboard.press(" ")
    assert told(page, "choose")[-1][2] is True
    expect(page.locator("[aria-live]")).to_contain_text("Chosen")
    page.keyboard.press("Escape")
    still(page)
    assert page.evaluate("map.view.isWhole")


def test_the_theme_repaints_the_map(open_map):
    page = open_map(color_scheme="light")
    before = page.evaluate("map.stats.painted")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("(n) => map.stats.painted > n && !map.isMoving", arg=before)
    assert page.evaluate("map.palette.back") == "#090f1b"
    page.evaluate("document.documentElement.dataset.theme = 'day'; dispatchEvent(new Event('themechange'))")
    page.wait_for_function("() => map.palette.back === '#f1f5f0'")


def test_less_motion_means_none(open_map):
    page = open_map(reduced_motion="reduce")
    page.evaluate("map.showStand(ground.stands[2].id)")
    assert page.evaluate("map.flight === null && map.isNear")


def test_a_filter_dims_what_does_not_fit_and_a_destroyed_map_leaves_nothing(open_map):
    page = open_map()
    page.evaluate("map.setFilter({bands: ['A'], shade: false, accessible: false})")
    assert page.evaluate("map.model.fits(ground.band.indexOf(0)) && !map.model.fits(ground.band.indexOf(4))")
    page.evaluate("map.setFilter(null)")
    assert page.evaluate("map.model.fits(ground.band.indexOf(4))")
    page.evaluate("map.destroy()")
    expect(page.locator("[data-map] > *")).to_have_count(0)
    page.evaluate("dispatchEvent(new Event('themechange'))")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_map(open_map, scheme):
    page = open_map(color_scheme=scheme)
    axe = next(iter([*ROOT.glob("tests/vendor/**/axe.min.js"), *ROOT.glob("static/vendor/**/axe.min.js")]), None)
    if axe is None:
        pytest.skip("axe is not here")
    page.add_script_tag(path=str(axe))
    near_seats(page)
    found = page.evaluate(
        "axe.run('[data-map]').then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))"
    )
    assert found == []
