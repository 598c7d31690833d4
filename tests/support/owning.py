"""What the tests of the owner's pages share: a paid bay, reading the board and its tables, giving money back."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

CONTACT = {"name": "Asha Rao", "email": "asha@example.org"}


def parked(browser, rows, ground, sandbox, start=10, days=2, plate="CRV26A", **contact):
    """A paid bay without a match, for two hours from `start` o'clock at the ground."""
    day = (datetime.now(ZoneInfo("Australia/Sydney")) + timedelta(days=days)).date()
    window = {"from": f"{day}T{start:02}:00", "to": f"{day}T{start + 2:02}:00"}
    held = browser.post(
        f"/book-parking-enhanced/{ground.stadium}", bay=f"{ground.car_park}-standard", plate=plate, **window
    )
    assert held.status == 303, held.text
    made = rows.one("select id, reference, total from booking order by id desc limit 1")
    started = browser.api(
        "POST", "/api/create-parking-payment", {"booking_id": made["id"], **(contact or CONTACT)}
    ).json
    sandbox.pay(started["client_secret"])
    assert browser.api("GET", f"/api/payment-status/{started['payment_intent_id']}").json["state"] == "paid"
    return {**made, "intent": started["payment_intent_id"], "day": day}


def lines_of(rows, booking):
    return rows("select id, seat_id, total, face from booking_line where booking_id = :b order by id", b=booking["id"])


def give_back(browser, home, booking, lines, note=""):
    return browser.post(
        f"{home}/bookings/{booking['id']}/refund",
        line=[line["id"] for line in lines],
        amount=sum(line["total"] for line in lines),
        note=note,
    )


def board(page):
    """{label: the number on its plates} of the board."""
    pairs = [
        (d.find("dt").text, d.find("span", role="img").attrs["aria-label"])
        for d in page.root.find("dl").find_all("div")
    ]
    return dict(pairs)


def kept(sandbox, intent=None):
    """What the provider's own books say is left of captured money."""
    signs = {"captured": 1, "refunded": -1}
    return sum(signs[e["kind"]] * e["amount"] for e in sandbox.ledger(intent))


def cell(page, label, row):
    """The cells' texts of the row that begins so, in the region of this label."""
    region = page.root.find("div", aria_label=label)
    (found,) = [r for r in region.find_all("tr") if (r.find("th") is not None and r.find("th").text.startswith(row))]
    return [c.text for c in found.find_all("td")]


def minor(text):
    sign = -1 if "−" in text else 1
    return sign * int(re.sub(r"\D", "", text))
