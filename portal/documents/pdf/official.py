"""Official papers: letters to somebody, and papers with a title, which one or two people sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.documents.pdf.layout import Block, Document
from portal.documents.pdf.letter import ROOM_TO_SIGN, SIGNER_LEFT, place_letterhead
from portal.documents.pdf.page import BODY_WIDTH, LEFT, RIGHT, WIDTH
from portal.documents.pdf.report import Section, place_section
from portal.documents.pdf.styles import BODY, SUBJECT, TITLE
from portal.documents.pdf.tags import Node

# Millimetres.
DATE_WIDTH = 62.0
SIGNATURE_GAP = 10.0


@dataclass(frozen=True)
class Head:
    """Who writes; `above` is what they are a part of."""

    name: str
    lines: tuple[str, ...]
    above: str = ""


@dataclass(frozen=True)
class Signature:
    """The lines above and below the room for one signature."""

    above: tuple[str, ...]
    below: tuple[str, ...]


@dataclass(frozen=True)
class Official:
    """An official paper: a letter where somebody is addressed, else a paper with a title."""

    head: Head
    title: str
    # As the number is introduced, and the number itself.
    reference: str
    place_and_date: str
    sections: tuple[Section, ...]
    # At most two: the first stands on the left.
    signatures: tuple[Signature, ...]
    addressee: tuple[str, ...] = ()
    footer: str = ""
    page_label: str = "%(page)s / %(pages)s"


def official_pdf(paper: Official, language: str, made_at: datetime) -> bytes:
    """Return the paper; the same paper made at the same moment gives the same bytes."""
    document = Document(paper.title, language, made_at)
    place_letterhead(document, paper.head.name, paper.head.lines, paper.head.above)
    if paper.addressee:
        _opening(document, paper)
    else:
        document.text(paper.title, TITLE, "H1", "center")
        document.text(paper.reference, BODY, "P", "center")
    document.gap(4)
    for section in paper.sections:
        document.gap(4 if section.heading else 1.5)
        place_section(document, section)
    _signatures(document, paper.signatures)
    return document.finish(paper.footer, paper.page_label)


def _opening(document: Document, paper: Official) -> None:
    """Place number and date side by side, then what the letter is about, and whom it is for."""
    width = BODY_WIDTH - DATE_WIDTH
    left = document.wrap(paper.reference, BODY, width)
    right = document.wrap(paper.place_and_date, BODY, DATE_WIDTH)
    x = WIDTH - RIGHT - DATE_WIDTH
    document.row(
        [
            Block(left, LEFT, width, BODY, document.root.add("P")),
            Block(right, x, DATE_WIDTH, BODY, document.root.add("P"), "right"),
        ]
    )
    document.text(paper.title, SUBJECT, "H1")
    document.gap(5)
    for line in paper.addressee:
        document.text(line, BODY, "P")


def _signatures(document: Document, signatures: Sequence[Signature]) -> None:
    """Place the signatures side by side, so that all sign at the same height."""
    if not signatures:
        return
    columns = _places(len(signatures))
    above = max(len(each.above) for each in signatures)
    # Each is read out as a whole, the first one first.
    nodes = [
        [document.root.add("P") for _line in (*each.above, *each.below)] for each in signatures
    ]
    blocks = [
        _blocks(document, each, place, kept)
        for each, place, kept in zip(signatures, columns, nodes, strict=True)
    ]
    rows: list[list[Block]] = []
    for number in range(-above, max(len(each.below) for each in signatures)):
        rows.append([column[number] for column in blocks if number in column])
    lines = sum(max((len(block.lines) for block in row), default=0) for row in rows)
    document.keep(ROOM_TO_SIGN + BODY.line * (lines + 1))
    document.gap(6)
    for number, row in enumerate(rows):
        if number == above:
            document.y += ROOM_TO_SIGN
        if row:
            document.row(row)


def _blocks(
    document: Document, signature: Signature, place: tuple[float, float], nodes: Sequence[Node]
) -> dict[int, Block]:
    """Return the lines of a signature by their distance from its room: -1 above it, 0 below."""
    x, width = place
    lines = [*signature.above, *signature.below]
    return {
        number - len(signature.above): Block(
            document.wrap(line, BODY, width) or [""], x, width, BODY, nodes[number]
        )
        for number, line in enumerate(lines)
    }


def _places(count: int) -> list[tuple[float, float]]:
    if count == 1:
        return [(SIGNER_LEFT, WIDTH - RIGHT - SIGNER_LEFT)]
    width = (BODY_WIDTH - SIGNATURE_GAP) / 2
    return [(LEFT, width), (LEFT + width + SIGNATURE_GAP, width)]
