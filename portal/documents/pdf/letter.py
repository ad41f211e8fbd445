"""Office letters: letterhead, texts, room for a signature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.documents.pdf.layout import Document
from portal.documents.pdf.styles import ADDRESS, BLACK, BODY, OFFICE, TITLE

# Millimetres.
SIGNER_LEFT = 115.0
ROOM_TO_SIGN = 20.0


@dataclass(frozen=True)
class Letter:
    """An office letter; an empty signer line is the room for the signature."""

    office: str
    address_lines: tuple[str, ...]
    title: str
    reference: str
    place_and_date: str
    paragraphs: tuple[str, ...]
    signer_lines: tuple[str, ...]
    # Shown from the second page on.
    page_label: str = "%(page)s / %(pages)s"


def letter_pdf(letter: Letter, language: str, made_at: datetime) -> bytes:
    """Return the letter; the same letter made at the same moment gives the same bytes."""
    document = Document(letter.title, language, made_at)
    place_letterhead(document, letter.office, letter.address_lines)
    document.text(letter.title, TITLE, "H1", "center")
    document.text(letter.reference, BODY, "P", "center")
    document.gap(5)
    for paragraph in letter.paragraphs:
        document.text(paragraph, BODY, "P")
        document.gap(2.5)
    _signature(document, letter)
    return document.finish("", letter.page_label, first_numbered=2)


def place_letterhead(
    document: Document, office: str, address_lines: Sequence[str], above: str = ""
) -> None:
    """Place who writes on top of the page; `above` is what they are a part of."""
    document.text(above, BODY, "P", "center")
    document.text(office, OFFICE, "P", "center")
    for line in address_lines:
        document.text(line, ADDRESS, "P", "center")
    document.y += 2.5
    document.rule(0.9, BLACK)
    document.y += 1.1
    document.rule(0.3, BLACK)
    document.y += 9


def _signature(document: Document, letter: Letter) -> None:
    rooms = sum(ROOM_TO_SIGN for line in letter.signer_lines if not line.strip())
    lines = len(letter.signer_lines) + 2
    document.keep(rooms + BODY.line * lines)
    document.gap(5)
    for line in (letter.place_and_date, *letter.signer_lines):
        if line.strip():
            document.text(line, BODY, "P", x=SIGNER_LEFT)
        else:
            document.keep(ROOM_TO_SIGN)
            document.y += ROOM_TO_SIGN
