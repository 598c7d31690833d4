"""Tickets and passes on paper: a PDF, four to an A4 page, black on white, the codes as vectors with their quiet zone on
52 mm.

Codes that turn cannot be printed: where an event's codes rotate the paper carries the still one, which is good with an
identity card.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from flask import current_app
from fpdf import FPDF

import qr_codes
from database import between_transactions
from green import off_the_loop
from models import Booking, Event, ParkingPass, Stadium
from seating.labels import SeatLabel
from tickets.pages import BookingView, CodeView, PassView

log = structlog.get_logger()

FONTS = Path(__file__).parent / "fonts"
STEP_IN = ("", "-devanagari", "-bengali", "-tamil", "-sinhala", "-arabic")
PAGE, EDGE, GAP = (210, 297), 8, 6  # mm
WIDTH, HEIGHT = (PAGE[0] - 2 * EDGE - GAP) / 2, (PAGE[1] - 2 * EDGE - GAP) / 2
PAD, QR = 6, 52
INNER = WIDTH - 2 * PAD
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Card:
    """One ticket or pass in words.

    `plates` are (label, text, inverted), `facts` (label, text); `car` is a line or None.
    """

    corner: str
    heading: str
    when: str
    place: str
    plates: tuple[tuple[str, str, bool], ...]
    code: str
    short: str
    note: str
    facts: tuple[tuple[str, str], ...]
    car: tuple[str, str] | None = None


# --- what stands on the cards ---------------------------------------------------------------------


def cards_of(view: BookingView) -> dict[UUID, Card]:
    """{ticket or pass: its Card} of a BookingView: what is good and has a code; a car park stands on the first ticket,
    too."""
    booking, event, stadium = view.booking, view.booking.event, view.booking.stadium
    passes = [p for p in view.passes if p.code and p.parking.status != "void"]
    car = None
    if passes:
        first = passes[0].parking
        car = (first.car_park.name, f"From {_words('time', first.starts_at, stadium)}. Plate {_plate(first)}")
    good = [(n, t) for n, t in enumerate(view.tickets, 1) if t.code and t.is_good]
    cards = {
        t.ticket.id: ticket_card(
            event,
            stadium,
            t.label,
            t.ticket_type,
            t.shown,
            t.short,
            f"Ticket {n} of {len(view.tickets)}",
            ("Name" if t.ticket.holder_name else "Booked by", t.ticket.holder_name or booking.contact_name or ""),
            ("Booking", booking.reference),
            car if i == 0 else None,
        )
        for i, (n, t) in enumerate(good)
        if event is not None and t.shown is not None
    }
    return cards | {p.parking.id: pass_card(p, booking, stadium) for p in passes}


def ticket_card(
    event: Event,
    stadium: Stadium,
    label: SeatLabel,
    ticket_type: str,
    shown: CodeView,
    short: str,
    corner: str,
    holder: tuple[str, str],
    last: tuple[str, str],
    car: tuple[str, str] | None = None,
) -> Card:
    """The Card of one ticket."""
    seat = (
        (("Place", "Open", False),)
        if label.is_unreserved
        else (("Row", label.row, False), ("Seat", label.number, False))
    )
    gates_open = _filtered("time", event.gates_open_at, stadium.time_zone, named=False)
    return Card(
        corner,
        event.name,
        _words("when", event.starts_at, stadium),
        f"{stadium.name}, {stadium.city}. Gates open {gates_open}.",
        (("Gate", label.gate, True), ("Bay", label.bay, False), *seat),
        shown.code,
        short,
        "Show this paper with your ID." if shown.secret else "It lets one person in, once.",
        (("Stand", f"{label.stand}, {label.level}"), ("Ticket", ticket_type.capitalize()), holder, last),
        car,
    )


def pass_card(view: PassView, booking: Booking, stadium: Stadium) -> Card:
    """The Card of a parking pass."""
    parking = view.parking
    return Card(
        "Parking pass",
        parking.car_park.name,
        _words("when", parking.starts_at, stadium),
        f"{stadium.name}. Until {_words('time', parking.ends_at, stadium)}.",
        (("Number plate", _plate(parking), True),),
        view.code or "",
        view.short,
        "Show this paper with your ID. It lets one car in."
        if view.shown and view.shown.secret
        else "It lets one car in.",
        (("Booked by", booking.contact_name or ""), ("Booking", booking.reference)),
    )


def _words(name: str, moment: datetime, stadium: Stadium) -> str:
    return _filtered(name, moment, stadium.time_zone)


def _plate(parking: ParkingPass) -> str:
    return _filtered("plate", parking.plate)


def _filtered(name: str, *values: object, **options: object) -> str:
    """What a filter of the pages makes of these values."""
    shown: Any = current_app.jinja_env.filters[name]
    return shown(*values, **options)


# --- drawing --------------------------------------------------------------------------------------


def pdf(cards: Sequence[Card], title: str) -> bytes:
    """The PDF (bytes) of these Cards. A flow: drawn in a real thread where eventlet serves, so that no socket waits for
    it."""
    between_transactions()
    return off_the_loop(draw, cards, title)


def draw(cards: Sequence[Card], title: str) -> bytes:
    """The PDF (bytes) of these Cards, four on a page of A4, drawn right here."""
    paper = FPDF(format="A4", unit="mm")
    paper.set_auto_page_break(False)
    paper.set_margin(0)
    paper.c_margin = 0
    paper.set_title(title)
    paper.set_lang("en-GB")
    paper.set_creator("CricVerse")
    paper.add_font("text", "", FONTS / "archivo-regular.ttf")
    paper.add_font("text", "B", FONTS / "archivo-bold.ttf")
    paper.add_font("board", "", FONTS / "big-shoulders-extrabold.ttf")
    for script in STEP_IN:
        paper.add_font(f"noto{script}", "", FONTS / f"noto-sans{script}.ttf")
    # The other scripts have one weight, which serves bold text, too.
    paper.set_fallback_fonts([f"noto{script}" for script in STEP_IN], exact_match=False)
    # Joined letters and vowel signs: without shaping a name in Hindi, Sinhala or Urdu is wrong.
    paper.set_text_shaping(True)
    for i, card in enumerate(cards):
        if i % 4 == 0:
            paper.add_page()
        draw_card(paper, card, EDGE + (i % 2) * (WIDTH + GAP), EDGE + (i // 2 % 2) * (HEIGHT + GAP))
    file = bytes(paper.output())
    fonts: Any = paper.fonts.values()
    for font in fonts:
        font.ttfont.close()  # fpdf2 leaves the files open
    return file


def draw_card(paper: FPDF, card: Card, x: float, y: float) -> None:
    """One card with its upper left corner at (x, y), in mm."""
    paper.set_draw_color(0)
    paper.set_line_width(0.25)
    paper.rect(x, y, WIDTH, HEIGHT, round_corners=True, corner_radius=3)
    left = x + PAD
    line(paper, card.corner, left, y + 4, INNER, 8.5, align="R")
    draw_heading(paper, card.heading, left, y + 8)
    line(paper, card.when, left, y + 18, INNER, 9.5)
    line(paper, card.place, left, y + 22.5, INNER, 9)
    draw_plates(paper, card.plates, left, y + 28.5)
    paper.line(x, y + 49, x + WIDTH, y + 49)
    draw_code(paper, card.code, x + (WIDTH - QR) / 2, y + 50)
    line(paper, card.short, left, y + 101, INNER, 13, font="board", align="C")
    line(paper, card.note, left, y + 106, INNER, 8, align="C")
    draw_seam(paper, x, y + 112)
    for i, (label, words) in enumerate(card.facts):
        at = (left + (i % 2) * (INNER * 0.58), y + 114.5 + (i // 2) * 7.5, INNER * (0.42 if i % 2 else 0.56))
        line(paper, label, *at, 7)
        line(paper, words, at[0], at[1] + 2.9, at[2], 9, style="B")
    if card.car:
        paper.set_line_width(0.15)
        paper.line(x, y + 130, x + WIDTH, y + 130)
        line(paper, f"Parking: {card.car[0]}. {card.car[1]}", left, y + 131.7, INNER, 9, style="B")


def draw_heading(paper: FPDF, words: str, x: float, y: float) -> None:
    """One large line, or two smaller ones."""
    paper.set_font("board", "", 15)
    if paper.get_string_width(known(paper, words)) <= INNER:
        line(paper, words, x, y, INNER, 22, font="board")
        return
    first, rest = [], words.split()
    paper.set_font("board", "", 12.5)
    while rest and (not first or paper.get_string_width(known(paper, " ".join([*first, rest[0]]))) <= INNER):
        first.append(rest.pop(0))
    line(paper, " ".join(first), x, y - 1, INNER, 12.5, font="board")
    line(paper, " ".join(rest), x, y + 4, INNER, 12.5, font="board", least=9)


def known(paper: FPDF, words: object) -> str:
    """The text with the character for “unknown” for each character that no font here has."""
    fonts: Any = paper.fonts.values()
    signs: set[int] = set().union(*(font.cmap for font in fonts))
    return "".join(sign if ord(sign) in signs else UNKNOWN for sign in " ".join(str(words).split()))


def line(
    paper: FPDF,
    words: object,
    x: float,
    y: float,
    width: float,
    size: float,
    font: str = "text",
    style: str = "",
    align: str = "L",
    least: float = 6,
) -> None:
    """One line of text in a box: smaller where it is too long, and cut with … where that is not enough."""
    words = known(paper, words)
    paper.set_font(font, style, size)
    while size > least and paper.get_string_width(words) > width:
        size -= 0.5
        paper.set_font_size(size)
    if paper.get_string_width(words) > width:
        while words and paper.get_string_width(words + "…") > width:
            words = words[:-1]
        words = words.rstrip() + "…"
    paper.set_xy(x, y)
    paper.cell(width, size * 0.45, words, align=align)


def draw_plates(paper: FPDF, plates: Sequence[tuple[str, str, bool]], x: float, y: float) -> None:
    """Plates side by side, the inverted one found first."""
    tall = 14
    # One size for all of them: the largest at which they fit beside each other.
    size = 30
    widths = []
    while size > 8:
        paper.set_font("board", "", size)
        widths = [max(paper.get_string_width(text) + 4, 8) for _, text, _ in plates]
        if sum(widths) + 5 * (len(plates) - 1) <= INNER:
            break
        size -= 1
    space = min((INNER - sum(widths)) / max(1, len(plates) - 1), 14)
    for (label, text, inverted), wide in zip(plates, widths, strict=True):
        line(paper, label, x, y, 24, 8, style="B")
        paper.set_fill_color(0 if inverted else 255)
        paper.rect(x, y + 4, wide, tall, style="DF", round_corners=True, corner_radius=0.8)
        paper.set_text_color(255 if inverted else 0)
        paper.set_font("board", "", size)
        paper.set_xy(x, y + 4.7)  # the figures hang a little high in their line
        paper.cell(wide, tall, text, align="C")
        paper.set_text_color(0)
        x += wide + space


def draw_code(paper: FPDF, code: str, x: float, y: float) -> None:
    """The modules as black bars; each is a hair taller than its row, so that no viewer shows light between rows."""
    matrix = qr_codes.matrix(code)
    module = QR / len(matrix)
    paper.set_fill_color(0)
    for row, modules in enumerate(matrix):
        at = 0
        while at < len(modules):
            run = 0
            while at + run < len(modules) and modules[at + run]:
                run += 1
            if run:
                paper.rect(x + at * module, y + row * module, run * module, module + 0.01, style="F")
            at += run or 1


def draw_seam(paper: FPDF, x: float, y: float) -> None:
    """The stitches of the ball, where the ticket is torn."""
    paper.set_line_width(0.5)
    at = x + PAD
    while at < x + WIDTH - PAD:
        paper.line(at, y + 1, at + 0.7, y - 1)
        at += 2
    paper.set_line_width(0.25)
