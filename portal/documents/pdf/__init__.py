"""Letters, posters and reports for printing and for screen readers (PDF, tagged)."""

from portal.documents.pdf.letter import Letter, letter_pdf
from portal.documents.pdf.official import Head, Official, Signature, official_pdf
from portal.documents.pdf.placard import Paper, Placard, placard_pdf
from portal.documents.pdf.poster import Poster, poster_pdf
from portal.documents.pdf.report import Report, Section, report_pdf
from portal.documents.pdf.table import Table

__all__ = [
    "Head",
    "Letter",
    "Official",
    "Paper",
    "Placard",
    "Poster",
    "Report",
    "Section",
    "Signature",
    "Table",
    "letter_pdf",
    "official_pdf",
    "placard_pdf",
    "poster_pdf",
    "report_pdf",
]
