"""axe-core on every page: each GET route that answers HTML, in its states, on a phone and a desk, by day and under
lights.
"""

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import qr_codes
from cricket.matches.importing import store_log
from tests.cricket.test_matches import a_chase, put
from tests.support.browser import chromium
from tests.support.gating import Phone
from tests.support.holding import age
from tests.support.lining import in_line
from tests.support.selling import hold, paid_booking, start_payment
from tests.support.walking import Fan, serving_in_public

pytestmark = pytest.mark.browser

AXE = (Path(__file__).resolve().parents[1] / "vendor/axe-core/axe.min.js").read_text(encoding="utf-8")
COLOURS, LAYOUT = (
    ["color-contrast"],
    ["target-size", "scrollable-region-focusable", "heading-order", "link-name", "button-name"],
)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTACT = {"name": "Asha Rao", "email": "asha@example.org"}
DECLINED = "4000000000009995"

# endpoint: [(who looks, address)], filled with what the stage made. A route of the URL map that stands in neither list
# fails the test.
PAGES = {
    "site.home": [("visitor", "/"), ("asha", "/")],
    "site.fixtures": [
        ("visitor", "/fixtures"),
        ("visitor", "/fixtures?q=tern&team=terns&left=1"),
        ("visitor", "/fixtures?month=2031-01&ground=moor"),
        ("visitor", "/fixtures?q=terns+for+4+in+the+shade+near+me+quidditch"),
    ],
    "site.teams": [("visitor", "/teams")],
    "site.team": [("visitor", "/teams/terns")],
    "site.player": [("visitor", "/players/{player}")],
    "site.match": [("visitor", "/matches/{match}"), ("visitor", "/matches/{stopped_match}")],
    "site.ground": [("visitor", "/grounds/lanternside"), ("visitor", "/grounds/moor")],
    "matches.live": [
        ("visitor", "/matches/{stopped_match}/live"),
        ("visitor", "/matches/{stopped_match}/live?show=wickets"),
        ("visitor", "/matches/{match}/live"),
    ],
    "matches.scorecard": [("visitor", "/matches/{stopped_match}/scorecard"), ("visitor", "/matches/{match}/scorecard")],
    "matches.screen": [("visitor", "/matches/{stopped_match}/screen"), ("visitor", "/matches/{match}/screen")],
    "matches.ladder": [("visitor", "/ladder")],
    "site.help": [("visitor", "/help")],
    "site.privacy": [("visitor", "/privacy")],
    "site.terms": [("visitor", "/terms")],
    "accounts.sign_up": [("visitor", "/sign-up")],
    "accounts.sign_in": [("visitor", "/sign-in?next=/account")],
    "accounts.account": [("asha", "/account")],
    "bookings.choose": [
        ("visitor", "/book-tickets-enhanced/{event}"),
        ("visitor", "/book-tickets-enhanced/{event}?stand={stand}"),
        ("visitor", "/book-tickets-enhanced/{event}?stand={stand}&bay={bay}"),
        ("visitor", "/book-tickets-enhanced/{event}?best_count=2&best_together=1&best_accessible=1"),
        ("visitor", "/book-tickets-enhanced/{event}?best_count=8&best_together=1&best_under=1"),
        ("asha", "/book-tickets-enhanced/{event}?stand={stand}&bay={bay}"),
        ("ben", "/book-tickets-enhanced/{event}"),
        ("visitor", "/book-tickets-enhanced/{stopped}"),
    ],
    "parking.choose": [
        ("visitor", "/book-parking-enhanced/{stadium}"),
        ("visitor", "/book-parking-enhanced/{stadium}?from={soon}T10:00&to={soon}T12:30"),
        ("asha", "/book-parking-enhanced/{stadium}?event={event}"),
        ("visitor", "/book-parking-enhanced/{other_stadium}"),
    ],
    "checkout.pay": [
        ("asha", "/bookings/{held}/pay"),
        ("ben", "/bookings/{declined}/pay"),
        ("asha", "/bookings/{ended}/pay"),
    ],
    "checkout.done": [("ben", "/bookings/{declined}/return"), ("petra", "/bookings/{pending}/return")],
    "tickets.index": [("visitor", "/tickets"), ("asha", "/tickets")],
    "tickets.find": [("visitor", "/tickets/find"), ("visitor", "/tickets/find?sent=1")],
    "tickets.show": [("asha", "/tickets/{paid}")],
    "tickets.refund": [("asha", "/tickets/{paid}/refund")],
    "tickets.linked": [("visitor", "/t/{token}")],
    "tickets.linked_refund": [("visitor", "/t/{token}/refund")],
    "transfers.holder": [("visitor", "/t/one/{holder}")],
    "waiting.join": [
        ("visitor", "/book-tickets-enhanced/{event}/waiting"),
        ("visitor", "/book-tickets-enhanced/{event}/waiting?sent=seats"),
        ("visitor", "/book-tickets-enhanced/{stopped}/waiting"),
    ],
    "waiting.place": [("visitor", "/t/wait/{place}"), ("visitor", "/t/wait/{offered_place}")],
    "transfers.offer": [("visitor", "/t/offer/{offer}"), ("visitor", "/t/offer/{taken_offer}")],
    "gate.scanner": [("visitor", "/gate")],
    "supervisor.index": [("grace", "/gates"), ("omar", "/gates")],
    "supervisor.event": [("grace", "/gates/{event}"), ("petra", "/gates/{stopped}")],
    "supervisor.new_phone": [("grace", "/gates/{event}/phones/new")],
    "supervisor.printed": [("grace", "/gates/{event}/list")],
    "supervisor.marks": [("grace", "/gates/{event}/marks")],
    "scorer.index": [("sunil", "/scorer")],
    "scorer.console": [("sunil", "/scorer/matches/{match}")],
    "owner.index": [("omar", "/owner")],
    "owner.event": [("omar", "/owner/events/{event}"), ("petra", "/owner/events/{stopped}")],
    "owner.parking": [("omar", "/owner/grounds/lanternside/parking"), ("petra", "/owner/grounds/moor/parking")],
    "owner.sale": [("omar", "/owner/events/{event}/sale")],
    "owner.cancel": [("omar", "/owner/events/{event}/cancel")],
    "owner.seats": [
        ("omar", "/owner/events/{event}/seats"),
        ("omar", "/owner/events/{event}/seats?stand={stand}&bay={bay}"),
    ],
    "owner.booking": [
        ("omar", "/owner/events/{event}/bookings/{paid}"),
        ("omar", "/owner/grounds/lanternside/parking/{parked}"),
    ],
    "owner.refund": [
        ("omar", "/owner/events/{event}/bookings/{paid}/refund?all=1"),
        ("omar", "/owner/grounds/lanternside/parking/{parked}/refund?all=1"),
    ],
}
# What a page becomes after a form that was refused, and the error pages: (who, where from, form's address, fields; no
# token if None).
REFUSED = [
    ("visitor", "/sign-in", "/sign-in", {"email": "", "password": ""}),
    ("visitor", "/sign-up", "/sign-up", {"email": "no"}),
    ("visitor", "/tickets/find", "/tickets/find", {"email": "no"}),
    ("visitor", "/book-tickets-enhanced/{event}", "/book-tickets-enhanced/{event}", {"seat_id": "{taken}"}),
    ("asha", "/bookings/{held}/pay", "/bookings/{held}/confirm", {"name": "", "email": ""}),
    ("asha", "/tickets/{paid}", "/tickets/{paid}/address", {"email": "no"}),
    ("asha", "/tickets/{paid}/refund", "/tickets/{paid}/refund", {}),
    (
        "asha",
        "/book-parking-enhanced/{stadium}?event={event}",
        "/book-parking-enhanced/{stadium}",
        {"event": "{event}", "plate": ""},
    ),
    ("omar", "/owner/events/{event}", "/owner/events/{event}/cancel", {"name": "another"}),
    (
        "visitor",
        "/book-tickets-enhanced/{event}/waiting",
        "/book-tickets-enhanced/{event}/waiting",
        {"best_count": "0", "email": "no"},
    ),
    ("visitor", "/sign-in", "/sign-in", None),
]
# GET routes that answer data, or nothing that a person reads.
NO_PAGES = {
    "static": "/static/css/base.css",
    "tickets.service_worker": "/tickets/sw.js",
    "tickets.paper": "/tickets/{paid}/tickets.pdf",
    "tickets.linked_paper": "/t/{token}/tickets.pdf",
    "transfers.paper": "/t/one/{holder}/tickets.pdf",
    "tickets.calendar": "/tickets/{paid}/calendar.ics",
    "tickets.linked_calendar": "/t/{token}/calendar.ics",
    "checkout.state": "/bookings/{paid}/payment",
    "api.hold_state": "/api/holds/{held}",
    "payments.payment_status": "/api/payment-status/{intent}",
    "api.csrf_token": "/api/csrf-token",
    "api.seats": "/api/events/{event}/seats",
    "api.layout": "/api/layouts/{layout}",
    "api.prices": "/api/events/{event}/prices",
    "api.my_hold": "/api/events/{event}/hold",
    "scorer.opened": "/api/scorer/matches/{match}",
    "scorer.checks": "/api/scorer/matches/{match}/checks",
    "match_api.board": "/api/matches/{match}",
    "match_api.events": "/api/matches/{match}/events?after=0",
    "match_api.match_view": "/api/matches/{match}/view",
    "match_api.view_events": "/api/matches/{match}/view/events?after=0",
    "match_api.cricsheet": "/matches/{stopped_match}/cricsheet.json",
    "site.service_worker": "/sw.js",
    "gate.manifest": "/gate/manifest.webmanifest",
    "gate_api.get_bundle": "/api/gate/bundle",
    "gate_api.get_rights": "/api/gate/rights",
    "gate_api.get_search": "/api/gate/search?q=asha",
    "discovery.robots": "/robots.txt",
    "discovery.apple_pay_domain": "/.well-known/apple-developer-merchantid-domain-association",
    "discovery.sitemap": "/sitemap.xml",
    "discovery.team_calendar": "/teams/terns.ics",
    "discovery.site_card": "/card.png",
    "discovery.card": "/matches/{match}/card.png",
    "health.healthz": "/healthz",
    "realtime.realtime_stats": "/api/realtime-stats",
    "health.readyz": "/readyz",
}
# HTML that a page hangs into itself; it is looked at there.
PARTS = {"match_api.match_charts": "/matches/{match}/charts"}

SEND = """async ([address, fields]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = address;
  const add = (name, value) => {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  };
  if (fields) {
    const answer = await fetch("/api/csrf-token");
    add("csrf_token", (await answer.json()).token);
    for (const [name, value] of Object.entries(fields)) add(name, value);
  }
  document.body.append(form);
  form.submit();
}"""

RUN = """async ([tags, looks]) => {
  await document.fonts.ready;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const found = [];
  for (const [theme, rules] of looks) {
    document.documentElement.dataset.theme = theme;
    const only = rules ? { type: "rule", values: rules } : { type: "tag", values: tags };
    const { violations } = await axe.run(document, { runOnly: only, resultTypes: ["violations"], iframes: false });
    for (const v of violations.filter((each) => each.impact === "serious" || each.impact === "critical")) {
      const where = v.nodes.slice(0, 3)
        .map((n) => `${n.html.slice(0, 140)} (${n.any[0]?.message || n.failureSummary})`);
      found.push(`${theme}, ${v.id}: ${where.join(" | ")}`);
    }
  }
  return found;
}"""
# What a page may break at each width: all rules on a phone, then again what depends on the colours or on the width.
# Contrast is looked at in both themes at both widths, since either may show what the other hides; the rules of layout
# in one, since no theme moves anything.
NARROWEST = 320
# What stands out of a page that scrolls sideways, null where none does.
WIDEST = """(width) => {
  if (document.scrollingElement.scrollWidth <= width) return null;
  return [...document.querySelectorAll("body *")]
    .filter((each) => each.getBoundingClientRect().right > width + 1)
    .map((each) => each.outerHTML.slice(0, 80)).slice(-2).join(" | ");
}"""
LOOKS = {390: [("day", None), ("lights", COLOURS)], 1440: [("day", COLOURS + LAYOUT), ("lights", COLOURS)]}


@pytest.fixture(scope="module")
def site(settings, sandbox):
    with serving_in_public(settings, sandbox) as site:
        yield site


def at_the_gate(app, rows, ground):
    """A phone that lets in one, refuses it again, and was let in twice in the dark by another: what the supervisor's
    page is full of. Its token.
    """
    phones = [
        Phone(app, rows, ground.stadium, ground.event, [ground.gate], [ground.car_park], may_search=True, name=n)
        for n in ("Left lane", "Right")
    ]
    ticket = {
        "hash": qr_codes.b64(rows.value("select hash from ticket where status = 'valid' order by seat_id limit 1")),
        "mode": "typed",
    }
    now = time.time() * 1000
    phones[0].say(**ticket)
    phones[0].say(**ticket)
    phones[1].say(**ticket, shown="admitted", at=now - 1000, synced_at=now - 60_000)
    phones[0].call("POST", "sync", json={"cursor": 0, "revocations": 0, "state": {"waiting": 2, "battery": 0.8}})
    return phones[0].token


@pytest.fixture
def stage(site, cast, ground, rows, sandbox):
    """Bookings in every state, and {name: what to fill an address with}."""
    from tickets import links

    asha, ben, petra = (cast.browser(who) for who in ("asha", "ben", "petra"))
    paid = paid_booking(asha, ground, ["A1", "A2", "A3"], sandbox, **CONTACT)
    line = rows.value("select line_id from ticket where seat_id = :s", s=ground.seats["A2"])
    assert asha.post(f"/tickets/{paid['id']}/refund", line=[line]).status == 303
    day = date.today() + timedelta(days=5)
    window = {"from": f"{day}T10:00", "to": f"{day}T12:00"}
    asha.post(f"/book-parking-enhanced/{ground.stadium}", bay=f"{ground.car_park}-standard", plate="CRV26B", **window)
    parked = rows.value("select max(id) from booking where event_id is null")
    started = asha.api("POST", "/api/create-parking-payment", {"booking_id": parked, **CONTACT}).json
    sandbox.pay(started["client_secret"])
    assert asha.api("GET", f"/api/payment-status/{started['payment_intent_id']}").json["state"] == "paid"
    ended = hold(asha, ground.event, ground.ids("B8"))
    age(rows, 11)
    declined = hold(ben, ground.event, ground.ids("A5"))
    sandbox.pay(
        start_payment(ben, declined["id"], name="Ben Okafor", email="ben@example.org")["client_secret"], DECLINED
    )
    pending = hold(petra, ground.event, ground.ids("A6"))
    sandbox.faults({"kind": "late_success", "seconds": 600})
    sandbox.pay(start_payment(petra, pending["id"], name="Petra Novak", email="petra@moor.example")["client_secret"])
    held = hold(asha, ground.event, ground.ids("B1", "P1"))
    asha.post(
        f"/book-parking-enhanced/{ground.stadium}",
        event=ground.event,
        window=0,
        bay=f"{ground.car_park}-standard",
        plate="CRV26A",
    )
    rows("update event set state = 'stopped' where id = :e", e=ground.other_event)
    stopped_match = rows.value("select match_id from event_match where event_id = :e", e=ground.other_event)
    chase = a_chase()
    for ball in [ball for innings in chase.state.innings for over in innings.overs for ball in over.balls]:
        hand = {"player": ball.striker, "hand": "left" if ball.striker.endswith("1") else "right"}
        chase.add("shot", of=ball.key, x=ball.score * 5 % 70, y=ball.total * 10, length="good", hand=hand)
    put(rows, stopped_match, chase, replay=True)
    with rows.engine.begin() as connection:
        store_log(connection, stopped_match, chase.state.log, "Test")
    with site[1].app_context():
        token = links.link_token(paid["id"])
    for seat, offer in (("A1", "offer-that-is-open"), ("A3", "offer-that-was-taken")):
        right = rows.value("select id from ticket where seat_id = :s and status = 'valid'", s=ground.seats[seat])
        asha.post(f"/tickets/{paid['id']}/rights/{right}/send", name="Ravi Iyer", email="ravi@example.org")
        rows(
            "update ticket_transfer set token_hash = sha256(cast(:o as text)::bytea) where ticket_id = :t",
            o=offer,
            t=right,
        )
    holder = ben.post("/t/offer/offer-that-was-taken", name="Ravi Iyer").location.rpartition("/")[2]
    place, offered_place = in_line(site[1], rows, ground)
    return {
        "place": place,
        "offered_place": offered_place,
        "offer": "offer-that-is-open",
        "taken_offer": "offer-that-was-taken",
        "holder": holder,
        "phone": at_the_gate(site[1], rows, ground),
        "match": ground.match,
        "stopped_match": stopped_match,
        "player": rows.value(
            """insert into player (team_id, name, role, shirt) select id, 'Maro Quill', 'batter', 7 from team
                                                                where slug = 'terns' returning id"""
        ),
        "event": ground.event,
        "stopped": ground.other_event,
        "stadium": ground.stadium,
        "soon": (datetime.now(UTC) + timedelta(days=9)).date().isoformat(),
        "other_stadium": ground.other_stadium,
        "layout": ground.layout,
        "stand": rows.value("select stand_id from seat where id = :s", s=ground.seats["A1"]),
        "bay": rows.value(
            "select bay_id from seat_row r join seat s on s.row_id = r.id where s.id = :s", s=ground.seats["A1"]
        ),
        "taken": ground.seats["A1"],
        "paid": paid["id"],
        "parked": parked,
        "intent": paid["intent"],
        "held": held["id"],
        "ended": ended["id"],
        "declined": declined["id"],
        "pending": pending["id"],
        "token": token,
    }


def look(fan, where, found):
    """Four looks at one loaded page; a frame is waited for once a width, for colours need none."""
    page = fan.page
    page.wait_for_load_state()
    page.evaluate(AXE)
    for width, looks in LOOKS.items():
        if page.viewport_size["width"] != width:
            page.set_viewport_size({"width": width, "height": 900})
        found += [f"{where}, {width} px, {each}" for each in page.evaluate(RUN, [TAGS, looks])]
        if width == 390 and page.evaluate("document.scrollingElement.scrollWidth") > width:
            found.append(f"{where} scrolls sideways at {width} px")
    # The narrowest phone, and a page at four times its size (WCAG 1.4.10).
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    wide = page.evaluate(WIDEST, NARROWEST)
    found += [f"{where} scrolls sideways at {NARROWEST} px: {wide}"] if wide else []
    page.set_viewport_size({"width": 390, "height": 844})


# What is refused without anything being sent.
SHOWN_REFUSED = [
    ("visitor", "/nothing-here", None, None),
    ("visitor", "/book-parking-enhanced/{stadium}?from=2031-01-04T10:00&to=2031-01-06T12:30", None, None),
]


@pytest.mark.slow
def test_no_page_has_a_serious_fault(site, stage, cast):
    found = []
    with chromium() as browser:
        planted = browser.new_page()
        planted.set_content(
            "<html lang=en><title>Planted</title><main><h1>Planted</h1><input><p "
            "style='color:#ddd;background:#fff'>Faint</p></main>"
        )
        planted.evaluate(AXE)
        faults = [each.split(":")[0] for each in planted.evaluate(RUN, [TAGS, LOOKS[390]])]
        assert faults == ["day, color-contrast", "day, label", "lights, color-contrast"]
        planted.close()
        people = {}
        for who in ("visitor", "asha", "ben", "petra", "omar", "sunil", "grace"):
            people[who] = Fan(browser, site, reduced_motion="reduce")
            if who != "visitor":
                people[who].be(cast.browser(who))
        for endpoint, looks in PAGES.items():
            for who, address in looks:
                address = address.format(**stage)
                answer = people[who].page.goto(address)
                assert answer.headers["content-type"].startswith("text/html"), endpoint
                assert answer.status == 200 or (endpoint == "checkout.pay" and answer.status == 410), (
                    f"{address}: {answer.status}"
                )
                assert answer.url.endswith(address), f"{address} led to {answer.url}"
                look(people[who], f"{who} at {address}", found)
        for who, place, address, fields in [*REFUSED, *SHOWN_REFUSED]:
            page = people[who].page
            page.goto(place.format(**stage))
            if address is not None:
                filled = {k: v.format(**stage) for k, v in fields.items()} if fields is not None else None
                with page.expect_navigation() as arrived:
                    page.evaluate(SEND, [address.format(**stage), filled])
                assert arrived.value.status >= 400, f"{address} {filled}: {arrived.value.status}"
            look(people[who], f"{who} after {address or place}", found)
        csp = [f"{who}: {e}" for who, fan in people.items() for e in fan.errors if "Failed to load resource" not in e]
    assert found + csp == [], "\n".join(found + csp)


def test_every_get_route_is_looked_at_or_is_no_page(site, stage, cast):
    _, app = site
    gets = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    known = set(PAGES) | set(NO_PAGES) | set(PARTS)
    assert gets == known, f"not walked: {gets - known}; gone: {known - gets}"
    fan, others = (
        cast.browser("asha").client,
        {"scorer": cast.browser("sunil").client, "realtime": cast.browser("omar").client},
    )
    others["gate_api"] = app.test_client()
    others["gate_api"].environ_base["HTTP_AUTHORIZATION"] = f"Bearer {stage['phone']}"
    for endpoint, address in NO_PAGES.items():
        answer = others.get(endpoint.partition(".")[0], fan).get(address.format(**stage))
        answer.close()
        assert answer.status_code == 200 and answer.mimetype != "text/html", (
            f"{endpoint}: {answer.status_code} {answer.mimetype}"
        )
    for endpoint, address in PARTS.items():
        answer = fan.get(address.format(**stage))
        assert answer.status_code == 200 and answer.mimetype == "text/html" and "<h1" not in answer.text, endpoint
