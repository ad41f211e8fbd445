"""What a font can show, how wide it is, and where lines are broken."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portal.config import asset_folder

if TYPE_CHECKING:
    from fpdf import FPDF

FAMILY = "sourcesans3"
FONT_FILES = {"": "SourceSans3_400Regular.ttf", "B": "SourceSans3_700Bold.ttf"}
MISSING = "?"

# In millimetres.
POINT = 25.4 / 72

LINE_ENDS = frozenset("\n\r\v\f\x85\u2028\u2029")
NO_BREAK = frozenset("\u00a0\u202f")


class Font:
    """What a font can show, and how wide; widths are in millimetres at one point."""

    def __init__(self, pdf: FPDF, style: str) -> None:
        pdf.add_font(FAMILY, style, asset_folder("static") / "vendor/fonts" / FONT_FILES[style])
        font: Any = pdf.fonts[FAMILY + style]
        self._widths: dict[str, float] = {
            chr(code): font.cw[code] * POINT / 1000 for code in font.cmap
        }

    def width(self, text: str) -> float:
        """Return the width of text that is showable."""
        return sum(self._widths[letter] for letter in text if letter != "\n")

    def showable(self, text: str) -> str:
        """Return the text with a question mark for each letter that the font lacks."""
        return "".join(map(self._shown, tidy(text))).strip(" \n")

    def _shown(self, letter: str) -> str:
        if letter in self._widths or letter == "\n":
            return letter
        # An accent is lost, but the letter below it stays readable.
        return "" if unicodedata.category(letter).startswith("M") else MISSING


def tidy(text: str) -> str:
    """Return the text composed, with plain spaces and line ends and without control characters."""
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    return "".join(map(_plain, text))


def _plain(letter: str) -> str:
    if letter in LINE_ENDS:
        return "\n"
    match unicodedata.category(letter):
        case "Zs" if letter not in NO_BREAK:
            return " "
        case "Cc" | "Cf":
            return " " if letter == "\t" else ""
        # Half of a letter, which no file can hold.
        case "Cs":
            return MISSING
    return letter


def wrapped(text: str, width: float, font: Font) -> Iterator[str]:
    """Yield the lines of showable text; the width is in millimetres at one point."""
    for part in text.split("\n") if text else ():
        line = ""
        for word in filter(None, part.split(" ")):
            longer = f"{line} {word}" if line else word
            if font.width(longer) <= width:
                line = longer
                continue
            if line:
                yield line
            *full, line = _break(word, width, font)
            yield from full
        yield line


def _break(word: str, width: float, font: Font) -> Iterator[str]:
    """Cut a word that is longer than a line, after at least one letter."""
    start, used = 0, 0.0
    for place, letter in enumerate(word):
        used += font.width(letter)
        if used > width and place > start:
            yield word[start:place]
            start, used = place, font.width(letter)
    yield word[start:]
