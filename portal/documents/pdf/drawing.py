"""Pages as the drawing library writes them."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from portal.documents.pdf.page import LEFT, RIGHT, WIDTH, Pattern, Plate, Rule, Run, Thing
from portal.documents.pdf.tags import Node
from portal.documents.pdf.text import FAMILY, tidy

if TYPE_CHECKING:
    from fpdf import FPDF

PRODUCER = "Portal Mitra Sekolah"


def open_pdf(title: str, language: str, made_at: datetime) -> FPDF:
    """Return an empty document that knows its title, language and moment."""
    # The library loads slowly, and most requests never make a document.
    from fpdf import FPDF
    from fpdf.prefs import ViewerPreferences

    pdf = FPDF(unit="mm", format="A4")
    pdf.set_auto_page_break(False)
    # Otherwise "{nb}" in somebody's text would become the number of pages.
    pdf.alias_nb_pages("")
    pdf.set_title(tidy(title).replace("\n", " "))
    pdf.set_lang(language)
    pdf.set_creator(PRODUCER)
    pdf.set_producer(PRODUCER)
    pdf.set_creation_date(made_at)
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    return pdf


def draw_page(pdf: FPDF, number: int, page: list[Thing]) -> list[Node]:
    """Draw one page and return the nodes of its marked contents, in their order."""
    pdf.add_page()
    marked: list[Node] = []
    for node, things in groupby(page, key=lambda thing: thing.node):
        if node:
            if node.tag == "H2" and not node.marks:
                _bookmark(pdf, page, node)
            node.marks.append((number, len(marked)))
            mark = f"/{node.tag} <</MCID {len(marked)}>> BDC"
            marked.append(node)
        else:
            mark = "/Artifact BMC"
        # The library's own marks know only pictures, and only its flat order of them.
        pdf._out(mark)
        for thing in things:
            _draw_one(pdf, thing)
        pdf._out("EMC")
    return marked


def _bookmark(pdf: FPDF, page: list[Thing], node: Node) -> None:
    runs = [thing for thing in page if isinstance(thing, Run) and thing.node is node]
    pdf.set_y(runs[0].y - runs[0].style.line)
    pdf.start_section("".join(run.text for run in runs))


def _draw_one(pdf: FPDF, thing: Thing) -> None:
    if isinstance(thing, Rule):
        pdf.set_draw_color(thing.grey)
        pdf.set_line_width(thing.weight)
        pdf.line(LEFT, thing.y, WIDTH - RIGHT, thing.y)
    elif isinstance(thing, Plate):
        pdf.set_fill_color(*thing.colour)
        pdf.rect(0, thing.y, WIDTH, thing.height, style="F")
    elif isinstance(thing, Pattern):
        _draw_pattern(pdf, thing)
    elif thing.text.strip():
        pdf.set_font(FAMILY, "B" if thing.style.bold else "", thing.style.size)
        pdf.set_text_color(thing.style.grey)
        pdf.text(thing.x, thing.y, thing.text)


def _draw_pattern(pdf: FPDF, pattern: Pattern) -> None:
    field = pattern.size / len(pattern.rows)
    pdf.set_fill_color(0)
    for number, row in enumerate(pattern.rows):
        column = 0
        for dark, same in groupby(row):
            length = len(list(same))
            if dark:
                x, y = pattern.x + column * field, pattern.y + number * field
                pdf.rect(x, y, length * field, field, style="F")
            column += length
