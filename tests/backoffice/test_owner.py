"""The owner's pages: omar sees his sales and acts on them, petra and asha find nothing there, and every sum is the sum
of its rows.
"""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import event as sqlalchemy_event

from seating.typed import TypedPlace, read_numbers, read_place
from tests.support.browser import Visitor, chromium, serving
from tests.support.owning import CONTACT, board, cell, give_back, kept, lines_of, minor, parked
from tests.support.selling import hold, paid_booking, start_payment
from views.owner import log_words, takings

# --- who may ----------------------------------------------------------------------------------------------------------

GETS = ("", "/sale", "/cancel", "/seats", "/bookings/{b}", "/bookings/{b}/refund?all=1")
POSTS = (
    ("/sale", {"state": "stopped"}),
    ("/cancel", {"name": "Terns v Herons"}),
    ("/seats/block", {"place": "Cooper Stand bay 14 row B"}),
    ("/seats/unblock", {"place": "Cooper Stand bay 14 row B"}),
    ("/bookings/{b}/refund", {"line": "1", "amount": "1"}),
    ("/bookings/{b}/resend", {}),
)


def all_rows(rows):
    tables = (
        "event",
        "booking",
        "booking_line",
        "seat_claim",
        "ticket",
        "refund",
        "refund_line",
        "system_log",
        "notification",
    )
    return {t: rows(f"select * from {t} order by 1, 2") for t in tables}


@pytest.mark.parametrize("who", ["petra", "asha", "ada"])
def test_others_find_nothing_and_change_nothing(cast, rows, sold, home_page, who):
    browser, before = cast.browser(who), all_rows(rows)
    for path in GETS:
        assert browser.get(home_page + path.format(b=sold["id"])).status == 404, path
    for path, fields in POSTS:
        assert browser.post(home_page + path.format(b=sold["id"]), **fields).status == 404, path
    assert all_rows(rows) == before


@pytest.mark.parametrize("who", ["petra", "asha", "ada"])
def test_others_find_nothing_of_the_parking_and_change_nothing(cast, as_asha, rows, ground, sandbox, parking_page, who):
    bay = parked(as_asha, rows, ground, sandbox)
    browser, before = cast.browser(who), all_rows(rows)
    for path in ("", "/{b}", "/{b}/refund?all=1"):
        assert browser.get(parking_page + path.format(b=bay["id"])).status == 404, path
    (line,) = lines_of(rows, bay)
    assert browser.post(f"{parking_page}/{bay['id']}/refund", line=[line["id"]], amount=line["total"]).status == 404
    assert browser.post(f"{parking_page}/{bay['id']}/resend").status == 404
    assert all_rows(rows) == before


def test_a_booking_has_its_page_in_one_place(
    as_omar, as_petra, as_asha, rows, ground, sandbox, sold, home_page, parking_page
):
    bay = parked(as_asha, rows, ground, sandbox)
    assert (
        as_omar.get(f"{parking_page}/{bay['id']}").status
        == as_omar.get(f"{home_page}/bookings/{sold['id']}").status
        == 200
    )
    assert (
        as_omar.get(f"{parking_page}/{sold['id']}").status
        == as_omar.get(f"{home_page}/bookings/{bay['id']}").status
        == 404
    )
    assert as_petra.get("/owner/grounds/moor/parking").status == 200
    for path in ("/owner/grounds/moor/parking", f"/owner/events/{ground.other_event}/bookings"):
        assert as_petra.get(f"{path}/{bay['id']}").status == 404
        assert as_petra.post(f"{path}/{bay['id']}/refund", line="1", amount="1").status == 404


def test_a_booking_is_not_found_under_another_event(as_petra, rows, ground, sold):
    other = f"/owner/events/{ground.other_event}"
    assert as_petra.get(other).status == 200
    assert as_petra.get(f"{other}/bookings/{sold['id']}").status == 404
    assert as_petra.post(f"{other}/bookings/{sold['id']}/refund", line="1", amount="1").status == 404


def test_nobody_signs_in_first(visitor, ground, home_page):
    for path in ("/owner", home_page, "/owner/grounds/lanternside/parking"):
        page = visitor.get(path)
        assert page.status == 303 and "/sign-in" in page.location
    assert visitor.post(f"{home_page}/sale", state="stopped").status == 401


def test_numbers_out_of_range_are_not_found(as_omar, home_page):
    park = "/owner/grounds/lanternside/parking"
    for path in (
        "/owner/events/99999999999",
        f"{home_page}/bookings/99999999999999999999",
        "/owner/events/0",
        f"{park}/99999999999999999999",
    ):
        assert as_omar.get(path).status == 404
    for day in ("tomorrow", "0001-01-01", "9999-12-31", "2026-02-30"):
        assert as_omar.get(f"{park}?day={day}&page=-1").status == 200
    assert as_omar.get(f"{home_page}?page=99999999999999&state=nonsense").status == 200
    assert as_omar.get(f"{home_page}/seats?stand=99999999999&bay=99999999999").status == 200


# --- what the page says -----------------------------------------------------------------------------------------------


def test_an_event_without_sales_says_so(as_omar, home_page):
    page = as_omar.get(home_page)
    assert "Nothing is sold yet" in page.text and "No bookings yet" in page.text
    assert board(page) == {"Sold": "0", "Being bought": "0", "Left": "22", "Takings": "A$0.00"}


def test_the_sums_on_the_page_are_the_sums_of_the_rows(
    as_omar, as_ben, as_asha, rows, ground, sandbox, sold, home_page
):
    first, second, third = lines_of(rows, sold)
    assert give_back(as_omar, home_page, sold, [second]).status == 303
    paid_booking(as_ben, ground, ["P3", "P4", "B1"], sandbox, name="Ben Okafor", email="ben@example.org")
    again = paid_booking(as_asha, ground, ["B8"], sandbox, **CONTACT)
    assert give_back(as_omar, home_page, again, lines_of(rows, again)).status == 303
    hold(as_ben, ground.event, ground.ids("B3", "B4"))
    as_omar.post(f"{home_page}/seats/block", place="Pavilion bay 14 row P 5-6")

    page = as_omar.get(home_page)
    net = rows.value("select sum(captured) from payment_transaction") - rows.value("select sum(amount) from refund")
    tickets = rows.value("select count(*) from ticket where status = 'valid'")
    assert tickets == 5
    shown = board(page)
    assert (shown["Sold"], shown["Being bought"], shown["Left"]) == ("5", "2", str(22 - 5 - 2 - 2))
    assert minor(shown["Takings"]) == net

    parts = {name: cell(page, "Seats by stand", name) for name in ("Cooper Stand", "Pavilion", "All stands")}
    for n in (0, 2, 3, 4, 5):  # sold, being bought, blocked, left, takings
        assert minor(parts["Cooper Stand"][n]) + minor(parts["Pavilion"][n]) == minor(parts["All stands"][n])
    assert minor(parts["All stands"][5]) == net
    by_stand = {
        r["name"]: r["n"]
        for r in rows(
            """select st.name, sum(l.total) - coalesce(sum(rl.amount), 0) as n from booking_line l
                 join seat s on s.id = l.seat_id
                 join stand st on st.id = s.stand_id join booking b on b.id = l.booking_id
                 left join refund_line rl on rl.line_id = l.id
                where b.paid_at is not null group by 1"""
        )
    }
    assert {name: minor(parts[name][5]) for name in by_stand} == by_stand

    money = {
        r.find("th").text: minor(r.find_all("td")[-1].text)
        for r in page.root.find("section", aria_labelledby="mo-h").find("table").find_all("tr")[1:]
    }
    assert money["Tickets"] + money["Booking fees"] + money["Parking"] + money["Refunds"] == money["Takings"] == net
    assert -money["Refunds"] == rows.value("select sum(amount) from refund")
    tax = rows.value(
        """select sum(l.tax) from booking_line l join booking b on b.id = l.booking_id
            where b.paid_at is not null and l.id not in (select line_id from refund_line)"""
    )
    said = re.search(r"Of which GST (A\$[\d,.]+\d)", page.text)
    assert minor(said[1]) == tax

    listed = as_omar.get("/owner")
    assert minor(cell(listed, "Coming matches", "Terns v Herons")[-1]) == net
    assert kept(sandbox) == net


def test_parking_is_counted_by_car_park(as_omar, as_asha, rows, ground, sandbox, home_page):
    held = hold(as_asha, ground.event, ground.ids("A5"))
    token = rows.value(
        "select encode(id_hash, 'hex') from login_session where customer_id = (select customer_id from booking "
        "where id = :b)",
        b=held["id"],
    )
    with rows.engine.begin() as connection:
        connection.exec_driver_sql("select * from app.begin(decode(%s, 'hex'))", (token,))
        connection.exec_driver_sql(
            """select * from app.hold_parking(%s, 'standard', %s, now() + interval '3 days',
                                              now() + interval '3 days 3 hours', 'AB 12')""",
            (ground.car_park, ground.event),
        )
    started = start_payment(as_asha, held["id"], **CONTACT)
    sandbox.pay(started["client_secret"])
    assert as_asha.api("GET", f"/api/payment-status/{started['payment_intent_id']}").json["state"] == "paid"
    page = as_omar.get(home_page)
    assert "1 car is coming" in page.text and "1 of 3, A$25.00" in page.text
    line = rows.one("select id, total from booking_line where kind = 'parking'")
    assert give_back(as_omar, home_page, held, [line]).status == 303
    assert "0 cars are coming" in as_omar.get(home_page).text
    assert rows.value("select count(*) from parking_claim") == 0
    assert rows.value("select status from ticket") == "valid"


def test_the_page_asks_few_questions(app, as_omar, as_asha, rows, ground, sandbox, sold, home_page, parking_page):
    def statements(path):
        asked = []

        def note(conn, cursor, statement, parameters, context, executemany):
            asked.append(statement)

        with app.app_context():
            from extensions import db

            engine = db.engine
        sqlalchemy_event.listen(engine, "before_cursor_execute", note)
        try:
            assert as_omar.get(path).status == 200
        finally:
            sqlalchemy_event.remove(engine, "before_cursor_execute", note)
        return len(asked)

    before = statements(home_page)
    assert before <= 8
    for seat in ("B1", "B2", "B3"):
        paid_booking(as_asha, ground, [seat], sandbox, **CONTACT)
    assert statements(home_page) == before, "more bookings, more questions"
    assert statements("/owner") <= 5
    bay = parked(as_asha, rows, ground, sandbox)
    few = statements(parking_page)
    assert (
        few <= 8
        and statements(f"{parking_page}/{bay['id']}") <= 8
        and statements(f"{parking_page}/{bay['id']}/refund?all=1") <= 8
    )
    parked(as_asha, rows, ground, sandbox, start=14)
    assert statements(parking_page) == few, "more bookings, more questions"
    assert statements(f"{home_page}/bookings/{sold['id']}") <= 8


# --- finding ----------------------------------------------------------------------------------------------------------


def test_bookings_are_found_by_reference_name_mail_and_seat(as_omar, as_ben, ground, sandbox, sold, home_page):
    other = paid_booking(as_ben, ground, ["P3"], sandbox, name="Ben 100%_Okafor", email="ben@example.org")

    def found(words, **more):
        page = as_omar.get(home_page, query_string={"q": words, **more})
        region = page.root.find("div", aria_label="Bookings")
        return {r for r in (sold["reference"], other["reference"]) if region is not None and r in region.text}

    both, hers, his = {sold["reference"], other["reference"]}, {sold["reference"]}, {other["reference"]}
    assert found("") == both
    assert found(sold["reference"]) == hers and found(sold["reference"].lower()) == hers
    assert found("asha") == hers and found("BEN@example") == his and found("100%_") == his and found("%") == his
    assert found("Cooper Stand, bay 14 row A 2") == hers and found("pavilion bay 14 row p 1-4") == his
    assert found("Pavilion bay 14 row P 5") == set()
    assert found("nobody of that name") == set()
    assert found("", state="refunded") == set() and found("", state="all") == both
    assert (
        "There is a bay 14 in Cooper Stand and in Pavilion" in as_omar.get(home_page, query_string={"q": "bay 14"}).text
    )


def test_long_lists_have_pages(as_omar, rows, ground, home_page, cast):
    rows(
        """insert into booking (reference, customer_id, stadium_id, event_id, state, currency, face, fee, tax, total,
                                held_at, expires_at, closed_at)
           select 'REF' || lpad(n::text, 5, '0'), :c, :s, :e, 'expired', 'AUD', 0, 0, 0, 0, now(), now(), now()
             from generate_series(1, 60) n""",
        c=cast.ids["asha"],
        s=ground.stadium,
        e=ground.event,
    )
    page = as_omar.get(f"{home_page}?state=ended")
    assert (
        "60 bookings" in page.text
        and "Page 1 of 3" in page.text
        and "REF00060" in page.text
        and "REF00035" not in page.text
    )
    assert "REF00010" in as_omar.get(f"{home_page}?state=ended&page=3").text


# --- money back -------------------------------------------------------------------------------------------------------


def test_one_of_three_tickets_is_given_back(as_omar, as_ben, rows, ground, sandbox, sold, home_page):
    line = lines_of(rows, sold)[1]
    asked = as_omar.get(f"{home_page}/bookings/{sold['id']}/refund?line={line['id']}")
    assert asked.status == 200 and "A$52.90" in asked.root.find("h1").text
    assert line["total"] == 5290
    page = as_omar.post(
        f"{home_page}/bookings/{sold['id']}/refund",
        follow=True,
        line=[line["id"]],
        amount=line["total"],
        note="A broken seat",
    )
    assert "A$52.90 goes back" in page.text and "2 of 3 still good" in page.text and "A broken seat" in page.text

    assert rows.value("select status from ticket where line_id = :l", l=line["id"]) == "void"
    assert rows.value("select count(*) from ticket where status = 'valid'") == 2
    refund = rows.one("select * from refund")
    assert (refund["amount"], refund["state"], refund["reason"], refund["note"]) == (
        5290,
        "succeeded",
        "staff",
        "A broken seat",
    )
    assert sandbox.stripe_client().v1.refunds.retrieve(refund["stripe_refund_id"]).amount == 5290
    back = [(e["amount"], e["idempotency_key"]) for e in sandbox.ledger(sold["intent"]) if e["kind"] == "refunded"]
    assert back == [(5290, refund["idempotency_key"])] and kept(sandbox, sold["intent"]) == sold["total"] - 5290
    taken = as_ben.api("GET", f"/api/events/{ground.event}/seats?as=lists").json["taken"]
    assert line["seat_id"] not in taken and set(taken) == set(sold["seat_ids"]) - {line["seat_id"]}
    hold(as_ben, ground.event, [line["seat_id"]])
    assert (
        rows.value(
            "select count(*) from system_log where action = 'refund.requested' and object_id = :b", b=str(sold["id"])
        )
        == 1
    )

    again = give_back(as_omar, home_page, sold, [line])
    assert again.status == 409 and rows.value("select count(*) from refund") == 1


def test_a_booking_is_given_back_whole_once(as_omar, rows, sandbox, sold, home_page):
    asked = as_omar.get(f"{home_page}/bookings/{sold['id']}/refund?all=1")
    assert "A$158.70" in asked.root.find("h1").text
    assert give_back(as_omar, home_page, sold, lines_of(rows, sold)).status == 303
    assert rows.value("select state from booking") == "refunded"
    assert rows.value("select sum(amount) from refund") == sold["total"]
    page = as_omar.get(f"{home_page}/bookings/{sold['id']}")
    assert "0 of 3 still good" in page.text and not page.root.find_all("input", name="line")


def test_a_refund_says_what_is_wrong(as_omar, rows, sold, home_page):
    line = lines_of(rows, sold)[0]
    path = f"{home_page}/bookings/{sold['id']}/refund"
    assert as_omar.get(path).status == 422
    assert as_omar.post(path).status == 422
    assert as_omar.post(path, line=[line["id"]], amount=1).status == 409
    assert as_omar.post(path, line=[line["id"], 10**12], amount=line["total"]).status == 409
    page = as_omar.post(path, line=[line["id"]], amount=line["total"], note="x" * 501)
    assert page.status == 422 and "under 500" in page.text and "x" * 501 in page.html
    assert rows("select id from refund") == []


def test_a_failed_refund_is_loud(as_omar, rows, sold, home_page):
    lines = lines_of(rows, sold)
    give_back(as_omar, home_page, sold, lines[:1])
    rows("update refund set state = 'failed', error = 'expired_or_canceled_card'")
    page = as_omar.get(home_page)
    assert "1 refund did not get through: A$52.90 is still with you" in page.text
    assert minor(board(page)["Takings"]) == sold["total"], "what did not go back is still there"
    assert sold["reference"] in as_omar.get(f"{home_page}?state=failed").text
    detail = as_omar.get(f"{home_page}/bookings/{sold['id']}")
    assert "A refund of A$52.90 did not get through" in detail.text and "expired or canceled card" in detail.text


def test_a_dispute_is_shown(as_omar, rows, sold, home_page):
    with rows.engine.begin() as connection:
        connection.exec_driver_sql("select * from app.mark_dispute(%s, true, 'dp_1')", (sold["intent"],))
    assert "1 booking is disputed by the cardholder" in as_omar.get(home_page).text
    detail = as_omar.get(f"{home_page}/bookings/{sold['id']}")
    assert "The cardholder disputes this payment" in detail.text


def test_tickets_are_sent_again(as_omar, rows, sold, home_page):
    rows("update notification set dedupe_key = 'before:' || id")
    page = as_omar.post(f"{home_page}/bookings/{sold['id']}/resend", follow=True)
    assert "on their way to asha@example.org" in page.text
    assert rows.value("select count(*) from notification where template = 'tickets'") == 2
    give_back(as_omar, home_page, sold, lines_of(rows, sold))
    assert as_omar.post(f"{home_page}/bookings/{sold['id']}/resend").status == 409


# --- the sale ---------------------------------------------------------------------------------------------------------


def test_a_stopped_sale_refuses_buyers_and_goes_on_again(as_omar, as_ben, rows, ground, home_page):
    assert "Stop the sale of Terns v Herons?" in as_omar.get(f"{home_page}/sale").text
    page = as_omar.post(f"{home_page}/sale", follow=True, state="stopped")
    assert "The sale is stopped" in page.text
    refused = as_ben.api("POST", f"/api/events/{ground.event}/hold", {"seat_ids": ground.ids("A1")})
    assert refused.status == 409 and refused.json["error"]["code"] == "SALE_STOPPED"
    assert rows.value("select count(*) from seat_claim") == 0
    assert "Sell again Terns v Herons?" in as_omar.get(f"{home_page}/sale").text
    as_omar.post(f"{home_page}/sale", follow=True, state="on_sale")
    hold(as_ben, ground.event, ground.ids("A1"))
    assert [r["action"] for r in rows("select action from system_log where object_type = 'event' order by id")] == [
        "sale.stopped",
        "sale.resumed",
    ]


def test_a_match_is_cancelled_only_by_its_name(as_omar, rows, ground, sold, home_page):
    page = as_omar.post(f"{home_page}/cancel", name="Terns", note="Flood")
    assert page.status == 422 and "Nothing was cancelled" in page.text and "Flood" in page.html
    assert page.root.find("title").text.startswith("Error: ")
    assert rows.value("select state from event where id = :e", e=ground.event) == "on_sale"
    page = as_omar.post(f"{home_page}/cancel", follow=True, name=" terns  V herons ", note="Flood")
    assert "1 booking is still to be refunded" in page.text
    assert rows.value("select state from event where id = :e", e=ground.event) == "cancelled"
    refused = as_omar.post(f"{home_page}/sale", state="on_sale")
    assert refused.status == 409 and "cancelled" in refused.text


# --- seats off sale ---------------------------------------------------------------------------------------------------


def test_seats_are_blocked_by_words_and_named_when_they_are_not_free(
    as_omar, as_asha, as_ben, rows, ground, sold, home_page
):
    hold(as_ben, ground.event, ground.ids("A5"))
    page = as_omar.post(f"{home_page}/seats/block", follow=True, place="Cooper Stand, bay 14, row A, seats 3-6")
    assert "2 seats are off sale: Cooper Stand, bay 14, row A, seats 4 and 6." in page.text
    assert "seat 3 is sold" in page.text and "seat 5 is being chosen by somebody" in page.text
    blocked = {r["seat_id"] for r in rows("select seat_id from seat_claim where state = 'blocked'")}
    assert blocked == set(ground.ids("A4", "A6"))
    refused = as_asha.api("POST", f"/api/events/{ground.event}/hold", {"seat_ids": ground.ids("A4")})
    assert refused.status == 409 and refused.json["error"]["code"] == "SEATS_TAKEN"
    page = as_omar.post(f"{home_page}/seats/unblock", follow=True, place="Cooper Stand bay 14 row A 3 to 6")
    assert "2 seats are back on sale" in page.text and "2 of the seats were not blocked" in page.text
    assert rows.value("select state from seat_claim where seat_id = :s", s=ground.seats["A3"]) == "sold"
    hold(as_asha, ground.event, ground.ids("A4"))


def test_seats_are_blocked_from_the_list(as_omar, rows, ground, sold, home_page):
    stand = rows.value("select stand_id from seat where id = :s", s=ground.seats["A1"])
    bay = rows.value(
        "select r.bay_id from seat s join seat_row r on r.id = s.row_id where s.id = :s", s=ground.seats["A1"]
    )
    page = as_omar.get(f"{home_page}/seats?stand={stand}&bay={bay}")
    boxes = {int(b.attrs["value"]): "disabled" in b.attrs for b in page.root.find_all("input", name="seat_id")}
    assert len(boxes) == 16 and {s for s, off in boxes.items() if off} == set(sold["seat_ids"])
    page = as_omar.post(f"{home_page}/seats/block", follow=True, seat_id=ground.ids("B1", "B2"), stand=stand, bay=bay)
    assert "2 seats are off sale" in page.text and page.root.find("h1").text == "Cooper Stand, bay 14"
    assert rows.value("select count(*) from seat_claim where state = 'blocked'") == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "Tick the seats"),
        ("somewhere nice", "Write the place like this"),
        ("bay 14", "Say which"),
        ("bay 99", "There is no bay 99"),
        ("Pavilion bay 14 row P 5-9", "There are no seats 7, 8, 9"),
        ("Pavilion bay 14 row P 9-5", "not a run of seats"),
        ("Pavilion bay 14 row P 1;drop", "There is no seat drop"),
    ],
)
def test_a_place_that_is_not_understood_is_said(as_omar, rows, home_page, words, sentence):
    page = as_omar.post(f"{home_page}/seats/block", place=words)
    assert page.status == 422 and sentence in page.text
    assert rows("select seat_id from seat_claim") == []


def test_seats_of_another_ground_are_not_blocked(as_omar, rows, ground, home_page):
    page = as_omar.post(f"{home_page}/seats/block", follow=True, seat_id=list(ground.other_seats.values()))
    assert "not at this ground" in page.text and rows("select seat_id from seat_claim") == []


# --- in a browser ---------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_owner_gives_one_of_three_back_and_stops_the_sale(
    app, as_omar, as_ben, rows, ground, sandbox, sold, scripts
):
    with serving(app) as url, chromium() as browser:
        omar = Visitor(browser, url, width=1280, java_script_enabled=scripts).be(as_omar)
        page = omar.page
        page.goto("/owner")
        page.get_by_role("link", name="Terns v Herons", exact=True).click()
        page.get_by_label("Reference, name, e-mail or seat").fill("Cooper Stand bay 14 row A 2")
        page.get_by_role("button", name="Find").click()
        page.get_by_role("link", name=sold["reference"]).click()
        page.get_by_label("Give back Cooper Stand, bay 14, row A, seat 2").check()
        if scripts:
            expect(page.locator("[data-refund-total]")).to_have_text("1 ticked, A$52.90")
        page.get_by_role("button", name="Give back A$52.90" if scripts else "Give the ticked ones back").click()
        page.get_by_label("Why, for your own records").fill("A broken seat")
        page.get_by_role("button", name="Give back A$52.90").click()
        expect(page.get_by_text("2 of 3 still good")).to_be_visible()
        expect(page.get_by_text("A$52.90 goes back")).to_be_visible()

        page.get_by_role("link", name="Terns v Herons", exact=True).click()
        page.get_by_role("link", name="Stop the sale").click()
        page.get_by_role("button", name="Stop the sale").click()
        expect(page.get_by_text("The sale is stopped. Nobody can begin to buy.")).to_be_visible()

        page.get_by_role("link", name="Block or unblock seats").click()
        page.get_by_role("link", name="Cooper Stand").click()
        page.get_by_role("link", name="Bay 14").click()
        if scripts:
            page.get_by_role("button", name="Whole row B").click()
            expect(page.get_by_text("8 seats ticked")).to_be_visible()
        else:
            page.get_by_role("group", name="Row B").get_by_label("3, on sale").check()
        page.get_by_role("button", name="Take the ticked seats off sale").click()
        expect(page.get_by_text(f"{'8 seats are' if scripts else '1 seat is'} off sale")).to_be_visible()
        assert omar.errors == []
        omar.close()
    assert rows.value("select amount from refund") == 5290 == sold["total"] - kept(sandbox, sold["intent"])
    assert (
        as_ben.api("POST", f"/api/events/{ground.event}/hold", {"seat_ids": ground.ids("A2")}).json["error"]["code"]
        == "SALE_STOPPED"
    )


# --- words ------------------------------------------------------------------------------------------------------------


def test_places_are_read():
    assert read_place("Bay 14 row M 9-12") == TypedPlace(None, "14", "M", ("9", "10", "11", "12"))
    assert read_place("pavilion, bay 2b, row AA, seats 1, 3 and 5") == TypedPlace(
        "pavilion", "2b", "AA", ("1", "3", "5")
    )
    assert read_place("Bay 7") == TypedPlace(None, "7", None, None) and read_place("bay 7 row C") == TypedPlace(
        None, "7", "C", None
    )
    assert read_place("Asha Rao") is None and read_place("") is None and read_place("bay " + "1" * 200) is None
    assert read_numbers("9 – 11 and 15 to 16, W1") == ("9", "10", "11", "15", "16", "W1")


def test_takings_fit_the_plates():
    assert takings(219_397_600, "AUD") == ("2.19", "A$ million")
    assert (
        takings(1_234_567, "AUD") == ("12,345", "A$")
        and takings(5290, "AUD") == ("52.90", "A$")
        and takings(0, "GBP") == ("0", "£")
    )


def test_the_trail_is_told_in_words():
    assert log_words("seats.blocked", {"seats": [1, 2]}) == "2 seats taken off sale"
    assert log_words("refund.requested", {"amount": 5290}, "AUD") == "A$52.90 asked to be given back"
    assert log_words("some.new_thing", {}) == "Some new thing"
