"""Waiting for an event: reminded when its sale opens, and in line for seats that come back to one that is sold out."""

import re

import pytest

from booking import recovery
from database import call_one, in_transaction
from tests.support.acting import acting_as
from tests.support.holding import api_hold, held_seats, page_of
from tests.support.page import Browser
from tests.support.selling import paid_booking, start_payment
from waiting import lists

LINK = re.compile(r"/t/wait/[\w-]+")


@pytest.fixture
def full(rows, ground, cast):
    """Every seat of the final is taken: blocked, which is the shortest way."""
    rows(
        "insert into seat_claim (event_id, seat_id, state) select :e, id, 'blocked' from seat where layout_id = :l",
        e=ground.event,
        l=ground.layout,
    )
    return ground


@pytest.fixture
def serve(app):
    """A round of the jobs: holds whose time is over, then the lists."""

    def run():
        with app.app_context():
            recovery.sweep()
            return lists.serve()

    return run


@pytest.fixture
def back(rows, full):
    """These seats come back."""

    def come(*names):
        rows("delete from seat_claim where event_id = :e and seat_id = any (:s)", e=full.event, s=full.ids(*names))

    return come


def join_path(ground):
    return f"{page_of(ground)}/waiting"


def join(browser, ground, count=1, **more):
    """Join the list; a fan's place (its address), None for others."""
    answer = browser.post(join_path(ground), best_count=count, **more)
    assert answer.status == 303, answer.text
    return answer.location if answer.location.startswith("/t/") else None


def guest_place(browser, ground, mails, email, count=1, **more):
    """Join as a guest, whose place comes by mail."""
    assert join(browser, ground, count, email=email, **more) is None
    return LINK.search(mails(email)[-1]["text"])[0]


def offered(rows, ground):
    """[(state of the entry, its seats by name)] of all offers, in their order."""
    names = {seat_id: name for name, seat_id in ground.seats.items()}
    found = rows(
        "select w.mailbox, o.state, o.seats from waiting_offer o join waiting_entry w on w.id = o.entry_id "
        "order by o.id"
    )
    return [(r["mailbox"].partition("@")[0], r["state"], [names[s] for s in r["seats"]]) for r in found]


def run_out(rows):
    """The time of every open offer is over."""
    rows("update waiting_offer set ends_at = now() - interval '1 second' where state = 'open'")
    rows("""update booking set expires_at = now() - interval '1 second'
             where id in (select booking_id from waiting_offer where state = 'open')""")
    rows("""update seat_claim set expires_at = now() - interval '1 second'
             where booking_id in (select booking_id from waiting_offer where state = 'open')""")


def entry_states(rows):
    return [r["state"] for r in rows("select state from waiting_entry order by seq")]


def test_who_waits_is_offered_what_comes_back_takes_it_and_pays(
    full, as_asha, visitor, rows, back, serve, mails, sandbox
):
    asha = join(as_asha, full)
    assert "number 1 in the line" in as_asha.get(asha).text
    guest = guest_place(visitor, full, mails, "gus@example.org")
    assert "number 2 in the line" in visitor.get(guest).text
    assert serve() == 0

    back("A1")
    assert rows.value("select state from seat_claim where seat_id = :s", s=full.seats["A1"]) == "kept"
    assert api_hold(Browser(as_asha.client.application), full, "A1").status == 409  # nobody snatches it
    assert full.seats["A1"] in visitor.get(f"/api/events/{full.event}/seats?as=lists").json["held"]
    assert serve() == 1 and offered(rows, full) == [("asha", "open", ["A1"])]
    mail = mails("asha@example.org")[-1]
    assert mail["subject"].startswith("Seats for you until") and asha in mail["text"] and "A$52.90" in mail["text"]
    page = as_asha.get(asha)
    assert "There are seats for you" in page.text and "1 seat kept for you" in page.text
    assert "There are seats for you" not in visitor.get(guest).text
    mine = as_asha.get("/tickets").root.find("a", href=asha)
    assert mine is not None and "There are seats for you until" in mine.text
    assert serve() == 0  # nothing more to do

    paying = as_asha.post(f"{asha}/take", follow=True)
    assert "Pay for your seats" in paying.text
    assert rows.value("select customer_id from booking order by id limit 1") is not None
    booking = rows.value("select id from booking where customer_id = (select id from customer where name = 'Asha Rao')")
    started = start_payment(as_asha, booking)
    sandbox.pay(started["client_secret"])
    assert as_asha.api("GET", f"/api/payment-status/{started['payment_intent_id']}").json["state"] == "paid"
    assert "You took your seats" in as_asha.get(asha).text and "number 1" in visitor.get(guest).text
    assert as_asha.post(f"{asha}/take").status == 410
    assert [r["action"] for r in rows("select action from system_log where action like 'waiting%' order by id")] == [
        "waiting.offered",
        "waiting.taken",
    ]


def test_an_unanswered_offer_goes_to_the_next_and_a_second_one_ends_the_waiting(
    full, as_asha, as_ben, rows, back, serve, mails
):
    asha, ben = join(as_asha, full), join(as_ben, full)
    back("A1")
    serve()
    run_out(rows)
    assert "number 1 in the line" in as_asha.get(asha).text  # not swept yet, and no offer any more
    serve()
    assert offered(rows, full) == [("asha", "unanswered", ["A1"]), ("ben", "open", ["A1"])]
    assert "You left an offer unanswered" in as_asha.get(asha).text and entry_states(rows) == ["waiting", "offered"]
    back("A2")
    serve()
    assert offered(rows, full)[-1] == ("asha", "open", ["A2"])
    run_out(rows)
    serve()
    assert entry_states(rows)[0] == "left" and "there was no answer" in as_asha.get(asha).text
    assert "left the waiting list" in mails("asha@example.org")[-1]["subject"]
    # Ben's ran out, too: his first one, so A2 is offered to him now.
    assert offered(rows, full)[-1] == ("ben", "open", ["A2"]) and "There are seats for you" in as_ben.get(ben).text


def test_no_thanks_leads_on_to_the_next_and_keeps_the_place(full, as_asha, as_ben, rows, back, serve):
    asha, ben = join(as_asha, full), join(as_ben, full)
    back("A1")
    serve()
    assert "You keep your place" in as_asha.post(f"{asha}/decline", follow=True).text
    serve()
    assert offered(rows, full) == [("asha", "declined", ["A1"]), ("ben", "open", ["A1"])]
    back("A2")
    serve()
    assert offered(rows, full)[-1] == ("asha", "open", ["A2"])
    assert "Done." in as_asha.post(f"{asha}/leave", follow=True).text and "Wait again" in as_asha.get(asha).text
    as_ben.post(f"{ben}/leave")
    serve()
    # The list is served: what is left is on sale for everybody, and the list is none any more.
    assert rows("select 1 from seat_claim where state in ('kept', 'held')") == []
    assert rows.value("select listed_at from event where id = :e", e=full.event) is None
    assert api_hold(as_ben, full, "A1", "A2").status == 201


def test_what_nobody_in_line_wants_goes_on_sale_and_the_rest_stays_kept(full, as_asha, as_ben, rows, back, serve):
    """Asha waits for two side by side, Ben for a seat of the dearer band."""
    join(as_asha, full, 2, best_together="y")
    join(as_ben, full, 1, best_where="band-A")
    back("A1", "A3")
    serve()
    assert offered(rows, full) == []
    page = Browser(as_asha.client.application).get(page_of(full))
    assert "waiting list" in page.text and "2 of 22" in page.text  # on sale, and the page says who comes first
    assert api_hold(Browser(as_asha.client.application), full, "A3").status == 201
    back("A2", "P3")
    serve()
    assert sorted(offered(rows, full)) == [("asha", "open", ["A1", "A2"]), ("ben", "open", ["P3"])]


@pytest.mark.parametrize(
    ("wish", "seats", "fits"),
    [
        ({"count": 2, "best_together": "y"}, ("A1", "A3"), None),
        ({"count": 2}, ("A1", "B5"), ["A1", "B5"]),
        ({"count": 2, "best_together": "y"}, ("A1", "A2", "A3", "B7", "B8"), ["B7", "B8"]),  # leaves no single seat
        ({"count": 1, "best_where": "band-A"}, ("A1", "P4"), ["P4"]),
        ({"count": 1, "best_where": "most-5290"}, ("P4", "A1"), ["A1"]),
        ({"count": 1}, ("P1", "P2"), None),  # a wheelchair space and its companion's seat
    ],
)
def test_an_offer_fits_the_wish(full, as_asha, rows, back, serve, wish, seats, fits):
    join(as_asha, full, **wish)
    back(*seats)
    serve()
    assert [sorted(names) for _, _, names in offered(rows, full)] == ([fits] if fits else [])
    left = set(seats) - set(fits or ())
    assert rows.value("select count(*) from seat_claim where state = 'kept'") == 0
    assert rows.value("select 22 - count(*) from seat_claim where event_id = :e", e=full.event) == len(left)


def test_seats_come_back_by_every_way(ground, cast, as_asha, as_ben, as_omar, rows, serve, sandbox, home_page):
    """A refund, a hold that is given back, one line of it, one that lapses, and a block that is lifted."""
    paid = paid_booking(as_asha, ground, ["A1"], sandbox, name="Asha Rao", email="asha@example.org")
    held = api_hold(as_asha, ground, "A2", "A3").json
    other = api_hold(as_ben, ground, "A4").json
    rows(
        """insert into seat_claim (event_id, seat_id, state) select :e, id, 'blocked' from seat
            where layout_id = :l on conflict do nothing""",
        e=ground.event,
        l=ground.layout,
    )
    join(cast.browser("sunil"), ground, 8)  # whom none of it fits
    lines = [r["id"] for r in rows("select id from booking_line where booking_id = :b order by id", b=held["id"])]

    def kept():
        return rows.value("select count(*) from seat_claim where state = 'kept'")

    as_asha.post(f"/holds/{held['id']}/lines/{lines[0]}/release")
    assert kept() == 1
    as_asha.post(f"/holds/{held['id']}/release")
    assert kept() == 2
    rows("update booking set expires_at = now() - interval '1 minute' where id = :b", b=other["id"])
    rows("update seat_claim set expires_at = now() - interval '1 minute' where booking_id = :b", b=other["id"])
    assert api_hold(as_asha, ground, "A4").status == 409  # free, but not for who happens to look
    line = rows.value("select id from booking_line where booking_id = :b", b=paid["id"])
    assert as_asha.post(f"/tickets/{paid['id']}/refund", line=line).status == 303
    assert kept() == 3
    as_omar.post(f"{home_page}/seats/unblock", seat_id=ground.ids("A5"), bay="1")
    serve()
    assert kept() == 0 and rows.value("select 22 - count(*) from seat_claim where event_id = :e", e=ground.event) >= 4


def test_the_link_is_the_key_on_any_device_and_what_is_taken_and_not_paid_goes_to_the_next(
    full, app, visitor, as_asha, rows, back, serve, mails
):
    place = guest_place(visitor, full, mails, "gus@example.org")
    join(as_asha, full)
    back("A1")
    serve()
    rows("update event set state = 'stopped'")  # what is held may be paid, as with every hold
    phone = Browser(app)
    paying = phone.post(f"{place}/take")
    rows("update event set state = 'on_sale'")
    assert phone.get(paying.location).status == 200 and visitor.get(paying.location).status == 404
    assert "You took your seats" in phone.get(place).text
    rows("update booking set expires_at = now() - interval '1 minute'")
    rows("update seat_claim set expires_at = now() - interval '1 minute' where state = 'held'")
    serve()
    assert offered(rows, full) == [("gus", "taken", ["A1"]), ("asha", "open", ["A1"])]


def test_staff_may_block_what_is_kept_and_money_that_comes_late_still_has_its_seat(
    ground, cast, as_asha, as_ben, as_omar, rows, sandbox, home_page, app
):
    held = api_hold(as_asha, ground, "A1").json
    started = start_payment(as_asha, held["id"])
    sandbox.pay(started["client_secret"])
    rows(
        """insert into seat_claim (event_id, seat_id, state) select :e, id, 'blocked' from seat
            where layout_id = :l on conflict do nothing""",
        e=ground.event,
        l=ground.layout,
    )
    join(as_ben, ground)
    rows("delete from seat_claim where seat_id = any (:s)", s=ground.ids("A1", "A2"))
    assert rows.value("select count(*) from seat_claim where state = 'kept'") == 2
    with acting_as(app, cast, "omar"):
        blocked = in_transaction(call_one, "app.block_seats", ground.event, ground.ids("A2"))
    assert blocked.blocked == ground.ids("A2")
    assert as_asha.api("GET", f"/api/payment-status/{started['payment_intent_id']}").json["state"] == "paid"
    assert rows.value("select state from seat_claim where seat_id = :s", s=ground.seats["A1"]) == "sold"


@pytest.mark.parametrize(
    ("change", "words"),
    [("state = 'on_sale'", "Join the waiting list"), ("sale_starts_at = now() + interval '1 hour'", "Remind me")],
)
def test_lists_and_the_match_lead_there(full, visitor, rows, change, words):
    rows(f"update event set {change} where id = :e", e=full.event)
    for path in ("/fixtures", f"/matches/{full.match}"):
        link = visitor.get(path).root.find("a", href=join_path(full))
        assert link is not None and link.text == words, path
    assert words in visitor.get(page_of(full)).text


def test_a_sale_that_is_stopped_offers_nothing_and_one_that_is_over_ends_the_list(
    full, as_asha, rows, back, serve, mails
):
    asha = join(as_asha, full)
    back("A1")
    rows("update event set sale_starts_at = now() + interval '1 hour'")  # moved, after all
    serve()
    rows("update event set sale_starts_at = now() - interval '1 hour', state = 'stopped'")
    serve()
    assert offered(rows, full) == [] and "stopped the sale for now" in as_asha.get(asha).text
    assert rows.value("select count(*) from seat_claim where state = 'kept'") == 1
    rows("update event set state = 'on_sale'")
    serve()
    assert offered(rows, full) == [("asha", "open", ["A1"])]
    rows("update event set state = 'cancelled'")
    assert as_asha.post(f"{asha}/take").status == 409
    serve()
    assert entry_states(rows) == ["over"] and offered(rows, full)[-1][1] == "over"
    assert "cancelled" in as_asha.get(asha).text and held_seats(rows, full) == []
    assert rows("select 1 from seat_claim where state = 'kept'") == []


def test_one_place_for_a_person_and_the_same_answer_for_every_address(full, as_asha, app, rows, mails):
    assert join(as_asha, full) == join(as_asha, full, 3)  # the first wish stands
    first, second = Browser(app), Browser(app)
    link = guest_place(first, full, mails, "gus@example.org")
    again = second.post(join_path(full), best_count=2, email="Gus+tag@example.org")
    new = second.post(join_path(full), best_count=2, email="mia@example.org")
    assert (again.status, again.location) == (new.status, new.location) and "/t/" not in new.location
    assert rows.value("select count(*) from waiting_entry") == 3
    assert rows.value("select seats from waiting_entry where mailbox = 'gus@example.org'") == 1
    assert mails("Gus+tag@example.org") == [] and link in mails("gus@example.org")[-1]["text"]
    assert first.get(f"{link[:-1]}x").status == 404


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"best_count": "0", "email": "gus@example.org"}, 422, "one to 8 seats"),
        ({"best_count": "9", "email": "gus@example.org"}, 422, "one to 8 seats"),
        ({"best_count": "x", "email": "gus@example.org"}, 422, "integer"),
        ({"best_count": "2", "email": "nobody"}, 422, "look like an e-mail"),
        ({"best_count": "2"}, 422, "where to write"),
        ({"best_count": "1", "best_where": "band-Z", "email": "gus@example.org"}, 422, "valid choice"),
    ],
)
def test_a_form_that_is_wrong_says_so_at_its_field(full, visitor, rows, fields, status, words):
    page = visitor.post(join_path(full), **fields)
    assert page.status == status and words in page.text and page.root.find(aria_invalid="true") is not None
    assert rows("select 1 from waiting_entry") == []


def test_who_finds_seats_need_not_wait_and_limits_hold(ground, full, as_asha, app, rows, back, serve, mails):
    back("A1")
    page = as_asha.post(join_path(full), best_count=1)
    assert page.status == 409 and "on sale just now" in page.text
    rows("update event set buyer_limit = 2")
    join(as_asha, full, 2, best_together="y")
    assert api_hold(as_asha, full, "A1").status == 201
    back("A2", "A3")
    serve()
    asha = rows.value("select state from waiting_entry")
    assert asha == "offered"
    place = LINK.search(mails("asha@example.org")[-1]["text"])[0]
    page = as_asha.post(f"{place}/take")
    assert page.status == 409 and "One buyer can have 2 seats" in page.text and "There are seats for you" in page.text


def test_an_offer_joins_the_hold_that_one_has(full, as_asha, app, rows, back, serve, mails):
    place = join(as_asha, full, 1, best_where="band-C")
    back("A2")
    rows("update seat_claim set state = 'blocked' where state = 'kept'")  # something else of theirs
    rows("delete from seat_claim where seat_id = :s", s=full.seats["P4"])
    serve()
    held = api_hold(as_asha, full, "P4").json
    back("A3")
    serve()
    answer = as_asha.post(f"{place}/take")
    assert answer.location == f"/bookings/{held['id']}/pay" and held_seats(rows, full) == ["A3", "P4"]
    assert rows.value("select count(*) from booking where state = 'held'") == 1


def test_a_network_without_accounts_has_few_places_in_one_line(full, app, rows, as_asha):
    for n in range(10):
        join(Browser(app), full, email=f"bot{n}@example.org")
    page = Browser(app).post(join_path(full), best_count=1, email="bot10@example.org")
    assert page.status == 429 and "from your network" in page.text
    assert join(as_asha, full)
    rows("update waiting_entry set created_at = now() - interval '3 hours'")
    with app.app_context():
        recovery.sweep()
    assert rows("select 1 from waiting_entry where address_key is not null") == []


# --- the sale that has not opened -----------------------------------------------------------------


@pytest.fixture
def not_yet(rows, ground, cast):
    rows("update event set sale_starts_at = now() + interval '1 hour'")
    return ground


def test_a_reminder_comes_once_when_the_sale_really_opens(not_yet, as_asha, visitor, rows, serve, mails):
    assert visitor.post(join_path(not_yet), email="gus@example.org").location.endswith("?sent=opening")
    page = as_asha.get(page_of(not_yet))
    assert "Remind me" in page.text and page.root.find("input", name="email") is None  # one tap
    place = as_asha.post(join_path(not_yet)).location
    assert "You wait for the sale to open" in as_asha.get(place).text
    rows("update event set sale_starts_at = now() + interval '2 hours'")  # moved
    serve()
    assert mails("gus@example.org") == []
    rows("update event set sale_starts_at = now() - interval '1 second'")
    serve()
    serve()
    for address in ("gus@example.org", "asha@example.org"):
        (mail,) = mails(address)
        assert mail["subject"] == "The sale is open: Terns v Herons" and page_of(not_yet) in mail["text"]
    assert "The sale is open" in as_asha.get(place).text and entry_states(rows) == ["told", "told"]
    assert "There are seats on sale" in visitor.get(join_path(not_yet)).text  # nothing to be reminded of any more


def test_a_reminder_is_dropped_where_nothing_is_sold_or_nobody_wants_it(not_yet, as_asha, as_ben, rows, serve, mails):
    asha, ben = as_asha.post(join_path(not_yet)).location, as_ben.post(join_path(not_yet)).location
    as_ben.post(f"{ben}/leave")
    rows("update event set state = 'cancelled'")
    serve()
    assert entry_states(rows) == ["over", "left"] and mails("asha@example.org") == mails("ben@example.org") == []
    assert "nothing to wait for any more" in as_asha.get(asha).text


def test_there_is_nothing_to_wait_for_where_nothing_is_sold(ground, visitor, rows):
    rows("update event set state = 'stopped'")
    assert "nothing to wait for" in visitor.get(join_path(ground)).text
    assert visitor.post(join_path(ground), best_count=1, email="gus@example.org").status == 200
    assert visitor.get("/book-tickets-enhanced/987654/waiting").status == 404


def test_the_ground_sees_how_many_wait(full, app, cast, as_asha, as_ben, as_omar, back, serve, home_page):
    assert "wait for seats" not in as_omar.get(home_page).text
    join(as_asha, full)
    join(as_ben, full)
    back("A1")
    serve()
    said = as_omar.get(home_page).text
    assert "1 waits for seats" in said and "1 has an offer" in said and "asha@" not in said
    for who in ("petra", "grace", "asha"):  # another ground's owner, who runs the gates, a fan
        with acting_as(app, cast, who):
            assert lists.find_counts(full.event) is None
