"""Reports of sections: texts, names with values, tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.documents.pdf.layout import COLUMN_GAP, Block, Document
from portal.documents.pdf.page import LEFT, RIGHT, WIDTH
from portal.documents.pdf.styles import BLACK, BODY, FACT, HEADING, REPORT_TITLE, SUBTITLE, VALUE
from portal.documents.pdf.table import Table, place_table

# Millimetres.
FACT_WIDTH = 52.0


@dataclass(frozen=True)
class Section:
    """One part of a report: its texts, then names with values, then a table."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    table: Table | None = None


@dataclass(frozen=True)
class Report:
    """A document of sections; the footer stands on every page."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    footer: str
    page_label: str = "%(page)s / %(pages)s"


def report_pdf(report: Report, language: str, made_at: datetime) -> bytes:
    """Return the report; the same report made at the same moment gives the same bytes."""
    document = Document(report.title, language, made_at)
    document.text(report.title, REPORT_TITLE, "H1")
    document.text(report.subtitle, SUBTITLE, "P")
    document.y += 2.5
    document.rule(0.5, BLACK)
    for section in report.sections:
        document.gap(7)
        place_section(document, section)
    return document.finish(report.footer, report.page_label)


def place_section(document: Document, section: Section) -> None:
    """Place one part below what stands on the page."""
    document.text(section.heading, HEADING, "H2")
    for paragraph in section.paragraphs:
        document.gap(1.5)
        document.text(paragraph, BODY, "P")
    if section.facts:
        document.gap(2)
        _facts(document, section.facts)
    if section.table:
        document.gap(4)
        place_table(document, section.table)


def _facts(document: Document, facts: Sequence[tuple[str, str]]) -> None:
    table = document.root.add("Table")
    x = LEFT + FACT_WIDTH + COLUMN_GAP
    width = WIDTH - RIGHT - x
    for name, value in facts:
        row = table.add("TR")
        names = document.wrap(name, FACT, FACT_WIDTH)
        values = document.wrap(value, VALUE, width)
        document.row(
            [
                Block(names, LEFT, FACT_WIDTH, FACT, row.add("TH", "Row")),
                Block(values, x, width, VALUE, row.add("TD")),
            ]
        )
        document.y += 0.8
