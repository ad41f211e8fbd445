"""Placards: a message that is read from across the room, and a code that leads to more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO

from portal.documents.pdf.layout import Block, Document
from portal.documents.pdf.page import BODY_WIDTH, HEIGHT, LEFT, RIGHT, WIDTH
from portal.documents.pdf.styles import BLACK, Style

PANDAN, TURMERIC = (14, 90, 94), (240, 174, 44)
WHITE = 255
# Millimetres.
LABEL_TOP, LABEL_GAP, PLATE_FOOT, STRIPE = 11.5, 2.0, 14.0, 4.0
LINES_TOP, LINE_GAP = 14.0, 5.0
CODE_SIZE, CODE_GAP, QUIET_FIELDS = 56.0, 10.0, 4
# Above the code, and below it down to the footer.
FOOT_TOP, FOOT = 10.0, 34.0
# Points: the largest sizes with which everything stands on the page.
SIZES = ((46, 23), (40, 20), (34, 18), (28, 16), (24, 14), (20, 12), (16, 10))
LABEL, INVITATION, ADDRESS, HELP = Style(14), Style(16, bold=True), Style(18, bold=True), Style(11)


class Paper(StrEnum):
    """The sheets a placard is printed on."""

    A4 = "a4"
    A3 = "a3"


@dataclass(frozen=True)
class Placard:
    """What a placard says; `pattern` is a code to scan, from the top, True where it is dark."""

    label: str
    title: str
    lines: tuple[str, ...]
    invitation: str
    pattern: tuple[tuple[bool, ...], ...]
    # What the code is, for whoever cannot see it.
    pattern_words: str
    # Where it leads, to be typed.
    address: str
    help_words: str
    footer: str


@dataclass(frozen=True)
class _Sizes:
    title: Style
    line: Style


def placard_pdf(placard: Placard, language: str, made_at: datetime, paper: Paper) -> bytes:
    """Return the placard; the same placard made at the same moment gives the same bytes."""
    document = Document(placard.title, language, made_at)
    sizes = _fitting(document, placard)
    document.y = 0.0
    title_top = _title_top(document, placard)
    height = title_top + _height(document, [placard.title], sizes.title) + PLATE_FOOT
    document.plate(height, PANDAN)
    document.y = LABEL_TOP
    document.text(placard.label, Style(LABEL.size, grey=WHITE), "P")
    document.y = title_top
    document.text(placard.title, sizes.title, "H1")
    document.y = height
    document.plate(STRIPE, TURMERIC)
    document.y += STRIPE + LINES_TOP
    for line in placard.lines:
        document.text(line, sizes.line, "P")
        document.gap(LINE_GAP)
    _foot(document, placard)
    made = document.finish(placard.footer, "", first_numbered=2)
    return made if paper is Paper.A4 else _enlarged(made)


def _foot(document: Document, placard: Placard) -> None:
    top = HEIGHT - FOOT - CODE_SIZE
    document.y = top
    document.pattern(placard.pattern, CODE_SIZE, placard.pattern_words, WIDTH - RIGHT - CODE_SIZE)
    document.y = top
    width = _beside_code(placard)
    for text, style in (
        (placard.invitation, INVITATION),
        (placard.address, ADDRESS),
        (placard.help_words, HELP),
    ):
        lines = document.wrap(text, style, width)
        document.row([Block(lines or [""], LEFT, width, style, document.root.add("P"))])
        document.gap(3)


def _beside_code(placard: Placard) -> float:
    """Return the width left of the code; cameras need so much white around it."""
    white = QUIET_FIELDS * CODE_SIZE / len(placard.pattern)
    return BODY_WIDTH - CODE_SIZE - max(white, CODE_GAP)


def _fitting(document: Document, placard: Placard) -> _Sizes:
    room = HEIGHT - FOOT - CODE_SIZE - FOOT_TOP
    for title, line in SIZES:
        sizes = _Sizes(Style(title, bold=True, grey=WHITE), Style(line, grey=BLACK))
        taken = (
            _title_top(document, placard)
            + _height(document, [placard.title], sizes.title)
            + PLATE_FOOT
            + STRIPE
            + LINES_TOP
            + _height(document, placard.lines, sizes.line)
            + LINE_GAP * len(placard.lines)
        )
        if taken <= room:
            break
    return sizes


def _title_top(document: Document, placard: Placard) -> float:
    """Return where the title begins: below the label, which may take several lines."""
    return LABEL_TOP + _height(document, [placard.label], LABEL) + LABEL_GAP


def _height(document: Document, texts: Sequence[str], style: Style) -> float:
    return sum(len(document.wrap(text, style, BODY_WIDTH)) for text in texts) * style.line


def _enlarged(made: bytes) -> bytes:
    """Return an A4 document on A3, whose sides are longer by the root of two."""
    # The library loads slowly.
    import pikepdf

    out = BytesIO()
    factor = math.sqrt(2)
    with pikepdf.open(BytesIO(made)) as pdf:
        for page in pdf.pages:
            page.mediabox = pikepdf.Array([float(side) * factor for side in page.mediabox])
            page.contents_add(f"{factor:.6f} 0 0 {factor:.6f} 0 0 cm".encode(), prepend=True)
        pdf.save(out, deterministic_id=True)
    return out.getvalue()
