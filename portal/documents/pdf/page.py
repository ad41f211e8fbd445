"""The sheet of paper, and the things that stand on it."""

from __future__ import annotations

from dataclasses import dataclass

from portal.documents.pdf.styles import Style
from portal.documents.pdf.tags import Node

# Millimetres, on A4; the left margin is wider because offices punch holes there.
WIDTH, HEIGHT = 210.0, 297.0
LEFT, RIGHT, TOP, BOTTOM = 25.0, 20.0, 20.0, 20.0
BODY_WIDTH = WIDTH - LEFT - RIGHT


@dataclass(frozen=True)
class Run:
    """One line of text; without a node it is decoration, such as a page number."""

    x: float
    y: float
    text: str
    style: Style
    node: Node | None


@dataclass(frozen=True)
class Pattern:
    """A square of fields, such as a code to scan: rows from the top, True where it is dark."""

    x: float
    y: float
    size: float
    rows: tuple[tuple[bool, ...], ...]
    node: Node | None


@dataclass(frozen=True)
class Rule:
    """A line across the page, always decoration."""

    y: float
    weight: float
    grey: int
    node: None = None


@dataclass(frozen=True)
class Plate:
    """A band of colour from edge to edge, always decoration."""

    y: float
    height: float
    colour: tuple[int, int, int]
    node: None = None


Thing = Run | Pattern | Rule | Plate
