"""Where each line stands: on which page, how far down, how far across."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from portal.documents.pdf.drawing import draw_page, open_pdf
from portal.documents.pdf.page import (
    BODY_WIDTH,
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Pattern,
    Plate,
    Rule,
    Run,
    Thing,
)
from portal.documents.pdf.styles import BLACK, FOOTER, Style
from portal.documents.pdf.tags import Node, tagged
from portal.documents.pdf.text import Font, wrapped

# Millimetres.
COLUMN_GAP = 4.0
ROW_GAP = 1.2
FOOTER_TOP = 282.0
PAGE_LABEL_WIDTH = 40.0

# Lines: of a footer, of a table's row that moves to the next page whole, of a repeated head.
FOOTER_LINES = 2
MOST_WHOLE = 30
MOST_HEAD = 15
# The share of a line that lies above the feet of its letters.
BASELINE = 0.74

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Block:
    """Lines that have their place across the page, but not yet down the page."""

    lines: list[str]
    x: float
    width: float
    style: Style
    node: Node | None = None
    align: Align = "left"


class Document:
    """Places lines on pages first and draws them at the end, when the number of pages is known."""

    def __init__(self, title: str, language: str, made_at: datetime) -> None:
        self._pdf = open_pdf(title, language, made_at)
        self._fonts = {False: Font(self._pdf, ""), True: Font(self._pdf, "B")}
        self._pages: list[list[Thing]] = [[]]
        self.y = TOP
        self.root = Node("Document")

    def text(
        self, text: str, style: Style, tag: str, align: Align = "left", x: float = LEFT
    ) -> None:
        """Write a paragraph or heading; nothing at all when it is empty."""
        width = WIDTH - RIGHT - x
        if lines := self.wrap(text, style, width):
            # One line alone at the foot of a page is easily missed.
            self.keep(style.line * (min(2, len(lines)) + style.keeps))
            self.row([Block(lines, x, width, style, self.root.add(tag), align)])

    def wrap(self, text: str, style: Style, width: float) -> list[str]:
        """Return the text in lines of this width, without what cannot be shown."""
        font = self._fonts[style.bold]
        return list(wrapped(font.showable(text), width / style.size, font))

    def widths(self, text: str, style: Style) -> tuple[float, float]:
        """Return the width of the text in one line, and that of its longest word."""
        font = self._fonts[style.bold]
        text = font.showable(text)
        lines, words = text.split("\n"), text.split()
        longest = max(map(font.width, words), default=0)
        return max(map(font.width, lines)) * style.size, longest * style.size

    def row(self, blocks: Sequence[Block], head: Sequence[Block] = ()) -> None:
        """Place texts side by side, going on at the top of the next page, below the head."""
        line = blocks[0].style.line
        done, left = 0, max(len(block.lines) for block in blocks)
        while left:
            room = self._lines_left(line)
            # The rows of a table stay whole when the next page can hold them.
            if room < 1 or (len(blocks) > 1 and room < left <= MOST_WHOLE):
                self._turn(head)
                room = max(1, self._lines_left(line))
            now = min(room, left)
            for block in blocks:
                self._pages[-1] += self._runs(block, self.y, done, done + now)
            self.y += line * now
            done, left = done + now, left - now

    def below_row(self, weight: float, grey: int) -> None:
        """Rule off a row of a table."""
        self.y += ROW_GAP
        self.rule(weight, grey)
        self.y += ROW_GAP

    def rule(self, weight: float, grey: int) -> None:
        """Draw a line across the page."""
        self._pages[-1].append(Rule(self.y, weight, grey))

    def plate(self, height: float, colour: tuple[int, int, int]) -> None:
        """Lay a band of colour under what is placed next; it takes no room itself."""
        self._pages[-1].append(Plate(self.y, height, colour))

    def pattern(
        self,
        rows: tuple[tuple[bool, ...], ...],
        size: float,
        words: str,
        x: float | None = None,
    ) -> None:
        """Place a pattern, in the middle or at `x`; `words` tell it to whoever cannot see it."""
        self.keep(size)
        node = self.root.add("Figure", words=words)
        left = (WIDTH - size) / 2 if x is None else x
        self._pages[-1].append(Pattern(left, self.y, size, rows, node))
        self.y += size

    def gap(self, height: float) -> None:
        """Leave room, but not at the top of a page."""
        if self._pages[-1]:
            self.y += height

    def keep(self, height: float) -> None:
        """Go to the next page unless this much still fits, or would not fit there either."""
        if self.y + height > HEIGHT - BOTTOM and self.y > TOP and height < HEIGHT - BOTTOM - TOP:
            self._turn()

    def finish(self, footer: str, page_label: str, first_numbered: int = 1) -> bytes:
        """Add the footers, draw everything and return the bytes."""
        foot = self.wrap(footer, FOOTER, BODY_WIDTH - PAGE_LABEL_WIDTH)[:FOOTER_LINES]
        x = WIDTH - RIGHT - PAGE_LABEL_WIDTH
        for number, page in enumerate(self._pages, start=1):
            page += self._runs(Block(foot, LEFT, BODY_WIDTH, FOOTER), FOOTER_TOP)
            if number >= first_numbered:
                label = page_label % {"page": number, "pages": len(self._pages)}
                lines = self.wrap(label, FOOTER, PAGE_LABEL_WIDTH)
                block = Block(lines, x, PAGE_LABEL_WIDTH, FOOTER, align="right")
                page += self._runs(block, FOOTER_TOP)
        marked = [draw_page(self._pdf, number, page) for number, page in enumerate(self._pages)]
        return tagged(bytes(self._pdf.output()), self.root, marked)

    def _lines_left(self, line: float) -> int:
        return int((HEIGHT - BOTTOM - self.y) / line + 0.001)

    def _turn(self, head: Sequence[Block] = ()) -> None:
        self._pages.append([])
        self.y = TOP
        # A head that fills the page by itself leaves no room for what it heads.
        if head and max(len(block.lines) for block in head) <= MOST_HEAD:
            self.row([replace(block, node=None) for block in head])
            self.below_row(0.3, BLACK)

    def _runs(
        self, block: Block, y: float, start: int = 0, stop: int | None = None
    ) -> Iterator[Run]:
        font, style = self._fonts[block.style.bold], block.style
        for number, text in enumerate(block.lines[start:stop]):
            spare = block.width - font.width(text) * style.size
            x = block.x + {"left": 0.0, "center": spare / 2, "right": spare}[block.align]
            # Read aloud or copied, the last word of a line must not stick to the next.
            last = start + number + 1 == len(block.lines)
            baseline = y + style.line * (number + BASELINE)
            yield Run(x, baseline, text if last else f"{text} ", style, block.node)
