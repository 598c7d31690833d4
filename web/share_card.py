"""The picture that a link to a match shows where it is shared: 1200 × 630, drawn as the board it is.

Colours are those of tokens.css.
"""

import hashlib
import io
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from catalogue.fixtures import Fixture
from green import off_the_loop
from tickets.lettering import file_of, runs, shown
from web.presentation import FORMATS, cap_panels, clock, day

DRAWING = 2  # goes up with every change of the drawing, so that kept pictures are made again
WIDTH, HEIGHT = 1200, 630
EDGE = 48

BOARD, BOARD_EDGE, BOARD_LINE = "#163a2d", "#0c241b", "#2c5646"
INK, INK_2 = "#eef4e8", "#b3c9ba"
PLATE, PLATE_INK, PLATE_EDGE = "#06140e", "#f8f1da", "#2b4a3d"
GRASS = ("#448f5b", "#3a8351")
BALL = "#a8123a"
SMALLEST = 0.6  # of its size, for a line that does not fit
FINE = 4  # curves are drawn this much larger, for Pillow draws no soft edges

# The same letters as fonts of printed tickets have them.
PAPER = {"archivo": "archivo-regular", "big-shoulders": "big-shoulders-extrabold"}
FONTS = Path(__file__).resolve().parents[1] / "static" / "fonts"


@dataclass(frozen=True)
class Side:
    """A club on a card: its name (the short one where that does not fit), its cap, and its score as text once it has
    one.
    """

    name: str
    short: str
    colour_1: str
    colour_2: str
    cap_pattern: int
    score: str = ""


@dataclass(frozen=True)
class Card:
    """What a card says. Without sides it is the card of the site."""

    sides: tuple[Side, ...] = ()
    above: str = "Cricket"
    below: str = "Choose your seats at the ground"
    place: str = "Fixtures, seats, parking, live scores"
    tag: str = ""

    @property
    def version(self) -> str:
        """A hash of all that is drawn and of how."""
        return hashlib.sha256(f"{DRAWING} {asdict(self)}".encode()).hexdigest()[:16]


def card_of(fixture: Fixture) -> Card:
    """The card of a Fixture: date in the ground's zone before play, the scores once there are any."""
    match, ground = fixture.match, fixture.ground
    scores, result = scores_of(fixture)
    sides = tuple(
        Side(team.name, team.short_name, team.colour_1, team.colour_2, team.cap_pattern, scores.get(team.id, ""))
        for team in (match.home_team, match.away_team)
    )
    date = f"{day(match.starts_at, ground.time_zone, 'weekday')} {day(match.starts_at, ground.time_zone, 'number')} "
    date += day(match.starts_at, ground.time_zone, "month")
    tag = {
        "live": "Replay" if match.source == "replay" else "Live",
        "cancelled": "Cancelled",
        "abandoned": "Abandoned",
    }.get(match.state, "")
    return Card(
        sides,
        f"{match.competition}{f', match {match.number}' if match.number else ''}",
        result or f"{date}, {clock(match.starts_at, ground.time_zone)}",
        f"{ground.name}, {ground.city}"
        + (f". {date}" if result else f". {FORMATS.get(match.format, match.format).split(',')[0]}"),
        tag,
    )


def scores_of(fixture: Fixture) -> tuple[dict[int, str], str]:
    """({team id: "157/6 & 80"}, the result in words or ""); a super over is told by the result."""
    said = fixture.score or {}
    sides, scores = (fixture.match.home_team_id, fixture.match.away_team_id), {}
    for innings in said.get("scores", ()):
        if not innings.get("super"):
            scores.setdefault(sides[innings["team"]], []).append(innings["text"])
    result = said.get("result") or (fixture.match.result if fixture.match.state in ("finished", "abandoned") else "")
    return {team: " & ".join(texts) for team, texts in scores.items()}, result or ""


def png(card: Card) -> bytes:
    """The picture as PNG bytes, drawn in a real thread where eventlet serves, so that no socket waits for it."""
    return off_the_loop(_draw, card)


def _draw(card: Card) -> bytes:
    picture = Image.new("RGB", (WIDTH, HEIGHT), BOARD)
    pen = ImageDraw.Draw(picture)
    field(picture)
    pen.rectangle((0, 0, WIDTH, 14), fill=BOARD_EDGE)
    write(pen, (EDGE, 46), card.above, "archivo", 30, INK_2, WIDTH - 2 * EDGE - 300, weight=500)
    wordmark(pen)
    if card.sides:
        for top, side in zip((112, 258), card.sides, strict=True):
            club(picture, pen, top, side)
    else:
        write(pen, (EDGE, 96), "Numbered seats", "big-shoulders", 128, INK, WIDTH - 2 * EDGE)
        write(pen, (EDGE, 226), "for every match", "big-shoulders", 128, INK, WIDTH - 2 * EDGE)
    left = EDGE
    if card.tag:
        left += tag(pen, (EDGE, 420), card.tag) + 20
    write(pen, (left, 414), card.below, "big-shoulders", 54, INK, WIDTH - left - EDGE, weight=700)
    write(pen, (EDGE, 482), card.place, "archivo", 30, INK, WIDTH - 2 * EDGE, weight=500)
    out = io.BytesIO()
    picture.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


# --- parts of the picture -------------------------------------------------------------------------


def field(picture: Image.Image) -> None:
    """The mown field along the lower edge: stripes of two greens, and the rope above them."""
    pen = ImageDraw.Draw(picture)
    top = HEIGHT - 78
    pen.rectangle((0, top - 8, WIDTH, top), fill="#fbf6e4")
    for number, left in enumerate(range(-80, WIDTH, 100)):
        pen.polygon(((left + 40, top), (left + 140, top), (left + 100, HEIGHT), (left, HEIGHT)), fill=GRASS[number % 2])
    pen.rectangle((0, HEIGHT - 12, WIDTH, HEIGHT), fill=BOARD_EDGE)


def wordmark(pen: ImageDraw.ImageDraw) -> None:
    """CricVerse and its ball, at the right edge."""
    drawn = font("big-shoulders", 44, 800)
    left = WIDTH - EDGE - drawn.getlength("CricVerse")
    pen.text((left, 36), "CricVerse", INK, drawn)
    pen.ellipse((left - 34, 50, left - 12, 72), fill=BALL, outline=PLATE_INK, width=2)


def club(picture: Image.Image, pen: ImageDraw.ImageDraw, top: int, side: Side) -> None:
    """One club: its cap, its name, and its score on plates at the right."""
    cap(picture, (EDGE, top), 116, side)
    room = WIDTH - 2 * EDGE - 148
    if side.score:
        room -= plates(pen, top + 58, side.score) + 32
    fits = length(shown(side.name), "big-shoulders", round(92 * SMALLEST), 800) <= room
    write(pen, (EDGE + 148, top + 6), side.name if fits else side.short, "big-shoulders", 92, INK, room)


def cap(picture: Image.Image, at: tuple[int, int], size: int, side: Side) -> None:
    """A cap seen from above, as on our pages: the panels, the hoop, the edge and the button."""
    drawn = cap_panels(side)
    large = size * FINE
    art, scale = Image.new("RGBA", (large, large)), large / 32
    pen = ImageDraw.Draw(art)

    def disc(radius: float, **how: Any) -> None:
        pen.ellipse(
            (
                large / 2 - radius * scale,
                large / 2 - radius * scale,
                large / 2 + radius * scale,
                large / 2 + radius * scale,
            ),
            **how,
        )

    for number, (_, colour) in enumerate(drawn["panels"]):
        pen.pieslice((scale, scale, large - scale, large - scale), 45 * number - 90, 45 * number - 45, fill=colour)
    if drawn["hoop"]:
        disc(11, outline=drawn["hoop"], width=round(4 * scale))
    disc(15.5, outline=drawn["edge"], width=round(2 * scale))
    disc(3, fill=drawn["edge"])
    disc(16, outline=INK, width=round(0.5 * scale))
    art = art.resize((size, size), Image.Resampling.LANCZOS)
    picture.paste(art, at, art)


def plates(pen: ImageDraw.ImageDraw, middle: float, words: str) -> float:
    """The words on hooked plates that end at the right edge, around the line `middle`; their width."""
    size = 84 if len(words) <= 7 else 60
    drawn, gap = font("big-shoulders", size, 800), 4
    widths = [drawn.getlength(sign) + size * 0.2 if sign != " " else size * 0.16 for sign in words]
    left = begin = WIDTH - EDGE - sum(widths) - gap * (len(words) - 1)
    top, bottom = middle - size * 0.6, middle + size * 0.6
    for sign, width in zip(words, widths, strict=True):
        if sign != " ":
            pen.rounded_rectangle((left, top, left + width, bottom), 4, fill=PLATE, outline=PLATE_EDGE, width=2)
            for hook in (left + width * 0.28, left + width * 0.72):
                pen.rectangle((hook - 2, top - 6, hook + 1, top + 5), fill=INK_2)
            pen.text((left + width / 2, middle), sign, PLATE_INK, drawn, anchor="mm")
        left += width + gap
    return WIDTH - EDGE - begin


def tag(pen: ImageDraw.ImageDraw, at: tuple[float, float], words: str) -> float:
    """A small sign such as Live or Cancelled; its width."""
    drawn = font("archivo", 28, 700)
    width = drawn.getlength(words) + 28
    pen.rounded_rectangle(
        (at[0], at[1], at[0] + width, at[1] + 46), 5, fill=BALL if words == "Live" else PLATE, outline=INK_2, width=2
    )
    pen.text((at[0] + width / 2, at[1] + 23), words, "#ffffff", drawn, anchor="mm")
    return width


def write(
    pen: ImageDraw.ImageDraw,
    at: tuple[float, float],
    words: str,
    family: str,
    size: float,
    colour: str,
    room: float,
    weight: int = 800,
) -> None:
    """One line that fits its room: smaller down to six tenths, and then cut short."""
    words = shown(words)
    least, full = round(size * SMALLEST), size
    while length(words, family, size, weight) > room and size > least:
        size -= 2
    if length(words, family, size, weight) > room:
        while words and length(words + "…", family, size, weight) > room:
            words = words[:-1]
        words = words.rstrip() + "…"
    ascent, _ = font(family, size, weight).getmetrics()
    left, line = at[0], at[1] + (full - size) // 2 + ascent
    for text, drawn, direction in lettered(words, family, size, weight):
        pen.text((left, line), text, colour, drawn, anchor="ls", direction=direction)
        left += drawn.getlength(text, direction=direction)


def length(words: str, family: str, size: float, weight: int) -> float:
    """How long a line of text is, in pixels."""
    return sum(
        drawn.getlength(text, direction=direction) for text, drawn, direction in lettered(words, family, size, weight)
    )


def lettered(words: str, family: str, size: float, weight: int) -> list[tuple[str, Any, str]]:
    """[(text, the font that draws it, its direction)] from left to right: in this family where it has the letters, in
    the fonts of printed tickets where not.
    """
    own = PAPER[family]
    return [
        (text, font(family, size, weight) if name == own else other_font(name, size), direction.value.lower())
        for text, name, direction in runs(words, own)
    ]


@cache
def font(family: str, size: float, weight: int) -> Any:
    made = ImageFont.truetype(str(FONTS / f"{family}-latin.woff2"), size)
    made.set_variation_by_axes([weight])
    return made


@lru_cache(64)
def other_font(name: str, size: float) -> Any:
    return ImageFont.truetype(str(file_of(name)), size)
