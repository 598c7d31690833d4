"""Tickets and passes on paper: a PDF, four to an A4 page, black on white, the codes as vectors with their quiet zone on
52 mm.

Codes that turn cannot be printed: where an event's codes rotate the paper carries the still one, which is good with an
identity card.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from flask import current_app
from fpdf import FPDF
from fpdf.enums import TextDirection
from fpdf.line_break import Fragment

import qr_codes
from database import between_transactions
from green import off_the_loop
from models import Booking, Event, Stadium
from seating.labels import SeatLabel
from tickets.lettering import file_of, runs, shown
from tickets.pages import BookingView, CodeView, PassView

log = structlog.get_logger()

TEXT, BOLD, BOARD = "archivo-regular", "archivo-bold", "big-shoulders-extrabold"
PAGE, EDGE, GAP = (210, 297), 8, 6  # mm
WIDTH, HEIGHT = (PAGE[0] - 2 * EDGE - GAP) / 2, (PAGE[1] - 2 * EDGE - GAP) / 2
PAD, QR = 6, 52
INNER = WIDTH - 2 * PAD


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
        car = (first.car_park.name, f"From {_words('time', first.starts_at, stadium)}. Plate {first.plate}")
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
        (("Number plate", parking.plate, True),),
        view.code or "",
        view.short,
        "Show this paper with your ID. It lets one car in."
        if view.shown and view.shown.secret
        else "It lets one car in.",
        (("Booked by", booking.contact_name or ""), ("Booking", booking.reference)),
    )


def _words(name: str, moment: datetime, stadium: Stadium) -> str:
    return _filtered(name, moment, stadium.time_zone)


def _filtered(name: str, *values: object, **options: object) -> str:
    """What a filter of the pages makes of these values."""
    shown: Any = current_app.jinja_env.filters[name]
    return shown(*values, **options)


# --- drawing --------------------------------------------------------------------------------------


class Paper(FPDF):
    """A page on which text is written stretch by stretch: each in one font and one direction, and whole.

    fpdf2 2.8.9 by itself tears a stretch before every joiner and combining mark, for their script is "inherited":
    letters come apart, and a joiner alone makes it fail.
    """

    def use(self, font: str, size: float, direction: TextDirection) -> None:
        """Write with this font from here on; it is loaded the first time."""
        if font not in self.fonts:
            self.add_font(font, "", file_of(font))
        self.set_font(font, "", size)
        # Joined letters and vowel signs: without shaping a name in Hindi, Sinhala or Urdu is wrong.
        self.set_text_shaping(True, direction=direction)

    def _preload_bidirectional_text(self, text: str, markdown: bool) -> Sequence[Fragment]:
        shaping: Any = self.text_shaping
        shaping["fragment_direction"] = shaping["paragraph_direction"] = shaping["direction"]
        return (Fragment(text, self._get_current_graphics_state(), self.k),)


def pdf(cards: Sequence[Card], title: str) -> bytes:
    """The PDF (bytes) of these Cards. A flow: drawn in a real thread where eventlet serves, so that no socket waits for
    it."""
    between_transactions()
    return off_the_loop(draw, cards, title)


def draw(cards: Sequence[Card], title: str) -> bytes:
    """The PDF (bytes) of these Cards, four on a page of A4, drawn right here."""
    paper = Paper(format="A4", unit="mm")
    paper.set_auto_page_break(False)
    paper.set_margin(0)
    paper.c_margin = 0
    paper.set_title(title)
    paper.set_lang("en-GB")
    paper.set_creator("CricVerse")
    for i, card in enumerate(cards):
        if i % 4 == 0:
            paper.add_page()
        draw_card(paper, card, EDGE + (i % 2) * (WIDTH + GAP), EDGE + (i // 2 % 2) * (HEIGHT + GAP))
    file = bytes(paper.output())
    close(paper)
    return file


def close(paper: FPDF) -> None:
    """Close the fonts' files, which fpdf2 leaves open."""
    fonts: Any = paper.fonts.values()
    for font in fonts:
        font.ttfont.close()


def draw_card(paper: Paper, card: Card, x: float, y: float) -> None:
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
    line(paper, card.short, left, y + 101, INNER, 13, font=BOARD, align="C")
    line(paper, card.note, left, y + 106, INNER, 8, align="C")
    draw_seam(paper, x, y + 112)
    for i, (label, words) in enumerate(card.facts):
        at = (left + (i % 2) * (INNER * 0.58), y + 114.5 + (i // 2) * 7.5, INNER * (0.42 if i % 2 else 0.56))
        line(paper, label, *at, 7)
        line(paper, words, at[0], at[1] + 2.9, at[2], 9, font=BOLD)
    if card.car:
        paper.set_line_width(0.15)
        paper.line(x, y + 130, x + WIDTH, y + 130)
        line(paper, f"Parking: {card.car[0]}. {card.car[1]}", left, y + 131.7, INNER, 9, font=BOLD)


def draw_heading(paper: Paper, words: str, x: float, y: float) -> None:
    """One large line, or two smaller ones."""
    if width_of(paper, words, BOARD, 15) <= INNER:
        line(paper, words, x, y, INNER, 22, font=BOARD)
        return
    first, rest = [], words.split()
    while rest and (not first or width_of(paper, " ".join([*first, rest[0]]), BOARD, 12.5) <= INNER):
        first.append(rest.pop(0))
    line(paper, " ".join(first), x, y - 1, INNER, 12.5, font=BOARD)
    line(paper, " ".join(rest), x, y + 4, INNER, 12.5, font=BOARD, least=9)


def width_of(paper: Paper, words: object, font: str, size: float) -> float:
    """How long a text is on paper, in mm."""
    width = 0.0
    for text, each, direction in runs(shown(words), font):
        paper.use(each, size, direction)
        width += paper.get_string_width(text)
    return width


def line(
    paper: Paper,
    words: object,
    x: float,
    y: float,
    width: float,
    size: float,
    font: str = TEXT,
    align: str = "L",
    least: float = 6,
) -> None:
    """One line of text in a box: smaller where it is too long, and cut with … where that is not enough."""
    words = shown(words)
    wide = width_of(paper, words, font, size)
    if wide > width:
        fitting = max(least, size * width / wide // 0.5 * 0.5)
        wide, size = wide * fitting / size, fitting
    if wide > width:
        fits = bisect_right(
            range(1, len(words)), width, key=lambda length: width_of(paper, words[:length] + "…", font, size)
        )
        words = words[:fits].rstrip() + "…"
        wide = width_of(paper, words, font, size)
    put(paper, words, x + {"L": 0, "C": (width - wide) / 2, "R": width - wide}[align], y, size * 0.45, size, font)


def put(paper: Paper, words: str, x: float, y: float, tall: float, size: float, font: str) -> None:
    """The words as shown() gives them, from x on, in a line that is `tall` mm high."""
    for text, each, direction in runs(words, font):
        paper.use(each, size, direction)
        paper.set_xy(x, y)
        paper.cell(paper.get_string_width(text), tall, text)
        x = paper.get_x()


def draw_plates(paper: Paper, plates: Sequence[tuple[str, str, bool]], x: float, y: float) -> None:
    """Plates side by side, the inverted one found first."""
    tall = 14
    # One size for all of them: the largest at which they fit beside each other.
    size = 30
    widths = []
    while size > 8:
        widths = [max(width_of(paper, text, BOARD, size) + 4, 8) for _, text, _ in plates]
        if sum(widths) + 5 * (len(plates) - 1) <= INNER:
            break
        size -= 1
    space = min((INNER - sum(widths)) / max(1, len(plates) - 1), 14)
    for (label, text, inverted), wide in zip(plates, widths, strict=True):
        line(paper, label, x, y, 24, 8, font=BOLD)
        paper.set_fill_color(0 if inverted else 255)
        paper.rect(x, y + 4, wide, tall, style="DF", round_corners=True, corner_radius=0.8)
        paper.set_text_color(255 if inverted else 0)
        inside = x + (wide - width_of(paper, text, BOARD, size)) / 2
        put(paper, shown(text), inside, y + 4.7, tall, size, BOARD)  # the figures hang a little high in their line
        paper.set_text_color(0)
        x += wide + space


def draw_code(paper: Paper, code: str, x: float, y: float) -> None:
    """The modules as black bars; each is a hair taller than its row, so that no viewer shows light between rows."""
    rows = qr_codes.rows(code)
    module = QR / len(rows)
    paper.set_fill_color(0)
    for at, row in enumerate(rows):
        for run in qr_codes.dark_runs(row):
            wide = (run.end() - run.start()) * module
            paper.rect(x + run.start() * module, y + at * module, wide, module + 0.01, style="F")


def draw_seam(paper: Paper, x: float, y: float) -> None:
    """The stitches of the ball, where the ticket is torn."""
    paper.set_line_width(0.5)
    at = x + PAD
    while at < x + WIDTH - PAD:
        paper.line(at, y + 1, at + 0.7, y - 1)
        at += 2
    paper.set_line_width(0.25)
