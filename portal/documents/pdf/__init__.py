"""Letters, posters and reports for printing and for screen readers (PDF, tagged)."""

from portal.documents.pdf.letter import Letter, letter_pdf
from portal.documents.pdf.placard import Paper, Placard, placard_pdf
from portal.documents.pdf.poster import Poster, poster_pdf
from portal.documents.pdf.report import Report, Section, report_pdf
from portal.documents.pdf.table import Table

__all__ = [
    "Letter",
    "Paper",
    "Placard",
    "Poster",
    "Report",
    "Section",
    "Table",
    "letter_pdf",
    "placard_pdf",
    "poster_pdf",
    "report_pdf",
]
