"""Square pictures to pass on: a few words, whose they are, and where there is more."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from portal.config import asset_folder

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

# Pixels; what the networks show without cutting anything off.
SIDE = 1080
EDGE = 84
PLATE_FOOT, STRIPE, FOOT = 56, 16, 190
PAPER, INK, GREY = "#F7F5F0", "#17262B", "#4A5A60"
PANDAN, TURMERIC = "#0E5A5E", "#F0AE2C"
# The largest sizes of title and lines with which everything has its place.
SIZES = ((104, 50), (88, 46), (76, 42), (64, 38), (54, 34), (44, 30), (36, 26), (28, 22))
SMALL, ADDRESS = 34, 46
LEADING = 1.22
COLOURS = 48
FONTS = {False: "SourceSans3_400Regular.ttf", True: "SourceSans3_700Bold.ttf"}


@dataclass(frozen=True)
class ShareCard:
    """What a card says, from the top to the foot."""

    label: str
    title: str
    lines: tuple[str, ...]
    address: str
    footer: str


@dataclass(frozen=True)
class _Text:
    """Lines of one size, broken to fit."""

    lines: tuple[str, ...]
    font: FreeTypeFont

    @property
    def height(self) -> float:
        return len(self.lines) * self.font.size * LEADING


def card_png(card: ShareCard) -> bytes:
    """Return the card as a PNG of 1080 by 1080."""
    # The library loads slowly, and most requests never draw.
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (SIDE, SIDE), PAPER)
    draw = ImageDraw.Draw(image)
    title, lines = _fitting(card)
    plate = EDGE + SMALL * 2 + title.height + PLATE_FOOT
    draw.rectangle((0, 0, SIDE, plate), fill=PANDAN)
    draw.rectangle((0, plate, SIDE, plate + STRIPE), fill=TURMERIC)
    _write(draw, _broken(card.label, SMALL), EDGE, "white")
    _write(draw, title, EDGE + SMALL * 2, "white")
    top = plate + STRIPE + PLATE_FOOT
    for line in lines:
        top = _write(draw, line, top, INK) + line.font.size * 0.5
    below = _write(draw, _broken(card.address, ADDRESS, bold=True), SIDE - FOOT, PANDAN)
    _write(draw, _broken(card.footer, SMALL), below + 8, GREY)
    out = BytesIO()
    # Few flat colours: a quarter of the bytes, and nobody sees a difference.
    image.quantize(COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _fitting(card: ShareCard) -> tuple[_Text, list[_Text]]:
    for title_size, line_size in SIZES:
        title = _broken(card.title, title_size, bold=True)
        lines = [_broken(line, line_size) for line in card.lines]
        taken = EDGE + SMALL * 2 + title.height + PLATE_FOOT + STRIPE + PLATE_FOOT
        taken += sum(line.height + line_size * 0.5 for line in lines)
        if taken <= SIDE - FOOT - SMALL:
            break
    return title, lines


def _write(draw: ImageDraw, text: _Text, top: float, colour: str) -> float:
    """Write lines below each other; return where the next may begin."""
    for line in text.lines:
        draw.text((EDGE, top), line, font=text.font, fill=colour)
        top += text.font.size * LEADING
    return top


def _broken(text: str, size: int, *, bold: bool = False) -> _Text:
    from PIL import ImageFont

    path = asset_folder("static") / "vendor/fonts" / FONTS[bold]
    font = ImageFont.truetype(str(path), size)
    lines: list[str] = []
    for word in _showable(text).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= SIDE - 2 * EDGE:
            lines[-1] = longer
        else:
            lines += _cut(word, font)
    return _Text(tuple(lines), font)


def _cut(word: str, font: FreeTypeFont) -> list[str]:
    """Cut a word that is longer than a line."""
    parts = [""]
    for letter in word:
        if parts[-1] and font.getlength(parts[-1] + letter) > SIDE - 2 * EDGE:
            parts.append("")
        parts[-1] += letter
    return parts


def _showable(text: str) -> str:
    """Return the text without signs the font has no shape for: pictograms, controls, halves."""
    plain = unicodedata.normalize("NFC", text)
    return "".join(
        " " if letter.isspace() else letter
        for letter in plain
        if letter.isspace()
        or unicodedata.category(letter) not in {"So", "Sk", "Cc", "Cf", "Cs", "Co"}
    )
