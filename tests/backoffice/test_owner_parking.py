"""Parking without a match on the owner's pages: who comes when, money back, passes sent again."""

from tests.support.owning import board, kept, lines_of, minor, parked


def listed(page):
    """[(Coming or Over, [references])] of the lists on a page."""
    regions = [(label, page.root.find("div", aria_label=label)) for label in ("Coming", "Over")]
    return [
        (label, [r.find("th").find("a").text for r in region.find("tbody").find_all("tr")])
        for label, region in regions
        if region
    ]


def in_use(page):
    """{car park and kind: "1 of 3"} of the chosen day."""
    items = page.root.find("section", aria_labelledby="p-h").find_all("li")
    return {li.find("strong").text: li.find("span").text for li in items if li.find("strong")}


def test_a_ground_without_bookings_of_parking_says_so(as_omar, as_petra, rows, ground, parking_page):
    page = as_omar.get(as_omar.get("/owner").root.find("a", href=parking_page).attrs["href"])
    assert "No bookings yet" in page.text and in_use(page) == {
        "Wharf Street": "0 of 3",
        "Wharf Street, accessible": "0 of 1",
    }
    assert board(page) == {"Bays booked": "0", "Takings": "A$0.00"}
    assert "This ground has no car park" in as_petra.get("/owner/grounds/moor/parking").text


def test_parking_stands_with_the_next_to_come_first(
    as_omar, as_asha, as_ben, rows, ground, sandbox, sold, parking_page
):
    later = parked(as_asha, rows, ground, sandbox, days=4)
    over = parked(as_asha, rows, ground, sandbox, days=3, plate="OLD1")
    soon = parked(as_ben, rows, ground, sandbox, days=2, plate="BEN 9", name="Ben Okafor", email="ben@example.org")
    held = as_ben.post(
        f"/book-parking-enhanced/{ground.stadium}",
        bay=f"{ground.car_park}-standard",
        plate="HELD1",
        **{"from": f"{soon['day']}T10:30", "to": f"{soon['day']}T11:30"},
    )
    assert held.status == 303
    for table in ("parking_pass", "parking_claim"):
        rows(
            f"update {table} set starts_at = starts_at - interval '9 days', ends_at = ends_at - interval '9 days' "
            "where plate = 'OLD1'"
        )
    page = as_omar.get(parking_page)
    assert listed(page) == [("Coming", [soon["reference"], later["reference"]]), ("Over", [over["reference"]])]
    assert sold["reference"] not in page.text
    assert board(page)["Bays booked"] == "3"
    assert (
        minor(board(page)["Takings"]) == soon["total"] + later["total"] + over["total"] == kept(sandbox) - sold["total"]
    )
    assert "HELD1" in as_omar.get(f"{parking_page}?state=held").text

    assert in_use(as_omar.get(f"{parking_page}?day={soon['day']}"))["Wharf Street"] == "2 of 3", "one sold, one held"
    assert in_use(as_omar.get(f"{parking_page}?day={later['day']}"))["Wharf Street"] == "1 of 3"
    assert in_use(as_omar.get(f"{parking_page}?day={over['day']}"))["Wharf Street"] == "0 of 3"

    def found(words):
        return [
            reference
            for _, references in listed(as_omar.get(parking_page, query_string={"q": words}))
            for reference in references
        ]

    assert found("ben-9") == found("okafor") == found("BEN@") == found(soon["reference"].lower()) == [soon["reference"]]
    assert found("crv 26 a") == [later["reference"]] and found("bay 14") == found("nobody at all") == found("%") == []


def test_a_bay_is_given_back_and_free_again(as_omar, as_asha, rows, ground, sandbox, parking_page):
    bay = parked(as_asha, rows, ground, sandbox)
    (line,) = lines_of(rows, bay)
    page = as_omar.get(f"{parking_page}/{bay['id']}")
    assert "Wharf Street, standard bay" in page.text and "CRV26A" in page.text and "1 of 1 still good" in page.text
    assert as_omar.post(f"{parking_page}/{bay['id']}/refund").status == 422
    assert as_omar.post(f"{parking_page}/{bay['id']}/refund", line=[line["id"]], amount=1).status == 409
    asked = as_omar.get(f"{parking_page}/{bay['id']}/refund?all=1")
    assert (
        "A$12.00" in asked.root.find("h1").text
        and "the bay can be booked again" in asked.text
        and "go back on sale" not in asked.text
    )
    answer = as_omar.post(f"{parking_page}/{bay['id']}/refund", line=[line["id"]], amount=line["total"], note="Flooded")
    assert answer.status == 303 and answer.location == f"{parking_page}/{bay['id']}"
    page = as_omar.get(answer.location)
    assert "A$12.00 goes back" in page.text and "0 of 1 still good" in page.text and "Flooded" in page.text
    assert (
        rows.value("select status from parking_pass") == "void"
        and rows.value("select count(*) from parking_claim") == 0
    )
    assert rows.value("select state from booking") == "refunded" and kept(sandbox, bay["intent"]) == 0
    board_now = as_omar.get(parking_page)
    assert board(board_now) == {"Bays booked": "0", "Takings": "A$0.00"} and listed(board_now) == [
        ("Coming", [bay["reference"]])
    ]
    assert in_use(as_omar.get(f"{parking_page}?day={bay['day']}"))["Wharf Street"] == "0 of 3"
    again = as_omar.post(f"{parking_page}/{bay['id']}/refund", line=[line["id"]], amount=line["total"])
    assert again.status == 409 and rows.value("select count(*) from refund") == 1


def test_a_pass_is_sent_again(as_omar, as_asha, rows, ground, sandbox, parking_page):
    bay = parked(as_asha, rows, ground, sandbox)
    page = as_omar.post(f"{parking_page}/{bay['id']}/resend", follow=True)
    assert "The pass is on its way to asha@example.org" in page.text
    assert rows.value("select count(*) from notification where template = 'tickets'") == 2
    just_now = as_omar.post(f"{parking_page}/{bay['id']}/resend")
    assert just_now.status == 429 and bay["reference"] in just_now.text


def test_a_failed_refund_and_a_dispute_of_parking_are_loud(as_omar, as_asha, rows, ground, sandbox, parking_page):
    bay = parked(as_asha, rows, ground, sandbox)
    other = parked(as_asha, rows, ground, sandbox, start=14, plate="TWO2")
    (line,) = lines_of(rows, bay)
    as_omar.post(f"{parking_page}/{bay['id']}/refund", line=[line["id"]], amount=line["total"])
    rows("update refund set state = 'failed', error = 'expired_or_canceled_card'")
    with rows.engine.begin() as connection:
        connection.exec_driver_sql("select * from app.mark_dispute(%s, true, 'dp_1')", (other["intent"],))
    page = as_omar.get(parking_page)
    assert (
        "1 refund did not get through: A$12.00 is still with you" in page.text and "1 booking is disputed" in page.text
    )
    assert listed(as_omar.get(f"{parking_page}?state=failed")) == [("Coming", [bay["reference"]])]
    assert listed(as_omar.get(f"{parking_page}?state=disputed")) == [("Coming", [other["reference"]])]
    assert "A refund of A$12.00 did not get through" in as_omar.get(f"{parking_page}/{bay['id']}").text
