"""The map of the ground under a thumb: chosen, held and paid at a phone's size; live to others; and what stays when a
part of it fails.
"""

import re

import pytest

from tests.support.browser import chromium, move_clock_until
from tests.support.holding import api_hold, held_seats
from tests.support.walking import GOOD, Fan, serving_in_public

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need Playwright")
expect = playwright.expect
PATIENCE = 30_000
STILL = """() => {
  const { map } = document.querySelector("[data-map-root]");
  return map.painted && !map.flight && !map.glide && !map.missing;
}"""
POINT = """id => {
  const { map } = document.querySelector("[data-map-root]");
  const at = map.ground.indexOf(id);
  const [x, y] = map.view.toScreen(map.ground.x[at], map.ground.y[at]);
  const box = document.querySelector(".map-canvas").getBoundingClientRect();
  return x > 0 && y > 0 && x < box.width && y < box.height ? { x: box.left + x, y: box.top + y } : null;
}"""
# The end of the page can be scrolled out from under the bar that lies over its foot.
CLEAR_OF_THE_BAR = """bar => {
  const before = scrollY;
  scrollTo(0, document.documentElement.scrollHeight);
  const end = document.querySelector(".site-footer").getBoundingClientRect().bottom;
  const top = document.querySelector(bar).getBoundingClientRect().top;
  scrollTo(0, before);
  return end <= top + 1;
}"""
CHOSEN = """wanted => {
  const chosen = [...document.querySelectorAll("[data-pick-list] [name=seat_id]")].map((one) => Number(one.value));
  return JSON.stringify(chosen.sort((a, b) => a - b)) === JSON.stringify(wanted);
}"""


@pytest.fixture(scope="module")
def chrome():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(settings, sandbox):
    with serving_in_public(settings, sandbox) as site:
        yield site


@pytest.fixture
def phone(chrome, site, ground):
    """phone(**options) opens one person's phone: 390 px wide, with touch."""
    opened = []

    def open_one(**options):
        opened.append(Phone(chrome, site, **{"has_touch": True, "is_mobile": True, **options}))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


class Phone(Fan):
    """A fan who chooses on the map, by the points that the map itself names."""

    def open_map(self, event_id, **place):
        query = "?" + "&".join(f"{k}={v}" for k, v in place.items()) if place else ""
        self.page.goto(f"/book-tickets-enhanced/{event_id}{query}")
        self.wait("document.querySelector('[data-map].has-map') !== null")
        self.still()

    def wait(self, condition):
        self.page.wait_for_function(f"() => {condition}", timeout=PATIENCE)

    def still(self):
        self.wait(f"({STILL})()")

    def tap_seat(self, seat_id):
        self.page.locator("[data-map-root]").scroll_into_view_if_needed()
        self.still()
        # Where seats are too small for a finger the first tap comes nearer.
        for _ in range(2):
            point = self.page.evaluate(POINT, seat_id)
            if not point or self.page.evaluate("document.querySelector('[data-map-root]').map.css") > 23.9:
                break
            self.page.touchscreen.tap(point["x"], point["y"])
            self.still()
            point = self.page.evaluate(POINT, seat_id)
        assert point, f"seat {seat_id} is not on the screen"
        self.page.touchscreen.tap(point["x"], point["y"])

    def wait_chosen(self, ids):
        wanted = sorted(ids)
        self.page.wait_for_function(CHOSEN, arg=wanted, timeout=PATIENCE)


def stand_of(rows, seat_id):
    return rows.value("select stand_id from seat where id = :id", id=seat_id)


def bay_of(rows, seat_id):
    return rows.value("select r.bay_id from seat s join seat_row r on r.id = s.row_id where s.id = :id", id=seat_id)


def opened(fan, ground, rows, name="A4"):
    """The map with this seat's bay in sight and its rows in the list."""
    seat = ground.seats[name]
    fan.open_map(ground.event, stand=stand_of(rows, seat), bay=bay_of(rows, seat))
    return fan


def test_four_seats_are_tapped_held_and_paid(phone, ground, rows):
    fan = opened(phone(), ground, rows)
    assert fan.page.evaluate("document.querySelector('.map-frame').getBoundingClientRect().top + scrollY") <= 64
    for name in ("A1", "A2", "A3", "A4"):
        fan.tap_seat(ground.seats[name])
    assert fan.page.evaluate(CLEAR_OF_THE_BAR, "[data-pick]")
    # On the map and in the bar the price is all of it, and its parts one tap away.
    for place in (".map-bar", "[data-pick-list]"):
        if place == "[data-pick-list]":
            fan.page.locator("[data-pick-more] summary").tap()
        fan.page.locator(place).get_by_role("button", name="A$52.90").first.tap()
        expect(fan.page.locator("#price-band-c-adult")).to_contain_text("Booking fee A$4.90")
        fan.press("Escape")
    fan.page.locator("[data-pick-more] summary").tap()
    fan.wait_chosen(ground.ids("A1", "A2", "A3", "A4"))
    expect(fan.page.get_by_text("4 seats chosen")).to_be_visible()
    expect(fan.page.locator("[data-pick-total]")).to_have_text("A$211.60")
    fan.fits()
    fan.button("Hold these seats").tap()
    expect(fan.page.get_by_role("heading", name="4 seats held")).to_be_visible()
    assert fan.page.evaluate(CLEAR_OF_THE_BAR, ".tray-total")
    assert held_seats(rows, ground) == ["A1", "A2", "A3", "A4"]
    fan.link("Pay without parking").tap()
    fan.say_who()
    fan.pay(GOOD)
    fan.wait_for_tickets()
    assert [row["seat_id"] for row in rows("select seat_id from ticket order by seat_id")] == ground.ids(
        "A1", "A2", "A3", "A4"
    )
    assert fan.errors == []


def test_map_and_list_are_one_choice_both_ways(phone, ground, rows):
    fan = opened(phone(), ground, rows)
    fan.tap_seat(ground.seats["A3"])
    expect(fan.seat("A", 3)).to_be_checked()
    fan.seat("A", 4).check(force=True)
    fan.wait_chosen(ground.ids("A3", "A4"))
    fan.tap_seat(ground.seats["A4"])
    expect(fan.seat("A", 4)).not_to_be_checked()
    fan.seat("A", 3).uncheck(force=True)
    expect(fan.page.locator("[data-pick]")).to_be_hidden()
    fan.tap_seat(ground.seats["A3"])
    fan.wait_chosen(ground.ids("A3"))
    fan.page.locator("[data-pick-more] summary").tap()
    fan.button("Take out row a, seat 3").tap()
    expect(fan.seat("A", 3)).not_to_be_checked()
    assert held_seats(rows, ground) == [] and fan.errors == []


def test_the_choice_outlives_another_stand(phone, ground, rows):
    fan = opened(phone(), ground, rows)
    fan.tap_seat(ground.seats["A3"])
    fan.wait_chosen(ground.ids("A3"))
    fan.link(re.compile("^Back to the bays")).tap()
    fan.link("Back to all stands").tap()
    fan.link("Pavilion", exact=True).tap()
    fan.link(re.compile("bay 14, gate C")).tap()
    fan.page.get_by_role("group", name="Row P").wait_for()
    fan.seat("P", 3).check(force=True)
    fan.wait_chosen([*ground.ids("A3"), *ground.ids("P3")])
    fan.button("Hold these seats").tap()
    expect(fan.page.get_by_role("heading", name="2 seats held")).to_be_visible()
    assert held_seats(rows, ground) == ["A3", "P3"] and fan.errors == []


def grey(fan, seat_id):
    fan.page.locator(f'[data-seat="{seat_id}"] .is-held').wait_for(timeout=PATIENCE)


def test_two_phones_after_the_same_seats(phone, ground, rows):
    rows("select nextval('seat_version')")  # the first number of all cannot be told from none
    first, second = opened(phone(), ground, rows), opened(phone(), ground, rows)
    second.wait("globalThis.CricVerseLive?.state().state === 'live' && CricVerseLive.state().via === 'websocket'")
    # Without the socket nothing may come: polling is walled off, so that what greys was pushed.
    second.context.route(re.compile(r"/api/events/\d+/seats"), lambda route: route.abort())
    second.tap_seat(ground.seats["A3"])
    second.tap_seat(ground.seats["A4"])
    second.wait_chosen(ground.ids("A3", "A4"))
    first.tap_seat(ground.seats["A3"])
    first.button("Hold these seats").tap()
    first.page.get_by_role("heading", name="1 seat held").wait_for()
    grey(second, ground.seats["A3"])
    second.wait_chosen(ground.ids("A4"))
    expect(second.page.locator("[data-said]")).to_contain_text("Row A, seat 3 has just been taken")
    second.button("Hold these seats").tap()
    second.page.get_by_role("heading", name="1 seat held").wait_for()
    assert held_seats(rows, ground) == ["A3", "A4"]


def test_where_websockets_are_blocked_the_page_asks(phone, ground, rows, as_ben):
    fan = phone()
    fan.page.add_init_script(
        "delete window.WebSocket; window.WebSocket = class { constructor() { throw new Error('blocked'); } };"
    )
    fan.page.clock.install()
    opened(fan, ground, rows)
    move_clock_until(fan.page, "globalThis.CricVerseLive?.state().via === 'polling'")
    api_hold(as_ben, ground, "A5")
    move_clock_until(
        fan.page, f"document.querySelector('[data-seat=\"{ground.seats['A5']}\"] .is-held')?.checkVisibility()"
    )
    expect(fan.page.locator("[data-map-live]")).to_have_text("Live, every few seconds")
    rows("delete from seat_claim")
    rows("update event set state = state where id = :e", e=ground.event)


@pytest.mark.parametrize("what", [r"/api/layouts/", r"/api/events/\d+/prices", r"/js/map/map\.js"])
def test_without_the_map_the_lists_work(phone, ground, rows, what):
    fan = phone()
    fan.context.route(re.compile(what), lambda route: route.abort())
    fan.page.goto(f"/book-tickets-enhanced/{ground.event}")
    expect(fan.page.get_by_text("The map did not come")).to_be_visible()
    fan.link("Cooper Stand", exact=True).tap()
    fan.link(re.compile("bay 14, gate C")).tap()
    fan.hold("A1", "A2")
    assert held_seats(rows, ground) == ["A1", "A2"]
    fan.context.unroute(re.compile(what))
    if "map" not in what:  # a module that failed once is not asked for again by the same page
        fan.context.unroute_all()
        fan.button("Try again").tap()
        fan.wait("document.querySelector('[data-map].has-map') !== null")


def test_the_map_by_keys_alone(phone, ground, rows):
    fan = phone(width=1280, height=900, has_touch=False, is_mobile=False)
    fan.open_map(ground.event, stand=stand_of(rows, ground.seats["A4"]))
    fan.tab_to(fan.page.locator(".map-canvas"))
    fan.press("ArrowRight", "Enter")
    said = lambda: fan.page.locator("[data-map-root] [aria-live]").inner_text().split(". Chosen")[0]  # noqa: E731
    first = said()
    # Where the next seat lies is told by the plan: in a stand at the side the row runs down the screen.
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        fan.press(key)
        if said() != first:
            break
    fan.press("Enter")
    expect(fan.page.get_by_text("2 seats chosen")).to_be_visible()
    fan.tab_to(fan.button("Hold these seats"))
    fan.press("Enter")
    fan.page.get_by_role("heading", name="2 seats held").wait_for()
    assert len(held_seats(rows, ground)) == 2 and fan.errors == []


def test_a_lonely_seat_is_refused_and_the_offer_taken(phone, ground, rows):
    rows("update event set guards_singles = true")
    fan = opened(phone(), ground, rows)
    fan.tap_seat(ground.seats["A2"])
    fan.tap_seat(ground.seats["A3"])
    fan.button("Hold these seats").tap()
    told = fan.page.get_by_role("alert")
    expect(told).to_be_visible()
    fan.wait_chosen(ground.ids("A2", "A3"))
    assert held_seats(rows, ground) == []
    fan.button("Take these instead").tap()
    fan.page.get_by_role("heading", name="2 seats held").wait_for()
    held = held_seats(rows, ground)
    assert len(held) == 2 and held != ["A2", "A3"]
    expect(fan.page.locator("[data-pick]")).to_be_hidden()


HUGE = """
with stands as (insert into stand (layout_id, code, name, position) select :l, 'S' || n, 'Stand ' || n, n
                                                                      from generate_series(1, 20) n returning id),
     levels as (insert into level (stand_id, name, position) select id, 'Lower', 1 from stands returning id, stand_id),
     bays as (insert into bay (level_id, gate_id, name, position) select id, :g, 'B' || n, n
                                                                    from levels, generate_series(1, 10) n returning id,
                                                                        level_id),
     lines as (insert into seat_row (bay_id, name, position) select id, 'R' || n, n
                                                               from bays, generate_series(1, 20) n returning id, bay_id)
insert into seat (layout_id, stand_id, row_id, number, position, band, quality)
select :l, levels.stand_id, lines.id, n::text, n, 'C', 500 from lines join bays on bays.id = bay_id
  join levels on levels.id = level_id, generate_series(1, 25) n"""


@pytest.fixture
def huge(rows, ground):
    """The match on a ground of 100,000 seats: (stand id, bay id, four seats of its first row)."""
    layout = rows.value(
        "insert into layout (stadium_id, version, seat_count) values (:s, 2, 100000) returning id", s=ground.stadium
    )
    rows(HUGE, l=layout, g=ground.gate)
    rows("update layout set published_at = now() where id = :l", l=layout)
    rows("update event set layout_id = :l where id = :e", l=layout, e=ground.event)
    found = rows(
        """select s.id, s.stand_id, r.bay_id from seat s join seat_row r on r.id = s.row_id
            where s.layout_id = :l and s.position < 5 order by s.stand_id, r.bay_id, r.position, s.position limit 4""",
        l=layout,
    )
    return found[0]["stand_id"], found[0]["bay_id"], [row["id"] for row in found]


def test_four_together_on_a_hundred_thousand_seats(phone, ground, rows, huge):
    stand, bay, seats = huge
    fan = phone()
    fan.open_map(ground.event, stand=stand, bay=bay)
    for seat in seats:
        fan.tap_seat(seat)
    fan.wait_chosen(seats)
    fan.button("Hold these seats").tap()
    fan.page.get_by_role("heading", name="4 seats held").wait_for()
    assert sorted(row["seat_id"] for row in rows("select seat_id from seat_claim")) == seats
    fan.link("Pay without parking").tap()
    fan.say_who()
    fan.pay(GOOD)
    fan.wait_for_tickets()
    assert fan.errors == []


@pytest.mark.parametrize("size", ["small", "largest"])
def test_a_match_is_found_by_filter_and_four_together_held_on_the_map(phone, ground, rows, size, request):
    if size == "largest":
        request.getfixturevalue("huge")
    fan = phone()
    fan.page.goto("/fixtures")
    fan.page.locator("[data-more] summary").tap()
    fan.page.get_by_label("Club").select_option("terns")
    fan.page.wait_for_url("**/fixtures?team=terns")
    fan.page.locator("[data-chip]").first.wait_for()
    fan.link(re.compile("Terns v .*Herons")).first.tap()
    fan.link("Choose seats").first.tap()
    fan.wait("document.querySelector('[data-map].has-map') !== null")
    for _ in range(2):
        fan.button("One seat more").tap()
    expect(fan.page.get_by_label("How many seats")).to_have_value("4")
    fan.button("Show the best seats").tap()
    fan.button("Hold these 4 seats").first.tap()
    fan.page.get_by_role("heading", name="4 seats held").wait_for()
    fan.still()
    # The map flew to what was found: all four are on the screen, ringed as mine, next to each other in one row.
    held = rows(
        "select c.seat_id, s.row_id, s.position from seat_claim c join seat s on s.id = c.seat_id order by s.position"
    )
    assert len({row["row_id"] for row in held}) == 1 and held[3]["position"] - held[0]["position"] == 3
    for row in held:
        assert fan.page.evaluate(POINT, row["seat_id"]), row
    fan.link("Pay without parking").tap()
    fan.say_who()
    fan.pay(GOOD)
    fan.wait_for_tickets()
    assert rows.value("select count(*) from ticket") == 4 and fan.errors == []


def test_an_offer_lights_up_on_the_map_and_is_held_as_it_was_shown(phone, ground, rows, as_ben):
    fan = phone()
    fan.open_map(ground.event)
    fan.page.get_by_label("Seats at A$102.25").check(force=True)
    # What the chip lights up on the map is what is offered.
    assert fan.page.evaluate("document.querySelector('[data-map-root]').map.model.filter.bands") == ["A"]
    fan.button("Show the best seats").tap()
    expect(fan.page.get_by_role("heading", name="The best 2 seats for you")).to_be_focused()
    offer = fan.page.locator("[data-offer]")
    offer.tap(position={"x": 20, "y": 20})
    fan.still()
    shown = [int(seat) for seat in offer.get_attribute("data-seats").split(",")]
    ringed = (
        "(({ ground, ringed }) => ringed.map((i) => ground.idAt(i)))(document.querySelector('[data-map-root]').map)"
    )
    assert fan.page.evaluate(ringed) == shown == ground.ids("P3", "P4")
    assert held_seats(rows, ground) == []
    # Somebody else takes one of them: the next ones take their place.
    assert api_hold(as_ben, ground, "P4").status == 201
    expect(offer).to_contain_text("Row P, seats 5 and 6")
    # The list beside stays with the whole ground, and the wish as it was.
    expect(fan.page.get_by_role("heading", name="Choose a stand")).to_be_visible()
    expect(fan.page.get_by_label("Where")).to_have_value("")
    fan.button(re.compile(r"^A\$204.50")).tap()
    expect(fan.page.get_by_text("2 tickets A$190.00")).to_be_visible()
    fan.press("Escape")
    fan.button("Hold these 2 seats").tap()
    expect(fan.page.get_by_role("heading", name="2 seats held")).to_be_visible()
    assert held_seats(rows, ground) == ["P4", "P5", "P6"] and fan.errors == []
    expect(fan.page.locator("[data-offer]")).to_have_count(0)
