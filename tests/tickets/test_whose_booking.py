"""A booking's pages, codes and links are its buyer's and its links'; staff have the owner's pages, which show neither
code nor link. And whoever acts by a link is named as such.
"""

import re

import pytest

import qr_codes
from database import call, in_transaction
from tests.support.owning import parked
from tests.support.selling import paid_booking
from tickets import links

ROLES = ("owner", "manager", "sales", "gate", "scorer", "another ground's owner", "admin", "another fan", "visitor")


@pytest.fixture
def sold(as_asha, ground, sandbox):
    return paid_booking(as_asha, ground, ["A1", "A2"], sandbox, name="Asha Rao", email="asha@example.org")


@pytest.fixture
def people(cast, rows, ground, visitor):
    """A browser of each role."""
    rows("insert into staff_role values (:c, :s, 'manager', now())", c=cast.ids["joan"], s=ground.stadium)
    rows("insert into staff_role values (:c, :s, 'sales', now())", c=cast.ids["piet"], s=ground.stadium)
    who = ("omar", "joan", "piet", "grace", "sunil", "petra", "ada", "ben")
    return dict(zip(ROLES, [*map(cast.browser, who), visitor], strict=True))


@pytest.fixture
def link(app, sold):
    with app.app_context():
        return links.link_token(sold["id"])


def addresses(app, rows, booking):
    """(method, address) of every route that names a booking, a line or a right of it by its number, but the owner's."""
    line = rows.value("select min(id) from booking_line where booking_id = :b", b=booking)
    right = rows.value("select id from ticket where line_id = :l", l=line)
    known = {"booking_id": booking, "line_id": line, "right": right}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("owner.") or not {"booking_id", "line_id"} & rule.arguments:
            continue
        if "token" in rule.arguments:
            continue
        for action in ("name", "send", "withdraw", "replace", "apple") if "action" in rule.arguments else ("",):
            values = known | {"action": action}
            path = re.sub(r"<(?:int:)?(\w+)>", lambda m, values=values: str(values[m[1]]), rule.rule)
            yield from ((method, path) for method in rule.methods - {"HEAD", "OPTIONS"})


@pytest.mark.parametrize("role", ROLES)
def test_nobody_but_the_buyer_comes_to_a_booking_by_its_number(app, people, rows, sold, role):
    browser, all_of = people[role], list(addresses(app, rows, sold["id"]))
    assert len(all_of) > 20
    picture = (
        "select (select sum(seq) from ticket), (select count(*) from notification), (select count(*) from system_log)"
    )
    before = rows(picture)
    fields = {"name": "Mia", "email": "mia@example.org", "plate": "NEW123", "line": "1", "csrf_token": browser.csrf()}
    for method, path in all_of:
        answer = browser.client.open(
            path, method=method, data=fields if method != "GET" else None, headers={"X-CSRF-Token": browser.csrf()}
        )
        assert answer.status_code == 404, (method, path, answer.status_code)
    assert rows(picture) == before


def test_the_buyer_comes_to_the_same_addresses(app, as_asha, rows, sold):
    """So that the table above hides no address that is not there at all."""
    found = {
        path: as_asha.client.get(path).status_code
        for method, path in addresses(app, rows, sold["id"])
        if method == "GET"
    }
    assert set(found.values()) <= {200, 303} and len(found) >= 7


def test_a_guest_who_comes_back_late_is_told_how_their_tickets_open_and_a_stranger_no_more(people, sold, rows, link):
    """The same answer where there is a booking and where there is none, but for the way back after signing in."""
    guest, nowhere = people["visitor"], 987654
    for path in ("/tickets/{}", "/tickets/{}/refund", "/bookings/{}/pay", "/bookings/{}/return"):
        real, none = (guest.get(path.format(number)) for number in (sold["id"], nowhere))
        assert real.status == none.status == 404
        assert real.html.replace(path.format(sold["id"]), "") == none.html.replace(path.format(nowhere), "")
        assert "does not open here" in real.text and "link in its mail" in real.text
        assert real.root.find("a", href="/tickets/find") is not None
        assert real.root.find("a", href=f"/sign-in?next={path.format(sold['id'])}") is not None
    other = people["another fan"].get(f"/tickets/{sold['id']}")
    assert "Find my tickets" in other.root.find("main").text and "Sign in" not in other.root.find("main").text
    cut = guest.get(f"/t/{link[:-1]}")
    assert cut.status == 404 and cut.root.find("a", href="/tickets/find") is not None


@pytest.mark.parametrize("role", ["owner", "manager", "sales"])
def test_staff_see_names_seats_and_state_and_neither_code_nor_link(people, rows, ground, sold, link, role, home_page):
    rows("update ticket set holder_name = 'Ravi Iyer' where line_id = (select min(id) from booking_line)")
    secrets = [link, *(row["code"] for row in rows("select code from qr_code"))]
    drawn = [qr_codes.svg_path(code)[1] for code in secrets[1:]]
    for path in ("", f"/bookings/{sold['id']}", f"/bookings/{sold['id']}/refund?all=1"):
        page = people[role].get(home_page + path)
        assert page.status == 200 and not [s for s in (*secrets, *drawn) if s in page.html], path
    page = people[role].get(f"{home_page}/bookings/{sold['id']}")
    assert "Asha Rao" in page.text and "row A, seat 1" in page.text and "for Ravi Iyer" in page.text
    assert "Good" in page.text and "asha@example.org" in page.text


def test_what_staff_send_again_goes_to_the_buyer_alone(people, rows, sold, home_page):
    rows("update notification set created_at = created_at - interval '5 minutes'")
    assert people["sales"].post(f"{home_page}/bookings/{sold['id']}/resend", email="me@example.org").status == 303
    assert {row["recipient"] for row in rows("select recipient from notification")} == {"asha@example.org"}


# --- the trail ------------------------------------------------------------------------------------


def kinds(rows):
    """{action: kinds of actors} of the audit trail."""
    found = {}
    for row in rows("select action, actor_kind from system_log order by id"):
        found.setdefault(row["action"], []).append(row["actor_kind"])
    return found


def test_acts_by_a_bookings_link_are_logged_as_such(
    app, visitor, as_asha, as_omar, rows, ground, sandbox, sold, link, home_page
):
    first, second = (str(r["id"]) for r in rows("select id from ticket order by line_id"))
    rows("update notification set created_at = created_at - interval '5 minutes'")
    at = f"/t/{link}"
    for browser, base in ((visitor, at), (as_asha, f"/tickets/{sold['id']}")):
        browser.post(f"{base}/rights/{first}/name", name="Mia")
        browser.post(f"{base}/rights/{first}/send", name="Mia", email="mia@example.org")
        browser.post(f"{base}/rights/{first}/withdraw")
        browser.post(f"{base}/rights/{first}/replace")
        browser.post(f"{base}/resend")
        rows("update notification set created_at = created_at - interval '5 minutes'")
    line = rows.value("select line_id from ticket where id = :t", t=second)
    assert visitor.post(f"{at}/refund", line=[line]).status == 303
    seen = kinds(rows)
    for action in ("ticket.named", "ticket.offered", "ticket.offer_withdrawn", "code.replaced", "tickets.resent"):
        assert seen[action] == ["link", "person"], action
    assert seen["refund.requested"] == ["link"] and seen["booking.paid"] == ["service"]
    page = as_omar.get(f"{home_page}/bookings/{sold['id']}")
    assert "by the link in the mail" in page.text and "the buyer" in page.text


def test_the_link_of_a_passed_on_ticket_and_of_an_offer_are_links_too(as_asha, visitor, app, rows, sold):
    from tickets import transfers

    first = rows.value("select id from ticket order by line_id limit 1")
    as_asha.post(f"/tickets/{sold['id']}/rights/{first}/send", name="Ravi", email="ravi@example.org")
    nonce = rows.value("select payload ->> 'nonce' from notification where template = 'transfer_offer'")
    with app.app_context():
        offer = transfers.offer_token(nonce)
    holder = visitor.post(f"/t/offer/{offer}", name="Ravi").location
    for action in ("name", "send", "withdraw", "replace"):
        assert visitor.post(f"{holder}/{action}", name="Lea", email="lea@example.org").status == 303
    seen = kinds(rows)
    assert seen["ticket.transferred"] == seen["ticket.named"] == seen["code.replaced"] == ["link"]
    assert seen["ticket.offered"] == ["person", "link"] and seen["ticket.offer_withdrawn"] == ["link"]


def test_a_plate_changed_by_link_is_logged_and_by_staff_it_is_not_changed(
    app, as_asha, as_omar, visitor, rows, ground, sandbox
):
    paid = parked(as_asha, rows, ground, sandbox)
    line = rows.value("select id from booking_line")
    with app.app_context():
        link = links.link_token(paid["id"])
    assert visitor.post(f"/t/{link}/lines/{line}/plate", plate="LINK1").status == 303
    assert as_omar.post(f"/parking/lines/{line}/plate", plate="STAFF1").status == 404
    assert rows.value("select plate from parking_pass") == "LINK1" and kinds(rows)["plate.changed"] == ["link"]


def test_the_chain_holds_rows_of_both_versions_and_shows_a_changed_kind(app, rows, sold):
    def write(sql):
        with rows.together():
            rows("set local session_replication_role = replica")  # past the trigger that keeps the trail as it is
            rows(sql)

    broken = """select count(*) from (
                  select l.hash, app.log_hash(l.seq, lag(l.hash) over w, l) as computed
                    from system_log l window w as (partition by l.stream order by l.seq)) c where hash <> computed"""
    write("update system_log set actor_kind = null where id = (select min(id) from system_log)")
    with app.app_context():
        assert in_transaction(call, "app.seal_log", worker=True)[0].seal_log == rows.value(
            "select count(*) from system_log"
        )
    assert rows.value(broken) == 0
    write("update system_log set actor_kind = 'link' where id = (select max(id) from system_log)")
    assert rows.value(broken) == 1
