"""The seat map on a phone: Chromium at 390 × 844, three device pixels a css pixel, CPU four times slower, a line of 10
Mbit/s.

  python -m bench.map [--runs 3] [--large 100000] [--small 5000] [--stage season] [--alone] [--live]
                      [--chromium /usr/bin/chromium]

seats    first seats painted after navigation to a stand's own address (≤ 2 s)
pan      three seconds under one finger among the seats: frames p50 and p95 (≤ 33 ms), longest task (≤ 100 ms)
opens    from the tap on a stand in the overview until its seats are sharp (≤ 500 ms)
ratio    each of them on the large ground over the small one (≤ 1.3)
grey     with --live: from the answer to a hold until another phone's map shows it, with websockets (≤ 1 s) and without
         (≤ 6 s)
sizes    bytes on the wire of layout (≤ 250 kB), prices and states (≤ 25 kB)

The product is served with made-up bowls (bench/map_page/ground.js) in a database of its own, two seats in five sold;
with `--stage season` on the demo season, whose grounds have 100,000, 60,000, 40,000, 18,000, 16,500, 11,000 and 5,000.
`--alone` measures the drawing without the product. "Empty page" is the same finger on a page that only counts frames,
slowed down in the same way.
"""

import argparse
import contextlib
import functools
import http.server
import json
import math
import subprocess
import threading
import time
import urllib.request

from playwright.sync_api import sync_playwright
from sqlalchemy import create_engine, text

from bench import stage
from bench.cast import find_event

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "has_touch": True, "is_mobile": True}
LINE = {"offline": False, "latency": 20, "downloadThroughput": 10e6 / 8, "uploadThroughput": 5e6 / 8}
WATCH = """
window.watched = {frames: [], tasks: [], taps: []};
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) watched.tasks.push([task.startTime, task.duration]);
}).observe({type: "longtask"});
addEventListener("pointerup", (event) => watched.taps.push(event.timeStamp), true);
let last = 0;
const tick = (now) => { if (last) watched.frames.push([now, now - last]); last = now; requestAnimationFrame(tick); };
requestAnimationFrame(tick);
window.theMap = () => window.map || document.querySelector("[data-map-root]")?.map;
"""


def made_ground(seats):
    """A bowl in the shape of /api/layouts/<id>, made by the same script that the page without the product uses."""
    script = (
        f"import {{makeGround}} from '{stage.ROOT}/bench/map_page/ground.js'; "
        f"console.log(JSON.stringify(makeGround({seats})))"
    )
    return json.loads(
        subprocess.run(["node", "--input-type=module", "-e", script], capture_output=True, text=True, check=True).stdout
    )


def build(url, seats):
    """The bowl in the database, with an event on sale and two seats in five sold; returns (event id, id of its first
    stand).
    """
    plan = made_ground(seats)
    engine = create_engine(url)
    with engine.begin() as c:

        def many(sql, rows):
            return [c.execute(text(sql), row).scalar() for row in rows]

        stadium = many(
            "insert into stadium (slug, name, city, country, time_zone, currency) "
            "values (:s, :s, 'Nowhere', 'AU', 'Australia/Sydney', 'AUD') returning id",
            [{"s": f"bowl-{seats}"}],
        )[0]
        gates = many(
            "insert into gate (stadium_id, code, name, zone) values (:s, :c, :n, :z) returning id",
            [{"s": stadium, "c": gate["code"], "n": gate["name"], "z": k} for k, gate in enumerate(plan["gates"], 1)],
        )
        gate_of = {gate["code"]: made for gate, made in zip(plan["gates"], gates, strict=True)}
        layout = many(
            "insert into layout (stadium_id, version, seat_count) values (:s, 1, :n) returning id",
            [{"s": stadium, "n": plan["seats"]}],
        )[0]
        stands = many(
            "insert into stand (layout_id, code, name, position) values (:l, :c, :n, :p) returning id",
            [{"l": layout, "c": s["code"], "n": s["name"], "p": k} for k, s in enumerate(plan["stands"], 1)],
        )
        levels = many(
            "insert into level (stand_id, name, position) values (:s, :n, :p) returning id",
            [{"s": stands[level["stand"]], "n": level["name"], "p": k} for k, level in enumerate(plan["levels"], 1)],
        )
        bays = many(
            "insert into bay (level_id, gate_id, name, position, view) values (:l, :g, :n, :p, :v) returning id",
            [
                {"l": levels[b["level"]], "g": gate_of[b["gate"]], "n": b["name"], "p": k, "v": b["view"]}
                for k, b in enumerate(plan["bays"], 1)
            ],
        )
        bands = [band for band, count in plan["bands"] for _ in range(count)]
        kinds = ["standard"] * plan["seats"]
        for kind, runs in plan["kinds"].items():
            for first, count in runs:
                kinds[first : first + count] = [kind] * count
        c.execute(
            text(
                "create temporary table plan (row int, bay int, name text, shape int2[], stand int, first int, count "
                "int) on commit drop"
            )
        )
        rows, at = [], 0
        for k, (bay, name, count) in enumerate(
            zip(plan["rows"]["bay"], plan["rows"]["name"], plan["rows"]["count"], strict=True)
        ):
            shape = plan["rows"]["shape"][5 * k : 5 * k + 5]
            stand = stands[plan["levels"][plan["bays"][bay]["level"]]["stand"]]
            rows.append({"r": k, "b": bays[bay], "n": name, "s": shape, "t": stand, "f": at, "c": count})
            at += count
        c.execute(text("insert into plan values (:r, :b, :n, :s, :t, :f, :c)"), rows)
        c.execute(
            text(
                "insert into seat_row (bay_id, name, position, shape) "
                "select bay, name, row - min(row) over (partition by bay) + 1, shape from plan order by row"
            )
        )
        c.execute(
            text(
                """insert into seat (layout_id, stand_id, row_id, number, position, kind, band, quality)
                   select :l, p.stand, r.id, n.n::text, n.n, (cast(:kinds as text[]))[p.first + n.n],
                          (cast(:bands as text[]))[p.first + n.n], 500
                     from plan p join seat_row r on r.bay_id = p.bay
                        and r.name = p.name, generate_series(1, p.count) as n (n) order by p.row, n.n"""
            ),
            {"l": layout, "kinds": kinds, "bands": bands},
        )
        c.execute(text("update layout set published_at = now() where id = :l"), {"l": layout})
        event = stage.build_event(c, stadium, layout)
        c.execute(
            text(
                "insert into event_price (event_id, band, ticket_type, face) select :e, b, 'adult', 3500 "
                "from unnest(array['A','B','D','E']) b"
            ),
            {"e": event},
        )
        # Claims of nobody's booking: only what is drawn matters here, so the keys are not asked.
        c.execute(text("set local session_replication_role = replica"))
        c.execute(
            text("select setseed(0.4)")
        )  # sold here and there, as in life: what is regular would compress to nothing
        c.execute(
            text(
                "insert into seat_claim (event_id, seat_id, booking_id, state) select :e, id, 1, 'sold' from seat "
                "where layout_id = :l and random() < 0.4"
            ),
            {"e": event, "l": layout},
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.execute(text("vacuum analyze"))
    engine.dispose()
    return event, stands[0]


def phone(browser):
    context = browser.new_context(**PHONE)
    page = context.new_page()
    page.add_init_script(WATCH)
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    wire.send("Network.emulateNetworkConditions", LINE)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    return context, page, wire


def wait(page, condition, seconds=30):
    """Asks again and again from outside: the page's content policy forbids Playwright's own waiting."""
    until = time.monotonic() + seconds
    while not page.evaluate(condition):
        if time.monotonic() > until:
            raise RuntimeError(f"never came true: {condition}")
        time.sleep(0.05)


def touch(wire, kind, x=None, y=None):
    wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if x is None else [{"x": x, "y": y}]})


def pan(page, wire, box, seconds=3.0):
    """One finger in a slow figure of eight: (p50, p95, longest task) in ms."""
    mx, my = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    at = lambda t: (mx + 150 * math.sin(2.1 * t), my + 190 * math.sin(1.3 * t))  # noqa: E731
    began = page.evaluate("performance.now()")
    touch(wire, "touchStart", *at(0))
    start = time.perf_counter()
    while (now := time.perf_counter() - start) < seconds:
        touch(wire, "touchMove", *at(now))
        time.sleep(max(0, 0.016 - (time.perf_counter() - start - now)))
    ended = page.evaluate("performance.now()")
    touch(wire, "touchEnd")
    seen = page.evaluate("watched")
    frames = sorted(length for at, length in seen["frames"] if began + 100 < at <= ended)
    tasks = [length for at, length in seen["tasks"] if began <= at <= ended]
    return frames[len(frames) // 2], frames[int(len(frames) * 0.95)], max(tasks, default=0)


def measure(browser, deep, overview, seats_in_view=16):
    """One run on fresh windows: first seats, pan and opening, in ms."""
    context, page, wire = phone(browser)
    page.goto(deep, wait_until="commit")
    wait(page, "performance.getEntriesByName('map:seats').length > 0")
    first = page.evaluate("performance.getEntriesByName('map:seats')[0].startTime")
    canvas = page.locator(".map-canvas")
    page.evaluate("scrollTo(0, document.querySelector('.map-canvas').getBoundingClientRect().top + scrollY - 80)")
    page.evaluate(
        """(px) => { const map = theMap(), b = map.ground.stands[0].bays[0], bay = map.ground.bays[b];
        map.showSeats([map.ground.ids[bay.first + (bay.count >> 1)]]); map.step(px / 24); }""",
        seats_in_view,
    )
    wait(page, "!theMap().isMoving")
    page.wait_for_timeout(500)
    p50, p95, task = pan(page, wire, canvas.bounding_box())
    load = page.evaluate("Math.max(0, ...watched.tasks.map(([, d]) => d))")
    context.close()

    context, page, wire = phone(browser)
    page.goto(overview, wait_until="commit")
    wait(page, "performance.getEntriesByName('map:overview').length > 0 && theMap() && !theMap().isMoving")
    page.wait_for_timeout(800)
    spot = page.evaluate(
        """() => { const map = theMap(), [x, y] = map.ground.stands[0].middle;
        const box = document.querySelector('.map-canvas').getBoundingClientRect();
        scrollTo(0, box.top + scrollY - 80);
        const now = document.querySelector('.map-canvas').getBoundingClientRect();
        const p = map.view.toScreen(x, y); return [now.left + p[0], now.top + p[1]]; }"""
    )
    page.wait_for_timeout(300)
    touch(wire, "touchStart", *spot)
    touch(wire, "touchEnd")
    wait(page, "performance.getEntriesByName('map:stand').length > 0")
    opens = page.evaluate("performance.getEntriesByName('map:stand')[0].startTime - watched.taps.at(-1)")
    context.close()
    return {"seats": first, "p50": p50, "p95": p95, "task": task, "opens": opens, "load": load}


SEEN = """() => { window.seen = {}; const map = theMap();
  const note = (ids) => requestAnimationFrame(() => { for (const id of ids) seen[id] ??= Date.now(); });
  const change = map.change.bind(map), all = map.setStates.bind(map);
  map.change = (pairs) => { change(pairs); note(pairs.map(([id]) => id)); };
  map.setStates = (states) => { const before = map.model.states;
    all(states);
    note([...states.keys()].filter((i) => states[i] !== before[i]).map((i) => map.ground.idAt(i))); }; }"""
HOLD = """async (event) => { const { token } = await (await fetch("/api/csrf-token")).json();
  const answer = await fetch(`/api/events/${event}/hold`, {
    method: "POST", body: JSON.stringify({ best: { count: 2 } }),
    headers: { "Content-Type": "application/json", "X-CSRF-Token": token } });
  const said = await answer.json();
  if (!answer.ok) throw new Error(JSON.stringify(said));
  return [Date.now(), said.seat_ids]; }"""
BLOCKED = "window.WebSocket = class { constructor() { throw new Error('blocked'); } };"


def live(browser, overview, event, blocked):
    """Milliseconds from the answer to one person's hold until another person's map has painted its seats grey, at full
    speed.
    """
    watching, buying = browser.new_context(**PHONE), browser.new_context(**PHONE)
    page, other = watching.new_page(), buying.new_page()
    page.add_init_script(WATCH + (BLOCKED if blocked else ""))
    page.goto(overview)
    other.goto(overview)
    via = "polling" if blocked else "websocket"
    wait(
        page,
        f"Boolean(theMap() && globalThis.CricVerseLive?.state().via === '{via}' && CricVerseLive.state().state === "
        "'live')",
    )
    page.evaluate(SEEN)
    at, seats = other.evaluate(HOLD, event)
    wait(page, f"{seats}.every((id) => id in seen)")
    took = page.evaluate(f"Math.max(...{seats}.map((id) => seen[id]))") - at
    watching.close()
    buying.close()
    return took


def empty(browser):
    context, page, wire = phone(browser)
    page.set_content("<!doctype html><title>Empty</title>")
    page.wait_for_timeout(300)
    page.evaluate(WATCH)
    figures = pan(page, wire, {"x": 0, "y": 200, "width": 390, "height": 500})
    context.close()
    return figures


@contextlib.contextmanager
def files():
    """The checkout over HTTP, for the page without the product."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(stage.ROOT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def product(sizes, on_season):
    with contextlib.ExitStack() as stack:
        if on_season:
            season = stack.enter_context(stage.season())
            engine = create_engine(season.url)
            with engine.begin() as c:
                found = {n: find_event(c, n) for n in sizes}
            engine.dispose()
            made = {n: (event.id, event.stand) for n, event in found.items()}
            base, _ = stack.enter_context(stage.season_server(season))
        else:
            url = stack.enter_context(stage.database(durable=False))
            made = {n: build(url, n) for n in sizes}
            base, _ = stack.enter_context(stage.server("bench.our_server", BENCH_DATABASE_URL=url))
        pages = {}
        for n, (event, stand) in made.items():
            pages[n] = (f"{base}/book-tickets-enhanced/{event}?stand={stand}", f"{base}/book-tickets-enhanced/{event}")
            # The layout is read once per process; a phone is rarely the first.
            urllib.request.urlopen(pages[n][1]).read()
        yield pages, base, made


def sizes_of(base, event):
    page = urllib.request.urlopen(f"{base}/book-tickets-enhanced/{event}").read().decode()
    found = {}
    for name in ("layout", "prices", "states"):
        path = page.split(f'data-{name}="')[1].split('"')[0].replace("&amp;", "&")
        ask = urllib.request.Request(base + path, headers={"Accept-Encoding": "gzip"})
        found[name] = len(urllib.request.urlopen(ask).read())
    return found


def report(results, sizes):
    lines = {
        "seats": ("first seats", 2000),
        "p50": ("pan, frame p50", 0),
        "p95": ("pan, frame p95", 33),
        "task": ("pan, longest task", 100),
        "opens": ("a stand opens", 500),
        "load": ("longest task before", 0),
    }
    print(f"{'median, ms':24}" + "".join(f"{n:>12,}" for n in results) + f"{'ratio':>8}  limit")
    middle = {n: {k: stage.median([run[k] for run in runs]) for k in lines} for n, runs in results.items()}
    large, small = max(middle), min(middle)
    for key, (words, limit) in lines.items():
        ratio = middle[large][key] / middle[small][key] if middle[small][key] else float("nan")
        print(
            f"{words:24}"
            + "".join(f"{middle[n][key]:12.1f}" for n in results)
            + f"{ratio:8.2f}  {f'≤ {limit}' if limit else ''}"
        )
    for n, found in sizes.items():
        print(f"on the wire, {n:,} seats: " + ", ".join(f"{name} {size:,} bytes" for name, size in found.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--large", type=int, default=100000)
    parser.add_argument("--small", type=int, default=5000)
    parser.add_argument("--stage", choices=("own", "season"), default="own")
    parser.add_argument("--alone", action="store_true", help="the drawing without the product")
    parser.add_argument(
        "--live", action="store_true", help="only how soon another person's hold is grey, with websockets and without"
    )
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    wish = parser.parse_args()
    sizes = [wish.large, wish.small]
    with contextlib.ExitStack() as stack, sync_playwright() as driver:
        if wish.alone:
            base = stack.enter_context(files())
            pages = {
                n: (
                    f"{base}/bench/map_page/index.html?seats={n}&stand=0",
                    f"{base}/bench/map_page/index.html?seats={n}",
                )
                for n in sizes
            }
            weights = {}
        else:
            pages, base, made = stack.enter_context(product(sizes, wish.stage == "season"))
            weights = {n: sizes_of(base, event) for n, (event, _) in made.items()}
        browser = driver.chromium.launch(executable_path=wish.chromium)
        if wish.live:
            for n in sizes:
                for blocked, words, limit in ((False, "with the socket", 1000), (True, "without websockets", 6000)):
                    took = [live(browser, pages[n][1], made[n][0], blocked) for _ in range(wish.runs)]
                    print(
                        f"{n:,} seats, grey {words}: median {stage.median(took):.0f} ms, longest {max(took):.0f} ms  ≤ "
                        f"{limit}"
                    )
            return
        results = {n: [] for n in sizes}
        for _ in range(wish.runs):
            for n in sizes:
                results[n].append(measure(browser, *pages[n]))
        blank = empty(browser)
        browser.close()
        report(results, weights)
        print(f"empty page: frames p50 {blank[0]:.1f} ms, p95 {blank[1]:.1f} ms, longest task {blank[2]:.0f} ms")


if __name__ == "__main__":
    main()
