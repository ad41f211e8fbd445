"""How each kind of text looks."""

from __future__ import annotations

from dataclasses import dataclass

from portal.documents.pdf.text import POINT

BLACK, GREY, PALE = 0, 90, 190


@dataclass(frozen=True)
class Style:
    """The size of a text in points, its weight and its shade."""

    size: float
    bold: bool = False
    grey: int = BLACK
    # Lines of what follows that must fit on the same page.
    keeps: int = 0
    # The height of a line, by the size of its letters.
    leading: float = 1.32

    @property
    def line(self) -> float:
        """Return the height of one line in millimetres."""
        return self.size * POINT * self.leading


OFFICE = Style(14, bold=True)
ADDRESS = Style(9.5)
TITLE = Style(13, bold=True, keeps=3)
REPORT_TITLE = Style(19, bold=True, keeps=3)
SUBTITLE = Style(11, grey=GREY)
HEADING = Style(13, bold=True, keeps=3)
BODY = Style(11)
SUBJECT = Style(11, bold=True, keeps=2)
FACT = Style(10.5, grey=GREY)
VALUE = Style(10.5)
CELL = Style(9.5)
# For writing by hand.
ROOMY = Style(9.5, leading=2.2)
HEAD = Style(9.5, bold=True)
FOOTER = Style(8.5, grey=GREY)
POSTER_TITLE = Style(34, bold=True)
POSTER_LEAD = Style(19, bold=True)
POSTER_ADDRESS = Style(24, bold=True)
POSTER_POINT = Style(16)
