"""Posters of one page: a question, a code to scan, a few promises, and whom to call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.documents.pdf.layout import Document
from portal.documents.pdf.styles import (
    BLACK,
    POSTER_ADDRESS,
    POSTER_LEAD,
    POSTER_POINT,
    POSTER_TITLE,
)

# Millimetres.
CODE_SIZE = 88.0
QUIET_FIELDS = 4


@dataclass(frozen=True)
class Poster:
    """A poster; `pattern` is a code to scan, from the top, True where it is dark."""

    title: str
    invitation: str
    pattern: tuple[tuple[bool, ...], ...]
    # What the code is, for whoever cannot see it.
    pattern_words: str
    # Where it leads, to be typed.
    address: str
    points: tuple[str, ...]
    help_title: str
    help_words: str
    footer: str


def poster_pdf(poster: Poster, language: str, made_at: datetime) -> bytes:
    """Return the poster; the same poster made at the same moment gives the same bytes."""
    document = Document(poster.title, language, made_at)
    document.text(poster.title, POSTER_TITLE, "H1", "center")
    document.gap(3)
    document.text(poster.invitation, POSTER_LEAD, "P", "center")
    # Cameras need so much white around a code.
    white = QUIET_FIELDS * CODE_SIZE / len(poster.pattern)
    document.gap(white)
    document.pattern(poster.pattern, CODE_SIZE, poster.pattern_words)
    document.gap(white)
    document.text(poster.address, POSTER_ADDRESS, "P", "center")
    document.gap(6)
    for point in poster.points:
        document.text(point, POSTER_POINT, "P", "center")
        document.gap(1.5)
    document.gap(5)
    document.rule(0.6, BLACK)
    document.gap(4)
    document.text(poster.help_title, POSTER_LEAD, "H2", "center")
    document.gap(1)
    document.text(poster.help_words, POSTER_POINT, "P", "center")
    return document.finish(poster.footer, "", first_numbered=2)
