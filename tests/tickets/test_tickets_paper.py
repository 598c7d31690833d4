"""Tickets on paper: the PDF's pages, its codes as vectors, names in other scripts, and who gets one."""

import io
import re
import zlib
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

import qr_codes
from tests.support.selling import hold, paid_booking
from tickets import lettering, links, pages, pdf

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
        [[module == "1" for module in row] for row in qr_codes.rows(r["code"])]
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


def drawn(caplog, *names):
    """The PDF of cards with these names in every place that takes one; fpdf2 has told of no missing glyph, and every
    glyph that is written is in its font."""
    cards = [
        card(
            facts=(("Name", name),),
            heading=f"{name} {name}",
            plates=(("Gate", name[:12], True),),
            car=(name, "From 18:00"),
        )
        for name in names
    ]
    file = pdf.draw(cards, "T")
    paper = pdf.Paper()
    paper.add_page()
    for text, font, direction in (run for name in names for run in lettering.runs(lettering.shown(name), pdf.TEXT)):
        paper.use(font, 9, direction)
        glyphs, _ = paper.fonts[font].perform_harfbuzz_shaping(text, 9, paper.text_shaping)
        assert all(glyph.codepoint for glyph in glyphs), f"{font} has no glyph for some of {text!r}"
    pdf.close(paper)
    assert len(pages_of(file)) == -(-len(cards) // 4) and "missing" not in caplog.text.lower()
    return file


def outlines_of(file):
    """{font as the PDF names it: the TrueType font inside}: what is really drawn, cut down to the glyphs in use."""
    found = {}
    for stream in re.findall(rb"/Length1.*?stream\n(.*?)\nendstream", file, re.DOTALL):
        inside = TTFont(io.BytesIO(zlib.decompress(stream)))
        found[inside["name"].getBestFamilyName()] = inside
    return found


NAMES = {
    "क्षत्रिय शर्मा ₹": "Devanagari",
    "කුමාර් සංගක්කාර ශ්\u200dරී": "Sinhala",
    "محمد یوسف خان": "Arabic",
    "রহমান ক্ষ": "Bengali",
    "தமிழ் பெயர்": "Tamil",
    "తెలుగు పేరు శ్రీ": "Telugu",
    "ಕನ್ನಡ ಹೆಸರು": "Kannada",
    "മലയാളം ന്\u200d ൻ": "Malayalam",
    "ગુજરાતી નામ": "Gujarati",
    "ਪੰਜਾਬੀ ਨਾਮ": "Gurmukhi",
    "ଓଡ଼ିଆ ନାମ": "Oriya",
    "דוד כהן": "Hebrew",
    "สมชาย ใจดี": "Thai",
    "ދިވެހި": "Thaana",
    "Asha 🏏 Rao ❤️": "Emoji",
    "👩🏽\u200d🚀": "Emoji",
    "Łukasz Żółć": "Sans",
    "Дмитрий": "Sans",
    "Nguyễn": "Sans",
    "Παῦλος": "Sans",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_any_script_is_printed(name, caplog):
    fonts = outlines_of(drawn(caplog, name))
    assert any(NAMES[name] in font for font in fonts) and lettering.cannot_draw(name) == ""


@pytest.mark.parametrize("name", ["", " ", "x" * 400, "Ж" * 300, "\u200d", "\u0301", "a\u0308\u0301" * 30])
def test_paper_has_room_for_any_text(name, caplog):
    drawn(caplog, name)


def test_the_fonts_are_loaded_by_need_and_every_one_is_used():
    plain = outlines_of(pdf.draw([card()], "T"))
    assert {name.split()[0] for name in plain} == {"Archivo", "Big"}
    carried = {path.stem for path in lettering.FONTS.glob("*.ttf")}
    by_script = {f"noto-sans-{name}" for name in lettering.BY_SCRIPT.values()}
    assert carried == by_script | {pdf.TEXT, pdf.BOLD, pdf.BOARD, "noto-sans", lettering.EMOJI}


@pytest.mark.skipif(not lettering.EAST_ASIAN_AT.exists(), reason="fonts-droid-fallback is not installed")
def test_east_asian_names_are_printed_with_the_package(caplog):
    names = ["张伟", "김민수", "タナカ さくら 鈴木"]
    assert any("Droid" in font for font in outlines_of(drawn(caplog, *names)))
    assert [lettering.shown(name) for name in names] == names


def test_the_names_that_came_out_as_boxes(caplog):
    file = Path("/work/shared/faults/names.txt")
    if not file.exists():
        pytest.skip("the fault reports' names are not here")
    names = [line for line in file.read_text("utf-8").splitlines() if line.strip()]
    if not lettering.EAST_ASIAN_AT.exists():
        names = [name for name in names if not lettering.cannot_draw(name)]
    drawn(caplog, *names)
    assert [lettering.shown(name) for name in names] == names


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("דוד כהן", ["<דוד כהן"]),
        ("Gate דוד 12", ["Gate ", "12", "<דוד "]),
        ("דוד (12) כהן", ["<כהן", "<) ", "12", "<(", "<דוד "]),
        ("محمد ۱۲ خان", ["<خان", "< ", "۱۲", "< ", "<محمد"]),
    ],
)
def test_a_line_stands_as_unicode_orders_it(text, seen):
    """The stretches from left to right; one from right to left (<) is handed to the shaper in reading order."""
    found = lettering.runs(text, pdf.TEXT)
    assert [f"{'<' if direction is pdf.TextDirection.RTL else ''}{part}" for part, _, direction in found] == seen


def test_a_stretch_is_shaped_whole():
    """Sri in Sinhala: the joiner makes one sign of two, and is no stretch of its own."""
    paper = pdf.Paper()
    paper.add_page()
    joined, apart, more = (pdf.width_of(paper, text, pdf.TEXT, 9) for text in ("ශ්\u200dරී", "ශ්", "රී"))
    assert joined < 0.7 * (apart + more)
    pdf.close(paper)


def test_what_no_font_has_is_said_in_words():
    assert lettering.shown("བོད་ཡིག Tenzin 🧿") == "[Tibetan letters] Tenzin [sign]"
    assert lettering.cannot_draw("བོད་བོད Tenzin 🧿") == "བོད་🧿"
    assert lettering.cannot_draw("José O’Connor-Núñez, 3rd") == ""


def test_the_paper_of_a_turning_code_asks_for_an_identity_card(app, as_asha, sold, rows):
    rows("update event set rotating_codes = true")
    with app.test_request_context():
        from database import in_transaction

        view = in_transaction(pages.booking_view, sold["id"], worker=True)
        cards = pdf.cards_of(view).values()
    assert {c.note for c in cards} == {"Show this paper with your ID."} and {len(c.code) for c in cards} == {150}


ON_PAPER = "On a printed ticket this name reads “[Tibetan letters] Tenzin”."


def test_a_name_that_paper_cannot_show_is_told_of_where_it_is_entered(as_asha, visitor, sold, ground, rows, mails):
    here = f"/tickets/{sold['id']}"
    right = rows.value("select id from ticket order by line_id limit 1")
    assert as_asha.post(f"{here}/rights/{right}/name", name="Tenzin").status == 303
    assert "On a printed ticket" not in as_asha.get(here).text
    assert as_asha.post(f"{here}/rights/{right}/name", name="བོད་ Tenzin").status == 303
    told = as_asha.get(here)
    assert told.text.count(ON_PAPER) == 2 and "The name is kept" in told.text  # as news, and beside the PDF
    assert as_asha.get(here).text.count(ON_PAPER) == 1
    as_asha.post(f"{here}/rights/{right}/send", name="Ravi", email="ravi@example.org")
    offer = re.search(r"/t/offer/[\w-]+", mails("ravi@example.org")[-1]["text"])[0]
    taken = visitor.post(offer, name="བོད་ Tenzin").location
    assert visitor.get(taken).text.count(ON_PAPER) == 2
    rows("update customer set name = 'བོད་ Tenzin' where email = 'asha@example.org'")
    held = hold(as_asha, ground.event, ground.ids("B1"))
    assert ON_PAPER in as_asha.get(f"/bookings/{held['id']}/pay").text


def test_a_script_asks_before_a_name_is_sent(visitor):
    assert ON_PAPER in visitor.api("POST", "/api/paper-hint", {"name": "བོད་ Tenzin"}).json["note"]
    for name in ("Asha Rao", "దివ్య", "", None):
        assert visitor.api("POST", "/api/paper-hint", {"name": name}).json == {"note": None}
    assert visitor.api("POST", "/api/paper-hint", {"name": ["x"]}).status == 422
