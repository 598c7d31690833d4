"""Tickets on paper: the PDF's pages, its codes as vectors, names in other scripts, and who gets one."""

import re
import zlib

import pytest

import qr_codes
from tests.support.selling import paid_booking
from tickets import links, pages, pdf

POINT = 72 / 25.4


@pytest.fixture
def sold(as_asha, ground, sandbox):
    return paid_booking(as_asha, ground, ["A1", "A2", "A3", "A4", "A5"], sandbox)


def pages_of(file):
    """The drawing of each page, as text."""
    assert file.startswith(b"%PDF-")
    streams = re.findall(rb"/FlateDecode\n?.*?stream\n(.*?)\nendstream", file, re.DOTALL)
    drawn = [zlib.decompress(s).decode("latin-1") for s in streams]
    return [text for text in drawn if " re" in text and "BT" in text]


def codes_in(page):
    """[(x, y, side in mm, rows of modules)] of the codes of a page, read from its bars."""
    bars = [tuple(map(float, m)) for m in re.findall(r"([\d.-]+) ([\d.-]+) ([\d.-]+) -([\d.-]+) re f", page)]
    found = {}
    for x, y, wide, tall in bars:
        # Four cards a page: which one this bar lies on.
        found.setdefault((x > 297.6, y < 420.9), []).append((x, y, wide, tall))
    codes = []
    for of in found.values():
        module = pdf.QR / 49 * POINT
        left, top = min(b[0] for b in of), max(b[1] for b in of)
        rows = [[False] * 49 for _ in range(49)]
        for x, y, wide, _ in of:
            at = round((x - left) / module) + 4
            for i in range(round(wide / module)):
                rows[round((top - y) / module) + 4][at + i] = True
        codes.append((of, rows))
    return codes


def test_four_tickets_to_a_page_each_with_its_own_code(as_asha, sold, rows):
    answer = as_asha.client.get(f"/tickets/{sold['id']}/tickets.pdf")
    assert (
        answer.status_code == 200
        and answer.mimetype == "application/pdf"
        and answer.headers["Cache-Control"] == "no-store"
    )
    assert sold["reference"] in answer.headers["Content-Disposition"]
    first, second = pages_of(answer.data)
    printed = [matrix for page in (first, second) for _, matrix in codes_in(page)]
    kept = [
        qr_codes.matrix(r["code"])
        for r in rows("select q.code from qr_code q join ticket t on t.id = q.ticket_id order by t.line_id")
    ]
    assert len(codes_in(first)) == 4 and len(codes_in(second)) == 1
    assert all(matrix in printed for matrix in kept) and len(printed) == 5


def test_a_code_is_52_mm_wide_with_its_quiet_zone(as_asha, sold):
    page = pages_of(as_asha.client.get(f"/tickets/{sold['id']}/tickets.pdf").data)[0]
    bars, _ = codes_in(page)[0]
    dark = (max(x + wide for x, _, wide, _ in bars) - min(x for x, *_ in bars)) / POINT
    assert dark == pytest.approx(52 * 41 / 49, abs=0.05)


def test_what_was_passed_on_or_given_back_is_not_printed(as_asha, app, visitor, sold, rows):
    right = rows.value("select id from ticket order by line_id limit 1")
    rows("update ticket set link_hash = '\\x01' where id = :t", t=right)
    rows(
        "update ticket set status = 'void', void_at = now() where id <> :t and line_id < (select max(line_id) "
        "from ticket)",
        t=right,
    )
    with app.app_context():
        link = f"/t/{links.link_token(sold['id'])}"
    (page,) = pages_of(visitor.client.get(f"{link}/tickets.pdf").data)
    assert len(codes_in(page)) == 1
    rows("update ticket set status = 'void', void_at = now() where status = 'valid'")
    assert visitor.get(f"{link}/tickets.pdf").status == 404


def test_the_paper_of_a_booking_is_for_its_buyer(as_ben, as_petra, visitor, sold):
    for browser in (as_ben, as_petra, visitor):
        assert browser.get(f"/tickets/{sold['id']}/tickets.pdf").status == 404
    assert visitor.get("/t/" + "x" * 22 + "/tickets.pdf").status == 404


def card(**changes):
    known = {
        "corner": "Ticket 1 of 1",
        "heading": "Terns v Herons",
        "when": "Saturday",
        "place": "Sydney",
        "plates": (("Gate", "C", True), ("Bay", "14", False)),
        "code": "CV1:" + "A" * 146,
        "short": "7KQ2-M0XE",
        "note": "Once.",
        "facts": (("Name", "Asha"),),
    }
    return pdf.Card(**{**known, **changes})


@pytest.mark.parametrize(
    "name",
    [
        "क्षत्रिय शर्मा ₹",
        "කුමාර් සංගක්කාර",
        "محمد یوسف خان",
        "রহমান",
        "தமிழ்",
        "Łukasz Żółć",
        "Дмитрий",
        "Nguyễn",
        "Παῦλος",
        "",
        " ",
        "x" * 400,
    ],
)
def test_a_name_in_any_script_is_printed(name, caplog):
    file = pdf.draw([card(facts=(("Name", name),), heading=name * 3, plates=(("Gate", name[:12], True),))], name)
    assert len(pages_of(file)) == 1 and "missing" not in caplog.text.lower()


def test_a_sign_that_no_font_has_is_seen_to_be_missing(caplog):
    paper = pdf.FPDF()
    paper.add_font("text", "", pdf.FONTS / "archivo-regular.ttf")
    assert pdf.known(paper, "Asha 😀 Rao 漢") == "Asha � Rao �"
    paper.fonts["text"].ttfont.close()
    assert (
        len(pages_of(pdf.draw([card(facts=(("Name", "😀 漢字"),))], "T"))) == 1 and "missing" not in caplog.text.lower()
    )


def test_the_paper_of_a_turning_code_asks_for_an_identity_card(app, as_asha, sold, rows):
    rows("update event set rotating_codes = true")
    with app.test_request_context():
        from database import in_transaction

        view = in_transaction(pages.booking_view, sold["id"], worker=True)
        cards = pdf.cards_of(view).values()
    assert {c.note for c in cards} == {"Show this paper with your ID."} and {len(c.code) for c in cards} == {150}
